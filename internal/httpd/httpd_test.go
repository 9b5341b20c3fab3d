package httpd_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/httpd"
)

// TestVerifyIsPaced: one address that tries codes out is slowed down, another is
// answered, and the other pages are not touched.
func TestVerifyIsPaced(t *testing.T) {
	ok := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.PathValue("code"))) })
	h := httpd.Handler(httpd.Options{Log: zerolog.Nop(), GraphQL: ok, Uploads: ok, Pages: ok, Verify: ok})
	ask := func(method, path, address string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	answered, refused := 0, 0
	for range 200 {
		switch w := ask(http.MethodGet, "/verify/abc", "192.0.2.1:1234"); {
		case w.Code == http.StatusOK && w.Body.String() == "abc":
			answered++
		case w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") != "":
			refused++
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if answered < 30 || refused < 100 {
		t.Errorf("%d answered, %d refused", answered, refused)
	}
	if w := ask(http.MethodGet, "/verify/abc", "192.0.2.2:1234"); w.Code != http.StatusOK {
		t.Errorf("another address: %d", w.Code)
	}
	if w := ask(http.MethodGet, "/", "192.0.2.1:1234"); w.Code != http.StatusOK {
		t.Errorf("another page: %d", w.Code)
	}
	if w := ask(http.MethodPost, "/verify/abc", "192.0.2.3:1234"); w.Code == http.StatusOK && w.Body.String() == "abc" {
		t.Error("a notice is checked by POST")
	}
}
