// Package command is the one road of every mutation. A use case is a Spec; Run
// takes its steps in one order, the same for all, in one transaction: receipt,
// load and lock, may, version, decide, write, commit, answer.
//
// It decides that order, what makes a repeat a repeat, and how a lost optimistic
// lock is reported. It never decides who may do what (authz), what a state allows
// (rule) or what is written (the Spec). Packages of use cases call it.
//
// It also holds what they share: checks of inputs (input.go), the facts about a viewer
// and a school (facts.go), which policy holds (policy.go), pages of lists (page.go), the
// text of searches (search.go).
package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Runner runs commands on a database. It is safe for concurrent use.
type Runner struct {
	store *store.Store
	clock clock.Clock
}

// New makes a Runner.
func New(s *store.Store, c clock.Clock) *Runner { return &Runner{store: s, clock: c} }

// Tx is the transaction of one command.
type Tx struct {
	*ent.Tx
	// Viewer is who acts.
	Viewer authz.Viewer
	// Now is the instant of the command, the same in all its steps.
	Now time.Time
}

// Spec is one use case: its steps in the order in which they run. T is what the
// command is about as Load gives it, R is the answer.
//
// Load, May and Decide read; a write in them fails with INTERNAL. Write writes.
type Spec[T, R any] struct {
	// Action is the mutation: authz is asked about it and the receipt names it.
	Action authz.Action
	// ReceiptOf is the action of the receipt where several mutations are ways to
	// give one command; empty is Action.
	ReceiptOf authz.Action
	// Key is the id that the client made: of the new record, or of the command.
	Key id.ID
	// Subject is the record that the command makes or changes.
	Subject id.ID
	// Input is what the client asks for.
	Input any
	// Invalid collects what is wrong with the form of the input; nil is nothing.
	Invalid *fault.Input

	// Load locks and reads, through the viewer's scope, what the command is about.
	// NOT_FOUND, with the field named, for what is out of sight.
	Load func(ctx context.Context, tx *Tx) (T, error)
	// May gives the facts for authz about the viewer and the subject.
	May func(ctx context.Context, tx *Tx, t T) (authz.Facts, error)
	// AlsoMay gives the facts of further subjects of the same command, asked about once
	// authz allows the first; nil for none.
	AlsoMay func(ctx context.Context, tx *Tx, t T) ([]authz.Facts, error)
	// Denied is called for a command that authz has denied, after its transaction was
	// rolled back; nil for nothing.
	Denied func(ctx context.Context, t T, f authz.Facts)
	// Version gives the version that the client saw, nil for none, and the present
	// one; nil for commands on which two people can't cross.
	Version func(t T) (seen *int, present int)
	// Decide asks rule whether the state allows the command, and checks what the
	// input refers to.
	Decide func(ctx context.Context, tx *Tx, t T) error
	// Write writes rows, event, figures and jobs.
	Write func(ctx context.Context, tx *Tx, t T) error
	// Answer reads the record again after the commit, also for a repeat.
	Answer func(ctx context.Context) (R, error)
}

// Run runs a command at most once and answers with its record. The errors are
// those of the steps, in their order: BAD_USER_INPUT for the form of the input,
// UNAUTHENTICATED for nobody, IDEMPOTENCY_MISMATCH for an id that was used for
// another content, NOT_FOUND, FORBIDDEN, CONFLICT with the current version, then
// what rule says.
func Run[T, R any](ctx context.Context, r *Runner, s Spec[T, R]) (R, error) {
	var none R
	if err := s.whole(); err != nil {
		return none, err
	}
	if s.Invalid != nil {
		if err := s.Invalid.Err(); err != nil {
			return none, err
		}
	}
	v, err := SignedIn(ctx)
	if err != nil {
		return none, err
	}
	content, err := contentOf(ctx, s.Input)
	if err != nil {
		return none, err
	}
	var denied *denial[T]
	err = r.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		denied = nil
		done, err := r.keepReceipt(ctx, tx, v, s.receipt(content))
		if err != nil || done {
			return err
		}
		denied, err = s.run(ctx, &Tx{Tx: tx, Viewer: v, Now: r.clock.Now()})
		return err
	})
	if denied != nil && s.Denied != nil {
		s.Denied(ctx, denied.subject, denied.facts)
	}
	if err != nil {
		return none, err
	}
	return s.Answer(ctx)
}

