// Package people holds the use cases of accounts and sessions: signing in and out, and
// who a request comes from.
//
// It never decides what a person may do (authz) or sees (scope). The facade of package
// app calls it.
package people

import (
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/store"
)

// People runs the use cases of accounts and sessions. It is safe for concurrent use.
type People struct {
	store *store.Store
	clock clock.Clock
}

// New makes People; s has the scope installed.
func New(s *store.Store, c clock.Clock) *People { return &People{store: s, clock: c} }
