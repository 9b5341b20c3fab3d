package pace_test

import (
	"strconv"
	"testing"

	"github.com/cleargrid/cleargrid/internal/pace"
)

// TestEachAskerHasTheirOwnReserve: whoever has used it up is refused and nobody
// else; a stranger among many more than are remembered is not taken for a known one.
func TestEachAskerHasTheirOwnReserve(t *testing.T) {
	p := pace.New(1e-9, 3) // nothing comes back while the test runs
	for i := range 5 {
		if got, want := p.Allows("one"), i < 3; got != want {
			t.Errorf("ask %d: %v", i+1, got)
		}
	}
	for i := range 20_000 {
		if !p.Allows(strconv.Itoa(i)) {
			t.Fatalf("%d was refused the first ask", i)
		}
	}
}
