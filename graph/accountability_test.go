package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// late reports a hazard through the API that grid1 discovered a number of hours ago.
func (a *api) late(hours int, queued any) {
	a.T.Helper()
	a.must("grid1", report, map[string]any{"i": map[string]any{
		"id": id.New(id.Hazard).String(), "campaignId": a.Campaign.PublicID().String(), "schoolId": a.School.PublicID().String(),
		"gridId": a.Grid.PublicID().String(), "category": "FIRE", "description": "疏散通道堵塞", "queuedAt": queued,
		"discoveredAt": a.Clock.Now().Add(-time.Duration(hours) * time.Hour).Format(time.RFC3339), "evidenceIds": []string{id.New(id.Evidence).String()},
	}})
}

// contradict makes the school say COMPLIANT and the team find NON_COMPLIANT.
func (a *api) contradict() {
	a.T.Helper()
	items := a.Items()
	for _, x := range []struct {
		account string
		kind    rule.ReportKind
		result  rule.FindingResult
	}{{"officer1", rule.SelfInspection, rule.Compliant}, {"inspector1", rule.Supervision, rule.NonCompliant}} {
		ctx, r := a.As(x.account), id.New(id.Report)
		testkit.Must(a.App.StartInspection(ctx, app.StartInspectionInput{
			ID: r, CampaignID: a.Campaign.PublicID(), SchoolID: a.School.PublicID(), Kind: x.kind,
			CheckIn: &geo.Point{Latitude: *a.School.Latitude, Longitude: *a.School.Longitude},
		}))(a.T)
		testkit.Must(a.App.RecordFindings(ctx, app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: r, Findings: []app.FindingInput{
			{ID: id.New(id.Finding), ItemID: items[0].PublicID(), Result: x.result, EvidenceIDs: []id.ID{id.New(id.Evidence)}},
			{ID: id.New(id.Finding), ItemID: items[1].PublicID(), Result: x.result, EvidenceIDs: []id.ID{id.New(id.Evidence)}},
		}}))(a.T)
		testkit.Must(a.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r}))(a.T)
		a.Clock.Advance(time.Minute)
	}
}

const richCases = `query($n: Int!) { cases(first: $n) { edges { cursor node { id kind status version facts factsHash raisedAt
  campaign { title } school { name } person { name } hazard { id } report { id } discrepancy { id } decidedBy { name } decidedAt decisionReason
  appealedBy { name } appealedAt appeal history { event at text by { name } } } } pageInfo { hasNextPage } } }`

const richDiscrepancies = `query($n: Int!) { discrepancies(first: $n) { edges { node { id major facts factsHash raisedAt
  campaign { title } school { name } item { text } grid { name } found { result report { inspector { name } checkedInAt discrepancies { id } } }
  claimed { result discrepancies { id } } } } pageInfo { hasNextPage } } }`

