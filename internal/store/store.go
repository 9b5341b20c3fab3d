// Package store opens either database and is the only place that knows which
// one it is.
//
// It decides how connections, transactions, retries and driver errors behave.
// It never decides what is read or written: that is app, through ent. SQLite is
// the embedded default of one county, PostgreSQL everything larger; the code
// above is the same.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/lib/pq"
	"modernc.org/sqlite"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Store is an open database.
type Store struct {
	// Ent reads and writes rows; app installs the scope on it.
	Ent *ent.Client
	// DB is the pool under it, for the job queue and for figures that are one
	// statement.
	DB      *sql.DB
	url     string
	dialect string
	file    string
}

// Config says which database to open.
type Config struct {
	URL  string // postgres://…; empty for SQLite
	File string // path of the SQLite file
}

// Open connects. It does not migrate. A database that can't be reached is
// UNAVAILABLE.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{url: c.URL, dialect: dialect.Postgres, file: c.File}
	if c.URL != "" {
		connector, err := pq.NewConnector(c.URL)
		if err != nil {
			return nil, fmt.Errorf("database URL: %w", err)
		}
		s.DB = sql.OpenDB(connector)
		s.DB.SetMaxOpenConns(32)
		s.DB.SetMaxIdleConns(32)
		s.DB.SetConnMaxLifetime(30 * time.Minute)
	} else {
		s.dialect = dialect.SQLite
		if err := os.MkdirAll(filepath.Dir(c.File), 0o700); err != nil {
			return nil, fmt.Errorf("folder of the database: %w", err)
		}
		db, err := openSQLite(c.File, true)
		if err != nil {
			return nil, err
		}
		s.DB = db
		s.DB.SetMaxIdleConns(8) // a new connection has to read the whole schema
	}
	if err := s.DB.PingContext(ctx); err != nil {
		_ = s.DB.Close()
		return nil, Fault(err)
	}
	var writing turn
	if s.sqlite() {
		writing = make(turn, 1)
	}
	s.Ent = ent.NewClient(ent.Driver(counted{entsql.OpenDB(s.dialect, s.DB), writing}))
	return s, nil
}

// openSQLite opens a file with the settings that the product stands on:
// foreign keys, WAL, a busy timeout, transactions that take the write lock at
// once (two that upgrade late would fail), UTC times, and FULL synchronisation,
// because an acknowledged command must outlive a power cut.
func openSQLite(file string, foreignKeys bool) (*sql.DB, error) {
	keys := "1"
	if !foreignKeys {
		keys = "0"
	}
	q := "_fk=" + keys + "&_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_txlock=immediate&_time_format=sqlite&_timezone=UTC" +
		"&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(20000)"
	connector, err := sqlite.NewConnector("file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q)
	if err != nil {
		return nil, fmt.Errorf("open the SQLite file: %w", err)
	}
	return sql.OpenDB(connector), nil
}

// Close ends every connection.
func (s *Store) Close() error { return s.DB.Close() }

// Check reports whether the database answers; UNAVAILABLE when not.
func (s *Store) Check(ctx context.Context) error {
	if err := s.DB.PingContext(ctx); err != nil {
		return Fault(err)
	}
	return nil
}

// Name says which database it is, for people: "PostgreSQL" or "SQLite".
func (s *Store) Name() string {
	if s.sqlite() {
		return "SQLite"
	}
	return "PostgreSQL"
}

func (s *Store) sqlite() bool { return s.dialect == dialect.SQLite }

const attempts = 4

// InTx runs f in a transaction and commits when it returns nil. A transaction
// that lost against another (serialisation, deadlock, lock timeout, a unique key
// that another has just taken) runs again from the start, so f must not keep
// state of a failed run. What still fails then is CONFLICT or RETRY_LATER; every
// driver error comes back as a fault.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context, tx *ent.Tx) error) error {
	var err error
	for range attempts {
		err = s.once(ctx, f)
		if err == nil || !again(err) || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return Fault(err)
	}
	return nil
}

func (s *Store) once(ctx context.Context, f func(ctx context.Context, tx *ent.Tx) error) (err error) {
	tx, err := s.Ent.Tx(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			_ = tx.Rollback()
			panic(r)
		}
	}()
	if err := f(withLocks(ctx, s.dialect), tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// unavailable is what a caller hears when the database does not answer.
func unavailable(cause error) error {
	return fault.New(fault.Unavailable, "database.unavailable",
		fault.T("数据库暂时不可用，请稍后重试。", "The database is not available. Try again later.")).Because(cause)
}
