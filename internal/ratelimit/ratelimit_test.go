package ratelimit_test

import (
	"strconv"
	"testing"

	"github.com/cleargrid/cleargrid/internal/ratelimit"
)

// TestEachClientHasItsOwnBurst: a client that has used its burst up is refused and
// no other one; a new client among many more than are kept is not taken for a known one.
func TestEachClientHasItsOwnBurst(t *testing.T) {
	l := ratelimit.New(1e-9, 3) // nothing comes back while the test runs
	for i := range 5 {
		if got, want := l.Allows("one"), i < 3; got != want {
			t.Errorf("request %d: %v", i+1, got)
		}
	}
	for i := range 20_000 {
		if !l.Allows(strconv.Itoa(i)) {
			t.Fatalf("%d was refused the first request", i)
		}
	}
}
