package app_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/teamarea"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/supervision"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// townships are the demo county's, by code.
func townships(t *testing.T, e *testkit.Env) []*ent.Region {
	t.Helper()
	return testkit.Must(e.Store.Ent.Region.Query().Where(region.LevelEQ(rule.Township)).Order(region.ByPath()).All(e.System()))(t)
}

// hire makes people with an inspecting role in the county and in no team.
func hire(t *testing.T, e *testkit.Env, accounts ...string) []id.ID {
	t.Helper()
	var out []id.ID
	for _, account := range accounts {
		u := testkit.Must(e.Store.Ent.User.Create().SetAccount(account).SetName("督查员 " + account).Save(e.System()))(t)
		e.Appoint(account, authz.Inspector)
		out = append(out, u.PublicID())
	}
	return out
}

// free takes an area from whichever team has it.
func free(t *testing.T, e *testkit.Env, areas ...uuid.UUID) {
	t.Helper()
	testkit.Must(e.Store.Ent.TeamArea.Delete().Where(teamarea.Or(teamarea.RegionIDIn(areas...), teamarea.SchoolIDIn(areas...))).Exec(e.System()))(t)
}

func inRegion(r *ent.Region) supervision.TeamAreaInput {
	return supervision.TeamAreaInput{RegionID: new(r.PublicID())}
}

func atSchool(s *ent.School) supervision.TeamAreaInput {
	return supervision.TeamAreaInput{SchoolID: new(s.PublicID())}
}

func TestFormTeam(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		towns := townships(t, e)
		people := hire(t, e, "new1", "new2", "new3")
		free(t, e, towns[2].ID)
		before := len(testkit.Must(e.Store.Ent.InspectionTeam.Query().All(e.System()))(t))
		in := supervision.FormTeamInput{
			ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: " 第九督查组 ", MemberIDs: []id.ID{people[1], people[0]},
			Areas: []supervision.TeamAreaInput{inRegion(towns[2]), atSchool(e.School)},
		}
		team := testkit.Must(e.App.FormTeam(e.As("section"), in))(t)
		if team.Number != before+1 || team.Name != "第九督查组" || team.RegionPath != e.Campaign.RegionPath {
			t.Errorf("formed %+v", team)
		}
		teamIs(t, e, team.ID, people[1].UUID, people[0].UUID)
		if areas := testkit.Must(e.App.AreasOfTeams(e.As("section"), ids(team.ID)))(t); len(areas) != 2 {
			t.Errorf("areas %v", areas)
		}

		// Its members may inspect there now, and only there.
		grants := testkit.Must(e.App.ViewerOf(e.System(), people[0].UUID))(t).Grants
		want := []authz.Grant{{Role: authz.Inspector, RegionPath: towns[2].Path}, {Role: authz.Inspector, RegionPath: e.School.RegionPath, SchoolID: e.School.ID}}
		if len(grants) != 2 || !slices.Contains(grants, want[0]) || !slices.Contains(grants, want[1]) {
			t.Errorf("grants %+v, want %+v", grants, want)
		}

		// Another order, one leaves, one comes; the number stays.
		team = testkit.Must(e.App.ChangeTeamMembers(e.As("section"), supervision.ChangeTeamMembersInput{
			CommandID: id.New(id.Command), TeamID: team.PublicID(), MemberIDs: []id.ID{people[2], people[1]},
		}))(t)
		teamIs(t, e, team.ID, people[2].UUID, people[1].UUID)
		contact := testkit.Must(e.App.ContactsOfTeams(e.As("section"), ids(team.ID)))(t)[team.ID]
		if len(contact) != 1 || contact[0].ID != people[1].UUID {
			t.Errorf("the contact is %v", contact)
		}
		testkit.Must(e.App.ChangeTeamAreas(e.As("section"), supervision.ChangeTeamAreasInput{CommandID: id.New(id.Command), TeamID: team.PublicID()}))(t)
		if areas := testkit.Must(e.App.AreasOfTeams(e.As("section"), ids(team.ID)))(t); len(areas) != 0 {
			t.Errorf("areas %v, want none", areas)
		}

		// A team of one is its own contact.
		alone := testkit.Must(e.App.FormTeam(e.As("section"), supervision.FormTeamInput{
			ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "独立组", MemberIDs: people[:1],
		}))(t)
		contact = testkit.Must(e.App.ContactsOfTeams(e.As("section"), ids(alone.ID)))(t)[alone.ID]
		if len(contact) != 1 || contact[0].ID != people[0].UUID || alone.Number != before+2 {
			t.Errorf("number %d, the contact is %v", alone.Number, contact)
		}
	})
}

