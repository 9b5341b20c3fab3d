package simulation

import (
	"time"

	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// found is what the product says to the section: the figures of now.
func (m *month) found() (map[string]int, error) {
	out, err := m.figures(nil)
	if err != nil {
		return nil, err
	}
	return out, m.cases(out)
}

// scope is the county, now or at an instant.
func (m *month) scope(asOf *time.Time) (figures.Scope, error) {
	r, err := m.Ent.Region.Get(m.sys, m.campaign.RegionID)
	return figures.Scope{AsOf: figures.At(m.Clock.Now(), asOf), Campaign: m.campaign, Region: r}, err
}

func (m *month) reader() figures.Reader { return figures.Reader{Ent: m.Ent} }

// figures are all registered ones of an instant, by name; nil is now.
func (m *month) figures(asOf *time.Time) (map[string]int, error) {
	sc, err := m.scope(asOf)
	if err != nil {
		return nil, err
	}
	values, err := m.reader().Values(m.as(m.bureau["section"]), sc)
	out := map[string]int{}
	for name, v := range values {
		out[name] = v.N
	}
	out["visits planned"] = out["supervision.visitsProposed"] + out["supervision.visitsConfirmed"]
	return out, err
}

// everyFigure compares each registered figure with its list and with what is rebuilt
// from the rows: those too that nobody planted.
func (m *month) everyFigure(r *Report, planted, found map[string]int) error {
	sc, err := m.scope(nil)
	if err != nil {
		return err
	}
	rd := m.reader().Remembering()
	for _, f := range figures.All() {
		rebuilt, err := f.Rebuilt(m.sys, rd, sc)
		if err != nil {
			return err
		}
		rows, err := f.Rows(m.as(m.bureau["section"]), rd, sc)
		if err != nil {
			return err
		}
		if _, told := planted[f.Name]; !told {
			planted[f.Name] = rebuilt.N
		}
		r.Lines = append(r.Lines, Line{f.Name + " rebuilt", rebuilt.N, found[f.Name]}, Line{f.Name + " in its list", rows.N, found[f.Name]})
	}
	return nil
}

// cases counts the cases by kind, page by page.
func (m *month) cases(out map[string]int) error {
	for _, kind := range rule.CaseKinds() {
		out["cases "+string(kind)] = 0
	}
	args := command.PageArgs{First: new(200)}
	for {
		page, err := m.App.Cases(m.as(m.bureau["section"]), args, nil)
		if err != nil {
			return err
		}
		for _, c := range page.Rows {
			out["cases "+string(c.Kind)]++
		}
		if !page.HasNext {
			return nil
		}
		args.After = &page.Cursors[len(page.Cursors)-1]
	}
}
