package seed

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// writer puts a draft into the database, parents before children, many rows in
// one statement.
type writer struct {
	tx    *ent.Tx
	now   time.Time
	today clock.Date
}

// writeRegions writes the regions and returns the county.
func (w writer) writeRegions(ctx context.Context, d *draft) (*ent.Region, error) {
	region := func(key uuid.UUID, parent *uuid.UUID, level rule.RegionLevel, code, name, path string) *ent.RegionCreate {
		return w.tx.Region.Create().SetID(key).SetCreatedAt(w.now).SetNillableParentID(parent).
			SetLevel(level).SetCode(code).SetName(name).SetPath(path)
	}
	if err := region(d.provinceID, nil, rule.Province, d.provinceCode, provinceName, d.provincePath).Exec(ctx); err != nil {
		return nil, fmt.Errorf("seed: create province: %w", err)
	}
	if err := region(d.cityID, &d.provinceID, rule.City, d.cityCode, cityName, d.cityPath).Exec(ctx); err != nil {
		return nil, fmt.Errorf("seed: create city: %w", err)
	}
	county, err := region(d.countyID, &d.cityID, rule.County, d.countyCode, d.countyName, d.countyPath).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("seed: create county: %w", err)
	}
	var towns []*ent.RegionCreate
	for _, t := range d.townships {
		towns = append(towns, region(t.id, &d.countyID, rule.Township, t.code, t.name, t.path))
	}
	return county, insert(ctx, "townships", towns, w.tx.Region.CreateBulk)
}

// writeSchools writes schools with all that belongs to them, twenty at a
// time, so that memory does not grow with the county.
func (w writer) writeSchools(ctx context.Context, all []*school) error {
	for schools := range slices.Chunk(all, 20) {
		var rows []*ent.SchoolCreate
		var people []person
		texts := map[uuid.UUID]string{}
		for _, s := range schools {
			texts[s.id] = command.SearchText(s.name, s.code)
			rows = append(rows, w.tx.School.Create().SetID(s.id).SetCreatedAt(w.now).
				SetCode(s.code).SetName(s.name).SetRegionID(s.township.id).SetRegionPath(s.township.path).
				SetStages(s.kind.stages).SetOwnership(s.kind.ownership).SetBoarding(s.boarding).SetStudentCount(s.students).
				SetLatitude(s.at.Latitude).SetLongitude(s.at.Longitude).SetBoundaryMeters(s.boundary).
				SetSearchText(texts[s.id]))
			people = append(people, s.people()...)
		}
		if err := insert(ctx, "schools", rows, w.tx.School.CreateBulk); err != nil {
			return err
		}
		if err := command.IndexTexts(ctx, w.tx, id.School, texts); err != nil {
			return fmt.Errorf("seed: make schools findable: %w", err)
		}
		if err := w.writePeople(ctx, people); err != nil {
			return err
		}
		if err := w.writeGrids(ctx, schools); err != nil {
			return err
		}
	}
	return nil
}

// writePeople writes users and their memberships.
func (w writer) writePeople(ctx context.Context, people []person) error {
	var users []*ent.UserCreate
	var memberships []*ent.MembershipCreate
	for _, p := range people {
		users = append(users, w.tx.User.Create().SetID(p.id).SetCreatedAt(w.now).SetAccount(p.account).SetName(p.name))
		m := w.tx.Membership.Create().SetID(p.membershipID).SetCreatedAt(w.now).SetUserID(p.id).SetRole(p.role).
			SetRegionPath(p.path).SetValidFrom(w.today.AddDays(-daysOfMembership))
		if p.role.OfSchool() {
			m.SetSchoolID(p.schoolID)
		} else {
			m.SetRegionID(p.regionID)
		}
		memberships = append(memberships, m)
	}
	if err := insert(ctx, "users", users, w.tx.User.CreateBulk); err != nil {
		return err
	}
	return insert(ctx, "memberships", memberships, w.tx.Membership.CreateBulk)
}

// writeGrids writes grids and who answers for them.
func (w writer) writeGrids(ctx context.Context, schools []*school) error {
	var grids []*ent.GridCreate
	var assignments []*ent.GridAssignmentCreate
	since := w.today.AddDays(-daysOfAssignments)
	for _, s := range schools {
		assign := func(key, gridID, userID uuid.UUID, role rule.AssignmentRole) {
			assignments = append(assignments, w.tx.GridAssignment.Create().SetID(key).SetCreatedAt(w.now).SetSchoolID(s.id).
				SetGridID(gridID).SetUserID(userID).SetRole(role).SetValidFrom(since))
		}
		for _, g := range s.grids {
			c := w.tx.Grid.Create().SetID(g.id).SetCreatedAt(w.now).SetSchoolID(s.id).SetCode(g.code).SetName(g.name).SetKind(g.kind)
			if g.parent != uuid.Nil {
				c.SetParentID(g.parent)
			}
			grids = append(grids, c)
			assign(g.leadingID, g.id, g.leader, rule.GridLeader)
			assign(g.memberingID, g.id, g.member, rule.GridMember)
		}
	}
	if err := insert(ctx, "grids", grids, w.tx.Grid.CreateBulk); err != nil {
		return err
	}
	return insert(ctx, "grid assignments", assignments, w.tx.GridAssignment.CreateBulk)
}

// writeTeams writes the supervision teams, which belong to the campaign.
func (w writer) writeTeams(ctx context.Context, d *draft, c *ent.Campaign) error {
	var teams []*ent.InspectionTeamCreate
	var members []*ent.TeamMemberCreate
	var areas []*ent.TeamAreaCreate
	for _, t := range d.teams {
		teams = append(teams, w.tx.InspectionTeam.Create().SetID(t.id).SetCreatedAt(w.now).SetCampaignID(c.ID).
			SetNumber(t.number).SetName("第"+number(t.number)+"督查组").SetRegionPath(d.countyPath))
		for i, p := range t.members {
			members = append(members, w.tx.TeamMember.Create().SetID(t.memberIDs[i]).SetCreatedAt(w.now).
				SetTeamID(t.id).SetUserID(p.id).SetPosition(i))
		}
		for i, area := range t.areas {
			areas = append(areas, w.tx.TeamArea.Create().SetID(t.areaIDs[i]).SetCreatedAt(w.now).SetTeamID(t.id).SetRegionID(area.id))
		}
	}
	if err := insert(ctx, "teams", teams, w.tx.InspectionTeam.CreateBulk); err != nil {
		return err
	}
	if err := insert(ctx, "team members", members, w.tx.TeamMember.CreateBulk); err != nil {
		return err
	}
	return insert(ctx, "team areas", areas, w.tx.TeamArea.CreateBulk)
}
