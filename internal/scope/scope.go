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
			if p != nil && !m.Op().Is(ent.OpCreate) {
				filtered, ok := m.(interface{ WhereP(...func(*sql.Selector)) })
				if !ok {
					return nil, fmt.Errorf("scope: a mutation of %s cannot be filtered", m.Type())
				}
				filtered.WhereP(p)
			}
			return next.Mutate(ctx, m)
		})
	})
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
