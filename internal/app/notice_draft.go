package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/noticeitem"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// DraftNoticeInput writes a notice. Items names the hazards; without it the
// notice takes every open hazard of the report that is on no notice in force.
type DraftNoticeInput struct {
	ID           id.ID
	CampaignID   id.ID
	SchoolID     id.ID
	ReportID     *id.ID
	DeadlineOn   clock.Date
	Requirements string
	Items        []NoticeItemInput
}

// NoticeItemInput is one hazard on a notice, with the words for it; what is left
// out is taken from the hazard.
type NoticeItemInput struct {
	HazardID    id.ID
	Problem     *string
	Place       *string
	Basis       *string
	Requirement *string
}

// ReviseNoticeInput changes a draft; what is left out stays. Items replace all
// former ones.
type ReviseNoticeInput struct {
	NoticeCommand
	DeadlineOn   *clock.Date
	Requirements *string
	Items        []NoticeItemInput
}

// SupersedeNoticeInput drafts a notice that is to stand in another's place. What
// is left out is taken from the former one: of its hazards those still open.
type SupersedeNoticeInput struct {
	ID              id.ID
	NoticeID        id.ID
	ExpectedVersion *int
	DeadlineOn      *clock.Date
	Requirements    *string
	Items           []NoticeItemInput
}

// noticeDraft is what a new notice is made of.
type noticeDraft struct {
	id           id.ID
	school       *ent.School
	campaign     *ent.Campaign
	report       *ent.InspectionReport
	team         *ent.InspectionTeam
	supersedes   *ent.Notice
	deadline     clock.Date
	requirements string
	items        []NoticeItemInput // empty: those that are left of the report

	create *ent.NoticeCreate
	rows   []*ent.NoticeItemCreate
}

// DraftNotice writes a notice to a school (plan: 下发隐患整改通知书). CONFLICT when a hazard
// named is on another notice already.
func (a *App) DraftNotice(ctx context.Context, in DraftNoticeInput) (*ent.Notice, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Notice)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.OptionalID(&bad, "input.reportId", in.ReportID, id.Report)
	command.RequiredDay(&bad, "input.deadlineOn", in.DeadlineOn)
	command.RequiredText(&bad, "input.requirements", in.Requirements)
	checkItems(&bad, in.Items)
	if in.ReportID == nil && len(in.Items) == 0 {
		bad.Add("input.items", "missing", fault.T("请给出报告或列明隐患。", "Name a report or the hazards."))
	}
	return command.Run(ctx, a.commands, command.Spec[*noticeDraft, *ent.Notice]{
		Action: authz.DraftNotice, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*noticeDraft, error) {
			s, c, err := command.SchoolInCampaign(ctx, tx, in.SchoolID, in.CampaignID)
			return &noticeDraft{id: in.ID, school: s, campaign: c, deadline: in.DeadlineOn, requirements: in.Requirements, items: in.Items}, err
		},
		May: a.issuerFacts,
		Decide: func(ctx context.Context, tx *command.Tx, d *noticeDraft) error {
			if err := rule.CheckSchoolOpen(d.school.ClosedAt != nil); err != nil {
				return err
			}
			var err error
			if in.ReportID != nil {
				if d.report, err = supervisionOf(ctx, tx.Tx, *in.ReportID, d.school, d.campaign); err != nil {
					return err
				}
			}
			if d.team, err = a.teamOfDraft(ctx, tx.Tx, tx.Viewer, d.campaign, d.report); err != nil {
				return err
			}
			return d.decide(ctx, tx)
		},
		Write:  func(ctx context.Context, tx *command.Tx, d *noticeDraft) error { return d.write(ctx, tx) },
		Answer: func(ctx context.Context) (*ent.Notice, error) { return a.Notice(ctx, in.ID) },
	})
}

