package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// RiskPoint is what may go wrong in a grid (风险点), graded by one of four
// colours. Its gradings are RiskAssessments.
type RiskPoint struct{ ent.Schema }

// Mixin of RiskPoint.
func (RiskPoint) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of RiskPoint.
func (RiskPoint) Fields() []ent.Field {
	return []ent.Field{
		key("grid"), mayKey("responsible"), key("recorded_by"),
		field.String("name"),
		field.Text("consequence").Default("").Comment("what may happen"),
		field.Enum("level").GoType(rule.RiskLevel("")),
		field.String("assessed_on").GoType(clock.Date("")),
		field.Time("closed_at").Optional().Nillable(),
		field.Text("closed_reason").Default(""),
		field.Int("version").Default(1),
	}
}

// Edges of RiskPoint.
func (RiskPoint) Edges() []ent.Edge {
	return []ent.Edge{to("grid", Grid.Type), may("responsible", User.Type), to("recorded_by", User.Type)}
}

// Indexes of RiskPoint.
func (RiskPoint) Indexes() []ent.Index {
	return []ent.Index{byFields("grid_id"), byFields("school_id", "level", "id"), byFields("responsible_id"), byFields("recorded_by_id")}
}

// RiskAssessment is one grading of a risk point; they are only ever appended.
type RiskAssessment struct{ ent.Schema }

// Mixin of RiskAssessment.
func (RiskAssessment) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of RiskAssessment.
func (RiskAssessment) Fields() []ent.Field {
	return []ent.Field{
		key("risk_point"), key("assessor"),
		field.Enum("level").GoType(rule.RiskLevel("")).Immutable(),
		field.Text("reason").Default("").Immutable(),
		field.Time("assessed_at").Immutable(),
	}
}

// Edges of RiskAssessment.
func (RiskAssessment) Edges() []ent.Edge {
	return []ent.Edge{to("risk_point", RiskPoint.Type), to("assessor", User.Type)}
}

// Indexes of RiskAssessment.
func (RiskAssessment) Indexes() []ent.Index {
	return []ent.Index{byFields("risk_point_id", "assessed_at"), byFields("assessor_id")}
}

// RiskControl is what keeps a risk in check (管控措施). A hazard may name the
// control that failed.
type RiskControl struct{ ent.Schema }

// Mixin of RiskControl.
func (RiskControl) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of RiskControl.
func (RiskControl) Fields() []ent.Field {
	return []ent.Field{
		key("risk_point"),
		field.Enum("kind").GoType(rule.ControlKind("")).Immutable(),
		field.Text("text").Immutable(),
		field.Int("position").NonNegative(),
		field.Time("ended_at").Optional().Nillable(),
	}
}

// Edges of RiskControl.
func (RiskControl) Edges() []ent.Edge { return []ent.Edge{to("risk_point", RiskPoint.Type)} }

// Indexes of RiskControl.
func (RiskControl) Indexes() []ent.Index { return []ent.Index{byFields("risk_point_id", "position")} }
