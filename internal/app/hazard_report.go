package app

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// ReportHazard records a new hazard. It is overdue for reporting, not refused,
// when it was discovered long ago. EVIDENCE_MISSING when it names no photo.
func (a *App) ReportHazard(ctx context.Context, in ReportHazardInput) (*ent.Hazard, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Hazard)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.OptionalID(&bad, "input.gridId", in.GridID, id.Grid)
	command.OptionalID(&bad, "input.reportId", in.ReportID, id.Report)
	command.OptionalID(&bad, "input.findingId", in.FindingID, id.Finding)
	command.OptionalID(&bad, "input.failedControlId", in.FailedControlID, id.RiskControl)
	command.RequiredText(&bad, "input.description", in.Description)
	command.RequiredText(&bad, "input.category", in.Category)
	if in.GridID == nil {
		command.RequiredText(&bad, "input.place", command.TextOf(in.Place))
	} else {
		command.OptionalText(&bad, "input.place", in.Place)
	}
	command.NotInFuture(&bad, "input.discoveredAt", &in.DiscoveredAt, a.clock.Now())
	command.NotInFuture(&bad, "input.queuedAt", in.QueuedAt, a.clock.Now())
	return command.Run(ctx, a.commands, command.Spec[*hazardReport, *ent.Hazard]{
		Action: authz.ReportHazard, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*hazardReport, error) { return a.loadReported(ctx, tx, in) },
		May: func(ctx context.Context, tx *command.Tx, r *hazardReport) (authz.Facts, error) {
			return r.facts(ctx, tx)
		},
		Denied: func(ctx context.Context, r *hazardReport, f authz.Facts) {
			a.logAttempt(ctx, authz.ReportHazard, r.campaign, f, in.ID)
		},
		Decide: func(ctx context.Context, tx *command.Tx, r *hazardReport) error { return r.decide(ctx, tx) },
		Write:  func(ctx context.Context, tx *command.Tx, r *hazardReport) error { return r.write(ctx, tx) },
		Answer: func(ctx context.Context) (*ent.Hazard, error) { return a.Hazard(ctx, in.ID) },
	})
}

// hazardReport is a new hazard on its way, with everything that it refers to, each
// read once.
type hazardReport struct {
	app      *App
	in       ReportHazardInput
	files    namedFiles
	school   *ent.School
	campaign *ent.Campaign
	policy   rule.Policy
	grid     *ent.Grid             // nil: none is named
	report   *ent.InspectionReport // nil: none is named
	finding  *ent.Finding          // nil: none is named; with its item
	source   rule.HazardSource

	grading grading
	steps   []rule.StepFacts // with the files
	hazard  *ent.Hazard      // as it is to be
}

func (a *App) loadReported(ctx context.Context, tx *command.Tx, in ReportHazardInput) (*hazardReport, error) {
	r := &hazardReport{app: a, in: in, files: namedFiles{path: "input.evidenceIds", ids: in.EvidenceIDs}}
	var err error
	if r.files.known, err = lockFiles(ctx, tx.Tx, id.UUIDs(in.EvidenceIDs)); err != nil {
		return nil, err
	}
	if r.school, r.campaign, err = command.SchoolInCampaign(ctx, tx, in.SchoolID, in.CampaignID); err != nil {
		return nil, err
	}
	r.policy = command.PolicyOf(r.campaign)
	if r.grid, err = command.GridOfSchool(ctx, tx, "input.gridId", in.GridID, r.school.ID); err != nil {
		return nil, err
	}
	if err := places.FailedControl(ctx, tx.Tx, in.FailedControlID, r.school.ID); err != nil {
		return nil, err
	}
	if err := r.loadVisit(ctx, tx); err != nil {
		return nil, err
	}
	r.source = r.sourceFor(tx.Viewer)
	return r, nil
}

