package clock

import (
	"database/sql/driver"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Date is a calendar day without a time zone, for example a deadline. Its text
// form is "2006-01-02", which is also how both databases keep it, so that dates
// compare as texts. The zero value is no date.
type Date string

const dateLayout = "2006-01-02"

// ParseDate reads "2006-01-02" and nothing else.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil || t.Year() < 1 {
		return "", fmt.Errorf("%q is not a date of the form 2006-01-02", s)
	}
	return Date(s), nil
}

// DateOf is the day that t falls on in a zone.
func DateOf(t time.Time, zone *time.Location) Date { return Date(t.In(zone).Format(dateLayout)) }

// AddDays moves the date by n days.
func (d Date) AddDays(n int) Date {
	t, err := time.Parse(dateLayout, string(d))
	if err != nil {
		return d
	}
	return Date(t.AddDate(0, 0, n).Format(dateLayout))
}

// End is the first instant after the date in a zone: a deadline on d has passed
// when now is not before End.
func (d Date) End(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(dateLayout, string(d), zone)
	if err != nil {
		return time.Time{}
	}
	return Truncate(t.AddDate(0, 0, 1))
}

// Start is the first instant of the date in a zone.
func (d Date) Start(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(dateLayout, string(d), zone)
	if err != nil {
		return time.Time{}
	}
	return Truncate(t)
}

// Value implements driver.Valuer.
func (d Date) Value() (driver.Value, error) { return string(d), nil }

// Scan implements sql.Scanner.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = ""
	case string:
		*d = Date(v)
	case []byte:
		*d = Date(v)
	case time.Time:
		*d = Date(v.Format(dateLayout))
	default:
		return fmt.Errorf("clock: cannot read a date from %T", src)
	}
	return nil
}

// MarshalGQL writes the GraphQL scalar Date.
func (d Date) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL reads the GraphQL scalar Date.
func (d *Date) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a date is a string of the form 2006-01-02")
	}
	p, err := ParseDate(s)
	if err != nil {
		return err
	}
	*d = p
	return nil
}
