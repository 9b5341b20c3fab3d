package app_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/gradingrule"
	"github.com/cleargrid/cleargrid/ent/hazardevent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// signed reports a hazard with signs; the reporter finds it GENERAL.
func signed(t *testing.T, e *testkit.Env, signs ...string) *ent.Hazard {
	t.Helper()
	in := e.HazardInput()
	in.Signs, in.Grade = signs, new(rule.General)
	return testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
}

// addRules stores a set of rules of a region with one rule for a sign that no
// shipped rule knows.
func addRules(t *testing.T, e *testkit.Env, code, path string, layer rule.GradingLayer, from clock.Date, until *clock.Date) {
	t.Helper()
	set := testkit.Must(e.Store.Ent.GradingRuleSet.Create().SetCode(code).SetVersion(1).SetLayer(layer).SetRegionPath(path).SetTitle(code).
		SetSource("文号").SetEffectiveOn(from).SetNillableRetiredOn(until).Save(e.System()))(t)
	testkit.Must(e.Store.Ent.GradingRule.Create().SetRuleSetID(set.ID).SetNumber(1).SetText(code).
		SetCondition(rule.GradingCondition{Signs: []string{"CRACK"}}).Save(e.System()))(t)
}

func TestGradingRulesMakeAHazardMajor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		testkit.Must(e.Store.Ent.CodedValue.Create().SetSet(app.HazardSigns).SetCode("CRACK").SetLabel("裂缝").SetLabelEn("Crack").SetPosition(99).Save(e.System()))(t)
		yesterday, tomorrow := e.Today().AddDays(-1), e.Today().AddDays(1)

		// The nation's rule hits against the reporter's word, and is shown with its source.
		h := signed(t, e, "HYDRANT_WITHOUT_WATER", "HYDRANT_WITHOUT_WATER")
		if h.Grade != rule.Major || h.GradingRuleID == nil || !slices.Equal(h.Signs, []string{"HYDRANT_WITHOUT_WATER"}) {
			t.Fatalf("a hydrant without water is %s by %v, signs %q", h.Grade, h.GradingRuleID, h.Signs)
		}
		r := testkit.Must(e.Store.Ent.GradingRule.Query().Where(gradingrule.ID(*h.GradingRuleID)).WithRuleSet().Only(e.As("officer1")))(t)
		if r.Number != 5 || r.Edges.RuleSet.Code != "school-fire-safety" {
			t.Errorf("by rule %d of %s", r.Number, r.Edges.RuleSet.Code)
		}
		event := testkit.Must(e.Store.Ent.HazardEvent.Query().Where(hazardevent.HazardID(h.ID)).Only(e.System()))(t)
		if event.Payload["grade"] != "MAJOR" || len(event.Payload["gradingRuleIds"].([]any)) != 1 {
			t.Errorf("the history says %v", event.Payload)
		}

		// Nothing else does: no sign, a set of another county, one not yet in force, one that is over.
		addRules(t, e, "elsewhere", rule.RegionPath("", "880000"), rule.GradingProvince, yesterday, nil)
		addRules(t, e, "future", "", rule.GradingNational, tomorrow, nil)
		addRules(t, e, "retired", e.Campaign.RegionPath, rule.GradingCounty, yesterday.AddDays(-9), &yesterday)
		for _, signs := range [][]string{nil, {"CRACK"}} {
			if h := signed(t, e, signs...); h.Grade != rule.General || h.GradingRuleID != nil {
				t.Errorf("with %q it is %s", signs, h.Grade)
			}
		}
		lists := testkit.Must(e.App.GradingRules(e.As("officer1"), nil, new(e.School.PublicID())))(t)
		if len(lists) != 1 || lists[0].Code != "school-fire-safety" {
			t.Errorf("in force: %v", lists)
		}

		// The county's own set adds to the nation's; figures know of the grade.
		addRules(t, e, "county", e.Campaign.RegionPath, rule.GradingCounty, yesterday, &tomorrow)
		both := signed(t, e, "CRACK", "HYDRANT_WITHOUT_WATER")
		if both.Grade != rule.Major || *both.GradingRuleID != r.ID {
			t.Errorf("the nation's rule comes first: %v", both.GradingRuleID)
		}
		if h := signed(t, e, "CRACK"); h.Grade != rule.Major {
			t.Error("the county's rule does not hit")
		}
		for _, args := range [][2]*id.ID{{nil, new(e.School.PublicID())}, {new(id.Of(id.Region, e.School.RegionID)), nil}} {
			if sets := testkit.Must(e.App.GradingRules(e.As("section"), args[0], args[1]))(t); len(sets) != 2 || sets[1].Code != "county" {
				t.Errorf("in force for %v: %v", args, sets)
			}
		}
		testkit.NoDifference(t, e)
	})
}

