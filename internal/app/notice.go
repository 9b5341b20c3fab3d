package app

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/noticecounter"
	"github.com/cleargrid/cleargrid/ent/noticeevent"
	"github.com/cleargrid/cleargrid/ent/noticeitem"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// NoticeCommand is what every command on an existing notice carries. CommandID
// makes a repeat harmless; ExpectedVersion is the version that the person saw;
// HappenedAt is when it was done, by the actor's account.
type NoticeCommand struct {
	CommandID       id.ID
	NoticeID        id.ID
	ExpectedVersion *int
	HappenedAt      *time.Time
}

// IssueNoticeInput numbers a draft and hands it to the school.
type IssueNoticeInput struct{ NoticeCommand }

// DropNoticeInput gives a draft up.
type DropNoticeInput struct{ NoticeCommand }

// AcknowledgeNoticeInput is the school's signature under a notice.
type AcknowledgeNoticeInput struct {
	NoticeCommand
	Opinion     string
	EvidenceIDs []id.ID
}

// RefuseNoticeInput records that the school did not sign.
type RefuseNoticeInput struct {
	NoticeCommand
	Reason  string
	Witness string
}

// ReplyToNoticeInput is the school's answer: what was done.
type ReplyToNoticeInput struct {
	NoticeCommand
	Reply string
}

// HandInNoticesInput hands a team's notices to the section.
type HandInNoticesInput struct {
	CommandID id.ID
	TeamID    id.ID
	NoticeIDs []id.ID
}

func (c NoticeCommand) check(a *App) *fault.Input {
	bad := &fault.Input{}
	command.RequiredID(bad, "input.commandId", c.CommandID, id.Command)
	command.RequiredID(bad, "input.noticeId", c.NoticeID, id.Notice)
	a.notInFuture(bad, "input.happenedAt", c.HappenedAt)
	return bad
}

// noticeChange is one event at work on one notice, inside a transaction.
type noticeChange struct {
	app    *App
	ctx    context.Context // of the step at work
	tx     *ent.Tx
	viewer authz.Viewer
	notice *ent.Notice // as loaded; the command's writes go to update
	policy rule.Policy
	now    time.Time
	today  clock.Date
	event  rule.NoticeEventKind
	update *ent.NoticeUpdate
	// files are those that the command names, use for what.
	files namedFiles
	use   use
	// payload is the event's record of what the command says.
	payload map[string]any
	// writes are the rows beside the notice's own, written before it.
	writes []write
}

// write adds rows to what the command writes.
func (c *noticeChange) write(rows ...write) { c.writes = append(c.writes, rows...) }

// onNotice runs one command on a notice. decide is what is special to the command:
// it asks the rules, fills update and payload, and names the rows to be written.
func (a *App) onNotice(ctx context.Context, action authz.Action, event rule.NoticeEventKind, cmd NoticeCommand, in any,
	bad *fault.Input, decide func(c *noticeChange) error,
) (*ent.Notice, error) {
	s := a.noticeSpec(action, event, cmd, namedFiles{}, decide)
	s.Input, s.Invalid = in, bad
	return command.Run(ctx, a.commands, s)
}

// noticeSpec is the order of steps of every command on a notice.
func (a *App) noticeSpec(action authz.Action, event rule.NoticeEventKind, cmd NoticeCommand, files namedFiles, decide func(c *noticeChange) error) command.Spec[*noticeChange, *ent.Notice] {
	return command.Spec[*noticeChange, *ent.Notice]{
		Action: action, Key: cmd.CommandID, Subject: cmd.NoticeID,
		Load: func(ctx context.Context, tx *command.Tx) (*noticeChange, error) {
			known, err := lockFiles(ctx, tx.Tx, uuidsOf(files.ids))
			if err != nil {
				return nil, err
			}
			c, err := a.loadNotice(ctx, tx.Tx, tx.Viewer, cmd.NoticeID.UUID, event)
			if err != nil {
				return nil, command.AtField("input.noticeId", id.Notice, err)
			}
			files.known = known
			c.files = files
			return c, nil
		},
		May: func(ctx context.Context, tx *command.Tx, c *noticeChange) (authz.Facts, error) {
			return a.schoolFacts(ctx, tx.Tx, tx.Viewer, c.notice.Edges.School, nil, c.policy)
		},
		Version: func(c *noticeChange) (*int, int) { return cmd.ExpectedVersion, c.notice.Version },
		Decide:  func(_ context.Context, _ *command.Tx, c *noticeChange) error { return c.decide(decide) },
		Write: func(ctx context.Context, _ *command.Tx, c *noticeChange) error {
			c.ctx = ctx
			return c.save(cmd.HappenedAt)
		},
		Answer: func(ctx context.Context) (*ent.Notice, error) { return a.Notice(ctx, cmd.NoticeID) },
	}
}

