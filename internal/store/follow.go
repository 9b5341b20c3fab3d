package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
)

// Rows that are followed are noted by triggers, in the transaction of the change:
// whatever writes them, by whichever statement, nothing is left out. A note has no
// order that a reader may trust, because transactions commit in another one than
// they begin; app decides the order later, see decision 0017.

// followed is a table whose changes are noted.
type followed struct {
	table, noun string
	row         string // column with the id of the row that is noted
	school      string // column with the school's id; NULL for none
}

// tables are those that phones copy, and behind them those that only figures are
// made of.
var tables = []followed{
	{"schools", "school", "id", "id"},
	{"grids", "grid", "id", "school_id"},
	{"grid_assignments", "grid", "grid_id", "school_id"},
	{"campaigns", "campaign", "id", "NULL"},
	{"checklists", "checklist", "id", "NULL"},
	{"hazards", "hazard", "id", "school_id"},
	{"evidences", "evidence", "id", "school_id"},
	{"inspection_reports", "report", "id", "school_id"},
	{"findings", "finding", "id", "school_id"},
	{"notices", "notice", "id", "school_id"},

	{"leading_groups", "leadinggroup", "id", "school_id"},
	{"self_inspection_submissions", "submission", "id", "school_id"},
	{"discrepancies", "discrepancy", "id", "school_id"},
	{"accountability_cases", "case", "id", "school_id"},
}

// NotedMove is the noun of a note that says that a school has moved to another
// region: those who see a region see other rows from then on.
const NotedMove = "move"

// Note says that a row has changed.
type Note struct {
	id      int64
	Noun    string
	Row     uuid.UUID
	School  *uuid.UUID
	Deleted bool
}

// HasNotes reports whether there are notes for TakeNotes.
func (s *Store) HasNotes(ctx context.Context) (bool, error) {
	var one int
	err := s.DB.QueryRowContext(ctx, "SELECT 1 FROM change_notes LIMIT 1").Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, Fault(err)
}

// TakeNotes removes the oldest notes, at most limit, and returns them in the order in
// which they were written, as far as their transactions have committed. Only one
// caller may do so at a time.
func (s *Store) TakeNotes(ctx context.Context, tx *ent.Tx, limit int) (notes []Note, err error) {
	rows, err := tx.SQL().QueryContext(ctx, fmt.Sprintf(`DELETE FROM change_notes WHERE id IN (SELECT id FROM change_notes ORDER BY id LIMIT %d)
		RETURNING id, noun, row_id, school_id, deleted`, limit))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Note
		if err := rows.Scan(&n.id, &n.Noun, &n.Row, &n.School, &n.Deleted); err != nil {
			return nil, err
		}
		notes = append(notes, n)
	}
	slices.SortFunc(notes, func(x, y Note) int { return cmp.Compare(x.id, y.id) })
	return notes, rows.Err()
}

