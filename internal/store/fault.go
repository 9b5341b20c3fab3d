package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Fault turns an error of ent or of a driver into a fault. What is one already
// stays as it is; any other becomes INTERNAL with its cause.
func Fault(err error) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case ent.IsNotFound(err):
		return fault.Missing("record").Because(err)
	case unique(err):
		return fault.New(fault.Conflict, "record.exists", fault.T("该记录已存在。", "The record exists already.")).Because(err)
	case contended(err):
		return fault.New(fault.RetryLater, "database.busy", fault.T("系统繁忙，请稍后重试。", "The system is busy. Try again later.")).Because(err)
	case foreign(err):
		return fault.New(fault.BadUserInput, "record.reference", fault.T("引用的记录不存在。", "A record that this refers to does not exist.")).Because(err)
	case full(err), gone(err):
		return unavailable(err)
	}
	return fault.Of(err)
}

// again reports whether the whole transaction may succeed when it runs again.
func again(err error) bool { return contended(err) || unique(err) }

func pgCode(err error) string {
	var e *pq.Error
	if errors.As(err, &e) {
		return string(e.Code)
	}
	return ""
}

func liteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// Codes: PostgreSQL appendix A, SQLite result codes.
func unique(err error) bool {
	c := liteCode(err)
	return pgCode(err) == "23505" || c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func foreign(err error) bool {
	return pgCode(err) == "23503" || liteCode(err) == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
}

func contended(err error) bool {
	switch pgCode(err) {
	case "40001", "40P01", "55P03":
		return true
	}
	c := liteCode(err) & 0xff
	return outdated(err) || c == sqlite3.SQLITE_BUSY || c == sqlite3.SQLITE_LOCKED
}

func full(err error) bool {
	return strings.HasPrefix(pgCode(err), "53") || liteCode(err)&0xff == sqlite3.SQLITE_FULL
}

func gone(err error) bool {
	var n net.Error
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return errors.As(err, &n) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		strings.HasPrefix(pgCode(err), "57P") || strings.HasPrefix(pgCode(err), "08")
}

// IgnoreNotFound is nil for the error of a row that is not there, or not in sight.
func IgnoreNotFound(err error) error {
	if ent.IsNotFound(err) {
		return nil
	}
	return err
}
