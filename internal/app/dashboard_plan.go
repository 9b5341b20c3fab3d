package app

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/checklistitem"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/store"
)

// The figures of the other parts of the plan, each asked only when somebody wants
// it. They are those of now: a dashboard of the past has none of them.

// PlanFigures are the figures of now beside those of hazards and reports.
type PlanFigures struct {
	Coverage       CoverageFigures
	Notices        NoticeFigures
	HandIns        HandInFigures
	Accountability AccountabilityFigures
	// BureauGroupMissing and SchoolGroupsMissing are the leading groups that nobody
	// has formed.
	BureauGroupMissing  bool
	SchoolGroupsMissing int
	// NeedsListing are the hazards neither rectified at once nor listed in time.
	NeedsListing int
}

// CoverageFigures count the cells of the coverage matrices: grid × item, or item
// for the whole school.
type CoverageFigures struct{ CellsDue, CellsClaimed, CellsProven int }

// PlanFigures gives a dashboard's figures of coverage, notices, leading groups,
// cases and the gap before listing, in a number of statements that does not
// depend on the size of anything; nil for an instant of the past.
func (a *App) PlanFigures(ctx context.Context, d *Dashboard) (*PlanFigures, error) {
	if d.past {
		return nil, nil //nolint:nilnil // no figures is an answer
	}
	b := board{campaign: d.Campaign, region: d.Region, at: d.At}
	out := &PlanFigures{}
	var err error
	if out.Coverage, err = a.coverageFigures(ctx, b); err != nil {
		return nil, store.Fault(err)
	}
	notices, err := a.noticeFigures(ctx, b.campaign, b.region.Path, b.today())
	if err != nil {
		return nil, err
	}
	for _, n := range notices {
		out.Notices.add(n)
	}
	if out.HandIns, err = a.handInFigures(ctx, b.campaign, b.region.Path); err != nil {
		return nil, err
	}
	cases, err := a.accountabilityFigures(ctx, b.campaign, b.region.Path)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		out.Accountability.Discrepancies += c.Discrepancies
		out.Accountability.CasesOpen += c.CasesOpen
		out.Accountability.CasesConfirmed += c.CasesConfirmed
	}
	bureau, groups, err := a.leadingGroupsMissing(ctx, b.campaign, b.region.Path)
	if err != nil {
		return nil, err
	}
	gap, err := a.needsListing(ctx, b.campaign, b.region.Path, b.at)
	if err != nil {
		return nil, err
	}
	out.BureauGroupMissing, out.SchoolGroupsMissing, out.NeedsListing = bureau, total(groups), total(gap)
	return out, nil
}

// SupervisionFigures gives a dashboard's figures of supervision; nil for an
// instant of the past, and to whoever may not see those of the whole region.
func (a *App) SupervisionFigures(ctx context.Context, d *Dashboard) (*SamplingFigures, error) {
	if d.past {
		return nil, nil //nolint:nilnil // no figures is an answer
	}
	return a.SamplingFigures(ctx, d.Campaign, d.Region.Path)
}

func total(byRegion map[string]int) int {
	n := 0
	for _, x := range byRegion {
		n += x
	}
	return n
}

func (f *NoticeFigures) add(d NoticeFigures) {
	f.Issued += d.Issued
	f.Acknowledged += d.Acknowledged
	f.Refused += d.Refused
	f.Replied += d.Replied
	f.Closed += d.Closed
	f.Overdue += d.Overdue
}

// coverageFigures counts what is due from the grids and the checklist, and takes
// what is claimed and proven from what is kept: three statements.
func (a *App) coverageFigures(ctx context.Context, b board) (CoverageFigures, error) {
	var out CoverageFigures
	items, err := a.store.Ent.ChecklistItem.Query().Where(checklistitem.ChecklistID(b.campaign.ChecklistID)).All(ctx)
	if err != nil {
		return out, err
	}
	wholeSchool, byKind := 0, map[string]int{}
	for _, i := range items {
		if len(i.GridKinds) == 0 {
			wholeSchool++
		}
		for _, kind := range i.GridKinds {
			byKind[kind]++
		}
	}
	var grids []struct {
		Kind  string `json:"kind"`
		Count int    `json:"grids"`
	}
	err = a.counted(ctx, b).Where(school.ClosedAtIsNil()).Modify(func(s *sql.Selector) {
		t := sql.Table(grid.Table)
		s.LeftJoin(t).OnP(sql.And(sql.ColumnsEQ(s.C(school.FieldID), t.C(grid.FieldSchoolID)), sql.IsNull(t.C(grid.FieldClosedAt))))
		s.Select(sql.As("COALESCE("+t.C(grid.FieldKind)+", '')", "kind"), sql.As(sql.Count("*"), "grids")).GroupBy(t.C(grid.FieldKind))
	}).Scan(authz.AsSystem(ctx), &grids)
	if err != nil {
		return out, err
	}
	for _, g := range grids {
		out.CellsDue += g.Count * byKind[g.Kind]
	}
	schools := map[string]Figures{}
	if err := a.sumSchools(ctx, b, schools); err != nil {
		return out, err
	}
	for _, f := range schools {
		out.CellsDue += f.SchoolsDue * wholeSchool
	}
	var kept []struct {
		Claimed int `json:"cells_claimed"`
		Proven  int `json:"cells_proven"`
	}
	err = a.store.Ent.SchoolFigure.Query().Where(schoolfigure.CampaignID(b.campaign.ID)).Modify(func(s *sql.Selector) {
		inRegion(s, b)
		s.Select(sql.As("COALESCE("+sql.Sum(s.C(schoolfigure.FieldCellsClaimed))+", 0)", schoolfigure.FieldCellsClaimed),
			sql.As("COALESCE("+sql.Sum(s.C(schoolfigure.FieldCellsProven))+", 0)", schoolfigure.FieldCellsProven))
	}).Scan(ctx, &kept)
	for _, k := range kept {
		out.CellsClaimed, out.CellsProven = k.Claimed, k.Proven
	}
	return out, err
}
