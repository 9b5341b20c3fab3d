package rule

// CaseKind is why a case was raised (追责情形).
type CaseKind string

// The values of CaseKind.
const (
	CaseLateReport    CaseKind = "LATE_REPORT"     // 迟报
	CaseMissed        CaseKind = "MISSED"          // 应发现未发现
	CaseFalseReport   CaseKind = "FALSE_REPORT"    // 弄虚作假
	CaseOverdue       CaseKind = "OVERDUE"         // 应整改未整改
	CaseNotCarriedOut CaseKind = "NOT_CARRIED_OUT" // 视为未开展工作
	CaseSelfDealing   CaseKind = "SELF_DEALING"    // 代查, refused and logged
)

// CaseKinds lists the kinds of cases.
func CaseKinds() []CaseKind {
	return []CaseKind{CaseLateReport, CaseMissed, CaseFalseReport, CaseOverdue, CaseNotCarriedOut, CaseSelfDealing}
}

// Values implements ent's enum interface.
func (CaseKind) Values() []string { return values(CaseKinds()) }

// CaseStatus is where a case stands.
type CaseStatus string

// The values of CaseStatus.
const (
	CaseOpen      CaseStatus = "OPEN"      // 待研判
	CaseConfirmed CaseStatus = "CONFIRMED" // 认定
	CaseDismissed CaseStatus = "DISMISSED" // 不予追责
)

// CaseStatuses lists the statuses of a case.
func CaseStatuses() []CaseStatus {
	return []CaseStatus{CaseOpen, CaseConfirmed, CaseDismissed}
}

// Values implements ent's enum interface.
func (CaseStatus) Values() []string { return values(CaseStatuses()) }
