package model

import (
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// The scalars of the API. Their faults carry an empty path: the presenter knows
// where in the input the value stands and fills it in.

// dateTimeForm is RFC 3339 with its zone. time.Parse alone would also take an
// hour of one digit and a comma before the fraction.
var dateTimeForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

const (
	dateTimeLayout = "2006-01-02T15:04:05.000Z"
	firstYear      = 1900
	lastYear       = 2200
)

var (
	textDateTime = fault.T("须为带时区的 RFC 3339 时间，如 2021-04-06T08:30:00.000Z。", "A time has the form of RFC 3339 with its zone, such as 2021-04-06T08:30:00.000Z.")
	textYear     = fault.Tf("年份须在 %d 至 %d 之间。", "The year is from %d to %d.", firstYear, lastYear)
)

// MarshalDateTime writes an instant in UTC with three digits of fraction, and
// null for the zero time.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Format(dateTimeLayout)))
	})
}

// UnmarshalDateTime reads an instant of the years 1900 to 2200 (in UTC) from
// RFC 3339 with its zone, and cuts it to microseconds. Its errors are
// BAD_USER_INPUT.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok || !dateTimeForm.MatchString(text) {
		return time.Time{}, fault.Bad("", "not_a_time", textDateTime)
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil { // a day or hour that does not exist
		return time.Time{}, fault.Bad("", "not_a_time", textDateTime)
	}
	t = clock.Truncate(t)
	if t.Year() < firstYear || t.Year() > lastYear {
		return time.Time{}, fault.Bad("", "out_of_range", textYear)
	}
	return t, nil
}
