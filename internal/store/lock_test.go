package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestLocksInOrder: within a transaction locks are taken in ascending rank, and
// within a rank in ascending id; everything else fails at once.
func TestLocksInOrder(t *testing.T) {
	ids := []uuid.UUID{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())}
	slices.SortFunc(ids, func(x, y uuid.UUID) int { return strings.Compare(x.String(), y.String()) })
	type lock struct {
		rank store.Rank
		ids  []uuid.UUID
	}
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for _, c := range []struct {
			name  string
			locks []lock
			wrong string // what the error of the last lock says; empty for none
		}{
			{"ascending ranks", []lock{{store.Campaigns, ids[:1]}, {store.Files, ids}, {store.Notices, ids[:1]}}, ""},
			{"ascending ids", []lock{{store.Hazards, ids[:1]}, {store.Hazards, ids[1:]}}, ""},
			{"one statement for several", []lock{{store.Hazards, []uuid.UUID{ids[1], ids[0]}}}, ""},
			{"a lower rank that is held", []lock{{store.Reports, ids}, {store.Hazards, ids}, {store.Reports, ids[:1]}}, ""},
			{"a lower rank", []lock{{store.Hazards, ids}, {store.Reports, ids}}, "reports after one of hazards"},
			{"figures after all subjects", []lock{{store.Notices, ids[:1]}, {store.Figures, nil}, {store.Figures, nil}}, ""},
			{"a subject after figures", []lock{{store.Figures, nil}, {store.Notices, ids[:1]}}, "notices after one of figures"},
			{"a lower id", []lock{{store.Hazards, ids[1:]}, {store.Hazards, ids[:1]}}, "hazards " + ids[0].String()},
		} {
			err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
				for i, l := range c.locks {
					if err := store.Lock(ctx, tx, l.rank, l.ids...); err != nil {
						if i < len(c.locks)-1 {
							t.Errorf("%s: lock %d: %v", c.name, i, err)
						}
						return err
					}
				}
				return nil
			})
			checkOrder(t, c.name, err, c.wrong)
		}
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			if err := store.Lock(ctx, tx, store.Hazards, ids...); err != nil {
				return err
			}
			_, err := tx.School.Query().Where(school.ID(e.School.ID), store.Locking(ctx, store.Schools, e.School.ID)).Only(ctx)
			return err
		})
		checkOrder(t, "a query that locks", err, "schools after one of hazards")
		err = store.Lock(e.System(), nil, store.Schools, e.School.ID)
		checkOrder(t, "no transaction", err, "outside of a transaction")
	})
}

func checkOrder(t *testing.T, name string, err error, wrong string) {
	t.Helper()
	switch {
	case wrong == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case wrong != "" && (!fault.Is(err, fault.Internal) || !strings.Contains(fault.Of(err).Error(), wrong)):
		t.Errorf("%s: %v, want an INTERNAL that says %q", name, err, wrong)
	}
}

// TestLockWaits: a row that is locked is not to be had by another transaction until
// the first has committed; what it then reads is what the first has written.
func TestLockWaits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		locked, done := make(chan struct{}), make(chan error, 1)
		seen := make(chan int, 1)
		go func() {
			<-locked
			done <- e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
				s, err := tx.School.Query().Where(school.ID(e.School.ID), store.Locking(ctx, store.Schools, e.School.ID)).Only(ctx)
				if err == nil {
					seen <- s.StudentCount
				}
				return err
			})
		}()
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			if err := store.Lock(ctx, tx, store.Schools, e.School.ID); err != nil {
				return err
			}
			close(locked)
			return tx.School.Update().Where(school.ID(e.School.ID)).SetStudentCount(4711).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if n := <-seen; n != 4711 {
			t.Errorf("the second transaction reads %d, want what the first has written", n)
		}
	})
}

// TestReadingStepsWriteNothing: a step that only reads may lock, but not write.
func TestReadingStepsWriteNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			reading := store.Reading(ctx)
			if err := store.Lock(reading, tx, store.Schools, e.School.ID); err != nil {
				t.Errorf("a lock: %v", err)
			}
			if _, err := tx.School.Get(reading, e.School.ID); err != nil {
				t.Errorf("a query: %v", err)
			}
			writes := map[string]error{
				"an insert": newRegion(reading, tx, "999999"),
				"an update": tx.School.Update().Where(school.ID(e.School.ID)).SetStudentCount(1).Exec(reading),
				"a delete":  tx.TeamArea.DeleteOneID(uuid.New()).Exec(reading),
			}
			for name, err := range writes {
				if !fault.Is(err, fault.Internal) || !strings.Contains(fault.Of(err).Error(), "only reads") {
					t.Errorf("%s: %v, want INTERNAL", name, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
