package rule

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/id"
)

// CaseKind is why a case was raised (追责情形).
type CaseKind string

// The values of CaseKind.
const (
	CaseLateReport    CaseKind = "LATE_REPORT"     // 迟报
	CaseMissed        CaseKind = "MISSED"          // 应发现未发现
	CaseFalseReport   CaseKind = "FALSE_REPORT"    // 弄虚作假
	CaseOverdue       CaseKind = "OVERDUE"         // 应整改未整改
	CaseNotCarriedOut CaseKind = "NOT_CARRIED_OUT" // 视为未开展工作
	CaseSelfDealing   CaseKind = "SELF_DEALING"    // 代查, refused and logged
)

// CaseKinds lists the kinds of cases.
func CaseKinds() []CaseKind {
	return []CaseKind{CaseLateReport, CaseMissed, CaseFalseReport, CaseOverdue, CaseNotCarriedOut, CaseSelfDealing}
}

// Values implements ent's enum interface.
func (CaseKind) Values() []string { return values(CaseKinds()) }

// CaseStatus is where a case stands.
type CaseStatus string

// The values of CaseStatus.
const (
	CaseOpen      CaseStatus = "OPEN"      // 待研判
	CaseConfirmed CaseStatus = "CONFIRMED" // 认定
	CaseDismissed CaseStatus = "DISMISSED" // 不予追责
)

// CaseStatuses lists the statuses of a case.
func CaseStatuses() []CaseStatus {
	return []CaseStatus{CaseOpen, CaseConfirmed, CaseDismissed}
}

// Values implements ent's enum interface.
func (CaseStatus) Values() []string { return values(CaseStatuses()) }

// CaseReason is one thing that makes the facts of a case a question, with its
// measure: minutes for times, metres for places, bits for pictures, days for
// deadlines; 0 where there is nothing to measure.
type CaseReason struct {
	Code    CaseReasonCode `json:"code"`
	Measure int            `json:"measure,omitempty"`
}

// CaseReasonCode names a reason.
type CaseReasonCode string

// The reasons of cases.
const (
	ReasonReportedLate     CaseReasonCode = "REPORTED_LATE"             // minutes beyond what is allowed
	ReasonSaidCompliant    CaseReasonCode = "SAID_COMPLIANT"            // by the school, before the team came
	ReasonMajorHazard      CaseReasonCode = "MAJOR_HAZARD"              // came of what the team found
	ReasonOldPicture       CaseReasonCode = "PICTURE_OLDER_THAN_HAZARD" // minutes
	ReasonPictureElsewhere CaseReasonCode = "PICTURE_OUTSIDE_BOUNDARY"  // metres
	ReasonAfterIsBefore    CaseReasonCode = "AFTER_LIKE_BEFORE"         // bits
	ReasonOtherSchools     CaseReasonCode = "OTHER_SCHOOLS_PICTURE"     // bits
	ReasonDeadlinePassed   CaseReasonCode = "DEADLINE_PASSED"           // days
	ReasonPhaseEnded       CaseReasonCode = "PHASE_ENDED_UNPROVEN"      // days
	ReasonOfSchool         CaseReasonCode = "OF_THE_SCHOOL"             // belongs or lately belonged to it
	ReasonRectifiedIt      CaseReasonCode = "RECTIFIED_IT"              // rechecked what he or she rectified
)

// LateReportFacts is what decides whether a hazard was reported late. Times are
// the reporter's account but for ReceivedAt.
type LateReportFacts struct {
	HazardID     id.ID     `json:"hazardId"`
	ReporterID   id.ID     `json:"reporterId"`
	DiscoveredAt time.Time `json:"discoveredAt"`
	// QueuedAt is when the person pressed send; nil when the phone did not say.
	QueuedAt   *time.Time `json:"queuedAt"`
	ReceivedAt time.Time  `json:"receivedAt"`
	// WithinHours is the campaign's reportWithinHours.
	WithinHours int `json:"withinHours"`
}

// ReportedAt is the instant that counts: the time a phone was offline is not
// held against anyone. A queue time before the discovery or after the arrival
// can't be, and does not count.
func (f LateReportFacts) ReportedAt() time.Time {
	if q := f.QueuedAt; q != nil && !q.Before(f.DiscoveredAt) && !q.After(f.ReceivedAt) {
		return *q
	}
	return f.ReceivedAt
}

