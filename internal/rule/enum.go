// Package rule is the inspector's handbook as pure functions: facts in, verdict
// with reasons out.
//
// It decides every question of the trade: which step of a hazard's life is
// allowed and what it needs, which evidence a step asks for, when a report is
// proven. It never decides who may act (authz), reads no clock, touches no
// database and does no I/O. The use cases in app call it, and ent's schema
// takes its enums as column types.
package rule

// HazardStatus is where a hazard stands in its life (隐患状态). Oversight and
// overdue are not statuses.
type HazardStatus string

// The statuses of a hazard.
const (
	Reported   HazardStatus = "REPORTED"
	Rectifying HazardStatus = "RECTIFYING"
	Rectified  HazardStatus = "RECTIFIED"
	Closed     HazardStatus = "CLOSED"
	Voided     HazardStatus = "VOIDED"
)

// HazardStatuses lists the statuses in the order of a hazard's life.
func HazardStatuses() []HazardStatus {
	return []HazardStatus{Reported, Rectifying, Rectified, Closed, Voided}
}

// Values implements ent's enum interface.
func (HazardStatus) Values() []string { return values(HazardStatuses()) }

// Open reports whether the hazard still needs work.
func (s HazardStatus) Open() bool { return s == Reported || s == Rectifying || s == Rectified }

// HazardGrade is how grave a hazard is (隐患等级).
type HazardGrade string

// The grades of a hazard.
const (
	General HazardGrade = "GENERAL" // 一般隐患
	Major   HazardGrade = "MAJOR"   // 重大隐患
)

// Values implements ent's enum interface.
func (HazardGrade) Values() []string { return values([]HazardGrade{General, Major}) }

// HazardSource is what kind of inspection found a hazard.
type HazardSource string

// The sources of a hazard.
const (
	FoundBySchool      HazardSource = "SELF_INSPECTION"
	FoundBySupervision HazardSource = "SUPERVISION"
)

// Values implements ent's enum interface.
func (HazardSource) Values() []string {
	return values([]HazardSource{FoundBySchool, FoundBySupervision})
}

// HazardEventKind is one kind of step in a hazard's life. The history of a
// hazard is a row of events; its status follows from them.
type HazardEventKind string

// The events of a hazard's life.
const (
	EventReported             HazardEventKind = "REPORTED"
	EventGraded               HazardEventKind = "GRADED"
	EventSignsAdded           HazardEventKind = "SIGNS_ADDED"
	EventDowngradeRequested   HazardEventKind = "DOWNGRADE_REQUESTED"
	EventDowngradeDecided     HazardEventKind = "DOWNGRADE_DECIDED"
	EventRectifiedAtOnce      HazardEventKind = "RECTIFIED_AT_ONCE"
	EventPlacedUnderOversight HazardEventKind = "PLACED_UNDER_OVERSIGHT"
	EventOversightEscalated   HazardEventKind = "OVERSIGHT_ESCALATED"
	EventPlanSubmitted        HazardEventKind = "PLAN_SUBMITTED"
	EventPlanApproved         HazardEventKind = "PLAN_APPROVED"
	EventPlanReturned         HazardEventKind = "PLAN_RETURNED"
	EventExtensionRequested   HazardEventKind = "EXTENSION_REQUESTED"
	EventExtensionDecided     HazardEventKind = "EXTENSION_DECIDED"
	EventRectified            HazardEventKind = "RECTIFIED"
	EventAccepted             HazardEventKind = "RECTIFICATION_ACCEPTED"
	EventRejected             HazardEventKind = "RECTIFICATION_REJECTED"
	EventVoidRequested        HazardEventKind = "VOID_REQUESTED"
	EventVoided               HazardEventKind = "VOIDED"
	EventReopened             HazardEventKind = "REOPENED"
	EventEvidenceAdded        HazardEventKind = "EVIDENCE_ADDED"
)

// HazardEventKinds lists every kind of event.
func HazardEventKinds() []HazardEventKind {
	return []HazardEventKind{
		EventReported, EventGraded, EventDowngradeRequested, EventDowngradeDecided, EventRectifiedAtOnce, EventPlacedUnderOversight,
		EventPlanSubmitted, EventPlanApproved, EventPlanReturned, EventExtensionRequested, EventExtensionDecided,
		EventRectified, EventAccepted, EventRejected, EventVoidRequested, EventVoided, EventReopened, EventEvidenceAdded,
		EventOversightEscalated, EventSignsAdded,
	}
}

// Values implements ent's enum interface.
func (HazardEventKind) Values() []string { return values(HazardEventKinds()) }

// ReportKind is who inspects: the school itself or a team of the bureau.
type ReportKind string

// The kinds of inspection reports.
const (
	SelfInspection ReportKind = "SELF_INSPECTION"
	Supervision    ReportKind = "SUPERVISION"
)

// Values implements ent's enum interface.
func (ReportKind) Values() []string { return values([]ReportKind{SelfInspection, Supervision}) }

// ReportStatus is where an inspection report stands.
type ReportStatus string

