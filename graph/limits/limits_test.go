package limits_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/limits"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// doubling is n fragments that each spread the next one twice: 2^n fields.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("{ ...F0 }")
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Query { ...F%d ...F%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Query { hello }", n)
	return b.String()
}

// nested is a field n levels deep.
func nested(n int) string {
	return "{ hazard " + strings.Repeat("{ school { hazards(first:1) { edges { node ", n) + "{ id }" + strings.Repeat("} } } }", n) + "}"
}

func TestTooComplex(t *testing.T) {
	hostile := strings.Repeat(" hello", 256<<10/7)
	tests := map[string]struct{ query, limit string }{
		"tokens":                  {"{" + hostile + "}", "tokens"},
		"tokens in comments":      {"{ hello " + strings.Repeat("#\n", 6000) + "}", "tokens"},
		"braces":                  {strings.Repeat("{a", 3000), "nesting"},
		"brackets":                {`{ hello(name: ` + strings.Repeat("[", 4000), "nesting"},
		"width":                   {"{" + strings.Repeat(" hello", 201) + "}", "width"},
		"width by fragments":      {"{ ...F ...F } fragment F on Query {" + strings.Repeat(" hello", 101) + "}", "width"},
		"selections":              {"{" + strings.Repeat(" hazard { id title school { id name } }", 190) + "}", "selections"},
		"selections in unused":    {"{ hello } fragment F on Query {" + strings.Repeat(" hazard { id title school { id name } }", 190) + "}", "selections"},
		"selections in two":       {strings.Repeat("query X {"+strings.Repeat(" hazard { id title closedAt school { id name } }", 90)+"}", 2), "selections"},
		"doubling fragments":      {doubling(30), "width"},
		"doubling past an int64":  {doubling(90), "nesting"},
		"doubling without fields": {strings.ReplaceAll(doubling(90), "{ hello }", "{ ... { ... { __typename @skip(if: true) } } }"), "nesting"},
		"depth":                   {nested(3), "depth"},
		"depth by fragments":      {"{ hazard { school { ...A } } } fragment A on School { hazards(first:1) { edges { node { school { ...B } } } } } fragment B on School { hazards(first:1) { edges { node { school { hazards(first:1) { edges { cursor } } } } } } }", "depth"},
		"depth in a fragment":     {"{ hello } fragment A on Query " + nested(3), "depth"},
		"introspection":           {"{ __type(name: \"Query\") " + strings.Repeat("{ ofType ", 22) + "{ name }" + strings.Repeat("}", 22) + "}", "introspection"},
		"aliases":                 {"{" + strings.Repeat(" a: hello", 51) + "}", "aliases"},
		"aliases, fragments":      {"{ hazard { ...F } f: hazard { ...F } } fragment F on Hazard {" + strings.Repeat(" a: id", 26) + "}", "aliases"},
		"operations":              {strings.Repeat("query Q { hello } ", 21), "operations"},
		"fragments":               {"{ hello }" + strings.Repeat(" fragment F on Query { hello }", 101), "fragments"},
		"variables":               {"query(" + strings.Repeat("$v: Int ", 101) + ") { hello }", "variables"},
		"directives":              {"{ hello" + strings.Repeat(" @include(if: true)", 101) + "}", "directives"},
		"arguments":               {"{ hello(" + strings.Repeat("name: 1 ", 501) + ") }", "arguments"},
		"long alias":              {"{ " + strings.Repeat("a", 101) + ": hello }", "name"},
		"long field":              {"{ " + strings.Repeat("a", 101) + " }", "name"},
		"long operation":          {"query " + strings.Repeat("a", 101) + " { hello }", "name"},
		"cost":                    {"{ hazards(first: 200) { edges { node { school { hazards(first: 200) { edges { node { id } } } } } } } }", "cost"},
		"cost by last":            {"{ hazards(last: 200) { edges { node { school { hazards(last: 200) { edges { node { id } } } } } } } }", "cost"},
		"cost in fragments":       {"{ hazards(first: 200) { ...E } } fragment E on HazardConnection { edges { node { ...H } } } fragment H on Hazard { school { hazards(first: 200) { edges { cursor node { id } } } } }", "cost"},
		"cost by default":         {"{ schools { nodes { hazards(first: 200) { edges { node { events(first: 200) { text } } } } } } }", "cost"},
		"cost of plain lists":     {"{ hazards(first: 200) { edges { node { " + strings.Repeat("plans { text } ", 60) + "} } } }", "cost"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, graph.Options{})
			r := h.Query(tt.query)
			if e := h.Refused(r, fault.QueryTooComplex); e.Extension.Limit != tt.limit || len(r.Errs) != 1 {
				t.Errorf("limit %q, want %q: %s", e.Extension.Limit, tt.limit, r.Raw)
			}
		})
	}
}

