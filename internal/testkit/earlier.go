package testkit

import (
	"compress/gzip"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/store"
)

// EachEarlier runs a test on SQLite and on PostgreSQL with a database that an
// earlier build has made, brought to the schema of today. The folder holds it
// twice: cleargrid.db.gz, and cleargrid.sql.gz as pg_dump writes it.
func EachEarlier(t *testing.T, folder string, f func(t *testing.T, c store.Config)) {
	t.Helper()
	on := func(name string, restore func(testing.TB, string) store.Config) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := restore(t, folder)
			s := Must(store.Open(t.Context(), c))(t)
			need(t, errors.Join(s.Migrate(authz.AsSystem(t.Context())), s.Close()))
			f(t, c)
		})
	}
	on("SQLite", restoreSQLite)
	on("PostgreSQL", restorePostgres)
}

// OpenAt is an Env on a database that is there already, at an instant of its
// clock. It takes the school and the grid of the demo accounts for its own.
func OpenAt(t *testing.T, c store.Config, at time.Time) *Env {
	t.Helper()
	database := "SQLite"
	if c.URL != "" {
		database = "PostgreSQL"
	}
	e := newEnv(t, c, objects[database], remembering())
	e.Clock.Set(at)
	return e
}

func restoreSQLite(t testing.TB, folder string) store.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cleargrid.db")
	need(t, os.WriteFile(file, unzipped(t, filepath.Join(folder, "cleargrid.db.gz")), 0o600))
	return store.Config{File: file, Volatile: true}
}

func restorePostgres(t testing.TB, folder string) store.Config {
	t.Helper()
	server, ok, err := PostgresURL()
	need(t, err)
	if !ok {
		Missing(t, "PostgreSQL")
	}
	name := "cleargrid_" + hex.EncodeToString(uuidBytes())
	need(t, administer(server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"))
	t.Cleanup(func() { _ = administer(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	own := WithDatabase(server, name)
	need(t, administer(own, string(unzipped(t, filepath.Join(folder, "cleargrid.sql.gz")))))
	return store.Config{URL: own}
}

func unzipped(t testing.TB, path string) []byte {
	t.Helper()
	file := Must(os.Open(path))(t)
	defer file.Close()
	z := Must(gzip.NewReader(file))(t)
	return Must(io.ReadAll(z))(t)
}

func administer(server, statement string) error {
	db, err := sql.Open("postgres", server)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}
