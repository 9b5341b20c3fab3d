package api

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestGraphQLWS follows a dashboard by the graphql-ws client against the real binary:
// the present state, a change, and the end with the session.
func TestGraphQLWS(t *testing.T) {
	needClients(t)
	m := newMedia(t)
	s := running(t)
	c := newCast(s, m)
	need(t, c.as([]string{"grid1"}))
	need(t, c.lookAround())
	token, err := c.token("grid1")
	need(t, err)
	query := fmt.Sprintf("subscription { dashboardChanged(campaignId: %q) { dashboard { total { found } } } }", c.ids["campaign"])
	follow := func() (lines *bufio.Scanner, end func()) {
		t.Helper()
		cmd := exec.Command("node", filepath.Join(clients, "follow.mjs"), strings.Replace(s.url, "http", "ws", 1)+"/graphql", token, query)
		out, err := cmd.StdoutPipe()
		need(t, err)
		need(t, cmd.Start())
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
	need(t, c.do(`mutation($input: ReportHazardInput!) { reportHazard(input: $input) { hazard { id } } }`, variables{"input": variables{
		"id": c.named("hazard", "hazard"), "campaignId": c.ids["campaign"], "schoolId": c.ids["school"], "gridId": c.ids["grid"], "category": "FIRE",
		"description": "消防栓无水", "discoveredAt": "2026-01-01T00:00:00.000Z", "evidenceIds": []string{c.named("photo", "evidence")},
	}}, new(any)))
	expect(lines, `"found":1`)
	need(t, c.do(`mutation { signOut { signedOut } }`, nil, new(any)))
	expect(lines, "ended 4403")
	end()

	// A server that is asked to stop says goodbye and stops at once.
	c.people["grid1"].token = ""
	token, err = c.token("grid1")
	need(t, err)
	lines, end = follow()
	expect(lines, `"found":1`)
	need(t, syscall.Kill(s.process.Process.Pid, syscall.SIGTERM))
	expect(lines, "ended 1001")
	end()
	<-s.exited
}
