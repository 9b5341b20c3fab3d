package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// Region is an administrative division (行政区划); regions form a tree.
type Region struct{ ent.Schema }

// Mixin of Region.
func (Region) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Region.
func (Region) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable().Comment("national division code, GB/T 2260 and its extension to townships"),
		field.String("name"),
		field.Enum("level").GoType(rule.RegionLevel("")).Immutable(),
		field.String("path").Comment("rule.RegionPath: 130000x130400x130481x"),
		mayKey("parent"),
	}
}

// Edges of Region.
func (Region) Edges() []ent.Edge {
	return []ent.Edge{edge.To("children", Region.Type).From("parent").Unique().Field("parent_id")}
}

// Indexes of Region.
func (Region) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("code"), uniqueFields("path"), byFields("parent_id")}
}
