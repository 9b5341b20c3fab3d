package app

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
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
)

// ProposeVisitsInput draws the schools that the teams shall visit.
type ProposeVisitsInput struct {
	ID         id.ID
	CampaignID id.ID
	// RegionID is the region to plan; nil is the campaign's.
	RegionID *id.ID
	// Seed is published with the plan: whoever has it can repeat the draw.
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

// DropVisitInput takes one visit off the plan.
type DropVisitInput struct {
	CommandID id.ID
	VisitID   id.ID
	Reason    string
}

// ConfirmExemptionInput confirms that a township lacks a kind of school.
type ConfirmExemptionInput struct {
	ID         id.ID
	CampaignID id.ID
	RegionID   id.ID
	Slot       rule.SamplingSlot
	Reason     string
}

// ProposeVisits plans a region anew: confirmed visits stay unless they can't,
// proposed ones of earlier plans give way. The section may. INVALID_TRANSITION when
// the campaign has no team or is over.
func (a *App) ProposeVisits(ctx context.Context, in ProposeVisitsInput) (*ent.VisitPlan, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.VisitPlan)
	must(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	may(&bad, "input.regionId", in.RegionID, id.Region)
	if sampling.CheckSeed(in.Seed) != nil {
		bad.Add("input.seed", "seed", fault.Tf("种子须为 1 至 %d 字节的可见文字，首尾无空格。",
			"A seed is 1 to %d bytes of plain text without blanks at its ends.", sampling.MaxSeed))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.ProposeVisits, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		c, path, err := campaignRegion(ctx, tx, in.CampaignID, in.RegionID)
		if err != nil {
			return err
		}
		return a.plan(ctx, tx, v, planning{
			action: authz.ProposeVisits, id: in.ID.UUID, campaign: c, path: path, seed: in.Seed, keep: []rule.VisitStatus{rule.VisitConfirmed},
		})
	})
	if err != nil {
		return nil, err
	}
	return a.VisitPlan(ctx, in.ID)
}

// ReplanVisits makes a new plan with the seed of one whose visits have fallen out
// or can't stand any more: every other visit stays, only what is needed is added.
// Schools that a person took off the plan are not drawn again. The section may.
// INVALID_TRANSITION when there is nothing to replace.
func (a *App) ReplanVisits(ctx context.Context, in ReplanVisitsInput) (*ent.VisitPlan, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.VisitPlan)
	must(&bad, "input.planId", in.PlanID, id.VisitPlan)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.ReplanVisits, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		p, err := lockedPlan(ctx, tx, in.PlanID)
		if err != nil {
			return err
		}
		return a.plan(ctx, tx, v, planning{
			action: authz.ReplanVisits, id: in.ID.UUID, campaign: p.Edges.Campaign, path: p.RegionPath, seed: p.Seed,
			keep: []rule.VisitStatus{rule.VisitConfirmed, rule.VisitProposed}, mends: p,
		})
	})
	if err != nil {
		return nil, err
	}
	return a.VisitPlan(ctx, in.ID)
}

// planning is what a new plan is to be.
type planning struct {
	action   authz.Action
	id       uuid.UUID
	campaign *ent.Campaign
	path     string
	seed     string
	keep     []rule.VisitStatus
	mends    *ent.VisitPlan // the plan that it mends; nil for a fresh draw
}

func (a *App) plan(ctx context.Context, tx *ent.Tx, v authz.Viewer, p planning) error {
	if err := authz.Can(v, p.action, authz.Facts{RegionPath: p.path}); err != nil {
		return err
	}
	if err := rule.CheckNotOver(p.campaign.EndsOn, policyOf(p.campaign).Today(a.clock.Now())); err != nil {
		return err
	}
	if p.mends != nil {
		if err := rule.CheckReplan(p.mends.Status); err != nil {
			return err
		}
	}
	if err := lockCampaign(ctx, tx, p.campaign); err != nil {
		return err
	}
	system := authz.AsSystem(ctx)
	d, err := a.gather(system, tx, p.campaign, p.path, p.seed, p.keep, p.mends != nil)
	if err != nil {
		return err
	}
	if len(d.teams) == 0 {
		return fault.New(fault.InvalidTransition, "visitplan.no_team", fault.T("请先成立督查组。", "Form a team first."))
	}
	drawn, err := sampling.Plan(d.input)
	if err != nil {
		return err
	}
	if p.mends != nil && len(drawn.Visits) == 0 && len(drawn.Dropped) == 0 {
		return fault.New(fault.InvalidTransition, "visitplan.nothing_to_replace", fault.T("没有需要替换的督查安排。", "There is no visit to replace."))
	}
	return a.keepPlan(system, tx, v, p, d, drawn)
}