// The statuses of an inspection report.
const (
	InProgress ReportStatus = "IN_PROGRESS"
	Submitted  ReportStatus = "SUBMITTED"
)

// Values implements ent's enum interface.
func (ReportStatus) Values() []string { return values([]ReportStatus{InProgress, Submitted}) }

// FindingResult is what was found for one checklist item.
type FindingResult string

// The results of a finding.
const (
	Compliant     FindingResult = "COMPLIANT"
	NonCompliant  FindingResult = "NON_COMPLIANT"
	NotApplicable FindingResult = "NOT_APPLICABLE"
)

// Values implements ent's enum interface.
func (FindingResult) Values() []string {
	return values([]FindingResult{Compliant, NonCompliant, NotApplicable})
}

// EvidenceKind is the kind of file a piece of evidence is.
type EvidenceKind string

// The kinds of evidence.
const (
	Photo    EvidenceKind = "PHOTO"
	Video    EvidenceKind = "VIDEO"
	Document EvidenceKind = "DOCUMENT"
)

// Values implements ent's enum interface.
func (EvidenceKind) Values() []string { return values([]EvidenceKind{Photo, Video, Document}) }

// EvidenceStage is the moment a piece of evidence shows.
type EvidenceStage string

// The stages of evidence.
const (
	Before    EvidenceStage = "BEFORE"
	During    EvidenceStage = "DURING"
	After     EvidenceStage = "AFTER"
	Site      EvidenceStage = "SITE"
	Signature EvidenceStage = "SIGNATURE"
	Archive   EvidenceStage = "ARCHIVE"
)

// Values implements ent's enum interface.
func (EvidenceStage) Values() []string {
	return values([]EvidenceStage{Before, During, After, Site, Signature, Archive})
}

// EvidenceStatus is what the server knows of a file. Only Verified counts.
type EvidenceStatus string

// The statuses of evidence.
const (
	Announced        EvidenceStatus = "ANNOUNCED" // the record exists, no bytes
	Received         EvidenceStatus = "RECEIVED"  // bytes arrived
	Verified         EvidenceStatus = "VERIFIED"  // size, SHA-256 and type re-computed by the server
	EvidenceRejected EvidenceStatus = "REJECTED"  // the bytes are not what was announced, or no evidence at all
)

// Values implements ent's enum interface.
func (EvidenceStatus) Values() []string {
	return values([]EvidenceStatus{Announced, Received, Verified, EvidenceRejected})
}

// EvidenceSource is where the phone took a file from.
type EvidenceSource string

// The sources of a file.
const (
	FromCamera  EvidenceSource = "CAMERA"
	FromGallery EvidenceSource = "GALLERY"
	FromFile    EvidenceSource = "FILE"
)

// Values implements ent's enum interface.
func (EvidenceSource) Values() []string {
	return values([]EvidenceSource{FromCamera, FromGallery, FromFile})
}

// EvidenceEventKind is one thing that is done with a verified file.
type EvidenceEventKind string

// The events of a file.
const (
	EvidenceOpened               EvidenceEventKind = "ORIGINAL_OPENED"
	EvidenceHeld                 EvidenceEventKind = "HELD"
	EvidenceReleased             EvidenceEventKind = "RELEASED"
	EvidenceReviewed             EvidenceEventKind = "REVIEWED" // written by earlier versions, which did not say how
	EvidenceCleared              EvidenceEventKind = "CLEARED"
	EvidenceUpheld               EvidenceEventKind = "UPHELD"
	EvidenceDestructionAsked     EvidenceEventKind = "DESTRUCTION_REQUESTED"
	EvidenceDestructionWithdrawn EvidenceEventKind = "DESTRUCTION_WITHDRAWN"
	EvidenceDestructionApproved  EvidenceEventKind = "DESTRUCTION_APPROVED"
	EvidenceDestroyed            EvidenceEventKind = "DESTROYED"
)

// EvidenceEventKinds lists every kind of event.
func EvidenceEventKinds() []EvidenceEventKind {
	return []EvidenceEventKind{
		EvidenceOpened, EvidenceHeld, EvidenceReleased, EvidenceReviewed, EvidenceCleared, EvidenceUpheld,
		EvidenceDestructionAsked, EvidenceDestructionWithdrawn, EvidenceDestructionApproved, EvidenceDestroyed,
	}
}

// Values implements ent's enum interface.
func (EvidenceEventKind) Values() []string { return values(EvidenceEventKinds()) }

// RenditionName is a form in which a file can be looked at.
type RenditionName string

// The forms of a file.
const (
	Thumbnail RenditionName = "THUMBNAIL" // JPEG, long side 320 pixels
	Preview   RenditionName = "PREVIEW"   // JPEG, long side 1600 pixels
	Playable  RenditionName = "PLAYABLE"  // MP4 that every phone plays, long side 1280 pixels
	Original  RenditionName = "ORIGINAL"  // bit-exact, with all its metadata; each opening is logged
)

// RenditionNames lists the forms, the smallest first.
func RenditionNames() []RenditionName {
	return []RenditionName{Thumbnail, Preview, Playable, Original}
}

