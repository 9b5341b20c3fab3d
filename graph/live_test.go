package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// live is the real schema behind a listening server, with streams. A credential is
// "Bearer ACCOUNT" until the account signs out.
type live struct {
	*testkit.Env
	url     string
	streams graph.Streams
	late    atomic.Int32
	mu      sync.Mutex
	out     map[string]bool
}

func newLive(e *testkit.Env, limits graph.LiveLimits) *live {
	l := &live{Env: e, out: map[string]bool{}}
	r := &graph.Resolver{App: e.App}
	handler := graph.NewServer(graph.NewExecutableSchema(r), graph.Options{
		Log: zerolog.Nop(), Prepare: r.WithLoaders, ViewerID: viewerID, Authenticate: l.authenticate, Follow: r.Follow,
		Address: func(context.Context) string { return "192.0.2.1" }, Streams: &l.streams, Origins: []string{"school.example"},
		Limits: graph.Limits{Live: limits},
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // as authn and httpd do
		ctx, err := l.authenticate(r.Context(), r.Header.Get("Authorization"))
		if err != nil {
			graph.Refuse(w, r, http.StatusUnauthorized, err)
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

// client is one socket.
type client struct {
	t    testing.TB
	conn *websocket.Conn
}

func (l *live) dial(protocols ...string) *client {
	l.T.Helper()
	ctx, cancel := context.WithTimeout(l.T.Context(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, l.url, &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		l.T.Fatal(err)
	}
	l.T.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(-1)
	return &client{l.T, conn}
}

// open is a socket whose owner is known.
func (l *live) open(account string) *client {
	l.T.Helper()
	c := l.dial("graphql-transport-ws")
	c.say(`{"type":"connection_init","payload":{"authorization":"Bearer ` + account + `"}}`)
	c.hear("connection_ack", "")
	return c
}

func (c *client) say(text string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	if err := c.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) subscribe(name, query string) {
	c.t.Helper()
	b, _ := json.Marshal(map[string]any{"id": name, "type": "subscribe", "payload": map[string]any{"query": query}})
	c.say(string(b))
}

// hear waits for the next message, which must be of a type and an id, and gives its
// payload.
func (c *client) hear(kind, name string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	_, b, err := c.conn.Read(ctx)
	if err != nil {
		c.t.Fatalf("waiting for %s: %v", kind, err)
	}
	var m struct {
		ID, Type string
		Payload  json.RawMessage
	}
	if err := json.Unmarshal(b, &m); err != nil || m.Type != kind || m.ID != name {
		c.t.Fatalf("heard %s, want %s of %q", b, kind, name)
	}
	return string(m.Payload)
}

// closed waits for the end and gives its code.
func (c *client) closed() websocket.StatusCode {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		if _, _, err := c.conn.Read(ctx); err != nil {
			if ctx.Err() != nil {
				c.t.Fatal("the socket stays open")
			}
			return websocket.CloseStatus(err)
		}
	}
}

func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not hold %s", text, p)
		}
	}
}

func TestSubscriptionsBySocket(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{})
		h := e.Reported()
		query := fmt.Sprintf("subscription { hazardChanged(id: %q) { status school { name } events { kind } } }", h.PublicID())
		c := l.open("officer1")
		c.subscribe("1", query)
		holds(t, c.hear("next", "1"), `"status":"REPORTED"`, `"kind":"REPORTED"`, e.School.Name)
		testkit.Must(e.App.ListHazard(e.As("officer1"), e.ListInput(h)))(t)
		holds(t, c.hear("next", "1"), `"status":"RECTIFYING"`, `"kind":"LISTED"`)

		c.say(`{"type":"ping","payload":{"a":1}}`)
		c.hear("pong", "")
		c.say(`{"type":"pong"}`)

		// An id that is free again may be used again.
		c.say(`{"id":"1","type":"complete"}`)
		c.subscribe("1", query)
		holds(t, c.hear("next", "1"), `"status":"RECTIFYING"`)
		c.say(`{"id":"1","type":"complete"}`)

		board := fmt.Sprintf("subscription { dashboardChanged(campaignId: %q) { at dashboard { region { name } total { found listed } } } }", e.Campaign.PublicID())
		c.subscribe("2", board)
		holds(t, c.hear("next", "2"), `"found":1`, `"listed":1`)
		e.Reported()
		holds(t, c.hear("next", "2"), `"found":2`, `"listed":1`)
		c.say(`{"id":"2","type":"complete"}`)

		// What is not in sight, and what is no subscription.
		for name, want := range map[string]string{
			fmt.Sprintf("subscription { hazardChanged(id: %q) { status } }", id.New(id.Hazard)): "NOT_FOUND",
			fmt.Sprintf("subscription { hazardChanged(id: %q) { status } }", id.New(id.School)): "BAD_USER_INPUT",
			"{ viewer { name } }":           "BAD_USER_INPUT",
			"mutation { signOut { done } }": "BAD_USER_INPUT",
			"subscription { a b }":          "BAD_USER_INPUT",
			"subscription {":                "BAD_USER_INPUT",
		} {
			c.subscribe("3", name)
			holds(t, c.hear("error", "3"), `"code":"`+want+`"`)
		}
		other := l.open("officer2")
		other.subscribe("1", query)
		holds(t, other.hear("error", "1"), "NOT_FOUND")
	})
}

