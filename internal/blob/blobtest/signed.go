package blobtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func signedPut(t *testing.T, s *suite) {
	data := s.bytes(300_000)
	key := s.key("photo.jpg")
	before := clock.System{}.Now().Add(-time.Second) // signatures carry whole seconds
	r := s.signPut(key, data)
	if r.Method != http.MethodPut || r.ExpiresAt.Before(before.Add(hour)) || r.ExpiresAt.After(before.Add(hour+time.Minute)) {
		t.Errorf("request %s, expires at %s, an hour after %s", r.Method, r.ExpiresAt, before)
	}
	if s.Origin != "" && !strings.HasPrefix(r.URL, s.Origin+"/") {
		t.Errorf("the URL does not begin with %s", s.Origin)
	}
	a := s.send(r, data)
	s.wants(200, a)
	o, err := s.Store.Stat(t.Context(), key)
	if err != nil || a.header.Get("ETag") != `"`+o.ETag+`"` {
		t.Errorf("ETag %s, stored as %q (%v)", a.header.Get("ETag"), o.ETag, err)
	}
	s.holds(key, data)

	empty := s.key("empty")
	s.wants(200, s.send(s.signPut(empty, nil), nil))
	s.holds(empty, nil)
}

// signedPutRefused changes one thing at a time in a request that is good
// otherwise. Nothing may be stored.
func signedPutRefused(t *testing.T, s *suite) {
	data := s.bytes(200_000)
	other := slices.Clone(data)
	other[199_999] ^= 1
	sum := sha256.Sum256(other)
	set := func(name, value string) func(*blob.Request) {
		return func(r *blob.Request) {
			r.Headers = maps.Clone(r.Headers)
			maps.DeleteFunc(r.Headers, func(k, _ string) bool { return strings.EqualFold(k, name) })
			if value != "" {
				r.Headers[name] = value
			}
		}
	}
	query := func(name, value string) func(*blob.Request) {
		return func(r *blob.Request) {
			u, _ := url.Parse(r.URL)
			q := u.Query()
			q.Set(name, value)
			u.RawQuery = q.Encode()
			r.URL = u.String()
		}
	}
	resigned := func(age time.Duration) func(*blob.Request) {
		return func(r *blob.Request) { r.URL = s.resign(*r, clock.System{}.Now().Add(-age)) }
	}
	bit := 400
	if !s.able.Checksum {
		bit = 200 // the server, which reads what came, finds it out
	}
	for _, c := range []struct {
		name   string
		change func(*blob.Request)
		body   []byte
		status int
	}{
		{"one bit of the bytes", nil, other, bit},
		{"shorter", nil, data[:199_999], 403},
		{"longer", nil, append(slices.Clone(data), 0), 403},
		{"no bytes", nil, nil, 403},
		{"other checksum", set("X-Amz-Checksum-Sha256", base64.StdEncoding.EncodeToString(sum[:])), other, 403},
		{"no checksum", set("X-Amz-Checksum-Sha256", ""), other, 403},
		{"other type", set("Content-Type", "text/html"), data, 403},
		{"no type", set("Content-Type", ""), data, 403},
		{"no condition", set("If-None-Match", ""), data, 403},
		{"longer life", query("X-Amz-Expires", "604800"), data, 403},
		{"another parameter", query("response-content-type", "text/html"), data, 403},
		{"other key", func(r *blob.Request) { r.URL = strings.Replace(r.URL, "/target?", "/targeu?", 1) }, data, 403},
		{"other method", func(r *blob.Request) { r.Method = http.MethodGet }, nil, 403},
		{"expired", resigned(hour + time.Minute), data, 403},
		{"not changed at all", resigned(0), data, 200}, // the control: the suite's own signature is good
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.under(t, "")
			r := s.signPut(s.key("target"), data)
			if c.change != nil {
				c.change(&r)
			}
			s.wants(c.status, s.send(r, c.body))
			if c.status == 200 {
				s.holds(s.key("target"), c.body)
				s.removed(s.key("target"))
				return
			}
			s.absent(s.key("target"))
			s.absent(s.key("targeu"))
		})
	}

	t.Run("another header that matters", func(t *testing.T) { copied(s.under(t, "")) })

	// A long body is refused with an answer, too, and not with a broken line.
	long := s.bytes(20 << 20)
	r := s.signPut(s.key("long"), long)
	r.URL = s.resign(r, clock.System{}.Now().Add(-2*hour))
	s.wants(403, s.send(r, long))
	s.absent(s.key("long"))

	// A client that goes away in the middle leaves nothing.
	key := s.key("half")
	half := io.MultiReader(bytes.NewReader(data[:100_000]), iotest.ErrReader(io.ErrClosedPipe))
	if a, err := s.try(s.signPut(key, data), half, int64(len(data))); err == nil {
		t.Errorf("half an upload got status %d", a.status)
	}
	s.absent(key)
}

