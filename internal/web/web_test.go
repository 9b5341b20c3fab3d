package web //nolint:testpackage // the pages are those of a test: a program may have been built without

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// TestPages asks for pages and for what they load, with and without the pages in
// the program.
func TestPages(t *testing.T) {
	dist := fstest.MapFS{
		"index.html": {Data: []byte("dashboard")}, "capture.html": {Data: []byte("capture")}, "playground.html": {Data: []byte("playground")},
		"pages/app-1234.js": {Data: []byte("script")}, "icon.svg": {Data: []byte("<svg/>")}, ".keep": {Data: []byte("kept")},
	}
	for name, c := range map[string]struct {
		method, path string
		dist         fstest.MapFS
		status       int
		body, cache  string
	}{
		"dashboard":                {"GET", "/", dist, 200, "dashboard", "no-cache"},
		"capture":                  {"GET", "/capture", dist, 200, "capture", "no-cache"},
		"playground":               {"HEAD", "/playground", dist, 200, "", "no-cache"},
		"script, for good":         {"GET", "/pages/app-1234.js", dist, 200, "script", "public, max-age=31536000, immutable"},
		"icon":                     {"GET", "/icon.svg", dist, 200, "<svg/>", "no-cache"},
		"style of the verify page": {"GET", "/pages/style.css", dist, 200, "color-scheme", "no-cache"},
		"unknown":                  {"GET", "/hazards", dist, 404, "", ""},
		"folder":                   {"GET", "/pages/", dist, 404, "", ""},
		"hidden file":              {"GET", "/.keep", dist, 404, "", ""},
		"page by its file":         {"GET", "/capture.html", dist, 404, "", ""},
		"out of the folder":        {"GET", "/../web.go", dist, 404, "", ""},
		"command":                  {"POST", "/", dist, 405, "", ""},
		"without the pages":        {"GET", "/", nil, 200, "make web", "no-store"},
		"capture without":          {"GET", "/capture", nil, 200, "make web", "no-store"},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/", nil)
		r.URL.Path = c.path
		handler(c.dist, "https://store.example").ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) || (c.cache != "" && w.Header().Get("Cache-Control") != c.cache) {
			t.Errorf("%s: %d %q %q", name, w.Code, w.Header().Get("Cache-Control"), w.Body)
		}
		policy := w.Header().Get("Content-Security-Policy")
		if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "img-src data: blob: 'self' https://store.example;") {
			t.Errorf("%s: policy %q", name, policy)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Code == http.StatusInternalServerError {
			t.Errorf("%s: headers %v", name, w.Header())
		}
	}
}
