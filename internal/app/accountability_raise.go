package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/evidencematch"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

const (
	// casesEvery is how often the clock looks for what is overdue or was never done.
	casesEvery = time.Hour
	// casePage is how many rows the clock reads at once.
	casePage = 200
)

// raiseCases is the background job that raises what no command brings about: a
// deadline or a phase that has passed. It may run any number of times, and several
// at once. Its cost grows with the open overdue hazards and with the schools that
// have no proven self-inspection; a transaction is only opened for a new case.
func (a *App) raiseCases(ctx context.Context) error {
	campaigns, err := a.store.Ent.Campaign.Query().All(ctx)
	if err != nil {
		return store.Fault(err)
	}
	var failed []error
	for _, c := range campaigns { // one that fails does not keep the others waiting
		failed = append(failed, a.raiseOverdue(ctx, c), a.raiseNotCarriedOut(ctx, c))
	}
	return errors.Join(failed...)
}

// raiseOverdue looks at the open hazards of a campaign whose deadline has passed.
func (a *App) raiseOverdue(ctx context.Context, c *ent.Campaign) error {
	today := command.PolicyOf(c).Today(a.clock.Now())
	for _, status := range rule.HazardStatuses() {
		if !status.Open() {
			continue
		}
		var last *ent.Hazard
		for {
			q := a.store.Ent.Hazard.Query().Where(hazard.CampaignID(c.ID), hazard.StatusEQ(status), hazard.DeadlineOnLT(today)).
				Order(hazard.ByReportedAt(), hazard.ByID()).Limit(casePage)
			if last != nil {
				q.Where(behind(hazard.FieldReportedAt, last.ReportedAt, last.ID))
			}
			page, err := q.All(ctx)
			if err != nil {
				return store.Fault(err)
			}
			if err := a.raiseOverdueOf(ctx, c, page); err != nil {
				return err
			}
			if len(page) < casePage {
				break
			}
			last = page[len(page)-1]
		}
	}
	return nil
}

// behind is a keyset: the rows after one in the order of a column and the id.
func behind(column string, value any, row uuid.UUID) func(*sql.Selector) {
	return func(s *sql.Selector) { s.Where(sql.CompositeGT([]string{s.C(column), s.C("id")}, value, row)) }
}

// overdueSubject names a hazard and the deadline that it missed: a new deadline
// may be missed again.
func overdueSubject(h *ent.Hazard) string { return h.PublicID().String() + "/" + string(h.DeadlineOn) }

// raiseOverdueOf raises what has not been raised of a page.
func (a *App) raiseOverdueOf(ctx context.Context, c *ent.Campaign, page []*ent.Hazard) error {
	subjects := make([]string, len(page))
	for i, h := range page {
		subjects[i] = overdueSubject(h)
	}
	var known []string
	err := a.store.Ent.AccountabilityCase.Query().
		Where(accountabilitycase.KindEQ(rule.CaseOverdue), accountabilitycase.SubjectIn(subjects...)).
		Select(accountabilitycase.FieldSubject).Scan(ctx, &known)
	if err != nil {
		return store.Fault(err)
	}
	for _, h := range page {
		if slices.Contains(known, overdueSubject(h)) {
			continue
		}
		err := a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error { return a.overdueCase(ctx, tx, c, h.ID) })
		if err != nil {
			return err
		}
	}
	return nil
}

