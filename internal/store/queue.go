package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// QueueDriver is how the job queue reaches this database, and what to call when
// the queue ends. On PostgreSQL it listens for new jobs through pgx, which
// lib/pq cannot: a job starts within milliseconds, not at the next poll.
func (s *Store) QueueDriver(ctx context.Context) (riverdriver.Driver[*sql.Tx], func(), error) {
	if s.sqlite() {
		return s.queueDriver(nil), func() {}, nil
	}
	pool, err := pgxpool.New(ctx, s.url)
	if err != nil {
		return nil, nil, fmt.Errorf("listen for jobs: %w", err)
	}
	return s.queueDriver(pool), pool.Close, nil
}

func (s *Store) queueDriver(listen *pgxpool.Pool) riverdriver.Driver[*sql.Tx] {
	switch {
	case s.sqlite():
		return riversqlite.New(s.DB)
	case listen == nil:
		return riverdatabasesql.New(s.DB)
	default:
		return riverdatabasesql.NewWithPgxListener(s.DB, listen)
	}
}
