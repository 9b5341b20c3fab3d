package command

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
)

// MaxText is the most characters of a text that somebody writes.
const MaxText = 4000

// RequiredID checks that an id is of the noun that a field asks for.
func RequiredID(in *fault.Input, path string, got id.ID, want id.Noun) {
	switch {
	case got.IsZero():
		in.Add(path, "missing", fault.T("缺少标识。", "An id is missing."))
	case got.Noun != want:
		in.Add(path, "wrong_noun", fault.Tf("此处应为 %s_… 标识。", "This must be an id of the form %s_….", want))
	}
}

// OptionalID is RequiredID for an optional id.
func OptionalID(in *fault.Input, path string, got *id.ID, want id.Noun) {
	if got != nil {
		RequiredID(in, path, *got, want)
	}
}

// AtField names the field in a NOT_FOUND that came from a reference.
func AtField(path string, noun id.Noun, err error) error {
	if fault.Is(err, fault.NotFound) {
		return MissingAt(path, noun)
	}
	return err
}

// NotFoundAs turns ent's "not found" into NOT_FOUND of a noun: a row out of sight
// does not exist.
func NotFoundAs[T any](row T, err error, noun id.Noun) (T, error) {
	if ent.IsNotFound(err) {
		return row, fault.Missing(noun.First())
	}
	return row, store.Fault(err)
}

// MissingAt is NOT_FOUND for a reference in an input, with the field named.
func MissingAt(path string, noun id.Noun) error {
	e := fault.Missing(noun.First())
	e.Fields = []fault.Field{{Path: path, Reason: "not_found", Text: e.Text}}
	return e
}

// ShortText checks a required text of at most that number of characters.
func ShortText(bad *fault.Input, path, value string, most int) {
	RequiredText(bad, path, value)
	if len([]rune(value)) > most {
		bad.Add(path, "too_long", fault.Tf("最多 %d 字。", "At most %d characters.", most))
	}
}

// Day checks that a required text is a date.
func Day(bad *fault.Input, path string, d clock.Date) {
	if !IsDate(d) {
		bad.Add(path, "form", fault.T("日期须为 2006-01-02 的形式。", "A date has the form 2006-01-02."))
	}
}

// RequiredText checks a required text of at most MaxText characters.
func RequiredText(bad *fault.Input, path, value string) {
	switch {
	case strings.TrimSpace(value) == "":
		bad.Add(path, "missing", fault.T("此项必填。", "This is required."))
	default:
		OptionalText(bad, path, &value)
	}
}

// OptionalText checks an optional text: at most MaxText characters that a database
// can keep.
func OptionalText(bad *fault.Input, path string, value *string) {
	switch {
	case value == nil:
	case utf8.RuneCountInString(*value) > MaxText:
		bad.Add(path, "too_long", fault.Tf("最多 %d 字。", "At most %d characters.", MaxText))
	case !Storable(*value):
		bad.Add(path, "characters", fault.T("含有无效字符。", "This has characters that are no text."))
	}
}

// RequiredDay checks that a deadline is a date at all; whether it lies ahead depends on
// the campaign's zone (rule.CheckDeadline).
func RequiredDay(bad *fault.Input, path string, d clock.Date) {
	switch {
	case d == "":
		bad.Add(path, "missing", fault.T("须给出期限。", "A deadline is required."))
	case !IsDate(d):
		bad.Add(path, "form", fault.T("日期须为 2006-01-02 的形式。", "A date has the form 2006-01-02."))
	}
}

// Money checks an amount in fen.
func Money(bad *fault.Input, path string, fen int64) {
	if fen < 0 || fen > 1_000_000_000_00 {
		bad.Add(path, "range", fault.T("金额（分）须为 0 至 1000 亿。", "An amount in fen is 0 to 100,000,000,000."))
	}
}

// Storable reports whether both databases can keep a text: PostgreSQL refuses a
// NUL and broken UTF-8.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// IsDate reports whether a text is a date of the form 2006-01-02.
func IsDate(d clock.Date) bool {
	_, err := clock.ParseDate(string(d))
	return err == nil
}

// FilledText is RequiredText for a value that may be left out, but not be empty.
func FilledText(bad *fault.Input, path string, value *string) {
	if value != nil {
		RequiredText(bad, path, *value)
	}
}

// OptionalDay is RequiredDay for a value that may be left out.
func OptionalDay(bad *fault.Input, path string, d *clock.Date) {
	if d != nil {
		RequiredDay(bad, path, *d)
	}
}

// Index is the path of one element of a list input.
func Index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// NotInFuture refuses an instant later than the server's clock allows for: two
// minutes for phones whose clock is a little ahead.
func NotInFuture(bad *fault.Input, path string, t *time.Time, now time.Time) {
	if t != nil && t.After(now.Add(2*time.Minute)) {
		bad.Add(path, "in_future", fault.T("时间不能晚于现在。", "This time lies in the future."))
	}
}

// TextOf is an optional text; empty for none.
func TextOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
