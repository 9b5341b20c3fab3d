package store

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

// TestTurns: one at a time, in the order in which they came; who gives up waiting
// keeps nobody from going on.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := make(turn, 1)
		give, err := turns.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		var order []int
		for i := range 5 {
			ctx := t.Context()
			if i == 2 {
				ctx = ended
			}
			go func() {
				give, err := turns.take(ctx)
				if err != nil {
					order = append(order, -i)
					return
				}
				order = append(order, i)
				give()
			}()
			synctest.Wait() // it is in the queue
		}
		if len(order) > 0 {
			t.Fatalf("%v did not wait", order)
		}
		cancel()
		synctest.Wait()
		give()
		give() // twice is once
		synctest.Wait()
		if want := []int{-2, 0, 1, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("in the order %v, want %v", order, want)
		}
		var none turn
		one, first := none.take(t.Context())
		two, second := none.take(t.Context())
		if first != nil || second != nil {
			t.Errorf("PostgreSQL waits: %v, %v", first, second)
		}
		one()
		two()
	})
}
