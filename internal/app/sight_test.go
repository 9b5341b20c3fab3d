package app_test

import (
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestSight asks for one school's casework in every way that there is.
func TestSight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Rectified()
		r := startInspection(t, e, "officer1", e.School)
		in, _ := findings(e, r)
		testkit.Must(e.App.RecordFindings(e.As("officer1"), in))(t)
		photo := testkit.Must(e.Announce(e.As("officer1"), e.PhotoFile(rule.Site, 10)))(t).Evidence

		for account, sees := range map[string]bool{
			"officer1": true, "principal1": true, "grid1": true, "section": true, "leader1": true, "inspector1": true,
			"officer2": false, "viewer1": false, "admin": false,
		} {
			ctx := e.As(account)
			byID(t, account, sees, map[string]func() error{
				"hazard":   func() error { _, err := e.App.Hazard(ctx, h.PublicID()); return err },
				"report":   func() error { _, err := e.App.Report(ctx, r.PublicID()); return err },
				"evidence": func() error { _, err := e.App.Evidence(ctx, photo.PublicID()); return err },
				"upload":   func() error { _, err := e.App.EvidenceUpload(ctx, photo.PublicID()); return err },
			})
			counts(t, account, sees, map[string]func() (int, error){
				"hazards": func() (int, error) { return rows(e.App.Hazards(ctx, command.PageArgs{First: new(50)}, nil, nil)) },
				"hazards filtered": func() (int, error) {
					return rows(e.App.Hazards(ctx, command.PageArgs{First: new(50)}, &app.HazardFilter{SchoolID: new(e.School.PublicID())}, nil))
				},
				"reports":          func() (int, error) { return rows(e.App.Reports(ctx, command.PageArgs{First: new(50)}, nil, nil)) },
				"hazardsById":      func() (int, error) { return length(e.App.HazardsByID(ctx, ids(h.ID))) },
				"reportsById":      func() (int, error) { return length(e.App.ReportsByID(ctx, ids(r.ID))) },
				"events":           func() (int, error) { return length(e.App.EventsOfHazards(ctx, ids(h.ID))) },
				"oversight orders": func() (int, error) { return length(e.App.OversightOrdersOfHazards(ctx, ids(h.ID))) },
				"plans":            func() (int, error) { return length(e.App.PlansOfHazards(ctx, ids(h.ID))) },
				"findings":         func() (int, error) { return length(e.App.FindingsOfReports(ctx, ids(r.ID))) },
				"evidence":         func() (int, error) { return length(e.App.EvidenceByID(ctx, ids(photo.ID))) },
				"lacks":            func() (int, error) { m, err := e.App.GapsOfHazards(ctx, ids(h.ID)); return len(m), err },
				"files":            func() (int, error) { m, err := e.App.EvidenceOfHazards(ctx, ids(h.ID)); return len(m), err },
				"gaps":             func() (int, error) { m, err := e.App.GapsOfReports(ctx, ids(r.ID)); return len(m), err },
			})
		}
	})
}

func byID(t *testing.T, account string, sees bool, asks map[string]func() error) {
	t.Helper()
	for name, ask := range asks {
		err := ask()
		if sees && err != nil || !sees && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s asks for the %s: %v", account, name, err)
		}
	}
}

func counts(t *testing.T, account string, sees bool, asks map[string]func() (int, error)) {
	t.Helper()
	for name, ask := range asks {
		n, err := ask()
		if err != nil || (n > 0) != sees {
			t.Errorf("%s asks for %s: %d, %v", account, name, n, err)
		}
	}
}

func rows[T any](p command.Page[T], err error) (int, error) { return len(p.Rows), err }
func length[T any](all []T, err error) (int, error)         { return len(all), err }

