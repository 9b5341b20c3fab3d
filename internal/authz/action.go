package authz

// Action is one thing that somebody may be allowed to do. Each mutation of the
// API has the action of its name.
type Action string

// The actions.
const (
	SignIn         Action = "signIn"
	RefreshSession Action = "refreshSession"
	SignOut        Action = "signOut"

	FormTeam          Action = "formTeam"
	ChangeTeamMembers Action = "changeTeamMembers"
	ChangeTeamAreas   Action = "changeTeamAreas"
	ProposeVisits     Action = "proposeVisits"
	ReplanVisits      Action = "replanVisits"
	ConfirmVisits     Action = "confirmVisits"
	CancelVisit       Action = "cancelVisit"
	ConfirmExemption  Action = "confirmExemption"
	ViewSampling      Action = "viewSampling"

	ViewSamplingFigures Action = "viewSamplingFigures"

	CreateGrids       Action = "createGrids"
	CloseGrid         Action = "closeGrid"
	AssignGrid        Action = "assignGrid"
	EndGridAssignment Action = "endGridAssignment"

	SubmitSelfInspection Action = "submitSelfInspection"

	RecordRiskPoint    Action = "recordRiskPoint"
	AssessRiskPoint    Action = "assessRiskPoint"
	ChangeRiskControls Action = "changeRiskControls"
	CloseRiskPoint     Action = "closeRiskPoint"

	FormLeadingGroup     Action = "formLeadingGroup"
	DissolveLeadingGroup Action = "dissolveLeadingGroup"

	StartInspection        Action = "startInspection"
	RecordFindings         Action = "recordFindings"
	SubmitInspectionReport Action = "submitInspectionReport"

	ReportHazard            Action = "reportHazard"
	GradeHazard             Action = "gradeHazard"
	AddHazardSigns          Action = "addHazardSigns"
	DecideDowngrade         Action = "decideDowngrade"
	PlaceUnderOversight     Action = "placeUnderOversight"
	EscalateOversight       Action = "escalateOversight"
	SubmitRectificationPlan Action = "submitRectificationPlan"
	ApproveRectification    Action = "approveRectificationPlan"
	ReturnRectification     Action = "returnRectificationPlan"
	RequestExtension        Action = "requestExtension"
	DecideExtension         Action = "decideExtension"
	MarkRectified           Action = "markRectified"
	AcceptRectification     Action = "acceptRectification"
	RejectRectification     Action = "rejectRectification"
	RequestVoid             Action = "requestVoid"
	VoidHazard              Action = "voidHazard"
	ReopenHazard            Action = "reopenHazard"

	DraftNotice       Action = "draftNotice"
	ReviseNotice      Action = "reviseNotice"
	DiscardNotice     Action = "discardNotice"
	IssueNotice       Action = "issueNotice"
	SupersedeNotice   Action = "supersedeNotice"
	AcknowledgeNotice Action = "acknowledgeNotice"
	RefuseNotice      Action = "refuseNotice"
	ReplyToNotice     Action = "replyToNotice"
	HandInNotices     Action = "handInNotices"

	AnnounceEvidence   Action = "announceEvidence"
	CompleteEvidence   Action = "completeEvidence"
	OpenOriginal       Action = "openOriginal"
	UploadEvidence     Action = "uploadEvidence"
	SupplementEvidence Action = "supplementEvidence"

	ReviewEvidence              Action = "reviewEvidence"
	HoldEvidence                Action = "holdEvidence"
	ReleaseEvidence             Action = "releaseEvidence"
	RequestEvidenceDestruction  Action = "requestEvidenceDestruction"
	WithdrawEvidenceDestruction Action = "withdrawEvidenceDestruction"
	ApproveEvidenceDestruction  Action = "approveEvidenceDestruction"

	MoveSchool           Action = "moveSchool"
	CloseSchool          Action = "closeSchool"
	ChangeSchoolBoundary Action = "changeSchoolBoundary"

	DecideCase Action = "decideCase"
	AppealCase Action = "appealCase"

	SubmitBatch   Action = "submitBatch"
	ViewDashboard Action = "viewDashboard"
)

