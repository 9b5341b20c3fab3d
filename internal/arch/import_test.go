package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// unit is what `go list` says of one package; paths are whole import paths.
type unit struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// room is one line of the table: what its packages may import of the house, and
// of libraries. A pattern is a path below the module; "x/..." is x and all below.
type room struct {
	packages  []string
	may       []string
	libraries []string // nil: any that no ban forbids
	tests     bool     // the line binds its tests too
}

var (
	small     = []string{"internal/fault", "internal/clock", "internal/id", "internal/geo", "internal/sampling"}
	decisions = []string{"internal/rule", "internal/authz"}
	pure      = slices.Concat(small, decisions)
	model     = slices.Concat(pure, []string{"ent/..."})
	data      = []string{"internal/scope", "internal/store", "internal/job", "internal/rollup", "internal/ledger"}
	tools     = []string{"internal/blob", "internal/media", "internal/config", "internal/document", "internal/credential"}
	road      = []string{"internal/command"}
	edge      = []string{"graph/...", "internal/pace"}
	bench     = []string{"internal/blob/blobtest", "internal/testkit/...", "internal/e2e/...", "internal/arch"}
)

// rooms is the table of docs/architecture.md, row by row.
var rooms = []room{
	{packages: small, libraries: []string{"github.com/google/uuid"}},
	{packages: decisions, may: small, libraries: []string{"github.com/google/uuid"}},
	{packages: []string{"ent/schema"}, may: pure, libraries: []string{"entgo.io/ent", "entgo.io/contrib", "ariga.io/atlas", "github.com/google/uuid"}},
	{packages: []string{"ent/migrations"}, libraries: []string{}},
	{packages: []string{"ent/..."}, may: model},
	{packages: []string{"internal/job"}, may: slices.Concat(model, []string{"internal/store"})}, // the queue lives in the database
	{packages: data, may: model},
	{packages: tools, may: pure},
	{packages: []string{"internal/blob/embedded", "internal/blob/blobtest"}, may: slices.Concat(pure, []string{"internal/blob"})},
	{packages: road, may: slices.Concat(model, data)},
	{packages: []string{"internal/app"}, may: slices.Concat(model, data, tools, road)},
	{packages: []string{"internal/seed"}, may: slices.Concat(model, data, tools, road, []string{"internal/app"})},
	{packages: []string{"internal/simulation"}, may: slices.Concat(model, []string{"internal/app"})},
	{packages: edge, may: slices.Concat(model, edge, road, []string{"internal/app"})},
	{packages: []string{"internal/authn", "internal/httpd", "internal/web"}, may: slices.Concat(pure, edge, []string{"internal/app"})},
	{packages: []string{"internal/tus"}, may: slices.Concat(model, edge, []string{"internal/app"})},
	{packages: []string{"internal/bench"}, may: slices.Concat(small, []string{"internal/blob"})}, // a client like any other
	{packages: []string{"cmd/cleargrid"}, may: slices.Concat(model, data, tools, edge, []string{
		"internal/app", "internal/seed", "internal/authn", "internal/httpd", "internal/tus", "internal/web",
		"internal/blob/embedded", "internal/bench", "internal/simulation",
	})},
	{packages: []string{"internal/testkit/..."}, may: []string{"..."}},
	{packages: []string{"internal/e2e/..."}, may: slices.Concat(small, []string{"internal/testkit/..."}), tests: true},
	{packages: []string{"internal/arch"}},
}

// ban keeps an import out of places. Exactly one of only and never is set. The
// kit and the benches of the tests are free.
type ban struct {
	imports []string // whole paths; what lies below them is meant too
	only    []string // the packages that may
	never   []string // the packages that may not
	why     string
}

