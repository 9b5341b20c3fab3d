package app

import (
	"context"
	"reflect"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
)

// AddBands enters a hash into the index of pictures.
func (a *App) AddBands(ctx context.Context, county, evidenceID uuid.UUID, hash uint64) error {
	return a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return addBands(ctx, tx, county, evidenceID, int64(hash), a.clock.Now())
	})
}

// Near looks a hash up in the index of pictures.
func (a *App) Near(ctx context.Context, county, but uuid.UUID, hash uint64) ([]uuid.UUID, error) {
	h := int64(hash)
	return near(ctx, a.store.Ent, county, &ent.Evidence{ID: but, PictureHash: &h})
}

// Sweep runs the sweep now.
func (a *App) Sweep(ctx context.Context) error { return a.sweepEvidence(ctx) }

// VerifyNow is the job that gives a received file its verdict.
func (a *App) VerifyNow(ctx context.Context, evidenceID uuid.UUID) error {
	return a.verifyEvidence(ctx, evidenceID)
}

// SameCounts compares the counts of schools and hazards alone.
func (f Figures) SameCounts(want Figures) bool {
	f.closing = nil
	return reflect.DeepEqual(f, want)
}

// Tick looks at the clocks of hazards now.
func (a *App) Tick(ctx context.Context) error { return a.tickReminders(ctx) }

// CountGap counts the hazards that should be listed by now.
func (a *App) CountGap(ctx context.Context, c *ent.Campaign, path string) (map[string]int, error) {
	return a.needsListing(ctx, c, path, a.clock.Now())
}
