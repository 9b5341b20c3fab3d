package figures

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/ent/predicate"
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

// Discrepancies counts by the path of the township, below a region: one statement.
// A viewer who may not see discrepancies gets none.
func (rd Reader) Discrepancies(ctx context.Context, sc Scope) (map[string]int, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Count      int    `json:"count"`
	}
	err := rd.Ent.Discrepancy.Query().Where(discrepancy.CampaignID(sc.Campaign.ID), sc.DiscrepancyRaised()).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
			s.AppendSelect(sql.As(sql.Count("*"), "count"))
		}).Scan(ctx, &rows)
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.Count
	}
	return out, store.Fault(err)
}

// CaseFigures count cases.
type CaseFigures struct {
	Open      int `json:"open"`
	Confirmed int `json:"confirmed"`
}

// Cases counts by the path of the township, below a region: one statement. A viewer
// who may not see cases gets none.
func (rd Reader) Cases(ctx context.Context, sc Scope) (map[string]CaseFigures, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		CaseFigures
	}
	err := rd.Ent.AccountabilityCase.Query().Where(accountabilitycase.CampaignID(sc.Campaign.ID), sc.CaseRaised()).
		Modify(func(s *sql.Selector) {
			bySchool(s, sc)
			s.AppendSelectExprAs(countIf(sc.CaseIs(s, rule.CaseOpen)), "open").AppendSelectExprAs(countIf(sc.CaseIs(s, rule.CaseConfirmed)), "confirmed")
		}).Scan(ctx, &rows)
	out := make(map[string]CaseFigures, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.CaseFigures
	}
	return out, store.Fault(err)
}

// Accountability counts both, by the path of the township.
func (rd Reader) Accountability(ctx context.Context, sc Scope) (map[string]AccountabilityFigures, error) {
	found, err := rd.Discrepancies(ctx, sc)
	if err != nil {
		return nil, err
	}
	cases, err := rd.Cases(ctx, sc)
	out := map[string]AccountabilityFigures{}
	for path, n := range found {
		out[path] = AccountabilityFigures{Discrepancies: n}
	}
	for path, c := range cases {
		out[path] = AccountabilityFigures{Discrepancies: out[path].Discrepancies, CasesOpen: c.Open, CasesConfirmed: c.Confirmed}
	}
	return out, err
}

// DiscrepancyRaised is true for discrepancies that had been raised.
func (w AsOf) DiscrepancyRaised() predicate.Discrepancy { return discrepancy.RaisedAtLTE(w.Until()) }

// CaseRaised is true for cases that had been raised.
func (w AsOf) CaseRaised() predicate.AccountabilityCase {
	return accountabilitycase.RaisedAtLTE(w.Until())
}

func discrepancyFamily() family {
	return familyOf("accountability", Reader.Discrepancies, member[map[string]int]{
		"discrepancies", Count, func(m map[string]int) Value { return count(total(m)) },
		func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
			rows, err := rd.Ent.Discrepancy.Query().Where(discrepancy.CampaignID(sc.Campaign.ID), SchoolsBelow(sc.Region.Path), sc.DiscrepancyRaised()).IDs(ctx)
			return count(len(rows)), err
		},
		func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
			schools, err := rd.schoolIDs(ctx, sc)
			if err != nil {
				return Value{}, err
			}
			n, err := rd.Ent.Discrepancy.Query().Where(discrepancy.CampaignID(sc.Campaign.ID), discrepancy.SchoolIDIn(schools...)).Count(ctx)
			return count(n), err
		},
	})
}

func caseFamily() family {
	of := func(name string, status rule.CaseStatus, at func(CaseFigures) int) member[map[string]CaseFigures] {
		return member[map[string]CaseFigures]{
			name, Count, func(m map[string]CaseFigures) Value {
				n := 0
				for _, c := range m {
					n += at(c)
				}
				return count(n)
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				rows, err := rd.Ent.AccountabilityCase.Query().Where(accountabilitycase.CampaignID(sc.Campaign.ID), SchoolsBelow(sc.Region.Path), sc.CaseRaised(),
					func(s *sql.Selector) { s.Where(sc.CaseIs(s, status)) }).IDs(ctx)
				return count(len(rows)), err
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				schools, err := rd.schoolIDs(ctx, sc)
				if err != nil {
					return Value{}, err
				}
				n, err := rd.Ent.AccountabilityCase.Query().Where(accountabilitycase.CampaignID(sc.Campaign.ID), accountabilitycase.SchoolIDIn(schools...),
					accountabilitycase.StatusEQ(status)).Count(ctx)
				return count(n), err
			},
		}
	}
	return familyOf("accountability", Reader.Cases,
		of("casesOpen", rule.CaseOpen, func(c CaseFigures) int { return c.Open }),
		of("casesConfirmed", rule.CaseConfirmed, func(c CaseFigures) int { return c.Confirmed }))
}
