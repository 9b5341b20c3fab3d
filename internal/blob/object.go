package blob

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Object is what the store knows about one stored object.
type Object struct {
	Key  string
	Size int64 // bytes
	// ETag changes when the bytes do; without quotes. It is no checksum.
	ETag       string
	ModifiedAt time.Time
}

func objectOf(info minio.ObjectInfo) Object {
	return Object{Key: info.Key, Size: info.Size, ETag: info.ETag, ModifiedAt: clock.Truncate(info.LastModified)}
}

// Stat looks an object up: NOT_FOUND when it is absent, UNAVAILABLE (retryable)
// when the store can't be reached or the bucket is missing.
func (s *Store) Stat(ctx context.Context, key string) (Object, error) {
	info, err := s.head(ctx, key, "")
	if err != nil {
		return Object{}, err
	}
	return objectOf(info), nil
}

// head asks for what the store knows about one version of an object, or about
// the present one. Errors are those of Stat.
func (s *Store) head(ctx context.Context, key, version string) (minio.ObjectInfo, error) {
	if err := checkKey(key); err != nil {
		return minio.ObjectInfo{}, err
	}
	info, err := s.core.StatObject(ctx, s.cfg.Bucket, key, minio.StatObjectOptions{VersionID: version})
	if err == nil {
		return info, nil
	}
	err = failure(err)
	if fault.Is(err, fault.NotFound) {
		// The answer to HEAD has no body that would tell a missing object from a
		// missing bucket.
		if missing := s.Check(ctx); missing != nil {
			return minio.ObjectInfo{}, missing
		}
	}
	return minio.ObjectInfo{}, err
}

// Put stores exactly size bytes of r in one request, whole or not at all, and
// replaces what was there. Fewer or more bytes in r are BAD_USER_INPUT and store
// nothing; an error of r comes back as it is. It is not retried, because r can't
// be read twice. S3 takes at most 5 GiB in one request.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	return s.put(ctx, key, r, size, minio.PutObjectOptions{ContentType: contentType})
}

// PutOnce is Put for a key that is never replaced: CONFLICT when an object is
// there already. Where the store does not have the ability Once it looks first, and
// of two that do so at once the later one wins.
func (s *Store) PutOnce(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	able, err := s.Abilities(ctx)
	if err != nil {
		return err
	}
	if !able.Once {
		switch _, err := s.Stat(ctx, key); {
		case err == nil:
			return errConflict
		case !fault.Is(err, fault.NotFound):
			return err
		}
	}
	opts := minio.PutObjectOptions{ContentType: contentType}
	opts.SetMatchETagExcept("*")
	return s.put(ctx, key, r, size, opts)
}

func (s *Store) put(ctx context.Context, key string, r io.Reader, size int64, opts minio.PutObjectOptions) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if size < 0 {
		return errSize
	}
	body := &exactly{from: r, left: size}
	if size == 0 {
		// No body is sent, so nothing would look into r.
		if _, err := body.Read(nil); !errors.Is(err, io.EOF) {
			return err
		}
	}
	opts.DisableMultipart = true
	// Without TLS the body is sent in signed chunks. The embedded store does not
	// read the chunk that ends an empty body, and takes it for a request.
	opts.DisableContentSha256 = size == 0 || s.cfg.Private
	_, err := s.core.Client.PutObject(ctx, s.cfg.Bucket, key, body, size, opts)
	if met := body.met(); met != nil {
		return met
	}
	return failure(err)
}

// exactly reads the announced number of bytes and fails on fewer or more. It
// holds the last bytes back until it knows that nothing follows, so that a
// longer source never completes a request. What it met stays in err: a transport
// may hide it, and may go on reading when the request has been answered.
type exactly struct {
	from io.Reader
	left int64

	mu  sync.Mutex
	err error
}

// met is the error that ended the reading, nil for none.
func (e *exactly) met() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *exactly) fail(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
	return err
}

func (e *exactly) Read(p []byte) (int, error) {
	if err := e.met(); err != nil {
		return 0, err
	}
	if e.left == 0 {
		return 0, e.end()
	}
	n, err := e.from.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err != nil && err != io.EOF {
		return 0, e.fail(err)
	}
	if e.left == 0 {
		// The last bytes go out only when nothing follows them.
		if err := e.end(); !errors.Is(err, io.EOF) {
			return 0, err
		}
		return n, io.EOF
	}
	if err == io.EOF {
		return 0, e.fail(errSize.Because(io.ErrUnexpectedEOF))
	}
	return n, nil
}

// end is io.EOF when the source is at its end, and else the size's fault.
func (e *exactly) end() error {
	var probe [1]byte
	for range 100 { // a reader may give nothing for a while, but not for ever
		n, err := e.from.Read(probe[:])
		switch {
		case n > 0:
			return e.fail(errSize)
		case err == io.EOF:
			return io.EOF
		case err != nil:
			return e.fail(err)
		}
	}
	return e.fail(io.ErrNoProgress)
}

// Remove deletes an object with all its versions; an absent one is fine. CONFLICT
// when the store keeps one of them, see Seal: then every one is left.
func (s *Store) Remove(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	able, err := s.Abilities(ctx)
	if err != nil {
		return err
	}
	return s.remove(ctx, key, able)
}

// remove names each version: a store asked to delete without one would hide the
// object behind a marker and call that done. The embedded store tells the seal of
// the present version only, and refuses when it comes to another that it keeps.
func (s *Store) remove(ctx context.Context, key string, able Abilities) error {
	versions := []minio.ObjectInfo{{Key: key}}
	if able.Versioning {
		var err error
		if versions, err = s.versions(ctx, key); err != nil {
			return err
		}
	}
	if able.ObjectLock {
		for _, v := range versions {
			if v.IsDeleteMarker {
				continue // it has no bytes to keep
			}
			info, err := s.head(ctx, key, v.VersionID)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			if sealOf(info.Metadata).keeps(clock.System{}.Now()) {
				return errSealed
			}
		}
	}
	for _, v := range versions {
		err := failure(s.core.RemoveObject(ctx, s.cfg.Bucket, key, minio.RemoveObjectOptions{VersionID: v.VersionID}))
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// versions lists an object's versions, the oldest first, so that deleting them
// in this order brings no former version back to light in between.
func (s *Store) versions(ctx context.Context, key string) ([]minio.ObjectInfo, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all []minio.ObjectInfo
	for info := range s.core.ListObjectsIter(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Prefix: key, Recursive: true, WithVersions: true}) {
		if info.Err != nil {
			return nil, failure(info.Err)
		}
		if info.Key != key {
			break // keys come in order, and the shortest with this prefix is the key itself
		}
		all = append(all, info)
	}
	slices.Reverse(all)
	return all, nil
}

// List visits every object whose key begins with prefix, in the order of keys,
// a page at a time. It stops at the first error of visit and returns it.
func (s *Store) List(ctx context.Context, prefix string, visit func(Object) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for info := range s.core.ListObjectsIter(ctx, s.cfg.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if info.Err != nil {
			return failure(info.Err)
		}
		if err := visit(objectOf(info)); err != nil {
			return err
		}
	}
	// A cancelled listing may end without saying so.
	return failure(ctx.Err())
}
