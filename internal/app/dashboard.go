package app

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/deadlinefigure"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/schoolfigure"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
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
}

// ClearRate is closed / (found − voided), and 1 when nothing was found.
func (f Figures) ClearRate() float64 { return rate(f.Closed, f.Found-f.Voided) }

// ClearRateProven is the clear rate with proven closures only.
func (f Figures) ClearRateProven() float64 { return rate(f.ClosedProven, f.Found-f.Voided) }

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
	At       time.Time
	Total    Figures
	Children []RegionFigures
}

// Dashboard sums the kept figures of the schools in sight: its cost grows with
// the schools, never with the hazards. regionID nil means the campaign's region.
func (a *App) Dashboard(ctx context.Context, campaignID id.ID, regionID *id.ID) (*Dashboard, error) {
	if err := authz.Can(authz.FromContext(ctx), authz.ViewDashboard, authz.Facts{}); err != nil {
		return nil, err
	}
	var bad fault.Input
	must(&bad, "campaignId", campaignID, id.Campaign)
	may(&bad, "regionId", regionID, id.Region)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	c, err := a.store.Ent.Campaign.Query().Where(campaign.ID(campaignID.UUID)).WithRegion().Only(ctx)
	if _, err := found(c, err, id.Campaign); err != nil {
		return nil, at("campaignId", id.Campaign, err)
	}
	r := c.Edges.Region
	if regionID != nil {
		r, err = a.store.Ent.Region.Get(ctx, regionID.UUID)
		if _, err := found(r, err, id.Region); err != nil {
			return nil, at("regionId", id.Region, err)
		}
	}
	d := &Dashboard{Campaign: c, Region: r, At: a.clock.Now()}
	byRegion, err := a.figuresByRegion(ctx, c, r.Path, policyOf(c).Today(d.At))
	if err != nil {
		return nil, err
	}
	children, err := a.store.Ent.Region.Query().Where(region.ParentID(r.ID)).Order(region.ByPath()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	for _, f := range byRegion {
		d.Total.add(f)
	}
	for _, child := range children {
		sum := RegionFigures{Region: child}
		for path, f := range byRegion {
			if strings.HasPrefix(path, child.Path) {
				sum.Figures.add(f)
			}
		}
		d.Children = append(d.Children, sum)
	}
	return d, nil
}

// figuresByRegion sums the figures by the path of the township: three
// statements, whatever the size.
func (a *App) figuresByRegion(ctx context.Context, c *ent.Campaign, path string, today clock.Date) (map[string]Figures, error) {
	out := map[string]Figures{}
	if err := a.sumSchools(ctx, path, out); err != nil {
		return nil, err
	}
	if err := a.sumFigures(ctx, c.ID, path, out); err != nil {
		return nil, err
	}
	return out, a.sumOverdue(ctx, c.ID, path, today, out)
}

func inSubtree(s *sql.Selector, column, path string) {
	s.Where(sql.And(sql.GTE(column, path), sql.LT(column, rule.RegionPathEnd(path))))
}

// sumSchools counts as the system, within what the scope lets the viewer count.
func (a *App) sumSchools(ctx context.Context, path string, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Due        int    `json:"due"`
	}
	err := a.store.Ent.School.Query().Where(scope.SchoolsCounted(authz.FromContext(ctx)),
		school.RegionPathGTE(path), school.RegionPathLT(rule.RegionPathEnd(path)), school.ClosedAtIsNil()).
		Modify(func(s *sql.Selector) {
			s.Select(s.C(school.FieldRegionPath), sql.As(sql.Count("*"), "due")).GroupBy(s.C(school.FieldRegionPath))
		}).Scan(authz.AsSystem(ctx), &rows)
	for _, r := range rows {
		f := out[r.RegionPath]
		f.SchoolsDue += r.Due
		out[r.RegionPath] = f
	}
	return store.Fault(err)
}

func (a *App) sumFigures(ctx context.Context, campaignID uuid.UUID, path string, out map[string]Figures) error {
	var rows []struct {
		RegionPath            string `json:"region_path"`
		Found, Voided, Closed int
		ClosedProven          int `json:"closed_proven"`
		Listed                int
		MajorOpen             int `json:"major_open"`
		SelfClaimed           int `json:"self_claimed"`
		SelfProven            int `json:"self_proven"`
		VisitsClaimed         int `json:"supervision_claimed"`
		VisitsProven          int `json:"supervision_proven"`
	}
	err := a.store.Ent.SchoolFigure.Query().Where(schoolfigure.CampaignID(campaignID)).Modify(func(s *sql.Selector) {
		t := sql.Table(school.Table)
		s.Join(t).On(s.C(schoolfigure.FieldSchoolID), t.C(school.FieldID))
		inSubtree(s, t.C(school.FieldRegionPath), path)
		columns := []string{t.C(school.FieldRegionPath)}
		for _, n := range []string{schoolfigure.FieldFound, schoolfigure.FieldVoided, schoolfigure.FieldClosed,
			schoolfigure.FieldClosedProven, schoolfigure.FieldListed, schoolfigure.FieldMajorOpen} {
			columns = append(columns, sql.As(sql.Sum(s.C(n)), n))
		}
		for _, n := range []string{schoolfigure.FieldSelfClaimed, schoolfigure.FieldSelfProven,
			schoolfigure.FieldSupervisionClaimed, schoolfigure.FieldSupervisionProven} {
			columns = append(columns, sql.As("SUM(CASE WHEN "+s.C(n)+" > 0 THEN 1 ELSE 0 END)", n)) // schools, not reports
		}
		s.Select(columns...).GroupBy(t.C(school.FieldRegionPath))
	}).Scan(ctx, &rows)
	for _, r := range rows {
		f := out[r.RegionPath]
		f.add(Figures{
			SchoolsSelfClaimed: r.SelfClaimed, SchoolsSelfProven: r.SelfProven, SchoolsVisitedClaimed: r.VisitsClaimed,
			SchoolsVisitedProven: r.VisitsProven, Found: r.Found, Voided: r.Voided, Closed: r.Closed, ClosedProven: r.ClosedProven,
			Open: r.Found - r.Voided - r.Closed, Listed: r.Listed, MajorOpen: r.MajorOpen,
		})
		out[r.RegionPath] = f
	}
	return store.Fault(err)
}

func (a *App) sumOverdue(ctx context.Context, campaignID uuid.UUID, path string, today clock.Date, out map[string]Figures) error {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Overdue    int    `json:"overdue"`
	}
	err := a.store.Ent.DeadlineFigure.Query().Where(deadlinefigure.CampaignID(campaignID), deadlinefigure.DeadlineOnLT(today)).
		Modify(func(s *sql.Selector) {
			t := sql.Table(school.Table)
			s.Join(t).On(s.C(deadlinefigure.FieldSchoolID), t.C(school.FieldID))
			inSubtree(s, t.C(school.FieldRegionPath), path)
			s.Select(t.C(school.FieldRegionPath), sql.As(sql.Sum(s.C(deadlinefigure.FieldOpen)), "overdue")).GroupBy(t.C(school.FieldRegionPath))
		}).Scan(ctx, &rows)
	for _, r := range rows {
		f := out[r.RegionPath]
		f.Overdue += r.Overdue
		out[r.RegionPath] = f
	}
	return store.Fault(err)
}
