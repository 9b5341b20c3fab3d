package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// newGrid makes one grid of the Env's school, without anybody.
func newGrid(t *testing.T, e *testkit.Env, code, kind string, parent *id.ID) *ent.Grid {
	t.Helper()
	in := places.CreateGridsInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), Grids: []places.NewGridInput{
		{ID: id.New(id.Grid), Code: code, Name: "新网格" + code, Kind: kind, ParentID: parent},
	}}
	return testkit.Must(e.App.CreateGrids(e.As("officer1"), in))(t)[0]
}

func assigning(e *testkit.Env, g *ent.Grid, account string, role rule.AssignmentRole, from clock.Date) places.AssignGridInput {
	return places.AssignGridInput{ID: id.New(id.GridAssignment), GridID: g.PublicID(), UserID: e.User(account).PublicID(), Role: role, ValidFrom: from}
}

// whoAnswers writes who answers for a grid on a day: leader, members, deputies in
// brackets; above a bar what is true of the nearest grid above.
func whoAnswers(t *testing.T, e *testkit.Env, g *ent.Grid, on clock.Date) string {
	t.Helper()
	name := func(x *ent.GridAssignment) string {
		return testkit.Must(e.Store.Ent.User.Get(e.System(), x.UserID))(t).Account
	}
	write := func(r *places.GridResponsibility) string {
		var out []string
		if r.Leader != nil {
			out = append(out, name(r.Leader))
		}
		for _, m := range r.Members {
			out = append(out, name(m))
		}
		for _, d := range r.Deputies {
			out = append(out, "("+name(d)+")")
		}
		if r.NearestAbove != nil {
			out = append(out, "| "+r.NearestAbove.Grid.Code)
		}
		return strings.Join(out, " ")
	}
	return write(testkit.Must(e.App.ResponsibleFor(e.As("grid1"), g.PublicID(), on))(t))
}

func TestResponsibility(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, today := e.As("officer1"), e.Today()
		whole := testkit.Must(e.App.GridsOfSchools(ctx, ids(e.School.ID)))(t)[0] // 00
		g := newGrid(t, e, "90", "LABORATORY", new(whole.PublicID()))
		part := newGrid(t, e, "90-1", "HAZARDOUS_CHEMICALS", new(g.PublicID()))
		says := func(x *ent.Grid, days int, want string) {
			t.Helper()
			if got := whoAnswers(t, e, x, today.AddDays(days)); got != want {
				t.Errorf("%s, day %+d: %q, want %q", x.Code, days, got, want)
			}
		}
		says(part, 0, "| 00") // nobody here nor in 90
		says(part, -9000, "") // nor anywhere, so long ago

		lead := testkit.Must(e.App.AssignGrid(ctx, assigning(e, g, "officer1", rule.GridLeader, today.AddDays(-10))))(t)
		says(part, 0, "| 90")
		says(g, 0, "officer1")
		says(g, -11, "| 00")
		says(g, 3000, "officer1")
		in := assigning(e, g, "grid1", rule.GridDeputy, today.AddDays(2))
		in.StandsInForID = new(lead.PublicID())
		_, err := e.App.AssignGrid(ctx, in)
		testkit.Refused(t, err, fault.BadUserInput, "input.validUntil")
		in.ValidUntil = new(today.AddDays(4))
		deputy := testkit.Must(e.App.AssignGrid(ctx, in))(t)
		says(g, 1, "officer1")
		says(g, 2, "officer1 (grid1)")
		says(g, 5, "officer1")

		// Handed over on day 3, in one step; the deputy ends with the one stood in for.
		end := places.EndGridAssignmentInput{
			CommandID: id.New(id.Command), AssignmentID: lead.PublicID(), LastDay: today.AddDays(3), Reason: "工作调整",
			Successor: &places.GridSuccessorInput{ID: id.New(id.GridAssignment), UserID: e.User("principal1").PublicID()},
		}
		lead = testkit.Must(e.App.EndGridAssignment(ctx, end))(t)
		again := testkit.Must(e.App.EndGridAssignment(ctx, end))(t)
		if lead.SuccessorID == nil || *lead.SuccessorID != end.Successor.ID.UUID || lead.EndReason != "工作调整" || *lead.EndedByID != e.User("officer1").ID || again.ID != lead.ID {
			t.Errorf("ended: %+v", lead)
		}
		says(g, 3, "officer1 (grid1)")
		says(g, 4, "principal1")
		deputy = testkit.Must(e.Store.Ent.GridAssignment.Get(e.System(), deputy.ID))(t)
		if *deputy.ValidUntil != today.AddDays(3) {
			t.Errorf("the deputy lasts until %s", *deputy.ValidUntil)
		}

		// What was ended stays so, and a second leader is refused.
		end.CommandID = id.New(id.Command)
		_, err = e.App.EndGridAssignment(ctx, end)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.AssignGrid(ctx, assigning(e, g, "officer1", rule.GridLeader, today.AddDays(10)))
		testkit.Refused(t, err, fault.Conflict, "")
		if got := fault.Of(err).Detail["assignmentId"]; got != end.Successor.ID.String() {
			t.Errorf("in the way is %v", got)
		}
	})
}

