package rule

import (
	"strings"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/sampling"
)

// Draw is the rule as the planner takes it.
func (r SamplingRule) Draw() sampling.Rule {
	return sampling.Rule{
		Schools: r.SchoolsPerTownship, Middle: r.Middle, Primary: r.Primary, Private: r.Private, AllowOverlap: r.AllowOverlap,
		RecusalMonths: r.RecusalMonths, Inspectors: r.InspectorsPerVisit,
	}
}

// RecusedSince is the first day that counts for recusal: a person who belonged to a
// school on it or later is not independent of the school on the given day
// (domain: recusalMonths). The planner and every check of a step count by it alike.
func RecusedSince(on clock.Date, r SamplingRule) clock.Date {
	return clock.Date(sampling.RecusedSince(string(on), r.RecusalMonths))
}

// FallCause says why a planned visit fell out.
type FallCause string

// The causes. All but the last are the planner's.
const (
	FellSuperseded  FallCause = "SUPERSEDED"   // a newer plan stands in its place
	FellSchoolGone  FallCause = "SCHOOL_GONE"  // the school was closed or left the region
	FellTeamGone    FallCause = "TEAM_GONE"    // the team is no more
	FellTeamRecused FallCause = "TEAM_RECUSED" // too few members of the team may inspect the school
	FellDropped     FallCause = "DROPPED"      // a person took it off the plan, with a reason
)

// FallCauses lists the causes.
func FallCauses() []FallCause {
	return []FallCause{FellSuperseded, FellSchoolGone, FellTeamGone, FellTeamRecused, FellDropped}
}

const dropped = string(FellDropped) + ": "

// DroppedFor is what is kept of a visit that a person took off the plan.
func DroppedFor(reason string) string { return dropped + reason }

// CauseOf reads why a visit fell out, and the words of the person who dropped it.
func CauseOf(kept string) (FallCause, string) {
	if reason, ok := strings.CutPrefix(kept, dropped); ok {
		return FellDropped, reason
	}
	return FallCause(kept), ""
}

// CheckConfirmPlan refuses to confirm a plan twice, and one that a newer plan has
// replaced.
func CheckConfirmPlan(s VisitPlanStatus) error {
	switch s {
	case VisitPlanProposed:
		return nil
	case VisitPlanConfirmed:
		return planState(s, fault.T("该计划已确认。", "This plan is confirmed already."))
	default:
		return superseded(s)
	}
}

// CheckReplan refuses to mend a plan that a newer one has replaced.
func CheckReplan(s VisitPlanStatus) error {
	if s == VisitPlanSuperseded {
		return superseded(s)
	}
	return nil
}

func superseded(s VisitPlanStatus) error {
	return planState(s, fault.T("该计划已被新的计划取代。", "A newer plan stands in this one's place."))
}

func planState(s VisitPlanStatus, text fault.Text) error {
	return fault.New(fault.InvalidTransition, "visitplan.state", text).With("state", string(s))
}

// CheckDrop refuses to take a visit off the plan that fell out before, or that was
// carried out.
func CheckDrop(s VisitStatus, done bool) error {
	switch {
	case done:
		return fault.New(fault.InvalidTransition, "visit.done", fault.T("该校已督查并核实，不能取消。", "The visit is carried out and proven.")).
			With("state", "DONE")
	case s == VisitFallenOut:
		return fault.New(fault.InvalidTransition, "visit.fallen_out", fault.T("该督查安排已取消。", "The visit fell out before.")).
			With("state", string(s))
	}
	return nil
}

// CheckExemption refuses to confirm an exemption that the township does not need.
func CheckExemption(s sampling.Standing, slot SamplingSlot) error {
	for _, e := range s.Exemptions {
		if e.Kind == sampling.Kind(slot) {
			return nil
		}
	}
	return fault.New(fault.InvalidTransition, "exemption.not_needed",
		fault.T("该乡镇有此类学校，不能豁免。", "The township has such a school; it needs no exemption."))
}
