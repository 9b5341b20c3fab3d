package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/sampling"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

const (
	proposeVisits = `mutation($i: ProposeVisitsInput!) { proposeVisits(input: $i) { plan { id seed factsDigest status version region { name } proposedBy { name } confirmedBy { name } } } }`
	plannedVisits = `query($c: ID!, $n: Int!, $p: ID) { plannedVisits(campaignId: $c, first: $n, filter: {planId: $p}) { edges { node {
		id status done slot ticket reasons { code detail } fallCause fallReason plan { seed } team { name contact { name } } school { id name region { name } }
		recused { name } report { id } replaces { id } } } pageInfo { hasNextPage } } }`
	samplingProof = `query($c: ID!, $n: Int!) { samplingProof(campaignId: $c, first: $n) { edges { node {
		region { name } requiredCount visitedCount meetsRule slots { slot number school { name region { name } } report { inspector { name } } }
		exemptions { slot count why schools { name region { name } } confirmed { reason confirmedBy { name } } } lacks { slot count why } } } pageInfo { hasNextPage } } }`
	teams = `query($c: ID!, $n: Int!) { teams(campaignId: $c, first: $n) { edges { node {
		number name campaign { title } members { position joinedOn user { name } } contact { name } areas { region { name } school { name } }
		load { plannedCount proposedCount confirmedCount doneCount } visits { status done school { name } } } } } }`
)

// TestVisitsOverGraphQL walks from the draw to its confirmation as the section, a
// leader and an inspector.
func TestVisitsOverGraphQL(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		campaign := e.Campaign.PublicID().String()
		plan := id.New(id.VisitPlan).String()
		got := a.must("section", proposeVisits, map[string]any{"i": map[string]any{"id": plan, "campaignId": campaign, "seed": "07 12 18"}})
		drawn := got["proposeVisits"].(map[string]any)["plan"].(map[string]any)
		if drawn["status"] != "PROPOSED" || drawn["seed"] != "07 12 18" || len(drawn["factsDigest"].(string)) != 64 || drawn["region"] == nil || drawn["confirmedBy"] != nil {
			t.Errorf("drawn: %v", drawn)
		}
		nodes := func(account string) []map[string]any {
			var out []map[string]any
			page := a.must(account, plannedVisits, map[string]any{"c": campaign, "n": 100, "p": plan})["plannedVisits"].(map[string]any)
			for _, edge := range page["edges"].([]any) {
				out = append(out, edge.(map[string]any)["node"].(map[string]any))
			}
			return out
		}
		visits := nodes("section")
		if len(visits) == 0 {
			t.Fatal("nothing is planned")
		}
		for _, v := range visits {
			school := v["school"].(map[string]any)["id"].(string)
			if v["ticket"] != sampling.Ticket("07 12 18", school) || v["done"] != false || v["status"] != "PROPOSED" || len(v["reasons"].([]any)) < 2 || v["fallCause"] != nil {
				t.Errorf("visit %v", v)
			}
		}
		confirm := `mutation($c: ID!, $p: ID!) { confirmVisits(input: {commandId: $c, planId: $p, expectedVersion: 1}) { plan { status confirmedBy { name } } } }`
		for account, code := range map[string]string{"inspector1": "FORBIDDEN", "officer1": "NOT_FOUND", "viewer1": "NOT_FOUND", "": "UNAUTHENTICATED", "leader1": ""} {
			answer := a.ask(account, confirm, map[string]any{"c": id.New(id.Command).String(), "p": plan})
			if code != "" && answer.code() != code {
				t.Errorf("confirmed by %q: %+v, want %s", account, answer, code)
			}
		}
		mine := nodes("inspector1")
		if len(mine) == 0 || mine[0]["status"] != "CONFIRMED" {
			t.Errorf("the inspector sees %v", mine)
		}
		for _, account := range []string{"officer1", "principal1", "grid1", "viewer1", "admin"} {
			if seen := nodes(account); len(seen) != 0 {
				t.Errorf("%s is told of %d visits beforehand", account, len(seen))
			}
		}
		drop := `mutation($c: ID!, $v: ID!) { dropVisit(input: {commandId: $c, visitId: $v, reason: "封路"}) { visit { status fallCause fallReason fallenOutAt } } }`
		fell := a.must("section", drop, map[string]any{"c": id.New(id.Command).String(), "v": visits[0]["id"]})
		if want := "DROPPED"; fmt.Sprint(fell["dropVisit"].(map[string]any)["visit"].(map[string]any)["fallCause"]) != want {
			t.Errorf("dropped: %v", fell)
		}
		a.must("section", `mutation($n: ID!, $p: ID!) { replanVisits(input: {id: $n, planId: $p}) { plan { status } } }`,
			map[string]any{"n": id.New(id.VisitPlan).String(), "p": plan})
		plans := a.must("section", `query($c: ID!) { visitPlans(campaignId: $c, first: 10) { edges { node { id status seed } } } }`, map[string]any{"c": campaign})
		if n := len(plans["visitPlans"].(map[string]any)["edges"].([]any)); n != 2 {
			t.Errorf("%d plans", n)
		}
		if node := a.must("section", `query($p: ID!) { node(id: $p) { id } visitPlan(id: $p) { status } }`, map[string]any{"p": plan}); node["node"] == nil {
			t.Errorf("the plan is no node: %v", node)
		}

		proof := fmt.Sprint(a.must("section", samplingProof, map[string]any{"c": campaign, "n": 20}))
		if !strings.Contains(proof, "NOT_VISITED") || !strings.Contains(proof, "NO_SUCH_SCHOOL") {
			t.Errorf("proof: %s", proof)
		}
		if refused := a.ask("inspector1", samplingProof, map[string]any{"c": campaign, "n": 1}); refused.code() != "FORBIDDEN" {
			t.Errorf("the proof for an inspector: %+v", refused)
		}
		if exempt := a.ask("section", `mutation($i: ConfirmExemptionInput!) { confirmExemption(input: $i) { exemption { id } } }`, map[string]any{"i": map[string]any{
			"id": id.New(id.SamplingExemption).String(), "campaignId": campaign, "regionId": id.Of(id.Region, e.Campaign.RegionID).String(), "slot": "PRIVATE", "reason": "x",
		}}); exempt.code() != "BAD_USER_INPUT" {
			t.Errorf("a county exempted: %+v", exempt)
		}
	})
}

