package testkit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq" // the administration connection that clones databases
	"github.com/minio/minio-go/v7"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/user"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/blob/embedded"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/seed"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Main is the TestMain of a package that uses Each: it lets the test program be
// the embedded object store's child and cleans up behind the tests.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == embedded.ChildCommand {
		if err := embedded.RunChild(context.Background(), os.Args[2:], os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == media.ChildCommand {
		if err := media.RunChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	minio.DefaultRetryUnit = time.Millisecond // no test waits for a store that it has cut off
	code := m.Run()
	for _, o := range objects {
		o.close()
	}
	templates.close()
	StopPostgres()
	StopCeph()
	os.Exit(code)
}

// Start is the instant at which the clock of every Env starts: 10:00 in
// Shanghai, on the eighth day of the demo campaign.
var Start = time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)

// CountySize is the number of schools of the county that every Env has.
const CountySize = 24

// Env is a whole product on a database of its own: a small demo county, the use
// cases, the job queue and the embedded object store.
type Env struct {
	T     testing.TB
	Store *store.Store
	App   *app.App
	Blob  *blob.Store
	Queue *job.Queue
	Clock *clock.Fake
	// Origin is the URL of Door, the object store's handler for clients.
	Origin string
	Door   http.Handler

	Campaign *ent.Campaign
	School   *ent.School // of officer1, principal1 and grid1
	Other    *ent.School // of officer2, in another township
	Grid     *ent.Grid   // of grid1

	line *line // to the object store
}

// line is the network between the server and its object store.
type line struct {
	next http.RoundTripper
	down atomic.Bool
}

func (l *line) to(c blob.Config) blob.Config {
	l.next, c.Transport = c.Transport, l
	return c
}

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.down.Load() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return l.next.RoundTrip(r)
}

// CutStore cuts the line between the server and its object store, or mends it.
func (e *Env) CutStore(cut bool) { e.line.down.Store(cut) }

// Each runs a test on SQLite and on PostgreSQL side by side, each on a fresh copy
// of the same county. What f shares between the two it may only read, and what
// follows Each in a test runs before them.
func Each(t *testing.T, f func(t *testing.T, e *Env)) {
	t.Helper()
	each(t, f, (*testing.T).Parallel, sharedOf, remembering)
}

// EachInTurn is Each with one after the other, for tests that measure the process.
func EachInTurn(t *testing.T, f func(t *testing.T, e *Env)) {
	t.Helper()
	each(t, f, inTurn, sharedOf, remembering)
}

func inTurn(*testing.T) {}

// OnSQLite runs a test on a fresh copy of the county on SQLite alone, with no other
// test beside it: for what only SQLite does, and for what is measured of the process
// where the database has no part.
func OnSQLite(t *testing.T, f func(t *testing.T, e *Env)) {
	t.Helper()
	f(t, newEnv(t, cloneSQLite(t), sharedOf(t, "SQLite"), remembering()))
}

// EachWithFFmpeg is Each where videos get posters and playable renditions, and where
// the media engine decodes every file, also one that another test has sent.
func EachWithFFmpeg(t *testing.T, f func(t *testing.T, e *Env)) {
	t.Helper()
	each(t, f, (*testing.T).Parallel, sharedOf, func() evidence.Decoder { return media.NewEngine("") })
}

// remembering is the media engine of the tests that are about something else: each
// file is decoded once, and without ffmpeg, which takes minutes.
func remembering() evidence.Decoder { return decoder{media.NewEngine("none")} }

func each(t *testing.T, f func(t *testing.T, e *Env), begin func(*testing.T), from func(*testing.T, string) *sharedObjects, engine func() evidence.Decoder) {
	t.Helper()
	on := func(name string, clone func(testing.TB) store.Config) {
		t.Run(name, func(t *testing.T) {
			begin(t)
			f(t, newEnv(t, clone(t), from(t, name), engine()))
		})
	}
	on("SQLite", cloneSQLite)
	on("PostgreSQL", clonePostgres)
}

