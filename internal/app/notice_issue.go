package app

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/noticecounter"
	"github.com/cleargrid/cleargrid/ent/noticeitem"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// IssueNotice gives a draft its number, freezes what it says and binds its
// hazards to its deadline. INVALID_TRANSITION when a hazard on it is due later
// than the notice, or needs no work any more.
func (a *App) IssueNotice(ctx context.Context, in IssueNoticeInput) (*ent.Notice, error) {
	return a.onNotice(ctx, authz.IssueNotice, rule.NoticeEventIssued, in.NoticeCommand, in, in.check(a), func(c *noticeChange) error {
		i := &issue{noticeChange: c}
		if err := i.load(); err != nil {
			return err
		}
		if err := rule.CheckIssue(c.notice.DeadlineOn, c.today, i.facts()); err != nil {
			return err
		}
		c.write(command.WriteFunc(i.write))
		return nil
	})
}

// issue is a draft that is being issued.
type issue struct {
	*noticeChange
	items   []*ent.NoticeItem
	hazards map[uuid.UUID]*ent.Hazard // locked
	// old is the notice that this one supersedes, with the hazards that it bound and
	// this one does not; nil for none.
	old   *noticeChange
	freed []uuid.UUID
}

// load reads the items and locks the hazards of the draft, and those of the notice
// that it supersedes, in the order of ids.
func (i *issue) load() error {
	c := i.noticeChange
	var err error
	if i.items, err = c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(c.notice.ID)).Order(noticeitem.ByPosition()).All(c.ctx); err != nil {
		return err
	}
	keys := make([]uuid.UUID, len(i.items))
	for n, x := range i.items {
		keys[n] = x.HazardID
	}
	if err := i.loadSuperseded(keys); err != nil {
		return err
	}
	rows, err := c.tx.Hazard.Query().Where(hazard.IDIn(keys...), store.Locking(c.ctx, store.Hazards, slices.Concat(keys, i.freed)...)).All(c.ctx)
	if err != nil {
		return err
	}
	i.hazards = make(map[uuid.UUID]*ent.Hazard, len(rows))
	for _, h := range rows {
		i.hazards[h.ID] = h
	}
	for _, key := range keys {
		if i.hazards[key] == nil {
			return fault.Missing(id.Hazard.First())
		}
	}
	return nil
}

func (i *issue) loadSuperseded(keys []uuid.UUID) error {
	c := i.noticeChange
	if c.notice.SupersedesID == nil {
		return nil
	}
	var err error
	if i.old, err = c.app.loadNotice(c.ctx, c.tx, c.viewer, *c.notice.SupersedesID, rule.NoticeEventSuperseded); err != nil {
		return err
	}
	var bound []uuid.UUID
	err = c.tx.NoticeItem.Query().Where(noticeitem.NoticeID(i.old.notice.ID), noticeitem.InForce(true)).Select(noticeitem.FieldHazardID).Scan(c.ctx, &bound)
	if err != nil {
		return err
	}
	i.freed = slices.DeleteFunc(bound, func(u uuid.UUID) bool { return slices.Contains(keys, u) })
	return i.old.decide(func(o *noticeChange) error {
		c.payload["supersedes"], o.payload["supersededById"] = o.notice.NumberText, c.notice.PublicID().String()
		o.update.SetSupersededAt(o.now)
		o.release()
		return nil
	})
}

func (i *issue) facts() []rule.NoticedHazard {
	out := make([]rule.NoticedHazard, len(i.items))
	for n, x := range i.items {
		h := i.hazards[x.HazardID]
		out[n] = rule.NoticedHazard{ID: h.PublicID().String(), Status: h.Status, DeadlineOn: factsOf(h).DeadlineOn}
	}
	return out
}

