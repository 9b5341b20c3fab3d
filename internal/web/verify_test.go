package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/web"
)

// TestVerifyPage asks for notices as a browser does.
func TestVerifyPage(t *testing.T) {
	const number = "武教安改〔2021〕第0001号"
	mux := http.NewServeMux()
	mux.Handle("GET /verify/{code}", web.Verify(func(_ context.Context, code string) (*app.NoticeProof, error) {
		switch code {
		case number, "good":
			return &app.NoticeProof{Number: number, IssuedOn: "2021-04-21", Hash: strings.Repeat("ab", 32)}, nil
		case "old":
			return &app.NoticeProof{Number: "<b>" + number, IssuedOn: "2021-04-21", Superseded: true}, nil
		case "down":
			return nil, errors.New("secret of the database")
		}
		return nil, fault.Missing("notice")
	}))
	for name, c := range map[string]struct {
		code, language string
		status         int
		holds, missing []string
	}{
		"in Chinese": {"good", "zh-CN,zh;q=0.9", 200, []string{`lang="zh-CN"`, "现行有效", number, "2021-04-21", strings.Repeat("ab", 32)}, []string{"is in force"}},
		"in English": {"good", "en-GB", 200, []string{`lang="en"`, "is in force", number}, []string{"现行有效"}},
		"by number":  {number, "zh", 200, []string{number}, nil},
		"superseded": {"old", "zh", 200, []string{"已被新的通知书取代", "&lt;b&gt;"}, []string{"现行有效", "<b>"}},
		"unknown":    {"<script>", "zh", 404, []string{"没有查到"}, []string{"script>", "现行有效"}},
		"down":       {"down", "en", 503, []string{"not available"}, []string{"secret", "in force"}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/verify/"+url.PathEscape(c.code), nil)
		r.Header.Set("Accept-Language", c.language)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		body := w.Body.String()
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.status)
		}
		for _, part := range c.holds {
			if !strings.Contains(body, part) {
				t.Errorf("%s: the page lacks %q:\n%s", name, part, body)
			}
		}
		for _, part := range c.missing {
			if strings.Contains(body, part) {
				t.Errorf("%s: the page has %q:\n%s", name, part, body)
			}
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", name, w.Header())
		}
	}
}