// loadNotice reads a notice with its campaign and its school. It takes no lock: the
// hazards on it are locked before it, and its own update is on id and version.
func (a *App) loadNotice(ctx context.Context, tx *ent.Tx, v authz.Viewer, key uuid.UUID, event rule.NoticeEventKind) (*noticeChange, error) {
	n, err := tx.Notice.Query().Where(notice.ID(key)).WithCampaign().WithSchool().Only(ctx)
	if _, err := command.NotFoundAs(n, err, id.Notice); err != nil {
		return nil, err
	}
	c := &noticeChange{
		app: a, ctx: ctx, tx: tx, viewer: v, notice: n, policy: policyOf(n.Edges.Campaign), now: a.clock.Now(), event: event,
		payload: map[string]any{},
	}
	c.today = c.policy.Today(c.now)
	return c, nil
}

// decide asks whether the notice's life allows the event, then what is special to
// the command.
func (c *noticeChange) decide(special func(*noticeChange) error) error {
	status, err := rule.NextNoticeStatus(noticeFacts(c.notice), c.event)
	if err != nil {
		return err
	}
	c.update = c.tx.Notice.Update().Where(notice.ID(c.notice.ID), notice.Version(c.notice.Version)).
		SetStatus(status).SetSequence(c.notice.Sequence + 1).AddVersion(1)
	return special(c)
}

// save writes what was decided: the rows beside the notice, the notice on id and
// version, and its event.
func (c *noticeChange) save(happenedAt *time.Time) error {
	for _, w := range c.writes {
		if err := w.Exec(c.ctx); err != nil {
			return err
		}
	}
	if err := c.app.link(c.ctx, c.tx, c.files, c.use); err != nil {
		return err
	}
	n, err := c.update.Save(c.ctx)
	if err := command.Updated(c.ctx, n, err, c.version); err != nil {
		return err
	}
	happened := c.now
	if happenedAt != nil {
		happened = *happenedAt
	}
	if err := c.append(happened); err != nil {
		return err
	}
	if c.event == rule.NoticeEventReplied {
		return c.app.closeNotice(c.ctx, c.tx, c.viewer, c.notice.ID)
	}
	return nil
}

func (c *noticeChange) version(ctx context.Context) (int, error) {
	now, err := c.tx.Notice.Get(ctx, c.notice.ID)
	if err != nil {
		return 0, err
	}
	return now.Version, nil
}

func noticeFacts(n *ent.Notice) rule.NoticeFacts {
	return rule.NoticeFacts{Status: n.Status, Acknowledged: n.AcknowledgedAt != nil, HandedIn: n.HandedInAt != nil}
}

// append adds the event to the notice's history.
func (c *noticeChange) append(happened time.Time) error {
	return c.tx.NoticeEvent.Create().SetNoticeID(c.notice.ID).SetSchoolID(c.notice.SchoolID).SetActorID(c.viewer.UserID).
		SetSequence(c.notice.Sequence + 1).SetKind(c.event).SetHappenedAt(clock.Truncate(happened)).SetReceivedAt(c.now).SetCreatedAt(c.now).
		SetPayload(c.payload).Exec(c.ctx)
}

// DropNotice gives a draft up; its hazards may go on another notice.
func (a *App) DropNotice(ctx context.Context, in DropNoticeInput) (*ent.Notice, error) {
	return a.onNotice(ctx, authz.DropNotice, rule.NoticeEventDropped, in.NoticeCommand, in, in.check(a), func(c *noticeChange) error {
		c.release()
		return nil
	})
}

// release takes the notice's problems out of force.
func (c *noticeChange) release() {
	c.write(c.tx.NoticeItem.Update().Where(noticeitem.NoticeID(c.notice.ID), noticeitem.InForce(true)).SetInForce(false))
}

