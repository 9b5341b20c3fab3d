package app

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/teamarea"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/ent/user"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// FormTeamInput forms a supervision team. The first member leads it, the second
// is its contact (plan: 各检查组第一个成员为本组的联系人).
type FormTeamInput struct {
	ID         id.ID
	CampaignID id.ID
	// RegionID is the region of the bureau whose team it is; nil is the campaign's.
	RegionID  *id.ID
	Name      string
	MemberIDs []id.ID
	Areas     []TeamAreaInput
}

// TeamAreaInput is a region or a single school: exactly one of them.
type TeamAreaInput struct {
	RegionID *id.ID
	SchoolID *id.ID
}

// ChangeTeamMembersInput gives a team other members: all of them, in their order.
type ChangeTeamMembersInput struct {
	CommandID id.ID
	TeamID    id.ID
	MemberIDs []id.ID
}

// ChangeTeamAreasInput gives a team other areas: all of them.
type ChangeTeamAreasInput struct {
	CommandID id.ID
	TeamID    id.ID
	Areas     []TeamAreaInput
}

// The most that a team may have of each.
const (
	maxMembers = 50
	maxAreas   = 500
)

// FormTeam forms a team for a campaign; it gets the campaign's next number. The
// section may. Its members must have an inspecting role and be in no other team of
// the campaign; its areas must be nobody else's.
func (a *App) FormTeam(ctx context.Context, in FormTeamInput) (*ent.InspectionTeam, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.Team)
	must(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	may(&bad, "input.regionId", in.RegionID, id.Region)
	text(&bad, "input.name", in.Name)
	checkMembers(&bad, in.MemberIDs)
	checkAreas(&bad, in.Areas)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.FormTeam, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.formTeam(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	return a.Team(ctx, in.ID)
}

func (a *App) formTeam(ctx context.Context, tx *ent.Tx, v authz.Viewer, in FormTeamInput) error {
	c, path, err := campaignRegion(ctx, tx, in.CampaignID, in.RegionID)
	if err != nil {
		return err
	}
	if err := authz.Can(v, authz.FormTeam, authz.Facts{RegionPath: path}); err != nil {
		return err
	}
	if err := rule.CheckNotOver(c.EndsOn, policyOf(c).Today(a.clock.Now())); err != nil {
		return err
	}
	if err := lockCampaign(ctx, tx, c); err != nil {
		return err
	}
	var last []struct{ Max *int }
	if err := tx.InspectionTeam.Query().Where(inspectionteam.CampaignID(c.ID)).Aggregate(ent.Max(inspectionteam.FieldNumber)).
		Scan(authz.AsSystem(ctx), &last); err != nil {
		return err
	}
	number := 1
	if len(last) > 0 && last[0].Max != nil {
		number += *last[0].Max
	}
	err = tx.InspectionTeam.Create().SetID(in.ID.UUID).SetCampaignID(c.ID).SetNumber(number).SetName(strings.TrimSpace(in.Name)).
		SetRegionPath(path).SetCreatedAt(a.clock.Now()).Exec(ctx)
	if err != nil {
		return err
	}
	if err := a.putMembers(ctx, tx, c, in.ID.UUID, path, in.MemberIDs); err != nil {
		return err
	}
	return a.putAreas(ctx, tx, c, in.ID.UUID, in.Areas)
}

// ChangeTeamMembers gives a team other members. The section may. Visits that the
// new members may not make fall out when the section plans again.
func (a *App) ChangeTeamMembers(ctx context.Context, in ChangeTeamMembersInput) (*ent.InspectionTeam, error) {
	var bad fault.Input
	checkMembers(&bad, in.MemberIDs)
	return a.onTeam(ctx, authz.ChangeTeamMembers, in.CommandID, in.TeamID, in, &bad,
		func(ctx context.Context, tx *ent.Tx, t *ent.InspectionTeam) error {
			return a.putMembers(ctx, tx, t.Edges.Campaign, t.ID, t.RegionPath, in.MemberIDs)
		})
}

// ChangeTeamAreas gives a team other areas. The section may. Visits that were
// confirmed stay with the team.
func (a *App) ChangeTeamAreas(ctx context.Context, in ChangeTeamAreasInput) (*ent.InspectionTeam, error) {
	var bad fault.Input
	checkAreas(&bad, in.Areas)
	return a.onTeam(ctx, authz.ChangeTeamAreas, in.CommandID, in.TeamID, in, &bad,
		func(ctx context.Context, tx *ent.Tx, t *ent.InspectionTeam) error {
			if _, err := tx.TeamArea.Delete().Where(teamarea.TeamID(t.ID)).Exec(ctx); err != nil {
				return err
			}
			return a.putAreas(ctx, tx, t.Edges.Campaign, t.ID, in.Areas)
		})
}

// onTeam runs a command on a team of a campaign that is not over: one at a time
// in a campaign, because teams may share neither people nor areas.
func (a *App) onTeam(ctx context.Context, action authz.Action, command, team id.ID, in any, bad *fault.Input,
	do func(ctx context.Context, tx *ent.Tx, t *ent.InspectionTeam) error,
) (*ent.InspectionTeam, error) {
	must(bad, "input.commandId", command, id.Command)
	must(bad, "input.teamId", team, id.Team)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, action, command, team.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		t, err := tx.InspectionTeam.Query().Where(inspectionteam.ID(team.UUID)).WithCampaign().Only(ctx)
		if _, err := found(t, err, id.Team); err != nil {
			return at("input.teamId", id.Team, err)
		}
		if err := authz.Can(v, action, authz.Facts{RegionPath: t.RegionPath}); err != nil {
			return err
		}
		c := t.Edges.Campaign
		if err := rule.CheckNotOver(c.EndsOn, policyOf(c).Today(a.clock.Now())); err != nil {
			return err
		}
		if err := lockCampaign(ctx, tx, c); err != nil {
			return err
		}
		return do(ctx, tx, t)
	})
	if err != nil {
		return nil, err
	}
	return a.Team(ctx, team)
}

