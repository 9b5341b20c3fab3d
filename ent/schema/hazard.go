package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Hazard is something that may hurt someone (隐患). Its row is the present
// state; its HazardEvents are the history.
type Hazard struct{ ent.Schema }

// Mixin of Hazard.
func (Hazard) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Hazard.
func (Hazard) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("school"), mayKey("grid"), mayKey("report"), mayKey("finding"), key("reporter"),
		field.String("place").Default("").Comment("where, in words, when no grid says it"),
		field.String("category").Comment("a CodedValue of the set HAZARD_CATEGORY"),
		field.Text("description"),
		field.Enum("source").GoType(rule.HazardSource("")).Immutable(),
		field.Enum("grade").GoType(rule.HazardGrade("")),
		field.Enum("status").GoType(rule.HazardStatus("")).Default(string(rule.Reported)),
		field.Time("discovered_at").Immutable(),
		field.Time("reported_at").Immutable(),
		mayKey("responsible"),
		field.String("deadline_on").GoType(clock.Date("")).Default(string(rule.NoDeadline)).Comment("9999-12-31 while none is set, so that lists by deadline lose no row"),
		field.String("first_deadline_on").GoType(clock.Date("")).Optional().Nillable().Comment("stays visible when extended"),
		field.Bool("under_oversight").Default(false).Comment("an OversightOrder is open"),
		field.Enum("plan_status").GoType(rule.PlanStatus("")).Optional().Nillable().Comment("of the newest plan"),
		field.Bool("extension_pending").Default(false),
		field.Bool("downgrade_pending").Default(false),
		field.UUID("downgrade_by_id", uuid.UUID{}).Optional().Nillable(),
		mayKey("rectifier"),
		field.Time("rectified_at").Optional().Nillable(),
		field.Time("closed_at").Optional().Nillable(),
		mayKey("duplicate_of"),
		field.JSON("signs", []string{}).Optional().Comment("CodedValues of the set HAZARD_SIGN that were seen"),
		mayKey("grading_rule"), mayKey("failed_control"),
		field.Time("oversight_due_by").Optional().Nillable().Comment("until when it must be rectified at once or placed under oversight"),
		field.String("notice_deadline_on").GoType(clock.Date("")).Optional().Nillable().Comment("of the notice that names it; no deadline of the hazard may be later"),
		field.Bool("proven").Default(false).Comment("every step taken so far has its evidence VERIFIED"),
		field.Text("search_text").Optional().Nillable().Comment("what a search looks at, normalised; none for a row that is not indexed yet"),
		field.Int("sequence").Default(0).Comment("of the newest event"),
		field.Int("version").Default(1),
	}
}

// Edges of Hazard.
func (Hazard) Edges() []ent.Edge {
	return []ent.Edge{
		to("campaign", Campaign.Type), to("school", School.Type), may("grid", Grid.Type), may("report", InspectionReport.Type),
		may("finding", Finding.Type), to("reporter", User.Type), may("responsible", User.Type), may("rectifier", User.Type),
		may("grading_rule", GradingRule.Type), may("failed_control", RiskControl.Type),
		edge.To("duplicates", Hazard.Type).From("duplicate_of").Unique().Field("duplicate_of_id"),
	}
}

// Indexes of Hazard.
func (Hazard) Indexes() []ent.Index {
	return []ent.Index{
		byFields("campaign_id", "status", "reported_at", "id"), byFields("school_id", "reported_at", "id"), byFields("grid_id"),
		byFields("report_id"), byFields("finding_id"), byFields("reporter_id"), byFields("responsible_id"), byFields("rectifier_id"),
		byFields("duplicate_of_id"), byFields("reported_at", "id"), byFields("deadline_on", "id"),
		byFields("status", "oversight_due_by"), byFields("grading_rule_id"), byFields("failed_control_id"),
	}
}

// HazardEvent is one step of a hazard's life; events are only ever appended.
type HazardEvent struct{ ent.Schema }

