package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
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
	ctx    context.Context // of the step at work
	tx     *command.Tx
	viewer authz.Viewer
	hazard *ent.Hazard // as loaded under its lock; the command's writes go to update
	policy rule.Policy
	now    time.Time
	today  clock.Date
	event  rule.HazardEventKind
	update *ent.HazardUpdate
	// files are those that the command names; use says for what.
	files namedFiles
	use   use
	// proof is what the hazard's proof stands on; nil until a step needs it.
	proof *hazardProof
	// proven is whether the hazard is proven after the command.
	proven bool
	// existing is the step that files are added to; nil for other commands.
	existing *ent.HazardEvent
	// plan and extension are those that wait for a decision; nil until asked for.
	plan      *ent.RectificationPlan
	extension *ent.Extension
	// payload is the event's record of what the command says.
	payload map[string]any
	// writes are the rows beside the hazard's own, in the order of writing.
	writes []command.Row
}

// write adds rows to what the command writes.
func (c *hazardChange) write(rows ...command.Row) { c.writes = append(c.writes, rows...) }

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
	if facts.Pieces, err = r.files.pieces(ctx, tx.Tx, r.school.ID); err != nil {
		return err
	}
	r.steps = []rule.StepFacts{facts}
	return rule.Named(r.policy, facts)
}

