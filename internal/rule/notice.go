package rule

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

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
	NoticeEventDrafted       NoticeEventKind = "DRAFTED"        // written
	NoticeEventRevised       NoticeEventKind = "REVISED"        // a draft changed
	NoticeEventDropped       NoticeEventKind = "DROPPED"        // a draft given up
	NoticeEventIssued        NoticeEventKind = "ISSUED"         // numbered and frozen
	NoticeEventAcknowledged  NoticeEventKind = "ACKNOWLEDGED"   // signed by the school
	NoticeEventRefused       NoticeEventKind = "REFUSED"        // not signed
	NoticeEventReplied       NoticeEventKind = "REPLIED"        // answered by the school
	NoticeEventClosed        NoticeEventKind = "CLOSED"         // every hazard of it is closed
	NoticeEventSuperseded    NoticeEventKind = "SUPERSEDED"     // another notice stands in its place
	NoticeEventHandedIn      NoticeEventKind = "HANDED_IN"      // handed to the section
	NoticeEventEvidenceAdded NoticeEventKind = "EVIDENCE_ADDED" // files added to the signature
)

// NoticeEventKinds lists every kind of event.
func NoticeEventKinds() []NoticeEventKind {
	return []NoticeEventKind{
		NoticeEventDrafted, NoticeEventRevised, NoticeEventDropped, NoticeEventIssued, NoticeEventAcknowledged, NoticeEventRefused,
		NoticeEventReplied, NoticeEventClosed, NoticeEventSuperseded, NoticeEventHandedIn, NoticeEventEvidenceAdded,
	}
}

// Values implements ent's enum interface.
func (NoticeEventKind) Values() []string { return values(NoticeEventKinds()) }

// MaxNoticeHazards is the most problems on one notice: what is more is several
// notices.
const MaxNoticeHazards = 200

// NoticeFacts is what the life cycle needs to know of a notice.
type NoticeFacts struct {
	Status       NoticeStatus // empty before it is drafted
	Acknowledged bool         // whether the school signed, whatever came after
	HandedIn     bool
}

// NoticeStep is one row of the state table of notices (domain: notices).
type NoticeStep struct {
	Event NoticeEventKind
	From  []NoticeStatus // the empty status stands for "not yet drafted"
	To    NoticeStatus   // empty: the status stays
	Who   string         // for the documentation; authz decides
	Needs string         // for the documentation
	// allow refuses what the status alone would permit; nil allows.
	allow func(NoticeFacts) *fault.Error
}

// noticeSteps is the state table. Nothing else decides about a notice's status.
var noticeSteps = []NoticeStep{
	{Event: NoticeEventDrafted, From: []NoticeStatus{""}, To: NoticeDraft, Who: "inspector, section", Needs: "hazards of one school, requirements, deadline"},
	{Event: NoticeEventRevised, From: []NoticeStatus{NoticeDraft}, Who: "inspector, section", Needs: "what is to change"},
	{Event: NoticeEventDropped, From: []NoticeStatus{NoticeDraft}, To: NoticeDropped, Who: "inspector, section", Needs: "nothing; its hazards are free again"},
	{
		Event: NoticeEventIssued, From: []NoticeStatus{NoticeDraft}, To: NoticeIssued, Who: "inspector, section",
		Needs: "a deadline not before any of its hazards' own; gives the number and freezes the snapshot",
	},
	{Event: NoticeEventAcknowledged, From: []NoticeStatus{NoticeIssued}, To: NoticeAcknowledged, Who: "head of the school", Needs: "the school's opinion, evidence NOTICE_ACKNOWLEDGEMENT"},
	{Event: NoticeEventRefused, From: []NoticeStatus{NoticeIssued}, To: NoticeRefused, Who: "inspector, section", Needs: "the reason, a witness"},
	{
		Event: NoticeEventReplied, From: []NoticeStatus{NoticeAcknowledged, NoticeRefused, NoticeReplied}, To: NoticeReplied,
		Who: "head or safety officer of the school", Needs: "what was done; again after a rejected recheck",
	},
	{Event: NoticeEventClosed, From: []NoticeStatus{NoticeReplied}, To: NoticeClosed, Who: "nobody: follows", Needs: "every hazard on it CLOSED or VOIDED"},
	{
		Event: NoticeEventSuperseded, From: []NoticeStatus{NoticeIssued, NoticeAcknowledged, NoticeRefused, NoticeReplied}, To: NoticeSuperseded,
		Who: "inspector, section", Needs: "another notice that names it is issued",
	},
	{
		Event: NoticeEventHandedIn, From: []NoticeStatus{NoticeIssued, NoticeAcknowledged, NoticeRefused, NoticeReplied, NoticeClosed},
		Who: "contact or leader of the team", Needs: "once; late after the campaign's last day",
		allow: func(f NoticeFacts) *fault.Error {
			if f.HandedIn {
				return refuse("notice.handed_in", "该通知书已报送。", "This notice has been handed in already.")
			}
			return nil
		},
	},
	{
		// The signature stands whatever has become of the notice since, so does the
		// need to prove it; a refusal has none.
		Event: NoticeEventEvidenceAdded, From: []NoticeStatus{NoticeAcknowledged, NoticeReplied, NoticeClosed, NoticeSuperseded},
		Who: "head or safety officer of the school", Needs: "the school's signature; the files to add to it",
		allow: func(f NoticeFacts) *fault.Error {
			if !f.Acknowledged {
				return refuse("notice.not_signed", "学校未签收该通知书，没有可补充佐证的签收。", "The school did not sign this notice: there is no signature to add files to.")
			}
			return nil
		},
	},
}

