package supervision

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/samplingexemption"
	"github.com/cleargrid/cleargrid/ent/visitplan"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
	"github.com/cleargrid/cleargrid/internal/store"
)

// ProposeVisitsInput draws the schools that the teams shall visit.
type ProposeVisitsInput struct {
	ID         id.ID
	CampaignID id.ID
	// RegionID is the region to plan; nil is the campaign's.
	RegionID *id.ID
	// Seed is published with the plan: anybody who has it can repeat the draw.
	Seed string
}

// ReplanVisitsInput mends a plan after visits have fallen out.
type ReplanVisitsInput struct {
	ID     id.ID // of the new plan
	PlanID id.ID
}

// ConfirmVisitsInput makes a plan's visits binding.
type ConfirmVisitsInput struct {
	CommandID       id.ID
	PlanID          id.ID
	ExpectedVersion *int
}

// CancelVisitInput takes one visit off the plan.
type CancelVisitInput struct {
	CommandID id.ID
	VisitID   id.ID
	Reason    string
}

// ConfirmExemptionInput confirms that a township has no school of a kind.
type ConfirmExemptionInput struct {
	ID         id.ID
	CampaignID id.ID
	RegionID   id.ID
	Slot       rule.SamplingSlot
	Reason     string
}

// ProposeVisits plans a region again: confirmed visits stay unless they can't, and
// the new plan replaces visits that earlier plans proposed. The section may.
// INVALID_TRANSITION when the campaign has no team or is over.
func (sv *Supervision) ProposeVisits(ctx context.Context, in ProposeVisitsInput) (*ent.VisitPlan, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.VisitPlan)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.OptionalID(&bad, "input.regionId", in.RegionID, id.Region)
	if sampling.CheckSeed(in.Seed) != nil {
		bad.Add("input.seed", "seed", fault.Tf("种子须为 1 至 %d 字节的可见文字，首尾无空格。",
			"A seed is 1 to %d bytes of plain text without blanks at its ends.", sampling.MaxSeed))
	}
	spec := sv.planSpec(authz.ProposeVisits, in.ID, func(ctx context.Context, tx *command.Tx) (*planning, error) {
		c, path, err := lockedCampaign(ctx, tx.Tx, in.CampaignID, in.RegionID)
		return &planning{id: in.ID.UUID, campaign: c, path: path, seed: in.Seed, keep: []rule.VisitStatus{rule.VisitConfirmed}}, err
	})
	spec.Input, spec.Invalid = in, &bad
	return command.Run(ctx, sv.commands, spec)
}

// ReplanVisits makes a new plan with the seed of one whose visits have fallen out
// or can't stand any more: every other visit stays, only what is needed is added.
// Schools that a person took off the plan are not drawn again. The section may.
// INVALID_TRANSITION when there is nothing to replace.
func (sv *Supervision) ReplanVisits(ctx context.Context, in ReplanVisitsInput) (*ent.VisitPlan, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.VisitPlan)
	command.RequiredID(&bad, "input.planId", in.PlanID, id.VisitPlan)
	spec := sv.planSpec(authz.ReplanVisits, in.ID, func(ctx context.Context, tx *command.Tx) (*planning, error) {
		p, err := lockedPlan(ctx, tx.Tx, in.PlanID)
		if err != nil {
			return nil, err
		}
		return &planning{
			id: in.ID.UUID, campaign: p.Edges.Campaign, path: p.RegionPath, seed: p.Seed,
			keep: []rule.VisitStatus{rule.VisitConfirmed, rule.VisitProposed}, mends: p,
		}, nil
	})
	spec.Input, spec.Invalid = in, &bad
	return command.Run(ctx, sv.commands, spec)
}

// planning is what a new plan is to be.
type planning struct {
	id       uuid.UUID
	campaign *ent.Campaign
	path     string
	seed     string
	keep     []rule.VisitStatus
	mends    *ent.VisitPlan // the plan that it mends; nil for a fresh draw

	drawing *drawing
	drawn   sampling.Proposal
}