// TestCasesOverTheAPI follows a case through the API: raised, seen, hashed again,
// appealed and decided; and counts the statements of the two lists.
func TestCasesOverTheAPI(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		a.late(24, nil)
		a.late(100, e.Clock.Now().Add(-99*time.Hour).Format(time.RFC3339)) // offline
		if n := len(edges(a.must("grid1", `{ cases(first: 5, filter: {mine: true}) { edges { node { id } } } }`, nil), "cases")); n != 0 {
			t.Fatalf("%d cases of reports in time", n)
		}
		for range 10 {
			a.late(25, nil)
			e.Clock.Advance(time.Second)
		}
		mine := edges(a.must("grid1", `{ cases(first: 50, filter: {mine: true, kind: LATE_REPORT, status: OPEN}) { edges { node { id facts factsHash } } } }`, nil), "cases")
		if len(mine) != 10 {
			t.Fatalf("grid1 sees %d cases", len(mine))
		}
		sum := sha256.Sum256([]byte(mine[0]["facts"].(string)))
		if mine[0]["factsHash"] != hex.EncodeToString(sum[:]) {
			t.Errorf("the hash of %s is another", mine[0]["facts"])
		}
		c := mine[0]["id"].(string)

		// Everybody tries to decide the case and to make a statement. The case is
		// decided for good, so those who have the permission get INVALID_TRANSITION.
		decide := func(who string) answer {
			return a.ask(who, fmt.Sprintf(`mutation { decideCase(input: {commandId: %s, caseId: %q, confirm: false, reason: "无责"}) { case { status version } } }`, quoted(id.New(id.Command)), c), nil)
		}
		appeal := func(who string) answer {
			return a.ask(who, fmt.Sprintf(`mutation { appealCase(input: {commandId: %s, caseId: %q, statement: "网络中断"}) { case { appeal } } }`, quoted(id.New(id.Command)), c), nil)
		}
		if got := appeal("grid1"); got.code() != "" {
			t.Fatalf("a statement: %+v", got)
		}
		if got := decide("leader1"); got.code() != "" {
			t.Fatalf("a decision: %+v", got)
		}
		for _, who := range everybody {
			sees := slices.Contains([]string{"section", "leader1", "principal1", "grid1"}, who)
			for name, x := range map[string]struct {
				got     answer
				allowed []string
			}{"decide": {decide(who), []string{"section", "leader1"}}, "appeal": {appeal(who), []string{"principal1", "grid1"}}} {
				want := "FORBIDDEN"
				switch {
				case who == "":
					want = "UNAUTHENTICATED"
				case !sees:
					want = "NOT_FOUND"
				case slices.Contains(x.allowed, who):
					want = "INVALID_TRANSITION"
				}
				if x.got.code() != want {
					t.Errorf("%s as %q: %s, want %s", name, who, x.got.code(), want)
				}
			}
			if who == "" {
				continue
			}
			if node := a.must(who, `query($c: ID!) { node(id: $c) { id } }`, map[string]any{"c": c}); (node["node"] != nil) != sees {
				t.Errorf("the case as %s: %v", who, node)
			}
		}

		for range 10 {
			a.contradict()
		}
		for name, query := range map[string]string{"cases": richCases, "discrepancies": richDiscrepancies} {
			counts := map[int]int{}
			for _, n := range []int{1, 5, 10} {
				if got := edges(a.must("section", query, map[string]any{"n": n}), name); len(got) != n {
					t.Fatalf("%d %s, want %d", len(got), name, n)
				}
				counts[n] = a.statements
			}
			if counts[5] != counts[10] || counts[10] > 20 || counts[10] == 0 {
				t.Errorf("%s: statements by page size %v", name, counts)
			}
		}
		for _, who := range []string{"officer2", "viewer1", "admin"} {
			if got := edges(a.must(who, `{ discrepancies(first: 5) { edges { node { id } } } }`, nil), "discrepancies"); len(got) != 0 {
				t.Errorf("%s sees %d discrepancies", who, len(got))
			}
		}
	})
}

// edges are the rows of a connection.
func edges(data map[string]any, list string) []map[string]any {
	var out []map[string]any
	for _, e := range data[list].(map[string]any)["edges"].([]any) {
		out = append(out, e.(map[string]any)["node"].(map[string]any))
	}
	return out
}

// TestSchoolBoundaryOverTheAPI: who may change a school's boundary, and what of it is
// seen.
func TestSchoolBoundaryOverTheAPI(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		school := e.School.PublicID().String()
		change := func(who, boundary string) answer {
			return a.ask(who, fmt.Sprintf(`mutation { changeSchoolBoundary(input: {commandId: %s, schoolId: %q, %s}) { school { boundaryMeters boundary { latitude } } } }`,
				quoted(id.New(id.Command)), school, boundary), nil)
		}
		for _, who := range everybody {
			want := "FORBIDDEN"
			switch who {
			case "":
				want = "UNAUTHENTICATED"
			case "officer2", "viewer1":
				want = "NOT_FOUND"
			case "section", "admin":
				want = ""
			}
			if got := change(who, `boundaryMeters: 250`); got.code() != want {
				t.Errorf("as %q: %+v, want %s", who, got, want)
			}
		}
		read := func() string {
			return fmt.Sprint(a.must("grid1", `query($s: ID!) { school(id: $s) { boundaryMeters boundary { latitude longitude } } }`, map[string]any{"s": school})["school"])
		}
		if got := read(); got != "map[boundary:[] boundaryMeters:250]" {
			t.Errorf("the boundary is %s", got)
		}
		const square = `boundary: [{latitude: 36.7, longitude: 114.2}, {latitude: 36.7, longitude: 114.21}, {latitude: 36.71, longitude: 114.21}]`
		if got := change("section", square); got.code() != "" {
			t.Errorf("%+v", got)
		}
		if got := read(); strings.Count(got, "latitude") != 3 {
			t.Errorf("the boundary is %s", got)
		}
		got := change("section", `boundary: [{latitude: 36.7, longitude: 114.2}, {latitude: 36.71, longitude: 114.21}]`)
		if got.code() != "BAD_USER_INPUT" || got.Errors[0].Extensions.Fields[0].Path != "input.boundary" {
			t.Errorf("two corners: %+v", got)
		}
		if got := change("section", `boundary: []`); got.code() != "" || strings.Contains(read(), "latitude") {
			t.Errorf("taken away: %+v, %s", got, read())
		}
	})
}
