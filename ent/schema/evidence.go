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
		field.Int64("clock_offset_ms").Optional().Nillable().Immutable().Comment("server's clock minus the device's, estimated when the file was announced"),
		field.Time("upload_active_at").Default(clock.System{}.Now).Comment("when a client last asked to send bytes; an upload is abandoned some days after"),

		// What the file says about itself.
		field.Time("taken_at").Optional().Nillable().Comment("by the camera's clock; a wall time as if UTC while taken_zoned is false"),
		field.Bool("taken_zoned").Default(false).Comment("the file names the offset from UTC"),
		field.Float("file_latitude").Optional().Nillable(),
		field.Float("file_longitude").Optional().Nillable(),
		field.String("camera_make").Default(""),
		field.String("camera_model").Default(""),
		field.String("codec").Default("").Comment("of a video: h264 or hevc"),

		// What the server made of it.
		field.JSON("renditions", []rule.Rendition{}).Optional(),
		field.String("placeholder").Default("").Comment("thumbhash, base64"),
		field.Int64("picture_hash").Optional().Nillable().Comment("perceptual hash of 64 bits, by which near duplicates are looked up"),
		field.String("picture_print").Default("").Comment("PDQ fingerprint, 64 hex digits, by which they are confirmed"),

		// How far it can be trusted (rule.Trust).
		field.Enum("trust").GoType(rule.TrustGrade("")).Optional().Nillable(),
		field.JSON("trust_reasons", []rule.TrustReason{}).Optional(),
		field.Enum("review").GoType(rule.ReviewStatus("")).Default(string(rule.ReviewNone)),
		field.Text("review_note").Default(""),

		// How it is kept.
		field.Time("retain_until").Optional().Nillable().Comment("before this it can't be destroyed"),
		field.Time("sealed_at").Optional().Nillable().Comment("when the store's object lock took over; null where the store has none"),
		field.Bool("held").Default(false).Comment("legal hold"),
		field.UUID("destruction_by_id", uuid.UUID{}).Optional().Nillable().Comment("who asked for its destruction"),
		field.Time("destruction_approved_at").Optional().Nillable(),
		field.Time("destroyed_at").Optional().Nillable().Comment("its bytes are gone, its record stays"),
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
		byFields("status", "announced_at"), byFields("status", "upload_active_at"), byFields("review", "announced_at", "id"),
		// The few files whose destruction waits for a second person.
		index.Fields("announced_at", "id").StorageKey("evidence_destruction_requested").
			Annotations(entsql.IndexWhere("(destruction_by_id IS NOT NULL) AND (destruction_approved_at IS NULL)")),
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
		mayKey("report"), mayKey("finding"), mayKey("hazard"), mayKey("notice"),
	}
}

// Edges of EvidenceUse.
func (EvidenceUse) Edges() []ent.Edge {
	return []ent.Edge{may("report", InspectionReport.Type), may("finding", Finding.Type), may("hazard", Hazard.Type), may("notice", Notice.Type)}
}

// Indexes of EvidenceUse.
func (EvidenceUse) Indexes() []ent.Index {
	return []ent.Index{byFields("evidence_id"), byFields("report_id"), byFields("finding_id"), byFields("hazard_id", "round"), byFields("notice_id")}
}

// EvidenceEvent is one thing that was done with a file after it was verified;
// events are only ever appended. Each opening of an original is one.
type EvidenceEvent struct{ ent.Schema }

// Mixin of EvidenceEvent.
func (EvidenceEvent) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of EvidenceEvent.
func (EvidenceEvent) Fields() []ent.Field {
	return []ent.Field{
		key("evidence"), field.UUID("actor_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("null: the server itself"),
		field.Enum("kind").GoType(rule.EvidenceEventKind("")).Immutable(),
		field.Time("happened_at").Immutable(),
		field.Text("note").Default("").Immutable(),
	}
}

// Edges of EvidenceEvent.
func (EvidenceEvent) Edges() []ent.Edge {
	return []ent.Edge{to("evidence", Evidence.Type), edge.To("actor", User.Type).Unique().Immutable().Field("actor_id")}
}

// Indexes of EvidenceEvent.
func (EvidenceEvent) Indexes() []ent.Index {
	return []ent.Index{byFields("evidence_id", "happened_at", "id"), byFields("actor_id")}
}

// EvidenceMatch says that a file shows what an earlier one shows.
type EvidenceMatch struct{ ent.Schema }

// Mixin of EvidenceMatch.
func (EvidenceMatch) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of EvidenceMatch.
func (EvidenceMatch) Fields() []ent.Field {
	return []ent.Field{
		key("evidence"), key("earlier"),
		field.Enum("kind").GoType(rule.MatchKind("")).Immutable(),
		field.Int("distance").Immutable().Comment("bits of 256 that differ between the fingerprints; 0 for the same file"),
	}
}

// Edges of EvidenceMatch.
func (EvidenceMatch) Edges() []ent.Edge {
	return []ent.Edge{to("evidence", Evidence.Type), to("earlier", Evidence.Type)}
}

// Indexes of EvidenceMatch.
func (EvidenceMatch) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("evidence_id", "earlier_id"), byFields("earlier_id")}
}

// PictureBand is a quarter of a picture's perceptual hash: of two hashes that
// differ in at most 11 bits, one quarter differs in at most 2. So looking for
// near duplicates is a look-up of some hundred slots in one covering index,
// whatever the number of pictures.
type PictureBand struct{ ent.Schema }

// Mixin of PictureBand.
func (PictureBand) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of PictureBand.
func (PictureBand) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("county_id", uuid.UUID{}).Immutable().Comment("pictures are compared within a county"),
		field.Int("slot").Immutable().Comment("which quarter, times 65536, plus its 16 bits"),
		field.Int64("hash").Immutable().Comment("the whole hash"),
		field.UUID("evidence_id", uuid.UUID{}).Immutable(),
	}
}

// Indexes of PictureBand.
func (PictureBand) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("county_id", "slot", "hash", "evidence_id"), byFields("evidence_id")}
}
