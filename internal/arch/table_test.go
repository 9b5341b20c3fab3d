package arch

import "slices"

// room is one line of the table of docs/architecture.md: what its packages decide,
// and what they may import of the product and of libraries. A pattern is a path
// below the module; "x/..." is x and all below.
type room struct {
	row       string // from the ground; rows of the same number do not know each other
	packages  []string
	decides   string
	may       []string
	libraries []string // nil: any that no ban forbids
	tests     bool     // the line binds its tests too
	toCome    bool     // its packages may be absent; strike this when they are there
}

var (
	small     = []string{"internal/fault", "internal/clock", "internal/id", "internal/geo", "internal/sampling"}
	decisions = []string{"internal/rule", "internal/authz"}
	pure      = slices.Concat(small, decisions)
	model     = slices.Concat(pure, []string{"ent/schema", "ent/migrations", "ent/..."})
	data      = []string{"internal/scope", "internal/store", "internal/job", "internal/rollup"}
	tools     = []string{"internal/blob", "internal/media", "internal/config", "internal/credential"}
	boundary  = slices.Concat(model, data, tools)
	command   = []string{"internal/command"}
	figures   = []string{"internal/figures"}
	places    = []string{"internal/places", "internal/people", "internal/supervision", "internal/evidence", "internal/feed"}
	app       = slices.Concat(places, []string{"internal/app"})
	edge      = []string{"graph/...", "graph/transport", "graph/limits", "internal/ratelimit"}
	doors     = []string{"internal/authn", "internal/httpd", "internal/web", "internal/tus", "internal/bench"}
	testOnly  = []string{"internal/blob/blobtest", "graph/graphtest", "internal/testkit/...", "internal/e2e/...", "internal/arch"}
)

// rooms is the table, row by row.
var rooms = []room{
	{
		row: "0", packages: small, decides: "errors, time, identifiers, positions; which schools the teams visit",
		libraries: []string{"github.com/google/uuid"},
	},
	{
		row: "1", packages: decisions, decides: "what may happen; who may do it. Pure functions",
		may: small, libraries: []string{"github.com/google/uuid"},
	},
	{
		row: "2", packages: []string{"ent/schema"}, decides: "tables, columns, indexes",
		may: pure, libraries: []string{"entgo.io/ent", "entgo.io/contrib", "ariga.io/atlas", "github.com/google/uuid"},
	},
	{row: "2", packages: []string{"ent/migrations"}, decides: "how a database gets to the tables of today", libraries: []string{}},
	{row: "3", packages: []string{"ent/..."}, decides: "nothing: generated access to rows", may: model},
	{
		row: "4", packages: []string{"internal/scope", "internal/store"},
		decides: "which rows a viewer sees; transactions, locks and databases", may: model,
	},
	{ // figures are locked by the locks of the store
		row: "4", packages: []string{"internal/rollup"}, decides: "the kept figures",
		may: slices.Concat(model, []string{"internal/store"}),
	},
	{ // the queue lives in the database
		row: "4", packages: []string{"internal/job"}, decides: "when a job runs, and how often again",
		may: slices.Concat(model, []string{"internal/store"}),
	},
	{
		row: "4", packages: tools, decides: "objects; what a file really is; settings; passwords and tokens", may: pure,
	},
	{
		row: "4", packages: []string{"internal/blob/embedded"}, decides: "the embedded object store",
		may: slices.Concat(pure, []string{"internal/blob"}),
	},
	{row: "4", packages: []string{"internal/ratelimit"}, decides: "who asks too often", may: small},
	{
		row: "5", packages: command, decides: "the one road of every mutation: the order of its steps, and what makes a repeat a repeat",
		may: slices.Concat(model, data),
	},
	{
		row: "6", packages: figures, decides: "what each figure counts: now, then, its list, its rebuild",
		may: slices.Concat(model, data, command),
	},
	{
		row: "7", packages: []string{"internal/places"}, decides: "the use cases of regions, schools, grids, risk points, leading groups",
		may: slices.Concat(model, data, command, figures),
	},
	{
		row: "7", packages: []string{"internal/people"}, decides: "the use cases of accounts and sessions",
		may: slices.Concat(model, data, command, figures, []string{"internal/credential"}),
	},
	{
		row: "7", packages: []string{"internal/supervision"}, decides: "the use cases of teams, the draw, planned visits",
		may: slices.Concat(model, data, command, figures),
	},
	{
		row: "7", packages: []string{"internal/evidence"}, decides: "the use cases of files: announced, received, verified, trusted, kept",
		may: slices.Concat(model, data, command, []string{"internal/blob", "internal/media"}),
	},
	{
		row: "7", packages: []string{"internal/feed"}, decides: "what has changed since a cursor, and which subscriptions it concerns",
		may: slices.Concat(model, data, command, figures),
	},
	{
		row: "8", packages: []string{"internal/app"}, decides: "the use cases of hazards, reports, notices, cases and proof; the facade of all",
		may: slices.Concat(model, data, command, figures, places, []string{"internal/blob"}),
	},
	{
		row: "9", packages: []string{"internal/seed"}, decides: "the data that ships",
		may: slices.Concat(boundary, command, figures, app),
	},
	{
		row: "9", packages: []string{"internal/simulation"}, decides: "what people do in a month, and what must be found of it",
		may: slices.Concat(model, command, figures, app),
	},
	{
		row: "9", packages: []string{"graph/transport"}, decides: "how requests come in and answers leave",
		may: slices.Concat(small, []string{"internal/ratelimit"}),
	},
	{row: "9", packages: []string{"graph/limits"}, decides: "how much a document may ask for", may: small},
	{
		row: "9", packages: []string{"graph/..."}, decides: "the public contract",
		may: slices.Concat(model, command, figures, app, []string{"graph/...", "graph/transport", "graph/limits"}),
	},
	{
		row: "10", packages: []string{"internal/authn", "internal/httpd", "internal/web"}, decides: "credential to viewer; routes; pages",
		may: slices.Concat(pure, app, edge),
	},
	{row: "10", packages: []string{"internal/tus"}, decides: "resumable uploads", may: slices.Concat(model, app, edge)},
	{
		row: "10", packages: []string{"internal/bench"}, decides: "what is measured, and how; a client like any other",
		may: slices.Concat(small, []string{"internal/blob"}),
	},
	{
		row: "11", packages: []string{"cmd/cleargrid"}, decides: "flags and wiring",
		may: slices.Concat(boundary, []string{"internal/blob/embedded"}, command, figures, app, []string{"internal/seed", "internal/simulation"}, edge, doors),
	},
	{packages: []string{"internal/blob/blobtest"}, may: slices.Concat(pure, []string{"internal/blob"})},
	{packages: []string{"graph/graphtest"}, may: slices.Concat(small, edge)},
	{packages: []string{"internal/testkit/..."}, may: []string{"..."}},
	{packages: []string{"internal/e2e/..."}, may: slices.Concat(small, []string{"internal/testkit/...", "internal/e2e/program"}), tests: true},
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
		only:    slices.Concat([]string{"internal/blob", "internal/blob/embedded"}, edge, doors, []string{"cmd/cleargrid"}),
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
