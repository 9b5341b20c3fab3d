package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

const mib = 1 << 20

// noise is a file of that size that is no video. It is rejected as "not_media"
// only when exactly its bytes have arrived: the hash is looked at first.
func noise(e *testkit.Env, size int) testkit.File {
	f := e.VideoFile(rule.Site, 1)
	f.ID, f.Bytes = id.New(id.Evidence), make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(size >> 8)}).Read(f.Bytes)
	f.Bytes[0] = 1
	return f
}

func arrived(t *testing.T, e *testkit.Env, i id.ID) {
	t.Helper()
	e.Work()
	if row := testkit.FileOf(t, e, i); row.Status != rule.EvidenceRejected || row.Rejection != "not_media" {
		t.Errorf("%s %q: the bytes are not those that were sent", row.Status, row.Rejection)
	}
}

// stream opens the stream as a process does that knows nothing of earlier ones.
func stream(t *testing.T, e *testkit.Env, i id.ID, want int) *evidence.Stream {
	t.Helper()
	s := testkit.Must(e.App.OpenStream(e.As("officer1"), i))(t)
	if s.Offset() != int64(want) {
		t.Fatalf("the stream stands at %d, want %d", s.Offset(), want)
	}
	return s
}

func send(t *testing.T, ctx context.Context, s *evidence.Stream, content []byte) {
	t.Helper()
	if n, err := s.Append(ctx, bytes.NewReader(content)); err != nil || n != int64(len(content)) {
		t.Fatalf("kept %d of %d: %v", n, len(content), err)
	}
}

func chunks(t *testing.T, e *testkit.Env) (keys []string) {
	t.Helper()
	if err := e.Blob.List(t.Context(), "partial/", func(o blob.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestStreamSizes: files of every size at the edges of parts, in two requests and
// in one.
func TestStreamSizes(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		for _, size := range []int{1, 5*mib - 1, 5 * mib, 5*mib + 1, 10*mib - 1, 10 * mib, 10*mib + 1, 15 * mib} {
			for _, first := range []int{0, size / 2, size - 1} {
				f := noise(e, size)
				testkit.Must(e.Announce(ctx, f))(t)
				send(t, ctx, stream(t, e, f.ID, 0), f.Bytes[:first])
				s := stream(t, e, f.ID, first)
				testkit.Refused(t, s.Finish(ctx), fault.EvidenceMissing, "")
				send(t, ctx, s, f.Bytes[first:])
				for range 2 {
					if err := s.Finish(ctx); err != nil {
						t.Fatal(err)
					}
				}
				s = stream(t, e, f.ID, size)
				if n, err := s.Append(ctx, bytes.NewReader(f.Bytes)); n != 0 || err != nil || !s.Received() {
					t.Errorf("a received file took %d bytes more: %v", n, err)
				}
				testkit.Refused(t, s.Drop(ctx), fault.Conflict, "")
				arrived(t, e, f.ID)
			}
		}
		if left := chunks(t, e); len(left) > 0 {
			t.Errorf("pieces are left behind: %q", left)
		}
	})
}

// TestStreamBrokenAnywhere: however a network cuts a file, every byte that was
// acknowledged is kept, and the file arrives.
func TestStreamBrokenAnywhere(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		for seed := range uint64(4) {
			chance := rand.New(rand.NewPCG(seed, 1))
			f := noise(e, 10*mib+1+chance.IntN(2*mib))
			if seed == 0 {
				f = noise(e, 7*mib) // one without parts
			}
			testkit.Must(e.Announce(ctx, f))(t)
			at := 0
			for at < len(f.Bytes) {
				s := stream(t, e, f.ID, at)
				cut := 1 + chance.IntN([]int{100, 2 * mib, 7 * mib}[chance.IntN(3)])
				broken := errors.New("connection reset")
				gone, hangUp := context.WithCancel(ctx)
				from := io.MultiReader(bytes.NewReader(f.Bytes[at:min(at+cut, len(f.Bytes))]), after(hangUp), iotest.ErrReader(broken))
				n, err := s.Append(gone, from)
				if err != nil && !errors.Is(err, broken) || int(n) != min(cut, len(f.Bytes)-at) || s.Offset() != int64(at)+n {
					t.Fatalf("kept %d of %d: %v", n, cut, err)
				}
				at += int(n)
				hangUp()
			}
			if err := stream(t, e, f.ID, at).Finish(ctx); err != nil {
				t.Fatal(err)
			}
			arrived(t, e, f.ID)
		}
	})
}

