package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestNoDrift compares the migrated database with ent's schema: nothing may be
// left to change.
func TestNoDrift(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var left bytes.Buffer
		if err := e.Store.Ent.Schema.WriteTo(t.Context(), &left); err != nil {
			t.Fatal(err)
		}
		if s := withoutTransaction(left.String()); s != "" {
			t.Errorf("missing in the migrations:\n%s", s)
		}
		all, err := e.Store.MigrationStatus(t.Context())
		if err != nil || len(all) == 0 {
			t.Fatalf("no migrations: %v", err)
		}
		for _, m := range all {
			if !m.Applied {
				t.Errorf("%s is not applied", m.Name)
			}
		}
		if err := e.Store.Migrate(t.Context()); err != nil {
			t.Errorf("a second run: %v", err)
		}
	})
}

func withoutTransaction(s string) string {
	for _, line := range []string{"BEGIN;", "COMMIT;", "PRAGMA foreign_keys = off;", "PRAGMA foreign_keys = on;"} {
		s = string(bytes.ReplaceAll([]byte(s), []byte(line), nil))
	}
	return string(bytes.TrimSpace([]byte(s)))
}

func newRegion(ctx context.Context, tx *ent.Tx, code string) error {
	return tx.Region.Create().SetCode(code).SetName(code).SetLevel(rule.County).SetPath(rule.RegionPath("", code)).Exec(ctx)
}

func TestInTxRollsBackAndRetries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.System()
		stop := errors.New("stop")
		err := e.Store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
			if err := newRegion(ctx, tx, "990001"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatalf("got %v", err)
		}
		runs := 0
		err = e.Store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
			runs++
			return newRegion(ctx, tx, "990001") // free again, so the rollback was real
		})
		if err != nil || runs != 1 {
			t.Fatalf("after the rollback: %v, %d runs", err, runs)
		}
		runs = 0
		err = e.Store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
			runs++
			return newRegion(ctx, tx, "990001")
		})
		if !fault.Is(err, fault.Conflict) || runs < 2 {
			t.Errorf("a taken key: %v after %d runs, want CONFLICT after several", err, runs)
		}
	})
}

func TestFaultHidesTheDriver(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		_, err := e.Store.DB.ExecContext(t.Context(), "SELECT secret_column FROM nowhere")
		f := fault.Of(store.Fault(err))
		if f.Kind != fault.Internal || bytes.Contains([]byte(f.Text.EN+f.Text.ZH), []byte("secret_column")) {
			t.Errorf("got %+v", f)
		}
		if f.Cause == nil {
			t.Error("the cause is lost for the log")
		}
	})
}

func TestUnreachable(t *testing.T) {
	_, err := store.Open(t.Context(), store.Config{URL: "postgres://nobody@127.0.0.1:1/none?sslmode=disable"})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}

func TestCount(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := store.WithCount(authz.AsSystem(t.Context()))
		if _, err := e.Store.Ent.Region.Query().Count(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Store.Ent.School.Query().WithRegion().All(ctx); err != nil {
			t.Fatal(err)
		}
		if n := store.Count(ctx); n != 3 {
			t.Errorf("counted %d statements, want 3", n)
		}
	})
}