// planSpec is what the commands that make a plan share; load locks the campaign.
func (sv *Supervision) planSpec(action authz.Action, plan id.ID, load func(ctx context.Context, tx *command.Tx) (*planning, error)) command.Spec[*planning, *ent.VisitPlan] {
	return command.Spec[*planning, *ent.VisitPlan]{
		Action: action, Key: plan, Subject: plan,
		Load: load,
		May: func(_ context.Context, _ *command.Tx, p *planning) (authz.Facts, error) {
			return authz.Facts{RegionPath: p.path}, nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, p *planning) error { return sv.draw(ctx, tx, p) },
		Write: func(ctx context.Context, tx *command.Tx, p *planning) error {
			return sv.keepPlan(authz.AsSystem(ctx), tx.Tx, tx.Viewer, p) // what fell out may lie outside the viewer's scope
		},
		Answer: func(ctx context.Context) (*ent.VisitPlan, error) { return sv.VisitPlan(ctx, plan) },
	}
}

// draw gathers the facts of the region and draws its visits.
func (sv *Supervision) draw(ctx context.Context, tx *command.Tx, p *planning) error {
	if err := rule.CheckNotOver(p.campaign.EndsOn, command.PolicyOf(p.campaign).Today(tx.Now)); err != nil {
		return err
	}
	if p.mends != nil {
		if err := rule.CheckReplan(p.mends.Status); err != nil {
			return err
		}
	}
	var err error
	p.drawing, err = sv.gather(authz.AsSystem(ctx), tx.Tx, p.campaign, p.path, p.seed, p.keep, p.mends != nil) // a draw is of all schools
	if err != nil {
		return err
	}
	if len(p.drawing.teams) == 0 {
		return fault.New(fault.InvalidTransition, "visitplan.no_team", fault.T("请先成立督查组。", "Form a team first."))
	}
	if p.drawn, err = sampling.Plan(p.drawing.input); err != nil {
		return err
	}
	if p.mends != nil && len(p.drawn.Visits) == 0 && len(p.drawn.Dropped) == 0 {
		return fault.New(fault.InvalidTransition, "visitplan.nothing_to_replace", fault.T("没有需要替换的督查安排。", "There is no visit to replace."))
	}
	return nil
}

