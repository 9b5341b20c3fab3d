package app_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func riskInput(e *testkit.Env) places.RecordRiskPointInput {
	return places.RecordRiskPointInput{
		ID: id.New(id.RiskPoint), GridID: e.Grid.PublicID(), Name: "楼梯拥挤", Level: rule.RiskOrange, Reason: "高峰时段人流密集",
		ResponsibleID: new(e.User("grid1").PublicID()),
		Controls:      []places.RiskControlInput{{ID: id.New(id.RiskControl), Kind: rule.ControlManagement, Text: "错峰下课"}},
	}
}

// TestRiskPoint is the life of a risk point: recorded, graded again, its controls
// changed, a hazard that names one which failed, closed.
func TestRiskPoint(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		in := riskInput(e)
		p := testkit.Must(e.App.RecordRiskPoint(ctx, in))(t)
		cmd := func() places.RiskCommand {
			return places.RiskCommand{CommandID: id.New(id.Command), RiskPointID: p.PublicID(), ExpectedVersion: new(p.Version)}
		}
		p = testkit.Must(e.App.AssessRiskPoint(ctx, places.AssessRiskPointInput{RiskCommand: cmd(), Level: rule.RiskRed, Reason: "扶手损坏"}))(t)
		history := testkit.Must(e.App.AssessmentsOfRiskPoints(ctx, ids(p.ID)))(t)
		if len(history) != 2 || history[0].Level != rule.RiskOrange || history[1].Level != rule.RiskRed || p.Level != rule.RiskRed {
			t.Errorf("gradings: %v, now %s", history, p.Level)
		}
		first := in.Controls[0].ID
		_, err := e.App.ChangeRiskControls(ctx, places.ChangeRiskControlsInput{RiskCommand: cmd(), EndIDs: []id.ID{first}})
		testkit.Refused(t, err, fault.BadUserInput, "input.endIds")
		stale := cmd()
		p = testkit.Must(e.App.ChangeRiskControls(ctx, places.ChangeRiskControlsInput{
			RiskCommand: cmd(), EndIDs: []id.ID{first}, Add: []places.RiskControlInput{{ID: id.New(id.RiskControl), Kind: rule.ControlEngineering, Text: "更换扶手"}},
		}))(t)
		_, err = e.App.AssessRiskPoint(ctx, places.AssessRiskPointInput{RiskCommand: stale, Level: rule.RiskBlue, Reason: "x"})
		testkit.Refused(t, err, fault.Conflict, "")
		controls := testkit.Must(e.App.ControlsOfRiskPoints(ctx, ids(p.ID)))(t)
		if len(controls) != 2 || controls[0].EndedAt == nil || controls[1].EndedAt != nil {
			t.Errorf("controls: %v", controls)
		}

		// The control that failed, ended or not; never one of another school.
		hazard := e.HazardInput()
		hazard.FailedControlID = &first
		if h := testkit.Must(e.App.ReportHazard(ctx, hazard))(t); *h.FailedControlID != first.UUID {
			t.Error("the hazard does not name the control")
		}
		other := e.HazardInput()
		other.SchoolID, other.GridID, other.Place, other.FailedControlID = e.Other.PublicID(), nil, new("校门口"), &first
		_, err = e.App.ReportHazard(e.As("officer2"), other)
		testkit.Refused(t, err, fault.NotFound, "input.failedControlId")
		_, err = e.App.ReportHazard(e.As("inspector1"), func() app.ReportHazardInput {
			x := e.HazardInput()
			x.FailedControlID = new(id.New(id.RiskControl))
			return x
		}())
		testkit.Refused(t, err, fault.NotFound, "input.failedControlId")

		if open := testkit.Must(e.App.RiskPointsOfGrids(ctx, ids(e.Grid.ID)))(t); len(open) != 1 {
			t.Errorf("%d open", len(open))
		}
		p = testkit.Must(e.App.CloseRiskPoint(ctx, places.CloseRiskPointInput{RiskCommand: cmd(), Reason: "已消除"}))(t)
		_, err = e.App.AssessRiskPoint(ctx, places.AssessRiskPointInput{RiskCommand: cmd(), Level: rule.RiskBlue, Reason: "x"})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		if open := testkit.Must(e.App.RiskPointsOfGrids(ctx, ids(e.Grid.ID)))(t); len(open) != 0 {
			t.Errorf("%d open after the closing", len(open))
		}
	})
}

func TestRiskRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		p := testkit.Must(e.App.RecordRiskPoint(e.As("officer1"), riskInput(e)))(t)
		before := e.Rows()
		recording := func(account string, change func(*places.RecordRiskPointInput)) error {
			in := riskInput(e)
			change(&in)
			_, err := e.App.RecordRiskPoint(e.As(account), in)
			return err
		}
		testkit.Refused(t, recording("officer1", func(in *places.RecordRiskPointInput) { in.Controls = nil }), fault.BadUserInput, "input.controls")
		testkit.Refused(t, recording("officer1", func(in *places.RecordRiskPointInput) { in.Name = " " }), fault.BadUserInput, "input.name")
		testkit.Refused(t, recording("officer1", func(in *places.RecordRiskPointInput) { in.ResponsibleID = new(e.User("officer2").PublicID()) }), fault.NotFound, "input.responsibleId")
		testkit.Refused(t, recording("officer2", func(*places.RecordRiskPointInput) {}), fault.NotFound, "input.gridId")
		for _, account := range []string{"grid1", "section", "inspector1", "leader1", "admin"} {
			testkit.Refused(t, recording(account, func(*places.RecordRiskPointInput) {}), fault.Forbidden, "")
			_, err := e.App.CloseRiskPoint(e.As(account), places.CloseRiskPointInput{RiskCommand: places.RiskCommand{CommandID: id.New(id.Command), RiskPointID: p.PublicID()}, Reason: "x"})
			testkit.Refused(t, err, fault.Forbidden, "")
		}
		for _, account := range []string{"officer2", "viewer1"} {
			_, err := e.App.CloseRiskPoint(e.As(account), places.CloseRiskPointInput{RiskCommand: places.RiskCommand{CommandID: id.New(id.Command), RiskPointID: p.PublicID()}, Reason: "x"})
			testkit.Refused(t, err, fault.NotFound, "input.riskPointId")
		}
		testkit.Unchanged(t, e, before)
		for name, c := range map[string]struct {
			account string
			filter  places.RiskPointFilter
			want    int
		}{
			"school":         {"section", places.RiskPointFilter{SchoolID: new(e.School.PublicID())}, 1},
			"township":       {"section", places.RiskPointFilter{RegionID: new(id.Of(id.Region, e.School.RegionID))}, 1},
			"other township": {"section", places.RiskPointFilter{RegionID: new(id.Of(id.Region, e.Other.RegionID))}, 0},
			"colour":         {"section", places.RiskPointFilter{Level: []rule.RiskLevel{rule.RiskRed}}, 0},
			"grid and open":  {"grid1", places.RiskPointFilter{GridID: new(e.Grid.PublicID()), Closed: new(false)}, 1},
			"out of sight":   {"officer2", places.RiskPointFilter{}, 0},
		} {
			if page := testkit.Must(e.App.RiskPoints(e.As(c.account), command.PageArgs{First: new(10)}, &c.filter))(t); len(page.Rows) != c.want {
				t.Errorf("%s: %d, want %d", name, len(page.Rows), c.want)
			}
		}
	})
}

func groupInput(e *testkit.Env, school *ent.School, head string, members ...string) places.FormLeadingGroupInput {
	in := places.FormLeadingGroupInput{ID: id.New(id.LeadingGroup), CampaignID: e.Campaign.PublicID(), HeadID: e.User(head).PublicID(), FormedOn: e.Today()}
	if school != nil {
		in.SchoolID = new(school.PublicID())
	} else {
		in.RegionID = new(id.Of(id.Region, e.Campaign.RegionID))
	}
	for _, m := range members {
		in.MemberIDs = append(in.MemberIDs, e.User(m).PublicID())
	}
	return in
}

