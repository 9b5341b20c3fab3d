package app_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// told lists the reminders of a hazard in short.
func told(t *testing.T, e *testkit.Env, h *ent.Hazard) []string {
	t.Helper()
	var out []string
	for _, r := range testkit.Must(e.App.RemindersOfHazards(e.As("section"), ids(h.ID)))(t) {
		out = append(out, fmt.Sprintf("%s %s %+d", r.Kind, r.ToRole, r.Days))
	}
	slices.Sort(out)
	return out
}

func toldIs(t *testing.T, e *testkit.Env, label string, h *ent.Hazard, want ...string) {
	t.Helper()
	if got := told(t, e, h); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%s: told %q, want %q", label, strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

func tickNow(t *testing.T, e *testkit.Env) {
	t.Helper()
	if err := e.App.Tick(e.System()); err != nil {
		t.Fatal(err)
	}
}

const (
	due     = "OVERSIGHT_DUE SCHOOL_SAFETY_OFFICER +0"
	dueToo  = "OVERSIGHT_DUE SAFETY_SECTION +0"
	nearing = "DEADLINE_NEAR SCHOOL_SAFETY_OFFICER -3"
	nearer  = "DEADLINE_NEAR SCHOOL_SAFETY_OFFICER -1"
	over    = "DEADLINE_PASSED SCHOOL_SAFETY_OFFICER +1"
	leader  = "ESCALATED SCHOOL_LEADER +1"
	office  = "ESCALATED SAFETY_SECTION +3"
	bureau  = "ESCALATED BUREAU_LEADER +7"
)

// TestRemindersDayByDay runs the clock of a hazard that nobody cares for, twice
// each day and by two workers at once.
func TestRemindersDayByDay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.UnderOversight() // until a week from now
		silent, grave := e.Reported(), e.Major()
		var want []string
		for day, more := range [][]string{
			0: {}, 1: {}, 2: {}, 3: {}, 4: {nearing}, 5: {}, 6: {nearer}, 7: {}, 8: {over, leader}, 9: {}, 10: {office}, 13: {}, 14: {bureau}, 15: {},
		} {
			want = append(want, more...)
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					if err := e.App.Tick(e.System()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			tickNow(t, e)
			toldIs(t, e, fmt.Sprintf("day %d", day), h, want...)
			if day == 0 {
				toldIs(t, e, "before an oversight order is due", silent)
			} else {
				toldIs(t, e, "an oversight order is due", silent, due)
				toldIs(t, e, "the section must list a major hazard", grave, due, dueToo)
			}
			e.Clock.Advance(24 * time.Hour)
		}
	})
}

// TestRemindersAfterASilence: a server that was down tells what is true now.
func TestRemindersAfterASilence(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h, fixed := e.UnderOversight(), e.Rectified()
		e.Clock.Advance(11 * 24 * time.Hour) // four days past the deadline
		tickNow(t, e)
		toldIs(t, e, "after the silence", h, over, leader, office)
		toldIs(t, e, "what waits for its recheck is overdue too", fixed, over, leader, office)
		if r := testkit.Must(e.App.RemindersOfHazards(e.As("section"), ids(h.ID)))(t); r[0].DueOn != h.DeadlineOn || r[0].RegionPath != e.School.RegionPath {
			t.Errorf("reminder %v", r[0])
		}

		// A new deadline is a new clock; a hazard that is done with has none.
		closed := testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "不是隐患"}))(t)
		testkit.Must(e.App.RejectRectification(e.As("section"), e.RejectInput(fixed, testkit.Promise())))(t)
		e.Clock.Advance(6 * 24 * time.Hour)
		tickNow(t, e)
		toldIs(t, e, "void", closed, over, leader, office)
		toldIs(t, e, "with a new deadline", fixed, over, leader, office, nearer)
	})
}