// TestSocketsAreClosedWithTheCodesOfTheProtocol: graphql-transport-ws names them, and
// clients decide by them whether to come back.
func TestSocketsAreClosedWithTheCodesOfTheProtocol(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{InitWithin: time.Second, MessageBytes: 2000})
		board := fmt.Sprintf("subscription { dashboardChanged(campaignId: %q) { at } }", e.Campaign.PublicID())
		plain := func() *client { return l.dial("graphql-transport-ws") }
		known := func() *client { return l.open("officer1") }
		subscribe := func(c *client, name string) { c.subscribe(name, board) }
		for name, test := range map[string]struct {
			open func() *client
			do   func(c *client)
			want websocket.StatusCode
		}{
			"not JSON":             {plain, func(c *client) { c.say("x") }, 4400},
			"no object":            {plain, func(c *client) { c.say("[]") }, 4400},
			"a key twice":          {plain, func(c *client) { c.say(`{"type":"ping","type":"ping"}`) }, 4400},
			"no type":              {plain, func(c *client) { c.say("{}") }, 4400},
			"unknown type":         {known, func(c *client) { c.say(`{"type":"start"}`) }, 4400},
			"binary":               {known, func(c *client) { _ = c.conn.Write(t.Context(), websocket.MessageBinary, []byte("{}")) }, 4400},
			"without id":           {known, func(c *client) { c.say(`{"type":"subscribe","payload":{"query":"{a}"}}`) }, 4400},
			"without query":        {known, func(c *client) { c.say(`{"id":"1","type":"subscribe","payload":{}}`) }, 4400},
			"without payload":      {known, func(c *client) { c.say(`{"id":"1","type":"subscribe"}`) }, 4400},
			"subscribes first":     {plain, func(c *client) { subscribe(c, "1") }, 4401},
			"no credential":        {plain, func(c *client) { c.say(`{"type":"connection_init"}`) }, 4403},
			"unknown credential":   {plain, func(c *client) { c.say(`{"type":"connection_init","payload":{"authorization":"Bearer nobody"}}`) }, 4403},
			"malformed credential": {plain, func(c *client) { c.say(`{"type":"connection_init","payload":{"authorization":["x"]}}`) }, 4403},
			"other subprotocol":    {func() *client { return l.dial("graphql-ws") }, func(*client) {}, 4406},
			"no subprotocol":       {func() *client { return l.dial() }, func(*client) {}, 4406},
			"says nothing":         {plain, func(*client) {}, 4408},
			"the same id":          {known, func(c *client) { subscribe(c, "1"); subscribe(c, "1") }, 4409},
			"begins twice":         {known, func(c *client) { c.say(`{"type":"connection_init","payload":{"authorization":"Bearer officer1"}}`) }, 4429},
			"a message of 3,000 B": {known, func(c *client) { c.say(`{"type":"ping","payload":{"a":"` + strings.Repeat("x", 3000) + `"}}`) }, 1009},
		} {
			c := test.open()
			test.do(c)
			if got := c.closed(); got != test.want {
				t.Errorf("%s: closed with %d, want %d", name, got, test.want)
			}
		}
		c := known()
		subscribe(c, "1")
		c.hear("next", "1")
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			l.streams.Stop(t.Context())
		}()
		if got := c.closed(); got != websocket.StatusGoingAway {
			t.Errorf("a server that stops closes with %d", got)
		}
		<-stopped
		if _, response, err := websocket.Dial(t.Context(), l.url, nil); err == nil || response.StatusCode != http.StatusTooManyRequests {
			t.Error("a server that stops takes another stream")
		}
	})
}

