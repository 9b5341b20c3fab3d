package graph_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func chinese(context.Context) string { return "zh" }

func TestFaultOfResolver(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := h.Query(`{ x: fail(how: "fault") hello }`)

	e := h.Failed(r, fault.Conflict)
	if e.Message != "Somebody changed the record." || e.Extension.Reason != "hazard.stale" || e.Extension.Retryable {
		t.Errorf("error %+v", e)
	}
	if e.Extension.Version != 7 {
		t.Errorf("detail is missing: %s", r.Raw)
	}
	if fmt.Sprint(e.Path) != "[x]" || len(e.Locations) != 1 {
		t.Errorf("path %v, locations %v", e.Path, e.Locations)
	}
	if r.Status != http.StatusOK || r.Body["data"].(map[string]any)["hello"] != "hello" {
		t.Errorf("the other field is lost: %s", r.Raw)
	}

	zh := graphtest.New(t, graph.Options{Transport: transport.Options{Language: chinese}}).Query(`{ fail(how: "fault") }`)
	if got := zh.Errs[0].Message; got != "记录已被他人修改。" {
		t.Errorf("message %q", got)
	}
}

func TestFieldsOfInput(t *testing.T) {
	h := graphtest.New(t, graph.Options{Transport: transport.Options{Language: chinese}})
	e := h.Failed(h.Query(`{ fail(how: "input") }`), fault.BadUserInput)
	want := `[{input.deadlineOn in_past 期限已过。} {input.measures required 缺少防护措施。}]`
	if got := fmt.Sprint(e.Extension.Fields); got != want {
		t.Errorf("fields %s, want %s", got, want)
	}
}

func TestInternalErrorsStayInside(t *testing.T) {
	for _, how := range []string{"sql", "panic"} {
		for _, o := range []graph.Options{{}, {Production: true}, {Production: true, IsAdmin: asAdmin}} {
			h := graphtest.New(t, o)
			r := h.Query(`query Board($how: String!) { fail(how: $how) }`, map[string]any{"how": how})
			h.Failed(r, fault.Internal)
			for _, word := range []string{"secret", "pq:", "SELECT", ".go", "goroutine"} {
				if strings.Contains(r.Raw, word) {
					t.Errorf("%s: the answer holds %q: %s", how, word, r.Raw)
				}
			}
		}
	}

	h := graphtest.New(t, graph.Options{})
	h.Query(`query Board { a: fail(how: "sql") b: fail(how: "panic") }`)
	if l := h.Lines("graphql failure"); len(l) != 1 || !strings.Contains(l[0]["error"].(string), "secret_column") || l[0]["field"] != "Query.fail" || l[0]["operation"] != "Board" {
		t.Errorf("cause in the log: %v", l)
	}
	if l := h.Lines("graphql panic"); len(l) != 1 || !strings.Contains(l[0]["stack"].(string), "graphtest.go") {
		t.Errorf("stack in the log: %v", l)
	}
}

// TestPanicBeforeExecution panics where no field is there to catch it.
func TestPanicBeforeExecution(t *testing.T) {
	h := graphtest.New(t, graph.Options{Production: true, IsAdmin: func(context.Context) bool { panic("SECRET") }})
	r := h.Query(`{ hello }`)
	if e := h.Refused(r, fault.Internal); r.Status != http.StatusInternalServerError || e.Extension.Reason != "panic" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	if strings.Contains(r.Raw, "SECRET") || len(h.Lines("graphql panic")) != 1 {
		t.Errorf("answer %s, log %s", r.Raw, h.Log)
	}
}

func TestErrorsAreCapped(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := h.Query(`{ failEach { text } }`)
	if len(r.Errs) != 20 {
		t.Errorf("%d errors, want 20", len(r.Errs))
	}
	if got := fmt.Sprint(r.Body["extensions"]); got != "map[omittedErrors:80]" {
		t.Errorf("extensions %s", got)
	}
	if n := len(h.Lines("graphql failure")); n != 20 {
		t.Errorf("%d causes logged, want 20", n)
	}

	r = h.Query("{" + strings.Repeat(" hello @nothing", 100) + "}")
	h.Refused(r, fault.BadUserInput)
	if len(r.Errs) != 20 || len(r.Raw) > 20_000 {
		t.Errorf("%d errors in %d bytes", len(r.Errs), len(r.Raw))
	}
}

func TestDetailThatIsNoJSON(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := h.Query(`{ fail(how: "unmarshalable") }`)
	h.Failed(r, fault.Internal)
	if r.Status != http.StatusInternalServerError {
		t.Errorf("status %d", r.Status)
	}
}

