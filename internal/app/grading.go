package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/gradingrule"
	"github.com/cleargrid/cleargrid/ent/gradingruleset"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// HazardSigns is the set of the signs of hazards (隐患表征), which grading rules
// look at.
const HazardSigns = "HAZARD_SIGN"

// maxSigns is how many signs one hazard or finding may have.
const maxSigns = 20

// GradingRules lists the sets of grading rules that are in force today for a
// school, or else for a region: the nation's, and those of every region at or
// above it, by layer, code and version. Exactly one of the two is given.
func (a *App) GradingRules(ctx context.Context, regionID, schoolID *id.ID) ([]*ent.GradingRuleSet, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	var bad fault.Input
	may(&bad, "regionId", regionID, id.Region)
	may(&bad, "schoolId", schoolID, id.School)
	if (regionID == nil) == (schoolID == nil) {
		bad.Add("regionId", "either", fault.T("请只给出 regionId 或 schoolId 之一。", "Give either regionId or schoolId."))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if regionID != nil {
		path, err := a.regionPath(ctx, regionID.UUID)
		if err != nil {
			return nil, at("regionId", id.Region, err)
		}
		return gradingSets(ctx, a.store.Ent, path, a.today())
	}
	s, err := a.School(ctx, *schoolID)
	if err != nil {
		return nil, at("schoolId", id.School, err)
	}
	return gradingSets(ctx, a.store.Ent, s.RegionPath, a.today())
}

// gradingSets are the sets in force on a day for what lies at a path.
func gradingSets(ctx context.Context, client *ent.Client, path string, day clock.Date) ([]*ent.GradingRuleSet, error) {
	rows, err := client.GradingRuleSet.Query().Where(gradingruleset.RegionPathIn(append(rule.RegionAncestors(path), "")...)).
		Order(gradingruleset.ByCode(), gradingruleset.ByVersion()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	rows = slices.DeleteFunc(rows, func(s *ent.GradingRuleSet) bool {
		return !rule.GradingSetHolds(s.EffectiveOn, s.RetiredOn, s.RegionPath, path, day)
	})
	layers := rule.GradingLayers()
	slices.SortStableFunc(rows, func(a, b *ent.GradingRuleSet) int {
		return slices.Index(layers, a.Layer) - slices.Index(layers, b.Layer)
	})
	return rows, nil
}

// GradingRuleSetsByID reads sets of grading rules.
func (a *App) GradingRuleSetsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.GradingRuleSet, error) {
	rows, err := a.store.Ent.GradingRuleSet.Query().Where(gradingruleset.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// GradingRulesByID reads grading rules.
func (a *App) GradingRulesByID(ctx context.Context, ids []uuid.UUID) ([]*ent.GradingRule, error) {
	rows, err := a.store.Ent.GradingRule.Query().Where(gradingrule.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// RulesOfSets lists the rules of these sets by number.
func (a *App) RulesOfSets(ctx context.Context, sets []uuid.UUID) ([]*ent.GradingRule, error) {
	rows, err := a.store.Ent.GradingRule.Query().Where(gradingrule.RuleSetIDIn(sets...)).Order(gradingrule.ByNumber()).All(ctx)
	return rows, store.Fault(err)
}

// knownSigns checks the signs of an input and gives them in order, each once.
func knownSigns(ctx context.Context, tx *ent.Tx, path string, signs []string) ([]string, error) {
	if len(signs) == 0 {
		return nil, nil
	}
	if len(signs) > maxSigns {
		return nil, fault.Bad(path, "too_many", fault.Tf("最多 %d 项表征。", "At most %d signs.", maxSigns))
	}
	var bad fault.Input
	for i, s := range signs {
		text(&bad, index(path, i), s)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	known, err := tx.CodedValue.Query().Where(codedvalue.Set(HazardSigns), codedvalue.CodeIn(signs...)).Select(codedvalue.FieldCode).Strings(ctx)
	if err != nil {
		return nil, err
	}
	for i, s := range signs {
		if !slices.Contains(known, s) {
			bad.Add(index(path, i), "unknown", fault.T("没有这种隐患表征。", "There is no such sign of a hazard."))
		}
	}
	return inOrder(signs), bad.Err()
}

func inOrder(signs []string) []string { return slices.Compact(slices.Sorted(slices.Values(signs))) }

// grading is what the grading rules say about a new hazard.
type grading struct {
	signs []string
	hits  []rule.GradingRule
}

// gradeReport applies the grading rules that are in force on the day of the report
// to a new hazard. A hazard that comes from a finding has the finding's signs too.
func gradeReport(ctx context.Context, tx *ent.Tx, s *ent.School, in ReportHazardInput, day clock.Date) (grading, error) {
	facts := rule.GradingFacts{Category: in.Category, Boarding: s.Boarding, Stages: s.Stages}
	var err error
	if facts.Signs, err = knownSigns(ctx, tx, "input.signs", in.Signs); err != nil {
		return grading{}, err
	}
	if in.FindingID != nil {
		f, err := tx.Finding.Get(ctx, in.FindingID.UUID)
		if err != nil {
			return grading{}, err
		}
		item, err := tx.ChecklistItem.Get(ctx, f.ItemID)
		if err != nil {
			return grading{}, err
		}
		facts.Item, facts.Signs = item.Number, inOrder(append(facts.Signs, f.Signs...))
	}
	if in.GridID != nil {
		g, err := tx.Grid.Get(ctx, in.GridID.UUID)
		if err != nil {
			return grading{}, err
		}
		facts.GridKind = g.Kind
	}
	rules, err := rulesInForce(ctx, tx.Client(), s.RegionPath, day)
	return grading{signs: facts.Signs, hits: rule.Grade(rules, facts)}, err
}

// gradeWith applies the grading rules that are in force today to the hazard with
// more signs. Rules that hit without them as well are left out, once the hazard
// shows one.
func (c *hazardChange) gradeWith(signs []string) (grading, error) {
	h := c.hazard
	s, err := c.tx.School.Get(c.ctx, h.SchoolID)
	if err != nil {
		return grading{}, err
	}
	in := ReportHazardInput{Category: h.Category}
	if h.FindingID != nil {
		in.FindingID = new(id.Of(id.Finding, *h.FindingID))
	}
	if h.GridID != nil {
		in.GridID = new(id.Of(id.Grid, *h.GridID))
	}
	in.Signs = inOrder(append(slices.Clone(h.Signs), signs...))
	now, err := gradeReport(c.ctx, c.tx, s, in, c.today)
	if err != nil || h.GradingRuleID == nil {
		return now, err
	}
	in.Signs = h.Signs
	before, err := gradeReport(c.ctx, c.tx, s, in, c.today)
	now.hits = slices.DeleteFunc(now.hits, func(r rule.GradingRule) bool {
		return slices.ContainsFunc(before.hits, func(x rule.GradingRule) bool { return x.ID == r.ID })
	})
	return now, err
}

func rulesInForce(ctx context.Context, client *ent.Client, path string, day clock.Date) ([]rule.GradingRule, error) {
	sets, err := gradingSets(ctx, client, path, day)
	if err != nil || len(sets) == 0 {
		return nil, err
	}
	byID := make(map[uuid.UUID]*ent.GradingRuleSet, len(sets))
	ids := make([]uuid.UUID, len(sets))
	for i, s := range sets {
		byID[s.ID], ids[i] = s, s.ID
	}
	rows, err := client.GradingRule.Query().Where(gradingrule.RuleSetIDIn(ids...)).All(ctx)
	out := make([]rule.GradingRule, len(rows))
	for i, r := range rows {
		set := byID[r.RuleSetID]
		out[i] = rule.GradingRule{ID: r.ID, Layer: set.Layer, SetCode: set.Code, Number: r.Number, Condition: r.Condition}
	}
	return out, err
}

// first is the rule that is shown on the hazard; nil when none has hit.
func (g grading) first() *uuid.UUID {
	if len(g.hits) == 0 {
		return nil
	}
	return &g.hits[0].ID
}

// note writes into an event's record what was seen and which rules hit.
func (g grading) note(payload map[string]any) {
	if len(g.signs) > 0 {
		payload["signs"] = g.signs
	}
	if len(g.hits) > 0 {
		hits := make([]string, len(g.hits))
		for i, h := range g.hits {
			hits[i] = id.Of(id.GradingRule, h.ID).String()
		}
		payload["gradingRuleIds"] = hits
	}
}
