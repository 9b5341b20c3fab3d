package program

import (
	"database/sql"
	"encoding/hex"
	"testing"

	"github.com/google/uuid"
	_ "github.com/lib/pq" // makes the database that the program is given

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// NewDatabase makes an empty database on the server of the tests, and drops it when the test ends.
func NewDatabase(t *testing.T) string {
	t.Helper()
	server, ok, err := testkit.PostgresURL()
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		testkit.Missing(t, "PostgreSQL")
	}
	u := uuid.New()
	name := "cleargrid_e2e_" + hex.EncodeToString(u[:])
	administer := func(statement string) error {
		db, err := sql.Open("postgres", server)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		_, err = db.Exec(statement)
		return err
	}
	if err := administer("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := administer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return testkit.WithDatabase(server, name)
}
