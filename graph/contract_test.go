package graph_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/graph"
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
