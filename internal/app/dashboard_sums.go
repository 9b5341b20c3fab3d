package app

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/breakdownfigure"
	"github.com/cleargrid/cleargrid/ent/closingfigure"
	"github.com/cleargrid/cleargrid/ent/dayfigure"
	"github.com/cleargrid/cleargrid/ent/deadlinefigure"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/store"
)

// The sums behind a dashboard: one statement each, grouped by the path of the
// township. The figures of now come from what rollup keeps; those of an instant
// of the past from the states and reports of then.

// schoolID is the column of every row that belongs to a school.
const schoolID = "school_id"

// bySchool joins the rows of a table to their schools below a board's region and
// groups them by the township's path.
func bySchool(s *sql.Selector, b board) {
	path := inRegion(s, b)
	s.Select(path).GroupBy(path)
}

// inRegion joins the rows of a table to their schools below a board's region and
// gives the column with the township's path.
func inRegion(s *sql.Selector, b board) string {
	t := sql.Table(school.Table)
	s.Join(t).On(s.C(schoolID), t.C(school.FieldID))
	inSubtree(s, t.C(school.FieldRegionPath), b.region.Path)
	return t.C(school.FieldRegionPath)
}

func put(out map[string]Figures, path string, d Figures) {
	f := out[path]
	f.add(d)
	out[path] = f
}

// counted are the schools whose figures the viewer may read, below the board's
// region. Query them as the system: a VIEWER reads figures of schools that are
// themselves out of sight.
func (a *App) counted(ctx context.Context, b board) *ent.SchoolQuery {
	return a.store.Ent.School.Query().Where(predicate.School(scope.SchoolsCounted(authz.FromContext(ctx))),
		school.RegionPathGTE(b.region.Path), school.RegionPathLT(rule.RegionPathEnd(b.region.Path)))
}

// schoolsOpen is true for schools that were open.
func (w when) schoolsOpen() predicate.School {
	return school.Or(school.ClosedAtIsNil(), school.ClosedAtGT(w.until()))
}

// sumSchools counts the schools that must be inspected: those that were open.
func (a *App) sumSchools(ctx context.Context, b board, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Due        int    `json:"due"`
	}
	err := a.counted(ctx, b).Where(b.schoolsOpen()).
		Modify(func(s *sql.Selector) {
			s.Select(s.C(school.FieldRegionPath), sql.As(sql.Count("*"), "due")).GroupBy(s.C(school.FieldRegionPath))
		}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		put(out, r.RegionPath, Figures{SchoolsDue: r.Due})
	}
	return err
}

func (a *App) sumFigures(ctx context.Context, b board, out map[string]Figures) error {
	var rows []struct {
		RegionPath            string `json:"region_path"`
		Found, Voided, Closed int
		ClosedProven          int `json:"closed_proven"`
		Listed                int
		MajorOpen             int `json:"major_open"`
		SelfClaimed           int `json:"self_claimed"`
		SelfProven            int `json:"self_proven"`
		VisitsClaimed         int `json:"supervision_claimed"`
		VisitsProven          int `json:"supervision_proven"`
	}
	err := a.store.Ent.SchoolFigure.Query().Where(schoolfigure.CampaignID(b.campaign.ID)).Modify(func(s *sql.Selector) {
		bySchool(s, b)
		for _, n := range []string{schoolfigure.FieldFound, schoolfigure.FieldVoided, schoolfigure.FieldClosed,
			schoolfigure.FieldClosedProven, schoolfigure.FieldListed, schoolfigure.FieldMajorOpen} {
			s.AppendSelect(sql.As(sql.Sum(s.C(n)), n))
		}
		for _, n := range []string{schoolfigure.FieldSelfClaimed, schoolfigure.FieldSelfProven,
			schoolfigure.FieldSupervisionClaimed, schoolfigure.FieldSupervisionProven} {
			s.AppendSelect(sql.As("SUM(CASE WHEN "+s.C(n)+" > 0 THEN 1 ELSE 0 END)", n)) // schools, not reports
		}
	}).Scan(ctx, &rows)
	for _, r := range rows {
		put(out, r.RegionPath, Figures{
			SchoolsSelfClaimed: r.SelfClaimed, SchoolsSelfProven: r.SelfProven, SchoolsVisitedClaimed: r.VisitsClaimed,
			SchoolsVisitedProven: r.VisitsProven, Found: r.Found, Voided: r.Voided, Closed: r.Closed, ClosedProven: r.ClosedProven,
			Open: r.Found - r.Voided - r.Closed, Listed: r.Listed, MajorOpen: r.MajorOpen,
		})
	}
	return err
}

