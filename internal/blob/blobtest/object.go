package blobtest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func objects(t *testing.T, s *suite) {
	ctx := t.Context()
	key, first, second := s.key("a/1.jpg"), s.bytes(100_000), s.bytes(70_000)

	s.absent(key)
	s.is(fault.NotFound, s.second(s.Store.Open(ctx, key)))
	s.put(key, first)
	s.holds(key, first)
	s.put(key, second)
	s.holds(key, second)
	s.put(s.key("a/empty"), nil)
	s.holds(s.key("a/empty"), nil)

	// A source that does not keep its word stores nothing.
	broken := errors.New("the source broke")
	for name, source := range map[string]struct {
		r    io.Reader
		want func(error) bool
	}{
		"short":  {bytes.NewReader(first[:99_999]), func(err error) bool { return fault.Is(err, fault.BadUserInput) }},
		"long":   {bytes.NewReader(append(first, 0)), func(err error) bool { return fault.Is(err, fault.BadUserInput) }},
		"broken": {io.MultiReader(bytes.NewReader(first[:50_000]), iotest.ErrReader(broken)), func(err error) bool { return errors.Is(err, broken) }},
	} {
		if err := s.Store.Put(ctx, s.key("a/"+name), source.r, 100_000, jpeg); !source.want(err) {
			t.Errorf("Put from a %s source: %v", name, err)
		}
		s.absent(s.key("a/" + name))
	}
	if err := s.Store.Put(ctx, s.key("a/some"), strings.NewReader("x"), 0, jpeg); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("Put of a byte announced as none: %v", err)
	}

	// The listing: in order, within the prefix, and ended by an error.
	s.put(s.key("b/2"), first)
	if got, want := s.list("a"), []string{s.key("a/1.jpg"), s.key("a/empty")}; !slices.Equal(got, want) {
		t.Errorf("List: %q, want %q", got, want)
	}
	if got := len(s.list("")); got != 3 {
		t.Errorf("List of everything: %d objects, want 3", got)
	}
	var seen int
	err := s.Store.List(ctx, s.prefix, func(o blob.Object) error { seen++; return broken })
	if !errors.Is(err, broken) || seen != 1 {
		t.Errorf("List with a failing visit: %v after %d objects", err, seen)
	}

	// Removing: whole, with former versions, and any number of times.
	for range 2 {
		if err := s.Store.Remove(ctx, key); err != nil {
			t.Fatalf("Remove: %v", err)
		}
		s.absent(key)
	}
	s.holds(s.key("a/empty"), nil)
	s.wants(200, s.send(s.signPut(key, first), first)) // nothing of it is left that could be in the way
	s.holds(key, first)
}

func (s *suite) list(below string) []string {
	s.t.Helper()
	var keys []string
	err := s.Store.List(s.t.Context(), s.prefix+below, func(o blob.Object) error {
		keys = append(keys, o.Key)
		if o.ETag == "" || o.ModifiedAt.IsZero() {
			s.t.Errorf("listed %+v", o)
		}
		return nil
	})
	if err != nil {
		s.t.Fatalf("List: %v", err)
	}
	return keys
}

func keys(t *testing.T, s *suite) {
	data := s.bytes(10)
	for _, name := range []string{"武强县/照片 1+2&3=6%.jpg", "a~b'(c)!*", strings.Repeat("x", 200)} {
		s.put(s.key(name), data)
		s.holds(s.key(name), data)
		s.wants(200, s.send(s.signPut(s.key(name)+"-signed", data), data))
		s.holds(s.key(name)+"-signed", data)
	}
	if got := len(s.list("")); got != 6 {
		t.Errorf("%d objects listed, want 6", got)
	}
	for _, key := range []string{
		"", "/a", "a/", "a//b", "a/../b", "..", "a..b", "./a", "a/.hidden", ".sgwtmp/x", "a\x00b", "a\nb", `a\b`, "a\xff",
		strings.Repeat("a/", 256) + "b",
	} {
		ctx, c := t.Context(), content(data)
		for what, err := range map[string]error{
			"Put":             s.Store.Put(ctx, key, bytes.NewReader(data), 10, jpeg),
			"Stat":            s.second(s.Store.Stat(ctx, key)),
			"Open":            s.second(s.Store.Open(ctx, key)),
			"Remove":          s.Store.Remove(ctx, key),
			"PresignPut":      s.second(s.Store.PresignPut(ctx, s.Origin, key, c, hour)),
			"PresignGet":      s.second(s.Store.PresignGet(ctx, s.Origin, key, hour, blob.GetOptions{})),
			"PresignPart":     s.second(s.Store.PresignPart(ctx, s.Origin, key, "x", 1, 1, hour)),
			"CreateMultipart": s.second(s.Store.CreateMultipart(ctx, key, jpeg, 0)),
		} {
			if !fault.Is(err, fault.BadUserInput) {
				t.Errorf("%s of key %q: %v", what, key, err)
			}
		}
	}
}

func reading(t *testing.T, s *suite) {
	// Longer than any buffer on the way, and not a multiple of one.
	data := s.bytes(700_001)
	key := s.key("long")
	s.put(key, data)
	r, err := s.Store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := iotest.TestReader(r, data); err != nil {
		t.Error(err)
	}
	for _, at := range []struct{ offset, length int }{
		{0, 1}, {1, 3}, {262_143, 2}, {262_144, 262_144}, {100, 600_000}, {700_000, 1}, {699_990, 11}, {5, 0},
	} {
		got := make([]byte, at.length)
		if n, err := r.ReadAt(got, int64(at.offset)); n != at.length || err != nil || !bytes.Equal(got, data[at.offset:at.offset+at.length]) {
			t.Errorf("ReadAt(%d bytes, %d) = %d, %v", at.length, at.offset, n, err)
		}
	}

	// A reader never mixes two objects.
	changed, err := s.Store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer changed.Close()
	s.put(key, s.bytes(700_001))
	_, err = io.ReadAll(changed)
	s.is(fault.Conflict, err)
	_, err = changed.ReadAt(make([]byte, 10), 0)
	s.is(fault.Conflict, err)
}

func unreachable(t *testing.T, s *suite) {
	cfg := s.Config
	cfg.Endpoint, cfg.Transport = "http://127.0.0.1:1", nil // nobody listens on port 1
	away, err := blob.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"Stat":  s.second(away.Stat(t.Context(), "a")),
		"Check": away.Check(t.Context()),
		"Put":   away.Put(t.Context(), "a", strings.NewReader("a"), 1, jpeg),
	} {
		if !fault.Is(err, fault.Unavailable) || !fault.Of(err).Kind.Retryable() {
			t.Errorf("%s of a store that is away: %v", what, err)
		}
	}
	// A bucket that is missing is a wrong setting, and never a missing object.
	cfg = s.Config
	cfg.Bucket += "-missing"
	other, err := blob.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.is(fault.Unavailable, other.Check(t.Context()))
	s.is(fault.Unavailable, s.second(other.Stat(t.Context(), "a")))
	s.is(fault.Unavailable, other.List(t.Context(), "a", func(blob.Object) error { return nil }))
}