// Mixin of HazardEvent.
func (HazardEvent) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of HazardEvent.
func (HazardEvent) Fields() []ent.Field {
	return []ent.Field{
		key("hazard"), key("actor"),
		field.Int("sequence").Positive().Immutable(),
		field.Enum("kind").GoType(rule.HazardEventKind("")).Immutable(),
		field.Time("happened_at").Immutable().Comment("by the actor's account"),
		field.Time("received_at").Immutable().Comment("by the server's clock"),
		field.JSON("payload", map[string]any{}).Immutable(),
	}
}

// Edges of HazardEvent.
func (HazardEvent) Edges() []ent.Edge {
	return []ent.Edge{to("hazard", Hazard.Type), to("actor", User.Type)}
}

// Indexes of HazardEvent.
func (HazardEvent) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("hazard_id", "sequence"), byFields("actor_id")}
}

// OversightOrder puts a hazard under oversight until the order ends (挂牌督办).
type OversightOrder struct{ ent.Schema }

// Mixin of OversightOrder.
func (OversightOrder) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of OversightOrder.
func (OversightOrder) Fields() []ent.Field {
	return []ent.Field{
		key("hazard"), key("placed_by"), mayKey("supervisor"),
		field.Enum("level").GoType(rule.OversightLevel("")).Immutable(),
		field.String("document_number").Default("").Immutable(),
		field.Text("measures").Immutable().Comment("interim protective measures"),
		field.Time("placed_at").Immutable(),
		field.Time("ended_at").Optional().Nillable(),
	}
}

// Edges of OversightOrder.
func (OversightOrder) Edges() []ent.Edge {
	return []ent.Edge{to("hazard", Hazard.Type), to("placed_by", User.Type), may("supervisor", User.Type)}
}

// Indexes of OversightOrder.
func (OversightOrder) Indexes() []ent.Index {
	return []ent.Index{
		byFields("hazard_id", "placed_at"), byFields("placed_at", "id"), byFields("school_id", "placed_at", "id"),
		byFields("placed_by_id"), byFields("supervisor_id"),
	}
}

// RectificationPlan is one version of the plan for a hazard under oversight, with the
// five elements (整改方案, 五落实).
type RectificationPlan struct{ ent.Schema }

// Mixin of RectificationPlan.
func (RectificationPlan) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of RectificationPlan.
func (RectificationPlan) Fields() []ent.Field {
	return []ent.Field{
		key("hazard"), key("responsible"), key("submitted_by"), mayKey("decided_by"),
		field.Int("number").Positive().Immutable().Comment("1 for the first version"),
		field.Text("measures").Immutable(),
		field.Int64("funds_fen").NonNegative().Immutable().Comment("in fen, 1/100 yuan"),
		field.String("complete_by").GoType(clock.Date("")).Immutable(),
		field.Text("contingency").Immutable(),
		field.Enum("status").GoType(rule.PlanStatus("")).Default(string(rule.PlanSubmitted)),
		field.Time("submitted_at").Immutable(),
		field.Time("decided_at").Optional().Nillable(),
		field.Text("decision_note").Default(""),
	}
}

// Edges of RectificationPlan.
func (RectificationPlan) Edges() []ent.Edge {
	return []ent.Edge{
		to("hazard", Hazard.Type), to("responsible", User.Type), to("submitted_by", User.Type), may("decided_by", User.Type),
	}
}

// Indexes of RectificationPlan.
func (RectificationPlan) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("hazard_id", "number"), byFields("responsible_id"), byFields("submitted_by_id"), byFields("decided_by_id"),
	}
}

// Extension is a request for a later deadline and its decision (延期).
type Extension struct{ ent.Schema }

// Mixin of Extension.
func (Extension) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of Extension.
func (Extension) Fields() []ent.Field {
	return []ent.Field{
		key("hazard"), key("requested_by"), mayKey("decided_by"),
		field.String("from_on").GoType(clock.Date("")).Immutable().Comment("the deadline when it was asked"),
		field.String("until_on").GoType(clock.Date("")).Immutable().Comment("the deadline asked for"),
		field.Text("reason").Immutable(),
		field.Enum("status").GoType(rule.ExtensionStatus("")).Default(string(rule.ExtensionPending)),
		field.Time("requested_at").Immutable(),
		field.Time("decided_at").Optional().Nillable(),
		field.Text("decision_note").Default(""),
	}
}

