package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// connector opens connections that keep their statements prepared (statement.go)
// and that write to SQLite one at a time (writelock.go). Everything that reaches
// the database through Store.DB goes through them, ent and the job queue alike.
type connector struct {
	driver.Connector
	lock     writeLock
	postgres bool
	schema   *schemaVersion
}

// driverConn is what both drivers can do.
type driverConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	plain, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := plain.(driverConn)
	if !ok {
		_ = plain.Close()
		return nil, errors.New("store: the driver's connections do less than this one needs")
	}
	return &conn{driverConn: inner, lock: c.lock, postgres: c.postgres, prepared: newStatements(c.schema)}, nil
}

// conn is one connection. The pool uses it from one goroutine at a time.
type conn struct {
	driverConn
	lock     writeLock
	postgres bool
	prepared *statements
	inTx     bool
	broken   bool // not to be used again
}

// QueryContext implements driver.QueryerContext. A statement that returns rows and
// may write, outside of a transaction, holds the write lock until its rows are
// closed.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	var release func()
	if !c.inTx && writes(query) {
		var err error
		if ctx, release, err = c.lock.acquire(ctx); err != nil {
			return nil, err
		}
	}
	rows, s, err := c.query(ctx, query, args)
	if err == nil && (s != nil || release != nil) {
		rows, err = c.whenClosed(rows, func() {
			if s != nil {
				s.done()
			}
			if release != nil {
				release()
			}
			c.noteEnd(ctx)
		})
	}
	if err != nil {
		if release != nil {
			release()
		}
		c.noteEnd(ctx)
		return nil, err
	}
	return rows, nil
}

// query runs a statement, and gives the kept one whose rows these are, or nil.
func (c *conn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, *statement, error) {
	s, err := c.statement(ctx, query, len(args))
	if err != nil {
		return nil, nil, err
	}
	if s != nil {
		rows, err := s.QueryContext(ctx, args)
		if err == nil {
			s.inUse = true
			return rows, s, nil
		}
		if !c.forget(err) {
			return nil, nil, err
		}
	}
	rows, err := c.driverConn.QueryContext(ctx, query, args)
	return rows, nil, err
}

// ExecContext implements driver.ExecerContext. Outside of a transaction it holds
// the write lock.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !c.inTx {
		locked, release, err := c.lock.acquire(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		ctx = locked
	}
	s, err := c.statement(ctx, query, len(args))
	if err != nil {
		return nil, err
	}
	if s != nil {
		result, err := s.ExecContext(ctx, args)
		if err == nil || !c.forget(err) {
			c.noteEnd(ctx)
			return result, err
		}
	}
	return c.driverConn.ExecContext(ctx, query, args)
}

// noteEnd ends the connection's use when the statement's context has ended: the
// drivers stop such a statement from outside, and what stops it may come late.
func (c *conn) noteEnd(ctx context.Context) {
	if ctx.Err() != nil {
		c.broken = true
	}
}

// BeginTx implements driver.ConnBeginTx. A transaction that may write holds the
// write lock until its end.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	release := func() {}
	if !o.ReadOnly {
		var err error
		if ctx, release, err = c.lock.acquire(ctx); err != nil {
			return nil, err
		}
	}
	tx, err := c.driverConn.BeginTx(ctx, o)
	if err != nil {
		release()
		return nil, err
	}
	c.inTx = true
	return &connTx{tx, c, release}, nil
}

type connTx struct {
	driver.Tx
	conn    *conn
	release func()
}

func (t *connTx) Commit() error {
	defer t.end()
	return t.Tx.Commit()
}

func (t *connTx) Rollback() error {
	defer t.end()
	return t.Tx.Rollback()
}

func (t *connTx) end() {
	t.conn.inTx = false
	t.release()
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.driverConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// IsValid implements driver.Validator.
func (c *conn) IsValid() bool { return !c.broken && c.driverConn.IsValid() }

// Close implements driver.Conn. SQLite keeps the file open for as long as there is
// a statement; PostgreSQL's go with the session.
func (c *conn) Close() error {
	if c.postgres {
		return c.driverConn.Close()
	}
	return errors.Join(c.prepared.close(), c.driverConn.Close())
}

// driverRows is what the rows of both drivers can do.
type driverRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// whenClosed has f called when the rows are closed.
func (c *conn) whenClosed(rows driver.Rows, f func()) (driver.Rows, error) {
	known, ok := rows.(driverRows)
	if !ok {
		f()
		return nil, errors.Join(errors.New("store: the driver's rows do less than this one needs"), rows.Close())
	}
	return &openRows{known, f}, nil
}

type openRows struct {
	driverRows
	closed func()
}

func (r *openRows) Close() error {
	defer r.closed()
	return r.driverRows.Close()
}
