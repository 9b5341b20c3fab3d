package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// Discrepancy is a problem that a team found where the school's own inspection
// had said COMPLIANT (应发现未发现).
type Discrepancy struct{ ent.Schema }

// Mixin of Discrepancy.
func (Discrepancy) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Discrepancy.
func (Discrepancy) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("school"), key("item"), mayKey("grid"),
		field.UUID("found_id", uuid.UUID{}).Immutable().Comment("the team's Finding"),
		field.UUID("claimed_id", uuid.UUID{}).Immutable().Comment("the school's Finding"),
		field.Bool("major").Default(false).Comment("a MAJOR hazard came of it"),
		field.Text("facts").Immutable().Comment("canonical JSON, frozen when it was raised"),
		field.Time("raised_at").Immutable(),
	}
}

// Edges of Discrepancy.
func (Discrepancy) Edges() []ent.Edge {
	return []ent.Edge{
		to("campaign", Campaign.Type), to("school", School.Type), to("item", ChecklistItem.Type), may("grid", Grid.Type),
		edge.To("found", Finding.Type).Unique().Required().Immutable().Field("found_id"),
		edge.To("claimed", Finding.Type).Unique().Required().Immutable().Field("claimed_id"),
	}
}

// Indexes of Discrepancy.
func (Discrepancy) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("found_id", "claimed_id"), byFields("campaign_id", "school_id"), byFields("raised_at", "id"), byFields("school_id", "raised_at", "id"),
		byFields("item_id"), byFields("grid_id"), byFields("claimed_id"),
	}
}

// AccountabilityCase is a question that the rules raise and a person decides
// (追责线索). Its facts are frozen.
type AccountabilityCase struct{ ent.Schema }

// Mixin of AccountabilityCase.
func (AccountabilityCase) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of AccountabilityCase.
func (AccountabilityCase) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("school"), mayKey("person"), mayKey("hazard"), mayKey("report"), mayKey("discrepancy"), mayKey("decided_by"), mayKey("appealed_by"),
		field.Enum("kind").GoType(rule.CaseKind("")).Immutable(),
		field.String("subject").Immutable().Comment("what it is about, by its public id; with kind it makes the case once"),
		field.Enum("status").GoType(rule.CaseStatus("")).Default(string(rule.CaseOpen)),
		field.Text("facts").Immutable().Comment("canonical JSON, frozen when it was raised"),
		field.String("facts_hash").Immutable().Comment("SHA-256 of the facts, hex"),
		field.Time("raised_at").Immutable(),
		field.Time("decided_at").Optional().Nillable(),
		field.Time("first_decided_at").Optional().Nillable().Comment("until when it was OPEN; a second decision leaves it"),
		field.Text("decision_reason").Default(""),
		field.Time("appealed_at").Optional().Nillable(),
		field.Text("appeal").Default(""),
		field.JSON("steps", []rule.CaseStep{}).Optional().Comment("decisions and appeals in their order; the columns hold the newest of each"),
		field.Int("version").Default(1),
	}
}

// Edges of AccountabilityCase.
func (AccountabilityCase) Edges() []ent.Edge {
	return []ent.Edge{
		to("campaign", Campaign.Type), to("school", School.Type), may("person", User.Type), may("hazard", Hazard.Type), may("report", InspectionReport.Type),
		may("discrepancy", Discrepancy.Type), may("decided_by", User.Type), may("appealed_by", User.Type),
	}
}

// Indexes of AccountabilityCase.
func (AccountabilityCase) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("kind", "subject"), byFields("campaign_id", "status", "raised_at", "id"), byFields("school_id", "raised_at", "id"),
		byFields("raised_at", "id"), byFields("person_id", "raised_at", "id"), byFields("hazard_id"), byFields("report_id"), byFields("discrepancy_id"),
		byFields("decided_by_id"), byFields("appealed_by_id"),
	}
}
