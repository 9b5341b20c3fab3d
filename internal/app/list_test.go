package app_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

const many = 60

// manyHazards reports hazards of every kind, three in the same instant each, and
// lists every third with one of four deadlines.
func manyHazards(t *testing.T, e *testkit.Env) []*ent.Hazard {
	t.Helper()
	ctx, section := e.As("officer1"), e.As("section")
	report := startInspection(t, e, "officer1", e.School)
	for i := range many {
		in := e.HazardInput()
		in.Category = []string{"FIRE", "FOOD", "TRAFFIC"}[i%3]
		if i%5 == 0 {
			in.Grade = new(rule.Major)
		}
		if i%4 == 0 {
			in.GridID, in.Place = nil, new("操场")
		}
		if i%6 == 0 {
			in.ReportID = new(report.PublicID())
		}
		h := testkit.Must(e.App.ReportHazard(ctx, in))(t)
		if i%3 == 0 {
			list := e.OversightInput(h)
			list.DeadlineOn = e.Today().AddDays(i % 4)
			if i%2 == 0 {
				list.ResponsibleID = e.User("grid1").PublicID()
			}
			testkit.Must(e.App.PlaceUnderOversight(section, list))(t)
		}
		if i%3 == 2 {
			e.Clock.Advance(time.Second)
		}
	}
	decisionsWait(t, e)
	e.Clock.Advance(2 * 24 * time.Hour) // some are overdue now
	return testkit.Must(e.Store.Ent.Hazard.Query().All(e.System()))(t)
}

// decisionsWait makes a hazard for each decision that can wait for somebody.
func decisionsWait(t *testing.T, e *testkit.Env) {
	t.Helper()
	officer := e.As("officer1")
	e.Planned()
	testkit.Must(e.App.RequestExtension(officer, app.RequestExtensionInput{
		HazardCommand: testkit.Command(e.UnderOversight()), ExtensionID: id.New(id.Extension), UntilOn: e.Today().AddDays(20), Reason: "等待配件",
	}))(t)
	testkit.Must(e.App.GradeHazard(officer, app.GradeHazardInput{
		HazardCommand: testkit.Command(e.Major()), Grade: rule.General, Reason: new("影响范围小"),
	}))(t)
}

func TestHazardLists(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		all := manyHazards(t, e)
		for field, key := range map[string]func(*ent.Hazard) string{
			"REPORTED_AT": func(h *ent.Hazard) string { return h.ReportedAt.UTC().Format(time.RFC3339Nano) },
			"DEADLINE":    func(h *ent.Hazard) string { return string(h.DeadlineOn) },
		} {
			for _, direction := range []command.Direction{command.Ascending, command.Descending} {
				want := inOrder(all, key, direction)
				list := func(p command.PageArgs) (command.Page[*ent.Hazard], error) {
					return e.App.Hazards(e.As("officer1"), p, nil, &app.HazardOrder{Field: field, Direction: direction})
				}
				what := fmt.Sprintf("by %s %s", field, direction)
				samePages(t, what, forward(t, list), want)
				samePages(t, what+" backward", backward(t, list), want)
			}
		}
		hazardFilters(t, e, all)
		filteredInSight(t, e)
		statements(t, e)
	})
}

// inOrder sorts hazards as a list must, the id deciding among equals.
func inOrder(all []*ent.Hazard, key func(*ent.Hazard) string, d command.Direction) []uuid.UUID {
	rows := slices.SortedFunc(slices.Values(all), func(x, y *ent.Hazard) int {
		c := cmp.Or(cmp.Compare(key(x), key(y)), bytes.Compare(x.ID[:], y.ID[:]))
		if d == command.Descending {
			return -c
		}
		return c
	})
	out := make([]uuid.UUID, len(rows))
	for i, h := range rows {
		out[i] = h.ID
	}
	return out
}

type lister func(command.PageArgs) (command.Page[*ent.Hazard], error)

// forward walks a list from its first page to the last.
func forward(t *testing.T, list lister) []uuid.UUID {
	t.Helper()
	var out []uuid.UUID
	p := command.PageArgs{First: new(7)}
	for {
		page := testkit.Must(list(p))(t)
		if page.HasPrevious != (p.After != nil) || len(page.Rows) == 0 {
			t.Fatalf("a page of %d rows, previous %v", len(page.Rows), page.HasPrevious)
		}
		for _, h := range page.Rows {
			out = append(out, h.ID)
		}
		if !page.HasNext {
			return out
		}
		p.After = &page.Cursors[len(page.Cursors)-1]
	}
}

