package app_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/coveragecell"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// coveredBy submits a self-inspection with a finding for each cell that a school
// owes, each with a promised photo.
func coveredBy(t *testing.T, e *testkit.Env, account string, s *ent.School) promises {
	t.Helper()
	ctx := e.As(account)
	owes := testkit.Must(e.App.Coverage(ctx, s.PublicID(), e.Campaign.PublicID(), nil))(t)
	r := startInspection(t, e, account, s)
	in := app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}
	var photos promises
	for _, item := range undue(e, owes) { // the report is asked them all the same
		in.Findings = append(in.Findings, app.FindingInput{ID: id.New(id.Finding), ItemID: item.PublicID(), Result: rule.NotApplicable})
	}
	for _, c := range owes.Cells {
		p := testkit.Promise()
		photos = append(photos, p)
		f := app.FindingInput{ID: id.New(id.Finding), ItemID: id.Of(id.ChecklistItem, c.Cell.Item), Result: rule.Compliant, EvidenceIDs: []id.ID{p}}
		if c.Cell.Grid != uuid.Nil {
			f.GridID = new(id.Of(id.Grid, c.Cell.Grid))
		}
		in.Findings = append(in.Findings, f)
	}
	testkit.Must(e.App.RecordFindings(ctx, in))(t)
	testkit.Must(e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}))(t)
	return photos
}

// undue are the items of which the school has nothing.
func undue(e *testkit.Env, c *app.Coverage) []*ent.ChecklistItem {
	return slices.DeleteFunc(e.Items(), func(i *ent.ChecklistItem) bool {
		return slices.ContainsFunc(c.Cells, func(x *app.CoverageCell) bool { return x.Cell.Item == i.ID })
	})
}

func schoolsBy(t *testing.T, e *testkit.Env, f figures.SelfInspectionFilter, s *ent.School) bool {
	t.Helper()
	page := testkit.Must(e.App.Schools(e.As("section"), command.PageArgs{First: new(200)}, &places.SchoolFilter{CampaignID: new(e.Campaign.PublicID()), SelfInspection: &f}, nil))(t)
	return slices.ContainsFunc(page.Rows, func(x *ent.School) bool { return x.ID == s.ID })
}