func TestAHazardHasTheSignsOfItsFinding(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		report := startInspection(t, e, "officer1", e.School)
		all, _ := findings(e, report)
		record := func(result rule.FindingResult, signs ...string) error {
			all.CommandID, all.Findings = id.New(id.Command), all.Findings[:1]
			all.Findings[0].Result, all.Findings[0].Signs = result, signs
			_, err := e.App.RecordFindings(e.As("officer1"), all)
			return err
		}
		testkit.Refused(t, record(rule.Compliant, "EBIKE_INDOORS"), fault.BadUserInput, "input.findings[0].signs")
		testkit.Refused(t, record(rule.NonCompliant, "EBIKE_INDOORS", "GHOST"), fault.BadUserInput, "input.findings[0].signs[1]")
		if err := record(rule.NonCompliant, "EBIKE_INDOORS"); err != nil {
			t.Fatal(err)
		}
		in := e.HazardInput()
		in.FindingID, in.Signs = &all.Findings[0].ID, []string{"EXITS_TOO_FEW"}
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
		if !slices.Equal(h.Signs, []string{"EBIKE_INDOORS", "EXITS_TOO_FEW"}) || h.Grade != rule.Major {
			t.Errorf("signs %q, %s", h.Signs, h.Grade)
		}
		for _, bad := range [][]string{{"GHOST"}, {"EXITS_TOO_FEW", ""}, {"a\x00b"}, slices.Repeat([]string{"EXITS_TOO_FEW"}, 21)} {
			in := e.HazardInput()
			in.Signs = bad
			_, err := e.App.ReportHazard(e.As("officer1"), in)
			testkit.Refused(t, err, fault.BadUserInput, "")
		}
	})
}

// TestADowngradeLeavesTheRule: who lowers a grade does not hide why it was high.
func TestADowngradeLeavesTheRule(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := signed(t, e, "WIRES_PULLED")
		testkit.Must(e.App.GradeHazard(e.As("officer1"), app.GradeHazardInput{HazardCommand: testkit.Command(h), Grade: rule.General, Reason: new("已断电")}))(t)
		after := testkit.Must(e.App.DecideDowngrade(e.As("section"), app.DecideDowngradeInput{HazardCommand: testkit.Command(h), Approve: true}))(t)
		if after.Grade != rule.General || after.GradingRuleID == nil || *after.GradingRuleID != *h.GradingRuleID {
			t.Errorf("it is %s by %v", after.Grade, after.GradingRuleID)
		}
	})
}