var bans = []ban{
	{
		imports: []string{"github.com/minio/minio-go/v7"},
		only:    []string{"internal/blob"},
		why:     "one package speaks to the object store, so that one conformance suite covers all of it",
	},
	{
		imports: []string{"github.com/versity/versitygw"},
		only:    []string{"internal/blob/embedded"},
		why:     "the embedded store is a child process; its server must not leak into the API process",
	},
	{
		imports: []string{"github.com/lib/pq", "modernc.org/sqlite", "github.com/pressly/goose/v3", "github.com/jackc/pgx/v5"},
		only:    []string{"internal/store"},
		why:     "drivers and their errors end at store; everything else sees ent and fault",
	},
	{
		imports: []string{"github.com/riverqueue/river", "github.com/jackc/pgx/v5/pgxpool"},
		only:    []string{"internal/job", "internal/store"},
		why:     "the queue library can be replaced as long as kinds and handlers are all that others see",
	},
	{
		imports: []string{"github.com/tus/tusd/v2"},
		only:    []string{"internal/tus"},
		why:     "tus is one way to send a file; what a file is and when it is whole is app's",
	},
	{
		imports: []string{"github.com/99designs/gqlgen", "github.com/vektah/gqlparser/v2"},
		only:    edge,
		why:     "GraphQL is an edge; a use case must run without it",
	},
	{
		imports: []string{"net/http"},
		never:   []string{"internal/app", "internal/command", "internal/rule", "internal/authz", "internal/scope", "internal/store"},
		why:     "a use case knows no transport: jobs, commands and GraphQL call the same one",
	},
	{
		imports: []string{"database/sql", "os", "net", "io/fs"},
		never:   pure,
		why:     "decisions are pure functions of facts: no database, no files, no network",
	},
	{
		imports: []string{"database/sql"},
		never:   []string{"graph/...", "internal/authn", "internal/httpd", "internal/tus", "internal/web"},
		why:     "no SQL at an edge",
	},
	{
		imports: []string{"github.com/rs/zerolog"},
		never:   model,
		why:     "rules and rows return what happened; who called them logs it",
	},
	{
		imports: []string{module + "/ent/migrations"},
		only:    []string{"internal/store"},
		why:     "one place brings a database to the schema of today",
	},
	{
		imports: []string{"github.com/mattn/go-sqlite3"},
		only:    []string{},
		why:     "needs a C compiler wherever the product is built; modernc.org/sqlite does not",
	},
	{
		imports: []string{"github.com/minio/minio", "github.com/buckket/go-blurhash", "codeberg.org/gruf/go-ffmpreg"},
		only:    []string{},
		why:     "AGPL or GPL code cannot ship in an Apache-2.0 binary",
	},
	{
		imports: []string{"github.com/johannesboyne/gofakes3"},
		only:    []string{},
		why:     "accepts bad signatures and stores corrupt parts, so a test on it proves nothing",
	},
}

func TestImportsFollowTheTable(t *testing.T) {
	report(t, importBreaches(listed(t)))
}

// listed asks the go command, which knows build constraints better than a parser.
func listed(t *testing.T) []unit {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var units []unit
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var u unit
		if err := dec.Decode(&u); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		units = append(units, u)
	}
	if len(units) < 5 {
		t.Fatalf("go list names only %d packages; the table was not checked", len(units))
	}
	return units
}

func importBreaches(units []unit) []string {
	var out []string
	for _, u := range units {
		path := strings.TrimPrefix(u.ImportPath, module+"/")
		r, ok := roomOf(path)
		if !ok {
			out = append(out, path+" is missing from the table in internal/arch/import_test.go: say what it may import")
			continue
		}
		imports := u.Imports
		if r.tests {
			imports = slices.Concat(imports, u.TestImports, u.XTestImports)
		}
		for _, i := range imports {
			if why := r.refuses(path, i); why != "" {
				out = append(out, fmt.Sprintf("%s may not import %s: %s", path, strings.TrimPrefix(i, module+"/"), why))
			}
		}
		if anyMatch(bench, path) {
			continue
		}
		for _, i := range u.Imports {
			if why := banned(path, i); why != "" {
				out = append(out, fmt.Sprintf("%s may not import %s: %s", path, i, why))
			}
		}
	}
	return out
}

// roomOf finds the line of a package; the longest pattern wins, so that
// ent/schema is not taken for generated ent.
func roomOf(path string) (room, bool) {
	var best room
	length := -1
	for _, r := range rooms {
		for _, p := range r.packages {
			if n := len(strings.TrimSuffix(p, "/...")); matches(p, path) && n > length {
				best, length = r, n
			}
		}
	}
	return best, length >= 0
}

