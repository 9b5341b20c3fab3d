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

// Retain makes the store keep an object's present version until an instant:
// nobody can remove or shorten that, whatever keys they hold. An instant that is
// earlier than before changes nothing. NOT_FOUND when it is absent. The bucket
// needs object lock, see Abilities.
func (s *Store) Retain(ctx context.Context, key string, until time.Time) error {
	now, err := s.Sealed(ctx, key)
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

// Hold puts an object under legal hold, or ends it.
func (s *Store) Hold(ctx context.Context, key string, on bool) error {
	if err := checkKey(key); err != nil {
		return err
	}
	status := minio.LegalHoldDisabled
	if on {
		status = minio.LegalHoldEnabled
	}
	return failure(s.core.PutObjectLegalHold(ctx, s.cfg.Bucket, key, minio.PutObjectLegalHoldOptions{Status: &status}))
}

// Sealed asks how long the store keeps an object: NOT_FOUND when it is absent.
func (s *Store) Sealed(ctx context.Context, key string) (Seal, error) {
	if err := checkKey(key); err != nil {
		return Seal{}, err
	}
	info, err := s.core.StatObject(ctx, s.cfg.Bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return Seal{}, failure(err)
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