func (a *App) sumOverdue(ctx context.Context, b board, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Overdue    int    `json:"overdue"`
	}
	err := a.store.Ent.DeadlineFigure.Query().Where(deadlinefigure.CampaignID(b.campaign.ID), deadlinefigure.DeadlineOnLT(b.today())).
		Modify(func(s *sql.Selector) {
			bySchool(s, b)
			s.AppendSelect(sql.As(sql.Sum(s.C(deadlinefigure.FieldOpen)), "overdue"))
		}).Scan(ctx, &rows)
	for _, r := range rows {
		put(out, r.RegionPath, Figures{Overdue: r.Overdue})
	}
	return err
}

// closingRow is how many hazards took so many hours from report to close.
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

func (a *App) sumClosing(ctx context.Context, b board, out map[string]Figures) error {
	var rows []closingRow
	err := a.store.Ent.ClosingFigure.Query().Where(closingfigure.CampaignID(b.campaign.ID), closingfigure.HazardsGT(0)).
		Modify(func(s *sql.Selector) {
			bySchool(s, b)
			s.GroupBy(s.C(closingfigure.FieldHours)).AppendSelect(s.C(closingfigure.FieldHours), sql.As(sql.Sum(s.C(closingfigure.FieldHazards)), "hazards"))
		}).Scan(ctx, &rows)
	putClosing(out, rows)
	return err
}

// then narrows states to those that held at the board's instant.
func (b board) then() predicate.HazardState {
	return hazardstate.And(hazardstate.CampaignID(b.campaign.ID), hazardstate.ValidFromLTE(b.at), hazardstate.ValidUntilGT(b.at))
}

func (a *App) sumStatesThen(ctx context.Context, b board, out map[string]Figures) error {
	var rows []struct {
		RegionPath            string `json:"region_path"`
		Found, Voided, Closed int
		ClosedProven          int `json:"closed_proven"`
		Listed, Overdue       int
		MajorOpen             int `json:"major_open"`
	}
	err := a.store.Ent.HazardState.Query().Where(b.then()).Modify(func(s *sql.Selector) {
		bySchool(s, b)
		is := func(status rule.HazardStatus) string {
			return fmt.Sprintf("%s = '%s'", s.C(hazardstate.FieldStatus), status)
		}
		open := fmt.Sprintf("%s IN ('%s', '%s', '%s')", s.C(hazardstate.FieldStatus), rule.Reported, rule.Rectifying, rule.Rectified)
		s.AppendSelect(sql.As(sql.Count("*"), "found"))
		for name, condition := range map[string]string{
			"voided": is(rule.Voided), "closed": is(rule.Closed), "listed": s.C(hazardstate.FieldListed),
			"closed_proven": is(rule.Closed) + " AND " + s.C(hazardstate.FieldProven),
			"major_open":    open + fmt.Sprintf(" AND %s = '%s'", s.C(hazardstate.FieldGrade), rule.Major),
		} {
			s.AppendSelect(sql.As("SUM(CASE WHEN "+condition+" THEN 1 ELSE 0 END)", name))
		}
		s.AppendSelectExprAs(sql.ExprFunc(func(q *sql.Builder) {
			q.WriteString("SUM(CASE WHEN " + open + " AND " + s.C(hazardstate.FieldDeadlineOn) + " < ").Arg(string(b.today())).WriteString(" THEN 1 ELSE 0 END)")
		}), "overdue")
	}).Scan(ctx, &rows)
	for _, r := range rows {
		put(out, r.RegionPath, Figures{
			Found: r.Found, Voided: r.Voided, Closed: r.Closed, ClosedProven: r.ClosedProven, Open: r.Found - r.Voided - r.Closed,
			Listed: r.Listed, MajorOpen: r.MajorOpen, Overdue: r.Overdue,
		})
	}
	return err
}

func (a *App) sumClosingThen(ctx context.Context, b board, out map[string]Figures) error {
	var rows []closingRow
	err := a.store.Ent.HazardState.Query().Where(b.then(), hazardstate.CloseHoursNotNil()).Modify(func(s *sql.Selector) {
		bySchool(s, b)
		s.GroupBy(s.C(hazardstate.FieldCloseHours)).AppendSelect(sql.As(s.C(hazardstate.FieldCloseHours), "hours"), sql.As(sql.Count("*"), "hazards"))
	}).Scan(ctx, &rows)
	putClosing(out, rows)
	return err
}

