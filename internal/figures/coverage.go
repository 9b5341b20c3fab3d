package figures

import (
	"context"

	"github.com/google/uuid"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/checklistitem"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/gridfigure"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// CoverageFigures count the grids, and the cells of the coverage matrices: grid ×
// item, or item for the whole school. A grid is claimed when every cell of it is,
// and proven likewise: nothing is left out (全覆盖). Grids that nothing has to be
// inspected in are not due.
type CoverageFigures struct {
	CellsDue, CellsClaimed, CellsProven int
	GridsDue, GridsClaimed, GridsProven int
}

// coverageFigures counts what rule.CellsDue makes due, and how much of it is
// claimed and proven: three statements. Now it takes the cells from the figures
// of the grids; an instant of the past counts the cells.
func (rd Reader) Coverage(ctx context.Context, sc Scope) (CoverageFigures, error) {
	var out CoverageFigures
	items, err := CoverageItems(ctx, rd.Ent, sc.Campaign)
	if err != nil {
		return out, err
	}
	if err := rd.gridCoverage(ctx, sc, items, &out); err != nil {
		return out, err
	}
	return out, rd.schoolCoverage(ctx, sc, items, &out)
}

// gridCoverage adds the cells in grids.
func (rd Reader) gridCoverage(ctx context.Context, sc Scope, items []rule.CoverageItem, out *CoverageFigures) error {
	byKind := map[string]int{}
	for _, i := range items {
		for _, kind := range i.GridKinds {
			byKind[kind]++
		}
	}
	var rows []struct {
		Kind    string `json:"kind"`
		Claimed int    `json:"claimed"`
		Proven  int    `json:"proven"`
		Grids   int    `json:"grids"`
	}
	err := rd.counted(ctx, sc).Where(sc.SchoolsOpen()).Modify(func(s *sql.Selector) {
		g, n := sql.Table(grid.Table), sc.parts(s, part{inGrids: true}, items)
		s.Join(g).OnP(sql.And(sql.ColumnsEQ(s.C(school.FieldID), g.C(grid.FieldSchoolID)), sc.gridInUse(g)))
		s.LeftJoin(n).On(g.C(grid.FieldID), n.C(gridfigure.FieldGridID))
		claimed, proven := "COALESCE("+n.C(gridfigure.FieldClaimed)+", 0)", "COALESCE("+n.C(gridfigure.FieldProven)+", 0)"
		s.Select(g.C(grid.FieldKind), sql.As(claimed, "claimed"), sql.As(proven, "proven"), sql.As(sql.Count("*"), "grids")).
			GroupBy(g.C(grid.FieldKind), claimed, proven)
	}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		due := byKind[r.Kind]
		if due == 0 {
			continue
		}
		out.GridsDue += r.Grids
		out.CellsDue += r.Grids * due
		out.CellsClaimed += r.Grids * r.Claimed
		out.CellsProven += r.Grids * r.Proven
		if r.Claimed == due {
			out.GridsClaimed += r.Grids
		}
		if r.Proven == due {
			out.GridsProven += r.Grids
		}
	}
	return err
}

// schoolCoverage adds the cells for whole schools: of a school that has not
// divided itself into grids, all items.
func (rd Reader) schoolCoverage(ctx context.Context, sc Scope, items []rule.CoverageItem, out *CoverageFigures) error {
	whole := 0
	for _, i := range items {
		if len(i.GridKinds) == 0 {
			whole++
		}
	}
	var rows []struct {
		Divided      int `json:"divided"`
		Schools      int `json:"schools"`
		Claimed      int `json:"claimed"`
		Proven       int `json:"proven"`
		BoundClaimed int `json:"bound_claimed"`
		BoundProven  int `json:"bound_proven"`
	}
	err := rd.counted(ctx, sc).Where(sc.SchoolsOpen()).Modify(func(s *sql.Selector) {
		g := sql.Table(grid.Table)
		parts := sql.Dialect(s.Dialect()).Select(g.C(grid.FieldSchoolID)).Distinct().From(g).Where(sc.gridInUse(g)).As("divided_schools")
		s.LeftJoin(parts).On(s.C(school.FieldID), parts.C(grid.FieldSchoolID))
		divided := "CASE WHEN " + parts.C(grid.FieldSchoolID) + " IS NULL THEN 0 ELSE 1 END"
		s.Select(sql.As(divided, "divided"), sql.As(sql.Count("*"), "schools")).GroupBy(divided)
		for prefix, bound := range map[string]bool{"": false, "bound_": true} {
			n := sc.parts(s, part{bound: bound}, items).As(prefix + "whole")
			s.LeftJoin(n).On(s.C(school.FieldID), n.C(gridfigure.FieldSchoolID))
			s.AppendSelect(sql.As("COALESCE("+sql.Sum(n.C(gridfigure.FieldClaimed))+", 0)", prefix+"claimed"),
				sql.As("COALESCE("+sql.Sum(n.C(gridfigure.FieldProven))+", 0)", prefix+"proven"))
		}
	}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		out.CellsClaimed += r.Claimed
		out.CellsProven += r.Proven
		if r.Divided == 1 {
			out.CellsDue += r.Schools * whole
			continue
		}
		out.CellsDue += r.Schools * len(items)
		out.CellsClaimed += r.BoundClaimed
		out.CellsProven += r.BoundProven
	}
	return err
}

// part is what of the coverage is counted: cells in grids, or those for whole
// schools, of items that are inspected in grids or of the others.
type part struct{ inGrids, bound bool }

// parts counts a part's cells by school and grid: kept for now, counted for an
// instant of the past.
func (sc Scope) parts(s *sql.Selector, p part, items []rule.CoverageItem) *sql.Selector {
	if sc.Past {
		return sc.partsThen(s, p, items)
	}
	t := sql.Table(gridfigure.Table)
	where := sql.And(sql.EQ(t.C(gridfigure.FieldCampaignID), sc.Campaign.ID), p.inGrid(t.C(gridfigure.FieldGridID)))
	if !p.inGrids {
		where = sql.And(where, sql.EQ(t.C(gridfigure.FieldBound), p.bound))
	}
	return sql.Dialect(s.Dialect()).Select(t.C(gridfigure.FieldSchoolID), t.C(gridfigure.FieldGridID), t.C(gridfigure.FieldClaimed), t.C(gridfigure.FieldProven)).
		From(t).Where(where).As("parts")
}

func (sc Scope) partsThen(s *sql.Selector, p part, items []rule.CoverageItem) *sql.Selector {
	t, schools := sql.Table(coveragecell.Table), sql.Table(school.Table).As("of_the_region")
	where := sql.And(sql.EQ(t.C(coveragecell.FieldCampaignID), sc.Campaign.ID), p.inGrid(t.C(coveragecell.FieldGridID)),
		sql.GTE(schools.C(school.FieldRegionPath), sc.Region.Path), sql.LT(schools.C(school.FieldRegionPath), rule.RegionPathEnd(sc.Region.Path)))
	if !p.inGrids {
		var of []any
		for _, i := range items {
			if p.bound == (len(i.GridKinds) > 0) {
				of = append(of, i.ID)
			}
		}
		where = sql.And(where, sql.In(t.C(coveragecell.FieldItemID), of...))
	}
	by := []string{t.C(coveragecell.FieldSchoolID), t.C(coveragecell.FieldGridID)}
	out := sql.Dialect(s.Dialect()).Select(by...).From(t).Join(schools).On(t.C(coveragecell.FieldSchoolID), schools.C(school.FieldID)).Where(where).GroupBy(by...)
	for name, column := range map[string]string{gridfigure.FieldClaimed: coveragecell.FieldClaimedAt, gridfigure.FieldProven: coveragecell.FieldProvenAt} {
		out.AppendSelectExprAs(countIf(sql.LTE(t.C(column), sc.Until())), name)
	}
	return out.As("parts")
}

func (p part) inGrid(column string) *sql.Predicate {
	if p.inGrids {
		return sql.NEQ(column, uuid.Nil)
	}
	return sql.EQ(column, uuid.Nil)
}

func CoverageItems(ctx context.Context, client *ent.Client, c *ent.Campaign) ([]rule.CoverageItem, error) {
	rows, err := client.ChecklistItem.Query().Where(checklistitem.ChecklistID(c.ChecklistID)).Order(checklistitem.ByNumber()).All(ctx)
	out := make([]rule.CoverageItem, len(rows))
	for i, x := range rows {
		out[i] = CoverageItem(x)
	}
	return out, store.Fault(err)
}

func CoverageItem(x *ent.ChecklistItem) rule.CoverageItem {
	return rule.CoverageItem{ID: x.ID, Number: x.Number, GridKinds: x.GridKinds}
}
