package rule

import (
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
)

// FindingFacts is one finding with the files it names.
type FindingFacts struct {
	ID, ItemID   uuid.UUID
	Result       FindingResult
	EvidenceRefs []EvidenceRef
}

// ReportFacts is what decides whether a report is proven.
type ReportFacts struct {
	Kind      ReportKind
	Inspector uuid.UUID
	Items     []uuid.UUID // that it must have a finding for: ItemsAsked
	Findings  []FindingFacts
	Site      []EvidenceRef // files of the report as a whole
	// InsideBoundary says that the check-in lies inside the school's boundary.
	InsideBoundary bool
}

// ReportGap is a gap of a report: an item nobody looked at, a finding or the
// visit itself without its evidence, or a visit without a check-in inside the boundary.
type ReportGap struct {
	ItemID    uuid.UUID // zero when evidence or the check-in of the visit itself is missing
	FindingID uuid.UUID // zero when the item has no finding
	Gap       *Gap      // nil when the item has no finding or the check-in is missing
	CheckIn   bool      // a supervision visit without a check-in inside the boundary
}

// ReportGaps lists what is missing for a report to be proven. A report with no gaps
// counts as carried out; any other is only claimed.
func ReportGaps(p Policy, r ReportFacts) []ReportGap {
	var out []ReportGap
	for _, item := range r.Items {
		if !slices.ContainsFunc(r.Findings, func(f FindingFacts) bool { return f.ItemID == item }) {
			out = append(out, ReportGap{ItemID: item})
		}
	}
	for _, f := range r.Findings {
		for _, l := range FindingGaps(p, r, f) {
			out = append(out, ReportGap{ItemID: f.ItemID, FindingID: f.ID, Gap: &l})
		}
	}
	if r.Kind == Supervision {
		if !r.InsideBoundary {
			out = append(out, ReportGap{CheckIn: true})
		}
		for _, l := range Gaps(p, StepFacts{Step: StepSupervisionReport, Actor: r.Inspector, EvidenceRefs: r.Site}) {
			out = append(out, ReportGap{Gap: &l})
		}
	}
	return out
}

// FindingGaps lists the evidence that is missing for a finding of a report; with no
// gaps it is proven once the report is submitted.
func FindingGaps(p Policy, r ReportFacts, f FindingFacts) []Gap {
	step, asks := FindingStep(f.Result)
	if !asks {
		return nil
	}
	return Gaps(p, StepFacts{Step: step, Actor: r.Inspector, EvidenceRefs: f.EvidenceRefs})
}

// FindingStep is the step of the evidence policy that a result belongs to;
// NOT_APPLICABLE asks for nothing.
func FindingStep(r FindingResult) (EvidenceStep, bool) {
	switch r {
	case Compliant:
		return StepCompliant, true
	case NonCompliant:
		return StepNonCompliant, true
	default:
		return "", false
	}
}

// InsideBoundary reports whether a check-in lies inside a school's boundary: at most
// `meters` metres from its position (plan: 禁止只听汇报不到现场). Without either position
// nobody can tell, and it does not count.
func InsideBoundary(checkIn, school *geo.Point, meters int) bool {
	return checkIn != nil && school != nil && geo.Distance(*checkIn, *school) <= float64(meters)
}

// CheckInProgress refuses to change a report that was submitted.
func CheckInProgress(s ReportStatus) error {
	if s == InProgress {
		return nil
	}
	return fault.New(fault.InvalidTransition, "report.submitted", fault.T("报告已提交，不能再修改。", "The report is submitted and can't be changed.")).
		With("state", string(s))
}

// CheckSubmission refuses to hand in a report in which nothing was recorded. One
// with gaps may be handed in: it is claimed, and not proven.
func CheckSubmission(anyFinding bool) error {
	if anyFinding {
		return nil
	}
	return fault.New(fault.InvalidTransition, "report.empty", fault.T("尚未记录任何检查结果。", "The report has no finding yet."))
}
