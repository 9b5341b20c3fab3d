package blob

import (
	"context"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// Seal is how long the store itself keeps an object.
type Seal struct {
	Until time.Time // zero: not at all
	Hold  bool      // legal hold
}

// keeps reports whether the store refuses at that time to remove the object.
func (s Seal) keeps(now time.Time) bool { return s.Hold || s.Until.After(now) }

// Retain makes the store keep an object's present version until an instant:
// nobody can remove it or shorten that, whatever keys they hold. An instant that
// is earlier than before changes nothing. NOT_FOUND when the object is absent;
// CONFLICT where the bucket has no object lock, see Abilities.
func (s *Store) Retain(ctx context.Context, key string, until time.Time) error {
	now, err := s.lockable(ctx, key)
	if err != nil {
		return err
	}
	until = until.Add(time.Second - 1).Truncate(time.Second) // the protocol has whole seconds
	if !until.After(now.Until) {
		return nil
	}
	mode := minio.Compliance
	return failure(s.core.PutObjectRetention(ctx, s.cfg.Bucket, key, minio.PutObjectRetentionOptions{Mode: &mode, RetainUntilDate: &until}))
}

// Hold puts an object's present version under legal hold, or ends it. Errors are
// those of Retain.
func (s *Store) Hold(ctx context.Context, key string, on bool) error {
	now, err := s.lockable(ctx, key)
	if err != nil || now.Hold == on {
		return err
	}
	status := minio.LegalHoldDisabled
	if on {
		status = minio.LegalHoldEnabled
	}
	return failure(s.core.PutObjectLegalHold(ctx, s.cfg.Bucket, key, minio.PutObjectLegalHoldOptions{Status: &status}))
}

// lockable is the seal that an object has, in a bucket that can change it.
func (s *Store) lockable(ctx context.Context, key string) (Seal, error) {
	able, err := s.Abilities(ctx)
	if err != nil {
		return Seal{}, err
	}
	if !able.ObjectLock {
		return Seal{}, errNoLock
	}
	return s.Sealed(ctx, key)
}

// Sealed asks how long the store keeps an object's present version: NOT_FOUND
// when it is absent. It reads the headers of the object: minio-go can't read the
// embedded store's answer to the question for retention, for its XML has another
// name.
func (s *Store) Sealed(ctx context.Context, key string) (Seal, error) {
	info, err := s.head(ctx, key, "")
	if err != nil {
		return Seal{}, err
	}
	return sealOf(info.Metadata), nil
}

func sealOf(h http.Header) Seal {
	var out Seal
	if until, err := time.Parse(time.RFC3339, h.Get("X-Amz-Object-Lock-Retain-Until-Date")); err == nil {
		out.Until = clock.Truncate(until)
	}
	out.Hold = h.Get("X-Amz-Object-Lock-Legal-Hold") == "ON"
	return out
}
