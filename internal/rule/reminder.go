package rule

import (
	"fmt"
	"slices"
	"time"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// ReminderKind is what a reminder is about.
type ReminderKind string

// The values of ReminderKind.
const (
	ReminderOversight ReminderKind = "OVERSIGHT_DUE"   // neither rectified at once nor placed under oversight in time
	ReminderNear      ReminderKind = "DEADLINE_NEAR"   // 临期
	ReminderPassed    ReminderKind = "DEADLINE_PASSED" // 逾期
	ReminderEscalated ReminderKind = "ESCALATED"       // 逾期上报
)

// ReminderKinds lists the kinds of reminders.
func ReminderKinds() []ReminderKind {
	return []ReminderKind{ReminderOversight, ReminderNear, ReminderPassed, ReminderEscalated}
}

// Values implements ent's enum interface.
func (ReminderKind) Values() []string { return values(ReminderKinds()) }

// DayKind says in which way a day differs from the calendar.
type DayKind string

// The values of DayKind.
const (
	DayOff    DayKind = "HOLIDAY" // 节假日
	DayWorked DayKind = "WORKDAY" // 调休上班
)

// DayKinds lists the kinds.
func DayKinds() []DayKind {
	return []DayKind{DayOff, DayWorked}
}

// Values implements ent's enum interface.
func (DayKind) Values() []string { return values(DayKinds()) }

// DayCount is how days are counted.
type DayCount string

// The ways to count days.
const (
	CalendarDays DayCount = "CALENDAR" // 自然日
	WorkingDays  DayCount = "WORKING"  // 工作日
)

// Addressee is a role that reminders go to: those of authz that answer for a
// hazard, by the same names.
type Addressee string

// The addressees of reminders.
const (
	ToSafetyOfficer Addressee = "SCHOOL_SAFETY_OFFICER" // 安全主任
	ToSchoolLeader  Addressee = "SCHOOL_LEADER"         // 校长
	ToSection       Addressee = "SAFETY_SECTION"        // 法规安全科
	ToBureauLeader  Addressee = "BUREAU_LEADER"         // 局领导
)

// Addressees lists the addressees, the nearest to the hazard first.
func Addressees() []Addressee {
	return []Addressee{ToSafetyOfficer, ToSchoolLeader, ToSection, ToBureauLeader}
}

// DeadlinePolicy says who is reminded of a deadline, and when (plan: 限期整改). A part
// that is left out has the default.
type DeadlinePolicy struct {
	// Days is how the numbers below are counted.
	Days DayCount `json:"days,omitempty" yaml:"days"`
	// Remind lists how many days before the deadline the school's safety officer
	// is reminded; 0 is the day itself.
	Remind []int `json:"remind,omitempty" yaml:"remind"`
	// Escalate lists who is notified, and how many days after the deadline.
	Escalate []Escalation `json:"escalate,omitempty" yaml:"escalate"`
}

// Escalation tells a role of a deadline that has passed.
type Escalation struct {
	After int       `json:"after" yaml:"after"` // days, 1 or more
	To    Addressee `json:"to" yaml:"to"`
}

func defaultDeadlines() DeadlinePolicy {
	return DeadlinePolicy{
		Days: CalendarDays, Remind: []int{3, 1},
		Escalate: []Escalation{{1, ToSchoolLeader}, {3, ToSection}, {7, ToBureauLeader}},
	}
}

func (p DeadlinePolicy) withDefaults() DeadlinePolicy {
	d := defaultDeadlines()
	if p.Days != "" {
		d.Days = p.Days
	}
	if p.Remind != nil {
		d.Remind = p.Remind
	}
	if p.Escalate != nil {
		d.Escalate = p.Escalate
	}
	return d
}

// mostDays is how far from a deadline a reminder may lie: what is more is a slip
// of the finger.
const mostDays = 90

func (p DeadlinePolicy) validate() []error {
	var out []error
	if p.Days != "" && p.Days != CalendarDays && p.Days != WorkingDays {
		out = append(out, fmt.Errorf("policy.deadlines.days %q is neither CALENDAR nor WORKING", p.Days))
	}
	for i, n := range p.Remind {
		if n < 0 || n > mostDays || slices.Index(p.Remind, n) != i {
			out = append(out, fmt.Errorf("policy.deadlines.remind[%d] must be 0 to %d, and there once", i, mostDays))
		}
	}
	for i, e := range p.Escalate {
		if e.After < 1 || e.After > mostDays || slices.Index(p.Escalate, e) != i {
			out = append(out, fmt.Errorf("policy.deadlines.escalate[%d].after must be 1 to %d, and there once for its role", i, mostDays))
		}
		if !slices.Contains(Addressees(), e.To) {
			out = append(out, fmt.Errorf("policy.deadlines.escalate[%d].to %q is no role that reminders go to", i, e.To))
		}
	}
	return out
}

// Holidays are the days that differ from the calendar: no others than the ones of
// the weekend are off without it.
type Holidays map[clock.Date]DayKind

// Working reports whether people work on a day.
func (h Holidays) Working(d clock.Date) bool {
	switch h[d] {
	case DayWorked:
		return true
	case DayOff:
		return false
	}
	day := d.Start(time.UTC).Weekday()
	return day != time.Saturday && day != time.Sunday
}

// longestBreak ends the search in a table of holidays that never ends, in days.
const longestBreak = 400

// AddWorkingDays moves a date by n working days: the n-th one behind it, or
// before it when n is below zero. With n = 0 the date stays, working or not.
func (h Holidays) AddWorkingDays(d clock.Date, n int) clock.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for ; n > 0; n-- {
		d = d.AddDays(step)
		for i := 0; !h.Working(d) && i < longestBreak; i++ {
			d = d.AddDays(step)
		}
	}
	return d
}