// sumReportsThen counts schools, not reports, by what had been handed in and
// proven by then.
func (a *App) sumReportsThen(ctx context.Context, b board, out map[string]Figures) error {
	var rows []struct {
		RegionPath string          `json:"region_path"`
		Kind       rule.ReportKind `json:"kind"`
		Claimed    int             `json:"claimed"`
		Proven     int             `json:"proven"`
	}
	err := a.counted(ctx, b).Modify(func(s *sql.Selector) {
		t := sql.Table(inspectionreport.Table)
		s.Join(t).On(s.C(school.FieldID), t.C(inspectionreport.FieldSchoolID))
		s.Where(sql.And(sql.EQ(t.C(inspectionreport.FieldCampaignID), b.campaign.ID), sql.LTE(t.C(inspectionreport.FieldSubmittedAt), b.at)))
		s.Select(s.C(school.FieldRegionPath), t.C(inspectionreport.FieldKind), sql.As(sql.Count(sql.Distinct(s.C(school.FieldID))), "claimed"))
		s.AppendSelectExprAs(sql.ExprFunc(func(q *sql.Builder) {
			q.WriteString("COUNT(DISTINCT CASE WHEN " + t.C(inspectionreport.FieldProvenAt) + " <= ").Arg(b.at).WriteString(" THEN " + s.C(school.FieldID) + " END)")
		}), "proven")
		s.GroupBy(s.C(school.FieldRegionPath), t.C(inspectionreport.FieldKind))
	}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		if r.Kind == rule.SelfInspection {
			put(out, r.RegionPath, Figures{SchoolsSelfClaimed: r.Claimed, SchoolsSelfProven: r.Proven})
			continue
		}
		put(out, r.RegionPath, Figures{SchoolsVisitedClaimed: r.Claimed, SchoolsVisitedProven: r.Proven})
	}
	return err
}

// BreakdownBy is what hazards are counted by.
type BreakdownBy string

// What hazards are counted by.
const (
	ByCategory BreakdownBy = "CATEGORY"
	ByGrade    BreakdownBy = "GRADE"
	BySource   BreakdownBy = "SOURCE"
	ByStatus   BreakdownBy = "STATUS"
)

// Breakdown is the count of the hazards of one value.
type Breakdown struct {
	// Key is the value: a code of a category, or an enum's value.
	Key                         string
	Found, Voided, Closed, Open int
}

// ClearRate is closed / (found − voided), and 1 when nothing was found.
func (b Breakdown) ClearRate() float64 { return rate(b.Closed, b.Found-b.Voided) }

// Breakdown counts a dashboard's hazards by one of their properties, at the
// dashboard's instant; values without a hazard are left out. One statement.
func (a *App) Breakdown(ctx context.Context, d *Dashboard, by BreakdownBy) ([]*Breakdown, error) {
	rows, err := a.breakdownRows(ctx, d, by)
	if err != nil {
		return nil, err
	}
	return fold(rows, func(string) bool { return true }), nil
}

// RegionBreakdown are the hazards of one region by one property.
type RegionBreakdown struct {
	Region *ent.Region
	Rows   []*Breakdown
}

// BreakdownByRegion counts the same for each region directly below the
// dashboard's; those without a hazard are left out. One statement.
func (a *App) BreakdownByRegion(ctx context.Context, d *Dashboard, by BreakdownBy) ([]*RegionBreakdown, error) {
	rows, err := a.breakdownRows(ctx, d, by)
	if err != nil {
		return nil, err
	}
	out := []*RegionBreakdown{}
	for _, child := range d.Children {
		counts := fold(rows, func(path string) bool { return strings.HasPrefix(path, child.Region.Path) })
		if len(counts) > 0 {
			out = append(out, &RegionBreakdown{Region: child.Region, Rows: counts})
		}
	}
	return out, nil
}

// breakdownRow is how many hazards of a township have a value and a status.
type breakdownRow struct {
	RegionPath string            `json:"region_path"`
	Key        string            `json:"key"`
	Status     rule.HazardStatus `json:"state"`
	Hazards    int               `json:"hazards"`
}

