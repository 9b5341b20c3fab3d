package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/dialect/sql/schema"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/ent/migrate"
)

func TestEveryForeignKeyStartsAnIndex(t *testing.T) {
	keys := 0
	for _, table := range migrate.Tables {
		keys += len(table.ForeignKeys)
		report(t, foreignKeyBreaches(table))
	}
	if keys == 0 {
		t.Fatal("no table has a foreign key: the law has nothing to look at")
	}
}

// Neither database indexes a foreign key by itself: without an index a deleted
// parent and every list of children scan the whole table.
func foreignKeyBreaches(table *schema.Table) []string {
	var out []string
	for _, key := range table.ForeignKeys {
		if c := key.Columns[0]; !startsIndex(table, c) {
			out = append(out, fmt.Sprintf("foreign key %s.%s starts no index: add one in ent/schema", table.Name, c.Name))
		}
	}
	return out
}

func startsIndex(table *schema.Table, c *schema.Column) bool {
	if c.Unique || len(table.PrimaryKey) > 0 && table.PrimaryKey[0].Name == c.Name {
		return true
	}
	return slices.ContainsFunc(table.Indexes, func(i *schema.Index) bool {
		// A partial index misses rows, unless all that it misses have no key.
		whole := i.Annotation == nil || i.Annotation.Where == "" || i.Annotation.Where == c.Name+" IS NOT NULL"
		return whole && len(i.Columns) > 0 && i.Columns[0].Name == c.Name
	})
}

func TestOrderFieldsStandOnRequiredIndexedColumns(t *testing.T) {
	need(t, "graph/schema")
	need(t, "internal/command")
	enums := orderEnums(sdl(t))
	if len(enums) == 0 {
		t.Fatal("the schema has no *OrderField enum: the law has nothing to look at")
	}
	columns, err := orderColumns(sources(t, "internal/command"), constants(t))
	if err != nil {
		t.Fatal(err)
	}
	report(t, orderBreaches(enums, columns, migrate.Tables))
}

// orderEnums gives the values of every enum that a list can be ordered by.
func orderEnums(doc *gql.SchemaDocument) map[string][]string {
	out := map[string][]string{}
	for _, list := range []gql.DefinitionList{doc.Definitions, doc.Extensions} {
		for _, d := range list {
			if d.Kind != gql.Enum || !strings.HasSuffix(d.Name, "OrderField") {
				continue
			}
			for _, v := range d.EnumValues {
				out[d.Name] = append(out[d.Name], v.Name)
			}
		}
	}
	return out
}

// A keyset cursor over a column that may be empty loses rows, and over one
// without an index reads the whole table for each page.
func orderBreaches(enums map[string][]string, columns map[string]map[string]string, tables []*schema.Table) []string {
	var out []string
	for name, values := range enums {
		for _, v := range values {
			where := name + "." + v
			column, ok := columns[name][v]
			if !ok {
				out = append(out, where+" has no column in command.OrderColumns")
				continue
			}
			table, c := findColumn(tables, column)
			switch {
			case c == nil:
				out = append(out, fmt.Sprintf("%s is ordered by %q, which is no table.column of the schema", where, column))
			case c.Nullable:
				out = append(out, fmt.Sprintf("%s is ordered by %s, which may be empty: paging would lose rows", where, column))
			case !indexed(table, c):
				out = append(out, fmt.Sprintf("%s is ordered by %s, which no index holds", where, column))
			}
		}
	}
	for name, values := range columns {
		for v := range values {
			if !slices.Contains(enums[name], v) {
				out = append(out, fmt.Sprintf("command.OrderColumns has %s.%s, which the schema does not offer", name, v))
			}
		}
	}
	slices.Sort(out)
	return out
}

func findColumn(tables []*schema.Table, path string) (*schema.Table, *schema.Column) {
	tableName, columnName, _ := strings.Cut(path, ".")
	for _, t := range tables {
		for _, c := range t.Columns {
			if t.Name == tableName && c.Name == columnName {
				return t, c
			}
		}
	}
	return nil, nil
}

func indexed(table *schema.Table, c *schema.Column) bool {
	if startsIndex(table, c) {
		return true
	}
	return slices.ContainsFunc(table.Indexes, func(i *schema.Index) bool {
		return slices.ContainsFunc(i.Columns, func(o *schema.Column) bool { return o.Name == c.Name })
	})
}

// orderColumns reads `var OrderColumns = map[string]map[string]string{…}` of
// package command: enum → value → "table.column".
func orderColumns(files []file, known map[string]string) (map[string]map[string]string, error) {
	for _, f := range files {
		if f.test() {
			continue
		}
		for _, d := range f.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				if v := s.(*ast.ValueSpec); v.Names[0].Name == "OrderColumns" && len(v.Values) == 1 {
					return readOrder(f, v.Values[0], known)
				}
			}
		}
	}
	return nil, fmt.Errorf("internal/command has no `var OrderColumns = map[string]map[string]string{…}`")
}

