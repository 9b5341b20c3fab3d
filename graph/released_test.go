package graph_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/graph"
)

// released is the contract of the last release. Clients depend on it: what is in it
// stays, unless a decision record names what breaks.
const released = "testdata/schema.released.graphqls"

var release = flag.Bool("release", false, "make today's schema the contract of the last release")

// TestReleasedContractIsKept compares the schema with the contract of the last
// release. Additions pass. A change that can break a client fails, unless a record in
// docs/decisions has the line "- breaks `Type.field`" for it.
func TestReleasedContractIsKept(t *testing.T) {
	if *release {
		if err := os.WriteFile(released, schemaText(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(released)
	if err != nil {
		t.Fatal(err)
	}
	before := gqlparser.MustLoadSchema(&ast.Source{Name: released, Input: string(text)})
	named := namedBreaks(t)
	for _, b := range breaks(before, graph.NewExecutableSchema(&graph.Resolver{}).Schema()) {
		if !slices.Contains(named, b.where) {
			t.Errorf("%s %s: clients of the last release break, and no decision record names it", b.where, b.what)
		}
	}
}

// namedBreaks are the coordinates that decision records give up.
func namedBreaks(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob("../docs/decisions/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no decision records: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(text), "\n") {
			if rest, ok := strings.CutPrefix(line, "- breaks `"); ok {
				where, _, _ := strings.Cut(rest, "`")
				out = append(out, where)
			}
		}
	}
	return out
}

// broken is a change that can break a client, at a schema coordinate such as
// `Hazard.events`, `Query.hazard(id:)` or `HazardStatus.CLOSED`.
type broken struct{ where, what string }

// breaks lists the changes that can break a client that was made for `before`, in
// the order of their coordinates.
func breaks(before, after *ast.Schema) (out []broken) {
	report := func(what string, where ...string) { out = append(out, broken{strings.Join(where, ""), what}) }
	for name, was := range before.Types {
		if strings.HasPrefix(name, "__") {
			continue
		}
		now := after.Types[name]
		if now == nil {
			report("is gone", name)
			continue
		}
		if now.Kind != was.Kind {
			report(fmt.Sprintf("is now %s, was %s", now.Kind, was.Kind), name)
			continue
		}
		for _, i := range append(was.Interfaces, was.Types...) {
			if !slices.Contains(append(now.Interfaces, now.Types...), i) {
				report("is no "+i+" any more", name)
			}
		}
		for _, v := range was.EnumValues {
			if now.EnumValues.ForName(v.Name) == nil {
				report("is gone", name, ".", v.Name)
			}
		}
		for _, f := range was.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			is := now.Fields.ForName(f.Name)
			switch {
			case is == nil:
				report("is gone", name, ".", f.Name)
				continue
			case was.Kind == ast.InputObject:
				if what := input(f.Type, is.Type, f.DefaultValue, is.DefaultValue); what != "" {
					report(what, name, ".", f.Name)
				}
			case !fits(is.Type, f.Type):
				report(fmt.Sprintf("is now %s, was %s", is.Type, f.Type), name, ".", f.Name)
			}
			for _, a := range f.Arguments {
				arg := is.Arguments.ForName(a.Name)
				if arg == nil {
					report("is gone", name, ".", f.Name, "(", a.Name, ":)")
				} else if what := input(a.Type, arg.Type, a.DefaultValue, arg.DefaultValue); what != "" {
					report(what, name, ".", f.Name, "(", a.Name, ":)")
				}
			}
			for _, a := range is.Arguments {
				if f.Arguments.ForName(a.Name) == nil && a.Type.NonNull && a.DefaultValue == nil {
					report("is new and required", name, ".", f.Name, "(", a.Name, ":)")
				}
			}
		}
		for _, f := range now.Fields {
			if was.Kind == ast.InputObject && was.Fields.ForName(f.Name) == nil && f.Type.NonNull && f.DefaultValue == nil {
				report("is new and required", name, ".", f.Name)
			}
		}
	}
	slices.SortFunc(out, func(x, y broken) int { return strings.Compare(x.where+x.what, y.where+y.what) })
	return out
}

// input says what breaks of an argument or a field of an input: a value that was
// valid must stay so, and what is left out must mean the same.
func input(was, is *ast.Type, before, now *ast.Value) string {
	switch {
	case !fits(was, is):
		return fmt.Sprintf("is now %s, was %s", is, was)
	case (before == nil) != (now == nil), before != nil && before.String() != now.String():
		return "has another default"
	}
	return ""
}

// fits reports whether every value of a type is one of the other: the same type,
// and never null where the other is not.
func fits(value, place *ast.Type) bool {
	if place.NonNull && !value.NonNull || (value.Elem == nil) != (place.Elem == nil) {
		return false
	}
	if value.Elem != nil {
		return fits(value.Elem, place.Elem)
	}
	return value.NamedType == place.NamedType
}

// TestBreaks: what is refused, and what passes.
func TestBreaks(t *testing.T) {
	const before = `
		interface Node { id: ID! }
		type Query { a(x: Int, y: Int! = 1): Thing list: [Thing!] }
		type Thing implements Node { id: ID! name: String kind: Kind! }
		input In { one: Int two: Int! }
		enum Kind { A B }
		scalar Day`
	load := func(text string) *ast.Schema { return gqlparser.MustLoadSchema(&ast.Source{Input: text}) }
	for name, c := range map[string]struct{ old, now, want string }{
		"nothing":                    {"", "", ""},
		"a new type":                 {"scalar Day", "scalar Day scalar Hour", ""},
		"a new field":                {"name: String", "name: String title: String", ""},
		"a new optional argument":    {"x: Int,", "x: Int, z: Int,", ""},
		"a new argument's default":   {"x: Int,", "x: Int, z: Int! = 3,", ""},
		"a new optional input":       {"one: Int", "one: Int three: Int", ""},
		"a new enum value":           {"A B", "A B C", ""},
		"an answer never null":       {"name: String", "name: String!", ""},
		"items never null":           {"list: [Thing!]", "list: [Thing!]!", ""},
		"an input that may be null":  {"two: Int!", "two: Int", ""},
		"a type gone":                {"scalar Day", "", "Day is gone"},
		"another kind":               {"scalar Day", "enum Day { MONDAY }", "Day is now ENUM, was SCALAR"},
		"a field gone":               {"name: String", "", "Thing.name is gone"},
		"an answer that may be null": {"kind: Kind!", "kind: Kind", "Thing.kind is now Kind, was Kind!"},
		"another type":               {"name: String", "name: Int", "Thing.name is now Int, was String"},
		"no list any more":           {"list: [Thing!]", "list: Thing", "Query.list is now Thing, was [Thing!]"},
		"items that may be null":     {"list: [Thing!]", "list: [Thing]", "Query.list is now [Thing], was [Thing!]"},
		"an interface gone":          {"Thing implements Node", "Thing", "Thing is no Node any more"},
		"an enum value gone":         {"A B", "A", "Kind.B is gone"},
		"an argument gone":           {"x: Int,", "", "Query.a(x:) is gone"},
		"a required argument":        {"x: Int,", "x: Int!,", "Query.a(x:) is now Int!, was Int"},
		"a new required argument":    {"x: Int,", "x: Int, z: Int!,", "Query.a(z:) is new and required"},
		"another default":            {"y: Int! = 1", "y: Int! = 2", "Query.a(y:) has another default"},
		"a default gone":             {"y: Int! = 1", "y: Int!", "Query.a(y:) has another default"},
		"an input gone":              {"one: Int", "", "In.one is gone"},
		"an input required":          {"one: Int", "one: Int!", "In.one is now Int!, was Int"},
		"an input of another type":   {"one: Int", "one: String", "In.one is now String, was Int"},
		"a new required input":       {"one: Int", "one: Int three: Int!", "In.three is new and required"},
	} {
		var got []string
		for _, b := range breaks(load(before), load(strings.Replace(before, c.old, c.now, 1))) {
			got = append(got, b.where+" "+b.what)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
