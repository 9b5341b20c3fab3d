package figures

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/closingfigure"
	"github.com/cleargrid/cleargrid/ent/deadlinefigure"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Column names a column of hazards, or of their states at an instant: both tables
// have the same names for what changes in a hazard's life.
type Column func(name string) string

// Open is true for hazards that still need work.
func Open(c Column) *sql.Predicate {
	return sql.In(c(hazard.FieldStatus), anys(rule.OpenHazardStatuses())...)
}

// UnderOversight is true for hazards under oversight.
func UnderOversight(c Column) *sql.Predicate { return sql.EQ(c(hazard.FieldUnderOversight), true) }

// Proven is true for hazards with every step proven.
func Proven(c Column) *sql.Predicate { return sql.EQ(c(hazard.FieldProven), true) }

// HasGrade is true for hazards of a grade.
func HasGrade(c Column, g rule.HazardGrade) *sql.Predicate { return sql.EQ(c(hazard.FieldGrade), g) }

// HasStatus is true for hazards with one of some statuses.
func HasStatus(c Column, statuses ...rule.HazardStatus) *sql.Predicate {
	return sql.In(c(hazard.FieldStatus), anys(statuses)...)
}

// Today is a date, and the campaigns in whose zone it is that date.
type Today struct {
	Day       clock.Date
	Campaigns []any // uuid.UUID
}

// Overdue is true for open hazards past their deadline, each by the date in its
// campaign's zone.
func Overdue(c Column, today []Today) *sql.Predicate { return sql.And(Open(c), late(c, today)) }

func late(c Column, today []Today) *sql.Predicate {
	out := sql.False()
	for _, t := range today {
		out = sql.Or(out, sql.And(sql.In(c(hazard.FieldCampaignID), t.Campaigns...), sql.LT(c(hazard.FieldDeadlineOn), string(t.Day))))
	}
	return out
}

// todays is the scope's date as Overdue takes it.
func (sc Scope) todays() []Today { return []Today{{sc.Today(), []any{sc.Campaign.ID}}} }

// hazardFigure counts hazards: is says which, at every instant; kept takes the
// number of now from what rollup keeps for a school.
type hazardFigure struct {
	name, column string
	is           func(Scope, Column) *sql.Predicate
	kept         func(rollup.Counts) int
	at           func(*Figures) *int
}

// hazardFigures are the counts of hazards that are kept, in the order of their
// columns. Overdue has figures of its own, because it changes with the date alone.
var hazardFigures = []hazardFigure{
	{"found", "found", func(Scope, Column) *sql.Predicate { return always() },
		func(c rollup.Counts) int { return c.Found }, func(f *Figures) *int { return &f.Found }},
	{"voided", "voided", func(_ Scope, c Column) *sql.Predicate { return HasStatus(c, rule.Voided) },
		func(c rollup.Counts) int { return c.Voided }, func(f *Figures) *int { return &f.Voided }},
	{"closed", "closed", func(_ Scope, c Column) *sql.Predicate { return HasStatus(c, rule.Closed) },
		func(c rollup.Counts) int { return c.Closed }, func(f *Figures) *int { return &f.Closed }},
	{"closedProven", "closed_proven", func(_ Scope, c Column) *sql.Predicate { return sql.And(HasStatus(c, rule.Closed), Proven(c)) },
		func(c rollup.Counts) int { return c.ClosedProven }, func(f *Figures) *int { return &f.ClosedProven }},
	{"open", "open", func(_ Scope, c Column) *sql.Predicate { return Open(c) },
		func(c rollup.Counts) int { return c.Found - c.Voided - c.Closed }, func(f *Figures) *int { return &f.Open }},
	{"underOversight", "under_oversight", func(_ Scope, c Column) *sql.Predicate { return UnderOversight(c) },
		func(c rollup.Counts) int { return c.UnderOversight }, func(f *Figures) *int { return &f.UnderOversight }},
	{"majorOpen", "major_open", func(_ Scope, c Column) *sql.Predicate { return sql.And(Open(c), HasGrade(c, rule.Major)) },
		func(c rollup.Counts) int { return c.MajorOpen }, func(f *Figures) *int { return &f.MajorOpen }},
}

func always() *sql.Predicate { return sql.P(func(b *sql.Builder) { b.WriteString("1 = 1") }) }

// keptSum is the sum of what is kept under a figure's column; open hazards have no
// column of their own.
func keptSum(s *sql.Selector, column string) string {
	if column == "open" {
		return sql.Sum(s.C("found") + " - " + s.C("voided") + " - " + s.C("closed"))
	}
	return sql.Sum(s.C(column))
}

