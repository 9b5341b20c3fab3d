package fault_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// The public API promises exactly these codes.
var promised = strings.Fields(`UNAUTHENTICATED FORBIDDEN NOT_FOUND BAD_USER_INPUT INVALID_TRANSITION CONFLICT EVIDENCE_MISSING
	IDEMPOTENCY_MISMATCH RETRY_LATER RATE_LIMITED PAYLOAD_TOO_LARGE QUERY_TOO_COMPLEX UNAVAILABLE INTERNAL`)

func TestKindsAreThoseOfTheAPI(t *testing.T) {
	var got []string
	for _, k := range fault.Kinds() {
		got = append(got, string(k))
	}
	if !slices.Equal(got, promised) {
		t.Errorf("kinds are %v, want %v", got, promised)
	}
}

func TestRetryable(t *testing.T) {
	retryable := []fault.Kind{fault.RetryLater, fault.RateLimited, fault.Unavailable}
	for _, k := range fault.Kinds() {
		if want := slices.Contains(retryable, k); k.Retryable() != want {
			t.Errorf("%s retryable is %v", k, !want)
		}
	}
}

func TestText(t *testing.T) {
	text := fault.Tf("第%d项：%s", "item %d: %s", 3, "x")
	for language, want := range map[string]string{"zh": "第3项：x", "en": "item 3: x", "": "item 3: x", "fr": "item 3: x"} {
		if got := text.In(language); got != want {
			t.Errorf("in %q it says %q, want %q", language, got, want)
		}
	}
}

func TestWithAndBecauseLeaveTheOriginal(t *testing.T) {
	cause := errors.New("disk on fire")
	plain := fault.New(fault.Conflict, "record.changed", fault.T("已更改", "changed"))
	one := plain.With("currentVersion", 2)
	two := one.With("other", true).Because(cause)

	if plain.Detail != nil || plain.Cause != nil {
		t.Errorf("the original carries %v and %v", plain.Detail, plain.Cause)
	}
	if want := map[string]any{"currentVersion": 2}; !reflect.DeepEqual(one.Detail, want) {
		t.Errorf("the first copy carries %v, want %v", one.Detail, want)
	}
	if want := map[string]any{"currentVersion": 2, "other": true}; !reflect.DeepEqual(two.Detail, want) {
		t.Errorf("the second copy carries %v, want %v", two.Detail, want)
	}
	if !errors.Is(two, cause) || errors.Is(one, cause) {
		t.Error("the cause belongs to the last copy alone")
	}
}

func TestErrorIsForTheLog(t *testing.T) {
	e := fault.Bad("input.deadlineOn", "past", fault.T("期限已过", "The deadline lies in the past.")).Because(errors.New("why"))
	for _, part := range []string{"BAD_USER_INPUT", "input.past", "[input.deadlineOn past]", "The deadline lies in the past.", ": why"} {
		if !strings.Contains(e.Error(), part) {
			t.Errorf("%q lacks %q", e.Error(), part)
		}
	}
}

func TestOf(t *testing.T) {
	known := fault.Missing("hazard")
	cases := []struct {
		name string
		err  error
		kind fault.Kind
		code string
	}{
		{"a fault", known, fault.NotFound, "hazard.not_found"},
		{"a wrapped fault", fmt.Errorf("load: %w", known), fault.NotFound, "hazard.not_found"},
		{"a fault among others", errors.Join(errors.New("x"), known), fault.NotFound, "hazard.not_found"},
		{"a passed deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), fault.Unavailable, "deadline"},
		{"a client that went away", context.Canceled, fault.Unavailable, "deadline"},
		{"anything else", errors.New(`pq: column "secret" does not exist`), fault.Internal, "internal"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := fault.Of(c.err)
			if got.Kind != c.kind || got.Code != c.code {
				t.Fatalf("it is %s %s, want %s %s", got.Kind, got.Code, c.kind, c.code)
			}
			if !fault.Is(got, c.kind) || fault.Is(got, fault.Forbidden) {
				t.Error("Is disagrees with the kind")
			}
			if strings.Contains(got.Text.ZH+got.Text.EN, "secret") {
				t.Errorf("the text for people leaks: %+v", got.Text)
			}
			if got != known && !errors.Is(got, c.err) {
				t.Error("the cause is lost for the log")
			}
		})
	}
	if fault.Of(nil) != nil {
		t.Error("nil became a fault")
	}
	if fault.Is(nil, fault.Internal) || fault.Is(errors.New("x"), fault.Internal) {
		t.Error("Is finds a fault where there is none")
	}
}

func TestInputNamesEveryField(t *testing.T) {
	var in fault.Input
	if err := in.Err(); err != nil {
		t.Fatalf("an input without faults is refused: %v", err)
	}
	first := fault.T("此项必填。", "This is required.")
	in.Add("input.reason", "missing", first)
	in.Add("input.untilOn", "past", fault.T("已过", "past"))
	e := fault.Of(in.Err())
	if e.Kind != fault.BadUserInput || e.Code != "input.invalid" || e.Text != first {
		t.Errorf("it is %s %s %v", e.Kind, e.Code, e.Text)
	}
	var paths []string
	for _, f := range e.Fields {
		paths = append(paths, f.Path+" "+f.Reason)
	}
	if want := []string{"input.reason missing", "input.untilOn past"}; !slices.Equal(paths, want) {
		t.Errorf("fields are %v, want %v", paths, want)
	}
}
