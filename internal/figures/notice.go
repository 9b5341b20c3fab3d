package figures

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/noticeevent"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/store"
)

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
func (rd Reader) countedNotices(sc Scope) *ent.NoticeQuery {
	return rd.Ent.Notice.Query().Where(notice.CampaignID(sc.Campaign.ID), func(s *sql.Selector) { s.Where(sc.noticeCounts(s)) })
}

func (w AsOf) noticeCounts(s *sql.Selector) *sql.Predicate {
	return sql.And(w.NoticeHad(s, rule.NoticeEventIssued), sql.Not(w.NoticeHad(s, rule.NoticeEventSuperseded)))
}

// NoticeHad is true for notices to which something had happened.
func (w AsOf) NoticeHad(s *sql.Selector, event rule.NoticeEventKind) *sql.Predicate {
	if w.Past {
		t := sql.Table(noticeevent.Table).As("had")
		return sql.Exists(sql.Dialect(s.Dialect()).Select(t.C(noticeevent.FieldID)).From(t).Where(sql.And(
			sql.ColumnsEQ(t.C(noticeevent.FieldNoticeID), s.C(notice.FieldID)), sql.EQ(t.C(noticeevent.FieldKind), event),
			sql.LTE(t.C(noticeevent.FieldHappenedAt), w.At))))
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

// NoticeIs is true for notices with one of some statuses.
func (w AsOf) NoticeIs(s *sql.Selector, statuses []rule.NoticeStatus) *sql.Predicate {
	if !w.Past {
		return sql.In(s.C(notice.FieldStatus), anys(statuses)...)
	}
	return sql.P(func(b *sql.Builder) {
		b.WriteString("CASE")
		for _, x := range noticeEnds {
			b.WriteString(" WHEN ").Join(w.NoticeHad(s, x.event)).WriteString(" THEN '" + string(x.status) + "'")
		}
		b.WriteString(" END IN (").Args(anys(statuses)...).WriteString(")")
	})
}

// NoticeOverdue is true for notices that run past their deadline, each by the date
// in its campaign's zone.
func (w AsOf) NoticeOverdue(s *sql.Selector, today []Today) *sql.Predicate {
	return w.InNoticeFigure(s, NoticesOverdue, today)
}

// InNoticeFigure is true for the notices that a figure counts.
func (w AsOf) InNoticeFigure(s *sql.Selector, f NoticeFigure, today []Today) *sql.Predicate {
	return sql.And(w.noticeCounts(s), w.noticeGot(s, f, today))
}

// noticeGot is true for notices, of those that count, that have got as far as a
// figure says.
func (w AsOf) noticeGot(s *sql.Selector, f NoticeFigure, today []Today) *sql.Predicate {
	switch f {
	case NoticesOverdue:
		return sql.And(sql.Not(w.NoticeHad(s, rule.NoticeEventClosed)), late(s.C, today))
	case NoticesIssued:
		return always()
	default: // the others are named like their events
		return w.NoticeHad(s, rule.NoticeEventKind(f))
	}
}

// HandIn is how far a team is with handing its notices in. Superseded notices and
// drafts don't count. It is late when one was handed in after the campaign's last
// day, or is missing after it.
type HandIn struct {
	Team      *ent.InspectionTeam
	Issued    int
	HandedIn  int
	LateCount int // of those handed in
	Late      bool
}

// Missing is how many notices have not been handed in.
func (h HandIn) Missing() int { return h.Issued - h.HandedIn }

// CountHandIns counts the notices in sight by their team.
func (rd Reader) CountHandIns(ctx context.Context, sc Scope) (map[uuid.UUID]HandIn, error) {
	var rows []struct {
		TeamID   uuid.UUID `json:"team_id"`
		Issued   int       `json:"issued"`
		HandedIn int       `json:"handed_in"`
		Late     int       `json:"late"`
	}
	end := sc.Campaign.EndsOn.End(sc.policy().Zone())
	err := rd.countedNotices(sc).Where(notice.TeamIDNotNil()).Modify(func(s *sql.Selector) {
		handedIn := sc.NoticeHad(s, rule.NoticeEventHandedIn)
		s.Select(s.C(notice.FieldTeamID), sql.As(sql.Count("*"), "issued")).GroupBy(s.C(notice.FieldTeamID)).
			AppendSelectExprAs(countIf(handedIn), "handed_in").
			AppendSelectExprAs(countIf(sql.And(handedIn, sql.GTE(s.C(notice.FieldHandedInAt), end))), "late")
	}).Scan(ctx, &rows)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make(map[uuid.UUID]HandIn, len(rows))
	for _, r := range rows {
		out[r.TeamID] = HandIn{Issued: r.Issued, HandedIn: r.HandedIn, LateCount: r.Late}
	}
	return out, nil
}

// NoticeFigures are the counts of a region's notices that were issued and not
// superseded (domain: figures). Each tells how many have got so far, so a closed
// notice counts among the replied ones too.
type NoticeFigures struct {
	Issued, Acknowledged, Refused, Replied, Closed int
	Overdue                                        int // not closed after the deadline
}

// noticeFigures are the counts of notices, in the order of their columns.
var noticeFigures = []struct {
	name, column string
	figure       NoticeFigure
	at           func(*NoticeFigures) *int
	rebuilt      func(n *ent.Notice, today clock.Date) bool // of a notice that counts
}{
	{"issued", "issued", NoticesIssued, func(f *NoticeFigures) *int { return &f.Issued },
		func(_ *ent.Notice, _ clock.Date) bool { return true }},
	{"acknowledged", "acknowledged", NoticesAcknowledged, func(f *NoticeFigures) *int { return &f.Acknowledged },
		func(n *ent.Notice, _ clock.Date) bool { return n.AcknowledgedAt != nil }},
	{"refused", "refused", NoticesRefused, func(f *NoticeFigures) *int { return &f.Refused },
		func(n *ent.Notice, _ clock.Date) bool { return n.RefusalReason != "" }},
	{"replied", "replied", NoticesReplied, func(f *NoticeFigures) *int { return &f.Replied },
		func(n *ent.Notice, _ clock.Date) bool { return n.RepliedAt != nil }},
	{"closed", "closed", NoticesClosed, func(f *NoticeFigures) *int { return &f.Closed },
		func(n *ent.Notice, _ clock.Date) bool { return n.ClosedAt != nil }},
	{"overdue", "overdue", NoticesOverdue, func(f *NoticeFigures) *int { return &f.Overdue },
		func(n *ent.Notice, today clock.Date) bool { return rule.NoticeOverdue(n.Status, n.DeadlineOn, today) }},
}

func (f *NoticeFigures) add(d NoticeFigures) {
	for _, c := range noticeFigures {
		*c.at(f) += *c.at(&d)
	}
}

// Notices counts the notices of a campaign by the path of the school's township,
// below a region: one statement, of the schools whose figures the viewer may read.
func (rd Reader) Notices(ctx context.Context, sc Scope) (map[string]NoticeFigures, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		NoticeFigures
	}
	viewer := authz.FromContext(ctx)
	err := rd.countedNotices(sc).Modify(func(s *sql.Selector) {
		schools := inSight(s, viewer, sc.Region.Path)
		s.Join(schools).On(s.C(notice.FieldSchoolID), schools.C(school.FieldID))
		s.Select(schools.C(school.FieldRegionPath)).GroupBy(schools.C(school.FieldRegionPath))
		for _, f := range noticeFigures {
			s.AppendSelectExprAs(countIf(sc.noticeGot(s, f.figure, sc.todays())), f.column)
		}
	}).Scan(authz.AsSystem(ctx), &rows)
	out := make(map[string]NoticeFigures, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.NoticeFigures
	}
	return out, store.Fault(err)
}

// inSight is the table of the schools below a region whose figures a viewer may
// read.
func inSight(s *sql.Selector, v authz.Viewer, regionPath string) *sql.Selector {
	t := sql.Dialect(s.Dialect()).Select(school.FieldID, school.FieldRegionPath).From(sql.Table(school.Table))
	scope.SchoolsCounted(v)(t)
	Subtree(t, t.C(school.FieldRegionPath), regionPath)
	return t.As("schools_in_sight")
}

// HandInFigures counts the teams that have notices in a region, and those of them
// that have handed all of them in.
type HandInFigures struct{ Teams, Complete int }

// HandIns counts the teams by their notices to schools below a region: one
// statement.
func (rd Reader) HandIns(ctx context.Context, sc Scope) (HandInFigures, error) {
	var rows []struct {
		TeamID   uuid.UUID `json:"team_id"`
		Issued   int       `json:"issued"`
		HandedIn int       `json:"handed_in"`
	}
	viewer := authz.FromContext(ctx)
	err := rd.countedNotices(sc).Where(notice.TeamIDNotNil()).Modify(func(s *sql.Selector) {
		schools := inSight(s, viewer, sc.Region.Path)
		s.Join(schools).On(s.C(notice.FieldSchoolID), schools.C(school.FieldID))
		s.Select(s.C(notice.FieldTeamID), sql.As(sql.Count("*"), "issued")).
			AppendSelectExprAs(countIf(sc.NoticeHad(s, rule.NoticeEventHandedIn)), "handed_in").GroupBy(s.C(notice.FieldTeamID))
	}).Scan(authz.AsSystem(ctx), &rows)
	f := HandInFigures{Teams: len(rows)}
	for _, r := range rows {
		if r.HandedIn == r.Issued {
			f.Complete++
		}
	}
	return f, store.Fault(err)
}

func noticeFamily() family {
	var members []member[map[string]NoticeFigures]
	for _, f := range noticeFigures {
		members = append(members, member[map[string]NoticeFigures]{
			f.name, Count, func(m map[string]NoticeFigures) Value {
				n := 0
				for _, d := range m {
					n += *f.at(&d)
				}
				return count(n)
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				rows, err := rd.Ent.Notice.Query().Where(notice.CampaignID(sc.Campaign.ID), SchoolsBelow(sc.Region.Path),
					func(s *sql.Selector) { s.Where(sc.InNoticeFigure(s, f.figure, sc.todays())) }).IDs(ctx)
				return count(len(rows)), err
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				rows, err := rd.noticesInForce(ctx, sc)
				n := 0
				for _, x := range rows {
					n += one(f.rebuilt(x, sc.Today()))
				}
				return count(n), err
			},
		})
	}
	return familyOf("notices", Reader.Notices, members...)
}

// noticesInForce are the notices of a scope that count now.
func (rd Reader) noticesInForce(ctx context.Context, sc Scope) ([]*ent.Notice, error) {
	schools, err := rd.schoolIDs(ctx, sc)
	if err != nil {
		return nil, err
	}
	rows, err := rd.Ent.Notice.Query().Where(notice.CampaignID(sc.Campaign.ID), notice.SchoolIDIn(schools...)).All(ctx)
	return slices.DeleteFunc(rows, func(n *ent.Notice) bool { return n.IssuedAt == nil || n.SupersededAt != nil }), err
}

func handInFamily() family {
	of := func(name string, at func(HandInFigures) int) member[HandInFigures] {
		return member[HandInFigures]{
			name, Count, func(f HandInFigures) Value { return count(at(f)) },
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				teams, err := rd.handInsOfTeams(ctx, sc)
				return count(at(teams)), err
			},
			func(ctx context.Context, rd Reader, sc Scope) (Value, error) {
				rows, err := rd.noticesInForce(ctx, sc)
				missing := map[uuid.UUID]int{}
				for _, n := range rows {
					if n.TeamID != nil {
						missing[*n.TeamID] += one(n.HandedInAt == nil)
					}
				}
				f := HandInFigures{Teams: len(missing)}
				for _, n := range missing {
					f.Complete += one(n == 0)
				}
				return count(at(f)), err
			},
		}
	}
	return familyOf("handIns", Reader.HandIns,
		of("teams", func(f HandInFigures) int { return f.Teams }), of("complete", func(f HandInFigures) int { return f.Complete }))
}

// handInsOfTeams reads the notices of a scope one by one: those that were issued by
// then, and those of them that were handed in.
func (rd Reader) handInsOfTeams(ctx context.Context, sc Scope) (HandInFigures, error) {
	missing := map[uuid.UUID]int{}
	for _, missed := range []bool{false, true} {
		rows, err := rd.countedNotices(sc).Where(notice.TeamIDNotNil(), SchoolsBelow(sc.Region.Path), func(s *sql.Selector) {
			if missed {
				s.Where(sql.Not(sc.NoticeHad(s, rule.NoticeEventHandedIn)))
			}
		}).All(ctx)
		if err != nil {
			return HandInFigures{}, err
		}
		for _, n := range rows {
			missing[*n.TeamID] += one(missed)
		}
	}
	out := HandInFigures{Teams: len(missing)}
	for _, n := range missing {
		out.Complete += one(n == 0)
	}
	return out, nil
}