func TestForeignPagesOpenNoSocket(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{})
		for origin, want := range map[string]bool{l.url: true, "https://school.example": true, "https://evil.example": false, "null": false} {
			conn, response, err := websocket.Dial(t.Context(), l.url, &websocket.DialOptions{
				Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {origin}},
			})
			if (err == nil) != want {
				t.Errorf("a page of %s opens a socket: %v", origin, err == nil)
			}
			if err != nil && response.StatusCode != http.StatusForbidden {
				t.Errorf("a page of %s gets %d", origin, response.StatusCode)
			}
			if err == nil {
				_ = conn.CloseNow()
			}
		}
	})
}

func TestStreamsAreCounted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{PerViewer: 5, PerAddress: 4, Subscriptions: 2})
		board := fmt.Sprintf("subscription { dashboardChanged(campaignId: %q) { at } }", e.Campaign.PublicID())
		first := l.open("officer1")
		for i := range 3 {
			name := fmt.Sprint(i)
			first.subscribe(name, board)
			if i < 2 {
				first.hear("next", name)
			} else {
				holds(t, first.hear("error", name), "RATE_LIMITED")
			}
		}
		first.say(`{"id":"0","type":"complete"}`)
		first.subscribe("3", board)
		first.hear("next", "3")

		second := l.open("officer1")
		l.open("officer2")
		l.open("section")
		if _, response, err := websocket.Dial(t.Context(), l.url, nil); err == nil || response.StatusCode != http.StatusTooManyRequests {
			t.Errorf("a fifth stream from one address: %v", err)
		}
		// One that ends makes room.
		if err := second.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Fatal(err)
		}
		until(t, "room for another stream", func() bool { return l.room("officer1") })
	})
}

func TestOnePersonHasFewStreams(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{PerViewer: 1})
		l.open("officer1")
		second := l.dial("graphql-transport-ws")
		second.say(`{"type":"connection_init","payload":{"authorization":"Bearer officer1"}}`)
		if code := second.closed(); code != websocket.StatusTryAgainLater {
			t.Errorf("a second socket of one person is closed with %d", code)
		}
	})
}

