package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
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
// case does not exist yet. It writes as the system, because whether a rule was
// broken does not depend on what the acting person may see or do.
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

// lockProblems locks the findings of a supervision report that say NON_COMPLIANT and
// reads them, also where the viewer can't see them; none for a self-inspection.
func lockProblems(ctx context.Context, tx *ent.Tx, visit *ent.InspectionReport) ([]*ent.Finding, error) {
	if visit.Kind != rule.Supervision {
		return nil, nil
	}
	ctx = authz.AsSystem(ctx) // that the school said otherwise does not depend on the viewer
	of := []predicate.Finding{finding.ReportID(visit.ID), finding.ResultEQ(rule.NonCompliant)}
	ids, err := tx.Finding.Query().Where(of...).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return tx.Finding.Query().Where(append(of, store.Locking(ctx, store.Findings, ids...))...).All(ctx)
}

// raiseDiscrepancies compares a supervision report that was just handed in with
// what the school had said. Its problems are locked.
func (a *App) raiseDiscrepancies(ctx context.Context, tx *ent.Tx, visit *ent.InspectionReport, problems []*ent.Finding) error {
	if len(problems) == 0 {
		return nil
	}
	ctx = authz.AsSystem(ctx) // that the school said otherwise does not depend on the viewer
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
			GridID: id.Maybe(id.Grid, f.GridID), Result: f.Result, Note: f.Note, RecordedAt: f.RecordedAt.UTC(), StartedAt: r.StartedAt.UTC(),
			SubmittedAt: r.SubmittedAt.UTC(), Proven: r.ProvenAt != nil,
		}
		out = append(out, s)
	}
	return out
}

func (a *App) raiseDiscrepancy(ctx context.Context, tx *ent.Tx, visit *ent.InspectionReport, facts rule.DiscrepancyFacts) error {
	text, _, err := rule.Frozen(facts)
	if err != nil {
		return err
	}
	now := a.clock.Now()
	d, err := tx.Discrepancy.Create().SetCampaignID(visit.CampaignID).SetSchoolID(visit.SchoolID).SetItemID(facts.Found.ItemID.UUID).
		SetNillableGridID(id.UUIDOf(facts.Found.GridID)).SetFoundID(facts.Found.FindingID.UUID).SetClaimedID(facts.Claimed.FindingID.UUID).
		SetFacts(text).SetRaisedAt(now).SetCreatedAt(now).Save(ctx)
	if err != nil {
		return err
	}
	major, err := tx.Hazard.Query().
		Where(hazard.FindingID(d.FoundID), hazard.GradeEQ(rule.Major), hazard.StatusNEQ(rule.Voided)).Order(hazard.ByID()).First(ctx)
	if err != nil {
		return store.IgnoreNotFound(err)
	}
	return a.missed(ctx, tx, d, major)
}

// majorFound raises MISSED when a hazard that is or has become MAJOR came of a
// finding with a discrepancy. The finding is locked before the discrepancy is looked
// for: if its report is being handed in just now, the second of the two transactions
// sees what the first has written.
func (a *App) majorFound(ctx context.Context, tx *ent.Tx, h *ent.Hazard, grade rule.HazardGrade) error {
	if h.FindingID == nil || grade != rule.Major {
		return nil
	}
	ctx = authz.AsSystem(ctx)
	if err := store.Lock(ctx, tx, store.Findings, *h.FindingID); err != nil {
		return err
	}
	d, err := tx.Discrepancy.Query().Where(discrepancy.FoundID(*h.FindingID)).First(ctx)
	if err != nil {
		return store.IgnoreNotFound(err)
	}
	return a.missed(ctx, tx, d, h)
}

// missed marks a discrepancy as MAJOR and raises MISSED against the inspector of
// the school whose report said COMPLIANT.
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

