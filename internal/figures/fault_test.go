package figures_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func dashboard(t *testing.T, e *testkit.Env, account string, asOf *time.Time) *figures.Dashboard {
	t.Helper()
	return testkit.Must(e.App.Dashboard(e.As(account), figures.DashboardInput{CampaignID: e.Campaign.PublicID(), AsOf: asOf}))(t)
}

// reportedNow is a hazard that officer1 has just found.
func reportedNow(t *testing.T, e *testkit.Env) *ent.Hazard {
	t.Helper()
	in := e.HazardInput()
	in.DiscoveredAt = e.Clock.Now()
	return testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
}

// TestClosedSchoolsLeaveTheFigures: of twelve visited schools two close. They leave
// the schools due and those visited alike, and stay in what was so before.
func TestClosedSchoolsLeaveTheFigures(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		schools := testkit.Must(e.Store.Ent.School.Query().Where(school.IDNotIn(e.School.ID, e.Other.ID)).Order(school.ByID()).Limit(12).All(e.System()))(t)
		m := &month{t: t, Env: e}
		for _, s := range schools {
			for _, kind := range []rule.ReportKind{rule.SelfInspection, rule.Supervision} {
				if err := m.inspected(s, kind, true); err != nil {
					t.Fatal(err)
				}
			}
		}
		e.Clock.Advance(time.Hour)
		before, due := e.Clock.Now(), dashboard(t, e, "section", nil).Total.SchoolsDue
		e.Clock.Advance(time.Hour)
		for _, s := range schools[:2] {
			testkit.Must(e.App.CloseSchool(e.As("section"), places.CloseSchoolInput{CommandID: id.New(id.Command), SchoolID: s.PublicID()}))(t)
		}
		check := func(label string, f figures.Figures, want figures.Figures) {
			t.Helper()
			if !f.SameCounts(want) {
				t.Errorf("%s: %+v, want %+v", label, f, want)
			}
		}
		check("now", dashboard(t, e, "section", nil).Total,
			figures.Figures{SchoolsDue: due - 2, SchoolsSelfClaimed: 10, SchoolsSelfProven: 10, SchoolsVisitedClaimed: 10, SchoolsVisitedProven: 10})
		check("before", dashboard(t, e, "section", &before).Total,
			figures.Figures{SchoolsDue: due, SchoolsSelfClaimed: 12, SchoolsSelfProven: 12, SchoolsVisitedClaimed: 12, SchoolsVisitedProven: 12})
	})
}

// TestTheCurveEndsWithItsInstant: asked as of 09:30 of a day, the curve's last day
// has the figures of 09:30, and no day after it appears.
func TestTheCurveEndsWithItsInstant(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for range 5 {
			reportedNow(t, e)
		}
		half := e.Clock.Advance(time.Hour)
		e.Clock.Advance(time.Hour)
		for range 2 {
			reportedNow(t, e)
		}
		e.Clock.Advance(50 * time.Hour)
		reportedNow(t, e)
		earlier, tomorrow := dashboard(t, e, "section", &half), e.Today().AddDays(1)
		for _, until := range []*clock.Date{nil, &tomorrow} {
			days := testkit.Must(e.App.Days(e.As("section"), earlier, nil, until))(t)
			end := days[len(days)-1]
			if end.Day != rule.DefaultPolicy().Today(half) || end.Found != 5 || end.Open != 5 || earlier.Total.Found != 5 {
				t.Errorf("the curve ends on %s with %d found, the total says %d", end.Day, end.Found, earlier.Total.Found)
			}
		}
		now := testkit.Must(e.App.Days(e.As("section"), dashboard(t, e, "section", nil), nil, &tomorrow))(t)
		if end := now[len(now)-1]; end.Day != e.Today() || end.Found != 8 {
			t.Errorf("today's curve ends on %s with %d found", end.Day, end.Found)
		}
	})
}

// TestSchoolsAreDueFromTheirEntryOn: as of a day before the schools were entered
// none is due.
func TestSchoolsAreDueFromTheirEntryOn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		before := e.Clock.Now().Add(-24 * time.Hour)
		d := dashboard(t, e, "section", &before)
		plan := testkit.Must(e.App.PlanFigures(e.As("section"), d))(t)
		if d.Total.SchoolsDue != 0 || plan.SchoolGroupsMissing != 0 || plan.Coverage.CellsDue != 0 {
			t.Errorf("before their entry: %d schools due, %d without a group, %d cells", d.Total.SchoolsDue, plan.SchoolGroupsMissing, plan.Coverage.CellsDue)
		}
		if now := dashboard(t, e, "section", nil); now.Total.SchoolsDue != testkit.CountySize {
			t.Errorf("now %d schools due", now.Total.SchoolsDue)
		}
	})
}

