package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/cleargrid/cleargrid"
	root   = "../.."
)

// file is one Go source file of the repository.
type file struct {
	path string // from the root, with slashes
	tree *ast.File
	set  *token.FileSet
}

// parse reads one file from text; path only names it.
func parse(path string, text any) (file, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return file{path: path, tree: tree, set: set}, err
}

func (f file) line(p token.Pos) int  { return f.set.Position(p).Line }
func (f file) test() bool            { return strings.HasSuffix(f.path, "_test.go") }
func (f file) generated() bool       { return ast.IsGenerated(f.tree) }
func (f file) at(p token.Pos) string { return f.path + ":" + strconv.Itoa(f.line(p)) }
func (f file) in(folders []string) bool {
	return slices.ContainsFunc(folders, func(d string) bool { return within(f.path, d) })
}

// importName is the name under which the file knows an import path, or "".
func (f file) importName(path string) string {
	for _, spec := range f.tree.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p != path {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path[strings.LastIndex(path, "/")+1:]
	}
	return ""
}

// within reports whether a slash path is the folder or file itself or below it.
func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// sources reads every Go file below a folder of the repository, those that the
// compiler ignores included, and no test data.
func sources(t *testing.T, folder string) []file {
	t.Helper()
	var out []file
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			hidden := strings.HasPrefix(name, ".") && name != "." && name != ".."
			if hidden || slices.Contains([]string{"node_modules", "testdata", "data", "bin"}, name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f, err := parse(filepath.ToSlash(rel), text)
		if err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// need fails the test when a folder that it reads is not there: a law about a folder
// that was moved must not pass unseen.
func need(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, folder)); err != nil {
		t.Fatal(err)
	}
}

// report fails the test once for every breach.
func report(t *testing.T, breaches []string) {
	t.Helper()
	for _, b := range breaches {
		t.Error(b)
	}
}

// bites fails the test when a check that was shown a breach did not name it.
func bites(t *testing.T, breaches []string, words ...string) {
	t.Helper()
	if len(breaches) != len(words) {
		t.Fatalf("want %d breaches, got %q", len(words), breaches)
	}
	for i, w := range words {
		if !strings.Contains(breaches[i], w) {
			t.Errorf("breach %d is %q, want it to name %q", i, breaches[i], w)
		}
	}
}
