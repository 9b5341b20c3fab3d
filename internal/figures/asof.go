package figures

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
)

// AsOf is the instant that rows are judged by.
type AsOf struct {
	At time.Time
	// Past says that it lies before now.
	Past bool
}

// Until is the instant up to which what has happened counts. Now there is none:
// another server's clock may be a little ahead.
func (w AsOf) Until() time.Time {
	if w.Past {
		return w.At
	}
	return rollup.Forever()
}

// Holds reports whether what is so since an instant was so by then; the zero
// instant is never.
func (w AsOf) Holds(since time.Time) bool { return !since.IsZero() && !since.After(w.Until()) }

// Scope is the place and the instant that figures are asked for.
type Scope struct {
	AsOf
	Campaign *ent.Campaign
	Region   *ent.Region
}

// Today is the date of the scope's instant in the campaign's zone.
func (sc Scope) Today() clock.Date { return sc.policy().Today(sc.At) }

// Subtree keeps a query to the regions at or below a path.
func Subtree(s *sql.Selector, column, path string) {
	s.Where(sql.And(sql.GTE(column, path), sql.LT(column, rule.RegionPathEnd(path))))
}

// schoolID is the column of every row that belongs to a school.
const schoolID = "school_id"

// bySchool joins the rows of a table to their schools below a scope's region and
// groups them by the township's path.
func bySchool(s *sql.Selector, sc Scope) {
	path := InRegion(s, sc)
	s.Select(path).GroupBy(path)
}

// InRegion joins the rows of a table to their schools below a scope's region and
// gives the column with the township's path.
func InRegion(s *sql.Selector, sc Scope) string {
	t := sql.Table(school.Table)
	s.Join(t).On(s.C(schoolID), t.C(school.FieldID))
	Subtree(s, t.C(school.FieldRegionPath), sc.Region.Path)
	return t.C(school.FieldRegionPath)
}

// counted are the schools whose figures the viewer may read, below the scope's
// region. Query them as the system: a VIEWER reads figures of schools that are
// themselves out of sight.
func (rd Reader) counted(ctx context.Context, sc Scope) *ent.SchoolQuery {
	return rd.Ent.School.Query().Where(predicate.School(scope.SchoolsCounted(authz.FromContext(ctx))),
		school.RegionPathGTE(sc.Region.Path), school.RegionPathLT(rule.RegionPathEnd(sc.Region.Path)))
}

// SchoolsOpen is true for schools that were open.
func (w AsOf) SchoolsOpen() predicate.School {
	return school.Or(school.ClosedAtIsNil(), school.ClosedAtGT(w.Until()))
}

// gridInUse is true for grids that there were and that were not closed.
func (w AsOf) gridInUse(t *sql.SelectTable) *sql.Predicate {
	return sql.And(sql.LTE(t.C(grid.FieldCreatedAt), w.Until()), sql.Or(sql.IsNull(t.C(grid.FieldClosedAt)), sql.GT(t.C(grid.FieldClosedAt), w.Until())))
}

// countIf counts the rows for which a condition is true.
func countIf(p *sql.Predicate) sql.Querier {
	return sql.ExprFunc(func(b *sql.Builder) { b.WriteString("COUNT(CASE WHEN ").Join(p).WriteString(" THEN 1 END)") })
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

func (sc Scope) policy() rule.Policy { return sc.Campaign.Policy.WithDefaults() }

// SchoolsBelow is true for rows whose school lies in a region or below it.
func SchoolsBelow(path string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		schools := sql.Dialect(s.Dialect()).Select(school.FieldID).From(sql.Table(school.Table))
		Subtree(schools, school.FieldRegionPath, path)
		s.Where(sql.In(s.C(schoolID), schools))
	}
}