// NoticeSteps gives the state table, for the documentation and for tests.
func NoticeSteps() []NoticeStep { return slices.Clone(noticeSteps) }

// NextNoticeStatus decides whether an event may happen to a notice and which
// status follows. A refusal is an INVALID_TRANSITION that names the state and
// the allowed events.
func NextNoticeStatus(f NoticeFacts, event NoticeEventKind) (NoticeStatus, error) {
	to, refusal := nextNotice(f, event)
	if refusal == nil {
		return to, nil
	}
	return f.Status, refusal.With("state", string(f.Status)).With("event", string(event)).With("allowedEvents", AllowedNoticeEvents(f))
}

// AllowedNoticeEvents lists what may happen to a notice next, regardless of
// who does it.
func AllowedNoticeEvents(f NoticeFacts) []NoticeEventKind {
	out := []NoticeEventKind{}
	for _, s := range noticeSteps {
		if _, refusal := nextNotice(f, s.Event); refusal == nil {
			out = append(out, s.Event)
		}
	}
	return out
}

func nextNotice(f NoticeFacts, event NoticeEventKind) (NoticeStatus, *fault.Error) {
	i := slices.IndexFunc(noticeSteps, func(s NoticeStep) bool { return s.Event == event })
	if i < 0 || !slices.Contains(noticeSteps[i].From, f.Status) {
		return "", fault.New(fault.InvalidTransition, "notice.transition",
			fault.Tf("通知书当前状态为 %s，不能执行 %s。", "The notice is %s; %s is not possible now.", f.Status, event))
	}
	s := noticeSteps[i]
	if s.allow != nil {
		if refusal := s.allow(f); refusal != nil {
			return "", refusal
		}
	}
	if s.To == "" {
		return f.Status, nil
	}
	return s.To, nil
}

// Secret reports whether the school may not see a notice: a draft is the team's
// own, also when it was given up.
func (s NoticeStatus) Secret() bool { return s == NoticeDraft || s == NoticeDropped }

// Running reports whether a notice still asks something of its school.
func (s NoticeStatus) Running() bool { return slices.Contains(RunningNotices(), s) }

// RunningNotices are the statuses of a notice that was issued and neither closed
// nor superseded.
func RunningNotices() []NoticeStatus {
	return []NoticeStatus{NoticeIssued, NoticeAcknowledged, NoticeRefused, NoticeReplied}
}

// NoticeOverdue reports whether a running notice's deadline has passed on a day:
// it lasts to the end of its day.
func NoticeOverdue(status NoticeStatus, deadline, today clock.Date) bool {
	return status.Running() && deadline < today
}

// HandedInLate reports whether a notice was handed to the section after the
// campaign's last day (plan: 于4月30日前向法规安全科反馈); day is that of the hand-in, or
// today while it has not been handed in.
func HandedInLate(day, endsOn clock.Date) bool { return day > endsOn }

// NoticeNumber is a notice's number as printed, for example 武教安改〔2021〕第0001号.
func NoticeNumber(prefix string, year, number int) string {
	return fmt.Sprintf("%s〔%d〕第%04d号", prefix, year, number)
}

var noticeNumber = regexp.MustCompile(`〔([1-9][0-9]{3})〕第([0-9]{4,9})号$`)

// ReadNoticeNumber reads the year and the number out of a printed number; false
// for any other text.
func ReadNoticeNumber(text string) (year, number int, ok bool) {
	m := noticeNumber.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	year, _ = strconv.Atoi(m[1]) // digits that fit: the expression has seen to it
	number, _ = strconv.Atoi(m[2])
	return year, number, true
}

// CheckNoticeDeadline refuses a deadline of a hazard later than that of the
// notice that names it (domain: a hazard's deadline may not be later than its
// notice's): BAD_USER_INPUT at the path. Only a superseding notice gives more
// time. notice nil: no notice names the hazard.
func CheckNoticeDeadline(path string, deadline clock.Date, notice *clock.Date) error {
	if notice == nil || deadline <= *notice {
		return nil
	}
	return fault.Bad(path, "after_notice", fault.Tf("期限不能晚于整改通知书的期限 %s；确需延后的，请先下发新的通知书取代原通知书。",
		"The deadline can't be later than that of the rectification notice, %s. To give more time, issue a notice that supersedes it.", string(*notice)))
}

