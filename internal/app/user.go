package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/user"
	"github.com/cleargrid/cleargrid/internal/store"
)

// UsersByID reads the users in sight among these.
func (a *App) UsersByID(ctx context.Context, ids []uuid.UUID) ([]*ent.User, error) {
	rows, err := a.store.Ent.User.Query().Where(user.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// TeamsByID reads the inspection teams in sight among these.
func (a *App) TeamsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.InspectionTeam, error) {
	rows, err := a.store.Ent.InspectionTeam.Query().Where(inspectionteam.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}
