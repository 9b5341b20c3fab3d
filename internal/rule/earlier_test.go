package rule_test

import (
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// TestEarlierValues: a policy, a campaign file and the facts of a case that hold the
// earlier name of a value are read as the present one, and written as it.
func TestEarlierValues(t *testing.T) {
	var p rule.Policy
	if err := json.Unmarshal([]byte(`{"evidence": {"LISTING": [{"kind": "PHOTO", "count": 3}], "RECTIFY": []}}`), &p); err != nil {
		t.Fatal(err)
	}
	if need := p.Evidence[rule.StepOversight]; len(p.Evidence) != 2 || len(need) != 1 || need[0].Count != 3 {
		t.Errorf("a stored policy is read as %+v", p.Evidence)
	}
	var file rule.Policy
	if err := yaml.UnmarshalWithOptions([]byte("evidence:\n  LISTING:\n    - {kind: PHOTO, count: 3}\n  RECTIFY: []\n"), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if need := file.Evidence[rule.StepOversight]; len(file.Evidence) != 2 || len(need) != 1 || need[0].Count != 3 {
		t.Errorf("a campaign file is read as %+v", file.Evidence)
	}
	var reason rule.TrustReason
	if err := json.Unmarshal([]byte(`{"code": "NO_METADATA", "weight": "EXPLAINS"}`), &reason); err != nil || reason.Weight != rule.Neutral {
		t.Errorf("a frozen reason is read as %+v, %v", reason, err)
	}
	if text, err := json.Marshal(reason); err != nil || string(text) != `{"code":"NO_METADATA","weight":"NEUTRAL"}` {
		t.Errorf("it is written as %s, %v", text, err)
	}
}
