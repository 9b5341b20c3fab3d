package arch

import (
	"fmt"
	"go/ast"
	"strings"
	"testing"
)

// TestLongTestsAreNamedSo keeps `make test` and `make test-long` apart: a test begins
// with TestTakesLong exactly where its file has the build tag, or one of the two would
// leave it out without a word.
func TestLongTestsAreNamedSo(t *testing.T) {
	for _, f := range sources(t, ".") {
		if f.test() {
			report(t, longBreaches(f))
		}
	}
}

func longBreaches(f file) []string {
	long := false
	for _, group := range f.tree.Comments {
		for _, c := range group.List {
			long = long || c.Pos() < f.tree.Package && c.Text == "//go:build long"
		}
	}
	var out []string
	for _, d := range f.tree.Decls {
		test, ok := d.(*ast.FuncDecl)
		if !ok || test.Recv != nil || test.Name.Name == "TestMain" || !strings.HasPrefix(test.Name.Name, "Test") {
			continue
		}
		switch named := strings.HasPrefix(test.Name.Name, "TestTakesLong"); {
		case long && !named:
			out = append(out, fmt.Sprintf("%s: %s is built by `make test-long` only, which runs what begins with TestTakesLong", f.at(test.Pos()), test.Name.Name))
		case named && !long:
			out = append(out, fmt.Sprintf("%s: %s needs the line `//go:build long`", f.at(test.Pos()), test.Name.Name))
		}
	}
	return out
}

func TestLongCheckBites(t *testing.T) {
	for text, want := range map[string][]string{
		"//go:build long\n\npackage x\nfunc TestMain(m *M) {}\nfunc TestShort(t *T) {}\nfunc TestTakesLongOne(t *T) {}": {"x_test.go:5: TestShort"},
		"package x\n//go:build long\nfunc TestTakesLongOne(t *T) {}\nfunc TestShort(t *T) {}":                           {"x_test.go:3: TestTakesLongOne needs"},
	} {
		f, err := parse("x_test.go", text)
		if err != nil {
			t.Fatal(err)
		}
		bites(t, longBreaches(f), want...)
	}
}
