package figures

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Kind is what a figure is.
type Kind string

// The kinds of figures. Rates, medians and flags are pure functions of these.
const (
	Count    Kind = "COUNT"
	Duration Kind = "DURATION" // in whole hours, each with how often it is met
)

// Value is a figure's value.
type Value struct {
	// N is the number of rows that it counts.
	N int
	// Hours is how many rows lasted how long; nil for a Count.
	Hours map[int]int
}

// Equal reports whether two values are the same.
func (v Value) Equal(x Value) bool { return v.N == x.N && maps.Equal(v.Hours, x.Hours) }

// String is for people.
func (v Value) String() string {
	if v.Hours == nil {
		return fmt.Sprint(v.N)
	}
	return fmt.Sprintf("%d %v", v.N, v.Hours)
}

func count(n int) Value { return Value{N: n} }

func duration(hours map[int]int) Value {
	out := Value{Hours: map[int]int{}}
	for h, n := range hours {
		if n > 0 {
			out.Hours[h] = n
			out.N += n
		}
	}
	return out
}

// Figure is one number of the dashboards: how it is summed, which rows stand behind
// it, and how it is rebuilt from the rows that people's acts wrote.
type Figure struct {
	// Name is unique: the group in the API and the field, as in "total.found".
	Name string
	Kind Kind

	sum, rows, rebuilt reading
}

// reading is one way to a figure's value.
type reading func(context.Context, Reader, Scope) (Value, error)

// Sum is the figure at the scope's instant, as dashboards show it.
func (f Figure) Sum(ctx context.Context, rd Reader, sc Scope) (Value, error) {
	return f.read(ctx, rd, sc, f.sum)
}

// Rows counts the list behind the figure, row by row, by the conditions that the
// lists of the API use.
func (f Figure) Rows(ctx context.Context, rd Reader, sc Scope) (Value, error) {
	return f.read(ctx, rd, sc, f.rows)
}

// Rebuilt is the figure of now derived in code from what people's acts wrote,
// whatever is kept. Ask it as the system.
func (f Figure) Rebuilt(ctx context.Context, rd Reader, sc Scope) (Value, error) {
	return f.read(ctx, rd, sc, f.rebuilt)
}

func (f Figure) read(ctx context.Context, rd Reader, sc Scope, way reading) (Value, error) {
	v, err := way(store.CustomPlan(ctx), rd, sc)
	return v, store.Fault(err)
}

// family is some figures that one reading gives together.
type family struct {
	figures []Figure
	sums    func(context.Context, Reader, Scope) (map[string]Value, error)
}

// member is a figure of a family whose sums are a T.
type member[T any] struct {
	name          string
	kind          Kind
	of            func(T) Value
	rows, rebuilt reading
}

// familyOf makes a family under a group's name.
func familyOf[T any](group string, sum func(Reader, context.Context, Scope) (T, error), members ...member[T]) family {
	out := family{sums: func(ctx context.Context, rd Reader, sc Scope) (map[string]Value, error) {
		t, err := sum(rd, ctx, sc)
		if err != nil {
			return nil, err
		}
		values := map[string]Value{}
		for _, m := range members {
			values[group+"."+m.name] = m.of(t)
		}
		return values, nil
	}}
	for _, m := range members {
		out.figures = append(out.figures, Figure{
			Name: group + "." + m.name, Kind: m.kind, rows: m.rows, rebuilt: m.rebuilt,
			sum: func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				t, err := sum(rd, ctx, sc)
				return m.of(t), err
			},
		})
	}
	return out
}

// families are all figures, in the order of the API.
func families() []family {
	return []family{totalFamily(), coverageFamily(), noticeFamily(), handInFamily(), discrepancyFamily(), caseFamily(), groupFamily(), gapFamily(), townshipFamily(), visitFamily()}
}

// All lists every registered figure, in the order of the API.
func All() []Figure {
	var out []Figure
	for _, f := range families() {
		out = append(out, f.figures...)
	}
	return out
}

// Values gives every registered figure by name, at the scope's instant: the
// statements of a whole dashboard, whatever the size.
func (rd Reader) Values(ctx context.Context, sc Scope) (map[string]Value, error) {
	out := map[string]Value{}
	for _, f := range families() {
		values, err := f.sums(store.CustomPlan(ctx), rd, sc)
		if err != nil {
			return nil, store.Fault(err)
		}
		maps.Copy(out, values)
	}
	return out, nil
}

// schools lists the schools of a scope, closed ones too.
func (rd Reader) schools(ctx context.Context, sc Scope) ([]*ent.School, error) {
	return rd.counted(ctx, sc).All(authz.AsSystem(ctx))
}

// schoolIDs are those of the schools of a scope.
func (rd Reader) schoolIDs(ctx context.Context, sc Scope) ([]uuid.UUID, error) {
	rows, err := rd.schools(ctx, sc)
	out := make([]uuid.UUID, len(rows))
	for i, s := range rows {
		out[i] = s.ID
	}
	slices.SortFunc(out, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	return out, err
}
