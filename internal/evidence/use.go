package evidence

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/internal/store"
)

// UsesWith reads uses and their files: two statements.
func UsesWith(ctx context.Context, client *ent.Client, where ...func(*ent.EvidenceUseQuery)) ([]*ent.EvidenceUse, map[uuid.UUID]*ent.Evidence, error) {
	q := client.EvidenceUse.Query().Order(evidenceuse.ByCreatedAt(), evidenceuse.ByID())
	for _, w := range where {
		w(q)
	}
	uses, err := q.All(ctx)
	if err != nil {
		return nil, nil, store.Fault(err)
	}
	ids := make([]uuid.UUID, len(uses))
	for i, u := range uses {
		ids[i] = u.EvidenceID
	}
	rows, err := client.Evidence.Query().Where(evidence.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, nil, store.Fault(err)
	}
	return uses, ByID(rows), nil
}

// ByID gives files by their ids.
func ByID(rows []*ent.Evidence) map[uuid.UUID]*ent.Evidence {
	out := make(map[uuid.UUID]*ent.Evidence, len(rows))
	for _, e := range rows {
		out[e.ID] = e
	}
	return out
}
