package arch

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

// testCode is bound by neither law of this file.
var testCode = []string{"internal/testkit", "internal/blob/blobtest", "internal/e2e", "internal/arch"}

// machineTime are the files besides internal/clock that may ask the machine for
// the time, each with its reason. A line that is no longer needed fails.
var machineTime = map[string]string{
	"ent/migrations/new.go": "names a new file by the day it was written; a developer runs it, no part of the product",
}

// dialectAware are the places besides store that may name a database: the
// reason stands beside each.
var dialectAware = []string{
	"internal/store", // opens either database
	"ent/schema",     // column types differ by database
	"ent/migrations", // the generator writes one folder for each
	"ent/migrate",    // generated
}

func TestOnlyClockAsksTheMachineForTheTime(t *testing.T) {
	used := map[string]bool{}
	for _, f := range sources(t, ".") {
		if f.test() || f.generated() || f.in(testCode) || within(f.path, "internal/clock") {
			continue
		}
		breaches := timeBreaches(f)
		if _, ok := machineTime[f.path]; ok {
			used[f.path] = len(breaches) > 0
			continue
		}
		report(t, breaches)
	}
	for path, why := range machineTime {
		if !used[path] {
			t.Errorf("%s no longer asks the machine for the time (%s): strike it from the list", path, why)
		}
	}
}

func timeBreaches(f file) []string {
	var out []string
	name := f.importName("time")
	ast.Inspect(f.tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if ok && name != "" && isIdent(sel.X, name) && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
			out = append(out, fmt.Sprintf("%s: time.%s: take a clock.Clock", f.at(sel.Pos()), sel.Sel.Name))
		}
		return true
	})
	return out
}

func TestOnlyStoreKnowsTheDialect(t *testing.T) {
	for _, f := range sources(t, ".") {
		if f.test() || f.generated() || f.in(testCode) || f.in(dialectAware) {
			continue
		}
		report(t, dialectBreaches(f))
	}
}

// dialectBreaches finds the import of ent's dialect names, and decisions on what
// a query builder says of itself. Handing that on, as in sql.Dialect(s.Dialect()),
// decides nothing, and ent/dialect/sql builds predicates for both databases alike.
func dialectBreaches(f file) []string {
	var out []string
	if f.importName("entgo.io/ent/dialect") != "" {
		out = append(out, f.path+": imports entgo.io/ent/dialect: a switch on the database belongs in internal/store")
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		var decided []ast.Expr
		switch n := n.(type) {
		case *ast.BinaryExpr:
			decided = []ast.Expr{n.X, n.Y}
		case *ast.SwitchStmt:
			decided = []ast.Expr{n.Tag}
		}
		if slices.ContainsFunc(decided, asksDialect) {
			out = append(out, f.at(n.Pos())+": decides by the dialect: a switch on the database belongs in internal/store")
		}
		return true
	})
	return out
}

// asksDialect is true for a call like s.Dialect().
func asksDialect(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Dialect"
}

func TestClockAndDialectChecksBite(t *testing.T) {
	f, err := parse("internal/app/hazard.go", `package app
import (
	stdtime "time"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)
var now = stdtime.Now // a value is a use as well
func late(s *sql.Selector, c clock.Clock, time Time) bool {
	_ = time.Now
	_ = c.Now()
	switch s.Dialect() {
	}
	_ = sql.Dialect(s.Dialect())
	return s.Dialect() == dialect.Postgres && stdtime.Since(now()) > 0
}
`)
	if err != nil {
		t.Fatal(err)
	}
	bites(t, timeBreaches(f), "hazard.go:7: time.Now", "hazard.go:14: time.Since")
	bites(t, dialectBreaches(f), "imports entgo.io/ent/dialect", "hazard.go:11: decides", "hazard.go:14: decides")
}