// breakdownRows reads a dashboard's hazards by township, value and status, by
// value.
func (a *App) breakdownRows(ctx context.Context, d *Dashboard, by BreakdownBy) ([]breakdownRow, error) {
	b := d.board()
	column := map[BreakdownBy]string{
		ByCategory: hazardstate.FieldCategory, ByGrade: hazardstate.FieldGrade, BySource: hazardstate.FieldSource, ByStatus: hazardstate.FieldStatus,
	}[by]
	var rows []breakdownRow
	group := func(count string) func(*sql.Selector) {
		return func(s *sql.Selector) {
			bySchool(s, b)
			s.AppendSelect(sql.As(s.C(column), "key"), sql.As(s.C(hazardstate.FieldStatus), "state"), sql.As(count, "hazards")).
				GroupBy(s.C(column), s.C(hazardstate.FieldStatus)).OrderBy(s.C(column))
		}
	}
	var err error
	if b.past {
		err = a.store.Ent.HazardState.Query().Where(b.then()).Modify(group(sql.Count("*"))).Scan(ctx, &rows)
	} else {
		err = a.store.Ent.BreakdownFigure.Query().Where(breakdownfigure.CampaignID(b.campaign.ID), breakdownfigure.HazardsGT(0)).
			Modify(group(sql.Sum(breakdownfigure.FieldHazards))).Scan(ctx, &rows)
	}
	return rows, store.Fault(err)
}

// fold adds up the rows of the townships that are asked for, by value.
func fold(rows []breakdownRow, of func(path string) bool) []*Breakdown {
	out := []*Breakdown{}
	for _, r := range rows {
		if !of(r.RegionPath) {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Key != r.Key {
			out = append(out, &Breakdown{Key: r.Key})
		}
		row := out[len(out)-1]
		row.Found += r.Hazards
		switch {
		case r.Status == rule.Voided:
			row.Voided += r.Hazards
		case r.Status == rule.Closed:
			row.Closed += r.Hazards
		default:
			row.Open += r.Hazards
		}
	}
	return out
}

// DailyFigures are the figures at the end of one day.
type DailyFigures struct {
	Day                                 clock.Date
	Found, Voided, Closed, Open, Listed int
	ClosedProven                        int `json:"closed_proven"`
	MajorOpen                           int `json:"major_open"`
}

// maxDays is the longest curve.
const maxDays = 400

// Days gives the figures at the end of each day, by the days on which things
// happened: how the open hazards went to zero. Without from and until it is the
// campaign's days up to the dashboard's. One statement.
func (a *App) Days(ctx context.Context, d *Dashboard, from, until *clock.Date) ([]*DailyFigures, error) {
	b := d.board()
	first, last := b.campaign.StartsOn, min(b.campaign.EndsOn, b.today())
	if from != nil {
		first = *from
	}
	if until != nil {
		last = *until
	}
	if last > first.AddDays(maxDays-1) {
		return nil, fault.Bad("until", "too_long", fault.Tf("最多 %d 天。", "At most %d days.", maxDays))
	}
	var rows []*DailyFigures
	err := a.store.Ent.DayFigure.Query().Where(dayfigure.CampaignID(b.campaign.ID), dayfigure.DayLTE(last)).Modify(func(s *sql.Selector) {
		inRegion(s, b)
		s.Select(s.C(dayfigure.FieldDay)).GroupBy(s.C(dayfigure.FieldDay)).OrderBy(s.C(dayfigure.FieldDay))
		for _, n := range []string{dayfigure.FieldFound, dayfigure.FieldVoided, dayfigure.FieldClosed, dayfigure.FieldClosedProven,
			dayfigure.FieldListed, dayfigure.FieldMajorOpen} {
			s.AppendSelect(sql.As(sql.Sum(s.C(n)), n))
		}
	}).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	var sum DailyFigures
	out := []*DailyFigures{}
	for day := first; day <= last; day = day.AddDays(1) {
		for ; len(rows) > 0 && rows[0].Day <= day; rows = rows[1:] {
			sum.add(*rows[0])
		}
		sum.Day = day
		out = append(out, new(sum))
	}
	return out, nil
}

func (f *DailyFigures) add(d DailyFigures) {
	f.Found += d.Found
	f.Voided += d.Voided
	f.Closed += d.Closed
	f.ClosedProven += d.ClosedProven
	f.Listed += d.Listed
	f.MajorOpen += d.MajorOpen
	f.Open = f.Found - f.Voided - f.Closed
}
