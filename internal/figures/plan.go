package figures

import "context"

// PlanFigures are the figures of the other parts of the plan, beside those of
// hazards and reports.
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

// Plan reads all groups of PlanFigures, in a number of statements that does not
// depend on the size of anything.
func (rd Reader) Plan(ctx context.Context, sc Scope) (*PlanFigures, error) {
	out := &PlanFigures{}
	for _, group := range []func() error{
		func() (err error) { out.Coverage, err = rd.Coverage(ctx, sc); return err },
		func() (err error) { out.Notices, err = rd.NoticesOfRegion(ctx, sc); return err },
		func() (err error) { out.HandIns, err = rd.HandIns(ctx, sc); return err },
		func() (err error) {
			out.Accountability.Discrepancies, err = rd.DiscrepanciesOfRegion(ctx, sc)
			return err
		},
		func() error {
			cases, err := rd.CasesOfRegion(ctx, sc)
			out.Accountability.CasesOpen, out.Accountability.CasesConfirmed = cases.Open, cases.Confirmed
			return err
		},
		func() (err error) { out.BureauGroupMissing, err = rd.BureauGroupMissing(ctx, sc); return err },
		func() (err error) { out.SchoolGroupsMissing, err = of(rd.SchoolGroupsMissing(ctx, sc)); return err },
		func() (err error) { out.NeedsListing, err = rd.NeedsListingOfRegion(ctx, sc); return err },
	} {
		if err := group(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// NoticesOfRegion is Notices of the whole region.
func (rd Reader) NoticesOfRegion(ctx context.Context, sc Scope) (NoticeFigures, error) {
	byRegion, err := rd.Notices(ctx, sc)
	var out NoticeFigures
	for _, n := range byRegion {
		out.add(n)
	}
	return out, err
}

// DiscrepanciesOfRegion is Discrepancies of the whole region.
func (rd Reader) DiscrepanciesOfRegion(ctx context.Context, sc Scope) (int, error) {
	return of(rd.Discrepancies(ctx, sc))
}

// CasesOfRegion is Cases of the whole region.
func (rd Reader) CasesOfRegion(ctx context.Context, sc Scope) (CaseFigures, error) {
	byRegion, err := rd.Cases(ctx, sc)
	var out CaseFigures
	for _, c := range byRegion {
		out.Open, out.Confirmed = out.Open+c.Open, out.Confirmed+c.Confirmed
	}
	return out, err
}

// SchoolGroupsMissingOfRegion is SchoolGroupsMissing of the whole region.
func (rd Reader) SchoolGroupsMissingOfRegion(ctx context.Context, sc Scope) (int, error) {
	return of(rd.SchoolGroupsMissing(ctx, sc))
}

// NeedsListingOfRegion is NeedsListing of the whole region.
func (rd Reader) NeedsListingOfRegion(ctx context.Context, sc Scope) (int, error) {
	return of(rd.NeedsListing(ctx, sc))
}

func of(byRegion map[string]int, err error) (int, error) { return total(byRegion), err }

func total(byRegion map[string]int) int {
	n := 0
	for _, x := range byRegion {
		n += x
	}
	return n
}
