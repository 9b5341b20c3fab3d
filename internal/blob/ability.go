package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"time"
)

// Abilities are what the bucket can do beyond keeping bytes. The product works
// without any of them; what is lost then, cmd/cleargrid doctor says.
type Abilities struct {
	// Versioning: an overwritten object's former bytes are kept until Remove.
	Versioning bool
	// ObjectLock: retention and legal hold may be set on objects.
	ObjectLock bool
	// Checksum: bytes that differ from a signed SHA-256 are refused.
	Checksum bool
	// Once: an upload that is signed for a new object is refused when there is
	// one.
	Once bool
}

// Abilities says what the bucket can do: by asking, where there is a request for it (a
// store that does not know the request does not have the ability), and else by trying. The answer
// is kept. UNAVAILABLE when the store can't be reached.
func (s *Store) Abilities(ctx context.Context) (Abilities, error) {
	s.asking.Lock()
	defer s.asking.Unlock()
	if s.able != nil {
		return *s.able, nil
	}
	var able Abilities
	versioning, err := s.core.GetBucketVersioning(ctx, s.cfg.Bucket)
	if unreachable(err) {
		return able, failure(err)
	}
	able.Versioning = err == nil && versioning.Enabled()
	lock, _, _, _, err := s.core.GetObjectLockConfig(ctx, s.cfg.Bucket)
	if unreachable(err) {
		return able, failure(err)
	}
	able.ObjectLock = err == nil && lock == "Enabled"
	if err := s.probe(ctx, &able); err != nil {
		return Abilities{}, failure(err)
	}
	s.able = &able
	return able, nil
}

// probes is the folder of the objects that probe makes and removes. Their names
// are new each time, so that processes may try at once.
const probes = "probe/"

// probe sends what a client would: other bytes than were signed, the right ones,
// and the right ones again. A store that refuses even the right ones is taken to
// have neither ability.
func (s *Store) probe(ctx context.Context, able *Abilities) error {
	folder := probes + rand.Text()
	right, other := []byte("right"), []byte("other")
	tries := []struct {
		key  string
		body []byte
		took bool
	}{{folder + "/a", other, false}, {folder + "/b", right, false}, {folder + "/b", right, false}}
	defer func() {
		ctx := context.WithoutCancel(ctx)
		for _, a := range tries[:2] {
			// What can't be removed is a few bytes under a name nobody asks for.
			_ = s.remove(ctx, a.key, *able)
		}
	}()
	for i, a := range tries {
		var err error
		if tries[i].took, err = s.takes(ctx, a.key, right, a.body); err != nil {
			return err
		}
	}
	able.Checksum = tries[1].took && !tries[0].took
	able.Once = tries[1].took && !tries[2].took
	return nil
}

// takes reports whether the store takes a body on a request that was signed for
// another one of the same size. An error says that it did not answer.
func (s *Store) takes(ctx context.Context, key string, announced, body []byte) (bool, error) {
	headers := http.Header{}
	for name, value := range (Content{Type: "text/plain", Size: int64(len(announced)), SHA256: sha256.Sum256(announced)}).headers() {
		headers.Set(name, value)
	}
	u, err := s.core.PresignHeader(ctx, http.MethodPut, s.cfg.Bucket, key, time.Minute, url.Values{}, headers)
	if err != nil {
		return false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	headers.Del("Content-Length") // it is sent by itself
	request.Header = headers
	answer, err := (&http.Client{Transport: s.cfg.Transport}).Do(request)
	if err != nil {
		return false, err
	}
	answer.Body.Close()
	if answer.StatusCode >= 500 && answer.StatusCode != http.StatusNotImplemented {
		return false, errUnavailable
	}
	return answer.StatusCode == http.StatusOK, nil
}
