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
	"github.com/cleargrid/cleargrid/internal/rollup"
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

// Coverage counts what rule.CellsDue makes due, and how much of it is
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
	err := rd.counted(ctx, sc).Where(sc.SchoolsInUse()).Modify(func(s *sql.Selector) {
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
	err := rd.counted(ctx, sc).Where(sc.SchoolsInUse()).Modify(func(s *sql.Selector) {
		g := sql.Table(grid.Table)
		parts := sql.Dialect(s.Dialect()).Select(g.C(grid.FieldSchoolID)).Distinct().From(g).Where(sc.gridInUse(g)).As("divided_schools")
		s.LeftJoin(parts).On(s.C(school.FieldID), parts.C(grid.FieldSchoolID))
		divided := "CASE WHEN " + parts.C(grid.FieldSchoolID) + " IS NULL THEN 0 ELSE 1 END"
		s.Select(sql.As(divided, "divided"), sql.As(sql.Count("*"), "schools")).GroupBy(divided)
		for _, of := range []struct {
			prefix string
			bound  bool
		}{{"", false}, {"bound_", true}} {
			n := sc.parts(s, part{bound: of.bound}, items).As(of.prefix + "whole")
			s.LeftJoin(n).On(s.C(school.FieldID), n.C(gridfigure.FieldSchoolID))
			s.AppendSelect(sql.As("COALESCE("+sql.Sum(n.C(gridfigure.FieldClaimed))+", 0)", of.prefix+"claimed"),
				sql.As("COALESCE("+sql.Sum(n.C(gridfigure.FieldProven))+", 0)", of.prefix+"proven"))
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
	out.AppendSelectExprAs(countIf(sql.LTE(t.C(coveragecell.FieldClaimedAt), sc.Until())), gridfigure.FieldClaimed)
	out.AppendSelectExprAs(countIf(sql.LTE(t.C(coveragecell.FieldProvenAt), sc.Until())), gridfigure.FieldProven)
	return out.As("parts")
}

func (p part) inGrid(column string) *sql.Predicate {
	if p.inGrids {
		return sql.NEQ(column, rule.WholeSchool)
	}
	return sql.EQ(column, rule.WholeSchool)
}

// CoverageItems lists the items of a campaign's checklist, by number.
func CoverageItems(ctx context.Context, client *ent.Client, c *ent.Campaign) ([]rule.CoverageItem, error) {
	rows, err := client.ChecklistItem.Query().Where(checklistitem.ChecklistID(c.ChecklistID)).Order(checklistitem.ByNumber()).All(ctx)
	out := make([]rule.CoverageItem, len(rows))
	for i, x := range rows {
		out[i] = CoverageItem(x)
	}
	return out, store.Fault(err)
}

// CoverageItem is what coverage takes from a row.
func CoverageItem(x *ent.ChecklistItem) rule.CoverageItem {
	return rule.CoverageItem{ID: x.ID, Number: x.Number, GridKinds: x.GridKinds}
}

// coverageFigures are the counts of coverage, from what a school's matrix says.
var coverageFigures = []struct {
	name string
	at   func(*CoverageFigures) *int
}{
	{"gridsDue", func(f *CoverageFigures) *int { return &f.GridsDue }},
	{"gridsClaimed", func(f *CoverageFigures) *int { return &f.GridsClaimed }},
	{"gridsProven", func(f *CoverageFigures) *int { return &f.GridsProven }},
	{"cellsDue", func(f *CoverageFigures) *int { return &f.CellsDue }},
	{"cellsClaimed", func(f *CoverageFigures) *int { return &f.CellsClaimed }},
	{"cellsProven", func(f *CoverageFigures) *int { return &f.CellsProven }},
}

func coverageFamily() family {
	var members []member[CoverageFigures]
	for _, f := range coverageFigures {
		members = append(members, member[CoverageFigures]{
			f.name, Count, func(c CoverageFigures) Value { return count(*f.at(&c)) },
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				sum, err := rd.matrices(ctx, sc, func(ctx context.Context, s *ent.School) (map[rule.Cell]rollup.CellState, error) {
					of, err := rd.CellStates(ctx, sc.Campaign, []uuid.UUID{s.ID})
					return of[s.ID], err
				})
				return count(*f.at(&sum)), err
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				sum, err := rd.matrices(ctx, sc, func(ctx context.Context, s *ent.School) (map[rule.Cell]rollup.CellState, error) {
					k, err := rd.rebuild(ctx, s.ID)
					out := map[rule.Cell]rollup.CellState{}
					for c, state := range k.Cells {
						if c.CampaignID == sc.Campaign.ID {
							out[c.Of] = state
						}
					}
					return out, err
				})
				return count(*f.at(&sum)), err
			},
		})
	}
	return familyOf("coverage", Reader.Coverage, members...)
}

// matrices adds up the matrices of a scope's schools, cell by cell.
func (rd Reader) matrices(ctx context.Context, sc Scope, states func(context.Context, *ent.School) (map[rule.Cell]rollup.CellState, error)) (CoverageFigures, error) {
	var out CoverageFigures
	items, err := CoverageItems(ctx, rd.Ent, sc.Campaign)
	if err != nil {
		return out, err
	}
	schools, err := rd.schools(ctx, sc)
	if err != nil {
		return out, err
	}
	for _, s := range schools {
		if !sc.SchoolWasInUse(s) {
			continue
		}
		grids, err := rd.GridsInUse(authz.AsSystem(ctx), []uuid.UUID{s.ID}, sc.AsOf)
		if err != nil {
			return out, err
		}
		of, err := states(ctx, s)
		if err != nil {
			return out, err
		}
		out.addMatrix(rule.CellsDue(grids[s.ID], items), of, sc.AsOf)
	}
	return out, nil
}

func (f *CoverageFigures) addMatrix(due []rule.Cell, states map[rule.Cell]rollup.CellState, w AsOf) {
	type grid struct{ due, claimed, proven int }
	grids := map[uuid.UUID]grid{}
	for _, c := range due {
		claimed, proven := one(w.Holds(states[c].ClaimedAt)), one(w.Holds(states[c].ProvenAt))
		f.CellsDue, f.CellsClaimed, f.CellsProven = f.CellsDue+1, f.CellsClaimed+claimed, f.CellsProven+proven
		if c.Grid != rule.WholeSchool {
			g := grids[c.Grid]
			grids[c.Grid] = grid{g.due + 1, g.claimed + claimed, g.proven + proven}
		}
	}
	for _, g := range grids {
		f.GridsDue, f.GridsClaimed, f.GridsProven = f.GridsDue+1, f.GridsClaimed+one(g.claimed == g.due), f.GridsProven+one(g.proven == g.due)
	}
}

// GridsInUse are the grids of schools that there were and that were not closed, by
// code.
func (rd Reader) GridsInUse(ctx context.Context, schools []uuid.UUID, w AsOf) (map[uuid.UUID][]rule.CoverageGrid, error) {
	rows, err := rd.Ent.Grid.Query().Where(grid.SchoolIDIn(schools...), func(s *sql.Selector) { s.Where(w.inUse(s.C(grid.FieldCreatedAt), s.C(grid.FieldClosedAt))) }).
		Order(grid.ByCode()).All(ctx)
	out := map[uuid.UUID][]rule.CoverageGrid{}
	for _, g := range rows {
		out[g.SchoolID] = append(out[g.SchoolID], rule.CoverageGrid{ID: g.ID, Code: g.Code, Kind: g.Kind})
	}
	return out, store.Fault(err)
}

// CellStates says since when the cells of schools are claimed and proven.
func (rd Reader) CellStates(ctx context.Context, c *ent.Campaign, schools []uuid.UUID) (map[uuid.UUID]map[rule.Cell]rollup.CellState, error) {
	rows, err := rd.Ent.CoverageCell.Query().Where(coveragecell.CampaignID(c.ID), coveragecell.SchoolIDIn(schools...)).All(ctx)
	out := map[uuid.UUID]map[rule.Cell]rollup.CellState{}
	for _, r := range rows {
		if out[r.SchoolID] == nil {
			out[r.SchoolID] = map[rule.Cell]rollup.CellState{}
		}
		out[r.SchoolID][rule.Cell{Grid: r.GridID, Item: r.ItemID}] = rollup.CellOf(r)
	}
	return out, store.Fault(err)
}
