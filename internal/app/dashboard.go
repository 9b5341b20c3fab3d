package app

import (
	"context"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/figures"
)

// figures reads the figures.
func (a *App) figures() figures.Reader { return figures.Reader{Ent: a.store.Ent} }

// Dashboard gives what was true at an instant, as known now. The figures of now
// are sums of what is kept for each school: their cost grows with the schools,
// never with the hazards. An instant of the past counts the states that held then.
func (a *App) Dashboard(ctx context.Context, in figures.DashboardInput) (*figures.Dashboard, error) {
	d, err := a.OpenDashboard(ctx, in)
	if err != nil {
		return nil, err
	}
	return d, d.Load()
}

// OpenDashboard gives a dashboard whose figures are read when they are asked for.
func (a *App) OpenDashboard(ctx context.Context, in figures.DashboardInput) (*figures.Dashboard, error) {
	sc, err := a.figures().ScopeOf(ctx, in, a.clock.Now())
	if err != nil {
		return nil, err
	}
	return a.figures().Dashboard(ctx, sc), nil
}

// Breakdown counts a dashboard's hazards by one of their properties.
func (a *App) Breakdown(ctx context.Context, d *figures.Dashboard, by figures.BreakdownBy) ([]*figures.Breakdown, error) {
	return a.figures().Breakdown(ctx, d, by)
}

// BreakdownByRegion counts the same for each region directly below the
// dashboard's; those without a hazard are left out.
func (a *App) BreakdownByRegion(ctx context.Context, d *figures.Dashboard, by figures.BreakdownBy) ([]*figures.RegionBreakdown, error) {
	return a.figures().BreakdownByRegion(ctx, d, by)
}

// Days gives the figures at the end of each day; BAD_USER_INPUT for more than 400.
func (a *App) Days(ctx context.Context, d *figures.Dashboard, from, until *clock.Date) ([]*figures.DailyFigures, error) {
	return a.figures().Days(ctx, d, from, until)
}

// PlanFigures gives a dashboard's figures of coverage, notices, leading groups,
// cases and the gap before oversight.
func (a *App) PlanFigures(ctx context.Context, d *figures.Dashboard) (*figures.PlanFigures, error) {
	return a.figures().PlanFigures(ctx, d.Scope())
}

// SupervisionFigures gives a dashboard's figures of supervision; nil for a viewer
// who may not see those of the whole region.
func (a *App) SupervisionFigures(ctx context.Context, d *figures.Dashboard) (*figures.SamplingFigures, error) {
	return a.figures().Sampling(ctx, d.Scope())
}

// Plan gives the same group by group, each read when it is asked for.
func (a *App) Plan(d *figures.Dashboard) *figures.Plan { return a.figures().Plan(d.Scope()) }

// SupervisionGroups gives a dashboard's figures of supervision group by group; nil for a
// viewer who may not see those of the whole region.
func (a *App) SupervisionGroups(ctx context.Context, d *figures.Dashboard) *figures.Supervision {
	return a.figures().Supervision(ctx, d.Scope())
}
