// Package places holds the use cases of regions, schools, grids, risk points and leading
// groups.
//
// It decides the order of things, as every package of use cases; rule and authz decide
// what may happen. It never touches hazards or reports: an Observer is told, inside the
// transaction, when a boundary changed. The facade of package app calls it.
package places

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Places runs the use cases of regions, schools, grids, risk points and leading
// groups. It is safe for concurrent use.
type Places struct {
	store    *store.Store
	commands *command.Runner
	clock    clock.Clock
	observer Observer
}

// Observer is told, inside the transaction, what a change of a place may change.
type Observer interface {
	// BoundaryChanged decides again about the visits of a school.
	BoundaryChanged(ctx context.Context, tx *ent.Tx, s *ent.School) error
}

// New makes Places; s has the scope installed.
func New(s *store.Store, r *command.Runner, c clock.Clock, o Observer) *Places {
	return &Places{store: s, commands: r, clock: c, observer: o}
}
