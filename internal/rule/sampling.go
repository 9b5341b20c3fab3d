package rule

// SamplingSlot is a kind of school that the sampling rule asks for in each township.
type SamplingSlot string

// The values of SamplingSlot.
const (
	SlotMiddle  SamplingSlot = "MIDDLE"  // 中学
	SlotPrimary SamplingSlot = "PRIMARY" // 小学
	SlotPrivate SamplingSlot = "PRIVATE" // 民办学校
)

// SamplingSlots lists the kinds.
func SamplingSlots() []SamplingSlot {
	return []SamplingSlot{SlotMiddle, SlotPrimary, SlotPrivate}
}

// Values implements ent's enum interface.
func (SamplingSlot) Values() []string { return values(SamplingSlots()) }

// VisitPlanStatus is where a plan of visits stands.
type VisitPlanStatus string

// The values of VisitPlanStatus.
const (
	VisitPlanProposed   VisitPlanStatus = "PROPOSED"   // 待确认
	VisitPlanConfirmed  VisitPlanStatus = "CONFIRMED"  // 已确认
	VisitPlanSuperseded VisitPlanStatus = "SUPERSEDED" // a newer plan stands in its place
)

// VisitPlanStatuses lists the statuses of a plan.
func VisitPlanStatuses() []VisitPlanStatus {
	return []VisitPlanStatus{VisitPlanProposed, VisitPlanConfirmed, VisitPlanSuperseded}
}

// Values implements ent's enum interface.
func (VisitPlanStatus) Values() []string { return values(VisitPlanStatuses()) }

// VisitStatus is where a planned visit stands. That it is done follows from a proven report.
type VisitStatus string

// The values of VisitStatus.
const (
	VisitProposed  VisitStatus = "PROPOSED"   // 待确认
	VisitConfirmed VisitStatus = "CONFIRMED"  // 已确认
	VisitFallenOut VisitStatus = "FALLEN_OUT" // 取消, with a reason
)

// VisitStatuses lists the statuses of a visit.
func VisitStatuses() []VisitStatus {
	return []VisitStatus{VisitProposed, VisitConfirmed, VisitFallenOut}
}

// Values implements ent's enum interface.
func (VisitStatus) Values() []string { return values(VisitStatuses()) }
