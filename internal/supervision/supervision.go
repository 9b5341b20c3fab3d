// Package supervision holds the use cases of inspection teams, the draw of schools, and
// planned visits.
//
// It gathers what the draw needs and keeps what was drawn; sampling decides which
// schools are visited, figures whether the sample meets the rule. The facade of package
// app calls it.
package supervision

import (
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Supervision runs the use cases of teams, the draw and planned visits. It is safe for
// concurrent use.
type Supervision struct {
	store    *store.Store
	commands *command.Runner
	clock    clock.Clock
}

// New makes Supervision; s has the scope installed.
func New(s *store.Store, r *command.Runner, c clock.Clock) *Supervision {
	return &Supervision{store: s, commands: r, clock: c}
}

// figures reads the figures.
func (sv *Supervision) figures() figures.Reader { return figures.Reader{Ent: sv.store.Ent} }
