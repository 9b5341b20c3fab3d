package rule_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

func TestCellsDue(t *testing.T) {
	things := []rule.CoverageItem{
		{ID: number(12), Number: 2, GridKinds: []string{"DORMITORY", "CANTEEN"}}, {ID: number(11), Number: 1}, {ID: number(13), Number: 3, GridKinds: []string{"PERIMETER"}},
	}
	grids := []rule.CoverageGrid{{ID: number(1), Code: "00", Kind: "OTHER"}, {ID: number(2), Code: "01", Kind: "DORMITORY"}, {ID: number(3), Code: "02", Kind: "CANTEEN"}}
	cell := func(grid, item int) rule.Cell {
		c := rule.Cell{Item: number(item)}
		if grid > 0 {
			c.Grid = number(grid)
		}
		return c
	}
	for name, c := range map[string]struct {
		grids []rule.CoverageGrid
		want  []rule.Cell
	}{
		"a divided school": {grids, []rule.Cell{cell(0, 11), cell(2, 12), cell(3, 12)}},
		"a day school":     {grids[:1], []rule.Cell{cell(0, 11)}},
		"an undivided one": {nil, []rule.Cell{cell(0, 11), cell(0, 12), cell(0, 13)}},
	} {
		if got := rule.CellsDue(c.grids, things); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestCellsDueProperties: each cell once; a whole-school item once and whatever
// the grids; one more grid never takes a grid's cell away.
func TestCellsDueProperties(t *testing.T) {
	kinds := []string{"BUILDING", "DORMITORY", "GATE", "OTHER"}
	rapid.Check(t, func(t *rapid.T) {
		var grids []rule.CoverageGrid
		for i := range rapid.IntRange(0, 6).Draw(t, "grids") {
			grids = append(grids, rule.CoverageGrid{ID: number(1 + i), Kind: rapid.SampledFrom(kinds).Draw(t, "kind")})
		}
		var list []rule.CoverageItem
		for i := range rapid.IntRange(1, 6).Draw(t, "items") {
			list = append(list, rule.CoverageItem{ID: number(100 + i), Number: i + 1, GridKinds: rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 0, 3, rapid.ID).Draw(t, "bound")})
		}
		due := rule.CellsDue(grids, list)
		seen := map[rule.Cell]bool{}
		for _, c := range due {
			if seen[c] {
				t.Fatalf("%v is due twice", c)
			}
			seen[c] = true
		}
		for _, i := range list {
			if whole := len(i.GridKinds) == 0 || len(grids) == 0; whole != seen[rule.Cell{Item: i.ID}] {
				t.Fatalf("item %d is due for the whole school: %v", i.Number, !whole)
			}
			for _, g := range grids {
				if want := slices.Contains(i.GridKinds, g.Kind); want != seen[rule.Cell{Grid: g.ID, Item: i.ID}] {
					t.Fatalf("item %d in a %s: due is %v", i.Number, g.Kind, !want)
				}
				// A finding of that grid counts for that cell, whether it names the grid or its report does.
				for _, c := range []rule.Cell{rule.CellOf(i.ID, len(i.GridKinds) > 0, &g.ID, nil), rule.CellOf(i.ID, len(i.GridKinds) > 0, nil, &g.ID)} {
					if want := (rule.Cell{Grid: g.ID, Item: i.ID}); seen[want] && c != want {
						t.Fatalf("a finding counts for %v, not %v", c, want)
					}
				}
			}
		}
		if len(grids) > 0 {
			more := rule.CellsDue(append(slices.Clone(grids), rule.CoverageGrid{ID: number(50), Kind: "GATE"}), list)
			for c := range seen {
				if !slices.Contains(more, c) {
					t.Fatalf("with one more grid %v is due no more", c)
				}
			}
		}
	})
}

func TestStateOfCell(t *testing.T) {
	for _, c := range []struct {
		claimed, proven, ended bool
		want                   rule.CoverageState
	}{
		{false, false, false, rule.CellNotStarted}, {true, false, false, rule.CellClaimed}, {true, true, false, rule.CellProven},
		{false, false, true, rule.CellNotCarriedOut}, {true, false, true, rule.CellNotCarriedOut}, {true, true, true, rule.CellProven},
	} {
		if got := rule.StateOfCell(c.claimed, c.proven, c.ended); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}

// TestItemsAsked: a report of one grid is asked what is due there, every other
// report each item once, as before items were bound to grids.
func TestItemsAsked(t *testing.T) {
	list := []rule.CoverageItem{{ID: number(1)}, {ID: number(2), GridKinds: []string{"GATE"}}, {ID: number(3), GridKinds: []string{"GATE", "DORMITORY"}}}
	all := []uuid.UUID{number(1), number(2), number(3)}
	for name, c := range map[string]struct {
		kind rule.ReportKind
		grid string
		want []uuid.UUID
	}{
		"the whole school":                    {rule.SelfInspection, "", all},
		"a gate":                              {rule.SelfInspection, "GATE", all[1:]},
		"a dormitory":                         {rule.SelfInspection, "DORMITORY", all[2:]},
		"a grid of no item":                   {rule.SelfInspection, "PLAYGROUND", all},
		"a supervision":                       {rule.Supervision, "", all},
		"a supervision that starts in a gate": {rule.Supervision, "GATE", all},
	} {
		if got := rule.ItemsAsked(c.kind, c.grid, list); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
