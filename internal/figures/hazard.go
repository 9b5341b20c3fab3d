package figures

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/closingfigure"
	"github.com/cleargrid/cleargrid/ent/deadlinefigure"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

func (rd Reader) sumFigures(ctx context.Context, sc Scope, out map[string]Figures) error {
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
	err := rd.Ent.SchoolFigure.Query().Where(schoolfigure.CampaignID(sc.Campaign.ID)).Modify(func(s *sql.Selector) {
		bySchool(s, sc)
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

func (rd Reader) sumOverdue(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Overdue    int    `json:"overdue"`
	}
	err := rd.Ent.DeadlineFigure.Query().Where(deadlinefigure.CampaignID(sc.Campaign.ID), deadlinefigure.DeadlineOnLT(sc.Today())).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
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

// then narrows states to those that held at the board's instant.
func (sc Scope) Then() predicate.HazardState {
	return hazardstate.And(hazardstate.CampaignID(sc.Campaign.ID), hazardstate.ValidFromLTE(sc.At), hazardstate.ValidUntilGT(sc.At))
}

func (rd Reader) sumStatesThen(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath            string `json:"region_path"`
		Found, Voided, Closed int
		ClosedProven          int `json:"closed_proven"`
		Listed, Overdue       int
		MajorOpen             int `json:"major_open"`
	}
	err := rd.Ent.HazardState.Query().Where(sc.Then()).Modify(func(s *sql.Selector) {
		bySchool(s, sc)
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
			q.WriteString("SUM(CASE WHEN " + open + " AND " + s.C(hazardstate.FieldDeadlineOn) + " < ").Arg(string(sc.Today())).WriteString(" THEN 1 ELSE 0 END)")
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

func (rd Reader) sumClosingThen(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []closingRow
	err := rd.Ent.HazardState.Query().Where(sc.Then(), hazardstate.CloseHoursNotNil()).Modify(func(s *sql.Selector) {
		bySchool(s, sc)
		s.GroupBy(s.C(hazardstate.FieldCloseHours)).AppendSelect(sql.As(s.C(hazardstate.FieldCloseHours), "hours"), sql.As(sql.Count("*"), "hazards"))
	}).Scan(ctx, &rows)
	putClosing(out, rows)
	return err
}

// InTheGap is true for hazards that should have been listed by an instant
// (rule.NeedsListing); column names those of their state then.
func InTheGap(s *sql.Selector, column func(string) string, at time.Time) *sql.Predicate {
	listBy := s.C(hazard.FieldListBy)
	return sql.And(sql.EQ(column(hazard.FieldStatus), rule.Reported), sql.EQ(column(hazard.FieldListed), false),
		sql.NotNull(listBy), sql.LTE(listBy, at))
}

// needsListing counts the hazards of a campaign in the gap, by the path of the
// township: one statement, of the schools that the viewer may count.
func (rd Reader) NeedsListing(ctx context.Context, sc Scope) (map[string]int, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Count      int    `json:"count"`
	}
	viewer := authz.FromContext(ctx)
	err := rd.Ent.Hazard.Query().Where(hazard.CampaignID(sc.Campaign.ID)).Modify(func(s *sql.Selector) {
		schools := inSight(s, viewer, sc.Region.Path)
		s.Join(schools).On(s.C(hazard.FieldSchoolID), schools.C(school.FieldID))
		column := s.C
		if sc.Past {
			column = sc.JoinStates(s)
		}
		s.Where(InTheGap(s, column, sc.At))
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
func (w AsOf) JoinStates(s *sql.Selector) func(string) string {
	t := sql.Table(hazardstate.Table)
	s.Join(t).On(s.C(hazard.FieldID), t.C(hazardstate.FieldHazardID))
	s.Where(sql.And(sql.LTE(t.C(hazardstate.FieldValidFrom), w.At), sql.GT(t.C(hazardstate.FieldValidUntil), w.At)))
	return t.C
}

// DiffersSince is true where no state of the same content held at an instant: a
// hazard that changed and changed back makes no difference.
func DiffersSince(s *sql.Selector, since time.Time) *sql.Predicate {
	t := sql.Table(hazardstate.Table).As("earlier")
	same := []*sql.Predicate{
		sql.ColumnsEQ(t.C(hazardstate.FieldHazardID), s.C(hazardstate.FieldHazardID)),
		sql.LTE(t.C(hazardstate.FieldValidFrom), since), sql.GT(t.C(hazardstate.FieldValidUntil), since),
	}
	for _, column := range []string{hazardstate.FieldStatus, hazardstate.FieldGrade, hazardstate.FieldListed, hazardstate.FieldProven, hazardstate.FieldDeadlineOn} {
		same = append(same, sql.ColumnsEQ(t.C(column), s.C(column)))
	}
	return sql.NotExists(sql.Dialect(s.Dialect()).Select(t.C(hazardstate.FieldID)).From(t).Where(sql.And(same...)))
}
