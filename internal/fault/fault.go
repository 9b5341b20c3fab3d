// Package fault is the one error type that crosses Cleargrid's layers.
//
// It decides how a failure is classified and what a person may read about it.
// It never decides whether something failed, and it knows no transport: the
// edge (graph, httpd) maps a Kind to a status once. Every package above row 0
// returns it.
package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// Kind is the coarse class of a failure, and the value of the API's
// `extensions.code`. Clients branch on it, so values are only ever added.
type Kind string

// The kinds that the public API promises (docs: README, "Errors").
const (
	Unauthenticated     Kind = "UNAUTHENTICATED"
	Forbidden           Kind = "FORBIDDEN"
	NotFound            Kind = "NOT_FOUND"
	BadUserInput        Kind = "BAD_USER_INPUT"
	InvalidTransition   Kind = "INVALID_TRANSITION"
	Conflict            Kind = "CONFLICT"
	EvidenceMissing     Kind = "EVIDENCE_MISSING"
	IdempotencyMismatch Kind = "IDEMPOTENCY_MISMATCH"
	RetryLater          Kind = "RETRY_LATER"
	RateLimited         Kind = "RATE_LIMITED"
	PayloadTooLarge     Kind = "PAYLOAD_TOO_LARGE"
	QueryTooComplex     Kind = "QUERY_TOO_COMPLEX"
	Unavailable         Kind = "UNAVAILABLE"
	Internal            Kind = "INTERNAL"
)

// Kinds lists every kind, for tables and tests.
func Kinds() []Kind {
	return []Kind{
		Unauthenticated, Forbidden, NotFound, BadUserInput, InvalidTransition, Conflict, EvidenceMissing,
		IdempotencyMismatch, RetryLater, RateLimited, PayloadTooLarge, QueryTooComplex, Unavailable, Internal,
	}
}

// Retryable reports whether the same request may succeed later unchanged.
func (k Kind) Retryable() bool {
	switch k {
	case RetryLater, RateLimited, Unavailable:
		return true
	default:
		return false
	}
}

// Text is a message that a person can act on, in the two languages of the API.
type Text struct {
	ZH string // Simplified Chinese
	EN string // English
}

// T makes a Text.
func T(zh, en string) Text { return Text{ZH: zh, EN: en} }

// Tf makes a Text from two formats that take the same arguments.
func Tf(zh, en string, args ...any) Text {
	return Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// In gives the text in a language: "zh" or anything else for English.
func (t Text) In(language string) string {
	if language == "zh" {
		return t.ZH
	}
	return t.EN
}

// Field says what is wrong with one input.
type Field struct {
	// Path is the input's place as the client wrote it, for example
	// "input.deadlineOn" or "input.findings[3].note".
	Path string
	// Reason is a stable code in lower case, for example "in_future".
	Reason string
	Text   Text
}

// Error is a failure with a stable code and a text that is safe to show.
type Error struct {
	Kind Kind
	// Code is the stable fine-grained reason, for example "hazard.not_under_oversight".
	Code string
	// Text is safe to show: no SQL, no names of columns, no stack.
	Text Text
	// Fields are the inputs at fault, when Kind is BadUserInput.
	Fields []Field
	// Detail holds further facts for the client, for example "state" and
	// "allowedEvents" of an INVALID_TRANSITION.
	Detail map[string]any
	// Cause is for the log only.
	Cause error
}

// New makes an Error.
func New(kind Kind, code string, text Text) *Error {
	return &Error{Kind: kind, Code: code, Text: text}
}

// Because returns a copy that carries the cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// With returns a copy that carries one more detail for the client.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Detail = make(map[string]any, len(e.Detail)+1)
	maps.Copy(c.Detail, e.Detail)
	c.Detail[key] = value
	return &c
}

// Error is the log's form: kind, code, fields and cause.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s", e.Kind, e.Code, e.Text.EN)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s %s]", f.Path, f.Reason)
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Of gives the Error inside err. What is not one becomes INTERNAL with err as
// the cause; a passed deadline becomes UNAVAILABLE. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return New(Unavailable, "deadline", T("处理超时，请稍后重试。", "The request took too long. Try again later.")).Because(err)
	}
	return New(Internal, "internal", T("服务器内部错误，已记录。", "Something went wrong on the server. It has been logged.")).Because(err)
}

// Is reports whether err carries an Error of this kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// Input collects what is wrong with a client's input, so that one answer names
// every field. The zero value is ready to use.
type Input struct{ fields []Field }

// Add notes one field at fault.
func (in *Input) Add(path, reason string, text Text) {
	in.fields = append(in.fields, Field{Path: path, Reason: reason, Text: text})
}

// Err is nil when nothing was added, and else a BAD_USER_INPUT with all fields.
func (in *Input) Err() error {
	if len(in.fields) == 0 {
		return nil
	}
	e := New(BadUserInput, "input.invalid", in.fields[0].Text)
	e.Fields = in.fields
	return e
}

// Bad is a BAD_USER_INPUT about a single field.
func Bad(path, reason string, text Text) *Error {
	return &Error{Kind: BadUserInput, Code: "input." + reason, Text: text, Fields: []Field{{Path: path, Reason: reason, Text: text}}}
}

// Missing is the NOT_FOUND for a noun that does not exist or may not be seen.
func Missing(noun string) *Error {
	return New(NotFound, noun+".not_found", Tf("找不到该记录（%s）。", "No such %s.", noun))
}
