package app

import (
	"context"

	"github.com/cleargrid/cleargrid/internal/store"
)

// The figures of the other parts of the plan, each asked only when somebody wants
// it. Like all figures they are those of the dashboard's instant: most rows carry
// the instants of what happened to them, so that then is counted like now.

// PlanFigures are the figures beside those of hazards and reports.
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

// PlanFigures gives a dashboard's figures of coverage, notices, leading groups,
// cases and the gap before listing, in a number of statements that does not
// depend on the size of anything.
func (a *App) PlanFigures(ctx context.Context, d *Dashboard) (*PlanFigures, error) {
	b := d.board()
	out := &PlanFigures{}
	var err error
	if out.Coverage, err = a.coverageFigures(ctx, b); err != nil {
		return nil, store.Fault(err)
	}
	notices, err := a.noticeFigures(ctx, b)
	if err != nil {
		return nil, err
	}
	for _, n := range notices {
		out.Notices.add(n)
	}
	if out.HandIns, err = a.handInFigures(ctx, b); err != nil {
		return nil, err
	}
	cases, err := a.accountabilityFigures(ctx, b)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		out.Accountability.Discrepancies += c.Discrepancies
		out.Accountability.CasesOpen += c.CasesOpen
		out.Accountability.CasesConfirmed += c.CasesConfirmed
	}
	bureau, groups, err := a.leadingGroupsMissing(ctx, b)
	if err != nil {
		return nil, err
	}
	gap, err := a.needsListing(ctx, b)
	if err != nil {
		return nil, err
	}
	out.BureauGroupMissing, out.SchoolGroupsMissing, out.NeedsListing = bureau, total(groups), total(gap)
	return out, nil
}

// SupervisionFigures gives a dashboard's figures of supervision; nil to whoever
// may not see those of the whole region.
func (a *App) SupervisionFigures(ctx context.Context, d *Dashboard) (*SamplingFigures, error) {
	return a.samplingFigures(ctx, d.board())
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
