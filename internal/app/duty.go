package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/ent/selfinspectionsubmission"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// SelfInspectionFilter is how far schools have come with their self-inspection.
type SelfInspectionFilter string

// The values of SelfInspectionFilter.
const (
	SchoolsClaimed      SelfInspectionFilter = "CLAIMED"
	SchoolsNotClaimed   SelfInspectionFilter = "NOT_CLAIMED"
	SchoolsProven       SelfInspectionFilter = "PROVEN"
	SchoolsNotProven    SelfInspectionFilter = "NOT_PROVEN"
	SchoolsCovered      SelfInspectionFilter = "COVERED"
	SchoolsNotCovered   SelfInspectionFilter = "NOT_COVERED"
	SchoolsSubmitted    SelfInspectionFilter = "SUBMITTED"
	SchoolsNotSubmitted SelfInspectionFilter = "NOT_SUBMITTED"
)

// SupervisionFilter is how far supervision has come with schools.
type SupervisionFilter string

// The values of SupervisionFilter.
const (
	VisitClaimed    SupervisionFilter = "CLAIMED"
	VisitNotClaimed SupervisionFilter = "NOT_CLAIMED"
	VisitProven     SupervisionFilter = "PROVEN"
	VisitNotProven  SupervisionFilter = "NOT_PROVEN"
)

// filterDuties keeps the schools that have done, or not done, what a campaign
// asks of them: schools in use, of the campaign's region.
func (a *App) filterDuties(ctx context.Context, q *ent.SchoolQuery, f *SchoolFilter) error {
	var bad fault.Input
	may(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	may(&bad, "filter.withoutLeadingGroup", f.WithoutLeadingGroup, id.Campaign)
	a.notInFuture(&bad, "filter.asOf", f.AsOf)
	if (f.SelfInspection != nil || f.Supervision != nil || f.AsOf != nil) && f.CampaignID == nil {
		bad.Add("filter.campaignId", "missing", fault.T("请指明活动。", "Say of which campaign."))
	}
	if f.AsOf != nil && f.SelfInspection != nil && !f.SelfInspection.toldByReports() {
		bad.Add("filter.selfInspection", "only_now", fault.T("此条件只能查询当前情况。", "This can only be asked of now."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if f.CampaignID != nil {
		if err := a.filterTaking(ctx, q, f); err != nil {
			return err
		}
	}
	if f.WithoutLeadingGroup != nil {
		c, err := a.taking(ctx, q, "filter.withoutLeadingGroup", *f.WithoutLeadingGroup, nil)
		if err != nil {
			return err
		}
		q.Where(withoutLeadingGroup(c.ID))
	}
	return nil
}

// filterTaking keeps the schools that take part in a campaign, at an instant, by
// how far they have come.
func (a *App) filterTaking(ctx context.Context, q *ent.SchoolQuery, f *SchoolFilter) error {
	c, err := a.taking(ctx, q, "filter.campaignId", *f.CampaignID, f.AsOf)
	if err != nil {
		return err
	}
	if f.AsOf != nil {
		then := clock.Truncate(*f.AsOf)
		q.Where(func(s *sql.Selector) {
			if f.SelfInspection != nil {
				s.Where(reportedThen(s, c.ID, rule.SelfInspection, string(*f.SelfInspection), then))
			}
			if f.Supervision != nil {
				s.Where(reportedThen(s, c.ID, rule.Supervision, string(*f.Supervision), then))
			}
		})
		return nil
	}
	if f.SelfInspection != nil {
		items, err := coverageItems(ctx, a.store.Ent, c)
		if err != nil {
			return err
		}
		q.Where(func(s *sql.Selector) { s.Where(selfInspected(s, c.ID, items, *f.SelfInspection)) })
	}
	if f.Supervision != nil {
		q.Where(func(s *sql.Selector) { s.Where(supervised(s, c.ID, *f.Supervision)) })
	}
	return nil
}

// toldByReports reports whether the reports alone tell it, of any instant.
func (f SelfInspectionFilter) toldByReports() bool {
	return slices.Contains([]SelfInspectionFilter{SchoolsClaimed, SchoolsNotClaimed, SchoolsProven, SchoolsNotProven}, f)
}

// taking keeps the schools that take part in a campaign, now or at an instant.
func (a *App) taking(ctx context.Context, q *ent.SchoolQuery, path string, campaignID id.ID, then *time.Time) (*ent.Campaign, error) {
	c, err := a.Campaign(ctx, campaignID)
	if err != nil {
		return nil, at(path, id.Campaign, err)
	}
	inUse := school.ClosedAtIsNil()
	if then != nil {
		inUse = school.Or(inUse, school.ClosedAtGT(clock.Truncate(*then)))
	}
	q.Where(school.RegionPathGTE(c.RegionPath), school.RegionPathLT(rule.RegionPathEnd(c.RegionPath)), inUse)
	return c, nil
}

// reportedThen is true for schools that a report of a kind had been handed in of,
// or had been proven of, by an instant; the values that begin with NOT_ turn it
// around.
func reportedThen(s *sql.Selector, campaignID uuid.UUID, kind rule.ReportKind, asked string, then time.Time) *sql.Predicate {
	t := sql.Table(inspectionreport.Table).As("reported")
	by := t.C(inspectionreport.FieldSubmittedAt)
	if strings.HasSuffix(asked, string(SchoolsProven)) {
		by = t.C(inspectionreport.FieldProvenAt)
	}
	p := sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(inspectionreport.FieldID)).From(t).Where(sql.And(
		sql.EQ(t.C(inspectionreport.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(inspectionreport.FieldSchoolID), s.C(school.FieldID)),
		sql.EQ(t.C(inspectionreport.FieldKind), kind), sql.LTE(t.C(inspectionreport.FieldSubmittedAt), then), sql.LTE(by, then))))
	if strings.HasPrefix(asked, "NOT_") {
		return sql.Not(p)
	}
	return p
}

// supervised is the condition on how far supervision has come with the schools of
// a query.
func supervised(s *sql.Selector, campaignID uuid.UUID, f SupervisionFilter) *sql.Predicate {
	switch f {
	case VisitClaimed:
		return figured(s, campaignID, schoolfigure.FieldSupervisionClaimed)
	case VisitNotClaimed:
		return sql.Not(figured(s, campaignID, schoolfigure.FieldSupervisionClaimed))
	case VisitProven:
		return figured(s, campaignID, schoolfigure.FieldSupervisionProven)
	default:
		return sql.Not(figured(s, campaignID, schoolfigure.FieldSupervisionProven))
	}
}

// figured is true for schools one of whose figures is not zero.
func figured(s *sql.Selector, campaignID uuid.UUID, column string) *sql.Predicate {
	t := sql.Table(schoolfigure.Table).As("figure")
	return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(schoolfigure.FieldID)).From(t).Where(sql.And(
		sql.EQ(t.C(schoolfigure.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(schoolfigure.FieldSchoolID), s.C(school.FieldID)), sql.GT(t.C(column), 0))))
}

// withoutLeadingGroup is true for schools that have no leading group for a
// campaign.
func withoutLeadingGroup(campaignID uuid.UUID) func(*sql.Selector) {
	return func(s *sql.Selector) {
		t := sql.Table(leadinggroup.Table).As("led")
		s.Where(sql.NotExists(sql.Dialect(s.Dialect()).Select(t.C(leadinggroup.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(leadinggroup.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(leadinggroup.FieldSchoolID), s.C(school.FieldID)),
			sql.IsNull(t.C(leadinggroup.FieldDissolvedAt))))))
	}
}

// selfInspected is the condition of a filter on the schools of a query. Each is
// looked up by the index on campaign and school.
func selfInspected(s *sql.Selector, campaignID uuid.UUID, items []rule.CoverageItem, f SelfInspectionFilter) *sql.Predicate {
	figure := func(column string) *sql.Predicate { return figured(s, campaignID, column) }
	submitted := func() *sql.Predicate {
		t := sql.Table(selfinspectionsubmission.Table).As("submitted")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(selfinspectionsubmission.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(selfinspectionsubmission.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(selfinspectionsubmission.FieldSchoolID), s.C(school.FieldID)))))
	}
	switch f {
	case SchoolsClaimed:
		return figure(schoolfigure.FieldSelfClaimed)
	case SchoolsNotClaimed:
		return sql.Not(figure(schoolfigure.FieldSelfClaimed))
	case SchoolsProven:
		return figure(schoolfigure.FieldSelfProven)
	case SchoolsNotProven:
		return sql.Not(figure(schoolfigure.FieldSelfProven))
	case SchoolsSubmitted:
		return submitted()
	case SchoolsNotSubmitted:
		return sql.Not(submitted())
	case SchoolsNotCovered:
		return uncovered(s, campaignID, items)
	default:
		return sql.Not(uncovered(s, campaignID, items))
	}
}

