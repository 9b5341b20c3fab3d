package transport_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func TestRefuse(t *testing.T) {
	stale := fault.New(fault.Unauthenticated, "session.stale", fault.T("登录已过期。", "Your session has ended."))
	tests := map[string]struct {
		accept, language string
		err              error
		message          string
		kind             fault.Kind
		media            string
	}{
		"english":      {"", "", stale, "Your session has ended.", fault.Unauthenticated, "application/json"},
		"chinese":      {"", "zh-CN,zh;q=0.9,en;q=0.8", stale, "登录已过期。", fault.Unauthenticated, "application/json"},
		"newer type":   {"application/graphql-response+json", "", stale, "Your session has ended.", fault.Unauthenticated, "application/graphql-response+json"},
		"unacceptable": {"text/html", "", stale, "Your session has ended.", fault.Unauthenticated, "application/json"},
		"other error":  {"", "", errors.New("sql: secret"), "Something went wrong on the server. It has been logged.", fault.Internal, "application/json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			r.Header.Set("Accept", tt.accept)
			r.Header.Set("Accept-Language", tt.language)
			h := graphtest.Over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				transport.Refuse(w, r, http.StatusUnauthorized, tt.err)
			}))
			got := h.Do(r)
			if e := h.Refused(got, tt.kind); e.Message != tt.message {
				t.Errorf("message %q, want %q", e.Message, tt.message)
			}
			if got.Status != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%d %v", got.Status, got.Header)
			}
			if media := got.Header.Get("Content-Type"); media != tt.media+"; charset=utf-8" {
				t.Errorf("media type %s", media)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	tests := map[string]string{
		"":                        "en",
		"zh":                      "zh",
		"zh-CN":                   "zh",
		"zh-Hans-CN, en;q=0.5":    "zh",
		"en, zh":                  "en",
		"en;q=0.5, zh;q=0.8":      "zh",
		"fr, zh;q=0.3":            "zh",
		"fr":                      "en",
		"zh;q=0":                  "en",
		"zh;q=none, zh":           "en", // malformed, so it counts as none
		"\x00;;;q=,zh;q=0.2,*":    "en",
		"zh-HK, en;q=0.9":         "zh",
		"ZH-tw;q=0.9,en-GB;q=0.8": "zh",
	}
	for header, want := range tests {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", header)
		if got := transport.Language(r); got != want {
			t.Errorf("Language(%q) = %s, want %s", header, got, want)
		}
	}
}
