package app

import (
	"context"
	"time"

	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/internal/authz"
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
func (a *App) Dashboard(ctx context.Context, in DashboardInput) (*Dashboard, error) {
	d, err := a.OpenDashboard(ctx, in)
	if err != nil {
		return nil, err
	}
	return d, d.Load()
}

// OpenDashboard gives a dashboard whose figures are read when they are asked for.
func (a *App) OpenDashboard(ctx context.Context, in DashboardInput) (*Dashboard, error) {
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
