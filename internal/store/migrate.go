package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/cleargrid/cleargrid/ent/migrations"
)

// MigrationStatus is one versioned migration and whether it is applied.
type MigrationStatus struct {
	Name    string
	Applied bool
}

// Migrate applies what is missing, in order, the triggers that note changes, and
// the job queue's own tables.
// Going back is not offered: take a backup. Two processes at once are safe.
func (s *Store) Migrate(ctx context.Context) error {
	p, done, err := s.provider()
	if err != nil {
		return err
	}
	defer done()
	defer s.schema.Add(1)
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := s.checkForeignKeys(ctx); err != nil {
		return err
	}
	if err := s.follow(ctx); err != nil {
		return err
	}
	return s.migrateQueue(ctx)
}

// MigrationStatus lists every migration.
func (s *Store) MigrationStatus(ctx context.Context) ([]MigrationStatus, error) {
	p, done, err := s.provider()
	if err != nil {
		return nil, err
	}
	defer done()
	all, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migration status: %w", err)
	}
	out := make([]MigrationStatus, len(all))
	for i, m := range all {
		out[i] = MigrationStatus{Name: m.Source.Path, Applied: m.State == goose.StateApplied}
	}
	return out, nil
}

// provider runs SQLite's migrations on a connection without foreign keys: a
// table rebuild would otherwise delete the child rows silently.
func (s *Store) provider() (*goose.Provider, func(), error) {
	folder, kind, db := "postgres", goose.DialectPostgres, s.DB
	done := func() {}
	var options []goose.ProviderOption
	if s.sqlite() {
		connector, err := sqliteConnector(s.file, false)
		if err != nil {
			return nil, nil, err
		}
		plain := sql.OpenDB(connector)
		folder, kind, db, done = "sqlite", goose.DialectSQLite3, plain, func() { _ = plain.Close() }
	} else {
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, nil, fmt.Errorf("migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations.Files, folder)
	if err != nil {
		return nil, nil, fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(kind, db, files, options...)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("migrations: %w", err)
	}
	return p, done, nil
}

func (s *Store) checkForeignKeys(ctx context.Context) error {
	if !s.sqlite() {
		return nil
	}
	var table string
	var rowid, parent, id any
	err := s.DB.QueryRowContext(ctx, "PRAGMA foreign_key_check").Scan(&table, &rowid, &parent, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("check foreign keys: %w", err)
	}
	return fmt.Errorf("migrate: rows of %s refer to rows that do not exist", table)
}

func (s *Store) migrateQueue(ctx context.Context) error {
	m, err := rivermigrate.New(s.queueDriver(nil), nil)
	if err == nil {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}
