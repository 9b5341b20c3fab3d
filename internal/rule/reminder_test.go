package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// spring2021 is what the state moved in April and May 2021 (国办发明电〔2020〕27号).
var spring2021 = func() rule.Holidays {
	h := rule.Holidays{"2021-04-25": rule.DayWorked, "2021-05-08": rule.DayWorked}
	for _, d := range []clock.Date{"2021-04-03", "2021-04-04", "2021-04-05", "2021-05-01", "2021-05-02", "2021-05-03", "2021-05-04", "2021-05-05"} {
		h[d] = rule.DayOff
	}
	return h
}()

func TestWorkingDays(t *testing.T) {
	for _, c := range []struct {
		from clock.Date
		n    int
		want clock.Date
	}{
		{"2021-04-02", 1, "2021-04-06"},  // over Qingming
		{"2021-04-06", -1, "2021-04-02"}, // and back
		{"2021-04-23", 1, "2021-04-25"},  // a Sunday that is worked
		{"2021-04-30", 1, "2021-05-06"},  // over Labour Day
		{"2021-04-30", 3, "2021-05-08"},  // to a Saturday that is worked
		{"2021-04-30", 4, "2021-05-10"},
		{"2021-05-06", -2, "2021-04-29"},
		{"2021-05-03", 0, "2021-05-03"}, // a day off stays
		{"2021-05-03", -1, "2021-04-30"},
		{"2020-12-31", 1, "2021-01-01"}, // a year without a table has weekends only
		{"2021-02-26", 1, "2021-03-01"}, // the end of a month, and of February
		{"2020-02-28", 1, "2020-03-02"}, // of a leap year: 29 February was a Saturday
	} {
		if got := spring2021.AddWorkingDays(c.from, c.n); got != c.want {
			t.Errorf("%s %+d working days is %s, want %s", c.from, c.n, got, c.want)
		}
	}
	endless := rule.Holidays{}
	for d := clock.Date("2021-01-01"); d < "2025-01-01"; d = d.AddDays(1) {
		endless[d] = rule.DayOff
	}
	if got := endless.AddWorkingDays("2021-01-01", 2); got <= "2021-01-01" {
		t.Errorf("a table without a working day gives %s", got)
	}
}

// said writes ticks down in short.
func said(ticks []rule.Tick) string {
	var out []string
	for _, x := range ticks {
		out = append(out, fmt.Sprintf("%s %s %+d", x.Kind, x.To, x.Days))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestTicksOfADeadline walks through the days around a deadline, in calendar days
// and in working days over Labour Day.
func TestTicksOfADeadline(t *testing.T) {
	const (
		near   = "DEADLINE_NEAR SCHOOL_SAFETY_OFFICER "
		passed = "DEADLINE_PASSED SCHOOL_SAFETY_OFFICER +1"
		leader = "ESCALATED SCHOOL_LEADER +1"
		office = "ESCALATED SAFETY_SECTION +3"
		bureau = "ESCALATED BUREAU_LEADER +7"
	)
	for _, c := range []struct {
		count    rule.DayCount
		deadline clock.Date
		days     map[clock.Date]string
	}{
		{rule.CalendarDays, "2021-04-30", map[clock.Date]string{
			"2021-04-26": "", "2021-04-27": near + "-3", "2021-04-28": near + "-3", "2021-04-29": near + "-1", "2021-04-30": near + "-1",
			"2021-05-01": passed + ", " + leader, "2021-05-02": passed + ", " + leader, "2021-05-03": passed + ", " + office + ", " + leader,
			"2021-05-07": passed + ", " + bureau + ", " + office + ", " + leader, "2021-12-31": passed + ", " + bureau + ", " + office + ", " + leader,
		}},
		{rule.WorkingDays, "2021-04-30", map[clock.Date]string{
			"2021-04-26": "", "2021-04-27": near + "-3", "2021-04-29": near + "-1", "2021-04-30": near + "-1",
			"2021-05-01": passed, "2021-05-05": passed, "2021-05-06": passed + ", " + leader, "2021-05-07": passed + ", " + leader,
			"2021-05-08": passed + ", " + office + ", " + leader, "2021-05-12": passed + ", " + office + ", " + leader,
			"2021-05-13": passed + ", " + bureau + ", " + office + ", " + leader,
		}},
		{rule.WorkingDays, "2021-04-05", map[clock.Date]string{ // a deadline on a day off
			"2021-03-30": "", "2021-03-31": near + "-3", "2021-04-01": near + "-3", "2021-04-02": near + "-1", "2021-04-05": near + "-1",
			"2021-04-06": passed + ", " + leader,
		}},
	} {
		p := rule.DefaultPolicy().Deadlines
		p.Days = c.count
		for day, want := range c.days {
			got := said(rule.Ticks(p, spring2021, rule.Rectifying, c.deadline, day))
			if want := strings.Split(want, ", "); !slices.Equal(strings.Split(got, ", "), slices.Sorted(slices.Values(want))) {
				t.Errorf("%s, deadline %s, on %s: %q, want %q", c.count, c.deadline, day, got, want)
			}
		}
	}
}

// TestTicksAreThoseThatHaveCome compares the windows with each tick's own day.
func TestTicksAreThoseThatHaveCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := rule.Holidays{}
		for d := clock.Date("2021-01-01"); d < "2021-12-31"; d = d.AddDays(1) {
			if rapid.IntRange(0, 6).Draw(t, "special") == 0 {
				h[d] = rapid.SampledFrom(rule.DayKinds()).Draw(t, "kind")
			}
		}
		p := rule.DeadlinePolicy{
			Days:   rapid.SampledFrom([]rule.DayCount{rule.CalendarDays, rule.WorkingDays}).Draw(t, "count"),
			Remind: rapid.SliceOfNDistinct(rapid.IntRange(0, 10), 0, 4, rapid.ID).Draw(t, "remind"),
			Escalate: rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) rule.Escalation {
				return rule.Escalation{After: rapid.IntRange(1, 10).Draw(t, "after"), To: rapid.SampledFrom(rule.Addressees()[:2]).Draw(t, "to")}
			}), 0, 4, rapid.ID).Draw(t, "escalate"),
		}
		today := clock.Date("2021-06-15")
		deadline := today.AddDays(rapid.IntRange(-40, 40).Draw(t, "deadline"))

		// The newest tick that has come, for each kind and role.
		newest := map[rule.ReminderKind]map[rule.Addressee]int{rule.ReminderNear: {}, rule.ReminderEscalated: {}, rule.ReminderPassed: {}}
		come := func(kind rule.ReminderKind, to rule.Addressee, days int) {
			if was, ok := newest[kind][to]; p.Days.Add(deadline, days, h) <= today && (!ok || was < days) {
				newest[kind][to] = days
			}
		}
		if deadline < today {
			newest[rule.ReminderPassed][rule.ToSafetyOfficer] = 1
		}
		for _, n := range p.Remind {
			if deadline >= today {
				come(rule.ReminderNear, rule.ToSafetyOfficer, -n)
			}
		}
		for _, e := range p.Escalate {
			come(rule.ReminderEscalated, e.To, e.After)
		}
		var want []rule.Tick
		for kind, all := range newest {
			for to, days := range all {
				want = append(want, rule.Tick{Kind: kind, To: to, Days: days})
			}
		}
		if got := said(rule.Ticks(p, h, rule.Reported, deadline, today)); got != said(want) {
			t.Fatalf("deadline %s on %s: %q, want %q", deadline, today, got, said(want))
		}
	})
}

