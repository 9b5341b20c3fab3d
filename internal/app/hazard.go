package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// DeadlineOf is a hazard's deadline; nil while it has none, and for no hazard.
func DeadlineOf(h *ent.Hazard) *clock.Date {
	if h == nil || h.DeadlineOn == rule.NoDeadline {
		return nil
	}
	return &h.DeadlineOn
}

// hazardChange is one command at work on one hazard, inside its transaction.
type hazardChange struct {
	app    *App
	ctx    context.Context
	tx     *ent.Tx
	viewer authz.Viewer
	hazard *ent.Hazard // as loaded; the command's writes go to update
	policy rule.Policy
	now    time.Time
	today  clock.Date
	event  rule.HazardEventKind
	update *ent.HazardUpdate
	// taken is the step that files are added to; nil for other commands.
	taken *ent.HazardEvent
	// payload is the event's record of what was said.
	payload map[string]any
}

// ReportHazard records a new hazard. It is overdue for reporting, not refused,
// when it was discovered long ago. EVIDENCE_MISSING when it names no photo.
func (a *App) ReportHazard(ctx context.Context, in ReportHazardInput) (*ent.Hazard, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.Hazard)
	must(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	must(&bad, "input.schoolId", in.SchoolID, id.School)
	may(&bad, "input.gridId", in.GridID, id.Grid)
	may(&bad, "input.reportId", in.ReportID, id.Report)
	may(&bad, "input.findingId", in.FindingID, id.Finding)
	may(&bad, "input.failedControlId", in.FailedControlID, id.RiskControl)
	text(&bad, "input.description", in.Description)
	text(&bad, "input.category", in.Category)
	if in.GridID == nil {
		text(&bad, "input.place", deref(in.Place))
	} else {
		mayText(&bad, "input.place", in.Place)
	}
	a.notInFuture(&bad, "input.discoveredAt", &in.DiscoveredAt)
	a.notInFuture(&bad, "input.queuedAt", in.QueuedAt)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.ReportHazard, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.reportHazard(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	return a.Hazard(ctx, in.ID)
}

func (a *App) reportHazard(ctx context.Context, tx *ent.Tx, v authz.Viewer, in ReportHazardInput) error {
	s, c, err := a.schoolInCampaign(ctx, tx, in.SchoolID, in.CampaignID)
	if err != nil {
		return err
	}
	if err := a.hazardReferences(ctx, tx, s, in); err != nil {
		return err
	}
	facts, err := a.schoolFacts(ctx, tx, v, s, uuidOf(in.GridID), policyOf(c))
	if err != nil {
		return err
	}
	source, err := a.sourceOf(ctx, tx, v, s, in)
	if err != nil {
		return err
	}
	facts.Supervision = source == rule.FoundBySupervision
	if err := authz.Can(v, authz.ReportHazard, facts); err != nil {
		return a.attempted(err, authz.ReportHazard, c, v.UserID, facts, in.ID)
	}
	now, policy := a.clock.Now(), policyOf(c)
	graded, err := gradeReport(ctx, tx, s, in, policy.Today(now))
	if err != nil {
		return err
	}
	grade := rule.GradeOf(in.Grade, graded.hits)
	status, err := rule.NextHazardStatus(rule.HazardFacts{}, rule.EventReported, policy.Today(now))
	if err != nil {
		return err
	}
	h, err := tx.Hazard.Create().SetID(in.ID.UUID).SetCampaignID(c.ID).SetSchoolID(s.ID).SetNillableGridID(uuidOf(in.GridID)).
		SetPlace(deref(in.Place)).SetNillableReportID(uuidOf(in.ReportID)).SetNillableFindingID(uuidOf(in.FindingID)).
		SetNillableFailedControlID(uuidOf(in.FailedControlID)).
		SetReporterID(v.UserID).SetCategory(in.Category).SetDescription(in.Description).SetSource(source).SetGrade(grade).
		SetSigns(graded.signs).SetNillableGradingRuleID(graded.first()).SetListBy(policy.ListBy(now)).
		SetStatus(status).SetDiscoveredAt(clock.Truncate(in.DiscoveredAt)).SetSearchText(SearchText(in.Description, deref(in.Place))).SetReportedAt(now).SetCreatedAt(now).SetSequence(1).Save(ctx)
	if err != nil {
		return err
	}
	if err := indexText(ctx, tx, id.Hazard, h.ID, *h.SearchText); err != nil {
		return err
	}
	change := &hazardChange{
		app: a, ctx: ctx, tx: tx, viewer: v, hazard: h, policy: policy, now: now, event: rule.EventReported,
		payload: map[string]any{"description": in.Description, "category": in.Category, "grade": string(grade)},
	}
	graded.note(change.payload)
	if err := change.evidence(1, in.EvidenceIDs); err != nil {
		return err
	}
	if in.QueuedAt != nil {
		change.payload["queuedAt"] = clock.Truncate(*in.QueuedAt)
	}
	if err := change.append(1, in.DiscoveredAt); err != nil {
		return err
	}
	if err := a.lateReport(ctx, tx, h, in, change.policy); err != nil {
		return err
	}
	if err := a.majorFound(ctx, tx, h, h.Grade); err != nil {
		return err
	}
	if err := rollup.HazardChanged(ctx, tx, changeOf(h, in.DiscoveredAt, policyOf(c)), rollup.Hazard{}, rollup.OfHazard(h)); err != nil {
		return err
	}
	return a.proveHazard(ctx, tx, h.ID)
}

// hazardReferences checks everything that a new hazard names: each is in sight
// and belongs to the school.
func (a *App) hazardReferences(ctx context.Context, tx *ent.Tx, s *ent.School, in ReportHazardInput) error {
	if err := a.gridOfSchool(ctx, tx, "input.gridId", in.GridID, s.ID); err != nil {
		return err
	}
	if err := a.failedControl(ctx, tx, in.FailedControlID, s.ID); err != nil {
		return err
	}
	known, err := tx.CodedValue.Query().Where(codedvalue.Set(HazardCategories), codedvalue.Code(in.Category)).Exist(ctx)
	if err != nil {
		return err
	}
	if !known {
		return fault.Bad("input.category", "unknown", fault.T("没有这种隐患类别。", "There is no such hazard category."))
	}
	if in.ReportID != nil {
		r, err := tx.InspectionReport.Get(ctx, in.ReportID.UUID)
		if _, err := found(r, err, id.Report); err != nil {
			return at("input.reportId", id.Report, err)
		}
		if r.SchoolID != s.ID {
			return fault.Bad("input.reportId", "other_school", fault.T("该报告属于另一所学校。", "This report belongs to another school."))
		}
		if r.CampaignID != in.CampaignID.UUID {
			return fault.Bad("input.reportId", "other_campaign", fault.T("该报告属于另一活动。", "This report belongs to another campaign."))
		}
	}
	if in.FindingID != nil {
		f, err := tx.Finding.Get(ctx, in.FindingID.UUID)
		if _, err := found(f, err, id.Finding); err != nil {
			return at("input.findingId", id.Finding, err)
		}
		if f.SchoolID != s.ID || in.ReportID != nil && f.ReportID != in.ReportID.UUID {
			return fault.Bad("input.findingId", "other_report", fault.T("该检查结果不属于这所学校或这份报告。", "This finding is not of the school or report named."))
		}
	}
	return nil
}

// sourceOf says who found a hazard: the kind of the report it came from, or else
// what the reporter is to the school.
func (a *App) sourceOf(ctx context.Context, tx *ent.Tx, v authz.Viewer, s *ent.School, in ReportHazardInput) (rule.HazardSource, error) {
	if in.ReportID != nil {
		r, err := tx.InspectionReport.Get(ctx, in.ReportID.UUID)
		if err != nil {
			return "", err
		}
		return rule.HazardSource(r.Kind), nil
	}
	for _, g := range v.Grants {
		if g.Role.OfSchool() && g.SchoolID == s.ID {
			return rule.FoundBySchool, nil
		}
	}
	return rule.FoundBySupervision, nil
}

// onHazard runs one command on a hazard: law 4 of the house. apply writes what is
// special to the command.
func (a *App) onHazard(ctx context.Context, action authz.Action, event rule.HazardEventKind, cmd HazardCommand, in any,
	bad *fault.Input, apply func(c *hazardChange) error,
) (*ent.Hazard, error) {
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, action, cmd.CommandID, cmd.HazardID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		c, err := a.loadHazard(ctx, tx, v, cmd, event)
		if err != nil {
			return err
		}
		return c.run(action, cmd, apply)
	})
	if err != nil {
		return nil, err
	}
	return a.Hazard(ctx, cmd.HazardID)
}

