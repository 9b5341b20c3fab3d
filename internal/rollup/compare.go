package rollup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/clock"
)

// Compare rebuilds every figure from the rows and lists what differs from the
// figures kept, one line each; nothing when they agree. Run it as the system.
func Compare(ctx context.Context, client *ent.Client) ([]string, error) {
	wantCounts, wantOpen, err := rebuild(ctx, client)
	if err != nil {
		return nil, err
	}
	gotCounts, gotOpen, err := kept(ctx, client)
	if err != nil {
		return nil, err
	}
	coverage, err := compareCoverage(ctx, client)
	if err != nil {
		return nil, err
	}
	out := differ("figures", gotCounts, wantCounts)
	out = append(out, differ("open hazards by deadline", gotOpen, wantOpen)...)
	out = append(out, coverage...)
	states, err := compareStates(ctx, client)
	return append(out, states...), err
}

type due struct {
	Owner
	DeadlineOn clock.Date
}

func rebuild(ctx context.Context, client *ent.Client) (map[Owner]Counts, map[due]int, error) {
	counts, open := map[Owner]Counts{}, map[due]int{}
	fold := func(o Owner, d Counts) {
		c := counts[o]
		c.add(d, 1)
		counts[o] = c
	}
	hazards, err := client.Hazard.Query().All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read hazards: %w", err)
	}
	for _, h := range hazards {
		o := Owner{h.CampaignID, h.SchoolID}
		fold(o, OfHazard(h).counts())
		if h.Status.Open() {
			open[due{o, h.DeadlineOn}]++
		}
	}
	reports, err := client.InspectionReport.Query().All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read reports: %w", err)
	}
	for _, r := range reports {
		fold(Owner{r.CampaignID, r.SchoolID}, OfReport(r).counts())
	}
	return counts, open, nil
}

func kept(ctx context.Context, client *ent.Client) (map[Owner]Counts, map[due]int, error) {
	counts, open := map[Owner]Counts{}, map[due]int{}
	figures, err := client.SchoolFigure.Query().All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read figures: %w", err)
	}
	for _, f := range figures {
		counts[Owner{f.CampaignID, f.SchoolID}] = Counts{
			Found: f.Found, Voided: f.Voided, Closed: f.Closed, ClosedProven: f.ClosedProven, Listed: f.Listed, MajorOpen: f.MajorOpen,
			SelfClaimed: f.SelfClaimed, SelfProven: f.SelfProven,
			SupervisionClaimed: f.SupervisionClaimed, SupervisionProven: f.SupervisionProven,
		}
	}
	deadlines, err := client.DeadlineFigure.Query().All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("read figures of deadlines: %w", err)
	}
	for _, f := range deadlines {
		open[due{Owner{f.CampaignID, f.SchoolID}, f.DeadlineOn}] = f.Open
	}
	return counts, open, nil
}

// differ lists the keys whose values are not equal; a missing one is the zero.
func differ[K comparable, V comparable](what string, got, want map[K]V) []string {
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	var out []string
	for k := range keys {
		if got[k] != want[k] {
			out = append(out, fmt.Sprintf("%s of %v: kept %v, rows say %v", what, k, got[k], want[k]))
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