// SupersedeNotice drafts a notice that takes the place of another once it is
// issued: an issued notice is never changed.
func (a *App) SupersedeNotice(ctx context.Context, in SupersedeNoticeInput) (*ent.Notice, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Notice)
	command.RequiredID(&bad, "input.noticeId", in.NoticeID, id.Notice)
	command.OptionalDay(&bad, "input.deadlineOn", in.DeadlineOn)
	command.FilledText(&bad, "input.requirements", in.Requirements)
	checkItems(&bad, in.Items)
	return command.Run(ctx, a.commands, command.Spec[*noticeDraft, *ent.Notice]{
		Action: authz.SupersedeNotice, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*noticeDraft, error) {
			old, err := a.loadNotice(ctx, tx.Tx, tx.Viewer, in.NoticeID.UUID, rule.NoticeEventSuperseded)
			if err != nil {
				return nil, command.AtField("input.noticeId", id.Notice, err)
			}
			return draftAfter(old.notice, in), nil
		},
		May:     a.issuerFacts,
		Version: func(d *noticeDraft) (*int, int) { return in.ExpectedVersion, d.supersedes.Version },
		Decide: func(ctx context.Context, tx *command.Tx, d *noticeDraft) (err error) {
			n := d.supersedes
			if _, err := rule.NextNoticeStatus(noticeFacts(n), rule.NoticeEventSuperseded); err != nil {
				return err
			}
			if n.TeamID != nil {
				if d.team, err = tx.InspectionTeam.Get(ctx, *n.TeamID); err != nil {
					return err
				}
			}
			if len(d.items) == 0 {
				if d.items, err = itemsOf(ctx, tx.Tx, n.ID); err != nil {
					return err
				}
			}
			return d.decide(ctx, tx)
		},
		Write:  func(ctx context.Context, tx *command.Tx, d *noticeDraft) error { return d.write(ctx, tx) },
		Answer: func(ctx context.Context) (*ent.Notice, error) { return a.Notice(ctx, in.ID) },
	})
}

// draftAfter is the draft of a notice that is to supersede another: what the input
// leaves open is taken from that.
func draftAfter(n *ent.Notice, in SupersedeNoticeInput) *noticeDraft {
	d := &noticeDraft{
		id: in.ID, school: n.Edges.School, campaign: n.Edges.Campaign, supersedes: n, deadline: n.DeadlineOn, requirements: n.Requirements, items: in.Items,
	}
	if in.DeadlineOn != nil {
		d.deadline = *in.DeadlineOn
	}
	if in.Requirements != nil {
		d.requirements = *in.Requirements
	}
	return d
}

// ReviseNotice changes a draft. An issued notice is changed by superseding it.
func (a *App) ReviseNotice(ctx context.Context, in ReviseNoticeInput) (*ent.Notice, error) {
	bad := in.check(a)
	command.OptionalDay(bad, "input.deadlineOn", in.DeadlineOn)
	command.FilledText(bad, "input.requirements", in.Requirements)
	checkItems(bad, in.Items)
	return a.onNotice(ctx, authz.ReviseNotice, rule.NoticeEventRevised, in.NoticeCommand, in, bad, func(c *noticeChange) error {
		if in.DeadlineOn != nil {
			if err := rule.CheckDeadline("input.deadlineOn", *in.DeadlineOn, c.today); err != nil {
				return err
			}
			c.payload["deadlineOn"] = string(*in.DeadlineOn)
			c.update.SetDeadlineOn(*in.DeadlineOn)
		}
		if in.Requirements != nil {
			c.payload["requirements"] = *in.Requirements
			c.update.SetRequirements(*in.Requirements)
		}
		if len(in.Items) == 0 {
			return nil
		}
		c.payload["hazardIds"] = hazardIDs(in.Items)
		items, err := itemsFor(c.ctx, c.tx, c.notice, in.Items, c.now)
		if err != nil {
			return err
		}
		c.write(command.WriteFunc(func(ctx context.Context) error {
			_, err := c.tx.NoticeItem.Delete().Where(noticeitem.NoticeID(c.notice.ID)).Exec(ctx)
			return err
		}), c.tx.NoticeItem.CreateBulk(items...))
		return nil
	})
}

// issuerFacts gathers what authz asks about who writes to a school.
func (a *App) issuerFacts(ctx context.Context, tx *command.Tx, d *noticeDraft) (authz.Facts, error) {
	return tx.SchoolFacts(ctx, d.school, nil, command.PolicyOf(d.campaign))
}

