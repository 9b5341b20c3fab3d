package app_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

var update = flag.Bool("update", false, "write the golden files of this package again")

// statementsFile is the golden table: one line for each command with the number of
// SQL statements that it takes on SQLite and on PostgreSQL.
var statementsFile = filepath.Join("testdata", "statements.golden")

// TestStatements runs every mutation once and compares the number of its SQL
// statements with the golden table. `go test ./internal/app -run TestStatements -update`
// writes the table again; it needs both databases.
func TestStatements(t *testing.T) {
	var mu sync.Mutex
	counts := map[string]map[string]int{} // command → database → statements
	t.Cleanup(func() {                    // when both databases are through
		if *update && !t.Failed() {
			if err := os.WriteFile(statementsFile, []byte(statementsTable(counts)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		compareStatements(t, counts)
	})
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for _, r := range append(repeatables(t, e), reportOfFinding(t, e), completion(t, e)) {
			ctx := store.WithCount(e.As(r.account))
			if err := r.run(ctx, "first"); err != nil {
				t.Fatalf("%s: %v", r.name, err)
			}
			mu.Lock()
			if counts[r.name] == nil {
				counts[r.name] = map[string]int{}
			}
			counts[r.name][e.Store.Name()] = store.Count(ctx)
			mu.Unlock()
			e.Clock.Advance(time.Minute)
			e.Work() // what the command set going
		}
	})
}

// reportOfFinding reports a hazard that a finding of a report names: everything
// that a report without files may refer to.
func reportOfFinding(t *testing.T, e *testkit.Env) repeatable {
	t.Helper()
	r := startInspection(t, e, "officer1", e.School)
	in, _ := findings(e, r)
	in.Findings[0].Result = rule.NonCompliant
	testkit.Must(e.App.RecordFindings(e.As("officer1"), in))(t)
	h := e.HazardInput()
	h.ReportID, h.FindingID, h.GridID = new(r.PublicID()), &in.Findings[0].ID, new(e.Grid.PublicID())
	return repeatable{"reportHazard of a finding", "officer1", "", with(h, func(in *app.ReportHazardInput, say string) { in.Description = say }, e.App.ReportHazard)}
}

// completion is completeEvidence for a file whose bytes are in the store.
func completion(t *testing.T, e *testkit.Env) repeatable {
	t.Helper()
	f := e.PhotoFile(rule.Site, 11)
	f.ID = id.New(id.Evidence)
	up := testkit.Must(e.Announce(e.As("officer1"), f))(t)
	e.Send(up, f.Bytes)
	return repeatable{string(authz.CompleteEvidence), "officer1", "", with(evidence.CompleteEvidenceInput{ID: f.ID}, func(*evidence.CompleteEvidenceInput, string) {}, e.App.CompleteEvidence)}
}

func statementsTable(counts map[string]map[string]int) string {
	var b strings.Builder
	b.WriteString("command SQLite PostgreSQL\n")
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%s %d %d\n", strings.ReplaceAll(name, " ", "_"), counts[name]["SQLite"], counts[name]["PostgreSQL"])
	}
	return b.String()
}

// compareStatements compares what was counted with the golden table, for the
// databases that there are.
func compareStatements(t *testing.T, counts map[string]map[string]int) {
	t.Helper()
	golden, err := os.ReadFile(statementsFile)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(golden)), "\n")[1:] {
		var name string
		var lite, postgres int
		if _, err := fmt.Sscan(line, &name, &lite, &postgres); err != nil {
			t.Fatalf("%s: %q: %v", statementsFile, line, err)
		}
		want[strings.ReplaceAll(name, "_", " ")] = map[string]int{"SQLite": lite, "PostgreSQL": postgres}
	}
	for name, of := range counts {
		for database, n := range of {
			if w, ok := want[name][database]; !ok || w != n {
				t.Errorf("%s takes %d statements on %s, the table says %d; write it again with -update", name, n, database, w)
			}
		}
	}
	for name := range want {
		if counts[name] == nil {
			t.Errorf("the table has a line for %s, which is no command", name)
		}
	}
}