// keepPlan writes a plan down: what fell out, the plan, its visits.
func (sv *Supervision) keepPlan(ctx context.Context, tx *ent.Tx, v authz.Viewer, p *planning) error {
	now, d, drawn := sv.clock.Now(), p.drawing, p.drawn
	for _, f := range drawn.Dropped {
		s, _ := id.Parse(f.School)
		err := tx.PlannedVisit.Update().Where(plannedvisit.ID(d.standing[s.UUID].ID)).SetStatus(rule.VisitFallenOut).
			SetFallenOutReason(string(f.Cause)).SetFallenOutAt(now).Exec(ctx)
		if err != nil {
			return err
		}
	}
	open, err := d.unreplaced(ctx)
	if err != nil {
		return err
	}
	moved, err := sv.supersede(ctx, tx, p.campaign, p.path)
	if err != nil {
		return err
	}
	err = tx.VisitPlan.Create().SetID(p.id).SetCampaignID(p.campaign.ID).SetRegionPath(p.path).SetSeed(p.seed).SetFactsDigest(d.input.Digest()).
		SetProposedByID(v.UserID).SetProposedAt(now).SetCreatedAt(now).Exec(ctx)
	if err != nil {
		return err
	}
	var create []*ent.PlannedVisitCreate
	put := func(team, school uuid.UUID, path string) *ent.PlannedVisitCreate {
		c := tx.PlannedVisit.Create().SetPlanID(p.id).SetCampaignID(p.campaign.ID).SetTeamID(team).SetSchoolID(school).SetRegionPath(path).SetCreatedAt(now)
		create = append(create, c)
		return c
	}
	if p.mends != nil { // what stood in the old plan stands in the new one
		for _, m := range moved {
			put(m.TeamID, m.SchoolID, m.RegionPath).SetNillableSlot(m.Slot).SetReasons(m.Reasons).SetTicket(m.Ticket).SetNillableReplacesID(m.ReplacesID)
		}
	}
	paths := map[string]string{}
	for _, r := range d.sample.Townships {
		paths[r.PublicID().String()] = r.Path
	}
	for _, x := range drawn.Visits {
		team, _ := id.Parse(x.Team)
		school, _ := id.Parse(x.School) // both are ids that gather wrote
		put(team.UUID, school.UUID, paths[x.Township]).SetNillableSlot(slotOf(x)).SetReasons(reasonsOf(x)).SetTicket(x.Ticket).
			SetNillableReplacesID(open.take(paths[x.Township], school.UUID))
	}
	for part := range slices.Chunk(create, visitsAtOnce) {
		if err := tx.PlannedVisit.CreateBulk(part...).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// visitsAtOnce keeps a statement below PostgreSQL's 65,535 parameters.
const visitsAtOnce = 1000

// supersede takes the proposed visits of a region back, and the plans that have
// nothing else; it gives the visits.
func (sv *Supervision) supersede(ctx context.Context, tx *ent.Tx, c *ent.Campaign, path string) ([]*ent.PlannedVisit, error) {
	visits, err := tx.PlannedVisit.Query().Where(plannedvisit.CampaignID(c.ID), plannedvisit.StatusEQ(rule.VisitProposed),
		plannedvisit.RegionPathGTE(path), plannedvisit.RegionPathLT(rule.RegionPathEnd(path))).Order(plannedvisit.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	err = tx.PlannedVisit.Update().Where(plannedvisit.CampaignID(c.ID), plannedvisit.StatusEQ(rule.VisitProposed),
		plannedvisit.RegionPathGTE(path), plannedvisit.RegionPathLT(rule.RegionPathEnd(path))).
		SetStatus(rule.VisitFallenOut).SetFallenOutReason(string(rule.FellSuperseded)).SetFallenOutAt(sv.clock.Now()).Exec(ctx)
	if err != nil {
		return nil, err
	}
	return visits, tx.VisitPlan.Update().Where(visitplan.CampaignID(c.ID), visitplan.StatusEQ(rule.VisitPlanProposed),
		visitplan.RegionPathGTE(path), visitplan.RegionPathLT(rule.RegionPathEnd(path))).
		SetStatus(rule.VisitPlanSuperseded).AddVersion(1).Exec(ctx)
}

// vacancies are visits that fell out and that no other visit has replaced yet.
type vacancies []*ent.PlannedVisit

// unreplaced reads the vacancies of the region.
func (d *drawing) unreplaced(ctx context.Context) (vacancies, error) {
	return d.client.PlannedVisit.Query().Where(plannedvisit.CampaignID(d.campaign.ID), plannedvisit.StatusEQ(rule.VisitFallenOut),
		plannedvisit.FallenOutReasonNEQ(string(rule.FellSuperseded)), plannedvisit.Not(plannedvisit.HasReplacements()),
		plannedvisit.RegionPathGTE(d.path), plannedvisit.RegionPathLT(rule.RegionPathEnd(d.path))).Order(plannedvisit.ByID()).All(ctx)
}

// take gives the vacancy that a new visit fills: of the same school, or else one of
// its township; nil for none.
func (v *vacancies) take(path string, school uuid.UUID) *uuid.UUID {
	at := slices.IndexFunc(*v, func(x *ent.PlannedVisit) bool { return x.SchoolID == school })
	if at < 0 {
		at = slices.IndexFunc(*v, func(x *ent.PlannedVisit) bool { return x.RegionPath == path })
	}
	if at < 0 {
		return nil
	}
	existing := (*v)[at].ID
	*v = slices.Delete(*v, at, at+1)
	return &existing
}

// slotOf is the first slot that a visit fills; nil for none.
func slotOf(v sampling.Visit) *rule.SamplingSlot {
	for _, r := range v.Reasons {
		if slot, ok := strings.CutPrefix(string(r.Code), "FILLS_"); ok && r.Code != sampling.FillsTotal {
			return new(rule.SamplingSlot(slot))
		}
	}
	return nil
}

// reasonsOf writes reasons as the row keeps them: "CODE" or "CODE detail".
func reasonsOf(v sampling.Visit) []string {
	out := make([]string, len(v.Reasons))
	for i, r := range v.Reasons {
		out[i] = strings.TrimSuffix(string(r.Code)+" "+r.Detail, " ")
	}
	return out
}

// ReasonsOf are the reasons of a planned visit as the planner gave them.
func ReasonsOf(v *ent.PlannedVisit) []*sampling.Reason {
	out := make([]*sampling.Reason, len(v.Reasons))
	for i, r := range v.Reasons {
		code, detail, _ := strings.Cut(r, " ")
		out[i] = &sampling.Reason{Code: sampling.Code(code), Detail: detail}
	}
	return out
}

// ConfirmVisits makes a proposed plan binding: its teams may go. The section or a
// leader of the bureau may. INVALID_TRANSITION when it is confirmed, or a newer
// plan stands in its place.
func (sv *Supervision) ConfirmVisits(ctx context.Context, in ConfirmVisitsInput) (*ent.VisitPlan, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.planId", in.PlanID, id.VisitPlan)
	return command.Run(ctx, sv.commands, command.Spec[*ent.VisitPlan, *ent.VisitPlan]{
		Action: authz.ConfirmVisits, Key: in.CommandID, Subject: in.PlanID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.VisitPlan, error) {
			return lockedPlan(ctx, tx.Tx, in.PlanID)
		},
		May: func(_ context.Context, _ *command.Tx, p *ent.VisitPlan) (authz.Facts, error) {
			return authz.Facts{RegionPath: p.RegionPath}, nil
		},
		Version: func(p *ent.VisitPlan) (*int, int) { return in.ExpectedVersion, p.Version },
		Decide: func(_ context.Context, tx *command.Tx, p *ent.VisitPlan) error {
			if err := rule.CheckConfirmPlan(p.Status); err != nil {
				return err
			}
			return rule.CheckNotOver(p.Edges.Campaign.EndsOn, command.PolicyOf(p.Edges.Campaign).Today(tx.Now))
		},
		Write: func(ctx context.Context, tx *command.Tx, p *ent.VisitPlan) error {
			n, err := tx.VisitPlan.Update().Where(visitplan.ID(p.ID), visitplan.Version(p.Version)).SetStatus(rule.VisitPlanConfirmed).
				SetConfirmedByID(tx.Viewer.UserID).SetConfirmedAt(tx.Now).AddVersion(1).Save(ctx)
			if err == nil && n == 0 {
				return command.Conflict(p.Version + 1)
			}
			if err != nil {
				return err
			}
			return tx.PlannedVisit.Update().Where(plannedvisit.PlanID(p.ID), plannedvisit.StatusEQ(rule.VisitProposed)).
				SetStatus(rule.VisitConfirmed).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.VisitPlan, error) { return sv.VisitPlan(ctx, in.PlanID) },
	})
}

// lockedPlan locks the campaign of a plan in sight, then reads the plan with it: what
// it reads can't change any more.
func lockedPlan(ctx context.Context, tx *ent.Tx, i id.ID) (*ent.VisitPlan, error) {
	of, err := tx.VisitPlan.Query().Where(visitplan.ID(i.UUID)).Select(visitplan.FieldCampaignID).Only(ctx)
	if _, err := command.NotFoundAs(of, err, id.VisitPlan); err != nil {
		return nil, command.AtField("input.planId", id.VisitPlan, err)
	}
	if err := store.Lock(ctx, tx, store.Campaigns, of.CampaignID); err != nil {
		return nil, err
	}
	return tx.VisitPlan.Query().Where(visitplan.ID(i.UUID)).WithCampaign().Only(ctx)
}

// CancelVisit takes a visit off the plan for a reason, so that ReplanVisits can
// replace it. The section or a leader of the bureau may. INVALID_TRANSITION when it
// fell out before or was carried out.
func (sv *Supervision) CancelVisit(ctx context.Context, in CancelVisitInput) (*ent.PlannedVisit, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.visitId", in.VisitID, id.PlannedVisit)
	command.RequiredText(&bad, "input.reason", in.Reason)
	return command.Run(ctx, sv.commands, command.Spec[*ent.PlannedVisit, *ent.PlannedVisit]{
		Action: authz.CancelVisit, Key: in.CommandID, Subject: in.VisitID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.PlannedVisit, error) {
			return lockedVisit(ctx, tx.Tx, in.VisitID)
		},
		May: func(_ context.Context, _ *command.Tx, x *ent.PlannedVisit) (authz.Facts, error) {
			return authz.Facts{SchoolID: x.SchoolID, RegionPath: x.RegionPath}, nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, x *ent.PlannedVisit) error {
			done, err := tx.InspectionReport.Query().Where(inspectionreport.CampaignID(x.CampaignID), inspectionreport.SchoolID(x.SchoolID),
				inspectionreport.KindEQ(rule.Supervision), inspectionreport.ProvenAtNotNil()).Exist(authz.AsSystem(ctx)) // a visit counts also where its report is out of sight
			if err != nil {
				return err
			}
			return rule.CheckDrop(x.Status, done)
		},
		Write: func(ctx context.Context, tx *command.Tx, x *ent.PlannedVisit) error {
			err := tx.PlannedVisit.Update().Where(plannedvisit.ID(x.ID)).SetStatus(rule.VisitFallenOut).SetFallenOutReason(rule.DroppedFor(in.Reason)).
				SetFallenOutAt(tx.Now).Exec(ctx)
			if err != nil {
				return err
			}
			return tx.VisitPlan.Update().Where(visitplan.ID(x.PlanID)).AddVersion(1).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.PlannedVisit, error) { return sv.PlannedVisit(ctx, in.VisitID) },
	})
}

// lockedVisit locks the campaign of a visit in sight, then reads the visit.
func lockedVisit(ctx context.Context, tx *ent.Tx, i id.ID) (*ent.PlannedVisit, error) {
	of, err := tx.PlannedVisit.Query().Where(plannedvisit.ID(i.UUID)).Select(plannedvisit.FieldCampaignID).Only(ctx)
	if _, err := command.NotFoundAs(of, err, id.PlannedVisit); err != nil {
		return nil, command.AtField("input.visitId", id.PlannedVisit, err)
	}
	if err := store.Lock(ctx, tx, store.Campaigns, of.CampaignID); err != nil {
		return nil, err
	}
	return tx.PlannedVisit.Get(ctx, i.UUID)
}

// ConfirmExemption confirms that a township has no school of a kind, so that its
// visits can meet the rule without one. The section or a leader of the bureau may.
// INVALID_TRANSITION when the township has such a school; CONFLICT when the
// exemption is confirmed already.
func (sv *Supervision) ConfirmExemption(ctx context.Context, in ConfirmExemptionInput) (*ent.SamplingExemption, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.SamplingExemption)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.RequiredID(&bad, "input.regionId", in.RegionID, id.Region)
	command.RequiredText(&bad, "input.reason", in.Reason)
	return command.Run(ctx, sv.commands, command.Spec[*exempting, *ent.SamplingExemption]{
		Action: authz.ConfirmExemption, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*exempting, error) {
			c, err := tx.Campaign.Get(ctx, in.CampaignID.UUID)
			if _, err := command.NotFoundAs(c, err, id.Campaign); err != nil {
				return nil, command.AtField("input.campaignId", id.Campaign, err)
			}
			r, err := regionOf(ctx, tx.Tx, c, in.RegionID)
			return &exempting{c, r}, err
		},
		May: func(_ context.Context, _ *command.Tx, x *exempting) (authz.Facts, error) {
			return authz.Facts{RegionPath: x.township.Path}, nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, x *exempting) error { return x.decide(ctx, sv, tx, in.Slot) },
		Write: func(ctx context.Context, tx *command.Tx, x *exempting) error {
			return tx.SamplingExemption.Create().SetID(in.ID.UUID).SetCampaignID(x.campaign.ID).SetRegionID(x.township.ID).SetRegionPath(x.township.Path).
				SetSlot(in.Slot).SetReason(strings.TrimSpace(in.Reason)).SetConfirmedByID(tx.Viewer.UserID).SetConfirmedAt(tx.Now).SetCreatedAt(tx.Now).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.SamplingExemption, error) { return sv.Exemption(ctx, in.ID) },
	})
}