// refuses gives the reason why a package of this room may not import a path, or "".
func (r room) refuses(path, imported string) string {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		if own == path || anyMatch(r.may, own) { // its own name: an external test package
			return ""
		}
		return "its row of the table does not reach there"
	}
	standard := !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
	if standard || r.libraries == nil {
		return ""
	}
	if slices.ContainsFunc(r.libraries, func(l string) bool { return within(imported, l) }) {
		return ""
	}
	return "this row takes the standard library and " + strings.Join(r.libraries, ", ")
}

// banned gives the reason of the ban that meets an import, or "". Of two bans
// the one that names the longer path counts.
func banned(path, imported string) string {
	why, length := "", -1
	for _, b := range bans {
		for _, i := range b.imports {
			exact := imported == i
			// "net" and "database/sql" are meant as they stand: net/url and
			// database/sql/driver open no connection.
			below := within(imported, i) && strings.Contains(i, ".")
			if (exact || below) && len(i) >= length {
				if len(i) > length {
					why = ""
				}
				length = len(i)
				if b.never == nil && !anyMatch(b.only, path) || anyMatch(b.never, path) {
					why = b.why
				}
			}
		}
	}
	return why
}

func anyMatch(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

// matches reads "x/..." as x and all below it, "..." as everything.
func matches(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(path, above)
	}
	return pattern == path
}

func TestImportTableBites(t *testing.T) {
	for name, c := range map[string]struct {
		pkg, imports, want string
	}{
		"unknown package":         {"internal/util", "fmt", "missing from the table"},
		"small takes a rule":      {"internal/id", module + "/internal/rule", "does not reach"},
		"small takes a library":   {"internal/geo", "github.com/goccy/go-yaml", "standard library"},
		"rule reads rows":         {"internal/rule", module + "/ent", "does not reach"},
		"rule opens files":        {"internal/rule", "os", "pure functions"},
		"schema takes generated":  {"ent/schema", module + "/ent/hazard", "does not reach"},
		"blob reads rows":         {"internal/blob", module + "/ent", "does not reach"},
		"scope takes store":       {"internal/scope", module + "/internal/store", "does not reach"},
		"app speaks HTTP":         {"internal/app", "net/http", "no transport"},
		"app speaks to the store": {"internal/app", "github.com/minio/minio-go/v7/pkg/credentials", "one package speaks"},
		"app speaks GraphQL":      {"internal/app", "github.com/99designs/gqlgen/graphql", "is an edge"},
		"graph opens the store":   {"graph", module + "/internal/store", "does not reach"},
		"job takes a driver":      {"internal/job", "github.com/lib/pq", "drivers and their errors"},
		"job takes pgx itself":    {"internal/job", "github.com/jackc/pgx/v5", "drivers and their errors"},
		"app takes the queue":     {"internal/app", "github.com/riverqueue/river/rivertype", "queue library"},
		"the binary takes tests":  {"cmd/cleargrid", module + "/internal/testkit", "does not reach"},
		"app migrates":            {"internal/app", module + "/ent/migrations", "one place brings"},
	} {
		t.Run(name, func(t *testing.T) {
			bites(t, importBreaches([]unit{{ImportPath: module + "/" + c.pkg, Imports: []string{c.imports}}}), c.want)
		})
	}
	t.Run("e2e looks inside", func(t *testing.T) {
		bites(t, importBreaches([]unit{{
			ImportPath:   module + "/internal/e2e",
			TestImports:  []string{module + "/internal/testkit"},
			XTestImports: []string{module + "/internal/app"},
		}}), "internal/app")
	})
	t.Run("what is allowed", func(t *testing.T) {
		bites(t, importBreaches([]unit{
			{ImportPath: module + "/ent/hazard", Imports: []string{module + "/internal/rule", "entgo.io/ent"}},
			{ImportPath: module + "/internal/store", Imports: []string{module + "/ent/migrations", "github.com/lib/pq", "database/sql"}},
			{ImportPath: module + "/internal/job", Imports: []string{"github.com/jackc/pgx/v5/pgxpool", "github.com/riverqueue/river"}},
			{ImportPath: module + "/internal/clock", Imports: []string{"database/sql/driver"}},
			{ImportPath: module + "/internal/app", Imports: []string{module + "/internal/blob"}, TestImports: []string{"net/http", module + "/internal/testkit"}},
			{ImportPath: module + "/internal/testkit", Imports: []string{module + "/internal/blob/embedded", "github.com/lib/pq"}},
		}))
	})
}