func newEnv(t testing.TB, c store.Config, objects *sharedObjects, engine evidence.Decoder) *Env {
	t.Helper()
	s, err := store.Open(t.Context(), c)
	need(t, err)
	scope.Install(s.Ent)
	server, door := objects.open(t)
	line := &line{}
	b, err := blob.Open(line.to(server.Config()))
	need(t, err)
	e := &Env{T: t, Store: s, Blob: b, line: line, Clock: clock.NewFake(Start), Origin: door, Door: server.Handler()}
	e.Queue = job.New(s, zerolog.Nop())
	e.App = app.New(app.Config{Store: s, Blob: b, Queue: e.Queue, Media: engine, Clock: e.Clock, Log: zerolog.Nop(), PartSize: 5 << 20, FeedEvery: 20 * time.Millisecond})
	need(t, e.Queue.Open(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := e.Queue.Stop(ctx); err != nil {
			t.Errorf("stop jobs: %v", err)
		}
		_ = s.Close()
	})
	e.cast()
	return e
}

// cast looks up the school, the grid and the campaign that the tests speak of.
func (e *Env) cast() {
	ctx := authz.AsSystem(e.T.Context())
	member := e.User("grid1")
	a, err := e.Store.Ent.GridAssignment.Query().Where(gridassignment.UserID(member.ID)).WithGrid().Order(gridassignment.ByID()).First(ctx)
	need(e.T, err)
	e.Grid = a.Edges.Grid
	e.School, err = e.Store.Ent.School.Get(ctx, a.SchoolID)
	need(e.T, err)
	other := e.User("officer2")
	m, err := e.Store.Ent.Membership.Query().Where(membership.UserID(other.ID)).Only(ctx)
	need(e.T, err)
	e.Other, err = e.Store.Ent.School.Get(ctx, *m.SchoolID)
	need(e.T, err)
	e.Campaign, err = e.Store.Ent.Campaign.Query().Only(ctx)
	need(e.T, err)
}

// User is the row of an account.
func (e *Env) User(account string) *ent.User {
	e.T.Helper()
	u, err := e.Store.Ent.User.Query().Where(user.Account(account)).Only(authz.AsSystem(e.T.Context()))
	need(e.T, err)
	return u
}

// As is a context in which the owner of an account acts, with the grants that
// hold at the Env's time.
func (e *Env) As(account string) context.Context {
	e.T.Helper()
	ctx := evidence.WithOrigin(e.T.Context(), e.Origin)
	v, err := e.App.ViewerOf(ctx, e.User(account).ID)
	need(e.T, err)
	return authz.NewContext(ctx, v)
}

// Nobody is a context without a viewer.
func (e *Env) Nobody() context.Context { return evidence.WithOrigin(e.T.Context(), e.Origin) }

// System is a context that sees every row.
func (e *Env) System() context.Context { return authz.AsSystem(e.T.Context()) }

// Work runs the jobs that wait, in order, and those that they enqueue. No job runs
// at any other time: neither do those that a server runs by the clock, which a test
// enqueues when it wants them. A job that fails ends the test.
func (e *Env) Work() {
	e.T.Helper()
	need(e.T, e.Queue.Work(e.T.Context()))
}

// WorkAtOnce is Work by several workers at the same time, as on a server.
func (e *Env) WorkAtOnce(workers int) {
	e.T.Helper()
	failures := make([]error, workers)
	var running sync.WaitGroup
	for i := range workers {
		running.Go(func() { failures[i] = e.Queue.Work(e.T.Context()) })
	}
	running.Wait()
	need(e.T, errors.Join(failures...))
}

// File is a piece of evidence that a test sends.
type File struct {
	ID    id.ID // zero is a new one
	Kind  rule.EvidenceKind
	Stage rule.EvidenceStage
	Name  string
	Type  string
	Bytes []byte
	// School is whose evidence it is; nil is the Env's School.
	School *ent.School
}

// PhotoFile is a real photo of a stage; variants differ in their bytes.
func (e *Env) PhotoFile(stage rule.EvidenceStage, variant int) File {
	return File{Kind: rule.Photo, Stage: stage, Name: fmt.Sprintf("photo-%d.jpg", variant), Type: "image/jpeg", Bytes: Photo(e.T, variant)}
}

