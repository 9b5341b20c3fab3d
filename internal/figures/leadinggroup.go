package figures

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/store"
)

// BureauGroupMissing reports whether the bureau of the campaign's region has no
// leading group: one statement.
func (rd Reader) BureauGroupMissing(ctx context.Context, sc Scope) (bool, error) {
	formed, err := rd.Ent.LeadingGroup.Query().Where(leadinggroup.CampaignID(sc.Campaign.ID), leadinggroup.RegionID(sc.Campaign.RegionID),
		leadinggroup.SchoolIDIsNil(), func(s *sql.Selector) { s.Where(sc.groupLeads(s.C, sc.Campaign)) }).Exist(authz.AsSystem(ctx))
	return !formed, store.Fault(err)
}

// SchoolGroupsMissing counts the schools without a leading group by the path of
// their township: one statement, of the schools whose figures the viewer may read,
// counted like the schools that are due.
func (rd Reader) SchoolGroupsMissing(ctx context.Context, sc Scope) (map[string]int, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Missing    int    `json:"missing"`
	}
	err := rd.counted(ctx, sc).Where(sc.SchoolsInUse(), sc.WithoutLeadingGroup(sc.Campaign)).
		Modify(func(s *sql.Selector) {
			s.Select(s.C(school.FieldRegionPath), sql.As(sql.Count("*"), "missing")).GroupBy(s.C(school.FieldRegionPath))
		}).Scan(authz.AsSystem(ctx), &rows)
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.Missing
	}
	return out, store.Fault(err)
}

func groupFamily() family {
	return familyOf("plan", Reader.SchoolGroupsMissing, member[map[string]int]{
		"schoolGroupsMissing", Count, func(m map[string]int) Value { return count(total(m)) },
		schoolsWhere(func(w AsOf, s *sql.Selector, sc Scope) *sql.Predicate { return w.noLeadingGroup(s, sc.Campaign) }),
		func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
			groups, err := rd.Ent.LeadingGroup.Query().Where(leadinggroup.CampaignID(sc.Campaign.ID), leadinggroup.DissolvedAtIsNil(), leadinggroup.SchoolIDNotNil()).All(ctx)
			if err != nil {
				return Value{}, err
			}
			led := map[uuid.UUID]bool{}
			for _, g := range groups {
				led[*g.SchoolID] = true
			}
			schools, err := rd.schools(ctx, sc)
			n := 0
			for _, s := range schools {
				n += one(sc.SchoolWasInUse(s) && !led[s.ID])
			}
			return count(n), err
		},
	})
}

// groupLeads is true for groups that had been formed and not dissolved; column
// names theirs. The day of forming counts whole.
func (w AsOf) groupLeads(column func(string) string, c *ent.Campaign) *sql.Predicate {
	dissolved := column(leadinggroup.FieldDissolvedAt)
	leads := sql.Or(sql.IsNull(dissolved), sql.GT(dissolved, w.Until()))
	if w.Past {
		leads = sql.And(leads, sql.LTE(column(leadinggroup.FieldFormedOn), string(c.Policy.WithDefaults().Today(w.At))))
	}
	return leads
}
