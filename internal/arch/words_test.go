package arch

import (
	"bufio"
	"fmt"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// refusedPhrases are what a reader would have to decode; say who it is, what is
// missing, which number.
var refusedPhrases = regexp.MustCompile(`(?i)\b(whoever|somebody hears|is told|the own|so many|anew|goes on with|hears|lacks|homeless|stranger|gives way|yielding|believed|wipes)\b`)

// refusedPer1000 is the most refused phrases per 1,000 lines of comments that may
// stand. It is only ever lowered; 8 is the aim.
const refusedPer1000 = 8

// prose is the commentary of one kind of file.
type prose struct {
	lines, refused int
	places         []string // the worst files first
}

func TestWordsOfComments(t *testing.T) {
	areas := map[string]prose{
		"Go comments":       proseOf(t, ".", "go", goComments),
		"SDL descriptions":  proseOf(t, "graph/schema", "graphqls", sdlDescriptions),
		"comments of pages": proseOf(t, "internal/web", "ts tsx css mjs", scriptComments),
		"README and docs":   proseOf(t, ".", "md", func(text string) []string { return []string{text} }),
	}
	var all prose
	for _, name := range slices.Sorted(maps.Keys(areas)) {
		a := areas[name]
		if a.lines == 0 {
			t.Errorf("%s: nothing to look at", name)
			continue
		}
		t.Logf("%s: %d refused phrases in %d lines, %.1f per 1,000; most in %s", name, a.refused, a.lines, a.per1000(), strings.Join(a.places[:min(5, len(a.places))], ", "))
		all.lines, all.refused = all.lines+a.lines, all.refused+a.refused
	}
	t.Logf("all: %d refused phrases in %d lines, %.1f per 1,000", all.refused, all.lines, all.per1000())
	if all.per1000() > refusedPer1000 {
		t.Errorf("%.1f refused phrases per 1,000 lines of comments, at most %d may stand: say who or what it is", all.per1000(), refusedPer1000)
	}
}

func (p prose) per1000() float64 { return 1000 * float64(p.refused) / float64(max(p.lines, 1)) }

// proseOf reads the commentary of all files below a folder; comments gives that of
// one file in connected pieces.
func proseOf(t *testing.T, folder, extensions string, comments func(string) []string) prose {
	t.Helper()
	var out prose
	worst := map[string]int{}
	eachFile(t, folder, strings.Fields(extensions), func(path, text string) {
		if strings.Contains(text[:min(len(text), 500)], "DO NOT EDIT.") {
			return
		}
		for _, piece := range comments(text) {
			for line := range strings.Lines(piece) {
				if strings.TrimSpace(line) != "" {
					out.lines++
				}
			}
			n := len(refusedPhrases.FindAllString(strings.Join(strings.Fields(piece), " "), -1))
			out.refused += n
			if n > 0 {
				worst[path] += n
			}
		}
	})
	for _, path := range slices.SortedFunc(maps.Keys(worst), func(a, b string) int { return worst[b] - worst[a] }) {
		out.places = append(out.places, fmt.Sprintf("%s (%d)", path, worst[path]))
	}
	return out
}

// eachFile reads the files of some kinds below a folder of the repository, without
// test data and what the build leaves behind.
func eachFile(t *testing.T, folder string, extensions []string, read func(path, text string)) {
	t.Helper()
	skip := []string{"node_modules", "testdata", "data", "bin", "dist", "gql", "results"}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (slices.Contains(skip, d.Name()) || strings.HasPrefix(d.Name(), ".") && !strings.HasPrefix(d.Name(), "..")):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains(extensions, strings.TrimPrefix(filepath.Ext(path), ".")):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		read(filepath.ToSlash(rel), string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goComments gives each group of comments of a Go file. The header with which
// gqlgen marks resolvers is not ours.
func goComments(text string) []string {
	f, err := parse("x.go", text)
	if err != nil {
		return nil
	}
	var out []string
	for _, group := range f.tree.Comments {
		out = append(out, group.Text())
	}
	return out
}

var (
	sdlBlock     = regexp.MustCompile(`(?s)"""(.*?)"""`)
	sdlLine      = regexp.MustCompile(`(?m)^\s*"([^"\n]+)"`)
	scriptBlock  = regexp.MustCompile(`(?s)/\*(.*?)\*/`)
	scriptLine   = regexp.MustCompile(`(?m)(?:^|[\s;{}(])//[ \t](.*)$`)
	scriptString = regexp.MustCompile("`[^`]*`")
)

func sdlDescriptions(text string) []string {
	return append(groups(sdlBlock, text), groups(sdlLine, sdlBlock.ReplaceAllString(text, ""))...)
}

func scriptComments(text string) []string {
	text = scriptString.ReplaceAllString(text, "``")
	lines := groups(scriptLine, text)
	return append(groups(scriptBlock, text), strings.Join(lines, "\n"))
}

func groups(pattern *regexp.Regexp, text string) []string {
	var out []string
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// rename is a row of names that were given up.
type rename struct {
	not     *regexp.Regexp // whole names
	but     string
	folders []string // nil: everywhere, in Go and SDL
	funcs   bool     // names of functions and methods only
}

func names(pattern string) *regexp.Regexp { return regexp.MustCompile("^(?:" + pattern + ")$") }

// renames are the rows of names that were given up. An identifier of the old kind
// is refused where it meant this; what is left of them stands in testdata/refused.txt.
var renames = []rename{
	{not: names(`.*[lL]istHazard.*|.*[lL]istings?([A-Z].*)?|[lL]isted.*|.*[dD]elisted.*|[lL]istBy`), but: "placeUnderOversight, OversightOrder, underOversight, oversightDueBy, needsOversight, escalateOversight"},
	{not: names(`[lL]acks?([A-Z].*)?|.*[a-z]Lacks?([A-Z].*)?`), but: "gap, missing"},
	{not: names(`[dD]rop(Notice|Visit).*`), but: "discardNotice, cancelVisit"},
	{not: names(`boards?|when|then`), but: "scope, asOf, validAt", folders: slices.Concat(app, []string{"internal/figures"})},
	{not: names(`[lL]i(fe|ves)`), but: "history", folders: slices.Concat(app, []string{"internal/rollup", "internal/figures", "internal/rule"})},
	{not: names(`[pP]aced?|[rR]eserve`), but: "rateLimit, burst", folders: []string{"internal/ratelimit", "internal/httpd", "graph"}},
	{not: names(`[gG]iveWay|[yY]ielding|[tT]raffic`), but: "throttle, uploadActivity", folders: []string{"internal"}},
	{not: names(`produced.*|note|place`), but: "prime, path", folders: []string{"graph"}, funcs: true},
	{not: names(`fall|homeless|class`), but: "dropped, unassigned, priority", folders: []string{"internal/sampling"}},
	{not: names(`said|taken`), but: "statement, existingEvent", folders: app},
	{not: names(`must|may|at|found`), but: "requiredID, optionalID, atField, notFoundAs", folders: slices.Concat(app, []string{"internal/command"}), funcs: true},
	{not: names(`[gG]round`), but: "boundary", folders: slices.Concat(app, []string{"internal/rule", "ent/schema", "graph"})},
	{not: names(`EXPLAINS|Explains`), but: "NEUTRAL"},
	{not: names(`pieces?`), but: "evidenceRef", folders: slices.Concat(app, []string{"internal/rule"})},
	{not: names(`believed|guarded`), but: "trustProxyHeaders, recoverPanics", folders: []string{"internal/httpd", "internal/config", "cmd"}},
	{not: names(`turn|take|give`), but: "writeLock, acquire, release", folders: []string{"internal/store"}},
	{not: names(`survey|extent|shape`), but: "cost, size, measure", folders: []string{"graph"}},
	{not: names(`stranger`), but: "polyglot", folders: []string{"internal/media"}},
	{not: names(`wipe|putFolded|onDay`), but: "deleteFigures, insertFigures, addToDay", folders: []string{"internal/rollup", "internal/figures"}},
}

// TestRefusedNames finds names that were given up. testdata/refused.txt holds those
// that are still there: one that is not in it fails, and so does a line whose name
// is gone, which -update strikes. Nothing adds a line.
func TestRefusedNames(t *testing.T) {
	found := map[string]bool{}
	for _, f := range sources(t, ".") {
		if f.generated() || within(f.path, "internal/arch") {
			continue
		}
		for name, isFunc := range declared(f) {
			note(found, f.path, name, isFunc)
		}
	}
	for _, d := range sdl(t).Definitions {
		note(found, "graph/schema", d.Name, false)
		for _, x := range d.Fields {
			note(found, "graph/schema", x.Name, false)
			for _, a := range x.Arguments {
				note(found, "graph/schema", a.Name, false)
			}
		}
		for _, v := range d.EnumValues {
			note(found, "graph/schema", v.Name, false)
		}
	}

	path := filepath.Join("testdata", "refused.txt")
	allowed := lines(t, path)
	var left []string
	for _, line := range allowed {
		if found[line] {
			left = append(left, line)
		} else if !*update {
			t.Errorf("%s is gone: strike it with `go test ./internal/arch -run TestRefusedNames -update`", line)
		}
	}
	for _, line := range slices.Sorted(maps.Keys(found)) {
		if !slices.Contains(allowed, line) {
			t.Errorf("%s: this name was given up", line)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(left, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d names that were given up are left", len(left))
}

// note adds "name → instead" for a name that was given up.
func note(found map[string]bool, path, name string, isFunc bool) {
	for _, r := range renames {
		in := r.folders == nil || slices.ContainsFunc(r.folders, func(d string) bool { return within(path, d) })
		if !in || r.funcs && !isFunc {
			continue
		}
		if r.not.MatchString(name) {
			found[name+" → "+r.but] = true
		}
	}
}

// declared gives the names that a file declares, and whether each is a function:
// those of the package, fields, methods, parameters and local variables.
func declared(f file) map[string]bool {
	out := map[string]bool{}
	add := func(name *ast.Ident, isFunc bool) {
		if name != nil && name.Name != "_" {
			out[name.Name] = out[name.Name] || isFunc
		}
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			add(n.Name, true)
		case *ast.TypeSpec:
			add(n.Name, false)
		case *ast.ValueSpec:
			for _, name := range n.Names {
				add(name, false)
			}
		case *ast.Field:
			for _, name := range n.Names {
				add(name, false)
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if name, ok := e.(*ast.Ident); ok && n.Tok.String() == ":=" {
					add(name, false)
				}
			}
		}
		return true
	})
	return out
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if line := scan.Text(); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func TestWordChecksBite(t *testing.T) {
	goText := "package x\n\n// Whoever is\n// told so hears of it.\nvar a = \"whoever\" // a stranger\n"
	count := 0
	for _, c := range goComments(goText) {
		count += len(refusedPhrases.FindAllString(strings.Join(strings.Fields(c), " "), -1))
	}
	if count != 4 {
		t.Errorf("%d phrases are found in Go, want 4", count)
	}
	if got := scriptComments("// anew\nconst u = `http://x // anew`; // once\n/* lacks\n it */\n"); len(got) != 2 || strings.Contains(got[1], "http") || !strings.Contains(got[1], "anew\nonce") {
		t.Errorf("comments of a script: %q", got)
	}
	f, err := parse("internal/sampling/draw.go", "package sampling\nfunc draw(class int) { homeless := 1; fine := homeless }\nfunc lacksAny() {}\n")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for name, isFunc := range declared(f) {
		note(found, f.path, name, isFunc)
	}
	bites(t, slices.Sorted(maps.Keys(found)), "class → dropped", "homeless → dropped", "lacksAny → gap")
}
