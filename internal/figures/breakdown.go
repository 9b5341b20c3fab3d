package figures

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/breakdownfigure"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// BreakdownBy is what hazards are counted by.
type BreakdownBy string

// What hazards are counted by.
const (
	ByCategory BreakdownBy = "CATEGORY"
	ByGrade    BreakdownBy = "GRADE"
	BySource   BreakdownBy = "SOURCE"
	ByStatus   BreakdownBy = "STATUS"
)

// column is the property's, of states and of what is kept alike.
func (by BreakdownBy) column() string {
	switch by {
	case ByGrade:
		return hazardstate.FieldGrade
	case BySource:
		return hazardstate.FieldSource
	case ByStatus:
		return hazardstate.FieldStatus
	default:
		return hazardstate.FieldCategory
	}
}

// Breakdown is the count of the hazards of one value.
type Breakdown struct {
	// Key is the value: a code of a category, or an enum's value.
	Key                         string
	Found, Voided, Closed, Open int
}

// ClearRate is closed / (found − voided); nil when nothing is to be cleared.
func (b Breakdown) ClearRate() *float64 { return rate(b.Closed, b.Found-b.Voided) }

// Breakdown counts a dashboard's hazards by one of their properties, at the
// dashboard's instant; values without a hazard are left out. One statement.
func (rd Reader) Breakdown(ctx context.Context, d *Dashboard, by BreakdownBy) ([]*Breakdown, error) {
	rows, err := rd.breakdownRows(ctx, d, by)
	if err != nil {
		return nil, err
	}
	return fold(rows, func(string) bool { return true }), nil
}

// RegionBreakdown are the hazards of one region by one property.
type RegionBreakdown struct {
	Region *ent.Region
	Rows   []*Breakdown
}

// BreakdownByRegion counts the same for each region directly below the
// dashboard's; those without a hazard are left out. One statement, and the one for the
// regions that SumChildren shares.
func (rd Reader) BreakdownByRegion(ctx context.Context, d *Dashboard, by BreakdownBy) ([]*RegionBreakdown, error) {
	rows, err := rd.breakdownRows(ctx, d, by)
	if err != nil {
		return nil, err
	}
	regions, err := d.regions()
	if err != nil {
		return nil, err
	}
	out := []*RegionBreakdown{}
	for _, r := range regions {
		counts := fold(rows, func(path string) bool { return strings.HasPrefix(path, r.Path) })
		if len(counts) > 0 {
			out = append(out, &RegionBreakdown{Region: r, Rows: counts})
		}
	}
	return out, nil
}

// breakdownRow is how many hazards of a township have a value and a status.
type breakdownRow struct {
	RegionPath string            `json:"region_path"`
	Key        string            `json:"key"`
	Status     rule.HazardStatus `json:"state"`
	Hazards    int               `json:"hazards"`
}

// breakdownRows reads a dashboard's hazards by township, value and status, by
// value.
func (rd Reader) breakdownRows(ctx context.Context, d *Dashboard, by BreakdownBy) ([]breakdownRow, error) {
	sc := d.Scope()
	column := by.column()
	var rows []breakdownRow
	group := func(count string) func(*sql.Selector) {
		return func(s *sql.Selector) {
			bySchool(s, sc)
			s.AppendSelect(sql.As(s.C(column), "key"), sql.As(s.C(hazardstate.FieldStatus), "state"), sql.As(count, "hazards")).
				GroupBy(s.C(column), s.C(hazardstate.FieldStatus)).OrderBy(s.C(column))
		}
	}
	ctx = store.CustomPlan(ctx)
	var err error
	if sc.Past {
		err = rd.Ent.HazardState.Query().Where(sc.Then()).Modify(group(sql.Count("*"))).Scan(ctx, &rows)
	} else {
		err = rd.Ent.BreakdownFigure.Query().Where(breakdownfigure.CampaignID(sc.Campaign.ID), breakdownfigure.HazardsGT(0)).
			Modify(group(sql.Sum(breakdownfigure.FieldHazards))).Scan(ctx, &rows)
	}
	return rows, store.Fault(err)
}

// fold adds up the rows of the townships that are asked for, by value.
func fold(rows []breakdownRow, of func(path string) bool) []*Breakdown {
	out := []*Breakdown{}
	for _, r := range rows {
		if !of(r.RegionPath) {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Key != r.Key {
			out = append(out, &Breakdown{Key: r.Key})
		}
		row := out[len(out)-1]
		row.Found += r.Hazards
		switch {
		case r.Status == rule.Voided:
			row.Voided += r.Hazards
		case r.Status == rule.Closed:
			row.Closed += r.Hazards
		default:
			row.Open += r.Hazards
		}
	}
	return out
}
