package app

import (
	"context"
	"crypto/rand"
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
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
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
	must(bad, "input.commandId", c.CommandID, id.Command)
	must(bad, "input.noticeId", c.NoticeID, id.Notice)
	a.notInFuture(bad, "input.happenedAt", c.HappenedAt)
	return bad
}

// noticeChange is one command at work on one notice, inside its transaction.
type noticeChange struct {
	app    *App
	ctx    context.Context
	tx     *ent.Tx
	viewer authz.Viewer
	notice *ent.Notice // as loaded; the command's writes go to update
	policy rule.Policy
	now    time.Time
	today  clock.Date
	event  rule.NoticeEventKind
	update *ent.NoticeUpdate
	// payload is the event's record of what was said.
	payload map[string]any
}

// onNotice runs one command on a notice: law 4 of the house. apply writes what is
// special to the command.
func (a *App) onNotice(ctx context.Context, action authz.Action, event rule.NoticeEventKind, cmd NoticeCommand, in any,
	bad *fault.Input, apply func(c *noticeChange) error,
) (*ent.Notice, error) {
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, action, cmd.CommandID, cmd.NoticeID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		c, err := a.loadNotice(ctx, tx, v, cmd.NoticeID.UUID, event)
		if err != nil {
			return at("input.noticeId", id.Notice, err)
		}
		facts, err := a.schoolFacts(ctx, tx, v, c.notice.Edges.School, nil, c.policy)
		if err != nil {
			return err
		}
		if err := authz.Can(v, action, facts); err != nil {
			return err
		}
		if err := expect(cmd.ExpectedVersion, c.notice.Version); err != nil {
			return err
		}
		return c.run(cmd.HappenedAt, apply)
	})
	if err != nil {
		return nil, err
	}
	return a.Notice(ctx, cmd.NoticeID)
}

func (a *App) loadNotice(ctx context.Context, tx *ent.Tx, v authz.Viewer, key uuid.UUID, event rule.NoticeEventKind) (*noticeChange, error) {
	n, err := tx.Notice.Query().Where(notice.ID(key)).WithCampaign().WithSchool().Only(ctx)
	if _, err := found(n, err, id.Notice); err != nil {
		return nil, err
	}
	c := &noticeChange{
		app: a, ctx: ctx, tx: tx, viewer: v, notice: n, policy: policyOf(n.Edges.Campaign), now: a.clock.Now(), event: event,
		payload: map[string]any{},
	}
	c.today = c.policy.Today(c.now)
	return c, nil
}

// run is the path of every command on a notice once it is permitted: does its
// life allow it; then the writes, in one conditional update on id and version.
func (c *noticeChange) run(happenedAt *time.Time, apply func(*noticeChange) error) error {
	status, err := rule.NextNoticeStatus(noticeFacts(c.notice), c.event)
	if err != nil {
		return err
	}
	sequence := c.notice.Sequence + 1
	c.update = c.tx.Notice.Update().Where(notice.ID(c.notice.ID), notice.Version(c.notice.Version)).
		SetStatus(status).SetSequence(sequence).AddVersion(1)
	if err := apply(c); err != nil {
		return err
	}
	n, err := c.update.Save(c.ctx)
	if err != nil {
		return err
	}
	if n == 0 { // somebody else was faster
		now, err := c.tx.Notice.Get(c.ctx, c.notice.ID)
		if err != nil {
			return err
		}
		return conflict(now.Version)
	}
	happened := c.now
	if happenedAt != nil {
		happened = *happenedAt
	}
	if err := c.append(sequence, happened); err != nil {
		return err
	}
	if c.event == rule.NoticeEventReplied {
		return c.app.closeNotice(c.ctx, c.tx, c.viewer, c.notice.ID)
	}
	return nil
}

func noticeFacts(n *ent.Notice) rule.NoticeFacts {
	return rule.NoticeFacts{Status: n.Status, Acknowledged: n.AcknowledgedAt != nil, HandedIn: n.HandedInAt != nil}
}

