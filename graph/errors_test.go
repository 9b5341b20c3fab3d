package graph

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func chinese(context.Context) string { return "zh" }

func TestFaultOfResolver(t *testing.T) {
	h := newHarness(t, Options{})
	r := h.query(`{ x: fail(how: "fault") hello }`)

	e := h.failed(r, fault.Conflict)
	if e.Message != "Somebody changed the record." || e.Extension.Reason != "hazard.stale" || e.Extension.Retryable {
		t.Errorf("error %+v", e)
	}
	if e.Extension.Version != 7 {
		t.Errorf("detail is missing: %s", r.raw)
	}
	if fmt.Sprint(e.Path) != "[x]" || len(e.Locations) != 1 {
		t.Errorf("path %v, locations %v", e.Path, e.Locations)
	}
	if r.status != http.StatusOK || r.body["data"].(map[string]any)["hello"] != "hello" {
		t.Errorf("the other field is lost: %s", r.raw)
	}

	zh := newHarness(t, Options{Language: chinese}).query(`{ fail(how: "fault") }`)
	if got := zh.errs[0].Message; got != "记录已被他人修改。" {
		t.Errorf("message %q", got)
	}
}

func TestFieldsOfInput(t *testing.T) {
	h := newHarness(t, Options{Language: chinese})
	e := h.failed(h.query(`{ fail(how: "input") }`), fault.BadUserInput)
	want := `[{input.deadlineOn in_past 期限已过。} {input.measures required 缺少防护措施。}]`
	if got := fmt.Sprint(e.Extension.Fields); got != want {
		t.Errorf("fields %s, want %s", got, want)
	}
}

func TestInternalErrorsStayInside(t *testing.T) {
	for _, how := range []string{"sql", "panic"} {
		for _, o := range []Options{{}, {Production: true}, {Production: true, IsAdmin: asAdmin}} {
			h := newHarness(t, o)
			r := h.query(`query Board($how: String!) { fail(how: $how) }`, map[string]any{"how": how})
			h.failed(r, fault.Internal)
			for _, word := range []string{"secret", "pq:", "SELECT", ".go", "goroutine"} {
				if strings.Contains(r.raw, word) {
					t.Errorf("%s: the answer holds %q: %s", how, word, r.raw)
				}
			}
		}
	}

	h := newHarness(t, Options{})
	h.query(`query Board { a: fail(how: "sql") b: fail(how: "panic") }`)
	if l := h.lines("graphql failure"); len(l) != 1 || !strings.Contains(l[0]["error"].(string), "secret_column") || l[0]["field"] != "Query.fail" || l[0]["operation"] != "Board" {
		t.Errorf("cause in the log: %v", l)
	}
	if l := h.lines("graphql panic"); len(l) != 1 || !strings.Contains(l[0]["stack"].(string), "server_test.go") {
		t.Errorf("stack in the log: %v", l)
	}
}

// TestPanicBeforeExecution panics where no field is there to catch it.
func TestPanicBeforeExecution(t *testing.T) {
	h := newHarness(t, Options{Production: true, IsAdmin: func(context.Context) bool { panic("SECRET") }})
	r := h.query(`{ hello }`)
	if e := h.refused(r, fault.Internal); r.status != http.StatusInternalServerError || e.Extension.Reason != "panic" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if strings.Contains(r.raw, "SECRET") || len(h.lines("graphql panic")) != 1 {
		t.Errorf("answer %s, log %s", r.raw, h.log)
	}
}

func TestErrorsAreCapped(t *testing.T) {
	h := newHarness(t, Options{})
	r := h.query(`{ failEach { text } }`)
	if len(r.errs) != 20 {
		t.Errorf("%d errors, want 20", len(r.errs))
	}
	if got := fmt.Sprint(r.body["extensions"]); got != "map[omittedErrors:80]" {
		t.Errorf("extensions %s", got)
	}
	if n := len(h.lines("graphql failure")); n != 20 {
		t.Errorf("%d causes logged, want 20", n)
	}

	r = h.query("{" + strings.Repeat(" hello @nothing", 100) + "}")
	h.refused(r, fault.BadUserInput)
	if len(r.errs) != 20 || len(r.raw) > 20_000 {
		t.Errorf("%d errors in %d bytes", len(r.errs), len(r.raw))
	}
}

func TestDetailThatIsNoJSON(t *testing.T) {
	h := newHarness(t, Options{})
	r := h.query(`{ fail(how: "unmarshalable") }`)
	h.failed(r, fault.Internal)
	if r.status != http.StatusInternalServerError {
		t.Errorf("status %d", r.status)
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
				h := newHarness(t, Options{Production: production})
				e := h.failed(h.query(document, map[string]any{"input": tt.input}), fault.BadUserInput)
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
	h := newHarness(t, Options{})
	r := h.query(`{ when: at(instant: "yesterday") hello }`)
	e := h.failed(r, fault.BadUserInput)
	_, err := model.UnmarshalDateTime("yesterday")
	if fmt.Sprint(e.Path) != "[when]" || fmt.Sprint(e.Extension.Fields) != "[{instant not_a_time "+fault.Of(err).Text.EN+"}]" {
		t.Errorf("error %+v", e)
	}
	if r.body["data"].(map[string]any)["hello"] != "hello" {
		t.Errorf("the other field is lost: %s", r.raw)
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
		h := newHarness(t, Options{Production: true})
		r := h.query(probe, map[string]any{})
		h.refused(r, fault.BadUserInput)
		for _, word := range secrets {
			if strings.Contains(r.raw, word) {
				t.Errorf("%s: the answer holds %q: %s", probe, word, r.raw)
			}
		}
	}

	for name, o := range map[string]Options{"development": {}, "admin": {Production: true, IsAdmin: asAdmin}} {
		r := newHarness(t, o).query(`{ secretFigure }`)
		if !strings.Contains(r.raw, "secretFigures") {
			t.Errorf("%s: no suggestion: %s", name, r.raw)
		}
	}
}

func TestMessagesStayShort(t *testing.T) {
	h := newHarness(t, Options{})
	long := strings.Repeat("隐", 20_000)
	for _, q := range []string{
		`{ hello(name: ` + strings.Repeat("x", 60_000) + `) }`,
		`{ number(value: "` + long + `") }`,
		`mutation { report(input: {id: "x", grade: "` + long + `"}) }`,
	} {
		r := h.query(q)
		h.refused(r, fault.BadUserInput)
		if len(r.raw) > 2000 {
			t.Errorf("%d bytes answered: %.200s", len(r.raw), r.raw)
		}
	}
}
