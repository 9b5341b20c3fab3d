package graph

import (
	"context"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/feed"
)

// Follow is for the Follow of transport.Options.
func (r *Resolver) Follow(ctx context.Context) (transport.Following, error) {
	w, err := r.App.Watch(ctx)
	if err != nil {
		return transport.Following{}, err
	}
	return transport.Following{
		Changed: w.Changed, Close: w.Close,
		Within: func(ctx context.Context) context.Context { return feed.WithWatch(ctx, w) },
	}, nil
}
