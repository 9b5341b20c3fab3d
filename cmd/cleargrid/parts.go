package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/config"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/store"
)

// parts is everything that a command stands on, opened in order and closed in
// the reverse one.
type parts struct {
	config  config.Config
	log     zerolog.Logger
	store   *store.Store
	blob    *blob.Store
	queue   *job.Queue
	media   *media.Engine
	app     *app.App
	streams transport.Streams
	objects http.Handler // the embedded object store's door
	closers []func() error
}

func (p *parts) close() {
	for _, c := range slices.Backward(p.closers) {
		if err := c(); err != nil {
			p.log.Warn().Err(err).Msg("while closing")
		}
	}
}

// openDatabase opens the database. The embedded one is brought to this version
// as well; PostgreSQL is migrated by `cleargrid migrate` only.
func openDatabase(ctx context.Context, c config.Config, log zerolog.Logger) (*parts, error) {
	s, err := store.Open(ctx, store.Config{URL: c.Database, File: c.SQLiteFile()})
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	scope.Install(s.Ent)
	p := &parts{config: c, log: log, store: s, closers: []func() error{s.Close}}
	if c.Database == "" {
		err := s.Migrate(ctx)
		if err == nil {
			err = app.Backfill(ctx, s, clock.System{}, log)
		}
		if err != nil {
			p.close()
			return nil, err
		}
		return p, nil
	}
	if err := migrated(ctx, s); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func migrated(ctx context.Context, s *store.Store) error {
	all, err := s.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.Applied {
			return fmt.Errorf("the database lacks migration %s: run `cleargrid migrate` first", m.Name)
		}
	}
	done, err := app.Backfilled(ctx, s)
	if err == nil && !done {
		err = errors.New("the figures of an earlier version are not derived to the end: run `cleargrid migrate` first")
	}
	return err
}

// openAll opens database, object store and use cases. beside is for tools that
// run while a server has the embedded object store.
func openAll(ctx context.Context, c config.Config, log zerolog.Logger, beside bool) (*parts, error) {
	return openAt(ctx, c, log, beside, clock.System{}, job.Look)
}

// openAt is openAll on another clock than the machine's, with jobs that look for work so often.
func openAt(ctx context.Context, c config.Config, log zerolog.Logger, beside bool, now clock.Clock, look time.Duration) (*parts, error) {
	if err := objectStoreNamed(c); err != nil {
		return nil, err
	}
	p, err := openDatabase(ctx, c, log)
	if err != nil {
		return nil, err
	}
	if err := p.openObjects(ctx, beside); err != nil {
		p.close()
		return nil, err
	}
	p.queue = job.New(p.store, log, look)
	folder, err := workFolder(c.WorkFolder())
	if err != nil {
		p.close()
		return nil, err
	}
	p.media = media.NewEngine(c.FFmpeg)
	p.closers = append(p.closers, func() error { return os.RemoveAll(folder) })
	p.app = app.New(app.Config{Store: p.store, Blob: p.blob, Queue: p.queue, Media: p.media, Folder: folder, Clock: now, Log: log})
	if err := p.queue.Open(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// workFolder makes the folder for files that are being examined. Each process has
// its own in it, and removes those of processes that are gone.
func workFolder(base string) (string, error) {
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("work folder: %w", err)
	}
	entries, err := os.ReadDir(base)
	if err != nil {
		return "", fmt.Errorf("work folder: %w", err)
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(filepath.Join(base, e.Name())) // what can't be removed only takes room
		}
	}
	own := filepath.Join(base, strconv.Itoa(os.Getpid()))
	if err := os.MkdirAll(own, 0o700); err != nil {
		return "", fmt.Errorf("work folder: %w", err)
	}
	return own, nil
}

// errNoEmbedded is for settings that name no object store, in a build without one.
var errNoEmbedded = errors.New("this build has no embedded object store (it was built with -tags noembeddedstore): " +
	"name an S3 store by --s3-endpoint, --s3-access-key and --s3-secret-key, or take a build without that tag")

// objectStoreNamed fails before anything is opened or created when the settings ask
// for an object store that this build does not have.
func objectStoreNamed(c config.Config) error {
	if c.Embedded() && !hasEmbedded {
		return errNoEmbedded
	}
	return nil
}

func (p *parts) openObjects(ctx context.Context, beside bool) error {
	c := p.config
	b := blob.Config{
		// Clients reach another store where we do, and not through this server.
		Endpoint: strings.TrimSuffix(c.S3Endpoint, "/"), PublicEndpoint: strings.TrimSuffix(cmp.Or(c.S3PublicEndpoint, c.S3Endpoint), "/"),
		Bucket: c.S3Bucket, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey, Region: c.S3Region,
	}
	if c.Embedded() {
		var err error
		if b, err = p.openEmbedded(ctx, beside); err != nil {
			return err
		}
	}
	s, err := blob.Open(b)
	if err != nil {
		return err
	}
	p.blob = s
	return s.Prepare(ctx)
}