// loadVisit reads the report and the finding that the hazard came from: each is in
// sight and belongs to the school.
func (r *hazardReport) loadVisit(ctx context.Context, tx *command.Tx) error {
	in := r.in
	if in.ReportID != nil {
		row, err := tx.InspectionReport.Get(ctx, in.ReportID.UUID)
		if _, err := command.NotFoundAs(row, err, id.Report); err != nil {
			return command.AtField("input.reportId", id.Report, err)
		}
		if row.SchoolID != r.school.ID {
			return fault.Bad("input.reportId", "other_school", fault.T("该报告属于另一所学校。", "This report belongs to another school."))
		}
		if row.CampaignID != in.CampaignID.UUID {
			return fault.Bad("input.reportId", "other_campaign", fault.T("该报告属于另一活动。", "This report belongs to another campaign."))
		}
		r.report = row
	}
	if in.FindingID != nil {
		f, err := tx.Finding.Query().Where(finding.ID(in.FindingID.UUID)).WithItem().Only(ctx)
		if _, err := command.NotFoundAs(f, err, id.Finding); err != nil {
			return command.AtField("input.findingId", id.Finding, err)
		}
		if f.SchoolID != r.school.ID || in.ReportID != nil && f.ReportID != in.ReportID.UUID {
			return fault.Bad("input.findingId", "other_report", fault.T("该检查结果不属于这所学校或这份报告。", "This finding is not of the school or report named."))
		}
		r.finding = f
	}
	return nil
}

// sourceFor says who found a hazard: the kind of the report it came from, or else
// what the reporter is to the school.
func (r *hazardReport) sourceFor(v authz.Viewer) rule.HazardSource {
	if r.report != nil {
		return rule.HazardSource(r.report.Kind)
	}
	for _, g := range v.Grants {
		if g.Role.OfSchool() && g.SchoolID == r.school.ID {
			return rule.FoundBySchool
		}
	}
	return rule.FoundBySupervision
}

// facts gathers what authz asks about the reporter: of a grid member whether the grid
// is the person's own, of an inspector whether he or she belongs to the school.
func (r *hazardReport) facts(ctx context.Context, tx *command.Tx) (authz.Facts, error) {
	f := command.SchoolAlone(r.school)
	f.Supervision = r.source == rule.FoundBySupervision
	var err error
	if f.Supervision {
		f.OfSchool, err = tx.OfSchool(ctx, tx.Viewer.UserID, r.school.ID, r.policy)
	} else if tx.Viewer.Has(authz.GridMember) {
		f.OwnGrid, err = tx.AnswersFor(ctx, id.UUIDOf(r.in.GridID))
	}
	return f, err
}

func (r *hazardReport) decide(ctx context.Context, tx *command.Tx) error {
	in, today := r.in, r.policy.Today(tx.Now)
	if err := rule.CheckSchoolOpen(r.school.ClosedAt != nil); err != nil {
		return err
	}
	facts := rule.GradingFacts{Category: in.Category, Boarding: r.school.Boarding, Stages: r.school.Stages}
	var err error
	if facts.Signs, err = knownCodes(ctx, tx.Tx, &in.Category, "input.signs", in.Signs); err != nil {
		return err
	}
	if f := r.finding; f != nil {
		facts.Item, facts.Signs = f.Edges.Item.Number, inOrder(append(facts.Signs, f.Signs...))
	}
	if r.grid != nil {
		facts.GridKind = r.grid.Kind
	}
	rules, err := rulesInForce(ctx, tx.Client(), r.school.RegionPath, today)
	if err != nil {
		return err
	}
	r.grading = grading{signs: facts.Signs, hits: rule.Grade(rules, facts)}
	status, err := rule.NextHazardStatus(rule.HazardFacts{}, rule.EventReported, today)
	if err != nil {
		return err
	}
	r.hazard = &ent.Hazard{
		ID: in.ID.UUID, CampaignID: r.campaign.ID, SchoolID: r.school.ID, ReporterID: tx.Viewer.UserID, FindingID: id.UUIDOf(in.FindingID),
		ReportID: id.UUIDOf(in.ReportID), Status: status, Grade: rule.GradeOf(in.Grade, r.grading.hits), Source: r.source, Category: in.Category,
		DeadlineOn: rule.NoDeadline, DiscoveredAt: clock.Truncate(in.DiscoveredAt), ReportedAt: tx.Now,
	}
	return r.named(ctx, tx)
}

