package rollup

import (
	"context"
	"fmt"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/breakdownfigure"
	"github.com/cleargrid/cleargrid/ent/closingfigure"
	"github.com/cleargrid/cleargrid/ent/dayfigure"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Dimensions are what hazards are counted by, one value of each.
type Dimensions struct {
	Category string
	Grade    rule.HazardGrade
	Source   rule.HazardSource
	Status   rule.HazardStatus
}

func (h Hazard) dimensions() Dimensions { return Dimensions{h.Category, h.Grade, h.Source, h.Status} }

func breakdownChanged(ctx context.Context, tx *ent.Tx, o Owner, before, after Hazard) error {
	if before.dimensions() == after.dimensions() {
		return nil
	}
	if before.Status != "" {
		if err := addToBreakdown(ctx, tx, o, before.dimensions(), -1); err != nil {
			return err
		}
	}
	return addToBreakdown(ctx, tx, o, after.dimensions(), 1)
}

func addToBreakdown(ctx context.Context, tx *ent.Tx, o Owner, d Dimensions, n int) error {
	err := tx.BreakdownFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).
		SetCategory(d.Category).SetGrade(d.Grade).SetSource(d.Source).SetStatus(d.Status).SetHazards(n).
		OnConflictColumns(breakdownfigure.FieldCampaignID, breakdownfigure.FieldSchoolID, breakdownfigure.FieldCategory,
			breakdownfigure.FieldGrade, breakdownfigure.FieldSource, breakdownfigure.FieldStatus).
		Update(func(u *ent.BreakdownFigureUpsert) { u.AddHazards(n) }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of a category: %w", err)
	}
	return nil
}

// stateChanged ends the hazard's present state and begins a new one. A phone that
// was offline may tell late what was true long ago; but states never overlap, so
// that one begins at the earliest when the one before it did.
func stateChanged(ctx context.Context, tx *ent.Tx, c Change, before, after Hazard, d Counts) error {
	from, hours := clock.Truncate(c.At), (*int)(nil)
	if before.Status != "" {
		last, err := tx.HazardState.Query().Where(hazardstate.HazardID(c.HazardID), hazardstate.ValidUntil(rule.Forever())).Only(ctx)
		if err != nil {
			return fmt.Errorf("present state of a hazard: %w", err)
		}
		if from.Before(last.ValidFrom) {
			from = last.ValidFrom
		}
		hours = last.CloseHours
		if err := last.Update().SetValidUntil(from).Exec(ctx); err != nil {
			return fmt.Errorf("end a hazard's state: %w", err)
		}
	}
	hours, err := closingChanged(ctx, tx, c.Owner, before, after, from, hours)
	if err != nil {
		return err
	}
	err = tx.HazardState.Create().SetHazardID(c.HazardID).SetCampaignID(c.CampaignID).SetSchoolID(c.SchoolID).
		SetCategory(after.Category).SetSource(after.Source).SetStatus(after.Status).SetGrade(after.Grade).SetUnderOversight(after.UnderOversight).
		SetProven(after.Proven).SetDeadlineOn(after.DeadlineOn).SetNillableCloseHours(hours).SetValidFrom(from).SetValidUntil(rule.Forever()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("begin a hazard's state: %w", err)
	}
	return addToDay(ctx, tx, c.Owner, clock.DateOf(from, c.Zone), d)
}

// closingChanged counts the hours that a hazard took from its report to its
// close; counted are those that were counted when it was closed already.
func closingChanged(ctx context.Context, tx *ent.Tx, o Owner, before, after Hazard, at time.Time, counted *int) (*int, error) {
	hours := closeHours(before, after, at, counted)
	if before.Status == rule.Closed && after.Status == rule.Closed {
		return hours, nil
	}
	if before.Status == rule.Closed && counted != nil {
		if err := closedIn(ctx, tx, o, *counted, -1); err != nil {
			return nil, err
		}
	}
	if hours == nil {
		return nil, nil //nolint:nilnil // an open hazard has no hours
	}
	return hours, closedIn(ctx, tx, o, *hours, 1)
}

// closeHours are the whole hours that a hazard took from its report to its close;
// nil while it is open. It keeps those of its close.
func closeHours(before, after Hazard, at time.Time, counted *int) *int {
	switch {
	case after.Status != rule.Closed:
		return nil
	case before.Status == rule.Closed:
		return counted
	}
	hours := max(0, int(at.Sub(after.ReportedAt)/time.Hour))
	return &hours
}

func closedIn(ctx context.Context, tx *ent.Tx, o Owner, hours, n int) error {
	err := tx.ClosingFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).SetHours(hours).SetHazards(n).
		OnConflictColumns(closingfigure.FieldCampaignID, closingfigure.FieldSchoolID, closingfigure.FieldHours).
		Update(func(u *ent.ClosingFigureUpsert) { u.AddHazards(n) }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of closing: %w", err)
	}
	return nil
}

func addToDay(ctx context.Context, tx *ent.Tx, o Owner, day clock.Date, d Counts) error {
	if d == (Counts{}) {
		return nil
	}
	err := tx.DayFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).SetDay(day).
		SetFound(d.Found).SetVoided(d.Voided).SetClosed(d.Closed).SetClosedProven(d.ClosedProven).SetUnderOversight(d.UnderOversight).SetMajorOpen(d.MajorOpen).
		OnConflictColumns(dayfigure.FieldCampaignID, dayfigure.FieldSchoolID, dayfigure.FieldDay).
		Update(func(u *ent.DayFigureUpsert) {
			u.AddFound(d.Found).AddVoided(d.Voided).AddClosed(d.Closed).AddClosedProven(d.ClosedProven).AddUnderOversight(d.UnderOversight).AddMajorOpen(d.MajorOpen)
		}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of a day: %w", err)
	}
	return nil
}

func ofState(s *ent.HazardState) Hazard {
	return Hazard{
		Status: s.Status, Grade: s.Grade, UnderOversight: s.UnderOversight, Proven: s.Proven, DeadlineOn: s.DeadlineOn, Category: s.Category, Source: s.Source,
	}
}

// fold adds what one state changes against the one before it.
func (k Kept) fold(before, s *ent.HazardState, zone *time.Location) {
	o := Owner{s.CampaignID, s.SchoolID}
	at := Owned[clock.Date]{o, clock.DateOf(s.ValidFrom, zone)}
	c := k.Days[at]
	c.add(ofState(s).counts(), 1)
	if before != nil {
		c.add(ofState(before).counts(), -1)
	}
	k.Days[at] = c
	if !s.ValidUntil.Equal(rule.Forever()) {
		return
	}
	k.Breakdown[Owned[Dimensions]{o, ofState(s).dimensions()}]++
	if s.CloseHours != nil {
		k.Hours[Owned[int]{o, *s.CloseHours}]++
	}
}
