package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// School is a school of a township (学校).
type School struct{ ent.Schema }

// Mixin of School.
func (School) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of School.
func (School) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable().Comment("national school identification code"),
		field.String("name"),
		mustKey("region"),
		field.String("region_path").Comment("path of the township, kept beside it so that a region's subtree is one range"),
		field.JSON("stages", []rule.SchoolStage{}),
		field.Enum("ownership").GoType(rule.Ownership("")),
		field.Bool("boarding"),
		field.Int("student_count").NonNegative(),
		field.Float("latitude").Optional().Nillable(),
		field.Float("longitude").Optional().Nillable(),
		field.Int("boundary_meters").Default(300).Positive().Comment("radius of the school's circle around its position"),
		field.JSON("boundary", []geo.Point{}).Optional().Comment("corners of the boundary; none: the circle of boundary_meters"),
		field.Time("closed_at").Optional().Nillable(),
		field.Text("search_text").Optional().Nillable().Comment("what a search looks at, normalised; none for a row that is not indexed yet"),
		mayKey("merged_into"),
	}
}

// Edges of School.
func (School) Edges() []ent.Edge {
	return []ent.Edge{must("region", Region.Type), edge.To("merged", School.Type).From("merged_into").Unique().Field("merged_into_id")}
}

// Indexes of School.
func (School) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("code"), byFields("region_id"), byFields("region_path", "id"), byFields("name", "id"), byFields("merged_into_id")}
}
