package figures

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Figures are the counts of the schools of a region that the viewer may see
// (domain: figures). Closed and schools are told twice: as claimed, and as proven
// by verified evidence.
type Figures struct {
	SchoolsDue            int `json:"schools_due"`
	SchoolsSelfClaimed    int `json:"schools_self_claimed"`
	SchoolsSelfProven     int `json:"schools_self_proven"`
	SchoolsVisitedClaimed int `json:"schools_visited_claimed"`
	SchoolsVisitedProven  int `json:"schools_visited_proven"`
	Found                 int `json:"found"`
	Voided                int `json:"voided"`
	Closed                int `json:"closed"`
	ClosedProven          int `json:"closed_proven"`
	Open                  int `json:"open"`
	Overdue               int `json:"overdue"`
	UnderOversight        int `json:"under_oversight"`
	MajorOpen             int `json:"major_open"`
	// closing counts the closed hazards by whole hours from report to close.
	closing map[int]int
}

// ClearRate is closed / (found − voided); nil when nothing is to be cleared.
func (f Figures) ClearRate() *float64 { return rate(f.Closed, f.Found-f.Voided) }

// ClearRateProven is the clear rate with proven closures only.
func (f Figures) ClearRateProven() *float64 { return rate(f.ClosedProven, f.Found-f.Voided) }

// CloseHoursMedian is the median of the whole hours from report to close; nil
// when nothing is closed.
func (f Figures) CloseHoursMedian() *int { return rule.Percentile(f.closing, 50) }

// CloseHoursP90 is the 90th percentile of the whole hours from report to close;
// nil when nothing is closed.
func (f Figures) CloseHoursP90() *int { return rule.Percentile(f.closing, 90) }

func rate(part, whole int) *float64 {
	if whole <= 0 {
		return nil
	}
	return new(float64(part) / float64(whole))
}

func (f *Figures) add(d Figures) {
	for _, c := range totalCounts {
		*c.at(f) += *c.at(&d)
	}
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
	At time.Time
	// Total and Children are filled by Load.
	Total    Figures
	Children []RegionFigures
	// past says that At lies before now: the figures come from the states of then.
	past bool

	sums    func() (map[string]Figures, error)
	regions func() ([]*ent.Region, error)
}

// Load fills Total and Children.
func (d *Dashboard) Load() error {
	total, err := d.SumTotal()
	if err != nil {
		return err
	}
	d.Total = *total
	children, err := d.SumChildren()
	for _, c := range children {
		d.Children = append(d.Children, *c)
	}
	return err
}

// SumTotal sums the figures of the whole region: four statements, with SumChildren.
func (d *Dashboard) SumTotal() (*Figures, error) {
	var out Figures
	byRegion, err := d.sums()
	for _, f := range byRegion {
		out.add(f)
	}
	return &out, err
}

// SumChildren sums the figures of each region directly below, by path: one statement
// more for the regions.
func (d *Dashboard) SumChildren() ([]*RegionFigures, error) {
	byRegion, err := d.sums()
	if err != nil {
		return nil, err
	}
	regions, err := d.regions()
	out := make([]*RegionFigures, len(regions))
	for i, r := range regions {
		out[i] = &RegionFigures{Region: r}
		for path, f := range byRegion {
			if strings.HasPrefix(path, r.Path) {
				out[i].Figures.add(f)
			}
		}
	}
	return out, err
}

// Scope is the place and the instant of the dashboard.
func (d *Dashboard) Scope() Scope {
	return Scope{AsOf: AsOf{lastOfMillisecond(d.At), d.past}, Campaign: d.Campaign, Region: d.Region}
}

// figuresByRegion sums the figures by the path of the township, in a number of
// statements that does not depend on the size of anything.
func (rd Reader) figuresByRegion(ctx context.Context, sc Scope) (map[string]Figures, error) {
	out := map[string]Figures{}
	sums := []func(context.Context, Scope, map[string]Figures) error{rd.sumSchools, rd.sumKept, rd.sumOverdue, rd.sumClosing}
	if sc.Past {
		sums = []func(context.Context, Scope, map[string]Figures) error{rd.sumSchools, rd.sumReportsThen, rd.sumStatesThen, rd.sumClosingThen}
	}
	for _, sum := range sums {
		if err := sum(ctx, sc, out); err != nil {
			return nil, store.Fault(err)
		}
	}
	return out, nil
}

func put(out map[string]Figures, path string, d Figures) {
	f := out[path]
	f.add(d)
	out[path] = f
}

// Dashboard is that of a scope. Its figures are read when they are asked for, once.
func (rd Reader) Dashboard(ctx context.Context, sc Scope) *Dashboard {
	return &Dashboard{
		Campaign: sc.Campaign, Region: sc.Region, At: sc.Printed(), past: sc.Past,
		sums: sync.OnceValues(func() (map[string]Figures, error) { return rd.figuresByRegion(store.CustomPlan(ctx), sc) }),
		regions: sync.OnceValues(func() ([]*ent.Region, error) {
			rows, err := rd.Ent.Region.Query().Where(region.ParentID(sc.Region.ID)).Order(region.ByPath()).All(ctx)
			return rows, store.Fault(err)
		}),
	}
}

// SameCounts compares the counts of schools and hazards alone.
func (f Figures) SameCounts(want Figures) bool {
	f.closing, want.closing = nil, nil
	return reflect.DeepEqual(f, want)
}

// DashboardInput says whose figures, and of when.
type DashboardInput struct {
	CampaignID id.ID
	RegionID   *id.ID     // nil: the campaign's region
	AsOf       *time.Time // nil: now
}

// ScopeOf checks what a dashboard asks for. An instant to come is refused: nobody
// knows its figures.
func (rd Reader) ScopeOf(ctx context.Context, in DashboardInput, now time.Time) (Scope, error) {
	sc := Scope{AsOf: At(now, in.AsOf)}
	if err := authz.Can(authz.FromContext(ctx), authz.ViewDashboard, authz.Facts{}); err != nil {
		return sc, err
	}
	var bad fault.Input
	command.RequiredID(&bad, "campaignId", in.CampaignID, id.Campaign)
	command.OptionalID(&bad, "regionId", in.RegionID, id.Region)
	command.NotInFuture(&bad, "asOf", in.AsOf, now)
	if err := bad.Err(); err != nil {
		return sc, err
	}
	c, err := rd.Ent.Campaign.Query().Where(campaign.ID(in.CampaignID.UUID)).WithRegion().Only(ctx)
	if _, err := command.NotFoundAs(c, err, id.Campaign); err != nil {
		return sc, command.AtField("campaignId", id.Campaign, err)
	}
	sc.Campaign, sc.Region = c, c.Edges.Region
	if in.RegionID != nil {
		sc.Region, err = rd.Ent.Region.Get(ctx, in.RegionID.UUID)
		if _, err := command.NotFoundAs(sc.Region, err, id.Region); err != nil {
			return sc, command.AtField("regionId", id.Region, err)
		}
	}
	return sc, nil
}