// IssueNotice gives a draft its number, freezes what it says and binds its
// hazards to its deadline. INVALID_TRANSITION when a hazard on it is due later
// than the notice, or needs no work any more.
func (a *App) IssueNotice(ctx context.Context, in IssueNoticeInput) (*ent.Notice, error) {
	return a.onNotice(ctx, authz.IssueNotice, rule.NoticeEventIssued, in.NoticeCommand, in, in.check(a), func(c *noticeChange) error {
		i := &issue{noticeChange: c}
		if err := i.load(); err != nil {
			return err
		}
		if err := rule.CheckIssue(c.notice.DeadlineOn, c.today, i.facts()); err != nil {
			return err
		}
		c.write(writing(i.write))
		return nil
	})
}

// issue is a draft that is being issued.
type issue struct {
	*noticeChange
	items   []*ent.NoticeItem
	hazards map[uuid.UUID]*ent.Hazard // locked
	// old is the notice that this one supersedes, with the hazards that it bound and
	// this one does not; nil for none.
	old   *noticeChange
	freed []uuid.UUID
}

// load reads the items and locks the hazards of the draft, and those of the notice
// that it supersedes, in the order of ids.
func (i *issue) load() error {
	c := i.noticeChange
	var err error
	if i.items, err = c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(c.notice.ID)).Order(noticeitem.ByPosition()).All(c.ctx); err != nil {
		return err
	}
	keys := make([]uuid.UUID, len(i.items))
	for n, x := range i.items {
		keys[n] = x.HazardID
	}
	if err := i.loadSuperseded(keys); err != nil {
		return err
	}
	rows, err := c.tx.Hazard.Query().Where(hazard.IDIn(keys...), store.Locking(c.ctx, store.Hazards, slices.Concat(keys, i.freed)...)).All(c.ctx)
	if err != nil {
		return err
	}
	i.hazards = make(map[uuid.UUID]*ent.Hazard, len(rows))
	for _, h := range rows {
		i.hazards[h.ID] = h
	}
	for _, key := range keys {
		if i.hazards[key] == nil {
			return fault.Missing(id.Hazard.First())
		}
	}
	return nil
}

func (i *issue) loadSuperseded(keys []uuid.UUID) error {
	c := i.noticeChange
	if c.notice.SupersedesID == nil {
		return nil
	}
	var err error
	if i.old, err = c.app.loadNotice(c.ctx, c.tx, c.viewer, *c.notice.SupersedesID, rule.NoticeEventSuperseded); err != nil {
		return err
	}
	var bound []uuid.UUID
	err = c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(i.old.notice.ID), noticeitem.InForce(true)).Select(noticeitem.FieldHazardID).Scan(c.ctx, &bound)
	if err != nil {
		return err
	}
	i.freed = slices.DeleteFunc(bound, func(u uuid.UUID) bool { return slices.Contains(keys, u) })
	return i.old.decide(func(o *noticeChange) error {
		c.payload["supersedes"], o.payload["supersededById"] = o.notice.NumberText, c.notice.PublicID().String()
		o.update.SetSupersededAt(o.now)
		o.release()
		return nil
	})
}

func (i *issue) facts() []rule.NoticedHazard {
	out := make([]rule.NoticedHazard, len(i.items))
	for n, x := range i.items {
		h := i.hazards[x.HazardID]
		out[n] = rule.NoticedHazard{ID: h.PublicID().String(), Status: h.Status, DeadlineOn: factsOf(h).DeadlineOn}
	}
	return out
}

// write sets the draft's deadline as the limit of its hazards, puts it in the place
// of the notice that it supersedes, and freezes it under its number. The counter is
// the last lock.
func (i *issue) write(ctx context.Context) error {
	c := i.noticeChange
	bound := slices.Collect(maps.Keys(i.hazards))
	if err := c.tx.Hazard.Update().Where(hazard.IDIn(bound...)).AddVersion(1).SetNoticeDeadlineOn(c.notice.DeadlineOn).Exec(ctx); err != nil {
		return err
	}
	if err := i.supersede(ctx); err != nil {
		return err
	}
	if err := c.tx.NoticeItem.Update().Where(noticeitem.NoticeID(c.notice.ID)).SetInForce(true).Exec(ctx); err != nil {
		return err
	}
	year := rule.NoticeYear(c.policy, c.now)
	number, err := nextNumber(ctx, c.tx, c.notice.IssuerID, year, c.now)
	if err != nil {
		return err
	}
	printed := rule.NoticeNumber(c.policy.NoticePrefix, year, number)
	snapshot, err := i.snapshot(printed)
	if err != nil {
		return err
	}
	text, hash, err := snapshot.Freeze()
	if err != nil {
		return err
	}
	c.payload["number"], c.payload["snapshotHash"] = printed, hash
	c.update.SetYear(year).SetNumber(number).SetNumberText(printed).SetSnapshot(text).SetSnapshotHash(hash).
		SetVerifyCode(strings.ToLower(rand.Text())).SetIssuedAt(c.now).SetIssuedByID(c.viewer.UserID)
	return nil
}

