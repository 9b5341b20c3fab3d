package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// InspectionTeam is a supervision team of the bureau (督查组).
type InspectionTeam struct{ ent.Schema }

// Mixin of InspectionTeam.
func (InspectionTeam) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of InspectionTeam.
func (InspectionTeam) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"),
		field.Int("number").Positive(),
		field.String("name"),
		field.String("region_path").Comment("path of the bureau's region"),
	}
}

// Edges of InspectionTeam.
func (InspectionTeam) Edges() []ent.Edge { return []ent.Edge{to("campaign", Campaign.Type)} }

// Indexes of InspectionTeam.
func (InspectionTeam) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "number")}
}

// TeamMember is a person of a team. Position 0 is the leader, position 1 the
// contact (plan: 各检查组第一个成员为本组的联系人).
type TeamMember struct{ ent.Schema }

// Mixin of TeamMember.
func (TeamMember) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of TeamMember.
func (TeamMember) Fields() []ent.Field {
	return []ent.Field{
		key("team"), key("user"), field.Int("position").NonNegative(),
		field.String("joined_on").GoType(clock.Date("")).Default("2000-01-01").Immutable().Comment("first day"),
		field.String("left_on").GoType(clock.Date("")).Optional().Nillable().Comment("last day; null while it lasts"),
	}
}

// Edges of TeamMember.
func (TeamMember) Edges() []ent.Edge {
	return []ent.Edge{to("team", InspectionTeam.Type), to("user", User.Type)}
}

// Indexes of TeamMember.
func (TeamMember) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("team_id", "position").Unique().Annotations(entsql.IndexWhere("left_on IS NULL")),
		byFields("team_id"), byFields("user_id"),
	}
}

// TeamArea is a township or a single school that a team supervises (分包单位).
type TeamArea struct{ ent.Schema }

// Mixin of TeamArea.
func (TeamArea) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of TeamArea.
func (TeamArea) Fields() []ent.Field {
	return []ent.Field{key("team"), mayKey("region"), mayKey("school")}
}

// Edges of TeamArea.
func (TeamArea) Edges() []ent.Edge {
	return []ent.Edge{to("team", InspectionTeam.Type), may("region", Region.Type), may("school", School.Type)}
}

// Indexes of TeamArea.
func (TeamArea) Indexes() []ent.Index {
	return []ent.Index{byFields("team_id"), byFields("region_id"), byFields("school_id")}
}

// VisitPlan is one draw of the schools that the teams shall visit (督查抽样): its
// seed is published, so that anyone can repeat it.
type VisitPlan struct{ ent.Schema }

// Mixin of VisitPlan.
func (VisitPlan) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of VisitPlan.
func (VisitPlan) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("proposed_by"), mayKey("confirmed_by"),
		field.String("region_path").Immutable().Comment("path of the region that was planned"),
		field.String("seed").Immutable(),
		field.String("facts_digest").Immutable().Comment("SHA-256 of the facts that the draw went by"),
		field.Enum("status").GoType(rule.VisitPlanStatus("")).Default(string(rule.VisitPlanProposed)),
		field.Time("proposed_at").Immutable(),
		field.Time("confirmed_at").Optional().Nillable(),
		field.Int("version").Default(1),
	}
}

// Edges of VisitPlan.
func (VisitPlan) Edges() []ent.Edge {
	return []ent.Edge{to("campaign", Campaign.Type), to("proposed_by", User.Type), may("confirmed_by", User.Type)}
}

// Indexes of VisitPlan.
func (VisitPlan) Indexes() []ent.Index {
	return []ent.Index{byFields("campaign_id", "proposed_at", "id"), byFields("proposed_by_id"), byFields("confirmed_by_id")}
}

// PlannedVisit is one school that a team shall visit. It is done when the school
// has a proven supervision report: that is derived, never written.
type PlannedVisit struct{ ent.Schema }

