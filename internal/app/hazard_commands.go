package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/extension"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/oversightorder"
	"github.com/cleargrid/cleargrid/ent/rectificationplan"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// GradeHazard raises a hazard's grade at once; to lower it, it only asks for it
// and needs a reason: a second person decides.
func (a *App) GradeHazard(ctx context.Context, in GradeHazardInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.OptionalText(bad, "input.reason", in.Reason)
	event := rule.EventGraded
	if in.Grade == rule.General {
		event = rule.EventDowngradeRequested
		command.RequiredText(bad, "input.reason", command.TextOf(in.Reason))
	}
	return a.onHazard(ctx, authz.GradeHazard, event, in.HazardCommand, in, bad, func(c *hazardChange) error {
		c.payload["grade"], c.payload["reason"] = string(in.Grade), command.TextOf(in.Reason)
		if event == rule.EventDowngradeRequested {
			c.update.SetDowngradePending(true).SetDowngradeByID(c.viewer.UserID)
			return nil
		}
		c.update.SetGrade(in.Grade)
		c.majorFound(in.Grade)
		return nil
	})
}

// AddHazardSigns adds signs that were learnt of after the report. A grading rule
// that hits because of them makes the hazard MAJOR, as at the report. A rule that
// was known to hit before has no effect again: a grade that a second person has
// lowered stays lowered.
func (a *App) AddHazardSigns(ctx context.Context, in AddHazardSignsInput) (*ent.Hazard, error) {
	bad := in.check(a)
	if len(in.Signs) == 0 {
		bad.Add("input.signs", "missing", fault.T("请给出隐患表征。", "Name the signs."))
	}
	return a.onHazard(ctx, authz.AddHazardSigns, rule.EventSignsAdded, in.HazardCommand, in, bad, func(c *hazardChange) error {
		added, err := knownCodes(c.ctx, c.tx.Tx, nil, "input.signs", in.Signs)
		if err != nil {
			return err
		}
		graded, err := c.gradeWith(added)
		if err != nil {
			return err
		}
		if len(graded.signs) == len(c.hazard.Signs) {
			return fault.Bad("input.signs", "nothing_new", fault.T("这些表征均已登记。", "The hazard has these signs already."))
		}
		if len(graded.signs) > maxSigns {
			return fault.Bad("input.signs", "too_many", fault.Tf("最多 %d 项表征。", "At most %d signs.", maxSigns))
		}
		graded.note(c.payload)
		c.update.SetSigns(graded.signs)
		if len(graded.hits) == 0 {
			return nil
		}
		c.payload["grade"] = string(rule.Major)
		c.update.SetGrade(rule.Major)
		if c.hazard.GradingRuleID == nil {
			c.update.SetNillableGradingRuleID(graded.first())
		}
		c.majorFound(rule.Major)
		return nil
	})
}

// DecideDowngrade grants or refuses the lower grade; never by who asked for it.
func (a *App) DecideDowngrade(ctx context.Context, in DecideDowngradeInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.OptionalText(bad, "input.note", in.Note)
	return a.onHazard(ctx, authz.DecideDowngrade, rule.EventDowngradeDecided, in.HazardCommand, in, bad, func(c *hazardChange) error {
		c.payload["approve"], c.payload["note"] = in.Approve, command.TextOf(in.Note)
		c.update.SetDowngradePending(false)
		if in.Approve {
			c.update.SetGrade(rule.General)
		}
		return nil
	})
}

// PlaceUnderOversight puts a hazard under oversight with interim protective measures, a
// responsible person of the school and a deadline (plan: 挂牌督办，采取必要的防护措施，限期整改).
func (a *App) PlaceUnderOversight(ctx context.Context, in PlaceUnderOversightInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.protectiveMeasures", in.ProtectiveMeasures)
	command.RequiredID(bad, "input.responsibleId", in.ResponsibleID, id.User)
	command.OptionalID(bad, "input.supervisorId", in.SupervisorID, id.User)
	command.OptionalText(bad, "input.documentNumber", in.DocumentNumber)
	command.RequiredDay(bad, "input.deadlineOn", in.DeadlineOn)
	return a.onHazard(ctx, authz.PlaceUnderOversight, rule.EventPlacedUnderOversight, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := rule.CheckDeadline("input.deadlineOn", in.DeadlineOn, c.today); err != nil {
			return err
		}
		if err := rule.CheckNoticeDeadline("input.deadlineOn", in.DeadlineOn, c.hazard.NoticeDeadlineOn); err != nil {
			return err
		}
		if err := c.person("input.responsibleId", in.ResponsibleID); err != nil {
			return err
		}
		if err := c.supervisor(in.SupervisorID); err != nil {
			return err
		}
		level, err := rule.OversightLevelOf(in.Level, c.viewer.Has(authz.SafetySection))
		if err != nil {
			return err
		}
		c.payload["protectiveMeasures"], c.payload["deadlineOn"] = in.ProtectiveMeasures, string(in.DeadlineOn)
		c.payload["responsibleId"], c.payload["level"] = in.ResponsibleID.String(), string(level)
		c.update.SetUnderOversight(true).SetDeadlineOn(in.DeadlineOn).SetFirstDeadlineOn(in.DeadlineOn).SetResponsibleID(in.ResponsibleID.UUID)
		c.openOversightOrder(level, command.TextOf(in.DocumentNumber), in.ProtectiveMeasures, id.UUIDOf(in.SupervisorID))
		return nil
	})
}

