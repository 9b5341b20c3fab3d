package figures

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/store"
)

// leadingGroupsMissing says what leading groups a campaign lacks in a region:
// whether the bureau of the campaign's region has none, and how many schools by
// the path of their township. Two statements; the schools are those whose figures
// the viewer may read, counted like the schools that are due.
func (rd Reader) LeadingGroupsMissing(ctx context.Context, sc Scope) (bureau bool, schoolsByRegionPath map[string]int, err error) {
	formed, err := rd.Ent.LeadingGroup.Query().Where(leadinggroup.CampaignID(sc.Campaign.ID), leadinggroup.RegionID(sc.Campaign.RegionID),
		leadinggroup.SchoolIDIsNil(), func(s *sql.Selector) { s.Where(sc.groupLeads(s.C, sc.Campaign)) }).Exist(authz.AsSystem(ctx))
	if err != nil {
		return false, nil, store.Fault(err)
	}
	var rows []struct {
		RegionPath string `json:"region_path"`
		Missing    int    `json:"missing"`
	}
	err = rd.counted(ctx, sc).Where(sc.SchoolsOpen(), sc.WithoutLeadingGroup(sc.Campaign)).
		Modify(func(s *sql.Selector) {
			s.Select(s.C(school.FieldRegionPath), sql.As(sql.Count("*"), "missing")).GroupBy(s.C(school.FieldRegionPath))
		}).Scan(authz.AsSystem(ctx), &rows)
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.Missing
	}
	return !formed, out, store.Fault(err)
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
