// Package graph is the GraphQL edge of Cleargrid: it decides how a request
// comes in, how much it may ask for, how an error leaves, and which use case
// answers a field.
//
// It never decides a rule of the domain, holds no SQL and touches no object
// store. httpd mounts it at /graphql, behind authentication.
package graph

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"

	"github.com/cleargrid/cleargrid/graph/limits"
	"github.com/cleargrid/cleargrid/graph/transport"
)

// Options are what the edge needs from the rest of the process. Every field
// has a good zero value.
type Options struct {
	// Transport says how requests come in and answers leave. Its Prepare must be
	// Resolver.WithLoaders, and its Follow Resolver.Follow, for the real schema. Its
	// log gets the causes of internal errors too.
	Transport transport.Options
	// Production keeps introspection and the words of the validator for admins.
	Production bool
	// IsAdmin reports whether the caller administers the platform; nil means
	// nobody does.
	IsAdmin func(context.Context) bool
	// Limits bound what a document may ask for; zero values mean the defaults.
	Limits limits.Limits
}

// NewServer makes the handler that answers GraphQL over HTTP: queries and
// mutations by POST, with a file if they need one, queries by GET. It expects the
// caller's identity in the request's context, and bounds the body, the size, the
// cost and the time of every request itself.
func NewServer(schema graphql.ExecutableSchema, o Options) http.Handler {
	if o.IsAdmin == nil {
		o.IsAdmin = func(context.Context) bool { return false }
	}
	bounds := o.Limits.WithDefaults()
	introspect := func(ctx context.Context) bool { return !o.Production || o.IsAdmin(ctx) }
	p := &presenter{log: o.Transport.Log, most: bounds.Errors, introspect: introspect}
	t := transport.New(o.Transport, p.present, p.recovered)
	guard := limits.NewGuard(bounds, schema.Schema(), introspect)

	h := handler.New(schema)
	for _, one := range t.Transports() {
		h.AddTransport(one)
	}
	h.SetQueryCache(guard.Cache())
	h.SetParserTokenLimit(bounds.Tokens)
	h.SetErrorPresenter(p.present)
	h.SetRecoverFunc(p.recovered)
	h.Use(guard)
	h.Use(commands{schema: schema.Schema(), old: oldNames})
	h.AroundFields(missingIsNull)
	h.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		return next(context.WithValue(ctx, presenterKey{}, p))
	})
	return t.RateLimited(h)
}