func teamIs(t *testing.T, e *testkit.Env, team uuid.UUID, want ...uuid.UUID) {
	t.Helper()
	var got []uuid.UUID
	for i, m := range testkit.Must(e.App.MembersOfTeams(e.As("section"), ids(team)))(t) {
		if m.Position != i {
			t.Errorf("position %d is %d-th", m.Position, i)
		}
		got = append(got, m.UserID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("members %v, want %v", got, want)
	}
}

func TestTeamsRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		towns := townships(t, e)
		people := hire(t, e, "new1", "new2", "new3")
		free(t, e, towns[2].ID, towns[3].ID)
		testkit.Must(e.App.FormTeam(e.As("section"), supervision.FormTeamInput{
			ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "另一组", MemberIDs: people[2:], Areas: []supervision.TeamAreaInput{inRegion(towns[2])},
		}))(t)
		people = people[:2]
		first := testkit.Must(e.Store.Ent.TeamMember.Query().Where(teammember.UserID(e.User("inspector1").ID)).WithTeam().Only(e.System()))(t).Edges.Team
		closed := testkit.Must(e.Store.Ent.School.Query().Where(school.IDNEQ(e.School.ID), school.IDNEQ(e.Other.ID)).First(e.System()))(t)
		testkit.Must(closed.Update().SetClosedAt(e.Clock.Now()).Save(e.System()))(t)
		gone := e.User("viewer1")
		former := testkit.Must(e.Store.Ent.User.Create().SetAccount("former").SetName("前督查员").Save(e.System()))(t)
		if err := e.Store.Ent.Membership.Create().SetUserID(former.ID).SetRole(authz.Inspector).SetRegionID(e.Campaign.RegionID).
			SetRegionPath(e.Campaign.RegionPath).SetValidFrom("2020-01-01").SetValidUntil(e.Today().AddDays(-1)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		county := testkit.Must(e.Store.Ent.Region.Get(e.System(), e.Campaign.RegionID))(t)
		before := e.Rows()
		form := func(change func(*supervision.FormTeamInput)) func(string) error {
			return func(account string) error {
				in := supervision.FormTeamInput{
					ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "新组", MemberIDs: slices.Clone(people),
					Areas: []supervision.TeamAreaInput{inRegion(towns[3])},
				}
				change(&in)
				_, err := e.App.FormTeam(e.As(account), in)
				return err
			}
		}
		members := func(team id.ID, who ...id.ID) func(string) error {
			return func(account string) error {
				_, err := e.App.ChangeTeamMembers(e.As(account), supervision.ChangeTeamMembersInput{CommandID: id.New(id.Command), TeamID: team, MemberIDs: who})
				return err
			}
		}
		for name, c := range map[string]struct {
			kind    fault.Kind
			field   string
			account string
			do      func(string) error
		}{
			"no members":               {fault.BadUserInput, "input.memberIds", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs = nil })},
			"51 members":               {fault.BadUserInput, "input.memberIds", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs = make([]id.ID, 51) })},
			"a member twice":           {fault.BadUserInput, "input.memberIds[1]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[1] = in.MemberIDs[0] })},
			"a school as a member":     {fault.BadUserInput, "input.memberIds[0]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[0] = e.School.PublicID() })},
			"a member nobody knows":    {fault.NotFound, "input.memberIds[1]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[1] = id.New(id.User) })},
			"a member of another team": {fault.BadUserInput, "input.memberIds[1]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[1] = e.User("inspector1").PublicID() })},
			"a school's officer":       {fault.BadUserInput, "input.memberIds[1]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[1] = e.User("officer1").PublicID() })},
			"a viewer":                 {fault.BadUserInput, "input.memberIds[0]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[0] = gone.PublicID() })},
			"a former inspector":       {fault.BadUserInput, "input.memberIds[0]", "section", form(func(in *supervision.FormTeamInput) { in.MemberIDs[0] = former.PublicID() })},
			"no name":                  {fault.BadUserInput, "input.name", "section", form(func(in *supervision.FormTeamInput) { in.Name = " " })},
			"a long name":              {fault.BadUserInput, "input.name", "section", form(func(in *supervision.FormTeamInput) { in.Name = strings.Repeat("组", 4001) })},
			"wrong noun of the team":   {fault.BadUserInput, "input.id", "section", form(func(in *supervision.FormTeamInput) { in.ID = id.New(id.Region) })},
			"a campaign nobody knows":  {fault.NotFound, "input.campaignId", "section", form(func(in *supervision.FormTeamInput) { in.CampaignID = id.New(id.Campaign) })},
			"a bureau nobody knows":    {fault.NotFound, "input.regionId", "section", form(func(in *supervision.FormTeamInput) { in.RegionID = new(id.New(id.Region)) })},
			"a bureau above":           {fault.BadUserInput, "input.regionId", "section", form(func(in *supervision.FormTeamInput) { in.RegionID = new(id.Of(id.Region, *county.ParentID)) })},
			"an area nobody knows":     {fault.NotFound, "input.areas[0].regionId", "section", form(func(in *supervision.FormTeamInput) { in.Areas[0].RegionID = new(id.New(id.Region)) })},
			"a school nobody knows": {fault.NotFound, "input.areas[1].schoolId", "section", form(func(in *supervision.FormTeamInput) {
				in.Areas = append(in.Areas, supervision.TeamAreaInput{SchoolID: new(id.New(id.School))})
			})},
			"a closed school":            {fault.NotFound, "input.areas[0].schoolId", "section", form(func(in *supervision.FormTeamInput) { in.Areas[0] = atSchool(closed) })},
			"an area twice":              {fault.BadUserInput, "input.areas[1]", "section", form(func(in *supervision.FormTeamInput) { in.Areas = append(in.Areas, in.Areas[0]) })},
			"an area that is both":       {fault.BadUserInput, "input.areas[0]", "section", form(func(in *supervision.FormTeamInput) { in.Areas[0].SchoolID = new(e.School.PublicID()) })},
			"an area that is neither":    {fault.BadUserInput, "input.areas[0]", "section", form(func(in *supervision.FormTeamInput) { in.Areas[0] = supervision.TeamAreaInput{} })},
			"an area of another noun":    {fault.BadUserInput, "input.areas[0].regionId", "section", form(func(in *supervision.FormTeamInput) { in.Areas[0].RegionID = new(e.School.PublicID()) })},
			"another team's township":    {fault.BadUserInput, "input.areas[1]", "section", form(func(in *supervision.FormTeamInput) { in.Areas = append(in.Areas, inRegion(towns[0])) })},
			"the county over all":        {fault.BadUserInput, "input.areas[0]", "section", form(func(in *supervision.FormTeamInput) { in.Areas[0] = inRegion(county) })},
			"501 areas":                  {fault.BadUserInput, "input.areas", "section", form(func(in *supervision.FormTeamInput) { in.Areas = make([]supervision.TeamAreaInput, 501) })},
			"formed by a leader":         {fault.Forbidden, "", "leader1", form(func(*supervision.FormTeamInput) {})},
			"formed by an inspector":     {fault.Forbidden, "", "inspector1", form(func(*supervision.FormTeamInput) {})},
			"formed by a school":         {fault.Forbidden, "", "officer1", form(func(*supervision.FormTeamInput) {})},
			"formed by an administrator": {fault.Forbidden, "", "admin", form(func(*supervision.FormTeamInput) {})},
			"changed to nobody":          {fault.BadUserInput, "input.memberIds", "section", members(first.PublicID())},
			"a team nobody knows":        {fault.NotFound, "input.teamId", "section", members(id.New(id.Team), people...)},
			"changed by its member":      {fault.Forbidden, "", "inspector1", members(first.PublicID(), people...)},
			"changed by a school":        {fault.NotFound, "input.teamId", "officer1", members(first.PublicID(), people...)},
			"changed to taken areas": {fault.BadUserInput, "input.areas[0]", "section", func(account string) error {
				_, err := e.App.ChangeTeamAreas(e.As(account), supervision.ChangeTeamAreasInput{
					CommandID: id.New(id.Command), TeamID: first.PublicID(), Areas: []supervision.TeamAreaInput{inRegion(towns[2])},
				})
				return err
			}},
		} {
			t.Run(name, func(t *testing.T) {
				testkit.Refused(t, c.do(c.account), c.kind, c.field)
				testkit.Unchanged(t, e, before)
			})
		}
		t.Run("nobody", func(t *testing.T) {
			_, err := e.App.FormTeam(e.Nobody(), supervision.FormTeamInput{ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "x", MemberIDs: people})
			testkit.Refused(t, err, fault.Unauthenticated, "")
		})
		t.Run("after the campaign", func(t *testing.T) {
			e.Clock.Set(e.Campaign.EndsOn.End(e.Campaign.Policy.WithDefaults().Zone()))
			testkit.Refused(t, form(func(*supervision.FormTeamInput) {})("section"), fault.InvalidTransition, "")
			testkit.Refused(t, members(first.PublicID(), people...)("section"), fault.InvalidTransition, "")
		})
	})
}

// TestTeamsAtOnce forms teams that want the same person and the same township: one
// of them gets both, and the numbers have no gap.
func TestTeamsAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		towns := townships(t, e)
		people := hire(t, e, "new1", "new2", "new3", "new4", "shared")
		free(t, e, towns[0].ID)
		before := len(testkit.Must(e.Store.Ent.InspectionTeam.Query().All(e.System()))(t))
		ctx := e.As("section")
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = e.App.FormTeam(ctx, supervision.FormTeamInput{
					ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "组", MemberIDs: []id.ID{people[i], people[4]},
					Areas: []supervision.TeamAreaInput{inRegion(towns[0])},
				})
			})
		}
		wait.Wait()
		formed := 0
		for _, err := range errs {
			if err == nil {
				formed++
				continue
			}
			testkit.Refused(t, err, fault.BadUserInput, "input.memberIds[1]")
		}
		teams := testkit.Must(e.Store.Ent.InspectionTeam.Query().All(e.System()))(t)
		if formed != 1 || len(teams) != before+1 {
			t.Errorf("%d formed, %d teams, want one more than %d", formed, len(teams), before)
		}
	})
}

