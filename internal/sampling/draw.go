package sampling

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Ticket is the number that a school, or a team, drew: the SHA-256 of
// `seed/id` in hexadecimal digits. The lowest ticket goes first. Anybody can draw
// it again:
//
//	printf '%s/%s' "$SEED" "$SCHOOL" | sha256sum
//
// The seed comes first and an id holds no slash, so no two pairs share a text.
func Ticket(seed, id string) string {
	sum := sha256.Sum256([]byte(seed + "/" + id))
	return hex.EncodeToString(sum[:])
}

// CheckSeed refuses, with ErrSeed, a seed that can't be published and typed again.
func CheckSeed(seed string) error {
	control := func(r rune) bool {
		return unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029'
	}
	if seed == "" || len(seed) > MaxSeed || strings.TrimSpace(seed) != seed || !utf8.ValidString(seed) || strings.ContainsFunc(seed, control) {
		return ErrSeed
	}
	return nil
}

const dayLayout = "2006-01-02"

func parseDay(s string) (time.Time, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil {
		return t, fmt.Errorf("%q is not a day of the form 2006-01-02", s)
	}
	return t, nil
}

// RecusedSince is the first day that matters for recusal: a person who belonged to
// a school on it or later may not inspect the school on the given day. It lies the
// number of months before, or is the last day of that month where it is shorter (36 months before 29 February 2024 is
// 28 February 2021). A day that is none comes back as it is.
func RecusedSince(on string, months int) string {
	t, err := parseDay(on)
	if err != nil {
		return on
	}
	first := time.Date(t.Year(), t.Month()-time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1).Format(dayLayout)
}

// unvisitedSince is the first day of the time in which a visit keeps a school
// from counting as long unvisited.
func unvisitedSince(on string, days int) string {
	t, err := parseDay(on)
	if err != nil {
		return on
	}
	return t.AddDate(0, 0, -days).Format(dayLayout)
}
