package figures

import (
	"context"

	"github.com/google/uuid"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
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