// NoticedHazard is a hazard that a notice is to name.
type NoticedHazard struct {
	ID         string // as everybody sees it
	Status     HazardStatus
	DeadlineOn clock.Date // empty without one
}

// CheckIssue refuses to issue a notice whose deadline has passed, or lies before
// the present deadline of a hazard on it, or that names a hazard which needs no
// work any more. The refusal is an INVALID_TRANSITION that names the hazards: the
// draft must be revised, a hazard's deadline is never brought forward unseen.
func CheckIssue(deadline, today clock.Date, hazards []NoticedHazard) error {
	var done, later []string
	for _, h := range hazards {
		switch {
		case !h.Status.Open():
			done = append(done, h.ID)
		case h.DeadlineOn > deadline:
			later = append(later, h.ID)
		}
	}
	switch {
	case len(hazards) == 0:
		return refuse("notice.empty", "通知书没有列明隐患。", "The notice names no hazard.")
	case deadline < today:
		return refuse("notice.deadline_passed", "通知书的期限已过，请先修改草稿。", "The notice's deadline has passed. Revise the draft first.")
	case len(done) > 0:
		return refuse("notice.hazard_done", "通知书中的隐患 "+done[0]+" 已销号或作废，请先修改草稿。",
			"The hazard "+done[0]+" on the notice is closed or voided. Revise the draft first.").With("hazardIds", done)
	case len(later) > 0:
		return refuse("notice.hazard_deadline", "隐患 "+later[0]+" 的期限晚于通知书的期限，请先修改草稿。",
			"The deadline of the hazard "+later[0]+" is later than the notice's. Revise the draft first.").With("hazardIds", later)
	}
	return nil
}

// NoticeSnapshot is what a notice said when it was issued, frozen. Its canonical
// form is JSON without white space, the members in the order of this struct, in
// UTF-8 with nothing escaped that JSON lets stand but U+2028 and U+2029, absent
// texts as "". The hash of a notice is the SHA-256 of exactly these bytes: anybody
// who has them can compute it again with any tool (`sha256sum`).
type NoticeSnapshot struct {
	Form         string                `json:"form"` // NoticeForm
	Number       string                `json:"number"`
	IssuedOn     clock.Date            `json:"issuedOn"` // in the campaign's zone
	IssuedAt     string                `json:"issuedAt"` // RFC 3339, UTC
	Issuer       NoticeSnapshotPlace   `json:"issuer"`
	Campaign     NoticeSnapshotPlace   `json:"campaign"`
	School       NoticeSnapshotPlace   `json:"school"`
	Team         NoticeSnapshotPlace   `json:"team"` // empty without a team
	Report       string                `json:"report"`
	Supersedes   string                `json:"supersedes"` // number of the notice that it replaces
	Requirements string                `json:"requirements"`
	DeadlineOn   clock.Date            `json:"deadlineOn"`
	Problems     []NoticeSnapshotIssue `json:"problems"`
}

// NoticeForm names the form of a snapshot; a later form has another name.
const NoticeForm = "cleargrid.notice.v1"

// NoticeSnapshotPlace is an institution as it was named then.
type NoticeSnapshotPlace struct {
	ID   string `json:"id"`
	Code string `json:"code"`
	Name string `json:"name"`
}

// NoticeSnapshotIssue is one problem on the notice.
type NoticeSnapshotIssue struct {
	Position    int         `json:"position"`
	Hazard      string      `json:"hazard"`
	Category    string      `json:"category"`
	Grade       HazardGrade `json:"grade"`
	Problem     string      `json:"problem"`
	Place       string      `json:"place"`
	Basis       string      `json:"basis"`
	Requirement string      `json:"requirement"`
	DeadlineOn  clock.Date  `json:"deadlineOn"` // the hazard's own; empty without one
}

// Freeze gives the canonical form and its SHA-256 in hex.
func (s NoticeSnapshot) Freeze() (text, hash string, err error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return "", "", fmt.Errorf("snapshot of a notice: %w", err)
	}
	text = string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return text, HashNotice(text), nil
}

// HashNotice is the SHA-256 of a snapshot's canonical form, in hex.
func HashNotice(snapshot string) string {
	sum := sha256.Sum256([]byte(snapshot))
	return hex.EncodeToString(sum[:])
}

// NoticeYear is the year that a notice is numbered in: that of the campaign's
// zone.
func NoticeYear(p Policy, now time.Time) int { return now.In(p.Zone()).Year() }
