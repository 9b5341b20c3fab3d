package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
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
	if v, ok := m.UnderOversight(); ok {
		h.UnderOversight = v
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
		Status: h.Status, Grade: h.Grade, UnderOversight: h.UnderOversight, ExtensionPending: h.ExtensionPending, DowngradePending: h.DowngradePending,
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
		facts.Earlier = append(facts.Earlier, s.EvidenceRefs...)
	}
	if facts.EvidenceRefs, err = c.files.evidenceRefs(c.ctx, c.tx.Tx, c.hazard.SchoolID); err != nil {
		return err
	}
	if c.existing == nil { // files that are added to a step need not be enough
		if err := rule.Named(c.policy, facts); err != nil {
			return err
		}
	}
	c.proven = len(hazardGaps(c.policy, c.proof.with(c).steps(c.hazard))) == 0
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
