package model

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/fault"
)

func TestInt64(t *testing.T) {
	for in, want := range map[any]int64{
		json.Number("0"): 0, json.Number("-7"): -7, int64(5 << 40): 5 << 40,
		json.Number("9223372036854775807"): math.MaxInt64, json.Number("-9223372036854775808"): math.MinInt64,
	} {
		if got, err := UnmarshalInt64(in); err != nil || got != want {
			t.Errorf("%v: %d, %v", in, got, err)
		}
	}
	for _, in := range []any{nil, "5", 5.0, true, json.Number("1.0"), json.Number("1e3"), json.Number("9223372036854775808"), []any{}} {
		if _, err := UnmarshalInt64(in); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%v: %v", in, err)
		}
	}
	if got := marshaled(MarshalInt64(math.MinInt64)); got != "-9223372036854775808" {
		t.Errorf("written as %s", got)
	}
}

func TestSha256(t *testing.T) {
	hash := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got, err := UnmarshalSha256(hash); err != nil || got != hash {
		t.Errorf("%s, %v", got, err)
	}
	if got := marshaled(MarshalSha256(hash)); got != `"`+hash+`"` {
		t.Errorf("written as %s", got)
	}
	for _, in := range []any{nil, 5, "", hash[1:], hash + "0", strings.ToUpper(hash), "g" + hash[1:], hash[:32] + "-" + hash[33:], " " + hash[1:], json.Number(strings.Repeat("1", 64))} {
		if _, err := UnmarshalSha256(in); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%v: %v", in, err)
		}
	}
}
