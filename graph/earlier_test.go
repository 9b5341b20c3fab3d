package graph_test

import (
	"database/sql"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// earlierBuild is a database that commit 04c2229 has made, with what its clients
// had sent and had not sent yet. Its README says what is in it.
const earlierBuild = "testdata/04c2229"

// The words in which today's API is asked for what that build has answered. Where
// a field has another name now, its alias is the name in facts.json.
const (
	earlierFigures = `query($c: ID!, $at: DateTime) { dashboard(campaignId: $c, asOf: $at) { total { ...F } children { region { id } figures { ...F } } } } fragment F on Figures {
  schoolsDue schoolsSelfClaimed schoolsSelfProven schoolsVisitedClaimed schoolsVisitedProven found voided closed closedProven open overdue
  underOversight majorOpen clearRate clearRateProven }`
	earlierHazard = `... on Hazard { id status grade category description place deadlineOn firstDeadlineOn overdue version underOversight planStatus extensionPending
  downgradePending closedAt proven school { id } grid { id } reporter { id } responsible { id } notice { id } report { id } finding { id } duplicateOf { id }
  orders: oversightOrders { level deadlineOn measures placedAt endedAt } plans { id number status measures }
  extensions { id status fromOn untilOn reason } rechecks { id result newDeadlineOn } events { sequence happenedAt } evidence { id status } reminders { kind days dueOn } }`
	earlierNotice = `... on Notice { id status number deadlineOn requirements opinion refusalReason witness reply closedAt version
  school { id } items { position problem basis hazard { id } } supersedes { id } supersededBy { id } events { sequence happenedAt } evidence { id } }`
	earlierReport = `... on InspectionReport { id kind status startedAt submittedAt claimed proven version inspector { id }
  findings { id result note item { id } evidence { id } } discrepancies { major } }`
	earlierFile = `... on Evidence { id kind stage status fileName size sha256 verifiedAt uploader { id } trust }`
	earlierRisk = `... on RiskPoint { id name level version controls { id kind text } assessments { level reason } }`

	// earlierBatch is the document with which that build's phones send their queue.
	earlierBatch = `
  mutation CaptureBatch($commands: [BatchCommand!]!) {
    submitBatch(commands: $commands) { results { index error { code message retryable fields { path message } } } }
  }
`
)

// tablesNow are the tables that have another name than in 04c2229, by the old one.
var tablesNow = map[string]string{"listings": "oversight_orders"}

// mutationsNow gives a document of 04c2229 the names that its mutation has today.
var mutationsNow = strings.NewReplacer("ListHazardInput", "PlaceUnderOversightInput", "listHazard", "placeUnderOversight",
	"RaiseListingInput", "EscalateOversightInput", "raiseListing", "escalateOversight", "DropNoticeInput", "DiscardNoticeInput", "dropNotice", "discardNotice")

// valuesNow are the values of enums that have another name than in 04c2229.
var valuesNow = map[string]string{"LISTING_DUE": "OVERSIGHT_DUE"}

type (
	earlierFacts struct {
		End       time.Time
		Counts    map[string]int
		Dashboard []struct {
			At        string
			Dashboard any
		}
		Records map[string]any
	}
	earlierRequest struct {
		Account, Query string
		Variables      map[string]any
		Data           map[string]any
	}
	earlierPhone struct {
		Account  string
		Commands []struct {
			Name  string
			Input map[string]any
		}
	}
)

func readEarlier[T any](t *testing.T, name string) T {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(earlierBuild, name))
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEarlierBuild opens the database of an earlier build: nothing is lost, old ids
// are found, commands that were executed are answered again with what is stored, and
// those that wait on phones are executed, all in the words of that build.
func TestEarlierBuild(t *testing.T) {
	facts := readEarlier[earlierFacts](t, "facts.json")
	requests := readEarlier[[]earlierRequest](t, "requests.json")
	phones := readEarlier[[]earlierPhone](t, "phones.json")
	testkit.EachEarlier(t, earlierBuild, func(t *testing.T, c store.Config) {
		rowsAreThere(t, c, facts.Counts)

		a := newAPI(testkit.OpenAt(t, c, facts.End), false)
		for _, d := range facts.Dashboard {
			now := a.must("section", earlierFigures, map[string]any{"c": a.Campaign.PublicID().String(), "at": d.At})
			same(t, "figures of "+d.At, now["dashboard"], withoutRates(d.Dashboard))
		}
		recordsAreThere(t, a, facts.Records)
		for i, r := range requests {
			same(t, r.Query, answerOf(a.must(r.Account, r.Query, r.Variables)), answerOf(requests[i].Data))
			if now := mutationsNow.Replace(r.Query); now != r.Query { // the phone has updated itself meanwhile
				same(t, now, answerOf(a.must(r.Account, now, r.Variables)), answerOf(requests[i].Data))
			}
		}
		recordsAreThere(t, a, facts.Records) // a repeat changes nothing

		for range 2 {
			for _, p := range phones {
				sendQueue(t, a, p)
			}
		}
		a.Work()
		if v := testkit.Must(a.App.VerifyFigures(a.System()))(t); len(v.Differences) > 0 {
			t.Errorf("figures differ from the rows: %q", v.Differences)
		}
	})
}

func rowsAreThere(t *testing.T, c store.Config, counts map[string]int) {
	t.Helper()
	s := testkit.Must(store.Open(t.Context(), c))(t)
	defer s.Close()
	for table, want := range counts {
		if now, renamed := tablesNow[table]; renamed {
			table = now
		}
		if got := count(t, s.DB, table); got != want {
			t.Errorf("%s has %d rows, it had %d", table, got, want)
		}
	}
}

func count(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Errorf("%s: %v", table, err)
	}
	return n
}