// TestWhoHasLeftAnswersForNothing: an assignment does not outlive the membership.
func TestWhoHasLeftAnswersForNothing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		today := e.Today()
		g := newGrid(t, e, "90", "NETWORK", nil)
		unassigned := func(want bool) {
			t.Helper()
			for filter, has := range map[bool]bool{true: want, false: !want} {
				page := testkit.Must(e.App.Grids(e.As("section"), command.PageArgs{First: new(200)}, &places.GridFilter{SchoolID: new(e.School.PublicID()), Unassigned: new(filter)}))(t)
				if slices.ContainsFunc(page.Rows, func(x *ent.Grid) bool { return x.ID == g.ID }) != has {
					t.Errorf("unassigned %v: in the list is %v", filter, !has)
				}
			}
		}
		unassigned(true)
		testkit.Must(e.App.AssignGrid(e.As("officer1"), assigning(e, g, "grid1", rule.GridMember, today)))(t)
		unassigned(false)
		if n, err := e.Store.Ent.Membership.Update().Where(membership.UserID(e.User("grid1").ID)).SetValidUntil(today.AddDays(-1)).Save(e.System()); err != nil || n != 1 {
			t.Fatalf("%d, %v", n, err)
		}
		unassigned(true)
		if r := testkit.Must(e.App.ResponsibleFor(e.As("officer1"), g.PublicID(), today))(t); !r.Nobody() {
			t.Error("somebody who has left answers for the grid")
		}
		if n := lengthOf(e.App.AssignmentsOfGrids(e.As("officer1"), ids(g.ID))); n != 1 {
			t.Errorf("%d assignments by their dates", n)
		}
		// Who has left cannot be assigned either.
		other := newGrid(t, e, "91", "NETWORK", nil)
		_, err := e.App.AssignGrid(e.As("officer1"), assigning(e, other, "grid1", rule.GridMember, today))
		testkit.Refused(t, err, fault.BadUserInput, "input.userId")
	})
}

func lengthOf[T any](all []T, err error) int {
	if err != nil {
		return -1
	}
	return len(all)
}

func TestCloseGrid(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, today := e.As("officer1"), e.Today()
		g := newGrid(t, e, "90", "LABORATORY", nil)
		part := newGrid(t, e, "91", "OTHER", new(g.PublicID()))
		running := testkit.Must(e.App.AssignGrid(ctx, assigning(e, g, "officer1", rule.GridLeader, today.AddDays(-3))))(t)
		future := testkit.Must(e.App.AssignGrid(ctx, assigning(e, g, "grid1", rule.GridMember, today.AddDays(3))))(t)
		closing := func(x *ent.Grid) places.CloseGridInput {
			return places.CloseGridInput{CommandID: id.New(id.Command), GridID: x.PublicID(), Reason: "拆除"}
		}
		_, err := e.App.CloseGrid(ctx, closing(g))
		testkit.Refused(t, err, fault.InvalidTransition, "")
		testkit.Must(e.App.CloseGrid(ctx, closing(part)))(t)
		closed := testkit.Must(e.App.CloseGrid(ctx, closing(g)))(t)
		if closed.ClosedAt == nil || closed.ClosedReason != closing(g).Reason || closed.ClosedReason == "" {
			t.Error("not closed")
		}
		for _, x := range []*ent.GridAssignment{running, future} {
			x = testkit.Must(e.Store.Ent.GridAssignment.Get(e.System(), x.ID))(t)
			if *x.ValidUntil > today.AddDays(2) || x.EndReason != "拆除" || x.ValidFrom > today && *x.ValidUntil >= x.ValidFrom {
				t.Errorf("after the closing: %s until %s, %q", x.ValidFrom, *x.ValidUntil, x.EndReason)
			}
		}
		_, err = e.App.AssignGrid(ctx, assigning(e, g, "officer1", rule.GridMember, today))
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.CloseGrid(ctx, closing(g))
		testkit.Refused(t, err, fault.InvalidTransition, "")
		if got := whoAnswers(t, e, g, today.AddDays(1)); got != "" {
			t.Errorf("a closed grid has %q", got)
		}
		_, err = e.App.CreateGrids(ctx, places.CreateGridsInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), Grids: []places.NewGridInput{
			{ID: id.New(id.Grid), Code: "92", Name: "x", Kind: "OTHER", ParentID: new(g.PublicID())},
		}})
		testkit.Refused(t, err, fault.BadUserInput, "input.grids[0].parentId")
	})
}

