package app

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// SupplementEvidenceInput adds files to a step that was already taken: of a
// hazard, a finding, a supervision report, or the acknowledgement of a notice. Step is
// needed for a hazard only.
type SupplementEvidenceInput struct {
	CommandID   id.ID
	SubjectID   id.ID
	Step        *rule.EvidenceStep
	EvidenceIDs []id.ID
}

// MarshalJSON implements json.Marshaler, for receipts of format 1 alone: they hold
// the step that was named LISTING then.
func (in SupplementEvidenceInput) MarshalJSON() ([]byte, error) {
	type plain SupplementEvidenceInput
	if in.Step != nil && *in.Step == rule.StepOversight {
		in.Step = new(rule.EvidenceStep("LISTING"))
	}
	return json.Marshal(plain(in))
}

// SupplementEvidence replaces what was rejected or forgotten: without it a
// truncated photo would leave the work unproven for ever.
func (a *App) SupplementEvidence(ctx context.Context, in SupplementEvidenceInput) error {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	if len(in.EvidenceIDs) == 0 {
		bad.Add("input.evidenceIds", "missing", fault.T("请给出佐证材料。", "Name the files to add."))
	}
	if !slices.Contains([]id.Noun{id.Hazard, id.Finding, id.Report, id.Notice}, in.SubjectID.Noun) {
		bad.Add("input.subjectId", "wrong_noun", fault.T("须为隐患、检查结果、报告或通知书的标识。", "This must be the id of a hazard, a finding, a report or a notice."))
	}
	if in.SubjectID.Noun == id.Hazard && (in.Step == nil || *in.Step == "") {
		bad.Add("input.step", "missing", fault.T("请说明补充哪一步骤。", "Say which step the files belong to."))
	}
	var err error
	switch in.SubjectID.Noun {
	case id.Hazard:
		_, err = a.supplementHazard(ctx, in, &bad)
	case id.Notice:
		_, err = a.supplementNotice(ctx, in, &bad)
	default:
		_, err = a.supplementReport(ctx, in, &bad)
	}
	return err
}

// supplementHazard adds the files to the newest round of a step.
func (a *App) supplementHazard(ctx context.Context, in SupplementEvidenceInput, bad *fault.Input) (*ent.Hazard, error) {
	cmd := HazardCommand{CommandID: in.CommandID, HazardID: in.SubjectID}
	files := namedFiles{path: "input.evidenceIds", ids: in.EvidenceIDs}
	s := a.hazardSpec(authz.SupplementEvidence, rule.EventEvidenceAdded, cmd, files, func(c *hazardChange) error {
		c.payload["step"], c.payload["round"] = string(*in.Step), c.existing.Sequence
		return nil
	})
	s.Input, s.Invalid = in, bad
	s.Load = func(ctx context.Context, tx *command.Tx) (*hazardChange, error) {
		c, err := a.loadHazard(ctx, tx, cmd, rule.EventEvidenceAdded, files)
		if err != nil {
			return nil, command.AtField("input.subjectId", id.Hazard, err)
		}
		c.use.step = *in.Step
		c.existing, err = c.newestRound(*in.Step)
		return c, err
	}
	return command.Run(ctx, a.commands, s)
}

// newestRound is the last event that took a step.
func (c *hazardChange) newestRound(step rule.EvidenceStep) (*ent.HazardEvent, error) {
	if _, err := c.steps(); err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(c.proof.events) {
		if s := rule.StepOf(e.Kind, c.hazard.Source); s != "" && s == step {
			return e, nil
		}
	}
	return nil, fault.Bad("input.step", "not_taken", fault.T("该隐患尚未经过这一步骤。", "The hazard has not taken this step."))
}

// supplementedReport is a report that files are added to, and for what they stand.
type supplementedReport struct {
	report *ent.InspectionReport // with its school
	files  namedFiles
	use    use
}

func (a *App) supplementReport(ctx context.Context, in SupplementEvidenceInput, bad *fault.Input) (*ent.InspectionReport, error) {
	return command.Run(ctx, a.commands, command.Spec[*supplementedReport, *ent.InspectionReport]{
		Action: authz.SupplementEvidence, Key: in.CommandID, Subject: in.SubjectID, Input: in, Invalid: bad,
		Load: func(ctx context.Context, tx *command.Tx) (*supplementedReport, error) {
			return loadSupplemented(ctx, tx, in)
		},
		May: func(_ context.Context, tx *command.Tx, c *supplementedReport) (authz.Facts, error) {
			r := c.report
			return authz.Facts{
				SchoolID: r.SchoolID, RegionPath: r.Edges.School.RegionPath, Owner: r.InspectorID == tx.Viewer.UserID, Supervision: r.Kind == rule.Supervision,
			}, nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, c *supplementedReport) error {
			_, err := c.files.evidenceRefs(ctx, tx.Tx, c.report.SchoolID)
			return err
		},
		Write: func(ctx context.Context, tx *command.Tx, c *supplementedReport) error {
			if err := a.link(ctx, tx.Tx, c.files, c.use); err != nil {
				return err
			}
			return a.proveReport(ctx, tx.Tx, c.report.ID)
		},
		Answer: func(context.Context) (*ent.InspectionReport, error) { return nil, nil }, //nolint:nilnil // the subject is the answer
	})
}

// loadSupplemented locks the files and reads the report that they are added to, as
// a whole or under one finding.
func loadSupplemented(ctx context.Context, tx *command.Tx, in SupplementEvidenceInput) (*supplementedReport, error) {
	c := &supplementedReport{files: namedFiles{path: "input.evidenceIds", ids: in.EvidenceIDs}, use: use{step: rule.StepSupervisionReport}}
	var err error
	if c.files.known, err = lockFiles(ctx, tx.Tx, id.UUIDs(in.EvidenceIDs)); err != nil {
		return nil, err
	}
	key := in.SubjectID.UUID
	if in.SubjectID.Noun == id.Finding {
		f, err := tx.Finding.Get(ctx, key)
		if _, err := command.NotFoundAs(f, err, id.Finding); err != nil {
			return nil, command.AtField("input.subjectId", id.Finding, err)
		}
		key, c.use.finding = f.ReportID, &f.ID
		if c.use.step, _ = rule.FindingStep(f.Result); c.use.step == "" {
			return nil, fault.Bad("input.subjectId", "not_asked", fault.T("不适用的检查项不需要佐证材料。", "A finding that does not apply takes no evidence."))
		}
	}
	r, err := tx.InspectionReport.Query().Where(inspectionreport.ID(key), store.Locking(ctx, store.Reports, key)).WithSchool().Only(ctx)
	if _, err := command.NotFoundAs(r, err, id.Report); err != nil {
		return nil, command.AtField("input.subjectId", id.Report, err)
	}
	c.report, c.use.schoolID, c.use.report = r, r.SchoolID, &r.ID
	return c, nil
}