// logAttempt raises SELF_DEALING for a command that authz has denied, when that calls
// for it, in a transaction of its own, for that of the command was rolled back. Only
// four commands speak in the team's name or judge work that was done: a supervision,
// a hazard found by supervision, and the two rechecks. There is one case for each
// person, school and day. A case that can't be written is logged: the answer to the
// person is the denial.
func (a *App) logAttempt(ctx context.Context, action authz.Action, campaign *ent.Campaign, f authz.Facts, about id.ID) {
	inspects := (action == authz.StartInspection || action == authz.ReportHazard) && f.Supervision
	rechecks := action == authz.AcceptRectification || action == authz.RejectRectification
	if !inspects && !rechecks || campaign == nil {
		return
	}
	now, person := a.clock.Now(), id.Of(id.User, authz.FromContext(ctx).UserID)
	facts := rule.AttemptFacts{
		Action: string(action), PersonID: person, SchoolID: id.Of(id.School, f.SchoolID), Inspects: inspects, Rechecks: rechecks,
		OfSchool: f.OfSchool, Rectifier: f.Rectifier, OnDay: command.PolicyOf(campaign).Today(now), At: now,
	}
	if rechecks {
		facts.HazardID = &about
	} else {
		facts.RefusedID = &about
	}
	c := newCase{
		kind: rule.CaseSelfDealing, subject: person.String() + "/" + facts.SchoolID.String() + "/" + string(facts.OnDay),
		facts: facts, reasons: rule.SelfDealing(facts), campaignID: campaign.ID, schoolID: f.SchoolID, person: &person.UUID, hazard: id.UUIDOf(facts.HazardID),
	}
	if len(c.reasons) == 0 {
		return
	}
	err := a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error { return a.raise(ctx, tx, c) })
	if err != nil {
		a.log.Error().Err(err).Str("action", string(action)).Msg("a denied attempt was not logged as a case")
	}
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
	command.RequiredText(&bad, "input.reason", in.Reason)
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
	command.RequiredText(&bad, "input.statement", in.Statement)
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

// caseChange is one command at work on one case.
type caseChange struct {
	row    *ent.AccountabilityCase
	status rule.CaseStatus
}

// onCase runs a command on a case and appends it to its history.
func (a *App) onCase(ctx context.Context, cmd caseCommand, in any, bad *fault.Input,
	write func(u *ent.AccountabilityCaseUpdate, was *ent.AccountabilityCase, s rule.CaseStep),
) (*ent.AccountabilityCase, error) {
	command.RequiredID(bad, "input.commandId", cmd.command, id.Command)
	command.RequiredID(bad, "input.caseId", cmd.caseID, id.Case)
	return command.Run(ctx, a.commands, command.Spec[*caseChange, *ent.AccountabilityCase]{
		Action: cmd.action, Key: cmd.command, Subject: cmd.caseID, Input: in, Invalid: bad,
		Load: func(ctx context.Context, tx *command.Tx) (*caseChange, error) {
			row, err := tx.AccountabilityCase.Get(ctx, cmd.caseID.UUID)
			_, err = command.NotFoundAs(row, err, id.Case)
			return &caseChange{row: row}, command.AtField("input.caseId", id.Case, err)
		},
		May: func(ctx context.Context, tx *command.Tx, c *caseChange) (authz.Facts, error) {
			return a.caseFacts(ctx, tx, c.row)
		},
		Version: func(c *caseChange) (*int, int) { return cmd.expected, c.row.Version },
		Decide: func(_ context.Context, _ *command.Tx, c *caseChange) (err error) {
			c.status, err = rule.NextCaseStatus(c.row.Status, c.row.Steps, cmd.event)
			return err
		},
		Write: func(ctx context.Context, tx *command.Tx, c *caseChange) error {
			row, step := c.row, rule.CaseStep{Event: cmd.event, By: tx.Viewer.UserID, At: tx.Now, Text: cmd.text}
			u := tx.AccountabilityCase.Update().Where(accountabilitycase.ID(row.ID), accountabilitycase.Version(row.Version)).
				SetStatus(c.status).SetSteps(append(slices.Clone(row.Steps), step)).AddVersion(1)
			write(u, row, step)
			n, err := u.Save(ctx)
			return command.Updated(ctx, n, err, func(ctx context.Context) (int, error) {
				now, err := tx.AccountabilityCase.Get(ctx, row.ID)
				if err != nil {
					return 0, err
				}
				return now.Version, nil
			})
		},
		Answer: func(ctx context.Context) (*ent.AccountabilityCase, error) { return a.Case(ctx, cmd.caseID) },
	})
}

// caseFacts gathers what authz asks about a case. The school is read as the system:
// a person answers for what was done at a school that may be out of sight by now.
func (a *App) caseFacts(ctx context.Context, tx *command.Tx, c *ent.AccountabilityCase) (authz.Facts, error) {
	s, err := tx.School.Get(authz.AsSystem(ctx), c.SchoolID)
	if err != nil {
		return authz.Facts{}, err
	}
	campaign, err := tx.Campaign.Get(authz.AsSystem(ctx), c.CampaignID)
	if err != nil {
		return authz.Facts{}, err
	}
	facts := authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath, Held: c.PersonID != nil && *c.PersonID == tx.Viewer.UserID}
	facts.OfSchool, err = tx.OfSchool(ctx, tx.Viewer.UserID, s.ID, command.PolicyOf(campaign))
	return facts, err
}