// Add moves a date by n days as they are counted.
func (c DayCount) Add(d clock.Date, n int, h Holidays) clock.Date {
	if c == WorkingDays {
		return h.AddWorkingDays(d, n)
	}
	return d.AddDays(n)
}

// latest is the last date whose n-th day is not behind today: Add(latest, n) ≤
// today < Add(latest + 1, n).
func (c DayCount) latest(today clock.Date, n int, h Holidays) clock.Date {
	switch {
	case c != WorkingDays || n == 0:
		return today.AddDays(-n)
	case n < 0:
		return h.AddWorkingDays(today, -n)
	default:
		return h.AddWorkingDays(today.AddDays(1), -n).AddDays(-1)
	}
}

// Tick is one reminder of a deadline: what it says, to whom, and how many days
// before (negative) or after the deadline it was due.
type Tick struct {
	Kind ReminderKind
	To   Addressee
	Days int
}

// TickWindow is a tick with the deadlines for which it is the present one: From
// to Until, both included; an empty From is the beginning of time.
type TickWindow struct {
	Tick
	From, Until clock.Date
}

// Holds reports whether the window's tick is the present one for a deadline.
func (w TickWindow) Holds(deadline clock.Date) bool { return w.From <= deadline && deadline <= w.Until }

// TickWindows lists, for a day, which deadlines have which ticks. Of several
// ticks to the same role that have come only the newest counts, so that after a
// week without reminders a role receives the one that is true now and not one for
// every day. A deadline has passed from the next day of the calendar on, however
// days are counted.
func TickWindows(p DeadlinePolicy, h Holidays, today clock.Date) []TickWindow {
	var out []TickWindow
	from := today // a deadline that has passed is near no more
	for _, n := range slices.Sorted(slices.Values(p.Remind)) {
		until := p.Days.latest(today, -n, h)
		out = append(out, TickWindow{Tick{ReminderNear, ToSafetyOfficer, -n}, from, until})
		from = until.AddDays(1)
	}
	out = append(out, TickWindow{Tick{ReminderPassed, ToSafetyOfficer, 1}, "", today.AddDays(-1)})
	for _, e := range p.Escalate {
		w := TickWindow{Tick{ReminderEscalated, e.To, e.After}, "", p.Days.latest(today, e.After, h)}
		for _, later := range p.Escalate {
			if later.To == e.To && later.After > e.After {
				w.From = max(w.From, p.Days.latest(today, later.After, h).AddDays(1))
			}
		}
		out = append(out, w)
	}
	return slices.DeleteFunc(out, func(w TickWindow) bool { return w.Until < w.From })
}

// Ticks lists the ticks that a hazard in a status, with a deadline, has on a day.
// A hazard that is closed or void has none, and one that is RECTIFIED has no
// ReminderNear.
func Ticks(p DeadlinePolicy, h Holidays, status HazardStatus, deadline, today clock.Date) []Tick {
	var out []Tick
	for _, w := range TickWindows(p, h, today) {
		if deadline != "" && w.Holds(deadline) && slices.Contains(w.Kind.Statuses(), status) {
			out = append(out, w.Tick)
		}
	}
	return out
}

// Statuses are those of the hazards that a reminder is for.
func (k ReminderKind) Statuses() []HazardStatus {
	switch k {
	case ReminderOversight:
		return []HazardStatus{Reported}
	case ReminderNear:
		return []HazardStatus{Reported, Rectifying}
	default: // overdue is what is open
		return slices.Clone(open)
	}
}

// OversightDueBy is until when a hazard must be rectified at once or placed under oversight. It counts
// from the report as the server received it: before that nobody at the school
// could be asked to act on it, and the time that a phone was offline is held
// against nobody (plan: 能立即整改的要立即整改，其他的挂牌督办).
func (p Policy) OversightDueBy(reportedAt time.Time) time.Time {
	return reportedAt.Add(time.Duration(p.ImmediateWithinHours) * time.Hour)
}

// NeedsOversight reports whether a hazard is in the gap: reported, neither
// rectified at once nor placed under oversight, and the time for that is over.
func NeedsOversight(status HazardStatus, underOversight bool, oversightDueBy *time.Time, now time.Time) bool {
	return status == Reported && !underOversight && oversightDueBy != nil && !now.Before(*oversightDueBy)
}

// OversightAddressees are told that a hazard needs an oversight order: who places it under oversight.
func OversightAddressees(grade HazardGrade) []Addressee {
	if grade == Major {
		return []Addressee{ToSafetyOfficer, ToSection}
	}
	return []Addressee{ToSafetyOfficer}
}
