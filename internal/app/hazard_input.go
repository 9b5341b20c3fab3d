package app

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cleargrid/cleargrid/internal/clock"
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

// ListHazardInput puts a hazard under supervision (挂牌督办).
type ListHazardInput struct {
	HazardCommand
	ProtectiveMeasures string
	DeadlineOn         clock.Date
	ResponsibleID      id.ID
	Level              *rule.ListingLevel
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
// only reported, or after its listing and plan.
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
	must(bad, "input.commandId", c.CommandID, id.Command)
	must(bad, "input.hazardId", c.HazardID, id.Hazard)
	a.notInFuture(bad, "input.happenedAt", c.HappenedAt)
	return bad
}

// text checks a required text of at most maxNote characters.
func text(bad *fault.Input, path, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		bad.Add(path, "missing", fault.T("此项必填。", "This is required."))
	default:
		mayText(bad, path, &value)
	}
}

// mayText checks an optional text: at most maxNote characters that a database
// can keep.
func mayText(bad *fault.Input, path string, value *string) {
	switch {
	case value == nil:
	case utf8.RuneCountInString(*value) > maxNote:
		bad.Add(path, "too_long", fault.Tf("最多 %d 字。", "At most %d characters.", maxNote))
	case !storable(*value):
		bad.Add(path, "characters", fault.T("含有无效字符。", "This has characters that are no text."))
	}
}

// storable reports whether both databases can keep a text: PostgreSQL refuses a
// NUL and broken UTF-8.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func money(bad *fault.Input, path string, fen int64) {
	if fen < 0 || fen > 1_000_000_000_00 {
		bad.Add(path, "range", fault.T("金额（分）须为 0 至 1000 亿。", "An amount in fen is 0 to 100,000,000,000."))
	}
}

// day checks that a deadline is a date at all; whether it lies ahead depends on
// the campaign's zone (rule.CheckDeadline).
func day(bad *fault.Input, path string, d clock.Date) {
	switch {
	case d == "":
		bad.Add(path, "missing", fault.T("须给出期限。", "A deadline is required."))
	case !isDate(d):
		bad.Add(path, "form", fault.T("日期须为 2006-01-02 的形式。", "A date has the form 2006-01-02."))
	}
}

func isDate(d clock.Date) bool {
	_, err := clock.ParseDate(string(d))
	return err == nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
