package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/gradingrule"
	"github.com/cleargrid/cleargrid/ent/gradingruleset"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
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
	if _, err := command.SignedIn(ctx); err != nil {
		return nil, err
	}
	var bad fault.Input
	command.OptionalID(&bad, "regionId", regionID, id.Region)
	command.OptionalID(&bad, "schoolId", schoolID, id.School)
	if (regionID == nil) == (schoolID == nil) {
		bad.Add("regionId", "either", fault.T("请只给出 regionId 或 schoolId 之一。", "Give either regionId or schoolId."))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if regionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, regionID.UUID)
		if err != nil {
			return nil, command.AtField("regionId", id.Region, err)
		}
		return gradingSets(ctx, a.store.Ent, path, command.Today(a.clock.Now()))
	}
	s, err := a.School(ctx, *schoolID)
	if err != nil {
		return nil, command.AtField("schoolId", id.School, err)
	}
	return gradingSets(ctx, a.store.Ent, s.RegionPath, command.Today(a.clock.Now()))
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

// knownCodes checks the signs of an input, and its category if there is one, in one
// statement; it gives the signs in order, each once.
func knownCodes(ctx context.Context, tx *ent.Tx, category *string, path string, signs []string) ([]string, error) {
	if len(signs) > maxSigns {
		return nil, fault.Bad(path, "too_many", fault.Tf("最多 %d 项表征。", "At most %d signs.", maxSigns))
	}
	var bad fault.Input
	for i, s := range signs {
		command.RequiredText(&bad, command.Index(path, i), s)
	}
	if err := bad.Err(); err != nil || category == nil && len(signs) == 0 {
		return nil, err
	}
	known, err := tx.CodedValue.Query().Where(codedvalue.Or(
		codedvalue.And(codedvalue.Set(HazardSigns), codedvalue.CodeIn(signs...)),
		codedvalue.And(codedvalue.Set(rule.HazardCategorySet), codedvalue.Code(command.TextOf(category))),
	)).All(ctx)
	if err != nil {
		return nil, err
	}
	has := func(set, code string) bool {
		return slices.ContainsFunc(known, func(v *ent.CodedValue) bool { return v.Set == set && v.Code == code })
	}
	if category != nil && !has(rule.HazardCategorySet, *category) {
		return nil, fault.Bad("input.category", "unknown", fault.T("没有这种隐患类别。", "There is no such hazard category."))
	}
	for i, s := range signs {
		if !has(HazardSigns, s) {
			bad.Add(command.Index(path, i), "unknown", fault.T("没有这种隐患表征。", "There is no such sign of a hazard."))
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

// gradeWith applies the grading rules that are in force today to the hazard with
// more signs. Rules that hit without them as well are left out, once the hazard
// shows one.
func (c *hazardChange) gradeWith(signs []string) (grading, error) {
	h, s := c.hazard, c.hazard.Edges.School
	facts := rule.GradingFacts{Category: h.Category, Boarding: s.Boarding, Stages: s.Stages}
	if h.FindingID != nil {
		f, err := c.tx.Finding.Query().Where(finding.ID(*h.FindingID)).WithItem().Only(c.ctx)
		if err != nil {
			return grading{}, err
		}
		facts.Item, facts.Signs = f.Edges.Item.Number, f.Signs
	}
	if h.GridID != nil {
		g, err := c.tx.Grid.Get(c.ctx, *h.GridID)
		if err != nil {
			return grading{}, err
		}
		facts.GridKind = g.Kind
	}
	rules, err := rulesInForce(c.ctx, c.tx.Client(), s.RegionPath, c.today)
	if err != nil {
		return grading{}, err
	}
	known := facts
	known.Signs = inOrder(slices.Concat(facts.Signs, h.Signs))
	facts.Signs = inOrder(slices.Concat(known.Signs, signs))
	now := grading{signs: facts.Signs, hits: rule.Grade(rules, facts)}
	if h.GradingRuleID == nil {
		return now, nil
	}
	before := rule.Grade(rules, known)
	now.hits = slices.DeleteFunc(now.hits, func(r rule.GradingRule) bool {
		return slices.ContainsFunc(before, func(x rule.GradingRule) bool { return x.ID == r.ID })
	})
	return now, nil
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
