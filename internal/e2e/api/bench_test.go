package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// TestBench runs every workload once, small, on a server that bench starts
// itself. What the figures are is not asked.
func TestBench(t *testing.T) {
	t.Parallel()
	s := program.New(t, "")
	out, code, err := s.Run("bench", "--senders", "2", "--rounds", "1", "--photo", "50000", "--video", "17000000", "--uploads", "3", "--trickle", "50000")
	if err != nil || code != 0 {
		t.Fatalf("exit code %d (%v):\n%s", code, err, out)
	}
	type line struct {
		Workload, Reference, Error string
		Bytes                      int64
		Seconds, Ratio             float64
	}
	lines := map[string]line{}
	for text := range strings.Lines(out) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if _, twice := lines[l.Workload]; twice {
			t.Errorf("%s has two lines", l.Workload)
		}
		lines[l.Workload] = l
	}
	if len(lines) != 5 {
		t.Errorf("%d workloads, want 5:\n%s", len(lines), out)
	}
	for name, bytes := range map[string]int64{
		"upload.plainPut": 34_100_000, "upload.presigned": 34_100_000, "upload.tus": 34_100_000, "upload.graphql": 100_000, "upload.concurrent": 150_000,
	} {
		l := lines[name]
		if l.Error != "" || l.Bytes != bytes || l.Seconds <= 0 {
			t.Errorf("%s: %+v", name, l)
		}
		if reference := "upload.plainPut"; name != reference && name != "upload.concurrent" && (l.Reference != reference || l.Ratio <= 0) {
			t.Errorf("%s is not compared: %+v", name, l)
		}
	}
}
