package graph_test

import (
	"fmt"
	"testing"

	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestBatchAndChangesOverTheAPI: what a phone does when it is back on line.
func TestBatchAndChangesOverTheAPI(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		const changes = `query($since: String) { changes(since: $since, first: 200) { cursor hasMore resync changes { id cursor node { __typename id ... on Hazard { status school { name } } } } } }`
		var since any
		for more := true; more; {
			page := a.must("officer1", changes, map[string]any{"since": since})["changes"].(map[string]any)
			since, more = page["cursor"], page["hasMore"].(bool)
		}
		hazard := id.New(id.Hazard)
		commands := []any{
			map[string]any{"reportHazard": map[string]any{
				"id": hazard.String(), "campaignId": e.Campaign.PublicID().String(), "schoolId": e.School.PublicID().String(), "gridId": e.Grid.PublicID().String(),
				"category": "FIRE", "description": "疏散通道堵塞", "discoveredAt": "2026-03-10T01:00:00.000Z", "evidenceIds": []any{id.New(id.Evidence).String()},
			}},
			map[string]any{"placeUnderOversight": map[string]any{
				"commandId": id.New(id.Command).String(), "hazardId": hazard.String(), "protectiveMeasures": "", "deadlineOn": "2026-03-20",
				"responsibleId": e.User("officer1").PublicID().String(),
			}},
		}
		const batch = `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) { results { index node { id ... on Hazard { status } } upload { ticket { partSize } } error { code reason message retryable fields { path } } } } }`
		for range 2 {
			results := a.must("officer1", batch, map[string]any{"commands": commands})["submitBatch"].(map[string]any)["results"].([]any)
			first, second := results[0].(map[string]any), results[1].(map[string]any)
			if first["error"] != nil || first["node"].(map[string]any)["id"] != hazard.String() {
				t.Errorf("the report: %v", first)
			}
			if second["node"] != nil || fmt.Sprint(second["error"]) == "<nil>" || second["error"].(map[string]any)["code"] != "BAD_USER_INPUT" {
				t.Errorf("an oversight order without measures: %v", second)
			}
		}
		page := a.must("officer1", changes, map[string]any{"since": since})["changes"].(map[string]any)
		rows := page["changes"].([]any)
		if len(rows) != 1 || rows[0].(map[string]any)["node"].(map[string]any)["school"].(map[string]any)["name"] != e.School.Name {
			t.Errorf("changes: %v", rows)
		}
		for _, bad := range []map[string]any{{}, {"reportHazard": commands[0].(map[string]any)["reportHazard"], "placeUnderOversight": commands[1].(map[string]any)["placeUnderOversight"]}} {
			if got := a.ask("officer1", batch, map[string]any{"commands": []any{bad}}); got.code() != "BAD_USER_INPUT" {
				t.Errorf("%v: %+v", bad, got)
			}
		}
		// What is asked of each answer counts for each.
		long := make([]any, 50)
		for i := range long {
			long[i] = commands[0]
		}
		deep := `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) { results { node { ... on Hazard { events { evidence { id status fileName } details { name value } actor { name } }
			again: events { evidence { id status fileName } details { name value } actor { name } } oversightOrders { hazard { events { id kind } } } } } } } }`
		if got := a.ask("officer1", deep, map[string]any{"commands": long}); got.code() != "QUERY_TOO_COMPLEX" {
			t.Errorf("50 long answers: %q", got.code())
		}
		if got := a.ask("officer1", deep, map[string]any{"commands": long[:5]}); got.code() != "" {
			t.Errorf("5 long answers: %q", got.code())
		}
	})
}
