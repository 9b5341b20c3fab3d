package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// newCase is a case as a rule raises it: what it is about, and against whom.
type newCase struct {
	kind    rule.CaseKind
	subject string // with the kind it makes the case once
	facts   any
	reasons []rule.CaseReason

	campaignID, schoolID uuid.UUID
	person               *uuid.UUID // nil: the school alone
	hazard, report       *uuid.UUID
	discrepancy          *uuid.UUID
}

// raise writes a case with its facts frozen, when its rule has reasons and the
// case does not exist yet. It writes as the system: that a rule was broken is true
// whoever was at work.
func (a *App) raise(ctx context.Context, tx *ent.Tx, c newCase) error {
	if len(c.reasons) == 0 {
		return nil
	}
	text, sha, err := rule.Frozen(map[string]any{"kind": c.kind, "reasons": c.reasons, "facts": c.facts})
	if err != nil {
		return err
	}
	now := a.clock.Now()
	return tx.AccountabilityCase.Create().SetKind(c.kind).SetSubject(c.subject).SetFacts(text).SetFactsHash(sha).
		SetCampaignID(c.campaignID).SetSchoolID(c.schoolID).SetNillablePersonID(c.person).SetNillableHazardID(c.hazard).
		SetNillableReportID(c.report).SetNillableDiscrepancyID(c.discrepancy).SetRaisedAt(now).SetCreatedAt(now).
		OnConflictColumns(accountabilitycase.FieldKind, accountabilitycase.FieldSubject).Ignore().Exec(authz.AsSystem(ctx))
}

// lateReport raises LATE_REPORT for a hazard that was just reported.
func (a *App) lateReport(ctx context.Context, tx *ent.Tx, h *ent.Hazard, in ReportHazardInput, p rule.Policy) error {
	facts := rule.LateReportFacts{
		HazardID: h.PublicID(), ReporterID: id.Of(id.User, h.ReporterID), DiscoveredAt: h.DiscoveredAt, ReceivedAt: h.ReportedAt,
		WithinHours: p.ReportWithinHours,
	}
	if in.QueuedAt != nil {
		queued := clock.Truncate(*in.QueuedAt)
		facts.QueuedAt = &queued
	}
	return a.raise(ctx, tx, newCase{
		kind: rule.CaseLateReport, subject: h.PublicID().String(), facts: facts, reasons: rule.LateReport(facts),
		campaignID: h.CampaignID, schoolID: h.SchoolID, person: &h.ReporterID, hazard: &h.ID, report: h.ReportID,
	})
}

// raiseDiscrepancies compares a supervision report that was just handed in with
// what the school had said.
func (a *App) raiseDiscrepancies(ctx context.Context, tx *ent.Tx, reportID uuid.UUID) error {
	ctx = authz.AsSystem(ctx)
	visit, err := tx.InspectionReport.Get(ctx, reportID)
	if err != nil || visit.Kind != rule.Supervision {
		return err
	}
	problems, err := tx.Finding.Query().Where(finding.ReportID(visit.ID), finding.ResultEQ(rule.NonCompliant)).Order(finding.ByID()).All(ctx)
	if err != nil || len(problems) == 0 {
		return err
	}
	items := make([]uuid.UUID, len(problems))
	for i, f := range problems {
		items[i] = f.ItemID
	}
	own, err := tx.InspectionReport.Query().
		Where(inspectionreport.CampaignID(visit.CampaignID), inspectionreport.SchoolID(visit.SchoolID), inspectionreport.KindEQ(rule.SelfInspection),
			inspectionreport.StatusEQ(rule.Submitted), inspectionreport.SubmittedAtLT(visit.StartedAt)).All(ctx)
	if err != nil || len(own) == 0 {
		return err
	}
	reports := make([]uuid.UUID, len(own))
	for i, r := range own {
		reports[i] = r.ID
	}
	claims, err := tx.Finding.Query().Where(finding.ReportIDIn(reports...), finding.ItemIDIn(items...)).All(ctx)
	if err != nil {
		return err
	}
	for _, d := range rule.Missed(said(problems, visit), said(claims, own...)) {
		if err := a.raiseDiscrepancy(ctx, tx, visit, d); err != nil {
			return err
		}
	}
	return nil
}

