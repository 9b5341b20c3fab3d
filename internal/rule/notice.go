package rule

// NoticeStatus is where a rectification notice stands (整改通知书状态).
type NoticeStatus string

// The values of NoticeStatus.
const (
	NoticeDraft        NoticeStatus = "DRAFT"        // 草稿
	NoticeIssued       NoticeStatus = "ISSUED"       // 已下发
	NoticeAcknowledged NoticeStatus = "ACKNOWLEDGED" // 已签收
	NoticeRefused      NoticeStatus = "REFUSED"      // 拒签, recorded with a witness
	NoticeReplied      NoticeStatus = "REPLIED"      // 已回复
	NoticeClosed       NoticeStatus = "CLOSED"       // 已办结
	NoticeSuperseded   NoticeStatus = "SUPERSEDED"   // 被新通知书取代
	NoticeDropped      NoticeStatus = "DROPPED"      // a draft that was given up
)

// NoticeStatuses lists the statuses in the order of a notice's life.
func NoticeStatuses() []NoticeStatus {
	return []NoticeStatus{NoticeDraft, NoticeIssued, NoticeAcknowledged, NoticeRefused, NoticeReplied, NoticeClosed, NoticeSuperseded, NoticeDropped}
}

// Values implements ent's enum interface.
func (NoticeStatus) Values() []string { return values(NoticeStatuses()) }

// NoticeEventKind is one kind of step in a notice's life.
type NoticeEventKind string

// The values of NoticeEventKind.
const (
	NoticeEventDrafted      NoticeEventKind = "DRAFTED"      // written
	NoticeEventRevised      NoticeEventKind = "REVISED"      // a draft changed
	NoticeEventDropped      NoticeEventKind = "DROPPED"      // a draft given up
	NoticeEventIssued       NoticeEventKind = "ISSUED"       // numbered and frozen
	NoticeEventAcknowledged NoticeEventKind = "ACKNOWLEDGED" // signed by the school
	NoticeEventRefused      NoticeEventKind = "REFUSED"      // not signed
	NoticeEventReplied      NoticeEventKind = "REPLIED"      // answered by the school
	NoticeEventClosed       NoticeEventKind = "CLOSED"       // every hazard of it is closed
	NoticeEventSuperseded   NoticeEventKind = "SUPERSEDED"   // another notice stands in its place
	NoticeEventHandedIn     NoticeEventKind = "HANDED_IN"    // handed to the section
)

// NoticeEventKinds lists every kind of event.
func NoticeEventKinds() []NoticeEventKind {
	return []NoticeEventKind{NoticeEventDrafted, NoticeEventRevised, NoticeEventDropped, NoticeEventIssued, NoticeEventAcknowledged, NoticeEventRefused, NoticeEventReplied, NoticeEventClosed, NoticeEventSuperseded, NoticeEventHandedIn}
}

// Values implements ent's enum interface.
func (NoticeEventKind) Values() []string { return values(NoticeEventKinds()) }
