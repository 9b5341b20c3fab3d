package evidence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/evidenceevent"
	"github.com/cleargrid/cleargrid/ent/pictureband"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// evidenceChange is one command of the section at work on one file, inside its
// transaction.
type evidenceChange struct {
	tx        *command.Tx
	evidence  *ent.Evidence // as loaded under its lock; the writes go to update
	policy    rule.Policy
	now       time.Time
	statement string // why, in the person's words
	update    *ent.EvidenceUpdateOne
	event     *ent.EvidenceEventCreate
	job       job.Args // what follows; nil for nothing
}

// onEvidence runs a command on a file. decide is what is special to it: it asks the
// rule, fills update and names the event and the job that follow.
func (fs *Files) onEvidence(ctx context.Context, action authz.Action, key, which id.ID, statement string, in any, decide func(*evidenceChange) error) (*ent.Evidence, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", key, id.Command)
	command.RequiredID(&bad, "input.evidenceId", which, id.Evidence)
	command.RequiredText(&bad, "input.note", statement)
	return command.Run(ctx, fs.commands, command.Spec[*evidenceChange, *ent.Evidence]{
		Action: action, Key: key, Subject: which, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*evidenceChange, error) {
			e, err := tx.Evidence.Query().Where(evidence.ID(which.UUID), store.Locking(ctx, store.Files, which.UUID)).WithSchool().Only(ctx)
			if _, err := command.NotFoundAs(e, err, id.Evidence); err != nil {
				return nil, err
			}
			policy, err := command.PolicyAt(ctx, tx.Client(), e.Edges.School.RegionPath)
			return &evidenceChange{tx: tx, evidence: e, policy: policy, now: tx.Now, statement: statement, update: tx.Evidence.UpdateOneID(e.ID)}, err
		},
		May: func(ctx context.Context, tx *command.Tx, c *evidenceChange) (authz.Facts, error) {
			e := c.evidence
			facts, err := tx.SchoolFacts(ctx, e.Edges.School, nil, c.policy)
			facts.Requester = e.DestructionByID != nil && *e.DestructionByID == tx.Viewer.UserID
			return facts, err
		},
		Decide: func(_ context.Context, _ *command.Tx, c *evidenceChange) error { return decide(c) },
		Write: func(ctx context.Context, tx *command.Tx, c *evidenceChange) error {
			if err := c.update.Exec(ctx); err != nil {
				return err
			}
			if err := c.event.Exec(ctx); err != nil || c.job == nil {
				return err
			}
			return fs.queue.Enqueue(ctx, tx.Tx, c.job)
		},
		Answer: func(ctx context.Context) (*ent.Evidence, error) { return fs.Evidence(ctx, which) },
	})
}

// note names what the file's history says of the command.
func (c *evidenceChange) note(kind rule.EvidenceEventKind) {
	c.event = c.tx.EvidenceEvent.Create().SetEvidenceID(c.evidence.ID).SetSchoolID(c.evidence.SchoolID).SetActorID(c.tx.Viewer.UserID).
		SetKind(kind).SetNote(c.statement).SetHappenedAt(c.now).SetCreatedAt(c.now)
}

func keepingOf(e *ent.Evidence) rule.Keeping {
	return rule.Keeping{
		Status: e.Status, RetainUntil: e.RetainUntil, Held: e.Held,
		Asked: e.DestructionByID != nil, Approved: e.DestructionApprovedAt != nil,
	}
}

// DestructionRequested reports whether a file's destruction waits for a second
// person's approval.
func DestructionRequested(e *ent.Evidence) bool {
	return rule.CheckDestructionAsked(keepingOf(e)) == nil
}

// EvidenceCommandInput is what every command about keeping a file says; Note is
// its reason.
type EvidenceCommandInput struct {
	CommandID  id.ID
	EvidenceID id.ID
	Note       string
}

// HoldEvidence puts a verified file under legal hold: it outlives its retention
// until it is released. The section may.
func (fs *Files) HoldEvidence(ctx context.Context, in EvidenceCommandInput) (*ent.Evidence, error) {
	return fs.hold(ctx, authz.HoldEvidence, in, true, rule.EvidenceHeld)
}