// decide checks the deadline, finds the issuer and the hazards, and fills the rows of
// a new draft.
func (d *noticeDraft) decide(ctx context.Context, tx *command.Tx) error {
	if err := rule.CheckDeadline("input.deadlineOn", d.deadline, command.PolicyOf(d.campaign).Today(tx.Now)); err != nil {
		return err
	}
	issuer, err := issuerOf(ctx, tx.Tx, tx.Viewer, d)
	if err != nil {
		return err
	}
	if len(d.items) == 0 {
		if d.items, err = hazardsLeft(ctx, tx.Tx, d.report); err != nil {
			return err
		}
	}
	d.create = tx.Notice.Create().SetID(d.id.UUID).SetCampaignID(d.campaign.ID).SetSchoolID(d.school.ID).SetIssuerID(issuer).
		SetDraftedByID(tx.Viewer.UserID).SetDeadlineOn(d.deadline).SetRequirements(d.requirements).SetSequence(1).SetCreatedAt(tx.Now)
	n := &ent.Notice{ID: d.id.UUID, SchoolID: d.school.ID, CampaignID: d.campaign.ID}
	if d.team != nil {
		d.create.SetTeamID(d.team.ID)
	}
	if d.report != nil {
		d.create.SetReportID(d.report.ID)
	}
	if d.supersedes != nil {
		d.create.SetSupersedesID(d.supersedes.ID)
		n.SupersedesID = &d.supersedes.ID
	}
	d.rows, err = itemsFor(ctx, tx.Tx, n, d.items, tx.Now)
	return err
}

// write writes the rows of a new draft.
func (d *noticeDraft) write(ctx context.Context, tx *command.Tx) error {
	if err := d.create.Exec(ctx); err != nil {
		return err
	}
	if err := tx.NoticeItem.CreateBulk(d.rows...).Exec(ctx); err != nil {
		return err
	}
	return tx.NoticeEvent.Create().SetNoticeID(d.id.UUID).SetSchoolID(d.school.ID).SetActorID(tx.Viewer.UserID).SetSequence(1).
		SetKind(rule.NoticeEventDrafted).SetHappenedAt(tx.Now).SetReceivedAt(tx.Now).SetCreatedAt(tx.Now).
		SetPayload(map[string]any{"deadlineOn": string(d.deadline), "requirements": d.requirements, "hazardIds": hazardIDs(d.items)}).Exec(ctx)
}

// supervisionOf is the supervision report of a school that a notice follows.
func supervisionOf(ctx context.Context, tx *ent.Tx, key id.ID, s *ent.School, c *ent.Campaign) (*ent.InspectionReport, error) {
	r, err := tx.InspectionReport.Get(ctx, key.UUID)
	if _, err := command.NotFoundAs(r, err, id.Report); err != nil {
		return nil, command.AtField("input.reportId", id.Report, err)
	}
	switch {
	case r.SchoolID != s.ID:
		return nil, fault.Bad("input.reportId", "other_school", fault.T("该报告属于另一所学校。", "This report belongs to another school."))
	case r.CampaignID != c.ID:
		return nil, fault.Bad("input.reportId", "other_campaign", fault.T("该报告属于另一活动。", "This report belongs to another campaign."))
	case r.Kind != rule.Supervision:
		return nil, fault.Bad("input.reportId", "self_inspection", fault.T("整改通知书依据督查报告下发。", "A notice follows a supervision, not a self-inspection."))
	}
	return r, nil
}

// teamOfDraft is the team that a notice is of: that of the report, or else the
// drafter's in the campaign; nil for the section's own notices.
func (a *App) teamOfDraft(ctx context.Context, tx *ent.Tx, v authz.Viewer, c *ent.Campaign, r *ent.InspectionReport) (*ent.InspectionTeam, error) {
	if r != nil && r.TeamID != nil {
		return tx.InspectionTeam.Get(ctx, *r.TeamID)
	}
	today := command.PolicyOf(c).Today(a.clock.Now())
	m, err := tx.TeamMember.Query().Where(teammember.UserID(v.UserID), teammember.JoinedOnLTE(today),
		teammember.Or(teammember.LeftOnIsNil(), teammember.LeftOnGTE(today)), teammember.HasTeamWith(inspectionteam.CampaignID(c.ID))).
		WithTeam().Order(teammember.ByID()).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil //nolint:nilnil // the section is no team
	}
	if err != nil {
		return nil, err
	}
	return m.Edges.Team, nil
}

// issuerOf is the bureau that numbers a notice: that of the team, or of the
// section's own office, the nearest one.
func issuerOf(ctx context.Context, tx *ent.Tx, v authz.Viewer, d *noticeDraft) (uuid.UUID, error) {
	if d.supersedes != nil {
		return d.supersedes.IssuerID, nil
	}
	path := ""
	if d.team != nil {
		path = d.team.RegionPath
	}
	for _, g := range v.Grants {
		if d.team == nil && g.Role == authz.SafetySection && len(g.RegionPath) > len(path) && strings.HasPrefix(d.school.RegionPath, g.RegionPath) {
			path = g.RegionPath
		}
	}
	r, err := tx.Region.Query().Where(region.Path(path)).Only(ctx)
	if ent.IsNotFound(err) {
		return d.campaign.RegionID, nil
	}
	if err != nil {
		return uuid.Nil, err
	}
	return r.ID, nil
}