func (a *App) loadHazard(ctx context.Context, tx *ent.Tx, v authz.Viewer, cmd HazardCommand, event rule.HazardEventKind) (*hazardChange, error) {
	h, err := tx.Hazard.Query().Where(hazard.ID(cmd.HazardID.UUID)).WithCampaign().WithSchool().Only(ctx)
	if _, err := found(h, err, id.Hazard); err != nil {
		return nil, at("input.hazardId", id.Hazard, err)
	}
	c := &hazardChange{
		app: a, ctx: ctx, tx: tx, viewer: v, hazard: h, policy: policyOf(h.Edges.Campaign), now: a.clock.Now(),
		event: event, payload: map[string]any{},
	}
	c.today = c.policy.Today(c.now)
	if event == rule.EventRectified && h.Status == rule.Reported {
		c.event = rule.EventRectifiedAtOnce
	}
	return c, nil
}

// run is the path of every command: may the viewer, is it still what the viewer
// saw, does the life cycle allow it; then the writes, in one conditional update
// on id and version.
func (c *hazardChange) run(action authz.Action, cmd HazardCommand, apply func(*hazardChange) error) error {
	if err := c.authorize(action); err != nil {
		return err
	}
	if err := expect(cmd.ExpectedVersion, c.hazard.Version); err != nil {
		return err
	}
	status, err := rule.NextHazardStatus(factsOf(c.hazard), c.event, c.today)
	if err != nil {
		return err
	}
	sequence := c.hazard.Sequence + 1
	c.update = c.tx.Hazard.Update().Where(hazard.ID(c.hazard.ID), hazard.Version(c.hazard.Version)).
		SetStatus(status).SetSequence(sequence).AddVersion(1)
	if err := apply(c); err != nil {
		return err
	}
	if err := c.evidence(sequence, cmd.EvidenceIDs); err != nil { // files are locked before the hazard
		return err
	}
	n, err := c.update.Save(c.ctx)
	if err != nil {
		return err
	}
	if n == 0 { // somebody else was faster
		now, err := c.tx.Hazard.Get(c.ctx, c.hazard.ID)
		if err != nil {
			return err
		}
		return conflict(now.Version)
	}
	happened := c.now
	if cmd.HappenedAt != nil {
		happened = *cmd.HappenedAt
	}
	if err := c.append(sequence, happened); err != nil {
		return err
	}
	after, err := c.tx.Hazard.Get(c.ctx, c.hazard.ID)
	if err != nil {
		return err
	}
	before := rollup.OfHazard(c.hazard)
	before.Proven = after.Proven                        // a file's verdict may have come between the reading and the lock; it counted itself
	if !after.Status.Open() && c.hazard.Status.Open() { // notices are locked before figures
		if err := c.closeNoticeOf(); err != nil {
			return err
		}
	}
	if err := rollup.HazardChanged(c.ctx, c.tx, changeOf(c.hazard, happened, c.policy), before, rollup.OfHazard(after)); err != nil {
		return err
	}
	return c.app.proveHazard(c.ctx, c.tx, c.hazard.ID)
}