// supersede takes the former notice out of force; hazards that are not on the new
// one are free of it.
func (i *issue) supersede(ctx context.Context) error {
	if i.old == nil {
		return nil
	}
	if err := i.tx.Hazard.Update().Where(hazard.IDIn(i.freed...)).AddVersion(1).ClearNoticeDeadlineOn().Exec(ctx); err != nil {
		return err
	}
	i.old.ctx = ctx
	return i.old.save(nil)
}

// nextNumber raises the counter of an issuer and year. Its row stays locked until
// the transaction ends: numbers are given in the order of commits, and one that
// is rolled back takes its number back. Nobody sees the counter, so it is raised
// as the system.
func nextNumber(ctx context.Context, tx *ent.Tx, issuer uuid.UUID, year int, now time.Time) (int, error) {
	sys := authz.AsSystem(ctx)
	of := []predicate.NoticeCounter{noticecounter.IssuerID(issuer), noticecounter.Year(year)}
	n, err := tx.NoticeCounter.Update().Where(of...).AddLast(1).Save(sys)
	if err != nil {
		return 0, err
	}
	if n == 0 { // the first of the year; two at once: the slower one runs again
		return 1, tx.NoticeCounter.Create().SetIssuerID(issuer).SetYear(year).SetLast(1).SetCreatedAt(now).Exec(sys)
	}
	row, err := tx.NoticeCounter.Query().Where(of...).Only(sys)
	if err != nil {
		return 0, err
	}
	return row.Last, nil
}

func (i *issue) snapshot(number string) (rule.NoticeSnapshot, error) {
	c := i.noticeChange
	issuer, err := c.tx.Region.Get(authz.AsSystem(c.ctx), c.notice.IssuerID) // the bureau may lie above what the viewer sees
	if err != nil {
		return rule.NoticeSnapshot{}, err
	}
	campaign, school := c.notice.Edges.Campaign, c.notice.Edges.School
	s := rule.NoticeSnapshot{
		Form: rule.NoticeForm, Number: number, IssuedOn: c.today, IssuedAt: c.now.UTC().Format(time.RFC3339Nano),
		Issuer:       rule.NoticeSnapshotPlace{ID: issuer.PublicID().String(), Code: issuer.Code, Name: issuer.Name},
		Campaign:     rule.NoticeSnapshotPlace{ID: campaign.PublicID().String(), Code: campaign.Code, Name: campaign.Title},
		School:       rule.NoticeSnapshotPlace{ID: school.PublicID().String(), Code: school.Code, Name: school.Name},
		Requirements: c.notice.Requirements, DeadlineOn: c.notice.DeadlineOn,
	}
	if c.notice.TeamID != nil {
		team, err := c.tx.InspectionTeam.Get(c.ctx, *c.notice.TeamID)
		if err != nil {
			return s, err
		}
		s.Team = rule.NoticeSnapshotPlace{ID: team.PublicID().String(), Name: team.Name}
	}
	if c.notice.ReportID != nil {
		s.Report = id.Of(id.Report, *c.notice.ReportID).String()
	}
	if i.old != nil {
		s.Supersedes = i.old.notice.NumberText
	}
	for _, x := range i.items {
		h := i.hazards[x.HazardID]
		s.Problems = append(s.Problems, rule.NoticeSnapshotIssue{
			Position: x.Position, Hazard: h.PublicID().String(), Category: h.Category, Grade: h.Grade,
			Problem: x.Problem, Place: x.Place, Basis: x.Basis, Requirement: x.Requirement, DeadlineOn: factsOf(h).DeadlineOn,
		})
	}
	return s, nil
}

