package command

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// PolicyOf gives a campaign's policy with the defaults filled in; all defaults
// for no campaign.
func PolicyOf(c *ent.Campaign) rule.Policy {
	if c == nil {
		return rule.DefaultPolicy()
	}
	return c.Policy.WithDefaults()
}

// PolicyAt is the policy that holds at a place for what belongs to no campaign: a
// file, which is announced before any step names it, and a receipt. It is that of
// the newest campaign over the place; all defaults where there is none.
func PolicyAt(ctx context.Context, client *ent.Client, regionPath string) (rule.Policy, error) {
	c, err := client.Campaign.Query().Where(campaign.RegionPathIn(rule.RegionAncestors(regionPath)...)).
		Order(ent.Desc(campaign.FieldStartsOn), ent.Desc(campaign.FieldID)).First(authz.AsSystem(ctx)) // it holds also where the viewer can't see the campaign
	if ent.IsNotFound(err) {
		return rule.DefaultPolicy(), nil
	}
	return PolicyOf(c), err
}
