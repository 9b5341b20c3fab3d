package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// instant is what the dashboard said when it was now.
type instant struct {
	at     time.Time
	total  figures.Figures
	states map[id.ID]string
}

// TestAsOf plays hazards through their lives and notes what the dashboard says.
// Asked later as of each instant, it says the same; each number has its list
// behind it; the difference of two instants is what is listed as changed; and
// the figures rebuilt from the rows agree.
func TestAsOf(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		p := player{t: t, Env: e, draw: rand.New(rand.NewPCG(1, 2))}
		p.hazards = append(p.hazards, e.Rectified())
		p.Work()
		var seen []instant
		for range 30 {
			e.Clock.Advance(2*time.Hour + time.Duration(p.draw.IntN(30))*time.Hour)
			seen = append(seen, p.note())
			e.Clock.Advance(2 * time.Hour)
			p.step()
		}
		seen = append(seen, p.note())
		for i, earlier := range seen {
			p.checkFigures(earlier)
			p.checkLists(earlier)
			if i > 0 {
				p.checkChanges(seen[i-1], earlier)
				p.checkChanges(seen[0], earlier)
			}
		}
		p.checkCurve(seen)
		if lines := testkit.Must(rollup.Compare(e.System(), e.Store.Ent))(t); len(lines) > 0 {
			t.Errorf("figures rebuilt differ: %v", lines)
		}
	})
}

type player struct {
	*testkit.Env
	t       *testing.T
	draw    *rand.Rand
	hazards []*ent.Hazard
}

func (p *player) dashboard(at *time.Time) *figures.Dashboard {
	p.t.Helper()
	return testkit.Must(p.App.Dashboard(p.As("section"), figures.DashboardInput{CampaignID: p.Campaign.PublicID(), AsOf: at}))(p.t)
}

func (p *player) note() instant {
	p.t.Helper()
	out := instant{at: p.Clock.Now(), total: p.dashboard(nil).Total, states: map[id.ID]string{}}
	for _, h := range p.list(nil) {
		out.states[h.PublicID()] = fmt.Sprint(h.Status, h.Grade, h.UnderOversight, h.Proven, h.DeadlineOn, p.App.Overdue(h, p.Campaign))
	}
	return out
}

// step lets one thing happen, whatever the state allows.
func (p *player) step() {
	p.t.Helper()
	officer, section := p.As("officer1"), p.As("section")
	if len(p.hazards) < 4 || p.draw.IntN(4) == 0 {
		in := p.HazardInput()
		in.Category = []string{"FIRE", "FOOD"}[p.draw.IntN(2)]
		p.hazards = append(p.hazards, testkit.Must(p.App.ReportHazard(officer, in))(p.t))
		return
	}
	h := p.hazards[p.draw.IntN(len(p.hazards))]
	major := app.GradeHazardInput{HazardCommand: testkit.Command(h), Grade: rule.Major}
	void := app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "非隐患"}
	reopen := app.ReopenHazardInput{HazardCommand: testkit.Command(h, testkit.Promise()), Reason: "复发", NewDeadlineOn: p.Today().AddDays(3)}
	var err error
	switch p.draw.IntN(6) {
	case 0:
		_, err = p.App.PlaceUnderOversight(section, p.OversightInput(h))
	case 1:
		_, err = p.App.GradeHazard(section, major)
	case 2:
		_, err = p.App.VoidHazard(section, void)
	case 3:
		_, err = p.App.AcceptRectification(section, testkit.AcceptInput(h, testkit.Promise()))
	case 4:
		_, err = p.App.ReopenHazard(section, reopen)
	default:
		_, err = p.App.RejectRectification(section, p.RejectInput(h, testkit.Promise()))
	}
	if err != nil && !fault.Is(err, fault.InvalidTransition) && !fault.Is(err, fault.EvidenceMissing) {
		p.t.Fatal(err)
	}
}

