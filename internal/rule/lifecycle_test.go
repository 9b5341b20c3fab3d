package rule_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/rule"
)

var update = flag.Bool("update", false, "write docs/lifecycle.md anew")

const lifecycleFile = "../../docs/lifecycle.md"

// lifecyclePreamble is the part of the page that no table knows.
const lifecyclePreamble = `# A hazard's life

This page is drawn from the state table in ` + "`internal/rule/hazard.go`" + `, which alone decides about a hazard's status.
A test compares the two. After a change to the table: ` + "`go test ./internal/rule -run TestLifecycleDocument -update`" + `.

A hazard (隐患) has one of five statuses. Its grade (` + "`GENERAL` 一般, `MAJOR` 重大" + `), whether it is under oversight (挂牌督办) and whether
it is overdue are not statuses: a hazard is *overdue* while it is open (` + "`REPORTED`, `RECTIFYING` or `RECTIFIED`" + `) and its
deadline, a date in the campaign's time zone, lies before today.

Every step is an event in the hazard's history, which only grows. A step that the present state does not allow is refused
with ` + "`INVALID_TRANSITION`" + `, which names the state and the events that it allows. When two people change one hazard, the later gets
` + "`CONFLICT`" + ` with the present version, and nothing is half done.

Who may take a step is decided in ` + "`internal/authz`" + `; its whole table is ` + "`internal/authz/testdata/table.golden`" + `. A school's
leader may do whatever its safety officer may. Which photos and videos the words "evidence …" below stand for is the
campaign's policy, and only files that the server has verified count.
`

// lifecycleDocument draws the page from the state table.
func lifecycleDocument() string {
	var diagram, table strings.Builder
	for _, s := range rule.HazardSteps() {
		for _, from := range s.From {
			if s.To == "" {
				continue
			}
			fmt.Fprintf(&diagram, "    %s --> %s: %s\n", orStart(from), s.To, words(s.Event))
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", s.Event, road(s), s.Who, s.Needs)
	}
	fmt.Fprintf(&diagram, "    %s --> [*]\n", rule.Voided)
	return lifecyclePreamble +
		"\n```mermaid\nstateDiagram-v2\n" + diagram.String() + "```\n\n" +
		"The steps that leave the status as it is are in the table alone.\n\n" +
		"| event | from → to | who | needs |\n|---|---|---|---|\n" + table.String()
}

func orStart(s rule.HazardStatus) string {
	if s == "" {
		return "[*]"
	}
	return string(s)
}

func words(e rule.HazardEventKind) string {
	return strings.ToLower(strings.ReplaceAll(string(e), "_", " "))
}

// road writes where a step leads from and to.
func road(s rule.HazardStep) string {
	from := make([]string, 0, len(s.From))
	for _, f := range s.From {
		if f != "" {
			from = append(from, string(f))
		}
	}
	switch {
	case s.To == "":
		return strings.Join(from, ", ") + ": stays"
	case len(from) == 0:
		return "→ " + string(s.To)
	default:
		return strings.Join(from, ", ") + " → " + string(s.To)
	}
}

func TestLifecycleDocument(t *testing.T) {
	want := lifecycleDocument()
	if *update {
		if err := os.WriteFile(lifecycleFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(lifecycleFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/lifecycle.md is not the state table of today: run this test with -update. The table gives:\n%s", want)
	}
}

// TestStateTableIsWhole: a page drawn from it must leave nothing out.
func TestStateTableIsWhole(t *testing.T) {
	var drawn []rule.HazardEventKind
	for _, s := range rule.HazardSteps() {
		drawn = append(drawn, s.Event)
		if s.Who == "" || s.Needs == "" || len(s.From) == 0 {
			t.Errorf("%s does not say who, from where, or what it needs", s.Event)
		}
		for _, status := range append(slices.Clone(s.From), s.To) {
			if status != "" && !slices.Contains(rule.HazardStatuses(), status) {
				t.Errorf("%s speaks of a status %q", s.Event, status)
			}
		}
	}
	if !slices.Equal(sorted(drawn), sorted(rule.HazardEventKinds())) {
		t.Errorf("the table has %v, the events are %v", drawn, rule.HazardEventKinds())
	}
}