// append adds the event to the notice's history.
func (c *noticeChange) append(sequence int, happened time.Time) error {
	return c.tx.NoticeEvent.Create().SetNoticeID(c.notice.ID).SetSchoolID(c.notice.SchoolID).SetActorID(c.viewer.UserID).
		SetSequence(sequence).SetKind(c.event).SetHappenedAt(clock.Truncate(happened)).SetReceivedAt(c.now).SetCreatedAt(c.now).
		SetPayload(c.payload).Exec(c.ctx)
}

// DropNotice gives a draft up; its hazards may go on another notice.
func (a *App) DropNotice(ctx context.Context, in DropNoticeInput) (*ent.Notice, error) {
	return a.onNotice(ctx, authz.DropNotice, rule.NoticeEventDropped, in.NoticeCommand, in, in.check(a), func(c *noticeChange) error {
		return c.release(c.notice.ID)
	})
}

// release takes a notice's problems out of force.
func (c *noticeChange) release(key uuid.UUID) error {
	return c.tx.NoticeItem.Update().Where(noticeitem.NoticeID(key), noticeitem.InForce(true)).SetInForce(false).Exec(c.ctx)
}

// IssueNotice gives a draft its number, freezes what it says and binds its
// hazards to its deadline. INVALID_TRANSITION when a hazard on it is due later
// than the notice, or needs no work any more. Locks are taken in one order
// everywhere: hazards, notices, the counter of numbers.
func (a *App) IssueNotice(ctx context.Context, in IssueNoticeInput) (*ent.Notice, error) {
	return a.onNotice(ctx, authz.IssueNotice, rule.NoticeEventIssued, in.NoticeCommand, in, in.check(a), func(c *noticeChange) error {
		return c.issue()
	})
}

func (c *noticeChange) issue() error {
	items, err := c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(c.notice.ID)).Order(noticeitem.ByPosition()).All(c.ctx)
	if err != nil {
		return err
	}
	hazards, err := c.bind(items)
	if err != nil {
		return err
	}
	replaced, err := c.supersede()
	if err != nil {
		return err
	}
	if err := c.tx.NoticeItem.Update().Where(noticeitem.NoticeID(c.notice.ID)).SetInForce(true).Exec(c.ctx); err != nil {
		return err
	}
	year := rule.NoticeYear(c.policy, c.now)
	number, err := nextNumber(c.ctx, c.tx, c.notice.IssuerID, year, c.now)
	if err != nil {
		return err
	}
	printed := rule.NoticeNumber(c.policy.NoticePrefix, year, number)
	snapshot, err := c.snapshot(printed, items, hazards, replaced)
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

// bind locks the hazards of a draft, asks whether it may be issued, and sets its
// deadline as their limit.
func (c *noticeChange) bind(items []*ent.NoticeItem) (map[uuid.UUID]*ent.Hazard, error) {
	keys := make([]uuid.UUID, len(items))
	for i, x := range items {
		keys[i] = x.HazardID
	}
	of := c.tx.Hazard.Update().Where(hazard.IDIn(keys...))
	if err := of.AddVersion(1).SetNoticeDeadlineOn(c.notice.DeadlineOn).Exec(c.ctx); err != nil {
		return nil, err
	}
	rows, err := c.tx.Hazard.Query().Where(hazard.IDIn(keys...)).All(c.ctx)
	if err != nil {
		return nil, err
	}
	hazards := make(map[uuid.UUID]*ent.Hazard, len(rows))
	for _, h := range rows {
		hazards[h.ID] = h
	}
	facts := make([]rule.NoticedHazard, len(items))
	for i, x := range items {
		h := hazards[x.HazardID]
		if h == nil {
			return nil, fault.Missing(string(id.Hazard))
		}
		facts[i] = rule.NoticedHazard{ID: h.PublicID().String(), Status: h.Status, DeadlineOn: factsOf(h).DeadlineOn}
	}
	return hazards, rule.CheckIssue(c.notice.DeadlineOn, c.today, facts)
}