// room reports whether somebody may open another socket.
func (l *live) room(account string) bool {
	ctx, cancel := context.WithTimeout(l.T.Context(), patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, l.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return false
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_init","payload":{"authorization":"Bearer `+account+`"}}`)); err != nil {
		return false
	}
	_, b, err := conn.Read(ctx)
	return err == nil && strings.Contains(string(b), "connection_ack")
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
		l := newLive(e, graph.LiveLimits{RecheckEvery: 30 * time.Millisecond})
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

// page is a stream of server-sent events.
type page struct {
	t     testing.TB
	lines *bufio.Scanner
}

func (l *live) post(account, query string) *http.Response {
	l.T.Helper()
	b, _ := json.Marshal(map[string]any{"query": query})
	r, err := http.NewRequestWithContext(l.T.Context(), http.MethodPost, l.url, strings.NewReader(string(b)))
	if err != nil {
		l.T.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	if account != "" {
		r.Header.Set("Authorization", "Bearer "+account)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		l.T.Fatal(err)
	}
	l.T.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

func (l *live) events(account, query string) *page {
	l.T.Helper()
	answer := l.post(account, query)
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		l.T.Fatalf("%s %s", answer.Status, answer.Header.Get("Content-Type"))
	}
	return &page{l.T, bufio.NewScanner(answer.Body)}
}

// event reads the next event and its data.
func (p *page) event() (kind, data string) {
	p.t.Helper()
	for p.lines.Scan() {
		line := p.lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			kind = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data:"):
			data = strings.TrimSpace(strings.TrimPrefix(line, "data:"))
		case line == "" && kind != "":
			return kind, data
		}
	}
	p.t.Fatalf("the stream ends: %v", p.lines.Err())
	return "", ""
}

func (p *page) next() string {
	p.t.Helper()
	kind, data := p.event()
	if kind != "next" {
		p.t.Fatalf("%s %s instead of an event", kind, data)
	}
	return data
}

func (p *page) completed() {
	p.t.Helper()
	if kind, data := p.event(); kind != "complete" {
		p.t.Fatalf("%s %s instead of the end", kind, data)
	}
}

func TestSubscriptionsByEvents(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{PerViewer: 2, PingEvery: 5 * time.Millisecond})
		h := e.Reported()
		query := fmt.Sprintf("subscription { hazardChanged(id: %q) { status } }", h.PublicID())
		p := l.events("officer1", query)
		holds(t, p.next(), `{"data":{"hazardChanged":{"status":"REPORTED"}}}`)
		testkit.Must(e.App.ListHazard(e.As("officer1"), e.ListInput(h)))(t)
		holds(t, p.next(), "RECTIFYING")

		for query, want := range map[string]string{
			"{ viewer { name } }": "BAD_USER_INPUT", "subscription { x }": "BAD_USER_INPUT",
			fmt.Sprintf("subscription { hazardChanged(id: %q) { status } }", id.New(id.Hazard)): "NOT_FOUND",
		} {
			refused := l.events("officer1", query)
			holds(t, refused.next(), want)
			refused.completed()
		}
		nobody := l.events("", query)
		holds(t, nobody.next(), "UNAUTHENTICATED")
		nobody.completed()

		l.events("officer1", query).next()
		if answer := l.post("officer1", query); answer.StatusCode != http.StatusTooManyRequests {
			t.Errorf("a third stream of one person: %s", answer.Status)
		}
		l.streams.Stop(t.Context())
		p.completed()
	})
}

// TestSubscriptionsByPlainRequestsAreRefused: a POST that does not ask for events, and
// every GET.
func TestSubscriptionsByPlainRequestsAreRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		got := a.ask("officer1", fmt.Sprintf("subscription { hazardChanged(id: %q) { status } }", e.Reported().PublicID()), nil)
		if got.code() != "BAD_USER_INPUT" || got.Data != nil {
			t.Errorf("a subscription by POST: %+v", got)
		}
	})
}

// TestSlowReadersAreDropped: a client that does not read costs no memory for long.
func TestSlowReadersAreDropped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, graph.LiveLimits{WriteWithin: 200 * time.Millisecond, PerViewer: 1})
		in := e.HazardInput()
		in.Description = strings.Repeat("隐患描述很长", 300)
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), in))(t)
		var fields strings.Builder
		for i := range 40 {
			fmt.Fprintf(&fields, "d%d: description ", i)
		}
		dialer := &net.Dialer{}
		small := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if tcp, ok := conn.(*net.TCPConn); ok {
				err = errors.Join(err, tcp.SetReadBuffer(4096))
			}
			return conn, err
		}}}
		conn, _, err := websocket.Dial(t.Context(), l.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPClient: small})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.CloseNow() }()
		c := &client{t, conn}
		c.say(`{"type":"connection_init","payload":{"authorization":"Bearer officer1"}}`)
		c.hear("connection_ack", "")
		for i := range 20 { // some 8 MB, more than any buffer on the way
			c.subscribe(fmt.Sprint(i), fmt.Sprintf("subscription { hazardChanged(id: %q) { %s } }", h.PublicID(), fields.String()))
		}
		until(t, "end of the stream that nobody reads", func() bool { return l.room("officer1") }) // a person has one at most
	})
}

