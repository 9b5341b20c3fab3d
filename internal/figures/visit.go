package figures

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/visitplan"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// VisitIs is true for visits with one of some statuses. A visit is confirmed with
// its plan; one that fell out is so from then on.
func (w AsOf) VisitIs(s *sql.Selector, statuses ...rule.VisitStatus) *sql.Predicate {
	if !w.Past {
		return sql.In(s.C(plannedvisit.FieldStatus), anys(statuses)...)
	}
	fallen := sql.And(sql.NotNull(s.C(plannedvisit.FieldFallenOutAt)), sql.LTE(s.C(plannedvisit.FieldFallenOutAt), w.At))
	t := sql.Table(visitplan.Table).As("its_plan")
	confirmed := sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(visitplan.FieldID)).From(t).Where(sql.And(
		sql.ColumnsEQ(t.C(visitplan.FieldID), s.C(plannedvisit.FieldPlanID)), sql.LTE(t.C(visitplan.FieldConfirmedAt), w.At))))
	out := sql.False()
	for _, status := range statuses {
		switch status {
		case rule.VisitFallenOut:
			out = sql.Or(out, fallen)
		case rule.VisitConfirmed:
			out = sql.Or(out, sql.And(sql.Not(fallen), confirmed))
		default:
			out = sql.Or(out, sql.And(sql.Not(fallen), sql.Not(confirmed)))
		}
	}
	return out
}

// ProvenVisits selects the campaigns and schools of the supervision reports that
// were proven.
func (w AsOf) ProvenVisits(s *sql.Selector) *sql.Selector {
	t := sql.Table(inspectionreport.Table).As("proof")
	return sql.Dialect(s.Dialect()).Select(t.C(inspectionreport.FieldCampaignID), t.C(inspectionreport.FieldSchoolID)).From(t).
		Where(sql.And(sql.EQ(t.C(inspectionreport.FieldKind), rule.Supervision), sql.LTE(t.C(inspectionreport.FieldProvenAt), w.Until())))
}

// TeamLoad is how much a team has to do.
type TeamLoad struct {
	Proposed  int // visits that wait for their confirmation
	Confirmed int
	Done      int // of both: those whose school has a proven supervision report
}

// Planned is all visits that stand.
func (l TeamLoad) Planned() int { return l.Proposed + l.Confirmed }

// LoadsOfTeams counts the visits of teams, all of which are in sight whole.
func (rd Reader) LoadsOfTeams(ctx context.Context, w AsOf, teams []uuid.UUID) (map[uuid.UUID][]*TeamLoad, error) {
	out := make(map[uuid.UUID][]*TeamLoad, len(teams))
	for _, t := range teams {
		out[t] = []*TeamLoad{{}}
	}
	var counts []struct {
		TeamID    uuid.UUID `json:"team_id"`
		Proposed  int       `json:"proposed"`
		Confirmed int       `json:"confirmed"`
		Done      int       `json:"done"`
	}
	err := rd.Ent.PlannedVisit.Query().Where(plannedvisit.TeamIDIn(teams...), plannedvisit.CreatedAtLTE(w.Until())).
		Modify(func(s *sql.Selector) {
			// A school has many reports and perhaps several proven ones: they are made
			// one row each first.
			proven := w.ProvenVisits(s).Distinct().As("proven")
			s.LeftJoin(proven).OnP(sql.And(
				sql.ColumnsEQ(s.C(plannedvisit.FieldCampaignID), proven.C(inspectionreport.FieldCampaignID)),
				sql.ColumnsEQ(s.C(plannedvisit.FieldSchoolID), proven.C(inspectionreport.FieldSchoolID)),
			))
			s.Where(w.VisitIs(s, rule.VisitProposed, rule.VisitConfirmed))
			s.Select(s.C(plannedvisit.FieldTeamID)).GroupBy(s.C(plannedvisit.FieldTeamID)).
				AppendSelectExprAs(countIf(w.VisitIs(s, rule.VisitProposed)), "proposed").
				AppendSelectExprAs(countIf(w.VisitIs(s, rule.VisitConfirmed)), "confirmed").
				AppendSelect(sql.As(sql.Count(proven.C(inspectionreport.FieldSchoolID)), "done"))
		}).Scan(authz.AsSystem(ctx), &counts)
	for _, c := range counts {
		out[c.TeamID] = []*TeamLoad{{Proposed: c.Proposed, Confirmed: c.Confirmed, Done: c.Done}}
	}
	return out, store.Fault(err)
}

