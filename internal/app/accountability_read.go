package app

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// DiscrepancyFilter narrows a list of discrepancies; every field given must hold.
type DiscrepancyFilter struct {
	CampaignID *id.ID
	RegionID   *id.ID
	SchoolID   *id.ID
	Major      *bool
	// AsOf leaves out those that were raised after an instant.
	AsOf *time.Time
}

// Discrepancies lists the discrepancies in sight, the newest first.
func (a *App) Discrepancies(ctx context.Context, p command.PageArgs, f *DiscrepancyFilter) (command.Page[*ent.Discrepancy], error) {
	ord := command.Order{Field: "RAISED_AT", Column: discrepancy.FieldRaisedAt, IsTime: true, Desc: true}
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.Discrepancy]{}, err
	}
	q := a.store.Ent.Discrepancy.Query()
	if f != nil {
		if err := a.filterDiscrepancies(ctx, q, f); err != nil {
			return command.Page[*ent.Discrepancy]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Discrepancy]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(d *ent.Discrepancy) (string, uuid.UUID) { return command.TimeKey(d.RaisedAt), d.ID }), nil
}

func (a *App) filterDiscrepancies(ctx context.Context, q *ent.DiscrepancyQuery, f *DiscrepancyFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.NotInFuture(&bad, "filter.asOf", f.AsOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return err
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(figures.SchoolsBelow(path))
	}
	if f.AsOf != nil {
		q.Where(figures.At(a.clock.Now(), f.AsOf).DiscrepancyRaised())
	}
	if f.CampaignID != nil {
		q.Where(discrepancy.CampaignID(f.CampaignID.UUID))
	}
	if f.SchoolID != nil {
		q.Where(discrepancy.SchoolID(f.SchoolID.UUID))
	}
	if f.Major != nil {
		q.Where(discrepancy.Major(*f.Major))
	}
	return nil
}

// Discrepancy is one discrepancy in sight.
func (a *App) Discrepancy(ctx context.Context, i id.ID) (*ent.Discrepancy, error) {
	d, err := a.store.Ent.Discrepancy.Get(ctx, i.UUID)
	return command.NotFoundAs(d, err, id.Discrepancy)
}