// recordsAreThere asks for every record by the id that its client has kept.
func recordsAreThere(t *testing.T, a *api, records map[string]any) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(records)) {
		noun, _, _ := strings.Cut(key, "_")
		of, ok := map[string]string{"hazard": earlierHazard, "notice": earlierNotice, "report": earlierReport, "evidence": earlierFile, "riskpoint": earlierRisk}[noun]
		if !ok {
			t.Fatalf("nobody asks for %s", key)
		}
		same(t, key, a.must("section", "query($id: ID!) { node(id: $id) { "+of+" } }", map[string]any{"id": key})["node"], records[key])
	}
}

// withoutRates makes null of the clear rates of nothing, for which that build gave 1.
func withoutRates(v any) any {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			withoutRates(one)
		}
	case map[string]any:
		if found, ok := v["found"]; ok && found == v["voided"] {
			v["clearRate"], v["clearRateProven"] = nil, nil
		}
		for _, one := range v {
			withoutRates(one)
		}
	}
	return v
}

// answerOf is what matters of a command's answer: which record it is about, and for
// a batch that no command has failed. The rest may have changed since.
func answerOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if key, ok := v["id"]; ok {
			return key
		}
		var out []any
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if below := answerOf(v[name]); below != nil {
				out = append(out, below)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = answerOf(one)
		}
		return out
	default:
		return v
	}
}

// sendQueue sends a phone's queue as its page does, and looks for what it reports.
func sendQueue(t *testing.T, a *api, p earlierPhone) {
	t.Helper()
	commands := make([]map[string]any, len(p.Commands))
	for i, c := range p.Commands {
		commands[i] = map[string]any{c.Name: c.Input}
	}
	results := a.must(p.Account, earlierBatch, map[string]any{"commands": commands})["submitBatch"].(map[string]any)["results"].([]any)
	if len(results) != len(commands) {
		t.Fatalf("%s: %d of %d commands are answered", p.Account, len(results), len(commands))
	}
	for i, r := range results {
		if e := r.(map[string]any)["error"]; e != nil {
			t.Errorf("%s: %s is refused: %v", p.Account, p.Commands[i].Name, e)
		}
		made, ok := p.Commands[i].Input["id"]
		if !ok {
			continue
		}
		found := a.must(p.Account, "query($id: ID!) { node(id: $id) { id } }", map[string]any{"id": made})["node"]
		if found == nil || !reflect.DeepEqual(withoutNouns(found.(map[string]any)["id"]), withoutNouns(made)) {
			t.Errorf("%s: %s has made no %v", p.Account, p.Commands[i].Name, made)
		}
	}
}

var publicID = regexp.MustCompile(`^[a-z_]+_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`)

// withoutNouns takes the nouns from ids, and gives enums their values of today: a
// type or value may have another name now.
func withoutNouns(v any) any {
	switch v := v.(type) {
	case string:
		if now, renamed := valuesNow[v]; renamed {
			return now
		}
		return publicID.ReplaceAllString(v, "$1")
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = withoutNouns(one)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, one := range v {
			out[key] = withoutNouns(one)
		}
		return out
	default:
		return v
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if got, want := withoutNouns(got), withoutNouns(want); !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}
