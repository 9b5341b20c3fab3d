package figures

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent/dayfigure"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/store"
)

// DailyFigures are the figures at the end of one day.
type DailyFigures struct {
	Day                                 clock.Date
	Found, Voided, Closed, Open, Listed int
	ClosedProven                        int `json:"closed_proven"`
	MajorOpen                           int `json:"major_open"`
}

// maxDays is the longest curve.
const maxDays = 400

// Days gives the figures at the end of each day, by the days on which things
// happened: how the open hazards went to zero. Without from and until it is the
// campaign's days up to the dashboard's. One statement.
func (rd Reader) Days(ctx context.Context, d *Dashboard, from, until *clock.Date) ([]*DailyFigures, error) {
	sc := d.scope()
	first, last := sc.Campaign.StartsOn, min(sc.Campaign.EndsOn, sc.Today())
	if from != nil {
		first = *from
	}
	if until != nil {
		last = *until
	}
	if last > first.AddDays(maxDays-1) {
		return nil, fault.Bad("until", "too_long", fault.Tf("最多 %d 天。", "At most %d days.", maxDays))
	}
	var rows []*DailyFigures
	err := rd.Ent.DayFigure.Query().Where(dayfigure.CampaignID(sc.Campaign.ID), dayfigure.DayLTE(last)).Modify(func(s *sql.Selector) {
		InRegion(s, sc)
		s.Select(s.C(dayfigure.FieldDay)).GroupBy(s.C(dayfigure.FieldDay)).OrderBy(s.C(dayfigure.FieldDay))
		for _, n := range []string{dayfigure.FieldFound, dayfigure.FieldVoided, dayfigure.FieldClosed, dayfigure.FieldClosedProven,
			dayfigure.FieldListed, dayfigure.FieldMajorOpen} {
			s.AppendSelect(sql.As(sql.Sum(s.C(n)), n))
		}
	}).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	var sum DailyFigures
	out := []*DailyFigures{}
	for day := first; day <= last; day = day.AddDays(1) {
		for ; len(rows) > 0 && rows[0].Day <= day; rows = rows[1:] {
			sum.add(*rows[0])
		}
		sum.Day = day
		out = append(out, new(sum))
	}
	return out, nil
}

func (f *DailyFigures) add(d DailyFigures) {
	f.Found += d.Found
	f.Voided += d.Voided
	f.Closed += d.Closed
	f.ClosedProven += d.ClosedProven
	f.Listed += d.Listed
	f.MajorOpen += d.MajorOpen
	f.Open = f.Found - f.Voided - f.Closed
}
