package places

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// filterDuties keeps the schools that have done, or not done, what a campaign
// asks of them: schools in use, of the campaign's region.
func (pl *Places) filterDuties(ctx context.Context, q *ent.SchoolQuery, f *SchoolFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.withoutLeadingGroup", f.WithoutLeadingGroup, id.Campaign)
	command.NotInFuture(&bad, "filter.asOf", f.AsOf, pl.clock.Now())
	if (f.SelfInspection != nil || f.Visited != nil) && f.CampaignID == nil {
		bad.Add("filter.campaignId", "missing", fault.T("请指明活动。", "Say of which campaign."))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	w := figures.At(pl.clock.Now(), f.AsOf)
	if f.CampaignID != nil {
		c, err := pl.taking(ctx, q, w, "filter.campaignId", *f.CampaignID)
		if err != nil {
			return err
		}
		if f.SelfInspection != nil {
			items, err := figures.CoverageItems(ctx, pl.store.Ent, c)
			if err != nil {
				return err
			}
			q.Where(func(s *sql.Selector) { s.Where(w.SelfInspected(s, c.ID, items, *f.SelfInspection)) })
		}
		if f.Visited != nil {
			q.Where(func(s *sql.Selector) { s.Where(w.Visited(s, c.ID, *f.Visited)) })
		}
	}
	if f.WithoutLeadingGroup != nil {
		c, err := pl.taking(ctx, q, w, "filter.withoutLeadingGroup", *f.WithoutLeadingGroup)
		if err != nil {
			return err
		}
		q.Where(w.WithoutLeadingGroup(c))
	}
	return nil
}

// taking keeps the schools that took part in a campaign.
func (pl *Places) taking(ctx context.Context, q *ent.SchoolQuery, w figures.AsOf, path string, campaignID id.ID) (*ent.Campaign, error) {
	c, err := command.Campaign(ctx, pl.store.Ent, campaignID)
	if err != nil {
		return nil, command.AtField(path, id.Campaign, err)
	}
	q.Where(school.RegionPathGTE(c.RegionPath), school.RegionPathLT(rule.RegionPathEnd(c.RegionPath)), w.SchoolsInUse())
	return c, nil
}
