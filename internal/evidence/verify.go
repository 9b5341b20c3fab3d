package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	pace "golang.org/x/time/rate"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Verification is the outcome of a comparison: how much was looked at and what
// differs, one line each.
type Verification struct {
	Rows        int      `json:"rows"`
	Objects     int      `json:"objects"`
	Verified    int      `json:"verified"` // rows whose bytes must be there
	Hashed      int      `json:"hashed"`   // of these, how many were read again
	HashedBytes int64    `json:"hashedBytes"`
	Differences []string `json:"differences"`
}

// Shards is into how many parts the evidence is divided for a comparison.
const Shards = 256

// EvidenceCheck says how thoroughly evidence is compared.
type EvidenceCheck struct {
	// Share is how many of the verified objects are read and hashed again, from 0
	// for none to 1 for all. Which ones follows from Seed: the same for the same
	// seed, so two runs with different seeds look at different ones.
	Share float64
	Seed  uint64
	// BytesPerSecond bounds what is read again; 0 is as fast as it goes.
	BytesPerSecond int
	// From is the shard to begin with. Done is called after each shard, with the
	// outcome so far, so that a long run can be resumed.
	From int
	Done func(shard int, v Verification) error
}

// VerifyEvidence compares the database with the object store, both ways: every
// received or verified row has its object of the right size and its renditions,
// every object has a row that may have one, every sealed object is kept as long
// as its row says. A share of the verified objects is read and hashed again. It
// adds to v, which is empty or the outcome of an interrupted run. It works shard
// by shard, so its memory stays small, and beside a running server: objects are
// listed before the rows are read, and what seems missing is asked for again.
func (fs *Files) VerifyEvidence(ctx context.Context, c EvidenceCheck, v Verification) (Verification, error) {
	limit := pace.Inf
	if c.BytesPerSecond > 0 {
		limit = pace.Limit(c.BytesPerSecond)
	}
	run := &evidenceRun{files: fs, EvidenceCheck: c, Verification: v, pace: pace.NewLimiter(limit, copyBuffer)}
	for shard := c.From; shard < Shards; shard++ {
		if err := run.shard(ctx, fmt.Sprintf("%02x", shard)); err != nil {
			return run.Verification, err
		}
		if c.Done != nil {
			if err := c.Done(shard, run.Verification); err != nil {
				return run.Verification, err
			}
		}
	}
	return run.Verification, nil
}

// evidenceRun is one comparison at work.
type evidenceRun struct {
	EvidenceCheck
	Verification
	files *Files
	pace  *pace.Limiter
}

func (r *evidenceRun) differs(format string, args ...any) {
	r.Differences = append(r.Differences, fmt.Sprintf(format, args...))
}

func (r *evidenceRun) list(ctx context.Context, prefix string) (map[string]blob.Object, error) {
	objects := map[string]blob.Object{}
	err := r.files.blob.List(ctx, prefix, func(o blob.Object) error {
		objects[o.Key] = o
		return nil
	})
	r.Objects += len(objects)
	return objects, err
}

func (r *evidenceRun) shard(ctx context.Context, shard string) error {
	objects, err := r.list(ctx, originals+shard+"/")
	if err != nil {
		return err
	}
	made, err := r.list(ctx, renditions+shard+"/")
	if err != nil {
		return err
	}
	rows, err := r.files.store.Ent.Evidence.Query().Where(evidence.Sha256GTE(shard), evidence.Sha256LT(shard+"g")).All(ctx)
	if err != nil {
		return store.Fault(err)
	}
	r.Rows += len(rows)
	byKey := make(map[string]*ent.Evidence, len(rows))
	for _, e := range rows {
		byKey[e.ObjectKey] = e
		o, there := objects[e.ObjectKey]
		delete(objects, e.ObjectKey)
		if err := r.original(ctx, e, o, there); err != nil {
			return err
		}
		if err := r.renditions(ctx, e, made); err != nil {
			return err
		}
	}
	for key := range objects {
		r.differs("object %s: no row", key)
	}
	for key := range made {
		r.stray(key, byKey)
	}
	return nil
}

