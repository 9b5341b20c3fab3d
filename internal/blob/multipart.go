package blob

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// page is how many parts or uploads are asked for at once; S3 gives no more.
const page = 1000

// Part is one part that the store has received.
type Part struct {
	Number int   // 1 to 10,000
	Size   int64 // bytes
	ETag   string
}

// Upload is a multipart upload that was neither completed nor aborted.
type Upload struct {
	Key string
	ID  string
	// StartedAt is when the upload was created; the embedded store gives the
	// time of its last part instead.
	StartedAt time.Time
}

// PartSize is the user metadata that says how many bytes each part of an upload but
// the last has. The embedded store goes by it, others keep it with the object.
const PartSize = "part-size"

// CreateMultipart begins an upload in parts. Every part but the last must have
// at least 5 MiB. A partSize that is not 0 promises that each of these has that
// size; parts of other sizes are taken, but may be slower to put together.
func (s *Store) CreateMultipart(ctx context.Context, key, contentType string, partSize int64) (uploadID string, err error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	opts := minio.PutObjectOptions{ContentType: contentType}
	if partSize > 0 {
		opts.UserMetadata = map[string]string{PartSize: strconv.FormatInt(partSize, 10)}
	}
	uploadID, err = s.core.NewMultipartUpload(ctx, s.cfg.Bucket, key, opts)
	return uploadID, failure(err)
}

// Parts lists the parts received so far in the order of their numbers;
// NOT_FOUND when the upload was completed, aborted or never created.
func (s *Store) Parts(ctx context.Context, key, uploadID string) ([]Part, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var parts []Part
	for after := 0; ; {
		answer, err := s.core.ListObjectParts(ctx, s.cfg.Bucket, key, uploadID, after, page)
		if err != nil {
			return nil, failure(err)
		}
		for _, p := range answer.ObjectParts {
			parts = append(parts, Part{Number: p.PartNumber, Size: p.Size, ETag: strings.Trim(p.ETag, `"`)})
		}
		if !answer.IsTruncated || answer.NextPartNumberMarker <= after {
			return parts, nil
		}
		after = answer.NextPartNumberMarker
	}
}

// PutPart stores exactly size bytes of r as one part, number 1 to 10,000, whole or
// not at all, and replaces what that part was. Errors are those of Put, and
// NOT_FOUND when the upload is gone.
func (s *Store) PutPart(ctx context.Context, key, uploadID string, number int, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if uploadID == "" || number < 1 || number > 10000 || size < 1 {
		return errParts
	}
	body := &exactly{from: r, left: size}
	_, err := s.core.PutObjectPart(ctx, s.cfg.Bucket, key, uploadID, number, body, size, minio.PutObjectPartOptions{DisableContentSha256: true})
	if met := body.met(); met != nil {
		return met
	}
	return failure(err)
}

// CompleteMultipart makes the object out of the parts named, in the order of
// their numbers. Name every part that was sent: some stores refuse to leave one
// out. CONFLICT when a part is missing, too small or has another ETag; NOT_FOUND
// when the upload is gone. A store may answer the repetition of a
// successful call with success or with NOT_FOUND: Stat tells.
func (s *Store) CompleteMultipart(ctx context.Context, key, uploadID string, parts []Part) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if len(parts) == 0 {
		return errParts
	}
	ordered := slices.SortedFunc(slices.Values(parts), func(a, b Part) int { return cmp.Compare(a.Number, b.Number) })
	complete := make([]minio.CompletePart, len(ordered))
	for i, p := range ordered {
		complete[i] = minio.CompletePart{PartNumber: p.Number, ETag: p.ETag}
	}
	_, err := s.core.CompleteMultipartUpload(ctx, s.cfg.Bucket, key, uploadID, complete, minio.PutObjectOptions{})
	err = failure(err)
	if fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
		// Ceph calls an upload that is gone one that is being completed: 500.
		if _, gone := s.Parts(ctx, key, uploadID); fault.Is(gone, fault.NotFound) {
			return gone
		}
	}
	return err
}

// AbortMultipart drops an upload and its parts; an absent one is fine.
func (s *Store) AbortMultipart(ctx context.Context, key, uploadID string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := failure(s.core.AbortMultipartUpload(ctx, s.cfg.Bucket, key, uploadID))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Uploads visits the unfinished uploads of keys that begin with prefix, in the
// order of keys. It stops at the first error of visit and returns it. Visiting
// may abort the upload.
//
// The next page is asked for by key alone, from before the key in which this one
// ended: the embedded store finds no place within a key, and a place may have been
// aborted meanwhile. Ceph begins at that key and not behind it.
func (s *Store) Uploads(ctx context.Context, prefix string, visit func(Upload) error) error {
	for key, id := "", ""; ; {
		answer, err := s.core.ListMultipartUploads(ctx, s.cfg.Bucket, prefix, key, id, "", page)
		if err != nil {
			return failure(err)
		}
		found, from := answer.Uploads, [2]string{key, id}
		if key != "" && id == "" {
			found = slices.DeleteFunc(found, func(u minio.ObjectMultipartInfo) bool { return u.Key <= key })
		}
		if answer.IsTruncated {
			if key, id = next(answer, found); [2]string{key, id} == from {
				return errRefused.Because(fmt.Errorf("the list of uploads does not go on after %q", key))
			}
			if id == "" {
				found = slices.DeleteFunc(found, func(u minio.ObjectMultipartInfo) bool { return u.Key > key })
			}
		}
		for _, u := range found {
			if err := visit(Upload{Key: u.Key, ID: u.UploadID, StartedAt: clock.Truncate(u.Initiated)}); err != nil {
				return err
			}
		}
		if !answer.IsTruncated {
			return nil
		}
	}
}

// next is where the following page begins: behind the last key but one of this page,
// whose uploads are all there. After a page of one key it begins within the key.
func next(answer minio.ListMultipartUploadsResult, found []minio.ObjectMultipartInfo) (key, id string) {
	for _, u := range slices.Backward(found) {
		if u.Key != found[len(found)-1].Key {
			return u.Key, ""
		}
	}
	return answer.NextKeyMarker, answer.NextUploadIDMarker
}
