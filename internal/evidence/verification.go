package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
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

// VerifyNow is the background job that turns RECEIVED into VERIFIED or
// REJECTED: it reads the whole object back from the store, re-computes size and
// SHA-256, reads the real type from the bytes and decodes them in a process of
// their own, which also makes the renditions. It may run any number of times.
// Rejected bytes are removed from the store.
func (fs *Files) VerifyNow(ctx context.Context, i uuid.UUID) error {
	e, err := fs.store.Ent.Evidence.Get(ctx, i)
	if err != nil {
		return fmt.Errorf("evidence %s: %w", i, err)
	}
	switch e.Status {
	case rule.Received:
	case rule.EvidenceRejected:
		return fs.blob.Remove(ctx, e.ObjectKey)
	default:
		return nil
	}
	found, err := fs.examine(ctx, e)
	if err != nil {
		return err
	}
	if err := fs.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		return fs.settle(ctx, tx, e, found)
	}); err != nil {
		return err
	}
	if found.reason != "" {
		return fs.blob.Remove(ctx, e.ObjectKey)
	}
	return nil
}

// examined is what the server made of a file's bytes.
type examined struct {
	reason     string // why they are refused; empty when they are not
	facts      media.Facts
	product    media.Product
	renditions []rule.Rendition
}

// ResumeVerification queues the verification of every file that was received
// and has no verdict: a process that was killed leaves jobs behind that look as
// if they still ran. It runs when a worker starts; verifying twice is harmless.
func (fs *Files) ResumeVerification(ctx context.Context) error {
	ctx = authz.AsSystem(ctx)
	return fs.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		jobs, err := resumable(ctx, tx)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if err := fs.queue.Enqueue(ctx, tx, j); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle writes the verdict and what follows from it for reports and hazards.
func (fs *Files) settle(ctx context.Context, tx *ent.Tx, e *ent.Evidence, found examined) error {
	now := fs.clock.Now()
	u := tx.Evidence.Update().Where(evidence.ID(e.ID), evidence.StatusEQ(rule.Received))
	if found.reason != "" {
		u.SetStatus(rule.EvidenceRejected).SetRejectedAt(now).SetRejection(found.reason)
	} else {
		s, err := tx.School.Get(ctx, e.SchoolID)
		if err != nil {
			return err
		}
		policy, err := command.PolicyAt(ctx, tx.Client(), s.RegionPath)
		if err != nil {
			return err
		}
		u.SetStatus(rule.Verified).SetVerifiedAt(now).SetRetainUntil(now.AddDate(policy.RetentionYears, 0, 0))
		found.write(u)
	}
	n, err := u.Save(ctx)
	if err != nil || n == 0 {
		return err // n == 0: another worker was faster
	}
	if err := fs.afterVerdict(ctx, tx, e, found); err != nil {
		return err
	}
	return fs.observer.ProofChanged(ctx, tx, e.ID)
}

// write puts what was found into the row.
func (f examined) write(u *ent.EvidenceUpdate) {
	m := f.product.Metadata
	u.SetFoundMediaType(f.facts.MediaType).SetWidth(f.facts.Width).SetHeight(f.facts.Height).SetDurationMs(f.facts.Duration.Milliseconds()).
		SetCameraMake(m.Make).SetCameraModel(m.Model).SetCodec(f.facts.Codec).
		SetRenditions(f.renditions).SetPlaceholder(base64.StdEncoding.EncodeToString(f.product.Placeholder))
	if !m.TakenAt.IsZero() {
		u.SetTakenAt(clock.Truncate(m.TakenAt)).SetTakenZoned(m.HasOffset)
	}
	if m.Position != nil {
		u.SetFileLatitude(m.Position.Latitude).SetFileLongitude(m.Position.Longitude)
	}
	if p := f.product.Fingerprint; p != nil {
		u.SetPictureHash(int64(p.PHash)).SetPicturePrint(hex.EncodeToString(p.PDQ[:])) //nolint:gosec // the bits are meant, not the number
	}
}

// afterVerdict queues what comes next, in the transaction of the verdict.
func (fs *Files) afterVerdict(ctx context.Context, tx *ent.Tx, e *ent.Evidence, found examined) error {
	if found.reason != "" { // while its ticket lives, the bytes can be sent again: then they are removed again
		return fs.queue.EnqueueAt(ctx, tx, job.EvidenceVerify{EvidenceID: e.ID}, fs.clock.Now().Add(ticketLifetime))
	}
	if p := found.product.Fingerprint; p != nil {
		county, err := countyOf(ctx, tx.Client(), e.SchoolID)
		if err != nil {
			return err
		}
		if err := addBands(ctx, tx, county, e.ID, int64(p.PHash), fs.clock.Now()); err != nil { //nolint:gosec // the bits are meant
			return err
		}
	}
	next := []job.Args{job.EvidenceAssess{EvidenceID: e.ID}, job.EvidenceSeal{EvidenceID: e.ID}}
	if fs.media.Plays(found.facts) {
		next = append(next, job.EvidenceRender{EvidenceID: e.ID})
	}
	for _, j := range next {
		if err := fs.queue.Enqueue(ctx, tx, j); err != nil {
			return err
		}
	}
	return nil
}

// examine reads the object and judges it; an error means that the store, the
// disk or an engine failed, and the job must run again.
func (fs *Files) examine(ctx context.Context, e *ent.Evidence) (examined, error) {
	folder, err := os.MkdirTemp(fs.folder, "evidence-*")
	if err != nil {
		return examined{}, fmt.Errorf("work folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file, reason, err := fs.readBack(ctx, e, folder)
	if err != nil {
		return examined{}, err
	}
	if reason != "" {
		return examined{reason: reason}, nil
	}
	defer func() { _ = file.Close() }()
	facts, err := media.Inspect(file, e.Size)
	if err == nil && facts.Kind != e.Kind {
		return examined{reason: rejectedKind}, nil
	}
	out := examined{facts: facts}
	if err == nil {
		out.product, err = fs.media.Process(ctx, file.Name(), facts, folder)
	}
	if refusal, ok := errors.AsType[*media.Refusal](err); ok {
		return examined{reason: refusal.Reason}, nil
	}
	if err != nil {
		return examined{}, err
	}
	for _, r := range out.product.Renditions {
		kept, err := fs.keepRendition(ctx, e, r)
		if err != nil {
			return examined{}, err
		}
		out.renditions = append(out.renditions, kept)
	}
	return out, nil
}

// keepRendition stores what was made of a file.
func (fs *Files) keepRendition(ctx context.Context, e *ent.Evidence, r media.Rendition) (rule.Rendition, error) {
	f, err := os.Open(r.Path)
	if err != nil {
		return rule.Rendition{}, fmt.Errorf("rendition: %w", err)
	}
	defer func() { _ = f.Close() }()
	out := rule.Rendition{Name: r.Name, MediaType: r.MediaType, Width: r.Width, Height: r.Height, Size: r.Size}
	return out, fs.blob.Put(ctx, renditionKey(e, out.Name), f, r.Size, r.MediaType)
}

// readBack hashes every byte of the object on its way into a file of the folder,
// where parsers and decoders can read at random. A reason means that the bytes
// are not what was announced.
func (fs *Files) readBack(ctx context.Context, e *ent.Evidence, folder string) (file *os.File, reason string, err error) {
	r, err := fs.blob.Open(ctx, e.ObjectKey)
	if fault.Is(err, fault.NotFound) {
		return nil, rejectedGone, nil
	}
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = r.Close() }()
	if r.Object().Size != e.Size {
		return nil, rejectedSize, nil
	}
	f, err := os.Create(filepath.Join(folder, "original"))
	if err != nil {
		return nil, "", fmt.Errorf("work file: %w", err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(sum, f), &throttledReader{ctx: ctx, uploadActivity: &fs.uploadActivity, from: r})
	switch {
	case err != nil:
		_ = f.Close()
		return nil, "", fmt.Errorf("read the object back: %w", err)
	case n != e.Size:
		reason = rejectedSize
	case hex.EncodeToString(sum.Sum(nil)) != e.Sha256:
		reason = rejectedHash
	}
	if reason != "" {
		return nil, reason, f.Close()
	}
	return f, "", nil
}

func digest(hexadecimal string) (d [sha256.Size]byte) {
	b, _ := hex.DecodeString(hexadecimal) // the Sha256 scalar has checked the form
	copy(d[:], b)
	return d
}
