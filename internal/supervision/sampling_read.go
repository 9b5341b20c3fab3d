package supervision

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/samplingexemption"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/ent/visitplan"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// VisitPlan is one plan of visits in sight.
func (sv *Supervision) VisitPlan(ctx context.Context, i id.ID) (*ent.VisitPlan, error) {
	p, err := sv.store.Ent.VisitPlan.Get(ctx, i.UUID)
	return command.NotFoundAs(p, err, id.VisitPlan)
}

// VisitPlansByID reads the plans in sight among these.
func (sv *Supervision) VisitPlansByID(ctx context.Context, ids []uuid.UUID) ([]*ent.VisitPlan, error) {
	rows, err := sv.store.Ent.VisitPlan.Query().Where(visitplan.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// VisitPlans lists the plans of a campaign in sight, the newest first: also those
// that were replaced, so that nobody draws until the draw pleases unseen.
func (sv *Supervision) VisitPlans(ctx context.Context, campaignID id.ID, p command.PageArgs) (command.Page[*ent.VisitPlan], error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	if err := bad.Err(); err != nil {
		return command.Page[*ent.VisitPlan]{}, err
	}
	pq, err := command.NewPageQuery(p, command.Order{Field: "PROPOSED_AT", Column: visitplan.FieldProposedAt, IsTime: true, Desc: true})
	if err != nil {
		return command.Page[*ent.VisitPlan]{}, err
	}
	q := sv.store.Ent.VisitPlan.Query().Where(visitplan.CampaignID(campaignID.UUID))
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.VisitPlan]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(v *ent.VisitPlan) (string, uuid.UUID) { return command.TimeKey(v.ProposedAt), v.ID }), nil
}

// RegionsOfPlans gives the region that each of these plans is for.
func (sv *Supervision) RegionsOfPlans(ctx context.Context, plans []uuid.UUID) (map[uuid.UUID][]*ent.Region, error) {
	rows, err := sv.VisitPlansByID(ctx, plans)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, p := range rows {
		paths = append(paths, p.RegionPath)
	}
	regions, err := sv.store.Ent.Region.Query().Where(region.PathIn(paths...)).All(ctx)
	out := map[uuid.UUID][]*ent.Region{}
	for _, p := range rows {
		for _, r := range regions {
			if r.Path == p.RegionPath {
				out[p.ID] = []*ent.Region{r}
			}
		}
	}
	return out, store.Fault(err)
}

// PlannedVisit is one planned visit in sight.
func (sv *Supervision) PlannedVisit(ctx context.Context, i id.ID) (*ent.PlannedVisit, error) {
	v, err := sv.store.Ent.PlannedVisit.Get(ctx, i.UUID)
	return command.NotFoundAs(v, err, id.PlannedVisit)
}

