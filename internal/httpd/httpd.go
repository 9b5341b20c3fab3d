// Package httpd is the HTTP face: routes, time limits, health and a graceful
// stop.
//
// It decides which path goes where and how long a slow client may take. It never
// looks into a request's content: that is graph's and the object store's.
package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/ratelimit"
)

// Options are the parts that the routes lead to.
type Options struct {
	Log     zerolog.Logger
	GraphQL http.Handler // with its viewer already found (authn)
	Uploads http.Handler // tus, at /uploads/, with its viewer already found
	Pages   http.Handler
	// Verify is the public check of a notice, at /verify/{code}; an address may ask
	// a few times a second at most.
	Verify http.Handler
	// Print is a notice as it is printed, at /notices/{id}/print, for signed links.
	Print http.Handler
	// Objects is the embedded object store's door, at /Bucket/; nil when the
	// store is another server.
	Objects http.Handler
	Bucket  string
	// Receiving is called when a file begins to arrive at Objects; done when it has
	// arrived.
	Receiving func() (done func())
	// PublicURL is the base of presigned URLs; empty: the address of the request.
	PublicURL string
	// TrustedProxies are the networks of reverse proxies whose X-Forwarded-For and
	// X-Forwarded-Proto count; those of any other sender are ignored.
	TrustedProxies []netip.Prefix
	// Ready lists what must answer before the server takes requests.
	Ready map[string]func(context.Context) error
}

// The time that a client has for everything but uploads and downloads.
const (
	headerWithin = 10 * time.Second
	bodyWithin   = 30 * time.Second
	answerWithin = 60 * time.Second
	idleFor      = 120 * time.Second
	readyWithin  = 3 * time.Second
)

// Handler makes the routes.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", limited(o.withOrigin(o.GraphQL)))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", o.ready)
	mux.Handle("/uploads/", o.Uploads) // its time limits are tus's own: a video takes as long as it takes
	if o.Verify != nil {
		mux.Handle("GET /verify/{code}", limited(o.rateLimited(o.Verify)))
	}
	if o.Print != nil {
		mux.Handle("GET /notices/{id}/print", limited(o.rateLimited(o.Print)))
	}
	mux.Handle("/", limited(o.Pages))
	if o.Objects != nil {
		mux.Handle("/"+o.Bucket+"/", o.Objects)
		mux.Handle("PUT /"+o.Bucket+"/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer o.Receiving()()
			o.Objects.ServeHTTP(w, r)
		}))
	}
	return o.recoverPanics(o.trustProxyHeaders(mux))
}

// trustProxyHeaders removes the header in which a proxy says that the client's
// connection is encrypted, unless the request comes from a trusted proxy.
func (o Options) trustProxyHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sender, err := netip.ParseAddr(peer(r)); err != nil || !o.trusts(sender.Unmap()) {
			r.Header.Del("X-Forwarded-Proto")
		}
		next.ServeHTTP(w, r)
	})
}

// limited gives a route its time limits; the object store's route has none,
// because a video over a bad network takes as long as it takes.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		now := clock.System{}.Now()
		_ = c.SetReadDeadline(now.Add(bodyWithin)) // not every ResponseWriter can; then the listener's limits hold
		_ = c.SetWriteDeadline(now.Add(answerWithin))
		next.ServeHTTP(w, r)
	})
}

// The rate limit of an address on the public pages: requests per second in the long
// run, and at once, for an office behind one address.
const (
	publicPerSecond = 2
	publicBurst     = 30
)

// rateLimited answers 429 to an address above the limit, so that codes can't be
// guessed by trying.
func (o Options) rateLimited(next http.Handler) http.Handler {
	limiter := ratelimit.New(publicPerSecond, publicBurst)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !limiter.Allows(o.address(r)) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "请求过于频繁，请稍后重试。\nToo many requests. Try again later.", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// host is what a Host header may look like to be signed into a URL.
var host = regexp.MustCompile(`^[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?$|^\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?$`)

func (o Options) withOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), addressKey{}, o.address(r))
		next.ServeHTTP(w, r.WithContext(evidence.WithOrigin(ctx, o.origin(r))))
	})
}

// origin is the base of presigned URLs: the one configured; for the embedded
// store else the address that the request came to; for another store its own.
func (o Options) origin(r *http.Request) string {
	switch {
	case o.Objects == nil:
		return ""
	case o.PublicURL != "":
		return strings.TrimSuffix(o.PublicURL, "/")
	case !host.MatchString(r.Host):
		return ""
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

type addressKey struct{}

// Address is the network address of a request's sender, without the port.
func Address(ctx context.Context) string {
	a, _ := ctx.Value(addressKey{}).(string)
	return a
}

// address is who sends a request: the other end of the connection, or behind
// trusted proxies the last address in X-Forwarded-For that is none of theirs. Each
// proxy appends the address it was called from; what stands further left was sent
// by the client and proves nothing.
func (o Options) address(r *http.Request) string {
	sender, err := netip.ParseAddr(peer(r))
	if err != nil {
		return peer(r)
	}
	sender = sender.Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !o.trusts(sender) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		sender = before.Unmap()
	}
	return sender.WithZone("").String()
}

// peer is the other end of a request's connection, without the port.
func peer(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

func (o Options) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// ready answers 200 when everything that the server needs answers, and else 503
// with what does not.
func (o Options) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	state := map[string]string{}
	status := http.StatusOK
	for name, check := range o.Ready {
		state[name] = "ok"
		if err := check(ctx); err != nil {
			state[name], status = "unavailable", http.StatusServiceUnavailable
			o.Log.Warn().Str("part", name).Err(err).Msg("not ready")
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(state)
}

// recoverPanics keeps a panic of one request from ending the process.
func (o Options) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http panics with exactly this value
				panic(p)
			}
			o.Log.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("request panicked")
			http.Error(w, "internal error", http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}

// Serve answers requests on the listener until ctx ends, then lets running
// requests finish.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log zerolog.Logger) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info().Msg("stopping: running requests may finish")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := s.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}
