package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Notice tells a school what to rectify and until when (隐患整改通知书).
type Notice struct{ ent.Schema }

// Mixin of Notice.
func (Notice) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Notice.
func (Notice) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("school"), mayKey("team"), mayKey("report"), key("issuer"), mayKey("supersedes"),
		key("drafted_by"), mayKey("issued_by"), mayKey("acknowledged_by"), mayKey("replied_by"), mayKey("closed_by"), mayKey("handed_in_by"),
		field.Enum("status").GoType(rule.NoticeStatus("")).Default(string(rule.NoticeDraft)),
		field.Int("year").Optional().Nillable(),
		field.Int("number").Optional().Nillable().Comment("gap-free in issuer and year; null while it is a draft"),
		field.String("number_text").Default("").Comment("as printed"),
		field.String("deadline_on").GoType(clock.Date("")),
		field.Text("requirements"),
		field.Text("snapshot").Default("").Comment("canonical JSON, frozen when it was issued"),
		field.String("snapshot_hash").Default("").Comment("SHA-256 of the snapshot, hex"),
		field.String("verify_code").Default("").Comment("what the printed code leads to"),
		field.Time("issued_at").Optional().Nillable(),
		field.Time("acknowledged_at").Optional().Nillable(),
		field.Text("opinion").Default("").Comment("of the school, at the acknowledgement"),
		field.Text("refusal_reason").Default(""),
		field.String("witness").Default("").Comment("of a refusal"),
		field.Time("replied_at").Optional().Nillable(),
		field.Text("reply").Default(""),
		field.Time("closed_at").Optional().Nillable(),
		field.Time("handed_in_at").Optional().Nillable(),
		field.Time("superseded_at").Optional().Nillable(),
		field.Int("sequence").Default(0).Comment("of the newest event"),
		field.Int("version").Default(1),
	}
}

// Edges of Notice.
func (Notice) Edges() []ent.Edge {
	return []ent.Edge{
		to("campaign", Campaign.Type), to("school", School.Type), may("team", InspectionTeam.Type), may("report", InspectionReport.Type),
		to("issuer", Region.Type), to("drafted_by", User.Type), may("issued_by", User.Type), may("acknowledged_by", User.Type),
		may("replied_by", User.Type), may("closed_by", User.Type), may("handed_in_by", User.Type),
		edge.To("superseded_by", Notice.Type).From("supersedes").Unique().Field("supersedes_id"),
	}
}

// Indexes of Notice.
func (Notice) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("issuer_id", "year", "number"), byFields("campaign_id", "status", "id"), byFields("school_id", "id"),
		byFields("team_id"), byFields("report_id"), byFields("supersedes_id"), byFields("verify_code"),
		byFields("drafted_by_id"), byFields("issued_by_id"), byFields("acknowledged_by_id"), byFields("replied_by_id"),
		byFields("closed_by_id"), byFields("handed_in_by_id"),
	}
}

// NoticeItem is one problem on a notice. A hazard is on one notice in force at
// most.
type NoticeItem struct{ ent.Schema }

// Mixin of NoticeItem.
func (NoticeItem) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of NoticeItem.
func (NoticeItem) Fields() []ent.Field {
	return []ent.Field{
		key("notice"), key("hazard"),
		field.Int("position").Positive(),
		field.Text("problem"), field.String("place").Default(""), field.String("basis").Default("").Comment("the rule that it breaks"),
		field.Text("requirement").Default(""),
		field.Bool("in_force").Default(true).Comment("false once its notice was superseded or its draft dropped"),
	}
}

// Edges of NoticeItem.
func (NoticeItem) Edges() []ent.Edge {
	return []ent.Edge{to("notice", Notice.Type), to("hazard", Hazard.Type)}
}

// Indexes of NoticeItem.
func (NoticeItem) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("notice_id", "hazard_id"),
		index.Fields("hazard_id").Unique().StorageKey("noticeitem_hazard_in_force").Annotations(entsql.IndexWhere("in_force")),
		byFields("hazard_id"),
	}
}

// NoticeEvent is one step of a notice's life; events are only ever appended.
type NoticeEvent struct{ ent.Schema }

// Mixin of NoticeEvent.
func (NoticeEvent) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of NoticeEvent.
func (NoticeEvent) Fields() []ent.Field {
	return []ent.Field{
		key("notice"), key("actor"),
		field.Int("sequence").Positive().Immutable(),
		field.Enum("kind").GoType(rule.NoticeEventKind("")).Immutable(),
		field.Time("happened_at").Immutable().Comment("by the actor's account"),
		field.Time("received_at").Immutable().Comment("by the server's clock"),
		field.JSON("payload", map[string]any{}).Immutable(),
	}
}

// Edges of NoticeEvent.
func (NoticeEvent) Edges() []ent.Edge {
	return []ent.Edge{to("notice", Notice.Type), to("actor", User.Type)}
}

// Indexes of NoticeEvent.
func (NoticeEvent) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("notice_id", "sequence"), byFields("actor_id")}
}

// NoticeCounter is the last number given by an issuer in a year. It is raised in
// the transaction that issues, so that a crash leaves no gap.
type NoticeCounter struct{ ent.Schema }

// Mixin of NoticeCounter.
func (NoticeCounter) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of NoticeCounter.
func (NoticeCounter) Fields() []ent.Field {
	return []ent.Field{field.UUID("issuer_id", uuid.UUID{}).Immutable(), field.Int("year").Immutable(), field.Int("last").Default(0)}
}

// Indexes of NoticeCounter.
func (NoticeCounter) Indexes() []ent.Index { return []ent.Index{uniqueFields("issuer_id", "year")} }