// TestTeamsOverGraphQL forms a team and changes it.
func TestTeamsOverGraphQL(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		campaign := e.Campaign.PublicID().String()
		form := `mutation($i: FormTeamInput!) { formTeam(input: $i) { team { number members { position user { name } } contact { name } load { plannedCount } visits { id } } } }`
		got := a.ask("section", form, map[string]any{"i": map[string]any{
			"id": id.New(id.Team).String(), "campaignId": campaign, "name": "新组", "memberIds": []any{e.User("inspector1").PublicID().String()}, "areas": []any{},
		}})
		if got.code() != "BAD_USER_INPUT" || got.Errors[0].Extensions.Fields[0].Path != "input.memberIds[0]" {
			t.Errorf("a member of two teams: %+v", got)
		}
		page := a.must("section", teams, map[string]any{"c": campaign, "n": 10})["teams"].(map[string]any)
		first := page["edges"].([]any)[0].(map[string]any)["node"].(map[string]any)
		members := first["members"].([]any)
		if len(members) != 3 || first["contact"].(map[string]any)["name"] != members[1].(map[string]any)["user"].(map[string]any)["name"] {
			t.Errorf("team %v", first)
		}
		for _, account := range []string{"officer1", "viewer1", "admin"} {
			if seen := a.must(account, teams, map[string]any{"c": campaign, "n": 10})["teams"].(map[string]any)["edges"].([]any); len(seen) != 0 {
				t.Errorf("%s sees %v", account, seen)
			}
		}
	})
}

// TestStatementsOfSampling: what a page costs does not depend on its size.
func TestStatementsOfSampling(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		campaign := e.Campaign.PublicID().String()
		a.must("section", proposeVisits, map[string]any{"i": map[string]any{"id": id.New(id.VisitPlan).String(), "campaignId": campaign, "seed": "1"}})
		for name, c := range map[string]struct {
			query  string
			sizes  []int
			budget int
		}{
			"plannedVisits": {plannedVisits, []int{3, 6, 9}, 22},
			"samplingProof": {samplingProof, []int{2, 3, 4}, 14},
		} {
			var counts []int
			for _, n := range c.sizes {
				a.must("section", c.query, map[string]any{"c": campaign, "n": n})
				counts = append(counts, a.statements)
			}
			if len(slices.Compact(slices.Clone(counts))) != 1 || counts[0] > c.budget || counts[0] == 0 {
				t.Errorf("%s: statements by page size %v: %v, budget %d", name, c.sizes, counts, c.budget)
			}
		}
	})
}
