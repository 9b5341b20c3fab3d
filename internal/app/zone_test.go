package app_test

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestDeadlinesEndInTheCampaignsZone: at the Env's start it is 10 March in Shanghai
// and still 9 March in Los Angeles. A deadline of the 9th lasts there, and not
// here, in every place that speaks of it.
func TestDeadlinesEndInTheCampaignsZone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		section := e.As("section")
		h := e.Reported()
		in := e.OversightInput(h)
		in.DeadlineOn = "2026-03-09"
		if _, err := e.App.PlaceUnderOversight(e.As("officer1"), in); !fault.Is(err, fault.BadUserInput) {
			t.Fatalf("a deadline of yesterday in Shanghai: %v", err)
		}

		policy := e.Campaign.Policy
		policy.TimeZone = "America/Los_Angeles"
		c, err := e.Campaign.Update().SetPolicy(policy).Save(e.System())
		if err != nil {
			t.Fatal(err)
		}
		e.Campaign = c
		in = e.OversightInput(h)
		in.DeadlineOn = "2026-03-09"
		h = testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), in))(t)
		check := func(label string, late bool) {
			t.Helper()
			list := testkit.Must(e.App.Hazards(section, command.PageArgs{First: new(10)}, &app.HazardFilter{Overdue: new(true)}, nil))(t)
			dashboard := testkit.Must(e.App.Dashboard(section, figures.DashboardInput{CampaignID: c.PublicID()}))(t)
			if e.App.Overdue(h, c) != late || (len(list.Rows) == 1) != late || (dashboard.Total.Overdue == 1) != late {
				t.Errorf("%s: overdue %t, in the list %d, on the dashboard %d; want %t", label, e.App.Overdue(h, c), len(list.Rows), dashboard.Total.Overdue, late)
			}
		}
		check("on the day", false)
		e.Clock.Set(h.DeadlineOn.End(policy.Zone()).Add(-1))
		check("at its last moment", false)
		e.Clock.Set(h.DeadlineOn.End(policy.Zone()))
		check("after it", true)
	})
}