// ReleaseEvidence ends a legal hold. The section may.
func (fs *Files) ReleaseEvidence(ctx context.Context, in EvidenceCommandInput) (*ent.Evidence, error) {
	return fs.hold(ctx, authz.ReleaseEvidence, in, false, rule.EvidenceReleased)
}

func (fs *Files) hold(ctx context.Context, action authz.Action, in EvidenceCommandInput, on bool, kind rule.EvidenceEventKind) (*ent.Evidence, error) {
	return fs.onEvidence(ctx, action, in.CommandID, in.EvidenceID, in.Note, in, func(c *evidenceChange) error {
		if err := rule.CheckHold(keepingOf(c.evidence)); err != nil {
			return err
		}
		c.update.SetHeld(on)
		c.note(kind)
		c.job = job.EvidenceSeal{EvidenceID: c.evidence.ID}
		return nil
	})
}

// RequestEvidenceDestruction asks for the destruction of a file whose retention
// has ended. The section may; INVALID_TRANSITION before, and under legal hold.
func (fs *Files) RequestEvidenceDestruction(ctx context.Context, in EvidenceCommandInput) (*ent.Evidence, error) {
	return fs.onEvidence(ctx, authz.RequestEvidenceDestruction, in.CommandID, in.EvidenceID, in.Note, in, func(c *evidenceChange) error {
		if err := rule.CheckDestruction(keepingOf(c.evidence), c.now); err != nil {
			return err
		}
		c.update.SetDestructionByID(c.tx.Viewer.UserID)
		c.note(rule.EvidenceDestructionAsked)
		return nil
	})
}

// WithdrawEvidenceDestruction takes the request back, whoever made it.
func (fs *Files) WithdrawEvidenceDestruction(ctx context.Context, in EvidenceCommandInput) (*ent.Evidence, error) {
	return fs.onEvidence(ctx, authz.WithdrawEvidenceDestruction, in.CommandID, in.EvidenceID, in.Note, in, func(c *evidenceChange) error {
		if err := rule.CheckDestructionAsked(keepingOf(c.evidence)); err != nil {
			return err
		}
		c.update.ClearDestructionByID()
		c.note(rule.EvidenceDestructionWithdrawn)
		return nil
	})
}

// ApproveEvidenceDestruction agrees to the request of somebody else; the bytes
// are then removed for good, the record and its history stay.
func (fs *Files) ApproveEvidenceDestruction(ctx context.Context, in EvidenceCommandInput) (*ent.Evidence, error) {
	return fs.onEvidence(ctx, authz.ApproveEvidenceDestruction, in.CommandID, in.EvidenceID, in.Note, in, func(c *evidenceChange) error {
		k := keepingOf(c.evidence)
		if err := rule.CheckDestructionAsked(k); err != nil {
			return err
		}
		if err := rule.CheckDestruction(k, c.now); err != nil {
			return err
		}
		c.update.SetDestructionApprovedAt(c.now)
		c.note(rule.EvidenceDestructionApproved)
		c.job = job.EvidenceDestroy{EvidenceID: c.evidence.ID}
		return nil
	})
}

// sealEvidence is the background job that makes the object store keep a verified
// file as its row says: until the end of its retention, and while it is held.
// Where the store has no object lock only the API refuses to destroy it, and
// sealed_at stays empty.
func (fs *Files) sealEvidence(ctx context.Context, i uuid.UUID) error {
	e, err := fs.store.Ent.Evidence.Get(ctx, i)
	if err != nil {
		return store.Fault(err)
	}
	if e.Status != rule.Verified || e.RetainUntil == nil || e.DestructionApprovedAt != nil {
		return nil
	}
	able, err := fs.blob.Abilities(ctx)
	if err != nil || !able.ObjectLock {
		return err
	}
	if e.RetainUntil.After(fs.clock.Now()) {
		if err := fs.blob.Retain(ctx, e.ObjectKey, *e.RetainUntil); err != nil {
			return err
		}
	}
	if err := fs.holdAsTheRowSays(ctx, e); err != nil {
		return err
	}
	return store.Fault(fs.store.Ent.Evidence.Update().Where(evidence.ID(e.ID), evidence.SealedAtIsNil()).SetSealedAt(fs.clock.Now()).Exec(ctx))
}