// VideoFile is a real video.
func (e *Env) VideoFile(stage rule.EvidenceStage, variant int) File {
	return File{Kind: rule.Video, Stage: stage, Name: fmt.Sprintf("video-%d.mp4", variant), Type: "video/mp4", Bytes: Video(e.T, variant)}
}

// Announce announces a file as the viewer of ctx and gives its upload.
func (e *Env) Announce(ctx context.Context, f File) (*evidence.Upload, error) {
	s := f.School
	if s == nil {
		s = e.School
	}
	if f.ID.IsZero() {
		f.ID = id.New(id.Evidence)
	}
	return e.App.AnnounceEvidence(ctx, Announcement(s, f))
}

// Announcement is what a phone says of a file before it sends it.
func Announcement(s *ent.School, f File) evidence.AnnounceEvidenceInput {
	sum := sha256.Sum256(f.Bytes)
	return evidence.AnnounceEvidenceInput{
		ID: f.ID, SchoolID: s.PublicID(), Kind: f.Kind, Stage: f.Stage, Source: rule.FromCamera, FileName: f.Name,
		MediaType: f.Type, Size: int64(len(f.Bytes)), Sha256: hex.EncodeToString(sum[:]),
	}
}

// Send sends a file's bytes as its ticket says.
func (e *Env) Send(u *evidence.Upload, content []byte) {
	e.T.Helper()
	if u.Ticket.Single != nil {
		need(e.T, e.Put(*u.Ticket.Single, content))
		return
	}
	for _, p := range u.Ticket.Parts {
		from := int64(p.Number-1) * u.Ticket.PartSize
		need(e.T, e.Put(p.Request, content[from:from+p.Size]))
	}
}

// Put sends one request to the object store; an answer other than 2xx is an
// error.
func (e *Env) Put(r blob.Request, content []byte) error {
	request, err := http.NewRequestWithContext(e.T.Context(), r.Method, r.URL, bytes.NewReader(content))
	if err != nil {
		return err
	}
	for k, v := range r.Headers {
		request.Header.Set(k, v)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 1000))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the object store answers %s: %s", answer.Status, text)
	}
	return nil
}

// Upload announces a file, sends it, completes it and runs the jobs, which verify or
// reject it.
func (e *Env) Upload(account string, f File) id.ID {
	e.T.Helper()
	ctx := e.As(account)
	u, err := e.Announce(ctx, f)
	need(e.T, err)
	e.Send(u, f.Bytes)
	_, err = e.App.CompleteEvidence(ctx, evidence.CompleteEvidenceInput{ID: u.Evidence.PublicID()})
	need(e.T, err)
	e.Work()
	return u.Evidence.PublicID()
}

