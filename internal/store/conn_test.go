package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// watched is a pool of one connection on the database of an Env, and what it asks
// of the driver.
func watched(t *testing.T, e *testkit.Env) (*sql.DB, *store.Watch) {
	t.Helper()
	w := &store.Watch{}
	db, err := w.Pool(e.Store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, w
}

// number asks for a number by a statement with parameters.
func number(t *testing.T, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, query string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func exec(t *testing.T, db interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

const plus = "SELECT CAST($1 AS integer) + 1"

func TestStatementsAreParsedOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		db, w := watched(t, e)
		for i := range 5 {
			if n := number(t, db, plus, i); n != i+1 {
				t.Errorf("%d + 1 is %d", i, n)
			}
		}
		if n := w.Prepared.Load(); n != 1 {
			t.Errorf("prepared %d times, want once", n)
		}
		exec(t, db, "CREATE TABLE numbers (n integer)") // has no parameters
		for i := range 5 {
			exec(t, db, "INSERT INTO numbers (n) VALUES ($1)", i)
		}
		if n := w.Prepared.Load(); n != 2 {
			t.Errorf("prepared %d statements, want 2", n)
		}
		var many []string
		var args []any
		for i := range store.KeptParameters + 1 {
			many, args = append(many, fmt.Sprintf("$%d", i+1)), append(args, i)
		}
		if n := number(t, db, "SELECT count(*) FROM numbers WHERE n IN ("+strings.Join(many, ", ")+")", args...); n != 5 || w.Prepared.Load() != 2 {
			t.Errorf("%d found, %d statements prepared; a long list is not worth it", n, w.Prepared.Load())
		}
	})
}

// TestCustomPlan: PostgreSQL plans such a statement with its values, so it is not
// kept; SQLite's plan does not depend on them.
func TestCustomPlan(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		db, w := watched(t, e)
		var n int
		if err := db.QueryRowContext(store.CustomPlan(t.Context()), plus, 1).Scan(&n); err != nil || n != 2 {
			t.Fatalf("1 + 1 is %d, %v", n, err)
		}
		want := int64(0)
		if e.Store.Name() == "SQLite" {
			want = 1
		}
		if got := w.Prepared.Load(); got != want {
			t.Errorf("%d statements prepared, want %d", got, want)
		}
	})
}

func TestStatementsAreBounded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		db, w := watched(t, e)
		for round := range 2 {
			for i := range store.KeptStatements + 20 {
				if n := number(t, db, fmt.Sprintf("SELECT CAST($1 AS integer) + %d", i), round); n != round+i {
					t.Fatalf("%d + %d is %d", round, i, n)
				}
			}
		}
		if n := w.Open.Load(); n != store.KeptStatements {
			t.Errorf("%d statements are kept, want %d", n, store.KeptStatements)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if n := w.Open.Load(); n != 0 && e.Store.Name() == "SQLite" { // PostgreSQL's go with the session
			t.Errorf("%d statements outlive their connection", n)
		}
	})
}

// TestRowsOfAStatementStayOpen while the same statement runs again, and while
// KeptStatements others run, so that it is no longer kept. lib/pq reads the rows of one statement
// at a time.
func TestRowsOfAStatementStayOpen(t *testing.T) {
	testkit.OnSQLite(t, func(t *testing.T, e *testkit.Env) {
		db, w := watched(t, e)
		tx, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		const upTo = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) SELECT n FROM c"
		rows, err := tx.QueryContext(t.Context(), upTo, 5)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var got []int
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			got = append(got, n, number(t, tx, "SELECT max(n) FROM ("+upTo+")", n), number(t, tx, upTo, n))
			for i := range store.KeptStatements {
				number(t, tx, fmt.Sprintf("SELECT CAST($1 AS integer) + %d", i), 0)
			}
		}
		if err := rows.Err(); err != nil || fmt.Sprint(got) != "[1 1 1 2 2 1 3 3 1 4 4 1 5 5 1]" {
			t.Errorf("read %v, %v", got, err)
		}
		if n := w.Open.Load(); n != store.KeptStatements {
			t.Errorf("%d statements are open, want %d", n, store.KeptStatements)
		}
	})
}

