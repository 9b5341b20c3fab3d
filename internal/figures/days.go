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
	Day                                         clock.Date
	Found, Voided, Closed, Open, UnderOversight int
	ClosedProven, MajorOpen                     int
}

func dailyFigures(day clock.Date, f Figures) *DailyFigures {
	return &DailyFigures{
		Day: day, Found: f.Found, Voided: f.Voided, Closed: f.Closed, Open: f.Open, UnderOversight: f.UnderOversight, ClosedProven: f.ClosedProven, MajorOpen: f.MajorOpen,
	}
}

// maxDays is the longest curve.
const maxDays = 400

// Days gives the figures at the end of each day, by the days on which things
// happened: how the open hazards went to zero. It ends at the latest with the
// dashboard's day, and that with the figures of the dashboard's instant. Without
// from and until it is the campaign's days. One statement, of the past two.
func (rd Reader) Days(ctx context.Context, d *Dashboard, from, until *clock.Date) ([]*DailyFigures, error) {
	sc := d.Scope()
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
	last = min(last, sc.Today())
	changes, err := rd.changesByDay(ctx, sc)
	if err != nil {
		return nil, err
	}
	var sum Figures
	out := []*DailyFigures{}
	for day := first; day <= last; day = day.AddDays(1) {
		// A phone whose clock is a little ahead tells of tomorrow: the present counts it.
		for ; len(changes) > 0 && (changes[0].Day <= day || day == sc.Today()); changes = changes[1:] {
			sum.add(changes[0].Figures)
		}
		out = append(out, dailyFigures(day, sum))
	}
	if !sc.Past || last != sc.Today() || len(out) == 0 {
		return out, nil
	}
	earlier, err := rd.hazardsThen(store.CustomPlan(ctx), sc)
	out[len(out)-1] = dailyFigures(last, earlier)
	return out, err
}

// dayChange is by how much the figures changed on a day.
type dayChange struct {
	Day clock.Date `json:"day"`
	Figures
}

func (rd Reader) changesByDay(ctx context.Context, sc Scope) ([]dayChange, error) {
	var rows []dayChange
	err := rd.Ent.DayFigure.Query().Where(dayfigure.CampaignID(sc.Campaign.ID)).Modify(func(s *sql.Selector) {
		InRegion(s, sc)
		s.Select(s.C(dayfigure.FieldDay)).GroupBy(s.C(dayfigure.FieldDay)).OrderBy(s.C(dayfigure.FieldDay))
		for _, f := range hazardFigures {
			s.AppendSelect(sql.As(keptSum(s, f.column), f.column))
		}
	}).Scan(store.CustomPlan(ctx), &rows)
	return rows, store.Fault(err)
}

// hazardsThen are the counts of hazards of an instant of the past.
func (rd Reader) hazardsThen(ctx context.Context, sc Scope) (Figures, error) {
	var sum Figures
	byRegion := map[string]Figures{}
	err := rd.sumStatesThen(ctx, sc, byRegion)
	for _, f := range byRegion {
		sum.add(f)
	}
	return sum, store.Fault(err)
}
