package model

import (
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// marshaled is what a marshaler puts into an answer.
func marshaled(m graphql.Marshaler) string {
	var b strings.Builder
	m.MarshalGQL(&b)
	return b.String()
}

func TestDateTimeIn(t *testing.T) {
	accepted := map[string]time.Time{
		"2021-04-06T08:30:00Z":                time.Date(2021, 4, 6, 8, 30, 0, 0, time.UTC),
		"2021-04-06T16:30:00+08:00":           time.Date(2021, 4, 6, 8, 30, 0, 0, time.UTC),
		"2021-04-06T16:30:00.5+08:00":         time.Date(2021, 4, 6, 8, 30, 0, 500_000_000, time.UTC),
		"2021-04-06T08:30:00.123456999Z":      time.Date(2021, 4, 6, 8, 30, 0, 123_456_000, time.UTC),
		"2021-04-06T08:30:00.000-00:00":       time.Date(2021, 4, 6, 8, 30, 0, 0, time.UTC),
		"2020-02-29T00:00:00Z":                time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC),
		"1900-01-01T00:00:00Z":                time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		"2200-12-31T23:59:59.999999Z":         time.Date(2200, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		"1899-12-31T23:00:00-01:00":           time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		"2021-04-06T08:30:00.123456789+23:59": time.Date(2021, 4, 5, 8, 31, 0, 123_456_000, time.UTC),
		"2021-04-06T08:30:00.100000000+00:00": time.Date(2021, 4, 6, 8, 30, 0, 100_000_000, time.UTC),
		"2021-12-31T23:59:59.999999999-12:00": time.Date(2022, 1, 1, 11, 59, 59, 999_999_000, time.UTC),
		"2021-04-06T00:00:00.000001000+00:00": time.Date(2021, 4, 6, 0, 0, 0, 1000, time.UTC),
	}
	for text, want := range accepted {
		got, err := UnmarshalDateTime(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}

	refused := map[any]string{
		nil: "not_a_time", 5: "not_a_time", int64(1617697800): "not_a_time", true: "not_a_time",
		"": "not_a_time", "2021-04-06": "not_a_time", "2021-04-06T08:30:00": "not_a_time", "2021-04-06 08:30:00": "not_a_time",
		"2021-04-06 08:30:00Z": "not_a_time", "2021-04-06T08:30Z": "not_a_time", "2021-04-06T8:30:00Z": "not_a_time",
		"2021-04-06T08:30:00,5Z": "not_a_time", "2021-04-06t08:30:00z": "not_a_time", "2021-04-06T08:30:00.Z": "not_a_time",
		"2021-02-29T00:00:00Z": "not_a_time", "2021-13-01T00:00:00Z": "not_a_time", "2021-04-06T24:00:00Z": "not_a_time",
		"2021-04-06T23:59:60Z": "not_a_time", "2021-04-06T08:30:00+24:00": "not_a_time", "2021-04-06T08:30:00+08:60": "not_a_time",
		"2021-04-06T00:00:00.0000009000Z": "not_a_time", "2021-04-06T08:30:00+0800": "not_a_time", "2021-04-06T08:30:00Z ": "not_a_time", "2021-04-06T08:30:00Z\n": "not_a_time",
		"02021-04-06T08:30:00Z": "not_a_time", "-2021-04-06T08:30:00Z": "not_a_time", "２０21-04-06T08:30:00Z": "not_a_time",
		"1899-12-31T23:59:59Z": "out_of_range", "2201-01-01T00:00:00Z": "out_of_range", "0000-01-01T00:00:00Z": "out_of_range",
		"2200-12-31T23:00:00-02:00": "out_of_range", "9999-12-31T23:59:59Z": "out_of_range",
	}
	for in, reason := range refused {
		_, err := UnmarshalDateTime(in)
		f := fault.Of(err)
		if f == nil || f.Kind != fault.BadUserInput || f.Fields[0].Reason != reason {
			t.Errorf("%v: %v, want %s", in, err, reason)
		}
	}
}

func TestDateTimeOut(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	tests := map[string]time.Time{
		`"2021-04-06T08:30:00.000Z"`: time.Date(2021, 4, 6, 16, 30, 0, 0, shanghai),
		`"2021-04-06T08:30:00.999Z"`: time.Date(2021, 4, 6, 8, 30, 0, 999_999_999, time.UTC), // cut, not rounded
		`"1969-12-31T23:59:59.999Z"`: time.Date(1969, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		`null`:                       {},
	}
	for want, in := range tests {
		if got := marshaled(MarshalDateTime(in)); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}

// FuzzDateTime: what is accepted is a UTC instant in range, in microseconds,
// that reads back as itself but for the fraction below a millisecond.
func FuzzDateTime(f *testing.F) {
	for _, seed := range []string{"2021-04-06T16:30:00.123456789+08:00", "1900-01-01T00:00:00Z", "2200-12-31T23:59:59.9Z", "2021-02-30T00:00:00Z", "2021-04-06T8:30:00Z", "2021-04-06T08:30:00,5Z", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := UnmarshalDateTime(text)
		if err != nil {
			if !fault.Is(err, fault.BadUserInput) || !got.IsZero() {
				t.Fatalf("%q: %v, %v", text, got, err)
			}
			return
		}
		if got.Location() != time.UTC || got.Nanosecond()%1000 != 0 || got.Year() < 1900 || got.Year() > 2200 {
			t.Fatalf("%q: %v", text, got)
		}
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || parsed.Sub(got) < 0 || parsed.Sub(got) >= time.Microsecond {
			t.Fatalf("%q: %v, but time.Parse gives %v, %v", text, got, parsed, err)
		}
		out := marshaled(MarshalDateTime(got))
		again, err := UnmarshalDateTime(strings.Trim(out, `"`))
		if err != nil || !again.Equal(got.Truncate(time.Millisecond)) || len(out) != len(`"2021-04-06T08:30:00.000Z"`) {
			t.Fatalf("%q: written as %s, read as %v, %v", text, out, again, err)
		}
	})
}
