package store

import (
	"context"
	"sync/atomic"

	"entgo.io/ent/dialect"
)

type countKey struct{}

// WithCount starts counting the SQL statements that ent sends for a context.
func WithCount(ctx context.Context) context.Context {
	return context.WithValue(ctx, countKey{}, new(atomic.Int64))
}

// Count is the number of statements since WithCount; 0 without it. Begin,
// commit and rollback do not count.
func Count(ctx context.Context) int {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		return int(n.Load())
	}
	return 0
}

func add(ctx context.Context) {
	if n, ok := ctx.Value(countKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}

// counted is ent's driver with every statement counted. It acquires the write lock
// before a connection is taken: those who wait for it hold none.
type counted struct {
	dialect.Driver
	lock writeLock
}

func (d counted) Exec(ctx context.Context, query string, args, v any) error {
	add(ctx)
	locked, release, err := d.lock.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	return d.Driver.Exec(locked, query, args, v)
}

func (d counted) Query(ctx context.Context, query string, args, v any) error {
	add(ctx)
	return d.Driver.Query(ctx, query, args, v)
}

func (d counted) Tx(ctx context.Context) (dialect.Tx, error) {
	locked, release, err := d.lock.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := d.Driver.Tx(locked)
	if err != nil {
		release()
		return nil, err
	}
	return countedTx{tx, release}, nil
}

type countedTx struct {
	dialect.Tx
	release func()
}

func (t countedTx) Commit() error {
	defer t.release()
	return t.Tx.Commit()
}

func (t countedTx) Rollback() error {
	defer t.release()
	return t.Tx.Rollback()
}

// Unwrap returns the transaction inside; ent/sqltx.go looks for it.
func (t countedTx) Unwrap() dialect.Tx { return t.Tx }

func (t countedTx) Exec(ctx context.Context, query string, args, v any) error {
	if err := onlyReads(ctx, query); err != nil {
		return err
	}
	add(ctx)
	return t.Tx.Exec(ctx, query, args, v)
}

func (t countedTx) Query(ctx context.Context, query string, args, v any) error {
	if err := onlyReads(ctx, query); err != nil {
		return err
	}
	add(ctx)
	return t.Tx.Query(ctx, query, args, v)
}