func TestWhoeverIsDoneIsLeftInPeace(t *testing.T) {
	p := rule.DefaultPolicy().Deadlines
	for _, status := range append(rule.HazardStatuses(), "") {
		near, late := rule.Ticks(p, nil, status, tomorrow, today), rule.Ticks(p, nil, status, yesterday, today)
		if busy := status == rule.Reported || status == rule.Rectifying; (len(near) > 0) != busy {
			t.Errorf("%s with a deadline tomorrow: %v", status, near)
		}
		if (len(late) > 0) != status.Open() {
			t.Errorf("%s with a deadline yesterday: %v", status, late)
		}
	}
	if got := rule.Ticks(p, nil, rule.Reported, "", today); len(got) > 0 {
		t.Errorf("without a deadline: %v", got)
	}
}

// TestOversightDueByIsHoursAndNotDays: 24 hours are 24 hours in the night in which clocks
// are put forward, too.
func TestOversightDueByIsHoursAndNotDays(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	p := rule.DefaultPolicy()
	p.TimeZone = zone.String()
	reported := time.Date(2026, 3, 7, 12, 0, 0, 0, zone) // clocks go forward in the night
	by := p.OversightDueBy(reported)
	if by.Sub(reported) != 24*time.Hour || by.In(zone).Hour() != 13 {
		t.Errorf("to be placed under oversight by %s", by.In(zone))
	}
	for _, c := range []struct {
		status         rule.HazardStatus
		underOversight bool
		by             *time.Time
		now            time.Time
		want           bool
	}{
		{rule.Reported, false, &by, by.Add(-1), false},
		{rule.Reported, false, &by, by, true},
		{rule.Reported, false, nil, by, false},
		{rule.Reported, true, &by, by, false},
		{rule.Rectified, false, &by, by, false},
		{rule.Voided, false, &by, by, false},
	} {
		if got := rule.NeedsOversight(c.status, c.underOversight, c.by, c.now); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}

func TestDeadlinePolicy(t *testing.T) {
	d := rule.DefaultPolicy().Deadlines
	if want := "{CALENDAR [3 1] [{1 SCHOOL_LEADER} {3 SAFETY_SECTION} {7 BUREAU_LEADER}]}"; fmt.Sprint(d) != want {
		t.Errorf("the default is %v, want %s", d, want)
	}
	own := rule.DeadlinePolicy{Remind: []int{}, Escalate: []rule.Escalation{{2, rule.ToBureauLeader}}}
	if got := (rule.Policy{Deadlines: own}).WithDefaults().Deadlines; fmt.Sprint(got) != "{CALENDAR [] [{2 BUREAU_LEADER}]}" {
		t.Errorf("with defaults %v", got)
	}
	for name, p := range map[string]rule.DeadlinePolicy{
		"count":               {Days: "BANKING"},
		"remind after":        {Remind: []int{-1}},
		"remind twice":        {Remind: []int{2, 2}},
		"remind early":        {Remind: []int{91}},
		"escalate on the day": {Escalate: []rule.Escalation{{0, rule.ToSection}}},
		"escalate to nobody":  {Escalate: []rule.Escalation{{1, "MAYOR"}}},
		"escalate twice":      {Escalate: []rule.Escalation{{1, rule.ToSection}, {1, rule.ToSection}}},
	} {
		policy := rule.DefaultPolicy()
		policy.Deadlines = p
		if len(policy.Validate()) != 1 {
			t.Errorf("%s: %v", name, policy.Validate())
		}
	}
}