// original compares a row with the object that it must, or must not, have.
func (r *evidenceRun) original(ctx context.Context, e *ent.Evidence, o blob.Object, there bool) error {
	if e.Status == rule.Announced || e.DestructionApprovedAt != nil && e.DestroyedAt == nil {
		return nil // bytes may or may not be there yet, or still
	}
	if !there {
		again, err := r.files.blob.Stat(ctx, e.ObjectKey)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		o, there = again, err == nil
	}
	switch {
	case e.DestroyedAt != nil && there:
		r.differs("%s: destroyed, but its object is still there", e.PublicID())
	case e.DestroyedAt != nil:
	case e.Status == rule.EvidenceRejected && there:
		r.differs("%s: rejected, but its object is still there", e.PublicID())
	case e.Status == rule.EvidenceRejected:
	case !there:
		r.differs("%s: %s, but its object is missing", e.PublicID(), e.Status)
	case e.Status == rule.Verified && o.Size != e.Size:
		r.differs("%s: verified with %d bytes, but its object has %d", e.PublicID(), e.Size, o.Size)
	case e.Status == rule.Verified:
		r.Verified++
		if r.chosen(e) {
			return r.rehash(ctx, e)
		}
	}
	return nil
}

// chosen draws the share: the same objects for the same seed, whatever the order.
func (r *evidenceRun) chosen(e *ent.Evidence) bool {
	sum := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, r.Seed), e.ID[:]...))
	return float64(binary.BigEndian.Uint64(sum[:8])) < r.Share*float64(math.MaxUint64)
}

// copyBuffer is how much is read at a time, and so the least that a pace allows.
const copyBuffer = 256 << 10

// rehash reads a verified object at the pace allowed and compares its SHA-256,
// and how long the store keeps it.
func (r *evidenceRun) rehash(ctx context.Context, e *ent.Evidence) error {
	o, err := r.files.blob.Open(ctx, e.ObjectKey)
	if err != nil {
		return err
	}
	defer func() { _ = o.Close() }()
	sum := sha256.New()
	for {
		n, err := io.CopyN(sum, o, copyBuffer)
		r.HashedBytes += n
		if waited := r.pace.WaitN(ctx, int(n)); waited != nil {
			return fmt.Errorf("read %s: %w", e.PublicID(), waited)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", e.PublicID(), err)
		}
	}
	r.Hashed++
	if hex.EncodeToString(sum.Sum(nil)) != e.Sha256 {
		r.differs("%s: verified, but its object has another SHA-256", e.PublicID())
	}
	return r.seal(ctx, e)
}

// seal compares how long the store keeps an object with what its row says.
func (r *evidenceRun) seal(ctx context.Context, e *ent.Evidence) error {
	if e.SealedAt == nil {
		return nil
	}
	s, err := r.files.blob.Sealed(ctx, e.ObjectKey)
	switch {
	case err != nil:
		return err
	case e.RetainUntil != nil && s.Until.Before(*e.RetainUntil):
		r.differs("%s: to be kept until %s, but the store keeps it until %s", e.PublicID(), e.RetainUntil, s.Until)
	case e.Held && !s.Hold:
		r.differs("%s: under legal hold, but not in the store", e.PublicID())
	}
	return nil
}

// renditions looks for those that a row names.
func (r *evidenceRun) renditions(ctx context.Context, e *ent.Evidence, made map[string]blob.Object) error {
	for _, x := range e.Renditions {
		key := renditionKey(e, x.Name)
		o, there := made[key]
		delete(made, key)
		if !there && e.DestructionApprovedAt == nil {
			again, err := r.files.blob.Stat(ctx, key)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			o, there = again, err == nil
		}
		switch {
		case e.DestructionApprovedAt != nil:
		case !there:
			r.differs("%s: its %s is missing", e.PublicID(), x.Name)
		case o.Size != x.Size:
			r.differs("%s: its %s has %d bytes instead of %d", e.PublicID(), x.Name, o.Size, x.Size)
		}
	}
	return nil
}

// stray judges a rendition that no row names. One that is being made stands in
// the store a moment before its row says so.
func (r *evidenceRun) stray(key string, byKey map[string]*ent.Evidence) {
	original, _, _ := strings.Cut(strings.TrimPrefix(key, renditions)[3:], "/")
	e := byKey[originals+strings.TrimPrefix(key, renditions)[:3]+original]
	switch {
	case e == nil, e.DestroyedAt != nil:
		r.differs("object %s: no row", key)
	case e.Status == rule.Received:
	default:
		r.differs("object %s: %s does not name it", key, e.PublicID())
	}
}
