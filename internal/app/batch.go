package app

import (
	"context"
	"fmt"

	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/feed"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
)

// MaxBatch is the most commands of a batch.
const MaxBatch = 50

// BatchCommand is one command that a phone has queued while it was offline;
// exactly one field is set.
type BatchCommand struct {
	AnnounceEvidence        *evidence.AnnounceEvidenceInput
	CompleteEvidence        *evidence.CompleteEvidenceInput
	SupplementEvidence      *SupplementEvidenceInput
	StartInspection         *StartInspectionInput
	RecordFindings          *RecordFindingsInput
	SubmitInspectionReport  *SubmitInspectionReportInput
	ReportHazard            *ReportHazardInput
	GradeHazard             *GradeHazardInput
	PlaceUnderOversight     *PlaceUnderOversightInput
	SubmitRectificationPlan *SubmitRectificationPlanInput
	RequestExtension        *RequestExtensionInput
	MarkRectified           *MarkRectifiedInput
	AcceptRectification     *AcceptRectificationInput
	RejectRectification     *RejectRectificationInput
	RecordRiskPoint         *places.RecordRiskPointInput
	AssessRiskPoint         *places.AssessRiskPointInput
	AcknowledgeNotice       *AcknowledgeNoticeInput
	RefuseNotice            *RefuseNoticeInput
	ReplyToNotice           *ReplyToNoticeInput
}

// BatchResult is the answer to one command of a batch.
type BatchResult struct {
	Index int
	// Record is the row after the command; nil when it failed, and when only
	// Subject names it.
	Record feed.Record
	// Subject is what a command is about that answers with no row of its own.
	Subject *id.ID
	Upload  *evidence.Upload
	// Err is why it was refused; nil when it was done.
	Err *fault.Error
}

// SubmitBatch runs queued commands in order, each as its own mutation does: in its
// own transaction, with its own receipt. One that fails stops none. The batch as a
// whole is refused only when nobody is signed in, or when it or the form of one of
// its commands is wrong: then nothing is done. Once the time of the request is
// over, what is left answers with an error that may be tried again.
func (a *App) SubmitBatch(ctx context.Context, commands []BatchCommand) ([]*BatchResult, error) {
	if _, err := command.SignedIn(ctx); err != nil {
		return nil, err
	}
	if len(commands) < 1 || len(commands) > MaxBatch {
		return nil, fault.Bad("commands", "length", fault.Tf("每批 1 至 %d 条命令。", "A batch has 1 to %d commands.", MaxBatch))
	}
	var bad fault.Input
	runs := make([]run, len(commands))
	for i := range commands {
		var set int
		runs[i], set = a.runOf(&commands[i])
		if set != 1 {
			bad.Add(fmt.Sprintf("commands[%d]", i), "one_of", fault.T("每条命令只能给出一项。", "Each command has exactly one field."))
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	out := make([]*BatchResult, len(commands))
	for i, do := range runs {
		r := BatchResult{}
		err := ctx.Err()
		if err == nil {
			r, err = do(command.SentAt(ctx, i))
		}
		if err != nil {
			r = BatchResult{Err: refusal(ctx, err)}
		}
		r.Index = i
		out[i] = &r
	}
	return out, nil
}

// refusal is the fault of one command. A statement that the end of the request cut
// short fails with the driver's error; the command may be tried again.
func refusal(ctx context.Context, err error) *fault.Error {
	f := fault.Of(err)
	if f.Kind == fault.Internal && ctx.Err() != nil {
		return fault.Of(ctx.Err()).Because(err)
	}
	return f
}

// run is one command, ready to be done.
type run func(context.Context) (BatchResult, error)

// runOf gives the command that is set, and how many are.
func (a *App) runOf(c *BatchCommand) (run, int) {
	runs := []run{
		onRecord(c.CompleteEvidence, a.CompleteEvidence), onRecord(c.StartInspection, a.StartInspection),
		onRecord(c.RecordFindings, a.RecordFindings), onRecord(c.SubmitInspectionReport, a.SubmitInspectionReport),
		onRecord(c.ReportHazard, a.ReportHazard), onRecord(c.GradeHazard, a.GradeHazard), onRecord(c.PlaceUnderOversight, a.PlaceUnderOversight),
		onRecord(c.SubmitRectificationPlan, a.SubmitRectificationPlan), onRecord(c.RequestExtension, a.RequestExtension),
		onRecord(c.MarkRectified, a.MarkRectified), onRecord(c.AcceptRectification, a.AcceptRectification),
		onRecord(c.RejectRectification, a.RejectRectification), onRecord(c.RecordRiskPoint, a.RecordRiskPoint),
		onRecord(c.AssessRiskPoint, a.AssessRiskPoint), onRecord(c.AcknowledgeNotice, a.AcknowledgeNotice),
		onRecord(c.RefuseNotice, a.RefuseNotice), onRecord(c.ReplyToNotice, a.ReplyToNotice),
	}
	if in := c.AnnounceEvidence; in != nil {
		runs = append(runs, func(ctx context.Context) (BatchResult, error) {
			u, err := a.AnnounceEvidence(ctx, *in)
			if err != nil {
				return BatchResult{}, err
			}
			return BatchResult{Record: u.Evidence, Upload: u}, nil
		})
	}
	if in := c.SupplementEvidence; in != nil {
		runs = append(runs, func(ctx context.Context) (BatchResult, error) {
			return BatchResult{Subject: &in.SubjectID}, a.SupplementEvidence(ctx, *in)
		})
	}
	var only run
	set := 0
	for _, r := range runs {
		if r != nil {
			only = r
			set++
		}
	}
	return only, set
}

// onRecord is a use case that answers with a row; nil when its input is not set.
func onRecord[I any, R feed.Record](in *I, use func(context.Context, I) (R, error)) run {
	if in == nil {
		return nil
	}
	return func(ctx context.Context) (BatchResult, error) {
		row, err := use(ctx, *in)
		if err != nil {
			return BatchResult{}, err
		}
		return BatchResult{Record: row}, nil
	}
}
