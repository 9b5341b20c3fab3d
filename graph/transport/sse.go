package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

const mediaEvents = "text/event-stream"

// events is the transport of one subscription by server-sent events, for clients
// that accept text/event-stream: the "distinct connections mode" of GraphQL over SSE.
// It is a POST, because the browser's EventSource can't send an Authorization
// header and a credential does not belong into a URL.
type events struct{ *Server }

// Supports implements graphql.Transport.
func (e events) Supports(r *http.Request) bool {
	if r.Method != http.MethodPost || e.options.Authenticate == nil || e.options.Follow == nil {
		return false
	}
	for _, p := range weighted(r.Header.Values("Accept")) {
		if p.value == mediaEvents && p.q > 0 {
			return true
		}
	}
	return false
}

// Do implements graphql.Transport.
func (e events) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !isJSON(r.Header) {
		e.refuse(w, r, http.StatusUnsupportedMediaType, errMediaType)
		return
	}
	body, status, err := post(e).read(w, r)
	if err != nil {
		e.refuse(w, r, status, err)
		return
	}
	params, err := decodeRequest(body)
	if err != nil {
		e.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	params.Headers = r.Header
	ctx, leave, err := e.options.Streams.enter(r.Context(), e.options.Address(r.Context()), e.limits.Live)
	if err != nil {
		e.refuse(w, r, http.StatusTooManyRequests, err)
		return
	}
	defer leave()
	release, err := e.options.Streams.of(e.options.ViewerID(ctx), e.limits.Live)
	if err != nil {
		e.refuse(w, r, http.StatusTooManyRequests, err)
		return
	}
	release = sync.OnceFunc(release)
	defer release()
	e.stream(ctx, w, r, exec, params, release)
}

// stream writes events until the subscription ends. release gives the viewer's place
// back before the end is written, so that the client may subscribe again at once.
func (e events) stream(ctx context.Context, w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams, release func()) {
	out := &eventWriter{to: w, control: http.NewResponseController(w), within: e.limits.Live.WriteWithin}
	_ = out.control.SetReadDeadline(time.Time{}) // the body is read; from here on it would only cut the stream
	h := w.Header()
	secure(h)
	h.Set("Content-Type", mediaEvents+"; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // a proxy must not keep events back
	ctx, cancel := context.WithCancelCause(ctx)
	var pings sync.WaitGroup
	pings.Go(func() {
		e.keepAlive(ctx, func() {
			if out.write(":\n\n") != nil {
				cancel(errGone)
			}
		})
	})
	defer pings.Wait() // nothing may write once this has returned
	defer cancel(nil)
	if out.write(":\n\n") != nil { // the client learns at once that the stream is open
		return
	}
	language := e.languageOf(r)
	next := func(a answer) error { return out.next(a) }
	err := e.subscribe(ctx, exec, params, r.Header.Get("Authorization"), language, next)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		_ = next(refusal(f, language))
	}
	if err == nil || !errors.Is(err, errGone) {
		release()
		_ = out.write("event: complete\ndata:\n\n")
	}
}

// eventWriter writes events one by one, each within a time.
type eventWriter struct {
	mu      sync.Mutex
	to      io.Writer
	control *http.ResponseController
	within  time.Duration
}

func (w *eventWriter) next(a answer) error {
	body, err := a.body()
	if err != nil {
		return err
	}
	return w.write("event: next\ndata: " + strings.TrimSuffix(string(body), "\n") + "\n\n") // JSON of one line
}

func (w *eventWriter) write(text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.control.SetWriteDeadline(clock.System{}.Now().Add(w.within)) // not every ResponseWriter can; then the listener's limits hold
	if _, err := io.WriteString(w.to, text); err != nil {
		return errGone
	}
	if err := w.control.Flush(); err != nil {
		return errGone
	}
	return nil
}
