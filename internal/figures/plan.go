package figures

import (
	"context"

	"github.com/cleargrid/cleargrid/internal/store"
)

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
func (rd Reader) PlanFigures(ctx context.Context, d *Dashboard) (*PlanFigures, error) {
	sc := d.scope()
	out := &PlanFigures{}
	var err error
	if out.Coverage, err = rd.Coverage(ctx, sc); err != nil {
		return nil, store.Fault(err)
	}
	notices, err := rd.Notices(ctx, sc)
	if err != nil {
		return nil, err
	}
	for _, n := range notices {
		out.Notices.add(n)
	}
	if out.HandIns, err = rd.HandIns(ctx, sc); err != nil {
		return nil, err
	}
	cases, err := rd.Accountability(ctx, sc)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		out.Accountability.Discrepancies += c.Discrepancies
		out.Accountability.CasesOpen += c.CasesOpen
		out.Accountability.CasesConfirmed += c.CasesConfirmed
	}
	bureau, groups, err := rd.LeadingGroupsMissing(ctx, sc)
	if err != nil {
		return nil, err
	}
	gap, err := rd.NeedsListing(ctx, sc)
	if err != nil {
		return nil, err
	}
	out.BureauGroupMissing, out.SchoolGroupsMissing, out.NeedsListing = bureau, total(groups), total(gap)
	return out, nil
}

// SupervisionFigures gives a dashboard's figures of supervision; nil to whoever
// may not see those of the whole region.
func (rd Reader) SupervisionFigures(ctx context.Context, d *Dashboard) (*SamplingFigures, error) {
	return rd.Sampling(ctx, d.scope())
}

func total(byRegion map[string]int) int {
	n := 0
	for _, x := range byRegion {
		n += x
	}
	return n
}