// hazardsLeft are the open hazards of a report that are on no notice in force.
func hazardsLeft(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport) ([]NoticeItemInput, error) {
	rows, err := tx.Hazard.Query().Where(hazard.ReportID(r.ID), hazard.StatusIn(rule.OpenHazardStatuses()...), notOnNotice()).
		Order(hazard.ByReportedAt(), hazard.ByID()).Limit(rule.MaxNoticeHazards + 1).All(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.Bad("input.reportId", "nothing_left", fault.T("该报告没有尚未下发通知书的未销号隐患。", "This report has no open hazard that is on no notice yet."))
	}
	if len(rows) > rule.MaxNoticeHazards {
		return nil, tooMany("input.reportId")
	}
	out := make([]NoticeItemInput, len(rows))
	for i, h := range rows {
		out[i].HazardID = h.PublicID()
	}
	return out, nil
}

// itemsOf are the problems of a notice whose hazards are still open, as an input.
func itemsOf(ctx context.Context, tx *ent.Tx, key uuid.UUID) ([]NoticeItemInput, error) {
	rows, err := tx.NoticeItem.Query().Where(noticeitem.NoticeID(key)).Order(noticeitem.ByPosition()).WithHazard().All(ctx)
	if err != nil {
		return nil, err
	}
	var out []NoticeItemInput
	for _, x := range rows {
		if x.Edges.Hazard.Status.Open() {
			out = append(out, NoticeItemInput{
				HazardID: id.Of(id.Hazard, x.HazardID), Problem: &x.Problem, Place: &x.Place, Basis: &x.Basis, Requirement: &x.Requirement,
			})
		}
	}
	if len(out) == 0 {
		return nil, fault.Bad("input.noticeId", "nothing_left", fault.T("该通知书的隐患均已销号或作废。", "Every hazard on this notice is closed or voided."))
	}
	return out, nil
}

// itemsFor are the rows of the problems of a draft, in the order given. Hazards of the
// notice that it supersedes come into force with it, all others bind at once: a
// hazard is on one notice at most.
func itemsFor(ctx context.Context, tx *ent.Tx, n *ent.Notice, items []NoticeItemInput, now time.Time) ([]*ent.NoticeItemCreate, error) {
	keys := make([]uuid.UUID, len(items))
	for i, x := range items {
		keys[i] = x.HazardID.UUID
	}
	rows, err := tx.Hazard.Query().Where(hazard.IDIn(keys...)).WithGrid().
		WithFinding(func(q *ent.FindingQuery) { q.WithItem() }).All(ctx)
	if err != nil {
		return nil, err
	}
	hazards := make(map[uuid.UUID]*ent.Hazard, len(rows))
	for _, h := range rows {
		hazards[h.ID] = h
	}
	if err := fitItems(n, items, hazards); err != nil {
		return nil, err
	}
	held, err := heldElsewhere(ctx, tx, n, keys)
	if err != nil {
		return nil, err
	}
	create := make([]*ent.NoticeItemCreate, len(items))
	for i, x := range items {
		problem, place, basis := wordsFor(hazards[x.HazardID.UUID])
		create[i] = tx.NoticeItem.Create().SetNoticeID(n.ID).SetSchoolID(n.SchoolID).SetHazardID(x.HazardID.UUID).SetPosition(i + 1).
			SetProblem(or(x.Problem, problem)).SetPlace(or(x.Place, place)).SetBasis(or(x.Basis, basis)).SetRequirement(command.TextOf(x.Requirement)).
			SetInForce(!held[x.HazardID.UUID]).SetCreatedAt(now)
	}
	return create, nil
}

// fitItems refuses hazards that can't be on a notice.
func fitItems(n *ent.Notice, items []NoticeItemInput, hazards map[uuid.UUID]*ent.Hazard) error {
	for i, x := range items {
		path := command.Index("input.items", i) + ".hazardId"
		h := hazards[x.HazardID.UUID]
		switch {
		case h == nil:
			return command.MissingAt(path, id.Hazard)
		case h.SchoolID != n.SchoolID:
			return fault.Bad(path, "other_school", fault.T("该隐患属于另一所学校。", "This hazard belongs to another school."))
		case h.CampaignID != n.CampaignID:
			return fault.Bad(path, "other_campaign", fault.T("该隐患属于另一活动。", "This hazard belongs to another campaign."))
		case !h.Status.Open():
			return fault.Bad(path, "closed", fault.T("该隐患已销号或作废。", "This hazard is closed or voided."))
		}
	}
	return nil
}