// overdueCase decides about one hazard under its lock: it may have been rectified,
// closed or given a later deadline since the page was read.
func (a *App) overdueCase(ctx context.Context, tx *ent.Tx, c *ent.Campaign, hazardID uuid.UUID) error {
	h, err := tx.Hazard.Query().Where(hazard.ID(hazardID), store.Locking(ctx, store.Hazards, hazardID)).Only(ctx)
	if err != nil || DeadlineOf(h) == nil {
		return err
	}
	p := command.PolicyOf(c)
	facts := rule.OverdueFacts{
		HazardID: h.PublicID(), Status: h.Status, Grade: h.Grade, ResponsibleID: id.Maybe(id.User, h.ResponsibleID), DeadlineOn: h.DeadlineOn,
		FirstDeadlineOn: h.FirstDeadlineOn, TodayOn: p.Today(a.clock.Now()),
	}
	if h.RectifiedAt != nil {
		on := clock.DateOf(*h.RectifiedAt, p.Zone())
		facts.RectifiedOn = &on
	}
	return a.raise(ctx, tx, newCase{
		kind: rule.CaseOverdue, subject: overdueSubject(h), facts: facts, reasons: rule.StillOverdue(facts),
		campaignID: h.CampaignID, schoolID: h.SchoolID, person: h.ResponsibleID, hazard: &h.ID,
	})
}

// raiseNotCarriedOut looks at the schools of a campaign whose phase of
// self-inspection has ended.
func (a *App) raiseNotCarriedOut(ctx context.Context, c *ent.Campaign) error {
	today := command.PolicyOf(c).Today(a.clock.Now())
	ended, err := a.store.Ent.Phase.Query().
		Where(phase.CampaignID(c.ID), phase.KindEQ(rule.SelfInspection), phase.EndsOnLT(today)).Only(ctx)
	if err != nil {
		return store.Fault(store.IgnoreNotFound(err))
	}
	var last *ent.School
	for {
		q := a.store.Ent.School.Query().Where(
			school.RegionPathGTE(c.RegionPath), school.RegionPathLT(rule.RegionPathEnd(c.RegionPath)), school.ClosedAtIsNil(), unprovenAndUnraised(c.ID)).
			Order(school.ByRegionPath(), school.ByID()).Limit(casePage)
		if last != nil {
			q.Where(behind(school.FieldRegionPath, last.RegionPath, last.ID))
		}
		page, err := q.All(ctx)
		if err != nil {
			return store.Fault(err)
		}
		for _, s := range page {
			err := a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error { return a.notCarriedOutCase(ctx, tx, c, ended, s) })
			if err != nil {
				return err
			}
		}
		if len(page) < casePage {
			return nil
		}
		last = page[len(page)-1]
	}
}

// unprovenAndUnraised keeps the schools without a proven self-inspection in a
// campaign and without a case about it.
func unprovenAndUnraised(campaignID uuid.UUID) func(*sql.Selector) {
	return func(s *sql.Selector) {
		d := sql.Dialect(s.Dialect())
		r, c := sql.Table(inspectionreport.Table), sql.Table(accountabilitycase.Table)
		proven := d.Select(r.C(inspectionreport.FieldSchoolID)).From(r).Where(sql.And(
			sql.EQ(r.C(inspectionreport.FieldCampaignID), campaignID), sql.EQ(r.C(inspectionreport.FieldKind), rule.SelfInspection),
			sql.EQ(r.C(inspectionreport.FieldStatus), rule.Submitted), sql.NotNull(r.C(inspectionreport.FieldProvenAt))))
		raised := d.Select(c.C(accountabilitycase.FieldSchoolID)).From(c).Where(sql.And(
			sql.EQ(c.C(accountabilitycase.FieldCampaignID), campaignID), sql.EQ(c.C(accountabilitycase.FieldKind), rule.CaseNotCarriedOut)))
		s.Where(sql.And(sql.NotIn(s.C(school.FieldID), proven), sql.NotIn(s.C(school.FieldID), raised)))
	}
}

func (a *App) notCarriedOutCase(ctx context.Context, tx *ent.Tx, c *ent.Campaign, p *ent.Phase, s *ent.School) error {
	facts := rule.NotCarriedOutFacts{
		SchoolID: s.PublicID(), PhaseID: p.PublicID(), Kind: p.Kind, EndsOn: p.EndsOn, TodayOn: command.PolicyOf(c).Today(a.clock.Now()),
	}
	reports, err := tx.InspectionReport.Query().
		Where(inspectionreport.CampaignID(c.ID), inspectionreport.SchoolID(s.ID), inspectionreport.KindEQ(p.Kind), inspectionreport.StatusEQ(rule.Submitted)).
		All(ctx)
	if err != nil {
		return err
	}
	for _, r := range reports {
		facts.Claimed++
		if r.ProvenAt != nil {
			facts.Proven++
		}
	}
	return a.raise(ctx, tx, newCase{
		kind: rule.CaseNotCarriedOut, subject: s.PublicID().String() + "/" + p.PublicID().String(), facts: facts, reasons: rule.NotCarriedOut(facts),
		campaignID: c.ID, schoolID: s.ID,
	})
}

