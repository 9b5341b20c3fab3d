package command_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// closing is a command of the test: it closes the Env's grid and notes its steps.
type closing struct {
	steps []string
	spec  command.Spec[string, string]
}

type content struct {
	CommandID id.ID
	Reason    string
}

func newClosing(e *testkit.Env) *closing {
	key := id.New(id.Command)
	c := &closing{}
	c.spec = command.Spec[string, string]{
		Action: authz.CloseGrid, Key: key, Subject: e.Grid.PublicID(), Input: content{key, "拆除"},
		Load: func(context.Context, *command.Tx) (string, error) { return "grid", c.note("load") },
		May: func(context.Context, *command.Tx, string) (authz.Facts, error) {
			return authz.Facts{SchoolID: e.School.ID, RegionPath: e.School.RegionPath}, c.note("may")
		},
		Denied:  func(context.Context, string, authz.Facts) { _ = c.note("denied") },
		Version: func(string) (*int, int) { return nil, 7 },
		Decide:  func(context.Context, *command.Tx, string) error { return c.note("decide") },
		Write: func(ctx context.Context, tx *command.Tx, _ string) error {
			_ = c.note("write")
			return closeGrid(ctx, tx, e)
		},
		Answer: func(context.Context) (string, error) { return "answer", c.note("answer") },
	}
	return c
}

func closeGrid(ctx context.Context, tx *command.Tx, e *testkit.Env) error {
	return tx.Grid.Update().Where(grid.ID(e.Grid.ID)).SetClosedAt(tx.Now).Exec(ctx)
}

func (c *closing) note(step string) error {
	c.steps = append(c.steps, step)
	return nil
}

func (c *closing) run(e *testkit.Env, account string) error {
	_, err := command.Run(e.As(account), command.New(e.Store, e.Clock), c.spec)
	return err
}

// check compares the steps that ran, and the kind of the error.
func (c *closing) check(t *testing.T, name string, err error, kind fault.Kind, steps ...string) {
	t.Helper()
	if !slices.Equal(c.steps, steps) {
		t.Errorf("%s: the steps %v, want %v", name, c.steps, steps)
	}
	if (err == nil) != (kind == "") || err != nil && !fault.Is(err, kind) {
		t.Errorf("%s: %v, want %q", name, err, kind)
	}
	c.steps = nil
}

func closed(e *testkit.Env) bool {
	return testkit.Must(e.Store.Ent.Grid.Get(e.System(), e.Grid.ID))(e.T).ClosedAt != nil
}

// TestOneOrder: each step runs only when the ones before it allow it, and what stops
// a command leaves no trace of it.
func TestOneOrder(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c := newClosing(e)
		c.spec.Invalid = &fault.Input{}
		c.spec.Invalid.Add("input.reason", "missing", fault.T("必填", "required"))
		c.check(t, "a wrong form", c.run(e, "officer1"), fault.BadUserInput)
		c.spec.Invalid = nil
		_, err := command.Run(e.Nobody(), command.New(e.Store, e.Clock), c.spec)
		c.check(t, "nobody", err, fault.Unauthenticated)
		c.check(t, "no role at the school", c.run(e, "inspector1"), fault.Forbidden, "load", "may", "denied")
		seen := 6
		c.spec.Version = func(string) (*int, int) { return &seen, 7 }
		err = c.run(e, "officer1")
		c.check(t, "an old version", err, fault.Conflict, "load", "may")
		if v := fault.Of(err).Detail["currentVersion"]; v != 7 {
			t.Errorf("the current version in the fault is %v", v)
		}
		c.spec.Version = nil
		decide := c.spec.Decide
		c.spec.Decide = func(context.Context, *command.Tx, string) error { return errors.New("no") }
		c.check(t, "no", c.run(e, "officer1"), fault.Internal, "load", "may")
		c.spec.Decide = decide
		if closed(e) {
			t.Fatal("a command that was stopped has written")
		}
		c.check(t, "all in order", c.run(e, "officer1"), "", "load", "may", "decide", "write", "answer")
		c.check(t, "a repeat", c.run(e, "officer1"), "", "answer")
		if !closed(e) {
			t.Error("nothing was written")
		}
		c.spec.Input = content{c.spec.Key, "改建"}
		c.check(t, "other content", c.run(e, "officer1"), fault.IdempotencyMismatch)
	})
}

// TestWritesComeLast: a step before the last that writes fails at once, and so does a
// Spec with a missing step.
func TestWritesComeLast(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for name, early := range map[string]func(c *closing){
			"load": func(c *closing) {
				c.spec.Load = func(ctx context.Context, tx *command.Tx) (string, error) { return "", closeGrid(ctx, tx, e) }
			},
			"may": func(c *closing) {
				c.spec.May = func(ctx context.Context, tx *command.Tx, _ string) (authz.Facts, error) {
					return authz.Facts{}, closeGrid(ctx, tx, e)
				}
			},
			"decide": func(c *closing) {
				c.spec.Decide = func(ctx context.Context, tx *command.Tx, _ string) error { return closeGrid(ctx, tx, e) }
			},
		} {
			c := newClosing(e)
			early(c)
			if err := c.run(e, "officer1"); !fault.Is(err, fault.Internal) || !strings.Contains(fault.Of(err).Error(), "only reads") || closed(e) {
				t.Errorf("a write in %s: %v", name, err)
			}
		}
		for name, drop := range map[string]func(s *command.Spec[string, string]){
			"load":   func(s *command.Spec[string, string]) { s.Load = nil },
			"may":    func(s *command.Spec[string, string]) { s.May = nil },
			"decide": func(s *command.Spec[string, string]) { s.Decide = nil },
			"write":  func(s *command.Spec[string, string]) { s.Write = nil },
			"answer": func(s *command.Spec[string, string]) { s.Answer = nil },
			"input":  func(s *command.Spec[string, string]) { s.Input = nil },
		} {
			c := newClosing(e)
			drop(&c.spec)
			if err := c.run(e, "officer1"); !fault.Is(err, fault.Internal) || !strings.Contains(fault.Of(err).Error(), name) || len(c.steps) > 0 {
				t.Errorf("without %s: %v after %v", name, err, c.steps)
			}
		}
	})
}

// TestContentIsCanonical: the order of keys and null make no difference, values do.
func TestContentIsCanonical(t *testing.T) {
	hash := func(v any) string { return testkit.Must(command.Format2(v))(t) }
	one := hash(map[string]any{"b": []any{map[string]any{"x": 1, "y": nil}}, "a": "文字"})
	if two := hash(map[string]any{"a": "文字", "c": nil, "b": []any{map[string]any{"x": 1.0}}}); one != two || !strings.HasPrefix(one, "2:") || len(one) != 66 {
		t.Errorf("%s and %s", one, two)
	}
	for name, other := range map[string]any{
		"another value": map[string]any{"b": []any{map[string]any{"x": 2}}, "a": "文字"}, "an empty list": map[string]any{"b": []any{}, "a": "文字"},
		"another name": map[string]any{"b": []any{map[string]any{"z": 1}}, "a": "文字"}, "a missing field": map[string]any{"a": "文字"},
	} {
		if hash(other) == one {
			t.Errorf("%s makes no difference", name)
		}
	}
}
