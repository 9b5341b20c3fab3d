package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// ChangedRow says when a row changed last, in an order in which no change
// appears before one that was told already. There is one for each row that is
// followed, so a reader gets each row once, however often it changed.
type ChangedRow struct{ ent.Schema }

// Mixin of ChangedRow.
func (ChangedRow) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of ChangedRow.
func (ChangedRow) Fields() []ent.Field {
	return []ent.Field{
		field.String("noun").Immutable().Comment("of the row's id; clients make ids, so a UUID alone names no row"),
		field.UUID("row_id", uuid.UUID{}).Immutable(),
		field.UUID("school_id", uuid.UUID{}).Optional().Nillable().Comment("whose row it is; none for what belongs to no school"),
		field.Int64("sequence").Comment("grows with every change of any row"),
		field.Bool("deleted").Default(false),
	}
}

// Indexes of ChangedRow.
func (ChangedRow) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("noun", "row_id"), uniqueFields("sequence"), byFields("school_id", "sequence"), byFields("noun", "sequence")}
}

// ChangeHead is one row: the sequence that was given last, and the key of the
// cursors.
type ChangeHead struct{ ent.Schema }

// Mixin of ChangeHead.
func (ChangeHead) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of ChangeHead.
func (ChangeHead) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Immutable().Comment("always the same"),
		field.Int64("sequence").Default(0),
		field.Bytes("secret").Immutable().Sensitive().Comment("encrypts cursors: a sequence would tell how much happens out of sight"),
	}
}

// Indexes of ChangeHead.
func (ChangeHead) Indexes() []ent.Index { return []ent.Index{uniqueFields("name")} }

// SearchGram is two characters that stand beside each other in a row's text: the
// rows that hold all pairs of a word are the few that are searched for it.
// Chinese has no spaces between words, and most words have two characters.
type SearchGram struct{ ent.Schema }

// Mixin of SearchGram.
func (SearchGram) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of SearchGram.
func (SearchGram) Fields() []ent.Field {
	return []ent.Field{
		field.String("noun").Immutable(),
		field.String("gram").Immutable(),
		field.UUID("row_id", uuid.UUID{}).Immutable(),
	}
}

// Indexes of SearchGram.
func (SearchGram) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("noun", "gram", "row_id")}
}
