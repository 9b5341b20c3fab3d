package rule_test

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/clock"
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
