// Package transport takes GraphQL requests in and lets their answers out: queries
// and mutations by POST, with a file if they need one, queries by GET,
// subscriptions by WebSocket and server-sent events.
//
// It decides what a well-formed request is, how much of it is read, which media
// type and status an answer has, and how many streams there may be. It knows no
// use case and no type of the schema: who is asking, what an error becomes and what
// a subscription follows is handed to it by package graph and the process.
package transport

import (
	"cmp"
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/ratelimit"
)

// Options are what the transports need from the rest of the process. Every field
// has a good zero value.
type Options struct {
	// Log gets one line per operation. The zero value logs nowhere.
	Log zerolog.Logger
	// ViewerID names the caller in the log, "" for nobody.
	ViewerID func(context.Context) string
	// Language is the caller's language, "zh" or "en"; nil means that of the
	// request, see Language.
	Language func(context.Context) string
	// WithSQLCount starts to count statements, and SQLCount tells how many
	// there were in a context that came from it.
	WithSQLCount func(context.Context) context.Context
	SQLCount     func(context.Context) int
	// Prepare gives each operation a context of its own.
	Prepare func(context.Context) context.Context
	// Authenticate finds the viewer behind an Authorization header and gives the
	// context in which he or she acts; UNAUTHENTICATED for a stale one. A stream asks
	// again before each event. nil means that there are no streams.
	Authenticate func(ctx context.Context, authorization string) (context.Context, error)
	// Follow begins to follow what the subscriptions of a stream ask for; nil means
	// that there are no streams.
	Follow func(context.Context) (Following, error)
	// Address is where a request came from, for the caps of streams.
	Address func(context.Context) string
	// Origins are hosts, beside the request's own, whose pages may open a socket.
	Origins []string
	// Streams are the open ones, to be stopped with the process; nil means those of
	// this server alone.
	Streams *Streams
	// Limits bound requests and streams; zero values mean the defaults.
	Limits Limits
}

// Server is what the transports share.
type Server struct {
	log     zerolog.Logger
	options Options
	limits  Limits
	present graphql.ErrorPresenterFunc
	recover graphql.RecoverFunc
}

// New makes the transports of a server whose errors are presented and whose panics
// are recovered by these functions.
func New(o Options, present graphql.ErrorPresenterFunc, recovered graphql.RecoverFunc) *Server {
	if o.ViewerID == nil {
		o.ViewerID = func(context.Context) string { return "" }
	}
	if o.WithSQLCount == nil {
		o.WithSQLCount = func(ctx context.Context) context.Context { return ctx }
	}
	if o.SQLCount == nil {
		o.SQLCount = func(context.Context) int { return 0 }
	}
	if o.Prepare == nil {
		o.Prepare = func(ctx context.Context) context.Context { return ctx }
	}
	if o.Address == nil {
		o.Address = func(context.Context) string { return "" }
	}
	if o.Streams == nil {
		o.Streams = &Streams{}
	}
	return &Server{log: o.Log, options: o, limits: o.Limits.withDefaults(), present: present, recover: recovered}
}

// languageOf is the language to answer a request in.
func (s *Server) languageOf(r *http.Request) string {
	if s.options.Language != nil {
		return s.options.Language(r.Context())
	}
	return Language(r)
}

// Transports are all of them, in the order in which a server must ask whether they
// take a request.
func (s *Server) Transports() []graphql.Transport {
	return []graphql.Transport{socket{s}, events{s}, form{s}, post{s}, get{s}, unsupported{s}}
}

// RateLimited refuses, before it reads it, a request of somebody who asks too often. Who
// is known is counted for oneself: an office behind one address has many.
func (s *Server) RateLimited(next http.Handler) http.Handler {
	limiter := ratelimit.New(s.limits.PerSecond, s.limits.Burst)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if !limiter.Allows(cmp.Or(s.options.ViewerID(ctx), s.options.Address(ctx))) {
			w.Header().Set("Retry-After", "1")
			s.refuse(w, r, http.StatusTooManyRequests, errRateLimit)
			return
		}
		next.ServeHTTP(w, r)
	})
}
