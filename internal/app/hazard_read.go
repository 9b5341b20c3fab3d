package app

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/extension"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardevent"
	"github.com/cleargrid/cleargrid/ent/oversightorder"
	"github.com/cleargrid/cleargrid/ent/recheck"
	"github.com/cleargrid/cleargrid/ent/rectificationplan"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/feed"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Hazard is one hazard in sight.
func (a *App) Hazard(ctx context.Context, i id.ID) (*ent.Hazard, error) {
	h, err := a.store.Ent.Hazard.Get(ctx, i.UUID)
	return command.NotFoundAs(h, err, id.Hazard)
}

// HazardsByID reads the hazards in sight among these.
func (a *App) HazardsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Hazard, error) {
	rows, err := a.store.Ent.Hazard.Query().Where(hazard.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// HazardFilter narrows a list of hazards; every field given must hold.
type HazardFilter struct {
	CampaignID *id.ID
	RegionID   *id.ID
	SchoolID   *id.ID
	GridID     *id.ID
	ReportID   *id.ID
	// ResponsibleID is the person who answers for the rectification now.
	ResponsibleID  *id.ID
	Status         []rule.HazardStatus
	Grade          *rule.HazardGrade
	Category       *string
	Source         *rule.HazardSource
	UnderOversight *bool
	Overdue        *bool
	// NeedsOversight asks for those that are neither rectified at once nor placed under oversight
	// though the time for that is over.
	NeedsOversight *bool
	Open           *bool
	Proven         *bool
	// Search is words that all must be found, see searchWords.
	Search *string
	// PlanStatus, ExtensionPending and DowngradePending are what waits for a
	// decision now, whatever AsOf says.
	PlanStatus       *rule.PlanStatus
	ExtensionPending *bool
	DowngradePending *bool
	// AsOf makes status, grade, under oversight, overdue, open, proven and needs oversight
	// those of an instant, as known now; hazards found later are left out.
	AsOf *time.Time
}

// HazardOrder is the order of a list of hazards.
type HazardOrder struct {
	Field     string
	Direction command.Direction
}

// Hazards lists the hazards in sight, the newest first unless told otherwise.
func (a *App) Hazards(ctx context.Context, p command.PageArgs, f *HazardFilter, o *HazardOrder) (command.Page[*ent.Hazard], error) {
	ord := command.Order{Field: "REPORTED_AT", Column: hazard.FieldReportedAt, IsTime: true, Desc: true}
	if o != nil {
		ord.Desc = o.Direction == command.Descending
		if o.Field == "DEADLINE" {
			ord.Field, ord.Column, ord.IsTime = o.Field, hazard.FieldDeadlineOn, false
		}
	}
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.Hazard]{}, err
	}
	q := a.store.Ent.Hazard.Query()
	if f != nil {
		if err := a.filterHazards(ctx, q, f); err != nil {
			return command.Page[*ent.Hazard]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Hazard]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(h *ent.Hazard) (string, uuid.UUID) {
		if ord.IsTime {
			return command.TimeKey(h.ReportedAt), h.ID
		}
		return string(h.DeadlineOn), h.ID
	}), nil
}

func (a *App) filterHazards(ctx context.Context, q *ent.HazardQuery, f *HazardFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.OptionalID(&bad, "filter.gridId", f.GridID, id.Grid)
	command.OptionalID(&bad, "filter.reportId", f.ReportID, id.Report)
	command.OptionalID(&bad, "filter.responsibleId", f.ResponsibleID, id.User)
	command.OptionalText(&bad, "filter.category", f.Category)
	command.NotInFuture(&bad, "filter.asOf", f.AsOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return err
	}
	words, err := command.SearchWords("filter.search", f.Search)
	if err != nil {
		return err
	}
	q.Where(searchHazards(words))
	where := func(i *id.ID, p func(uuid.UUID)) {
		if i != nil {
			p(i.UUID)
		}
	}
	where(f.CampaignID, func(u uuid.UUID) { q.Where(hazard.CampaignID(u)) })
	where(f.SchoolID, func(u uuid.UUID) { q.Where(hazard.SchoolID(u)) })
	where(f.GridID, func(u uuid.UUID) { q.Where(hazard.GridID(u)) })
	where(f.ReportID, func(u uuid.UUID) { q.Where(hazard.ReportID(u)) })
	where(f.ResponsibleID, func(u uuid.UUID) { q.Where(hazard.ResponsibleID(u)) })
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(figures.SchoolsBelow(path))
	}
	if f.Category != nil {
		q.Where(hazard.Category(*f.Category))
	}
	if f.Source != nil {
		q.Where(hazard.SourceEQ(*f.Source))
	}
	if f.PlanStatus != nil {
		q.Where(hazard.PlanStatusEQ(*f.PlanStatus))
	}
	if f.ExtensionPending != nil {
		q.Where(hazard.ExtensionPending(*f.ExtensionPending))
	}
	if f.DowngradePending != nil {
		q.Where(hazard.DowngradePending(*f.DowngradePending))
	}
	return a.filterStates(ctx, q, f)
}