// AcknowledgeNotice is the signature of the school's head, with the school's
// opinion (plan: 与其校领导交换意见). EVIDENCE_MISSING without a picture of it.
func (a *App) AcknowledgeNotice(ctx context.Context, in AcknowledgeNoticeInput) (*ent.Notice, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.opinion", in.Opinion)
	files := namedFiles{path: "input.evidenceIds", ids: in.EvidenceIDs}
	spec := a.noticeSpec(authz.AcknowledgeNotice, rule.NoticeEventAcknowledged, in.NoticeCommand, files, func(c *noticeChange) error {
		pieces, err := c.signatures(c.notice.Sequence + 1)
		if err != nil {
			return err
		}
		if err := rule.Named(c.policy, rule.StepFacts{Step: rule.StepAcknowledgement, Actor: c.viewer.UserID, Pieces: pieces}); err != nil {
			return err
		}
		c.payload["opinion"] = in.Opinion
		c.update.SetOpinion(in.Opinion).SetAcknowledgedAt(c.now).SetAcknowledgedByID(c.viewer.UserID)
		return nil
	})
	spec.Input, spec.Invalid = in, bad
	return command.Run(ctx, a.commands, spec)
}

// signatures checks the pictures that the command names as those of the signature.
func (c *noticeChange) signatures(round int) ([]rule.Piece, error) {
	c.use = use{step: rule.StepAcknowledgement, round: round, schoolID: c.notice.SchoolID, notice: &c.notice.ID}
	return c.files.pieces(c.ctx, c.tx, c.notice.SchoolID)
}

// supplementNotice adds pictures of the signature to a notice that was
// acknowledged: it replaces one that was rejected, whatever has become of the
// notice since. INVALID_TRANSITION when the school did not sign. The school's head
// and safety officer may.
func (a *App) supplementNotice(ctx context.Context, in SupplementEvidenceInput, bad *fault.Input) (*ent.Notice, error) {
	cmd := NoticeCommand{CommandID: in.CommandID, NoticeID: in.SubjectID}
	files := namedFiles{path: "input.evidenceIds", ids: in.EvidenceIDs}
	spec := a.noticeSpec(authz.SupplementEvidence, rule.NoticeEventEvidenceAdded, cmd, files, func(c *noticeChange) error {
		signed, err := c.tx.NoticeEvent.Query().Where(noticeevent.NoticeID(c.notice.ID), noticeevent.KindEQ(rule.NoticeEventAcknowledged)).Only(c.ctx)
		if err != nil {
			return err
		}
		c.payload["step"], c.payload["round"], c.payload["evidenceIds"] = string(rule.StepAcknowledgement), signed.Sequence, in.EvidenceIDs
		_, err = c.signatures(signed.Sequence)
		return err
	})
	spec.Input, spec.Invalid = in, bad
	load := spec.Load
	spec.Load = func(ctx context.Context, tx *command.Tx) (*noticeChange, error) {
		c, err := load(ctx, tx)
		return c, command.AtField("input.subjectId", id.Notice, err)
	}
	spec.May = func(_ context.Context, tx *command.Tx, c *noticeChange) (authz.Facts, error) {
		n := c.notice
		f := ofSchoolAlone(n.Edges.School)
		f.Owner = n.AcknowledgedByID != nil && *n.AcknowledgedByID == tx.Viewer.UserID
		return f, nil
	}
	return command.Run(ctx, a.commands, spec)
}

// RefuseNotice records that the school did not sign: by the team, with the reason
// and a witness.
func (a *App) RefuseNotice(ctx context.Context, in RefuseNoticeInput) (*ent.Notice, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.RequiredText(bad, "input.witness", in.Witness)
	return a.onNotice(ctx, authz.RefuseNotice, rule.NoticeEventRefused, in.NoticeCommand, in, bad, func(c *noticeChange) error {
		c.payload["reason"], c.payload["witness"] = in.Reason, in.Witness
		c.update.SetRefusalReason(in.Reason).SetWitness(in.Witness)
		return nil
	})
}

// ReplyToNotice is the school's answer: what was done. A notice whose hazards are
// all closed by then is closed with it.
func (a *App) ReplyToNotice(ctx context.Context, in ReplyToNoticeInput) (*ent.Notice, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reply", in.Reply)
	return a.onNotice(ctx, authz.ReplyToNotice, rule.NoticeEventReplied, in.NoticeCommand, in, bad, func(c *noticeChange) error {
		c.payload["reply"] = in.Reply
		c.update.SetReply(in.Reply).SetRepliedAt(c.now).SetRepliedByID(c.viewer.UserID)
		return nil
	})
}

