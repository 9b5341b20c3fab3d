package rollup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/breakdownfigure"
	"github.com/cleargrid/cleargrid/ent/closingfigure"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/ent/dayfigure"
	"github.com/cleargrid/cleargrid/ent/deadlinefigure"
	"github.com/cleargrid/cleargrid/ent/gridfigure"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// table is one of the tables in which a school's figures are kept; each row is an
// entry of one map of Kept.
type table struct {
	// read adds the rows of a school to what is kept.
	read func(ctx context.Context, client *ent.Client, school uuid.UUID, to Kept) error
	// remove removes the rows of a school.
	remove func(ctx context.Context, tx *ent.Tx, school uuid.UUID) error
	// insert writes rows that are not there yet.
	insert func(ctx context.Context, tx *ent.Tx, k Kept) error
	// differ lists where two sets of figures differ in this table, one line each.
	differ func(got, want Kept) []string
}

// tables are all of them. The states of hazards, which some of them sum, are not
// figures.
var tables = []table{
	tableOf("figures", func(k Kept) map[Owner]Counts { return k.Counts },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.SchoolFigure] {
			of := schoolfigure.SchoolID(school)
			return schoolRows[*ent.SchoolFigure]{c.SchoolFigure.Query().Where(of).All, c.SchoolFigure.Delete().Where(of).Exec}
		},
		func(f *ent.SchoolFigure) (Owner, Counts) {
			return Owner{f.CampaignID, f.SchoolID}, Counts{
				Found: f.Found, Voided: f.Voided, Closed: f.Closed, ClosedProven: f.ClosedProven, UnderOversight: f.UnderOversight, MajorOpen: f.MajorOpen,
				SelfClaimed: f.SelfClaimed, SelfProven: f.SelfProven,
				SupervisionClaimed: f.SupervisionClaimed, SupervisionProven: f.SupervisionProven,
			}
		},
		oneByOne(apply)),
	tableOf("open hazards by deadline", func(k Kept) map[Owned[clock.Date]]int { return k.Open },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.DeadlineFigure] {
			of := deadlinefigure.SchoolID(school)
			return schoolRows[*ent.DeadlineFigure]{c.DeadlineFigure.Query().Where(of).All, c.DeadlineFigure.Delete().Where(of).Exec}
		},
		func(f *ent.DeadlineFigure) (Owned[clock.Date], int) {
			return Owned[clock.Date]{Owner{f.CampaignID, f.SchoolID}, f.DeadlineOn}, f.Open
		},
		oneByOne(func(ctx context.Context, tx *ent.Tx, d Owned[clock.Date], n int) error {
			return openBy(ctx, tx, d.Owner, d.Of, n)
		})),
	tableOf("figures of day", func(k Kept) map[Owned[clock.Date]]Counts { return k.Days },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.DayFigure] {
			of := dayfigure.SchoolID(school)
			return schoolRows[*ent.DayFigure]{c.DayFigure.Query().Where(of).All, c.DayFigure.Delete().Where(of).Exec}
		},
		func(f *ent.DayFigure) (Owned[clock.Date], Counts) {
			return Owned[clock.Date]{Owner{f.CampaignID, f.SchoolID}, f.Day}, Counts{
				Found: f.Found, Voided: f.Voided, Closed: f.Closed, ClosedProven: f.ClosedProven, UnderOversight: f.UnderOversight, MajorOpen: f.MajorOpen,
			}
		},
		oneByOne(func(ctx context.Context, tx *ent.Tx, d Owned[clock.Date], c Counts) error {
			return addToDay(ctx, tx, d.Owner, d.Of, c)
		})),
	tableOf("hazards by category", func(k Kept) map[Owned[Dimensions]]int { return k.Breakdown },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.BreakdownFigure] {
			of := breakdownfigure.SchoolID(school)
			return schoolRows[*ent.BreakdownFigure]{c.BreakdownFigure.Query().Where(of).All, c.BreakdownFigure.Delete().Where(of).Exec}
		},
		func(f *ent.BreakdownFigure) (Owned[Dimensions], int) {
			return Owned[Dimensions]{Owner{f.CampaignID, f.SchoolID}, Dimensions{f.Category, f.Grade, f.Source, f.Status}}, f.Hazards
		},
		oneByOne(func(ctx context.Context, tx *ent.Tx, d Owned[Dimensions], n int) error {
			return addToBreakdown(ctx, tx, d.Owner, d.Of, n)
		})),
	tableOf("hazards by hours to close", func(k Kept) map[Owned[int]]int { return k.Hours },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.ClosingFigure] {
			of := closingfigure.SchoolID(school)
			return schoolRows[*ent.ClosingFigure]{c.ClosingFigure.Query().Where(of).All, c.ClosingFigure.Delete().Where(of).Exec}
		},
		func(f *ent.ClosingFigure) (Owned[int], int) {
			return Owned[int]{Owner{f.CampaignID, f.SchoolID}, f.Hours}, f.Hazards
		},
		oneByOne(func(ctx context.Context, tx *ent.Tx, h Owned[int], n int) error {
			return closedIn(ctx, tx, h.Owner, h.Of, n)
		})),
	tableOf("coverage", func(k Kept) map[Owned[rule.Cell]]CellState { return k.Cells },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.CoverageCell] {
			of := coveragecell.SchoolID(school)
			return schoolRows[*ent.CoverageCell]{c.CoverageCell.Query().Where(of).All, c.CoverageCell.Delete().Where(of).Exec}
		},
		func(r *ent.CoverageCell) (Owned[rule.Cell], CellState) {
			return Owned[rule.Cell]{Owner{r.CampaignID, r.SchoolID}, rule.Cell{Grid: r.GridID, Item: r.ItemID}}, CellOf(r)
		},
		putCells),
	tableOf("cells of a grid", func(k Kept) map[Owned[part]]partCounts { return k.parts },
		func(c *ent.Client, school uuid.UUID) schoolRows[*ent.GridFigure] {
			of := gridfigure.SchoolID(school)
			return schoolRows[*ent.GridFigure]{c.GridFigure.Query().Where(of).All, c.GridFigure.Delete().Where(of).Exec}
		},
		func(f *ent.GridFigure) (Owned[part], partCounts) {
			return Owned[part]{Owner{f.CampaignID, f.SchoolID}, part{f.GridID, f.Bound}}, partCounts{f.Claimed, f.Proven}
		},
		oneByOne(addPart)),
}

