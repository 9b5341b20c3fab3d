package graph

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// renamed is a schema after a release that has renamed placeHazard, its dueOn, the
// reason inside of its details and a kind of these.
var renamed = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { hello(a: String): String }
	type Mutation { submitBatch(commands: [BatchCommand!]!): Boolean placeHazard(input: PlaceInput!): Boolean }
	input BatchCommand { placeHazard: PlaceInput dropHazard: PlaceInput }
	input PlaceInput { id: ID! deadlineOn: String details: [DetailInput!] }
	input DetailInput { reason: String kind: Kind kinds: [Kind!] }
	enum Kind { GOOD BAD }
`})

var renames = names{
	mutations: map[string]string{"listHazard": "placeHazard"},
	inputs:    map[string]string{"ListInput": "PlaceInput"},
	fields: map[inputField]string{
		{"BatchCommand", "listHazard"}: "placeHazard",
		{"PlaceInput", "dueOn"}:        "deadlineOn",
		{"DetailInput", "why"}:         "reason",
		{"DetailInput", "files"}:       "",
	},
	values: map[inputField]string{{"Kind", "FINE"}: "GOOD"},
}

// TestOldNamesAreTranslated: the variables of a phone of an earlier release are
// valid for the present schema, at every depth; what was sent stays as it is.
func TestOldNamesAreTranslated(t *testing.T) {
	const batch = `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) }`
	const single = `mutation Place($input: PlaceInput!) { placeHazard(input: $input) }`
	for name, c := range map[string]struct {
		query, sent, want string
		code              fault.Kind // of the fault; empty for none
		invalid           bool       // for the validator, after the translation
	}{
		"a command of a batch": {
			query: batch,
			sent:  `{"commands": [{"listHazard": {"id": "1", "dueOn": "2026-01-01", "details": [{"why": "a"}, {"reason": "b"}]}}, {"dropHazard": {"id": "2"}}]}`,
			want:  `{"commands": [{"placeHazard": {"id": "1", "deadlineOn": "2026-01-01", "details": [{"reason": "a"}, {"reason": "b"}]}}, {"dropHazard": {"id": "2"}}]}`,
		},
		"a mutation of its own": {query: single, sent: `{"input": {"id": "1", "dueOn": null}}`, want: `{"input": {"id": "1", "deadlineOn": null}}`},
		"an old value of an enum": {
			query: single, sent: `{"input": {"id": "FINE", "details": [{"kind": "FINE", "kinds": ["BAD", "FINE"]}]}}`,
			want: `{"input": {"id": "FINE", "details": [{"kind": "GOOD", "kinds": ["BAD", "GOOD"]}]}}`,
		},
		"an old mutation":        {query: `mutation List($input: ListInput!) { listHazard(input: $input) }`, sent: `{"input": {"id": "1", "dueOn": "x"}}`, want: `{"input": {"id": "1", "deadlineOn": "x"}}`},
		"present names":          {query: single, sent: `{"input": {"id": "1", "deadlineOn": "x"}}`, want: `{"input": {"id": "1", "deadlineOn": "x"}}`},
		"both names":             {query: single, sent: `{"input": {"id": "1", "dueOn": "x", "deadlineOn": "y"}}`, want: `{"input": {"id": "1", "dueOn": "x", "deadlineOn": "y"}}`, invalid: true},
		"a field that is gone":   {query: single, sent: `{"input": {"id": "1", "details": [{"files": []}, {"files": null, "why": "a"}]}}`, want: `{"input": {"id": "1", "details": [{}, {"reason": "a"}]}}`},
		"gone, and it says what": {query: single, sent: `{"input": {"id": "1", "details": [{"files": ["x"]}]}}`, want: `{"input": {"id": "1", "details": [{"files": ["x"]}]}}`, invalid: true},
		"a field nobody knows":   {query: single, sent: `{"input": {"id": "1", "color": "red"}}`, want: `{"input": {"id": "1", "color": "red"}}`, invalid: true},
		"a command nobody knows": {query: batch, sent: `{"commands": [{"paintHazard": {"id": "1"}}]}`, code: fault.RetryLater},
		"one that is null":       {query: batch, sent: `{"commands": [{"paintHazard": null, "dropHazard": {"id": "1"}}]}`, want: `{"commands": [{"paintHazard": null, "dropHazard": {"id": "1"}}]}`, invalid: true},
		"an unknown mutation":    {query: `mutation($input: PlaceInput!) { paintHazard(input: $input) }`, sent: `{"input": {"id": "1"}}`, code: fault.RetryLater},
		"a query":                {query: `query($a: String) { hello(a: $a) }`, sent: `{"a": "mutation"}`, want: `{"a": "mutation"}`},
	} {
		sent, want := object(t, c.sent), object(t, c.want)
		params := &graphql.RawParams{Query: c.query, Variables: sent}
		e := commands{renamed, renames}.MutateOperationParameters(t.Context(), params)
		if c.code != "" {
			if e == nil || !fault.Is(e.Unwrap(), c.code) {
				t.Errorf("%s: %v, want %s", name, e, c.code)
			}
			continue
		}
		if e != nil || !reflect.DeepEqual(params.Variables, want) {
			t.Errorf("%s: %v, %v; want %v", name, params.Variables, e, want)
			continue
		}
		if !reflect.DeepEqual(sent, object(t, c.sent)) {
			t.Errorf("%s: what was sent has changed: %v", name, sent)
		}
		doc, err := gqlparser.LoadQueryWithRules(renamed, params.Query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := validator.VariableValues(renamed, doc.Operations[0], params.Variables); (err != nil) != c.invalid {
			t.Errorf("%s: the validator says %v, want invalid %v", name, err, c.invalid)
		}
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	if text == "" {
		return nil
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAnswersKeepOldNames: a document with an old name is answered under that name,
// and its other parts stay.
func TestAnswersKeepOldNames(t *testing.T) {
	params := &graphql.RawParams{
		Query:     `mutation List($input: [ListInput!]!) { listHazard(input: $input) { ...F } mine: listHazard(input: $input) } fragment F on Hazard { id } query Other { hello(a: "listHazard") }`,
		Variables: map[string]any{}, OperationName: "List",
	}
	if err := (commands{renamed, renames}).MutateOperationParameters(t.Context(), params); err != nil {
		t.Fatal(err)
	}
	want := `mutation List ($input: [PlaceInput!]!) { listHazard: placeHazard(input: $input) { ... F } mine: placeHazard(input: $input) } query Other { hello(a: "listHazard") } fragment F on Hazard { id }`
	if got := strings.Join(strings.Fields(params.Query), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestOldNamesLeadSomewhere: every old name stands for a name of the present schema,
// and is none of its own.
func TestOldNamesLeadSomewhere(t *testing.T) {
	schema := NewExecutableSchema(&Resolver{}).Schema()
	leads := func(old, now string, is func(string) bool) {
		if is(old) || !is(now) {
			t.Errorf("%s leads to %s, which is no new name", old, now)
		}
	}
	for old, now := range oldNames.mutations {
		leads(old, now, func(name string) bool { return schema.Mutation.Fields.ForName(name) != nil })
	}
	for old, now := range oldNames.inputs {
		leads(old, now, func(name string) bool { return schema.Types[name] != nil && schema.Types[name].Kind == ast.InputObject })
	}
	for old, now := range oldNames.fields {
		def := schema.Types[old.typ]
		leads(old.field, now, func(name string) bool { return def != nil && (name == "" || def.Fields.ForName(name) != nil) }) // "" is gone
	}
	for old, now := range oldNames.values {
		def := schema.Types[old.typ]
		leads(old.field, now, func(name string) bool { return def != nil && def.EnumValues.ForName(name) != nil })
	}
}