// DiscrepanciesByID reads the discrepancies in sight among these.
func (a *App) DiscrepanciesByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Discrepancy, error) {
	rows, err := a.store.Ent.Discrepancy.Query().Where(discrepancy.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// DiscrepanciesOfReports lists, for each supervision report, what it found that
// the school had said to be in order.
func (a *App) DiscrepanciesOfReports(ctx context.Context, reports []uuid.UUID) (map[uuid.UUID][]*ent.Discrepancy, error) {
	findings, err := a.store.Ent.Finding.Query().Where(finding.ReportIDIn(reports...), finding.ResultEQ(rule.NonCompliant)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	report := make(map[uuid.UUID]uuid.UUID, len(findings))
	ids := make([]uuid.UUID, len(findings))
	for i, f := range findings {
		report[f.ID], ids[i] = f.ReportID, f.ID
	}
	rows, err := a.discrepanciesWhere(ctx, func(q *ent.DiscrepancyQuery) { q.Where(discrepancy.FoundIDIn(ids...)) })
	out := map[uuid.UUID][]*ent.Discrepancy{}
	for _, d := range rows {
		out[report[d.FoundID]] = append(out[report[d.FoundID]], d)
	}
	return out, err
}

// DiscrepanciesOfFindings lists, for each finding of either side, the
// discrepancies that it is part of.
func (a *App) DiscrepanciesOfFindings(ctx context.Context, findings []uuid.UUID) (map[uuid.UUID][]*ent.Discrepancy, error) {
	rows, err := a.discrepanciesWhere(ctx, func(q *ent.DiscrepancyQuery) {
		q.Where(discrepancy.Or(discrepancy.FoundIDIn(findings...), discrepancy.ClaimedIDIn(findings...)))
	})
	out := map[uuid.UUID][]*ent.Discrepancy{}
	for _, d := range rows {
		out[d.FoundID] = append(out[d.FoundID], d)
		out[d.ClaimedID] = append(out[d.ClaimedID], d)
	}
	return out, err
}

func (a *App) discrepanciesWhere(ctx context.Context, where func(*ent.DiscrepancyQuery)) ([]*ent.Discrepancy, error) {
	q := a.store.Ent.Discrepancy.Query().Order(discrepancy.ByRaisedAt(), discrepancy.ByID())
	where(q)
	rows, err := q.All(ctx)
	return rows, store.Fault(err)
}

// CaseFilter narrows a list of cases; every field given must hold.
type CaseFilter struct {
	CampaignID *id.ID
	RegionID   *id.ID
	SchoolID   *id.ID
	Kind       *rule.CaseKind
	Status     *rule.CaseStatus
	Mine       *bool // true: only what is held against the viewer
	// AsOf makes the status that of an instant, as known now; cases raised later
	// are left out.
	AsOf *time.Time
}

// Cases lists the cases in sight, the newest first.
func (a *App) Cases(ctx context.Context, p command.PageArgs, f *CaseFilter) (command.Page[*ent.AccountabilityCase], error) {
	ord := command.Order{Field: "RAISED_AT", Column: accountabilitycase.FieldRaisedAt, IsTime: true, Desc: true}
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.AccountabilityCase]{}, err
	}
	v, err := command.SignedIn(ctx)
	if err != nil {
		return command.Page[*ent.AccountabilityCase]{}, err
	}
	q := a.store.Ent.AccountabilityCase.Query()
	if f != nil {
		if err := a.filterCases(ctx, q, f, v.UserID); err != nil {
			return command.Page[*ent.AccountabilityCase]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.AccountabilityCase]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(c *ent.AccountabilityCase) (string, uuid.UUID) { return command.TimeKey(c.RaisedAt), c.ID }), nil
}

func (a *App) filterCases(ctx context.Context, q *ent.AccountabilityCaseQuery, f *CaseFilter, viewer uuid.UUID) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.NotInFuture(&bad, "filter.asOf", f.AsOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return err
	}
	w := figures.At(a.clock.Now(), f.AsOf)
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(figures.SchoolsBelow(path))
	}
	if w.Past {
		q.Where(w.CaseRaised())
	}
	if f.CampaignID != nil {
		q.Where(accountabilitycase.CampaignID(f.CampaignID.UUID))
	}
	if f.SchoolID != nil {
		q.Where(accountabilitycase.SchoolID(f.SchoolID.UUID))
	}
	if f.Kind != nil {
		q.Where(accountabilitycase.KindEQ(*f.Kind))
	}
	if f.Status != nil {
		q.Where(func(s *sql.Selector) { s.Where(w.CaseIs(s, *f.Status)) })
	}
	if f.Mine != nil && *f.Mine {
		q.Where(accountabilitycase.PersonID(viewer))
	}
	return nil
}

// Case is one case in sight.
func (a *App) Case(ctx context.Context, i id.ID) (*ent.AccountabilityCase, error) {
	c, err := a.store.Ent.AccountabilityCase.Get(ctx, i.UUID)
	return command.NotFoundAs(c, err, id.Case)
}

// CasesByID reads the cases in sight among these.
func (a *App) CasesByID(ctx context.Context, ids []uuid.UUID) ([]*ent.AccountabilityCase, error) {
	rows, err := a.store.Ent.AccountabilityCase.Query().Where(accountabilitycase.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// CaseStep is one decision or statement in a case's history.
type CaseStep struct {
	Event rule.CaseEvent
	ByID  uuid.UUID
	At    time.Time
	Text  string
}

// StepsOfCases lists the history of these cases, each in its order.
func (a *App) StepsOfCases(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID][]*CaseStep, error) {
	rows, err := a.CasesByID(ctx, ids)
	out := make(map[uuid.UUID][]*CaseStep, len(rows))
	for _, c := range rows {
		for _, s := range c.Steps {
			out[c.ID] = append(out[c.ID], &CaseStep{Event: s.Event, ByID: s.By, At: s.At, Text: s.Text})
		}
	}
	return out, err
}
