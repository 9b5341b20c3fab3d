package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Grid is a part of a school that someone answers for (网格); grids form a tree.
type Grid struct{ ent.Schema }

// Mixin of Grid.
func (Grid) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Grid.
func (Grid) Fields() []ent.Field {
	return []ent.Field{
		key("school"), mayKey("parent"),
		field.String("code").Comment("unique in the school"),
		field.String("name"),
		field.String("kind").Comment("a CodedValue of the set GRID_KIND"),
		field.Time("closed_at").Optional().Nillable(),
		field.Text("closed_reason").Default("").Comment("why it was closed"),
	}
}

// Edges of Grid.
func (Grid) Edges() []ent.Edge {
	return []ent.Edge{to("school", School.Type), edge.To("children", Grid.Type).From("parent").Unique().Field("parent_id")}
}

// Indexes of Grid.
func (Grid) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("school_id", "code"), byFields("parent_id")}
}

// GridAssignment says who answers for a grid from one day to another
// (网格责任人). It is ended and handed over, never edited or deleted.
type GridAssignment struct{ ent.Schema }

// Mixin of GridAssignment.
func (GridAssignment) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of GridAssignment.
func (GridAssignment) Fields() []ent.Field {
	return []ent.Field{
		key("grid"), key("user"), mayKey("stands_in_for"), mayKey("successor"), mayKey("ended_by"),
		field.Enum("role").GoType(rule.AssignmentRole("")).Immutable(),
		field.String("valid_from").GoType(clock.Date("")).Immutable().Comment("first day"),
		field.String("valid_until").GoType(clock.Date("")).Optional().Nillable().Comment("last day; null while it lasts"),
		field.Text("end_reason").Default(""),
	}
}

// Edges of GridAssignment.
func (GridAssignment) Edges() []ent.Edge {
	return []ent.Edge{
		to("grid", Grid.Type), to("user", User.Type), may("ended_by", User.Type),
		edge.To("deputies", GridAssignment.Type).From("stands_in_for").Unique().Field("stands_in_for_id"),
		edge.To("predecessors", GridAssignment.Type).From("successor").Unique().Field("successor_id"),
	}
}

// Indexes of GridAssignment.
func (GridAssignment) Indexes() []ent.Index {
	return []ent.Index{byFields("grid_id", "valid_from"), byFields("user_id", "valid_from"), byFields("school_id"),
		byFields("stands_in_for_id"), byFields("successor_id"), byFields("ended_by_id")}
}