// VisitDone is true for visits whose school has a supervision report that was proven.
func (w AsOf) VisitDone(s *sql.Selector) *sql.Predicate {
	proven := w.ProvenVisits(s)
	proven.Where(sql.And(sql.ColumnsEQ(s.C(plannedvisit.FieldCampaignID), proven.C(inspectionreport.FieldCampaignID)),
		sql.ColumnsEQ(s.C(plannedvisit.FieldSchoolID), proven.C(inspectionreport.FieldSchoolID))))
	return sql.Exists(proven)
}

// visitFamily counts the visits of all teams that supervise in a scope's region.
func visitFamily() family {
	of := func(name string, at func(TeamLoad) int, is func(AsOf, *sql.Selector) *sql.Predicate, rebuilt func(v *ent.PlannedVisit, done bool) bool) member[[]TeamFigures] {
		return member[[]TeamFigures]{
			name, Count, func(teams []TeamFigures) Value {
				n := 0
				for _, t := range teams {
					n += at(t.TeamLoad)
				}
				return count(n)
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				rows, err := rd.visitsOfTeams(ctx, sc, plannedvisit.CreatedAtLTE(sc.Until()), func(s *sql.Selector) { s.Where(is(sc.AsOf, s)) })
				return count(len(rows)), err
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				rows, err := rd.visitsOfTeams(ctx, sc)
				if err != nil {
					return Value{}, err
				}
				reports, err := rd.Ent.InspectionReport.Query().Where(inspectionreport.CampaignID(sc.Campaign.ID), inspectionreport.KindEQ(rule.Supervision),
					inspectionreport.ProvenAtNotNil()).All(authz.AsSystem(ctx))
				done := map[uuid.UUID]bool{}
				for _, r := range reports {
					done[r.SchoolID] = true
				}
				n := 0
				for _, v := range rows {
					n += one(rebuilt(v, done[v.SchoolID]))
				}
				return count(n), err
			},
		}
	}
	status := func(s rule.VisitStatus) func(AsOf, *sql.Selector) *sql.Predicate {
		return func(w AsOf, q *sql.Selector) *sql.Predicate { return w.VisitIs(q, s) }
	}
	return familyOf("supervision", Reader.teamFigures,
		of("visitsProposed", func(l TeamLoad) int { return l.Proposed }, status(rule.VisitProposed),
			func(v *ent.PlannedVisit, _ bool) bool { return v.Status == rule.VisitProposed }),
		of("visitsConfirmed", func(l TeamLoad) int { return l.Confirmed }, status(rule.VisitConfirmed),
			func(v *ent.PlannedVisit, _ bool) bool { return v.Status == rule.VisitConfirmed }),
		of("visitsDone", func(l TeamLoad) int { return l.Done }, func(w AsOf, s *sql.Selector) *sql.Predicate {
			return sql.And(w.VisitIs(s, rule.VisitProposed, rule.VisitConfirmed), w.VisitDone(s))
		}, func(v *ent.PlannedVisit, done bool) bool { return done && v.Status != rule.VisitFallenOut }),
	)
}

// visitsOfTeams are the visits of the teams that supervise in a scope's region.
func (rd Reader) visitsOfTeams(ctx context.Context, sc Scope, where ...predicate.PlannedVisit) ([]*ent.PlannedVisit, error) {
	rows, err := rd.Ent.PlannedVisit.Query().Where(append(where, plannedvisit.CampaignID(sc.Campaign.ID))...).WithTeam().All(authz.AsSystem(ctx))
	return slices.DeleteFunc(rows, func(v *ent.PlannedVisit) bool { return !rule.RegionsRelated(v.Edges.Team.RegionPath, sc.Region.Path) }), err
}
