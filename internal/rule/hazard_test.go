package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

const (
	yesterday clock.Date = "2021-04-19"
	today     clock.Date = "2021-04-20"
	tomorrow  clock.Date = "2021-04-21"
)

// handbook is "A hazard's life" as the bureau's handbook has it, written down
// apart from the code: for each status (before it is reported "-") where an event
// leads, "=" where the status stays and "." where the event is refused; and what
// must hold besides, in the words of the conditions below.
const handbook = `
event                    -         REPORTED   RECTIFYING  RECTIFIED   CLOSED      VOIDED  needs
REPORTED                 REPORTED  .          .           .           .           .
GRADED                   .         =          =           =           .           .
SIGNS_ADDED              .         =          =           =           .           .
DOWNGRADE_REQUESTED      .         =          =           =           .           .       major,no-downgrade-pending
DOWNGRADE_DECIDED        .         =          =           =           .           .       downgrade-pending
RECTIFIED_AT_ONCE        .         RECTIFIED  .           .           .           .       general
PLACED_UNDER_OVERSIGHT   .         RECTIFYING .           .           .           .
OVERSIGHT_ESCALATED      .         .          =           =           .           .       underOversight
PLAN_SUBMITTED           .         .          =           .           .           .
PLAN_APPROVED            .         .          =           .           .           .       plan-waiting
PLAN_RETURNED            .         .          =           .           .           .       plan-waiting
EXTENSION_REQUESTED      .         .          =           .           .           .       no-extension-pending,before-deadline
EXTENSION_DECIDED        .         .          =           .           .           .       extension-pending
RECTIFIED                .         .          RECTIFIED   .           .           .       approved-if-grave
RECTIFICATION_ACCEPTED   .         .          .           CLOSED      .           .
RECTIFICATION_REJECTED   .         .          .           RECTIFYING  .           .
VOID_REQUESTED           .         =          =           =           .           .
VOIDED                   .         VOIDED     VOIDED      VOIDED      .           .
REOPENED                 .         .          .           .           RECTIFYING  .
EVIDENCE_ADDED           .         =          =           =           =           .
`

var conditions = map[string]func(rule.HazardFacts) bool{
	"major":                func(f rule.HazardFacts) bool { return f.Grade == "MAJOR" },
	"general":              func(f rule.HazardFacts) bool { return f.Grade == "GENERAL" },
	"downgrade-pending":    func(f rule.HazardFacts) bool { return f.DowngradePending },
	"no-downgrade-pending": func(f rule.HazardFacts) bool { return !f.DowngradePending },
	"underOversight":       func(f rule.HazardFacts) bool { return f.UnderOversight },
	"extension-pending":    func(f rule.HazardFacts) bool { return f.ExtensionPending },
	"no-extension-pending": func(f rule.HazardFacts) bool { return !f.ExtensionPending },
	"plan-waiting":         func(f rule.HazardFacts) bool { return f.Plan == "SUBMITTED" },
	"approved-if-grave":    func(f rule.HazardFacts) bool { return !f.UnderOversight && f.Grade != "MAJOR" || f.Plan == "APPROVED" },
	"before-deadline":      func(f rule.HazardFacts) bool { return f.DeadlineOn == today || f.DeadlineOn == tomorrow },
}

// expectation is one line of the handbook.
type expectation struct {
	leads map[rule.HazardStatus]string
	needs []string
}

func expectations(t testing.TB) map[rule.HazardEventKind]expectation {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(handbook), "\n")
	head := strings.Fields(lines[0])
	out := map[rule.HazardEventKind]expectation{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		e := expectation{leads: map[rule.HazardStatus]string{}}
		for i, cell := range cells[1:7] {
			status := rule.HazardStatus(strings.Trim(head[i+1], "-"))
			e.leads[status] = cell
		}
		if len(cells) == 8 {
			e.needs = strings.Split(cells[7], ",")
		}
		for _, n := range e.needs {
			if conditions[n] == nil {
				t.Fatalf("the handbook names a condition %q that nobody defines", n)
			}
		}
		out[rule.HazardEventKind(cells[0])] = e
	}
	return out
}

