package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// memoryOfFirstStart is the most that the server may take, in KiB, its program's
// pages among it (about 95 MiB where all of them are in memory).
const memoryOfFirstStart = 150 << 10

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// TestFirstStart: migrations, a county of 300 schools and its accounts take little
// memory, and nothing of it is reported as an error.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	s := running(t)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		testkit.Missing(t, "/proc")
	}
	kib, err := strconv.Atoi(string(highWater.FindSubmatch(status)[1]))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("at most %d KiB", kib)
	if kib > memoryOfFirstStart {
		t.Errorf("the first start took %d KiB, want at most %d", kib, memoryOfFirstStart)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	log, err := os.ReadFile(s.logFile())
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(log) {
		var entry struct{ Level string }
		if json.Unmarshal(line, &entry) == nil && (entry.Level == "error" || entry.Level == "fatal") {
			t.Errorf("logged at the first start: %s", line)
		}
	}
}
