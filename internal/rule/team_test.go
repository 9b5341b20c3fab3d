package rule_test

import (
	"slices"
	"testing"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
)

func TestDrawTakesTheWholeRule(t *testing.T) {
	got := rule.SamplingRule{
		SchoolsPerTownship: 4, Middle: 1, Primary: 2, Private: 3, AllowOverlap: true, RecusalMonths: 24, InspectorsPerVisit: 2,
	}.Draw()
	want := sampling.Rule{Schools: 4, Middle: 1, Primary: 2, Private: 3, AllowOverlap: true, RecusalMonths: 24, Inspectors: 2}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRecusedSinceCountsCalendarMonths(t *testing.T) {
	for months, want := range map[int]clock.Date{0: "2024-05-31", 1: "2024-04-30", 3: "2024-02-29", 36: "2021-05-31"} {
		if got := rule.RecusedSince("2024-05-31", rule.SamplingRule{RecusalMonths: months}); got != want {
			t.Errorf("%d months before is %s, want %s", months, got, want)
		}
	}
}

func TestWhyAVisitFellOut(t *testing.T) {
	for _, c := range rule.FallCauses() {
		if got, words := rule.CauseOf(string(c)); got != c || words != "" {
			t.Errorf("%s reads as %s %q", c, got, words)
		}
	}
	for _, words := range []string{"疫情封控", "SUPERSEDED", "", "DROPPED: twice"} {
		if got, back := rule.CauseOf(rule.DroppedFor(words)); got != rule.FellDropped || back != words {
			t.Errorf("%q reads as %s %q", words, got, back)
		}
	}
	for _, f := range []sampling.DropCause{sampling.SchoolGone, sampling.TeamGone, sampling.TeamRecused} {
		if !slices.Contains(rule.FallCauses(), rule.FallCause(f)) {
			t.Errorf("the planner's %s is no cause", f)
		}
	}
}

// TestSlotsAreThePlannersKinds: the two lists may not drift apart.
func TestSlotsAreThePlannersKinds(t *testing.T) {
	for i, k := range sampling.Kinds() {
		if rule.SamplingSlots()[i] != rule.SamplingSlot(k) {
			t.Errorf("slot %d is %s, the planner's kind %s", i, rule.SamplingSlots()[i], k)
		}
	}
}

func TestPlansMoveForwardOnly(t *testing.T) {
	for s, may := range map[rule.VisitPlanStatus]struct{ confirm, mend bool }{
		rule.VisitPlanProposed: {true, true}, rule.VisitPlanConfirmed: {false, true}, rule.VisitPlanSuperseded: {false, false},
	} {
		if err := rule.CheckConfirmPlan(s); (err == nil) != may.confirm || err != nil && !fault.Is(err, fault.InvalidTransition) {
			t.Errorf("confirming a %s plan: %v", s, err)
		}
		if err := rule.CheckReplan(s); (err == nil) != may.mend || err != nil && !fault.Is(err, fault.InvalidTransition) {
			t.Errorf("mending a %s plan: %v", s, err)
		}
	}
	for s, may := range map[rule.VisitStatus]bool{rule.VisitProposed: true, rule.VisitConfirmed: true, rule.VisitFallenOut: false} {
		if err := rule.CheckDrop(s, false); (err == nil) != may {
			t.Errorf("dropping a %s visit: %v", s, err)
		}
		if err := rule.CheckDrop(s, true); !fault.Is(err, fault.InvalidTransition) {
			t.Errorf("dropping a %s visit that was carried out: %v", s, err)
		}
	}
}

func TestOnlyWhatIsMissingIsExempted(t *testing.T) {
	standing := sampling.Standing{Exemptions: []sampling.Exemption{{Kind: sampling.Private, Count: 1, Why: sampling.NoSuchSchool}}}
	for _, slot := range rule.SamplingSlots() {
		if err := rule.CheckExemption(standing, slot); (err == nil) != (slot == rule.SlotPrivate) {
			t.Errorf("%s: %v", slot, err)
		}
	}
}

func TestNotOver(t *testing.T) {
	for today, may := range map[clock.Date]bool{"2021-04-01": true, "2021-04-30": true, "2021-05-01": false} {
		if err := rule.CheckNotOver("2021-04-30", today); (err == nil) != may {
			t.Errorf("on %s: %v", today, err)
		}
	}
}
