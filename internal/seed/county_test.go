package seed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/teamarea"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/ent/user"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/seed"
)

const today = clock.Date("2026-03-10")

var now = time.Date(2026, 3, 10, 1, 30, 0, 0, time.UTC)

func build(t testing.TB, client *ent.Client, o seed.CountyOptions) (*seed.CountyResult, error) {
	t.Helper()
	var out *seed.CountyResult
	err := inTx(t, client, func(tx *ent.Tx) error {
		r, err := seed.County(t.Context(), tx, o)
		out = r
		return err
	})
	return out, err
}

func county(t testing.TB, o seed.CountyOptions) (*ent.Client, *seed.CountyResult) {
	t.Helper()
	o.Today, o.Now = today, now
	client := database(t)
	out, err := build(t, client, o)
	if err != nil {
		t.Fatal(err)
	}
	return client, out
}

// everything is every row of the county's tables.
func everything(t *testing.T, c *ent.Client) string {
	t.Helper()
	ctx, byID := t.Context(), func(s *sql.Selector) { s.OrderBy(s.C("id")) }
	return contents(t, c) + asJSON(t, []any{
		c.Region.Query().Order(byID).AllX(ctx), c.School.Query().Order(byID).AllX(ctx), c.Grid.Query().Order(byID).AllX(ctx),
		c.User.Query().Order(byID).AllX(ctx), c.Membership.Query().Order(byID).AllX(ctx), c.GridAssignment.Query().Order(byID).AllX(ctx),
		c.InspectionTeam.Query().Order(byID).AllX(ctx), c.TeamMember.Query().Order(byID).AllX(ctx), c.TeamArea.Query().Order(byID).AllX(ctx),
	})
}

func TestCountyRepeatsItself(t *testing.T) {
	one, _ := county(t, seed.CountyOptions{Schools: 40, Seed: 7})
	two, _ := county(t, seed.CountyOptions{Schools: 40, Seed: 7})
	other, _ := county(t, seed.CountyOptions{Schools: 40, Seed: 8})

	a, b, c := everything(t, one), everything(t, two), everything(t, other)
	if a != b {
		t.Error("equal options gave different rows")
	}
	if a == c {
		t.Error("another seed gave the same rows")
	}
	ids := map[string]bool{}
	for _, client := range []*ent.Client{one, other} {
		for _, u := range client.User.Query().AllX(t.Context()) {
			if ids[u.ID.String()] || u.ID.Version() != 7 {
				t.Fatalf("id %s is there twice or no version 7", u.ID)
			}
			ids[u.ID.String()] = true
		}
	}
}

func TestCountyOfAnySize(t *testing.T) {
	cases := []struct {
		options   seed.CountyOptions
		townships int
	}{
		{seed.CountyOptions{Schools: 2}, 2},
		{seed.CountyOptions{Schools: 12}, 2},
		{seed.CountyOptions{Schools: 60, Townships: 20}, 20},
		{seed.CountyOptions{Schools: 500, Townships: 2}, 2}, // more schools in a township than it has villages
		{seed.CountyOptions{}, 17},                          // 300 schools
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d schools in %d townships", c.options.Schools, c.options.Townships), func(t *testing.T) {
			client, out := county(t, c.options)
			want := max(c.options.Schools, 2)
			if c.options.Schools == 0 {
				want = 300
			}

			// Numbers.
			ctx := t.Context()
			if n := client.School.Query().CountX(ctx); n != want || out.Schools != want {
				t.Errorf("%d schools stored, %d reported, want %d", n, out.Schools, want)
			}
			if n := client.Grid.Query().CountX(ctx); n != out.Grids {
				t.Errorf("%d grids stored, %d reported", n, out.Grids)
			}
			if n := client.User.Query().CountX(ctx); n != out.Users {
				t.Errorf("%d users stored, %d reported", n, out.Users)
			}
			if n := client.Region.Query().CountX(ctx); n != c.townships+3 {
				t.Errorf("%d regions, want %d townships and 3 above", n, c.townships)
			}

			schoolsAreBelievable(t, client)
			schoolsAreStaffed(t, client)
			demoAccountsWork(t, client, out)
			teamsCoverTheCounty(t, client, out)
		})
	}
}