// write sets the draft's deadline as the limit of its hazards, puts it in the place
// of the notice that it supersedes, and freezes it under its number. The counter is
// the last lock.
func (i *issue) write(ctx context.Context) error {
	c := i.noticeChange
	bound := slices.Collect(maps.Keys(i.hazards))
	if err := c.tx.Hazard.Update().Where(hazard.IDIn(bound...)).AddVersion(1).SetNoticeDeadlineOn(c.notice.DeadlineOn).Exec(ctx); err != nil {
		return err
	}
	if err := i.supersede(ctx); err != nil {
		return err
	}
	if err := c.tx.NoticeItem.Update().Where(noticeitem.NoticeID(c.notice.ID)).SetInForce(true).Exec(ctx); err != nil {
		return err
	}
	year := rule.NoticeYear(c.policy, c.now)
	number, err := nextNumber(ctx, c.tx, c.notice.IssuerID, year, c.now)
	if err != nil {
		return err
	}
	printed := rule.NoticeNumber(c.policy.NoticePrefix, year, number)
	snapshot, err := i.snapshot(printed)
	if err != nil {
		return err
	}
	text, hash, err := snapshot.Freeze()
	if err != nil {
		return err
	}
	c.payload["number"], c.payload["snapshotHash"] = printed, hash
	c.update.SetYear(year).SetNumber(number).SetNumberText(printed).SetSnapshot(text).SetSnapshotHash(hash).
		SetVerifyCode(strings.ToLower(rand.Text())).SetIssuedAt(c.now).SetIssuedByID(c.viewer.UserID)
	return nil
}

// supersede takes the former notice out of force; hazards that are not on the new
// one are free of it.
func (i *issue) supersede(ctx context.Context) error {
	if i.old == nil {
		return nil
	}
	if err := i.tx.Hazard.Update().Where(hazard.IDIn(i.freed...)).AddVersion(1).ClearNoticeDeadlineOn().Exec(ctx); err != nil {
		return err
	}
	i.old.ctx = ctx
	return i.old.save(nil)
}

// nextNumber raises the counter of an issuer and year. Its row stays locked until
// the transaction ends: numbers are given in the order of commits, and one that
// is rolled back takes its number back. Nobody sees the counter, so it is raised
// as the system.
func nextNumber(ctx context.Context, tx *ent.Tx, issuer uuid.UUID, year int, now time.Time) (int, error) {
	sys := authz.AsSystem(ctx)
	of := []predicate.NoticeCounter{noticecounter.IssuerID(issuer), noticecounter.Year(year)}
	n, err := tx.NoticeCounter.Update().Where(of...).AddLast(1).Save(sys)
	if err != nil {
		return 0, err
	}
	if n == 0 { // the first of the year; two at once: the slower one runs again
		return 1, tx.NoticeCounter.Create().SetIssuerID(issuer).SetYear(year).SetLast(1).SetCreatedAt(now).Exec(sys)
	}
	row, err := tx.NoticeCounter.Query().Where(of...).Only(sys)
	if err != nil {
		return 0, err
	}
	return row.Last, nil
}

func (i *issue) snapshot(number string) (rule.NoticeSnapshot, error) {
	c := i.noticeChange
	issuer, err := c.tx.Region.Get(authz.AsSystem(c.ctx), c.notice.IssuerID) // the bureau may lie above what the viewer sees
	if err != nil {
		return rule.NoticeSnapshot{}, err
	}
	campaign, school := c.notice.Edges.Campaign, c.notice.Edges.School
	s := rule.NoticeSnapshot{
		Form: rule.NoticeForm, Number: number, IssuedOn: c.today, IssuedAt: c.now.UTC().Format(time.RFC3339Nano),
		Issuer:       rule.NoticeSnapshotPlace{ID: issuer.PublicID().String(), Code: issuer.Code, Name: issuer.Name},
		Campaign:     rule.NoticeSnapshotPlace{ID: campaign.PublicID().String(), Code: campaign.Code, Name: campaign.Title},
		School:       rule.NoticeSnapshotPlace{ID: school.PublicID().String(), Code: school.Code, Name: school.Name},
		Requirements: c.notice.Requirements, DeadlineOn: c.notice.DeadlineOn,
	}
	if c.notice.TeamID != nil {
		team, err := c.tx.InspectionTeam.Get(c.ctx, *c.notice.TeamID)
		if err != nil {
			return s, err
		}
		s.Team = rule.NoticeSnapshotPlace{ID: team.PublicID().String(), Name: team.Name}
	}
	if c.notice.ReportID != nil {
		s.Report = id.Of(id.Report, *c.notice.ReportID).String()
	}
	if i.old != nil {
		s.Supersedes = i.old.notice.NumberText
	}
	for _, x := range i.items {
		h := i.hazards[x.HazardID]
		s.Problems = append(s.Problems, rule.NoticeSnapshotIssue{
			Position: x.Position, Hazard: h.PublicID().String(), Category: h.Category, Grade: h.Grade,
			Problem: x.Problem, Place: x.Place, Basis: x.Basis, Requirement: x.Requirement, DeadlineOn: factsOf(h).DeadlineOn,
		})
	}
	return s, nil
}