// whole refuses a Spec with a missing step.
func (s Spec[T, R]) whole() error {
	for step, there := range map[string]bool{
		"action": s.Action != "", "input": s.Input != nil, "load": s.Load != nil, "may": s.May != nil, "decide": s.Decide != nil, "write": s.Write != nil, "answer": s.Answer != nil,
	} {
		if !there {
			return fault.Of(fmt.Errorf("command %s: its %s is missing", s.Action, step))
		}
	}
	return nil
}

// denial is what was denied.
type denial[T any] struct {
	subject T
	facts   authz.Facts
}

// run takes the steps after the receipt.
func (s Spec[T, R]) run(ctx context.Context, tx *Tx) (*denial[T], error) {
	reading := store.Reading(ctx)
	t, err := s.Load(reading, tx)
	if err != nil {
		return nil, err
	}
	if d, err := s.authorize(reading, tx, t); err != nil {
		return d, err
	}
	if s.Version != nil {
		if seen, present := s.Version(t); seen != nil && *seen != present {
			return nil, Conflict(present)
		}
	}
	if err := s.Decide(reading, tx, t); err != nil {
		return nil, err
	}
	return nil, s.Write(ctx, tx, t)
}

// may asks authz about each subject, one after the other.
func (s Spec[T, R]) authorize(ctx context.Context, tx *Tx, t T) (*denial[T], error) {
	f, err := s.May(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	if d, err := s.can(tx, t, f); err != nil || s.AlsoMay == nil {
		return d, err
	}
	more, err := s.AlsoMay(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	for _, f := range more {
		if d, err := s.can(tx, t, f); err != nil {
			return d, err
		}
	}
	return nil, nil //nolint:nilnil // nothing is denied
}

func (s Spec[T, R]) can(tx *Tx, t T, f authz.Facts) (*denial[T], error) {
	err := authz.Can(tx.Viewer, s.Action, f)
	if fault.Is(err, fault.Forbidden) {
		return &denial[T]{t, f}, err
	}
	return nil, err
}

// Nothing is the Decide of a command that no rule limits.
func Nothing[T any](context.Context, *Tx, T) error { return nil }

// SignedIn gives the viewer; UNAUTHENTICATED for nobody.
func SignedIn(ctx context.Context) (authz.Viewer, error) {
	v := authz.FromContext(ctx)
	if v.Anonymous() {
		return v, fault.New(fault.Unauthenticated, "session.none", fault.T("请先登录。", "Sign in first."))
	}
	return v, nil
}

// Conflict is the fault for a lost optimistic-lock race; current is the version
// that the record has by now.
func Conflict(current int) error {
	return fault.New(fault.Conflict, "record.changed",
		fault.T("该记录已被他人更改，请刷新后重试。", "Somebody else changed this meanwhile. Look again, then decide.")).With("currentVersion", current)
}

// Updated checks a conditional update on id and version that met n rows: CONFLICT
// when it met none, with the version that present reads.
func Updated(ctx context.Context, n int, err error, present func(ctx context.Context) (int, error)) error {
	if err != nil || n > 0 {
		return err
	}
	version, err := present(ctx)
	if err != nil {
		return err
	}
	return Conflict(version)
}

// errNoContent guards against a command whose content nobody can compare.
var errNoContent = errors.New("command: the input has no form to compare")

// Row is a row to be written; every builder of ent is one.
type Row interface {
	// Exec writes the row.
	Exec(ctx context.Context) error
}

// WriteFunc is a Row of several statements.
type WriteFunc func(ctx context.Context) error

// Exec implements Row.
func (w WriteFunc) Exec(ctx context.Context) error { return w(ctx) }
