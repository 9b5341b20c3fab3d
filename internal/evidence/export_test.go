package evidence

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
)

// AddBands enters a hash into the index of pictures.
func (fs *Files) AddBands(ctx context.Context, county, evidenceID uuid.UUID, hash uint64) error {
	return fs.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return addBands(ctx, tx, county, evidenceID, int64(hash), fs.clock.Now())
	})
}

// Near looks a hash up in the index of pictures.
func (fs *Files) Near(ctx context.Context, county, but uuid.UUID, hash uint64) ([]uuid.UUID, error) {
	h := int64(hash)
	return near(ctx, fs.store.Ent, county, &ent.Evidence{ID: but, PictureHash: &h})
}