// expect says what the handbook says: the status that follows, and whether the
// event may happen.
func (e expectation) expect(f rule.HazardFacts) (rule.HazardStatus, bool) {
	for _, n := range e.needs {
		if !conditions[n](f) {
			return f.Status, false
		}
	}
	switch to := e.leads[f.Status]; to {
	case ".":
		return f.Status, false
	case "=":
		return f.Status, true
	default:
		return rule.HazardStatus(to), true
	}
}

// everyFacts is the full product of what the life cycle may depend on.
func everyFacts() []rule.HazardFacts {
	var out []rule.HazardFacts
	both := []bool{false, true}
	for _, status := range append(rule.HazardStatuses(), "") {
		for _, grade := range []rule.HazardGrade{rule.General, rule.Major} {
			for _, plan := range []rule.PlanStatus{"", rule.PlanSubmitted, rule.PlanApproved, rule.PlanReturned} {
				for _, deadline := range []clock.Date{"", yesterday, today, tomorrow} {
					for _, underOversight := range both {
						for _, extension := range both {
							for _, downgrade := range both {
								out = append(out, rule.HazardFacts{
									Status: status, Grade: grade, UnderOversight: underOversight, DeadlineOn: deadline, Plan: plan,
									ExtensionPending: extension, DowngradePending: downgrade,
								})
							}
						}
					}
				}
			}
		}
	}
	return out
}

// TestHazardLife compares the life cycle with the handbook over all states,
// events and facts.
func TestHazardLife(t *testing.T) {
	book := expectations(t)
	if len(book) != len(rule.HazardEventKinds()) {
		t.Fatalf("the handbook has %d events, the code %d", len(book), len(rule.HazardEventKinds()))
	}
	happened := map[rule.HazardEventKind]bool{}
	for _, f := range everyFacts() {
		var allowed []rule.HazardEventKind
		for _, event := range rule.HazardEventKinds() {
			line, known := book[event]
			if !known {
				t.Fatalf("the handbook does not know %s", event)
			}
			want, may := line.expect(f)
			if may {
				allowed = append(allowed, event)
				happened[event] = true
			}
			got, err := rule.NextHazardStatus(f, event, today)
			if got != want || (err == nil) != may {
				t.Errorf("%s on %+v: %s, %v; the handbook says %s, allowed %v", event, f, got, err, want, may)
			}
		}
		if got := rule.AllowedHazardEvents(f, today); !slices.Equal(sorted(got), sorted(allowed)) {
			t.Errorf("%+v allows %v, the handbook %v", f, got, allowed)
		}
	}
	for _, event := range rule.HazardEventKinds() {
		if !happened[event] {
			t.Errorf("%s can never happen", event)
		}
	}
}

func sorted(events []rule.HazardEventKind) []rule.HazardEventKind {
	return slices.Sorted(slices.Values(events))
}

// TestRefusalNamesStateAndAllowedEvents: a client must be able to show what can be
// done instead.
func TestRefusalNamesStateAndAllowedEvents(t *testing.T) {
	for _, f := range everyFacts() {
		var admitted []rule.HazardEventKind
		refusals := map[rule.HazardEventKind]*fault.Error{}
		for _, event := range append(rule.HazardEventKinds(), "EXPLODED") {
			if _, err := rule.NextHazardStatus(f, event, today); err == nil {
				admitted = append(admitted, event)
			} else {
				refusals[event] = fault.Of(err)
			}
		}
		for event, e := range refusals {
			if e.Kind != fault.InvalidTransition || e.Text.ZH == "" || e.Text.EN == "" || e.Code == "" {
				t.Fatalf("%s on %+v: %+v", event, f, e)
			}
			if e.Detail["state"] != string(f.Status) || e.Detail["event"] != string(event) {
				t.Fatalf("%s on %+v: details %v", event, f, e.Detail)
			}
			allowed, ok := e.Detail["allowedEvents"].([]rule.HazardEventKind)
			if !ok || allowed == nil || !slices.Equal(sorted(allowed), sorted(admitted)) {
				t.Fatalf("%s on %+v: allowedEvents is %#v, admitted are %v", event, f, e.Detail["allowedEvents"], admitted)
			}
		}
	}
}

