package store

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

// TestWriteLock: one at a time, in the order in which they came; who gives up
// waiting holds nobody up.
func TestWriteLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lock := make(writeLock, 1)
		locked, release, err := lock.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := lock.acquire(locked) // holds it already
		if err != nil {
			t.Fatal(err)
		}
		again()
		ended, cancel := context.WithCancel(t.Context())
		var order []int
		for i := range 5 {
			ctx := t.Context()
			if i == 2 {
				ctx = ended
			}
			go func() {
				_, release, err := lock.acquire(ctx)
				if err != nil {
					order = append(order, -i)
					return
				}
				order = append(order, i)
				release()
			}()
			synctest.Wait() // it is in the queue
		}
		if len(order) > 0 {
			t.Fatalf("%v did not wait", order)
		}
		cancel()
		synctest.Wait()
		release()
		release() // twice is once
		synctest.Wait()
		if want := []int{-2, 0, 1, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("in the order %v, want %v", order, want)
		}
		var none writeLock
		_, one, first := none.acquire(t.Context())
		_, two, second := none.acquire(t.Context())
		if first != nil || second != nil {
			t.Errorf("PostgreSQL waits: %v, %v", first, second)
		}
		one()
		two()
	})
}

func TestWrites(t *testing.T) {
	for statement, want := range map[string]bool{
		"SELECT 1":              false,
		"  \n(select 1)":        false,
		"-- insert\nSELECT 1":   false,
		"/* delete */ SELECT":   false,
		"PRAGMA table_info(x)":  false,
		"EXPLAIN DELETE FROM x": false,
		"WITH a AS (SELECT updated_at FROM x) SELECT 1":      false,
		"WITH a AS (SELECT 1) INSERT INTO x SELECT * FROM a": true,
		"INSERT INTO x VALUES (1) RETURNING id":              true,
		"-- name: JobGet :many\nUPDATE x SET y = 1":          true,
		"delete from x returning id":                         true,
		"VACUUM":                                             true,
		"":                                                   true,
	} {
		if got := writes(statement); got != want {
			t.Errorf("%q writes: %v", statement, got)
		}
	}
}
