package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// SchoolFigure holds the counts of one school in one campaign. It is kept in
// the transaction of the event that changes it, so a dashboard sums schools,
// never hazards; and two schools never wait for one row.
type SchoolFigure struct{ ent.Schema }

// Mixin of SchoolFigure.
func (SchoolFigure) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of SchoolFigure.
func (SchoolFigure) Fields() []ent.Field {
	count := func(name string) ent.Field { return field.Int(name).Default(0) }
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		count("found"), count("voided"), count("closed"), count("closed_proven"), count("listed"), count("major_open"),
		count("self_claimed"), count("self_proven"), count("supervision_claimed"), count("supervision_proven"),
	}
}

// Indexes of SchoolFigure.
func (SchoolFigure) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id")}
}

// DeadlineFigure counts the open hazards of one school by deadline, because
// "overdue" changes with the date alone.
type DeadlineFigure struct{ ent.Schema }

// Mixin of DeadlineFigure.
func (DeadlineFigure) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of DeadlineFigure.
func (DeadlineFigure) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.String("deadline_on").GoType(clock.Date("")).Immutable(),
		field.Int("open").Default(0),
	}
}

// Indexes of DeadlineFigure.
func (DeadlineFigure) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id", "deadline_on")}
}
