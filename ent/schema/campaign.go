package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Checklist is a versioned list of what is inspected (清单).
type Checklist struct{ ent.Schema }

// Mixin of Checklist.
func (Checklist) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Checklist.
func (Checklist) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable(),
		field.Int("version").Positive().Immutable(),
		field.String("title").Immutable(),
		field.String("title_en").Optional().Immutable(),
	}
}

// Indexes of Checklist.
func (Checklist) Indexes() []ent.Index { return []ent.Index{uniqueFields("code", "version")} }

// ChecklistItem is one heading of a checklist (排查内容).
type ChecklistItem struct{ ent.Schema }

// Mixin of ChecklistItem.
func (ChecklistItem) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of ChecklistItem.
func (ChecklistItem) Fields() []ent.Field {
	return []ent.Field{
		key("checklist"),
		field.Int("number").Positive().Immutable(),
		field.String("text").Immutable(),
		field.String("text_en").Optional().Immutable(),
		field.JSON("grid_kinds", []string{}).Optional().Immutable().Comment("inspected in each grid of these kinds; empty: once for the whole school"),
	}
}

// Edges of ChecklistItem.
func (ChecklistItem) Edges() []ent.Edge { return []ent.Edge{to("checklist", Checklist.Type)} }

// Indexes of ChecklistItem.
func (ChecklistItem) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("checklist_id", "number")}
}

// Campaign is a hazard month (活动) of a region, with the checklist it is
// pinned to and the policy that it follows.
type Campaign struct{ ent.Schema }

// Mixin of Campaign.
func (Campaign) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Campaign.
func (Campaign) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable(),
		field.String("title"),
		field.String("title_en").Optional(),
		key("region"), key("checklist"),
		field.String("region_path").Comment("path of the region"),
		field.String("starts_on").GoType(clock.Date("")),
		field.String("ends_on").GoType(clock.Date("")).Comment("last day"),
		field.JSON("policy", rule.Policy{}),
	}
}

// Edges of Campaign.
func (Campaign) Edges() []ent.Edge {
	return []ent.Edge{to("region", Region.Type), to("checklist", Checklist.Type)}
}

// Indexes of Campaign.
func (Campaign) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("code"), byFields("region_id"), byFields("checklist_id"), byFields("starts_on", "id")}
}

// Phase is a dated part of a campaign (阶段).
type Phase struct{ ent.Schema }

// Mixin of Phase.
func (Phase) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Phase.
func (Phase) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"),
		field.Enum("kind").GoType(rule.ReportKind("")).Immutable(),
		field.String("title"),
		field.String("title_en").Optional(),
		field.String("starts_on").GoType(clock.Date("")),
		field.String("ends_on").GoType(clock.Date("")).Comment("last day"),
	}
}

// Edges of Phase.
func (Phase) Edges() []ent.Edge { return []ent.Edge{to("campaign", Campaign.Type)} }

// Indexes of Phase.
func (Phase) Indexes() []ent.Index { return []ent.Index{uniqueFields("campaign_id", "kind")} }

// CodedValue is one value of an open list that a bureau may extend: hazard
// categories and grid kinds.
type CodedValue struct{ ent.Schema }

// Mixin of CodedValue.
func (CodedValue) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of CodedValue.
func (CodedValue) Fields() []ent.Field {
	return []ent.Field{
		field.String("set").Immutable().Comment("HAZARD_CATEGORY, GRID_KIND or HAZARD_SIGN"),
		field.String("code").Immutable(),
		field.String("label"),
		field.String("label_en"),
		field.Int("position"),
	}
}

// Indexes of CodedValue.
func (CodedValue) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("set", "code"), byFields("set", "position")}
}

// Holiday is a day on which people do not work, or a day of the weekend on which
// they do, because the state has moved it (调休).
type Holiday struct{ ent.Schema }

// Mixin of Holiday.
func (Holiday) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Holiday.
func (Holiday) Fields() []ent.Field {
	return []ent.Field{
		field.String("day").GoType(clock.Date("")).Immutable(),
		field.Enum("kind").GoType(rule.DayKind("")).Immutable(),
		field.String("name").Immutable(),
	}
}

// Indexes of Holiday.
func (Holiday) Indexes() []ent.Index { return []ent.Index{uniqueFields("day")} }

// GradingRuleSet is one version of a document that says which hazards are MAJOR
// (重大事故隐患判定标准), of the nation, a province or a county.
type GradingRuleSet struct{ ent.Schema }

// Mixin of GradingRuleSet.
func (GradingRuleSet) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of GradingRuleSet.
func (GradingRuleSet) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable(),
		field.Int("version").Positive().Immutable(),
		field.Enum("layer").GoType(rule.GradingLayer("")).Immutable(),
		field.String("region_path").Default("").Immutable().Comment("whose schools it holds for; empty for the nation"),
		field.String("title").Immutable(),
		field.String("title_en").Default("").Immutable(),
		field.String("source").Immutable().Comment("the document, by its number"),
		field.String("effective_on").GoType(clock.Date("")).Immutable(),
		field.String("retired_on").GoType(clock.Date("")).Optional().Nillable().Comment("last day; null while it holds"),
	}
}

// Indexes of GradingRuleSet.
func (GradingRuleSet) Indexes() []ent.Index { return []ent.Index{uniqueFields("code", "version")} }

// GradingRule is one condition of a rule set: a hit makes a hazard MAJOR.
type GradingRule struct{ ent.Schema }

// Mixin of GradingRule.
func (GradingRule) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of GradingRule.
func (GradingRule) Fields() []ent.Field {
	return []ent.Field{
		key("rule_set"),
		field.Int("number").Positive().Immutable(),
		field.Text("text").Immutable(),
		field.Text("text_en").Default("").Immutable(),
		field.String("article").Default("").Immutable().Comment("where in the document"),
		field.JSON("condition", rule.GradingCondition{}).Immutable(),
	}
}

// Edges of GradingRule.
func (GradingRule) Edges() []ent.Edge { return []ent.Edge{to("rule_set", GradingRuleSet.Type)} }

// Indexes of GradingRule.
func (GradingRule) Indexes() []ent.Index { return []ent.Index{uniqueFields("rule_set_id", "number")} }
