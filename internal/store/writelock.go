package store

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// writeLock lets one transaction or statement at a time write to SQLite, in the
// order in which they came. SQLite itself would have them look again after growing
// pauses, of up to a tenth of a second, and would give up on one of them after the
// busy timeout. A nil writeLock, for PostgreSQL, makes nobody wait.
//
// Everything that writes through the pool acquires it, ent and the job queue alike:
// ent before it takes a connection, so that those who wait hold none; anybody else
// in the connection itself.
type writeLock chan struct{}

// errInTx is a defect of the caller: on SQLite the write would wait for the
// transaction that waits for it.
var errInTx = errors.New("store: a write beside the transaction that its context belongs to: write through the transaction's client")

type (
	inTxKey   struct{}
	lockedKey struct{}
)

// withinTx marks the context that a transaction's function receives.
func withinTx(ctx context.Context) context.Context { return context.WithValue(ctx, inTxKey{}, true) }

// acquire waits for the lock, or for the end of ctx. The lock is held until
// release, which may be called twice, and the context that it returns says so: who
// acquires with that one waits for nothing. A context that belongs to a transaction
// is refused at once, on either database.
func (l writeLock) acquire(ctx context.Context) (locked context.Context, release func(), err error) {
	if ctx.Value(inTxKey{}) != nil {
		return nil, nil, errInTx
	}
	if l == nil || ctx.Value(lockedKey{}) != nil {
		return ctx, func() {}, nil
	}
	select {
	case l <- struct{}{}:
		return context.WithValue(ctx, lockedKey{}, true), sync.OnceFunc(func() { <-l }), nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// writes reports whether a statement that returns rows may write. It takes a
// statement that it does not know for one that does.
func writes(statement string) bool {
	word, rest := firstWord(statement)
	switch word {
	case "SELECT", "VALUES", "EXPLAIN", "PRAGMA", "SHOW":
		return false
	case "WITH":
		for ; word != ""; word, rest = firstWord(rest) {
			if word == "INSERT" || word == "UPDATE" || word == "DELETE" || word == "REPLACE" {
				return true
			}
		}
		return false
	}
	return true
}

// firstWord gives the first word of a statement in capitals, past spaces, comments
// and punctuation, and what follows it; "" at the end.
func firstWord(s string) (word, rest string) {
	for s != "" {
		switch {
		case strings.HasPrefix(s, "--"):
			_, s, _ = strings.Cut(s, "\n")
		case strings.HasPrefix(s, "/*"):
			_, s, _ = strings.Cut(s, "*/")
		case !letter(s[0]):
			s = s[1:]
		default:
			end := 1
			for end < len(s) && letter(s[end]) {
				end++
			}
			return strings.ToUpper(s[:end]), s[end:]
		}
	}
	return "", ""
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
