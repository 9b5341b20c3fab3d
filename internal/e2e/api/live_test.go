package api

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// TestGraphQLWS follows a dashboard by the graphql-ws client against the real binary:
// the present state, a change, and the end with the session.
func TestGraphQLWS(t *testing.T) {
	t.Parallel()
	clients := program.Clients(t)
	m := program.NewMedia(t)
	s := program.Running(t)
	c := newCast(s, m)
	program.Need(t, c.As("grid1"))
	program.Need(t, c.LookAround())
	token, err := c.Token("grid1")
	program.Need(t, err)
	query := fmt.Sprintf("subscription { dashboardChanged(campaignId: %q) { dashboard { total { found } } } }", c.IDs["campaign"])
	follow := func() (lines *bufio.Scanner, end func()) {
		t.Helper()
		cmd := exec.Command("node", filepath.Join(clients, "follow.mjs"), strings.Replace(s.URL, "http", "ws", 1)+"/graphql", token, query)
		out, err := cmd.StdoutPipe()
		program.Need(t, err)
		program.Need(t, cmd.Start())
		return bufio.NewScanner(out), func() { _ = cmd.Wait() }
	}
	expect := func(lines *bufio.Scanner, want string) {
		t.Helper()
		if !lines.Scan() || !strings.Contains(lines.Text(), want) {
			t.Fatalf("heard %q, want %s", lines.Text(), want)
		}
	}
	lines, end := follow()
	expect(lines, `"found":0`)
	program.Need(t, c.Do(`mutation($input: ReportHazardInput!) { reportHazard(input: $input) { hazard { id } } }`, program.Variables{"input": program.Variables{
		"id": c.Named("hazard", "hazard"), "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"], "gridId": c.IDs["grid"], "category": "FIRE",
		"description": "消防栓无水", "discoveredAt": "2026-01-01T00:00:00.000Z", "evidenceIds": []string{c.Named("photo", "evidence")},
	}}, new(any)))
	expect(lines, `"found":1`)
	program.Need(t, c.Do(`mutation { signOut { signedOut } }`, nil, new(any)))
	expect(lines, "ended 4403")
	end()

	// A server that is asked to stop says goodbye and stops at once.
	c.People["grid1"].Token = ""
	token, err = c.Token("grid1")
	program.Need(t, err)
	lines, end = follow()
	expect(lines, `"found":1`)
	program.Need(t, s.Stop())
	expect(lines, "ended 1001")
	end()
}