// sumKept sums what is kept for schools: hazards of all of them, reports of those
// in use.
func (rd Reader) sumKept(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Figures
	}
	err := rd.Ent.SchoolFigure.Query().Where(schoolfigure.CampaignID(sc.Campaign.ID)).Modify(func(s *sql.Selector) {
		schools := bySchool(s, sc)
		for _, f := range hazardFigures {
			s.AppendSelect(sql.As(keptSum(s, f.column), f.column))
		}
		for _, f := range reportFigures {
			s.AppendSelectExprAs(countIf(sql.And(sql.GT(s.C(f.kept), 0), sc.schoolInUse(schools.C))), f.column)
		}
	}).Scan(ctx, &rows)
	for _, r := range rows {
		put(out, r.RegionPath, r.Figures)
	}
	return err
}

func (rd Reader) sumOverdue(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Figures
	}
	err := rd.Ent.DeadlineFigure.Query().Where(deadlinefigure.CampaignID(sc.Campaign.ID), deadlinefigure.DeadlineOnLT(sc.Today())).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
			s.AppendSelect(sql.As(sql.Sum(s.C(deadlinefigure.FieldOpen)), "overdue"))
		}).Scan(ctx, &rows)
	for _, r := range rows {
		put(out, r.RegionPath, r.Figures)
	}
	return err
}

// closingRow is the number of hazards that took Hours from report to close.
type closingRow struct {
	RegionPath string `json:"region_path"`
	Hours      int    `json:"hours"`
	Hazards    int    `json:"hazards"`
}

func putClosing(out map[string]Figures, rows []closingRow) {
	for _, r := range rows {
		put(out, r.RegionPath, Figures{closing: map[int]int{r.Hours: r.Hazards}})
	}
}

func (rd Reader) sumClosing(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []closingRow
	err := rd.Ent.ClosingFigure.Query().Where(closingfigure.CampaignID(sc.Campaign.ID), closingfigure.HazardsGT(0)).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
			s.GroupBy(s.C(closingfigure.FieldHours)).AppendSelect(s.C(closingfigure.FieldHours), sql.As(sql.Sum(s.C(closingfigure.FieldHazards)), "hazards"))
		}).Scan(ctx, &rows)
	putClosing(out, rows)
	return err
}

// Then narrows states to those that held at the scope's instant.
func (sc Scope) Then() predicate.HazardState {
	return hazardstate.And(hazardstate.CampaignID(sc.Campaign.ID), hazardstate.ValidFromLTE(sc.At), hazardstate.ValidUntilGT(sc.At))
}

func (rd Reader) sumStatesThen(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Figures
	}
	err := rd.Ent.HazardState.Query().Where(sc.Then()).Modify(func(s *sql.Selector) {
		bySchool(s, sc)
		for _, f := range hazardFigures {
			s.AppendSelectExprAs(countIf(f.is(sc, s.C)), f.column)
		}
		s.AppendSelectExprAs(countIf(Overdue(s.C, sc.todays())), "overdue")
	}).Scan(ctx, &rows)
	for _, r := range rows {
		put(out, r.RegionPath, r.Figures)
	}
	return err
}

func (rd Reader) sumClosingThen(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []closingRow
	err := rd.Ent.HazardState.Query().Where(sc.Then(), hazardstate.CloseHoursNotNil()).Modify(func(s *sql.Selector) {
		bySchool(s, sc)
		s.GroupBy(s.C(hazardstate.FieldCloseHours)).AppendSelect(sql.As(s.C(hazardstate.FieldCloseHours), "hours"), sql.As(sql.Count("*"), "hazards"))
	}).Scan(ctx, &rows)
	putClosing(out, rows)
	return err
}

// NeedsOversightAt is true for hazards that should have been placed under oversight by an instant
// (rule.NeedsOversight); column names those of their state then.
func NeedsOversightAt(s *sql.Selector, column Column, at time.Time) *sql.Predicate {
	oversightDueBy := s.C(hazard.FieldOversightDueBy)
	return sql.And(sql.EQ(column(hazard.FieldStatus), rule.Reported), sql.EQ(column(hazard.FieldUnderOversight), false),
		sql.NotNull(oversightDueBy), sql.LTE(oversightDueBy, at))
}

// NeedsOversight counts the hazards of a campaign in the gap, by the path of the
// township: one statement, of the schools that the viewer may count.
func (rd Reader) NeedsOversight(ctx context.Context, sc Scope) (map[string]int, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Count      int    `json:"count"`
	}
	viewer := authz.FromContext(ctx)
	err := rd.Ent.Hazard.Query().Where(hazard.CampaignID(sc.Campaign.ID)).Modify(func(s *sql.Selector) {
		schools := inSight(s, viewer, sc.Region.Path)
		s.Join(schools).On(s.C(hazard.FieldSchoolID), schools.C(school.FieldID))
		column := Column(s.C)
		if sc.Past {
			column = sc.JoinStates(s)
		}
		s.Where(NeedsOversightAt(s, column, sc.At))
		s.Select(schools.C(school.FieldRegionPath), sql.As(sql.Count("*"), "count")).GroupBy(schools.C(school.FieldRegionPath))
	}).Scan(authz.AsSystem(ctx), &rows)
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.Count
	}
	return out, store.Fault(err)
}

