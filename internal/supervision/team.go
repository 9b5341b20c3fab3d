package supervision

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
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
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
func (sv *Supervision) FormTeam(ctx context.Context, in FormTeamInput) (*ent.InspectionTeam, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Team)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.OptionalID(&bad, "input.regionId", in.RegionID, id.Region)
	command.RequiredText(&bad, "input.name", in.Name)
	checkMembers(&bad, in.MemberIDs)
	checkAreas(&bad, in.Areas)
	return command.Run(ctx, sv.commands, command.Spec[*teamChange, *ent.InspectionTeam]{
		Action: authz.FormTeam, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*teamChange, error) {
			c, path, err := lockedCampaign(ctx, tx.Tx, in.CampaignID, in.RegionID)
			return &teamChange{tx: tx, campaign: c, team: in.ID.UUID, path: path, members: in.MemberIDs}, err
		},
		May: func(_ context.Context, _ *command.Tx, c *teamChange) (authz.Facts, error) {
			return authz.Facts{RegionPath: c.path}, nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, c *teamChange) error {
			if err := c.checkNotOver(); err != nil {
				return err
			}
			if err := sv.mayJoin(ctx, tx.Tx, c.campaign, c.team, c.path, c.members); err != nil {
				return err
			}
			return c.decideAreas(ctx, in.Areas)
		},
		Write: func(ctx context.Context, tx *command.Tx, c *teamChange) error {
			number, err := nextTeam(ctx, tx.Tx, c.campaign)
			if err != nil {
				return err
			}
			err = tx.InspectionTeam.Create().SetID(c.team).SetCampaignID(c.campaign.ID).SetNumber(number).SetName(strings.TrimSpace(in.Name)).
				SetRegionPath(c.path).SetCreatedAt(tx.Now).Exec(ctx)
			if err != nil {
				return err
			}
			if err := c.writeNewMembers(ctx, c.members, 0); err != nil {
				return err
			}
			return tx.TeamArea.CreateBulk(c.areas...).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.InspectionTeam, error) { return sv.Team(ctx, in.ID) },
	})
}

// nextTeam is the next number of a team in a campaign, which is locked.
func nextTeam(ctx context.Context, tx *ent.Tx, c *ent.Campaign) (int, error) {
	var last []struct{ Max *int }
	err := tx.InspectionTeam.Query().Where(inspectionteam.CampaignID(c.ID)).Aggregate(ent.Max(inspectionteam.FieldNumber)).
		Scan(authz.AsSystem(ctx), &last) // a number is taken also by a team out of sight
	if err != nil || len(last) == 0 || last[0].Max == nil {
		return 1, err
	}
	return *last[0].Max + 1, nil
}

// teamChange is one command at work on one team. Its campaign is locked: one at a
// time in a campaign, because teams may share neither people nor areas.
type teamChange struct {
	tx       *command.Tx
	campaign *ent.Campaign
	team     uuid.UUID
	path     string // of the team's region
	members  []id.ID
	areas    []*ent.TeamAreaCreate
}

func (c *teamChange) checkNotOver() error {
	return rule.CheckNotOver(c.campaign.EndsOn, command.PolicyOf(c.campaign).Today(c.tx.Now))
}

// ChangeTeamMembers gives a team other members. The section may. Visits that the
// new members may not make fall out when the section plans again.
func (sv *Supervision) ChangeTeamMembers(ctx context.Context, in ChangeTeamMembersInput) (*ent.InspectionTeam, error) {
	var bad fault.Input
	checkMembers(&bad, in.MemberIDs)
	spec := sv.teamSpec(authz.ChangeTeamMembers, in.CommandID, in.TeamID, &bad)
	spec.Input = in
	spec.Decide = func(ctx context.Context, tx *command.Tx, c *teamChange) error {
		if err := c.checkNotOver(); err != nil {
			return err
		}
		return sv.mayJoin(ctx, tx.Tx, c.campaign, c.team, c.path, in.MemberIDs)
	}
	spec.Write = func(ctx context.Context, _ *command.Tx, c *teamChange) error {
		return c.writeMembers(ctx, in.MemberIDs)
	}
	return command.Run(ctx, sv.commands, spec)
}

