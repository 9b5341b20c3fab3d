package embedded

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/s3response"
)

// disk records what is put on disk, and can fail.
type disk struct {
	flushed []string
	broken  error
	// onFlush sees every file before it is put on disk.
	onFlush func()
}

func (d *disk) flush(f *os.File) error {
	if d.onFlush != nil {
		d.onFlush()
	}
	d.flushed = append(d.flushed, f.Name())
	return d.broken
}

// backendOn opens the backend in this process, which changes the working folder.
func backendOn(t *testing.T, metadata string) (durable, *disk, folder) {
	t.Helper()
	t.Chdir(t.TempDir())
	f, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store, err := openBackend(f, metadata)
	if err != nil {
		t.Fatal(err)
	}
	recorder := &disk{}
	store.flush = recorder.flush
	if err := store.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: new(bucket), CreateBucketConfiguration: &types.CreateBucketConfiguration{}}, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	return store, recorder, f
}

// steps are everything that stores something, each after those before it.
func steps(t *testing.T, store durable) []struct {
	name string
	do   func() error
	kept []string // below the objects' folder
} {
	ctx := t.Context()
	body := bytes.Repeat([]byte("x"), 1000)
	var upload, tag string
	part := func() string { return filepath.Join(bucket, partPath("d/whole", upload, 1)) }
	return []struct {
		name string
		do   func() error
		kept []string
	}{
		{"put", func() error {
			_, err := store.PutObject(ctx, s3response.PutObjectInput{Bucket: new(bucket), Key: new("a/b/one"), Body: bytes.NewReader(body), ContentLength: new(int64(1000))})
			return err
		}, []string{bucket + "/a/b/one", bucket + "/a/b", bucket + "/a", bucket, "."}},
		{"copy", func() error {
			_, err := store.CopyObject(ctx, s3response.CopyObjectInput{Bucket: new(bucket), Key: new("c/two"), CopySource: new(bucket + "/a/b/one"), ExpectedBucketOwner: new("")})
			return err
		}, []string{bucket + "/c/two", bucket + "/c", bucket, "."}},
		{"begin", func() error {
			out, err := store.CreateMultipartUpload(ctx, s3response.CreateMultipartUploadInput{Bucket: new(bucket), Key: new("d/whole")})
			upload = out.UploadId
			return err
		}, []string{bucket + "/.sgwtmp/multipart", bucket + "/.sgwtmp", bucket, "."}},
		{"part", func() error {
			out, err := store.UploadPart(ctx, &s3.UploadPartInput{Bucket: new(bucket), Key: new("d/whole"), UploadId: new(upload), PartNumber: new(int32(1)), Body: bytes.NewReader(body), ContentLength: new(int64(1000))})
			if err == nil {
				tag = *out.ETag
			}
			return err
		}, nil},
		{"complete", func() error {
			if _, err := os.Stat(part()); err != nil {
				return err
			}
			_, _, err := store.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
				Bucket: new(bucket), Key: new("d/whole"), UploadId: new(upload),
				MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: new(int32(1)), ETag: new(tag)}}},
			})
			return err
		}, []string{bucket + "/d/whole", bucket + "/d", bucket, "."}},
		{"delete", func() error {
			_, err := store.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: new(bucket), Key: new("d/whole")})
			return err
		}, []string{bucket, "."}},
	}
}

// Whatever is acknowledged has been put on disk: the file, its attributes and
// every folder above it.
func TestDurable(t *testing.T) {
	for _, metadata := range []string{metadataXattr, metadataSidecar} {
		t.Run(metadata, func(t *testing.T) {
			store, recorder, f := backendOn(t, metadata)
			for _, step := range steps(t, store) {
				recorder.flushed = nil
				if err := step.do(); err != nil {
					t.Fatalf("%s: %v", step.name, err)
				}
				for _, kept := range step.kept {
					if path := filepath.Join(f.objects(), kept); !slices.Contains(recorder.flushed, path) {
						t.Errorf("%s: %s was not put on disk", step.name, kept)
					}
				}
				etag := filepath.Join(f.sidecar(), bucket, "a/b/one/meta/etag")
				if step.name == "put" && metadata == metadataSidecar && !slices.Contains(recorder.flushed, etag) {
					t.Errorf("the attributes were not put on disk: %q", recorder.flushed)
				}
			}
		})
	}
}

