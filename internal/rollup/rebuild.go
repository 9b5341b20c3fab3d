package rollup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Step is what a hazard became, since an instant.
type Step struct {
	At    time.Time
	After Hazard
}

// History is a hazard with everything that it became, in the order in which that was
// learnt.
type History struct {
	Owner
	HazardID uuid.UUID
	Zone     *time.Location
	Steps    []Step
}

// Lock takes the locks of a school's figures in these campaigns: nobody counts a
// new hazard or report of the school until the transaction ends.
func Lock(ctx context.Context, tx *ent.Tx, school uuid.UUID, campaigns []uuid.UUID) error {
	for _, c := range campaigns {
		if err := lockFigures(ctx, tx, Owner{c, school}); err != nil {
			return err
		}
	}
	return nil
}

// Rebuild replaces every figure of a school, and the states of its hazards, by
// what follows from its hazards' lives, its reports and its findings. Their rows
// and the school's figures must be locked.
func Rebuild(ctx context.Context, tx *ent.Tx, school uuid.UUID, histories []History) error {
	if err := deleteFigures(ctx, tx, school); err != nil {
		return err
	}
	want := newKept()
	var states []*ent.HazardState
	for _, l := range histories {
		var before *ent.HazardState
		all := l.states()
		for _, s := range all {
			want.fold(before, s, l.Zone)
			before = s
		}
		if before == nil {
			continue
		}
		states = append(states, all...)
		now := ofState(before)
		want.count(l.Owner, now.counts())
		if now.Status.Open() {
			want.Open[Owned[clock.Date]{l.Owner, now.DeadlineOn}]++
		}
	}
	if err := want.fromReports(ctx, tx.Client(), school); err != nil {
		return err
	}
	if err := want.fromFindings(ctx, tx.Client(), school); err != nil {
		return err
	}
	if err := putStates(ctx, tx, states); err != nil {
		return err
	}
	for _, t := range tables {
		if err := t.insert(ctx, tx, want); err != nil {
			return err
		}
	}
	return nil
}

func deleteFigures(ctx context.Context, tx *ent.Tx, school uuid.UUID) error {
	if _, err := tx.HazardState.Delete().Where(hazardstate.SchoolID(school)).Exec(ctx); err != nil {
		return fmt.Errorf("remove the states of hazards: %w", err)
	}
	for _, t := range tables {
		if err := t.remove(ctx, tx, school); err != nil {
			return err
		}
	}
	return nil
}

// states are what stateChanged would have written.
func (l History) states() []*ent.HazardState {
	var out []*ent.HazardState
	var before Hazard
	for _, step := range l.Steps {
		if step.After == before {
			continue
		}
		from, hours := clock.Truncate(step.At), (*int)(nil)
		if n := len(out); n > 0 {
			last := out[n-1]
			if from.Before(last.ValidFrom) {
				from = last.ValidFrom
			}
			last.ValidUntil, hours = from, last.CloseHours
		}
		a := step.After
		out = append(out, &ent.HazardState{
			HazardID: l.HazardID, CampaignID: l.CampaignID, SchoolID: l.SchoolID, Category: a.Category, Source: a.Source, Status: a.Status, Grade: a.Grade,
			UnderOversight: a.UnderOversight, Proven: a.Proven, DeadlineOn: a.DeadlineOn, CloseHours: closeHours(before, a, from, hours), ValidFrom: from, ValidUntil: rule.Forever(),
		})
		before = a
	}
	return out
}

func putStates(ctx context.Context, tx *ent.Tx, states []*ent.HazardState) error {
	for some := range slices.Chunk(states, rowsAtOnce) {
		rows := make([]*ent.HazardStateCreate, len(some))
		for i, s := range some {
			rows[i] = tx.HazardState.Create().SetHazardID(s.HazardID).SetCampaignID(s.CampaignID).SetSchoolID(s.SchoolID).
				SetCategory(s.Category).SetSource(s.Source).SetStatus(s.Status).SetGrade(s.Grade).SetUnderOversight(s.UnderOversight).SetProven(s.Proven).
				SetDeadlineOn(s.DeadlineOn).SetNillableCloseHours(s.CloseHours).SetValidFrom(s.ValidFrom).SetValidUntil(s.ValidUntil)
		}
		if err := tx.HazardState.CreateBulk(rows...).Exec(ctx); err != nil {
			return fmt.Errorf("states of hazards: %w", err)
		}
	}
	return nil
}
