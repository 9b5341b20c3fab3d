package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// Both databases must give back the instant that was written.
func TestTruncate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		from := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanoseconds")).In(zone)
		got := clock.Truncate(from)
		if got.Location() != time.UTC || got.Nanosecond()%1000 != 0 {
			t.Errorf("%s becomes %s", from, got)
		}
		if lost := from.Sub(got); lost < 0 || lost >= time.Microsecond {
			t.Errorf("%s lost %s", from, lost)
		}
		if clock.Truncate(got) != got {
			t.Errorf("%s changes when truncated again", got)
		}
	})
}

func TestSystemClockIsTruncated(t *testing.T) {
	now := clock.System{}.Now()
	if now != clock.Truncate(now) {
		t.Errorf("%v is not UTC in microseconds without a monotonic reading", now)
	}
}

func TestFakeMovesOnlyWhenTold(t *testing.T) {
	start := time.Date(2021, 4, 6, 8, 0, 0, 1234, time.FixedZone("", 8*3600))
	f := clock.NewFake(start)
	if got, want := f.Now(), clock.Truncate(start); got != want || f.Now() != want {
		t.Errorf("it shows %s, want %s", got, want)
	}
	if got, want := f.Advance(90*time.Minute), clock.Truncate(start).Add(90*time.Minute); got != want || f.Now() != want {
		t.Errorf("advanced it shows %s, want %s", got, want)
	}
	f.Set(start)
	if got := f.Now(); got != clock.Truncate(start) {
		t.Errorf("set back it shows %s", got)
	}
}
