package graph

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/authz"
)

// Links between rows are followed in batches, one for each place in the query:
// the reporters of all hazards of a list are read at once, their schools too,
// and so on downwards. So the number of statements of a query depends on the
// query alone, never on the size of a page or on which goroutine comes first.
//
// It works without timers. Rows come into an answer all at once, from a list or
// from the batch of the field above, and are noted under their place. The first
// of them whose link is followed thus knows all its siblings and reads for them
// too; the others wait for it. Two places never share what they read: after a
// mutation nothing is stale.

// loaders are the batches of one operation.
type loaders struct {
	mu      sync.Mutex
	batches map[batchKey]any        // a *loader for the links of a field
	rows    map[batchKey]any        // a slice of the rows that a field answered with
	actors  map[string]authz.Viewer // who acts from a path on downwards
}

// batchKey is a field in the query together with a type of rows.
type batchKey struct {
	path string
	row  reflect.Type
}

// rowID is a row's key as the use cases take it: without its noun.
type rowID = uuid.UUID

type loadersKey struct{}

// WithLoaders gives an operation its batches. Without them every link is still
// followed, one by one.
func (r *Resolver) WithLoaders(ctx context.Context) context.Context {
	return context.WithValue(ctx, loadersKey{}, &loaders{})
}

func loadersOf(ctx context.Context) *loaders {
	if l, ok := ctx.Value(loadersKey{}).(*loaders); ok {
		return l
	}
	return &loaders{}
}

// pathOf names the field at hand by the response keys down to it, without the
// indices of lists: "hazards.edges.node.school".
func pathOf(ctx context.Context) string {
	var keys []string
	for fc := graphql.GetFieldContext(ctx); fc != nil; fc = fc.Parent {
		if fc.Index == nil && fc.Field.Field != nil {
			keys = append(keys, fc.Field.Alias)
		}
	}
	slices.Reverse(keys)
	return strings.Join(keys, ".")
}

// above is the path of the field around, "" at the top.
func above(path string) string {
	return path[:max(strings.LastIndexByte(path, '.'), 0)]
}

// prime notes the rows that the field at hand answers with, before their own
// fields are resolved. Whatever answers with a list of rows calls it.
func prime[P any](ctx context.Context, rows []P) []P {
	primeAt(loadersOf(ctx), pathOf(ctx), rows)
	return rows
}

func primeAt[P any](l *loaders, path string, rows []P) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rows == nil {
		l.rows = map[batchKey]any{}
	}
	at := batchKey{path, reflect.TypeFor[P]()}
	before, _ := l.rows[at].([]P)
	l.rows[at] = append(before[:len(before):len(before)], rows...)
}

// actAs makes somebody else the viewer of everything below the field at hand:
// the one who has just signed in.
func actAs(ctx context.Context, v authz.Viewer) {
	l := loadersOf(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.actors == nil {
		l.actors = map[string]authz.Viewer{}
	}
	l.actors[pathOf(ctx)] = v
}

// acting gives the context in which rows below a path are read.
func (l *loaders) acting(ctx context.Context, path string) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.actors) > 0 && path != "" {
		if v, ok := l.actors[path]; ok {
			return authz.NewContext(ctx, v)
		}
		path = above(path)
	}
	return ctx
}

// batchOf gives the batch of the field at hand, which starts with the keys of
// all rows of its type that the nearest field above answered with.
func batchOf[P, V any](l *loaders, path string, key func(P) rowID, fetch func(context.Context, []rowID) (map[rowID]V, error)) *loader[rowID, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := batchKey{path, reflect.TypeFor[P]()}
	if b, ok := l.batches[at].(*loader[rowID, V]); ok {
		return b
	}
	b := &loader[rowID, V]{fetch: fetch}
	for up := path; up != ""; {
		up = above(up)
		if rows, ok := l.rows[batchKey{up, at.row}].([]P); ok {
			for _, row := range rows {
				if k := key(row); k != uuid.Nil {
					b.prime(k)
				}
			}
			break
		}
	}
	if l.batches == nil {
		l.batches = map[batchKey]any{}
	}
	l.batches[at] = b
	return b
}

