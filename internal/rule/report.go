package rule

import (
	"slices"

	"github.com/google/uuid"
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
	Items     []uuid.UUID // of the campaign's checklist
	Findings  []FindingFacts
	Site      []Piece // files of the report as a whole
	// InsideBoundary says that the check-in lies on the school's ground.
	InsideBoundary bool
}

// ReportLack is a gap of a report: an item nobody looked at, a finding or the
// visit itself without its evidence, or a visit without a check-in on the ground.
type ReportLack struct {
	ItemID    uuid.UUID // zero when the visit itself lacks evidence
	FindingID uuid.UUID // zero when the item has no finding
	Lack      *Lack     // nil when the item has no finding or the check-in is lacking
	CheckIn   bool      // a supervision visit without a check-in inside the boundary
}

// ReportLacks lists what a report lacks to be proven. A report without lacks
// counts as carried out; any other is only claimed.
func ReportLacks(p Policy, r ReportFacts) []ReportLack {
	var out []ReportLack
	for _, item := range r.Items {
		if !slices.ContainsFunc(r.Findings, func(f FindingFacts) bool { return f.ItemID == item }) {
			out = append(out, ReportLack{ItemID: item})
		}
	}
	for _, f := range r.Findings {
		step, asks := FindingStep(f.Result)
		if !asks {
			continue
		}
		for _, l := range Lacks(p, StepFacts{Step: step, Actor: r.Inspector, Pieces: f.Pieces}) {
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
