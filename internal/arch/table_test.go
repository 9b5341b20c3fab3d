package arch

import "slices"

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
	edge      = []string{"graph/...", "internal/pace"}
	bench     = []string{"internal/blob/blobtest", "graph/graphtest", "internal/testkit/...", "internal/e2e/...", "internal/arch"}
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
	{packages: []string{"internal/app"}, may: slices.Concat(model, data, tools)},
	{packages: []string{"internal/seed"}, may: slices.Concat(model, data, tools, []string{"internal/app"})},
	{packages: []string{"internal/simulation"}, may: slices.Concat(model, []string{"internal/app"})},
	{packages: []string{"graph/limits"}, may: small},
	{packages: []string{"graph/transport"}, may: slices.Concat(small, []string{"internal/pace"})},
	{packages: edge, may: slices.Concat(model, edge, []string{"internal/app"})},
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
		never:   []string{"internal/app", "internal/rule", "internal/authz", "internal/scope", "internal/store"},
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
