// Package rollup keeps the figures: counts per school, in the transaction of the
// event that changes them.
//
// It decides how an event changes the counts and it can rebuild them from the
// rows and compare. It never decides what a figure means to a reader (app,
// dashboard). Adding a difference commutes, so the order of transactions does
// not matter.
package rollup

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/deadlinefigure"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Owner is whose figures change.
type Owner struct{ CampaignID, SchoolID uuid.UUID }

// Hazard is what the counts take from one hazard; the zero value is "no hazard".
type Hazard struct {
	Status         rule.HazardStatus
	Grade          rule.HazardGrade
	UnderOversight bool
	Proven         bool
	DeadlineOn     clock.Date
	// Category, Source and ReportedAt never change.
	Category   string
	Source     rule.HazardSource
	ReportedAt time.Time
}

// Change is when and where a hazard changed.
type Change struct {
	Owner
	HazardID uuid.UUID
	// At is since when the hazard is as it is now, by the account of who changed it.
	At time.Time
	// Zone is the campaign's: it decides on which day At lies.
	Zone *time.Location
}

// Report is what the counts take from one inspection report.
type Report struct {
	Kind            rule.ReportKind
	Claimed, Proven bool
}

// Counts are the figures of a school in a campaign.
type Counts struct {
	Found, Voided, Closed, ClosedProven, UnderOversight, MajorOpen int
	SelfClaimed, SelfProven, SupervisionClaimed, SupervisionProven int
}

// OfHazard takes from a row what the counts need.
func OfHazard(h *ent.Hazard) Hazard {
	return Hazard{
		Status: h.Status, Grade: h.Grade, UnderOversight: h.UnderOversight, Proven: h.Proven, DeadlineOn: h.DeadlineOn,
		Category: h.Category, Source: h.Source, ReportedAt: clock.Truncate(h.ReportedAt), // so that equal instants compare equal
	}
}

// OfReport takes from a row what the counts need.
func OfReport(r *ent.InspectionReport) Report {
	return Report{Kind: r.Kind, Claimed: r.Status == rule.Submitted, Proven: r.ProvenAt != nil}
}

func (h Hazard) counts() Counts {
	if h.Status == "" {
		return Counts{}
	}
	return Counts{
		Found:          1,
		Voided:         one(h.Status == rule.Voided),
		Closed:         one(h.Status == rule.Closed),
		ClosedProven:   one(h.Status == rule.Closed && h.Proven),
		UnderOversight: one(h.UnderOversight),
		MajorOpen:      one(h.Grade == rule.Major && h.Status.Open()),
	}
}

func (r Report) counts() Counts {
	self := r.Kind == rule.SelfInspection
	return Counts{
		SelfClaimed: one(self && r.Claimed), SelfProven: one(self && r.Claimed && r.Proven),
		SupervisionClaimed: one(!self && r.Claimed), SupervisionProven: one(!self && r.Claimed && r.Proven),
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *Counts) add(d Counts, sign int) {
	c.Found += sign * d.Found
	c.Voided += sign * d.Voided
	c.Closed += sign * d.Closed
	c.ClosedProven += sign * d.ClosedProven
	c.UnderOversight += sign * d.UnderOversight
	c.MajorOpen += sign * d.MajorOpen
	c.SelfClaimed += sign * d.SelfClaimed
	c.SelfProven += sign * d.SelfProven
	c.SupervisionClaimed += sign * d.SupervisionClaimed
	c.SupervisionProven += sign * d.SupervisionProven
}

// HazardChanged folds one hazard's change into the figures of its school, those of
// now and those of every instant. The hazard's row must be locked.
func HazardChanged(ctx context.Context, tx *ent.Tx, c Change, before, after Hazard) error {
	if before == after {
		return nil
	}
	var d Counts
	d.add(after.counts(), 1)
	d.add(before.counts(), -1)
	if err := apply(ctx, tx, c.Owner, d); err != nil {
		return err
	}
	if err := deadlineChanged(ctx, tx, c.Owner, before, after); err != nil {
		return err
	}
	if err := breakdownChanged(ctx, tx, c.Owner, before, after); err != nil {
		return err
	}
	return stateChanged(ctx, tx, c, before, after, d)
}

func deadlineChanged(ctx context.Context, tx *ent.Tx, o Owner, before, after Hazard) error {
	if before.Status.Open() && after.Status.Open() && before.DeadlineOn == after.DeadlineOn {
		return nil
	}
	if before.Status.Open() {
		if err := openBy(ctx, tx, o, before.DeadlineOn, -1); err != nil {
			return err
		}
	}
	if after.Status.Open() {
		return openBy(ctx, tx, o, after.DeadlineOn, 1)
	}
	return nil
}

// ReportChanged folds one report's change into the figures of its school.
func ReportChanged(ctx context.Context, tx *ent.Tx, o Owner, before, after Report) error {
	var d Counts
	d.add(after.counts(), 1)
	d.add(before.counts(), -1)
	return apply(ctx, tx, o, d)
}

func apply(ctx context.Context, tx *ent.Tx, o Owner, d Counts) error {
	if d == (Counts{}) {
		return nil
	}
	err := tx.SchoolFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).
		SetFound(d.Found).SetVoided(d.Voided).SetClosed(d.Closed).SetClosedProven(d.ClosedProven).SetUnderOversight(d.UnderOversight).SetMajorOpen(d.MajorOpen).
		SetSelfClaimed(d.SelfClaimed).SetSelfProven(d.SelfProven).SetSupervisionClaimed(d.SupervisionClaimed).SetSupervisionProven(d.SupervisionProven).
		OnConflictColumns(schoolfigure.FieldCampaignID, schoolfigure.FieldSchoolID).
		Update(func(u *ent.SchoolFigureUpsert) {
			u.AddFound(d.Found).AddVoided(d.Voided).AddClosed(d.Closed).AddClosedProven(d.ClosedProven).AddUnderOversight(d.UnderOversight).AddMajorOpen(d.MajorOpen).
				AddSelfClaimed(d.SelfClaimed).AddSelfProven(d.SelfProven).AddSupervisionClaimed(d.SupervisionClaimed).AddSupervisionProven(d.SupervisionProven)
		}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of a school: %w", err)
	}
	return nil
}

func openBy(ctx context.Context, tx *ent.Tx, o Owner, deadline clock.Date, n int) error {
	err := tx.DeadlineFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).SetDeadlineOn(deadline).SetOpen(n).
		OnConflictColumns(deadlinefigure.FieldCampaignID, deadlinefigure.FieldSchoolID, deadlinefigure.FieldDeadlineOn).
		Update(func(u *ent.DeadlineFigureUpsert) { u.AddOpen(n) }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of a deadline: %w", err)
	}
	return nil
}
