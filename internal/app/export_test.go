package app

import (
	"context"

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

// LeadingGroupsMissing is what the dashboard asks.
func (a *App) LeadingGroupsMissing(ctx context.Context, c *ent.Campaign, regionPath string) (bool, map[string]int, error) {
	return a.leadingGroupsMissing(ctx, c, regionPath)
}
