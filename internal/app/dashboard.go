package app

import (
	"context"
	"time"

	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
)

// DashboardInput says whose figures, and of when.
type DashboardInput struct {
	CampaignID id.ID
	RegionID   *id.ID     // nil: the campaign's region
	AsOf       *time.Time // nil: now
}

// asOf is now, or an instant of the past.
func (a *App) asOf(at *time.Time) figures.AsOf { return figures.At(a.clock.Now(), at) }

// figures reads the figures.
func (a *App) figures() figures.Reader { return figures.Reader{Ent: a.store.Ent} }

// Dashboard gives what was true at an instant, as known now. The figures of now
// are sums of what is kept for each school: their cost grows with the schools,
// never with the hazards. An instant of the past counts the states that held then.
func (a *App) Dashboard(ctx context.Context, in DashboardInput) (*figures.Dashboard, error) {
	d, err := a.OpenDashboard(ctx, in)
	if err != nil {
		return nil, err
	}
	return d, d.Load()
}

// OpenDashboard gives a dashboard whose figures are read when they are asked for.
func (a *App) OpenDashboard(ctx context.Context, in DashboardInput) (*figures.Dashboard, error) {
	sc, err := a.scope(ctx, in)
	if err != nil {
		return nil, err
	}
	return a.figures().Dashboard(ctx, sc), nil
}

// scope checks what a dashboard asks for. An instant to come is refused: nobody
// knows its figures.
func (a *App) scope(ctx context.Context, in DashboardInput) (figures.Scope, error) {
	sc := figures.Scope{AsOf: a.asOf(in.AsOf)}
	if err := authz.Can(authz.FromContext(ctx), authz.ViewDashboard, authz.Facts{}); err != nil {
		return sc, err
	}
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", in.CampaignID, id.Campaign)
	command.OptionalID(&bad, "regionId", in.RegionID, id.Region)
	command.NotInFuture(&bad, "asOf", in.AsOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return sc, err
	}
	c, err := a.store.Ent.Campaign.Query().Where(campaign.ID(in.CampaignID.UUID)).WithRegion().Only(ctx)
	if _, err := command.NotFoundAs(c, err, id.Campaign); err != nil {
		return sc, command.AtField("campaignId", id.Campaign, err)
	}
	sc.Campaign, sc.Region = c, c.Edges.Region
	if in.RegionID != nil {
		sc.Region, err = a.store.Ent.Region.Get(ctx, in.RegionID.UUID)
		if _, err := command.NotFoundAs(sc.Region, err, id.Region); err != nil {
			return sc, command.AtField("regionId", id.Region, err)
		}
	}
	return sc, nil
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
// cases and the gap before listing.
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

// Supervision gives a dashboard's figures of supervision group by group; nil for a
// viewer who may not see those of the whole region.
func (a *App) Supervision(ctx context.Context, d *figures.Dashboard) *figures.Supervision {
	return a.figures().Supervision(ctx, d.Scope())
}
