package graph_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestGroupsOfADashboard counts what each group of a dashboard costs, now and as of
// an instant, beside the two statements that find campaign and region.
func TestGroupsOfADashboard(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		e.Reported()
		asOf := e.Clock.Now().UTC().Format(time.RFC3339Nano)
		e.Clock.Advance(time.Hour)
		for _, c := range []struct {
			fields    string
			now, then int
		}{
			{"at", 0, 0},
			{"total { found }", 4, 4},
			{"children { figures { found } }", 5, 5},
			{"total { found } children { region { name } figures { open } }", 5, 5},
			{"breakdown(by: CATEGORY) { key found }", 1, 1},
			{"breakdownByRegion(by: CATEGORY) { region { name } rows { key found } }", 2, 2},
			{"days { day found }", 1, 2},
			{"plan { coverage { cellsDue gridsDue } }", 3, 3},
			{"plan { notices { issued overdue } }", 1, 1},
			{"plan { handIns { teams } }", 1, 1},
			{"plan { accountability { discrepancies } }", 1, 1},
			{"plan { accountability { casesOpen casesConfirmed } }", 1, 1},
			{"plan { bureauGroupMissing }", 1, 1},
			{"plan { schoolGroupsMissing }", 1, 1},
			{"plan { needsOversight }", 1, 1},
			{"supervision { townships }", 1, 1},
			{"supervision { townshipsMeeting exemptionsConfirmed exemptionsUnconfirmed }", 4, 4},
			{"supervision { teams { team { name } done } }", 2, 2},
		} {
			for at, want := range map[string]int{"": c.now, fmt.Sprintf(", asOf: %q", asOf): c.then} {
				a.must("section", fmt.Sprintf(`{ dashboard(campaignId: %q%s) { %s } }`, e.Campaign.PublicID(), at, c.fields), nil)
				if a.statements != want+2 {
					t.Errorf("%s%s takes %d statements, want %d", c.fields, at, a.statements, want+2)
				}
			}
		}
	})
}

// TestBreakdownByRegion: the regions below a dashboard add up to its total, asked for
// without any other group of it.
func TestBreakdownByRegion(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		e.Reported()
		query := fmt.Sprintf(`{ dashboard(campaignId: %q) { breakdownByRegion(by: CATEGORY) { region { name } rows { found } } } }`, e.Campaign.PublicID())
		regions := a.must("section", query, nil)["dashboard"].(map[string]any)["breakdownByRegion"].([]any)
		if len(regions) != 1 {
			t.Fatalf("%d regions with hazards, want 1", len(regions))
		}
		if got := fmt.Sprint(regions[0].(map[string]any)["rows"]); got != "[map[found:1]]" {
			t.Errorf("the region's hazards by category: %s", got)
		}
	})
}

// TestFiguresOutOfSight: what the asker may not see is null, and not 0; what he sees
// none of is 0.
func TestFiguresOutOfSight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		query := fmt.Sprintf(`{ dashboard(campaignId: %q) { plan { accountability { discrepancies casesOpen casesConfirmed } } } }`, e.Campaign.PublicID())
		for account, want := range map[string]string{
			"viewer1": "[<nil> <nil> <nil>]", "admin": "[<nil> <nil> <nil>]", "grid1": "[0 <nil> <nil>]", "inspector1": "[0 <nil> <nil>]",
			"principal1": "[0 0 0]", "section": "[0 0 0]", "leader1": "[0 0 0]",
		} {
			plan := a.must(account, query, nil)["dashboard"].(map[string]any)["plan"].(map[string]any)["accountability"].(map[string]any)
			if got := fmt.Sprint([]any{plan["discrepancies"], plan["casesOpen"], plan["casesConfirmed"]}); got != want {
				t.Errorf("%s reads %s, want %s", account, got, want)
			}
		}
	})
}
