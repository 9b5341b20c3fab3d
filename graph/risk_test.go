package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestRiskActors runs every command on a risk point as everybody. The point is
// closed, so an account that is allowed gets INVALID_TRANSITION and nothing ever changes.
func TestRiskActors(t *testing.T) {
	const outside = "officer2 viewer1"
	commands := []struct{ name, more string }{
		{"assessRiskPoint", `level: RED, reason: "扶手损坏"`},
		{"changeRiskControls", `add: [{id: $control, kind: TRAINING, text: "演练"}]`},
		{"closeRiskPoint", `reason: "已消除"`},
	}
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		point := id.New(id.RiskPoint)
		a.must("officer1", fmt.Sprintf(`mutation { recordRiskPoint(input: {id: %s, gridId: %s, name: "楼梯拥挤", level: ORANGE, reason: "人流密集",
			controls: [{id: %s, kind: MANAGEMENT, text: "错峰下课"}]}) { riskPoint { id } } }`, quoted(point), quoted(e.Grid.PublicID()), quoted(id.New(id.RiskControl))), nil)
		run := func(who, name, more string) answer {
			return a.ask(who, fmt.Sprintf(`mutation { %s(input: {commandId: %s, riskPointId: %s, %s}) { riskPoint { id } } }`,
				name, quoted(id.New(id.Command)), quoted(point), strings.ReplaceAll(more, "$control", quoted(id.New(id.RiskControl)))), nil)
		}
		if got := run("officer1", "closeRiskPoint", `reason: "已消除"`); got.code() != "" {
			t.Fatalf("%+v", got.Errors)
		}
		before := e.Rows()
		for _, c := range commands {
			for _, who := range everybody {
				want := "FORBIDDEN"
				switch {
				case who == "":
					want = "UNAUTHENTICATED"
				case slices.Contains(strings.Fields(outside), who):
					want = "NOT_FOUND"
				case who == "officer1" || who == "principal1":
					want = "INVALID_TRANSITION"
				}
				if got := run(who, c.name, c.more); got.code() != want {
					t.Errorf("%s as %q: %s, want %s: %+v", c.name, who, got.code(), want, got.Errors)
				}
			}
		}
		for table, digest := range e.Rows() {
			if before[table] != digest {
				t.Errorf("rows of %s have changed", table)
			}
		}
	})
}
