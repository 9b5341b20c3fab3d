package simulation_test

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/simulation"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestMonth is the acceptance test of the whole plan: what the month plants is
// what every figure and every case says, on both databases.
func TestMonth(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		r, err := simulation.Run(t.Context(), simulation.County{
			App: e.App, Ent: e.Store.Ent, Clock: e.Clock, Log: zerolog.Nop(),
			Work: func(context.Context) error { e.Work(); return nil },
		}, simulation.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range r.Lines {
			t.Logf("%-40s planted %4d, found %4d", l.Name, l.Planted, l.Found)
		}
		for _, l := range r.Differences() {
			t.Errorf("%s: planted %d, found %d", l.Name, l.Planted, l.Found)
		}
		if lines := testkit.Must(rollup.Compare(e.System(), e.Store.Ent))(t); len(lines) > 0 {
			t.Errorf("figures rebuilt differ: %v", lines)
		}
	})
}