// closeNotice closes a notice that was replied to once every hazard on it is
// CLOSED or VOIDED. It follows by itself, so it asks nobody's permission. The
// notice is locked before its hazards are read: the last of several rechecks
// sees all the others.
func (a *App) closeNotice(ctx context.Context, tx *ent.Tx, v authz.Viewer, key uuid.UUID) error {
	sys := authz.AsSystem(ctx)
	if err := store.Lock(sys, tx, store.Notices, key); err != nil {
		return err
	}
	c, err := a.loadNotice(sys, tx, v, key, rule.NoticeEventClosed)
	if err != nil {
		return err
	}
	if _, err := rule.NextNoticeStatus(noticeFacts(c.notice), rule.NoticeEventClosed); err != nil {
		return nil //nolint:nilerr // not replied to yet: the reply asks again
	}
	var keys []uuid.UUID
	if err := tx.NoticeItem.Query().Where(noticeitem.NoticeID(key)).Select(noticeitem.FieldHazardID).Scan(sys, &keys); err != nil {
		return err
	}
	open, err := tx.Hazard.Query().Where(hazard.IDIn(keys...), hazard.StatusIn(rule.Reported, rule.Rectifying, rule.Rectified)).Exist(sys)
	if err != nil || open {
		return err
	}
	err = c.decide(func(c *noticeChange) error {
		c.update.SetClosedAt(c.now).SetClosedByID(v.UserID)
		return nil
	})
	if err != nil {
		return err
	}
	return c.save(nil)
}

// closeNoticeOf closes the notice that names a hazard, when this was its last
// open one.
func (c *hazardChange) closeNoticeOf() error {
	x, err := c.itemInForce()
	if err != nil || x == nil {
		return err
	}
	return c.app.closeNotice(c.ctx, c.tx.Tx, c.viewer, x.NoticeID)
}

// itemInForce is the hazard's problem on a notice in force; nil without one. It
// asks as the system: a draft binds a hazard also when the viewer can't see it.
func (c *hazardChange) itemInForce() (*ent.NoticeItem, error) {
	x, err := c.tx.NoticeItem.Query().Where(noticeitem.HazardID(c.hazard.ID), noticeitem.InForce(true)).WithNotice().Only(authz.AsSystem(c.ctx))
	if ent.IsNotFound(err) {
		return nil, nil //nolint:nilnil // most hazards are on no notice
	}
	return x, err
}

// leaveClosedNotice frees a hazard that is opened again from a notice that is
// done: it may go on a new one. A notice that still runs binds it on.
func (c *hazardChange) leaveClosedNotice(newDeadline clock.Date) error {
	x, err := c.itemInForce()
	if err != nil {
		return err
	}
	if x != nil && x.Edges.Notice.Status == rule.NoticeClosed {
		c.update.ClearNoticeDeadlineOn()
		c.write(writing(func(ctx context.Context) error {
			return c.tx.NoticeItem.UpdateOneID(x.ID).SetInForce(false).Exec(authz.AsSystem(ctx)) // it binds also where the viewer can't see it
		}))
		return nil
	}
	return rule.CheckNoticeDeadline("input.newDeadlineOn", newDeadline, c.hazard.NoticeDeadlineOn)
}

