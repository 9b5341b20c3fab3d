package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/lib/pq"
)

// A statement that comes again is parsed once per connection. What is kept is
// bounded: the statements used last, none with many parameters (the lists of ids
// that make them are seldom of one length) and none without any (scripts and schema
// changes). See decision 0024.
const (
	keptStatements = 200
	keptParameters = 100
	keptBytes      = 16 << 10
)

type customPlanKey struct{}

// CustomPlan marks a context whose statements PostgreSQL must plan with the values
// of their parameters, each time: sums over a part of a county or all of it, for
// which one plan for all values is bad. They are not kept prepared.
func CustomPlan(ctx context.Context) context.Context {
	return context.WithValue(ctx, customPlanKey{}, true)
}

// preparedStmt is what the prepared statements of both drivers can do.
type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// statement is one that is kept.
type statement struct {
	preparedStmt
	inUse   bool // rows of it are open
	dropped bool // closed as soon as it is no longer in use
}

// done ends the use by rows.
func (s *statement) done() {
	s.inUse = false
	if s.dropped {
		_ = s.Close() // the driver notes a broken connection itself
	}
}

// schemaVersion changes when this process learns that the schema has changed. It is
// one for all connections: the statements of each are dropped then.
type schemaVersion struct{ atomic.Int64 }

// statements are those that a connection keeps.
type statements struct {
	used   *simplelru.LRU[string, *statement]
	schema *schemaVersion
	since  int64 // the version of the schema for which they were prepared
	err    error // of closing some
}

func newStatements(schema *schemaVersion) *statements {
	p := &statements{schema: schema, since: schema.Load()}
	used, err := simplelru.NewLRU(keptStatements, func(_ string, s *statement) {
		s.dropped = true
		if !s.inUse {
			p.err = errors.Join(p.err, s.Close())
		}
	})
	if err != nil {
		panic(err) // the size is a constant
	}
	p.used = used
	return p
}

// refresh drops the statements when the schema has changed.
func (p *statements) refresh() {
	if now := p.schema.Load(); now != p.since {
		p.used.Purge()
		p.since = now
	}
}

func (p *statements) close() error {
	p.used.Purge()
	return p.err
}

// statement is the kept statement for a query, prepared now if need be; nil when
// the query must be run without. A statement whose rows are still open is not
// used a second time.
func (c *conn) statement(ctx context.Context, query string, parameters int) (*statement, error) {
	if parameters == 0 || parameters > keptParameters || len(query) > keptBytes || c.postgres && ctx.Value(customPlanKey{}) != nil {
		return nil, nil //nolint:nilnil // nil is "not kept"
	}
	c.prepared.refresh()
	if s, ok := c.prepared.used.Get(query); ok {
		if s.inUse {
			return nil, nil //nolint:nilnil // nil is "not kept"
		}
		return s, nil
	}
	plain, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p, ok := plain.(preparedStmt)
	if !ok {
		return nil, errors.Join(errors.New("store: the driver's statements do less than this one needs"), plain.Close())
	}
	s := &statement{preparedStmt: p}
	c.prepared.used.Add(query, s)
	if c.prepared.err != nil {
		c.broken = true
	}
	return s, nil
}

// forget drops the statements of all connections when an error says that the schema
// has changed under them, and reports whether the query can be run at once without
// them: inside a transaction PostgreSQL runs nothing more, and the whole must begin
// again (InTx does).
func (c *conn) forget(err error) bool {
	if !outdated(err) {
		return false
	}
	c.prepared.schema.Add(1)
	return !c.inTx
}

// outdated reports whether PostgreSQL refuses a prepared statement because the
// columns that it returns are others now, or because the statement is gone. SQLite
// prepares such a statement again by itself.
func outdated(err error) bool {
	var e *pq.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "0A000" && e.Routine == "RevalidateCachedQuery" || e.Code == "26000"
}
