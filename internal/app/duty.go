package app

import (
	"context"
	"maps"
	"slices"

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
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// VisitedFilter is whether a team has visited schools in a campaign.
type VisitedFilter string

// The values of VisitedFilter.
const (
	SchoolsVisited          VisitedFilter = "CLAIMED"
	SchoolsNotVisited       VisitedFilter = "NOT_CLAIMED"
	SchoolsVisitedProven    VisitedFilter = "PROVEN"
	SchoolsNotVisitedProven VisitedFilter = "NOT_PROVEN"
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

// filterDuties keeps the schools that have done, or not done, what a campaign
// asks of them: schools in use, of the campaign's region.
func (a *App) filterDuties(ctx context.Context, q *ent.SchoolQuery, f *SchoolFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.withoutLeadingGroup", f.WithoutLeadingGroup, id.Campaign)
	a.notInFuture(&bad, "filter.asOf", f.AsOf)
	if (f.SelfInspection != nil || f.Visited != nil) && f.CampaignID == nil {
		bad.Add("filter.campaignId", "missing", fault.T("请指明活动。", "Say of which campaign."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	w := a.when(f.AsOf)
	if f.CampaignID != nil {
		c, err := a.taking(ctx, q, w, "filter.campaignId", *f.CampaignID)
		if err != nil {
			return err
		}
		if f.SelfInspection != nil {
			items, err := coverageItems(ctx, a.store.Ent, c)
			if err != nil {
				return err
			}
			q.Where(func(s *sql.Selector) { s.Where(w.selfInspected(s, c.ID, items, *f.SelfInspection)) })
		}
		if f.Visited != nil {
			q.Where(func(s *sql.Selector) { s.Where(w.visited(s, c.ID, *f.Visited)) })
		}
	}
	if f.WithoutLeadingGroup != nil {
		c, err := a.taking(ctx, q, w, "filter.withoutLeadingGroup", *f.WithoutLeadingGroup)
		if err != nil {
			return err
		}
		q.Where(w.withoutLeadingGroup(c))
	}
	return nil
}

// taking keeps the schools that took part in a campaign.
func (a *App) taking(ctx context.Context, q *ent.SchoolQuery, w when, path string, campaignID id.ID) (*ent.Campaign, error) {
	c, err := a.Campaign(ctx, campaignID)
	if err != nil {
		return nil, command.AtField(path, id.Campaign, err)
	}
	q.Where(school.RegionPathGTE(c.RegionPath), school.RegionPathLT(rule.RegionPathEnd(c.RegionPath)), w.schoolsOpen())
	return c, nil
}

// withoutLeadingGroup is true for schools that had no leading group for a
// campaign.
func (w when) withoutLeadingGroup(c *ent.Campaign) func(*sql.Selector) {
	return func(s *sql.Selector) {
		t := sql.Table(leadinggroup.Table).As("led")
		s.Where(sql.NotExists(sql.Dialect(s.Dialect()).Select(t.C(leadinggroup.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(leadinggroup.FieldCampaignID), c.ID), sql.ColumnsEQ(t.C(leadinggroup.FieldSchoolID), s.C(school.FieldID)),
			w.groupLeads(t.C, c)))))
	}
}

// reported is true for schools with a report of a kind that was submitted, or
// proven: column says which. Now their figures say it, of the past their reports
// do; each is looked up by an index on campaign and school.
func (w when) reported(s *sql.Selector, campaignID uuid.UUID, kind rule.ReportKind, column, figure string) *sql.Predicate {
	if w.past {
		t := sql.Table(inspectionreport.Table).As("report")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(inspectionreport.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(inspectionreport.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(inspectionreport.FieldSchoolID), s.C(school.FieldID)),
			sql.EQ(t.C(inspectionreport.FieldKind), kind), sql.LTE(t.C(inspectionreport.FieldSubmittedAt), w.at), sql.LTE(t.C(column), w.at))))
	}
	t := sql.Table(schoolfigure.Table).As("figure")
	return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(schoolfigure.FieldID)).From(t).Where(sql.And(
		sql.EQ(t.C(schoolfigure.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(schoolfigure.FieldSchoolID), s.C(school.FieldID)), sql.GT(t.C(figure), 0))))
}

// visited is the condition of a filter on the schools of a query.
func (w when) visited(s *sql.Selector, campaignID uuid.UUID, f VisitedFilter) *sql.Predicate {
	claimed := w.reported(s, campaignID, rule.Supervision, inspectionreport.FieldSubmittedAt, schoolfigure.FieldSupervisionClaimed)
	proven := w.reported(s, campaignID, rule.Supervision, inspectionreport.FieldProvenAt, schoolfigure.FieldSupervisionProven)
	switch f {
	case SchoolsVisited:
		return claimed
	case SchoolsNotVisited:
		return sql.Not(claimed)
	case SchoolsVisitedProven:
		return proven
	default:
		return sql.Not(proven)
	}
}

// selfInspected is the condition of a filter on the schools of a query.
func (w when) selfInspected(s *sql.Selector, campaignID uuid.UUID, items []rule.CoverageItem, f SelfInspectionFilter) *sql.Predicate {
	claimed := w.reported(s, campaignID, rule.SelfInspection, inspectionreport.FieldSubmittedAt, schoolfigure.FieldSelfClaimed)
	proven := w.reported(s, campaignID, rule.SelfInspection, inspectionreport.FieldProvenAt, schoolfigure.FieldSelfProven)
	submitted := func() *sql.Predicate {
		t := sql.Table(selfinspectionsubmission.Table).As("submitted")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(selfinspectionsubmission.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(selfinspectionsubmission.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(selfinspectionsubmission.FieldSchoolID), s.C(school.FieldID)),
			sql.LTE(t.C(selfinspectionsubmission.FieldSubmittedAt), w.until()))))
	}
	switch f {
	case SchoolsClaimed:
		return claimed
	case SchoolsNotClaimed:
		return sql.Not(claimed)
	case SchoolsProven:
		return proven
	case SchoolsNotProven:
		return sql.Not(proven)
	case SchoolsSubmitted:
		return submitted()
	case SchoolsNotSubmitted:
		return sql.Not(submitted())
	case SchoolsNotCovered:
		return w.uncovered(s, campaignID, items)
	default:
		return sql.Not(w.uncovered(s, campaignID, items))
	}
}

// uncovered is rule.CellsDue as a condition: some cell that is due has no proven
// finding.
func (w when) uncovered(s *sql.Selector, campaignID uuid.UUID, items []rule.CoverageItem) *sql.Predicate {
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
			inGrid(t.C(coveragecell.FieldGridID)), sql.In(t.C(coveragecell.FieldItemID), of...), sql.LTE(t.C(coveragecell.FieldProvenAt), w.until())))
		return sql.P(func(b *sql.Builder) { b.Wrap(func(b *sql.Builder) { b.Join(proven) }).WriteString(" < ").Arg(len(of)) })
	}
	nowhere := func(column string) *sql.Predicate { return sql.EQ(column, uuid.Nil) }
	inUse := func(t *sql.SelectTable) *sql.Predicate {
		return sql.And(sql.ColumnsEQ(t.C(grid.FieldSchoolID), s.C(school.FieldID)), w.gridInUse(t))
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
