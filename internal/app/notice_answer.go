package app

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/noticeevent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// AcknowledgeNotice is the signature of the school's head, with the school's
// opinion (plan: 与其校领导交换意见). EVIDENCE_MISSING without a picture of it.
func (a *App) AcknowledgeNotice(ctx context.Context, in AcknowledgeNoticeInput) (*ent.Notice, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.opinion", in.Opinion)
	files := namedFiles{path: "input.evidenceIds", ids: in.EvidenceIDs}
	spec := a.noticeSpec(authz.AcknowledgeNotice, rule.NoticeEventAcknowledged, in.NoticeCommand, files, func(c *noticeChange) error {
		evidenceRefs, err := c.signatures(c.notice.Sequence + 1)
		if err != nil {
			return err
		}
		if err := rule.Named(c.policy, rule.StepFacts{Step: rule.StepAcknowledgement, Actor: c.viewer.UserID, EvidenceRefs: evidenceRefs}); err != nil {
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
func (c *noticeChange) signatures(round int) ([]rule.EvidenceRef, error) {
	c.use = use{step: rule.StepAcknowledgement, round: round, schoolID: c.notice.SchoolID, notice: &c.notice.ID}
	return c.files.evidenceRefs(c.ctx, c.tx, c.notice.SchoolID)
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
		f := command.SchoolAlone(n.Edges.School)
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
