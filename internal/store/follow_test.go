package store_test

import (
	"context"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// removeNotes empties the notes and returns them.
func removeNotes(t *testing.T, e *testkit.Env) []store.Note {
	t.Helper()
	var all []store.Note
	for {
		var some []store.Note
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) (err error) {
			some, err = e.Store.TakeNotes(ctx, tx, 1000)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return all
		}
		all = append(all, some...)
	}
}

// quiet stops the job that takes notes too.
func quiet(t *testing.T, e *testkit.Env) {
	t.Helper()
	e.Work()
	if err := e.Queue.Stop(e.System()); err != nil {
		t.Fatal(err)
	}
}

func TestNotesBelongToTheTransaction(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		quiet(t, e)
		removeNotes(t, e)
		undone := context.Canceled
		write := func(ctx context.Context, tx *ent.Tx) error {
			return tx.School.UpdateOneID(e.School.ID).SetName("改名小学").Exec(ctx)
		}
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			if err := write(ctx, tx); err != nil {
				return err
			}
			return undone
		})
		if err == nil {
			t.Fatal("the transaction was to fail")
		}
		if waiting := testkit.Must(e.Store.HasNotes(e.System()))(t); waiting {
			t.Errorf("noted although it was undone: %+v", removeNotes(t, e))
		}
		if err := e.Store.InTx(e.System(), write); err != nil {
			t.Fatal(err)
		}
		lock := func(ctx context.Context, tx *ent.Tx) error {
			return tx.School.Update().AddStudentCount(0).Exec(ctx)
		}
		if err := e.Store.InTx(e.System(), lock); err != nil {
			t.Fatal(err)
		}
		notes := removeNotes(t, e)
		if len(notes) != 1 || notes[0].Noun != "school" || notes[0].Row != e.School.ID || *notes[0].School != e.School.ID || notes[0].Deleted {
			t.Errorf("noted: %+v", notes)
		}
	})
}

// TestLostTriggersAreMadeAgain: a migration that rebuilds a table on SQLite drops its
// triggers; what was written meanwhile is noted with all the rest.
func TestLostTriggersAreMadeAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		quiet(t, e)
		removeNotes(t, e)
		if err := e.Store.Migrate(e.System()); err != nil {
			t.Fatal(err)
		}
		if notes := removeNotes(t, e); len(notes) > 0 {
			t.Errorf("a migration that changes nothing notes %d rows", len(notes))
		}
		lose := "DROP TRIGGER note_schools_update ON schools"
		if e.Store.Name() == "SQLite" {
			lose = "DROP TRIGGER note_schools_update"
		}
		if _, err := e.Store.DB.ExecContext(e.System(), lose); err != nil {
			t.Fatal(err)
		}
		if err := e.Store.Migrate(e.System()); err != nil {
			t.Fatal(err)
		}
		schools := 0
		for _, n := range removeNotes(t, e) {
			if n.Noun == "school" {
				schools++
			}
		}
		if schools != testkit.CountySize {
			t.Errorf("%d of %d schools are noted", schools, testkit.CountySize)
		}
		if err := e.Store.Ent.School.UpdateOneID(e.School.ID).SetName("改名小学").Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if notes := removeNotes(t, e); len(notes) != 1 {
			t.Errorf("noted once more: %+v", notes)
		}
	})
}
