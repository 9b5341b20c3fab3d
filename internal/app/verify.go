package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Verification is the outcome of a comparison: how much was looked at and what
// differs, one line each.
type Verification struct {
	Rows, Objects, Hashed int
	Differences           []string
}

// VerifyFigures rebuilds every figure from the rows and compares.
func (a *App) VerifyFigures(ctx context.Context) (Verification, error) {
	lines, err := rollup.Compare(ctx, a.store.Ent)
	return Verification{Differences: lines}, err
}

// VerifyEvidence compares the database with the object store, both ways: every
// received or verified row has its object of the right size, every object has a
// row that may have one. With rehash every verified object is read and its
// SHA-256 compared. It works shard by shard, so its memory stays small, and
// beside a running server: objects are listed before the rows are read, and what
// seems missing is asked for again.
func (a *App) VerifyEvidence(ctx context.Context, rehash bool) (Verification, error) {
	var v Verification
	for shard := range 256 {
		if err := a.verifyShard(ctx, fmt.Sprintf("%02x", shard), rehash, &v); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (a *App) verifyShard(ctx context.Context, shard string, rehash bool, v *Verification) error {
	objects := map[string]blob.Object{}
	err := a.blob.List(ctx, originals+shard+"/", func(o blob.Object) error {
		objects[o.Key] = o
		return nil
	})
	if err != nil {
		return err
	}
	rows, err := a.store.Ent.Evidence.Query().Where(evidence.Sha256GTE(shard), evidence.Sha256LT(shard+"g")).All(ctx)
	if err != nil {
		return store.Fault(err)
	}
	v.Rows += len(rows)
	v.Objects += len(objects)
	for _, e := range rows {
		o, there := objects[e.ObjectKey]
		delete(objects, e.ObjectKey)
		line, err := a.verifyRow(ctx, e, o, there, rehash, v)
		if err != nil {
			return err
		}
		if line != "" {
			v.Differences = append(v.Differences, e.PublicID().String()+": "+line)
		}
	}
	for key := range objects {
		v.Differences = append(v.Differences, "object "+key+": no row")
	}
	return nil
}

func (a *App) verifyRow(ctx context.Context, e *ent.Evidence, o blob.Object, there, rehash bool, v *Verification) (string, error) {
	if e.Status == rule.Announced {
		return "", nil // bytes may or may not be there yet
	}
	if !there {
		again, err := a.blob.Stat(ctx, e.ObjectKey)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		o, there = again, err == nil
	}
	switch {
	case e.Status == rule.Refused && there:
		return "rejected, but its object is still there", nil
	case e.Status == rule.Refused:
		return "", nil
	case !there:
		return string(e.Status) + ", but its object is missing", nil
	case e.Status == rule.Verified && o.Size != e.Size:
		return fmt.Sprintf("verified with %d bytes, but its object has %d", e.Size, o.Size), nil
	case e.Status == rule.Verified && rehash:
		v.Hashed++
		return a.rehash(ctx, e)
	}
	return "", nil
}

func (a *App) rehash(ctx context.Context, e *ent.Evidence) (string, error) {
	r, err := a.blob.Open(ctx, e.ObjectKey)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", fmt.Errorf("read %s: %w", e.PublicID(), err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != e.Sha256 {
		return "verified, but its object has another SHA-256", nil
	}
	return "", nil
}
