package transport_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// TestRequestsAreLimited: a viewer, or an address without one, that asks too often is
// refused before its request is read, and nobody else is.
func TestRequestsAreLimited(t *testing.T) {
	who := ""
	h := graphtest.New(t, graph.Options{Transport: transport.Options{
		Limits:   transport.Limits{PerSecond: 1e-9, Burst: 3},
		ViewerID: func(context.Context) string { return who },
		Address:  func(context.Context) string { return "203.0.113.9" },
	}})
	for _, who = range []string{"user_1", "", "user_2"} {
		for i := range 5 {
			r := h.Query(`{ hello }`)
			if i < 3 {
				if r.Status != http.StatusOK {
					t.Errorf("%q, request %d: %d %s", who, i+1, r.Status, r.Raw)
				}
				continue
			}
			h.Refused(r, fault.RateLimited)
			if r.Status != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
				t.Errorf("%q, request %d: %d, retry after %q", who, i+1, r.Status, r.Header.Get("Retry-After"))
			}
		}
	}
}
