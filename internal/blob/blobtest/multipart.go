package blobtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// least is the smallest part that S3 takes unless it is the last.
const least = 5 << 20

func (s *suite) begin(key string) string {
	s.t.Helper()
	id, err := s.Store.CreateMultipart(s.t.Context(), key, "video/mp4", least)
	if err != nil {
		s.t.Fatalf("CreateMultipart: %v", err)
	}
	return id
}

func (s *suite) signPart(key, id string, number, size int) blob.Request {
	s.t.Helper()
	r, err := s.Store.PresignPart(s.t.Context(), s.Origin, key, id, number, int64(size), hour)
	if err != nil {
		s.t.Fatalf("PresignPart: %v", err)
	}
	return r
}

// sendPart is a client's upload of one part.
func (s *suite) sendPart(key, id string, number int, data []byte) answer {
	s.t.Helper()
	return s.send(s.signPart(key, id, number, len(data)), data)
}

func (s *suite) parts(key, id string) []blob.Part {
	s.t.Helper()
	parts, err := s.Store.Parts(s.t.Context(), key, id)
	if err != nil {
		s.t.Fatalf("Parts: %v", err)
	}
	return parts
}

// multipart is a phone on a bad network: parts in any order, one of them twice.
func multipart(t *testing.T, s *suite) {
	ctx, key := t.Context(), s.key("video.mp4")
	id := s.begin(key)
	if got := s.parts(key, id); len(got) != 0 {
		t.Errorf("a new upload has parts: %v", got)
	}
	one, two, tail := s.bytes(least), s.bytes(least+1), s.bytes(7)
	for _, p := range []struct {
		number int
		data   []byte
	}{{3, tail}, {1, two}, {2, two}, {1, one}} {
		s.wants(200, s.sendPart(key, id, p.number, p.data))
	}

	parts := s.parts(key, id)
	if len(parts) != 3 {
		t.Fatalf("parts: %+v", parts)
	}
	for i, size := range []int64{least, least + 1, 7} {
		if parts[i].Number != i+1 || parts[i].Size != size || parts[i].ETag == "" {
			t.Errorf("part %d: %+v", i+1, parts[i])
		}
	}
	s.absent(key) // nothing to be seen before the end

	slices.Reverse(parts)
	if err := s.Store.CompleteMultipart(ctx, key, id, parts); err != nil {
		t.Fatalf("CompleteMultipart: %v", err)
	}
	whole := slices.Concat(one, two, tail)
	s.holds(key, whole)
	u, err := s.Store.PresignGet(ctx, s.Origin, key, hour, blob.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.send(blob.Request{Method: http.MethodGet, URL: u}, nil).header.Get("Content-Type"); got != "video/mp4" {
		t.Errorf("type %s", got)
	}

	// Over is over: no parts, no more parts, and a repetition does no harm.
	s.is(fault.NotFound, s.second(s.Store.Parts(ctx, key, id)))
	s.wants(404, s.sendPart(key, id, 1, two))
	if kind := kindOf(s.Store.CompleteMultipart(ctx, key, id, parts)); kind != "" && kind != fault.NotFound {
		t.Errorf("completing twice: %s", kind)
	}
	if err := s.Store.AbortMultipart(ctx, key, id); err != nil {
		t.Errorf("aborting what is complete: %v", err)
	}
	s.holds(key, whole)
}

// multipartSizes are the files at the edges of their parts.
func multipartSizes(t *testing.T, s *suite) {
	for name, sizes := range map[string][]int{
		"one byte":             {1},
		"a part but a byte":    {least - 1},
		"exactly a part":       {least},
		"a part and a byte":    {least, 1},
		"exactly two parts":    {least, least},
		"two parts but a byte": {least, least - 1},
		"the last number":      {9_999: 1}, // the parts before are never sent
	} {
		t.Run(name, func(t *testing.T) {
			s := s.under(t, "")
			key := s.key(name)
			id := s.begin(key)
			var whole []byte
			for i, size := range sizes {
				if size > 0 {
					data := s.bytes(size)
					s.wants(200, s.sendPart(key, id, i+1, data))
					whole = append(whole, data...)
				}
			}
			parts := s.parts(key, id)
			if err := s.Store.CompleteMultipart(t.Context(), key, id, parts); err != nil {
				t.Fatalf("CompleteMultipart: %v", err)
			}
			s.holds(key, whole)
		})
	}
}

// multipartFitting is what our own clients send: the announced size, but for the
// last part. A part that is sent again with other bytes counts as sent last.
func multipartFitting(t *testing.T, s *suite) {
	for name, numbers := range map[string][]int{
		"in order":        {1, 2, 3},
		"backwards":       {3, 2, 1},
		"the first again": {1, 2, 3, 1},
		"the last again":  {3, 1, 3, 2},
		"each again":      {2, 2, 1, 3, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.under(t, "")
			key := s.key(name)
			id := s.begin(key)
			var sent [3][]byte
			for _, n := range numbers {
				sent[n-1] = s.bytes([]int{least, least, 7}[n-1])
				s.wants(200, s.sendPart(key, id, n, sent[n-1]))
			}
			s.absent(key)
			if err := s.Store.CompleteMultipart(t.Context(), key, id, s.parts(key, id)); err != nil {
				t.Fatalf("CompleteMultipart: %v", err)
			}
			s.holds(key, slices.Concat(sent[:]...))
		})
	}
	t.Run("one part by two at once", func(t *testing.T) {
		s := s.under(t, "")
		key := s.key("two")
		id := s.begin(key)
		bodies := [][]byte{s.bytes(least), s.bytes(least)}
		var sending sync.WaitGroup
		for _, b := range bodies {
			r := s.signPart(key, id, 1, least)
			sending.Go(func() { s.wants(200, s.send(r, b)) })
		}
		sending.Wait()
		if err := s.Store.CompleteMultipart(t.Context(), key, id, s.parts(key, id)); err != nil {
			t.Fatalf("CompleteMultipart: %v", err)
		}
		r, err := s.Store.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, bodies[0]) && !bytes.Equal(got, bodies[1]) {
			t.Errorf("neither what the one sent nor what the other did: %v", err)
		}
	})
}