// toOne follows a reference: ref gives it, nil for none, and byID reads the rows
// in sight among some ids. A row out of sight is null.
func toOne[P any, V model.Node](ctx context.Context, parent P, ref func(P) *rowID, byID func(context.Context, []rowID) ([]V, error)) (V, error) {
	key := func(p P) rowID {
		if u := ref(p); u != nil {
			return *u
		}
		return uuid.Nil
	}
	if key(parent) == uuid.Nil {
		var none V
		return none, nil
	}
	l, path := loadersOf(ctx), pathOf(ctx)
	b := batchOf(l, path, key, func(ctx context.Context, ids []rowID) (map[rowID]V, error) {
		rows, err := byID(l.acting(ctx, path), ids)
		primeAt(l, path, rows)
		out := make(map[rowID]V, len(rows))
		for _, row := range rows {
			out[row.PublicID().UUID] = row
		}
		return out, err
	})
	return b.load(ctx, key(parent))
}

// toMany follows a row to its list: of reads the lists of some rows by their
// ids. The list is never null.
func toMany[P model.Node, V any](ctx context.Context, parent P, of func(context.Context, []rowID) (map[rowID][]V, error)) ([]V, error) {
	key := func(p P) rowID { return p.PublicID().UUID }
	l, path := loadersOf(ctx), pathOf(ctx)
	b := batchOf(l, path, key, func(ctx context.Context, ids []rowID) (map[rowID][]V, error) {
		lists, err := of(l.acting(ctx, path), ids)
		var rows []V
		for _, id := range ids {
			rows = append(rows, lists[id]...)
		}
		primeAt(l, path, rows)
		return lists, err
	})
	list, err := b.load(ctx, key(parent))
	if list == nil && err == nil {
		list = []V{}
	}
	return list, err
}

// toValue follows a row to one value of its own: of reads the values of some rows
// by their ids. Where there is none, it is the zero value.
func toValue[P model.Node, V any](ctx context.Context, parent P, of func(context.Context, []rowID) (map[rowID]V, error)) (V, error) {
	key := func(p P) rowID { return p.PublicID().UUID }
	l, path := loadersOf(ctx), pathOf(ctx)
	b := batchOf(l, path, key, func(ctx context.Context, ids []rowID) (map[rowID]V, error) { return of(l.acting(ctx, path), ids) })
	return b.load(ctx, key(parent))
}

// grouped turns a use case that lists the rows of several owners into their
// lists, each in the same order.
func grouped[V any](list func(context.Context, []rowID) ([]V, error), owner func(V) rowID) func(context.Context, []rowID) (map[rowID][]V, error) {
	return func(ctx context.Context, owners []rowID) (map[rowID][]V, error) {
		rows, err := list(ctx, owners)
		out := make(map[rowID][]V, len(owners))
		for _, row := range rows {
			out[owner(row)] = append(out[owner(row)], row)
		}
		return out, err
	}
}

// loader reads values by their keys, all that are waiting at once, and each only
// once. Its zero value with a fetch is ready.
type loader[K comparable, V any] struct {
	// fetch reads the values of some keys; what does not exist it leaves out.
	fetch func(context.Context, []K) (map[K]V, error)

	mu      sync.Mutex
	pending []K
	known   map[K]outcome[V]
}

type outcome[V any] struct {
	asked bool // or else it is only waiting
	value V
	err   error
}

// prime makes keys wait for the next load.
func (l *loader[K, V]) prime(keys ...K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = make(map[K]outcome[V], len(keys))
	}
	for _, k := range keys {
		if _, seen := l.known[k]; !seen {
			l.known[k] = outcome[V]{}
			l.pending = append(l.pending, k)
		}
	}
}

// load gives the value of a key, the zero value when there is none. It reads
// every waiting key with it; an error is the answer for all of them.
func (l *loader[K, V]) load(ctx context.Context, key K) (V, error) {
	l.prime(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known[key].asked {
		values, err := l.fetch(ctx, l.pending)
		for _, k := range l.pending {
			l.known[k] = outcome[V]{asked: true, value: values[k], err: err}
		}
		l.pending = nil
	}
	o := l.known[key]
	return o.value, o.err
}