// named asks the policy whether the files are enough, and whether they prove the
// report.
func (r *hazardReport) named(ctx context.Context, tx *command.Tx) error {
	step := rule.StepOf(rule.EventReported, r.source)
	if step == "" && len(r.in.EvidenceIDs) == 0 {
		return nil
	}
	if step == "" {
		return noEvidenceAsked()
	}
	facts := rule.StepFacts{Step: step, Actor: tx.Viewer.UserID}
	var err error
	if facts.EvidenceRefs, err = r.files.evidenceRefs(ctx, tx.Tx, r.school.ID); err != nil {
		return err
	}
	r.steps = []rule.StepFacts{facts}
	return rule.Named(r.policy, facts)
}

func (r *hazardReport) write(ctx context.Context, tx *command.Tx) error {
	in, h, now := r.in, r.hazard, tx.Now
	text := command.SearchText(in.Description, command.TextOf(in.Place))
	proven := len(hazardGaps(r.policy, r.steps)) == 0
	err := tx.Hazard.Create().SetID(h.ID).SetCampaignID(h.CampaignID).SetSchoolID(h.SchoolID).SetNillableGridID(id.UUIDOf(in.GridID)).
		SetPlace(command.TextOf(in.Place)).SetNillableReportID(h.ReportID).SetNillableFindingID(h.FindingID).
		SetNillableFailedControlID(id.UUIDOf(in.FailedControlID)).
		SetReporterID(h.ReporterID).SetCategory(in.Category).SetDescription(in.Description).SetSource(h.Source).SetGrade(h.Grade).
		SetSigns(r.grading.signs).SetNillableGradingRuleID(r.grading.first()).SetOversightDueBy(r.policy.OversightDueBy(now)).SetProven(proven).
		SetStatus(h.Status).SetDiscoveredAt(h.DiscoveredAt).SetSearchText(text).SetReportedAt(now).SetCreatedAt(now).SetSequence(1).Exec(ctx)
	if err != nil {
		return err
	}
	if err := command.IndexText(ctx, tx.Tx, id.Hazard, h.ID, text); err != nil {
		return err
	}
	if len(r.steps) > 0 {
		u := use{step: r.steps[0].Step, round: 1, schoolID: h.SchoolID, hazard: &h.ID}
		if err := r.app.link(ctx, tx.Tx, r.files, u); err != nil {
			return err
		}
	}
	if err := r.event(tx).Exec(ctx); err != nil {
		return err
	}
	if err := r.app.lateReport(ctx, tx.Tx, h, in, r.policy); err != nil {
		return err
	}
	if err := r.app.majorFound(ctx, tx.Tx, h, h.Grade); err != nil {
		return err
	}
	after := rollup.OfHazard(h)
	if err := rollup.HazardChanged(ctx, tx.Tx, changeOf(h, in.DiscoveredAt, r.policy), rollup.Hazard{}, after); err != nil || !proven {
		return err
	}
	claimed := after
	after.Proven = true
	return rollup.HazardChanged(ctx, tx.Tx, changeOf(h, now, r.policy), claimed, after)
}

// event is the first one of the hazard's history.
func (r *hazardReport) event(tx *command.Tx) *ent.HazardEventCreate {
	in, h := r.in, r.hazard
	payload := map[string]any{"description": in.Description, "category": in.Category, "grade": string(h.Grade)}
	r.grading.note(payload)
	if in.QueuedAt != nil {
		payload["queuedAt"] = clock.Truncate(*in.QueuedAt)
	}
	return tx.HazardEvent.Create().SetHazardID(h.ID).SetSchoolID(h.SchoolID).SetActorID(h.ReporterID).SetSequence(1).SetKind(rule.EventReported).
		SetHappenedAt(h.DiscoveredAt).SetReceivedAt(tx.Now).SetCreatedAt(tx.Now).SetPayload(payload)
}

func noEvidenceAsked() error {
	return fault.Bad("input.evidenceIds", "not_asked", fault.T("该步骤不需要佐证材料。", "This step takes no evidence."))
}