func TestTeamsInSight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		people := hire(t, e, "new1", "new2", "new3", "new4", "new5", "new6", "new7", "new8", "new9", "new10")
		for _, p := range people {
			testkit.Must(e.App.FormTeam(e.As("section"), supervision.FormTeamInput{
				ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "组", MemberIDs: []id.ID{p},
			}))(t)
		}
		var got []int
		page := command.PageArgs{First: new(4)}
		for {
			p := testkit.Must(e.App.Teams(e.As("leader1"), e.Campaign.PublicID(), page))(t)
			for _, team := range p.Rows {
				got = append(got, team.Number)
			}
			if !p.HasNext {
				break
			}
			page.After = &p.Cursors[len(p.Cursors)-1]
		}
		for i, n := range got {
			if n != i+1 {
				t.Fatalf("numbers %v: want each once and in order, ten after nine", got)
			}
		}
		if len(got) < len(people) {
			t.Errorf("%d teams", len(got))
		}
		last := testkit.Must(e.App.Teams(e.As("leader1"), e.Campaign.PublicID(), command.PageArgs{Last: new(3)}))(t)
		if len(last.Rows) != 3 || last.Rows[2].Number != len(got) {
			t.Errorf("the last three: %v", last.Rows)
		}
		for account, sees := range map[string]bool{"section": true, "leader1": true, "inspector1": true, "officer1": false, "grid1": false, "viewer1": false, "admin": false} {
			p := testkit.Must(e.App.Teams(e.As(account), e.Campaign.PublicID(), command.PageArgs{First: new(1)}))(t)
			if (len(p.Rows) > 0) != sees {
				t.Errorf("%s sees %d teams", account, len(p.Rows))
			}
		}
		for _, value := range []string{"seven", "1e3", "99999999999999", "7;--"} {
			_, err := e.App.Teams(e.As("section"), e.Campaign.PublicID(), forged(`{"f":"NUMBER","v":"`+value+`","i":"`+someID+`"}`))
			testkit.Refused(t, err, fault.BadUserInput, "after")
		}
		_, err := e.App.Teams(e.As("section"), e.School.PublicID(), command.PageArgs{First: new(1)})
		testkit.Refused(t, err, fault.BadUserInput, "campaignId")
	})
}

// retire ends every role of an account the day before today.
func retire(t *testing.T, e *testkit.Env, account string) {
	t.Helper()
	err := e.Store.Ent.Membership.Update().Where(membership.UserID(e.User(account).ID)).SetValidUntil(e.Today().AddDays(-1)).Exec(e.System())
	if err != nil {
		t.Fatal(err)
	}
}
