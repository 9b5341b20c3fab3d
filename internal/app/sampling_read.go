package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/samplingexemption"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/ent/visitplan"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
	"github.com/cleargrid/cleargrid/internal/store"
)

// VisitPlan is one plan of visits in sight.
func (a *App) VisitPlan(ctx context.Context, i id.ID) (*ent.VisitPlan, error) {
	p, err := a.store.Ent.VisitPlan.Get(ctx, i.UUID)
	return command.NotFoundAs(p, err, id.VisitPlan)
}

// VisitPlansByID reads the plans in sight among these.
func (a *App) VisitPlansByID(ctx context.Context, ids []uuid.UUID) ([]*ent.VisitPlan, error) {
	rows, err := a.store.Ent.VisitPlan.Query().Where(visitplan.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// VisitPlans lists the plans of a campaign in sight, the newest first: also those
// that were replaced, so that nobody draws until the draw pleases unseen.
func (a *App) VisitPlans(ctx context.Context, campaignID id.ID, p PageArgs) (Page[*ent.VisitPlan], error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	if err := bad.Err(); err != nil {
		return Page[*ent.VisitPlan]{}, err
	}
	pq, err := newPageQuery(p, order{field: "PROPOSED_AT", column: visitplan.FieldProposedAt, isTime: true, desc: true})
	if err != nil {
		return Page[*ent.VisitPlan]{}, err
	}
	q := a.store.Ent.VisitPlan.Query().Where(visitplan.CampaignID(campaignID.UUID))
	q.Modify(pq.apply)
	rows, err := q.All(ctx)
	if err != nil {
		return Page[*ent.VisitPlan]{}, store.Fault(err)
	}
	return cut(pq, rows, func(v *ent.VisitPlan) (string, uuid.UUID) { return timeKey(v.ProposedAt), v.ID }), nil
}

// RegionsOfPlans gives the region that each of these plans is for.
func (a *App) RegionsOfPlans(ctx context.Context, plans []uuid.UUID) (map[uuid.UUID][]*ent.Region, error) {
	rows, err := a.VisitPlansByID(ctx, plans)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, p := range rows {
		paths = append(paths, p.RegionPath)
	}
	regions, err := a.store.Ent.Region.Query().Where(region.PathIn(paths...)).All(ctx)
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
func (a *App) PlannedVisit(ctx context.Context, i id.ID) (*ent.PlannedVisit, error) {
	v, err := a.store.Ent.PlannedVisit.Get(ctx, i.UUID)
	return command.NotFoundAs(v, err, id.PlannedVisit)
}

// PlannedVisitsByID reads the planned visits in sight among these.
func (a *App) PlannedVisitsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.PlannedVisit, error) {
	rows, err := a.store.Ent.PlannedVisit.Query().Where(plannedvisit.IDIn(ids...)).All(ctx)
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
func (a *App) PlannedVisits(ctx context.Context, campaignID id.ID, f *PlannedVisitFilter, p PageArgs) (Page[*ent.PlannedVisit], error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	if f != nil {
		command.OptionalID(&bad, "filter.planId", f.PlanID, id.VisitPlan)
		command.OptionalID(&bad, "filter.teamId", f.TeamID, id.Team)
		command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
		a.notInFuture(&bad, "filter.asOf", f.AsOf)
	}
	if err := bad.Err(); err != nil {
		return Page[*ent.PlannedVisit]{}, err
	}
	pq, err := newPageQuery(p, order{field: "TOWNSHIP", column: plannedvisit.FieldRegionPath})
	if err != nil {
		return Page[*ent.PlannedVisit]{}, err
	}
	q := a.store.Ent.PlannedVisit.Query().Where(plannedvisit.CampaignID(campaignID.UUID))
	if f != nil {
		if err := a.filterVisits(ctx, q, f); err != nil {
			return Page[*ent.PlannedVisit]{}, err
		}
	}
	q.Modify(pq.apply)
	rows, err := q.All(ctx)
	if err != nil {
		return Page[*ent.PlannedVisit]{}, store.Fault(err)
	}
	return cut(pq, rows, func(v *ent.PlannedVisit) (string, uuid.UUID) { return v.RegionPath, v.ID }), nil
}

func (a *App) filterVisits(ctx context.Context, q *ent.PlannedVisitQuery, f *PlannedVisitFilter) error {
	w := a.when(f.AsOf)
	if f.PlanID != nil {
		q.Where(plannedvisit.PlanID(f.PlanID.UUID))
	}
	if f.TeamID != nil {
		q.Where(plannedvisit.TeamID(f.TeamID.UUID))
	}
	if f.RegionID != nil {
		path, err := a.regionPath(ctx, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(plannedvisit.RegionPathGTE(path), plannedvisit.RegionPathLT(rule.RegionPathEnd(path)))
	}
	q.Where(func(s *sql.Selector) {
		if w.past {
			s.Where(sql.LTE(s.C(plannedvisit.FieldCreatedAt), w.at))
		}
		if len(f.Status) > 0 {
			s.Where(w.visitIs(s, f.Status...))
		}
		if f.Done != nil {
			proven := w.provenVisits(s)
			proven.Where(sql.And(sql.ColumnsEQ(s.C(plannedvisit.FieldCampaignID), proven.C(inspectionreport.FieldCampaignID)),
				sql.ColumnsEQ(s.C(plannedvisit.FieldSchoolID), proven.C(inspectionreport.FieldSchoolID))))
			s.Where(sameAs(*f.Done, sql.Exists(proven)))
		}
	})
	return nil
}

// visitIs is true for visits with one of some statuses. A visit is confirmed with
// its plan; one that fell out is so from then on.
func (w when) visitIs(s *sql.Selector, statuses ...rule.VisitStatus) *sql.Predicate {
	if !w.past {
		return sql.In(s.C(plannedvisit.FieldStatus), anys(statuses)...)
	}
	fallen := sql.And(sql.NotNull(s.C(plannedvisit.FieldFallenOutAt)), sql.LTE(s.C(plannedvisit.FieldFallenOutAt), w.at))
	t := sql.Table(visitplan.Table).As("its_plan")
	confirmed := sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(visitplan.FieldID)).From(t).Where(sql.And(
		sql.ColumnsEQ(t.C(visitplan.FieldID), s.C(plannedvisit.FieldPlanID)), sql.LTE(t.C(visitplan.FieldConfirmedAt), w.at))))
	out := sql.False()
	for _, status := range statuses {
		switch status {
		case rule.VisitFallenOut:
			out = sql.Or(out, fallen)
		case rule.VisitConfirmed:
			out = sql.Or(out, sql.And(sql.Not(fallen), confirmed))
		default:
			out = sql.Or(out, sql.And(sql.Not(fallen), sql.Not(confirmed)))
		}
	}
	return out
}

// provenVisits selects the campaigns and schools of the supervision reports that
// were proven.
func (w when) provenVisits(s *sql.Selector) *sql.Selector {
	t := sql.Table(inspectionreport.Table).As("proof")
	return sql.Dialect(s.Dialect()).Select(t.C(inspectionreport.FieldCampaignID), t.C(inspectionreport.FieldSchoolID)).From(t).
		Where(sql.And(sql.EQ(t.C(inspectionreport.FieldKind), rule.Supervision), sql.LTE(t.C(inspectionreport.FieldProvenAt), w.until())))
}

// VisitsOfTeams lists the visits of these teams that stand, by township.
func (a *App) VisitsOfTeams(ctx context.Context, teams []uuid.UUID) ([]*ent.PlannedVisit, error) {
	rows, err := a.store.Ent.PlannedVisit.Query().Where(plannedvisit.TeamIDIn(teams...), plannedvisit.StatusNEQ(rule.VisitFallenOut)).
		Order(plannedvisit.ByRegionPath(), plannedvisit.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// TeamLoad is how much a team has to do.
type TeamLoad struct {
	Proposed  int // visits that wait for their confirmation
	Confirmed int
	Done      int // of both: those whose school has a proven supervision report
}

// Planned is all visits that stand.
func (l TeamLoad) Planned() int { return l.Proposed + l.Confirmed }

// LoadsOfTeams counts the visits of these teams: one load each. A team's load is
// told whole to whoever sees the team.
func (a *App) LoadsOfTeams(ctx context.Context, teams []uuid.UUID) (map[uuid.UUID][]*TeamLoad, error) {
	return a.loadsOfTeams(ctx, a.when(nil), teams)
}

func (a *App) loadsOfTeams(ctx context.Context, w when, teams []uuid.UUID) (map[uuid.UUID][]*TeamLoad, error) {
	out := make(map[uuid.UUID][]*TeamLoad, len(teams))
	for _, t := range teams {
		out[t] = []*TeamLoad{{}}
	}
	var counts []struct {
		TeamID    uuid.UUID `json:"team_id"`
		Proposed  int       `json:"proposed"`
		Confirmed int       `json:"confirmed"`
		Done      int       `json:"done"`
	}
	err := a.store.Ent.PlannedVisit.Query().Where(plannedvisit.TeamIDIn(teams...), plannedvisit.CreatedAtLTE(w.until())).
		Modify(func(s *sql.Selector) {
			// A school has many reports and perhaps several proven ones: they are made
			// one row each first.
			proven := w.provenVisits(s).Distinct().As("proven")
			s.LeftJoin(proven).OnP(sql.And(
				sql.ColumnsEQ(s.C(plannedvisit.FieldCampaignID), proven.C(inspectionreport.FieldCampaignID)),
				sql.ColumnsEQ(s.C(plannedvisit.FieldSchoolID), proven.C(inspectionreport.FieldSchoolID)),
			))
			s.Where(w.visitIs(s, rule.VisitProposed, rule.VisitConfirmed))
			s.Select(s.C(plannedvisit.FieldTeamID)).GroupBy(s.C(plannedvisit.FieldTeamID)).
				AppendSelectExprAs(countIf(w.visitIs(s, rule.VisitProposed)), "proposed").
				AppendSelectExprAs(countIf(w.visitIs(s, rule.VisitConfirmed)), "confirmed").
				AppendSelect(sql.As(sql.Count(proven.C(inspectionreport.FieldSchoolID)), "done"))
		}).Scan(authz.AsSystem(ctx), &counts)
	for _, c := range counts {
		out[c.TeamID] = []*TeamLoad{{Proposed: c.Proposed, Confirmed: c.Confirmed, Done: c.Done}}
	}
	return out, store.Fault(err)
}

// ReportsOfVisits gives the proven report that makes each of these visits done: the
// school's first in the campaign, whoever made it.
func (a *App) ReportsOfVisits(ctx context.Context, visits []uuid.UUID) (map[uuid.UUID][]*ent.InspectionReport, error) {
	rows, err := a.PlannedVisitsByID(ctx, visits)
	if err != nil {
		return nil, err
	}
	var schools []uuid.UUID
	for _, v := range rows {
		schools = append(schools, v.SchoolID)
	}
	reports, err := a.store.Ent.InspectionReport.Query().Where(inspectionreport.SchoolIDIn(schools...), inspectionreport.KindEQ(rule.Supervision),
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
// Memberships are read as the system: that somebody is not independent is true
// whoever looks.
func (a *App) RecusedOfVisits(ctx context.Context, visits []uuid.UUID) (map[uuid.UUID][]*ent.User, error) {
	rows, err := a.store.Ent.PlannedVisit.Query().Where(plannedvisit.IDIn(visits...)).WithCampaign().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var teams, schools []uuid.UUID
	for _, v := range rows {
		teams, schools = append(teams, v.TeamID), append(schools, v.SchoolID)
	}
	members, err := a.store.Ent.TeamMember.Query().Where(teammember.TeamIDIn(teams...), teammember.LeftOnIsNil()).
		Order(teammember.ByPosition()).WithUser().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var people []uuid.UUID
	for _, m := range members {
		people = append(people, m.UserID)
	}
	ties, err := a.store.Ent.Membership.Query().Where(membership.UserIDIn(people...), membership.SchoolIDIn(schools...)).All(authz.AsSystem(ctx))
	out := map[uuid.UUID][]*ent.User{}
	for _, v := range rows {
		policy := policyOf(v.Edges.Campaign)
		since := rule.RecusedSince(policy.Today(a.clock.Now()), policy.Sampling)
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
func (a *App) Exemption(ctx context.Context, i id.ID) (*ent.SamplingExemption, error) {
	e, err := a.store.Ent.SamplingExemption.Get(ctx, i.UUID)
	return command.NotFoundAs(e, err, id.SamplingExemption)
}

// ExemptionsByID reads the confirmed exemptions in sight among these.
func (a *App) ExemptionsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.SamplingExemption, error) {
	rows, err := a.store.Ent.SamplingExemption.Query().Where(samplingexemption.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// TownshipProof is how far a township's proven visits satisfy the sampling rule.
type TownshipProof struct {
	Region *ent.Region
	// Required and Visited are numbers of different schools.
	Required, Visited int
	Slots             []*SlotProof
	Exemptions        []*ExemptionProof
	Lacks             []*SamplingLack
	// MeetsRule: nothing lacks, and each exemption is confirmed.
	MeetsRule bool
}

// SlotProof is one place of a township's sample, and the proven visit that fills it.
type SlotProof struct {
	Slot   rule.SamplingSlot
	Number int         // from 1, among the places of its kind
	School *ent.School // nil while it is empty
	Report *ent.InspectionReport
}

// ExemptionProof is a kind of school that a township lacks.
type ExemptionProof struct {
	Slot  rule.SamplingSlot
	Count int // of places
	Why   sampling.Why
	// Schools are those of that kind that stand for other places.
	Schools []*ent.School
	// Confirmed is the section's word; nil while it is due.
	Confirmed *ent.SamplingExemption
}

// SamplingLack is something that is still to be done.
type SamplingLack struct {
	Slot  *rule.SamplingSlot // nil: the number of schools
	Count int
	Why   sampling.Why
}

// SamplingProof lists the townships of a region, by path, with the proof for each:
// six statements whatever the size of the page. The section and the bureau's
// leaders may. regionID nil means the campaign's region; asOf makes it the proof of
// an instant, as known now, and nil is now.
func (a *App) SamplingProof(ctx context.Context, campaignID id.ID, regionID *id.ID, asOf *time.Time, p PageArgs) (Page[*TownshipProof], error) {
	none := Page[*TownshipProof]{}
	var bad fault.Input
	a.notInFuture(&bad, "asOf", asOf)
	if err := bad.Err(); err != nil {
		return none, err
	}
	c, path, err := a.campaignArea(ctx, campaignID, regionID)
	if err != nil {
		return none, err
	}
	if err := authz.Can(authz.FromContext(ctx), authz.ViewSampling, authz.Facts{RegionPath: path}); err != nil {
		return none, err
	}
	pq, err := newPageQuery(p, order{field: "PATH", column: region.FieldPath})
	if err != nil {
		return none, err
	}
	q := a.store.Ent.Region.Query().Where(region.LevelEQ(rule.Township), region.PathGTE(path), region.PathLT(rule.RegionPathEnd(path)))
	q.Modify(pq.apply)
	townships, err := q.All(ctx)
	if err != nil {
		return none, store.Fault(err)
	}
	page := cut(pq, townships, func(r *ent.Region) (string, uuid.UUID) { return r.Path, r.ID })
	t := tract{regions: []any{}}
	for _, r := range page.Rows {
		t.regions = append(t.regions, r.ID)
	}
	proofs, err := a.prove(ctx, a.when(asOf), c, page.Rows, t)
	return Page[*TownshipProof]{Rows: proofs, Cursors: page.Cursors, HasNext: page.HasNext, HasPrevious: page.HasPrevious}, err
}

// campaignArea loads a campaign and the path of a region of it, for a query.
func (a *App) campaignArea(ctx context.Context, campaignID id.ID, regionID *id.ID) (*ent.Campaign, string, error) {
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	command.OptionalID(&bad, "regionId", regionID, id.Region)
	if err := bad.Err(); err != nil {
		return nil, "", err
	}
	c, err := a.Campaign(ctx, campaignID)
	if err != nil {
		return nil, "", command.AtField("campaignId", id.Campaign, err)
	}
	if regionID == nil {
		return c, c.RegionPath, nil
	}
	path, err := a.regionPath(ctx, regionID.UUID)
	return c, path, command.AtField("regionId", id.Region, err)
}

// prove holds the proven visits of some townships against the rule.
func (a *App) prove(ctx context.Context, w when, c *ent.Campaign, townships []*ent.Region, t tract) ([]*TownshipProof, error) {
	s, err := sampleOf(ctx, a.store.Ent, w, c, townships, t)
	if err != nil {
		return nil, err
	}
	q := a.store.Ent.SamplingExemption.Query().Where(samplingexemption.CampaignID(c.ID), samplingexemption.ConfirmedAtLTE(w.until()))
	if t.regions != nil {
		q.Where(func(s *sql.Selector) { s.Where(sql.In(s.C(samplingexemption.FieldRegionID), t.regions...)) })
	} else {
		q.Where(samplingexemption.RegionPathGTE(t.path), samplingexemption.RegionPathLT(rule.RegionPathEnd(t.path)))
	}
	exemptions, err := q.All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	confirmed := map[uuid.UUID][]*ent.SamplingExemption{}
	for _, e := range exemptions {
		confirmed[e.RegionID] = append(confirmed[e.RegionID], e)
	}
	drawn := policyOf(c).Sampling.Draw()
	out := make([]*TownshipProof, len(townships))
	for i, r := range townships {
		out[i] = s.prove(drawn, r, confirmed[r.ID])
	}
	return out, nil
}

// prove holds one township's visits against the rule.
func (s sample) prove(drawn sampling.Rule, r *ent.Region, confirmed []*ent.SamplingExemption) *TownshipProof {
	schools := map[string]*ent.School{}
	var visited []string
	for _, x := range s.schools[r.ID] {
		schools[x.PublicID().String()] = x
		if s.visits[x.ID] != nil {
			visited = append(visited, x.PublicID().String())
		}
	}
	var kinds []sampling.Kind
	words := map[sampling.Kind]*ent.SamplingExemption{}
	for _, e := range confirmed {
		kinds = append(kinds, sampling.Kind(e.Slot))
		words[sampling.Kind(e.Slot)] = e
	}
	standing := sampling.Prove(drawn, s.township(r), visited, kinds)
	out := &TownshipProof{Region: r, Required: standing.Required, Visited: standing.Visited, MeetsRule: standing.Meets()}
	for _, x := range standing.Slots {
		slot := &SlotProof{Slot: rule.SamplingSlot(x.Kind), Number: x.Number}
		if school := schools[x.School]; school != nil {
			slot.School, slot.Report = school, s.visits[school.ID]
		}
		out.Slots = append(out.Slots, slot)
	}
	for _, e := range standing.Exemptions {
		x := &ExemptionProof{Slot: rule.SamplingSlot(e.Kind), Count: e.Count, Why: e.Why, Confirmed: words[e.Kind]}
		for _, i := range e.Schools {
			x.Schools = append(x.Schools, schools[i])
		}
		out.Exemptions = append(out.Exemptions, x)
	}
	for _, l := range standing.Lacks {
		x := &SamplingLack{Count: l.Count, Why: l.Why}
		if l.Kind != "" {
			x.Slot = new(rule.SamplingSlot(l.Kind))
		}
		out.Lacks = append(out.Lacks, x)
	}
	return out
}

// SamplingFigures are the counts of a region's supervision in a campaign (domain:
// figures).
type SamplingFigures struct {
	Townships        int
	TownshipsMeeting int // the rule, with every exemption confirmed
	// Exemptions are kinds of schools that townships lack.
	ExemptionsConfirmed, ExemptionsUnconfirmed int
	// Teams are those of the campaign that supervise in the region, by number.
	Teams []TeamFigures
}

// TeamFigures are the visits of a team, in all its areas.
type TeamFigures struct {
	Team *ent.InspectionTeam
	TeamLoad
}

// samplingFigures counts a region's supervision: six statements, whatever the size.
// It gives nil to whoever may not see the figures of the whole region: parts of
// them would mislead.
func (a *App) samplingFigures(ctx context.Context, b board) (*SamplingFigures, error) {
	regionPath := b.region.Path
	if authz.Can(authz.FromContext(ctx), authz.ViewSamplingFigures, authz.Facts{RegionPath: regionPath}) != nil {
		return nil, nil //nolint:nilerr,nilnil // no figures is an answer
	}
	ctx = authz.AsSystem(ctx)
	townships, err := townshipsBelow(ctx, a.store.Ent, regionPath)
	if err != nil {
		return nil, err
	}
	proofs, err := a.prove(ctx, b.when, b.campaign, townships, tract{path: regionPath})
	if err != nil {
		return nil, err
	}
	out := &SamplingFigures{Townships: len(townships)}
	for _, p := range proofs {
		if p.MeetsRule {
			out.TownshipsMeeting++
		}
		for _, kind := range rule.SamplingSlots() {
			at := slices.IndexFunc(p.Exemptions, func(e *ExemptionProof) bool { return e.Slot == kind })
			switch {
			case at < 0:
			case p.Exemptions[at].Confirmed != nil:
				out.ExemptionsConfirmed++
			default:
				out.ExemptionsUnconfirmed++
			}
		}
	}
	out.Teams, err = a.teamFigures(ctx, b)
	return out, err
}

func (a *App) teamFigures(ctx context.Context, b board) ([]TeamFigures, error) {
	teams, err := a.store.Ent.InspectionTeam.Query().Where(inspectionteam.CampaignID(b.campaign.ID)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var ids []uuid.UUID
	for _, t := range teams {
		ids = append(ids, t.ID)
	}
	loads, err := a.loadsOfTeams(ctx, b.when, ids)
	if err != nil {
		return nil, err
	}
	var out []TeamFigures
	for _, t := range teams {
		if related(t.RegionPath, b.region.Path) {
			out = append(out, TeamFigures{Team: t, TeamLoad: *loads[t.ID][0]})
		}
	}
	slices.SortFunc(out, func(x, y TeamFigures) int { return cmp.Compare(x.Team.Number, y.Team.Number) })
	return out, nil
}
