package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// api is the real schema on a real database, behind the real edge.
type api struct {
	*testkit.Env
	server http.Handler

	mu         sync.Mutex // requests may run at once
	statements int        // of the last one
}

func newAPI(e *testkit.Env, production bool) *api {
	a := &api{Env: e}
	r := &graph.Resolver{App: e.App}
	a.server = graph.NewServer(graph.NewExecutableSchema(r), graph.Options{
		Production: production,
		IsAdmin:    func(ctx context.Context) bool { return authz.FromContext(ctx).Admin() },
		Transport: transport.Options{
			Log: zerolog.Nop(), Prepare: r.WithLoaders,
			ViewerID:     viewerID,
			WithSQLCount: store.WithCount,
			SQLCount: func(ctx context.Context) int {
				a.mu.Lock()
				defer a.mu.Unlock()
				a.statements = store.Count(ctx)
				return a.statements
			},
		},
	})
	return a
}

func viewerID(ctx context.Context) string {
	if v := authz.FromContext(ctx); !v.Anonymous() {
		return v.UserID.String()
	}
	return ""
}

type answer struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions struct {
			Code   string
			Reason string
			Fields []struct{ Path string }
		}
	}
}

func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

// ask sends one operation as the owner of an account; "" is nobody.
func (a *api) ask(account, query string, variables map[string]any) answer {
	a.T.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		a.T.Fatal(err)
	}
	ctx := a.Nobody()
	if account != "" {
		ctx = a.As(account)
	}
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, request)
	var out answer
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		a.T.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return out
}

// must is ask for what has to work.
func (a *api) must(account, query string, variables map[string]any) map[string]any {
	a.T.Helper()
	got := a.ask(account, query, variables)
	if len(got.Errors) > 0 {
		a.T.Fatalf("%s as %s: %+v", query, account, got.Errors)
	}
	return got.Data
}

// report reports a hazard in grid1's grid, with a photo that is still on its way.
func (a *api) report() id.ID {
	a.T.Helper()
	h, err := a.App.ReportHazard(a.As("grid1"), app.ReportHazardInput{
		ID: id.New(id.Hazard), CampaignID: a.Campaign.PublicID(), SchoolID: a.School.PublicID(), GridID: new(a.Grid.PublicID()),
		Category: "FIRE", Description: "疏散通道堵塞", DiscoveredAt: a.Clock.Now(), EvidenceIDs: []id.ID{id.New(id.Evidence)},
	})
	if err != nil {
		a.T.Fatal(err)
	}
	return h.PublicID()
}

var everybody = []string{
	"section", "leader1", "inspector1", "inspector2", "officer1", "principal1", "grid1", "officer2", "admin", "viewer1", "",
}

// TestActors runs every command on a hazard as everybody. The hazard is voided,
// so an account that is allowed gets INVALID_TRANSITION and nothing ever changes.
func TestActors(t *testing.T) {
	const (
		team    = "leader1 inspector1 inspector2"
		school  = "officer1 principal1"
		outside = "officer2 admin viewer1"
	)
	commands := []struct{ name, more, allowed string }{
		{"gradeHazard", `grade: MAJOR`, "section " + team + " " + school},
		{"addHazardSigns", `signs: ["EXIT_BLOCKED"]`, "section " + team + " " + school},
		{"decideDowngrade", `approve: true`, "section " + team + " " + school},
		{"placeUnderOversight", `protectiveMeasures: "围挡", deadlineOn: "2026-03-20", responsibleId: $user`, "section " + school},
		{"submitRectificationPlan", `planId: $plan, responsibleId: $user, measures: "清理", fundsFen: 0, completeBy: "2026-03-20", contingencyPlan: "绕行"`, school},
		{"approveRectificationPlan", ``, "section " + team},
		{"returnRectificationPlan", `note: "请补充"`, "section " + team},
		{"requestExtension", `extensionId: $extension, untilOn: "2026-03-30", reason: "等材料"`, school},
		{"decideExtension", `grant: true`, "section"},
		{"markRectified", `measuresTaken: "已清理"`, "grid1 " + school},
		{"acceptRectification", `recheckId: $recheck`, "section grid1 " + team + " " + school},
		{"rejectRectification", `recheckId: $recheck, reason: "未完成", newDeadlineOn: "2026-03-20"`, "section grid1 " + team + " " + school},
		{"requestVoid", `reason: "不是隐患"`, school},
		{"voidHazard", `reason: "不是隐患"`, "section"},
		{"reopenHazard", `reason: "复发", newDeadlineOn: "2026-03-20"`, "section " + team},
	}
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		hazard := a.report()
		_, err := e.App.VoidHazard(e.As("section"), app.VoidHazardInput{
			HazardCommand: app.HazardCommand{CommandID: id.New(id.Command), HazardID: hazard}, Reason: "不是隐患",
		})
		if err != nil {
			t.Fatal(err)
		}
		version := func() any {
			return a.must("section", `query($h: ID!) { hazard(id: $h) { version } }`, map[string]any{"h": hazard.String()})["hazard"]
		}
		before := fmt.Sprint(version())
		for _, c := range commands {
			for _, who := range everybody {
				want := "FORBIDDEN"
				switch {
				case who == "":
					want = "UNAUTHENTICATED"
				case slices.Contains(strings.Fields(outside), who):
					want = "NOT_FOUND"
				case slices.Contains(strings.Fields(c.allowed), who):
					want = "INVALID_TRANSITION"
				}
				values := strings.NewReplacer(
					"$user", quoted(e.User("officer1").PublicID()), "$plan", quoted(id.New(id.RectificationPlan)),
					"$extension", quoted(id.New(id.Extension)), "$recheck", quoted(id.New(id.Recheck)),
				).Replace(c.more)
				query := fmt.Sprintf(`mutation { %s(input: {commandId: %s, hazardId: %s, %s}) { hazard { id } } }`,
					c.name, quoted(id.New(id.Command)), quoted(hazard), values)
				if got := a.ask(who, query, nil); got.code() != want {
					t.Errorf("%s as %q: %s, want %s: %+v", c.name, who, got.code(), want, got.Errors)
				}
			}
		}
		if after := fmt.Sprint(version()); after != before {
			t.Errorf("a refused command changed the hazard: %s, then %s", before, after)
		}
	})
}

