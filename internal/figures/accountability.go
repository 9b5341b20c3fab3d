package figures

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// CaseIs is true for cases with a status. Only a confirmed case is decided a second
// time (rule.NextCaseStatus), so three columns tell its status at every instant:
// open before the first decision, confirmed until the second.
func (w AsOf) CaseIs(s *sql.Selector, status rule.CaseStatus) *sql.Predicate {
	first, last := s.C(accountabilitycase.FieldFirstDecidedAt), s.C(accountabilitycase.FieldDecidedAt)
	is := sql.EQ(s.C(accountabilitycase.FieldStatus), status)
	if !w.Past {
		return is
	}
	after := func(column string) *sql.Predicate { return sql.And(sql.NotNull(column), sql.LTE(column, w.At)) }
	switch status {
	case rule.CaseOpen:
		return sql.Not(after(first))
	case rule.CaseConfirmed:
		return sql.Or(sql.And(is, after(last)), sql.And(after(first), sql.Not(after(last))))
	default:
		return sql.And(is, after(last))
	}
}

// AccountabilityFigures are a region's counts of what is held to account, as far
// as the viewer may see the rows.
type AccountabilityFigures struct {
	Discrepancies, CasesOpen, CasesConfirmed int
}

// accountabilityFigures counts by the path of the township, below a region: two
// statements, whatever the size. Whoever has no sight of discrepancies or cases
// counts none.
func (rd Reader) Accountability(ctx context.Context, sc Scope) (map[string]AccountabilityFigures, error) {
	out := map[string]AccountabilityFigures{}
	var found []struct {
		RegionPath string `json:"region_path"`
		Count      int    `json:"count"`
	}
	err := rd.Ent.Discrepancy.Query().Where(discrepancy.CampaignID(sc.Campaign.ID), discrepancy.RaisedAtLTE(sc.Until())).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
			s.AppendSelect(sql.As(sql.Count("*"), "count"))
		}).Scan(ctx, &found)
	if err != nil {
		return nil, store.Fault(err)
	}
	for _, r := range found {
		out[r.RegionPath] = AccountabilityFigures{Discrepancies: r.Count}
	}
	var cases []struct {
		RegionPath string `json:"region_path"`
		Open       int    `json:"open"`
		Confirmed  int    `json:"confirmed"`
	}
	err = rd.Ent.AccountabilityCase.Query().Where(accountabilitycase.CampaignID(sc.Campaign.ID), accountabilitycase.RaisedAtLTE(sc.Until())).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
			s.AppendSelectExprAs(countIf(sc.CaseIs(s, rule.CaseOpen)), "open").AppendSelectExprAs(countIf(sc.CaseIs(s, rule.CaseConfirmed)), "confirmed")
		}).Scan(ctx, &cases)
	for _, r := range cases {
		f := out[r.RegionPath]
		f.CasesOpen, f.CasesConfirmed = r.Open, r.Confirmed
		out[r.RegionPath] = f
	}
	return out, store.Fault(err)
}