// Mixin of PlannedVisit.
func (PlannedVisit) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of PlannedVisit.
func (PlannedVisit) Fields() []ent.Field {
	return []ent.Field{
		key("plan"), key("campaign"), key("team"), key("school"), mayKey("replaces"),
		field.String("region_path").Immutable().Comment("path of the school's township when it was planned"),
		field.Enum("status").GoType(rule.VisitStatus("")).Default(string(rule.VisitProposed)),
		field.Enum("slot").GoType(rule.SamplingSlot("")).Optional().Nillable().Immutable().Comment("which kind of school it stands for; null for none"),
		field.JSON("reasons", []string{}).Immutable().Comment("codes, the strongest first"),
		field.String("ticket").Default("").Immutable().Comment("SHA-256 of seed and school, which broke ties"),
		field.Text("fallen_out_reason").Default(""),
		field.Time("fallen_out_at").Optional().Nillable(),
	}
}

// Edges of PlannedVisit.
func (PlannedVisit) Edges() []ent.Edge {
	return []ent.Edge{
		to("plan", VisitPlan.Type), to("campaign", Campaign.Type), to("team", InspectionTeam.Type), to("school", School.Type),
		edge.To("replacements", PlannedVisit.Type).From("replaces").Unique().Field("replaces_id"),
	}
}

// Indexes of PlannedVisit.
func (PlannedVisit) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("plan_id", "school_id"), byFields("campaign_id", "status"), byFields("campaign_id", "region_path"),
		byFields("team_id", "id"), byFields("school_id"), byFields("replaces_id"),
	}
}

// SamplingExemption lets a township lack a kind of school that the sampling rule
// asks for, because it has none.
type SamplingExemption struct{ ent.Schema }

// Mixin of SamplingExemption.
func (SamplingExemption) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of SamplingExemption.
func (SamplingExemption) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("region"), key("confirmed_by"),
		field.String("region_path").Immutable().Comment("path of the township"),
		field.Enum("slot").GoType(rule.SamplingSlot("")).Immutable().Comment("the kind that is missing"),
		field.Text("reason").Immutable(),
		field.Time("confirmed_at").Immutable(),
	}
}

// Edges of SamplingExemption.
func (SamplingExemption) Edges() []ent.Edge {
	return []ent.Edge{to("campaign", Campaign.Type), to("region", Region.Type), to("confirmed_by", User.Type)}
}

// Indexes of SamplingExemption.
func (SamplingExemption) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "region_id", "slot"), byFields("region_id"), byFields("confirmed_by_id")}
}

// LeadingGroup is the group that leads a campaign in the bureau or in one school
// (活动领导小组). A school's has the school, the bureau's only its region.
type LeadingGroup struct{ ent.Schema }

// Mixin of LeadingGroup.
func (LeadingGroup) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of LeadingGroup.
func (LeadingGroup) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("region"), mayKey("school"), key("formed_by"),
		field.String("region_path").Immutable().Comment("path of the region, or of the school's township"),
		field.String("formed_on").GoType(clock.Date("")).Immutable(),
		field.String("document_number").Default("").Immutable(),
		field.Time("dissolved_at").Optional().Nillable(),
		field.Text("dissolved_reason").Default(""),
	}
}

// Edges of LeadingGroup.
func (LeadingGroup) Edges() []ent.Edge {
	return []ent.Edge{to("campaign", Campaign.Type), to("region", Region.Type), may("school", School.Type), to("formed_by", User.Type)}
}

// Indexes of LeadingGroup.
func (LeadingGroup) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("campaign_id", "school_id").Unique().Annotations(entsql.IndexWhere("(school_id IS NOT NULL) AND (dissolved_at IS NULL)")),
		index.Fields("campaign_id", "region_id").Unique().StorageKey("leadinggroup_bureau").Annotations(entsql.IndexWhere("(school_id IS NULL) AND (dissolved_at IS NULL)")),
		byFields("campaign_id", "id"), byFields("region_id"), byFields("school_id"), byFields("formed_by_id"),
	}
}

// LeadingGroupMember is a person of a leading group; position 0 leads it (组长).
type LeadingGroupMember struct{ ent.Schema }

// Mixin of LeadingGroupMember.
func (LeadingGroupMember) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of LeadingGroupMember.
func (LeadingGroupMember) Fields() []ent.Field {
	return []ent.Field{key("group"), key("user"), field.Int("position").NonNegative().Immutable()}
}

// Edges of LeadingGroupMember.
func (LeadingGroupMember) Edges() []ent.Edge {
	return []ent.Edge{to("group", LeadingGroup.Type), to("user", User.Type)}
}

// Indexes of LeadingGroupMember.
func (LeadingGroupMember) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("group_id", "position"), byFields("user_id")}
}
