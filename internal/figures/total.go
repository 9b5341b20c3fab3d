package figures

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"

	"github.com/cleargrid/cleargrid/ent"
)

// totalCounts are the counts of a dashboard's total: one entry for each field of
// Figures.
var totalCounts = func() []totalCount {
	out := []totalCount{
		{"schoolsDue", func(f *Figures) *int { return &f.SchoolsDue }},
		{"overdue", func(f *Figures) *int { return &f.Overdue }},
	}
	for _, f := range reportFigures {
		out = append(out, totalCount{f.name, f.at})
	}
	for _, f := range hazardFigures {
		out = append(out, totalCount{f.name, f.at})
	}
	return out
}()

type totalCount struct {
	name string
	at   func(*Figures) *int
}

func totalFamily() family {
	field := func(at func(*Figures) *int) func(Figures) Value {
		return func(f Figures) Value { return count(*at(&f)) }
	}
	members := []member[Figures]{{
		"schoolsDue", Count, func(f Figures) Value { return count(f.SchoolsDue) },
		schoolsWhere(func(AsOf, *sql.Selector, Scope) *sql.Predicate { return always() }),
		rebuiltBySchool(func(_ rollup.Kept, _ rollup.Owner, s *ent.School, sc Scope) int { return one(sc.SchoolWasInUse(s)) }),
	}}
	for _, f := range reportFigures {
		members = append(members, member[Figures]{
			f.name, Count, field(f.at),
			schoolsWhere(func(w AsOf, s *sql.Selector, sc Scope) *sql.Predicate { return w.reported(s, sc.Campaign.ID, f) }),
			rebuiltBySchool(func(k rollup.Kept, o rollup.Owner, s *ent.School, sc Scope) int {
				return one(sc.SchoolWasInUse(s) && f.of(k.Counts[o]) > 0)
			}),
		})
	}
	for _, f := range hazardFigures {
		members = append(members, member[Figures]{
			f.name, Count, field(f.at),
			hazardsWhere(func(_ *sql.Selector, sc Scope, c Column) *sql.Predicate { return f.is(sc, c) }),
			rebuiltBySchool(func(k rollup.Kept, o rollup.Owner, _ *ent.School, _ Scope) int { return f.kept(k.Counts[o]) }),
		})
	}
	members = append(members, member[Figures]{
		"overdue", Count, func(f Figures) Value { return count(f.Overdue) },
		hazardsWhere(func(_ *sql.Selector, sc Scope, c Column) *sql.Predicate { return Overdue(c, sc.todays()) }),
		rebuiltBySchool(func(k rollup.Kept, o rollup.Owner, _ *ent.School, sc Scope) int {
			n := 0
			for d, open := range k.Open {
				if d.Owner == o && rule.Overdue(rule.Reported, d.Of, sc.Today()) {
					n += open
				}
			}
			return n
		}),
	}, member[Figures]{
		"closeHours", Duration, func(f Figures) Value { return duration(f.closing) }, closeHoursOfRows, closeHoursRebuilt,
	})
	return familyOf("total", Reader.total, members...)
}

// total sums the figures of a whole region.
func (rd Reader) total(ctx context.Context, sc Scope) (Figures, error) {
	var out Figures
	byRegion, err := rd.figuresByRegion(ctx, sc)
	for _, f := range byRegion {
		out.add(f)
	}
	return out, err
}

// hazardsWhere counts the hazards in a list: by their rows now, by their states of
// then.
func hazardsWhere(is func(*sql.Selector, Scope, Column) *sql.Predicate) reading {
	return func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
		rows, err := rd.Ent.Hazard.Query().Where(hazard.CampaignID(sc.Campaign.ID), SchoolsBelow(sc.Region.Path), func(s *sql.Selector) {
			column := Column(s.C)
			if sc.Past {
				column = sc.JoinStates(s)
			}
			s.Where(is(s, sc, column))
		}).IDs(ctx)
		return count(len(rows)), err
	}
}

// schoolsWhere counts the schools in a list: those in use for which a condition is
// true.
func schoolsWhere(is func(AsOf, *sql.Selector, Scope) *sql.Predicate) reading {
	return func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
		rows, err := rd.counted(ctx, sc).Where(sc.SchoolsInUse(), predicate.School(func(s *sql.Selector) { s.Where(is(sc.AsOf, s, sc)) })).IDs(authz.AsSystem(ctx))
		return count(len(rows)), err
	}
}

// rebuiltBySchool adds up what follows from each school's rows.
func rebuiltBySchool(of func(rollup.Kept, rollup.Owner, *ent.School, Scope) int) reading {
	return func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
		n := 0
		err := rd.eachRebuilt(ctx, sc, func(k rollup.Kept, o rollup.Owner, s *ent.School) { n += of(k, o, s, sc) })
		return count(n), err
	}
}

// eachRebuilt gives what should be kept of each school of a scope.
func (rd Reader) eachRebuilt(ctx context.Context, sc Scope, f func(rollup.Kept, rollup.Owner, *ent.School)) error {
	schools, err := rd.schools(ctx, sc)
	if err != nil {
		return err
	}
	for _, s := range schools {
		k, err := rd.rebuild(ctx, s.ID)
		if err != nil {
			return fmt.Errorf("rebuild %s: %w", s.PublicID(), err)
		}
		f(k, rollup.Owner{CampaignID: sc.Campaign.ID, SchoolID: s.ID}, s)
	}
	return nil
}

func closeHoursOfRows(ctx context.Context, rd Reader, sc Scope) (Value, error) {
	rows, err := rd.Ent.HazardState.Query().Where(sc.Then(), hazardstate.CloseHoursNotNil(), SchoolsBelow(sc.Region.Path)).All(ctx)
	hours := map[int]int{}
	for _, s := range rows {
		hours[*s.CloseHours]++
	}
	return duration(hours), err
}

func closeHoursRebuilt(ctx context.Context, rd Reader, sc Scope) (Value, error) {
	hours := map[int]int{}
	err := rd.eachRebuilt(ctx, sc, func(k rollup.Kept, o rollup.Owner, _ *ent.School) {
		for h, n := range k.Hours {
			if h.Owner == o {
				hours[h.Of] += n
			}
		}
	})
	return duration(hours), err
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
