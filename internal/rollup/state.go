package rollup

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/breakdownfigure"
	"github.com/cleargrid/cleargrid/ent/closingfigure"
	"github.com/cleargrid/cleargrid/ent/dayfigure"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// slice is one cell of the breakdown.
type slice struct {
	Category string
	Grade    rule.HazardGrade
	Source   rule.HazardSource
	Status   rule.HazardStatus
}

func (h Hazard) slice() slice { return slice{h.Category, h.Grade, h.Source, h.Status} }

func breakdownChanged(ctx context.Context, tx *ent.Tx, o Owner, before, after Hazard) error {
	if before.slice() == after.slice() {
		return nil
	}
	if before.Status != "" {
		if err := inSlice(ctx, tx, o, before.slice(), -1); err != nil {
			return err
		}
	}
	return inSlice(ctx, tx, o, after.slice(), 1)
}

func inSlice(ctx context.Context, tx *ent.Tx, o Owner, s slice, n int) error {
	err := tx.BreakdownFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).
		SetCategory(s.Category).SetGrade(s.Grade).SetSource(s.Source).SetStatus(s.Status).SetHazards(n).
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
		SetCategory(after.Category).SetSource(after.Source).SetStatus(after.Status).SetGrade(after.Grade).SetListed(after.Listed).
		SetProven(after.Proven).SetDeadlineOn(after.DeadlineOn).SetNillableCloseHours(hours).SetValidFrom(from).SetValidUntil(rule.Forever()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("begin a hazard's state: %w", err)
	}
	return onDay(ctx, tx, c.Owner, clock.DateOf(from, c.Zone), d)
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

func onDay(ctx context.Context, tx *ent.Tx, o Owner, day clock.Date, d Counts) error {
	if d == (Counts{}) {
		return nil
	}
	err := tx.DayFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).SetDay(day).
		SetFound(d.Found).SetVoided(d.Voided).SetClosed(d.Closed).SetClosedProven(d.ClosedProven).SetListed(d.Listed).SetMajorOpen(d.MajorOpen).
		OnConflictColumns(dayfigure.FieldCampaignID, dayfigure.FieldSchoolID, dayfigure.FieldDay).
		Update(func(u *ent.DayFigureUpsert) {
			u.AddFound(d.Found).AddVoided(d.Voided).AddClosed(d.Closed).AddClosedProven(d.ClosedProven).AddListed(d.Listed).AddMajorOpen(d.MajorOpen)
		}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of a day: %w", err)
	}
	return nil
}

// newest is the present state of each hazard, and whether its states follow one
// upon the other without a gap.
type newest struct {
	Hazard
	whole bool
}

// compareStates checks the states against the rows, and the figures of days,
// slices and hours against the states.
func compareStates(ctx context.Context, client *ent.Client) ([]string, error) {
	hazards, err := client.Hazard.Query().WithCampaign().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read hazards: %w", err)
	}
	zones, rows := map[uuid.UUID]*time.Location{}, map[uuid.UUID]newest{}
	for _, h := range hazards {
		rows[h.ID] = newest{Hazard: OfHazard(h), whole: true}
		zones[h.CampaignID] = h.Edges.Campaign.Policy.WithDefaults().Zone()
	}
	states, err := client.HazardState.Query().Order(ent.Asc(hazardstate.FieldHazardID, hazardstate.FieldValidFrom, hazardstate.FieldValidUntil)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read states: %w", err)
	}
	want := folded{days: map[day]Counts{}, slices: map[owned[slice]]int{}, hours: map[owned[int]]int{}}
	found := map[uuid.UUID]newest{}
	var before *ent.HazardState
	for _, s := range states {
		if before != nil && before.HazardID != s.HazardID {
			before = nil
		}
		want.fold(before, s, zones[s.CampaignID])
		n := found[s.HazardID]
		n.whole = before == nil || n.whole && before.ValidUntil.Equal(s.ValidFrom)
		n.Hazard = ofState(s)
		n.ReportedAt = rows[s.HazardID].ReportedAt
		found[s.HazardID], before = n, s
	}
	out := differ("present state of hazard", found, rows)
	got, err := keptOfStates(ctx, client)
	if err != nil {
		return nil, err
	}
	out = append(out, differ("figures of day", got.days, want.days)...)
	out = append(out, differ("hazards by category", got.slices, want.slices)...)
	return append(out, differ("hazards by hours to close", got.hours, want.hours)...), nil
}

type day struct {
	Owner
	Day clock.Date
}

type owned[T comparable] struct {
	Owner
	Of T
}

// folded are the figures that follow from states.
type folded struct {
	days   map[day]Counts
	slices map[owned[slice]]int
	hours  map[owned[int]]int
}

func ofState(s *ent.HazardState) Hazard {
	return Hazard{
		Status: s.Status, Grade: s.Grade, Listed: s.Listed, Proven: s.Proven, DeadlineOn: s.DeadlineOn, Category: s.Category, Source: s.Source,
	}
}

// fold adds what one state changes against the one before it.
func (f folded) fold(before, s *ent.HazardState, zone *time.Location) {
	o := Owner{s.CampaignID, s.SchoolID}
	at := day{o, clock.DateOf(s.ValidFrom, zone)}
	c := f.days[at]
	c.add(ofState(s).counts(), 1)
	if before != nil {
		c.add(ofState(before).counts(), -1)
	}
	f.days[at] = c
	if !s.ValidUntil.Equal(rule.Forever()) {
		return
	}
	f.slices[owned[slice]{o, ofState(s).slice()}]++
	if s.CloseHours != nil {
		f.hours[owned[int]{o, *s.CloseHours}]++
	}
}

func keptOfStates(ctx context.Context, client *ent.Client) (folded, error) {
	out := folded{days: map[day]Counts{}, slices: map[owned[slice]]int{}, hours: map[owned[int]]int{}}
	days, err := client.DayFigure.Query().All(ctx)
	if err != nil {
		return out, fmt.Errorf("read figures of days: %w", err)
	}
	for _, f := range days {
		out.days[day{Owner{f.CampaignID, f.SchoolID}, f.Day}] = Counts{
			Found: f.Found, Voided: f.Voided, Closed: f.Closed, ClosedProven: f.ClosedProven, Listed: f.Listed, MajorOpen: f.MajorOpen,
		}
	}
	breakdown, err := client.BreakdownFigure.Query().All(ctx)
	if err != nil {
		return out, fmt.Errorf("read figures of categories: %w", err)
	}
	for _, f := range breakdown {
		out.slices[owned[slice]{Owner{f.CampaignID, f.SchoolID}, slice{f.Category, f.Grade, f.Source, f.Status}}] = f.Hazards
	}
	hours, err := client.ClosingFigure.Query().All(ctx)
	if err != nil {
		return out, fmt.Errorf("read figures of closing: %w", err)
	}
	for _, f := range hours {
		out.hours[owned[int]{Owner{f.CampaignID, f.SchoolID}, f.Hours}] = f.Hazards
	}
	return out, nil
}
