package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/cleargrid/cleargrid/internal/fault"
)

type readingKey struct{}

// Reading gives the context of a step that only reads: a statement of a transaction
// that writes fails in it with INTERNAL.
func Reading(ctx context.Context) context.Context {
	return context.WithValue(ctx, readingKey{}, true)
}

// onlyReads refuses a statement that writes in a step that only reads.
func onlyReads(ctx context.Context, query string) error {
	if ctx.Value(readingKey{}) == nil || strings.HasPrefix(query, "SELECT") {
		return nil
	}
	verb, _, _ := strings.Cut(query, " ")
	return fault.Of(fmt.Errorf("store: %s in a step that only reads", verb))
}
