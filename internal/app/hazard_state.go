package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// StatesAt gives what was true of these hazards at an instant, as known now; a
// hazard that had not been found yet is left out.
func (a *App) StatesAt(ctx context.Context, hazards []uuid.UUID, at time.Time) (map[uuid.UUID]*ent.HazardState, error) {
	return a.figures().StatesAt(ctx, hazards, figures.Instant(at))
}

// HazardChange is a hazard whose state at one instant differs from that at a
// later one.
type HazardChange struct {
	HazardID uuid.UUID
	// Before is nil for a hazard that had not been found yet.
	Before, After *ent.HazardState
	// BecameOverdue says that it was overdue at the later instant and not at the
	// earlier one: time alone may have done that.
	BecameOverdue bool
}

// HazardChangesInput says whose changes, and between which instants.
type HazardChangesInput struct {
	figures.DashboardInput // AsOf is the later instant
	Since                  time.Time
}

// HazardChanges lists the hazards that make the difference between the figures of
// two instants, those that became overdue by time alone among them, by the instant
// of their newest state. Its statements do not
// depend on the number of hazards; the page is cut by an index.
func (a *App) HazardChanges(ctx context.Context, in HazardChangesInput, p command.PageArgs) (command.Page[*HazardChange], error) {
	sc, err := a.figures().ScopeOf(ctx, in.DashboardInput, a.clock.Now())
	if err != nil {
		return command.Page[*HazardChange]{}, err
	}
	since := figures.Instant(in.Since)
	if !since.At.Before(sc.At) {
		return command.Page[*HazardChange]{}, fault.Bad("since", "not_before", fault.T("起始时刻须早于截止时刻。", "The first instant must lie before the second."))
	}
	pq, err := command.NewPageQuery(p, command.Order{Field: "CHANGED_AT", Column: hazardstate.FieldValidFrom, IsTime: true, Desc: true})
	if err != nil {
		return command.Page[*HazardChange]{}, err
	}
	q := a.store.Ent.HazardState.Query().Where(sc.Then(), sc.ChangedSince(since))
	q.Modify(pq.Apply)
	after, err := q.All(store.CustomPlan(ctx))
	if err != nil {
		return command.Page[*HazardChange]{}, store.Fault(err)
	}
	before, err := a.figures().StatesAt(ctx, hazardsOf(after), since)
	if err != nil {
		return command.Page[*HazardChange]{}, err
	}
	page := command.PageOf(pq, after, func(s *ent.HazardState) (string, uuid.UUID) { return command.TimeKey(s.ValidFrom), s.ID })
	out := command.Page[*HazardChange]{Cursors: page.Cursors, HasNext: page.HasNext, HasPrevious: page.HasPrevious}
	for _, s := range page.Rows {
		out.Rows = append(out.Rows, &HazardChange{
			HazardID: s.HazardID, Before: before[s.HazardID], After: s, BecameOverdue: sc.BecameOverdue(since, before[s.HazardID], s),
		})
	}
	return out, nil
}

func hazardsOf(states []*ent.HazardState) []uuid.UUID {
	out := make([]uuid.UUID, len(states))
	for i, s := range states {
		out[i] = s.HazardID
	}
	return out
}

// DeadlineThen is the deadline of a state; nil while there was none.
func DeadlineThen(s *ent.HazardState) *clock.Date {
	if s.DeadlineOn == rule.NoDeadline {
		return nil
	}
	return &s.DeadlineOn
}