// supervisor checks that the viewer may see the person who is to supervise an oversight order.
func (c *hazardChange) supervisor(i *id.ID) error {
	if i == nil {
		return nil
	}
	u, err := c.tx.User.Get(c.ctx, i.UUID)
	_, err = command.NotFoundAs(u, err, id.User)
	return command.AtField("input.supervisorId", id.User, err)
}

// majorFound follows a hazard that is or has become MAJOR.
func (c *hazardChange) majorFound(grade rule.HazardGrade) {
	c.write(command.WriteFunc(func(ctx context.Context) error { return c.app.majorFound(ctx, c.tx.Tx, c.hazard, grade) }))
}

func (c *hazardChange) openOversightOrder(level rule.OversightLevel, document, measures string, supervisor *uuid.UUID) {
	c.findableBy(document)
	c.write(c.tx.OversightOrder.Create().SetHazardID(c.hazard.ID).SetSchoolID(c.hazard.SchoolID).SetPlacedByID(c.viewer.UserID).
		SetNillableSupervisorID(supervisor).SetLevel(level).SetDocumentNumber(document).SetMeasures(measures).SetPlacedAt(c.now).
		SetCreatedAt(c.now))
}

func (c *hazardChange) endOversightOrder() {
	c.update.SetUnderOversight(false)
	c.write(c.tx.OversightOrder.Update().Where(oversightorder.HazardID(c.hazard.ID), oversightorder.EndedAtIsNil()).SetEndedAt(c.now))
}

// SubmitRectificationPlan hands in a new version of the plan; all five elements
// are required (五落实: 责任人、措施、资金、时限、预案).
func (a *App) SubmitRectificationPlan(ctx context.Context, in SubmitRectificationPlanInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredID(bad, "input.planId", in.PlanID, id.RectificationPlan)
	command.RequiredID(bad, "input.responsibleId", in.ResponsibleID, id.User)
	command.RequiredText(bad, "input.measures", in.Measures)
	command.Money(bad, "input.fundsFen", in.FundsFen)
	command.RequiredDay(bad, "input.completeBy", in.CompleteBy)
	command.RequiredText(bad, "input.contingencyPlan", in.ContingencyPlan)
	return a.onHazard(ctx, authz.SubmitRectificationPlan, rule.EventPlanSubmitted, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := rule.CheckDeadline("input.completeBy", in.CompleteBy, c.today); err != nil {
			return err
		}
		if err := c.person("input.responsibleId", in.ResponsibleID); err != nil {
			return err
		}
		if err := rule.CheckPlanEnd("input.completeBy", in.CompleteBy, factsOf(c.hazard).DeadlineOn, c.today); err != nil {
			return err
		}
		n, err := c.tx.RectificationPlan.Query().Where(rectificationplan.HazardID(c.hazard.ID)).Count(c.ctx)
		if err != nil {
			return err
		}
		c.payload["planId"], c.payload["number"] = in.PlanID.String(), n+1
		c.update.SetPlanStatus(rule.PlanSubmitted)
		c.write(c.tx.RectificationPlan.Create().SetID(in.PlanID.UUID).SetHazardID(c.hazard.ID).SetSchoolID(c.hazard.SchoolID).
			SetNumber(n + 1).SetResponsibleID(in.ResponsibleID.UUID).SetMeasures(in.Measures).SetFundsFen(in.FundsFen).
			SetCompleteBy(in.CompleteBy).SetContingency(in.ContingencyPlan).SetSubmittedByID(c.viewer.UserID).SetSubmittedAt(c.now).
			SetCreatedAt(c.now))
		return nil
	})
}

