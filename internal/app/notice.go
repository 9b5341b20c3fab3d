package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/noticeitem"
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

// DiscardNoticeInput gives a draft up.
type DiscardNoticeInput struct{ NoticeCommand }

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
	command.NotInFuture(bad, "input.happenedAt", c.HappenedAt, a.clock.Now())
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
	writes []command.Row
}

// write adds rows to what the command writes.
func (c *noticeChange) write(rows ...command.Row) { c.writes = append(c.writes, rows...) }

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
			known, err := lockFiles(ctx, tx.Tx, id.UUIDs(files.ids))
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
			return tx.SchoolFacts(ctx, c.notice.Edges.School, nil, c.policy)
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
		app: a, ctx: ctx, tx: tx, viewer: v, notice: n, policy: command.PolicyOf(n.Edges.Campaign), now: a.clock.Now(), event: event,
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

// DiscardNotice gives a draft up; its hazards may go on another notice.
func (a *App) DiscardNotice(ctx context.Context, in DiscardNoticeInput) (*ent.Notice, error) {
	return a.onNotice(ctx, authz.DiscardNotice, rule.NoticeEventDropped, in.NoticeCommand, in, in.check(a), func(c *noticeChange) error {
		c.release()
		return nil
	})
}

// release takes the notice's problems out of force.
func (c *noticeChange) release() {
	c.write(c.tx.NoticeItem.Update().Where(noticeitem.NoticeID(c.notice.ID), noticeitem.InForce(true)).SetInForce(false))
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
	open, err := tx.Hazard.Query().Where(hazard.IDIn(keys...), hazard.StatusIn(rule.OpenHazardStatuses()...)).Exist(sys)
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
		c.write(command.WriteFunc(func(ctx context.Context) error {
			return c.tx.NoticeItem.UpdateOneID(x.ID).SetInForce(false).Exec(authz.AsSystem(ctx)) // it binds also where the viewer can't see it
		}))
		return nil
	}
	return rule.CheckNoticeDeadline("input.newDeadlineOn", newDeadline, c.hazard.NoticeDeadlineOn)
}