func TestRefusalSaysWhy(t *testing.T) {
	cases := []struct {
		name  string
		facts rule.HazardFacts
		event rule.HazardEventKind
		code  string
	}{
		{"another status", rule.HazardFacts{Status: rule.Closed}, rule.EventPlacedUnderOversight, "hazard.transition"},
		{"an unknown event", rule.HazardFacts{Status: rule.Reported}, "EXPLODED", "hazard.transition"},
		{"an unknown status", rule.HazardFacts{Status: "LOST"}, rule.EventGraded, "hazard.transition"},
		{"a second report", rule.HazardFacts{Status: rule.Reported}, rule.EventReported, "hazard.transition"},
		{"a general hazard", rule.HazardFacts{Status: rule.Reported, Grade: rule.General}, rule.EventDowngradeRequested, "hazard.no_downgrade"},
		{"nothing asked", rule.HazardFacts{Status: rule.Reported, Grade: rule.Major}, rule.EventDowngradeDecided, "hazard.no_downgrade_pending"},
		{"a major hazard at once", rule.HazardFacts{Status: rule.Reported, Grade: rule.Major}, rule.EventRectifiedAtOnce, "hazard.major_not_at_once"},
		{"no plan", rule.HazardFacts{Status: rule.Rectifying, UnderOversight: true}, rule.EventRectified, "hazard.plan_not_approved"},
		{"a plan decided before", rule.HazardFacts{Status: rule.Rectifying, Plan: rule.PlanApproved}, rule.EventPlanApproved, "hazard.no_plan_waiting"},
		{"a plan not there", rule.HazardFacts{Status: rule.Rectifying}, rule.EventPlanReturned, "hazard.no_plan_waiting"},
		{"too late", rule.HazardFacts{Status: rule.Rectifying, DeadlineOn: yesterday}, rule.EventExtensionRequested, "hazard.deadline_passed"},
		{
			"asked before", rule.HazardFacts{Status: rule.Rectifying, DeadlineOn: tomorrow, ExtensionPending: true},
			rule.EventExtensionRequested, "hazard.extension_pending",
		},
		{"no request", rule.HazardFacts{Status: rule.Rectifying, DeadlineOn: tomorrow}, rule.EventExtensionDecided, "hazard.no_extension_pending"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, err := rule.NextHazardStatus(c.facts, c.event, today)
			if err == nil || fault.Of(err).Code != c.code {
				t.Fatalf("%v, want %s", err, c.code)
			}
			if status != c.facts.Status {
				t.Errorf("a refused event moves the hazard to %s", status)
			}
		})
	}
}

func TestNothingLeavesVoided(t *testing.T) {
	for _, f := range everyFacts() {
		if f.Status != rule.Voided {
			continue
		}
		if allowed := rule.AllowedHazardEvents(f, today); len(allowed) != 0 {
			t.Errorf("%+v allows %v", f, allowed)
		}
	}
}

func TestStateTableCannotBeChanged(t *testing.T) {
	rule.HazardSteps()[0].To = rule.Closed
	if rule.HazardSteps()[0].To == rule.Closed {
		t.Error("a caller can change the state table")
	}
}

func TestOpen(t *testing.T) {
	want := map[rule.HazardStatus]bool{"": false, rule.Reported: true, rule.Rectifying: true, rule.Rectified: true, rule.Closed: false, rule.Voided: false}
	for status, open := range want {
		if status.Open() != open {
			t.Errorf("%q open: %v", status, !open)
		}
	}
}

// A deadline lasts to the end of its day, and only open hazards are overdue.
func TestOverdue(t *testing.T) {
	for _, status := range append(rule.HazardStatuses(), "") {
		for deadline, passed := range map[clock.Date]bool{"": false, yesterday: true, today: false, tomorrow: false, "9999-12-31": false} {
			t.Run(fmt.Sprintf("%s %s", status, deadline), func(t *testing.T) {
				if got, want := rule.Overdue(status, deadline, today), passed && status.Open(); got != want {
					t.Errorf("overdue is %v, want %v", got, want)
				}
			})
		}
	}
}
