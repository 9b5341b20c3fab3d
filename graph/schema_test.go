package graph_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

var update = flag.Bool("update", false, "rewrite testdata/schema.golden.graphqls")

const golden = "testdata/schema.golden.graphqls"

// TestSchemaIsTheGoldenOne makes every change of the public contract visible in
// one file.
func TestSchemaIsTheGoldenOne(t *testing.T) {
	got := schemaText()
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the schema is not %s; look at the difference after `go test ./graph -run Golden -update`", golden)
	}
}

// schemaText is the whole contract, as both files of testdata hold it.
func schemaText() []byte {
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(graph.NewExecutableSchema(&graph.Resolver{}).Schema())
	return b.Bytes()
}

func TestEverythingInTheSchemaIsDescribed(t *testing.T) {
	missing := undescribed(graph.NewExecutableSchema(&graph.Resolver{}).Schema())
	if len(missing) > 0 {
		t.Errorf("without a description: %s", strings.Join(missing, ", "))
	}
	if n := len(undescribed(graphtest.Schema)); n == 0 {
		t.Error("a schema without descriptions passes")
	}
}

func undescribed(s *ast.Schema) []string {
	var out []string
	need := func(text, name string) {
		if strings.TrimSpace(text) == "" {
			out = append(out, name)
		}
	}
	for _, d := range s.Types {
		if d.BuiltIn {
			continue
		}
		need(d.Description, d.Name)
		for _, v := range d.EnumValues {
			need(v.Description, d.Name+"."+v.Name)
		}
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			need(f.Description, d.Name+"."+f.Name)
			for _, a := range f.Arguments {
				need(a.Description, d.Name+"."+f.Name+"("+a.Name+")")
			}
		}
	}
	return out
}

// TestEnumsAreToldToGrow: clients meet values that they do not know yet.
func TestEnumsAreToldToGrow(t *testing.T) {
	for _, d := range graph.NewExecutableSchema(&graph.Resolver{}).Schema().Types {
		if d.Kind == ast.Enum && !d.BuiltIn && !strings.Contains(d.Description, "expect unknown ones") {
			t.Errorf("%s does not say that more values may come", d.Name)
		}
	}
}

// TestLinksAreNullable: a failing field that must not be null would empty its
// parent, and a row out of sight is null.
func TestLinksAreNullable(t *testing.T) {
	s := graph.NewExecutableSchema(&graph.Resolver{}).Schema()
	for _, d := range s.Types {
		if d.Kind != ast.Object || d.BuiltIn || strings.HasSuffix(d.Name, "Edge") || d.Name == "EvidenceUpload" || d.Name == "Changes" { // a Change names its row by id and is no row itself
			continue
		}
		for _, f := range d.Fields {
			if to := s.Types[f.Type.Name()]; f.Type.NonNull && identified(to) {
				t.Errorf("%s.%s leads to a %s and may not be null", d.Name, f.Name, to.Name)
			}
		}
	}
}

// identified reports whether a type stands for rows of its own.
func identified(d *ast.Definition) bool { return d.Fields.ForName("id") != nil }

// willing is the real schema with an execution that does nothing: what gets
// through to it has passed every limit.
type willing struct{ graphql.ExecutableSchema }

func (willing) Exec(context.Context) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Data: []byte(`{}`)})
}