// LateReport decides whether a report came later than `reportWithin` after the
// discovery; exactly WithinHours is in time (plan: 迟报).
func LateReport(f LateReportFacts) []CaseReason {
	late := f.ReportedAt().Sub(f.DiscoveredAt) - time.Duration(f.WithinHours)*time.Hour
	if late <= 0 {
		return nil
	}
	return []CaseReason{{ReasonReportedLate, int(late.Minutes())}}
}

// Statement is one finding of an inspection, with who said it and when.
type Statement struct {
	FindingID   id.ID         `json:"findingId"`
	ReportID    id.ID         `json:"reportId"`
	InspectorID id.ID         `json:"inspectorId"`
	ItemID      id.ID         `json:"itemId"`
	GridID      *id.ID        `json:"gridId"` // nil for the whole school
	Result      FindingResult `json:"result"`
	Note        string        `json:"note"`
	RecordedAt  time.Time     `json:"recordedAt"`
	StartedAt   time.Time     `json:"startedAt"`
	SubmittedAt time.Time     `json:"submittedAt"`
	// Proven says whether the whole report was proven by then.
	Proven bool `json:"proven"`
}

// DiscrepancyFacts is what a team found and what the school had said.
type DiscrepancyFacts struct {
	Found   Statement `json:"found"`
	Claimed Statement `json:"claimed"`
}

// Missed pairs what a team found NON_COMPLIANT with what the school's own
// inspection had said COMPLIANT (plan: 应发现未发现), at most once for each of the
// team's findings.
//
// Only what was handed in before the visit began counts: what comes later did
// not miss anything. A finding about a grid is compared with what was said of that
// grid or of the whole school, one about the whole school with any grid. Of
// several claims about one place the newest is the school's word, so a school that
// corrects its own report in time has missed nothing; of several places the newest
// claim is named.
func Missed(found, claims []Statement) []DiscrepancyFacts {
	var out []DiscrepancyFacts
	for _, f := range found {
		if f.Result != NonCompliant {
			continue
		}
		word := map[id.ID]Statement{} // by grid; the zero id is the whole school
		for _, c := range claims {
			if c.ItemID != f.ItemID || !c.SubmittedAt.Before(f.StartedAt) || c.Result == NotApplicable {
				continue
			}
			place := id.ID{}
			switch {
			case f.GridID == nil && c.GridID != nil:
				place = *c.GridID
			case f.GridID != nil && c.GridID != nil && *c.GridID != *f.GridID:
				continue
			}
			if w, ok := word[place]; !ok || newer(c, w) {
				word[place] = c
			}
		}
		var claimed *Statement
		for _, w := range word {
			if w.Result == Compliant && (claimed == nil || newer(w, *claimed)) {
				claimed = &w
			}
		}
		if claimed != nil {
			out = append(out, DiscrepancyFacts{Found: f, Claimed: *claimed})
		}
	}
	return out
}

func newer(x, y Statement) bool {
	if !x.SubmittedAt.Equal(y.SubmittedAt) {
		return x.SubmittedAt.After(y.SubmittedAt)
	}
	return x.FindingID.String() > y.FindingID.String()
}

// MissedFacts is a discrepancy of which a MAJOR hazard came.
type MissedFacts struct {
	DiscrepancyID id.ID            `json:"discrepancyId"`
	HazardID      id.ID            `json:"hazardId"`
	Grade         HazardGrade      `json:"grade"`
	Discrepancy   DiscrepancyFacts `json:"discrepancy"`
}

// MissedMajor decides whether a discrepancy is a case: MAJOR ones always are.
func MissedMajor(f MissedFacts) []CaseReason {
	if f.Grade != Major {
		return nil
	}
	return []CaseReason{{Code: ReasonSaidCompliant}, {Code: ReasonMajorHazard}}
}

// LikePicture is an earlier picture that shows the same.
type LikePicture struct {
	EvidenceID id.ID         `json:"evidenceId"`
	SchoolID   id.ID         `json:"schoolId"`
	Stage      EvidenceStage `json:"stage"`
	Kind       MatchKind     `json:"kind"`
	Distance   int           `json:"distance"` // bits of 256
}

// FalseReportFacts is what is known of a file that proves a rectification, a
// recheck or a supervision.
type FalseReportFacts struct {
	EvidenceID id.ID          `json:"evidenceId"`
	UploaderID id.ID          `json:"uploaderId"`
	SchoolID   id.ID          `json:"schoolId"`
	Stage      EvidenceStage  `json:"stage"`
	Sha256     string         `json:"sha256"`
	Steps      []EvidenceStep `json:"steps"`    // that name it
	HazardID   *id.ID         `json:"hazardId"` // of the first of them
	ReportID   *id.ID         `json:"reportId"`
	Trust      []TrustReason  `json:"trustReasons"`
	Matches    []LikePicture  `json:"matches"`
	// Cleared says that a person has looked into the doubts already and cleared
	// the file.
	Cleared bool `json:"cleared"`
}

