package api

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// tourWithin is how long the whole tour may take on a busy machine.
const tourWithin = 5 * time.Minute

// TestTheTourOfTheREADME pastes the README's tour, as it stands, into one shell.
func TestTheTourOfTheREADME(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl", "jq", "uuidgen", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Missing(t, tool)
		}
	}
	testkit.PhotoFolder(t) // the tour's photos come with the same module
	s := program.Running(t)

	out := paste(t, s, tour(t))
	lines := objects(t, out)
	if strings.Contains(out, `"errors"`) {
		t.Errorf("the tour met an error:\n%s", out)
	}
	for _, want := range []map[string]any{
		{"status": "VERIFIED", "rejection": nil},
		{"status": "CLOSED", "underOversight": false, "proven": true},
		{"found": 1.0, "open": 0.0, "closed": 1.0, "closedProven": 1.0, "clearRate": 1.0, "schoolsSelfClaimed": 1.0, "schoolsSelfProven": 1.0},
		{"status": "CLOSED", "proven": true},
	} {
		if !slices.ContainsFunc(lines, func(o map[string]any) bool { return holds(o, want) }) {
			t.Errorf("the tour shows no object with %v:\n%s", want, out)
		}
	}

	if out, code, err := s.Run("verify", "--rehash"); err != nil || code != 0 || !strings.Contains(out, "everything agrees") {
		t.Errorf("verify after the tour: exit code %d, error %v:\n%s", code, err, out)
	}
}

// tour is every block of the README that follows the mark.
func tour(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(program.Root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for part := range strings.SplitSeq(string(text), "<!-- tour -->\n```bash\n") {
		block, _, closed := strings.Cut(part, "\n```\n")
		if closed {
			blocks = append(blocks, block)
		}
	}
	blocks = blocks[1:] // what stands before the first mark is no block
	if len(blocks) < 5 {
		t.Fatalf("the README has a tour of %d blocks", len(blocks))
	}
	return strings.Join(blocks, "\n") + "\n"
}

// paste runs a script in one shell that stops at the first failure.
func paste(t *testing.T, s *program.Server, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), tourWithin)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-e", "-o", "pipefail")
	shell.Dir = program.Root
	shell.Env = append(os.Environ(), "URL="+s.URL, "FIRST_RUN="+filepath.Join(s.Data, "first-run.json"))
	shell.Stdin = strings.NewReader(script)
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	if err := shell.Run(); err != nil {
		t.Fatalf("the tour ended: %v\n%s", err, out.String())
	}
	return out.String()
}

// objects are the lines of an output that are JSON objects, and the objects that
// are nested in them.
func objects(t *testing.T, out string) []map[string]any {
	t.Helper()
	var found []map[string]any
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			found = append(found, v)
			for _, nested := range v {
				walk(nested)
			}
		case []any:
			for _, nested := range v {
				walk(nested)
			}
		}
	}
	for line := range strings.Lines(out) {
		var v any
		if json.Unmarshal([]byte(line), &v) == nil {
			walk(v)
		}
	}
	return found
}

// holds reports whether an object has these entries.
func holds(object, entries map[string]any) bool {
	for name, want := range entries {
		if got, ok := object[name]; !ok || got != want {
			return false
		}
	}
	return true
}