type row struct {
	action   Action
	public   bool // everybody, even nobody
	signedIn bool // everybody who is signed in
	clauses  []clause
}

// rows is the whole of who may do what (domain: roles, and "who" of a hazard's
// life). Bureau leaders who lead a team act as INSPECTOR in its areas.
var rows = []row{
	{action: SignIn, public: true},
	{action: RefreshSession, public: true},
	{action: SignOut, signedIn: true},

	{action: FormTeam, clauses: roles(anywhere, SafetySection)},
	{action: ChangeTeamMembers, clauses: roles(anywhere, SafetySection)},
	{action: ChangeTeamAreas, clauses: roles(anywhere, SafetySection)},
	{action: ProposeVisits, clauses: roles(anywhere, SafetySection)},
	{action: ReplanVisits, clauses: roles(anywhere, SafetySection)},
	{action: ConfirmVisits, clauses: roles(anywhere, SafetySection, BureauLeader)},
	{action: CancelVisit, clauses: roles(anywhere, SafetySection, BureauLeader)},
	{action: ConfirmExemption, clauses: roles(anywhere, SafetySection, BureauLeader)},
	{action: ViewSampling, clauses: roles(anywhere, SafetySection, BureauLeader)},
	{action: ViewSamplingFigures, clauses: roles(anywhere, SafetySection, BureauLeader, StatisticsViewer, PlatformAdmin)},

	{action: CreateGrids, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: CloseGrid, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: AssignGrid, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: EndGridAssignment, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},

	{action: SubmitSelfInspection, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},

	{action: RecordRiskPoint, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: AssessRiskPoint, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: ChangeRiskControls, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: CloseRiskPoint, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},

	// A school forms its own group; the section that of the bureau, and none for a school.
	{action: FormLeadingGroup, clauses: append(roles(anywhere, SchoolSafetyOfficer, SchoolLeader), roles(when(ofBureau), SafetySection)...)},
	{action: DissolveLeadingGroup, clauses: append(roles(anywhere, SchoolSafetyOfficer, SchoolLeader), roles(when(ofBureau), SafetySection)...)},

	{action: StartInspection, clauses: append(append(
		roles(when(ownGrid, bySchool), GridMember),
		roles(when(bySchool), SchoolSafetyOfficer, SchoolLeader)...),
		roles(when(bySupervision, notOfSchool), Inspector)...)},
	{action: RecordFindings, clauses: roles(when(owner), GridMember, SchoolSafetyOfficer, SchoolLeader, Inspector)},
	{action: SubmitInspectionReport, clauses: roles(when(owner), GridMember, SchoolSafetyOfficer, SchoolLeader, Inspector)},

	{action: ReportHazard, clauses: append(append(
		roles(when(ownGrid, bySchool), GridMember),
		roles(when(bySchool), SchoolSafetyOfficer, SchoolLeader)...),
		roles(when(bySupervision, notOfSchool), Inspector)...)},
	{action: GradeHazard, clauses: append(
		roles(anywhere, SchoolSafetyOfficer, SchoolLeader, SafetySection), roles(when(notOfSchool), Inspector)...)},
	{action: AddHazardSigns, clauses: append(
		roles(anywhere, SchoolSafetyOfficer, SchoolLeader, SafetySection), roles(when(notOfSchool), Inspector)...)},
	{action: DecideDowngrade, clauses: append(
		roles(when(notRequester), SchoolSafetyOfficer, SchoolLeader), roles(when(notRequester, notOfSchool), SafetySection, Inspector)...)},
	{action: PlaceUnderOversight, clauses: append(roles(when(general), SchoolSafetyOfficer, SchoolLeader), roles(anywhere, SafetySection)...)},
	{action: EscalateOversight, clauses: roles(anywhere, SafetySection)},
	{action: SubmitRectificationPlan, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: ApproveRectification, clauses: roles(when(notRequester, notOfSchool), SafetySection, Inspector)},
	{action: ReturnRectification, clauses: roles(when(notRequester, notOfSchool), SafetySection, Inspector)},
	{action: RequestExtension, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: DecideExtension, clauses: roles(when(notRequester, notOfSchool), SafetySection)},
	{action: MarkRectified, clauses: roles(when(responsible), GridMember, SchoolSafetyOfficer, SchoolLeader)},
	{action: AcceptRectification, clauses: recheckers()},
	{action: RejectRectification, clauses: recheckers()},
	{action: RequestVoid, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: VoidHazard, clauses: roles(anywhere, SafetySection)},
	{action: ReopenHazard, clauses: append(roles(anywhere, SafetySection), roles(when(notOfSchool), Inspector)...)},

	{action: DraftNotice, clauses: issuers()},
	{action: ReviseNotice, clauses: issuers()},
	{action: DiscardNotice, clauses: issuers()},
	{action: IssueNotice, clauses: issuers()},
	{action: SupersedeNotice, clauses: issuers()},
	{action: AcknowledgeNotice, clauses: roles(anywhere, SchoolLeader)},
	{action: RefuseNotice, clauses: issuers()},
	{action: ReplyToNotice, clauses: roles(anywhere, SchoolSafetyOfficer, SchoolLeader)},
	{action: HandInNotices, clauses: roles(when(contact), Inspector, BureauLeader)}, // who leads the team still may after the wind-up

	{action: AnnounceEvidence, clauses: roles(anywhere, GridMember, SchoolSafetyOfficer, SchoolLeader, Inspector, SafetySection)},
	{action: CompleteEvidence, clauses: roles(when(owner), GridMember, SchoolSafetyOfficer, SchoolLeader, Inspector, SafetySection)},
	{action: UploadEvidence, clauses: roles(anywhere, GridMember, SchoolSafetyOfficer, SchoolLeader, Inspector, SafetySection)},
	{action: SupplementEvidence, clauses: append( // nobody proves another's visit or recheck
		roles(when(owner), GridMember, Inspector, SafetySection), roles(when(bySchool), SchoolSafetyOfficer, SchoolLeader)...)},

	{action: ReviewEvidence, clauses: roles(when(notOfSchool), SafetySection)},
	{action: HoldEvidence, clauses: roles(anywhere, SafetySection)},
	{action: ReleaseEvidence, clauses: roles(anywhere, SafetySection)},
	{action: RequestEvidenceDestruction, clauses: roles(anywhere, SafetySection)},
	{action: WithdrawEvidenceDestruction, clauses: roles(anywhere, SafetySection)},
	{action: ApproveEvidenceDestruction, clauses: roles(when(notRequester), SafetySection, BureauLeader)},

	{action: MoveSchool, clauses: roles(anywhere, PlatformAdmin, SafetySection)},
	{action: CloseSchool, clauses: roles(anywhere, PlatformAdmin, SafetySection)},
	{action: ChangeSchoolBoundary, clauses: roles(anywhere, SafetySection, PlatformAdmin)},

	{action: DecideCase, clauses: roles(when(notHeld, notOfSchool), SafetySection, BureauLeader)},
	{action: AppealCase, clauses: append(roles(anywhere, SchoolLeader), clause{anyone, when(held)})},

	{action: SubmitBatch, signedIn: true},   // each command asks for itself
	{action: OpenOriginal, signedIn: true},  // the file is in sight
	{action: ViewDashboard, signedIn: true}, // the figures are those of the schools in sight
}

// recheckers may accept or reject: a person of the team or the section who does
// not belong to the school, and for a GENERAL hazard that the school itself
// found, another person of the school.
func recheckers() []clause {
	return append(
		roles(independentOne, Inspector, SafetySection),
		roles(when(notRectifier, general, bySchool), SchoolSafetyOfficer, SchoolLeader, GridMember)...)
}

// issuers may write a notice to a school: the team of its area and the section,
// but nobody who belongs to the school.
func issuers() []clause { return roles(when(notOfSchool), Inspector, SafetySection) }

var table = func() map[Action]row {
	m := make(map[Action]row, len(rows))
	for _, r := range rows {
		m[r.action] = r
	}
	return m
}()

// Actions lists the actions in the order of the table.
func Actions() []Action {
	out := make([]Action, len(rows))
	for i, r := range rows {
		out[i] = r.action
	}
	return out
}