// schoolsAreBelievable checks what every school must be, whatever was drawn.
func schoolsAreBelievable(t *testing.T, client *ent.Client) {
	t.Helper()
	names := map[string]bool{}
	schools := client.School.Query().WithRegion().AllX(t.Context())
	perTownship := map[string][]geo.Point{}
	for _, s := range schools {
		if names[s.Name] {
			t.Errorf("two schools are called %s", s.Name)
		}
		names[s.Name] = true
		if s.Edges.Region.Level != rule.Township || s.RegionPath != s.Edges.Region.Path || len(s.Stages) == 0 || s.StudentCount < 40 ||
			s.BoundaryMeters < 100 || s.BoundaryMeters > 500 {
			t.Errorf("school %v", s)
		}
		at := geo.Point{Latitude: *s.Latitude, Longitude: *s.Longitude}
		for _, neighbour := range perTownship[s.RegionPath] {
			if d := geo.Distance(at, neighbour); d > 10_000 {
				t.Errorf("%s is %.0f m from a school of the same township", s.Name, d)
			}
		}
		perTownship[s.RegionPath] = append(perTownship[s.RegionPath], at)
	}
	for _, r := range client.Region.Query().AllX(t.Context()) {
		if !strings.HasSuffix(r.Path, r.Code+"x") || (r.Level == rule.Township) == (perTownship[r.Path] == nil) {
			t.Errorf("region %v has the path %s and %d schools", r.Name, r.Path, len(perTownship[r.Path]))
		}
	}
}

// schoolsAreStaffed checks that grids form a tree and belong to somebody of the
// same school today.
func schoolsAreStaffed(t *testing.T, client *ent.Client) {
	t.Helper()
	ctx := t.Context()

	// Who is what in which school.
	roles := map[string]map[authz.Role][]string{}
	for _, m := range client.Membership.Query().Where(membership.SchoolIDNotNil(), membership.ValidFromLT(today.AddDays(-30))).AllX(ctx) {
		key := m.SchoolID.String()
		if roles[key] == nil {
			roles[key] = map[authz.Role][]string{}
		}
		roles[key][m.Role] = append(roles[key][m.Role], m.UserID.String())
	}
	assigned := map[string]map[rule.AssignmentRole]string{}
	for _, a := range client.GridAssignment.Query().Where(gridassignment.ValidFromLT(today.AddDays(-30)), gridassignment.ValidUntilIsNil()).AllX(ctx) {
		if assigned[a.GridID.String()] == nil {
			assigned[a.GridID.String()] = map[rule.AssignmentRole]string{}
		}
		assigned[a.GridID.String()][a.Role] = a.UserID.String()
	}

	grids := map[string][]*ent.Grid{}
	for _, g := range client.Grid.Query().AllX(ctx) {
		grids[g.SchoolID.String()] = append(grids[g.SchoolID.String()], g)
	}
	for _, s := range client.School.Query().AllX(ctx) {
		of := roles[s.ID.String()]
		if len(of[authz.SchoolLeader]) != 1 || len(of[authz.SchoolSafetyOfficer]) != 1 || len(of[authz.GridMember]) < 2 {
			t.Errorf("%s has the people %v", s.Name, of)
		}
		staff := slices.Concat(of[authz.SchoolLeader], of[authz.SchoolSafetyOfficer], of[authz.GridMember])
		gridsAreOwned(t, s, grids[s.ID.String()], assigned, staff)
	}
}

func gridsAreOwned(t *testing.T, s *ent.School, grids []*ent.Grid, assigned map[string]map[rule.AssignmentRole]string, staff []string) {
	t.Helper()
	if len(grids) < 5 || len(grids) > 14 {
		t.Errorf("%s has %d grids", s.Name, len(grids))
	}
	roots, kinds, ids := 0, map[string]bool{}, map[string]bool{}
	for _, g := range grids {
		ids[g.ID.String()], kinds[g.Kind] = true, true
	}
	for _, g := range grids {
		if g.ParentID == nil {
			roots++
		} else if !ids[g.ParentID.String()] {
			t.Errorf("grid %s of %s hangs under another school", g.Name, s.Name)
		}
		who := assigned[g.ID.String()]
		if !slices.Contains(staff, who[rule.GridLeader]) || !slices.Contains(staff, who[rule.GridMember]) || who[rule.GridLeader] == who[rule.GridMember] {
			t.Errorf("grid %s of %s belongs to %v", g.Name, s.Name, who)
		}
	}
	if roots != 1 || kinds["DORMITORY"] != s.Boarding || (s.Boarding && !kinds["CANTEEN"]) {
		t.Errorf("%s (boarding %t) has %d roots and the kinds %v", s.Name, s.Boarding, roots, kinds)
	}
}

