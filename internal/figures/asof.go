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
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
)

// AsOf is the instant that rows are judged by.
type AsOf struct {
	// At is the last microsecond of the millisecond that was asked for: instants are
	// printed to the millisecond and rows keep microseconds, so an instant that was
	// printed includes all that happened before the next one.
	At time.Time
	// Past says that it lies before now.
	Past bool
}

// At is the instant that somebody asks for: now, for nil and for what has not come.
func At(now time.Time, asOf *time.Time) AsOf {
	if asOf == nil || !asOf.Before(now) {
		return AsOf{At: lastOfMillisecond(now)}
	}
	return Instant(*asOf)
}

// Instant is one that lies in the past.
func Instant(at time.Time) AsOf { return AsOf{At: lastOfMillisecond(at), Past: true} }

func lastOfMillisecond(t time.Time) time.Time {
	return clock.Truncate(t).Truncate(time.Millisecond).Add(time.Millisecond - time.Microsecond)
}

// Printed is the instant as it is printed: in whole milliseconds.
func (w AsOf) Printed() time.Time { return w.At.Truncate(time.Millisecond) }

// Until is the instant up to which what has happened counts. Now there is none:
// another server's clock may be a little ahead.
func (w AsOf) Until() time.Time {
	if w.Past {
		return w.At
	}
	return rule.Forever()
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

// bySchool joins the rows of a table to their schools below a scope's region, groups
// them by the township's path and gives the schools.
func bySchool(s *sql.Selector, sc Scope) *sql.SelectTable {
	t := InRegion(s, sc)
	s.Select(t.C(school.FieldRegionPath)).GroupBy(t.C(school.FieldRegionPath))
	return t
}

// InRegion joins the rows of a table to their schools below a scope's region and
// gives these.
func InRegion(s *sql.Selector, sc Scope) *sql.SelectTable {
	t := sql.Table(school.Table)
	s.Join(t).On(s.C(schoolID), t.C(school.FieldID))
	Subtree(s, t.C(school.FieldRegionPath), sc.Region.Path)
	return t
}

// counted are the schools whose figures the viewer may read, below the scope's
// region. Query them as the system: a VIEWER reads figures of schools that are
// themselves out of sight.
func (rd Reader) counted(ctx context.Context, sc Scope) *ent.SchoolQuery {
	return rd.Ent.School.Query().Where(predicate.School(scope.SchoolsCounted(authz.FromContext(ctx))),
		school.RegionPathGTE(sc.Region.Path), school.RegionPathLT(rule.RegionPathEnd(sc.Region.Path)))
}

// SchoolsInUse is true for schools that there were and that were not closed. Those
// alone count among the figures of schools, coverage and groups.
func (w AsOf) SchoolsInUse() predicate.School {
	return func(s *sql.Selector) { s.Where(w.schoolInUse(s.C)) }
}

func (w AsOf) schoolInUse(column func(string) string) *sql.Predicate {
	return w.inUse(column(school.FieldCreatedAt), column(school.FieldClosedAt))
}

// SchoolWasInUse is SchoolsInUse for a row.
func (w AsOf) SchoolWasInUse(s *ent.School) bool {
	return !s.CreatedAt.After(w.Until()) && (s.ClosedAt == nil || s.ClosedAt.After(w.Until()))
}

// inUse is true for what was made by then and not closed.
func (w AsOf) inUse(created, closed string) *sql.Predicate {
	return sql.And(sql.LTE(created, w.Until()), sql.Or(sql.IsNull(closed), sql.GT(closed, w.Until())))
}

// gridInUse is true for grids that there were and that were not closed.
func (w AsOf) gridInUse(t *sql.SelectTable) *sql.Predicate {
	return w.inUse(t.C(grid.FieldCreatedAt), t.C(grid.FieldClosedAt))
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

// Asked is a filter's predicate: p, or its opposite.
func Asked(asked bool, p *sql.Predicate) *sql.Predicate {
	if asked {
		return p
	}
	return sql.Not(p)
}
