package store

import (
	"context"
	"database/sql"
	"errors"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/cleargrid/cleargrid/ent"
)

// InSnapshot runs f on a client that sees the database as it was at one instant,
// whatever others write meanwhile, and keeps nobody from writing. The client must only
// read. Every driver error comes back as a fault.
func (s *Store) InSnapshot(ctx context.Context, f func(ctx context.Context, client *ent.Client) error) error {
	tx, err := s.Ent.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return Fault(err)
	}
	defer func() { _ = tx.Rollback() }()
	return Fault(f(withinTx(ctx), tx.Client()))
}

// BeginTx begins a transaction that only reads; it needs no write lock.
func (d counted) BeginTx(ctx context.Context, o *sql.TxOptions) (dialect.Tx, error) {
	begins, ok := d.Driver.(*entsql.Driver)
	if !ok || !o.ReadOnly {
		return nil, errors.New("store: a transaction that writes is begun by InTx")
	}
	tx, err := begins.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return countedTx{tx, func() {}}, nil
}
