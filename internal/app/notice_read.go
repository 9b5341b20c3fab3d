package app

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/noticecounter"
	"github.com/cleargrid/cleargrid/ent/noticeevent"
	"github.com/cleargrid/cleargrid/ent/noticeitem"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Notice is one notice in sight.
func (a *App) Notice(ctx context.Context, i id.ID) (*ent.Notice, error) {
	n, err := a.store.Ent.Notice.Get(ctx, i.UUID)
	return command.NotFoundAs(n, err, id.Notice)
}

// NoticesByID reads the notices in sight among these.
func (a *App) NoticesByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Notice, error) {
	rows, err := a.store.Ent.Notice.Query().Where(notice.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// NoticeFilter narrows a list of notices; every field given must hold.
type NoticeFilter struct {
	CampaignID *id.ID
	RegionID   *id.ID
	SchoolID   *id.ID
	TeamID     *id.ID
	Status     []rule.NoticeStatus
	HandedIn   *bool
	Overdue    *bool
	// Figure keeps those that a figure of the dashboard counts.
	Figure *figures.NoticeFigure
	// AsOf makes status, figure, handed in and overdue those of an instant, as
	// known now; notices drafted later are left out.
	AsOf *time.Time
}

// Notices lists the notices in sight, the newest first.
func (a *App) Notices(ctx context.Context, p command.PageArgs, f *NoticeFilter) (command.Page[*ent.Notice], error) {
	ord := command.Order{Field: "CREATED", Column: notice.FieldID, Desc: true} // ids grow with time (UUID version 7)
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.Notice]{}, err
	}
	q := a.store.Ent.Notice.Query()
	if f != nil {
		if err := a.filterNotices(ctx, q, f); err != nil {
			return command.Page[*ent.Notice]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Notice]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(n *ent.Notice) (string, uuid.UUID) { return n.ID.String(), n.ID }), nil
}

func (a *App) filterNotices(ctx context.Context, q *ent.NoticeQuery, f *NoticeFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.OptionalID(&bad, "filter.teamId", f.TeamID, id.Team)
	command.NotInFuture(&bad, "filter.asOf", f.AsOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return err
	}
	if f.CampaignID != nil {
		q.Where(notice.CampaignID(f.CampaignID.UUID))
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(figures.SchoolsBelow(path))
	}
	if f.SchoolID != nil {
		q.Where(notice.SchoolID(f.SchoolID.UUID))
	}
	if f.TeamID != nil {
		q.Where(notice.TeamID(f.TeamID.UUID))
	}
	return a.filterNoticeStates(ctx, q, f)
}

// filterNoticeStates narrows notices by what changes in their life.
func (a *App) filterNoticeStates(ctx context.Context, q *ent.NoticeQuery, f *NoticeFilter) error {
	w := figures.At(a.clock.Now(), f.AsOf)
	if w.Past {
		q.Where(func(s *sql.Selector) { s.Where(w.NoticeHad(s, rule.NoticeEventDrafted)) })
	}
	if len(f.Status) > 0 {
		q.Where(func(s *sql.Selector) { s.Where(w.NoticeIs(s, f.Status)) })
	}
	if f.HandedIn != nil {
		q.Where(func(s *sql.Selector) { s.Where(figures.Asked(*f.HandedIn, w.NoticeHad(s, rule.NoticeEventHandedIn))) })
	}
	var days []figures.Today
	if f.Overdue != nil || f.Figure != nil && *f.Figure == figures.NoticesOverdue {
		var err error
		if days, err = a.todays(ctx, w.At); err != nil {
			return err
		}
	}
	if f.Overdue != nil {
		q.Where(func(s *sql.Selector) { s.Where(figures.Asked(*f.Overdue, w.NoticeOverdue(s, days))) })
	}
	if f.Figure != nil {
		q.Where(func(s *sql.Selector) { s.Where(w.InNoticeFigure(s, *f.Figure, days)) })
	}
	return nil
}

// NoticeOverdue reports whether a running notice is past its deadline today, in
// the zone of its campaign.
func (a *App) NoticeOverdue(n *ent.Notice, c *ent.Campaign) bool {
	return rule.NoticeOverdue(n.Status, n.DeadlineOn, command.PolicyOf(c).Today(a.clock.Now()))
}