// ChangeTeamAreas gives a team other areas. The section may. Visits that were
// confirmed stay with the team.
func (sv *Supervision) ChangeTeamAreas(ctx context.Context, in ChangeTeamAreasInput) (*ent.InspectionTeam, error) {
	var bad fault.Input
	checkAreas(&bad, in.Areas)
	spec := sv.teamSpec(authz.ChangeTeamAreas, in.CommandID, in.TeamID, &bad)
	spec.Input = in
	spec.Decide = func(ctx context.Context, _ *command.Tx, c *teamChange) error {
		if err := c.checkNotOver(); err != nil {
			return err
		}
		return c.decideAreas(ctx, in.Areas)
	}
	spec.Write = func(ctx context.Context, tx *command.Tx, c *teamChange) error {
		if _, err := tx.TeamArea.Delete().Where(teamarea.TeamID(c.team)).Exec(ctx); err != nil {
			return err
		}
		return tx.TeamArea.CreateBulk(c.areas...).Exec(ctx)
	}
	return command.Run(ctx, sv.commands, spec)
}

// teamSpec is what the commands on a team share.
func (sv *Supervision) teamSpec(action authz.Action, key, team id.ID, bad *fault.Input) command.Spec[*teamChange, *ent.InspectionTeam] {
	command.RequiredID(bad, "input.commandId", key, id.Command)
	command.RequiredID(bad, "input.teamId", team, id.Team)
	return command.Spec[*teamChange, *ent.InspectionTeam]{
		Action: action, Key: key, Subject: team, Invalid: bad,
		Load: func(ctx context.Context, tx *command.Tx) (*teamChange, error) {
			t, err := tx.InspectionTeam.Query().Where(inspectionteam.ID(team.UUID)).WithCampaign().Only(ctx)
			if _, err := command.NotFoundAs(t, err, id.Team); err != nil {
				return nil, command.AtField("input.teamId", id.Team, err)
			}
			return &teamChange{tx: tx, campaign: t.Edges.Campaign, team: t.ID, path: t.RegionPath}, store.Lock(ctx, tx.Tx, store.Campaigns, t.CampaignID)
		},
		May: func(_ context.Context, _ *command.Tx, c *teamChange) (authz.Facts, error) {
			return authz.Facts{RegionPath: c.path}, nil
		},
		Answer: func(ctx context.Context) (*ent.InspectionTeam, error) { return sv.Team(ctx, team) },
	}
}

// lockedCampaign locks a campaign and reads it, and the path of a region of it; nil
// is the campaign's own. What decides over a whole campaign waits here in line.
func lockedCampaign(ctx context.Context, tx *ent.Tx, campaignID id.ID, regionID *id.ID) (*ent.Campaign, string, error) {
	c, err := tx.Campaign.Query().Where(campaign.ID(campaignID.UUID), store.Locking(ctx, store.Campaigns, campaignID.UUID)).Only(ctx)
	if _, err := command.NotFoundAs(c, err, id.Campaign); err != nil {
		return nil, "", command.AtField("input.campaignId", id.Campaign, err)
	}
	if regionID == nil {
		return c, c.RegionPath, nil
	}
	r, err := regionOf(ctx, tx, c, *regionID)
	if err != nil {
		return nil, "", err
	}
	return c, r.Path, nil
}

// regionOf reads a region of a campaign.
func regionOf(ctx context.Context, tx *ent.Tx, c *ent.Campaign, regionID id.ID) (*ent.Region, error) {
	r, err := tx.Region.Get(ctx, regionID.UUID)
	if _, err := command.NotFoundAs(r, err, id.Region); err != nil {
		return nil, command.AtField("input.regionId", id.Region, err)
	}
	if !strings.HasPrefix(r.Path, c.RegionPath) {
		return nil, outside("input.regionId")
	}
	return r, nil
}

func outside(path string) error {
	return fault.Bad(path, "other_region", fault.T("不在该活动的范围内。", "The campaign does not cover this."))
}