// heldElsewhere tells which hazards the notice to be superseded holds; CONFLICT
// when any other notice in force names one. It asks as the system: a notice binds
// also where it can't be seen.
func heldElsewhere(ctx context.Context, tx *ent.Tx, n *ent.Notice, keys []uuid.UUID) (map[uuid.UUID]bool, error) {
	rows, err := tx.NoticeItem.Query().Where(noticeitem.HazardIDIn(keys...), noticeitem.InForce(true), noticeitem.NoticeIDNEQ(n.ID)).
		WithNotice().Order(noticeitem.ByHazardID()).All(authz.AsSystem(ctx))
	if err != nil {
		return nil, err
	}
	held := map[uuid.UUID]bool{}
	for _, x := range rows {
		if n.SupersedesID != nil && *n.SupersedesID == x.NoticeID {
			held[x.HazardID] = true
			continue
		}
		other, h := x.Edges.Notice.PublicID().String(), id.Of(id.Hazard, x.HazardID).String()
		return nil, fault.New(fault.Conflict, "notice.hazard_taken", fault.Tf("隐患 %s 已列入通知书 %s。", "The hazard %s is on the notice %s already.",
			h, or(nonEmpty(x.Edges.Notice.NumberText), other))).With("hazardId", h).With("noticeId", other)
	}
	return held, nil
}

// wordsFor are a hazard's own words: what is wrong, where, and the checklist item
// that it was found under.
func wordsFor(h *ent.Hazard) (problem, place, basis string) {
	place = h.Place
	if g := h.Edges.Grid; g != nil {
		place = strings.TrimSpace(g.Name + " " + h.Place)
	}
	if f := h.Edges.Finding; f != nil && f.Edges.Item != nil {
		basis = fmt.Sprintf("排查内容第%d项：%s", f.Edges.Item.Number, f.Edges.Item.Text)
	}
	return h.Description, place, basis
}

// notOnNotice is true for hazards that no notice in force names, also none that
// the viewer can't see.
func notOnNotice() predicate.Hazard {
	return func(s *sql.Selector) {
		t := sql.Table(noticeitem.Table)
		existing := sql.Dialect(s.Dialect()).Select(t.C(noticeitem.FieldID)).From(t).
			Where(sql.And(sql.ColumnsEQ(t.C(noticeitem.FieldHazardID), s.C(hazard.FieldID)), sql.EQ(t.C(noticeitem.FieldInForce), true)))
		s.Where(sql.Not(sql.Exists(existing)))
	}
}

// checkItems checks the form of the problems on a notice.
func checkItems(bad *fault.Input, items []NoticeItemInput) {
	if len(items) > rule.MaxNoticeHazards {
		bad.Add("input.items", "too_many", tooMany("input.items").Text)
		return
	}
	seen := map[uuid.UUID]bool{}
	for i, x := range items {
		path := command.Index("input.items", i)
		command.RequiredID(bad, path+".hazardId", x.HazardID, id.Hazard)
		if seen[x.HazardID.UUID] {
			bad.Add(path+".hazardId", "repeated", fault.T("同一隐患重复。", "The same hazard is named twice."))
		}
		seen[x.HazardID.UUID] = true
		command.FilledText(bad, path+".problem", x.Problem)
		command.OptionalText(bad, path+".place", x.Place)
		command.OptionalText(bad, path+".basis", x.Basis)
		command.OptionalText(bad, path+".requirement", x.Requirement)
	}
}

func tooMany(path string) *fault.Error {
	return fault.Bad(path, "too_many", fault.Tf("一份通知书最多列 %d 条隐患，请分成几份下发。", "A notice names at most %d hazards. Write several notices.", rule.MaxNoticeHazards))
}

func hazardIDs(items []NoticeItemInput) []string {
	out := make([]string, len(items))
	for i, x := range items {
		out[i] = x.HazardID.String()
	}
	return out
}

func or(given *string, otherwise string) string {
	if given != nil {
		return *given
	}
	return otherwise
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
