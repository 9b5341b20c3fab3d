// Package web serves the pages that come with the program: a front door, the
// playground, a notice as it is printed, and the public check of one.
//
// It decides what a browser may load: nothing from elsewhere (county networks
// are closed), by a strict Content-Security-Policy. It never decides who may do
// what: a page is a client of the API like any other.
package web

import (
	"embed"
	"net/http"
)

//go:embed pages
var pages embed.FS

// Handler serves / and /playground.
func Handler() http.Handler {
	mux := http.NewServeMux()
	page := func(route, file string) {
		mux.HandleFunc("GET "+route, func(w http.ResponseWriter, r *http.Request) {
			protect(w.Header())
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, pages, "pages/"+file)
		})
	}
	page("/{$}", "home.html")
	page("/playground", "playground.html")
	page("/pages/playground.js", "playground.js")
	page("/pages/style.css", "style.css")
	page("/pages/notice.css", "notice.css")
	return mux
}

// protect sets the headers that keep a page to itself.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
}