// holdAsTheRowSays tells the store whether a file is under legal hold. Two of
// these may run at once, of a hold and of its release: each reads the row again
// after its write, so that the last one to write leaves what the row says.
func (fs *Files) holdAsTheRowSays(ctx context.Context, e *ent.Evidence) error {
	for {
		if err := fs.blob.Hold(ctx, e.ObjectKey, e.Held); err != nil {
			return err
		}
		now, err := fs.store.Ent.Evidence.Get(ctx, e.ID)
		if err != nil {
			return store.Fault(err)
		}
		if now.Held == e.Held {
			return nil
		}
		e = now
	}
}

// destroyEvidence is the background job that removes the bytes of a file when two
// people have agreed: first the objects, then the row says so.
func (fs *Files) destroyEvidence(ctx context.Context, i uuid.UUID) error {
	e, err := fs.store.Ent.Evidence.Get(ctx, i)
	if err != nil {
		return store.Fault(err)
	}
	if e.DestructionApprovedAt == nil || e.DestroyedAt != nil {
		return nil
	}
	if err := fs.removeObjects(ctx, e); err != nil {
		return err
	}
	return fs.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		now := fs.clock.Now()
		n, err := tx.Evidence.Update().Where(evidence.ID(e.ID), evidence.DestroyedAtIsNil()).
			SetDestroyedAt(now).ClearRenditions().SetPlaceholder("").ClearPictureHash().SetPicturePrint("").Save(ctx)
		if err != nil || n == 0 {
			return err // n == 0: another worker was faster
		}
		if _, err := tx.PictureBand.Delete().Where(pictureband.EvidenceID(e.ID)).Exec(ctx); err != nil {
			return err
		}
		return tx.EvidenceEvent.Create().SetEvidenceID(e.ID).SetSchoolID(e.SchoolID).SetKind(rule.EvidenceDestroyed).
			SetHappenedAt(now).SetCreatedAt(now).Exec(ctx)
	})
}

// removeObjects removes a file's bytes and its renditions. The job that lifts its
// legal hold may not have run yet, and leaves it alone once its destruction is
// approved.
func (fs *Files) removeObjects(ctx context.Context, e *ent.Evidence) error {
	able, err := fs.blob.Abilities(ctx)
	if err != nil {
		return err
	}
	if able.ObjectLock {
		if err := fs.holdAsTheRowSays(ctx, e); err != nil && !fault.Is(err, fault.NotFound) { // removed by an earlier attempt
			return err
		}
	}
	for _, r := range e.Renditions {
		if err := fs.blob.Remove(ctx, renditionKey(e, r.Name)); err != nil {
			return err
		}
	}
	return fs.blob.Remove(ctx, e.ObjectKey)
}

// EvidenceEvents lists what was done with a file, the latest first: who opened
// its original, held it, reviewed it, destroyed it.
func (fs *Files) EvidenceEvents(ctx context.Context, i id.ID, p command.PageArgs) (command.Page[*ent.EvidenceEvent], error) {
	var bad fault.Input
	command.RequiredID(&bad, "id", i, id.Evidence)
	if err := bad.Err(); err != nil {
		return command.Page[*ent.EvidenceEvent]{}, err
	}
	if _, err := fs.Evidence(ctx, i); err != nil {
		return command.Page[*ent.EvidenceEvent]{}, err
	}
	pq, err := command.NewPageQuery(p, command.Order{Field: "HAPPENED_AT", Column: evidenceevent.FieldHappenedAt, IsTime: true, Desc: true})
	if err != nil {
		return command.Page[*ent.EvidenceEvent]{}, err
	}
	q := fs.store.Ent.EvidenceEvent.Query().Where(evidenceevent.EvidenceID(i.UUID))
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.EvidenceEvent]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(e *ent.EvidenceEvent) (string, uuid.UUID) { return command.TimeKey(e.HappenedAt), e.ID }), nil
}