// TrustDoubted raises FALSE_REPORT for a file that was just graded, when it has
// doubts and proves work or a visit.
func (a *App) TrustDoubted(ctx context.Context, tx *ent.Tx, e *ent.Evidence, reasons []rule.TrustReason, review rule.ReviewStatus) error {
	if !slices.ContainsFunc(reasons, func(r rule.TrustReason) bool { return r.Weight == rule.Questions }) {
		return nil
	}
	ctx = authz.AsSystem(ctx)
	uses, err := tx.EvidenceUse.Query().Where(evidenceuse.EvidenceID(e.ID)).WithHazard().WithReport().
		Order(evidenceuse.ByCreatedAt(), evidenceuse.ByID()).All(ctx)
	if err != nil {
		return err
	}
	facts := rule.FalseReportFacts{
		EvidenceID: e.PublicID(), UploaderID: id.Of(id.User, e.UploaderID), SchoolID: id.Of(id.School, e.SchoolID), Stage: e.Stage, Sha256: e.Sha256,
		Steps: []rule.EvidenceStep{}, Trust: reasons, Matches: []rule.LikePicture{}, Cleared: review == rule.ReviewCleared,
	}
	c := newCase{kind: rule.CaseFalseReport, subject: e.PublicID().String(), schoolID: e.SchoolID, person: &e.UploaderID}
	for _, u := range uses {
		facts.Steps = append(facts.Steps, u.Step)
		if c.campaignID != uuid.Nil || !rule.ProvesWork(u.Step) {
			continue
		}
		switch {
		case u.Edges.Hazard != nil:
			c.campaignID, c.hazard = u.Edges.Hazard.CampaignID, u.HazardID
		case u.Edges.Report != nil:
			c.campaignID, c.report = u.Edges.Report.CampaignID, u.ReportID
		}
	}
	if c.campaignID == uuid.Nil { // it proves nothing
		return nil
	}
	facts.HazardID, facts.ReportID = id.Maybe(id.Hazard, c.hazard), id.Maybe(id.Report, c.report)
	if facts.Matches, err = likePictures(ctx, tx, e); err != nil {
		return err
	}
	c.facts, c.reasons = facts, rule.FalseReport(facts)
	return a.raise(ctx, tx, c)
}

// likePictures lists the earlier pictures that a file matches, the nearest first:
// those that a step names, and those of other schools. One that was only sent
// twice is no matter.
func likePictures(ctx context.Context, tx *ent.Tx, e *ent.Evidence) ([]rule.LikePicture, error) {
	rows, err := tx.EvidenceMatch.Query().Where(evidencematch.EvidenceID(e.ID)).WithEarlier().
		Order(evidencematch.ByDistance(), evidencematch.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, m := range rows {
		ids[i] = m.EarlierID
	}
	used, err := tx.EvidenceUse.Query().Where(evidenceuse.EvidenceIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, err
	}
	out := []rule.LikePicture{}
	for _, m := range rows {
		o := m.Edges.Earlier
		named := slices.ContainsFunc(used, func(u *ent.EvidenceUse) bool { return u.EvidenceID == o.ID })
		if named || o.SchoolID != e.SchoolID {
			out = append(out, rule.LikePicture{
				EvidenceID: o.PublicID(), SchoolID: id.Of(id.School, o.SchoolID), Stage: o.Stage, Kind: m.Kind, Distance: m.Distance,
			})
		}
	}
	return out, nil
}
