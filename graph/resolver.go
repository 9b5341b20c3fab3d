package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/graph/generated"
	"github.com/cleargrid/cleargrid/internal/app"
)

// Resolver answers the fields of the schema from the use cases. A resolver turns
// arguments into one call and its rows into the shapes of the schema; links
// between rows are followed by loaders.
type Resolver struct {
	// App runs the use cases.
	App *app.App
	// Address is the address that a request came from, for the throttle of
	// sign-ins; nil means that nobody knows.
	Address func(context.Context) string
}

// NewExecutableSchema binds the schema to its resolvers. Options.Prepare of its
// server must be WithLoaders.
func NewExecutableSchema(r *Resolver) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: r})
}

func (r *Resolver) address(ctx context.Context) string {
	if r.Address == nil {
		return ""
	}
	return r.Address(ctx)
}