// demoAccountsWork checks the ten accounts and that they stand where the demo
// needs them.
func demoAccountsWork(t *testing.T, client *ent.Client, out *seed.CountyResult) {
	t.Helper()
	want := []string{
		"section SAFETY_SECTION", "leader1 BUREAU_LEADER", "inspector1 INSPECTOR", "inspector2 INSPECTOR", "officer1 SCHOOL_SAFETY_OFFICER",
		"principal1 SCHOOL_LEADER", "grid1 GRID_MEMBER", "officer2 SCHOOL_SAFETY_OFFICER", "admin PLATFORM_ADMIN", "viewer1 VIEWER",
	}
	var got []string
	at := map[string]*ent.Membership{}
	for _, a := range out.Accounts {
		got = append(got, a.Account+" "+a.Role)
		u := client.User.Query().Where(user.Account(a.Account)).OnlyX(t.Context())
		if u.ID != a.UserID || u.Name != a.Name || u.PasswordHash != "" {
			t.Errorf("account %s belongs to %v", a.Account, u)
		}
		m := client.Membership.Query().Where(membership.UserID(a.UserID)).WithRegion().WithSchool().OnlyX(t.Context())
		place := ""
		switch {
		case m.Role.OfSchool() && m.Edges.School != nil && m.Edges.Region == nil:
			place = m.Edges.School.Name
		case !m.Role.OfSchool() && m.Edges.Region != nil && m.Edges.School == nil && m.RegionPath == m.Edges.Region.Path:
			place = m.Edges.Region.Name
		}
		if string(m.Role) != a.Role || place != a.Place || m.ValidFrom >= today || m.ValidUntil != nil {
			t.Errorf("account %s has the membership %v at %q, want %q", a.Account, m, place, a.Place)
		}
		at[a.Account] = m
	}
	if !slices.Equal(got, want) {
		t.Fatalf("accounts %q, want %q", got, want)
	}

	one := *at["officer1"].SchoolID
	if *at["principal1"].SchoolID != one || *at["grid1"].SchoolID != one || *at["officer2"].SchoolID == one || at["officer2"].RegionPath == at["officer1"].RegionPath {
		t.Error("the first three belong to one school, officer2 to another township")
	}
	if n := client.GridAssignment.Query().Where(gridassignment.UserID(at["grid1"].UserID), gridassignment.RoleEQ(rule.GridMember)).CountX(t.Context()); n < 2 {
		t.Errorf("grid1 answers for %d grids", n)
	}
}

// teamsCoverTheCounty checks that every township has exactly one team, led by a
// bureau leader, and that the demo's inspectors meet the demo school.
func teamsCoverTheCounty(t *testing.T, client *ent.Client, out *seed.CountyResult) {
	t.Helper()
	ctx, team := t.Context(), map[string]int{}
	for _, tm := range client.InspectionTeam.Query().AllX(ctx) {
		if tm.CampaignID != out.Campaign.ID || tm.RegionPath != out.County.Path {
			t.Errorf("team %v", tm)
		}
		var roles []authz.Role
		for _, m := range client.TeamMember.Query().Where(teammember.TeamID(tm.ID)).Order(ent.Asc("position")).WithUser().AllX(ctx) {
			if m.Position != len(roles) {
				t.Errorf("team %d has a gap before position %d", tm.Number, m.Position)
			}
			roles = append(roles, client.Membership.Query().Where(membership.UserID(m.UserID)).OnlyX(ctx).Role)
			if i := slices.IndexFunc(out.Accounts, func(a seed.Account) bool { return a.UserID == m.UserID }); i >= 0 && tm.Number != 1 {
				t.Errorf("%s is in team %d", out.Accounts[i].Account, tm.Number)
			}
		}
		if !slices.Equal(roles, []authz.Role{authz.BureauLeader, authz.Inspector, authz.Inspector}) {
			t.Errorf("team %d consists of %v", tm.Number, roles)
		}
		areas := client.TeamArea.Query().Where(teamarea.TeamID(tm.ID)).WithRegion().AllX(ctx)
		if len(areas) < 1 || len(areas) > 4 {
			t.Errorf("team %d has %d townships", tm.Number, len(areas))
		}
		for _, a := range areas {
			if team[a.Edges.Region.Path] != 0 {
				t.Errorf("%s has two teams", a.Edges.Region.Name)
			}
			team[a.Edges.Region.Path] = tm.Number
		}
	}
	demo := client.Membership.Query().Where(membership.UserID(out.Accounts[4].UserID)).OnlyX(ctx)
	if len(team) != client.Region.Query().CountX(ctx)-3 || team[demo.RegionPath] != 1 {
		t.Errorf("townships and their teams: %v; the demo school lies in %s", team, demo.RegionPath)
	}
}

