// Package schema describes the tables: one file per noun.
//
// It decides which rows exist, which columns they have and which indexes serve
// them. It never decides what the values mean (rule) or who sees them (scope).
// Only ent's generator reads it.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// base gives every entity its key (UUID version 7, made by the client for what
// clients create) and the instant its row was written.
type base struct{ mixin.Schema }

func (base) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(newUUID).Immutable(),
		field.Time("created_at").Default(clock.System{}.Now).Immutable(),
	}
}

func newUUID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// schoolRow marks what belongs to one school but is reached through its parent:
// scope filters by the column, so it is there on every such row.
type schoolRow struct{ mixin.Schema }

func (schoolRow) Fields() []ent.Field {
	return []ent.Field{field.UUID("school_id", uuid.UUID{}).Immutable()}
}

// to is a required reference that never changes, with its column.
func to(name string, target any) ent.Edge {
	return edge.To(name, target).Unique().Required().Immutable().Field(name + "_id")
}

// may is an optional reference with its column.
func may(name string, target any) ent.Edge {
	return edge.To(name, target).Unique().Field(name + "_id")
}

func key(name string) ent.Field    { return field.UUID(name+"_id", uuid.UUID{}).Immutable() }
func mayKey(name string) ent.Field { return field.UUID(name+"_id", uuid.UUID{}).Optional().Nillable() }

func byFields(names ...string) ent.Index     { return index.Fields(names...) }
func uniqueFields(names ...string) ent.Index { return index.Fields(names...).Unique() }

// must is a required reference that may move to another row.
func must(name string, target any) ent.Edge {
	return edge.To(name, target).Unique().Required().Field(name + "_id")
}

func mustKey(name string) ent.Field { return field.UUID(name+"_id", uuid.UUID{}) }
