// Package clock is the only place that asks the machine for the time.
//
// It decides the resolution of every instant in the product: UTC, microseconds,
// because PostgreSQL keeps no more and SQLite would. Everything that needs "now"
// takes a Clock.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now is the present instant in UTC, truncated to microseconds.
	Now() time.Time
}

// System is the machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return Truncate(time.Now()) }

// Truncate brings an instant to the product's form: UTC, microseconds, no
// monotonic reading.
func Truncate(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Fake is a clock that stands still until it is moved. It is safe for
// concurrent use.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake makes a Fake that shows t.
func NewFake(t time.Time) *Fake { return &Fake{now: Truncate(t)} }

// Now implements Clock.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock by d and returns the new time.
func (f *Fake) Advance(d time.Duration) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = Truncate(f.now.Add(d))
	return f.now
}

// Set moves the clock to t.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = Truncate(t)
}
