package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// Evidence is one photo, video or document, bit-exact (佐证材料).
type Evidence struct{ ent.Schema }

// Mixin of Evidence.
func (Evidence) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of Evidence.
func (Evidence) Fields() []ent.Field {
	return []ent.Field{
		key("school"), key("uploader"),
		field.Enum("kind").GoType(rule.EvidenceKind("")).Immutable(),
		field.Enum("stage").GoType(rule.EvidenceStage("")).Immutable(),
		field.Enum("status").GoType(rule.EvidenceStatus("")).Default(string(rule.Announced)),
		field.Enum("source").GoType(rule.EvidenceSource("")).Immutable(),
		field.String("file_name").Immutable(),
		field.String("media_type").Immutable().Comment("as announced"),
		field.Int64("size").Positive().Immutable().Comment("bytes, as announced"),
		field.String("sha256").Immutable().Comment("lower-case hex, as announced"),
		field.Time("captured_at").Optional().Nillable().Immutable().Comment("by the device's clock"),
		field.Float("latitude").Optional().Nillable().Immutable(),
		field.Float("longitude").Optional().Nillable().Immutable(),
		field.String("object_key").Immutable(),
		field.String("upload_id").Default("").Comment("of the store's multipart upload; empty for a single PUT"),
		field.Int64("part_size").Default(0).Immutable().Comment("bytes; 0 for a single PUT"),
		field.Time("announced_at").Immutable(),
		field.Time("received_at").Optional().Nillable(),
		field.Time("verified_at").Optional().Nillable(),
		field.Time("rejected_at").Optional().Nillable(),
		field.String("rejection").Default("").Comment("stable reason why the file was refused"),
		field.String("found_media_type").Default("").Comment("read from the bytes"),
		field.Int("width").Default(0),
		field.Int("height").Default(0),
		field.Int64("duration_ms").Default(0),
	}
}

// Edges of Evidence.
func (Evidence) Edges() []ent.Edge {
	return []ent.Edge{to("school", School.Type), to("uploader", User.Type)}
}

// Indexes of Evidence.
func (Evidence) Indexes() []ent.Index {
	return []ent.Index{
		uniqueFields("object_key"), byFields("school_id", "announced_at"), byFields("uploader_id"), byFields("sha256"),
		byFields("status", "announced_at"),
	}
}

// EvidenceUse says for which step of what a piece of evidence stands. The
// evidence may be announced later than it is used (a phone's queue), so the
// column is no foreign key.
type EvidenceUse struct{ ent.Schema }

// Mixin of EvidenceUse.
func (EvidenceUse) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of EvidenceUse.
func (EvidenceUse) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("evidence_id", uuid.UUID{}).Immutable(),
		field.Enum("step").GoType(rule.EvidenceStep("")).Immutable(),
		field.Int("round").Default(0).Immutable().Comment("sequence of the hazard event it belongs to"),
		mayKey("report"), mayKey("finding"), mayKey("hazard"),
	}
}

// Edges of EvidenceUse.
func (EvidenceUse) Edges() []ent.Edge {
	return []ent.Edge{may("report", InspectionReport.Type), may("finding", Finding.Type), may("hazard", Hazard.Type)}
}

// Indexes of EvidenceUse.
func (EvidenceUse) Indexes() []ent.Index {
	return []ent.Index{byFields("evidence_id"), byFields("report_id"), byFields("finding_id"), byFields("hazard_id", "round")}
}
