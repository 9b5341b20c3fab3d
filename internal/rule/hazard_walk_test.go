package rule_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// walk is a hazard as the use cases keep it: the facts that the life cycle reads,
// changed by what each event means (domain: a hazard's life).
type walk struct {
	facts              rule.HazardFacts
	today              clock.Date
	underOversightOnce bool
	count              map[rule.HazardEventKind]int
}

// take lets an event happen when the rules allow it, and reports whether they did.
func (l *walk) take(t *rapid.T, event rule.HazardEventKind) bool {
	status, err := rule.NextHazardStatus(l.facts, event, l.today)
	if err != nil {
		return false
	}
	l.facts.Status = status
	l.count[event]++
	later := l.today.AddDays(rapid.IntRange(0, 20).Draw(t, "days to the deadline"))
	switch event {
	case rule.EventReported:
		l.facts.Grade = rapid.SampledFrom([]rule.HazardGrade{rule.General, rule.Major}).Draw(t, "grade")
	case rule.EventGraded:
		l.facts.Grade, l.facts.DowngradePending = rule.Major, false
	case rule.EventDowngradeRequested:
		l.facts.DowngradePending = true
	case rule.EventDowngradeDecided:
		l.facts.DowngradePending = false
		if rapid.Bool().Draw(t, "downgrade granted") {
			l.facts.Grade = rule.General
		}
	case rule.EventPlacedUnderOversight:
		l.facts.UnderOversight, l.underOversightOnce, l.facts.DeadlineOn = true, true, later
	case rule.EventPlanSubmitted:
		l.facts.Plan = rule.PlanSubmitted
	case rule.EventPlanApproved:
		l.facts.Plan = rule.PlanApproved
	case rule.EventPlanReturned:
		l.facts.Plan = rule.PlanReturned
	case rule.EventExtensionRequested:
		l.facts.ExtensionPending = true
	case rule.EventExtensionDecided:
		l.facts.ExtensionPending = false
		if rapid.Bool().Draw(t, "extension granted") {
			l.facts.DeadlineOn = l.facts.DeadlineOn.AddDays(7)
		}
	case rule.EventRejected:
		l.facts.DeadlineOn = later
	case rule.EventReopened:
		l.facts.DeadlineOn, l.facts.UnderOversight = later, l.underOversightOnce
	case rule.EventAccepted, rule.EventVoided:
		l.facts.UnderOversight = false
	case rule.EventRectifiedAtOnce, rule.EventRectified, rule.EventVoidRequested, rule.EventEvidenceAdded, rule.EventOversightEscalated, rule.EventSignsAdded:
	}
	return true
}

// impossible names what a hazard of this history can't be; "" when all is well.
func (l *walk) impossible(before rule.HazardFacts, event rule.HazardEventKind) string {
	f, n := l.facts, l.count
	switch {
	case n[rule.EventReported] != 1:
		return "it was not reported exactly once"
	case f.Status == "":
		return "it lost its status"
	case before.Status == rule.Voided:
		return "something happened to a voided hazard"
	case f.UnderOversight && f.Status != rule.Rectifying && f.Status != rule.Rectified:
		return "it is under oversight, but nobody is at work on it"
	case f.Status == rule.Rectifying && f.DeadlineOn == "":
		return "somebody is at work on it without a deadline"
	case f.Status == rule.Rectified && f.UnderOversight && f.Plan != rule.PlanApproved:
		return "a hazard under oversight is rectified without an approved plan"
	case event == rule.EventRectifiedAtOnce && before.Grade != rule.General:
		return "a major hazard was rectified at once"
	case f.Status == rule.Closed && n[rule.EventAccepted] != n[rule.EventReopened]+1:
		return "it is closed without an acceptance of its own"
	case n[rule.EventAccepted] > n[rule.EventRectified]+n[rule.EventRectifiedAtOnce]:
		return "more was accepted than rectified"
	case f.DowngradePending && f.Grade != rule.Major:
		return "somebody asks to downgrade a general hazard"
	case n[rule.EventDowngradeDecided] > n[rule.EventDowngradeRequested]:
		return "a downgrade was decided that nobody asked for"
	case n[rule.EventPlanApproved]+n[rule.EventPlanReturned] > n[rule.EventPlanSubmitted]:
		return "a plan was decided twice"
	case n[rule.EventExtensionDecided] > n[rule.EventExtensionRequested]:
		return "an extension was decided that nobody asked for"
	case event == rule.EventExtensionRequested && before.DeadlineOn < l.today:
		return "an extension was asked for after the deadline"
	case rule.Overdue(f.Status, f.DeadlineOn, l.today) && (f.Status == rule.Closed || f.Status == rule.Voided):
		return "it is overdue, but done with"
	}
	return ""
}

// TestRandomLives lets anything happen in any order while days pass.
func TestRandomLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &walk{today: today, count: map[rule.HazardEventKind]int{}}
		for range rapid.IntRange(1, 60).Draw(t, "length") {
			before := l.facts
			events := rule.HazardEventKinds()
			if allowed := rule.AllowedHazardEvents(l.facts, l.today); len(allowed) > 0 && rapid.IntRange(0, 3).Draw(t, "sensible") > 0 {
				events = allowed
			}
			event := rapid.SampledFrom(events).Draw(t, "event")
			if !l.take(t, event) {
				continue
			}
			if wrong := l.impossible(before, event); wrong != "" {
				t.Fatalf("after %s: %s: %+v → %+v", event, wrong, before, l.facts)
			}
			l.today = l.today.AddDays(rapid.IntRange(0, 4).Draw(t, "days"))
		}
	})
}

// TestMainRoads walks the two ordinary lives of a hazard, so that a rule that
// forbids too much is noticed too.
func TestMainRoads(t *testing.T) {
	cases := map[string][]rule.HazardEventKind{
		"at once": {rule.EventReported, rule.EventRectifiedAtOnce, rule.EventAccepted},
		"under oversight, returned, extended, rejected once, reopened": {
			rule.EventReported, rule.EventGraded, rule.EventPlacedUnderOversight, rule.EventPlanSubmitted, rule.EventPlanReturned, rule.EventPlanSubmitted,
			rule.EventPlanApproved, rule.EventExtensionRequested, rule.EventExtensionDecided, rule.EventRectified, rule.EventRejected,
			rule.EventRectified, rule.EventEvidenceAdded, rule.EventAccepted, rule.EventEvidenceAdded, rule.EventReopened, rule.EventRectified,
			rule.EventAccepted,
		},
	}
	for name, road := range cases {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				l := &walk{today: today, count: map[rule.HazardEventKind]int{}}
				for i, event := range road {
					if event == rule.EventRectifiedAtOnce {
						l.facts.Grade = rule.General
					}
					if !l.take(t, event) {
						t.Fatalf("step %d, %s, is refused on %+v", i, event, l.facts)
					}
				}
				if l.facts.Status != rule.Closed {
					t.Errorf("it ends %s", l.facts.Status)
				}
			})
		})
	}
}
