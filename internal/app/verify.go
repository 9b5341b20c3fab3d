package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/store"
)

// VerifyFigures rebuilds every figure from the rows and compares: school by school,
// each in one snapshot, so its memory is that of one school and a server may be at
// work beside it.
func (a *App) VerifyFigures(ctx context.Context) (evidence.Verification, error) {
	var out evidence.Verification
	err := rollup.EachSchool(ctx, a.store.Ent, func(school uuid.UUID) error {
		return a.store.InSnapshot(ctx, func(ctx context.Context, snapshot *ent.Client) error {
			lines, err := rollup.CompareSchool(ctx, snapshot, school)
			out.Differences = append(out.Differences, lines...)
			return err
		})
	})
	return out, store.Fault(err)
}