// TestCoverage follows one school from nothing to full coverage.
func TestCoverage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		read := func() *app.Coverage {
			return testkit.Must(e.App.Coverage(ctx, e.School.PublicID(), e.Campaign.PublicID(), nil))(t)
		}
		filters := func(claimed, proven, covered bool) {
			t.Helper()
			for f, want := range map[figures.SelfInspectionFilter]bool{
				figures.SchoolsClaimed: claimed, figures.SchoolsNotClaimed: !claimed, figures.SchoolsProven: proven, figures.SchoolsNotProven: !proven,
				figures.SchoolsCovered: covered, figures.SchoolsNotCovered: !covered, figures.SchoolsSubmitted: false, figures.SchoolsNotSubmitted: true,
			} {
				if got := schoolsBy(t, e, f, e.School); got != want {
					t.Errorf("among the schools %s: %v", f, got)
				}
			}
			testkit.NoDifference(t, e)
		}
		c := read()
		if c.Due <= 10 || c.Claimed != 0 || c.Proven != 0 || len(c.Gaps()) != c.Due || c.Ended {
			t.Fatalf("at first: %+v", c)
		}
		filters(false, false, false)
		photos := coveredBy(t, e, "officer1", e.School)
		if c = read(); c.Claimed != c.Due || c.Proven != 0 || c.Cells[0].State != rule.CellClaimed {
			t.Errorf("submitted: %+v", c)
		}
		filters(true, false, false)
		if mine := testkit.Must(e.App.RemainingForMe(ctx, e.Campaign.PublicID()))(t); len(mine) < 10 || !mine[0].Claimed || mine[0].Overdue {
			t.Errorf("%d remain for the officer", len(mine))
		}
		photos[1:].prove(t, e, "officer1", e.School)
		if c = read(); c.Proven != c.Due-1 || len(c.Gaps()) != 1 || c.Gaps()[0].State != rule.CellClaimed {
			t.Errorf("all photos but one: %+v", c)
		}
		filters(true, false, false)
		e.Clock.Advance(10 * 24 * time.Hour) // the phase is over
		if c = read(); !c.Ended || c.Gaps()[0].State != rule.CellNotCarriedOut || !c.Gaps()[0].Claimed {
			t.Errorf("after the phase: %+v", c.Gaps()[0])
		}
		photos[:1].prove(t, e, "officer1", e.School)
		if c = read(); c.Proven != c.Due || len(c.Gaps()) != 0 {
			t.Errorf("all photos: %+v", c)
		}
		filters(true, true, true)

		// A new grid is a new gap, and a closed one none.
		g := newGrid(t, e, "90", "DORMITORY", nil)
		if c = read(); len(c.Gaps()) != 2 {
			t.Errorf("a new dormitory leaves %d gaps", len(c.Gaps()))
		}
		filters(true, true, false)
		testkit.Must(e.App.CloseGrid(ctx, places.CloseGridInput{CommandID: id.New(id.Command), GridID: g.PublicID(), Reason: "停用"}))(t)
		filters(true, true, true)

		// A wrong count is found.
		if err := e.Store.Ent.CoverageCell.Update().Where(coveragecell.SchoolID(e.School.ID), coveragecell.ItemID(c.Cells[0].Cell.Item)).ClearProvenAt().Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if v := testkit.Must(e.App.VerifyFigures(e.System()))(t); len(v.Differences) != 1 {
			t.Errorf("differences: %q", v.Differences)
		}
	})
}

// TestCoverageAtOnce: two reports on the same cells, submitted and proven at the
// same time, add up.
func TestCoverageAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		one, two := coveredBy(t, e, "officer1", e.School), coveredBy(t, e, "principal1", e.School)
		slices.Concat(one[:4], two[2:6]).send(e.As("officer1"), t, e, e.School)
		e.WorkAtOnce(4)
		c := testkit.Must(e.App.Coverage(e.As("officer1"), e.School.PublicID(), e.Campaign.PublicID(), nil))(t)
		if c.Claimed != c.Due || c.Proven != 6 {
			t.Errorf("%d claimed, %d proven of %d", c.Claimed, c.Proven, c.Due)
		}
		testkit.NoDifference(t, e)
	})
}

// TestReportOfOneGrid is proven by the items that are due in the grid.
func TestReportOfOneGrid(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		g := newGrid(t, e, "90", "GATE", nil)
		r := testkit.Must(e.App.StartInspection(ctx, app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.SelfInspection, GridID: new(g.PublicID()),
		}))(t)
		if missing := testkit.Must(e.App.GapsOfReports(ctx, ids(r.ID)))(t)[r.ID]; len(missing) != 1 || missing[0].ItemID != e.Items()[11].ID {
			t.Errorf("a gate's report misses %+v", missing)
		}
		testkit.Must(e.App.RecordFindings(ctx, app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: r.PublicID(), Findings: []app.FindingInput{
			{ID: id.New(id.Finding), ItemID: e.Items()[11].PublicID(), Result: rule.NotApplicable},
		}}))(t)
		r = testkit.Must(e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}))(t)
		if r.ProvenAt == nil {
			t.Error("not proven")
		}
		cell := testkit.Must(e.Store.Ent.CoverageCell.Query().Only(e.System()))(t)
		if cell.GridID != g.ID || cell.ProvenAt == nil {
			t.Errorf("the cell is %+v", cell)
		}
		testkit.NoDifference(t, e)
	})
}