func TestOneStatementManyConnections(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := range 50 {
					var n int
					if err := e.Store.DB.QueryRowContext(t.Context(), plus, 100*i+j).Scan(&n); err != nil || n != 100*i+j+1 {
						t.Errorf("%d + 1 is %d, %v", 100*i+j, n, err)
					}
				}
			})
		}
		all.Wait()
	})
}

// TestSchemaChange: a statement is kept while another connection adds a column to
// the rows that it returns.
func TestSchemaChange(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		const query = "SELECT * FROM things WHERE id = $1"
		exec(t, e.Store.DB, "CREATE TABLE things (id integer)")
		exec(t, e.Store.DB, "INSERT INTO things (id) VALUES ($1)", 7)
		columns := func(db interface {
			QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		}) (names []string, err error) {
			rows, err := db.QueryContext(t.Context(), query, 7)
			if err != nil {
				return nil, err
			}
			defer func() { _ = rows.Close() }()
			names, err = rows.Columns()
			for rows.Next() {
			}
			return names, errors.Join(err, rows.Err())
		}
		db, _ := watched(t, e)
		for _, want := range []int{1, 2} {
			if want > 1 {
				exec(t, e.Store.DB, "ALTER TABLE things ADD COLUMN name text")
			}
			for range 2 {
				if names, err := columns(db); err != nil || len(names) != want {
					t.Errorf("the columns are %v, %v; want %d", names, err, want)
				}
			}
		}

		// In a transaction PostgreSQL must begin it again.
		runs := 0
		in := func(want int) {
			t.Helper()
			runs = 0
			err := e.Store.InTx(e.System(), func(_ context.Context, tx *ent.Tx) error {
				runs++
				names, err := columns(tx.SQL())
				if err == nil && len(names) != want {
					t.Errorf("in a transaction the columns are %v, want %d", names, want)
				}
				return err
			})
			if err != nil {
				t.Errorf("in a transaction: %v", err)
			}
		}
		in(2)
		exec(t, db, "ALTER TABLE things ADD COLUMN other text")
		in(3)
		if runs > 2 {
			t.Errorf("the transaction ran %d times", runs)
		}
	})
}

// TestCancelled: the pool serves the next statement after one that was cut off.
func TestCancelled(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		db, _ := watched(t, e)
		long := "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $1) SELECT n FROM c"
		const endless = 1_000_000_000
		if n := number(t, db, long, 3); n != 1 {
			t.Fatalf("began with %d", n)
		}

		// Between rows.
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if e.Store.Name() == "SQLite" { // PostgreSQL makes all rows of it before the first
			rows, err := db.QueryContext(ctx, long, endless)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			if !rows.Next() {
				t.Fatal(rows.Err())
			}
			cancel()
			for rows.Next() {
			}
			if err := rows.Err(); !errors.Is(err, context.Canceled) {
				t.Errorf("the rows end with %v", err)
			}
		}

		// Before the first, and in a transaction.
		sum := strings.Replace(long, "SELECT n FROM c", "SELECT sum(n) FROM c", 1)
		for _, begin := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			var on interface {
				QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
			} = db
			if begin {
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				on = tx
			}
			var n int
			if err := on.QueryRowContext(ctx, sum, endless).Scan(&n); err == nil {
				t.Errorf("an endless statement gives %d", n)
			}
			if tx, ok := on.(*sql.Tx); ok {
				_ = tx.Rollback()
			}
			cancel()
			if n := number(t, db, sum, 3); n != 6 {
				t.Errorf("1 + 2 + 3 is %d", n)
			}
		}
	})
}