// backward walks a list from its last page to the first.
func backward(t *testing.T, list lister) []uuid.UUID {
	t.Helper()
	var out []uuid.UUID
	p := command.PageArgs{Last: new(7)}
	for {
		page := testkit.Must(list(p))(t)
		if page.HasNext != (p.Before != nil) || len(page.Rows) == 0 {
			t.Fatalf("a page of %d rows, next %v", len(page.Rows), page.HasNext)
		}
		var rows []uuid.UUID
		for _, h := range page.Rows {
			rows = append(rows, h.ID)
		}
		out = append(rows, out...)
		if !page.HasPrevious {
			return out
		}
		p.Before = &page.Cursors[0]
	}
}

func samePages(t *testing.T, what string, got, want []uuid.UUID) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d rows, want %d, each once and in order", what, len(got), len(want))
	}
}

// hazardFilters compares every filter with the rows that it must leave.
func hazardFilters(t *testing.T, e *testkit.Env, all []*ent.Hazard) {
	t.Helper()
	report := all[slices.IndexFunc(all, func(h *ent.Hazard) bool { return h.ReportID != nil })].ReportID
	for name, c := range map[string]struct {
		filter app.HazardFilter
		keeps  func(*ent.Hazard) bool
	}{
		"campaign":  {app.HazardFilter{CampaignID: new(e.Campaign.PublicID())}, func(*ent.Hazard) bool { return true }},
		"no school": {app.HazardFilter{SchoolID: new(e.Other.PublicID())}, func(*ent.Hazard) bool { return false }},
		"township":  {app.HazardFilter{RegionID: new(id.Of(id.Region, e.School.RegionID))}, func(*ent.Hazard) bool { return true }},
		"sibling":   {app.HazardFilter{RegionID: new(id.Of(id.Region, e.Other.RegionID))}, func(*ent.Hazard) bool { return false }},
		"grid":      {app.HazardFilter{GridID: new(e.Grid.PublicID())}, func(h *ent.Hazard) bool { return h.GridID != nil }},
		"report":    {app.HazardFilter{ReportID: new(id.Of(id.Report, *report))}, func(h *ent.Hazard) bool { return h.ReportID != nil }},
		"to rectify": {app.HazardFilter{ResponsibleID: new(e.User("officer1").PublicID())},
			func(h *ent.Hazard) bool { return h.ResponsibleID != nil && *h.ResponsibleID == e.User("officer1").ID }},
		"not mine":            {app.HazardFilter{ResponsibleID: new(e.User("section").PublicID())}, func(*ent.Hazard) bool { return false }},
		"status":              {app.HazardFilter{Status: []rule.HazardStatus{rule.Rectifying}}, func(h *ent.Hazard) bool { return h.Status == rule.Rectifying }},
		"grade":               {app.HazardFilter{Grade: new(rule.Major)}, func(h *ent.Hazard) bool { return h.Grade == rule.Major }},
		"category":            {app.HazardFilter{Category: new("FOOD")}, func(h *ent.Hazard) bool { return h.Category == "FOOD" }},
		"source":              {app.HazardFilter{Source: new(rule.FoundBySupervision)}, func(*ent.Hazard) bool { return false }},
		"underOversight":      {app.HazardFilter{UnderOversight: new(true)}, func(h *ent.Hazard) bool { return h.UnderOversight }},
		"not under oversight": {app.HazardFilter{UnderOversight: new(false)}, func(h *ent.Hazard) bool { return !h.UnderOversight }},
		"overdue":             {app.HazardFilter{Overdue: new(true)}, func(h *ent.Hazard) bool { return e.App.Overdue(h, e.Campaign) }},
		"in time":             {app.HazardFilter{Overdue: new(false)}, func(h *ent.Hazard) bool { return !e.App.Overdue(h, e.Campaign) }},
		"plan to decide": {app.HazardFilter{PlanStatus: new(rule.PlanSubmitted)},
			func(h *ent.Hazard) bool { return h.PlanStatus != nil && *h.PlanStatus == rule.PlanSubmitted }},
		"time to decide":     {app.HazardFilter{ExtensionPending: new(true)}, func(h *ent.Hazard) bool { return h.ExtensionPending }},
		"no time to decide":  {app.HazardFilter{ExtensionPending: new(false)}, func(h *ent.Hazard) bool { return !h.ExtensionPending }},
		"grade to decide":    {app.HazardFilter{DowngradePending: new(true)}, func(h *ent.Hazard) bool { return h.DowngradePending }},
		"no grade to decide": {app.HazardFilter{DowngradePending: new(false)}, func(h *ent.Hazard) bool { return !h.DowngradePending }},
		"two at once": {app.HazardFilter{UnderOversight: new(true), Category: new("FIRE")},
			func(h *ent.Hazard) bool { return h.UnderOversight && h.Category == "FIRE" }},
	} {
		want := 0
		for _, h := range all {
			if c.keeps(h) {
				want++
			}
		}
		if strings.Contains(name, "to ") && (want == 0 || want == len(all)) {
			t.Errorf("filter %s: %d of %d, so nothing is tested", name, want, len(all))
		}
		page := testkit.Must(e.App.Hazards(e.As("section"), command.PageArgs{First: new(200)}, &c.filter, nil))(t)
		if len(page.Rows) != want || slices.ContainsFunc(page.Rows, func(h *ent.Hazard) bool { return !c.keeps(h) }) {
			t.Errorf("filter %s: %d rows, want %d", name, len(page.Rows), want)
		}
	}
}

