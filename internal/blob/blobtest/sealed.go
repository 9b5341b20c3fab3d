package blobtest

import (
	"bytes"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// kept is the shortest retention that the suite may wait for the end of, and
// long enough to ask a few things before.
const kept = 3 * time.Second

// removed removes an object.
func (s *suite) removed(key string) {
	s.t.Helper()
	if err := s.Store.Remove(s.t.Context(), key); err != nil {
		s.t.Fatalf("Remove: %v", err)
	}
	s.absent(key)
}

func (s *suite) seal(key string) blob.Seal {
	s.t.Helper()
	seal, err := s.Store.Sealed(s.t.Context(), key)
	if err != nil {
		s.t.Fatalf("Sealed: %v", err)
	}
	return seal
}

// fails fails unless err is the fault of this code.
func (s *suite) fails(code string, err error) {
	s.t.Helper()
	if err == nil || fault.Of(err).Code != code {
		s.t.Fatalf("got error %v, want %s", err, code)
	}
}

func (s *suite) retain(key string, until time.Time) {
	s.t.Helper()
	if err := s.Store.Retain(s.t.Context(), key, until); err != nil {
		s.t.Fatalf("Retain: %v", err)
	}
}

func (s *suite) hold(key string, on bool) {
	s.t.Helper()
	if err := s.Store.Hold(s.t.Context(), key, on); err != nil {
		s.t.Fatalf("Hold: %v", err)
	}
	if got := s.seal(key).Hold; got != on {
		s.t.Fatalf("held %t, want %t", got, on)
	}
}

// sealed: what the store keeps, nobody removes. With COMPLIANCE there is no way
// back, so the objects under retention outlive the suite by a day at most.
func sealed(t *testing.T, s *suite) {
	ctx := t.Context()
	key, data := s.key("original"), s.bytes(1000)
	s.put(key, data)
	if got := s.seal(key); got != (blob.Seal{}) {
		t.Errorf("a new object is sealed: %+v", got)
	}
	s.is(fault.NotFound, s.second(s.Store.Sealed(ctx, s.key("missing"))))
	if !s.able.ObjectLock {
		s.fails("blob.no_lock", s.Store.Retain(ctx, key, clock.System{}.Now().Add(time.Hour)))
		s.fails("blob.no_lock", s.Store.Hold(ctx, key, true))
		s.removed(key)
		return
	}
	s.is(fault.NotFound, s.Store.Retain(ctx, s.key("missing"), clock.System{}.Now().Add(time.Hour)))
	s.is(fault.NotFound, s.Store.Hold(ctx, s.key("missing"), true))

	t.Run("hold", func(t *testing.T) { heldObject(t, s.under(t, "held/")) })
	t.Run("retention", func(t *testing.T) { retained(t, s.under(t, "retained/")) })
	t.Run("former version", func(t *testing.T) { formerVersion(t, s.under(t, "former/")) })
}

// under is the suite in a test of its own.
func (s *suite) under(t *testing.T, name string) *suite {
	return &suite{Fixture: s.Fixture, able: s.able, t: t, prefix: s.prefix + name}
}

func heldObject(t *testing.T, s *suite) {
	key, data := s.key("held"), s.bytes(1000)
	s.put(key, data)
	for range 2 { // as a job that is repeated
		s.hold(key, true)
	}
	s.fails("blob.sealed", s.Store.Remove(t.Context(), key))
	s.holds(key, data)
	s.notReplaced(key, data)
	for range 2 {
		s.hold(key, false)
	}
	s.removed(key)
}

func retained(t *testing.T, s *suite) {
	ctx, now := t.Context(), clock.System{}.Now().Truncate(time.Second)
	key, data := s.key("retained"), s.bytes(1000)
	s.put(key, data)
	until, later := now.Add(time.Hour), now.Add(24*time.Hour)
	for _, step := range []struct {
		name     string
		to, want time.Time
	}{
		{"set", until, until},
		{"set again", until, until},
		{"extended", later, later},
		{"shortened", until, later},
		{"ended", now.Add(-time.Hour), later},
	} {
		s.retain(key, step.to)
		if got := s.seal(key); !got.Until.Equal(step.want) || got.Hold {
			t.Fatalf("%s: %+v, want until %s", step.name, got, step.want)
		}
	}
	s.fails("blob.sealed", s.Store.Remove(ctx, key))
	s.holds(key, data)
	s.notReplaced(key, data)
	s.hold(key, true)
	if got := s.seal(key); !got.Until.Equal(later) {
		t.Errorf("a legal hold changed the retention to %s", got.Until)
	}
	s.hold(key, false)
	s.fails("blob.sealed", s.Store.Remove(ctx, key))
	s.holds(key, data)

	// When its time is over the object can go.
	brief := s.key("brief")
	s.put(brief, data)
	s.retain(brief, clock.System{}.Now().Add(kept))
	s.fails("blob.sealed", s.Store.Remove(ctx, brief))
	over := time.NewTimer(s.seal(brief).Until.Sub(clock.System{}.Now()))
	defer over.Stop()
	<-over.C
	s.removed(brief)
}

// notReplaced fails if a client or the server, each asking for a new object, gets
// to replace this one.
func (s *suite) notReplaced(key string, data []byte) {
	s.t.Helper()
	other := s.bytes(500)
	s.is(fault.Conflict, s.Store.PutOnce(s.t.Context(), key, bytes.NewReader(other), 500, jpeg))
	if s.able.Once {
		if a := s.send(s.signPut(key, other), other); a.status != 412 && a.status != 403 {
			s.t.Errorf("a client's upload to a sealed object: status %d", a.status)
		}
	}
	s.holds(key, data)
}

// formerVersion: a sealed version is neither lost nor hidden when another one is
// put in front of it. A store without versions must not take the other one.
func formerVersion(t *testing.T, s *suite) {
	ctx := t.Context()
	key, first, second := s.key("former"), s.bytes(1000), s.bytes(500)
	s.put(key, first)
	s.hold(key, true)
	err := s.Store.Put(ctx, key, bytes.NewReader(second), 500, jpeg)
	if !s.able.Versioning {
		s.fails("blob.sealed", err)
		s.holds(key, first)
		s.hold(key, false)
		s.removed(key)
		return
	}
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	s.fails("blob.sealed", s.Store.Remove(ctx, key))
	s.holds(key, second) // not even the version in front was removed
}

// probed: finding out the Abilities leaves nothing behind.
func probed(t *testing.T, s *suite) {
	err := s.Store.List(t.Context(), "probe/", func(o blob.Object) error {
		t.Errorf("%s is left", o.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