func TestCostReadsVariables(t *testing.T) {
	const q = `query($n: Int = 200) { hazards(first: $n) { edges { node { school { hazards(first: $n) { edges { cursor node { id } } } } } } } }`
	h := graphtest.New(t, graph.Options{})
	h.Refused(h.Query(q), fault.QueryTooComplex)
	h.Refused(h.Query(q, map[string]any{"n": 200}), fault.QueryTooComplex)
	if r := h.Query(q, map[string]any{"n": 20}); len(r.Errs) > 0 {
		t.Errorf("refused: %s", r.Raw)
	}
}

func TestWithinLimits(t *testing.T) {
	const introspection = `query IntrospectionQuery { __schema { queryType { name } mutationType { name } types { ...FullType } } }
		fragment FullType on __Type { kind name fields(includeDeprecated: true) { name args { ...InputValue } type { ...TypeRef } } inputFields { ...InputValue } interfaces { ...TypeRef } possibleTypes { ...TypeRef } }
		fragment InputValue on __InputValue { name type { ...TypeRef } defaultValue }
		fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`
	h := graphtest.New(t, graph.Options{})
	for name, q := range map[string]string{
		"the tools' introspection": introspection,
		"a full page with details": `{ hazards(first: 200) { edges { cursor node { id title closedAt photos plans { text } school { id name } } } pageInfo { hasNextPage } } }`,
		"a wide page":              "{" + strings.Repeat(" hello", 200) + "}",
		"50 aliases":               "{" + strings.Repeat(" a: hello", 50) + "}",
		"12 levels":                `{ hazard { school { hazards(first:1) { edges { node { school { hazards(first:1) { edges { node { school { id } } } } } } } } } } }`,
		"a default page":           `{ schools { nodes { id } } }`,
		"fragment used twice":      `{ a: hazard { ...F } b: hazard { ...F } } fragment F on Hazard { id ...G } fragment G on Hazard { title }`,
	} {
		if r := h.Query(q); len(r.Errs) > 0 {
			t.Errorf("%s: refused: %s", name, r.Raw)
		}
	}
}

func TestPageSize(t *testing.T) {
	conn := func(args string) string { return "{ hazards" + args + " { edges { cursor } } }" }
	inner := func(args string) string {
		return "{ top: hazards(first: 1) { edges { node { school { hazards" + args + " { edges { cursor } } } } } } }"
	}
	const variable = `query($n: Int, $m: Int) { hazards(first: $n, last: $m) { edges { cursor } } }`
	tests := map[string]struct {
		query     string
		variables map[string]any
		fields    string
	}{
		"neither":             {conn(""), nil, "hazards.first required"},
		"null":                {conn("(first: null)"), nil, "hazards.first required"},
		"both":                {conn("(first: 1, last: 1)"), nil, "hazards.first exclusive"},
		"zero":                {conn("(first: 0)"), nil, "hazards.first out_of_range"},
		"negative":            {conn("(last: -1)"), nil, "hazards.last out_of_range"},
		"201":                 {conn("(first: 201)"), nil, "hazards.first out_of_range"},
		"100,000":             {conn("(first: 100000)"), nil, "hazards.first out_of_range"},
		"33 bits":             {conn("(first: 4294967297)"), nil, "hazards.first out_of_range"},
		"inner":               {inner(""), nil, "top.edges.node.school.hazards.first required"},
		"inner, too large":    {inner("(first: 500)"), nil, "top.edges.node.school.hazards.first out_of_range"},
		"fragment":            {`{ ...F } fragment F on Query { h: hazards { edges { cursor } } }`, nil, "h.first required"},
		"plain list":          {`{ hazard { events(first: 1000) { text } } }`, nil, "hazard.events.first out_of_range"},
		"variable":            {variable, map[string]any{"n": 201}, "hazards.first out_of_range"},
		"variable not given":  {variable, map[string]any{}, "hazards.first required"},
		"variable null":       {variable, map[string]any{"n": nil}, "hazards.first required"},
		"both variables":      {variable, map[string]any{"n": 1, "m": 1}, "hazards.first exclusive"},
		"text in a variable":  {variable, map[string]any{"n": "100000"}, "n type,hazards.first out_of_range"},
		"default of variable": {`query($n: Int = 300) { hazards(first: $n) { edges { cursor } } }`, nil, "hazards.first out_of_range"},
		"two of them":         {`{ a: hazards { edges { cursor } } b: hazards(first: 0) { edges { cursor } } }`, nil, "a.first required,b.first out_of_range"},
		"null over a default": {`{ schools(first: null) { nodes { id } } }`, nil, "schools.first required"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, graph.Options{})
			e := h.Refused(h.Query(tt.query, tt.variables), fault.BadUserInput)
			var got []string
			for _, f := range e.Extension.Fields {
				got = append(got, f.Path+" "+f.Reason)
			}
			if strings.Join(got, ",") != tt.fields {
				t.Errorf("fields %v, want %s", got, tt.fields)
			}
		})
	}
}

