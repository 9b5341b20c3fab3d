package scope_test

import (
	"context"
	dbsql "database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/migrate"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// small are the tables that have a few hundred rows in the largest installation:
// they may be read from one end to the other.
var small = []string{
	"backfills", "campaigns", "change_heads", "checklist_items", "checklists", "coded_values", "grading_rule_sets", "grading_rules",
	"holidays", "inspection_teams", "notice_counters", "phases", "visit_plans",
}

// copies is for how many counties like K1 the plans are made.
const copies = 150

// TestPlans: no scope makes the database read a table that grows from one end to the
// other, neither for a row that is asked for by its id nor for a page in the order
// of ids.
func TestPlans(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		name, readWhole := dialect.SQLite, sqliteReadsWhole
		if e.Store.Name() != "SQLite" {
			name, readWhole = dialect.Postgres, postgresReadsWhole
		}
		asked := &recorder{Driver: sql.OpenDB(name, e.Store.DB)}
		client := ent.NewClient(ent.Driver(asked))
		scope.Install(client)
		w.multiply(client, asked)

		tx, err := e.Store.DB.BeginTx(t.Context(), &dbsql.TxOptions{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if name == dialect.Postgres {
			// It would rightly read whole, and join whole, what is only some pages long
			// here. What is asked is whether it must.
			for _, off := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
				if _, err := tx.ExecContext(t.Context(), "SET LOCAL "+off+" = off"); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, k := range kinds(client) {
			for _, s := range sights {
				for what, filter := range map[string]filter{"a row": byID(uuid.New()), "a page": pageOf(k.name)} {
					if _, err := k.ids(w.as(s), filter); err != nil {
						t.Fatalf("%s of %s: %v", what, k.name, err)
					}
					tables, plan, err := readWhole(t.Context(), tx, asked.query, asked.args)
					if err != nil {
						t.Fatalf("%s: %v", asked.query, err)
					}
					tables = slices.DeleteFunc(tables, func(table string) bool { return slices.Contains(small, table) })
					if len(tables) > 0 {
						t.Errorf("the %s asks for %s of %s, and all of %v are read:\n%s\n%s", s.name, what, k.name, tables, asked.query, plan)
					}
				}
			}
		}
	})
}

// parents are the columns of those kinds whose rows are only read with their parent.
var parents = map[string]string{ent.TypeLeadingGroupMember: "group_id", ent.TypeNoticeItem: "notice_id", ent.TypeNoticeEvent: "notice_id"}

func pageOf(kind string) filter {
	return func(s *sql.Selector) {
		s.Where(sql.GT(s.C("id"), uuid.Nil)).OrderBy(s.C("id")).Limit(50)
		if parent := parents[kind]; parent != "" {
			s.Where(sql.EQ(s.C(parent), uuid.New()))
		}
	}
}

// recorder keeps the last statement that asked for rows.
type recorder struct {
	dialect.Driver
	query string
	args  []any
}

func (r *recorder) Query(ctx context.Context, query string, args, v any) error {
	r.query = query
	r.args, _ = args.([]any)
	return r.Driver.Query(ctx, query, args, v)
}

// table is the one that the last statement asked for.
func (r *recorder) table() string {
	_, from, _ := strings.Cut(r.query, " FROM ")
	return strings.Trim(strings.Fields(from)[0], "`\"")
}

var scan = regexp.MustCompile(`^SCAN (\w+)`)

// sqliteReadsWhole returns the tables that a statement reads from one end to the
// other, and the plan.
func sqliteReadsWhole(ctx context.Context, tx *dbsql.Tx, query string, args []any) (tables []string, plan string, err error) {
	rows, err := tx.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			return nil, "", err
		}
		plan += step + "\n"
		if m := scan.FindStringSubmatch(step); m != nil && tableNamed(m[1]) != nil { // others are constants and lists
			tables = append(tables, m[1])
		}
	}
	return tables, plan, rows.Err()
}

