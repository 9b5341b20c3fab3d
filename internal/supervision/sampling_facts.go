package supervision

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/ent/teamarea"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
	"github.com/cleargrid/cleargrid/internal/store"
)

// drawing is what a plan is made of, as the system sees it: the draw must not
// depend on who asks.
type drawing struct {
	sv       *Supervision
	client   *ent.Client
	campaign *ent.Campaign
	path     string
	today    clock.Date
	zoned    rule.Policy
	tract    figures.Tract

	sample figures.Sample
	teams  []*ent.InspectionTeam
	// standing are the visits that stand, by school.
	standing map[uuid.UUID]*ent.PlannedVisit
	input    sampling.Input
}

// gather reads the facts. keep are the statuses of visits that stand; barred keeps
// schools that a person took off the plan from being drawn again.
func (sv *Supervision) gather(ctx context.Context, tx *ent.Tx, c *ent.Campaign, path, seed string, keep []rule.VisitStatus, barred bool) (*drawing, error) {
	policy := command.PolicyOf(c)
	d := &drawing{
		sv: sv, client: tx.Client(), campaign: c, path: path, zoned: policy, today: policy.Today(sv.clock.Now()), tract: figures.Tract{Path: path},
		standing: map[uuid.UUID]*ent.PlannedVisit{},
	}
	d.input = sampling.Input{Rule: policy.Sampling.Draw(), Seed: seed, On: string(d.today)}
	townships, err := figures.TownshipsBelow(ctx, d.client, path)
	if err != nil {
		return nil, err
	}
	if d.sample, err = figures.SampleOf(ctx, d.client, figures.At(sv.clock.Now(), nil), c, townships, d.tract); err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return d.addSchools(ctx, barred) },
		func() error { return d.addTeams(ctx) },
		func() error { return d.addAppointments(ctx, keep) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// addSchools adds the townships and what their schools are preferred for.
func (d *drawing) addSchools(ctx context.Context, barred bool) error {
	hazards, err := d.openMajorHazards(ctx)
	if err != nil {
		return err
	}
	flags, err := d.flags(ctx)
	if err != nil {
		return err
	}
	visited, err := d.lastVisits(ctx)
	if err != nil {
		return err
	}
	off := map[uuid.UUID]bool{}
	if barred {
		if off, err = d.droppedSchools(ctx); err != nil {
			return err
		}
	}
	for _, r := range d.sample.Townships {
		t := d.sample.Township(r)
		for i, s := range d.sample.Schools[r.ID] {
			t.Schools[i].MajorHazards, t.Schools[i].Flags = hazards[s.ID], flags[s.ID]
			t.Schools[i].LastVisitedOn, t.Schools[i].Barred = string(visited[s.ID]), off[s.ID]
		}
		d.input.Townships = append(d.input.Townships, t)
	}
	return nil
}

// tally is a number of a school.
type tally struct {
	SchoolID uuid.UUID `json:"school_id"`
	N        int       `json:"n"`
}

func perSchool(number func(*sql.Selector) string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		s.Select(s.C("school_id"), sql.As(number(s), "n")).GroupBy(s.C("school_id"))
	}
}

func rows(*sql.Selector) string { return sql.Count("*") }

func addTallies(to map[uuid.UUID]int, all []tally) {
	for _, t := range all {
		to[t.SchoolID] += t.N
	}
}

// openMajorHazards counts them by school, of whichever campaign.
func (d *drawing) openMajorHazards(ctx context.Context) (map[uuid.UUID]int, error) {
	out := map[uuid.UUID]int{}
	var all []tally
	err := d.client.SchoolFigure.Query().Where(schoolfigure.MajorOpenGT(0), d.tract.Rows()).
		Modify(perSchool(func(s *sql.Selector) string { return sql.Sum(s.C(schoolfigure.FieldMajorOpen)) })).Scan(ctx, &all)
	addTallies(out, all)
	return out, store.Fault(err)
}