func checkMembers(bad *fault.Input, members []id.ID) {
	switch n := len(members); {
	case n == 0:
		bad.Add("input.memberIds", "missing", fault.T("督查组至少一人。", "A team has at least one member."))
	case n > maxMembers:
		bad.Add("input.memberIds", "too_many", fault.Tf("督查组最多 %d 人。", "A team has at most %d members.", maxMembers))
	}
	for i, m := range members {
		path := command.Index("input.memberIds", i)
		command.RequiredID(bad, path, m, id.User)
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
		path := command.Index("input.areas", i)
		command.OptionalID(bad, path+".regionId", area.RegionID, id.Region)
		command.OptionalID(bad, path+".schoolId", area.SchoolID, id.School)
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

// writeMembers makes these people, in this order, the members of the team. Who was one
// and is not among them leaves today and stays on record; who stays keeps the day
// of joining.
func (c *teamChange) writeMembers(ctx context.Context, members []id.ID) error {
	today := command.PolicyOf(c.campaign).Today(c.tx.Now)
	present := []predicate.TeamMember{teammember.TeamID(c.team), teammember.LeftOnIsNil()}
	if err := c.tx.TeamMember.Update().Where(append(present, teammember.UserIDNotIn(id.UUIDs(members)...))...).SetLeftOn(today).Exec(ctx); err != nil {
		return err
	}
	// Nobody may have another's position even for a moment: first out of the way.
	if err := c.tx.TeamMember.Update().Where(present...).AddPosition(maxMembers).Exec(ctx); err != nil {
		return err
	}
	for i, m := range members {
		n, err := c.tx.TeamMember.Update().Where(append(present, teammember.UserID(m.UUID))...).SetPosition(i).Save(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if err := c.writeNewMembers(ctx, []id.ID{m}, i); err != nil {
			return err
		}
	}
	return nil
}

// writeNewMembers lets people join the team today, from a position on.
func (c *teamChange) writeNewMembers(ctx context.Context, members []id.ID, from int) error {
	today := command.PolicyOf(c.campaign).Today(c.tx.Now)
	rows := make([]*ent.TeamMemberCreate, len(members))
	for i, m := range members {
		rows[i] = c.tx.TeamMember.Create().SetTeamID(c.team).SetUserID(m.UUID).SetPosition(from + i).SetJoinedOn(today).SetCreatedAt(c.tx.Now)
	}
	return c.tx.TeamMember.CreateBulk(rows...).Exec(ctx)
}

// mayJoin refuses people who are not in sight, may not inspect or are in another
// team of the campaign.
func (sv *Supervision) mayJoin(ctx context.Context, tx *ent.Tx, c *ent.Campaign, team uuid.UUID, path string, members []id.ID) error {
	ids := id.UUIDs(members)
	seen, err := tx.User.Query().Where(user.IDIn(ids...), user.DisabledAtIsNil()).IDs(ctx)
	if err != nil {
		return err
	}
	inspecting, err := sv.inspecting(ctx, tx, c, path, ids)
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
		at := command.Index("input.memberIds", i)
		switch {
		case !slices.Contains(seen, u):
			return command.MissingAt(at, id.User)
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
func (sv *Supervision) inspecting(ctx context.Context, tx *ent.Tx, c *ent.Campaign, path string, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	roles, err := tx.Membership.Query().Where(membership.UserIDIn(people...)).All(authz.AsSystem(ctx))
	may := inspectingDuring(c, command.PolicyOf(c).Today(sv.clock.Now()), roles)
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

// decideAreas checks the team's areas and fills their rows.
func (c *teamChange) decideAreas(ctx context.Context, areas []TeamAreaInput) error {
	places, err := placesOf(ctx, c.tx.Tx, areas)
	if err != nil {
		return err
	}
	others, err := c.tx.TeamArea.Query().Where(teamarea.HasTeamWith(inspectionteam.CampaignID(c.campaign.ID), inspectionteam.IDNEQ(c.team))).
		WithRegion().WithSchool().All(authz.AsSystem(ctx)) // an area is taken also by a team out of sight
	if err != nil {
		return err
	}
	var bad fault.Input
	c.areas = make([]*ent.TeamAreaCreate, len(areas))
	for i, p := range places {
		at := command.Index("input.areas", i)
		switch {
		case !strings.HasPrefix(p.path, c.campaign.RegionPath):
			bad.Add(at, "other_region", fault.T("不在该活动的范围内。", "The campaign does not cover this."))
		case slices.ContainsFunc(others, func(o *ent.TeamArea) bool { return p.overlaps(placeOf(o)) }):
			bad.Add(at, "other_team", fault.T("已分给另一督查组。", "This is another team's already."))
		}
		c.areas[i] = c.tx.TeamArea.Create().SetTeamID(c.team).SetNillableRegionID(id.UUIDOf(areas[i].RegionID)).
			SetNillableSchoolID(id.UUIDOf(areas[i].SchoolID)).SetCreatedAt(c.tx.Now)
	}
	return bad.Err()
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
			return nil, command.MissingAt(command.Index("input.areas", i)+field, which.Noun)
		}
		out[i] = p
	}
	return out, nil
}
