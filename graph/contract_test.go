package graph_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/internal/id"
)

// The rules that the whole schema keeps, so that clients can rely on them for
// fields that they have not seen.

// outputs calls rule for each field of each object type of the product.
func outputs(rule func(owner *ast.Definition, f *ast.FieldDefinition)) {
	for _, d := range graph.NewExecutableSchema(&graph.Resolver{}).Schema().Types {
		if d.Kind != ast.Object || d.BuiltIn {
			continue
		}
		for _, f := range d.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				rule(d, f)
			}
		}
	}
}

// TestEveryMutationHasAPayloadOfItsOwn: one can grow without the others.
func TestEveryMutationHasAPayloadOfItsOwn(t *testing.T) {
	outputs(func(owner *ast.Definition, f *ast.FieldDefinition) {
		if want := strings.ToUpper(f.Name[:1]) + f.Name[1:] + "Payload!"; owner.Name == "Mutation" && f.Type.String() != want {
			t.Errorf("%s answers with %s, not %s", f.Name, f.Type, want)
		}
		if owner.Name != "Mutation" && strings.HasSuffix(f.Type.Name(), "Payload") {
			t.Errorf("%s.%s gives a payload", owner.Name, f.Name)
		}
	})
}

// TestConnectionsHaveNoHoles: what is on a page is in sight, so no edge is empty.
func TestConnectionsHaveNoHoles(t *testing.T) {
	outputs(func(owner *ast.Definition, f *ast.FieldDefinition) {
		list := f.Name == "edges" || f.Name == "nodes"
		switch {
		case strings.HasSuffix(owner.Name, "Edge") && f.Name == "node" && !f.Type.NonNull,
			strings.HasSuffix(owner.Name, "Connection") && list && (!f.Type.NonNull || f.Type.Elem == nil || !f.Type.Elem.NonNull):
			t.Errorf("%s.%s may be null: %s", owner.Name, f.Name, f.Type)
		}
	})
}

// TestIDsNameTheirType: the noun of an id is the name of its type in snake case.
func TestIDsNameTheirType(t *testing.T) {
	word := regexp.MustCompile(`[A-Z][a-z]*`)
	types := map[id.Noun]bool{id.Session: true, id.Command: true} // ids of the client that no type has
	outputs(func(owner *ast.Definition, f *ast.FieldDefinition) {
		if f.Name != "id" || f.Type.String() != "ID!" || owner.Name == "Change" {
			return
		}
		noun := strings.ToLower(strings.Join(word.FindAllString(owner.Name, -1), "_"))
		types[id.Noun(noun)] = true
		if want := "`" + noun + "_<uuid>`."; f.Description != want {
			t.Errorf("%s.id is described as %q, not %q", owner.Name, f.Description, want)
		}
	})
	for _, n := range id.Nouns() {
		if !types[n] {
			t.Errorf("%s is the noun of no type", n)
		}
	}
	if len(types) != len(id.Nouns()) {
		t.Errorf("%d types have ids, and there are %d nouns", len(types), len(id.Nouns()))
	}
}

// TestNumbersOfThingsEndInCount: in types of figures every number counts things and
// has no suffix; elsewhere a number of things is told from other numbers by its name.
func TestNumbersOfThingsEndInCount(t *testing.T) {
	figures := regexp.MustCompile(`(Figures|Breakdown)$`)
	counts := regexp.MustCompile(`(Count|^count)$`)
	// Names of what is no number of things: an order, a version, a measure.
	other := regexp.MustCompile(`^(version|currentVersion|number|position|sequence|index|distance|measure|width|height|receivedParts|remind|items|after|days|.*(Hours|Years|Days|Months|Meters))$`)
	outputs(func(owner *ast.Definition, f *ast.FieldDefinition) {
		if f.Type.Name() != "Int" {
			return
		}
		counted := counts.MatchString(f.Name)
		if figures.MatchString(owner.Name) && counted || !figures.MatchString(owner.Name) && !counted && !other.MatchString(f.Name) {
			t.Errorf("%s.%s is not named as a number of things", owner.Name, f.Name)
		}
	})
}

// TestScalarsSayWhatTheyAre: each scalar of the product names its specification.
func TestScalarsSayWhatTheyAre(t *testing.T) {
	for _, d := range graph.NewExecutableSchema(&graph.Resolver{}).Schema().Types {
		if d.Kind == ast.Scalar && !d.BuiltIn && d.Directives.ForName("specifiedBy") == nil {
			t.Errorf("%s has no @specifiedBy", d.Name)
		}
	}
}
