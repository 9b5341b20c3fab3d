package pages

import (
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// TestMonthOnTheBinary looks at the demo county's month as an operator played it,
// and has the figures rebuilt and the evidence compared. That a month equals what it
// planted on PostgreSQL too is tested beside the simulation.
func TestMonthOnTheBinary(t *testing.T) {
	t.Parallel()
	folder, report := program.Played(t)
	if !strings.Contains(report, "total.found") {
		t.Errorf("the simulation reports:\n%s", report)
	}
	s := program.Settled(t, folder)
	if out, code, err := s.Run("verify"); err != nil || code != 0 {
		t.Errorf("verify: exit code %d (%v):\n%s", code, err, out)
	}
	if out, code, _ := s.Run("seed", "--simulate"); code == 0 {
		t.Errorf("a second county in the same database:\n%s", out)
	}
}
