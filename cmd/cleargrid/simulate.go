package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/config"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/seed"
	"github.com/cleargrid/cleargrid/internal/simulation"
)

// errDiffers is the end of a month whose figures are not what was planted.
var errDiffers = errors.New("the figures differ from what was planted")

// simulate makes the demo county as it was a month ago and plays the month, up to
// this morning, on a clock of its own.
func simulate(ctx context.Context, c config.Config, o seed.CountyOptions, address string) error {
	today := rule.DefaultPolicy().Today(clock.System{}.Now())
	start := today.AddDays(-seed.CampaignDays)
	now := clock.NewFake(start.Start(rule.DefaultPolicy().Zone()))
	// The month's films are copies of one film that differ only in bytes which players
	// skip. No posters are made of them: they would be the same for every visit.
	c.FFmpeg = "none"
	p, err := openAt(ctx, c, logger(c), false, now)
	if err != nil {
		return err
	}
	defer p.close()
	o.Now, o.Today = now.Now(), start.AddDays(seed.DaysSinceStart)
	if err := p.demoCounty(ctx, o, address); err != nil {
		return err
	}
	defer p.stopJobs(ctx)
	r, err := simulation.Run(ctx, simulation.County{App: p.app, Ent: p.store.Ent, Clock: now, Work: p.queue.Work, Log: p.log}, simulation.Options{Seed: o.Seed})
	if err != nil {
		return err
	}
	fmt.Printf("\nThe month from %s: people did %d things.\n%-40s %8s %8s\n", start, r.Events, "", "planted", "found")
	for _, l := range r.Lines {
		fmt.Printf("%-40s %8d %8d\n", l.Name, l.Planted, l.Found)
	}
	if len(r.Differences()) > 0 {
		return errDiffers
	}
	return nil
}