func TestLeadingGroups(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		incomplete := func(wantBureau bool, wantSchools int) {
			t.Helper()
			bureau, schools, err := e.App.LeadingGroupsMissing(e.As("section"), e.Campaign, e.Campaign.RegionPath)
			sum := 0
			for _, n := range schools {
				sum += n
			}
			page := testkit.Must(e.App.Schools(e.As("section"), command.PageArgs{First: new(200)}, &places.SchoolFilter{WithoutLeadingGroup: new(e.Campaign.PublicID())}, nil))(t)
			if err != nil || bureau != wantBureau || sum != wantSchools || len(page.Rows) != wantSchools {
				t.Errorf("missing: bureau %v, %d schools, %d in the list, %v", bureau, sum, len(page.Rows), err)
			}
		}
		incomplete(true, testkit.CountySize)
		in := groupInput(e, e.School, "principal1", "officer1", "grid1")
		g := testkit.Must(e.App.FormLeadingGroup(e.As("officer1"), in))(t)
		testkit.Must(e.App.FormLeadingGroup(e.As("officer1"), in))(t)
		testkit.Must(e.App.FormLeadingGroup(e.As("section"), groupInput(e, nil, "leader1", "section")))(t)
		incomplete(false, testkit.CountySize-1)
		var people []uuid.UUID
		for _, m := range testkit.Must(e.App.MembersOfLeadingGroups(e.As("grid1"), ids(g.ID)))(t) {
			people = append(people, m.UserID)
		}
		if !slices.Equal(people, ids(e.User("principal1").ID, e.User("officer1").ID, e.User("grid1").ID)) {
			t.Errorf("people: %v", people)
		}
		_, err := e.App.FormLeadingGroup(e.As("principal1"), groupInput(e, e.School, "principal1"))
		testkit.Refused(t, err, fault.Conflict, "")
		end := places.DissolveLeadingGroupInput{CommandID: id.New(id.Command), LeadingGroupID: g.PublicID(), Reason: "人员调整"}
		_, err = e.App.DissolveLeadingGroup(e.As("section"), end) // the school's own affair
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.DissolveLeadingGroup(e.As("officer2"), end)
		testkit.Refused(t, err, fault.NotFound, "input.leadingGroupId")
		testkit.Must(e.App.DissolveLeadingGroup(e.As("principal1"), end))(t)
		end.CommandID = id.New(id.Command)
		_, err = e.App.DissolveLeadingGroup(e.As("principal1"), end)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		incomplete(false, testkit.CountySize)
		testkit.Must(e.App.FormLeadingGroup(e.As("principal1"), groupInput(e, e.School, "principal1")))(t)
		incomplete(false, testkit.CountySize-1)
	})
}

func TestLeadingGroupRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		before := e.Rows()
		for _, c := range []struct {
			name, account string
			in            places.FormLeadingGroupInput
			kind          fault.Kind
			field         string
		}{
			{"a school's by the section", "section", groupInput(e, e.School, "principal1"), fault.Forbidden, ""},
			{"a school's by a grid member", "grid1", groupInput(e, e.School, "principal1"), fault.Forbidden, ""},
			{"another school's", "officer2", groupInput(e, e.School, "principal1"), fault.NotFound, "input.schoolId"},
			{"the bureau's by a school", "principal1", groupInput(e, nil, "leader1"), fault.Forbidden, ""},
			{"the bureau's by an inspector", "inspector1", groupInput(e, nil, "leader1"), fault.Forbidden, ""},
			{"a head of another school", "officer1", groupInput(e, e.School, "officer2"), fault.NotFound, "input.headId"},
			{"a member of the bureau", "officer1", groupInput(e, e.School, "principal1", "section"), fault.NotFound, "input.memberIds[0]"},
			{"a member of a school", "section", groupInput(e, nil, "leader1", "section", "principal1"), fault.NotFound, "input.memberIds[1]"},
			{"somebody twice", "officer1", groupInput(e, e.School, "principal1", "principal1"), fault.BadUserInput, "input.memberIds[0]"},
			{"formed tomorrow", "officer1", func() places.FormLeadingGroupInput {
				in := groupInput(e, e.School, "principal1")
				in.FormedOn = e.Today().AddDays(1)
				return in
			}(), fault.BadUserInput, "input.formedOn"},
			{"nowhere", "officer1", func() places.FormLeadingGroupInput {
				in := groupInput(e, e.School, "principal1")
				in.SchoolID = nil
				return in
			}(), fault.BadUserInput, "input.schoolId"},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := e.App.FormLeadingGroup(e.As(c.account), c.in)
				testkit.Refused(t, err, c.kind, c.field)
			})
		}
		testkit.Unchanged(t, e, before)
	})
}