// TestGridsByTemplate: a new school gets the grids of its kind in one command,
// once.
func TestGridsByTemplate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		in := places.CreateGridsInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), Template: &places.GridTemplateInput{Canteen: new(true)}}
		_, err := e.App.CreateGrids(e.As("officer1"), in)
		testkit.Refused(t, err, fault.Conflict, "") // it is divided already
		fresh := testkit.Must(e.Store.Ent.School.Create().SetCode("9900000001").SetName("新建小学").SetRegionID(e.School.RegionID).
			SetRegionPath(e.School.RegionPath).SetStages([]rule.SchoolStage{rule.Primary}).SetOwnership(rule.Public).SetBoarding(true).SetStudentCount(400).Save(e.System()))(t)
		if err := e.Store.Ent.Membership.Create().SetUserID(e.User("officer1").ID).SetSchoolID(fresh.ID).SetRole("SCHOOL_LEADER").
			SetRegionPath(fresh.RegionPath).SetValidFrom("2020-01-01").Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		in.CommandID, in.SchoolID = id.New(id.Command), fresh.PublicID()
		rows := testkit.Must(e.App.CreateGrids(e.As("officer1"), in))(t)
		again := testkit.Must(e.App.CreateGrids(e.As("officer1"), in))(t)
		var kinds []string
		for i, g := range rows {
			kinds = append(kinds, g.Kind)
			if g.ID != again[i].ID || (g.ParentID == nil) != (i == 0) {
				t.Errorf("grid %s: %v", g.Code, g)
			}
		}
		if got := strings.Join(kinds, " "); got != "OTHER BUILDING GATE PLAYGROUND PERIMETER CANTEEN DORMITORY BOILER_UTILITIES" || len(again) != len(rows) {
			t.Errorf("kinds %s, %d again", got, len(again))
		}
	})
}

func TestGridRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		foreign := testkit.Must(e.App.GridsOfSchools(e.As("officer2"), ids(e.Other.ID)))(t)[0]
		before := e.Rows()
		creating := func(account string, change func(*places.CreateGridsInput)) error {
			in := places.CreateGridsInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), Grids: []places.NewGridInput{
				{ID: id.New(id.Grid), Code: "90", Name: "a", Kind: "OTHER"}, {ID: id.New(id.Grid), Code: "91", Name: "b", Kind: "OTHER"},
			}}
			change(&in)
			_, err := e.App.CreateGrids(e.As(account), in)
			return err
		}
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.Grids[1].Kind = "CASTLE" }), fault.BadUserInput, "input.grids[1].kind")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.Grids[1].Code = "90" }), fault.BadUserInput, "input.grids[1].code")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.Grids[1].Code = "00" }), fault.Conflict, "")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) {
			in.Grids[0].ParentID, in.Grids[1].ParentID = &in.Grids[1].ID, &in.Grids[0].ID
		}), fault.BadUserInput, "input.grids[0].parentId")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.Grids[1].ParentID = new(foreign.PublicID()) }), fault.BadUserInput, "input.grids[1].parentId")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.Grids = nil }), fault.BadUserInput, "input.grids")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.Template = &places.GridTemplateInput{} }), fault.BadUserInput, "input.grids")
		testkit.Refused(t, creating("officer1", func(in *places.CreateGridsInput) { in.SchoolID = e.Other.PublicID() }), fault.NotFound, "input.schoolId")
		assign := func(account string, change func(*places.AssignGridInput)) error {
			in := assigning(e, e.Grid, "principal1", rule.GridMember, e.Today())
			change(&in)
			_, err := e.App.AssignGrid(e.As(account), in)
			return err
		}
		testkit.Refused(t, assign("officer1", func(in *places.AssignGridInput) { in.UserID = e.User("officer2").PublicID() }), fault.NotFound, "input.userId")
		testkit.Refused(t, assign("officer1", func(in *places.AssignGridInput) { in.GridID = foreign.PublicID() }), fault.NotFound, "input.gridId")
		testkit.Refused(t, assign("officer1", func(in *places.AssignGridInput) { in.ValidUntil = new(in.ValidFrom.AddDays(-1)) }), fault.BadUserInput, "input.validUntil")
		testkit.Refused(t, assign("officer1", func(in *places.AssignGridInput) { in.ValidFrom = "tomorrow" }), fault.BadUserInput, "input.validFrom")
		testkit.Refused(t, assign("officer1", func(in *places.AssignGridInput) { in.ValidFrom = "2020-01-01" }), fault.BadUserInput, "input.userId")
		mine := testkit.Must(e.App.AssignmentsOfGrids(e.As("grid1"), ids(e.Grid.ID)))(t)[0]
		for _, account := range []string{"grid1", "section", "inspector1", "leader1", "admin"} {
			testkit.Refused(t, creating(account, func(*places.CreateGridsInput) {}), fault.Forbidden, "")
			testkit.Refused(t, assign(account, func(*places.AssignGridInput) {}), fault.Forbidden, "")
			_, err := e.App.CloseGrid(e.As(account), places.CloseGridInput{CommandID: id.New(id.Command), GridID: e.Grid.PublicID(), Reason: "x"})
			testkit.Refused(t, err, fault.Forbidden, "")
			_, err = e.App.EndGridAssignment(e.As(account), places.EndGridAssignmentInput{CommandID: id.New(id.Command), AssignmentID: mine.PublicID(), LastDay: e.Today(), Reason: "x"})
			testkit.Refused(t, err, fault.Forbidden, "")
		}
		for _, account := range []string{"officer2", "viewer1"} {
			_, err := e.App.EndGridAssignment(e.As(account), places.EndGridAssignmentInput{CommandID: id.New(id.Command), AssignmentID: mine.PublicID(), LastDay: e.Today(), Reason: "x"})
			testkit.Refused(t, err, fault.NotFound, "input.assignmentId")
			_, err = e.App.ResponsibleFor(e.As(account), e.Grid.PublicID(), e.Today())
			testkit.Refused(t, err, fault.NotFound, "gridId")
		}
		testkit.Unchanged(t, e, before)
	})
}

