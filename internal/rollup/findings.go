package rollup

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// CellsOfSchool knows every item, and the grids of a school.
func CellsOfSchool(ctx context.Context, client *ent.Client, school uuid.UUID) (Cells, error) {
	items, err := client.ChecklistItem.Query().All(ctx)
	if err != nil {
		return Cells{}, fmt.Errorf("read checklist items: %w", err)
	}
	grids, err := client.Grid.Query().Where(grid.SchoolID(school)).All(ctx)
	if err != nil {
		return Cells{}, fmt.Errorf("read grids: %w", err)
	}
	return NewCells(items, grids), nil
}

// cellsFromFindings gives by campaign the cells that follow from a school's
// findings.
func cellsFromFindings(ctx context.Context, client *ent.Client, of Cells, school uuid.UUID, where ...predicate.Finding) (map[Owner]map[rule.Cell]CellState, error) {
	reports, err := client.InspectionReport.Query().Where(inspectionreport.SchoolID(school), inspectionreport.KindEQ(rule.SelfInspection),
		inspectionreport.StatusEQ(rule.Submitted)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	byID, ids := map[uuid.UUID]*ent.InspectionReport{}, make([]uuid.UUID, len(reports))
	for i, r := range reports {
		byID[r.ID], ids[i] = r, r.ID
	}
	rows, err := client.Finding.Query().Where(append(where, finding.ReportIDIn(ids...))...).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	out := map[Owner]map[rule.Cell]CellState{}
	for _, f := range rows {
		r := byID[f.ReportID]
		cell, due := of.Of(f, r)
		if !due {
			continue
		}
		s := CellState{ClaimedAt: clock.Truncate(*r.SubmittedAt)}
		if f.ProvenAt != nil {
			s.ProvenAt = clock.Truncate(*f.ProvenAt)
		}
		o := Owner{r.CampaignID, r.SchoolID}
		if out[o] == nil {
			out[o] = map[rule.Cell]CellState{}
		}
		out[o][cell] = out[o][cell].Earliest(s)
	}
	return out, nil
}
