package clock_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{"2021-04-06", "2020-02-29", "0001-01-01", "9999-12-31"} {
		if d, err := clock.ParseDate(s); err != nil || string(d) != s {
			t.Errorf("%q reads as %q, %v", s, d, err)
		}
	}
	for _, s := range []string{
		"", "2021-4-6", "2021-04-31", "2021-02-29", "2021-13-01", "2021-00-10", "0000-01-01", "-001-01-01", "10000-01-01", "20210406",
		"2021-04-06 ", " 2021-04-06", "2021-04-06T00:00:00Z", "2021/04/06", "２０２１-04-06", "2021-04-06\x00",
	} {
		if d, err := clock.ParseDate(s); err == nil || d != "" {
			t.Errorf("%q is read as %q", s, d)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2021-04-06", "2021-4-6", "", "2021-02-30", "9999-12-31", "2021-04-06T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := clock.ParseDate(s)
		if err != nil {
			if d != "" {
				t.Errorf("a refused text gives %q", d)
			}
			return
		}
		if string(d) != s || len(s) != 10 {
			t.Errorf("%q is read as %q", s, d)
		}
		if back := clock.DateOf(d.Start(time.UTC), time.UTC); back != d {
			t.Errorf("%q begins on %q", d, back)
		}
	})
}

// drawDate gives a day between 1900 and 2200.
func drawDate(t *rapid.T, label string) clock.Date {
	return clock.Date("2050-01-01").AddDays(rapid.IntRange(-54_000, 54_000).Draw(t, label))
}

// Dates are kept and compared as texts, so the order of the texts must be that
// of the days.
func TestDatesCompareAsTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		n := rapid.IntRange(-4000, 4000).Draw(t, "days")
		moved := d.AddDays(n)
		if (moved > d) != (n > 0) || (moved == d) != (n == 0) {
			t.Errorf("%s moved by %d days is %s", d, n, moved)
		}
		if back := moved.AddDays(-n); back != d {
			t.Errorf("%s moved by %d days and back is %s", d, n, back)
		}
		if days := int(moved.Start(time.UTC).Sub(d.Start(time.UTC)) / (24 * time.Hour)); days != n {
			t.Errorf("%s and %s are %d days apart, want %d", d, moved, days, n)
		}
	})
}

// A day ends exactly where the next begins, and each instant between belongs to
// it: that is what makes a deadline last to the end of its day.
func TestDayEdges(t *testing.T) {
	names := []string{"Asia/Shanghai", "Asia/Urumqi", "UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "zone")
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		d := clock.Date("2010-01-01").AddDays(rapid.IntRange(0, 15_000).Draw(t, "days"))
		start, end := d.Start(z), d.End(z)
		if next := d.AddDays(1); next.Start(z) != end || clock.DateOf(end, z) != next {
			t.Errorf("%s in %s ends at %s, and the next day begins at %s", d, z, end, next.Start(z))
		}
		for _, at := range []time.Time{start, end.Add(-time.Microsecond)} {
			if got := clock.DateOf(at, z); got != d {
				t.Errorf("%s falls on %s in %s, want %s", at, got, z, d)
			}
		}
		if got := clock.DateOf(start.Add(-time.Microsecond), z); got != d.AddDays(-1) {
			t.Errorf("just before %s it is %s", d, got)
		}
	})
}

func TestEndInShanghai(t *testing.T) {
	end := clock.Date("2021-04-30").End(zone(t, "Asia/Shanghai"))
	if want := time.Date(2021, 4, 30, 16, 0, 0, 0, time.UTC); !end.Equal(want) || end.Location() != time.UTC {
		t.Errorf("it ends at %s, want %s", end, want)
	}
}

func TestNoDateStaysNoDate(t *testing.T) {
	for _, d := range []clock.Date{"", "soon"} {
		if got := d.AddDays(1); got != d {
			t.Errorf("%q moved is %q", d, got)
		}
		if !d.Start(time.UTC).IsZero() || !d.End(time.UTC).IsZero() {
			t.Errorf("%q begins at %s and ends at %s", d, d.Start(time.UTC), d.End(time.UTC))
		}
	}
}

func TestDateFromDatabase(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	cases := []struct {
		src  any
		want clock.Date
		bad  bool
	}{
		{src: nil},
		{src: "2021-04-06", want: "2021-04-06"},
		{src: []byte("2021-04-06"), want: "2021-04-06"},
		{src: time.Date(2021, 4, 6, 23, 0, 0, 0, shanghai), want: "2021-04-06"},
		{src: 20210406, bad: true},
	}
	for _, c := range cases {
		d := clock.Date("2000-01-01")
		if err := d.Scan(c.src); (err != nil) != c.bad {
			t.Errorf("%v: error %v", c.src, err)
		} else if !c.bad && d != c.want {
			t.Errorf("%v is read as %q, want %q", c.src, d, c.want)
		}
	}
	if v, err := clock.Date("2021-04-06").Value(); v != "2021-04-06" || err != nil {
		t.Errorf("it is kept as %v, %v", v, err)
	}
}

func TestDateInGraphQL(t *testing.T) {
	var b bytes.Buffer
	clock.Date("2021-04-06").MarshalGQL(&b)
	if b.String() != `"2021-04-06"` {
		t.Errorf("it is written %s", b.String())
	}
	var d clock.Date
	if err := d.UnmarshalGQL("2021-04-06"); err != nil || d != "2021-04-06" {
		t.Errorf("it is read %q, %v", d, err)
	}
	for _, v := range []any{"2021-4-6", "", nil, 20210406, []byte("2021-04-06"), true} {
		if err := d.UnmarshalGQL(v); err == nil || d != "2021-04-06" {
			t.Errorf("%v is read as %q, %v", v, d, err)
		}
	}
}
