package transport

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// Operation follows one operation from its request to its line in the log.
type Operation struct {
	started time.Time
	// Language is that of the answer, "zh" or "en".
	Language   string
	name, kind string
	// Variables are those of the request as sent. They are never logged.
	Variables map[string]any

	mu       sync.Mutex // fields fail at the same time
	codes    []string
	admitted int
	omitted  int
}

type operationKey struct{}

func withOperation(ctx context.Context, rec *Operation) context.Context {
	return context.WithValue(ctx, operationKey{}, rec)
}

// OperationOf gives the operation of a request, or an empty one outside of any.
func OperationOf(ctx context.Context) *Operation {
	if rec, ok := ctx.Value(operationKey{}).(*Operation); ok {
		return rec
	}
	return &Operation{}
}

// Admit notes an error's code and reports whether the answer has room for it.
func (r *Operation) Admit(kind fault.Kind, most int) bool {
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

// Name is the operation's name, fit for a log: a client may put any text
// into operationName.
func (r *Operation) Name() string {
	name := r.name[:min(len(r.name), maxLoggedName)]
	return strings.Map(func(c rune) rune {
		if c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '?'
	}, name)
}
