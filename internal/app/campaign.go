package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/checklist"
	"github.com/cleargrid/cleargrid/ent/checklistitem"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Campaigns lists the campaigns in sight, the newest first.
func (a *App) Campaigns(ctx context.Context) ([]*ent.Campaign, error) {
	if _, err := command.SignedIn(ctx); err != nil {
		return nil, err
	}
	rows, err := a.store.Ent.Campaign.Query().Order(ent.Desc(campaign.FieldStartsOn), ent.Desc(campaign.FieldID)).Limit(command.MaxPage).All(ctx)
	return rows, store.Fault(err)
}

// Campaign is one campaign in sight.
func (a *App) Campaign(ctx context.Context, i id.ID) (*ent.Campaign, error) {
	return command.Campaign(ctx, a.store.Ent, i)
}

// CampaignsByID reads the campaigns in sight among these.
func (a *App) CampaignsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Campaign, error) {
	rows, err := a.store.Ent.Campaign.Query().Where(campaign.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// PhasesOfCampaigns lists the phases of these campaigns in time.
func (a *App) PhasesOfCampaigns(ctx context.Context, campaigns []uuid.UUID) ([]*ent.Phase, error) {
	rows, err := a.store.Ent.Phase.Query().Where(phase.CampaignIDIn(campaigns...)).Order(phase.ByStartsOn(), phase.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// ChecklistsByID reads checklists.
func (a *App) ChecklistsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Checklist, error) {
	rows, err := a.store.Ent.Checklist.Query().Where(checklist.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// ItemsOfChecklists lists the items of these checklists by number.
func (a *App) ItemsOfChecklists(ctx context.Context, lists []uuid.UUID) ([]*ent.ChecklistItem, error) {
	rows, err := a.store.Ent.ChecklistItem.Query().Where(checklistitem.ChecklistIDIn(lists...)).Order(checklistitem.ByNumber()).All(ctx)
	return rows, store.Fault(err)
}

// ChecklistItemsByID reads checklist items.
func (a *App) ChecklistItemsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.ChecklistItem, error) {
	rows, err := a.store.Ent.ChecklistItem.Query().Where(checklistitem.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// CodedValues lists one open list in its order.
func (a *App) CodedValues(ctx context.Context, set string) ([]*ent.CodedValue, error) {
	if _, err := command.SignedIn(ctx); err != nil {
		return nil, err
	}
	rows, err := a.store.Ent.CodedValue.Query().Where(codedvalue.Set(set)).Order(codedvalue.ByPosition(), codedvalue.ByCode()).All(ctx)
	return rows, store.Fault(err)
}
