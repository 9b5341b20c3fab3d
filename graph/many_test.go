package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// thousandsOfHazards is what a school has on its worst day.
const thousandsOfHazards = 5_000

// TestThousandsOfHazardsInOneSchool: what is read of a school takes as many SQL
// statements with 5,000 hazards as with 50, every page is met once, and what has a
// bound says so.
func TestThousandsOfHazardsInOneSchool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		report := id.New(id.Report)
		_, err := e.App.StartInspection(e.As("inspector1"), app.StartInspectionInput{
			ID: report, CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.Supervision,
			CheckIn: &geo.Point{Latitude: *e.School.Latitude, Longitude: *e.School.Longitude},
		})
		if err != nil {
			t.Fatal(err)
		}
		campaign, school := quoted(e.Campaign.PublicID()), quoted(e.School.PublicID())
		reads := map[string]string{
			"a page":    richHazards,
			"the last":  fmt.Sprintf(`query($n: Int!) { hazards(last: $n, filter: {schoolId: %s}, orderBy: {field: DEADLINE, direction: ASC}) { edges { node { id school { name } grid { name } } } } }`, school),
			"filtered":  fmt.Sprintf(`query($n: Int!) { hazards(first: $n, filter: {schoolId: %s, grade: MAJOR, category: "FIRE", needsOversight: false}) { edges { node { id } } } }`, school),
			"dashboard": fmt.Sprintf(`query($n: Int) { dashboard(campaignId: %s) { total { found open majorOpen clearRate } children { figures { open } } breakdown(by: CATEGORY) { key found } days { day open } plan { needsOversight } } hazards(first: $n) { edges { cursor } } }`, campaign),
			"coverage":  fmt.Sprintf(`query($n: Int) { coverage(schoolId: %s, campaignId: %s) { dueCount gaps { state } } hazards(first: $n) { edges { cursor } } }`, school, campaign),
			"dossier": fmt.Sprintf(`query($n: Int!) { school(id: %s) { name grids { name riskPoints { name } assignments { user { name } } } leadingGroup(campaignId: %s) { formedOn } }
				reports(first: 20, filter: {schoolId: %[1]s}) { edges { node { id findings { result } } } } oversightOrders(first: 20, filter: {schoolId: %[1]s}) { edges { node { id } } }
				notices(first: 20, filter: {schoolId: %[1]s}) { edges { node { number } } } cases(first: 20, filter: {schoolId: %[1]s}) { edges { node { id } } }
				hazards(first: $n, filter: {schoolId: %[1]s}) { edges { node { id events { kind } evidence { id } plans { id } } } } }`, school, campaign),
		}
		counts := func() map[string]int {
			out := map[string]int{}
			for name, query := range reads {
				a.must("section", query, map[string]any{"n": 30})
				out[name] = a.statements
			}
			return out
		}
		e.ManyHazards(report, 50)
		few := counts()
		e.ManyHazards(report, thousandsOfHazards-50)
		for name, n := range counts() {
			if n != few[name] || n == 0 {
				t.Errorf("%s takes %d statements with 50 hazards and %d with %d", name, few[name], n, thousandsOfHazards)
			}
		}

		total := a.must("section", fmt.Sprintf(`{ dashboard(campaignId: %s) { total { found open majorOpen } } }`, campaign), nil)["dashboard"].(map[string]any)["total"]
		if got := fmt.Sprint(total); got != "map[found:5000 majorOpen:1000 open:5000]" {
			t.Errorf("the figures are %s", got)
		}
		for _, order := range []string{"{field: REPORTED_AT, direction: DESC}", "{field: DEADLINE, direction: ASC}"} {
			if n := a.walk(order); n != thousandsOfHazards {
				t.Errorf("page by page in the order %s: %d hazards", order, n)
			}
		}

		notice := func(rest string) answer {
			return a.ask("inspector1", fmt.Sprintf(`mutation { draftNotice(input: {id: %s, campaignId: %s, schoolId: %s, deadlineOn: "2026-03-25", requirements: "限期整改", %s}) { notice { id } } }`,
				quoted(id.New(id.Notice)), campaign, school, rest), nil)
		}
		for rest, field := range map[string]string{"reportId: " + quoted(report): "input.reportId", "items: [" + a.items(rule.MaxNoticeHazards+1) + "]": "input.items"} {
			got := notice(rest)
			if got.code() != "BAD_USER_INPUT" || !strings.HasSuffix(got.Errors[0].Extensions.Fields[0].Path, field) {
				t.Errorf("more than %d hazards on a notice: %+v, want the field %s named", rule.MaxNoticeHazards, got.Errors, field)
			}
		}
		if got := notice("items: [" + a.items(rule.MaxNoticeHazards) + "]"); got.code() != "" {
			t.Errorf("%d hazards on a notice: %+v", rule.MaxNoticeHazards, got.Errors)
		}
		if v, err := e.App.VerifyFigures(e.System()); err != nil || len(v.Differences) > 0 {
			t.Errorf("figures: %q (%v)", v.Differences, err)
		}
	})
}

// walk counts the different hazards that somebody meets on all pages; 0 when one
// comes twice.
func (a *api) walk(order string) int {
	a.T.Helper()
	seen, after := map[string]bool{}, any(nil)
	for {
		page := a.must("officer1", fmt.Sprintf(`query($after: String) { hazards(first: 200, after: $after, orderBy: %s) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`, order),
			map[string]any{"after": after})["hazards"].(map[string]any)
		for _, x := range page["edges"].([]any) {
			key := x.(map[string]any)["node"].(map[string]any)["id"].(string)
			if seen[key] {
				return 0
			}
			seen[key] = true
		}
		info := page["pageInfo"].(map[string]any)
		if info["hasNextPage"] != true {
			return len(seen)
		}
		after = info["endCursor"]
	}
}

// items are hazards as a notice's input.
func (a *api) items(n int) string {
	a.T.Helper()
	rows, err := a.Store.Ent.Hazard.Query().Limit(n).All(a.System())
	if err != nil {
		a.T.Fatal(err)
	}
	var text strings.Builder
	for _, h := range rows {
		text.WriteString("{hazardId: " + quoted(h.PublicID()) + "} ")
	}
	return text.String()
}