// An object gets its name when its bytes are on disk, and not before.
func TestDurableBeforeVisible(t *testing.T) {
	store, recorder, f := backendOn(t, metadataXattr)
	for _, step := range steps(t, store) {
		if step.name != "put" && step.name != "complete" {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		seen, object := []bool{}, filepath.Join(f.objects(), step.kept[0])
		recorder.onFlush = func() {
			_, err := os.Stat(object)
			seen = append(seen, err == nil)
		}
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		recorder.onFlush = nil
		if len(seen) < 2 || seen[0] || !seen[len(seen)-1] {
			t.Errorf("%s: the object was there at these flushes: %v", step.name, seen)
		}
	}
}

// What the disk did not take is not acknowledged, and what it took can be
// repeated.
func TestDurableDiskFails(t *testing.T) {
	store, recorder, _ := backendOn(t, metadataXattr)
	for _, step := range steps(t, store) {
		if step.name == "complete" || step.name == "delete" {
			continue // below: they can't be repeated
		}
		recorder.broken = errors.New("the disk is broken")
		if err := step.do(); !errors.Is(err, recorder.broken) {
			t.Errorf("%s on a broken disk: %v", step.name, err)
		}
		recorder.broken = nil
		if err := step.do(); err != nil {
			t.Fatalf("%s on a good disk again: %v", step.name, err)
		}
	}
	for _, step := range steps(t, store)[2:] {
		recorder.broken = nil
		if step.name == "complete" || step.name == "delete" {
			recorder.broken = errors.New("the disk is broken")
		}
		if err := step.do(); !errors.Is(err, recorder.broken) {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}

// A former version is as durable as the present one.
func TestDurableVersions(t *testing.T) {
	store, recorder, f := backendOn(t, metadataXattr)
	if err := store.PutBucketVersioning(t.Context(), bucket, types.BucketVersioningStatusEnabled); err != nil {
		t.Fatal(err)
	}
	put := steps(t, store)[0].do
	for range 2 {
		if err := put(); err != nil {
			t.Fatal(err)
		}
	}
	former, err := filepath.Glob(filepath.Join(f.versions(), bucket, "*/*/*/*/*"))
	if err != nil || len(former) != 1 {
		t.Fatalf("former versions: %q %v", former, err)
	}
	for path := former[0]; path != f.path; path = filepath.Dir(path) {
		if !slices.Contains(recorder.flushed, path) {
			t.Errorf("%s was not put on disk", path)
		}
	}
}

// The list of a long upload's parts would not fit into a file's attributes.
func TestPartOffsetsMayBeLong(t *testing.T) {
	store, _, _ := backendOn(t, metadataXattr)
	for _, step := range steps(t, store)[:5] {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
	}
	var x leanXattr
	if _, err := x.RetrieveAttribute(nil, bucket, "d/whole", partOffsets); err != nil {
		t.Errorf("the backend keeps the offsets elsewhere now: %v", err)
	}
	if err := x.StoreAttribute(nil, bucket, "a/b/one", partOffsets, make([]byte, 50<<10)); err != nil {
		t.Errorf("a long list: %v", err)
	}
	if _, err := x.RetrieveAttribute(nil, bucket, "a/b/one", partOffsets); !errors.Is(err, meta.ErrNoSuchKey) {
		t.Errorf("a long list was kept: %v", err)
	}
}

// TestHalfABodyIsNothing: a sender that dies ends its data without an error.
func TestHalfABodyIsNothing(t *testing.T) {
	store, _, _ := backendOn(t, metadataXattr)
	ctx, half, promised := t.Context(), []byte("half"), new(int64(8))
	if _, err := store.PutObject(ctx, s3response.PutObjectInput{Bucket: new(bucket), Key: new("one"), Body: bytes.NewReader(half), ContentLength: promised}); err == nil {
		t.Error("half an object was taken")
	}
	up, err := store.CreateMultipartUpload(ctx, s3response.CreateMultipartUploadInput{Bucket: new(bucket), Key: new("two")})
	if err != nil {
		t.Fatal(err)
	}
	part := &s3.UploadPartInput{Bucket: new(bucket), Key: new("two"), UploadId: new(up.UploadId), PartNumber: new(int32(1)), Body: bytes.NewReader(half), ContentLength: promised}
	if _, err := store.UploadPart(ctx, part); err == nil {
		t.Error("half a part was taken")
	}
	for _, path := range []string{"one", partPath("two", up.UploadId, 1)} {
		if _, err := os.Stat(filepath.Join(store.root, bucket, path)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there: %v", path, err)
		}
	}
}