// flags counts by school the doubts that wait for an answer: reviews of evidence
// and accountability cases that are open, and discrepancies of the campaign.
func (d *drawing) flags(ctx context.Context) (map[uuid.UUID]int, error) {
	out := map[uuid.UUID]int{}
	var all []tally
	err := d.client.Evidence.Query().Where(evidence.ReviewEQ(rule.ReviewOpen), d.tract.Rows()).
		Modify(perSchool(rows)).Scan(ctx, &all)
	if err != nil {
		return nil, store.Fault(err)
	}
	addTallies(out, all)
	err = d.client.AccountabilityCase.Query().Where(accountabilitycase.StatusEQ(rule.CaseOpen), d.tract.Rows()).
		Modify(perSchool(rows)).Scan(ctx, &all)
	if err != nil {
		return nil, store.Fault(err)
	}
	addTallies(out, all)
	err = d.client.Discrepancy.Query().Where(discrepancy.CampaignID(d.campaign.ID), d.tract.Rows()).
		Modify(perSchool(rows)).Scan(ctx, &all)
	addTallies(out, all)
	return out, store.Fault(err)
}

// lastVisits gives the day of each school's latest proven visit, of whichever
// campaign.
func (d *drawing) lastVisits(ctx context.Context) (map[uuid.UUID]clock.Date, error) {
	out := map[uuid.UUID]clock.Date{}
	visits, err := d.client.InspectionReport.Query().Where(inspectionreport.KindEQ(rule.Supervision), inspectionreport.ProvenAtNotNil(),
		d.tract.Rows()).Select(inspectionreport.FieldSchoolID, inspectionreport.FieldStartedAt).All(ctx)
	for _, v := range visits {
		out[v.SchoolID] = max(out[v.SchoolID], clock.DateOf(v.StartedAt, d.zoned.Zone()))
	}
	return out, store.Fault(err)
}

// droppedSchools are those whose visit in this campaign a person took off the plan.
func (d *drawing) droppedSchools(ctx context.Context) (map[uuid.UUID]bool, error) {
	visits, err := d.client.PlannedVisit.Query().Where(plannedvisit.CampaignID(d.campaign.ID), plannedvisit.StatusEQ(rule.VisitFallenOut),
		plannedvisit.FallenOutReasonHasPrefix(rule.DroppedFor("")), d.tract.Rows()).All(ctx)
	out := map[uuid.UUID]bool{}
	for _, v := range visits {
		out[v.SchoolID] = true
	}
	return out, store.Fault(err)
}

// addTeams adds the campaign's teams of the region, of the bureaus above it and of
// those below, with the members who may inspect.
func (d *drawing) addTeams(ctx context.Context) error {
	teams, err := d.client.InspectionTeam.Query().Where(inspectionteam.CampaignID(d.campaign.ID)).Order(inspectionteam.ByNumber()).All(ctx)
	if err != nil {
		return err
	}
	index := map[uuid.UUID]int{}
	var ids []uuid.UUID
	for _, t := range teams {
		if rule.RegionsRelated(t.RegionPath, d.path) {
			index[t.ID] = len(d.teams)
			d.teams, ids = append(d.teams, t), append(ids, t.ID)
			d.input.Teams = append(d.input.Teams, sampling.Team{ID: t.PublicID().String()})
		}
	}
	members, err := d.client.TeamMember.Query().Where(teammember.TeamIDIn(ids...), teammember.LeftOnIsNil()).All(ctx)
	if err != nil {
		return err
	}
	if err := d.addMembers(ctx, members, index); err != nil {
		return err
	}
	areas, err := d.client.TeamArea.Query().Where(teamarea.TeamIDIn(ids...)).WithRegion().All(ctx)
	if err != nil {
		return err
	}
	for _, area := range areas {
		t := &d.input.Teams[index[area.TeamID]]
		switch {
		case area.SchoolID != nil:
			t.Schools = append(t.Schools, id.Of(id.School, *area.SchoolID).String())
		case area.Edges.Region != nil:
			for _, r := range d.sample.Townships {
				if strings.HasPrefix(r.Path, area.Edges.Region.Path) {
					t.Townships = append(t.Townships, r.PublicID().String())
				}
			}
		}
	}
	return d.addLoads(ctx, index)
}

