package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync/atomic"
)

const KeptStatements, KeptParameters = keptStatements, keptParameters

// Config is what the store was opened with.
func (s *Store) Config() Config { return Config{URL: s.url, File: s.file} }

// Watch counts what the connections of a pool ask of the driver under them.
type Watch struct{ Prepared, Open atomic.Int64 }

// Pool opens a second pool of one connection on a store's database.
func (w *Watch) Pool(s *Store) (*sql.DB, error) {
	c, err := s.Config().connector(&s.schema)
	if err != nil {
		return nil, err
	}
	c.Connector = watchedConnector{c.Connector, w}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	return db, nil
}

type watchedConnector struct {
	driver.Connector
	watch *Watch
}

func (c watchedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	plain, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return watchedConn{plain.(driverConn), c.watch}, nil
}

type watchedConn struct {
	driverConn
	watch *Watch
}

func (c watchedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.driverConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.watch.Prepared.Add(1)
	c.watch.Open.Add(1)
	return watchedStmt{s.(preparedStmt), c.watch}, nil
}

func (c watchedConn) CheckNamedValue(v *driver.NamedValue) error {
	return (&conn{driverConn: c.driverConn}).CheckNamedValue(v)
}

type watchedStmt struct {
	preparedStmt
	watch *Watch
}

func (s watchedStmt) Close() error {
	s.watch.Open.Add(-1)
	return s.preparedStmt.Close()
}