func (r *hazardReport) write(ctx context.Context, tx *command.Tx) error {
	in, h, now := r.in, r.hazard, tx.Now
	text := command.SearchText(in.Description, command.TextOf(in.Place))
	proven := len(hazardLacks(r.policy, r.steps)) == 0
	err := tx.Hazard.Create().SetID(h.ID).SetCampaignID(h.CampaignID).SetSchoolID(h.SchoolID).SetNillableGridID(id.UUIDOf(in.GridID)).
		SetPlace(command.TextOf(in.Place)).SetNillableReportID(h.ReportID).SetNillableFindingID(h.FindingID).
		SetNillableFailedControlID(id.UUIDOf(in.FailedControlID)).
		SetReporterID(h.ReporterID).SetCategory(in.Category).SetDescription(in.Description).SetSource(h.Source).SetGrade(h.Grade).
		SetSigns(r.grading.signs).SetNillableGradingRuleID(r.grading.first()).SetListBy(r.policy.ListBy(now)).SetProven(proven).
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

// onHazard runs one command on a hazard. decide is what is special to the command:
// it asks the rules, fills update and payload, and names the rows to be written.
func (a *App) onHazard(ctx context.Context, action authz.Action, event rule.HazardEventKind, cmd HazardCommand, in any,
	bad *fault.Input, decide func(c *hazardChange) error,
) (*ent.Hazard, error) {
	files := namedFiles{path: "input.evidenceIds", ids: cmd.EvidenceIDs}
	s := a.hazardSpec(action, event, cmd, files, decide)
	s.Input, s.Invalid = in, bad
	return command.Run(ctx, a.commands, s)
}

// hazardSpec is the order of steps of every command on a hazard.
func (a *App) hazardSpec(action authz.Action, event rule.HazardEventKind, cmd HazardCommand, files namedFiles, decide func(c *hazardChange) error) command.Spec[*hazardChange, *ent.Hazard] {
	return command.Spec[*hazardChange, *ent.Hazard]{
		Action: action, Key: cmd.CommandID, Subject: cmd.HazardID,
		Load: func(ctx context.Context, tx *command.Tx) (*hazardChange, error) {
			return a.loadHazard(ctx, tx, cmd, event, files)
		},
		May: func(_ context.Context, _ *command.Tx, c *hazardChange) (authz.Facts, error) { return c.facts(action) },
		Denied: func(ctx context.Context, c *hazardChange, f authz.Facts) {
			a.logAttempt(ctx, action, c.hazard.Edges.Campaign, f, cmd.HazardID)
		},
		Version: func(c *hazardChange) (*int, int) { return cmd.ExpectedVersion, c.hazard.Version },
		Decide:  func(_ context.Context, _ *command.Tx, c *hazardChange) error { return c.decide(decide) },
		Write: func(ctx context.Context, _ *command.Tx, c *hazardChange) error {
			c.ctx = ctx
			return c.save(cmd.HappenedAt)
		},
		Answer: func(ctx context.Context) (*ent.Hazard, error) { return a.Hazard(ctx, cmd.HazardID) },
	}
}

// loadHazard locks the files that a command names, then the hazard.
func (a *App) loadHazard(ctx context.Context, tx *command.Tx, cmd HazardCommand, event rule.HazardEventKind, files namedFiles) (*hazardChange, error) {
	var err error
	if files.known, err = lockFiles(ctx, tx.Tx, id.UUIDs(files.ids)); err != nil {
		return nil, err
	}
	key := cmd.HazardID.UUID
	h, err := tx.Hazard.Query().Where(hazard.ID(key), store.Locking(ctx, store.Hazards, key)).WithCampaign().WithSchool().Only(ctx)
	if _, err := command.NotFoundAs(h, err, id.Hazard); err != nil {
		return nil, command.AtField("input.hazardId", id.Hazard, err)
	}
	c := &hazardChange{
		app: a, ctx: ctx, tx: tx, viewer: tx.Viewer, hazard: h, policy: command.PolicyOf(h.Edges.Campaign), now: tx.Now,
		event: event, files: files, payload: map[string]any{},
	}
	c.today = c.policy.Today(c.now)
	if event == rule.EventRectified && h.Status == rule.Reported {
		c.event = rule.EventRectifiedAtOnce
	}
	return c, nil
}

// decide asks whether the life cycle allows the event, then what is special to the
// command, then whether its files are enough.
func (c *hazardChange) decide(special func(*hazardChange) error) error {
	status, err := rule.NextHazardStatus(factsOf(c.hazard), c.event, c.today)
	if err != nil {
		return err
	}
	c.update = c.tx.Hazard.Update().Where(hazard.ID(c.hazard.ID), hazard.Version(c.hazard.Version)).
		SetStatus(status).SetSequence(c.sequence()).AddVersion(1)
	if err := special(c); err != nil {
		return err
	}
	return c.decideEvidence()
}

// sequence is the number of the command's event.
func (c *hazardChange) sequence() int { return c.hazard.Sequence + 1 }

// save writes what was decided: the hazard on id and version, the rows beside it,
// its event, and what follows for a notice and the figures.
func (c *hazardChange) save(happenedAt *time.Time) error {
	if c.proven != c.hazard.Proven {
		c.update.SetProven(c.proven)
	}
	n, err := c.update.Save(c.ctx)
	if err := command.Updated(c.ctx, n, err, c.version); err != nil {
		return err
	}
	for _, w := range c.writes {
		if err := w.Exec(c.ctx); err != nil {
			return err
		}
	}
	if err := c.app.link(c.ctx, c.tx.Tx, c.files, c.use); err != nil {
		return err
	}
	happened := c.now
	if happenedAt != nil {
		happened = *happenedAt
	}
	if err := c.append(happened); err != nil {
		return err
	}
	return c.count(happened)
}

func (c *hazardChange) version(ctx context.Context) (int, error) {
	now, err := c.tx.Hazard.Get(ctx, c.hazard.ID)
	if err != nil {
		return 0, err
	}
	return now.Version, nil
}

// count closes the hazard's notice when it was the last open one on it, and moves
// the figures: by the event when it happened, and by the proof now. Notices are
// locked before figures.
func (c *hazardChange) count(happened time.Time) error {
	before := rollup.OfHazard(c.hazard)
	after := c.after(before)
	if !after.Status.Open() && before.Status.Open() {
		if err := c.closeNoticeOf(); err != nil {
			return err
		}
	}
	if err := rollup.HazardChanged(c.ctx, c.tx.Tx, changeOf(c.hazard, happened, c.policy), before, after); err != nil {
		return err
	}
	if c.proven == before.Proven {
		return nil
	}
	claimed := after
	after.Proven = c.proven
	return rollup.HazardChanged(c.ctx, c.tx.Tx, changeOf(c.hazard, c.now, c.policy), claimed, after)
}

// after is what the figures need to know of the hazard as it was written, but for
// its proof.
func (c *hazardChange) after(h rollup.Hazard) rollup.Hazard {
	m := c.update.Mutation()
	if v, ok := m.Status(); ok {
		h.Status = v
	}
	if v, ok := m.Grade(); ok {
		h.Grade = v
	}
	if v, ok := m.Listed(); ok {
		h.Listed = v
	}
	if v, ok := m.DeadlineOn(); ok {
		h.DeadlineOn = v
	}
	return h
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

// facts gathers what authz asks about the viewer and the hazard.
func (c *hazardChange) facts(action authz.Action) (authz.Facts, error) {
	h := c.hazard
	f, err := c.tx.SchoolFacts(c.ctx, h.Edges.School, h.GridID, c.policy)
	if err != nil {
		return f, err
	}
	f.Major = h.Grade == rule.Major
	f.Supervision = h.Source == rule.FoundBySupervision
	f.Owner = h.ReporterID == c.viewer.UserID
	f.Rectifier = h.RectifierID != nil && *h.RectifierID == c.viewer.UserID
	if f.Requester, err = c.viewerAsked(action); err != nil {
		return f, err
	}
	if c.existing != nil {
		own, err := c.tx.OfSchool(c.ctx, c.existing.ActorID, h.SchoolID, c.policy)
		if err != nil {
			return f, err
		}
		f.Owner, f.Supervision = c.existing.ActorID == c.viewer.UserID, !own
	}
	switch {
	case h.ResponsibleID != nil:
		f.Responsible = *h.ResponsibleID == c.viewer.UserID
	case h.GridID != nil && f.OwnGrid:
		f.Responsible = true
	default: // nobody is named: who answers for the school as a whole
		f.Responsible = holdsIn(c.viewer, h.SchoolID, authz.SchoolSafetyOfficer, authz.SchoolLeader)
	}
	return f, nil
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

// decideEvidence checks the files that the command names, asks the policy whether
// they are enough, and whether the hazard is proven with them. A command that takes
// no step of the evidence policy leaves the proof as it is.
func (c *hazardChange) decideEvidence() error {
	c.proven = c.hazard.Proven
	step := rule.StepOf(c.event, c.hazard.Source)
	if c.existing != nil {
		step = c.use.step
	}
	if step == "" && len(c.files.ids) == 0 {
		return nil
	}
	if step == "" {
		return noEvidenceAsked()
	}
	round := c.sequence()
	if c.existing != nil {
		round = c.existing.Sequence
	}
	c.use = use{step: step, round: round, schoolID: c.hazard.SchoolID, hazard: &c.hazard.ID}
	earlier, err := c.steps()
	if err != nil {
		return err
	}
	facts := rule.StepFacts{Step: step, Actor: c.viewer.UserID}
	for _, s := range earlier {
		facts.Earlier = append(facts.Earlier, s.Pieces...)
	}
	if facts.Pieces, err = c.files.pieces(c.ctx, c.tx.Tx, c.hazard.SchoolID); err != nil {
		return err
	}
	if c.existing == nil { // files that are added to a step need not be enough
		if err := rule.Named(c.policy, facts); err != nil {
			return err
		}
	}
	c.proven = len(hazardLacks(c.policy, c.proof.with(c).steps(c.hazard))) == 0
	return nil
}

// steps are those that the hazard has taken before the command, with their files.
func (c *hazardChange) steps() ([]rule.StepFacts, error) {
	if c.proof == nil {
		p, err := proofOfHazards(c.ctx, c.tx.Client(), c.hazard.ID)
		if err != nil {
			return nil, err
		}
		c.proof = &p
	}
	return c.proof.steps(c.hazard), nil
}

// with is what the proof stands on after a command: with its event and its files.
func (p *hazardProof) with(c *hazardChange) hazardProof {
	out := hazardProof{events: slices.Clone(p.events), uses: slices.Clone(p.uses), files: maps.Clone(p.files)}
	out.events = append(out.events, &ent.HazardEvent{HazardID: c.hazard.ID, ActorID: c.viewer.UserID, Sequence: c.sequence(), Kind: c.event})
	for _, x := range c.files.ids {
		out.uses = append(out.uses, &ent.EvidenceUse{EvidenceID: x.UUID, SchoolID: c.hazard.SchoolID, Step: c.use.step, Round: c.use.round, HazardID: &c.hazard.ID})
	}
	maps.Copy(out.files, c.files.known)
	return out
}

// append adds the event to the hazard's history.
func (c *hazardChange) append(happened time.Time) error {
	return c.tx.HazardEvent.Create().SetHazardID(c.hazard.ID).SetSchoolID(c.hazard.SchoolID).SetActorID(c.viewer.UserID).
		SetSequence(c.sequence()).SetKind(c.event).SetHappenedAt(clock.Truncate(happened)).SetReceivedAt(c.now).SetCreatedAt(c.now).
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
		return command.MissingAt(path, id.User)
	}
	return nil
}
