package store

import (
	"context"
	"sync"
)

// turn lets one at a time write to SQLite, in the order in which they came. SQLite
// itself would let them look again after growing pauses, of up to a tenth of a
// second, while nobody writes. A nil turn, for PostgreSQL, keeps nobody waiting.
type turn chan struct{}

// take waits for its turn, or for the end of ctx. The turn lasts until give.
func (t turn) take(ctx context.Context) (give func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	select {
	case t <- struct{}{}:
		return sync.OnceFunc(func() { <-t }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
