package embedded

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"

	"github.com/cleargrid/cleargrid/internal/blob"
)

// least is the smallest part that may have another one behind it.
const least = 5 << 20

// sending is one multipart upload to a backend in this process.
type sending struct {
	t        *testing.T
	store    durable
	recorder *disk
	key, id  string
	tags     map[int32]string
}

// begin begins an upload; a partSize of 0 is not said.
func begin(t *testing.T, store durable, recorder *disk, key, partSize string) *sending {
	t.Helper()
	in := s3response.CreateMultipartUploadInput{Bucket: new(bucket), Key: &key}
	if partSize != "" {
		in.Metadata = map[string]string{blob.PartSize: partSize}
	}
	up, err := store.CreateMultipartUpload(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return &sending{t: t, store: store, recorder: recorder, key: key, id: up.UploadId, tags: map[int32]string{}}
}

func (s *sending) part(n int32, promised int, body io.Reader) error {
	out, err := s.store.UploadPart(context.Background(), &s3.UploadPartInput{ // a sender may outlive the test's context
		Bucket: new(bucket), Key: &s.key, UploadId: &s.id, PartNumber: &n, Body: body, ContentLength: new(int64(promised)),
	})
	if err == nil {
		s.tags[n] = *out.ETag
	}
	return err
}

func (s *sending) send(n int32, data []byte) {
	s.t.Helper()
	if err := s.part(n, len(data), bytes.NewReader(data)); err != nil {
		s.t.Fatalf("part %d: %v", n, err)
	}
}

func (s *sending) complete(numbers ...int32) (string, error) {
	var parts []types.CompletedPart
	for _, n := range numbers {
		parts = append(parts, types.CompletedPart{PartNumber: &n, ETag: new(s.tags[n])})
	}
	out, _, err := s.store.CompleteMultipartUpload(s.t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: new(bucket), Key: &s.key, UploadId: &s.id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		return "", err
	}
	return *out.ETag, nil
}

func (s *sending) inFolder(name string) string {
	return filepath.Join(s.store.root, bucket, uploadPath(s.key, s.id), name)
}

func (s *sending) object() string { return filepath.Join(s.store.root, bucket, s.key) }

func (s *sending) holds(want []byte) {
	s.t.Helper()
	if got, err := os.ReadFile(s.object()); err != nil || !bytes.Equal(got, want) {
		s.t.Errorf("the object has %d other bytes, %v", len(got), err)
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// taken completes an upload and reports whether its whole file became the object.
func (s *sending) taken(numbers ...int32) (etag string, same bool) {
	s.t.Helper()
	before, err := os.Stat(s.inFolder(wholeFile))
	if err != nil {
		s.t.Fatal(err)
	}
	if etag, err = s.complete(numbers...); err != nil {
		s.t.Fatal(err)
	}
	after, err := os.Stat(s.object())
	if err != nil {
		s.t.Fatal(err)
	}
	return etag, os.SameFile(before, after)
}

// Parts of the size that was said become the object without a copy; whatever does
// not fit is copied. Either way the bytes and the ETag are the same.
func TestPartsInPlace(t *testing.T) {
	store, recorder, _ := backendOn(t, metadataXattr)
	one, two, tail := noise(least), noise(least), noise(7)
	all := slices.Concat(one, two, tail)

	plain := begin(t, store, recorder, "plain", "")
	for n, data := range [][]byte{one, two, tail} {
		plain.send(int32(n+1), data)
	}
	if _, err := os.Stat(plain.inFolder(wholeFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nobody said a part size: %v", err)
	}
	etag, err := plain.complete(1, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	plain.holds(all)

	for name, c := range map[string]struct {
		partSize string
		prepare  func(s *sending)
		send     []int32
		name     []int32
		want     []byte
		taken    bool
	}{
		"all fit":               {"5242880", nil, []int32{3, 1, 2}, []int32{1, 2, 3}, all, true},
		"one sent again":        {"5242880", nil, []int32{1, 2, 3, 2}, []int32{1, 2, 3}, all, false},
		"too large for a place": {"5242879", func(s *sending) { s.send(4, tail) }, []int32{1, 2, 3}, []int32{1, 2, 3}, all, false},
		"places with gaps":      {"5242881", nil, []int32{1, 2, 3}, []int32{1, 2, 3}, all, false},
		"the last left out":     {"5242880", nil, []int32{1, 2, 3}, []int32{1, 2}, all[:2*least], false},
		"the first left out":    {"5242880", nil, []int32{1, 2, 3}, []int32{2, 3}, all[least:], false},
		"one left out":          {"5242880", nil, []int32{1, 2, 3}, []int32{1, 3}, slices.Concat(one, tail), false},
		"named twice": {"5242880", func(s *sending) {
			s.send(1, one)
			if err := os.Link(s.inFolder(wholeFile), filepath.Join(s.store.root, bucket, "other")); err != nil {
				t.Fatal(err)
			}
		}, []int32{2, 3}, []int32{1, 2, 3}, all, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, store, recorder, "d/"+name, c.partSize)
			if c.prepare != nil {
				c.prepare(s)
			}
			for _, n := range c.send {
				s.send(n, [][]byte{one, two, tail}[n-1])
			}
			for n, tag := range plain.tags {
				if got, ok := s.tags[n]; ok && got != tag {
					t.Errorf("part %d has the ETag %s, %s without a place", n, got, tag)
				}
			}
			got, taken := s.taken(c.name...)
			if taken != c.taken {
				t.Errorf("the whole file became the object: %v", taken)
			}
			if s.holds(c.want); len(c.name) == 3 && got != etag {
				t.Errorf("ETag %s, %s without places", got, etag)
			}
			if _, err := os.Stat(filepath.Dir(s.inFolder(""))); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("something is left of the upload: %v", err)
			}
		})
	}
	if other, err := os.ReadFile(filepath.Join(store.root, bucket, "other")); err != nil || !bytes.Equal(other, one) {
		t.Errorf("parts were written into what has a name: %d bytes, %v", len(other), err)
	}
}

// A part is there when its bytes are on disk, and half a one never.
func TestPartInPlaceIsWhole(t *testing.T) {
	store, recorder, _ := backendOn(t, metadataXattr)
	s := begin(t, store, recorder, "one", "5242880")
	data := noise(least)
	for name, body := range map[string][]byte{"half": data[:least/2], "none": nil, "a byte short": data[1:], "a byte more": append(data[:least:least], 0)} {
		if err := s.part(1, least, bytes.NewReader(body)); err == nil {
			t.Errorf("%s was taken", name)
		}
		if _, err := os.Stat(s.inFolder("1")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the part is there: %v", name, err)
		}
	}
	recorder.broken = errors.New("the disk is broken")
	if err := s.part(1, least, bytes.NewReader(data)); !errors.Is(err, recorder.broken) {
		t.Errorf("on a broken disk: %v", err)
	}
	recorder.broken, recorder.flushed = nil, nil
	var early bool
	recorder.onFlush = func() {
		_, err := os.Stat(s.inFolder("1"))
		early = early || err == nil && !slices.Contains(recorder.flushed, s.inFolder(wholeFile))
	}
	s.send(1, data)
	recorder.onFlush = nil
	if early {
		t.Error("the part was there before its bytes were on disk")
	}
	for _, path := range []string{s.inFolder(wholeFile), s.inFolder("1.new"), s.inFolder("")} {
		if !slices.Contains(recorder.flushed, filepath.Clean(path)) {
			t.Errorf("%s was not put on disk", path)
		}
	}
	if _, taken := s.taken(1); !taken {
		t.Error("what was refused before is in the way")
	}
	s.holds(data)
}

// What could not be copied to disk never gets the object's name, and may be
// completed again.
func TestPartsCopiedOnBrokenDisk(t *testing.T) {
	store, recorder, _ := backendOn(t, metadataXattr)
	for _, partSize := range []string{"", "5242881"} {
		s := begin(t, store, recorder, "object"+partSize, partSize)
		one, tail := noise(least), noise(7)
		s.send(1, one)
		s.send(2, tail)
		recorder.broken = errors.New("the disk is broken")
		if _, err := s.complete(1, 2); !errors.Is(err, recorder.broken) {
			t.Errorf("on a broken disk: %v", err)
		}
		recorder.broken = nil
		if _, err := os.Stat(s.object()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the object is there: %v", err)
		}
		if _, err := s.complete(1, 2); err != nil {
			t.Fatalf("on a good disk again: %v", err)
		}
		s.holds(slices.Concat(one, tail))
	}
}

// A client that is still sending a part when the others are put together never writes
// into the object.
func TestLateSender(t *testing.T) {
	store, recorder, _ := backendOn(t, metadataXattr)
	s := begin(t, store, recorder, "object", "5242880")
	one := noise(least)
	s.send(1, one)
	line, sender := io.Pipe()
	ended := make(chan error)
	go func() { ended <- s.part(2, least, line) }()
	if _, err := sender.Write(noise(1000)); err != nil {
		t.Fatal(err)
	}
	if _, taken := s.taken(1); taken {
		t.Error("a file that somebody writes to became the object")
	}
	if _, err := sender.Write(noise(least - 1000)); err != nil {
		t.Fatal(err)
	}
	if err := sender.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("a part of what is complete was taken")
	}
	s.holds(one)
	if len(store.writers.uploads) != 0 {
		t.Errorf("still writing: %v", store.writers.uploads)
	}
}

// Without attributes in files every part is a file of its own.
func TestNoPlacesWithSidecar(t *testing.T) {
	store, recorder, _ := backendOn(t, metadataSidecar)
	s := begin(t, store, recorder, "object", "5242880")
	one, tail := noise(least), noise(7)
	s.send(1, one)
	s.send(2, tail)
	if _, err := os.Stat(s.inFolder(wholeFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the whole file: %v", err)
	}
	if _, err := s.complete(1, 2); err != nil {
		t.Fatal(err)
	}
	s.holds(slices.Concat(one, tail))
}