// TestChangesNameWhatTimeAloneMadeOverdue: of eight hazards that became overdue four
// changed besides; all eight are named.
func TestChangesNameWhatTimeAloneMadeOverdue(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var hazards []*ent.Hazard
		for range 9 {
			in := e.OversightInput(reportedNow(t, e))
			in.DeadlineOn = e.Today().AddDays(2)
			hazards = append(hazards, testkit.Must(e.App.PlaceUnderOversight(e.As("section"), in))(t))
		}
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(hazards[8]), Reason: "非隐患"}))(t)
		since := e.Clock.Advance(time.Hour)
		e.Clock.Advance(time.Hour)
		for _, h := range hazards[:4] {
			testkit.Must(e.App.GradeHazard(e.As("section"), app.GradeHazardInput{HazardCommand: testkit.Command(h), Grade: rule.Major}))(t)
		}
		e.Clock.Advance(4 * 24 * time.Hour)
		if n := dashboard(t, e, "section", nil).Total.Overdue - dashboard(t, e, "section", &since).Total.Overdue; n != 8 {
			t.Fatalf("%d became overdue", n)
		}
		page := testkit.Must(e.App.HazardChanges(e.As("section"), app.HazardChangesInput{
			DashboardInput: figures.DashboardInput{CampaignID: e.Campaign.PublicID()}, Since: since,
		}, command.PageArgs{First: new(200)}))(t)
		overdue := slices.DeleteFunc(slices.Clone(page.Rows), func(c *app.HazardChange) bool { return !c.BecameOverdue })
		if len(page.Rows) != 8 || len(overdue) != 8 {
			t.Errorf("%d hazards named, %d of them as overdue", len(page.Rows), len(overdue))
		}
	})
}

// TestAPrintedInstantGivesTheSameFigures: instants are printed to the millisecond and
// rows keep microseconds.
func TestAPrintedInstantGivesTheSameFigures(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		e.Clock.Advance(123 * time.Microsecond)
		h := reportedNow(t, e)
		e.Clock.Advance(300 * time.Microsecond) // in the same millisecond
		now := dashboard(t, e, "section", nil)
		printed := now.At.Truncate(time.Millisecond)
		e.Clock.Advance(time.Hour)
		earlier := dashboard(t, e, "section", &printed)
		if earlier.Total.Found != 1 || !earlier.Total.SameCounts(now.Total) || !earlier.At.Equal(printed) {
			t.Errorf("as of %s: %+v, was %+v", earlier.At, earlier.Total, now.Total)
		}
		campaign := e.Campaign.PublicID()
		list := testkit.Must(e.App.Hazards(e.As("section"), command.PageArgs{First: new(10)}, &app.HazardFilter{CampaignID: &campaign, AsOf: &printed}, nil))(t).Rows
		if states := testkit.Must(e.App.StatesAt(e.As("section"), []uuid.UUID{h.ID}, printed))(t); len(list) != 1 || len(states) != 1 {
			t.Errorf("%d hazards in the list, %d states", len(list), len(states))
		}
	})
}

// TestVerifyBesideAWriter: a hazard is reported between the reading of a school's rows
// and that of its figures. A comparison sees each school as it was at one instant.
func TestVerifyBesideAWriter(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		officer := e.As("officer1")
		var written atomic.Int64
		e.Store.Ent.SchoolFigure.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				if written.Add(1) <= testkit.CountySize { // before the figures of each school are read
					testkit.Must(e.App.ReportHazard(officer, e.HazardInput()))(t)
				}
				return next.Query(ctx, q)
			})
		}))
		if v := testkit.Must(e.App.VerifyFigures(e.System()))(t); len(v.Differences) > 0 || written.Load() < testkit.CountySize {
			t.Errorf("differences beside a writer of %d hazards: %q", written.Load(), v.Differences)
		}
		if v := testkit.Must(e.App.VerifyFigures(e.System()))(t); len(v.Differences) > 0 {
			t.Errorf("afterwards: %q", v.Differences)
		}
	})
}

// TestSnapshot: what another writes meanwhile is not seen, and who reads keeps nobody
// from writing.
func TestSnapshot(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		err := e.Store.InSnapshot(e.System(), func(ctx context.Context, snapshot *ent.Client) error {
			for i := range 2 {
				if n := testkit.Must(snapshot.Hazard.Query().Count(ctx))(t); n != 0 {
					return fmt.Errorf("%d hazards after %d writes", n, i)
				}
				if i == 0 {
					reportedNow(t, e)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		lines := testkit.Must(rollup.Compare(e.System(), e.Store.Ent))(t)
		if n := testkit.Must(e.Store.Ent.Hazard.Query().Count(e.System()))(t); n != 1 || len(lines) > 0 {
			t.Errorf("%d hazards, %q", n, lines)
		}
	})
}