func readOrder(f file, e ast.Expr, known map[string]string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	err := eachPair(f, e, known, func(enum string, inner ast.Expr) error {
		out[enum] = map[string]string{}
		return eachPair(f, inner, known, func(value string, column ast.Expr) error {
			text, ok := constant(column, known)
			if !ok {
				return fmt.Errorf("%s: the column is not a constant", f.at(column.Pos()))
			}
			out[enum][value] = text
			return nil
		})
	})
	return out, err
}

func eachPair(f file, e ast.Expr, known map[string]string, do func(string, ast.Expr) error) error {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return fmt.Errorf("%s: command.OrderColumns is not written as a literal", f.at(e.Pos()))
	}
	for _, el := range lit.Elts {
		pair, ok := el.(*ast.KeyValueExpr)
		if !ok {
			return fmt.Errorf("%s: not a key and a value", f.at(el.Pos()))
		}
		key, ok := constant(pair.Key, known)
		if !ok {
			return fmt.Errorf("%s: the key is not a constant", f.at(pair.Key.Pos()))
		}
		if err := do(key, pair.Value); err != nil {
			return err
		}
	}
	return nil
}

// constant evaluates a text: a literal, a sum, or a constant of generated ent
// such as hazard.FieldReportedAt.
func constant(e ast.Expr, known map[string]string) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok1 := constant(e.X, known)
		right, ok2 := constant(e.Y, known)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	case *ast.SelectorExpr:
		pkg, ok := e.X.(*ast.Ident)
		if !ok {
			return "", false
		}
		text, ok := known[pkg.Name+"."+e.Sel.Name]
		return text, ok
	default:
		return "", false
	}
}

// constants are the literal texts that generated ent names, as "package.Name".
func constants(t *testing.T) map[string]string {
	out := map[string]string{}
	for _, f := range sources(t, "ent") {
		for _, d := range f.tree.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				for i, v := range spec.Values {
					if text, ok := constant(v, nil); ok {
						out[f.tree.Name.Name+"."+spec.Names[i].Name] = text
					}
				}
			}
		}
	}
	return out
}

func TestSchemaChecksBite(t *testing.T) {
	id := &schema.Column{Name: "id"}
	school := &schema.Column{Name: "school_id"}
	team := &schema.Column{Name: "team_id", Nullable: true}
	report := &schema.Column{Name: "report_id", Nullable: true}
	grid := &schema.Column{Name: "grid_id"}
	at := &schema.Column{Name: "reported_at"}
	deadline := &schema.Column{Name: "deadline_on", Nullable: true}
	note := &schema.Column{Name: "note"}
	hazards := &schema.Table{
		Name:       "hazards",
		Columns:    []*schema.Column{id, school, team, report, grid, at, deadline, note},
		PrimaryKey: []*schema.Column{id},
		ForeignKeys: []*schema.ForeignKey{
			{Columns: []*schema.Column{school}},
			{Columns: []*schema.Column{team}},
			{Columns: []*schema.Column{report}},
			{Columns: []*schema.Column{grid}},
		},
		Indexes: []*schema.Index{
			{Columns: []*schema.Column{school, grid, at, deadline}},
			{Columns: []*schema.Column{team}, Annotation: &entsql.IndexAnnotation{Where: "team_id IS NOT NULL"}},
			{Columns: []*schema.Column{report}, Annotation: &entsql.IndexAnnotation{Where: "grid_id IS NULL"}},
		},
	}
	bites(t, foreignKeyBreaches(hazards), "hazards.report_id", "hazards.grid_id")

	app, err := parse("order.go", `package app
var OrderColumns = map[string]map[string]string{
	"HazardOrderField": {
		"REPORTED_AT": hazard.Table + "." + hazard.FieldReportedAt,
		"DEADLINE": "hazards.deadline_on",
		"NOTE": "hazards.note",
		"GONE": "hazards.gone",
		"HIDDEN": "hazards.id",
	},
}
`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := orderColumns([]file{app}, map[string]string{"hazard.Table": "hazards", "hazard.FieldReportedAt": "reported_at"})
	if err != nil {
		t.Fatal(err)
	}
	enums := map[string][]string{"HazardOrderField": {"REPORTED_AT", "DEADLINE", "NOTE", "GONE", "MISSING"}}
	bites(t, orderBreaches(enums, columns, []*schema.Table{hazards}),
		"DEADLINE is ordered by hazards.deadline_on, which may be empty", "GONE is ordered by",
		"MISSING has no column", "NOTE is ordered by hazards.note, which no index holds", "HIDDEN, which the schema does not offer")
}