// EvidenceStep is a step of the work that asks for evidence (domain: evidence
// policy). What each step needs is data of the campaign.
type EvidenceStep string

// The steps that ask for evidence.
const (
	StepCompliant         EvidenceStep = "FINDING_COMPLIANT"
	StepNonCompliant      EvidenceStep = "FINDING_NON_COMPLIANT"
	StepReport            EvidenceStep = "HAZARD_REPORT"
	StepSupervisionHazard EvidenceStep = "HAZARD_REPORT_SUPERVISION"
	StepOversight         EvidenceStep = "OVERSIGHT"
	StepRectify           EvidenceStep = "RECTIFY"
	StepRecheck           EvidenceStep = "RECHECK"
	StepReopen            EvidenceStep = "REOPEN"
	StepSupervisionReport EvidenceStep = "SUPERVISION_REPORT"
	StepAcknowledgement   EvidenceStep = "NOTICE_ACKNOWLEDGEMENT"
	StepSupplement        EvidenceStep = "SUPPLEMENT"
)

// EvidenceSteps lists every step.
func EvidenceSteps() []EvidenceStep {
	return []EvidenceStep{
		StepCompliant, StepNonCompliant, StepReport, StepSupervisionHazard, StepOversight, StepRectify, StepRecheck, StepReopen,
		StepSupervisionReport, StepAcknowledgement, StepSupplement,
	}
}

// Values implements ent's enum interface.
func (EvidenceStep) Values() []string { return values(EvidenceSteps()) }

// RegionLevel is the level of an administrative division (行政区划).
type RegionLevel string

// The levels of regions.
const (
	Province RegionLevel = "PROVINCE"
	City     RegionLevel = "CITY"
	County   RegionLevel = "COUNTY"
	Township RegionLevel = "TOWNSHIP"
)

// Values implements ent's enum interface.
func (RegionLevel) Values() []string {
	return values([]RegionLevel{Province, City, County, Township})
}

// SchoolStage is a stage of education that a school teaches.
type SchoolStage string

// The stages of education.
const (
	Kindergarten SchoolStage = "KINDERGARTEN"
	Primary      SchoolStage = "PRIMARY"
	Middle       SchoolStage = "MIDDLE"
	High         SchoolStage = "HIGH"
	Vocational   SchoolStage = "VOCATIONAL"
	Special      SchoolStage = "SPECIAL"
)

// Ownership is who runs a school.
type Ownership string

// The ownerships of schools.
const (
	Public  Ownership = "PUBLIC"
	Private Ownership = "PRIVATE"
)

// Values implements ent's enum interface.
func (Ownership) Values() []string { return values([]Ownership{Public, Private}) }

// AssignmentRole is what a person is in a grid (网格责任人).
type AssignmentRole string

// The roles in a grid.
const (
	GridLeader AssignmentRole = "LEADER"
	GridMember AssignmentRole = "MEMBER"
	GridDeputy AssignmentRole = "DEPUTY" // 代理: stands in for somebody for a time
)

// Values implements ent's enum interface.
func (AssignmentRole) Values() []string {
	return values([]AssignmentRole{GridLeader, GridMember, GridDeputy})
}

// PlanStatus is where a rectification plan stands.
type PlanStatus string

// The statuses of a rectification plan.
const (
	PlanSubmitted PlanStatus = "SUBMITTED"
	PlanApproved  PlanStatus = "APPROVED"
	PlanReturned  PlanStatus = "RETURNED"
)

// Values implements ent's enum interface.
func (PlanStatus) Values() []string {
	return values([]PlanStatus{PlanSubmitted, PlanApproved, PlanReturned})
}

// ExtensionStatus is where a request for more time stands.
type ExtensionStatus string

// The statuses of an extension.
const (
	ExtensionPending ExtensionStatus = "PENDING"
	ExtensionGranted ExtensionStatus = "GRANTED"
	ExtensionRefused ExtensionStatus = "REFUSED"
)

// Values implements ent's enum interface.
func (ExtensionStatus) Values() []string {
	return values([]ExtensionStatus{ExtensionPending, ExtensionGranted, ExtensionRefused})
}

// OversightLevel is the authority that oversees a hazard (挂牌级别).
type OversightLevel string

// The levels of oversight orders.
const (
	OversightBySchool   OversightLevel = "SCHOOL"
	OversightByCounty   OversightLevel = "COUNTY"
	OversightByCity     OversightLevel = "CITY"
	OversightByProvince OversightLevel = "PROVINCE"
)

// Values implements ent's enum interface.
func (OversightLevel) Values() []string {
	return values([]OversightLevel{OversightBySchool, OversightByCounty, OversightByCity, OversightByProvince})
}

// RecheckResult is the outcome of a recheck (复查).
type RecheckResult string

// The outcomes of a recheck.
const (
	Accepted RecheckResult = "ACCEPTED"
	Rejected RecheckResult = "REJECTED"
)

// Values implements ent's enum interface.
func (RecheckResult) Values() []string { return values([]RecheckResult{Accepted, Rejected}) }

func values[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = string(v)
	}
	return out
}
