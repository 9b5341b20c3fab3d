package embedded

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
)

func TestHandlerRefuses(t *testing.T) {
	s, f := prepared(t, Options{})
	put(t, f.Store, "a/b", "text")
	get, err := f.Store.PresignGet(t.Context(), f.Origin, "a/b", time.Hour, blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, signature, _ := strings.Cut(get, "?")
	signed := func(path string) string { return f.Origin + path + "?" + signature }

	for _, c := range []struct {
		name, method, url string
		headers           map[string]string
		body              io.Reader
		status            int
	}{
		{"the control", "GET", get, nil, nil, 200},
		{"POST", "POST", get, nil, nil, 405},
		{"DELETE", "DELETE", get, nil, nil, 405},
		{"PATCH, the way to the store's accounts", "PATCH", signed("/create-user"), nil, nil, 405},
		{"no signature", "GET", f.Origin + "/evidence/a/b", nil, nil, 403},
		{"an empty signature", "GET", f.Origin + "/evidence/a/b?X-Amz-Signature=", nil, nil, 403},
		{"a wrong authorization", "GET", f.Origin + "/evidence/a/b", map[string]string{"Authorization": "AWS4-HMAC-SHA256 x"}, nil, 403},
		{"the bucket", "GET", signed("/evidence/"), nil, nil, 403},
		{"the bucket without a slash", "GET", signed("/evidence"), nil, nil, 403},
		{"all buckets", "GET", signed("/"), nil, nil, 403},
		{"another bucket", "GET", signed("/other/a/b"), nil, nil, 403},
		{"a way around", "GET", signed("/evidence/a/..%2f..%2fother/b"), nil, nil, 403},
		{"the store's own files", "GET", signed("/evidence/.sgwtmp/x"), nil, nil, 403},
		{"a body of unknown length", "PUT", signed("/evidence/a/b"), nil, io.MultiReader(strings.NewReader("x")), 411},
		{"a body with GET", "GET", get, nil, strings.NewReader("GET /evidence/a/b HTTP/1.1\r\n\r\n"), 411},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, text := send(t, c.method, c.url, c.headers, c.body)
			if answer.StatusCode != c.status {
				t.Errorf("status %d, want %d: %s", answer.StatusCode, c.status, text)
			}
			if c.status >= 400 && !strings.Contains(text, "<Error><Code>") {
				t.Errorf("not an S3 error: %s", text)
			}
		})
	}

	// And after the end of the store.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if answer, _ := send(t, "GET", get, nil, nil); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d of a closed store", answer.StatusCode)
	}
}

// A page of any origin may use a signed request; what it gets back can't act as
// a page of ours.
func TestHandlerAndBrowsers(t *testing.T) {
	_, f := prepared(t, Options{})
	request := signPut(t, f, "page", "<script>alert(1)</script>")
	origin := map[string]string{"Origin": "https://phone.example"}

	answer, _ := send(t, "OPTIONS", request.URL, map[string]string{
		"Origin": "https://phone.example", "Access-Control-Request-Method": "PUT",
		"Access-Control-Request-Headers": "content-type,if-none-match,x-amz-checksum-sha256",
	}, nil)
	allowed := strings.ToLower(answer.Header.Get("Access-Control-Allow-Headers"))
	if answer.StatusCode != 204 || answer.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(answer.Header.Get("Access-Control-Allow-Methods"), "PUT") {
		t.Errorf("preflight: %d %v", answer.StatusCode, answer.Header)
	}
	for name := range request.Headers {
		if name = strings.ToLower(name); name != "content-length" && !strings.Contains(allowed, name) {
			t.Errorf("a page may not send %s, which is signed", name)
		}
	}

	request.Headers["Origin"] = origin["Origin"]
	answer, text := send(t, request.Method, request.URL, request.Headers, strings.NewReader("<script>alert(1)</script>"))
	if answer.StatusCode != 200 {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	get, err := f.Store.PresignGet(t.Context(), f.Origin, "page", time.Hour, blob.GetOptions{ContentType: "text/html"})
	if err != nil {
		t.Fatal(err)
	}
	read, _ := send(t, "GET", get, origin, nil)
	for _, a := range []*http.Response{answer, read} {
		h := a.Header
		if len(h.Values("Access-Control-Allow-Origin")) != 1 || h.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(h.Get("Access-Control-Expose-Headers"), "ETag") || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", a.Request.Method, h)
		}
	}
	if h := read.Header; h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Server") != "" {
		t.Errorf("an uploaded page comes with %v", h)
	}
}