// HandedInLate reports whether a notice was handed in after its campaign's last
// day; false while it has not been handed in.
func HandedInLate(n *ent.Notice, c *ent.Campaign) bool {
	return n.HandedInAt != nil && c != nil && rule.HandedInLate(command.PolicyOf(c).Today(*n.HandedInAt), c.EndsOn)
}

// AllowedNoticeEvents lists the events that the life cycle allows for a notice now,
// regardless of who may cause them.
func AllowedNoticeEvents(n *ent.Notice) []rule.NoticeEventKind {
	return rule.AllowedNoticeEvents(noticeFacts(n))
}

// ItemsOfNotices lists the problems on these notices, each in its order.
func (a *App) ItemsOfNotices(ctx context.Context, notices []uuid.UUID) ([]*ent.NoticeItem, error) {
	rows, err := a.store.Ent.NoticeItem.Query().Where(noticeitem.NoticeIDIn(notices...)).
		Order(noticeitem.ByNoticeID(), noticeitem.ByPosition()).All(ctx)
	return rows, store.Fault(err)
}

// EventsOfNotices lists the history of these notices, each in its order.
func (a *App) EventsOfNotices(ctx context.Context, notices []uuid.UUID) ([]*ent.NoticeEvent, error) {
	rows, err := a.store.Ent.NoticeEvent.Query().Where(noticeevent.NoticeIDIn(notices...)).
		Order(noticeevent.ByNoticeID(), noticeevent.BySequence()).All(ctx)
	return rows, store.Fault(err)
}

// NoticesOfReports lists the notices in sight that follow these reports, the
// oldest first.
func (a *App) NoticesOfReports(ctx context.Context, reports []uuid.UUID) ([]*ent.Notice, error) {
	rows, err := a.store.Ent.Notice.Query().Where(notice.ReportIDIn(reports...)).Order(notice.ByCreatedAt(), notice.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// NoticesOfHazards gives, for each hazard, the notice in force that names it: a
// list of one, or none.
func (a *App) NoticesOfHazards(ctx context.Context, hazards []uuid.UUID) (map[uuid.UUID][]*ent.Notice, error) {
	rows, err := a.store.Ent.NoticeItem.Query().Where(noticeitem.HazardIDIn(hazards...), noticeitem.InForce(true)).WithNotice().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make(map[uuid.UUID][]*ent.Notice, len(rows))
	for _, x := range rows {
		if n := x.Edges.Notice; n != nil {
			out[x.HazardID] = append(out[x.HazardID], n)
		}
	}
	return out, nil
}

// SuccessorsOfNotices gives, for each notice, the issued one that took its place:
// a list of one, or none.
func (a *App) SuccessorsOfNotices(ctx context.Context, notices []uuid.UUID) (map[uuid.UUID][]*ent.Notice, error) {
	rows, err := a.store.Ent.Notice.Query().Where(notice.SupersedesIDIn(notices...), notice.NumberNotNil()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make(map[uuid.UUID][]*ent.Notice, len(rows))
	for _, n := range rows {
		out[*n.SupersedesID] = append(out[*n.SupersedesID], n)
	}
	return out, nil
}

// EvidenceOfNotices lists, for each notice, the files under its acknowledgement.
func (a *App) EvidenceOfNotices(ctx context.Context, notices []uuid.UUID) (map[uuid.UUID][]*ent.Evidence, error) {
	return a.evidenceBy(ctx, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.NoticeIDIn(notices...)) },
		func(u *ent.EvidenceUse) *uuid.UUID { return u.NoticeID })
}

// GapsOfNotices lists, for each acknowledged notice, the evidence that is missing
// for its acknowledgement to be proven; a refusal needs no file.
func (a *App) GapsOfNotices(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]rule.Gap, error) {
	rows, err := a.store.Ent.Notice.Query().Where(notice.IDIn(ids...), notice.AcknowledgedAtNotNil()).WithCampaign().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	uses, files, err := evidence.UsesWith(ctx, a.store.Ent, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.NoticeIDIn(ids...)) })
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]rule.Gap, len(rows))
	for _, n := range rows {
		var named []uuid.UUID
		for _, u := range uses {
			if u.NoticeID != nil && *u.NoticeID == n.ID {
				named = append(named, u.EvidenceID)
			}
		}
		out[n.ID] = rule.Gaps(command.PolicyOf(n.Edges.Campaign), rule.StepFacts{
			Step: rule.StepAcknowledgement, Actor: *n.AcknowledgedByID, EvidenceRefs: evidenceRefsOf(named, n.SchoolID, files),
		})
	}
	return out, nil
}

