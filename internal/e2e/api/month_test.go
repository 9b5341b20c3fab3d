package api

import (
	"strings"
	"testing"
)

// TestMonthOnTheBinary plays the demo county's month as an operator would, and
// has the figures rebuilt and the evidence compared afterwards. That a month
// equals what it planted on PostgreSQL too is tested beside the simulation.
func TestMonthOnTheBinary(t *testing.T) {
	s := newServer(t, "")
	out, code, err := s.run("seed", "--simulate", "--schools", "12", "--townships", "4", "--seed", "7")
	if err != nil || code != 0 || !strings.Contains(out, "hazards found") {
		t.Fatalf("exit code %d (%v):\n%s", code, err, out)
	}
	if out, code, err := s.run("verify"); err != nil || code != 0 {
		t.Errorf("verify: exit code %d (%v):\n%s", code, err, out)
	}
	if out, code, _ := s.run("seed", "--simulate"); code == 0 {
		t.Errorf("a second county in the same database:\n%s", out)
	}
}
