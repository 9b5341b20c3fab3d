package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Figures are the counts of the schools of a region that the viewer may see
// (domain: figures). Closed and schools are told twice: as claimed, and as proven
// by verified evidence.
type Figures struct {
	SchoolsDue                                  int
	SchoolsSelfClaimed, SchoolsSelfProven       int
	SchoolsVisitedClaimed, SchoolsVisitedProven int
	Found, Voided, Closed, ClosedProven, Open   int
	Overdue, Listed, MajorOpen                  int
	// closing counts the closed hazards by whole hours from report to close.
	closing map[int]int
}

// ClearRate is closed / (found − voided), and 1 when nothing was found.
func (f Figures) ClearRate() float64 { return rate(f.Closed, f.Found-f.Voided) }

// ClearRateProven is the clear rate with proven closures only.
func (f Figures) ClearRateProven() float64 { return rate(f.ClosedProven, f.Found-f.Voided) }

// CloseHoursMedian is the median of the whole hours from report to close; nil
// when nothing is closed.
func (f Figures) CloseHoursMedian() *int { return rule.Percentile(f.closing, 50) }

// CloseHoursP90 is the 90th percentile of the whole hours from report to close;
// nil when nothing is closed.
func (f Figures) CloseHoursP90() *int { return rule.Percentile(f.closing, 90) }

func rate(part, whole int) float64 {
	if whole <= 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func (f *Figures) add(d Figures) {
	f.SchoolsDue += d.SchoolsDue
	f.SchoolsSelfClaimed += d.SchoolsSelfClaimed
	f.SchoolsSelfProven += d.SchoolsSelfProven
	f.SchoolsVisitedClaimed += d.SchoolsVisitedClaimed
	f.SchoolsVisitedProven += d.SchoolsVisitedProven
	f.Found += d.Found
	f.Voided += d.Voided
	f.Closed += d.Closed
	f.ClosedProven += d.ClosedProven
	f.Open += d.Open
	f.Overdue += d.Overdue
	f.Listed += d.Listed
	f.MajorOpen += d.MajorOpen
	if f.closing == nil && len(d.closing) > 0 {
		f.closing = map[int]int{}
	}
	for hours, n := range d.closing {
		f.closing[hours] += n
	}
}

// RegionFigures are the figures of one region.
type RegionFigures struct {
	Region  *ent.Region
	Figures Figures
}

// Dashboard is a region's figures in a campaign, and those of each region
// directly below it.
type Dashboard struct {
	Campaign *ent.Campaign
	Region   *ent.Region
	// At is the instant that the figures are of.
	At       time.Time
	Total    Figures
	Children []RegionFigures
	// past says that At lies before now: the figures come from the states of then.
	past bool
}

// DashboardInput says whose figures, and of when.
type DashboardInput struct {
	CampaignID id.ID
	RegionID   *id.ID     // nil: the campaign's region
	AsOf       *time.Time // nil: now
}

// when is the instant that rows are judged by.
type when struct {
	at time.Time
	// past says that it lies before now.
	past bool
}

// when is now, or an instant of the past.
func (a *App) when(asOf *time.Time) when {
	now := a.clock.Now()
	if asOf == nil || !asOf.Before(now) {
		return when{at: now}
	}
	return when{at: clock.Truncate(*asOf), past: true}
}

// until is the instant up to which what has happened counts. Now there is none:
// another server's clock may be a little ahead.
func (w when) until() time.Time {
	if w.past {
		return w.at
	}
	return rollup.Forever()
}

// holds reports whether what is so since an instant was so by then; the zero
// instant is never.
func (w when) holds(since time.Time) bool { return !since.IsZero() && !since.After(w.until()) }

// board is the place and the instant that figures are asked for.
type board struct {
	when
	campaign *ent.Campaign
	region   *ent.Region
}

func (d *Dashboard) board() board {
	return board{when: when{d.At, d.past}, campaign: d.Campaign, region: d.Region}
}

// today is the date of the board's instant in the campaign's zone.
func (b board) today() clock.Date { return policyOf(b.campaign).Today(b.at) }

// Dashboard gives what was true at an instant, as known now. The figures of now
// are sums of what is kept for each school: their cost grows with the schools,
// never with the hazards. An instant of the past counts the states that held then.
func (a *App) Dashboard(ctx context.Context, in DashboardInput) (*Dashboard, error) {
	b, err := a.board(ctx, in)
	if err != nil {
		return nil, err
	}
	byRegion, err := a.figuresByRegion(ctx, b)
	if err != nil {
		return nil, err
	}
	children, err := a.store.Ent.Region.Query().Where(region.ParentID(b.region.ID)).Order(region.ByPath()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	d := &Dashboard{Campaign: b.campaign, Region: b.region, At: b.at, past: b.past}
	paths := slices.Sorted(maps.Keys(byRegion))
	for _, path := range paths {
		d.Total.add(byRegion[path])
	}
	for _, child := range children {
		sum := RegionFigures{Region: child}
		for _, path := range paths {
			if strings.HasPrefix(path, child.Path) {
				sum.Figures.add(byRegion[path])
			}
		}
		d.Children = append(d.Children, sum)
	}
	return d, nil
}

// board checks what a dashboard asks for. An instant to come is refused: nobody
// knows its figures.
func (a *App) board(ctx context.Context, in DashboardInput) (board, error) {
	b := board{when: a.when(in.AsOf)}
	if err := authz.Can(authz.FromContext(ctx), authz.ViewDashboard, authz.Facts{}); err != nil {
		return b, err
	}
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", in.CampaignID, id.Campaign)
	command.OptionalID(&bad, "regionId", in.RegionID, id.Region)
	a.notInFuture(&bad, "asOf", in.AsOf)
	if err := bad.Err(); err != nil {
		return b, err
	}
	c, err := a.store.Ent.Campaign.Query().Where(campaign.ID(in.CampaignID.UUID)).WithRegion().Only(ctx)
	if _, err := command.NotFoundAs(c, err, id.Campaign); err != nil {
		return b, command.AtField("campaignId", id.Campaign, err)
	}
	b.campaign, b.region = c, c.Edges.Region
	if in.RegionID != nil {
		b.region, err = a.store.Ent.Region.Get(ctx, in.RegionID.UUID)
		if _, err := command.NotFoundAs(b.region, err, id.Region); err != nil {
			return b, command.AtField("regionId", id.Region, err)
		}
	}
	return b, nil
}

// figuresByRegion sums the figures by the path of the township, in a number of
// statements that does not depend on the size of anything.
func (a *App) figuresByRegion(ctx context.Context, b board) (map[string]Figures, error) {
	out := map[string]Figures{}
	sums := []func(context.Context, board, map[string]Figures) error{a.sumSchools, a.sumFigures, a.sumOverdue, a.sumClosing}
	if b.past {
		sums = []func(context.Context, board, map[string]Figures) error{a.sumSchools, a.sumReportsThen, a.sumStatesThen, a.sumClosingThen}
	}
	for _, sum := range sums {
		if err := sum(ctx, b, out); err != nil {
			return nil, store.Fault(err)
		}
	}
	return out, nil
}

func inSubtree(s *sql.Selector, column, path string) {
	s.Where(sql.And(sql.GTE(column, path), sql.LT(column, rule.RegionPathEnd(path))))
}
