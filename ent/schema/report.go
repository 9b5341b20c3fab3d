package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// InspectionReport is one inspection of a school (检查报告).
type InspectionReport struct{ ent.Schema }

// Mixin of InspectionReport.
func (InspectionReport) Mixin() []ent.Mixin { return []ent.Mixin{base{}} }

// Fields of InspectionReport.
func (InspectionReport) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("school"), mayKey("grid"), mayKey("team"), key("inspector"),
		field.Enum("kind").GoType(rule.ReportKind("")).Immutable(),
		field.Enum("status").GoType(rule.ReportStatus("")).Default(string(rule.InProgress)),
		field.Time("started_at").Immutable(),
		field.Float("check_in_latitude").Optional().Nillable(),
		field.Float("check_in_longitude").Optional().Nillable(),
		field.Time("checked_in_at").Optional().Nillable().Comment("by the server's clock"),
		field.Time("submitted_at").Optional().Nillable(),
		field.Time("proven_at").Optional().Nillable().Comment("since when the report is submitted and its evidence complete"),
		field.Int("version").Default(1),
	}
}

// Edges of InspectionReport.
func (InspectionReport) Edges() []ent.Edge {
	return []ent.Edge{
		to("campaign", Campaign.Type), to("school", School.Type), may("grid", Grid.Type), may("team", InspectionTeam.Type),
		to("inspector", User.Type),
	}
}

// Indexes of InspectionReport.
func (InspectionReport) Indexes() []ent.Index {
	return []ent.Index{
		byFields("campaign_id", "school_id", "kind", "status"), byFields("school_id", "started_at", "id"), byFields("grid_id"),
		byFields("team_id"), byFields("inspector_id"), byFields("started_at", "id"),
	}
}

// Finding is the result for one checklist item, in a grid or for the whole
// school (检查结果).
type Finding struct{ ent.Schema }

// Mixin of Finding.
func (Finding) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of Finding.
func (Finding) Fields() []ent.Field {
	return []ent.Field{
		key("report"), key("item"), mayKey("grid"),
		field.Enum("result").GoType(rule.FindingResult("")),
		field.JSON("signs", []string{}).Optional().Comment("CodedValues of the set HAZARD_SIGN that were seen"),
		field.Text("note").Default(""),
		field.Time("recorded_at"),
		field.Time("proven_at").Optional().Nillable().Comment("since when the report is submitted and this finding has its evidence VERIFIED"),
	}
}

// Edges of Finding.
func (Finding) Edges() []ent.Edge {
	return []ent.Edge{to("report", InspectionReport.Type), to("item", ChecklistItem.Type), may("grid", Grid.Type)}
}

// Indexes of Finding.
func (Finding) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("report_id", "item_id", "grid_id").Unique().Annotations(entsql.IndexWhere("grid_id IS NOT NULL")),
		index.Fields("report_id", "item_id").Unique().StorageKey("finding_report_item_whole").Annotations(entsql.IndexWhere("grid_id IS NULL")),
		byFields("report_id"), byFields("item_id"), byFields("grid_id"),
	}
}

// CoverageCell says since when one checklist item in one grid, or for the whole
// school, has a finding of a submitted self-inspection, and a proven one
// (排查覆盖). It is kept in the transaction of the report that changes it.
type CoverageCell struct{ ent.Schema }

// Mixin of CoverageCell.
func (CoverageCell) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of CoverageCell.
func (CoverageCell) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.UUID("grid_id", uuid.UUID{}).Immutable().Comment("the nil UUID for the whole school"),
		field.UUID("item_id", uuid.UUID{}).Immutable(),
		field.Time("claimed_at").Optional().Nillable().Comment("null only in rows of earlier versions, until the backfill"),
		field.Time("proven_at").Optional().Nillable(),
	}
}

// Indexes of CoverageCell.
func (CoverageCell) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id", "grid_id", "item_id")}
}

// GridFigure counts the cells of one grid, or of the whole school, so that a
// dashboard counts grids, never cells. It is kept with the cells.
type GridFigure struct{ ent.Schema }

// Mixin of GridFigure.
func (GridFigure) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of GridFigure.
func (GridFigure) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("campaign_id", uuid.UUID{}).Immutable(),
		field.UUID("grid_id", uuid.UUID{}).Immutable().Comment("the nil UUID for the whole school"),
		field.Bool("bound").Immutable().Comment("of items that are inspected in grids; for the whole school they count while it has no grid"),
		field.Int("claimed").Default(0),
		field.Int("proven").Default(0),
	}
}

// Indexes of GridFigure.
func (GridFigure) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id", "grid_id", "bound")}
}

// SelfInspectionSubmission is a school's word that its self-inspection is done
// (自查自改完成), with the coverage as it was then.
type SelfInspectionSubmission struct{ ent.Schema }

// Mixin of SelfInspectionSubmission.
func (SelfInspectionSubmission) Mixin() []ent.Mixin { return []ent.Mixin{base{}, schoolRow{}} }

// Fields of SelfInspectionSubmission.
func (SelfInspectionSubmission) Fields() []ent.Field {
	return []ent.Field{
		key("campaign"), key("submitted_by"),
		field.Int("cells_due").Immutable(), field.Int("cells_claimed").Immutable(), field.Int("cells_proven").Immutable(),
		field.Text("note").Default("").Immutable(),
		field.Time("submitted_at").Immutable(),
	}
}

// Edges of SelfInspectionSubmission.
func (SelfInspectionSubmission) Edges() []ent.Edge {
	return []ent.Edge{to("campaign", Campaign.Type), to("submitted_by", User.Type)}
}

// Indexes of SelfInspectionSubmission.
func (SelfInspectionSubmission) Indexes() []ent.Index {
	return []ent.Index{uniqueFields("campaign_id", "school_id"), byFields("submitted_by_id")}
}
