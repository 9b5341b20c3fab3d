// Package graph is the GraphQL edge of Cleargrid: it decides how a request
// comes in, how much it may ask for, how an error leaves, and which use case
// answers a field.
//
// It never decides a rule of the domain, holds no SQL and touches no object
// store. httpd mounts it at /graphql, behind authentication.
package graph

import (
	"cmp"
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/pace"
)

// Options are what the edge needs from the rest of the process. Every field
// has a good zero value.
type Options struct {
	// Log gets one line per operation and the causes of internal errors.
	// The zero value logs nowhere.
	Log zerolog.Logger
	// Production keeps introspection and the words of the validator for admins.
	Production bool
	// IsAdmin reports whether the caller administers the platform; nil means
	// nobody does.
	IsAdmin func(context.Context) bool
	// ViewerID names the caller in the log, "" for nobody.
	ViewerID func(context.Context) string
	// Language is the caller's language, "zh" or "en"; nil means that of the
	// request, see Language.
	Language func(context.Context) string
	// WithSQLCount starts to count statements, and SQLCount tells how many
	// there were in a context that came from it.
	WithSQLCount func(context.Context) context.Context
	SQLCount     func(context.Context) int
	// Prepare gives each operation a context of its own: Resolver.WithLoaders.
	Prepare func(context.Context) context.Context
	// Authenticate finds the viewer behind an Authorization header and gives the
	// context in which he or she acts; UNAUTHENTICATED for a stale one. A stream asks
	// again before each event. nil means that there are no streams.
	Authenticate func(ctx context.Context, authorization string) (context.Context, error)
	// Follow begins to follow what the subscriptions of a stream ask for:
	// Resolver.Follow.
	Follow func(context.Context) (Following, error)
	// Address is where a request came from, for the caps of streams.
	Address func(context.Context) string
	// Origins are hosts, beside the request's own, whose pages may open a socket.
	Origins []string
	// Streams are the open ones, to be stopped with the process; nil means those of
	// this server alone.
	Streams *Streams
	// Limits bound what a document may ask for, Traffic how requests come in; zero
	// values mean the defaults.
	Limits  Limits
	Traffic Traffic
}

// NewServer makes the handler that answers GraphQL over HTTP: queries and
// mutations by POST, with a file if they need one, queries by GET. It expects the
// caller's identity in the request's context, and bounds the body, the shape, the
// cost and the time of every request itself.
func NewServer(schema graphql.ExecutableSchema, o Options) http.Handler {
	if o.IsAdmin == nil {
		o.IsAdmin = func(context.Context) bool { return false }
	}
	limits, cache := o.Limits.WithDefaults(), newDocumentCache()
	introspect := func(ctx context.Context) bool { return !o.Production || o.IsAdmin(ctx) }
	p := &presenter{log: o.Log, most: limits.Errors, introspect: introspect}
	s := newServer(o, p.present, p.recovered)

	h := handler.New(schema)
	h.AddTransport(socket{s})
	h.AddTransport(events{s})
	h.AddTransport(form{s})
	h.AddTransport(post{s})
	h.AddTransport(get{s})
	h.AddTransport(unsupported{s})
	h.SetQueryCache(cache)
	h.SetParserTokenLimit(limits.Tokens)
	h.SetErrorPresenter(p.present)
	h.SetRecoverFunc(p.recovered)
	h.Use(guard{limits: limits, schema: schema.Schema(), cache: cache, introspect: introspect})
	h.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(context.WithValue(ctx, presenterKey{}, p))
	})
	return s.paced(h)
}

// paced refuses, before it reads it, a request of somebody who asks too often. Who
// is known is counted for oneself: an office behind one address has many.
func (s *server) paced(next http.Handler) http.Handler {
	p := pace.New(s.limits.PerSecond, s.limits.Burst)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if !p.Allows(cmp.Or(s.options.ViewerID(ctx), s.options.Address(ctx))) {
			w.Header().Set("Retry-After", "1")
			s.refuse(w, r, http.StatusTooManyRequests, errPace)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// server is what the transports and the presenter share.
type server struct {
	log     zerolog.Logger
	options Options
	limits  Traffic
	present graphql.ErrorPresenterFunc
	recover graphql.RecoverFunc
}

func newServer(o Options, present graphql.ErrorPresenterFunc, recovered graphql.RecoverFunc) *server {
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
	return &server{log: o.Log, options: o, limits: o.Traffic.withDefaults(), present: present, recover: recovered}
}

// languageOf is the language to answer a request in.
func (s *server) languageOf(r *http.Request) string {
	if s.options.Language != nil {
		return s.options.Language(r.Context())
	}
	return Language(r)
}
