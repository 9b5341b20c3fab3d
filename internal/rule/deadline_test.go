package rule_test

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// reasonOf is the reason of the only field of a refusal; "" for none.
func reasonOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	f := fault.Of(err)
	if f.Kind != fault.BadUserInput || len(f.Fields) != 1 || f.Fields[0].Path != "input.x" {
		t.Fatalf("got %v", err)
	}
	return f.Fields[0].Reason
}

func TestDeadlines(t *testing.T) {
	const today = clock.Date("2026-03-10")
	cases := []struct {
		name, want string
		err        error
	}{
		{"today", "", rule.CheckDeadline("input.x", today, today)},
		{"yesterday", "past", rule.CheckDeadline("input.x", "2026-03-09", today)},
		{"the last day allowed", "", rule.CheckDeadline("input.x", today.AddDays(3660), today)},
		{"the day after it", "range", rule.CheckDeadline("input.x", today.AddDays(3661), today)},
		{"a plan to the deadline", "", rule.CheckPlanEnd("input.x", "2026-03-12", "2026-03-12", today)},
		{"a plan beyond it", "after_deadline", rule.CheckPlanEnd("input.x", "2026-03-13", "2026-03-12", today)},
		{"a plan beyond a deadline of today", "after_deadline", rule.CheckPlanEnd("input.x", "2026-03-11", today, today)},
		{"a plan after a deadline that has passed", "", rule.CheckPlanEnd("input.x", "2026-03-13", "2026-03-09", today)},
		{"a plan without a deadline", "", rule.CheckPlanEnd("input.x", "2026-03-13", "", today)},
		{"a later deadline", "", rule.CheckExtensionEnd("input.x", "2026-03-13", "2026-03-12")},
		{"the same deadline", "not_later", rule.CheckExtensionEnd("input.x", "2026-03-12", "2026-03-12")},
	}
	for _, c := range cases {
		if got := reasonOf(t, c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCampaignDays(t *testing.T) {
	for today, runs := range map[clock.Date]bool{"2021-04-05": false, "2021-04-06": true, "2021-04-30": true, "2021-05-01": false} {
		err := rule.CheckRunning("2021-04-06", "2021-04-30", today)
		if (err == nil) != runs || err != nil && !fault.Is(err, fault.InvalidTransition) {
			t.Errorf("%s: %v", today, err)
		}
	}
}

func TestInsideBoundary(t *testing.T) {
	school := &geo.Point{Latitude: 36.7, Longitude: 114.2}
	near, far := &geo.Point{Latitude: 36.7026, Longitude: 114.2}, &geo.Point{Latitude: 36.7028, Longitude: 114.2} // 289 m and 311 m
	cases := []struct {
		name            string
		checkIn, school *geo.Point
		want            bool
	}{
		{"on the ground", near, school, true}, {"outside", far, school, false},
		{"no check-in", nil, school, false}, {"a school without position", near, nil, false},
	}
	for _, c := range cases {
		if got := rule.InsideBoundary(c.checkIn, c.school, 300); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