// proofSteps are the steps whose pictures may raise a FALSE_REPORT.
var proofSteps = []EvidenceStep{StepRectify, StepRecheck, StepSupervisionReport, StepSupervisionHazard}

// ProvesWork reports whether a step's pictures say that work was done or a place
// was visited.
func ProvesWork(s EvidenceStep) bool { return slices.Contains(proofSteps, s) }

// FalseReport decides whether the doubts about a file are a question for a
// person: its after picture equals or nearly equals a before picture or another
// school's, it is older than the hazard, or it was taken outside the boundary
// (plan: 弄虚作假). It accuses nobody, and a file that was cleared raises nothing.
func FalseReport(f FalseReportFacts) []CaseReason {
	if f.Cleared || !slices.ContainsFunc(f.Steps, ProvesWork) {
		return nil
	}
	var out []CaseReason
	add := func(code CaseReasonCode, measure int) {
		if !slices.ContainsFunc(out, func(r CaseReason) bool { return r.Code == code }) {
			out = append(out, CaseReason{code, measure})
		}
	}
	for _, m := range f.Matches { // the nearest first
		if f.Stage == After && m.Stage == Before {
			add(ReasonAfterIsBefore, m.Distance)
		}
		if m.SchoolID != f.SchoolID {
			add(ReasonOtherSchools, m.Distance)
		}
	}
	for _, r := range f.Trust {
		switch r.Code {
		case ReasonOlder:
			add(ReasonOldPicture, r.Measure)
		case ReasonOutsideBoundary:
			add(ReasonPictureElsewhere, r.Measure)
		default:
		}
	}
	return out
}

// OverdueFacts is a hazard on a day.
type OverdueFacts struct {
	HazardID        id.ID        `json:"hazardId"`
	Status          HazardStatus `json:"status"`
	Grade           HazardGrade  `json:"grade"`
	ResponsibleID   *id.ID       `json:"responsibleId"`
	DeadlineOn      clock.Date   `json:"deadlineOn"`
	FirstDeadlineOn *clock.Date  `json:"firstDeadlineOn"`
	// RectifiedOn is the day of a rectification that waits for its recheck.
	RectifiedOn *clock.Date `json:"rectifiedOn"`
	TodayOn     clock.Date  `json:"todayOn"`
}

// StillOverdue decides whether an open hazard's deadline has passed without a
// rectification (plan: 应整改未整改). One that was rectified in time and waits for
// its recheck is not held against the school.
func StillOverdue(f OverdueFacts) []CaseReason {
	inTime := f.Status == Rectified && f.RectifiedOn != nil && *f.RectifiedOn <= f.DeadlineOn
	if inTime || !Overdue(f.Status, f.DeadlineOn, f.TodayOn) {
		return nil
	}
	return []CaseReason{{ReasonDeadlinePassed, daysBetween(f.DeadlineOn, f.TodayOn)}}
}

// NotCarriedOutFacts is a school after a phase of self-inspection.
type NotCarriedOutFacts struct {
	SchoolID id.ID      `json:"schoolId"`
	PhaseID  id.ID      `json:"phaseId"`
	Kind     ReportKind `json:"kind"`
	EndsOn   clock.Date `json:"endsOn"` // last day
	TodayOn  clock.Date `json:"todayOn"`
	// Claimed and Proven count the self-inspections that were handed in and those
	// whose evidence is complete.
	Claimed int `json:"claimed"`
	Proven  int `json:"proven"`
}

// NotCarriedOut decides whether a school's self-inspection counts as not carried
// out: the phase has ended and nothing is proven (plan: 凡是未能提供工作档案和印证
// 材料的，视为未开展工作).
func NotCarriedOut(f NotCarriedOutFacts) []CaseReason {
	if f.Kind != SelfInspection || f.Proven > 0 || f.TodayOn <= f.EndsOn {
		return nil
	}
	return []CaseReason{{ReasonPhaseEnded, daysBetween(f.EndsOn, f.TodayOn)}}
}

func daysBetween(from, to clock.Date) int {
	return int(to.Start(time.UTC).Sub(from.Start(time.UTC)).Hours() / 24)
}

