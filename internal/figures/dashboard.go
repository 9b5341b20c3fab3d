package figures

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/cleargrid/cleargrid/ent"
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
	Listed                int `json:"listed"`
	MajorOpen             int `json:"major_open"`
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
	At       time.Time
	Total    Figures
	Children []RegionFigures
	// past says that At lies before now: the figures come from the states of then.
	past bool
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

// Dashboard sums the figures of a region and of regions below it.
func (rd Reader) Dashboard(ctx context.Context, sc Scope, children []*ent.Region) (*Dashboard, error) {
	byRegion, err := rd.figuresByRegion(ctx, sc)
	if err != nil {
		return nil, err
	}
	d := &Dashboard{Campaign: sc.Campaign, Region: sc.Region, At: sc.Printed(), past: sc.Past}
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

// SameCounts compares the counts of schools and hazards alone.
func (f Figures) SameCounts(want Figures) bool {
	f.closing, want.closing = nil, nil
	return reflect.DeepEqual(f, want)
}
