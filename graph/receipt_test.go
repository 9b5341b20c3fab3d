package graph_test

import (
	"maps"
	"testing"

	"github.com/cleargrid/cleargrid/ent/commandreceipt"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestReceiptsOverTheAPI: the content of a command is its input as it was sent, null
// being absent, by whatever road it comes.
func TestReceiptsOverTheAPI(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		const report = `mutation($input: ReportHazardInput!) { reportHazard(input: $input) { hazard { id } } }`
		hazard := id.New(id.Hazard)
		input := map[string]any{
			"id": hazard.String(), "campaignId": e.Campaign.PublicID().String(), "schoolId": e.School.PublicID().String(), "gridId": e.Grid.PublicID().String(),
			"category": "FIRE", "description": "疏散通道堵塞", "discoveredAt": "2026-03-10T01:00:00.000Z", "evidenceIds": []any{id.New(id.Evidence).String()},
		}
		a.must("officer1", report, map[string]any{"input": input})
		want, err := command.Format2(input)
		if err != nil {
			t.Fatal(err)
		}
		kept := testkit.Must(e.Store.Ent.CommandReceipt.Query().Where(commandreceipt.ID(hazard.UUID)).Only(e.System()))(t)
		if kept.Fingerprint != want {
			t.Errorf("the receipt holds %s, want the hash of what was sent, %s", kept.Fingerprint, want)
		}
		withNull := maps.Clone(input)
		withNull["place"], withNull["signs"] = nil, nil
		a.must("officer1", report, map[string]any{"input": withNull})
		const batch = `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) { results { error { code } } } }`
		results := a.must("officer1", batch, map[string]any{"commands": []any{map[string]any{"reportHazard": input}}})["submitBatch"].(map[string]any)["results"].([]any)
		if e := results[0].(map[string]any)["error"]; e != nil {
			t.Errorf("the same in a batch: %v", e)
		}
		literal := `mutation { reportHazard(input: {discoveredAt: "2026-03-10T01:00:00.000Z", category: "FIRE", description: "疏散通道堵塞", gridId: "` + e.Grid.PublicID().String() +
			`", schoolId: "` + e.School.PublicID().String() + `", campaignId: "` + e.Campaign.PublicID().String() + `", id: "` + hazard.String() +
			`", evidenceIds: ["` + input["evidenceIds"].([]any)[0].(string) + `"]}) { hazard { id } } }`
		a.must("officer1", literal, nil)
		for field, value := range map[string]any{"description": "另一处", "signs": []any{}, "place": ""} {
			other := maps.Clone(input)
			other[field] = value
			if got := a.ask("officer1", report, map[string]any{"input": other}); got.code() != "IDEMPOTENCY_MISMATCH" {
				t.Errorf("another %s: %q", field, got.code())
			}
		}
	})
}

// TestUnknownCommandsMayBeRetried: a page of another release updates itself and sends
// its command again.
func TestUnknownCommandsMayBeRetried(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		const batch = `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) { results { error { code } } } }`
		if got := a.ask("officer1", batch, map[string]any{"commands": []any{map[string]any{"paintHazard": map[string]any{"id": "x"}}}}); got.code() != "RETRY_LATER" {
			t.Errorf("in a batch: %q", got.code())
		}
		if got := a.ask("officer1", `mutation { paintHazard(input: {id: "x"}) { hazard { id } } }`, nil); got.code() != "RETRY_LATER" {
			t.Errorf("by itself: %q", got.code())
		}
	})
}