// Edges of Extension.
func (Extension) Edges() []ent.Edge {
	return []ent.Edge{to("hazard", Hazard.Type), to("requested_by", User.Type), may("decided_by", User.Type)}
}

// Indexes of Extension.
func (Extension) Indexes() []ent.Index {
	return []ent.Index{byFields("hazard_id", "requested_at"), byFields("requested_by_id"), byFields("decided_by_id")}
}

// Recheck is the acceptance or rejection of a rectification (复查).
type Recheck struct{ ent.Schema }

// Mixin of Recheck.
func (Recheck) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of Recheck.
func (Recheck) Fields() []ent.Field {
	return []ent.Field{
		key("hazard"), key("checker"),
		field.Enum("result").GoType(rule.RecheckResult("")).Immutable(),
		field.Text("note").Default("").Immutable(),
		field.String("new_deadline_on").GoType(clock.Date("")).Optional().Nillable().Immutable(),
		field.Time("checked_at").Immutable(),
	}
}

// Edges of Recheck.
func (Recheck) Edges() []ent.Edge {
	return []ent.Edge{to("hazard", Hazard.Type), to("checker", User.Type)}
}

// Indexes of Recheck.
func (Recheck) Indexes() []ent.Index {
	return []ent.Index{byFields("hazard_id", "checked_at"), byFields("checker_id")}
}

// HazardState is what was true of a hazard from one instant to another, as known
// now (valid time): the figures of any instant count these rows, and the lists
// behind them are these rows' hazards.
type HazardState struct{ ent.Schema }

// Mixin of HazardState.
func (HazardState) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of HazardState.
func (HazardState) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("hazard_id", uuid.UUID{}).Immutable(), field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.String("category").Immutable(),
		field.Enum("source").GoType(rule.HazardSource("")).Immutable(),
		field.Enum("status").GoType(rule.HazardStatus("")).Immutable(),
		field.Enum("grade").GoType(rule.HazardGrade("")).Immutable(),
		field.Bool("under_oversight").Immutable(),
		field.Bool("proven"),
		field.String("deadline_on").GoType(clock.Date("")).Immutable(),
		field.Int("close_hours").Optional().Nillable().Immutable().Comment("whole hours from report to close, of a closed hazard"),
		field.Time("valid_from"),
		field.Time("valid_until").Comment("the first instant at which it was no longer so; the year 9999 while it is"),
	}
}

// Indexes of HazardState.
func (HazardState) Indexes() []ent.Index {
	return []ent.Index{
		byFields("hazard_id", "valid_from"), byFields("campaign_id", "school_id", "valid_from"), byFields("campaign_id", "valid_from"),
		byFields("campaign_id", "valid_until"),
	}
}

// Reminder is one tick of a hazard's clock: that a time is near or past, told to
// those who hold a role. Each is recorded once.
type Reminder struct{ ent.Schema }

// Mixin of Reminder.
func (Reminder) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of Reminder.
func (Reminder) Fields() []ent.Field {
	return []ent.Field{
		key("hazard"),
		field.Enum("kind").GoType(rule.ReminderKind("")).Immutable(),
		field.Enum("to_role").GoType(authz.Role("")).Immutable(),
		field.Int("days").Immutable().Comment("before (negative) or after the day it is about"),
		field.String("due_on").GoType(clock.Date("")).Immutable().Comment("the day it is about"),
		field.String("region_path").Immutable().Comment("path of the school's township"),
		field.Time("raised_at").Immutable(),
	}
}

// Edges of Reminder.
func (Reminder) Edges() []ent.Edge { return []ent.Edge{to("hazard", Hazard.Type)} }

// Indexes of Reminder.
func (Reminder) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("hazard_id", "kind", "to_role", "days", "due_on"), byFields("school_id", "raised_at", "id"), byFields("raised_at", "id")}
}