// said joins findings with the reports that they belong to.
func said(findings []*ent.Finding, reports ...*ent.InspectionReport) []rule.Said {
	out := make([]rule.Said, 0, len(findings))
	for _, f := range findings {
		i := slices.IndexFunc(reports, func(r *ent.InspectionReport) bool { return r.ID == f.ReportID })
		if i < 0 || reports[i].SubmittedAt == nil {
			continue
		}
		r := reports[i]
		s := rule.Said{
			FindingID: f.PublicID(), ReportID: r.PublicID(), InspectorID: id.Of(id.User, r.InspectorID), ItemID: id.Of(id.ChecklistItem, f.ItemID),
			GridID: mayID(id.Grid, f.GridID), Result: f.Result, Note: f.Note, RecordedAt: f.RecordedAt.UTC(), StartedAt: r.StartedAt.UTC(),
			SubmittedAt: r.SubmittedAt.UTC(), Proven: r.ProvenAt != nil,
		}
		out = append(out, s)
	}
	return out
}

func mayID(noun id.Noun, u *uuid.UUID) *id.ID {
	if u == nil {
		return nil
	}
	i := id.Of(noun, *u)
	return &i
}

func (a *App) raiseDiscrepancy(ctx context.Context, tx *ent.Tx, visit *ent.InspectionReport, facts rule.DiscrepancyFacts) error {
	text, _, err := rule.Frozen(facts)
	if err != nil {
		return err
	}
	now := a.clock.Now()
	d, err := tx.Discrepancy.Create().SetCampaignID(visit.CampaignID).SetSchoolID(visit.SchoolID).SetItemID(facts.Found.ItemID.UUID).
		SetNillableGridID(uuidOf(facts.Found.GridID)).SetFoundID(facts.Found.FindingID.UUID).SetClaimedID(facts.Claimed.FindingID.UUID).
		SetFacts(text).SetRaisedAt(now).SetCreatedAt(now).Save(ctx)
	if err != nil {
		return err
	}
	major, err := tx.Hazard.Query().
		Where(hazard.FindingID(d.FoundID), hazard.GradeEQ(rule.Major), hazard.StatusNEQ(rule.Voided)).Order(hazard.ByID()).First(ctx)
	if err != nil {
		return ignoreNotFound(err)
	}
	return a.missed(ctx, tx, d, major)
}

// majorFound raises MISSED when a hazard that is or has become MAJOR came of a
// finding with a discrepancy. The report is locked before the discrepancy is
// looked for: if it is being handed in just now, whoever comes second sees what
// the first has written.
func (a *App) majorFound(ctx context.Context, tx *ent.Tx, h *ent.Hazard, grade rule.HazardGrade) error {
	if h.FindingID == nil || grade != rule.Major {
		return nil
	}
	ctx = authz.AsSystem(ctx)
	f, err := tx.Finding.Get(ctx, *h.FindingID)
	if err != nil {
		return err
	}
	if err := lockReport(ctx, tx, f.ReportID); err != nil {
		return err
	}
	d, err := tx.Discrepancy.Query().Where(discrepancy.FoundID(f.ID)).First(ctx)
	if err != nil {
		return ignoreNotFound(err)
	}
	return a.missed(ctx, tx, d, h)
}

// missed marks a discrepancy as MAJOR and raises MISSED against whoever said that
// all was in order.
func (a *App) missed(ctx context.Context, tx *ent.Tx, d *ent.Discrepancy, h *ent.Hazard) error {
	if err := tx.Discrepancy.Update().Where(discrepancy.ID(d.ID)).SetMajor(true).Exec(ctx); err != nil {
		return err
	}
	facts := rule.MissedFacts{DiscrepancyID: d.PublicID(), HazardID: h.PublicID(), Grade: rule.Major}
	if err := json.Unmarshal([]byte(d.Facts), &facts.Discrepancy); err != nil {
		return fmt.Errorf("facts of %s: %w", d.PublicID(), err)
	}
	said := facts.Discrepancy
	return a.raise(ctx, tx, newCase{
		kind: rule.CaseMissed, subject: d.PublicID().String(), facts: facts, reasons: rule.MissedMajor(facts),
		campaignID: d.CampaignID, schoolID: d.SchoolID, person: &said.Claimed.InspectorID.UUID, hazard: &h.ID,
		report: &said.Found.ReportID.UUID, discrepancy: &d.ID,
	})
}

