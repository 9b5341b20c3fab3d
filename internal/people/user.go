package people

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/user"
	"github.com/cleargrid/cleargrid/internal/store"
)

// UsersByID reads the users in sight among these.
func (pe *People) UsersByID(ctx context.Context, ids []uuid.UUID) ([]*ent.User, error) {
	rows, err := pe.store.Ent.User.Query().Where(user.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}
