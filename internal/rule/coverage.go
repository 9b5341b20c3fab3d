package rule

import (
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// CoverageState is where one cell of a school's self-inspection stands: one
// checklist item in one grid, or for the whole school (排查覆盖).
type CoverageState string

// The states of a cell.
const (
	CellNotStarted    CoverageState = "NOT_STARTED"
	CellClaimed       CoverageState = "CLAIMED"         // a submitted report has a finding
	CellProven        CoverageState = "PROVEN"          // and the finding has its evidence VERIFIED
	CellNotCarriedOut CoverageState = "NOT_CARRIED_OUT" // 视为未开展工作: the phase ended and it is not proven
)

// CoverageStates lists the states, from nothing to proven.
func CoverageStates() []CoverageState {
	return []CoverageState{CellNotStarted, CellClaimed, CellProven, CellNotCarriedOut}
}

// Values implements ent's enum interface.
func (CoverageState) Values() []string { return values(CoverageStates()) }

// CoverageItem is a checklist item with the kinds of grids that it is inspected
// in; none: once for the whole school.
type CoverageItem struct {
	ID        uuid.UUID
	Number    int
	GridKinds []string
}

// CoverageGrid is a grid in use.
type CoverageGrid struct {
	ID         uuid.UUID
	Code, Kind string
}

// Cell is one checklist item in one grid, or in WholeSchool.
type Cell struct{ Grid, Item uuid.UUID }

// CellsDue lists the cells that a school owes, by item and then by grid: an item
// that is bound to kinds of grids in each grid in use of these kinds, any other
// once. What a school has nothing of is not due; but one that has not divided
// itself into grids at all owes every item for the whole school, or else it would
// owe less than one that has (plan: 每个环节、每个岗位、每个部位).
func CellsDue(grids []CoverageGrid, items []CoverageItem) []Cell {
	items = slices.SortedStableFunc(slices.Values(items), func(a, b CoverageItem) int { return a.Number - b.Number })
	var out []Cell
	for _, i := range items {
		if len(i.GridKinds) == 0 || len(grids) == 0 {
			out = append(out, Cell{Grid: WholeSchool, Item: i.ID})
			continue
		}
		for _, g := range grids {
			if slices.Contains(i.GridKinds, g.Kind) {
				out = append(out, Cell{Grid: g.ID, Item: i.ID})
			}
		}
	}
	return out
}

// CellOf is the cell that a finding counts for: that of its grid, or else of the
// report's, when the item is bound to grids; any other counts for the whole
// school.
func CellOf(item uuid.UUID, bound bool, finding, report *uuid.UUID) Cell {
	switch {
	case bound && finding != nil:
		return Cell{Grid: *finding, Item: item}
	case bound && report != nil:
		return Cell{Grid: *report, Item: item}
	}
	return Cell{Item: item}
}

// StateOfCell decides where a cell stands; ended says that the phase of
// self-inspection is over (plan: 凡是未能提供工作档案和印证材料的，视为未开展工作).
func StateOfCell(claimed, proven, ended bool) CoverageState {
	switch {
	case proven:
		return CellProven
	case ended:
		return CellNotCarriedOut
	case claimed:
		return CellClaimed
	}
	return CellNotStarted
}

// SelfInspectionEnd is the last day of self-inspection: of its phase, or of the
// campaign when it has no such phase.
func SelfInspectionEnd(phase *clock.Date, campaign clock.Date) clock.Date {
	if phase != nil {
		return *phase
	}
	return campaign
}

// ItemsAsked are the items that a report must have a finding for. A
// self-inspection of one grid is asked the items that are inspected in grids of
// its kind; when there are none, and for every other report, it is asked each
// item once.
func ItemsAsked(kind ReportKind, gridKind string, items []CoverageItem) []uuid.UUID {
	var all, here []uuid.UUID
	for _, i := range items {
		all = append(all, i.ID)
		if slices.Contains(i.GridKinds, gridKind) {
			here = append(here, i.ID)
		}
	}
	if kind == SelfInspection && gridKind != "" && len(here) > 0 {
		return here
	}
	return all
}