func TestCountyHasEveryKindAndExemptions(t *testing.T) {
	client, _ := county(t, seed.CountyOptions{})
	kinds, private, middle := map[string]int{}, map[string]int{}, map[string]int{}
	for _, s := range client.School.Query().AllX(t.Context()) {
		kinds[fmt.Sprint(s.Stages, s.Ownership)]++
		kinds[fmt.Sprint("boarding ", s.Boarding)]++
		if s.Ownership == rule.Private {
			private[s.RegionPath]++
		}
		if slices.Contains(s.Stages, rule.Middle) {
			middle[s.RegionPath]++
		}
	}

	for _, want := range []string{
		"[KINDERGARTEN]PUBLIC", "[KINDERGARTEN]PRIVATE", "[PRIMARY]PUBLIC", "[PRIMARY MIDDLE]PUBLIC", "[PRIMARY MIDDLE]PRIVATE",
		"[MIDDLE]PUBLIC", "[HIGH]PUBLIC", "[VOCATIONAL]PUBLIC", "boarding true", "boarding false",
	} {
		if kinds[want] == 0 {
			t.Errorf("no school is %s: %v", want, kinds)
		}
	}
	if kinds["[SPECIAL]PUBLIC"] != 1 {
		t.Errorf("%d special schools", kinds["[SPECIAL]PUBLIC"])
	}
	if len(private) != 16 || len(middle) != 16 {
		t.Errorf("%d townships with a private and %d with a middle school: want one of 17 without each", len(private), len(middle))
	}
}

func TestSmallCountyHasATownshipWithoutAPrivateSchool(t *testing.T) {
	client, _ := county(t, seed.CountyOptions{Schools: 12})
	var with []string
	client.School.Query().Where(school.OwnershipEQ(rule.Private)).Unique(true).Select(school.FieldRegionPath).ScanX(t.Context(), &with)
	if len(with) != 1 {
		t.Errorf("townships with a private school: %v, want one of two", with)
	}
}

func TestDemoCampaignIsInItsFirstPhase(t *testing.T) {
	client, out := county(t, seed.CountyOptions{Schools: 2})
	c := out.Campaign
	if c.Code != "2021-safety-month-990121" || c.RegionID != out.County.ID || c.StartsOn != "2026-03-03" || c.EndsOn != "2026-03-27" {
		t.Errorf("campaign %v", c)
	}
	self := client.Phase.Query().Where(phase.CampaignID(c.ID), phase.KindEQ(rule.SelfInspection)).OnlyX(t.Context())
	if self.StartsOn > today || self.EndsOn < today.AddDays(5) {
		t.Errorf("self-inspection from %s to %s, today is %s", self.StartsOn, self.EndsOn, today)
	}

	// The plan's own campaign goes beside it.
	if _, err := load(t, client, seed.PlanCampaign(), out.County); err != nil {
		t.Error(err)
	}
}

func TestCountyTakesAnotherName(t *testing.T) {
	client, out := county(t, seed.CountyOptions{Schools: 12, CountyCode: "990233", CountyName: "云川县"})
	if out.County.Name != "云川县" || out.County.Path != "990000x990200x990233x" {
		t.Errorf("county %v", out.County)
	}
	if n := client.School.Query().Where(school.CodeHasPrefix("990233")).CountX(t.Context()); n != 12 {
		t.Errorf("%d school codes begin with the county's", n)
	}
}

func TestCountyRefuses(t *testing.T) {
	client := database(t)
	for _, c := range []struct {
		name    string
		options seed.CountyOptions
		want    []string
	}{
		{"one school", seed.CountyOptions{Schools: 1}, []string{"schools out_of_range"}},
		{"too many schools", seed.CountyOptions{Schools: 10_000}, []string{"schools out_of_range"}},
		{"more townships than schools", seed.CountyOptions{Schools: 5, Townships: 6}, []string{"townships out_of_range"}},
		{"one township", seed.CountyOptions{Townships: 1}, []string{"townships out_of_range"}},
		{"a city's code", seed.CountyOptions{CountyCode: "990100"}, []string{"countyCode bad_code"}},
		{"several", seed.CountyOptions{Schools: -1, Townships: 3, CountyCode: "x", CountyName: " ", Today: "soon"}, []string{
			"schools out_of_range", "townships out_of_range", "countyCode bad_code", "countyName required", "today not_a_date",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := build(t, client, c.options)
			refused(t, err, c.want...)
		})
	}
}

func TestCountyWantsAnEmptyDatabase(t *testing.T) {
	client, _ := county(t, seed.CountyOptions{Schools: 2})
	before := everything(t, client)
	_, err := build(t, client, seed.CountyOptions{Schools: 2, Seed: 5, CountyCode: "990122"})
	if !fault.Is(err, fault.Conflict) || everything(t, client) != before {
		t.Errorf("a second county: %v", err)
	}

	used := database(t)
	used.User.Create().SetAccount("someone").SetName("用户").SaveX(t.Context())
	if _, err := build(t, used, seed.CountyOptions{Schools: 2}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a database with a user: %v", err)
	}
}

func BenchmarkCounty(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		client := database(b)
		b.StartTimer()
		if _, err := build(b, client, seed.CountyOptions{Schools: 300, Now: now}); err != nil {
			b.Fatal(err)
		}
	}
}
