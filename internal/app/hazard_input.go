package app

import (
	"time"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// HazardCommand is what every command on an existing hazard carries. CommandID
// makes a repeat harmless; ExpectedVersion is the version that the person saw;
// HappenedAt is when it was done, by the actor's account, when that was before
// the command arrives.
type HazardCommand struct {
	CommandID       id.ID
	HazardID        id.ID
	ExpectedVersion *int
	HappenedAt      *time.Time
	EvidenceIDs     []id.ID
}

// ReportHazardInput is a new hazard.
type ReportHazardInput struct {
	ID           id.ID
	CampaignID   id.ID
	SchoolID     id.ID
	GridID       *id.ID
	Place        *string
	ReportID     *id.ID
	FindingID    *id.ID
	Category     string
	Description  string
	Grade        *rule.HazardGrade
	Signs        []string
	DiscoveredAt time.Time
	// QueuedAt is when the person pressed send; nil is now. Left out of the
	// fingerprint when nil, as it was before clients could say it.
	QueuedAt *time.Time `json:",omitempty"`
	// FailedControlID is the control of a risk point that failed.
	FailedControlID *id.ID `json:",omitempty"`
	EvidenceIDs     []id.ID
}

// GradeHazardInput sets a hazard's grade; to lower it is only to ask for it.
type GradeHazardInput struct {
	HazardCommand
	Grade  rule.HazardGrade
	Reason *string
}

// AddHazardSignsInput adds signs that were learnt of after the report.
type AddHazardSignsInput struct {
	HazardCommand
	Signs []string
}

// DecideDowngradeInput decides a request to lower a hazard's grade.
type DecideDowngradeInput struct {
	HazardCommand
	Approve bool
	Note    *string
}

// PlaceUnderOversightInput puts a hazard under oversight (挂牌督办).
type PlaceUnderOversightInput struct {
	HazardCommand
	ProtectiveMeasures string
	DeadlineOn         clock.Date
	ResponsibleID      id.ID
	Level              *rule.OversightLevel
	DocumentNumber     *string
	SupervisorID       *id.ID
}

// SubmitRectificationPlanInput is a plan with the five elements (五落实).
type SubmitRectificationPlanInput struct {
	HazardCommand
	PlanID          id.ID
	ResponsibleID   id.ID
	Measures        string
	FundsFen        int64
	CompleteBy      clock.Date
	ContingencyPlan string
}

// DecidePlanInput approves or returns the plan that waits.
type DecidePlanInput struct {
	HazardCommand
	Note *string
}

// RequestExtensionInput asks for a later deadline.
type RequestExtensionInput struct {
	HazardCommand
	ExtensionID id.ID
	UntilOn     clock.Date
	Reason      string
}

// DecideExtensionInput decides the extension that waits.
type DecideExtensionInput struct {
	HazardCommand
	Grant bool
	Note  *string
}

// MarkRectifiedInput says that a hazard has been rectified: at once when it was
// only reported, or after its oversight order and plan.
type MarkRectifiedInput struct {
	HazardCommand
	MeasuresTaken string
	FundsSpentFen *int64
}

// AcceptRectificationInput closes a hazard after a recheck.
type AcceptRectificationInput struct {
	HazardCommand
	RecheckID id.ID
	Note      *string
}

// RejectRectificationInput sends a hazard back after a recheck.
type RejectRectificationInput struct {
	HazardCommand
	RecheckID     id.ID
	Reason        string
	NewDeadlineOn clock.Date
}

// RequestVoidInput asks the section to void a hazard.
type RequestVoidInput struct {
	HazardCommand
	Reason string
}

// VoidHazardInput takes a hazard out of the figures; it is never deleted.
type VoidHazardInput struct {
	HazardCommand
	Reason        string
	DuplicateOfID *id.ID
}

// ReopenHazardInput opens a closed hazard again.
type ReopenHazardInput struct {
	HazardCommand
	Reason        string
	NewDeadlineOn clock.Date
}

// check collects what is wrong with the parts that all commands share.
func (c HazardCommand) check(a *App) *fault.Input {
	bad := &fault.Input{}
	command.RequiredID(bad, "input.commandId", c.CommandID, id.Command)
	command.RequiredID(bad, "input.hazardId", c.HazardID, id.Hazard)
	command.NotInFuture(bad, "input.happenedAt", c.HappenedAt, a.clock.Now())
	return bad
}