func TestSubmitSelfInspection(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		in := app.SubmitSelfInspectionInput{ID: id.New(id.Submission), SchoolID: e.School.PublicID(), CampaignID: e.Campaign.PublicID(), Note: new("已自查")}
		before := e.Rows()
		for _, account := range []string{"grid1", "section", "inspector1", "admin"} {
			_, err := e.App.SubmitSelfInspection(e.As(account), in)
			testkit.Refused(t, err, fault.Forbidden, "")
		}
		_, err := e.App.SubmitSelfInspection(e.As("officer2"), in)
		testkit.Refused(t, err, fault.NotFound, "input.schoolId")
		testkit.Unchanged(t, e, before)
		c := testkit.Must(e.App.SubmitSelfInspection(e.As("officer1"), in))(t)
		if s := c.Submission; s == nil || s.CellsDue != c.Due || s.CellsClaimed != 0 || s.CellsProven != 0 || c.SubmittedLate {
			t.Errorf("submitted: %+v", c.Submission)
		}
		testkit.Must(e.App.SubmitSelfInspection(e.As("officer1"), in))(t)
		in.ID = id.New(id.Submission)
		_, err = e.App.SubmitSelfInspection(e.As("principal1"), in)
		testkit.Refused(t, err, fault.Conflict, "")
		if !schoolsBy(t, e, figures.SchoolsSubmitted, e.School) || schoolsBy(t, e, figures.SchoolsSubmitted, e.Other) {
			t.Error("the list of schools that have submitted")
		}

		e.Clock.Advance(10 * 24 * time.Hour)
		in.SchoolID = e.Other.PublicID()
		if c = testkit.Must(e.App.SubmitSelfInspection(e.As("officer2"), in))(t); !c.SubmittedLate {
			t.Error("not late after the phase")
		}
		e.Clock.Advance(30 * 24 * time.Hour)
		in.ID = id.New(id.Submission)
		_, err = e.App.SubmitSelfInspection(e.As("officer2"), in)
		testkit.Refused(t, err, fault.InvalidTransition, "")
	})
}

// TestCoverageReaders: who sees, and what it costs.
func TestCoverageReaders(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for account, sees := range map[string]bool{"officer1": true, "grid1": true, "section": true, "inspector1": true, "officer2": false, "viewer1": false} {
			byID(t, account, sees, map[string]func() error{
				"coverage": func() error {
					_, err := e.App.Coverage(e.As(account), e.School.PublicID(), e.Campaign.PublicID(), nil)
					return err
				},
			})
		}
		mine := testkit.Must(e.App.RemainingForMe(e.As("grid1"), e.Campaign.PublicID()))(t)
		for _, x := range mine {
			if x.Cell.Grid == rule.WholeSchool || x.SchoolID != e.School.ID || x.State != rule.CellNotStarted {
				t.Errorf("for the grid member remains %+v", x)
			}
		}
		all := testkit.Must(e.App.Schools(e.As("section"), command.PageArgs{First: new(200)}, nil, nil))(t)
		cost := func(n int) int {
			ctx := store.WithCount(e.As("section"))
			var some []uuid.UUID
			for _, s := range all.Rows[:n] {
				some = append(some, s.ID)
			}
			if got := testkit.Must(e.App.CoverageOfSchools(ctx, e.Campaign.PublicID(), some, nil))(t); len(got) != n {
				t.Errorf("%d coverages of %d schools", len(got), n)
			}
			return store.Count(ctx)
		}
		if one, many := cost(1), cost(20); one != many || many > 7 {
			t.Errorf("one school costs %d statements, twenty %d", one, many)
		}
		ctx := store.WithCount(e.As("section"))
		testkit.Must(e.App.Schools(ctx, command.PageArgs{First: new(200)}, &places.SchoolFilter{CampaignID: new(e.Campaign.PublicID()), SelfInspection: new(figures.SchoolsNotCovered)}, nil))(t)
		if n := store.Count(ctx); n > 3 {
			t.Errorf("the list of schools with gaps costs %d statements", n)
		}
	})
}
