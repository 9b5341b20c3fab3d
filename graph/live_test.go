package graph_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// live is the real schema behind a listening server, with streams. A credential is
// "Bearer ACCOUNT" until the account signs out.
type live struct {
	*testkit.Env
	url     string
	streams transport.Streams
	late    atomic.Int32
	mu      sync.Mutex
	out     map[string]bool
}

func newLive(e *testkit.Env, limits transport.LiveLimits) *live {
	l := &live{Env: e, out: map[string]bool{}}
	r := &graph.Resolver{App: e.App}
	handler := graph.NewServer(graph.NewExecutableSchema(r), graph.Options{Transport: transport.Options{
		Log: zerolog.Nop(), Prepare: r.WithLoaders, ViewerID: viewerID, Authenticate: l.authenticate, Follow: r.Follow,
		Address: func(context.Context) string { return "192.0.2.1" }, Streams: &l.streams, Origins: []string{"school.example"},
		Limits: transport.Limits{Live: limits},
	}})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // as authn and httpd do
		ctx, err := l.authenticate(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			transport.Refuse(w, r, http.StatusUnauthorized, err)
			return
		}
		if r.Header.Get("Upgrade") == "" {
			whole := &untilEnd{ResponseWriter: w, late: &l.late}
			defer whole.over.Store(true)
			w = whole
		}
		handler.ServeHTTP(w, r.WithContext(ctx))
	}))
	server.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if err := conn.(*net.TCPConn).SetWriteBuffer(16 << 10); err != nil { // or the system would keep megabytes for slow readers
			e.T.Error(err)
		}
		return ctx
	}
	server.Start()
	l.url = server.URL
	e.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		l.streams.Stop(ctx)
		if ctx.Err() != nil {
			e.T.Error("streams do not stop")
		}
		server.Close()
		if n := l.late.Load(); n > 0 {
			e.T.Errorf("%d writes after the handler had returned: they end the process", n)
		}
	})
	return l
}

var errSignedOut = fault.New(fault.Unauthenticated, "session.stale", fault.T("登录已失效，请重新登录。", "The session has ended. Sign in again."))

func (l *live) authenticate(ctx context.Context, authorization string) (context.Context, error) {
	if authorization == "" {
		return authz.NewContext(ctx, authz.Viewer{}), nil
	}
	account, ok := strings.CutPrefix(authorization, "Bearer ")
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok || account == "nobody" || l.out[account] {
		return nil, errSignedOut
	}
	v, err := l.App.ViewerOf(ctx, l.User(account).ID)
	return authz.NewContext(ctx, v), err
}

func (l *live) signOut(account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out[account] = true
}

func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not hold %s", text, p)
		}
	}
}

// until waits for what must come true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	late := time.After(patience)
	for !ok() {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("still no %s", what)
		}
	}
}

// TestSubscriptionsEndWithTheSession: on sign-out also without an event, and with the
// membership that opened the row.
func TestSubscriptionsEndWithTheSession(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, transport.LiveLimits{RecheckEvery: 30 * time.Millisecond})
		h := e.Reported()
		query := fmt.Sprintf("subscription { hazardChanged(id: %q) { status description } }", h.PublicID())

		quiet, page := l.open("officer1"), l.events("officer1", query)
		quiet.subscribe("1", query)
		quiet.hear("next", "1")
		holds(t, page.next(), "REPORTED")
		l.signOut("officer1")
		if code := quiet.closed(); code != 4403 {
			t.Errorf("after the sign-out the socket is closed with %d", code)
		}
		holds(t, page.next(), "UNAUTHENTICATED")
		page.completed()

		member := l.open("principal1")
		member.subscribe("1", query)
		member.hear("next", "1")
		if _, err := e.Store.Ent.Membership.Delete().Where(membership.UserID(e.User("principal1").ID)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		testkit.Must(e.App.GradeHazard(e.As("officer1"), app.GradeHazardInput{HazardCommand: testkit.Command(h), Grade: "MAJOR"}))(t)
		if got := member.hear("error", "1"); !strings.Contains(got, "NOT_FOUND") || strings.Contains(got, h.Description) {
			t.Errorf("who has left the school gets %s", got)
		}
	})
}
