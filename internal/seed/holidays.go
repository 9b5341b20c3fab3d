package seed

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/holiday"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// HolidayFile is how the state has moved the days off of a year (节假日安排): one
// YAML document.
type HolidayFile struct {
	Year int `yaml:"year"`
	// Source is the notice, by its number.
	Source string            `yaml:"source"`
	Days   []HolidaySpanFile `yaml:"days"`
}

// HolidaySpanFile is a row of days of one kind, the last one included.
type HolidaySpanFile struct {
	Name  string       `yaml:"name"`
	Kind  rule.DayKind `yaml:"kind"`
	From  clock.Date   `yaml:"from"`
	Until clock.Date   `yaml:"until"` // From when it is left out
}

//go:embed data/holidays-*.yaml
var shippedHolidays embed.FS

// ShippedHolidays are the years that ship with the product, the oldest first.
func ShippedHolidays() []*HolidayFile {
	names, err := shippedHolidays.ReadDir("data")
	if err != nil {
		panic(fmt.Sprintf("seed: the shipped holidays are gone: %v", err)) // they are part of the program
	}
	var out []*HolidayFile
	for _, n := range names {
		text, err := shippedHolidays.ReadFile("data/" + n.Name())
		if err != nil {
			panic(fmt.Sprintf("seed: the shipped holidays are gone: %v", err))
		}
		f, err := ParseHolidays(bytes.NewReader(text))
		if err != nil {
			panic(fmt.Sprintf("seed: the shipped holidays %s are broken: %v", n.Name(), err)) // a test parses them
		}
		out = append(out, f)
	}
	return out
}

// ParseHolidays reads a file of holidays strictly and validates it. Every refusal
// is a BAD_USER_INPUT with fields.
func ParseHolidays(r io.Reader) (*HolidayFile, error) {
	var f HolidayFile
	if err := readFile(r, &f); err != nil {
		return nil, err
	}
	if err := f.Validate(); err != nil {
		return nil, err
	}
	return &f, nil
}

// Validate collects every fault of the content in one BAD_USER_INPUT; nil when
// there is none. Days outside the year, and days that are there twice, are faults.
func (f *HolidayFile) Validate() error {
	var in fault.Input
	if f.Year < 2000 || f.Year > 2999 {
		in.Add("year", "out_of_range", fault.T("年份须为 2000 至 2999。", "A year is 2000 to 2999."))
	}
	checkText(&in, "source", f.Source)
	if len(f.Days) == 0 {
		in.Add("days", "required", fault.T("至少要有一天。", "At least one day is needed."))
	}
	seen := map[clock.Date]bool{}
	for i, d := range f.Days {
		at := fmt.Sprintf("days[%d].", i)
		checkText(&in, at+"name", d.Name)
		if !slices.Contains(rule.DayKinds(), d.Kind) {
			in.Add(at+"kind", "unknown", fault.Tf("没有 %q 这种日子。", "%q is no kind of day.", string(d.Kind)))
		}
		f.checkSpan(&in, at, d, seen)
	}
	return in.Err()
}

func (f *HolidayFile) checkSpan(in *fault.Input, at string, d HolidaySpanFile, seen map[clock.Date]bool) {
	if !isDate(d.From) || d.Until != "" && (!isDate(d.Until) || d.Until < d.From) {
		in.Add(at+"from", "not_a_date", fault.T("须为 2006-01-02 形式的日期，末日不早于首日。", "Days have the form 2006-01-02, the last not before the first."))
		return
	}
	year := strconv.Itoa(f.Year) + "-"
	if !strings.HasPrefix(string(d.From), year) || !strings.HasPrefix(string(d.last()), year) {
		in.Add(at+"from", "other_year", fault.Tf("日期不在 %d 年。", "This lies outside the year %d.", f.Year))
		return
	}
	for _, day := range d.days() {
		if seen[day] {
			in.Add(at+"from", "double", fault.Tf("%s 重复。", "%s is there twice.", string(day)))
		}
		seen[day] = true
	}
}

func (d HolidaySpanFile) last() clock.Date {
	if d.Until == "" {
		return d.From
	}
	return d.Until
}

func (d HolidaySpanFile) days() []clock.Date {
	var out []clock.Date
	for day := d.From; day <= d.last(); day = day.AddDays(1) {
		out = append(out, day)
	}
	return out
}

// LoadHolidays makes the stored days of a year those of the file: nothing refers
// to a day, and a state that moves one again says so in a notice of its own. The
// refusals are those of Validate.
func LoadHolidays(ctx context.Context, tx *ent.Tx, file *HolidayFile) error {
	l := loader{tx: tx, newID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) }, now: clock.System{}.Now()}
	return l.loadHolidays(ctx, file)
}

func (l loader) loadHolidays(ctx context.Context, f *HolidayFile) error {
	if err := f.Validate(); err != nil {
		return err
	}
	from := clock.Date(fmt.Sprintf("%04d-01-01", f.Year))
	stored, err := l.tx.Holiday.Query().Where(holiday.DayGTE(from), holiday.DayLT(clock.Date(fmt.Sprintf("%04d-01-01", f.Year+1)))).All(ctx)
	if err != nil {
		return fmt.Errorf("seed: read holidays: %w", err)
	}
	type content struct {
		kind rule.DayKind
		name string
	}
	want := map[clock.Date]content{}
	for _, d := range f.Days {
		for _, day := range d.days() {
			want[day] = content{d.Kind, d.Name}
		}
	}
	for _, h := range stored {
		if want[h.Day] == (content{h.Kind, h.Name}) {
			delete(want, h.Day)
			continue
		}
		if err := l.tx.Holiday.DeleteOne(h).Exec(ctx); err != nil {
			return fmt.Errorf("seed: remove a holiday: %w", err)
		}
	}
	var added []*ent.HolidayCreate
	for _, d := range f.Days { // in the order of the file, so that ids repeat themselves
		for _, day := range d.days() {
			if c, missing := want[day]; missing {
				added = append(added, l.tx.Holiday.Create().SetID(l.newID()).SetCreatedAt(l.now).SetDay(day).SetKind(c.kind).SetName(c.name))
			}
		}
	}
	return insert(ctx, "holidays", added, l.tx.Holiday.CreateBulk)
}