// PlannedVisitsByID reads the planned visits in sight among these.
func (sv *Supervision) PlannedVisitsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.PlannedVisit, error) {
	rows, err := sv.store.Ent.PlannedVisit.Query().Where(plannedvisit.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// PlannedVisitFilter narrows a list of visits; every field given must hold.
type PlannedVisitFilter struct {
	PlanID   *id.ID
	TeamID   *id.ID
	RegionID *id.ID
	Status   []rule.VisitStatus
	Done     *bool
	// AsOf makes status and done those of an instant, as known now; visits planned
	// later are left out.
	AsOf *time.Time
}

// PlannedVisits lists the planned visits of a campaign in sight, by township.
func (sv *Supervision) PlannedVisits(ctx context.Context, campaignID id.ID, f *PlannedVisitFilter, p command.PageArgs) (command.Page[*ent.PlannedVisit], error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	if f != nil {
		command.OptionalID(&bad, "filter.planId", f.PlanID, id.VisitPlan)
		command.OptionalID(&bad, "filter.teamId", f.TeamID, id.Team)
		command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
		command.NotInFuture(&bad, "filter.asOf", f.AsOf, sv.clock.Now())
	}
	if err := bad.Err(); err != nil {
		return command.Page[*ent.PlannedVisit]{}, err
	}
	pq, err := command.NewPageQuery(p, command.Order{Field: "TOWNSHIP", Column: plannedvisit.FieldRegionPath})
	if err != nil {
		return command.Page[*ent.PlannedVisit]{}, err
	}
	q := sv.store.Ent.PlannedVisit.Query().Where(plannedvisit.CampaignID(campaignID.UUID))
	if f != nil {
		if err := sv.filterVisits(ctx, q, f); err != nil {
			return command.Page[*ent.PlannedVisit]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.PlannedVisit]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(v *ent.PlannedVisit) (string, uuid.UUID) { return v.RegionPath, v.ID }), nil
}

func (sv *Supervision) filterVisits(ctx context.Context, q *ent.PlannedVisitQuery, f *PlannedVisitFilter) error {
	w := figures.At(sv.clock.Now(), f.AsOf)
	if f.PlanID != nil {
		q.Where(plannedvisit.PlanID(f.PlanID.UUID))
	}
	if f.TeamID != nil {
		q.Where(plannedvisit.TeamID(f.TeamID.UUID))
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, sv.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(plannedvisit.RegionPathGTE(path), plannedvisit.RegionPathLT(rule.RegionPathEnd(path)))
	}
	q.Where(func(s *sql.Selector) {
		if w.Past {
			s.Where(sql.LTE(s.C(plannedvisit.FieldCreatedAt), w.At))
		}
		if len(f.Status) > 0 {
			s.Where(w.VisitIs(s, f.Status...))
		}
		if f.Done != nil {
			s.Where(figures.Asked(*f.Done, w.VisitDone(s)))
		}
	})
	return nil
}

// VisitsOfTeams lists the visits of these teams that stand, by township.
func (sv *Supervision) VisitsOfTeams(ctx context.Context, teams []uuid.UUID) ([]*ent.PlannedVisit, error) {
	rows, err := sv.store.Ent.PlannedVisit.Query().Where(plannedvisit.TeamIDIn(teams...), plannedvisit.StatusNEQ(rule.VisitFallenOut)).
		Order(plannedvisit.ByRegionPath(), plannedvisit.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// LoadsOfTeams counts the visits of these teams: one load each. A viewer
// who sees a team gets the counts of all its visits.
func (sv *Supervision) LoadsOfTeams(ctx context.Context, teams []uuid.UUID) (map[uuid.UUID][]*figures.TeamLoad, error) {
	return sv.figures().LoadsOfTeams(ctx, figures.At(sv.clock.Now(), nil), teams)
}

// ReportsOfVisits gives the proven report that makes each of these visits done: the
// school's first in the campaign, regardless of who made it.
func (sv *Supervision) ReportsOfVisits(ctx context.Context, visits []uuid.UUID) (map[uuid.UUID][]*ent.InspectionReport, error) {
	rows, err := sv.PlannedVisitsByID(ctx, visits)
	if err != nil {
		return nil, err
	}
	var schools []uuid.UUID
	for _, v := range rows {
		schools = append(schools, v.SchoolID)
	}
	reports, err := sv.store.Ent.InspectionReport.Query().Where(inspectionreport.SchoolIDIn(schools...), inspectionreport.KindEQ(rule.Supervision),
		inspectionreport.ProvenAtNotNil()).Order(inspectionreport.ByProvenAt(), inspectionreport.ByID()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	type subject struct{ campaign, school uuid.UUID }
	first := map[subject]*ent.InspectionReport{}
	for _, r := range reports {
		if key := (subject{r.CampaignID, r.SchoolID}); first[key] == nil {
			first[key] = r
		}
	}
	out := map[uuid.UUID][]*ent.InspectionReport{}
	for _, v := range rows {
		if r := first[subject{v.CampaignID, v.SchoolID}]; r != nil {
			out[v.ID] = []*ent.InspectionReport{r}
		}
	}
	return out, nil
}

// RecusedOfVisits lists who of a visit's team must stay away from its school today.
// Memberships are read as the system: whether somebody is independent must not depend
// on what the viewer may see.
func (sv *Supervision) RecusedOfVisits(ctx context.Context, visits []uuid.UUID) (map[uuid.UUID][]*ent.User, error) {
	rows, err := sv.store.Ent.PlannedVisit.Query().Where(plannedvisit.IDIn(visits...)).WithCampaign().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var teams, schools []uuid.UUID
	for _, v := range rows {
		teams, schools = append(teams, v.TeamID), append(schools, v.SchoolID)
	}
	members, err := sv.store.Ent.TeamMember.Query().Where(teammember.TeamIDIn(teams...), teammember.LeftOnIsNil()).
		Order(teammember.ByPosition()).WithUser().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var people []uuid.UUID
	for _, m := range members {
		people = append(people, m.UserID)
	}
	ties, err := sv.store.Ent.Membership.Query().Where(membership.UserIDIn(people...), membership.SchoolIDIn(schools...)).All(authz.AsSystem(ctx))
	out := map[uuid.UUID][]*ent.User{}
	for _, v := range rows {
		policy := command.PolicyOf(v.Edges.Campaign)
		since := rule.RecusedSince(policy.Today(sv.clock.Now()), policy.Sampling)
		for _, m := range members {
			tied := slices.ContainsFunc(ties, func(t *ent.Membership) bool {
				return t.UserID == m.UserID && *t.SchoolID == v.SchoolID && (t.ValidUntil == nil || *t.ValidUntil >= since)
			})
			if m.TeamID == v.TeamID && tied && m.Edges.User != nil {
				out[v.ID] = append(out[v.ID], m.Edges.User)
			}
		}
	}
	return out, store.Fault(err)
}

// Exemption is one confirmed exemption in sight.
func (sv *Supervision) Exemption(ctx context.Context, i id.ID) (*ent.SamplingExemption, error) {
	e, err := sv.store.Ent.SamplingExemption.Get(ctx, i.UUID)
	return command.NotFoundAs(e, err, id.SamplingExemption)
}

// ExemptionsByID reads the confirmed exemptions in sight among these.
func (sv *Supervision) ExemptionsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.SamplingExemption, error) {
	rows, err := sv.store.Ent.SamplingExemption.Query().Where(samplingexemption.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// SamplingProof lists the townships of a region, by path, with the proof for each:
// six statements whatever the size of the page. The section and the bureau's
// leaders may. regionID nil means the campaign's region; asOf makes it the proof of
// an instant, as known now, and nil is now.
func (sv *Supervision) SamplingProof(ctx context.Context, campaignID id.ID, regionID *id.ID, asOf *time.Time, p command.PageArgs) (command.Page[*figures.TownshipProof], error) {
	none := command.Page[*figures.TownshipProof]{}
	var bad fault.Input
	command.NotInFuture(&bad, "asOf", asOf, sv.clock.Now())
	if err := bad.Err(); err != nil {
		return none, err
	}
	c, path, err := sv.campaignArea(ctx, campaignID, regionID)
	if err != nil {
		return none, err
	}
	if err := authz.Can(authz.FromContext(ctx), authz.ViewSampling, authz.Facts{RegionPath: path}); err != nil {
		return none, err
	}
	pq, err := command.NewPageQuery(p, command.Order{Field: "PATH", Column: region.FieldPath})
	if err != nil {
		return none, err
	}
	q := sv.store.Ent.Region.Query().Where(region.LevelEQ(rule.Township), region.PathGTE(path), region.PathLT(rule.RegionPathEnd(path)))
	q.Modify(pq.Apply)
	townships, err := q.All(ctx)
	if err != nil {
		return none, store.Fault(err)
	}
	page := command.PageOf(pq, townships, func(r *ent.Region) (string, uuid.UUID) { return r.Path, r.ID })
	t := figures.Tract{Regions: []any{}}
	for _, r := range page.Rows {
		t.Regions = append(t.Regions, r.ID)
	}
	proofs, err := sv.figures().Prove(ctx, figures.At(sv.clock.Now(), asOf), c, page.Rows, t)
	return command.Page[*figures.TownshipProof]{Rows: proofs, Cursors: page.Cursors, HasNext: page.HasNext, HasPrevious: page.HasPrevious}, err
}

// campaignArea loads a campaign and the path of a region of it, for a query.
func (sv *Supervision) campaignArea(ctx context.Context, campaignID id.ID, regionID *id.ID) (*ent.Campaign, string, error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	command.OptionalID(&bad, "regionId", regionID, id.Region)
	if err := bad.Err(); err != nil {
		return nil, "", err
	}
	c, err := command.Campaign(ctx, sv.store.Ent, campaignID)
	if err != nil {
		return nil, "", command.AtField("campaignId", id.Campaign, err)
	}
	if regionID == nil {
		return c, c.RegionPath, nil
	}
	path, err := command.RegionPath(ctx, sv.store.Ent, regionID.UUID)
	return c, path, command.AtField("regionId", id.Region, err)
}
