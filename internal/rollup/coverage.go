package rollup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/gridfigure"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// CellState is since when a cell has a finding of a submitted self-inspection,
// and since when a proven one. The zero value is "not at all".
type CellState struct{ ClaimedAt, ProvenAt time.Time }

// Earliest joins what two findings say of one cell.
func (s CellState) Earliest(x CellState) CellState {
	return CellState{earlier(s.ClaimedAt, x.ClaimedAt), earlier(s.ProvenAt, x.ProvenAt)}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// CellOf takes from a row since when it is so.
func CellOf(r *ent.CoverageCell) CellState {
	var out CellState
	if r.ClaimedAt != nil {
		out.ClaimedAt = clock.Truncate(*r.ClaimedAt)
	}
	if r.ProvenAt != nil {
		out.ProvenAt = clock.Truncate(*r.ProvenAt)
	}
	return out
}

// Cells tells cells apart: which items of a campaign are inspected in which kinds
// of grids.
type Cells struct {
	kinds map[uuid.UUID][]string // by item; empty for the whole school
	grids map[uuid.UUID]string   // kind by grid
}

// NewCells is about these items and grids.
func NewCells(items []*ent.ChecklistItem, grids []*ent.Grid) Cells {
	out := Cells{map[uuid.UUID][]string{}, map[uuid.UUID]string{}}
	for _, i := range items {
		out.kinds[i.ID] = i.GridKinds
	}
	for _, g := range grids {
		out.grids[g.ID] = g.Kind
	}
	return out
}

// Of is the cell that a finding of a report counts for; false for one that no
// school owes: an item in a grid of another kind.
func (c Cells) Of(f *ent.Finding, r *ent.InspectionReport) (rule.Cell, bool) {
	cell := rule.CellOf(f.ItemID, c.bound(f.ItemID), f.GridID, r.GridID)
	return cell, cell.Grid == rule.WholeSchool || slices.Contains(c.kinds[f.ItemID], c.grids[cell.Grid])
}

func (c Cells) bound(item uuid.UUID) bool { return len(c.kinds[item]) > 0 }

// part is what a grid's figure counts.
type part struct {
	Grid  uuid.UUID
	Bound bool
}

func (c Cells) part(cell rule.Cell) part { return part{cell.Grid, c.bound(cell.Item)} }

// partCounts are numbers of cells.
type partCounts struct{ Claimed, Proven int }

func (n partCounts) plus(s CellState, sign int) partCounts {
	return partCounts{n.Claimed + sign*one(!s.ClaimedAt.IsZero()), n.Proven + sign*one(!s.ProvenAt.IsZero())}
}

// CoverageClaimed notes that cells of a school have a finding that was submitted
// at an instant.
func CoverageClaimed(ctx context.Context, tx *ent.Tx, o Owner, of Cells, cells []rule.Cell, at time.Time) error {
	return coverageChanged(ctx, tx, o, of, cells, func(_ rule.Cell, s CellState) (CellState, error) {
		return s.Earliest(CellState{ClaimedAt: clock.Truncate(at)}), nil
	})
}

// CoverageProven notes that cells of a school have a finding that is proven since
// an instant.
func CoverageProven(ctx context.Context, tx *ent.Tx, o Owner, of Cells, cells []rule.Cell, at time.Time) error {
	return coverageChanged(ctx, tx, o, of, cells, func(_ rule.Cell, s CellState) (CellState, error) {
		return s.Earliest(CellState{ProvenAt: clock.Truncate(at)}), nil
	})
}

// CoverageDoubted notes that findings of some cells of a school are not proven any
// more: the new state of these cells is read from all their findings.
func CoverageDoubted(ctx context.Context, tx *ent.Tx, o Owner, of Cells, cells []rule.Cell) error {
	var now map[Owner]map[rule.Cell]CellState
	return coverageChanged(ctx, tx, o, of, cells, func(c rule.Cell, _ CellState) (CellState, error) {
		if now == nil {
			var items []uuid.UUID
			for _, x := range cells {
				items = append(items, x.Item)
			}
			var err error
			if now, err = cellsFromFindings(ctx, tx.Client(), of, o.SchoolID, finding.ItemIDIn(items...)); err != nil {
				return CellState{}, err
			}
		}
		return now[o][c], nil
	})
}

// coverageChanged writes new states of some cells, and the figures of their
// grids. The school's figures are locked first: two reports of one school never
// wait for each other in a circle.
func coverageChanged(ctx context.Context, tx *ent.Tx, o Owner, of Cells, cells []rule.Cell, becomes func(rule.Cell, CellState) (CellState, error)) error {
	if len(cells) == 0 {
		return nil
	}
	if err := lockFigures(ctx, tx, o); err != nil {
		return err
	}
	before, err := cellsOf(ctx, tx, o, cells)
	if err != nil {
		return err
	}
	after, changed := map[Owned[rule.Cell]]CellState{}, map[Owned[part]]partCounts{}
	for _, c := range cells {
		is, err := becomes(c, before[c])
		if err != nil {
			return err
		}
		cell, p := Owned[rule.Cell]{o, c}, Owned[part]{o, of.part(c)}
		if _, done := after[cell]; done || is == before[c] {
			continue
		}
		after[cell] = is
		changed[p] = changed[p].plus(is, 1).plus(before[c], -1)
	}
	if err := putCells(ctx, tx, after); err != nil {
		return err
	}
	maps.DeleteFunc(changed, func(_ Owned[part], n partCounts) bool { return n == partCounts{} })
	return oneByOne(addPart)(ctx, tx, changed)
}

// lockFigures locks the figures of a school in a campaign. They are there as soon as
// anything was counted; before that, making them is the lock.
func lockFigures(ctx context.Context, tx *ent.Tx, o Owner) error {
	ctx = authz.AsSystem(ctx) // a lock is about order, not about sight
	there, err := tx.SchoolFigure.Query().Where(schoolfigure.CampaignID(o.CampaignID), schoolfigure.SchoolID(o.SchoolID),
		store.Locking(ctx, store.Figures)).Exist(ctx)
	if err == nil && !there {
		err = tx.SchoolFigure.Create().SetCampaignID(o.CampaignID).SetSchoolID(o.SchoolID).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("lock the figures of a school: %w", err)
	}
	return nil
}

func cellsOf(ctx context.Context, tx *ent.Tx, o Owner, cells []rule.Cell) (map[rule.Cell]CellState, error) {
	var items []uuid.UUID
	for _, c := range cells {
		items = append(items, c.Item)
	}
	rows, err := tx.CoverageCell.Query().Where(coveragecell.CampaignID(o.CampaignID), coveragecell.SchoolID(o.SchoolID), coveragecell.ItemIDIn(items...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("cells of a school: %w", err)
	}
	out := make(map[rule.Cell]CellState, len(rows))
	for _, r := range rows {
		out[rule.Cell{Grid: r.GridID, Item: r.ItemID}] = CellOf(r)
	}
	return out, nil
}

func putCells(ctx context.Context, tx *ent.Tx, cells map[Owned[rule.Cell]]CellState) error {
	rows := make([]*ent.CoverageCellCreate, 0, len(cells))
	for c, s := range cells {
		row := tx.CoverageCell.Create().SetCampaignID(c.CampaignID).SetSchoolID(c.SchoolID).SetGridID(c.Of.Grid).SetItemID(c.Of.Item).SetClaimedAt(s.ClaimedAt)
		if !s.ProvenAt.IsZero() {
			row.SetProvenAt(s.ProvenAt)
		}
		rows = append(rows, row)
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		err := tx.CoverageCell.CreateBulk(some...).
			OnConflictColumns(coveragecell.FieldCampaignID, coveragecell.FieldSchoolID, coveragecell.FieldGridID, coveragecell.FieldItemID).
			Update(func(u *ent.CoverageCellUpsert) { u.UpdateClaimedAt().UpdateProvenAt() }).Exec(ctx)
		if err != nil {
			return fmt.Errorf("cells of a school: %w", err)
		}
	}
	return nil
}

// rowsAtOnce keeps a statement below the parameters that both databases take.
const rowsAtOnce = 500

func addPart(ctx context.Context, tx *ent.Tx, p Owned[part], d partCounts) error {
	err := tx.GridFigure.Create().SetCampaignID(p.CampaignID).SetSchoolID(p.SchoolID).SetGridID(p.Of.Grid).SetBound(p.Of.Bound).
		SetClaimed(d.Claimed).SetProven(d.Proven).
		OnConflictColumns(gridfigure.FieldCampaignID, gridfigure.FieldSchoolID, gridfigure.FieldGridID, gridfigure.FieldBound).
		Update(func(u *ent.GridFigureUpsert) { u.AddClaimed(d.Claimed).AddProven(d.Proven) }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("figures of a grid: %w", err)
	}
	return nil
}