// follow makes the triggers that are missing, after each migration: one that
// rebuilds a table on SQLite drops its triggers. The rows of a table that was not
// followed until now are noted, all of them.
func (s *Store) follow(ctx context.Context) error {
	tx, err := s.DB.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("follow changes: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	run := func(statement string) error {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("follow changes: %w", err)
		}
		return nil
	}
	if !s.sqlite() { // two processes at once would replace the same function
		if err := run("SELECT pg_advisory_xact_lock(20210406)"); err != nil {
			return err
		}
	}
	if err := run(s.notesTable()); err != nil {
		return err
	}
	for _, t := range tables {
		if err := s.followTable(ctx, tx, t); err != nil {
			return fmt.Errorf("follow changes of %s: %w", t.table, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("follow changes: %w", err)
	}
	return nil
}

func (s *Store) notesTable() string {
	key := "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
	if s.sqlite() {
		key = "integer PRIMARY KEY AUTOINCREMENT"
	}
	return "CREATE TABLE IF NOT EXISTS change_notes (id " + key +
		", noun text NOT NULL, row_id uuid NOT NULL, school_id uuid NULL, deleted boolean NOT NULL)"
}

// trigger is one that a table must have.
type trigger struct {
	name string
	make []string // statements; the last one makes the trigger itself
}

// followTable makes the missing triggers of a table. One whose condition for "changed"
// is out of date, because the table has got a column, is replaced.
func (s *Store) followTable(ctx context.Context, tx *sql.Tx, t followed) error {
	wanted, err := s.triggers(ctx, tx, t)
	if err != nil {
		return err
	}
	unknown := false
	for _, w := range wanted {
		query := "SELECT '' FROM pg_trigger WHERE tgname = $1 AND tgrelid = '" + t.table + "'::regclass"
		if s.sqlite() {
			query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = $1"
		}
		var have string
		err := tx.QueryRowContext(ctx, query, w.name).Scan(&have)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			unknown = true
		case err != nil:
			return err
		case !s.sqlite() || have == w.make[len(w.make)-1]:
			continue
		}
		for _, statement := range w.make {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	if !unknown {
		return nil
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO change_notes (noun, row_id, school_id, deleted) SELECT '"+t.noun+"', "+t.row+", "+t.school+", false FROM "+t.table) //nolint:gosec // names of this file
	return err
}

// triggers are those of a table. A write that changes nothing, as use cases lock a
// row, is not noted.
func (s *Store) triggers(ctx context.Context, tx *sql.Tx, t followed) ([]trigger, error) {
	differs, err := s.differs(ctx, tx, t.table)
	if err != nil {
		return nil, err
	}
	note := func(row string) string {
		school := t.school
		if school != "NULL" {
			school = row + "." + school
		}
		gone := "false"
		if row == "OLD" && t.row == "id" { // an assignment that goes leaves its grid
			gone = "true"
		}
		return "INSERT INTO change_notes (noun, row_id, school_id, deleted) VALUES ('" + t.noun + "', " + row + "." + t.row + ", " + school + ", " + gone + ")"
	}
	name := "note_" + t.table
	out := []trigger{
		s.trigger(t.table, name+"_insert", "INSERT", "", note("NEW")),
		s.trigger(t.table, name+"_update", "UPDATE", differs, note("NEW")),
		s.trigger(t.table, name+"_delete", "DELETE", "", note("OLD")),
	}
	if t.table == "schools" {
		out = append(out, s.trigger(t.table, name+"_move", "UPDATE", "OLD.region_path <> NEW.region_path",
			"INSERT INTO change_notes (noun, row_id, school_id, deleted) VALUES ('"+NotedMove+"', NEW.id, NULL, false)"))
	}
	return out, nil
}

// differs is the condition that an update has changed a row of a table.
func (s *Store) differs(ctx context.Context, tx *sql.Tx, table string) (string, error) {
	if !s.sqlite() {
		return "OLD.* IS DISTINCT FROM NEW.*", nil
	}
	var all string // SQLite can't compare rows
	err := tx.QueryRowContext(ctx, "SELECT group_concat('OLD.\"' || name || '\" IS NOT NEW.\"' || name || '\"', ' OR ') FROM pragma_table_info($1)", table).Scan(&all)
	return all, err
}

func (s *Store) trigger(table, name, event, condition, action string) trigger {
	if condition != "" {
		condition = " WHEN (" + condition + ")"
	}
	head := "CREATE TRIGGER " + name + " AFTER " + event + " ON " + table
	if s.sqlite() {
		return trigger{name, []string{"DROP TRIGGER IF EXISTS " + name, head + condition + " BEGIN " + action + "; END"}}
	}
	return trigger{name, []string{
		"CREATE OR REPLACE FUNCTION " + name + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + action + "; RETURN NULL; END $$",
		"DROP TRIGGER IF EXISTS " + name + " ON " + table,
		head + " FOR EACH ROW" + condition + " EXECUTE FUNCTION " + name + "()",
	}}
}
