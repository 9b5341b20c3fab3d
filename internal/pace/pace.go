// Package pace decides whether somebody asks too often. It knows neither requests nor
// viewers: those who do name the asker.
package pace

import (
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// askersInSight bounds what is remembered. Who is forgotten, because so many others
// came since, begins anew with a full reserve.
const askersInSight = 10_000

// Pace gives each asker a reserve of asks that fills up again with time.
type Pace struct {
	perSecond rate.Limit
	reserve   int
	known     *lru.Cache[string, *rate.Limiter]
}

// New makes a pace of so many asks a second in the long run, and so many at once.
func New(perSecond float64, reserve int) *Pace {
	known, err := lru.New[string, *rate.Limiter](askersInSight)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &Pace{perSecond: rate.Limit(perSecond), reserve: reserve, known: known}
}

// Allows takes one ask from the asker's reserve; false when there is none left.
func (p *Pace) Allows(asker string) bool {
	limiter := rate.NewLimiter(p.perSecond, p.reserve)
	if before, found, _ := p.known.PeekOrAdd(asker, limiter); found {
		limiter = before
		_, _ = p.known.Get(asker) // in use: others are forgotten first
	}
	return limiter.AllowN(clock.System{}.Now(), 1)
}
