// Package web serves the pages that come with the program: dashboard, capture and
// playground, built from this folder's TypeScript by `make web`, a notice as it is
// printed, and the public check of one.
//
// It decides what a browser may load: nothing from elsewhere but the object store
// (county networks are closed), by a strict Content-Security-Policy. It never
// decides who may do what: a page is a client of the API like any other.
package web

import (
	"bytes"
	"crypto/rand"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

//go:embed pages
var pages embed.FS

// built is what `make web` makes; without it there is nothing but a hidden file
// that keeps the folder.
//
//go:embed all:dist
var built embed.FS

// routes are the pages' addresses and files.
var routes = map[string]string{"/": "index.html", "/capture": "capture.html", "/playground": "playground.html"}

// Handler serves the pages and what they are made of. store is the origin of an
// object store that clients reach themselves (scheme://host), empty for the
// embedded one. A program that was built without the pages says how to get them.
func Handler(store string) http.Handler {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return gzhttp.GzipHandler(handler(dist, store))
}

func handler(dist fs.FS, store string) http.Handler {
	policy := policyFor(store)
	_, err := fs.Stat(dist, "index.html")
	there := err == nil
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header(), policy)
		file, page := routes[r.URL.Path]
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		case page && there:
			servePage(w, r, dist, file, policy)
		case page:
			w.Header().Set("Cache-Control", "no-store")
			http.ServeFileFS(w, r, pages, "pages/missing.html")
		case r.URL.Path == "/pages/style.css" || r.URL.Path == "/pages/notice.css":
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFileFS(w, r, pages, strings.TrimPrefix(r.URL.Path, "/"))
		default:
			asset(w, r, dist)
		}
	})
}

// nonceMark stands in a page for the random word that lets its own script add
// styles (a library of the playground does); a new one each time.
const nonceMark = "NONCE"

// servePage serves a page, never from a cache that was not asked again: it names
// the scripts of this build.
func servePage(w http.ResponseWriter, r *http.Request, dist fs.FS, file, policy string) {
	page, err := fs.ReadFile(dist, file)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	if mark := []byte(nonceMark); bytes.Contains(page, mark) {
		nonce := rand.Text()
		protect(w.Header(), strings.Replace(policy, "style-src 'self'", "style-src 'self' 'nonce-"+nonce+"'", 1))
		page = bytes.ReplaceAll(page, mark, []byte(nonce))
	}
	http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(page))
}

// asset serves a file that a page loads. Names under /pages/ hold a hash of what
// is in them, so a browser keeps them for good.
func asset(w http.ResponseWriter, r *http.Request, dist fs.FS) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	info, err := fs.Stat(dist, name)
	if err != nil || info.IsDir() || strings.HasPrefix(path.Base(name), ".") || strings.HasSuffix(name, ".html") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if path.Ext(name) == ".webmanifest" { // unknown to many systems
		w.Header().Set("Content-Type", "application/manifest+json")
	}
	if strings.HasPrefix(name, "pages/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, dist, name)
}

// policyFor is the Content-Security-Policy of a page. Pictures and videos come
// from the object store by signed URLs; blob: is what a phone has just taken.
func policyFor(store string) string {
	self := strings.TrimSpace("'self' " + store)
	return "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self' data:; connect-src " + self +
		"; img-src data: blob: " + self + "; media-src blob: " + self +
		"; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// protect sets the headers that keep a page to itself.
func protect(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