// AttemptFacts is an action that was refused.
type AttemptFacts struct {
	Action   string `json:"action"`
	PersonID id.ID  `json:"personId"`
	SchoolID id.ID  `json:"schoolId"`
	HazardID *id.ID `json:"hazardId"`
	// RefusedID is the record that was to be made.
	RefusedID *id.ID `json:"refusedId"`
	// Inspects is an inspection or a hazard in the team's name, Rechecks a decision
	// about a rectification.
	Inspects bool `json:"inspects"`
	Rechecks bool `json:"rechecks"`
	// OfSchool: belongs to the school, or did within the recusal time.
	OfSchool  bool       `json:"ofSchool"`
	Rectifier bool       `json:"rectifier"`
	OnDay     clock.Date `json:"onDay"`
	At        time.Time  `json:"at"`
}

// SelfDealing decides whether a refused action was somebody's own school or own
// work: to inspect it in the team's stead, or to recheck it (plan: 严禁被检查学校
// 代查). Other decisions that closeness forbids are refused and no case.
func SelfDealing(f AttemptFacts) []CaseReason {
	var out []CaseReason
	if f.OfSchool && (f.Inspects || f.Rechecks) {
		out = append(out, CaseReason{Code: ReasonOfSchool})
	}
	if f.Rectifier && f.Rechecks {
		out = append(out, CaseReason{Code: ReasonRectifiedIt})
	}
	return out
}

// Frozen is the canonical form of facts and its SHA-256 in hex: JSON without
// spaces, the keys of every object in the order of their bytes, texts as they
// are. Anybody who has the text can compute the hash again.
func Frozen(facts any) (text, sha string, err error) {
	plain, err := canonical(facts)
	if err != nil {
		return "", "", err
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber() // a number stays the text that it is
	if err := d.Decode(&tree); err != nil {
		return "", "", fmt.Errorf("read facts again: %w", err)
	}
	sorted, err := canonical(tree) // maps are written with their keys in order
	if err != nil {
		return "", "", err
	}
	return string(sorted), HashOfFacts(string(sorted)), nil
}

func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("freeze facts: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// HashOfFacts is the SHA-256 of a frozen text in hex.
func HashOfFacts(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// CaseEvent is something that happens to a case.
type CaseEvent string

// The events of a case.
const (
	CaseEventConfirmed CaseEvent = "CONFIRMED"
	CaseEventDismissed CaseEvent = "DISMISSED"
	CaseEventAppealed  CaseEvent = "APPEALED"
)

// CaseEvents lists the events.
func CaseEvents() []CaseEvent {
	return []CaseEvent{CaseEventConfirmed, CaseEventDismissed, CaseEventAppealed}
}

// Values implements ent's enum interface.
func (CaseEvent) Values() []string { return values(CaseEvents()) }

// CaseStep is one step of a case's history.
type CaseStep struct {
	Event CaseEvent `json:"event"`
	By    uuid.UUID `json:"by"`
	At    time.Time `json:"at"`
	Text  string    `json:"text"` // the reason or the statement
}

// maxDecisions bounds how often a case is decided: once, and once more after an
// appeal.
const maxDecisions = 2

// NextCaseStatus decides whether an event may happen to a case with this history,
// and which status follows.
//
//   - An OPEN case is decided: CONFIRMED or DISMISSED. Before that, one statement may
//     be made; it changes nothing but is there to be read.
//   - A CONFIRMED case may be appealed once. That alone changes nothing either; but
//     then it may be decided a second time, and that is final.
//   - A DISMISSED case is at its end: nothing is held against anybody.
func NextCaseStatus(status CaseStatus, history []CaseStep, event CaseEvent) (CaseStatus, error) {
	decisions, waiting := 0, false
	for _, s := range history {
		waiting = s.Event == CaseEventAppealed
		if !waiting {
			decisions++
		}
	}
	decision := event == CaseEventConfirmed || event == CaseEventDismissed
	switch {
	case decision && (status == CaseOpen || status == CaseConfirmed && waiting):
		return CaseStatus(event), nil
	case event == CaseEventAppealed && !waiting && (status == CaseOpen || status == CaseConfirmed && decisions < maxDecisions):
		return status, nil
	case decision && status == CaseConfirmed && decisions < maxDecisions:
		return status, refuse("case.decided", "该线索已认定，仅在申诉后可再次研判。", "The case is decided. Only an appeal makes a second decision possible.").With("state", string(status))
	case event == CaseEventAppealed && waiting:
		return status, refuse("case.appeal_waiting", "已有待处理的申诉。", "An appeal is waiting already.").With("state", string(status))
	default:
		return status, refuse("case.final", "该线索已办结。", "The case is at its end.").With("state", string(status))
	}
}