// copied: an upload does not become a copy of another object by a header that was
// not signed. Where it does, what is stored are not the bytes announced, which
// such a store, without Checksum, takes anyway.
func copied(s *suite) {
	secret := s.bytes(1000)
	s.put(s.key("secret"), secret)
	r := s.signPut(s.key("copy"), nil)
	r.Headers = maps.Clone(r.Headers)
	r.Headers["X-Amz-Copy-Source"] = s.Config.Bucket + "/" + s.key("secret")
	a := s.send(r, nil)
	if a.status == 200 && !s.able.Checksum {
		s.holds(s.key("copy"), secret)
		return
	}
	s.wants(403, a)
	s.absent(s.key("copy"))
}

// signedPutOnce: what is stored can't be replaced by a client, whatever it holds.
func signedPutOnce(t *testing.T, s *suite) {
	key, first, second := s.key("once"), s.bytes(1000), s.bytes(1000)
	r, late := s.signPut(key, first), s.signPut(key, second)
	s.wants(200, s.send(r, first))
	if err := s.Store.PutOnce(t.Context(), key, bytes.NewReader(second), 1000, jpeg); !fault.Is(err, fault.Conflict) {
		t.Errorf("PutOnce of what is there: %v", err)
	}
	s.holds(key, first)
	if !s.able.Once {
		s.wants(200, s.send(late, second))
		s.holds(key, second)
		return
	}
	s.wants(412, s.send(r, first))
	s.wants(412, s.send(late, second))
	s.holds(key, first)

	// Of several at once one wins, and it is stored whole.
	key = s.key("race")
	bodies := make([][]byte, 8)
	answers := make([]answer, len(bodies))
	var all sync.WaitGroup
	for i := range bodies {
		bodies[i] = s.bytes(300_000)
		request := s.signPut(key, bodies[i])
		all.Go(func() {
			a, err := s.try(request, bytes.NewReader(bodies[i]), int64(len(bodies[i])))
			if err != nil {
				t.Error(err)
			}
			answers[i] = a
		})
	}
	all.Wait()
	winner := -1
	for i, a := range answers {
		switch {
		case a.status == 200 && winner < 0:
			winner = i
		case a.status != 412 && a.status != 409:
			t.Errorf("upload %d of the same key: status %d after the winner %d", i, a.status, winner)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	s.holds(key, bodies[winner])
}

func signedGet(t *testing.T, s *suite) {
	key, data := s.key("照片.jpg"), s.bytes(50_000)
	s.put(key, data)
	get := func(key string, opts blob.GetOptions) blob.Request {
		t.Helper()
		u, err := s.Store.PresignGet(t.Context(), s.Origin, key, hour, opts)
		if err != nil {
			t.Fatal(err)
		}
		return blob.Request{Method: http.MethodGet, URL: u}
	}

	plain := get(key, blob.GetOptions{})
	a := s.send(plain, nil)
	s.wants(200, a)
	if !bytes.Equal(a.body, data) || a.header.Get("Content-Type") != jpeg {
		t.Errorf("got %d bytes of %s", len(a.body), a.header.Get("Content-Type"))
	}

	part := plain
	part.Headers = map[string]string{"Range": "bytes=1000-1999"}
	a = s.send(part, nil)
	s.wants(206, a)
	if !bytes.Equal(a.body, data[1000:2000]) || a.header.Get("Content-Range") != "bytes 1000-1999/50000" {
		t.Errorf("range: %d bytes, %s", len(a.body), a.header.Get("Content-Range"))
	}

	named := `attachment; filename="photo.jpg"; filename*=UTF-8''%E7%85%A7%E7%89%87.jpg`
	a = s.send(get(key, blob.GetOptions{ContentType: "application/octet-stream", Disposition: named}), nil)
	s.wants(200, a)
	if a.header.Get("Content-Disposition") != named || a.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("headers %q, %q", a.header.Get("Content-Disposition"), a.header.Get("Content-Type"))
	}

	s.wants(404, s.send(get(s.key("missing"), blob.GetOptions{}), nil))
	otherKey := plain
	otherKey.URL = strings.Replace(plain.URL, ".jpg?", ".jpf?", 1)
	s.wants(403, s.send(otherKey, nil))
	write := plain
	write.Method = http.MethodPut
	s.wants(403, s.send(write, []byte("x")))
	old := plain
	old.URL = s.resign(plain, clock.System{}.Now().Add(-hour-time.Minute))
	s.wants(403, s.send(old, nil))
	s.holds(key, data)
}

// unsigned: without a signature nothing is read, written or listed.
func unsigned(t *testing.T, s *suite) {
	key, data := s.key("sealed"), s.bytes(1000)
	s.put(key, data)
	bare, _, _ := strings.Cut(s.signPut(key, data).URL, "?")
	bucket := strings.TrimSuffix(bare, key)
	for _, r := range []blob.Request{
		{Method: http.MethodGet, URL: bare},
		{Method: http.MethodHead, URL: bare},
		{Method: http.MethodPut, URL: bare},
		{Method: http.MethodPut, URL: bare + "2"},
		{Method: http.MethodGet, URL: bucket},
		{Method: http.MethodGet, URL: bucket + "?list-type=2"},
		{Method: http.MethodGet, URL: bucket + "?uploads"},
	} {
		if a := s.send(r, nil); a.status != 403 {
			t.Errorf("unsigned %s of %s: %d", r.Method, strings.TrimPrefix(r.URL, bucket), a.status)
		}
	}
	s.holds(key, data)
	s.absent(key + "2")
}

func concurrent(t *testing.T, s *suite) {
	const clients = 20
	bodies := make([][]byte, clients)
	var all sync.WaitGroup
	for i := range clients {
		bodies[i] = s.bytes(512 << 10)
		r := s.signPut(s.key(fmt.Sprint("photo-", i)), bodies[i])
		all.Go(func() {
			a, err := s.try(r, bytes.NewReader(bodies[i]), int64(len(bodies[i])))
			if err != nil || a.status != 200 {
				t.Errorf("upload %d: %d %v", i, a.status, err)
			}
		})
	}
	all.Wait()
	for i := range clients {
		s.holds(s.key(fmt.Sprint("photo-", i)), bodies[i])
	}
	if got := len(s.list("")); got != clients {
		t.Errorf("%d objects listed, want %d", got, clients)
	}
}

// resign signs a request again as of another time (AWS Signature Version 4,
// query parameters), independently of the client library. Only requests of a
// past time can't be had from blob.
func (s *suite) resign(r blob.Request, at time.Time) string {
	s.t.Helper()
	u, err := url.Parse(r.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	day, now := at.Format("20060102"), at.Format("20060102T150405Z")
	scope := day + "/" + s.Config.Region + "/s3/aws4_request"
	q := u.Query()
	q.Del("X-Amz-Signature")
	q.Set("X-Amz-Date", now)
	q.Set("X-Amz-Credential", s.Config.AccessKey+"/"+scope)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")

	values := map[string]string{"host": u.Host}
	for name, value := range r.Headers {
		values[strings.ToLower(name)] = value
	}
	var headers strings.Builder
	for name := range strings.SplitSeq(q.Get("X-Amz-SignedHeaders"), ";") {
		fmt.Fprintf(&headers, "%s:%s\n", name, values[name])
	}
	canonical := strings.Join([]string{r.Method, u.EscapedPath(), u.RawQuery, headers.String(), q.Get("X-Amz-SignedHeaders"), "UNSIGNED-PAYLOAD"}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	key := []byte("AWS4" + s.Config.SecretKey)
	for _, step := range []string{day, s.Config.Region, "s3", "aws4_request"} {
		key = mac(key, step)
	}
	signature := mac(key, strings.Join([]string{"AWS4-HMAC-SHA256", now, scope, hex.EncodeToString(sum[:])}, "\n"))
	u.RawQuery += "&X-Amz-Signature=" + hex.EncodeToString(signature)
	return u.String()
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// kindOf is for comparing answers that stores give differently.
func kindOf(err error) fault.Kind {
	if err == nil {
		return ""
	}
	return fault.Of(err).Kind
}