// campaignRegion loads a campaign and the path of a region of it; nil is the
// campaign's own.
func campaignRegion(ctx context.Context, tx *ent.Tx, campaignID id.ID, regionID *id.ID) (*ent.Campaign, string, error) {
	c, err := tx.Campaign.Get(ctx, campaignID.UUID)
	if _, err := found(c, err, id.Campaign); err != nil {
		return nil, "", at("input.campaignId", id.Campaign, err)
	}
	if regionID == nil {
		return c, c.RegionPath, nil
	}
	r, err := tx.Region.Get(ctx, regionID.UUID)
	if _, err := found(r, err, id.Region); err != nil {
		return nil, "", at("input.regionId", id.Region, err)
	}
	if !strings.HasPrefix(r.Path, c.RegionPath) {
		return nil, "", outside("input.regionId")
	}
	return c, r.Path, nil
}

func outside(path string) error {
	return fault.Bad(path, "other_region", fault.T("不在该活动的范围内。", "The campaign does not cover this."))
}

// lockCampaign makes what decides over a whole campaign wait in line, by a write
// that changes nothing. It is taken before the facts are read.
func lockCampaign(ctx context.Context, tx *ent.Tx, c *ent.Campaign) error {
	return tx.Campaign.Update().Where(campaign.ID(c.ID)).SetRegionPath(c.RegionPath).Exec(ctx)
}

func checkMembers(bad *fault.Input, members []id.ID) {
	switch n := len(members); {
	case n == 0:
		bad.Add("input.memberIds", "missing", fault.T("督查组至少一人。", "A team has at least one member."))
	case n > maxMembers:
		bad.Add("input.memberIds", "too_many", fault.Tf("督查组最多 %d 人。", "A team has at most %d members.", maxMembers))
	}
	for i, m := range members {
		path := index("input.memberIds", i)
		must(bad, path, m, id.User)
		if slices.Contains(members[:i], m) {
			bad.Add(path, "repeated", fault.T("同一人重复。", "This person is there twice."))
		}
	}
}

