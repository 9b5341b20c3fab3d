// Package blobtest is the conformance suite of the object store: what Cleargrid
// relies on, asked of a running store through package blob and through the
// requests that clients send.
//
// It decides nothing about a store's set-up and knows no store in particular.
// Tests of a store call Run; a store that fails it must not hold evidence. Where
// a store does not have one of the Abilities the suite asks for what is then promised.
package blobtest

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Fixture is a running store with an empty bucket, or one that others share:
// every test uses keys of its own.
type Fixture struct {
	Store *blob.Store
	// Origin is the base URL under which clients reach the store; empty when the
	// store's own endpoint is meant.
	Origin string
	// Config is what Store was opened with. The suite signs on its own with its
	// keys, to make requests that blob would not.
	Config blob.Config
}

// Run asks the whole suite of the store that open gives. It takes a few seconds
// and some 40 MB in the store.
func Run(t *testing.T, open func(t *testing.T) Fixture) {
	f := open(t)
	if f.Config.Region == "" {
		f.Config.Region = blob.DefaultRegion
	}
	// Twice, as every start does.
	for range 2 {
		if err := f.Store.Prepare(t.Context()); err != nil {
			t.Fatalf("Prepare: %v", err)
		}
	}
	if err := f.Store.Check(t.Context()); err != nil {
		t.Fatalf("Check: %v", err)
	}
	able, err := f.Store.Abilities(t.Context())
	if err != nil {
		t.Fatalf("Abilities: %v", err)
	}
	for _, part := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"objects", objects},
		{"keys", keys},
		{"reading", reading},
		{"signed put", signedPut},
		{"signed put refused", signedPutRefused},
		{"signed put once", signedPutOnce},
		{"signed get", signedGet},
		{"unsigned", unsigned},
		{"multipart", multipart},
		{"multipart sizes", multipartSizes},
		{"multipart of one part size", multipartFitting},
		{"multipart refused", multipartRefused},
		{"a part broken off", brokenOff},
		{"unfinished uploads", unfinished},
		{"many uploads", manyUploads},
		{"sealed", sealed},
		{"nothing left of probing", probed},
		{"concurrent uploads", concurrent},
		{"unreachable", unreachable},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.run(t, &suite{Fixture: f, able: able, t: t, prefix: "conformance/" + rand.Text() + "/"})
		})
	}
}

// suite is the fixture inside one test, with the steps that tests share.
type suite struct {
	Fixture
	able   blob.Abilities
	t      *testing.T
	prefix string
}

const jpeg = "image/jpeg"

// hour is how long the suite's signed requests live: longer than any test.
const hour = time.Hour

func (s *suite) key(name string) string { return s.prefix + name }

// bytes gives random bytes, so that nothing is equal by accident.
func (s *suite) bytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func (s *suite) put(key string, data []byte) {
	s.t.Helper()
	if err := s.Store.Put(s.t.Context(), key, bytes.NewReader(data), int64(len(data)), jpeg); err != nil {
		s.t.Fatalf("Put: %v", err)
	}
}

// holds fails unless the store holds exactly these bytes under the key.
func (s *suite) holds(key string, want []byte) {
	s.t.Helper()
	r, err := s.Store.Open(s.t.Context(), key)
	if err != nil {
		s.t.Fatalf("Open: %v", err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		s.t.Fatalf("read: %v", err)
	}
	if !bytes.Equal(got, want) {
		s.t.Fatalf("the store holds %d other bytes; want %d", len(got), len(want))
	}
	if o := r.Object(); o.Size != int64(len(want)) || o.Key != key || o.ETag == "" || o.ModifiedAt.IsZero() {
		s.t.Errorf("Object() = %+v", o)
	}
}

func (s *suite) absent(key string) {
	s.t.Helper()
	s.is(fault.NotFound, s.second(s.Store.Stat(s.t.Context(), key)))
}

func (s *suite) second(_ any, err error) error { return err }

// is fails unless err is a fault of this kind.
func (s *suite) is(kind fault.Kind, err error) {
	s.t.Helper()
	if !fault.Is(err, kind) {
		s.t.Fatalf("got error %v, want %s", err, kind)
	}
}

func (s *suite) signPut(key string, data []byte) blob.Request {
	s.t.Helper()
	r, err := s.Store.PresignPut(s.t.Context(), s.Origin, key, content(data), hour)
	if err != nil {
		s.t.Fatalf("PresignPut: %v", err)
	}
	return r
}

func content(data []byte) blob.Content {
	return blob.Content{Type: jpeg, Size: int64(len(data)), SHA256: sha256.Sum256(data)}
}

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send does what a client does with a signed request.
func (s *suite) send(r blob.Request, body []byte) answer {
	s.t.Helper()
	a, err := s.try(r, bytes.NewReader(body), int64(len(body)))
	if err != nil {
		s.t.Fatalf("%s: %v", r.Method, err)
	}
	return a
}

func (s *suite) try(r blob.Request, body io.Reader, size int64) (answer, error) {
	request, err := http.NewRequestWithContext(s.t.Context(), r.Method, r.URL, body)
	if err != nil {
		return answer{}, err
	}
	request.ContentLength = size
	for name, value := range r.Headers {
		if !strings.EqualFold(name, "Content-Length") {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, read}, err
}

// wants fails unless the answer has the status.
func (s *suite) wants(status int, a answer) {
	s.t.Helper()
	if a.status != status {
		s.t.Fatalf("status %d, want %d: %.300s", a.status, status, a.body)
	}
}
