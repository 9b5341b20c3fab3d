// Package ratelimit decides whether a client asks too often. It knows neither
// requests nor viewers: its callers, graph/transport and httpd, name the client.
package ratelimit

import (
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// clientsKept bounds what is remembered. A client that is forgotten, because
// too many others came since, has its whole burst again.
const clientsKept = 10_000

// Limiter gives each client a burst of requests that fills up again with time.
type Limiter struct {
	perSecond rate.Limit
	burst     int
	known     *lru.Cache[string, *rate.Limiter]
}

// New makes a limiter of perSecond requests a second in the long run, and burst
// requests at once, for each client.
func New(perSecond float64, burst int) *Limiter {
	known, err := lru.New[string, *rate.Limiter](clientsKept)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &Limiter{perSecond: rate.Limit(perSecond), burst: burst, known: known}
}

// Allows takes one request from the client's burst; false when there is none left.
func (l *Limiter) Allows(client string) bool {
	limiter := rate.NewLimiter(l.perSecond, l.burst)
	if before, found, _ := l.known.PeekOrAdd(client, limiter); found {
		limiter = before
		_, _ = l.known.Get(client) // in use: others are forgotten first
	}
	return limiter.AllowN(clock.System{}.Now(), 1)
}