// supersede puts the notice at hand in the place of the one that it names, if
// any: what the former one said is out of force, and hazards that are not on the
// new one are free of it.
func (c *noticeChange) supersede() (*ent.Notice, error) {
	if c.notice.SupersedesID == nil {
		return nil, nil //nolint:nilnil // most notices replace none
	}
	old, err := c.app.loadNotice(c.ctx, c.tx, c.viewer, *c.notice.SupersedesID, rule.NoticeEventSuperseded)
	if err != nil {
		return nil, err
	}
	var left []uuid.UUID
	err = c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(old.notice.ID), noticeitem.InForce(true)).Select(noticeitem.FieldHazardID).Scan(c.ctx, &left)
	if err != nil {
		return nil, err
	}
	var kept []uuid.UUID
	err = c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(c.notice.ID)).Select(noticeitem.FieldHazardID).Scan(c.ctx, &kept)
	if err != nil {
		return nil, err
	}
	left = slices.DeleteFunc(left, func(u uuid.UUID) bool { return slices.Contains(kept, u) })
	if err := c.tx.Hazard.Update().Where(hazard.IDIn(left...)).AddVersion(1).ClearNoticeDeadlineOn().Exec(c.ctx); err != nil {
		return nil, err
	}
	c.payload["supersedes"], old.payload["supersededById"] = old.notice.NumberText, c.notice.PublicID().String()
	return old.notice, old.run(nil, func(o *noticeChange) error {
		o.update.SetSupersededAt(o.now)
		return o.release(o.notice.ID)
	})
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