func TestLiterals(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	tests := map[string]struct{ query, field string }{
		"long list":          {`mutation { report(input: {id: "x", tags: [` + strings.Repeat(`"a" `, 201) + `]}) }`, "report.input.tags too_long"},
		"long inner list":    {`mutation { m: report(input: {id: "x", pieces: [{sha256: [` + strings.Repeat(`"a" `, 201) + `]}]}) }`, "m.input.pieces[0].sha256 too_long"},
		"long default":       {`mutation($t: [String!] = [` + strings.Repeat(`"a" `, 201) + `]) { report(input: {id: "x", tags: $t}) }`, "t too_long"},
		"65 bits":            {`{ at(instant: 9999999999999999999) }`, "at.instant out_of_range"},
		"no such fraction":   {`{ at(instant: 1e999) }`, "at.instant out_of_range"},
		"33 bits":            {`{ number(value: 2147483648) }`, "number.value out_of_range"},
		"NUL":                {`{ hello(name: "a\u0000") }`, "hello.name nul"},
		"null condition":     {`query($on: Boolean = true) { hello @include(if: $on) }`, "on null"},
		"null in a fragment": {`query($on: Boolean = true) { ... @skip(if: $on) { hello } }`, "on null"},
		"null in a spread":   {`query($on: Boolean = true) { ...F @skip(if: $on) } fragment F on Query { hello }`, "on null"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := h.Refused(h.Query(tt.query, map[string]any{"on": nil}), fault.BadUserInput)
			if len(e.Extension.Fields) != 1 || e.Extension.Fields[0].Path+" "+e.Extension.Fields[0].Reason != tt.field {
				t.Errorf("fields %v, want %s", e.Extension.Fields, tt.field)
			}
		})
	}
	if r := h.Query(`query($on: Boolean = true) { hello @include(if: $on) }`); len(r.Errs) > 0 {
		t.Errorf("a default condition is refused: %s", r.Raw)
	}
}

func TestDocumentsThatCannotRun(t *testing.T) {
	tests := map[string]struct{ query, reason string }{
		"no operation":   {`fragment F on Query { hello }`, "input.no_operation"},
		"which one":      {`query A { hello } query B { hello }`, "input.unknown"},
		"circle":         {`{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }`, "input.fragment_cycle"},
		"unused circle":  {`{ hello } fragment A on Query { hello ...A }`, "input.fragment_cycle"},
		"defer":          {`{ ... @defer { hello } }`, "input.defer"},
		"defer, unused":  {`{ hello } fragment F on Query { ... @defer(if: false) { hello } }`, "input.defer"},
		"stream":         {`{ hazard { photos @stream } }`, "input.defer"},
		"syntax":         {`{ hello(`, "input.syntax"},
		"no fragment":    {`{ ...Nothing }`, "query.invalid"},
		"unclosed block": {`{ hello(name: """ `, "input.syntax"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, graph.Options{})
			r := h.Query(tt.query)
			if e := h.Refused(r, fault.BadUserInput); e.Extension.Reason != tt.reason {
				t.Errorf("reason %s, want %s: %s", e.Extension.Reason, tt.reason, r.Raw)
			}
		})
	}
}

func TestLimitsAreOptions(t *testing.T) {
	h := graphtest.New(t, graph.Options{Limits: limits.Limits{Depth: 1, PageSize: 5, ListLength: 1, Errors: 1}, Transport: transport.Options{Limits: transport.Limits{BodyBytes: 400}}})
	if e := h.Refused(h.Query(`{ hazard { id } }`), fault.QueryTooComplex); e.Extension.Limit != "depth" {
		t.Errorf("limit %s", e.Extension.Limit)
	}
	h.Refused(h.Query(`mutation { report(input: {id: "x", tags: ["a", "b"]}) }`), fault.BadUserInput)
	if r := h.Query(`{ a b c }`); len(r.Errs) != 1 {
		t.Errorf("%d errors", len(r.Errs))
	}
	if r := h.Query(`{ hello } #` + strings.Repeat("x", 400)); r.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", r.Status)
	}
}

// TestCachedDocumentsAreSurveyed asks for the same text twice, with variables
// that pass and that do not.
func TestCachedDocumentsAreSurveyed(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	const q = `query A($n: Int) { hazards(first: $n) { edges { cursor } } }`
	for range 2 {
		if r := h.Query(q, map[string]any{"n": 5}); len(r.Errs) > 0 {
			t.Fatalf("refused: %s", r.Raw)
		}
		h.Refused(h.Query(q, map[string]any{"n": 5000}), fault.BadUserInput)
		h.Refused(h.Post(`{"query":"`+q+`","operationName":"B","variables":{"n":5}}`), fault.BadUserInput)
	}
}