// TestManyRemindersAreWrittenInPages: more hazards than one page holds.
func TestManyRemindersAreWrittenInPages(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		const n = 430
		first := e.Reported()
		var more []*ent.HazardCreate
		for range n - 1 {
			more = append(more, e.Store.Ent.Hazard.Create().SetCampaignID(first.CampaignID).SetSchoolID(first.SchoolID).SetReporterID(first.ReporterID).
				SetCategory("FIRE").SetDescription("x").SetSource(first.Source).SetGrade(first.Grade).SetDiscoveredAt(first.DiscoveredAt).
				SetReportedAt(first.ReportedAt).SetOversightDueBy(*first.OversightDueBy))
		}
		if err := e.Store.Ent.Hazard.CreateBulk(more...).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		e.Clock.Advance(25 * time.Hour)
		tickNow(t, e)
		tickNow(t, e)
		if got := testkit.Must(e.Store.Ent.Reminder.Query().Count(e.System()))(t); got != n {
			t.Errorf("%d reminders of %d hazards", got, n)
		}
	})
}

func TestRemindersGoToTheirRole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		e.UnderOversight()
		e.Clock.Advance(11 * 24 * time.Hour)
		tickNow(t, e)
		for account, want := range map[string][]rule.ReminderKind{
			"officer1": {rule.ReminderPassed}, "principal1": {rule.ReminderEscalated}, "section": {rule.ReminderEscalated},
			"leader1": nil, "grid1": nil, "officer2": nil, "inspector1": nil, "viewer1": nil, "admin": nil,
		} {
			page := testkit.Must(e.App.Reminders(e.As(account), command.PageArgs{First: new(10)}, nil))(t)
			var got []rule.ReminderKind
			for _, r := range page.Rows {
				got = append(got, r.Kind)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s is told %v, want %v", account, got, want)
			}
		}
		count := func(f app.ReminderFilter) int {
			return len(testkit.Must(e.App.Reminders(e.As("officer1"), command.PageArgs{First: new(10)}, &f))(t).Rows)
		}
		if a, b, c := count(app.ReminderFilter{SchoolID: new(e.School.PublicID())}), count(app.ReminderFilter{SchoolID: new(e.Other.PublicID())}),
			count(app.ReminderFilter{Kind: new(rule.ReminderNear)}); a != 1 || b != 0 || c != 0 {
			t.Errorf("filters give %d, %d, %d", a, b, c)
		}
		_, err := e.App.Reminders(e.As("officer1"), command.PageArgs{First: new(10)}, &app.ReminderFilter{SchoolID: new(e.Grid.PublicID())})
		testkit.Refused(t, err, fault.BadUserInput, "filter.schoolId")
	})
}

// TestWorkingDaysOfTheStateAreCounted: over Labour Day 2026, in a zone with summer
// time.
func TestWorkingDaysOfTheStateAreCounted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		policy := e.Campaign.Policy
		policy.TimeZone, policy.Deadlines = "America/Los_Angeles", rule.DeadlinePolicy{Days: rule.WorkingDays}
		testkit.Must(e.Campaign.Update().SetPolicy(policy).Save(e.System()))(t)
		in := e.OversightInput(e.Reported())
		in.DeadlineOn = "2026-04-30"
		h := testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), in))(t)
		for _, step := range []struct {
			at   time.Time
			want []string
		}{
			{time.Date(2026, 4, 27, 23, 59, 0, 0, policy.Zone()), []string{nearing}},
			{time.Date(2026, 4, 30, 23, 59, 0, 0, policy.Zone()), []string{nearing, nearer}},
			{time.Date(2026, 5, 5, 23, 59, 0, 0, policy.Zone()), []string{nearing, nearer, over}},
			{time.Date(2026, 5, 6, 0, 0, 0, 0, policy.Zone()), []string{nearing, nearer, over, leader}},
			{time.Date(2026, 5, 8, 0, 0, 0, 0, policy.Zone()), []string{nearing, nearer, over, leader, office}},
		} {
			e.Clock.Set(step.at)
			tickNow(t, e)
			toldIs(t, e, step.at.String(), h, step.want...)
		}
		if days := testkit.Must(e.App.Holidays(e.As("grid1"), 2026))(t); len(days) == 0 || days[0].Day != "2026-01-01" || days[0].Kind != rule.DayOff {
			t.Errorf("holidays %v", days)
		}
		_, err := e.App.Holidays(e.As("grid1"), 1)
		testkit.Refused(t, err, fault.BadUserInput, "year")
	})
}

// TestAddresseesAreRoles: rule names the roles that authz defines.
func TestAddresseesAreRoles(t *testing.T) {
	for _, to := range rule.Addressees() {
		if !slices.Contains(authz.Roles(), authz.Role(to)) {
			t.Errorf("%s is no role", to)
		}
	}
}