// exempting is a township of a campaign that is to be exempted.
type exempting struct {
	campaign *ent.Campaign
	township *ent.Region
}

func (x *exempting) decide(ctx context.Context, sv *Supervision, tx *command.Tx, slot rule.SamplingSlot) error {
	c, r := x.campaign, x.township
	if r.Level != rule.Township {
		return fault.Bad("input.regionId", "no_township", fault.T("请填写乡镇。", "This is no township."))
	}
	s, err := figures.SampleOf(authz.AsSystem(ctx), tx.Client(), figures.At(sv.clock.Now(), nil), c, []*ent.Region{r}, figures.Tract{Regions: []any{r.ID}}) // of all its schools
	if err != nil {
		return err
	}
	standing := sampling.Prove(command.PolicyOf(c).Sampling.Draw(), s.Township(r), nil, nil)
	if err := rule.CheckExemption(standing, slot); err != nil {
		return err
	}
	before, err := tx.SamplingExemption.Query().Where(samplingexemption.CampaignID(c.ID), samplingexemption.RegionID(r.ID), samplingexemption.SlotEQ(slot)).
		Only(ctx)
	if err == nil {
		return fault.New(fault.Conflict, "exemption.confirmed", fault.T("该豁免已确认。", "This exemption is confirmed already.")).
			With("exemptionId", before.PublicID().String())
	}
	return store.IgnoreNotFound(err)
}
