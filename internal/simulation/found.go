package simulation

import (
	"time"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// found is what the product says to the section: the figures of now.
func (m *month) found() (map[string]int, error) {
	out, err := m.figures(nil)
	if err != nil {
		return nil, err
	}
	return out, m.cases(out)
}

// figures are those of an instant; nil is now.
func (m *month) figures(asOf *time.Time) (map[string]int, error) {
	ctx := m.as(m.bureau["section"])
	d, err := m.App.Dashboard(ctx, app.DashboardInput{CampaignID: m.campaign.PublicID(), AsOf: asOf})
	if err != nil {
		return nil, err
	}
	plan, err := m.App.PlanFigures(ctx, d)
	if err != nil {
		return nil, err
	}
	supervision, err := m.App.SupervisionFigures(ctx, d)
	if err != nil {
		return nil, err
	}
	f := d.Total
	out := map[string]int{
		"hazards found": f.Found, "hazards closed": f.Closed, "hazards closed and proven": f.ClosedProven, "hazards voided": f.Voided,
		"hazards open": f.Open, "hazards overdue": f.Overdue, "hazards listed": f.Listed, "major hazards open": f.MajorOpen,
		"hazards to be listed": plan.NeedsListing,
		"schools due":          f.SchoolsDue, "schools self-inspected": f.SchoolsSelfClaimed, "schools self-inspected and proven": f.SchoolsSelfProven,
		"schools visited": f.SchoolsVisitedClaimed, "schools visited and proven": f.SchoolsVisitedProven,
		"schools without a leading group": plan.SchoolGroupsMissing,
		"townships":                       supervision.Townships, "townships that meet the rule": supervision.TownshipsMeeting,
		"exemptions confirmed": supervision.ExemptionsConfirmed, "exemptions unconfirmed": supervision.ExemptionsUnconfirmed,
		"notices issued": plan.Notices.Issued, "notices acknowledged": plan.Notices.Acknowledged, "notices refused": plan.Notices.Refused,
		"notices replied to": plan.Notices.Replied, "teams with notices": plan.HandIns.Teams, "teams that handed in": plan.HandIns.Complete,
		"cells claimed": plan.Coverage.CellsClaimed, "cells proven": plan.Coverage.CellsProven, "visits planned": 0, "visits done": 0,
		"discrepancies": plan.Accountability.Discrepancies,
	}
	for _, t := range supervision.Teams {
		out["visits planned"] += t.Planned()
		out["visits done"] += t.Done
	}
	return out, nil
}

// cases counts the cases by kind, page by page.
func (m *month) cases(out map[string]int) error {
	for _, kind := range rule.CaseKinds() {
		out["cases "+string(kind)] = 0
	}
	args := app.PageArgs{First: new(200)}
	for {
		page, err := m.App.Cases(m.as(m.bureau["section"]), args, nil)
		if err != nil {
			return err
		}
		for _, c := range page.Rows {
			out["cases "+string(c.Kind)]++
		}
		if !page.HasNext {
			return nil
		}
		args.After = &page.Cursors[len(page.Cursors)-1]
	}
}