// changeOf says when and where a hazard changed.
func changeOf(h *ent.Hazard, at time.Time, p rule.Policy) rollup.Change {
	return rollup.Change{Owner: rollup.Owner{CampaignID: h.CampaignID, SchoolID: h.SchoolID}, HazardID: h.ID, At: at, Zone: p.Zone()}
}

func factsOf(h *ent.Hazard) rule.HazardFacts {
	f := rule.HazardFacts{
		Status: h.Status, Grade: h.Grade, Listed: h.Listed, ExtensionPending: h.ExtensionPending, DowngradePending: h.DowngradePending,
	}
	if d := DeadlineOf(h); d != nil {
		f.DeadlineOn = *d
	}
	if h.PlanStatus != nil {
		f.Plan = *h.PlanStatus
	}
	return f
}

// authorize gathers the facts about the viewer and the hazard and asks authz.
func (c *hazardChange) authorize(action authz.Action) error {
	h := c.hazard
	f, err := c.app.schoolFacts(c.ctx, c.tx, c.viewer, h.Edges.School, h.GridID, c.policy)
	if err != nil {
		return err
	}
	f.Major = h.Grade == rule.Major
	f.Supervision = h.Source == rule.FoundBySupervision
	f.Owner = h.ReporterID == c.viewer.UserID
	f.Rectifier = h.RectifierID != nil && *h.RectifierID == c.viewer.UserID
	if f.Requester, err = c.viewerAsked(action); err != nil {
		return err
	}
	if c.taken != nil {
		own, err := c.app.ofSchool(c.ctx, c.tx, c.taken.ActorID, h.SchoolID, c.policy)
		if err != nil {
			return err
		}
		f.Owner, f.Supervision = c.taken.ActorID == c.viewer.UserID, !own
	}
	switch {
	case h.ResponsibleID != nil:
		f.Responsible = *h.ResponsibleID == c.viewer.UserID
	case h.GridID != nil && f.OwnGrid:
		f.Responsible = true
	default: // nobody is named: who answers for the school as a whole
		f.Responsible = holdsIn(c.viewer, h.SchoolID, authz.SchoolSafetyOfficer, authz.SchoolLeader)
	}
	if err := authz.Can(c.viewer, action, f); err != nil {
		return c.app.attempted(err, action, h.Edges.Campaign, c.viewer.UserID, f, h.PublicID())
	}
	return nil
}

