package rule

// ReminderKind is what a reminder is about.
type ReminderKind string

// The values of ReminderKind.
const (
	ReminderListing   ReminderKind = "LISTING_DUE"     // neither rectified at once nor listed in time
	ReminderNear      ReminderKind = "DEADLINE_NEAR"   // 临期
	ReminderPassed    ReminderKind = "DEADLINE_PASSED" // 逾期
	ReminderEscalated ReminderKind = "ESCALATED"       // 逾期上报
)

// ReminderKinds lists the kinds of reminders.
func ReminderKinds() []ReminderKind {
	return []ReminderKind{ReminderListing, ReminderNear, ReminderPassed, ReminderEscalated}
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
