package evidence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// renderEvidence is the background job that makes of a verified video what every
// phone plays. It takes as long as the video, so no verdict waits for it. It may
// be repeated.
func (fs *Files) renderEvidence(ctx context.Context, i uuid.UUID) error {
	e, err := fs.store.Ent.Evidence.Get(ctx, i)
	if err != nil {
		return store.Fault(err)
	}
	facts := media.Facts{MediaType: e.FoundMediaType, Kind: e.Kind, Duration: time.Duration(e.DurationMs) * time.Millisecond}
	made := slices.ContainsFunc(e.Renditions, func(r rule.Rendition) bool { return r.Name == rule.Playable })
	if e.Status != rule.Verified || e.DestructionApprovedAt != nil || made || !fs.media.Plays(facts) {
		return nil
	}
	folder, err := os.MkdirTemp(fs.folder, "render-*")
	if err != nil {
		return fmt.Errorf("work folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file, reason, err := fs.readBack(ctx, e, folder)
	if err != nil || reason != "" {
		return err // bytes that changed since are for `cleargrid verify` to tell
	}
	defer func() { _ = file.Close() }()
	r, err := fs.media.Playable(ctx, file.Name(), facts, folder)
	if refusal, ok := errors.AsType[*media.Refusal](err); ok {
		fs.log.Warn().Str("evidence", e.PublicID().String()).Str("why", refusal.Detail).Msg("a video has no playable rendition")
		return nil
	}
	if err != nil {
		return err
	}
	kept, err := fs.keepRendition(ctx, e, r)
	if err != nil {
		return err
	}
	n, err := fs.store.Ent.Evidence.Update().Where(evidence.ID(e.ID), evidence.DestructionApprovedAtIsNil()).
		SetRenditions(append(e.Renditions, kept)).Save(ctx)
	if err != nil || n > 0 {
		return store.Fault(err)
	}
	return fs.blob.Remove(ctx, renditionKey(e, kept.Name)) // it is being destroyed
}
