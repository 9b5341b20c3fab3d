package figures

import (
	"context"
	"sync"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Plan are the groups of figures of the other parts of the plan. Each is read when it
// is asked for: one number costs the statements of its group.
type Plan struct {
	rd Reader
	sc Scope
}

// Plan gives a dashboard's groups.
func (rd Reader) Plan(sc Scope) *Plan { return &Plan{rd, sc} }

// Coverage are the grids and cells: three statements.
func (p *Plan) Coverage(ctx context.Context) (*CoverageFigures, error) {
	f, err := p.rd.Coverage(store.CustomPlan(ctx), p.sc)
	return &f, store.Fault(err)
}

// Notices are the rectification notices: one statement.
func (p *Plan) Notices(ctx context.Context) (*NoticeFigures, error) {
	f, err := p.rd.NoticesOfRegion(store.CustomPlan(ctx), p.sc)
	return &f, err
}

// HandIns are the teams by what they have handed in: one statement.
func (p *Plan) HandIns(ctx context.Context) (*HandInFigures, error) {
	f, err := p.rd.HandIns(store.CustomPlan(ctx), p.sc)
	return &f, err
}

// Accountability is what is held to account.
func (p *Plan) Accountability(ctx context.Context) *Accountability {
	ctx = store.CustomPlan(ctx)
	return &Accountability{p, sync.OnceValues(func() (CaseFigures, error) { return p.rd.CasesOfRegion(ctx, p.sc) })}
}

// BureauGroupMissing says whether the bureau has no leading group: one statement.
func (p *Plan) BureauGroupMissing(ctx context.Context) (bool, error) {
	return p.rd.BureauGroupMissing(ctx, p.sc)
}

// SchoolGroupsMissing counts the schools without a leading group: one statement.
func (p *Plan) SchoolGroupsMissing(ctx context.Context) (int, error) {
	return of(p.rd.SchoolGroupsMissing(store.CustomPlan(ctx), p.sc))
}

// NeedsOversight counts the hazards neither rectified at once nor placed under oversight in time: one
// statement.
func (p *Plan) NeedsOversight(ctx context.Context) (int, error) {
	return of(p.rd.NeedsOversight(store.CustomPlan(ctx), p.sc))
}

// Accountability is what is held to account. A figure of rows that the asker does not
// see, or sees in part, is nil.
type Accountability struct {
	plan  *Plan
	cases func() (CaseFigures, error)
}

// Discrepancies counts those of the region: one statement.
func (a *Accountability) Discrepancies(ctx context.Context) (*int, error) {
	if !scope.SeesDiscrepancies(authz.FromContext(ctx), a.plan.sc.Region.Path) {
		return nil, nil //nolint:nilnil // no figure is an answer
	}
	n, err := of(a.plan.rd.Discrepancies(store.CustomPlan(ctx), a.plan.sc))
	return &n, err
}

// CasesOpen counts the cases that wait for a decision: one statement, with
// CasesConfirmed.
func (a *Accountability) CasesOpen(ctx context.Context) (*int, error) {
	return a.count(ctx, func(f CaseFigures) int { return f.Open })
}

// CasesConfirmed counts the cases that a person has confirmed.
func (a *Accountability) CasesConfirmed(ctx context.Context) (*int, error) {
	return a.count(ctx, func(f CaseFigures) int { return f.Confirmed })
}

func (a *Accountability) count(ctx context.Context, of func(CaseFigures) int) (*int, error) {
	if !scope.SeesCases(authz.FromContext(ctx), a.plan.sc.Region.Path) {
		return nil, nil //nolint:nilnil // no figure is an answer
	}
	f, err := a.cases()
	n := of(f)
	return &n, err
}

// PlanFigures are all groups of Plan at once, as far as the viewer sees the rows.
type PlanFigures struct {
	Coverage       CoverageFigures
	Notices        NoticeFigures
	HandIns        HandInFigures
	Accountability AccountabilityFigures
	// BureauGroupMissing and SchoolGroupsMissing are the leading groups that nobody
	// has formed.
	BureauGroupMissing  bool
	SchoolGroupsMissing int
	// NeedsOversight are the hazards neither rectified at once nor placed under oversight in time.
	NeedsOversight int
}

// PlanFigures reads all groups, in a number of statements that does not
// depend on the size of anything.
func (rd Reader) PlanFigures(ctx context.Context, sc Scope) (*PlanFigures, error) {
	out := &PlanFigures{}
	for _, group := range []func() error{
		func() (err error) { out.Coverage, err = rd.Coverage(ctx, sc); return err },
		func() (err error) { out.Notices, err = rd.NoticesOfRegion(ctx, sc); return err },
		func() (err error) { out.HandIns, err = rd.HandIns(ctx, sc); return err },
		func() (err error) {
			out.Accountability.Discrepancies, err = of(rd.Discrepancies(ctx, sc))
			return err
		},
		func() error {
			cases, err := rd.CasesOfRegion(ctx, sc)
			out.Accountability.CasesOpen, out.Accountability.CasesConfirmed = cases.Open, cases.Confirmed
			return err
		},
		func() (err error) { out.BureauGroupMissing, err = rd.BureauGroupMissing(ctx, sc); return err },
		func() (err error) { out.SchoolGroupsMissing, err = of(rd.SchoolGroupsMissing(ctx, sc)); return err },
		func() (err error) { out.NeedsOversight, err = of(rd.NeedsOversight(ctx, sc)); return err },
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

// CasesOfRegion is Cases of the whole region.
func (rd Reader) CasesOfRegion(ctx context.Context, sc Scope) (CaseFigures, error) {
	byRegion, err := rd.Cases(ctx, sc)
	var out CaseFigures
	for _, c := range byRegion {
		out.Open, out.Confirmed = out.Open+c.Open, out.Confirmed+c.Confirmed
	}
	return out, err
}

func of(byRegion map[string]int, err error) (int, error) { return total(byRegion), err }

func total(byRegion map[string]int) int {
	n := 0
	for _, x := range byRegion {
		n += x
	}
	return n
}
