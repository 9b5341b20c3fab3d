package graph

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// record follows one operation from its request to its line in the log.
type record struct {
	started    time.Time
	language   string
	name, kind string
	variables  map[string]any // as sent; to cut paths of errors, never logged

	mu       sync.Mutex // fields fail at the same time
	codes    []string
	admitted int
	omitted  int
}

type recordKey struct{}

func withRecord(ctx context.Context, rec *record) context.Context {
	return context.WithValue(ctx, recordKey{}, rec)
}

// recordOf gives the record of a request, or an empty one outside of any.
func recordOf(ctx context.Context) *record {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		return rec
	}
	return &record{}
}

// admit notes an error's code and reports whether the answer has room for it.
func (r *record) admit(kind fault.Kind, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.codes, string(kind)) {
		r.codes = append(r.codes, string(kind))
	}
	if r.admitted >= most {
		r.omitted++
		return false
	}
	r.admitted++
	return true
}

const maxLoggedName = 64

// operation is the operation's name, fit for a log: a client may put any text
// into operationName.
func (r *record) operation() string {
	name := r.name[:min(len(r.name), maxLoggedName)]
	return strings.Map(func(c rune) rune {
		if c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '?'
	}, name)
}