// ApproveRectificationPlan approves the plan that waits.
func (a *App) ApproveRectificationPlan(ctx context.Context, in DecidePlanInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.OptionalText(bad, "input.note", in.Note)
	return a.onHazard(ctx, authz.ApproveRectification, rule.EventPlanApproved, in.HazardCommand, in, bad, func(c *hazardChange) error {
		return c.decidePlan(rule.PlanApproved, command.TextOf(in.Note))
	})
}

// ReturnRectificationPlan returns the plan that waits, with a reason.
func (a *App) ReturnRectificationPlan(ctx context.Context, in DecidePlanInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.note", command.TextOf(in.Note))
	return a.onHazard(ctx, authz.ReturnRectification, rule.EventPlanReturned, in.HazardCommand, in, bad, func(c *hazardChange) error {
		return c.decidePlan(rule.PlanReturned, command.TextOf(in.Note))
	})
}

// newestPlan is the plan with the highest number, read once; NOT_FOUND without one.
func (c *hazardChange) newestPlan() (*ent.RectificationPlan, error) {
	if c.plan != nil {
		return c.plan, nil
	}
	p, err := c.tx.RectificationPlan.Query().Where(rectificationplan.HazardID(c.hazard.ID)).
		Order(ent.Desc(rectificationplan.FieldNumber)).First(c.ctx)
	c.plan = p
	return p, err
}

func (c *hazardChange) decidePlan(status rule.PlanStatus, note string) error {
	p, err := c.newestPlan()
	if err != nil {
		return err
	}
	c.payload["planId"], c.payload["note"] = p.PublicID().String(), note
	c.update.SetPlanStatus(status)
	if status == rule.PlanApproved {
		c.update.SetResponsibleID(p.ResponsibleID)
	}
	c.write(p.Update().SetStatus(status).SetDecidedByID(c.viewer.UserID).SetDecidedAt(c.now).SetDecisionNote(note))
	return nil
}

// RequestExtension asks for a later deadline, before the present one.
func (a *App) RequestExtension(ctx context.Context, in RequestExtensionInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredID(bad, "input.extensionId", in.ExtensionID, id.Extension)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.RequiredDay(bad, "input.untilOn", in.UntilOn)
	return a.onHazard(ctx, authz.RequestExtension, rule.EventExtensionRequested, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := rule.CheckDeadline("input.untilOn", in.UntilOn, c.today); err != nil {
			return err
		}
		if err := rule.CheckExtensionEnd("input.untilOn", in.UntilOn, c.hazard.DeadlineOn); err != nil {
			return err
		}
		if err := rule.CheckNoticeDeadline("input.untilOn", in.UntilOn, c.hazard.NoticeDeadlineOn); err != nil {
			return err
		}
		c.payload["extensionId"], c.payload["untilOn"], c.payload["reason"] = in.ExtensionID.String(), string(in.UntilOn), in.Reason
		c.update.SetExtensionPending(true)
		c.write(c.tx.Extension.Create().SetID(in.ExtensionID.UUID).SetHazardID(c.hazard.ID).SetSchoolID(c.hazard.SchoolID).
			SetFromOn(c.hazard.DeadlineOn).SetUntilOn(in.UntilOn).SetReason(in.Reason).SetRequestedByID(c.viewer.UserID).
			SetRequestedAt(c.now).SetCreatedAt(c.now))
		return nil
	})
}

// DecideExtension grants or refuses the extension that waits; never by who asked.
func (a *App) DecideExtension(ctx context.Context, in DecideExtensionInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.OptionalText(bad, "input.note", in.Note)
	return a.onHazard(ctx, authz.DecideExtension, rule.EventExtensionDecided, in.HazardCommand, in, bad, func(c *hazardChange) error {
		e, err := c.pendingExtension()
		if err != nil {
			return err
		}
		c.payload["extensionId"], c.payload["grant"], c.payload["note"] = e.PublicID().String(), in.Grant, command.TextOf(in.Note)
		c.update.SetExtensionPending(false)
		status := rule.ExtensionRefused
		if in.Grant {
			if err := rule.CheckNoticeDeadline("input.grant", e.UntilOn, c.hazard.NoticeDeadlineOn); err != nil {
				return err
			}
			status = rule.ExtensionGranted
			c.update.SetDeadlineOn(e.UntilOn)
		}
		c.write(e.Update().SetStatus(status).SetDecidedByID(c.viewer.UserID).SetDecidedAt(c.now).SetDecisionNote(command.TextOf(in.Note)))
		return nil
	})
}

