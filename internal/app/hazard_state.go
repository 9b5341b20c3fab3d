package app

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/store"
)

// StatesAt gives what was true of these hazards at an instant, as known now; a
// hazard that had not been found yet is left out.
func (a *App) StatesAt(ctx context.Context, hazards []uuid.UUID, at time.Time) (map[uuid.UUID]*ent.HazardState, error) {
	at = clock.Truncate(at)
	rows, err := a.store.Ent.HazardState.Query().
		Where(hazardstate.HazardIDIn(hazards...), hazardstate.ValidFromLTE(at), hazardstate.ValidUntilGT(at)).All(ctx)
	out := make(map[uuid.UUID]*ent.HazardState, len(rows))
	for _, s := range rows {
		out[s.HazardID] = s
	}
	return out, store.Fault(err)
}

// HazardChange is a hazard whose state at one instant differs from that at a
// later one.
type HazardChange struct {
	HazardID uuid.UUID
	// Before is nil for a hazard that had not been found yet.
	Before, After *ent.HazardState
}

// HazardChangesInput says whose changes, and between which instants.
type HazardChangesInput struct {
	DashboardInput // AsOf is the later instant
	Since          time.Time
}

// HazardChanges lists the hazards that make the difference between the figures of
// two instants, by the instant of their newest state. Its statements do not
// depend on the number of hazards; the page is cut by an index.
func (a *App) HazardChanges(ctx context.Context, in HazardChangesInput, p PageArgs) (Page[*HazardChange], error) {
	sc, err := a.scope(ctx, in.DashboardInput)
	if err != nil {
		return Page[*HazardChange]{}, err
	}
	since := clock.Truncate(in.Since)
	if !since.Before(sc.At) {
		return Page[*HazardChange]{}, fault.Bad("since", "not_before", fault.T("起始时刻须早于截止时刻。", "The first instant must lie before the second."))
	}
	pq, err := newPageQuery(p, order{field: "CHANGED_AT", column: hazardstate.FieldValidFrom, isTime: true, desc: true})
	if err != nil {
		return Page[*HazardChange]{}, err
	}
	q := a.store.Ent.HazardState.Query().Where(sc.Then(), hazardstate.ValidFromGT(since), func(s *sql.Selector) {
		figures.InRegion(s, sc)
		s.Where(figures.DiffersSince(s, since))
	})
	q.Modify(pq.apply)
	after, err := q.All(ctx)
	if err != nil {
		return Page[*HazardChange]{}, store.Fault(err)
	}
	before, err := a.StatesAt(ctx, hazardsOf(after), since)
	if err != nil {
		return Page[*HazardChange]{}, err
	}
	page := cut(pq, after, func(s *ent.HazardState) (string, uuid.UUID) { return timeKey(s.ValidFrom), s.ID })
	out := Page[*HazardChange]{Cursors: page.Cursors, HasNext: page.HasNext, HasPrevious: page.HasPrevious}
	for _, s := range page.Rows {
		out.Rows = append(out.Rows, &HazardChange{HazardID: s.HazardID, Before: before[s.HazardID], After: s})
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
	if s.DeadlineOn == noDeadline {
		return nil
	}
	return &s.DeadlineOn
}