func quoted(i id.ID) string { return `"` + i.String() + `"` }

// TestMissingIsNull: what does not exist and what is out of sight are both null and
// no error for a query, and NOT_FOUND for a command; a text that is no id is refused.
func TestMissingIsNull(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		campaign, school := quoted(e.Campaign.PublicID()), quoted(e.School.PublicID())
		hidden := quoted(a.report())
		for _, c := range []struct{ query, one string }{
			{`hazard(id: $) { id }`, quoted(id.New(id.Hazard))},
			{`hazard(id: $) { id }`, hidden},
			{`hazard(id: $) { id }`, school}, // another noun names no hazard
			{`node(id: $) { id }`, hidden},
			{`report(id: $) { id }`, quoted(id.New(id.Report))},
			{`notice(id: $) { id }`, quoted(id.New(id.Notice))},
			{`evidence(id: $) { id }`, quoted(id.New(id.Evidence))},
			{`evidenceUpload(id: $) { evidence { id } }`, quoted(id.New(id.Evidence))},
			{`evidenceEvents(id: $, first: 1) { edges { cursor } }`, quoted(id.New(id.Evidence))},
			{`grid(id: $) { id }`, quoted(id.New(id.Grid))},
			{`responsibleFor(gridId: $, on: "2026-03-10") { on }`, quoted(id.New(id.Grid))},
			{`school(id: $) { id }`, quoted(id.New(id.School))},
			{`school(id: ` + quoted(e.Other.PublicID()) + `) { leadingGroup(campaignId: $) { id } coverage(campaignId: $) { ended } }`, quoted(id.New(id.Campaign))},
			{`campaign(id: $) { id }`, quoted(id.New(id.Campaign))},
			{`team(id: $) { id }`, quoted(id.New(id.Team))},
			{`visitPlan(id: $) { id }`, quoted(id.New(id.VisitPlan))},
			{`discrepancy(id: $) { id }`, quoted(id.New(id.Discrepancy))},
			{`case(id: $) { id }`, quoted(id.New(id.Case))},
			{`coverage(schoolId: $, campaignId: ` + campaign + `) { ended }`, quoted(id.New(id.School))},
			{`coverage(schoolId: ` + school + `, campaignId: $) { ended }`, quoted(id.New(id.Campaign))},
			{`dashboard(campaignId: $) { at }`, quoted(id.New(id.Campaign))},
			{`dashboard(campaignId: ` + campaign + `, regionId: $) { at }`, quoted(id.New(id.Region))},
		} {
			got := a.must("officer2", "{ "+strings.ReplaceAll(c.query, "$", c.one)+" }", nil)
			for field, value := range got {
				if below, ok := value.(map[string]any); ok && field == "school" {
					for name, x := range below {
						if x != nil {
							t.Errorf("%s.%s is %v", c.query, name, x)
						}
					}
				} else if value != nil {
					t.Errorf("%s of %s is %v", c.query, c.one, value)
				}
			}
			bad := a.ask("officer2", "{ "+strings.ReplaceAll(c.query, "$", `"hazard_1"`)+" }", nil)
			if bad.code() != "BAD_USER_INPUT" {
				t.Errorf("%s of no id: %+v", c.query, bad)
			}
		}
		for _, h := range []string{hidden, quoted(id.New(id.Hazard))} {
			got := a.ask("officer2", `mutation { requestVoid(input: {commandId: `+quoted(id.New(id.Command))+`, hazardId: `+h+`, reason: "x"}) { hazard { id } } }`, nil)
			if got.code() != "NOT_FOUND" {
				t.Errorf("a command on %s: %+v", h, got)
			}
		}
	})
}