// TestBatchAndChangesOverTheAPI: what a phone does when it is back on line.
func TestBatchAndChangesOverTheAPI(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		const changes = `query($since: String) { changes(since: $since, first: 200) { cursor hasMore resync changes { id cursor node { __typename id ... on Hazard { status school { name } } } } } }`
		var since any
		for more := true; more; {
			page := a.must("officer1", changes, map[string]any{"since": since})["changes"].(map[string]any)
			since, more = page["cursor"], page["hasMore"].(bool)
		}
		hazard := id.New(id.Hazard)
		commands := []any{
			map[string]any{"reportHazard": map[string]any{
				"id": hazard.String(), "campaignId": e.Campaign.PublicID().String(), "schoolId": e.School.PublicID().String(), "gridId": e.Grid.PublicID().String(),
				"category": "FIRE", "description": "疏散通道堵塞", "discoveredAt": "2026-03-10T01:00:00.000Z", "evidenceIds": []any{id.New(id.Evidence).String()},
			}},
			map[string]any{"listHazard": map[string]any{
				"commandId": id.New(id.Command).String(), "hazardId": hazard.String(), "protectiveMeasures": "", "deadlineOn": "2026-03-20",
				"responsibleId": e.User("officer1").PublicID().String(),
			}},
		}
		const batch = `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) { results { index node { id ... on Hazard { status } } upload { ticket { partSize } } error { code reason message retryable fields { path } } } } }`
		for range 2 {
			results := a.must("officer1", batch, map[string]any{"commands": commands})["submitBatch"].(map[string]any)["results"].([]any)
			first, second := results[0].(map[string]any), results[1].(map[string]any)
			if first["error"] != nil || first["node"].(map[string]any)["id"] != hazard.String() {
				t.Errorf("the report: %v", first)
			}
			if second["node"] != nil || fmt.Sprint(second["error"]) == "<nil>" || second["error"].(map[string]any)["code"] != "BAD_USER_INPUT" {
				t.Errorf("a listing without measures: %v", second)
			}
		}
		page := a.must("officer1", changes, map[string]any{"since": since})["changes"].(map[string]any)
		rows := page["changes"].([]any)
		if len(rows) != 1 || rows[0].(map[string]any)["node"].(map[string]any)["school"].(map[string]any)["name"] != e.School.Name {
			t.Errorf("changes: %v", rows)
		}
		for _, bad := range []map[string]any{{}, {"reportHazard": commands[0].(map[string]any)["reportHazard"], "listHazard": commands[1].(map[string]any)["listHazard"]}} {
			if got := a.ask("officer1", batch, map[string]any{"commands": []any{bad}}); got.code() != "BAD_USER_INPUT" {
				t.Errorf("%v: %+v", bad, got)
			}
		}
		// What is asked of each answer counts for each.
		long := make([]any, 50)
		for i := range long {
			long[i] = commands[0]
		}
		deep := `mutation($commands: [BatchCommand!]!) { submitBatch(commands: $commands) { results { node { ... on Hazard { events { evidence { id status fileName } details { name value } actor { name } }
			again: events { evidence { id status fileName } details { name value } actor { name } } listings { hazard { events { id kind } } } } } } } }`
		if got := a.ask("officer1", deep, map[string]any{"commands": long}); got.code() != "QUERY_TOO_COMPLEX" {
			t.Errorf("50 long answers: %q", got.code())
		}
		if got := a.ask("officer1", deep, map[string]any{"commands": long[:5]}); got.code() != "" {
			t.Errorf("5 long answers: %q", got.code())
		}
	})
}