func TestNeedsOversight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		in := e.HazardInput()
		in.DiscoveredAt = e.Clock.Now().Add(-72 * time.Hour) // a phone was offline for three days
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
		if h.OversightDueBy == nil || !h.OversightDueBy.Equal(e.Clock.Now().Add(24*time.Hour)) {
			t.Fatalf("reported %s, to be placed under oversight by %v", h.ReportedAt, h.OversightDueBy)
		}
		underOversight := e.UnderOversight()
		gap := func(label string, want int) {
			t.Helper()
			list := testkit.Must(e.App.Hazards(e.As("section"), command.PageArgs{First: new(10)}, &app.HazardFilter{NeedsOversight: new(true)}, nil))(t)
			rest := testkit.Must(e.App.Hazards(e.As("section"), command.PageArgs{First: new(10)}, &app.HazardFilter{NeedsOversight: new(false)}, nil))(t)
			if len(list.Rows) != want || len(rest.Rows) != 2-want || e.App.NeedsOversight(h) != (want == 1) || e.App.NeedsOversight(underOversight) {
				t.Errorf("%s: %d in the gap, %d not", label, len(list.Rows), len(rest.Rows))
			}
			for account, sees := range map[string]bool{"section": true, "viewer1": true, "officer1": true, "officer2": false} {
				got := testkit.Must(e.App.CountGap(e.As(account), e.Campaign, e.Campaign.RegionPath))(t)
				if n := got[e.School.RegionPath]; n != want && sees || n != 0 && !sees {
					t.Errorf("%s: %s counts %v", label, account, got)
				}
			}
		}
		e.Clock.Advance(24*time.Hour - 1000)
		gap("at its last moment", 0)
		e.Clock.Advance(1000)
		gap("when it is over", 1)
		h = testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(h)))(t)
		gap("once it is under oversight", 0)
	})
}

// TestSignsLearntLater: a sign that is added is graded as at the report.
func TestSignsLearntLater(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		add := func(account string, h *ent.Hazard, signs ...string) (*ent.Hazard, error) {
			return e.App.AddHazardSigns(e.As(account), app.AddHazardSignsInput{HazardCommand: testkit.Command(h), Signs: signs})
		}
		atOnce, h := signed(t, e, "HYDRANT_WITHOUT_WATER"), e.Reported()
		before := e.Rows()
		for _, bad := range [][]string{nil, {"GHOST"}, {""}} {
			_, err := add("officer1", h, bad...)
			testkit.Refused(t, err, fault.BadUserInput, "")
		}
		testkit.Unchanged(t, e, before)

		later := testkit.Must(add("officer1", h, "HYDRANT_WITHOUT_WATER"))(t)
		if later.Grade != rule.Major || later.GradingRuleID == nil || *later.GradingRuleID != *atOnce.GradingRuleID || !slices.Equal(later.Signs, atOnce.Signs) {
			t.Errorf("it is %s by %v with %q", later.Grade, later.GradingRuleID, later.Signs)
		}
		history(t, e, h, rule.EventReported, rule.EventSignsAdded)
		_, err := add("officer1", h, "HYDRANT_WITHOUT_WATER")
		testkit.Refused(t, err, fault.BadUserInput, "input.signs")
		if f := testkit.Must(e.App.Dashboard(e.As("section"), figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t).Total; f.MajorOpen != 2 {
			t.Errorf("%d major hazards are open", f.MajorOpen)
		}

		// What was lowered stays lowered while no other rule hits.
		testkit.Must(e.App.GradeHazard(e.As("officer1"), app.GradeHazardInput{HazardCommand: testkit.Command(h), Grade: rule.General, Reason: new("水已接通")}))(t)
		testkit.Must(e.App.DecideDowngrade(e.As("section"), app.DecideDowngradeInput{HazardCommand: testkit.Command(h), Approve: true}))(t)
		if again := testkit.Must(add("section", h, "FIRE_ALARM_OUT_OF_ORDER"))(t); again.Grade != rule.General || len(again.Signs) != 2 {
			t.Errorf("a sign of the same rule makes it %s", again.Grade)
		}
		if again := testkit.Must(add("section", h, "WIRES_PULLED"))(t); again.Grade != rule.Major || *again.GradingRuleID != *atOnce.GradingRuleID {
			t.Errorf("another rule makes it %s by %v", again.Grade, again.GradingRuleID)
		}
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "重复"}))(t)
		_, err = add("officer1", h, "EXIT_BLOCKED")
		testkit.Refused(t, err, fault.InvalidTransition, "")
		testkit.NoDifference(t, e)
	})
}