// JoinStates joins hazards to their states at an instant and names the columns of
// these.
func (w AsOf) JoinStates(s *sql.Selector) Column {
	t := sql.Table(hazardstate.Table)
	s.Join(t).On(s.C(hazard.FieldID), t.C(hazardstate.FieldHazardID))
	s.Where(sql.And(sql.LTE(t.C(hazardstate.FieldValidFrom), w.At), sql.GT(t.C(hazardstate.FieldValidUntil), w.At)))
	return t.C
}

// ChangedSince is true for the states of a scope's instant that make a difference to
// an earlier one: those of another content, and those that time alone made overdue.
func (sc Scope) ChangedSince(since AsOf) predicate.HazardState {
	return func(s *sql.Selector) {
		InRegion(s, sc)
		s.Where(sql.Or(
			sql.And(sql.GT(s.C(hazardstate.FieldValidFrom), since.At), differsSince(s, since)),
			sql.And(Open(s.C), sql.GTE(s.C(hazardstate.FieldDeadlineOn), string(sc.policy().Today(since.At))),
				sql.LT(s.C(hazardstate.FieldDeadlineOn), string(sc.Today()))),
		))
	}
}

// BecameOverdue reports whether a hazard was overdue at the scope's instant and not
// at an earlier one; before is nil for one that had not been found.
func (sc Scope) BecameOverdue(since AsOf, before, after *ent.HazardState) bool {
	return rule.Overdue(after.Status, after.DeadlineOn, sc.Today()) &&
		(before == nil || !rule.Overdue(before.Status, before.DeadlineOn, sc.policy().Today(since.At)))
}

// StatesAt gives what was true of these hazards at an instant, as known now; a
// hazard that had not been found yet is left out.
func (rd Reader) StatesAt(ctx context.Context, hazards []uuid.UUID, at AsOf) (map[uuid.UUID]*ent.HazardState, error) {
	rows, err := rd.Ent.HazardState.Query().
		Where(hazardstate.HazardIDIn(hazards...), hazardstate.ValidFromLTE(at.At), hazardstate.ValidUntilGT(at.At)).All(ctx)
	out := make(map[uuid.UUID]*ent.HazardState, len(rows))
	for _, s := range rows {
		out[s.HazardID] = s
	}
	return out, store.Fault(err)
}

// differsSince is true where no state of the same content held at an instant: a
// hazard that changed and changed back makes no difference.
func differsSince(s *sql.Selector, since AsOf) *sql.Predicate {
	t := sql.Table(hazardstate.Table).As("earlier")
	same := []*sql.Predicate{
		sql.ColumnsEQ(t.C(hazardstate.FieldHazardID), s.C(hazardstate.FieldHazardID)),
		sql.LTE(t.C(hazardstate.FieldValidFrom), since.At), sql.GT(t.C(hazardstate.FieldValidUntil), since.At),
	}
	for _, column := range []string{hazardstate.FieldStatus, hazardstate.FieldGrade, hazardstate.FieldUnderOversight, hazardstate.FieldProven, hazardstate.FieldDeadlineOn} {
		same = append(same, sql.ColumnsEQ(t.C(column), s.C(column)))
	}
	return sql.NotExists(sql.Dialect(s.Dialect()).Select(t.C(hazardstate.FieldID)).From(t).Where(sql.And(same...)))
}

func gapFamily() family {
	return familyOf("plan", Reader.NeedsOversight, member[map[string]int]{
		"needsOversight", Count, func(m map[string]int) Value { return count(total(m)) },
		hazardsWhere(func(s *sql.Selector, sc Scope, c Column) *sql.Predicate { return NeedsOversightAt(s, c, sc.At) }),
		func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
			schools, err := rd.schoolIDs(ctx, sc)
			if err != nil {
				return Value{}, err
			}
			rows, err := rd.Ent.Hazard.Query().Where(hazard.CampaignID(sc.Campaign.ID), hazard.SchoolIDIn(schools...)).All(ctx)
			n := 0
			for _, h := range rows {
				n += one(rule.NeedsOversight(h.Status, h.UnderOversight, h.OversightDueBy, sc.At))
			}
			return count(n), err
		},
	})
}