// TestReaders asks for one hazard on every path as everybody: who may not see it
// finds no trace of it.
func TestReaders(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		h := a.report().String()
		for _, who := range everybody {
			sees := !slices.Contains([]string{"officer2", "admin", "viewer1", ""}, who)
			byID := a.ask(who, `query($h: ID!) { hazard(id: $h) { id } }`, map[string]any{"h": h})
			if who == "" {
				if byID.code() != "UNAUTHENTICATED" {
					t.Errorf("nobody: %+v", byID)
				}
				continue
			}
			if byID.code() != "" || sees != (byID.Data["hazard"] != nil) {
				t.Errorf("hazard as %s: %+v", who, byID)
			}
			list := a.must(who, `{ hazards(first: 5) { edges { node { id } } } }`, nil)
			if got := strings.Contains(fmt.Sprint(list), h); got != sees {
				t.Errorf("hazards as %s: %v", who, list)
			}
			node := a.must(who, `query($h: ID!) { node(id: $h) { id } }`, map[string]any{"h": h})
			if got := node["node"] != nil; got != sees {
				t.Errorf("node as %s: %v", who, node)
			}
			school := a.must(who, `query($s: ID!) { node(id: $s) { ... on School { name grids { name assignments { user { name } } } } } }`,
				map[string]any{"s": e.School.PublicID().String()})
			if got := school["node"] != nil; got != (sees || who == "admin") {
				t.Errorf("school as %s: %v", who, school)
			}
		}
	})
}

const richHazards = `query($n: Int!) { hazards(first: $n, filter: {underOversight: false}, orderBy: {field: REPORTED_AT, direction: DESC}) {
  edges { cursor node { id status overdue proven
    school { name region { name parent { name } } } grid { name kind } reporter { name } responsible { name } campaign { title }
    evidence { id status uploader { name } } missingEvidence { step count } events { kind actor { name } evidence { id } } oversightOrders { id } plans { id } rechecks { id } } }
  pageInfo { hasNextPage endCursor } } }`

const richReports = `query($n: Int!) { reports(first: $n) {
  edges { node { id kind status proven school { name } grid { name } inspector { name }
    findings { result item { number text } grid { name } evidence { id } } evidence { id } missing { item { number } checkInMissing } } }
  pageInfo { hasNextPage } } }`

// TestStatementsOfLists holds the budget of the two big lists: the number of SQL
// statements does not depend on the number of rows.
func TestStatementsOfLists(t *testing.T) {
	const budgetOfHazards, budgetOfReports = 26, 22
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		for range 30 {
			a.report()
			a.inspect()
		}
		for _, c := range []struct {
			name, query string
			budget      int
		}{{"hazards", richHazards, budgetOfHazards}, {"reports", richReports, budgetOfReports}} {
			counts := map[int]int{}
			for _, n := range []int{1, 10, 30} {
				got := a.must("section", c.query, map[string]any{"n": n})
				if rows := len(got[c.name].(map[string]any)["edges"].([]any)); rows != n {
					t.Fatalf("%s: %d rows, want %d", c.name, rows, n)
				}
				counts[n] = a.statements
			}
			if counts[1] != counts[10] || counts[10] != counts[30] || counts[30] > c.budget || counts[30] == 0 {
				t.Errorf("%s: statements by page size %v, budget %d", c.name, counts, c.budget)
			}
		}
		a.must("section", `query($c: ID!) { dashboard(campaignId: $c) { total { found } children { region { name } figures { open } } breakdownByRegion(by: CATEGORY) { region { name } rows { key open } } } }`,
			map[string]any{"c": e.Campaign.PublicID().String()})
		if a.statements > 8 {
			t.Errorf("the dashboard takes %d statements", a.statements)
		}
	})
}

