package faults

import (
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// badLine is a network between a client and the server: it cuts connections in
// the midst of what the client sends, as often as the test asks for.
type badLine struct {
	url string
	// cuts is how many connections will still be cut, each after this number of bytes.
	mu   sync.Mutex
	cuts []int64
	sent atomic.Int64 // bytes that came from the client
}

// newBadLine leads to the server. It only counts and cuts what goes to /uploads/
// and to the object store; pages of the test are its own.
func newBadLine(t *testing.T, s *program.Server, pages http.Handler, cuts ...int64) *badLine {
	t.Helper()
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := &badLine{cuts: cuts}
	through := httputil.NewSingleHostReverseProxy(target)
	through.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { panic(http.ErrAbortHandler) }
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/test/"):
			pages.ServeHTTP(w, r)
			return
		case r.Method == http.MethodPatch || r.Method == http.MethodPut:
			r.Body = l.watched(r.Body)
		}
		r.Host = target.Host
		through.ServeHTTP(w, r)
	})}
	server.SetKeepAlivesEnabled(false) // Chrome itself repeats a request that breaks on a used connection
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	l.url = "http://" + listener.Addr().String()
	return l
}

// watched counts a body's bytes and ends it in the midst when a cut is due.
func (l *badLine) watched(body io.ReadCloser) io.ReadCloser {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &watchedBody{ReadCloser: body, line: l, left: -1}
	if len(l.cuts) > 0 {
		w.left, l.cuts = l.cuts[0], l.cuts[1:]
	}
	return w
}

// toCome is how many cuts have not happened yet.
func (l *badLine) toCome() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.cuts)
}

type watchedBody struct {
	io.ReadCloser
	line *badLine
	left int64 // until the cut; negative: none
}

func (w *watchedBody) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if w.left > 0 {
		p = p[:min(int64(len(p)), w.left)]
	}
	n, err := w.ReadCloser.Read(p)
	w.line.sent.Add(int64(n))
	if w.left > 0 {
		w.left -= int64(n)
	}
	return n, err
}