func TestInputFaultsNameTheirField(t *testing.T) {
	const document = `mutation($input: ReportInput!) { report(input: $input) }`
	piece := func(sha string) map[string]any { return map[string]any{"sha256": sha} }
	tests := map[string]struct {
		input  map[string]any
		fields string // path and reason of each
		masked string // the same in production, when different
	}{
		"missing":             {map[string]any{}, "input.id required", "input required"},
		"missing in list":     {map[string]any{"id": "x", "pieces": []any{map[string]any{}}}, "input.pieces[0].sha256 required", "input.pieces[0] required"},
		"null":                {map[string]any{"id": nil}, "input.id null", ""},
		"unknown":             {map[string]any{"id": "x", "idd": 1}, "input.idd unknown", ""},
		"not an object":       {map[string]any{"id": "x", "pieces": []any{"x"}}, "input.pieces[0] invalid", ""},
		"time without zone":   {map[string]any{"id": "x", "discoveredAt": "2021-04-06 10:00:00"}, "input.discoveredAt not_a_time", ""},
		"year":                {map[string]any{"id": "x", "discoveredAt": "1066-10-14T00:00:00Z"}, "input.discoveredAt out_of_range", ""},
		"hash":                {map[string]any{"id": "x", "pieces": []any{piece(strings.Repeat("a", 64)), piece("A")}}, "input.pieces[1].sha256 not_a_sha256", ""},
		"library's enum":      {map[string]any{"id": "x", "grade": "MAJOR"}, "input.grade invalid", ""},
		"enum in lower case":  {map[string]any{"id": "x", "grade": "major"}, "input.grade not_a_choice", ""},
		"text for Int":        {map[string]any{"id": "x", "people": "2"}, "input.people type", ""},
		"33 bits":             {map[string]any{"id": "x", "people": 2147483648}, "input.people out_of_range", ""},
		"text for Float":      {map[string]any{"id": "x", "ratio": "0.5"}, "input.ratio type", ""},
		"number for String":   {map[string]any{"id": "x", "tags": []any{"a", 5}}, "input.tags[1] type", ""},
		"NUL":                 {map[string]any{"id": "x\x00"}, "input.id nul", ""},
		"several at once":     {map[string]any{"id": "x", "people": "2", "grade": "?"}, "input.grade invalid", ""},
		"two of the strict":   {map[string]any{"id": "x\x00", "people": 1 << 40}, "input.id nul,input.people out_of_range", ""},
		"list of 201":         {map[string]any{"id": "x", "tags": slices.Repeat([]string{"a"}, 201)}, "input.tags too_long", ""},
		"list of 201 objects": {map[string]any{"id": "x", "pieces": slices.Repeat([]any{piece(strings.Repeat("a", 64))}, 201)}, "input.pieces too_long", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, production := range []bool{false, true} {
				h := graphtest.New(t, graph.Options{Production: production})
				e := h.Failed(h.Query(document, map[string]any{"input": tt.input}), fault.BadUserInput)
				want := tt.fields
				if production && tt.masked != "" {
					want = tt.masked
				}
				var got []string
				for _, f := range e.Extension.Fields {
					got = append(got, f.Path+" "+f.Reason)
				}
				if strings.Join(got, ",") != want {
					t.Errorf("production %v: fields %v, want %s", production, got, want)
				}
			}
		})
	}
}

func TestCoercionKeepsTheFieldsPath(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := h.Query(`{ when: at(instant: "yesterday") hello }`)
	e := h.Failed(r, fault.BadUserInput)
	_, err := model.UnmarshalDateTime("yesterday")
	if fmt.Sprint(e.Path) != "[when]" || fmt.Sprint(e.Extension.Fields) != "[{instant not_a_time "+fault.Of(err).Text.EN+"}]" {
		t.Errorf("error %+v", e)
	}
	if r.Body["data"].(map[string]any)["hello"] != "hello" {
		t.Errorf("the other field is lost: %s", r.Raw)
	}
}

// TestNothingOfTheSchemaLeaks asks as a word-list tool would.
func TestNothingOfTheSchemaLeaks(t *testing.T) {
	probes := []string{
		`{ secretFigure }`,
		`{ secretFigures(confidentialFilte: 1) }`,
		`{ secretFigures(confidentialFilter: "x") }`,
		`{ secretFigures { x } }`,
		`{ hazards }`,
		`{ hazards(first: 1, grade: MAJO) { edges { cursor } } }`,
		`{ hazards(first: 1) { edge { cursor } } }`,
		`{ node(id: 1) { ... on Hazar { id } } }`,
		`{ node { id } }`,
		`mutation { report(input: {}) }`,
		`mutation { report(input: {id: 1, discoveredA: 1}) }`,
		`mutation($i: ReportInpu!) { report(input: $i) }`,
		`mutation($i: ReportInput!) { report(input: $i) }`,
		`{ hello @skp }`,
		`{ hello(`,
		`query A { hello } query B { hello }`,
		`subscription { tick }`,
	}
	secrets := []string{"secretFigures", "confidential", "edges", "Hazard", "School", "Report", "discoveredAt", "MAJOR", "skip", "ticks", "Query", "Did you mean", "Int"}
	for _, probe := range probes {
		h := graphtest.New(t, graph.Options{Production: true})
		r := h.Query(probe, map[string]any{})
		h.Refused(r, fault.BadUserInput)
		for _, word := range secrets {
			if strings.Contains(r.Raw, word) {
				t.Errorf("%s: the answer holds %q: %s", probe, word, r.Raw)
			}
		}
	}

	for name, o := range map[string]graph.Options{"development": {}, "admin": {Production: true, IsAdmin: asAdmin}} {
		r := graphtest.New(t, o).Query(`{ secretFigure }`)
		if !strings.Contains(r.Raw, "secretFigures") {
			t.Errorf("%s: no suggestion: %s", name, r.Raw)
		}
	}
}

func TestMessagesStayShort(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	long := strings.Repeat("隐", 20_000)
	for _, q := range []string{
		`{ hello(name: ` + strings.Repeat("x", 60_000) + `) }`,
		`{ number(value: "` + long + `") }`,
		`mutation { report(input: {id: "x", grade: "` + long + `"}) }`,
	} {
		r := h.Query(q)
		h.Refused(r, fault.BadUserInput)
		if len(r.Raw) > 2000 {
			t.Errorf("%d bytes answered: %.200s", len(r.Raw), r.Raw)
		}
	}
}