// TestMembersOfASchool: those who manage a school's people see all who belong to
// it today, others themselves at most.
func TestMembersOfASchool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		all := testkit.Must(e.App.MembersOfSchools(e.System(), ids(e.School.ID)))(t)
		if len(all) < 3 {
			t.Fatalf("the school has %d members", len(all))
		}
		left := all[len(all)-1]
		for account, want := range map[string]int{
			"section": len(all), "admin": len(all), "officer1": len(all), "principal1": len(all),
			"grid1": 1, "officer2": 0, "inspector1": 0, "leader1": 0, "viewer1": 0,
		} {
			if rows := testkit.Must(e.App.MembersOfSchools(e.As(account), ids(e.School.ID)))(t); len(rows) != want {
				t.Errorf("%s sees %d members, want %d", account, len(rows), want)
			}
		}
		e.Clock.Advance(24 * time.Hour)
		testkit.Must(e.Store.Ent.Membership.UpdateOne(left).SetValidUntil(e.Today().AddDays(-1)).Save(e.System()))(t)
		if rows := testkit.Must(e.App.MembersOfSchools(e.System(), ids(e.School.ID)))(t); len(rows) != len(all)-1 {
			t.Errorf("%d members after one has left, want %d", len(rows), len(all)-1)
		}
	})
}

// TestMembersOfARegion: those who manage a bureau's people see all who have a role in
// the region itself, and nobody of its schools; others see themselves at most.
func TestMembersOfARegion(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		region := ids(e.Campaign.RegionID)
		all := testkit.Must(e.App.MembersOfRegions(e.System(), region))(t)
		for _, m := range all {
			if m.SchoolID != nil {
				t.Errorf("%s of a school among the bureau's", m.Role)
			}
		}
		for account, want := range map[string]int{
			"section": len(all), "admin": len(all), "leader1": 1, "inspector1": 1, "viewer1": 1, "officer1": 0, "principal1": 0, "grid1": 0,
		} {
			if rows := testkit.Must(e.App.MembersOfRegions(e.As(account), region))(t); len(rows) != want || want == 0 && len(all) < 4 {
				t.Errorf("%s sees %d members of the bureau, want %d", account, len(rows), want)
			}
		}
		e.Clock.Advance(24 * time.Hour)
		testkit.Must(e.Store.Ent.Membership.UpdateOne(all[0]).SetValidUntil(e.Today().AddDays(-1)).Save(e.System()))(t)
		if rows := testkit.Must(e.App.MembersOfRegions(e.System(), region))(t); len(rows) != len(all)-1 {
			t.Errorf("%d members after one has left, want %d", len(rows), len(all)-1)
		}
	})
}

// TestDashboardInSight: everybody's total is that of the schools in sight.
func TestDashboardInSight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		e.Reported()
		e.Major()
		for account, want := range map[string]figures.Figures{
			"section":  {SchoolsDue: testkit.CountySize, Found: 2, Open: 2, MajorOpen: 1},
			"leader1":  {SchoolsDue: testkit.CountySize, Found: 2, Open: 2, MajorOpen: 1},
			"viewer1":  {SchoolsDue: testkit.CountySize, Found: 2, Open: 2, MajorOpen: 1},
			"admin":    {SchoolsDue: testkit.CountySize, Found: 2, Open: 2, MajorOpen: 1},
			"officer1": {SchoolsDue: 1, Found: 2, Open: 2, MajorOpen: 1},
			"grid1":    {SchoolsDue: 1, Found: 2, Open: 2, MajorOpen: 1},
			"officer2": {SchoolsDue: 1},
		} {
			d := testkit.Must(e.App.Dashboard(e.As(account), figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t)
			if !d.Total.SameCounts(want) {
				t.Errorf("%s reads %+v, want %+v", account, d.Total, want)
			}
		}
		_, err := e.App.Dashboard(e.Nobody(), figures.DashboardInput{CampaignID: e.Campaign.PublicID()})
		testkit.Refused(t, err, fault.Unauthenticated, "")
	})
}

// TestOwnGridOnly: a grid member reports in his or her own grids and nowhere else.
func TestOwnGridOnly(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("grid1")
		own := map[id.ID]bool{}
		for _, g := range testkit.Must(e.App.ViewerGrids(ctx))(t) {
			own[g.PublicID()] = true
		}
		others := 0
		for _, g := range testkit.Must(e.Store.Ent.Grid.Query().Where(grid.SchoolID(e.School.ID)).All(e.System()))(t) {
			in := e.HazardInput()
			in.GridID = new(g.PublicID())
			_, err := e.App.ReportHazard(ctx, in)
			if own[g.PublicID()] {
				if err != nil {
					t.Errorf("own grid: %v", err)
				}
				continue
			}
			others++
			testkit.Refused(t, err, fault.Forbidden, "")
		}
		if len(own) == 0 || others == 0 {
			t.Errorf("%d own grids, %d others", len(own), others)
		}
	})
}