// refusedAttempt is a refusal together with what was attempted. Whoever asked
// hears the refusal alone.
type refusedAttempt struct {
	refusal          error
	campaign, school uuid.UUID
	facts            rule.AttemptFacts
}

// Error implements error.
func (r *refusedAttempt) Error() string { return r.refusal.Error() }

// Unwrap gives the refusal.
func (r *refusedAttempt) Unwrap() error { return r.refusal }

// attempted keeps with a refusal by authz what was attempted, for the log of
// SELF_DEALING. Only these four speak in the team's name or judge work that was
// done: a supervision, a hazard found by supervision, and the two rechecks.
func (a *App) attempted(refusal error, action authz.Action, campaign *ent.Campaign, person uuid.UUID, f authz.Facts, about id.ID) error {
	inspects := (action == authz.StartInspection || action == authz.ReportHazard) && f.Supervision
	rechecks := action == authz.AcceptRectification || action == authz.RejectRectification
	if !fault.Is(refusal, fault.Forbidden) || !inspects && !rechecks || campaign == nil {
		return refusal
	}
	now := a.clock.Now()
	facts := rule.AttemptFacts{
		Action: string(action), PersonID: id.Of(id.User, person), SchoolID: id.Of(id.School, f.SchoolID), Inspects: inspects, Rechecks: rechecks,
		OfSchool: f.OfSchool, Rectifier: f.Rectifier, OnDay: policyOf(campaign).Today(now), At: now,
	}
	if rechecks {
		facts.HazardID = &about
	} else {
		facts.RefusedID = &about
	}
	return &refusedAttempt{refusal: refusal, campaign: campaign.ID, school: f.SchoolID, facts: facts}
}

// logAttempt raises SELF_DEALING for a refusal that calls for it, in a
// transaction of its own, for the refused one has been rolled back. There is one
// case for each person, school and day. The answer stays the refusal, even where
// the case can't be written.
func (a *App) logAttempt(ctx context.Context, err error) error {
	var r *refusedAttempt
	if !errors.As(err, &r) {
		return err
	}
	f := r.facts
	c := newCase{
		kind: rule.CaseSelfDealing, subject: f.PersonID.String() + "/" + f.SchoolID.String() + "/" + string(f.OnDay),
		facts: f, reasons: rule.SelfDealing(f), campaignID: r.campaign, schoolID: r.school, person: &f.PersonID.UUID, hazard: uuidOf(f.HazardID),
	}
	if len(c.reasons) == 0 {
		return r.refusal
	}
	failed := a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error { return a.raise(ctx, tx, c) })
	if failed != nil {
		a.log.Error().Err(failed).Str("action", f.Action).Msg("a refused attempt was not logged as a case")
	}
	return r.refusal
}

// DecideCaseInput confirms or dismisses a case.
type DecideCaseInput struct {
	CommandID       id.ID
	CaseID          id.ID
	ExpectedVersion *int
	Confirm         bool
	Reason          string
}

// AppealCaseInput is a statement about a case.
type AppealCaseInput struct {
	CommandID       id.ID
	CaseID          id.ID
	ExpectedVersion *int
	Statement       string
}