// overtakeExtension refuses an extension that nobody has decided when the hazard
// is rectified: granted later, it would set an older deadline than the recheck's.
func (c *hazardChange) overtakeExtension() {
	if !c.hazard.ExtensionPending {
		return
	}
	c.update.SetExtensionPending(false)
	c.write(c.tx.Extension.Update().Where(extension.HazardID(c.hazard.ID), extension.StatusEQ(rule.ExtensionPending)).
		SetStatus(rule.ExtensionRefused).SetDecidedAt(c.now))
}

// pendingExtension is the extension that waits for a decision, read once; NOT_FOUND
// without one.
func (c *hazardChange) pendingExtension() (*ent.Extension, error) {
	if c.extension != nil {
		return c.extension, nil
	}
	e, err := c.tx.Extension.Query().Where(extension.HazardID(c.hazard.ID), extension.StatusEQ(rule.ExtensionPending)).
		Order(ent.Desc(extension.FieldRequestedAt)).First(c.ctx)
	c.extension = e
	return e, err
}

// MarkRectified says that the hazard is gone. Only the responsible person may.
// A GENERAL hazard may be rectified at once; a MAJOR one or one under oversight needs an
// approved plan.
func (a *App) MarkRectified(ctx context.Context, in MarkRectifiedInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.measuresTaken", in.MeasuresTaken)
	if in.FundsSpentFen != nil {
		command.Money(bad, "input.fundsSpentFen", *in.FundsSpentFen)
	}
	return a.onHazard(ctx, authz.MarkRectified, rule.EventRectified, in.HazardCommand, in, bad, func(c *hazardChange) error {
		c.payload["measuresTaken"] = in.MeasuresTaken
		if in.FundsSpentFen != nil {
			c.payload["fundsSpentFen"] = *in.FundsSpentFen
		}
		c.update.SetRectifierID(c.viewer.UserID).SetRectifiedAt(c.now)
		c.overtakeExtension()
		return nil
	})
}

// AcceptRectification closes the hazard after an independent recheck and takes
// it off the list. The rectification's own evidence must be VERIFIED by then:
// without proof the work counts as not done.
func (a *App) AcceptRectification(ctx context.Context, in AcceptRectificationInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredID(bad, "input.recheckId", in.RecheckID, id.Recheck)
	command.OptionalText(bad, "input.note", in.Note)
	return a.onHazard(ctx, authz.AcceptRectification, rule.EventAccepted, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := c.rectificationProven(); err != nil {
			return err
		}
		c.payload["recheckId"], c.payload["note"] = in.RecheckID.String(), command.TextOf(in.Note)
		c.update.SetClosedAt(c.now)
		c.endOversightOrder()
		c.recheck(in.RecheckID, rule.Accepted, command.TextOf(in.Note), "")
		return nil
	})
}

func (c *hazardChange) rectificationProven() error {
	steps, err := c.steps()
	if err != nil {
		return err
	}
	for _, s := range steps {
		if missing := rule.Gaps(c.policy, s); s.Step == rule.StepRectify && len(missing) > 0 {
			return fault.New(fault.EvidenceMissing, "evidence.rectification_unproven",
				fault.T("整改的佐证材料尚未核验，不能验收销号。", "The evidence of the rectification is not verified yet; it can't be accepted.")).
				With("waiting", evidenceIDs(missing[0].Waiting)).With("rejected", evidenceIDs(missing[0].Rejected))
		}
	}
	return nil
}

func evidenceIDs(ids []uuid.UUID) []string {
	out := make([]string, len(ids))
	for i, x := range ids {
		out[i] = id.Of(id.Evidence, x).String()
	}
	return out
}

// RejectRectification sends the hazard back with a reason and a new deadline.
func (a *App) RejectRectification(ctx context.Context, in RejectRectificationInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredID(bad, "input.recheckId", in.RecheckID, id.Recheck)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.RequiredDay(bad, "input.newDeadlineOn", in.NewDeadlineOn)
	return a.onHazard(ctx, authz.RejectRectification, rule.EventRejected, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := rule.CheckDeadline("input.newDeadlineOn", in.NewDeadlineOn, c.today); err != nil {
			return err
		}
		if err := rule.CheckNoticeDeadline("input.newDeadlineOn", in.NewDeadlineOn, c.hazard.NoticeDeadlineOn); err != nil {
			return err
		}
		c.payload["recheckId"], c.payload["reason"], c.payload["newDeadlineOn"] = in.RecheckID.String(), in.Reason, string(in.NewDeadlineOn)
		c.update.SetDeadlineOn(in.NewDeadlineOn).ClearRectifiedAt()
		if c.hazard.FirstDeadlineOn == nil {
			c.update.SetFirstDeadlineOn(in.NewDeadlineOn)
		}
		c.recheck(in.RecheckID, rule.Rejected, in.Reason, string(in.NewDeadlineOn))
		return nil
	})
}