// HandIns lists how far the teams of a campaign are with handing in, in the order
// of their numbers: all teams for the section and the bureau's leaders, only their
// own teams for other people of the bureau. asOf makes it that of an instant; nil is
// now. Two statements.
func (a *App) HandIns(ctx context.Context, campaignID id.ID, asOf *time.Time) ([]figures.HandIn, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var bad fault.Input
	command.NotInFuture(&bad, "asOf", asOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return nil, err
	}
	w := figures.At(a.clock.Now(), asOf)
	c, err := a.Campaign(ctx, campaignID)
	if err != nil {
		return nil, err
	}
	teams := a.store.Ent.InspectionTeam.Query().Where(inspectionteam.CampaignID(c.ID)).Order(inspectionteam.ByNumber())
	if !v.Has(authz.SafetySection) && !v.Has(authz.BureauLeader) {
		var keys []uuid.UUID
		err := a.store.Ent.TeamMember.Query().Where(teammember.UserID(v.UserID)).Select(teammember.FieldTeamID).Scan(ctx, &keys)
		if err != nil {
			return nil, store.Fault(err)
		}
		teams.Where(inspectionteam.IDIn(keys...))
	}
	rows, err := teams.All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	counts, err := a.figures().CountHandIns(ctx, figures.Scope{AsOf: w, Campaign: c})
	if err != nil {
		return nil, err
	}
	over := rule.HandedInLate(command.PolicyOf(c).Today(w.At), c.EndsOn)
	out := make([]figures.HandIn, len(rows))
	for i, t := range rows {
		h := counts[t.ID]
		h.Team = t
		h.Late = h.LateCount > 0 || over && h.Missing() > 0
		out[i] = h
	}
	return out, nil
}

// NoticeProof is what everybody may learn of an issued notice: nothing about a
// person or a school.
type NoticeProof struct {
	Number     string
	IssuedOn   clock.Date
	Hash       string // SHA-256 of the snapshot, hex
	Superseded bool
}

// VerifyNotice finds an issued notice by its printed number or by its code, for
// anybody, signed in or not. NOT_FOUND when there is none, and for a number that
// two bureaus have given: then only the code tells which is meant.
func (a *App) VerifyNotice(ctx context.Context, code string) (*NoticeProof, error) {
	if !command.Storable(code) || len(code) > 200 {
		return nil, fault.Missing(id.Notice.First())
	}
	sys := authz.AsSystem(ctx) // anybody who holds the paper may ask whether it is genuine
	q := a.store.Ent.Notice.Query().Where(notice.NumberNotNil()).WithCampaign()
	if year, number, ok := rule.ReadNoticeNumber(code); ok {
		var issuers []uuid.UUID // the bureaus are few; with them the number is found by its index
		err := a.store.Ent.NoticeCounter.Query().Where(noticecounter.Year(year)).Select(noticecounter.FieldIssuerID).Scan(sys, &issuers)
		if err != nil {
			return nil, store.Fault(err)
		}
		q.Where(notice.IssuerIDIn(issuers...), notice.Year(year), notice.Number(number), notice.NumberText(code))
	} else {
		if len(code) != verifyCodeLength {
			return nil, fault.Missing(id.Notice.First())
		}
		q.Where(notice.VerifyCode(code))
	}
	rows, err := q.Limit(2).All(sys)
	if err != nil {
		return nil, store.Fault(err)
	}
	if len(rows) != 1 {
		return nil, fault.Missing(id.Notice.First())
	}
	n := rows[0]
	return &NoticeProof{
		Number: n.NumberText, IssuedOn: command.PolicyOf(n.Edges.Campaign).Today(*n.IssuedAt), Hash: n.SnapshotHash, Superseded: n.Status == rule.NoticeSuperseded,
	}, nil
}

// verifyCodeLength is the length of crypto/rand.Text.
const verifyCodeLength = 26