func (p *player) checkFigures(earlier instant) {
	p.t.Helper()
	d := p.dashboard(&earlier.at)
	if got, want := fmt.Sprintf("%+v", d.Total), fmt.Sprintf("%+v", earlier.total); got != want {
		p.t.Errorf("as of %s: %s, was %s", earlier.at, got, want)
	}
	for _, by := range []figures.BreakdownBy{figures.ByCategory, figures.ByGrade, figures.BySource, figures.ByStatus} {
		var found, open, closed, voided int
		all := testkit.Must(p.App.Breakdown(p.As("section"), d, by))(p.t)
		for _, row := range all {
			found, open, closed, voided = found+row.Found, open+row.Open, closed+row.Closed, voided+row.Voided
		}
		// Every hazard of the story lies in one township: its row of the map is the whole.
		for _, child := range testkit.Must(p.App.BreakdownByRegion(p.As("section"), d, by))(p.t) {
			if !slices.EqualFunc(child.Rows, all, func(x, y *figures.Breakdown) bool { return *x == *y }) {
				p.t.Errorf("%s by %s as of %s differs from the whole", child.Region.Name, by, earlier.at)
			}
		}
		if f := earlier.total; found != f.Found || open != f.Open || closed != f.Closed || voided != f.Voided {
			p.t.Errorf("by %s as of %s: %d found, %d open, %d closed, %d voided; total %+v", by, earlier.at, found, open, closed, voided, f)
		}
	}
}

func (p *player) list(f *app.HazardFilter) []*ent.Hazard {
	p.t.Helper()
	return testkit.Must(p.App.Hazards(p.As("section"), command.PageArgs{First: new(200)}, f, nil))(p.t).Rows
}

// checkLists compares each figure with the length of the list that it counts.
func (p *player) checkLists(earlier instant) {
	p.t.Helper()
	yes, major, campaign := true, rule.Major, p.Campaign.PublicID()
	for name, c := range map[string]struct {
		filter app.HazardFilter
		want   int
	}{
		"found":          {app.HazardFilter{}, earlier.total.Found},
		"voided":         {app.HazardFilter{Status: []rule.HazardStatus{rule.Voided}}, earlier.total.Voided},
		"closed":         {app.HazardFilter{Status: []rule.HazardStatus{rule.Closed}}, earlier.total.Closed},
		"closed proven":  {app.HazardFilter{Status: []rule.HazardStatus{rule.Closed}, Proven: &yes}, earlier.total.ClosedProven},
		"open":           {app.HazardFilter{Open: &yes}, earlier.total.Open},
		"overdue":        {app.HazardFilter{Overdue: &yes}, earlier.total.Overdue},
		"underOversight": {app.HazardFilter{UnderOversight: &yes}, earlier.total.UnderOversight},
		"major open":     {app.HazardFilter{Grade: &major, Open: &yes}, earlier.total.MajorOpen},
	} {
		f := c.filter
		f.CampaignID, f.AsOf = &campaign, &earlier.at
		if got := len(p.list(&f)); got != c.want {
			p.t.Errorf("%s as of %s: %d in the list, %d in the figure", name, earlier.at, got, c.want)
		}
	}
}

// checkChanges compares the list of changes with what had been noted.
func (p *player) checkChanges(from, to instant) {
	p.t.Helper()
	page := testkit.Must(p.App.HazardChanges(p.As("section"), app.HazardChangesInput{
		DashboardInput: figures.DashboardInput{CampaignID: p.Campaign.PublicID(), AsOf: &to.at}, Since: from.at,
	}, command.PageArgs{First: new(200)}))(p.t)
	var got, want []string
	for _, c := range page.Rows {
		got = append(got, id.Of(id.Hazard, c.HazardID).String())
		if (c.Before == nil) != (from.states[id.Of(id.Hazard, c.HazardID)] == "") {
			p.t.Errorf("%s between %s and %s: the state before is %+v", c.HazardID, from.at, to.at, c.Before)
		}
	}
	for h, state := range to.states {
		if from.states[h] != state {
			want = append(want, h.String())
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("between %s and %s changed %v, want %v", from.at, to.at, got, want)
	}
}

// checkCurve: the curve's last day is what the dashboard says now.
func (p *player) checkCurve(seen []instant) {
	p.t.Helper()
	last, first := p.Today(), p.Today().AddDays(-60)
	days := testkit.Must(p.App.Days(p.As("section"), p.dashboard(nil), &first, &last))(p.t)
	if len(days) != 61 {
		p.t.Fatalf("%d days", len(days))
	}
	end, now := days[60], seen[len(seen)-1].total
	if end.Found != now.Found || end.Open != now.Open || end.Closed != now.Closed || end.ClosedProven != now.ClosedProven ||
		end.UnderOversight != now.UnderOversight || end.MajorOpen != now.MajorOpen || days[0].Found != 0 {
		p.t.Errorf("the curve ends with %+v, the dashboard says %+v", end, now)
	}
}
