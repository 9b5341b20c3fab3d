package model

import (
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/evidence"
)

// Every mutation answers with a type of its own in the schema, so that each can
// grow by itself. The structs here serve all that answer alike today; gqlgen.yml
// says which.
type (
	// CasePayload answers a command on a case.
	CasePayload struct{ Case *ent.AccountabilityCase }
	// EvidencePayload answers a command on a file.
	EvidencePayload struct{ Evidence *ent.Evidence }
	// EvidenceUploadPayload answers the announcement of a file.
	EvidenceUploadPayload struct{ Upload *evidence.Upload }
	// GridPayload answers a command on one grid.
	GridPayload struct{ Grid *ent.Grid }
	// GridsPayload answers a command on several grids.
	GridsPayload struct{ Grids []*ent.Grid }
	// GridAssignmentPayload answers a command on an assignment.
	GridAssignmentPayload struct{ Assignment *ent.GridAssignment }
	// HazardPayload answers a command on a hazard.
	HazardPayload struct{ Hazard *ent.Hazard }
	// LeadingGroupPayload answers a command on a leading group.
	LeadingGroupPayload struct{ LeadingGroup *ent.LeadingGroup }
	// NoticePayload answers a command on a notice.
	NoticePayload struct{ Notice *ent.Notice }
	// PlannedVisitPayload answers a command on a planned visit.
	PlannedVisitPayload struct{ Visit *ent.PlannedVisit }
	// ReportPayload answers a command on an inspection report.
	ReportPayload struct{ Report *ent.InspectionReport }
	// RiskPointPayload answers a command on a risk point.
	RiskPointPayload struct{ RiskPoint *ent.RiskPoint }
	// SamplingExemptionPayload answers a command on an exemption.
	SamplingExemptionPayload struct{ Exemption *ent.SamplingExemption }
	// SchoolPayload answers a command on a school.
	SchoolPayload struct{ School *ent.School }
	// SelfInspectionPayload answers the submission of a self-inspection.
	SelfInspectionPayload struct{ Coverage *app.Coverage }
	// SessionPayload has what a client needs for its next requests.
	SessionPayload struct {
		AccessToken  string
		RefreshToken string
		ExpiresAt    time.Time
		Viewer       *authz.Viewer
	}
	// TeamPayload answers a command on a team.
	TeamPayload struct{ Team *ent.InspectionTeam }
	// VisitPlanPayload answers a command on a plan of visits.
	VisitPlanPayload struct{ Plan *ent.VisitPlan }
)
