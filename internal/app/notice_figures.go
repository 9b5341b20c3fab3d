package app

import (
	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/noticeevent"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// How far notices had got at an instant: now their rows say it, of the past their
// events do, by when things happened.

// NoticeFigure is one of the dashboard's figures of notices.
type NoticeFigure string

// The values of NoticeFigure.
const (
	NoticesIssued       NoticeFigure = "ISSUED"
	NoticesAcknowledged NoticeFigure = "ACKNOWLEDGED"
	NoticesRefused      NoticeFigure = "REFUSED"
	NoticesReplied      NoticeFigure = "REPLIED"
	NoticesClosed       NoticeFigure = "CLOSED"
	NoticesOverdue      NoticeFigure = "OVERDUE"
)

// countedNotices are the notices of a board's campaign that count: issued and not
// superseded.
func (a *App) countedNotices(b board) *ent.NoticeQuery {
	return a.store.Ent.Notice.Query().Where(notice.CampaignID(b.campaign.ID), func(s *sql.Selector) { s.Where(b.noticeCounts(s)) })
}

func (w when) noticeCounts(s *sql.Selector) *sql.Predicate {
	return sql.And(w.noticeHad(s, rule.NoticeEventIssued), sql.Not(w.noticeHad(s, rule.NoticeEventSuperseded)))
}

// noticeHad is true for notices to which something had happened.
func (w when) noticeHad(s *sql.Selector, event rule.NoticeEventKind) *sql.Predicate {
	if w.past {
		t := sql.Table(noticeevent.Table).As("had")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(noticeevent.FieldID)).From(t).Where(sql.And(
			sql.ColumnsEQ(t.C(noticeevent.FieldNoticeID), s.C(notice.FieldID)), sql.EQ(t.C(noticeevent.FieldKind), event),
			sql.LTE(t.C(noticeevent.FieldHappenedAt), w.at))))
	}
	switch event {
	case rule.NoticeEventIssued:
		return sql.NotNull(s.C(notice.FieldIssuedAt))
	case rule.NoticeEventAcknowledged:
		return sql.NotNull(s.C(notice.FieldAcknowledgedAt))
	case rule.NoticeEventRefused:
		return sql.NEQ(s.C(notice.FieldRefusalReason), "")
	case rule.NoticeEventReplied:
		return sql.NotNull(s.C(notice.FieldRepliedAt))
	case rule.NoticeEventClosed:
		return sql.NotNull(s.C(notice.FieldClosedAt))
	case rule.NoticeEventSuperseded:
		return sql.NotNull(s.C(notice.FieldSupersededAt))
	case rule.NoticeEventHandedIn:
		return sql.NotNull(s.C(notice.FieldHandedInAt))
	case rule.NoticeEventDropped:
		return sql.EQ(s.C(notice.FieldStatus), rule.NoticeDropped)
	default: // drafted: each has been. Nobody asks whether it was revised or supplemented
		return sql.P(func(b *sql.Builder) { b.WriteString("1 = 1") })
	}
}

// noticeEnds are the events that give a notice its status, the last first: it has
// that of the first that it had.
var noticeEnds = []struct {
	event  rule.NoticeEventKind
	status rule.NoticeStatus
}{
	{rule.NoticeEventSuperseded, rule.NoticeSuperseded}, {rule.NoticeEventDropped, rule.NoticeDropped}, {rule.NoticeEventClosed, rule.NoticeClosed},
	{rule.NoticeEventReplied, rule.NoticeReplied}, {rule.NoticeEventRefused, rule.NoticeRefused}, {rule.NoticeEventAcknowledged, rule.NoticeAcknowledged},
	{rule.NoticeEventIssued, rule.NoticeIssued}, {rule.NoticeEventDrafted, rule.NoticeDraft},
}

// noticeIs is true for notices with one of some statuses.
func (w when) noticeIs(s *sql.Selector, statuses []rule.NoticeStatus) *sql.Predicate {
	if !w.past {
		return sql.In(s.C(notice.FieldStatus), anys(statuses)...)
	}
	return sql.P(func(b *sql.Builder) {
		b.WriteString("CASE")
		for _, x := range noticeEnds {
			b.WriteString(" WHEN ").Join(w.noticeHad(s, x.event)).WriteString(" THEN '" + string(x.status) + "'")
		}
		b.WriteString(" END IN (").Args(anys(statuses)...).WriteString(")")
	})
}

// noticeOverdue is true for notices that run past their deadline: "today" is a
// date of the zone of each campaign.
func (w when) noticeOverdue(s *sql.Selector, today map[clock.Date][]any) *sql.Predicate {
	late := sql.False()
	for day, campaigns := range today {
		late = sql.Or(late, sql.And(sql.In(s.C(notice.FieldCampaignID), campaigns...), sql.LT(s.C(notice.FieldDeadlineOn), string(day))))
	}
	return sql.And(w.noticeCounts(s), sql.Not(w.noticeHad(s, rule.NoticeEventClosed)), late)
}

// inNoticeFigure is true for the notices that a figure counts.
func (w when) inNoticeFigure(s *sql.Selector, f NoticeFigure, today map[clock.Date][]any) *sql.Predicate {
	switch f {
	case NoticesOverdue:
		return w.noticeOverdue(s, today)
	case NoticesIssued:
		return w.noticeCounts(s)
	default: // the others are named like their events
		return sql.And(w.noticeCounts(s), w.noticeHad(s, rule.NoticeEventKind(f)))
	}
}
