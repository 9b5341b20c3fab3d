package embedded

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// durable is the POSIX backend with fsync, which it does not call: what was acknowledged
// is on disk. Data goes to disk before the object gets its name, so that no name
// ever stands for half an object; names, attributes and every folder above
// follow before the answer.
type durable struct {
	*posix.Posix
	root     string // a folder per bucket
	versions string // former versions of objects; empty: no versioning
	sidecar  string // attributes; empty: they are in the files
	// flush is (*os.File).Sync; a test records instead.
	flush   func(*os.File) error
	writers *writers
}

// whole flushes what was written if it is all that was promised. The backend takes
// the end of a broken connection for the end of the data: it would give half a part
// its name, at full length and with zeros where bytes should be.
func (d durable) whole(promised *int64) func(*os.File) error {
	return func(f *os.File) error {
		if promised == nil {
			return d.flush(f)
		}
		written, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return fmt.Errorf("length of what was written: %w", err)
		}
		if written != *promised {
			return s3err.GetAPIError(s3err.ErrIncompleteBody)
		}
		return d.flush(f)
	}
}

// PutObject implements backend.Backend.
func (d durable) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	out, err := d.Posix.PutObjectWithPostFunc(ctx, in, d.whole(in.ContentLength))
	if err == nil {
		err = d.settle(*in.Bucket, *in.Key)
	}
	return out, err
}

// CopyObject implements backend.Backend.
func (d durable) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	out, err := d.Posix.CopyObject(ctx, in)
	if err == nil {
		err = d.settle(*in.Bucket, *in.Key)
	}
	return out, err
}

// CreateBucket implements backend.Backend.
func (d durable) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, acl []byte) error {
	if err := d.Posix.CreateBucket(ctx, in, acl); err != nil {
		return err
	}
	return d.settle(*in.Bucket, "")
}

// CreateMultipartUpload implements backend.Backend.
func (d durable) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	partSize := partSizeOf(in.Metadata)
	out, err := d.Posix.CreateMultipartUpload(ctx, in)
	if err == nil && partSize > 0 && d.sidecar == "" && in.ChecksumAlgorithm == "" {
		path := filepath.Join(*in.Bucket, uploadPath(*in.Key, out.UploadId))
		err = leanXattr{}.StoreAttribute(nil, d.root, path, partSizeKey, fmt.Append(nil, partSize))
	}
	if err == nil {
		err = d.settle(*in.Bucket, uploadPath(*in.Key, out.UploadId))
	}
	return out, err
}

// UploadPart implements backend.Backend. A part that was acknowledged is never
// asked for again, so it must last as an object does.
func (d durable) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	if p, ok := d.place(in); ok {
		return p.write(in.Body)
	}
	out, err := d.Posix.UploadPartWithPostFunc(ctx, in, d.whole(in.ContentLength))
	if err == nil {
		err = d.settle(*in.Bucket, partPath(*in.Key, *in.UploadId, *in.PartNumber))
	}
	return out, err
}

// UploadPartCopy implements backend.Backend.
func (d durable) UploadPartCopy(ctx context.Context, in *s3.UploadPartCopyInput) (s3response.CopyPartResult, error) {
	out, err := d.Posix.UploadPartCopy(ctx, in)
	if err == nil {
		err = d.settle(*in.Bucket, partPath(*in.Key, *in.UploadId, *in.PartNumber))
	}
	return out, err
}

// CompleteMultipartUpload implements backend.Backend. The parts are deleted once
// the object has its name, so the whole is on disk before it gets it.
func (d durable) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a, done := d.assemble(in, stop)
	defer done()
	out, version, err := d.Posix.CompleteMultipartUploadWithCopy(ctx, in, a.add)
	if a.err != nil {
		err = reason(a.err)
	}
	if err == nil {
		err = d.settle(*in.Bucket, *in.Key)
	}
	if err == nil {
		d.forget(*in.Bucket, *in.Key, *in.UploadId)
	}
	return out, version, err
}

// AbortMultipartUpload implements backend.Backend.
func (d durable) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput) error {
	err := d.Posix.AbortMultipartUpload(ctx, in)
	if err == nil {
		d.forget(*in.Bucket, *in.Key, *in.UploadId)
	}
	return err
}

// forget removes the attributes of an ended upload's parts, which the backend
// leaves in the sidecar folder. What can't be removed only takes room.
func (d durable) forget(bucket, key, uploadID string) {
	if d.sidecar != "" {
		_ = os.RemoveAll(filepath.Join(d.sidecar, bucket, uploadPath(key, uploadID)))
	}
}

// DeleteObject implements backend.Backend: a removed object does not come back.
func (d durable) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	out, err := d.Posix.DeleteObject(ctx, in)
	if err == nil {
		err = d.settle(*in.Bucket, *in.Key)
	}
	return out, err
}

// DeleteObjects implements backend.Backend.
func (d durable) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	out, err := d.Posix.DeleteObjects(ctx, in)
	if err != nil {
		return out, err
	}
	for _, deleted := range out.Deleted {
		if err := d.settle(*in.Bucket, *deleted.Key); err != nil {
			return out, err
		}
	}
	return out, nil
}

// uploadPath and partPath are where the backend keeps a multipart upload, below
// its bucket.
func uploadPath(key, uploadID string) string {
	return filepath.Join(posix.MetaTmpMultipartDir, fmt.Sprintf("%x", sha256.Sum256([]byte(key))), uploadID)
}

func partPath(key, uploadID string, number int32) string {
	return filepath.Join(uploadPath(key, uploadID), fmt.Sprint(number))
}

// settle puts an object's file, attributes and former versions on disk, and with
// each every folder up to the root.
func (d durable) settle(bucket, key string) error {
	if err := d.upward(d.root, filepath.Join(d.root, bucket, key)); err != nil {
		return err
	}
	if d.sidecar != "" {
		if err := d.with(d.sidecar, filepath.Join(d.sidecar, bucket, key, "meta")); err != nil {
			return err
		}
	}
	if d.versions != "" && key != "" {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(key)))
		return d.with(d.versions, filepath.Join(d.versions, bucket, sum[:2], sum[2:4], sum[4:6], sum))
	}
	return nil
}

// with puts the files of a folder, the folder and those above on disk.
func (d durable) with(root, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if err := d.one(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return d.upward(root, dir)
}

// upward puts a path and every folder above it, up to the root, on disk.
func (d durable) upward(root, path string) error {
	for ; len(path) >= len(root); path = filepath.Dir(path) {
		if err := d.one(path); err != nil {
			return err
		}
	}
	return nil
}

// one puts one file or folder on disk; what has gone meanwhile is fine.
func (d durable) one(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(d.flush(f), f.Close())
}

// syncPath puts one file or folder on disk.
func syncPath(path string) error {
	return durable{flush: (*os.File).Sync}.one(path)
}