// schoolRows reads and removes the rows of a school in one table.
type schoolRows[R any] struct {
	all    func(context.Context) ([]R, error)
	remove func(context.Context) (int, error)
}

// tableOf makes a table of its name, the map of Kept that it holds, its rows of a
// school, the entry of a row, and what writes entries.
func tableOf[R any, K, V comparable](
	name string, of func(Kept) map[K]V, rowsOf func(*ent.Client, uuid.UUID) schoolRows[R], entry func(R) (K, V),
	insert func(context.Context, *ent.Tx, map[K]V) error,
) table {
	return table{
		read: func(ctx context.Context, client *ent.Client, school uuid.UUID, to Kept) error {
			all, err := rowsOf(client, school).all(ctx)
			if err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
			for _, r := range all {
				k, v := entry(r)
				of(to)[k] = v
			}
			return nil
		},
		remove: func(ctx context.Context, tx *ent.Tx, school uuid.UUID) error {
			if _, err := rowsOf(tx.Client(), school).remove(ctx); err != nil {
				return fmt.Errorf("remove %s: %w", name, err)
			}
			return nil
		},
		insert: func(ctx context.Context, tx *ent.Tx, k Kept) error { return insert(ctx, tx, of(k)) },
		differ: func(got, want Kept) []string { return differ(name, of(got), of(want)) },
	}
}

// oneByOne writes entries by a function that writes one.
func oneByOne[K comparable, V any](one func(context.Context, *ent.Tx, K, V) error) func(context.Context, *ent.Tx, map[K]V) error {
	return func(ctx context.Context, tx *ent.Tx, all map[K]V) error {
		for k, v := range all {
			if err := one(ctx, tx, k, v); err != nil {
				return err
			}
		}
		return nil
	}
}

// differ lists the keys whose values are not equal; a missing one is the zero.
func differ[K comparable, V comparable](what string, got, want map[K]V) []string {
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	var out []string
	for k := range keys {
		if got[k] != want[k] {
			out = append(out, fmt.Sprintf("%s of %v: kept %v, rows say %v", what, k, got[k], want[k]))
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
