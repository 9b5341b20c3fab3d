package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
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
		count("found"), count("voided"), count("closed"), count("closed_proven"), count("under_oversight"), count("major_open"),
		count("self_claimed"), count("self_proven"), count("supervision_claimed"), count("supervision_proven"),
	}
}

// Indexes of SchoolFigure.
func (SchoolFigure) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id")}
}

// Backfill is work on the rows of earlier versions, done once after a migration,
// school by school: how far it is, so that it goes on there when it was stopped.
type Backfill struct{ ent.Schema }

// Mixin of Backfill.
func (Backfill) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Backfill.
func (Backfill) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Immutable().Comment("what is done, with its version"),
		field.UUID("done_until", uuid.UUID{}).Default(func() uuid.UUID { return uuid.Nil }).Comment("the last school that is done; schools are taken by id"),
		field.Time("finished_at").Optional().Nillable(),
	}
}

// Indexes of Backfill.
func (Backfill) Indexes() []ent.Index { return []ent.Index{uniqueFields("name")} }

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

// BreakdownFigure counts the hazards of one school by category, grade, source
// and status.
type BreakdownFigure struct{ ent.Schema }

// Mixin of BreakdownFigure.
func (BreakdownFigure) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of BreakdownFigure.
func (BreakdownFigure) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.String("category").Immutable(),
		field.Enum("grade").GoType(rule.HazardGrade("")).Immutable(),
		field.Enum("source").GoType(rule.HazardSource("")).Immutable(),
		field.Enum("status").GoType(rule.HazardStatus("")).Immutable(),
		field.Int("hazards").Default(0),
	}
}

// Indexes of BreakdownFigure.
func (BreakdownFigure) Indexes() []ent.Index {
	return []ent.Index{index.Fields("campaign_id", "school_id", "category", "grade", "source", "status").Unique().StorageKey("breakdownfigure_cell")}
}

// DayFigure says by how much the counts of one school changed on one day, by the
// days on which things happened.
type DayFigure struct{ ent.Schema }

// Mixin of DayFigure.
func (DayFigure) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of DayFigure.
func (DayFigure) Fields() []ent.Field {
	change := func(name string) ent.Field { return field.Int(name).Default(0) }
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.String("day").GoType(clock.Date("")).Immutable(),
		change("found"), change("voided"), change("closed"), change("closed_proven"), change("under_oversight"), change("major_open"),
	}
}

// Indexes of DayFigure.
func (DayFigure) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id", "day")}
}

// ClosingFigure counts the closed hazards of one school by the whole hours from
// report to close, for the median and the 90th percentile.
type ClosingFigure struct{ ent.Schema }

// Mixin of ClosingFigure.
func (ClosingFigure) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of ClosingFigure.
func (ClosingFigure) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.Int("hours").NonNegative().Immutable(),
		field.Int("hazards").Default(0),
	}
}

// Indexes of ClosingFigure.
func (ClosingFigure) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id", "hours")}
}