// DecideCase confirms or dismisses a case; never by the person it is held
// against. INVALID_TRANSITION where rule.NextCaseStatus does not allow it.
func (a *App) DecideCase(ctx context.Context, in DecideCaseInput) (*ent.AccountabilityCase, error) {
	event := rule.CaseEventDismissed
	if in.Confirm {
		event = rule.CaseEventConfirmed
	}
	var bad fault.Input
	text(&bad, "input.reason", in.Reason)
	c := caseCommand{authz.DecideCase, in.CommandID, in.CaseID, in.ExpectedVersion, event, in.Reason}
	return a.onCase(ctx, c, in, &bad, func(u *ent.AccountabilityCaseUpdate, was *ent.AccountabilityCase, s rule.CaseStep) {
		u.SetDecidedByID(s.By).SetDecidedAt(s.At).SetDecisionReason(s.Text)
		if was.FirstDecidedAt == nil {
			u.SetFirstDecidedAt(s.At)
		}
	})
}

// AppealCase records a statement of the person a case is held against, or of the
// school's leader. It opens nothing by itself.
func (a *App) AppealCase(ctx context.Context, in AppealCaseInput) (*ent.AccountabilityCase, error) {
	var bad fault.Input
	text(&bad, "input.statement", in.Statement)
	c := caseCommand{authz.AppealCase, in.CommandID, in.CaseID, in.ExpectedVersion, rule.CaseEventAppealed, in.Statement}
	return a.onCase(ctx, c, in, &bad, func(u *ent.AccountabilityCaseUpdate, _ *ent.AccountabilityCase, s rule.CaseStep) {
		u.SetAppealedByID(s.By).SetAppealedAt(s.At).SetAppeal(s.Text)
	})
}

// caseCommand is what both commands on a case carry.
type caseCommand struct {
	action   authz.Action
	command  id.ID
	caseID   id.ID
	expected *int
	event    rule.CaseEvent
	text     string
}

// onCase runs a command on a case and appends it to its history.
func (a *App) onCase(ctx context.Context, cmd caseCommand, in any, bad *fault.Input,
	write func(u *ent.AccountabilityCaseUpdate, was *ent.AccountabilityCase, s rule.CaseStep),
) (*ent.AccountabilityCase, error) {
	must(bad, "input.commandId", cmd.command, id.Command)
	must(bad, "input.caseId", cmd.caseID, id.Case)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, cmd.action, cmd.command, cmd.caseID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		c, err := tx.AccountabilityCase.Get(ctx, cmd.caseID.UUID)
		if _, err := found(c, err, id.Case); err != nil {
			return at("input.caseId", id.Case, err)
		}
		if err := a.mayOnCase(ctx, tx, v, cmd.action, c); err != nil {
			return err
		}
		if err := expect(cmd.expected, c.Version); err != nil {
			return err
		}
		status, err := rule.NextCaseStatus(c.Status, c.Steps, cmd.event)
		if err != nil {
			return err
		}
		step := rule.CaseStep{Event: cmd.event, By: v.UserID, At: a.clock.Now(), Text: cmd.text}
		u := tx.AccountabilityCase.Update().Where(accountabilitycase.ID(c.ID), accountabilitycase.Version(c.Version)).
			SetStatus(status).SetSteps(append(slices.Clone(c.Steps), step)).AddVersion(1)
		write(u, c, step)
		n, err := u.Save(ctx)
		if err != nil || n > 0 {
			return err
		}
		now, err := tx.AccountabilityCase.Get(ctx, c.ID) // somebody else was faster
		if err != nil {
			return err
		}
		return conflict(now.Version)
	})
	if err != nil {
		return nil, err
	}
	return a.Case(ctx, cmd.caseID)
}

// mayOnCase asks authz. The school is read as the system: a person answers for
// what was done at a school that may be out of sight by now.
func (a *App) mayOnCase(ctx context.Context, tx *ent.Tx, v authz.Viewer, action authz.Action, c *ent.AccountabilityCase) error {
	s, err := tx.School.Get(authz.AsSystem(ctx), c.SchoolID)
	if err != nil {
		return err
	}
	campaign, err := tx.Campaign.Get(authz.AsSystem(ctx), c.CampaignID)
	if err != nil {
		return err
	}
	facts := authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath, Held: c.PersonID != nil && *c.PersonID == v.UserID}
	if facts.OfSchool, err = a.ofSchool(ctx, tx, v.UserID, s.ID, policyOf(campaign)); err != nil {
		return err
	}
	return authz.Can(v, action, facts)
}