func multipartRefused(t *testing.T, s *suite) {
	ctx, key := t.Context(), s.key("video.mp4")
	id := s.begin(key)
	data := s.bytes(least)
	s.wants(200, s.sendPart(key, id, 1, data))
	s.wants(200, s.sendPart(key, id, 2, data[:1000]))
	s.wants(200, s.sendPart(key, id, 3, data[:1000]))
	p := s.parts(key, id)
	wrong := p[1]
	wrong.ETag = "00000000000000000000000000000000"
	for name, parts := range map[string][]blob.Part{
		"no parts":                   nil,
		"a part never sent":          {p[0], {Number: 4, ETag: p[1].ETag}},
		"a part with other tag":      {p[0], wrong},
		"a small part in the middle": {p[0], p[1], p[2]},
		"the same part twice":        {p[0], p[0]},
	} {
		if err := s.Store.CompleteMultipart(ctx, key, id, parts); !fault.Is(err, fault.Conflict) {
			t.Errorf("completing with %s: %v", name, err)
		}
		s.absent(key)
	}

	// A signed part is a part of this upload only.
	r := s.signPart(key, id, 1, least)
	s.wants(403, s.send(r, data[:least-1]))
	s.wants(403, s.send(r, append(slices.Clone(data), 0)))
	r.URL += "0" // of the signature
	s.wants(403, s.send(r, data))
	for _, number := range []int{0, -1, 10_001} {
		if _, err := s.Store.PresignPart(ctx, s.Origin, key, id, number, 1, hour); err == nil {
			t.Errorf("part %d was signed", number)
		}
	}

	for _, size := range []int64{0, -1} {
		if _, err := s.Store.PresignPart(ctx, s.Origin, key, id, 1, size, hour); err == nil {
			t.Errorf("a part of %d bytes was signed", size)
		}
	}

	// After all that the upload still works, when what is wrong is sent again.
	s.wants(200, s.sendPart(key, id, 2, data))
	if err := s.Store.CompleteMultipart(ctx, key, id, s.parts(key, id)); err != nil {
		t.Fatalf("CompleteMultipart: %v", err)
	}
	s.holds(key, slices.Concat(data, data, data[:1000]))
}

