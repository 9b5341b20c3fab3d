package arch

import (
	"fmt"
	"go/ast"
	"strings"
	"testing"
)

// A resolver is input → use case → payload. What needs more lines is a use case.
const resolverLines = 15

func TestResolversAreShort(t *testing.T) {
	need(t, "graph/generated")
	var resolvers []file
	for _, f := range sources(t, "graph") {
		if strings.HasSuffix(f.path, ".resolvers.go") {
			resolvers = append(resolvers, f)
		}
	}
	if len(resolvers) == 0 {
		t.Fatal("graph has no *.resolvers.go: the law has nothing to look at")
	}
	for _, f := range resolvers {
		report(t, resolverBreaches(f))
	}
}

func resolverBreaches(f file) []string {
	var out []string
	for _, d := range f.tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		if n := f.line(fn.Body.Rbrace) - f.line(fn.Body.Lbrace) - 1; n > resolverLines {
			out = append(out, fmt.Sprintf("%s: %s has %d lines, a resolver has at most %d: move the rest to internal/app", f.at(fn.Pos()), fn.Name.Name, n, resolverLines))
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if isIdent(call.Fun, "panic") {
				out = append(out, fmt.Sprintf("%s: %s is a stub of gqlgen: the Go type has no such field or method", f.at(call.Pos()), fn.Name.Name))
			}
			if len(call.Args) > 0 {
				return true
			}
			// client.Hazard.Query(), hazard.QueryEvents()
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Query") {
				out = append(out, fmt.Sprintf("%s: %s builds a query: rows are found in internal/app", f.at(call.Pos()), fn.Name.Name))
			}
			return true
		})
	}
	return out
}

func TestResolverCheckBites(t *testing.T) {
	f, err := parse("graph/hazard.resolvers.go", `package graph
func (r *Resolver) Query() QueryResolver { return &queryResolver{r} }
func (r *queryResolver) Fits(ctx context.Context) (int, error) {`+strings.Repeat("\n\tx()", 15)+`
}
func (r *queryResolver) Long(ctx context.Context) (int, error) {`+strings.Repeat("\n\tx()", 16)+`
}
func (r *queryResolver) Hazards(ctx context.Context) (int, error) {
	return r.Client.Hazard.Query().Count(ctx)
}
func (r *hazardResolver) Events(ctx context.Context, h *ent.Hazard) (int, error) {
	return h.QueryEvents().Count(ctx)
}
func (r *hazardResolver) Place(ctx context.Context, h *ent.Hazard) (int, error) {
	panic(fmt.Errorf("not implemented"))
}
`)
	if err != nil {
		t.Fatal(err)
	}
	bites(t, resolverBreaches(f), "Long has 16 lines", "Hazards builds a query", "Events builds a query", "Place is a stub")
}