// filteredInSight: a filter by a person shows no row that is out of sight, and one
// that names something else than a person is refused.
func filteredInSight(t *testing.T, e *testkit.Env) {
	t.Helper()
	mine := &app.HazardFilter{ResponsibleID: new(e.User("grid1").PublicID())}
	for account, sees := range map[string]bool{"grid1": true, "officer1": true, "leader1": true, "officer2": false, "principal1": true} {
		page := testkit.Must(e.App.Hazards(e.As(account), command.PageArgs{First: new(200)}, mine, nil))(t)
		if (len(page.Rows) > 0) != sees {
			t.Errorf("%s sees %d hazards that grid1 rectifies", account, len(page.Rows))
		}
	}
	_, err := e.App.Hazards(e.As("section"), command.PageArgs{First: new(1)}, &app.HazardFilter{ResponsibleID: new(e.School.PublicID())}, nil)
	if !fault.Is(err, fault.BadUserInput) {
		t.Errorf("a school as the responsible person: %v", err)
	}
}

// statements counts what a page and its children cost: the same for every size.
func statements(t *testing.T, e *testkit.Env) {
	t.Helper()
	cost := func(n int) int {
		ctx := store.WithCount(e.As("section"))
		page := testkit.Must(e.App.Hazards(ctx, command.PageArgs{First: &n}, nil, nil))(t)
		var keys []uuid.UUID
		for _, h := range page.Rows {
			keys = append(keys, h.ID)
		}
		if len(keys) != n {
			t.Fatalf("a page of %d rows, want %d", len(keys), n)
		}
		testkit.Must(e.App.EventsOfHazards(ctx, keys))(t)
		testkit.Must(e.App.GapsOfHazards(ctx, keys))(t)
		testkit.Must(e.App.EvidenceOfHazards(ctx, keys))(t)
		return store.Count(ctx)
	}
	if ten, fifty := cost(10), cost(50); ten != fifty || ten == 0 {
		t.Errorf("a page of 10 costs %d statements, one of 50 %d", ten, fifty)
	}
	dashboard := func(ctx context.Context) int {
		ctx = store.WithCount(ctx)
		testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t)
		return store.Count(ctx)
	}
	if county, school := dashboard(e.As("section")), dashboard(e.As("officer1")); county != school || county > 7 {
		t.Errorf("a county's dashboard costs %d statements, a school's %d", county, school)
	}
}

// TestReportLists walks the reports, which started in the same instant, and
// tries every filter.
func TestReportLists(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var started []uuid.UUID
		for range 5 {
			started = append(started, startInspection(t, e, "officer1", e.School).ID)
		}
		in, _ := findings(e, testkit.Must(e.App.Report(e.As("officer1"), id.Of(id.Report, started[0])))(t))
		testkit.Must(e.App.RecordFindings(e.As("officer1"), in))(t)
		testkit.Must(e.App.SubmitInspectionReport(e.As("officer1"),
			app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: in.ReportID}))(t)

		var seen []uuid.UUID
		for p := (command.PageArgs{First: new(2)}); ; {
			page := testkit.Must(e.App.Reports(e.As("grid1"), p, nil, nil))(t)
			for _, r := range page.Rows {
				seen = append(seen, r.ID)
			}
			if !page.HasNext {
				break
			}
			p.After = &page.Cursors[len(page.Cursors)-1]
		}
		slices.Reverse(started) // the newest first: their ids are in time's order
		samePages(t, "reports", seen, started)

		for name, c := range map[string]struct {
			filter app.ReportFilter
			want   int
		}{
			"school":      {app.ReportFilter{SchoolID: new(e.School.PublicID())}, 5},
			"campaign":    {app.ReportFilter{CampaignID: new(e.Campaign.PublicID())}, 5},
			"inspector":   {app.ReportFilter{InspectorID: new(e.User("officer1").PublicID())}, 5},
			"another":     {app.ReportFilter{InspectorID: new(e.User("grid1").PublicID())}, 0},
			"supervision": {app.ReportFilter{Kind: new(rule.Supervision)}, 0},
			"submitted":   {app.ReportFilter{Status: new(rule.Submitted)}, 1},
			"proven":      {app.ReportFilter{Proven: new(true)}, 0},
			"not proven":  {app.ReportFilter{Proven: new(false)}, 5},
		} {
			page := testkit.Must(e.App.Reports(e.As("grid1"), command.PageArgs{First: new(50)}, &c.filter, nil))(t)
			if len(page.Rows) != c.want {
				t.Errorf("filter %s: %d rows, want %d", name, len(page.Rows), c.want)
			}
		}
	})
}