func holdsIn(v authz.Viewer, schoolID uuid.UUID, roles ...authz.Role) bool {
	for _, g := range v.Grants {
		for _, r := range roles {
			if g.Role == r && g.SchoolID == schoolID {
				return true
			}
		}
	}
	return false
}

// evidence links the files that the step names and asks the policy whether they
// are enough.
func (c *hazardChange) evidence(round int, ids []id.ID) error {
	step := rule.StepOf(c.event, c.hazard.Source)
	if step == "" && len(ids) == 0 {
		return nil
	}
	if step == "" {
		return fault.Bad("input.evidenceIds", "not_asked", fault.T("该步骤不需要佐证材料。", "This step takes no evidence."))
	}
	earlier, err := hazardSteps(c.ctx, c.tx.Client(), []*ent.Hazard{c.hazard})
	if err != nil {
		return err
	}
	facts := rule.StepFacts{Step: step, Actor: c.viewer.UserID}
	for _, s := range earlier[c.hazard.ID] {
		facts.Earlier = append(facts.Earlier, s.Pieces...)
	}
	facts.Pieces, err = c.app.attach(c.ctx, c.tx, "input.evidenceIds", ids,
		use{step: step, round: round, schoolID: c.hazard.SchoolID, hazard: &c.hazard.ID})
	if err != nil {
		return err
	}
	return rule.Named(c.policy, facts)
}

// append adds the event to the hazard's history.
func (c *hazardChange) append(sequence int, happened time.Time) error {
	return c.tx.HazardEvent.Create().SetHazardID(c.hazard.ID).SetSchoolID(c.hazard.SchoolID).SetActorID(c.viewer.UserID).
		SetSequence(sequence).SetKind(c.event).SetHappenedAt(clock.Truncate(happened)).SetReceivedAt(c.now).SetCreatedAt(c.now).
		SetPayload(c.payload).Exec(c.ctx)
}

// person checks that somebody who is to answer for something belongs to the
// hazard's school today.
func (c *hazardChange) person(path string, user id.ID) error {
	ok, err := c.tx.Membership.Query().Where(membership.UserID(user.UUID), membership.SchoolID(c.hazard.SchoolID),
		membership.ValidFromLTE(c.today), membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(c.today))).
		Exist(authz.AsSystem(c.ctx)) // the school is in sight; a grid member need not see memberships
	if err != nil {
		return err
	}
	if !ok {
		return missingAt(path, id.User)
	}
	return nil
}