// inspect makes a self-inspection with one finding.
func (a *api) inspect() {
	a.T.Helper()
	report := id.New(id.Report)
	ctx := a.As("grid1")
	_, err := a.App.StartInspection(ctx, app.StartInspectionInput{
		ID: report, CampaignID: a.Campaign.PublicID(), SchoolID: a.School.PublicID(), Kind: rule.SelfInspection, GridID: new(a.Grid.PublicID()),
	})
	if err != nil {
		a.T.Fatal(err)
	}
	items, err := a.Store.Ent.ChecklistItem.Query().Limit(1).All(a.System())
	if err != nil {
		a.T.Fatal(err)
	}
	_, err = a.App.RecordFindings(ctx, app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: report, Findings: []app.FindingInput{{
		ID: id.New(id.Finding), ItemID: items[0].PublicID(), GridID: new(a.Grid.PublicID()), Result: rule.Compliant, EvidenceIDs: []id.ID{id.New(id.Evidence)},
	}}})
	if err != nil {
		a.T.Fatal(err)
	}
}

// TestRefusalsNameTheField sends bad values through the real generated code.
func TestRefusalsNameTheField(t *testing.T) {
	cases := []struct{ name, query, variables, code, path string }{
		{"page of 100,000", `{ hazards(first: 100000) { edges { node { id } } } }`, `{}`, "BAD_USER_INPUT", "hazards.first"},
		{"no page size", `{ hazards { edges { node { id } } } }`, `{}`, "BAD_USER_INPUT", "hazards.first"},
		{"forged cursor", `{ hazards(first: 5, after: "bm9uc2Vuc2U") { edges { node { id } } } }`, `{}`, "BAD_USER_INPUT", "after"},
		{"a time without zone", report, reportWith("discoveredAt", "2026-03-10T08:00:00"), "BAD_USER_INPUT", "input.discoveredAt"},
		{"a time in the future", report, reportWith("discoveredAt", "2026-03-11T08:00:00Z"), "BAD_USER_INPUT", "input.discoveredAt"},
		{"an id of another noun", report, reportWith("schoolId", "grid_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001"), "BAD_USER_INPUT", "input.schoolId"},
		{"no id at all", report, reportWith("id", "hazard_1"), "BAD_USER_INPUT", "input.id"},
		{"an unknown school", report, reportWith("schoolId", "school_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001"), "NOT_FOUND", "input.schoolId"},
		{"an empty description", report, reportWith("description", "  "), "BAD_USER_INPUT", "input.description"},
		{"an unknown enum value", report, reportWith("grade", "TERRIBLE"), "BAD_USER_INPUT", "i.grade"},
	}
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		for _, c := range cases {
			var variables map[string]any
			if err := json.Unmarshal([]byte(c.variables), &variables); err != nil {
				t.Fatal(err)
			}
			if in, ok := variables["i"].(map[string]any); ok {
				for k, v := range map[string]string{"campaignId": e.Campaign.PublicID().String(), "schoolId": e.School.PublicID().String(), "gridId": e.Grid.PublicID().String()} {
					if in[k] == "" {
						in[k] = v
					}
				}
			}
			got := a.ask("grid1", c.query, variables)
			if got.code() != c.code || len(got.Errors[0].Extensions.Fields) == 0 || got.Errors[0].Extensions.Fields[0].Path != c.path {
				t.Errorf("%s: %+v, want %s at %s", c.name, got.Errors, c.code, c.path)
			}
		}
		if n, err := e.Store.Ent.Hazard.Query().Count(e.System()); err != nil || n != 0 {
			t.Errorf("%d hazards exist after refusals (%v)", n, err)
		}
	})
}

const report = `mutation($i: ReportHazardInput!) { reportHazard(input: $i) { hazard { id } } }`

func reportWith(field, value string) string {
	in := map[string]any{
		"id": "hazard_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001", "campaignId": "", "schoolId": "", "gridId": "", "category": "FIRE",
		"description": "d", "discoveredAt": "2026-03-10T01:00:00Z", "evidenceIds": []string{"evidence_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0002"},
	}
	in[field] = value
	b, _ := json.Marshal(map[string]any{"i": in})
	return string(b)
}

// TestSchemaIsForAdministratorsInProduction asks for the schema as everybody.
func TestSchemaIsForAdministratorsInProduction(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, true)
		for _, who := range everybody {
			got := a.ask(who, `{ __schema { queryType { name } } }`, nil)
			if allowed := got.code() == "" && got.Data["__schema"] != nil; allowed != (who == "admin") {
				t.Errorf("introspection as %q: %+v", who, got)
			}
			if got := a.ask(who, `{ hazard(idd: "x") { descriptio } }`, nil); who != "admin" && strings.Contains(fmt.Sprint(got.Errors), "description") {
				t.Errorf("a suggestion leaks to %q: %+v", who, got.Errors)
			}
		}
	})
}