// filterStates narrows hazards by what changes in their life: by their rows, or
// by the states that held at an instant.
func (a *App) filterStates(ctx context.Context, q *ent.HazardQuery, f *HazardFilter) error {
	w := figures.At(a.clock.Now(), f.AsOf)
	var today []figures.Today
	if f.Overdue != nil {
		var err error
		if today, err = a.todays(ctx, w.At); err != nil {
			return err
		}
	}
	q.Where(func(s *sql.Selector) {
		column := figures.Column(s.C)
		if w.Past {
			column = w.JoinStates(s)
		}
		f.whereState(s, column, today)
		if f.NeedsOversight != nil {
			s.Where(figures.Asked(*f.NeedsOversight, figures.NeedsOversightAt(s, column, w.At)))
		}
	})
	return nil
}

// whereState adds the conditions on what changes in a hazard's life.
func (f *HazardFilter) whereState(s *sql.Selector, column figures.Column, today []figures.Today) {
	is := func(asked *bool, yes func() *sql.Predicate) {
		if asked != nil {
			s.Where(figures.Asked(*asked, yes()))
		}
	}
	if len(f.Status) > 0 {
		s.Where(figures.HasStatus(column, f.Status...))
	}
	if f.Grade != nil {
		s.Where(figures.HasGrade(column, *f.Grade))
	}
	is(f.Open, func() *sql.Predicate { return figures.Open(column) })
	is(f.UnderOversight, func() *sql.Predicate { return figures.UnderOversight(column) })
	is(f.Proven, func() *sql.Predicate { return figures.Proven(column) })
	is(f.Overdue, func() *sql.Predicate { return figures.Overdue(column, today) })
}

// todays gives the campaigns in sight by their date at an instant, for a filter
// that asks what is overdue: each has a zone of its own.
func (a *App) todays(ctx context.Context, at time.Time) ([]figures.Today, error) {
	campaigns, err := a.store.Ent.Campaign.Query().Order(campaign.ByID()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var out []figures.Today
	for _, c := range campaigns {
		day := command.PolicyOf(c).Today(at)
		i := slices.IndexFunc(out, func(t figures.Today) bool { return t.Day == day })
		if i < 0 {
			i, out = len(out), append(out, figures.Today{Day: day})
		}
		out[i].Campaigns = append(out[i].Campaigns, c.ID)
	}
	return out, nil
}

// Overdue reports whether a hazard is open past its deadline today, in the zone
// of its campaign.
func (a *App) Overdue(h *ent.Hazard, c *ent.Campaign) bool {
	return h.DeadlineOn != rule.NoDeadline && rule.Overdue(h.Status, h.DeadlineOn, command.PolicyOf(c).Today(a.clock.Now()))
}

// AllowedEvents lists the events that the life cycle allows for a hazard now,
// regardless of who may cause them.
func (a *App) AllowedEvents(h *ent.Hazard, c *ent.Campaign) []rule.HazardEventKind {
	return rule.AllowedHazardEvents(factsOf(h), command.PolicyOf(c).Today(a.clock.Now()))
}

// EventsOfHazards lists the history of these hazards, each in its order.
func (a *App) EventsOfHazards(ctx context.Context, hazards []uuid.UUID) ([]*ent.HazardEvent, error) {
	rows, err := a.store.Ent.HazardEvent.Query().Where(hazardevent.HazardIDIn(hazards...)).
		Order(hazardevent.ByHazardID(), hazardevent.BySequence()).All(ctx)
	return rows, store.Fault(err)
}

// OversightOrdersOfHazards lists the oversight orders of these hazards, the newest first.
func (a *App) OversightOrdersOfHazards(ctx context.Context, hazards []uuid.UUID) ([]*ent.OversightOrder, error) {
	rows, err := a.store.Ent.OversightOrder.Query().Where(oversightorder.HazardIDIn(hazards...)).
		Order(ent.Desc(oversightorder.FieldPlacedAt), ent.Desc(oversightorder.FieldID)).All(ctx)
	return rows, store.Fault(err)
}

// PlansOfHazards lists the rectification plans of these hazards, the newest first.
func (a *App) PlansOfHazards(ctx context.Context, hazards []uuid.UUID) ([]*ent.RectificationPlan, error) {
	rows, err := a.store.Ent.RectificationPlan.Query().Where(rectificationplan.HazardIDIn(hazards...)).
		Order(ent.Desc(rectificationplan.FieldNumber)).All(ctx)
	return rows, store.Fault(err)
}

// ExtensionsOfHazards lists the extensions of these hazards, the newest first.
func (a *App) ExtensionsOfHazards(ctx context.Context, hazards []uuid.UUID) ([]*ent.Extension, error) {
	rows, err := a.store.Ent.Extension.Query().Where(extension.HazardIDIn(hazards...)).
		Order(ent.Desc(extension.FieldRequestedAt), ent.Desc(extension.FieldID)).All(ctx)
	return rows, store.Fault(err)
}

// RechecksOfHazards lists the rechecks of these hazards, the newest first.
func (a *App) RechecksOfHazards(ctx context.Context, hazards []uuid.UUID) ([]*ent.Recheck, error) {
	rows, err := a.store.Ent.Recheck.Query().Where(recheck.HazardIDIn(hazards...)).
		Order(ent.Desc(recheck.FieldCheckedAt), ent.Desc(recheck.FieldID)).All(ctx)
	return rows, store.Fault(err)
}

// GapsOfHazards lists, for each hazard, what is missing for its steps to be proven.
func (a *App) GapsOfHazards(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]rule.Gap, error) {
	rows, err := a.store.Ent.Hazard.Query().Where(hazard.IDIn(ids...)).WithCampaign().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	steps, err := hazardSteps(ctx, a.store.Ent, rows)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]rule.Gap, len(rows))
	for _, h := range rows {
		out[h.ID] = hazardGaps(command.PolicyOf(h.Edges.Campaign), steps[h.ID])
	}
	return out, nil
}

