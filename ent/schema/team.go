package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
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
	return []ent.Field{key("team"), key("user"), field.Int("position").NonNegative()}
}

// Edges of TeamMember.
func (TeamMember) Edges() []ent.Edge {
	return []ent.Edge{to("team", InspectionTeam.Type), to("user", User.Type)}
}

// Indexes of TeamMember.
func (TeamMember) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("team_id", "position"), byFields("user_id")}
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
