// Package scope decides which rows a viewer may touch, in one place.
//
// It filters every query, nested query, count, update and delete that goes
// through an ent client it is installed on; a row out of sight does not exist.
// It never decides what may be done with a row (authz). An entity without a rule
// here is refused to everybody, and so is a context without a viewer.
//
// Edge predicates (ent's HasXWith) are not filtered by ent, so no public filter
// may use them.
package scope

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/intercept"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Install puts the scope on a client and on every transaction that it begins.
func Install(client *ent.Client) {
	client.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		p, err := predicate(ctx, q.Type())
		if err != nil || p == nil {
			return err
		}
		q.WhereP(p)
		return nil
	}))
	client.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			p, err := predicate(ctx, m.Type())
			if err != nil {
				return nil, err
			}
			if err := filter(ctx, m, p); err != nil {
				return nil, err
			}
			return next.Mutate(ctx, m)
		})
	})
}

// filter puts the filter on a mutation, and refuses what ent would do without it.
func filter(ctx context.Context, m ent.Mutation, p func(*sql.Selector)) error {
	if e := foreignEdge(m); e != "" && !authz.FromContext(ctx).System {
		return fmt.Errorf("scope: the edge %s of %s lies in other rows, which would not be filtered: write those", e, m.Type())
	}
	if p == nil || m.Op().Is(ent.OpCreate) {
		return nil
	}
	if m.Op().Is(ent.OpUpdateOne) && len(m.Fields())+len(m.AddedFields())+len(m.ClearedFields()) == 0 {
		return fmt.Errorf("scope: an update of one %s that changes nothing only reads it back, unfiltered", m.Type())
	}
	filtered, ok := m.(interface{ WhereP(...func(*sql.Selector)) })
	if !ok {
		return fmt.Errorf("scope: a mutation of %s cannot be filtered", m.Type())
	}
	filtered.WhereP(p)
	return nil
}

// foreignEdge names an edge of the mutation whose column lies in other rows; ""
// when there is none. An edge of the row itself has a column of its name.
func foreignEdge(m ent.Mutation) string {
	for _, e := range m.AddedEdges() {
		if _, own := m.Field(e + "_id"); !own {
			return e
		}
	}
	for _, e := range m.ClearedEdges() {
		if !m.FieldCleared(e + "_id") {
			return e
		}
	}
	if removed := m.RemovedEdges(); len(removed) > 0 { // only edges of other rows can lose some of several
		return removed[0]
	}
	return ""
}

// predicate is the filter for a type; nil for no filter.
func predicate(ctx context.Context, entity string) (func(*sql.Selector), error) {
	v := authz.FromContext(ctx)
	r, ok := rules[entity]
	switch {
	case !ok:
		return nil, fmt.Errorf("scope: no rule for %s", entity)
	case v.System:
		return nil, nil //nolint:nilnil // nil is "no filter"
	case v.Anonymous():
		return nil, fault.New(fault.Unauthenticated, "session.none", fault.T("请先登录。", "Sign in first."))
	}
	return r(v), nil
}