func (c *noticeChange) snapshot(number string, items []*ent.NoticeItem, hazards map[uuid.UUID]*ent.Hazard, replaced *ent.Notice) (rule.NoticeSnapshot, error) {
	issuer, err := c.tx.Region.Get(authz.AsSystem(c.ctx), c.notice.IssuerID)
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
	if replaced != nil {
		s.Supersedes = replaced.NumberText
	}
	for _, x := range items {
		h := hazards[x.HazardID]
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
	text(bad, "input.opinion", in.Opinion)
	return a.onNotice(ctx, authz.AcknowledgeNotice, rule.NoticeEventAcknowledged, in.NoticeCommand, in, bad, func(c *noticeChange) error {
		pieces, err := a.attach(c.ctx, c.tx, "input.evidenceIds", in.EvidenceIDs, use{
			step: rule.StepAcknowledgement, round: c.notice.Sequence + 1, schoolID: c.notice.SchoolID, notice: &c.notice.ID,
		})
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
}

// supplementNotice adds pictures of the signature to a notice that was
// acknowledged: it replaces one that was rejected, whatever has become of the
// notice since. INVALID_TRANSITION when the school did not sign. The school's head
// and safety officer may.
func (a *App) supplementNotice(ctx context.Context, tx *ent.Tx, v authz.Viewer, in SupplementEvidenceInput) error {
	c, err := a.loadNotice(ctx, tx, v, in.SubjectID.UUID, rule.NoticeEventEvidenceAdded)
	if err != nil {
		return at("input.subjectId", id.Notice, err)
	}
	n := c.notice
	facts := authz.Facts{SchoolID: n.SchoolID, RegionPath: n.Edges.School.RegionPath, Owner: n.AcknowledgedByID != nil && *n.AcknowledgedByID == v.UserID}
	if err := authz.Can(v, authz.SupplementEvidence, facts); err != nil {
		return err
	}
	return c.run(nil, func(c *noticeChange) error {
		signed, err := tx.NoticeEvent.Query().Where(noticeevent.NoticeID(n.ID), noticeevent.KindEQ(rule.NoticeEventAcknowledged)).Only(ctx)
		if err != nil {
			return err
		}
		c.payload["step"], c.payload["round"], c.payload["evidenceIds"] = string(rule.StepAcknowledgement), signed.Sequence, in.EvidenceIDs
		_, err = a.attach(ctx, tx, "input.evidenceIds", in.EvidenceIDs,
			use{step: rule.StepAcknowledgement, round: signed.Sequence, schoolID: n.SchoolID, notice: &n.ID})
		return err
	})
}

// RefuseNotice records that the school did not sign: by the team, with the reason
// and a witness.
func (a *App) RefuseNotice(ctx context.Context, in RefuseNoticeInput) (*ent.Notice, error) {
	bad := in.check(a)
	text(bad, "input.reason", in.Reason)
	text(bad, "input.witness", in.Witness)
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
	text(bad, "input.reply", in.Reply)
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
	if err := tx.Notice.Update().Where(notice.ID(key)).AddSequence(0).Exec(sys); err != nil { // a write that changes nothing takes the lock
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
	return c.run(nil, func(c *noticeChange) error {
		c.update.SetClosedAt(c.now).SetClosedByID(v.UserID)
		return nil
	})
}

// closeNoticeOf closes the notice that names a hazard, when this was its last
// open one.
func (c *hazardChange) closeNoticeOf() error {
	x, err := c.itemInForce()
	if err != nil || x == nil {
		return err
	}
	return c.app.closeNotice(c.ctx, c.tx, c.viewer, x.NoticeID)
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
		return c.tx.NoticeItem.UpdateOneID(x.ID).SetInForce(false).Exec(authz.AsSystem(c.ctx))
	}
	return rule.CheckNoticeDeadline("input.newDeadlineOn", newDeadline, c.hazard.NoticeDeadlineOn)
}

// HandInNotices hands a team's notices to the section (plan: 于4月30日前向法规安全科反馈):
// by the team's contact or leader, each notice once. Late ones are taken and
// marked.
func (a *App) HandInNotices(ctx context.Context, in HandInNoticesInput) ([]*ent.Notice, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.teamId", in.TeamID, id.Team)
	if n := len(in.NoticeIDs); n < 1 || n > MaxPage {
		bad.Add("input.noticeIds", "count", fault.Tf("一次报送 1 至 %d 份通知书。", "Hand in 1 to %d notices at a time.", MaxPage))
	}
	for i, n := range in.NoticeIDs {
		must(&bad, index("input.noticeIds", i), n, id.Notice)
		if slices.Contains(in.NoticeIDs[:i], n) {
			bad.Add(index("input.noticeIds", i), "repeated", fault.T("同一通知书重复。", "The same notice is named twice."))
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.HandInNotices, in.CommandID, in.TeamID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.handIn(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	rows, err := a.NoticesByID(ctx, uuidsOf(in.NoticeIDs))
	slices.SortFunc(rows, func(x, y *ent.Notice) int {
		return slices.Index(in.NoticeIDs, x.PublicID()) - slices.Index(in.NoticeIDs, y.PublicID())
	})
	return rows, err
}

func (a *App) handIn(ctx context.Context, tx *ent.Tx, v authz.Viewer, in HandInNoticesInput) error {
	team, err := tx.InspectionTeam.Get(ctx, in.TeamID.UUID)
	if _, err := found(team, err, id.Team); err != nil {
		return at("input.teamId", id.Team, err)
	}
	keys := map[uuid.UUID]bool{}
	for _, n := range in.NoticeIDs {
		keys[n.UUID] = true
	}
	for _, key := range sorted(keys) {
		field := index("input.noticeIds", slices.Index(in.NoticeIDs, id.Of(id.Notice, key)))
		c, err := a.loadNotice(ctx, tx, v, key, rule.NoticeEventHandedIn)
		if err != nil {
			return at(field, id.Notice, err)
		}
		facts := authz.Facts{SchoolID: c.notice.SchoolID, RegionPath: c.notice.Edges.School.RegionPath}
		if facts.Contact, err = speaksFor(ctx, tx, v.UserID, team.ID, c.today); err != nil {
			return err
		}
		if err := authz.Can(v, authz.HandInNotices, facts); err != nil {
			return err
		}
		if c.notice.TeamID == nil || *c.notice.TeamID != team.ID {
			return fault.Bad(field, "other_team", fault.T("该通知书不是本组下发的。", "This notice was not issued by the team."))
		}
		err = c.run(nil, func(c *noticeChange) error {
			c.payload["late"] = rule.HandedInLate(c.today, c.notice.Edges.Campaign.EndsOn)
			c.update.SetHandedInAt(c.now).SetHandedInByID(v.UserID)
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
