package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Reasons why the server refuses a file's bytes, beside those of media.Refusal.
const (
	rejectedSize = "size_mismatch"
	rejectedHash = "sha256_mismatch"
	rejectedKind = "kind_mismatch"
	rejectedGone = "bytes_missing"
)

// verifyEvidence is the background job that turns RECEIVED into VERIFIED or
// REJECTED: it reads the whole object back from the store, re-computes size and
// SHA-256 and reads the real type from the bytes. It may run any number of
// times. Rejected bytes are removed from the store.
func (a *App) verifyEvidence(ctx context.Context, i uuid.UUID) error {
	e, err := a.store.Ent.Evidence.Get(ctx, i)
	if err != nil {
		return fmt.Errorf("evidence %s: %w", i, err)
	}
	switch e.Status {
	case rule.Received:
	case rule.Refused:
		return a.blob.Remove(ctx, e.ObjectKey)
	default:
		return nil
	}
	facts, reason, err := a.examine(ctx, e)
	if err != nil {
		return err
	}
	if err := a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return a.settle(ctx, tx, e, facts, reason)
	}); err != nil {
		return err
	}
	if reason != "" {
		return a.blob.Remove(ctx, e.ObjectKey)
	}
	return nil
}

// ResumeVerification queues the verification of every file that was received
// and has no verdict: a process that was killed leaves jobs behind that look as
// if they still ran. It runs when a worker starts; verifying twice is harmless.
func (a *App) ResumeVerification(ctx context.Context) error {
	ctx = authz.AsSystem(ctx)
	return a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		waiting, err := tx.Evidence.Query().Where(evidence.StatusEQ(rule.Received)).IDs(ctx)
		if err != nil {
			return err
		}
		for _, i := range waiting {
			if err := a.queue.Enqueue(ctx, tx, job.EvidenceVerify{EvidenceID: i}); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle writes the verdict and what follows from it for reports and hazards.
func (a *App) settle(ctx context.Context, tx *ent.Tx, e *ent.Evidence, facts media.Facts, reason string) error {
	u := tx.Evidence.Update().Where(evidence.ID(e.ID), evidence.StatusEQ(rule.Received))
	if reason != "" {
		u.SetStatus(rule.Refused).SetRejectedAt(a.clock.Now()).SetRejection(reason)
	} else {
		u.SetStatus(rule.Verified).SetVerifiedAt(a.clock.Now()).SetFoundMediaType(facts.MediaType).
			SetWidth(facts.Width).SetHeight(facts.Height).SetDurationMs(facts.Duration.Milliseconds())
	}
	n, err := u.Save(ctx)
	if err != nil || n == 0 {
		return err // n == 0: another worker was faster
	}
	if reason != "" { // while its ticket lives, the bytes can be sent again: then they are removed again
		if err := a.queue.EnqueueAt(ctx, tx, job.EvidenceVerify{EvidenceID: e.ID}, a.clock.Now().Add(ticketLifetime)); err != nil {
			return err
		}
	}
	return a.proofMayHaveChanged(ctx, tx, e.ID)
}

// examine reads the object; a reason means that the bytes are refused, an error
// that the store could not be read and the job must run again.
func (a *App) examine(ctx context.Context, e *ent.Evidence) (media.Facts, string, error) {
	r, err := a.blob.Open(ctx, e.ObjectKey)
	if fault.Is(err, fault.NotFound) {
		return media.Facts{}, rejectedGone, nil
	}
	if err != nil {
		return media.Facts{}, "", err
	}
	defer func() { _ = r.Close() }()
	if r.Object().Size != e.Size {
		return media.Facts{}, rejectedSize, nil
	}
	bytes, reason, err := a.readBack(r, e)
	if err != nil || reason != "" {
		return media.Facts{}, reason, err
	}
	defer bytes.close()
	facts, err := media.Inspect(bytes, e.Size)
	var refusal *media.Refusal
	switch {
	case errors.As(err, &refusal):
		return media.Facts{}, refusal.Reason, nil
	case err != nil:
		return media.Facts{}, "", err
	case string(facts.Kind) != string(e.Kind):
		return media.Facts{}, rejectedKind, nil
	}
	return facts, "", nil
}

// spool is where the bytes can be read at random: a temporary file for small
// ones, the store itself for a video, of which only the headers are read again.
type spool struct {
	io.ReaderAt
	close func()
}

// readBack hashes every byte of the object.
func (a *App) readBack(r *blob.Reader, e *ent.Evidence) (spool, string, error) {
	s := spool{ReaderAt: r, close: func() {}}
	sum := sha256.New()
	var to io.Writer = sum
	if e.Kind != rule.Video {
		f, err := os.CreateTemp("", "cleargrid-evidence-*")
		if err != nil {
			return s, "", fmt.Errorf("temporary file: %w", err)
		}
		s = spool{ReaderAt: f, close: func() { _ = f.Close(); _ = os.Remove(f.Name()) }}
		to = io.MultiWriter(sum, f)
	}
	n, err := io.Copy(to, r)
	switch {
	case err != nil:
		s.close()
		return s, "", fmt.Errorf("read the object back: %w", err)
	case n != e.Size:
		s.close()
		return s, rejectedSize, nil
	case hex.EncodeToString(sum.Sum(nil)) != e.Sha256:
		s.close()
		return s, rejectedHash, nil
	}
	return s, "", nil
}

func digest(hexadecimal string) (d [sha256.Size]byte) {
	b, _ := hex.DecodeString(hexadecimal) // the Sha256 scalar has checked the form
	copy(d[:], b)
	return d
}
