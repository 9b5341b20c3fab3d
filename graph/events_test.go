package graph_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// untilEnd counts what is written after the handler has returned.
type untilEnd struct {
	http.ResponseWriter
	over atomic.Bool
	late *atomic.Int32
}

func (w *untilEnd) Write(b []byte) (int, error) {
	if w.over.Load() {
		w.late.Add(1)
		return 0, errors.New("the handler has returned")
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *untilEnd) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestNoPingAfterTheEnd: streams that end at once while pings are due all the time.
func TestNoPingAfterTheEnd(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, transport.LiveLimits{PingEvery: time.Nanosecond})
		for range 100 {
			refused := l.events("officer1", "subscription { x }")
			holds(t, refused.next(), "BAD_USER_INPUT")
			refused.completed()
		}
	})
}
