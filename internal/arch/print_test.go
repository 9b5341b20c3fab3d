package arch

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the import table in docs/architecture.md")

const (
	architecture = "docs/architecture.md"
	tableBegin   = "<!-- the import table, printed by `go test ./internal/arch -run TestTableIsPrinted -update` -->\n"
	tableEnd     = "<!-- end of the import table -->\n"
)

// TestTableIsPrinted keeps the table that people read equal to the one that the
// build checks.
func TestTableIsPrinted(t *testing.T) {
	path := filepath.Join(root, architecture)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the import table, between\n%s%s", architecture, tableBegin, tableEnd)
	}
	want := before + tableBegin + printed(rooms) + tableEnd + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("the import table of %s is not that of internal/arch/table_test.go; print it with `go test ./internal/arch -run TestTableIsPrinted -update`", architecture)
	}
}

// printed is the table in Markdown. Rooms without a row are for tests.
func printed(rooms []room) string {
	var b strings.Builder
	b.WriteString("| row | packages | decides | may import |\n|---|---|---|---|\n")
	for _, r := range rooms {
		if r.row == "" {
			continue
		}
		var names []string
		for _, p := range r.packages {
			names = append(names, "`"+shown(p)+"`")
		}
		if r.toCome {
			names = append(names, "(to come)")
		}
		b.WriteString("| " + strings.Join([]string{r.row, strings.Join(names, " "), r.decides, reach(r, rooms)}, " | ") + " |\n")
	}
	return b.String()
}

func shown(pattern string) string {
	return strings.TrimPrefix(strings.TrimSuffix(pattern, "/..."), "internal/")
}

// reach says what a room may import: whole rows by their numbers, and the packages
// of the others by their names.
func reach(r room, rooms []room) string {
	var order []string
	packages := map[string][]string{}
	for _, other := range rooms {
		if other.row == "" {
			continue
		}
		if !slices.Contains(order, other.row) {
			order = append(order, other.row)
		}
		packages[other.row] = append(packages[other.row], other.packages...)
	}
	var whole []int
	var single []string
	for i, row := range order {
		var inside []string
		missing := false
		for _, p := range packages[row] {
			switch {
			case slices.Contains(r.packages, p):
			case slices.Contains(r.may, p):
				inside = append(inside, "`"+shown(p)+"`")
			default:
				missing = true
			}
		}
		if len(inside) > 0 && !missing && row != r.row {
			whole = append(whole, i)
		} else {
			single = append(single, inside...)
		}
	}
	var parts []string
	for i := 0; i < len(whole); {
		last := i
		for last+1 < len(whole) && whole[last+1] == whole[last]+1 {
			last++
		}
		name := "row " + order[whole[i]]
		if last > i {
			name = "rows " + order[whole[i]] + "–" + order[whole[last]]
		}
		parts = append(parts, name)
		i = last + 1
	}
	parts = append(parts, single...)
	switch {
	case len(parts) == 0 && r.libraries == nil:
		return "libraries"
	case len(parts) == 0 && len(r.libraries) == 0:
		return "the standard library"
	case len(parts) == 0:
		return "the standard library, " + libraries(r)
	case r.libraries != nil:
		return strings.Join(parts, ", ") + "; " + libraries(r)
	}
	return strings.Join(parts, ", ")
}

func libraries(r room) string {
	var names []string
	for _, l := range r.libraries {
		names = append(names, strings.TrimPrefix(l, "github.com/"))
	}
	return strings.Join(names, ", ")
}

func TestPrintedTable(t *testing.T) {
	got := printed([]room{
		{row: "0", packages: []string{"internal/a", "internal/b"}, decides: "small things", libraries: []string{}},
		{row: "1", packages: []string{"c/..."}, decides: "rows", may: []string{"internal/a", "internal/b"}},
		{row: "2", packages: []string{"internal/d"}, decides: "all", may: []string{"internal/a", "internal/b", "c/...", "internal/e"}},
		{row: "2", packages: []string{"internal/e"}, decides: "little", may: []string{"internal/b"}, toCome: true},
		{packages: []string{"internal/testkit"}, may: []string{"..."}},
	})
	want := "| row | packages | decides | may import |\n|---|---|---|---|\n" +
		"| 0 | `a` `b` | small things | the standard library |\n" +
		"| 1 | `c` | rows | row 0 |\n" +
		"| 2 | `d` | all | rows 0–1, `e` |\n" +
		"| 2 | `e` (to come) | little | `b` |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
