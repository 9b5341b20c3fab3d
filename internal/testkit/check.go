package testkit

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// NoDifference compares the kept figures with the rows.
func NoDifference(t *testing.T, e *Env) {
	t.Helper()
	if v := Must(e.App.VerifyFigures(e.System()))(t); len(v.Differences) > 0 {
		t.Errorf("figures: %q", v.Differences)
	}
}

// Refused checks an error's kind and the field that it names; no field is "".
func Refused(t *testing.T, err error, kind fault.Kind, field string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind {
		t.Errorf("got %v, want %s", err, kind)
		return
	}
	if field != "" && !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Path == field }) {
		t.Errorf("got %v, want the field %s named", err, field)
	}
	if f.Text.ZH == "" || f.Text.EN == "" {
		t.Errorf("%v lacks a text", err)
	}
}

// Unchanged checks that no row differs from a digest taken before.
func Unchanged(t *testing.T, e *Env, before map[string]string) {
	t.Helper()
	for table, digest := range e.Rows() {
		if before[table] != digest {
			t.Errorf("rows of %s have changed", table)
		}
	}
}

// FileOf reads a file's row again.
func FileOf(t *testing.T, e *Env, i id.ID) *ent.Evidence {
	t.Helper()
	return Must(e.App.Evidence(e.System(), i))(t)
}

// AtOnce runs f n times at the same time and gives the errors.
func AtOnce(n int, f func(i int) error) []error {
	out := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range n {
		done.Go(func() {
			ready.Wait()
			out[i] = f(i)
		})
	}
	ready.Done()
	done.Wait()
	return out
}