func TestLimitsOnTheRealSchema(t *testing.T) {
	const hazard = `id status grade overdue deadlineOn school { id name region { name } } grid { name } reporter { name } evidence { id status fileName }`
	const history = `events { kind happenedAt actor { name } details { name value } } oversightOrders { level placedBy { name } }
		plans { number status submittedBy { name } } extensions { status decidedBy { name } } rechecks { result checker { name } }
		missingEvidence { step kind count waitingIds }`
	h := graphtest.NewOf(t, willing{graph.NewExecutableSchema(&graph.Resolver{})}, graph.Options{})
	one := id.New(id.Hazard)
	tests := map[string]struct {
		query string
		want  fault.Kind // "" passes
	}{
		"a list":                {"{ hazards(first: 50) { edges { cursor node { " + hazard + " } } pageInfo { hasNextPage endCursor } } }", ""},
		"the longest page":      {"{ hazards(first: 200) { edges { node { " + hazard + " } } } }", ""},
		"a detail":              {fmt.Sprintf("{ hazard(id: %q) { %s %s } }", one, hazard, history), ""},
		"a dashboard":           {fmt.Sprintf("{ dashboard(campaignId: %q) { total { found clearRate } children { region { name } figures { open overdue closedProven } } } }", id.New(id.Campaign)), ""},
		"filtered, backwards":   {`{ hazards(last: 20, filter: {status: [REPORTED, RECTIFYING], overdue: true}, orderBy: {field: DEADLINE, direction: ASC}) { edges { node { id } } } }`, ""},
		"no page size":          {"{ hazards { edges { node { id } } } }", fault.BadUserInput},
		"reports, no page size": {"{ reports { pageInfo { hasNextPage } } }", fault.BadUserInput},
		"schools, no page size": {"{ schools { edges { cursor } } }", fault.BadUserInput},
		"page too long":         {"{ hazards(first: 201) { edges { node { id } } } }", fault.BadUserInput},
		"first and last":        {"{ hazards(first: 1, last: 1) { edges { node { id } } } }", fault.BadUserInput},
		"unknown order":         {`{ hazards(first: 1, orderBy: {field: NOTE, direction: ASC}) { edges { node { id } } } }`, fault.BadUserInput},
		"histories of a list":   {"{ hazards(first: 200) { edges { node { " + hazard + history + " } } } }", fault.QueryTooComplex},
		"too deep":              {fmt.Sprintf("{ hazard(id: %q) { %s id %s } }", one, strings.Repeat("duplicateOf { ", 12), strings.Repeat("}", 12)), fault.QueryTooComplex},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := h.Query(test.query)
			switch {
			case test.want != "":
				h.Failed(r, test.want)
			case r.Status != http.StatusOK || r.Body["errors"] != nil:
				t.Errorf("refused: %s", r.Raw)
			}
		})
	}
}

// TestIdsOnTheRealSchema asks what needs no use case: the graph.Resolver has none.
func TestIdsOnTheRealSchema(t *testing.T) {
	r := &graph.Resolver{}
	h := graphtest.NewOf(t, graph.NewExecutableSchema(r), graph.Options{Transport: transport.Options{Prepare: r.WithLoaders}})
	for _, noun := range []id.Noun{id.Command, id.Session, id.HazardEvent} {
		got := h.Query(fmt.Sprintf(`{ node(id: %q) { id } }`, id.New(noun)))
		if got.Body["errors"] != nil || got.Body["data"].(map[string]any)["node"] != nil {
			t.Errorf("a %s is no node: %s", noun, got.Raw)
		}
	}
	for query, path := range map[string]string{
		`{ hazard(id: "hazard_1") { id } }`:                                                            "id",
		`{ node(id: "` + uuid.NewString() + `") { id } }`:                                              "id",
		`{ hazards(first: 1, filter: {schoolId: "x"}) { edges { cursor } } }`:                          "filter.schoolId",
		`{ dashboard(campaignId: "` + id.New(id.School).String() + `") { at } }`:                       "campaignId",
		`mutation { completeEvidence(input: {id: "evidence"}) { evidence { id } } }`:                   "input.id",
		`mutation { requestVoid(input: {commandId: "x", hazardId: "y", reason: "z"}) { __typename } }`: "input.commandId",
	} {
		e := h.Failed(h.Query(query), fault.BadUserInput)
		if len(e.Extension.Fields) != 1 || e.Extension.Fields[0].Path != path {
			t.Errorf("%s: fields %+v, want %s", query, e.Extension.Fields, path)
		}
	}
}