// EvidenceOfHazards lists, for each hazard, the files that its steps name and
// that have been announced, in the order they were named.
func (a *App) EvidenceOfHazards(ctx context.Context, hazards []uuid.UUID) (map[uuid.UUID][]*ent.Evidence, error) {
	return a.evidenceBy(ctx, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.HazardIDIn(hazards...)) },
		func(u *ent.EvidenceUse) *uuid.UUID { return u.HazardID })
}

// EvidenceOfFindings lists, for each finding, the files that it names.
func (a *App) EvidenceOfFindings(ctx context.Context, findings []uuid.UUID) (map[uuid.UUID][]*ent.Evidence, error) {
	return a.evidenceBy(ctx, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.FindingIDIn(findings...)) },
		func(u *ent.EvidenceUse) *uuid.UUID { return u.FindingID })
}

// EvidenceOfReports lists, for each report, the files of the visit as a whole.
func (a *App) EvidenceOfReports(ctx context.Context, reports []uuid.UUID) (map[uuid.UUID][]*ent.Evidence, error) {
	return a.evidenceBy(ctx, func(q *ent.EvidenceUseQuery) {
		q.Where(evidenceuse.ReportIDIn(reports...), evidenceuse.FindingIDIsNil())
	}, func(u *ent.EvidenceUse) *uuid.UUID { return u.ReportID })
}

// EvidenceOfEvents lists, for each event of a hazard's history, the files that
// its step names.
func (a *App) EvidenceOfEvents(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]*ent.Evidence, error) {
	events, err := a.store.Ent.HazardEvent.Query().Where(hazardevent.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	type step struct {
		hazard   uuid.UUID
		sequence int
	}
	var hazards []uuid.UUID
	of := make(map[step]*uuid.UUID, len(events))
	for _, e := range events {
		of[step{e.HazardID, e.Sequence}] = &e.ID
		hazards = append(hazards, e.HazardID)
	}
	return a.evidenceBy(ctx, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.HazardIDIn(hazards...)) },
		func(u *ent.EvidenceUse) *uuid.UUID { return of[step{*u.HazardID, u.Round}] })
}

func (a *App) evidenceBy(ctx context.Context, where func(*ent.EvidenceUseQuery), owner func(*ent.EvidenceUse) *uuid.UUID) (map[uuid.UUID][]*ent.Evidence, error) {
	uses, files, err := evidence.UsesWith(ctx, a.store.Ent, where)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]*ent.Evidence{}
	for _, u := range uses {
		o, e := owner(u), files[u.EvidenceID]
		if o != nil && e != nil && e.SchoolID == u.SchoolID && !slices.Contains(out[*o], e) {
			out[*o] = append(out[*o], e)
		}
	}
	return out, nil
}

// FollowHazard reads a hazard in sight and follows it.
func (a *App) FollowHazard(ctx context.Context, i id.ID) (*ent.Hazard, error) {
	if _, err := command.SignedIn(ctx); err != nil {
		return nil, err
	}
	var bad fault.Input
	command.RequiredID(&bad, "id", i, id.Hazard)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	feed.FollowHazard(ctx, i.UUID)
	return a.Hazard(ctx, i)
}
