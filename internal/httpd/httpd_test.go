package httpd_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
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

// TestSenderBehindProxies: only what trusted proxies say of a request's sender
// counts, and only the last stretch of it.
func TestSenderBehindProxies(t *testing.T) {
	var heard string
	ok := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard = httpd.Address(r.Context()) })
	h := httpd.Handler(httpd.Options{Log: zerolog.Nop(), GraphQL: ok, Uploads: ok, Pages: ok, TrustedProxies: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("192.0.2.7/32"),
	}})
	for name, c := range map[string]struct {
		peer  string
		lines []string // X-Forwarded-For
		want  string
	}{
		"directly":                        {"203.0.113.9:1", nil, "203.0.113.9"},
		"a stranger forges":               {"203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		"a stranger forges a proxy":       {"203.0.113.9:1", []string{"198.51.100.1, 10.0.0.1"}, "203.0.113.9"},
		"a proxy":                         {"10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"a single address is trusted":     {"192.0.2.7:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"its neighbour is not":            {"192.0.2.8:1", []string{"198.51.100.1"}, "192.0.2.8"},
		"two proxies":                     {"10.0.0.1:1", []string{"198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		"forged before a proxy":           {"10.0.0.1:1", []string{"1.1.1.1, 10.3.3.3, 198.51.100.1"}, "198.51.100.1"},
		"two lines":                       {"10.0.0.1:1", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
		"a proxy says nothing":            {"10.0.0.1:1", nil, "10.0.0.1"},
		"a proxy says nonsense":           {"10.0.0.1:1", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		"an empty word":                   {"10.0.0.1:1", []string{"198.51.100.1,"}, "10.0.0.1"},
		"all of them proxies":             {"10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"IPv6":                            {"[fd00::1]:1", []string{"2001:db8::5"}, "2001:db8::5"},
		"IPv4 written as IPv6":            {"[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"another way to write an address": {"10.0.0.1:1", []string{"2001:DB8:0:0::5"}, "2001:db8::5"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.RemoteAddr = c.peer
		for _, line := range c.lines {
			r.Header.Add("X-Forwarded-For", line)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if heard != c.want {
			t.Errorf("%s: it comes from %q, want %q", name, heard, c.want)
		}
	}
}

// TestReadersBehindAProxyHaveTheirOwnPace: behind a trusted proxy one impatient
// reader stops nobody else, and can't pass for others.
func TestReadersBehindAProxyHaveTheirOwnPace(t *testing.T) {
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	h := httpd.Handler(httpd.Options{
		Log: zerolog.Nop(), GraphQL: ok, Uploads: ok, Pages: ok, Verify: ok, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")},
	})
	ask := func(forwarded string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/verify/abc", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	refused := 0
	for i := range 200 { // a forged first word each time
		if ask(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String()+", 203.0.113.9") == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 100 {
		t.Errorf("%d of 200 refused", refused)
	}
	if code := ask("203.0.113.10"); code != http.StatusOK {
		t.Errorf("another reader: %d", code)
	}
}

// TestOnlyATrustedProxySaysThatTheConnectionIsEncrypted.
func TestOnlyATrustedProxySaysThatTheConnectionIsEncrypted(t *testing.T) {
	var heard string
	ok := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard = r.Header.Get("X-Forwarded-Proto") })
	h := httpd.Handler(httpd.Options{
		Log: zerolog.Nop(), GraphQL: ok, Uploads: ok, Pages: ok, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	})
	for peer, want := range map[string]string{"10.0.0.1:1": "https", "[::ffff:10.0.0.1]:1": "https", "203.0.113.9:1": "", "nonsense": ""} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-Proto", "https")
		h.ServeHTTP(httptest.NewRecorder(), r)
		if heard != want {
			t.Errorf("said by %s: %q, want %q", peer, heard, want)
		}
	}
}
