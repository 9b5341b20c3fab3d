package graph

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
)

func TestLoaderReadsAllThatWaitAtOnce(t *testing.T) {
	var asked [][]string
	l := &loader[string, int]{fetch: func(_ context.Context, keys []string) (map[string]int, error) {
		asked = append(asked, slices.Clone(keys))
		out := map[string]int{}
		for _, k := range keys {
			if k != "missing" {
				out[k] = len(k)
			}
		}
		return out, nil
	}}
	l.prime("a", "bb", "a")
	l.prime("missing", "bb")
	for key, want := range map[string]int{"a": 1, "bb": 2, "missing": 0} {
		if got, err := l.load(t.Context(), key); got != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", key, got, err, want)
		}
	}
	l.prime("a", "dddd") // what is known is not read again
	if got, err := l.load(t.Context(), "ccc"); got != 3 || err != nil {
		t.Errorf("ccc: %d, %v", got, err)
	}
	want := [][]string{{"a", "bb", "missing"}, {"dddd", "ccc"}}
	if !slices.EqualFunc(asked, want, slices.Equal) {
		t.Errorf("asked %v, want %v", asked, want)
	}
}

func TestLoaderGivesItsErrorToEveryKey(t *testing.T) {
	down := errors.New("the database is away")
	calls := 0
	l := &loader[string, int]{fetch: func(context.Context, []string) (map[string]int, error) {
		calls++
		return nil, down
	}}
	l.prime("a", "b")
	for _, key := range []string{"a", "b", "a"} {
		if _, err := l.load(t.Context(), key); !errors.Is(err, down) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

// at is the context of a field below another; index stands for an element of a
// list.
func at(ctx context.Context, keys ...string) context.Context {
	for _, k := range keys {
		fc := &graphql.FieldContext{Field: graphql.CollectedField{Field: &ast.Field{Alias: k}}}
		if k == "[]" {
			fc = &graphql.FieldContext{Index: new(int)}
		}
		ctx = graphql.WithFieldContext(ctx, fc)
	}
	return ctx
}

// readers counts the statements of a use case that reads users.
type readers struct {
	mu   sync.Mutex
	asks [][]rowID
	as   []uuid.UUID
}

func (r *readers) users(ctx context.Context, ids []rowID) ([]*ent.User, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asks = append(r.asks, slices.Clone(ids))
	r.as = append(r.as, authz.FromContext(ctx).UserID)
	var out []*ent.User
	for _, i := range ids {
		out = append(out, &ent.User{ID: i})
	}
	return out, nil
}

// TestLinksOfAListAreReadOncePerPlace follows two links of every row of a list,
// one of them by two levels, from many goroutines: the number of reads is that
// of the links, whatever the size and the order.
func TestLinksOfAListAreReadOncePerPlace(t *testing.T) {
	for _, size := range []int{1, 2, 50} {
		ctx := (&Resolver{}).WithLoaders(t.Context())
		hazards := make([]*ent.Hazard, size)
		events := map[rowID][]*ent.HazardEvent{}
		for i := range hazards {
			hazards[i] = &ent.Hazard{ID: uuid.New(), ReporterID: uuid.New()}
			h := hazards[i].ID
			events[h] = []*ent.HazardEvent{{ID: uuid.New(), HazardID: h, ActorID: uuid.New()}, {ID: uuid.New(), HazardID: h, ActorID: hazards[i].ReporterID}}
		}
		prime(at(ctx, "hazards"), hazards)

		var reporters, actors readers
		var histories [][]rowID
		history := func(_ context.Context, ids []rowID) ([]*ent.HazardEvent, error) {
			histories = append(histories, ids) // the batch holds its lock
			return slices.Concat(slices.Collect(maps.Values(events))...), nil
		}
		var wg sync.WaitGroup
		for _, h := range hazards {
			row := at(ctx, "hazards", "edges", "[]", "node")
			wg.Go(func() {
				u, err := toOne(at(row, "reporter"), h, func(h *ent.Hazard) *rowID { return &h.ReporterID }, reporters.users)
				if err != nil || u.ID != h.ReporterID {
					t.Errorf("reporter %v, %v", u, err)
				}
			})
			wg.Go(func() {
				list, err := toMany(at(row, "events"), h, grouped(history, func(e *ent.HazardEvent) rowID { return e.HazardID }))
				if err != nil || !slices.Equal(list, events[h.ID]) {
					t.Errorf("events %v, %v", list, err)
				}
				for _, e := range list {
					u, err := toOne(at(row, "events", "[]", "actor"), e, func(e *ent.HazardEvent) *rowID { return &e.ActorID }, actors.users)
					if err != nil || u.ID != e.ActorID {
						t.Errorf("actor %v, %v", u, err)
					}
				}
			})
		}
		wg.Wait()
		if len(reporters.asks) != 1 || len(histories) != 1 || len(actors.asks) != 1 {
			t.Fatalf("%d hazards: %d, %d and %d reads, want 1 each", size, len(reporters.asks), len(histories), len(actors.asks))
		}
		if len(reporters.asks[0]) != size || len(histories[0]) != size || len(actors.asks[0]) != 2*size {
			t.Errorf("%d hazards: read %d, %d and %d", size, len(reporters.asks[0]), len(histories[0]), len(actors.asks[0]))
		}
	}
}

func TestPlacesShareNothing(t *testing.T) {
	ctx := (&Resolver{}).WithLoaders(t.Context())
	var r readers
	h := &ent.Hazard{ID: uuid.New(), ReporterID: uuid.New()}
	ref := func(h *ent.Hazard) *rowID { return &h.ReporterID }
	for _, root := range []string{"first", "second"} { // two mutations in one request
		if _, err := toOne(at(ctx, root, "hazard", "reporter"), h, ref, r.users); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.asks) != 2 {
		t.Errorf("%d reads: the second answer may be stale", len(r.asks))
	}
}

func TestLinksThatLeadNowhere(t *testing.T) {
	for name, ctx := range map[string]context.Context{"batched": (&Resolver{}).WithLoaders(t.Context()), "alone": t.Context()} {
		h := &ent.Hazard{ID: uuid.New(), ReporterID: uuid.New()}
		nobody := func(context.Context, []rowID) ([]*ent.User, error) { return nil, nil }
		u, err := toOne(at(ctx, "hazard", "rectifier"), h, func(h *ent.Hazard) *rowID { return h.RectifierID },
			func(context.Context, []rowID) ([]*ent.User, error) { return nil, errors.New("nobody to ask for") })
		if u != nil || err != nil {
			t.Errorf("%s: no reference: %v, %v", name, u, err)
		}
		u, err = toOne(at(ctx, "hazard", "reporter"), h, func(h *ent.Hazard) *rowID { return &h.ReporterID }, nobody)
		if u != nil || err != nil {
			t.Errorf("%s: out of sight: %v, %v", name, u, err)
		}
		list, err := toMany(at(ctx, "hazard", "events"), h, func(context.Context, []rowID) (map[rowID][]*ent.HazardEvent, error) { return nil, nil })
		if list == nil || len(list) != 0 || err != nil {
			t.Errorf("%s: empty list: %v, %v", name, list, err)
		}
	}
}

func TestActorHoldsBelowItsPlaceOnly(t *testing.T) {
	asker, signedIn := uuid.New(), uuid.New()
	ctx := authz.NewContext((&Resolver{}).WithLoaders(t.Context()), authz.Viewer{UserID: asker})
	actAs(at(ctx, "signIn"), authz.Viewer{UserID: signedIn})
	a := &ent.GridAssignment{ID: uuid.New(), UserID: uuid.New()}
	for path, want := range map[string]uuid.UUID{"signIn": signedIn, "signInAgain": asker} {
		var r readers
		_, err := toOne(at(ctx, path, "viewer", "grids", "[]", "user"), a, func(a *ent.GridAssignment) *rowID { return &a.UserID }, r.users)
		if err != nil || len(r.as) != 1 || r.as[0] != want {
			t.Errorf("%s: read as %v, %v; want %v", path, r.as, err, want)
		}
	}
}