func checkAreas(bad *fault.Input, areas []TeamAreaInput) {
	if len(areas) > maxAreas {
		bad.Add("input.areas", "too_many", fault.Tf("最多 %d 项。", "At most %d areas.", maxAreas))
		return
	}
	seen := map[id.ID]bool{}
	for i, area := range areas {
		path := index("input.areas", i)
		may(bad, path+".regionId", area.RegionID, id.Region)
		may(bad, path+".schoolId", area.SchoolID, id.School)
		if (area.RegionID == nil) == (area.SchoolID == nil) {
			bad.Add(path, "one_of", fault.T("请填写乡镇或学校之一。", "Give either a region or a school."))
			continue
		}
		which := area.RegionID
		if which == nil {
			which = area.SchoolID
		}
		if seen[*which] {
			bad.Add(path, "repeated", fault.T("重复。", "This area is there twice."))
		}
		seen[*which] = true
	}
}

// putMembers makes these people, in this order, the members of a team. Who was one
// and is not among them leaves today and stays on record; who stays keeps the day
// of joining. The campaign is locked.
func (a *App) putMembers(ctx context.Context, tx *ent.Tx, c *ent.Campaign, team uuid.UUID, path string, members []id.ID) error {
	if err := a.mayJoin(ctx, tx, c, team, path, members); err != nil {
		return err
	}
	today := policyOf(c).Today(a.clock.Now())
	present := []predicate.TeamMember{teammember.TeamID(team), teammember.LeftOnIsNil()}
	if err := tx.TeamMember.Update().Where(append(present, teammember.UserIDNotIn(uuidsOf(members)...))...).SetLeftOn(today).Exec(ctx); err != nil {
		return err
	}
	// Nobody may have another's position even for a moment: first out of the way.
	if err := tx.TeamMember.Update().Where(present...).AddPosition(maxMembers).Exec(ctx); err != nil {
		return err
	}
	for i, m := range members {
		n, err := tx.TeamMember.Update().Where(append(present, teammember.UserID(m.UUID))...).SetPosition(i).Save(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		err = tx.TeamMember.Create().SetTeamID(team).SetUserID(m.UUID).SetPosition(i).SetJoinedOn(today).SetCreatedAt(a.clock.Now()).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// mayJoin refuses people who are not in sight, may not inspect or are in another
// team of the campaign.
func (a *App) mayJoin(ctx context.Context, tx *ent.Tx, c *ent.Campaign, team uuid.UUID, path string, members []id.ID) error {
	ids := uuidsOf(members)
	seen, err := tx.User.Query().Where(user.IDIn(ids...), user.DisabledAtIsNil()).IDs(ctx)
	if err != nil {
		return err
	}
	inspecting, err := a.inspecting(ctx, tx, c, path, ids)
	if err != nil {
		return err
	}
	elsewhere, err := tx.TeamMember.Query().Where(teammember.UserIDIn(ids...), teammember.LeftOnIsNil(), teammember.TeamIDNEQ(team),
		teammember.HasTeamWith(inspectionteam.CampaignID(c.ID))).All(authz.AsSystem(ctx))
	if err != nil {
		return err
	}
	var bad fault.Input
	for i, u := range ids {
		at := index("input.memberIds", i)
		switch {
		case !slices.Contains(seen, u):
			return missingAt(at, id.User)
		case !inspecting[u]:
			bad.Add(at, "no_inspector", fault.T("此人在本区域没有督查身份。", "This person has no inspecting role here."))
		case slices.ContainsFunc(elsewhere, func(m *ent.TeamMember) bool { return m.UserID == u }):
			bad.Add(at, "other_team", fault.T("此人已在本活动的另一督查组。", "This person is in another team of the campaign."))
		}
	}
	return bad.Err()
}

// inspecting tells who of some people may inspect during what is left of a
// campaign. Roles are read as the system: a person's own region may be out of the
// section's sight.
func (a *App) inspecting(ctx context.Context, tx *ent.Tx, c *ent.Campaign, path string, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	roles, err := tx.Membership.Query().Where(membership.UserIDIn(people...)).All(authz.AsSystem(ctx))
	may := inspectingDuring(c, policyOf(c).Today(a.clock.Now()), roles)
	out := map[uuid.UUID]bool{}
	for _, p := range people {
		out[p] = may(p, path)
	}
	return out, err
}

// inspectingDuring reads roles: whether a person has an inspecting one at, above or
// below a team's region on a day that is left of the campaign.
func inspectingDuring(c *ent.Campaign, today clock.Date, roles []*ent.Membership) func(person uuid.UUID, path string) bool {
	from := max(c.StartsOn, today)
	regions := map[uuid.UUID][]string{}
	for _, m := range roles {
		if slices.Contains(authz.InspectingRoles(), m.Role) && m.ValidFrom <= c.EndsOn && (m.ValidUntil == nil || *m.ValidUntil >= from) {
			regions[m.UserID] = append(regions[m.UserID], m.RegionPath)
		}
	}
	return func(person uuid.UUID, path string) bool {
		return slices.ContainsFunc(regions[person], func(r string) bool { return rule.RegionsRelated(r, path) })
	}
}

// place is where an area lies.
type place struct {
	path   string
	school uuid.UUID // zero for a region
}

// overlaps reports whether two teams may not have both: a school, and a region
// that another region lies in. A single school may be taken out of another team's
// region.
func (p place) overlaps(o place) bool {
	if p.school != uuid.Nil || o.school != uuid.Nil {
		return p.school == o.school
	}
	return rule.RegionsRelated(p.path, o.path)
}

// putAreas writes a team's areas. The campaign is locked.
func (a *App) putAreas(ctx context.Context, tx *ent.Tx, c *ent.Campaign, team uuid.UUID, areas []TeamAreaInput) error {
	places, err := placesOf(ctx, tx, areas)
	if err != nil {
		return err
	}
	others, err := tx.TeamArea.Query().Where(teamarea.HasTeamWith(inspectionteam.CampaignID(c.ID), inspectionteam.IDNEQ(team))).
		WithRegion().WithSchool().All(authz.AsSystem(ctx))
	if err != nil {
		return err
	}
	var bad fault.Input
	create := make([]*ent.TeamAreaCreate, len(areas))
	for i, p := range places {
		at := index("input.areas", i)
		switch {
		case !strings.HasPrefix(p.path, c.RegionPath):
			bad.Add(at, "other_region", fault.T("不在该活动的范围内。", "The campaign does not cover this."))
		case slices.ContainsFunc(others, func(o *ent.TeamArea) bool { return p.overlaps(placeOf(o)) }):
			bad.Add(at, "other_team", fault.T("已分给另一督查组。", "This is another team's already."))
		}
		create[i] = tx.TeamArea.Create().SetTeamID(team).SetNillableRegionID(uuidOf(areas[i].RegionID)).
			SetNillableSchoolID(uuidOf(areas[i].SchoolID)).SetCreatedAt(a.clock.Now())
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return tx.TeamArea.CreateBulk(create...).Exec(ctx)
}

func placeOf(area *ent.TeamArea) place {
	if s := area.Edges.School; s != nil {
		return place{path: s.RegionPath, school: s.ID}
	}
	return place{path: area.Edges.Region.Path}
}

// placesOf looks the areas up; one that is not in sight, or a closed school, is
// not found.
func placesOf(ctx context.Context, tx *ent.Tx, areas []TeamAreaInput) ([]place, error) {
	var regionIDs, schoolIDs []uuid.UUID
	for _, area := range areas {
		if area.RegionID != nil {
			regionIDs = append(regionIDs, area.RegionID.UUID)
		} else {
			schoolIDs = append(schoolIDs, area.SchoolID.UUID)
		}
	}
	there := map[uuid.UUID]place{}
	regions, err := tx.Region.Query().Where(region.IDIn(regionIDs...)).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range regions {
		there[r.ID] = place{path: r.Path}
	}
	schools, err := tx.School.Query().Where(school.IDIn(schoolIDs...), school.ClosedAtIsNil()).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range schools {
		there[s.ID] = place{path: s.RegionPath, school: s.ID}
	}
	out := make([]place, len(areas))
	for i, area := range areas {
		which, field := area.RegionID, ".regionId"
		if which == nil {
			which, field = area.SchoolID, ".schoolId"
		}
		p, ok := there[which.UUID]
		if !ok {
			return nil, missingAt(index("input.areas", i)+field, which.Noun)
		}
		out[i] = p
	}
	return out, nil
}