// TestLeadersAtOnce: of two leaders who are appointed at the same time one is.
func TestLeadersAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		g := newGrid(t, e, "90", "OTHER", nil)
		people := []string{"officer1", "principal1", "grid1"}
		won := 0
		for _, err := range testkit.AtOnce(3, func(i int) error {
			_, err := e.App.AssignGrid(e.As("officer1"), assigning(e, g, people[i], rule.GridLeader, e.Today()))
			return err
		}) {
			if err == nil {
				won++
			} else {
				testkit.Refused(t, err, fault.Conflict, "")
			}
		}
		if n := testkit.Must(e.Store.Ent.GridAssignment.Query().Where(gridassignment.GridID(g.ID)).Count(e.System()))(t); won != 1 || n != 1 {
			t.Errorf("%d won, %d are kept", won, n)
		}
	})
}

// TestGridList walks the list forward and counts its statements.
func TestGridList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		all := testkit.Must(e.Store.Ent.Grid.Query().All(e.System()))(t)
		seen := map[uuid.UUID]bool{}
		for p := (command.PageArgs{First: new(40)}); ; {
			page := testkit.Must(e.App.Grids(e.As("section"), p, nil))(t)
			for _, g := range page.Rows {
				if seen[g.ID] {
					t.Errorf("%s is there twice", g.ID)
				}
				seen[g.ID] = true
			}
			if !page.HasNext {
				break
			}
			p.After = &page.Cursors[len(page.Cursors)-1]
		}
		if len(seen) != len(all) {
			t.Errorf("%d grids, want %d", len(seen), len(all))
		}
		township := testkit.Must(e.App.Grids(e.As("section"), command.PageArgs{Last: new(200)}, &places.GridFilter{RegionID: new(id.Of(id.Region, e.School.RegionID)), Kind: new("GATE")}))(t)
		if len(township.Rows) == 0 || len(township.Rows) == len(all) {
			t.Errorf("%d gates in the township", len(township.Rows))
		}
		ctx := store.WithCount(e.As("section"))
		testkit.Must(e.App.Grids(ctx, command.PageArgs{First: new(200)}, &places.GridFilter{Unassigned: new(false)}))(t)
		if n := store.Count(ctx); n != 1 {
			t.Errorf("a page costs %d statements", n)
		}
		ctx = store.WithCount(e.As("grid1"))
		testkit.Must(e.App.ResponsibleFor(ctx, e.Grid.PublicID(), e.Today()))(t)
		if n := store.Count(ctx); n > 4 {
			t.Errorf("responsibleFor costs %d statements", n)
		}
		if got := fmt.Sprint(rows(e.App.Grids(e.As("viewer1"), command.PageArgs{First: new(50)}, nil))); got != "0 <nil>" {
			t.Errorf("a viewer of figures sees %s", got)
		}
	})
}