// uncovered is rule.CellsDue as a condition: some cell that is due has no proven
// finding.
func uncovered(s *sql.Selector, campaignID uuid.UUID, items []rule.CoverageItem) *sql.Predicate {
	var all, whole []any
	byKind := map[string][]any{}
	for _, i := range items {
		all = append(all, i.ID)
		if len(i.GridKinds) == 0 {
			whole = append(whole, i.ID)
		}
		for _, k := range i.GridKinds {
			byKind[k] = append(byKind[k], i.ID)
		}
	}
	// fewer is true when less than all of the items are proven in a grid.
	fewer := func(of []any, inGrid func(column string) *sql.Predicate) *sql.Predicate {
		t := sql.Table(coveragecell.Table).As("cell")
		proven := sql.Dialect(s.Dialect()).Select(sql.Count("*")).From(t).Where(sql.And(
			sql.EQ(t.C(coveragecell.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(coveragecell.FieldSchoolID), s.C(school.FieldID)),
			inGrid(t.C(coveragecell.FieldGridID)), sql.In(t.C(coveragecell.FieldItemID), of...), sql.GT(t.C(coveragecell.FieldProven), 0)))
		return sql.P(func(b *sql.Builder) { b.Wrap(func(b *sql.Builder) { b.Join(proven) }).WriteString(" < ").Arg(len(of)) })
	}
	nowhere := func(column string) *sql.Predicate { return sql.EQ(column, uuid.Nil) }
	inUse := func(t *sql.SelectTable) *sql.Predicate {
		return sql.And(sql.ColumnsEQ(t.C(grid.FieldSchoolID), s.C(school.FieldID)), sql.IsNull(t.C(grid.FieldClosedAt)))
	}
	divided := sql.Table(grid.Table).As("divided")
	parts := []*sql.Predicate{sql.And(
		sql.NotExists(sql.Dialect(s.Dialect()).Select(divided.C(grid.FieldID)).From(divided).Where(inUse(divided))), fewer(all, nowhere))}
	if len(whole) > 0 {
		parts = append(parts, fewer(whole, nowhere))
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t := sql.Table(grid.Table).As("part")
		inIt := func(column string) *sql.Predicate { return sql.ColumnsEQ(column, t.C(grid.FieldID)) }
		parts = append(parts, sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(grid.FieldID)).From(t).Where(sql.And(
			inUse(t), sql.EQ(t.C(grid.FieldKind), kind), fewer(byKind[kind], inIt)))))
	}
	return sql.Or(parts...)
}