// after is an empty reader that calls f when it is read.
func after(f func()) io.Reader {
	return readerFunc(func([]byte) (int, error) { f(); return 0, io.EOF })
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestStreamAndTicket: the two ways lead into the same parts.
func TestStreamAndTicket(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		put := func(u *evidence.Upload, f testkit.File, n int) {
			i := slices.IndexFunc(u.Ticket.Parts, func(p evidence.PartTicket) bool { return p.Number == n })
			from := (n - 1) * 5 * mib
			if err := e.Put(u.Ticket.Parts[i].Request, f.Bytes[from:from+int(u.Ticket.Parts[i].Size)]); err != nil {
				t.Fatal(err)
			}
		}
		f := noise(e, 16*mib)
		u := testkit.Must(e.Announce(ctx, f))(t)
		put(u, f, 2)
		send(t, ctx, stream(t, e, f.ID, 0), f.Bytes[:5*mib])
		s := stream(t, e, f.ID, 10*mib) // the part sent by ticket counts
		send(t, ctx, s, f.Bytes[10*mib:12*mib])
		u = testkit.Must(e.App.EvidenceUpload(ctx, f.ID))(t)
		if !slices.Equal(u.Received, []int{1, 2}) {
			t.Errorf("received %v, want the parts 1 and 2", u.Received)
		}
		put(u, f, 3)
		put(u, f, 4)
		s = stream(t, e, f.ID, 16*mib)
		if err := s.Finish(ctx); err != nil {
			t.Fatal(err)
		}
		arrived(t, e, f.ID)

		small := noise(e, 3*mib)
		u = testkit.Must(e.Announce(ctx, small))(t)
		send(t, ctx, stream(t, e, small.ID, 0), small.Bytes[:mib])
		s = stream(t, e, small.ID, mib)
		e.Send(u, small.Bytes) // the phone reaches the store meanwhile
		send(t, ctx, s, small.Bytes[mib:])
		if err := s.Finish(ctx); err != nil {
			t.Fatal(err)
		}
		arrived(t, e, small.ID)
		if err := e.App.Sweep(e.System()); err != nil || len(chunks(t, e)) != 0 {
			t.Errorf("after the sweep: %q, %v", chunks(t, e), err)
		}
	})
}

// TestStreamsAtOnce: two devices send the same file from the same place.
func TestStreamsAtOnce(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx, f := e.As("officer1"), noise(e, 11*mib)
		testkit.Must(e.Announce(ctx, f))(t)
		send(t, ctx, stream(t, e, f.ID, 0), f.Bytes[:mib])
		a, b := stream(t, e, f.ID, mib), stream(t, e, f.ID, mib)
		errs := testkit.AtOnce(2, func(i int) error {
			if i == 0 {
				_, err := a.Append(ctx, bytes.NewReader(f.Bytes[mib:3*mib]))
				return err
			}
			_, err := b.Append(ctx, bytes.NewReader(f.Bytes[mib:7*mib]))
			return err
		})
		for _, err := range errs {
			if err != nil && !fault.Of(err).Kind.Retryable() {
				t.Errorf("of two streams at once: %v", err)
			}
		}
		s := testkit.Must(e.App.OpenStream(ctx, f.ID))(t)
		if s.Offset() < 3*mib {
			t.Errorf("what was acknowledged is lost: the stream stands at %d", s.Offset())
		}
		send(t, ctx, s, f.Bytes[s.Offset():])
		if err := s.Finish(ctx); err != nil {
			t.Fatal(err)
		}
		arrived(t, e, f.ID)
	})
}