func TestStatementsAcrossRollback(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		db, w := watched(t, e)
		exec(t, db, "CREATE TABLE numbers (n integer PRIMARY KEY)")
		const insert, count = "INSERT INTO numbers (n) VALUES ($1)", "SELECT count(*) FROM numbers WHERE n = $1"
		for range 2 {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, tx, insert, 1)
			if n := number(t, tx, count, 1); n != 1 {
				t.Errorf("%d rows in the transaction", n)
			}
			if _, err := tx.ExecContext(t.Context(), insert, 1); err == nil {
				t.Error("the key was taken twice")
			}
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			if n := number(t, db, count, 1); n != 0 {
				t.Errorf("%d rows after the rollback", n)
			}
		}
		exec(t, db, insert, 1)
		if n := w.Prepared.Load(); n != 2 {
			t.Errorf("prepared %d statements, want 2", n)
		}
	})
}

// TestWriteBesideTheTransaction fails at once, whichever way it takes: on SQLite it
// would wait for the transaction that waits for it.
func TestWriteBesideTheTransaction(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		const update = "UPDATE schools SET name = $1 WHERE id = $2"
		for name, write := range map[string]func(ctx context.Context) error{
			"ent": func(ctx context.Context) error {
				return e.Store.Ent.School.UpdateOneID(e.School.ID).SetName("x").Exec(ctx)
			},
			"create": func(ctx context.Context) error {
				return e.Store.Ent.Region.Create().SetCode("990001").SetName("x").SetLevel(rule.County).SetPath(rule.RegionPath("", "990001")).Exec(ctx)
			},
			"a second transaction": func(ctx context.Context) error {
				return e.Store.InTx(ctx, func(context.Context, *ent.Tx) error { return nil })
			},
			"statement": func(ctx context.Context) error {
				_, err := e.Store.DB.ExecContext(ctx, update, "x", e.School.ID)
				return store.Fault(err)
			},
			"statement with rows": func(ctx context.Context) error {
				var id string
				return store.Fault(e.Store.DB.QueryRowContext(ctx, update+" RETURNING id", "x", e.School.ID).Scan(&id))
			},
			"transaction of the pool": func(ctx context.Context) error {
				tx, err := e.Store.DB.BeginTx(ctx, nil)
				if err == nil {
					_ = tx.Rollback()
				}
				return store.Fault(err)
			},
		} {
			err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
				if err := tx.School.UpdateOneID(e.School.ID).SetName("y").Exec(ctx); err != nil {
					t.Errorf("in the transaction: %v", err)
				}
				if err := store.Fault(write(ctx)); !fault.Is(err, fault.Internal) {
					t.Errorf("%s: %v, want INTERNAL", name, err)
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s: the transaction itself: %v", name, err)
			}
			if err := write(e.System()); err != nil { // and not beside it
				t.Errorf("%s, outside of a transaction: %v", name, err)
			}
		}
	})
}

// TestEveryWriterWaitsForTheWriteLock: what is written to SQLite past ent, as the job
// queue does, waits for the lock and does not fail. The connection here has no busy
// timeout, so that SQLite itself would fail it at once.
func TestEveryWriterWaitsForTheWriteLock(t *testing.T) {
	testkit.OnSQLite(t, func(t *testing.T, e *testkit.Env) {
		c, err := e.Store.DB.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		exec(t, c, "PRAGMA busy_timeout = 0")
		const insert = "INSERT INTO change_notes (noun, row_id, deleted) VALUES ($1, '00000000-0000-0000-0000-000000000000', false)"
		writers := map[string]func(context.Context) error{
			"statement": func(ctx context.Context) error {
				_, err := c.ExecContext(ctx, insert, "x")
				return err
			},
			"statement with rows": func(ctx context.Context) error {
				var id int
				return c.QueryRowContext(ctx, insert+" RETURNING id", "x").Scan(&id)
			},
			"transaction": func(ctx context.Context) error {
				tx, err := c.BeginTx(ctx, nil)
				if err == nil {
					_ = tx.Rollback()
				}
				return err
			},
		}
		err = e.Store.InTx(e.System(), func(context.Context, *ent.Tx) error {
			for name, write := range writers {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
				if err := write(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s beside a transaction: %v, want to wait", name, err)
				}
				cancel()
			}
			number(t, c, "SELECT count(*) FROM schools WHERE id <> $1", "") // readers wait for nothing
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, write := range writers {
			if err := write(t.Context()); err != nil {
				t.Errorf("%s after it: %v", name, err)
			}
		}
	})
}
