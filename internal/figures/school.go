package figures

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/ent/selfinspectionsubmission"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// reportFigure counts schools in use by their reports of a kind.
type reportFigure struct {
	name, column string
	kind         rule.ReportKind
	since        string // column of the report: since when it is so
	kept         string // column of what is kept
	of           func(rollup.Counts) int
	at           func(*Figures) *int
}

// reportFigures are the figures of schools by their reports.
var reportFigures = []reportFigure{selfClaimed, selfProven, visitedClaimed, visitedProven}

var (
	selfClaimed = reportFigure{"schoolsSelfClaimed", "schools_self_claimed", rule.SelfInspection, inspectionreport.FieldSubmittedAt, schoolfigure.FieldSelfClaimed,
		func(c rollup.Counts) int { return c.SelfClaimed }, func(f *Figures) *int { return &f.SchoolsSelfClaimed }}
	selfProven = reportFigure{"schoolsSelfProven", "schools_self_proven", rule.SelfInspection, inspectionreport.FieldProvenAt, schoolfigure.FieldSelfProven,
		func(c rollup.Counts) int { return c.SelfProven }, func(f *Figures) *int { return &f.SchoolsSelfProven }}
	visitedClaimed = reportFigure{"schoolsVisitedClaimed", "schools_visited_claimed", rule.Supervision, inspectionreport.FieldSubmittedAt, schoolfigure.FieldSupervisionClaimed,
		func(c rollup.Counts) int { return c.SupervisionClaimed }, func(f *Figures) *int { return &f.SchoolsVisitedClaimed }}
	visitedProven = reportFigure{"schoolsVisitedProven", "schools_visited_proven", rule.Supervision, inspectionreport.FieldProvenAt, schoolfigure.FieldSupervisionProven,
		func(c rollup.Counts) int { return c.SupervisionProven }, func(f *Figures) *int { return &f.SchoolsVisitedProven }}
)

// sumSchools counts the schools that must be inspected: those in use.
func (rd Reader) sumSchools(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Figures
	}
	err := rd.counted(ctx, sc).Where(sc.SchoolsInUse()).
		Modify(func(s *sql.Selector) {
			s.Select(s.C(school.FieldRegionPath), sql.As(sql.Count("*"), "schools_due")).GroupBy(s.C(school.FieldRegionPath))
		}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		put(out, r.RegionPath, r.Figures)
	}
	return err
}

// sumReportsThen counts schools, not reports, by what had been handed in and
// proven by then.
func (rd Reader) sumReportsThen(ctx context.Context, sc Scope, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Figures
	}
	err := rd.counted(ctx, sc).Where(sc.SchoolsInUse()).Modify(func(s *sql.Selector) {
		t := sql.Table(inspectionreport.Table)
		s.Join(t).On(s.C(school.FieldID), t.C(inspectionreport.FieldSchoolID))
		s.Where(sql.And(sql.EQ(t.C(inspectionreport.FieldCampaignID), sc.Campaign.ID), sql.LTE(t.C(inspectionreport.FieldSubmittedAt), sc.At)))
		s.Select(s.C(school.FieldRegionPath)).GroupBy(s.C(school.FieldRegionPath))
		for _, f := range reportFigures {
			s.AppendSelectExprAs(sql.ExprFunc(func(q *sql.Builder) {
				q.WriteString("COUNT(DISTINCT CASE WHEN ").Join(sql.And(sql.EQ(t.C(inspectionreport.FieldKind), f.kind), sql.LTE(t.C(f.since), sc.At))).
					WriteString(" THEN " + s.C(school.FieldID) + " END)")
			}), f.column)
		}
	}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		put(out, r.RegionPath, r.Figures)
	}
	return err
}

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

// WithoutLeadingGroup is true for schools that had no leading group for a campaign.
func (w AsOf) WithoutLeadingGroup(c *ent.Campaign) predicate.School {
	return func(s *sql.Selector) { s.Where(w.noLeadingGroup(s, c)) }
}

func (w AsOf) noLeadingGroup(s *sql.Selector, c *ent.Campaign) *sql.Predicate {
	t := sql.Table(leadinggroup.Table).As("led")
	return sql.NotExists(sql.Dialect(s.Dialect()).Select(t.C(leadinggroup.FieldID)).From(t).Where(sql.And(
		sql.EQ(t.C(leadinggroup.FieldCampaignID), c.ID), sql.ColumnsEQ(t.C(leadinggroup.FieldSchoolID), s.C(school.FieldID)), w.groupLeads(t.C, c))))
}

// reported is true for schools that a figure of reports counts. Now what is kept
// says it, of the past their reports do; each is looked up by an index on campaign
// and school.
func (w AsOf) reported(s *sql.Selector, campaignID uuid.UUID, f reportFigure) *sql.Predicate {
	if w.Past {
		t := sql.Table(inspectionreport.Table).As("report")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(inspectionreport.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(inspectionreport.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(inspectionreport.FieldSchoolID), s.C(school.FieldID)),
			sql.EQ(t.C(inspectionreport.FieldKind), f.kind), sql.LTE(t.C(inspectionreport.FieldSubmittedAt), w.At), sql.LTE(t.C(f.since), w.At))))
	}
	t := sql.Table(schoolfigure.Table).As("figure")
	return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(schoolfigure.FieldID)).From(t).Where(sql.And(
		sql.EQ(t.C(schoolfigure.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(schoolfigure.FieldSchoolID), s.C(school.FieldID)), sql.GT(t.C(f.kept), 0))))
}

// Visited is the condition of a filter on the schools of a query.
func (w AsOf) Visited(s *sql.Selector, campaignID uuid.UUID, f VisitedFilter) *sql.Predicate {
	claimed, proven := w.reported(s, campaignID, visitedClaimed), w.reported(s, campaignID, visitedProven)
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

// SelfInspected is the condition of a filter on the schools of a query.
func (w AsOf) SelfInspected(s *sql.Selector, campaignID uuid.UUID, items []rule.CoverageItem, f SelfInspectionFilter) *sql.Predicate {
	claimed, proven := w.reported(s, campaignID, selfClaimed), w.reported(s, campaignID, selfProven)
	submitted := func() *sql.Predicate {
		t := sql.Table(selfinspectionsubmission.Table).As("submitted")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(selfinspectionsubmission.FieldID)).From(t).Where(sql.And(
			sql.EQ(t.C(selfinspectionsubmission.FieldCampaignID), campaignID), sql.ColumnsEQ(t.C(selfinspectionsubmission.FieldSchoolID), s.C(school.FieldID)),
			sql.LTE(t.C(selfinspectionsubmission.FieldSubmittedAt), w.Until()))))
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
func (w AsOf) uncovered(s *sql.Selector, campaignID uuid.UUID, items []rule.CoverageItem) *sql.Predicate {
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
			inGrid(t.C(coveragecell.FieldGridID)), sql.In(t.C(coveragecell.FieldItemID), of...), sql.LTE(t.C(coveragecell.FieldProvenAt), w.Until())))
		return sql.P(func(b *sql.Builder) { b.Wrap(func(b *sql.Builder) { b.Join(proven) }).WriteString(" < ").Arg(len(of)) })
	}
	nowhere := func(column string) *sql.Predicate { return sql.EQ(column, rule.WholeSchool) }
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
