package rollup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// CellCounts are how many submitted self-inspection findings one cell has, and
// how many of them are proven; or by how much that changes.
type CellCounts struct{ Claimed, Proven int }

// CoverageChanged folds a change of findings into the cells of a school, and how
// many cells are claimed and proven into its figures. The school's figures are
// locked first: two reports of one school never wait for each other in a circle.
func CoverageChanged(ctx context.Context, tx *ent.Tx, o Owner, changes map[rule.Cell]CellCounts) error {
	maps.DeleteFunc(changes, func(_ rule.Cell, d CellCounts) bool { return d == CellCounts{} })
	if len(changes) == 0 {
		return nil
	}
	if err := addCells(ctx, tx, o, CellCounts{}); err != nil { // takes the lock
		return err
	}
	before, err := cellsOf(ctx, tx, o, changes)
	if err != nil {
		return err
	}
	var turned CellCounts // cells, not findings
	var rows []*ent.CoverageCellCreate
	for cell, d := range changes {
		was := before[cell]
		is := CellCounts{Claimed: was.Claimed + d.Claimed, Proven: was.Proven + d.Proven}
		turned.Claimed += one(is.Claimed > 0) - one(was.Claimed > 0)
		turned.Proven += one(is.Proven > 0) - one(was.Proven > 0)
		rows = append(rows, tx.CoverageCell.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).SetGridID(cell.Grid).SetItemID(cell.Item).
			SetClaimed(is.Claimed).SetProven(is.Proven))
	}
	err = tx.CoverageCell.CreateBulk(rows...).
		OnConflictColumns(coveragecell.FieldCampaignID, coveragecell.FieldSchoolID, coveragecell.FieldGridID, coveragecell.FieldItemID).
		Update(func(u *ent.CoverageCellUpsert) { u.UpdateClaimed().UpdateProven() }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("cells of a school: %w", err)
	}
	if turned == (CellCounts{}) {
		return nil
	}
	return addCells(ctx, tx, o, turned)
}

func cellsOf(ctx context.Context, tx *ent.Tx, o Owner, changes map[rule.Cell]CellCounts) (map[rule.Cell]CellCounts, error) {
	var items []uuid.UUID
	for cell := range changes {
		items = append(items, cell.Item)
	}
	rows, err := tx.CoverageCell.Query().Where(coveragecell.CampaignID(o.CampaignID), coveragecell.SchoolID(o.SchoolID), coveragecell.ItemIDIn(items...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("cells of a school: %w", err)
	}
	out := make(map[rule.Cell]CellCounts, len(rows))
	for _, r := range rows {
		out[rule.Cell{Grid: r.GridID, Item: r.ItemID}] = CellCounts{r.Claimed, r.Proven}
	}
	return out, nil
}

func addCells(ctx context.Context, tx *ent.Tx, o Owner, d CellCounts) error {
	err := tx.SchoolFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).SetCellsClaimed(d.Claimed).SetCellsProven(d.Proven).
		OnConflictColumns(schoolfigure.FieldCampaignID, schoolfigure.FieldSchoolID).
		Update(func(u *ent.SchoolFigureUpsert) { u.AddCellsClaimed(d.Claimed).AddCellsProven(d.Proven) }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("cells in the figures of a school: %w", err)
	}
	return nil
}

// ownedCell is a cell of one school in one campaign.
type ownedCell struct {
	Owner
	rule.Cell
}

// compareCoverage rebuilds the cells from the findings of submitted
// self-inspections, and the figures from the cells.
func compareCoverage(ctx context.Context, client *ent.Client) ([]string, error) {
	want, err := rebuildCells(ctx, client)
	if err != nil {
		return nil, err
	}
	got := map[ownedCell]CellCounts{}
	rows, err := client.CoverageCell.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read cells: %w", err)
	}
	for _, r := range rows {
		got[ownedCell{Owner{r.CampaignID, r.SchoolID}, rule.Cell{Grid: r.GridID, Item: r.ItemID}}] = CellCounts{r.Claimed, r.Proven}
	}
	cells := map[Owner]CellCounts{}
	for c, n := range want {
		sum := cells[c.Owner]
		sum.Claimed += one(n.Claimed > 0)
		sum.Proven += one(n.Proven > 0)
		cells[c.Owner] = sum
	}
	kept := map[Owner]CellCounts{}
	figures, err := client.SchoolFigure.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	for _, f := range figures {
		kept[Owner{f.CampaignID, f.SchoolID}] = CellCounts{f.CellsClaimed, f.CellsProven}
	}
	out := slices.Concat(differ("coverage", got, want), differ("cells", kept, cells))
	slices.SortFunc(out, strings.Compare)
	return out, nil
}

// rebuildCells counts in the database: findings are many, cells are few.
func rebuildCells(ctx context.Context, client *ent.Client) (map[ownedCell]CellCounts, error) {
	items, err := client.ChecklistItem.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read checklist items: %w", err)
	}
	bound := map[uuid.UUID]bool{}
	for _, i := range items {
		bound[i.ID] = len(i.GridKinds) > 0
	}
	var rows []struct {
		CampaignID uuid.UUID  `json:"campaign_id"`
		SchoolID   uuid.UUID  `json:"school_id"`
		ReportGrid *uuid.UUID `json:"report_grid"`
		GridID     *uuid.UUID `json:"grid_id"`
		ItemID     uuid.UUID  `json:"item_id"`
		Claimed    int        `json:"claimed"`
		Proven     int        `json:"proven"`
	}
	err = client.Finding.Query().Modify(func(s *sql.Selector) {
		r := sql.Table(inspectionreport.Table)
		s.Join(r).On(s.C("report_id"), r.C(inspectionreport.FieldID))
		s.Where(sql.And(sql.EQ(r.C(inspectionreport.FieldKind), string(rule.SelfInspection)), sql.EQ(r.C(inspectionreport.FieldStatus), string(rule.Submitted))))
		keys := []string{r.C(inspectionreport.FieldCampaignID), s.C("school_id"), r.C(inspectionreport.FieldGridID), s.C("grid_id"), s.C("item_id")}
		s.Select(keys[0], keys[1], sql.As(keys[2], "report_grid"), keys[3], keys[4], sql.As(sql.Count("*"), "claimed"),
			sql.As("SUM(CASE WHEN "+s.C("proven")+" THEN 1 ELSE 0 END)", "proven")).GroupBy(keys...)
	}).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count findings: %w", err)
	}
	out := map[ownedCell]CellCounts{}
	for _, r := range rows {
		k := ownedCell{Owner{r.CampaignID, r.SchoolID}, rule.CellOf(r.ItemID, bound[r.ItemID], r.GridID, r.ReportGrid)}
		n := out[k]
		out[k] = CellCounts{n.Claimed + r.Claimed, n.Proven + r.Proven}
	}
	return out, nil
}