func (c *hazardChange) recheck(i id.ID, result rule.RecheckResult, note, newDeadline string) {
	create := c.tx.Recheck.Create().SetID(i.UUID).SetHazardID(c.hazard.ID).SetSchoolID(c.hazard.SchoolID).SetCheckerID(c.viewer.UserID).
		SetResult(result).SetNote(note).SetCheckedAt(c.now).SetCreatedAt(c.now)
	if newDeadline != "" {
		create.SetNewDeadlineOn(clock.Date(newDeadline))
	}
	c.write(create)
}

// RequestVoid asks the section to void a hazard; the status stays.
func (a *App) RequestVoid(ctx context.Context, in RequestVoidInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reason", in.Reason)
	return a.onHazard(ctx, authz.RequestVoid, rule.EventVoidRequested, in.HazardCommand, in, bad, func(c *hazardChange) error {
		c.payload["reason"] = in.Reason
		return nil
	})
}

// VoidHazard takes a hazard out of the figures, with a reason: it repeats
// another one, or it is none.
func (a *App) VoidHazard(ctx context.Context, in VoidHazardInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.OptionalID(bad, "input.duplicateOfId", in.DuplicateOfID, id.Hazard)
	return a.onHazard(ctx, authz.VoidHazard, rule.EventVoided, in.HazardCommand, in, bad, func(c *hazardChange) error {
		c.payload["reason"] = in.Reason
		if in.DuplicateOfID != nil {
			if err := c.duplicateOf(*in.DuplicateOfID); err != nil {
				return err
			}
		}
		c.endOversightOrder()
		return nil
	})
}

func (c *hazardChange) duplicateOf(other id.ID) error {
	h, err := c.tx.Hazard.Query().Where(hazard.ID(other.UUID)).Only(c.ctx)
	if _, err := command.NotFoundAs(h, err, id.Hazard); err != nil {
		return command.AtField("input.duplicateOfId", id.Hazard, err)
	}
	if h.ID == c.hazard.ID || h.SchoolID != c.hazard.SchoolID {
		return fault.Bad("input.duplicateOfId", "other_school", fault.T("重复的隐患须是同一学校的另一条隐患。", "A duplicate is another hazard of the same school."))
	}
	c.payload["duplicateOfId"] = other.String()
	c.update.SetDuplicateOfID(h.ID)
	return nil
}

// ReopenHazard opens a closed hazard again with a new deadline; what was under oversight
// is placed under oversight again with the same measures.
func (a *App) ReopenHazard(ctx context.Context, in ReopenHazardInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.RequiredDay(bad, "input.newDeadlineOn", in.NewDeadlineOn)
	return a.onHazard(ctx, authz.ReopenHazard, rule.EventReopened, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := rule.CheckDeadline("input.newDeadlineOn", in.NewDeadlineOn, c.today); err != nil {
			return err
		}
		if err := c.leaveClosedNotice(in.NewDeadlineOn); err != nil {
			return err
		}
		c.payload["reason"], c.payload["newDeadlineOn"] = in.Reason, string(in.NewDeadlineOn)
		c.update.SetDeadlineOn(in.NewDeadlineOn).ClearClosedAt().ClearRectifiedAt().ClearPlanStatus()
		if c.hazard.FirstDeadlineOn == nil {
			c.update.SetFirstDeadlineOn(in.NewDeadlineOn)
		}
		last, err := c.tx.OversightOrder.Query().Where(oversightorder.HazardID(c.hazard.ID)).Order(ent.Desc(oversightorder.FieldPlacedAt)).First(c.ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		c.update.SetUnderOversight(true)
		c.openOversightOrder(last.Level, last.DocumentNumber, last.Measures, last.SupervisorID)
		return nil
	})
}

// viewerAsked reports whether the viewer is the one who asked for what an action
// decides.
func (c *hazardChange) viewerAsked(action authz.Action) (bool, error) {
	var asker uuid.UUID
	switch action {
	case authz.DecideDowngrade:
		if c.hazard.DowngradeByID != nil {
			asker = *c.hazard.DowngradeByID
		}
	case authz.ApproveRectification, authz.ReturnRectification:
		p, err := c.newestPlan()
		if err != nil {
			return false, store.IgnoreNotFound(err)
		}
		asker = p.SubmittedByID
	case authz.DecideExtension:
		e, err := c.pendingExtension()
		if err != nil {
			return false, store.IgnoreNotFound(err)
		}
		asker = e.RequestedByID
	default: // decides nothing that somebody asked for
	}
	return asker == c.viewer.UserID, nil
}
