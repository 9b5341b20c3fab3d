package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
)

// NoticeFiguresOf counts the notices of a campaign by township.
func (a *App) NoticeFiguresOf(ctx context.Context, c *ent.Campaign, regionPath string, today clock.Date) (map[string]figures.NoticeFigures, error) {
	return a.figures().Notices(ctx, a.scopeAt(c, regionPath, today.Start(command.PolicyOf(c).Zone())))
}

// HandInFiguresOf counts the teams that have handed in.
func (a *App) HandInFiguresOf(ctx context.Context, c *ent.Campaign, regionPath string) (figures.HandInFigures, error) {
	return a.figures().HandIns(ctx, a.scopeAt(c, regionPath, a.clock.Now()))
}

// LoseNumber takes the next number of a notice in a transaction that then fails.
func (a *App) LoseNumber(ctx context.Context, issuer uuid.UUID, year int, cause error) error {
	return a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if _, err := nextNumber(ctx, tx, issuer, year, a.clock.Now()); err != nil {
			return err
		}
		return cause
	})
}

// RaiseCases runs the clock of the cases now.
func (a *App) RaiseCases(ctx context.Context) error { return a.raiseCases(ctx) }

// FiguresOfAccountability are the figures that the dashboard takes.
func (a *App) FiguresOfAccountability(ctx context.Context, c *ent.Campaign, path string) (map[string]figures.AccountabilityFigures, error) {
	return a.figures().Accountability(ctx, a.scopeAt(c, path, a.clock.Now()))
}

// Tick looks at the clocks of hazards now.
func (a *App) Tick(ctx context.Context) error { return a.tickReminders(ctx) }

// CountGap counts the hazards that should be placed under oversight by now.
func (a *App) CountGap(ctx context.Context, c *ent.Campaign, path string) (map[string]int, error) {
	return a.figures().NeedsOversight(ctx, a.scopeAt(c, path, a.clock.Now()))
}

// LeadingGroupsMissing is what the dashboard asks.
func (a *App) LeadingGroupsMissing(ctx context.Context, c *ent.Campaign, regionPath string) (bool, map[string]int, error) {
	sc := a.scopeAt(c, regionPath, a.clock.Now())
	bureau, err := a.figures().BureauGroupMissing(ctx, sc)
	if err != nil {
		return false, nil, err
	}
	schools, err := a.figures().SchoolGroupsMissing(ctx, sc)
	return bureau, schools, err
}

// SamplingFigures is what the dashboard asks.
func (a *App) SamplingFigures(ctx context.Context, c *ent.Campaign, regionPath string) (*figures.SamplingFigures, error) {
	return a.figures().Sampling(ctx, a.scopeAt(c, regionPath, a.clock.Now()))
}

func (a *App) scopeAt(c *ent.Campaign, regionPath string, now time.Time) figures.Scope {
	return figures.Scope{AsOf: figures.AsOf{At: now}, Campaign: c, Region: &ent.Region{Path: regionPath}}
}

// BackfillOne derives what is missing of one school and stops, like a process that
// is killed.
func (a *App) BackfillOne(ctx context.Context) error {
	b := backfiller{store: a.store, clock: a.clock, log: a.log}
	row, err := b.begin(ctx)
	if err == nil {
		_, _, err = b.next(ctx, row)
	}
	return err
}

// Backfill derives what is missing.
func (a *App) Backfill(ctx context.Context) error { return Backfill(ctx, a.store, a.clock, a.log) }