func unfinished(t *testing.T, s *suite) {
	ctx := t.Context()
	started := map[string]string{}
	for _, name := range []string{"a/1", "a/2", "b/1"} {
		started[s.key(name)] = s.begin(s.key(name))
	}
	uploads := func(below string) map[string]string {
		t.Helper()
		found := map[string]string{}
		err := s.Store.Uploads(ctx, s.prefix+below, func(u blob.Upload) error {
			found[u.Key] = u.ID
			if age := (clock.System{}).Now().Sub(u.StartedAt); age < -time.Hour || age > time.Hour {
				t.Errorf("an upload of just now started at %s", u.StartedAt)
			}
			return nil
		})
		if err != nil {
			t.Fatalf("Uploads: %v", err)
		}
		return found
	}
	if got := uploads(""); len(got) != 3 || got[s.key("a/1")] != started[s.key("a/1")] {
		t.Errorf("uploads %v, want %v", got, started)
	}
	if got := uploads("a/"); len(got) != 2 {
		t.Errorf("uploads below a/: %v", got)
	}
	stop := errors.New("stop")
	if err := s.Store.Uploads(ctx, s.prefix, func(blob.Upload) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Uploads with a failing visit: %v", err)
	}

	// The sweep: aborted while they are visited.
	key, id := s.key("a/1"), started[s.key("a/1")]
	s.wants(200, s.sendPart(key, id, 1, s.bytes(100)))
	parts := s.parts(key, id)
	if err := s.Store.Uploads(ctx, s.prefix, func(u blob.Upload) error { return s.Store.AbortMultipart(ctx, u.Key, u.ID) }); err != nil {
		t.Fatalf("aborting all: %v", err)
	}
	if got := uploads(""); len(got) != 0 {
		t.Errorf("still there: %v", got)
	}
	if err := s.Store.AbortMultipart(ctx, key, id); err != nil {
		t.Errorf("aborting twice: %v", err)
	}
	s.is(fault.NotFound, s.second(s.Store.Parts(ctx, key, id)))
	s.is(fault.NotFound, s.Store.CompleteMultipart(ctx, key, id, parts))
	s.wants(404, s.sendPart(key, id, 2, s.bytes(100)))
	s.absent(key)
}

// manyUploads: a listing of more uploads than a page holds is whole, and aborting
// while it is read leaves none out. Several are of one key, so that a page may
// end within a key.
func manyUploads(t *testing.T, s *suite) {
	const uploads, keys = 1203, 401
	ids := make([]string, uploads)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := worker; i < uploads; i += 8 {
				id, err := s.Store.CreateMultipart(t.Context(), s.key(fmt.Sprintf("%04d", i%keys)), "video/mp4", 0)
				if err != nil {
					t.Errorf("CreateMultipart: %v", err)
					return
				}
				ids[i] = id
			}
		})
	}
	all.Wait()
	listAll := func(visit func(blob.Upload) error) []string {
		t.Helper()
		var found []string
		err := s.Store.Uploads(t.Context(), s.prefix, func(u blob.Upload) error {
			found = append(found, u.ID)
			return visit(u)
		})
		if err != nil {
			t.Fatalf("Uploads: %v", err)
		}
		slices.Sort(found)
		return found
	}
	slices.Sort(ids)
	if got := listAll(func(blob.Upload) error { return nil }); !slices.Equal(got, ids) {
		t.Errorf("%d uploads listed, want each of %d once", len(got), uploads)
	}
	if got := listAll(func(u blob.Upload) error { return s.Store.AbortMultipart(t.Context(), u.Key, u.ID) }); !slices.Equal(got, ids) {
		t.Errorf("%d uploads listed while they were aborted, want each of %d once", len(got), uploads)
	}
	if got := listAll(func(blob.Upload) error { return nil }); len(got) != 0 {
		t.Errorf("%d uploads are left", len(got))
	}
}

// brokenOff is a phone that loses its network in the midst of a part: what came of
// it is no part.
func brokenOff(t *testing.T, s *suite) {
	key := s.key("video.mp4")
	id := s.begin(key)
	data := s.bytes(least)
	for _, sent := range []int{0, 1, least / 2, least - 1} {
		r := s.signPart(key, id, 1, len(data))
		u, err := url.Parse(r.URL)
		if err != nil {
			t.Fatal(err)
		}
		line, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(line, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", r.Method, u.RequestURI(), u.Host, len(data), data[:sent])
		if err != nil {
			t.Fatal(err)
		}
		if err := line.(*net.TCPConn).CloseWrite(); err != nil { //nolint:forcetypeassert // it is TCP
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, line) // until the store has noticed
		_ = line.Close()
		if got := s.parts(key, id); len(got) != 0 {
			t.Errorf("%d of %d bytes are a part: %v", sent, len(data), got)
		}
	}
	s.sendPart(key, id, 1, data)
	if got := s.parts(key, id); len(got) != 1 || got[0].Size != least {
		t.Errorf("sent again: %v", got)
	}
	if err := s.Store.AbortMultipart(t.Context(), key, id); err != nil {
		t.Error(err)
	}
}