// keepPlan writes a plan down: what fell out, the plan, its visits.
func (a *App) keepPlan(ctx context.Context, tx *ent.Tx, v authz.Viewer, p planning, d *drawing, drawn sampling.Proposal) error {
	now := a.clock.Now()
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
	moved, err := a.supersede(ctx, tx, p.campaign, p.path)
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
func (a *App) supersede(ctx context.Context, tx *ent.Tx, c *ent.Campaign, path string) ([]*ent.PlannedVisit, error) {
	visits, err := tx.PlannedVisit.Query().Where(plannedvisit.CampaignID(c.ID), plannedvisit.StatusEQ(rule.VisitProposed),
		plannedvisit.RegionPathGTE(path), plannedvisit.RegionPathLT(rule.RegionPathEnd(path))).Order(plannedvisit.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	err = tx.PlannedVisit.Update().Where(plannedvisit.CampaignID(c.ID), plannedvisit.StatusEQ(rule.VisitProposed),
		plannedvisit.RegionPathGTE(path), plannedvisit.RegionPathLT(rule.RegionPathEnd(path))).
		SetStatus(rule.VisitFallenOut).SetFallenOutReason(string(rule.FellSuperseded)).SetFallenOutAt(a.clock.Now()).Exec(ctx)
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
	taken := (*v)[at].ID
	*v = slices.Delete(*v, at, at+1)
	return &taken
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
func (a *App) ConfirmVisits(ctx context.Context, in ConfirmVisitsInput) (*ent.VisitPlan, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.planId", in.PlanID, id.VisitPlan)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.ConfirmVisits, in.CommandID, in.PlanID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		p, err := lockedPlan(ctx, tx, in.PlanID)
		if err != nil {
			return err
		}
		if err := authz.Can(v, authz.ConfirmVisits, authz.Facts{RegionPath: p.RegionPath}); err != nil {
			return err
		}
		if err := expect(in.ExpectedVersion, p.Version); err != nil {
			return err
		}
		if err := rule.CheckConfirmPlan(p.Status); err != nil {
			return err
		}
		if err := rule.CheckNotOver(p.Edges.Campaign.EndsOn, policyOf(p.Edges.Campaign).Today(a.clock.Now())); err != nil {
			return err
		}
		err = tx.VisitPlan.Update().Where(visitplan.ID(p.ID)).SetStatus(rule.VisitPlanConfirmed).SetConfirmedByID(v.UserID).
			SetConfirmedAt(a.clock.Now()).AddVersion(1).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.PlannedVisit.Update().Where(plannedvisit.PlanID(p.ID), plannedvisit.StatusEQ(rule.VisitProposed)).
			SetStatus(rule.VisitConfirmed).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return a.VisitPlan(ctx, in.PlanID)
}

// lockedPlan loads a plan in sight with its campaign, whose lock it takes first:
// what it reads can't change any more.
func lockedPlan(ctx context.Context, tx *ent.Tx, i id.ID) (*ent.VisitPlan, error) {
	read := func() (*ent.VisitPlan, error) {
		p, err := tx.VisitPlan.Query().Where(visitplan.ID(i.UUID)).WithCampaign().Only(ctx)
		if _, err := found(p, err, id.VisitPlan); err != nil {
			return nil, at("input.planId", id.VisitPlan, err)
		}
		return p, nil
	}
	p, err := read()
	if err != nil {
		return nil, err
	}
	if err := lockCampaign(ctx, tx, p.Edges.Campaign); err != nil {
		return nil, err
	}
	return read()
}

// DropVisit takes a visit off the plan for a reason, so that ReplanVisits can
// replace it. The section or a leader of the bureau may. INVALID_TRANSITION when it
// fell out before or was carried out.
func (a *App) DropVisit(ctx context.Context, in DropVisitInput) (*ent.PlannedVisit, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.visitId", in.VisitID, id.PlannedVisit)
	text(&bad, "input.reason", in.Reason)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.DropVisit, in.CommandID, in.VisitID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.dropVisit(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	return a.PlannedVisit(ctx, in.VisitID)
}

func (a *App) dropVisit(ctx context.Context, tx *ent.Tx, v authz.Viewer, in DropVisitInput) error {
	visit, err := tx.PlannedVisit.Query().Where(plannedvisit.ID(in.VisitID.UUID)).WithCampaign().Only(ctx)
	if _, err := found(visit, err, id.PlannedVisit); err != nil {
		return at("input.visitId", id.PlannedVisit, err)
	}
	if err := authz.Can(v, authz.DropVisit, authz.Facts{SchoolID: visit.SchoolID, RegionPath: visit.RegionPath}); err != nil {
		return err
	}
	if err := lockCampaign(ctx, tx, visit.Edges.Campaign); err != nil {
		return err
	}
	done, err := tx.InspectionReport.Query().Where(inspectionreport.CampaignID(visit.CampaignID), inspectionreport.SchoolID(visit.SchoolID),
		inspectionreport.KindEQ(rule.Supervision), inspectionreport.ProvenAtNotNil()).Exist(authz.AsSystem(ctx))
	if err != nil {
		return err
	}
	if visit, err = tx.PlannedVisit.Get(ctx, visit.ID); err != nil { // as it is under the lock
		return err
	}
	if err := rule.CheckDrop(visit.Status, done); err != nil {
		return err
	}
	err = visit.Update().SetStatus(rule.VisitFallenOut).SetFallenOutReason(rule.DroppedFor(in.Reason)).SetFallenOutAt(a.clock.Now()).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.VisitPlan.Update().Where(visitplan.ID(visit.PlanID)).AddVersion(1).Exec(ctx)
}

// ConfirmExemption confirms that a township lacks a kind of school, so that its
// visits can meet the rule without one. The section or a leader of the bureau may.
// INVALID_TRANSITION when the township has such a school; CONFLICT when the
// exemption is confirmed already.
func (a *App) ConfirmExemption(ctx context.Context, in ConfirmExemptionInput) (*ent.SamplingExemption, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.SamplingExemption)
	must(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	must(&bad, "input.regionId", in.RegionID, id.Region)
	text(&bad, "input.reason", in.Reason)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.ConfirmExemption, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.confirmExemption(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	return a.Exemption(ctx, in.ID)
}

func (a *App) confirmExemption(ctx context.Context, tx *ent.Tx, v authz.Viewer, in ConfirmExemptionInput) error {
	c, path, err := campaignRegion(ctx, tx, in.CampaignID, &in.RegionID)
	if err != nil {
		return err
	}
	if err := authz.Can(v, authz.ConfirmExemption, authz.Facts{RegionPath: path}); err != nil {
		return err
	}
	r, err := tx.Region.Get(ctx, in.RegionID.UUID)
	if err != nil {
		return err
	}
	if r.Level != rule.Township {
		return fault.Bad("input.regionId", "no_township", fault.T("请填写乡镇。", "This is no township."))
	}
	s, err := figures.SampleOf(authz.AsSystem(ctx), tx.Client(), a.asOf(nil), c, []*ent.Region{r}, figures.Tract{Regions: []any{r.ID}})
	if err != nil {
		return err
	}
	standing := sampling.Prove(policyOf(c).Sampling.Draw(), s.Township(r), nil, nil)
	if err := rule.CheckExemption(standing, in.Slot); err != nil {
		return err
	}
	before, err := tx.SamplingExemption.Query().Where(samplingexemption.CampaignID(c.ID), samplingexemption.RegionID(r.ID), samplingexemption.SlotEQ(in.Slot)).
		Only(ctx)
	if err == nil {
		return fault.New(fault.Conflict, "exemption.confirmed", fault.T("该豁免已确认。", "This exemption is confirmed already.")).
			With("exemptionId", before.PublicID().String())
	}
	if !ent.IsNotFound(err) {
		return err
	}
	now := a.clock.Now()
	return tx.SamplingExemption.Create().SetID(in.ID.UUID).SetCampaignID(c.ID).SetRegionID(r.ID).SetRegionPath(path).SetSlot(in.Slot).
		SetReason(strings.TrimSpace(in.Reason)).SetConfirmedByID(v.UserID).SetConfirmedAt(now).SetCreatedAt(now).Exec(ctx)
}