func tableNamed(name string) *schema.Table {
	i := slices.IndexFunc(migrate.Tables, func(t *schema.Table) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return migrate.Tables[i]
}

// node is a step of a plan of PostgreSQL.
type node struct {
	Type      string `json:"Node Type"`
	Table     string `json:"Relation Name"`
	Condition string `json:"Index Cond"`
	Plans     []node
}

// readsWhole returns the tables of a step and those below it that are read from one
// end to the other: an index without a condition is one more way to do that.
func (n node) readsWhole() (tables []string) {
	if n.Type == "Seq Scan" || (n.Type == "Index Scan" || n.Type == "Index Only Scan") && n.Condition == "" {
		tables = append(tables, n.Table)
	}
	for _, p := range n.Plans {
		tables = append(tables, p.readsWhole()...)
	}
	return tables
}

// postgresReadsWhole is sqliteReadsWhole for PostgreSQL.
func postgresReadsWhole(ctx context.Context, tx *dbsql.Tx, query string, args []any) (tables []string, plan string, err error) {
	var text []byte
	if err := tx.QueryRowContext(ctx, "EXPLAIN (FORMAT JSON) "+query, args...).Scan(&text); err != nil {
		return nil, "", err
	}
	var tops []struct{ Plan node }
	if err := json.Unmarshal(text, &tops); err != nil {
		return nil, "", err
	}
	return tops[0].Plan.readsWhole(), string(text), nil
}

// multiply copies the rows of the world, each copy into a province of its own,
// whose rows refer to each other. Small tables stay as they are.
func (w *world) multiply(client *ent.Client, asked *recorder) {
	w.t.Helper()
	ctx := w.t.Context()
	c, err := w.store.DB.Conn(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	exec := func(statement string) {
		w.t.Helper()
		if _, err := c.ExecContext(ctx, statement); err != nil {
			w.t.Fatalf("%s: %v", statement, err)
		}
	}
	series, off, on := "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) SELECT i FROM s) c", "PRAGMA foreign_keys = off", "PRAGMA foreign_keys = on"
	if w.store.Name() != "SQLite" {
		series, off, on = "generate_series(1, %d) c(i)", "SET session_replication_role = replica", "RESET session_replication_role"
	}
	exec(off) // the copies come in no order
	for _, k := range kinds(client) {
		if _, err := k.ids(w.as(officerA()), nil); err != nil {
			w.t.Fatal(err)
		}
		table := tableNamed(asked.table())
		if len(w.rows[k.name]) == 0 {
			w.t.Fatalf("the world has no %s", k.name)
		}
		if slices.Contains(small, table.Name) {
			continue
		}
		var columns, values, ids []string
		for _, column := range table.Columns {
			columns, values = append(columns, `"`+column.Name+`"`), append(values, w.copied(table, column))
		}
		for _, id := range w.rows[k.name] {
			ids = append(ids, "'"+id.String()+"'")
		}
		exec(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s x, "+series+" WHERE x.id IN (%s)",
			table.Name, strings.Join(columns, ", "), strings.Join(values, ", "), table.Name, copies, strings.Join(ids, ", ")))
	}
	exec(on)
	exec("ANALYZE")
}

// copied is a column's value in copy c.i of the row x.
func (w *world) copied(table *schema.Table, column *schema.Column) string {
	value := `x."` + column.Name + `"`
	switch unique := isUnique(table, column); {
	case column.Type == field.TypeUUID && !refersToSmall(table, column):
		if w.store.Name() == "SQLite" {
			return "substr(" + value + ", 1, 30) || printf('%06x', c.i)"
		}
		return "(left(" + value + "::text, 30) || lpad(to_hex(c.i), 6, '0'))::uuid"
	case column.Name == "path" || column.Name == "region_path":
		return "replace(" + value + ", '880', '880-' || c.i || '-')"
	case unique && column.Type == field.TypeString:
		return value + " || '-' || c.i"
	case unique && column.Type.Numeric():
		return value + " + 1000 * c.i"
	}
	return value
}

func isUnique(table *schema.Table, column *schema.Column) bool {
	return column.Unique || slices.ContainsFunc(table.Indexes, func(i *schema.Index) bool { return i.Unique && slices.Contains(i.Columns, column) })
}

func refersToSmall(table *schema.Table, column *schema.Column) bool {
	return slices.ContainsFunc(table.ForeignKeys, func(f *schema.ForeignKey) bool {
		return slices.Contains(f.Columns, column) && slices.Contains(small, f.RefTable.Name)
	})
}
