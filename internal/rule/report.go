package rule

import (
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
)

// FindingFacts is one finding with the files it names.
type FindingFacts struct {
	ID, ItemID uuid.UUID
	Result     FindingResult
	Pieces     []Piece
}

// ReportFacts is what decides whether a report is proven.
type ReportFacts struct {
	Kind      ReportKind
	Inspector uuid.UUID
	Items     []uuid.UUID // that it must have a finding for: ItemsAsked
	Findings  []FindingFacts
	Site      []Piece // files of the report as a whole
	// InsideBoundary says that the check-in lies on the school's ground.
	InsideBoundary bool
}

// ReportLack is a gap of a report: an item nobody looked at, a finding or the
// visit itself without its evidence, or a visit without a check-in on the ground.
type ReportLack struct {
	ItemID    uuid.UUID // zero when evidence or the check-in of the visit itself is missing
	FindingID uuid.UUID // zero when the item has no finding
	Lack      *Lack     // nil when the item has no finding or the check-in is missing
	CheckIn   bool      // a supervision visit without a check-in inside the boundary
}

// ReportLacks lists what is missing for a report to be proven. A report with no gaps
// counts as carried out; any other is only claimed.
func ReportLacks(p Policy, r ReportFacts) []ReportLack {
	var out []ReportLack
	for _, item := range r.Items {
		if !slices.ContainsFunc(r.Findings, func(f FindingFacts) bool { return f.ItemID == item }) {
			out = append(out, ReportLack{ItemID: item})
		}
	}
	for _, f := range r.Findings {
		for _, l := range FindingLacks(p, r, f) {
			out = append(out, ReportLack{ItemID: f.ItemID, FindingID: f.ID, Lack: &l})
		}
	}
	if r.Kind == Supervision {
		if !r.InsideBoundary {
			out = append(out, ReportLack{CheckIn: true})
		}
		for _, l := range Lacks(p, StepFacts{Step: StepSupervisionReport, Actor: r.Inspector, Pieces: r.Site}) {
			out = append(out, ReportLack{Lack: &l})
		}
	}
	return out
}

// FindingLacks lists the evidence that is missing for a finding of a report; with no
// gaps it is proven once the report is submitted.
func FindingLacks(p Policy, r ReportFacts, f FindingFacts) []Lack {
	step, asks := FindingStep(f.Result)
	if !asks {
		return nil
	}
	return Lacks(p, StepFacts{Step: step, Actor: r.Inspector, Pieces: f.Pieces})
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

// InsideBoundary reports whether a check-in lies on a school's ground: at most
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