// HandInNotices hands a team's notices to the section (plan: 于4月30日前向法规安全科反馈):
// by the team's contact or leader, each notice once. Late ones are taken and
// marked.
func (a *App) HandInNotices(ctx context.Context, in HandInNoticesInput) ([]*ent.Notice, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.teamId", in.TeamID, id.Team)
	if n := len(in.NoticeIDs); n < 1 || n > MaxPage {
		bad.Add("input.noticeIds", "count", fault.Tf("一次报送 1 至 %d 份通知书。", "Hand in 1 to %d notices at a time.", MaxPage))
	}
	for i, n := range in.NoticeIDs {
		command.RequiredID(&bad, command.Index("input.noticeIds", i), n, id.Notice)
		if slices.Contains(in.NoticeIDs[:i], n) {
			bad.Add(command.Index("input.noticeIds", i), "repeated", fault.T("同一通知书重复。", "The same notice is named twice."))
		}
	}
	return command.Run(ctx, a.commands, command.Spec[*handIn, []*ent.Notice]{
		Action: authz.HandInNotices, Key: in.CommandID, Subject: in.TeamID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*handIn, error) { return a.loadHandIn(ctx, tx, in) },
		May: func(_ context.Context, _ *command.Tx, h *handIn) (authz.Facts, error) {
			return h.facts(h.notices[0]), nil
		},
		AlsoMay: func(_ context.Context, _ *command.Tx, h *handIn) ([]authz.Facts, error) {
			var out []authz.Facts
			for _, c := range h.notices[1:] {
				out = append(out, h.facts(c))
			}
			return out, nil
		},
		Decide: func(_ context.Context, _ *command.Tx, h *handIn) error { return h.decide() },
		Write: func(ctx context.Context, _ *command.Tx, h *handIn) error {
			for _, c := range h.notices {
				c.ctx = ctx
				if err := c.save(nil); err != nil {
					return err
				}
			}
			return nil
		},
		Answer: func(ctx context.Context) ([]*ent.Notice, error) {
			rows, err := a.NoticesByID(ctx, uuidsOf(in.NoticeIDs))
			slices.SortFunc(rows, func(x, y *ent.Notice) int {
				return slices.Index(in.NoticeIDs, x.PublicID()) - slices.Index(in.NoticeIDs, y.PublicID())
			})
			return rows, err
		},
	})
}

// handIn is a team's notices on their way to the section, in the order of ids.
type handIn struct {
	in      HandInNoticesInput
	team    *ent.InspectionTeam
	notices []*noticeChange
	contact map[clock.Date]bool // whether the viewer speaks for the team, by the day in the zone of a campaign
}

func (a *App) loadHandIn(ctx context.Context, tx *command.Tx, in HandInNoticesInput) (*handIn, error) {
	h := &handIn{in: in, contact: map[clock.Date]bool{}}
	var err error
	h.team, err = tx.InspectionTeam.Get(ctx, in.TeamID.UUID)
	if _, err := command.NotFoundAs(h.team, err, id.Team); err != nil {
		return nil, command.AtField("input.teamId", id.Team, err)
	}
	keys := map[uuid.UUID]bool{}
	for _, n := range in.NoticeIDs {
		keys[n.UUID] = true
	}
	for _, key := range sorted(keys) {
		c, err := a.loadNotice(ctx, tx.Tx, tx.Viewer, key, rule.NoticeEventHandedIn)
		if err != nil {
			return nil, command.AtField(h.field(key), id.Notice, err)
		}
		if _, asked := h.contact[c.today]; !asked {
			if h.contact[c.today], err = speaksFor(ctx, tx.Tx, tx.Viewer.UserID, h.team.ID, c.today); err != nil {
				return nil, err
			}
		}
		h.notices = append(h.notices, c)
	}
	return h, nil
}

// field is where the input names a notice.
func (h *handIn) field(key uuid.UUID) string {
	return command.Index("input.noticeIds", slices.Index(h.in.NoticeIDs, id.Of(id.Notice, key)))
}

func (h *handIn) facts(c *noticeChange) authz.Facts {
	f := ofSchoolAlone(c.notice.Edges.School)
	f.Contact = h.contact[c.today]
	return f
}

func (h *handIn) decide() error {
	for _, c := range h.notices {
		if c.notice.TeamID == nil || *c.notice.TeamID != h.team.ID {
			return fault.Bad(h.field(c.notice.ID), "other_team", fault.T("该通知书不是本组下发的。", "This notice was not issued by the team."))
		}
		err := c.decide(func(c *noticeChange) error {
			c.payload["late"] = rule.HandedInLate(c.today, c.notice.Edges.Campaign.EndsOn)
			c.update.SetHandedInAt(c.now).SetHandedInByID(c.viewer.UserID)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// speaksFor reports whether a person is the contact of a team on a day, or leads
// it (plan: 各检查组第一个成员为本组的联系人).
func speaksFor(ctx context.Context, tx *ent.Tx, userID, teamID uuid.UUID, today clock.Date) (bool, error) {
	return tx.TeamMember.Query().Where(teammember.TeamID(teamID), teammember.UserID(userID), teammember.PositionLTE(1),
		teammember.JoinedOnLTE(today), teammember.Or(teammember.LeftOnIsNil(), teammember.LeftOnGTE(today))).Exist(ctx)
}