func need(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sharedObjects is an object store; the tests on a database share one, but for
// those that look at everything in it.
type sharedObjects struct {
	once   sync.Once
	err    error
	server *embedded.Server
	door   *httptest.Server
	dir    string
}

var objects = map[string]*sharedObjects{"SQLite": {}, "PostgreSQL": {}}

func sharedOf(_ *testing.T, database string) *sharedObjects { return objects[database] }

func (o *sharedObjects) open(t testing.TB) (*embedded.Server, string) {
	t.Helper()
	o.once.Do(func() { o.err = o.start() })
	need(t, o.err)
	return o.server, o.door.URL
}

func (o *sharedObjects) start() (err error) {
	if o.dir, err = os.MkdirTemp("", "cleargrid-objects-"); err != nil {
		return err
	}
	ctx := context.Background()
	if o.server, err = embedded.Start(ctx, embedded.Options{Dir: o.dir, Bucket: "evidence", Log: zerolog.Nop(), Volatile: true}); err != nil {
		return err
	}
	b, err := blob.Open(o.server.Config())
	if err != nil {
		return err
	}
	o.door = httptest.NewServer(o.server.Handler())
	return b.Prepare(ctx)
}

func (o *sharedObjects) close() {
	if o.door != nil {
		o.door.Close()
	}
	if o.server != nil {
		_ = o.server.Close()
	}
	if o.dir != "" {
		_ = os.RemoveAll(o.dir)
	}
}

// sharedTemplates are the migrated and seeded databases that every test clones.
type sharedTemplates struct {
	sqliteOnce, postgresOnce sync.Once
	sqliteErr, postgresErr   error
	sqlite                   []byte // the file
	admin                    *sql.DB
	server, name             string
	// clones are made while tests run: PostgreSQL takes a while for each.
	clones  chan clone
	stop    chan struct{}
	working sync.WaitGroup
}

// clone is a PostgreSQL database that no test has used.
type clone struct {
	name string
	err  error
}

// clonesAhead is how many databases wait for a test.
const clonesAhead = 2

var templates sharedTemplates

func cloneSQLite(t testing.TB) store.Config {
	t.Helper()
	templates.sqliteOnce.Do(func() {
		templates.sqlite, templates.sqliteErr = fillSQLite()
	})
	need(t, templates.sqliteErr)
	file := filepath.Join(t.TempDir(), "cleargrid.db")
	need(t, os.WriteFile(file, templates.sqlite, 0o600))
	return store.Config{File: file, Volatile: true}
}

func clonePostgres(t testing.TB) store.Config {
	t.Helper()
	templates.postgresOnce.Do(func() { templates.postgresErr = templates.fillPostgres() })
	if errors.Is(templates.postgresErr, errNoPostgres) {
		Missing(t, "PostgreSQL")
	}
	need(t, templates.postgresErr)
	made := <-templates.clones
	need(t, made.err)
	t.Cleanup(func() { templates.working.Go(func() { templates.drop(made.name) }) })
	return store.Config{URL: WithDatabase(templates.server, made.name)}
}

func fillSQLite() ([]byte, error) {
	dir, err := os.MkdirTemp("", "cleargrid-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "t.db")
	if err := fill(store.Config{File: file, Volatile: true}); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

var errNoPostgres = errors.New("no PostgreSQL on this machine")

func (s *sharedTemplates) fillPostgres() error {
	server, ok, err := PostgresURL()
	if err != nil {
		return err
	}
	if !ok {
		return errNoPostgres
	}
	if s.admin, err = sql.Open("postgres", server); err != nil {
		return err
	}
	s.server, s.name = server, "cleargrid_template_"+hex.EncodeToString(uuidBytes())
	if _, err := s.admin.Exec("CREATE DATABASE " + s.name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	if err := fill(store.Config{URL: WithDatabase(server, s.name)}); err != nil {
		return err
	}
	s.clones, s.stop = make(chan clone, clonesAhead), make(chan struct{})
	s.working.Go(s.makeClones)
	return nil
}

// makeClones makes databases until it is stopped. Copying the files costs half of what
// PostgreSQL's default costs since version 15, which writes each page to its log; before,
// nothing else could be chosen.
func (s *sharedTemplates) makeClones() {
	var version int
	err := s.admin.QueryRow("SELECT current_setting('server_version_num')::int").Scan(&version)
	strategy := ""
	if version >= 150_000 {
		strategy = " STRATEGY file_copy"
	}
	for {
		c := clone{name: "cleargrid_" + hex.EncodeToString(uuidBytes()), err: err}
		if err == nil {
			_, c.err = s.admin.Exec("CREATE DATABASE " + c.name + " TEMPLATE " + s.name + strategy)
		}
		select {
		case s.clones <- c:
		case <-s.stop:
			s.drop(c.name)
			return
		}
	}
}

func (s *sharedTemplates) drop(database string) {
	_, _ = s.admin.Exec("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)")
}

func (s *sharedTemplates) close() {
	if s.admin == nil {
		return
	}
	if s.stop != nil {
		close(s.stop)
		s.working.Wait()
		close(s.clones)
		for c := range s.clones {
			s.drop(c.name)
		}
	}
	s.drop(s.name)
	_ = s.admin.Close()
}

func uuidBytes() []byte {
	u := uuid.New()
	return u[:]
}

// fill migrates an empty database and makes the county in it.
func fill(c store.Config) (err error) {
	ctx := authz.AsSystem(context.Background())
	s, err := store.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		_, err := seed.County(ctx, tx, seed.CountyOptions{
			Schools: CountySize, Townships: 4, Seed: 7, Now: Start, Today: rule.DefaultPolicy().Today(Start),
		})
		return err
	})
}
