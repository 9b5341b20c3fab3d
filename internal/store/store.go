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
	"database/sql/driver"
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
	schema  schemaVersion
	// volatile is Config.Volatile.
	volatile bool
}

// Config says which database to open.
type Config struct {
	URL  string // postgres://…; empty for SQLite
	File string // path of the SQLite file
	// Volatile gives up that SQLite keeps what was committed over a power cut. For
	// tests: it spares them waiting for the disk.
	Volatile bool
}

// Open connects. It does not migrate. A database that can't be reached is
// UNAVAILABLE.
func Open(ctx context.Context, c Config) (*Store, error) {
	s := &Store{url: c.URL, dialect: dialect.SQLite, file: c.File, volatile: c.Volatile}
	if c.URL != "" {
		s.dialect = dialect.Postgres
	}
	connector, err := c.connector(&s.schema)
	if err != nil {
		return nil, err
	}
	s.DB = sql.OpenDB(connector)
	if s.sqlite() {
		s.DB.SetMaxIdleConns(8) // a new connection has to read the whole schema
	} else {
		s.DB.SetMaxOpenConns(32)
		s.DB.SetMaxIdleConns(32)
		s.DB.SetConnMaxLifetime(30 * time.Minute)
	}
	if err := s.DB.PingContext(ctx); err != nil {
		_ = s.DB.Close()
		return nil, Fault(err)
	}
	s.Ent = ent.NewClient(ent.Driver(counted{entsql.OpenDB(s.dialect, s.DB), connector.lock}))
	return s, nil
}

// connector opens the connections of a pool. It makes the folder of an SQLite file.
func (c Config) connector(schema *schemaVersion) (connector, error) {
	if c.URL != "" {
		plain, err := pq.NewConnector(c.URL)
		if err != nil {
			return connector{}, fmt.Errorf("database URL: %w", err)
		}
		return connector{Connector: plain, postgres: true, schema: schema}, nil
	}
	if err := os.MkdirAll(filepath.Dir(c.File), 0o700); err != nil {
		return connector{}, fmt.Errorf("folder of the database: %w", err)
	}
	plain, err := sqliteConnector(c.File, true, c.Volatile)
	return connector{Connector: plain, lock: make(writeLock, 1), schema: schema}, err
}

// sqliteConnector opens a file with the settings that the product stands on:
// foreign keys, WAL, a busy timeout, transactions that acquire the write lock at
// once (two that upgrade late would fail), UTC times, and FULL synchronisation,
// because an acknowledged command must outlive a power cut, unless volatile.
func sqliteConnector(file string, foreignKeys, volatile bool) (driver.Connector, error) {
	keys := "1"
	if !foreignKeys {
		keys = "0"
	}
	synchronous := "FULL"
	if volatile {
		synchronous = "OFF"
	}
	q := "_fk=" + keys + "&_journal_mode=WAL&_synchronous=" + synchronous + "&_busy_timeout=10000&_txlock=immediate&_time_format=sqlite&_timezone=UTC" +
		"&_pragma=cache_size(-65536)&_pragma=wal_autocheckpoint(20000)"
	connector, err := sqlite.NewConnector("file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q)
	if err != nil {
		return nil, fmt.Errorf("open the SQLite file: %w", err)
	}
	return connector, nil
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
// that another has just taken, a schema that changed) runs again from the start, so
// f must not keep state of a failed run. What still fails then is CONFLICT or
// RETRY_LATER; every driver error comes back as a fault. A write with the context
// that f receives but past its tx, and so a second transaction inside it, is
// INTERNAL at once.
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
	if err := f(withLocks(withinTx(ctx), s.dialect), tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// unavailable is the fault for a database that does not answer.
func unavailable(cause error) error {
	return fault.New(fault.Unavailable, "database.unavailable",
		fault.T("数据库暂时不可用，请稍后重试。", "The database is not available. Try again later.")).Because(cause)
}