// addMembers adds the members whose inspecting role lasts, and the schools that
// they belong or belonged to.
func (d *drawing) addMembers(ctx context.Context, members []*ent.TeamMember, index map[uuid.UUID]int) error {
	var people []uuid.UUID
	for _, m := range members {
		people = append(people, m.UserID)
	}
	roles, err := d.client.Membership.Query().Where(membership.UserIDIn(people...)).All(ctx)
	if err != nil {
		return err
	}
	inspects := inspectingDuring(d.campaign, d.today, roles)
	for _, m := range members {
		t := &d.input.Teams[index[m.TeamID]]
		if inspects(m.UserID, d.teams[index[m.TeamID]].RegionPath) {
			t.Members = append(t.Members, id.Of(id.User, m.UserID).String())
		}
	}
	for _, r := range roles {
		if r.SchoolID == nil {
			continue
		}
		until := ""
		if r.ValidUntil != nil {
			until = string(*r.ValidUntil)
		}
		d.input.Memberships = append(d.input.Memberships, sampling.Membership{
			Person: id.Of(id.User, r.UserID).String(), School: id.Of(id.School, *r.SchoolID).String(), Until: until,
		})
	}
	return nil
}

// addLoads adds what the teams have to do outside of the region.
func (d *drawing) addLoads(ctx context.Context, index map[uuid.UUID]int) error {
	var loads []struct {
		TeamID uuid.UUID `json:"team_id"`
		N      int       `json:"n"`
	}
	err := d.client.PlannedVisit.Query().Where(plannedvisit.CampaignID(d.campaign.ID), plannedvisit.StatusNEQ(rule.VisitFallenOut),
		plannedvisit.Or(plannedvisit.RegionPathLT(d.path), plannedvisit.RegionPathGTE(rule.RegionPathEnd(d.path)))).
		Modify(func(s *sql.Selector) {
			s.Select(s.C(plannedvisit.FieldTeamID), sql.As(sql.Count("*"), "n")).GroupBy(s.C(plannedvisit.FieldTeamID))
		}).Scan(ctx, &loads)
	for _, l := range loads {
		if i, ours := index[l.TeamID]; ours {
			d.input.Teams[i].Load = l.N
		}
	}
	return store.Fault(err)
}

// addAppointments adds the visits that stand and those that were carried out.
func (d *drawing) addAppointments(ctx context.Context, keep []rule.VisitStatus) error {
	visits, err := d.client.PlannedVisit.Query().Where(plannedvisit.CampaignID(d.campaign.ID), plannedvisit.StatusIn(keep...),
		plannedvisit.RegionPathGTE(d.path), plannedvisit.RegionPathLT(rule.RegionPathEnd(d.path))).Order(plannedvisit.ByID()).All(ctx)
	if err != nil {
		return err
	}
	for _, v := range visits {
		if before := d.standing[v.SchoolID]; before == nil || before.Status == rule.VisitProposed {
			d.standing[v.SchoolID] = v
		}
	}
	for schoolID, v := range d.standing {
		a := sampling.Appointment{School: id.Of(id.School, schoolID).String(), Team: id.Of(id.Team, v.TeamID).String()}
		a.Done = d.sample.Visits[schoolID] != nil
		d.input.Appointments = append(d.input.Appointments, a)
	}
	for schoolID, r := range d.sample.Visits {
		if d.standing[schoolID] != nil {
			continue
		}
		a := sampling.Appointment{School: id.Of(id.School, schoolID).String(), Done: true}
		if r.TeamID != nil {
			a.Team = id.Of(id.Team, *r.TeamID).String()
		}
		d.input.Appointments = append(d.input.Appointments, a)
	}
	return nil
}