// TestStreamGivenUp: dropped, abandoned and lost uploads start again at the first byte.
func TestStreamGivenUp(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		for _, size := range []int{4 * mib, 12 * mib} {
			f := noise(e, size)
			testkit.Must(e.Announce(ctx, f))(t)
			send(t, ctx, stream(t, e, f.ID, 0), f.Bytes[:3*mib])
			if err := stream(t, e, f.ID, 3*mib).Drop(ctx); err != nil || len(chunks(t, e)) != 0 {
				t.Errorf("dropped, but %q are there: %v", chunks(t, e), err)
			}
			send(t, ctx, stream(t, e, f.ID, 0), f.Bytes[:3*mib])
			e.Clock.Advance(rule.UploadLifetime / 2)
			stream(t, e, f.ID, 3*mib) // somebody asks, so it is not abandoned
			e.Clock.Advance(rule.UploadLifetime - time.Second)
			if err := e.App.Sweep(e.System()); err != nil || len(chunks(t, e)) != 1 {
				t.Errorf("before its time: %q, %v", chunks(t, e), err)
			}
			e.Clock.Advance(time.Second)
			if err := e.App.Sweep(e.System()); err != nil || len(chunks(t, e)) != 0 {
				t.Errorf("after its time: %q, %v", chunks(t, e), err)
			}
			s := stream(t, e, f.ID, 0)
			send(t, ctx, s, f.Bytes[:6*mib%size])
			if row := testkit.FileOf(t, e, f.ID); row.UploadID != "" { // the store's own housekeeping took it
				if err := e.Blob.AbortMultipart(ctx, row.ObjectKey, row.UploadID); err != nil {
					t.Fatal(err)
				}
				s = stream(t, e, f.ID, 0)
			}
			send(t, ctx, s, f.Bytes[s.Offset():])
			if err := s.Finish(ctx); err != nil {
				t.Fatal(err)
			}
			arrived(t, e, f.ID)
		}
	})
}

func TestStreamBelongsToItsUser(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		f := e.PhotoFile(rule.Site, 3)
		i := testkit.Must(e.Announce(e.As("officer1"), f))(t).Evidence.PublicID()
		for account, kind := range map[string]fault.Kind{"principal1": fault.NotFound, "inspector1": fault.NotFound, "officer2": fault.NotFound, "admin": fault.NotFound} {
			_, err := e.App.OpenStream(e.As(account), i)
			testkit.Refused(t, err, kind, "")
		}
		_, err := e.App.OpenStream(e.Nobody(), i)
		testkit.Refused(t, err, fault.Unauthenticated, "")
		_, err = e.App.OpenStream(e.As("officer1"), id.Of(id.Hazard, i.UUID))
		testkit.Refused(t, err, fault.NotFound, "")
	})
}

// TestStreamTrickle: a thousand bytes at a time make no thousand objects, and a
// wrong checksum keeps nothing.
func TestStreamTrickle(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx, f := e.As("officer1"), noise(e, 40_000)
		testkit.Must(e.Announce(ctx, f))(t)
		for at := 0; at < len(f.Bytes); at += 1000 {
			s, chunk := stream(t, e, f.ID, at), f.Bytes[at:at+1000]
			sum := sha256.Sum256(chunk)
			if _, err := s.AppendChecked(ctx, bytes.NewReader(chunk[:999]), "sha256", sum[:]); !errors.Is(err, evidence.ErrChecksum) || s.Offset() != int64(at) {
				t.Fatalf("a broken chunk: %v, at %d", err, s.Offset())
			}
			if n, err := s.AppendChecked(ctx, bytes.NewReader(chunk), "sha256", sum[:]); err != nil || n != 1000 {
				t.Fatalf("kept %d: %v", n, err)
			}
			if n := len(chunks(t, e)); n > 20 {
				t.Fatalf("%d pieces", n)
			}
		}
		if err := stream(t, e, f.ID, 40_000).Finish(ctx); err != nil {
			t.Fatal(err)
		}
		arrived(t, e, f.ID)
	})
}
