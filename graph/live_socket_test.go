package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

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

func TestSubscriptionsBySocket(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, transport.LiveLimits{})
		h := e.Reported()
		query := fmt.Sprintf("subscription { hazardChanged(id: %q) { status school { name } events { kind } } }", h.PublicID())
		c := l.open("officer1")
		c.subscribe("1", query)
		holds(t, c.hear("next", "1"), `"status":"REPORTED"`, `"kind":"REPORTED"`, e.School.Name)
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(h)))(t)
		holds(t, c.hear("next", "1"), `"status":"RECTIFYING"`, `"kind":"PLACED_UNDER_OVERSIGHT"`)

		c.say(`{"type":"ping","payload":{"a":1}}`)
		c.hear("pong", "")
		c.say(`{"type":"pong"}`)

		// An id that is free again may be used again.
		c.say(`{"id":"1","type":"complete"}`)
		c.subscribe("1", query)
		holds(t, c.hear("next", "1"), `"status":"RECTIFYING"`)
		c.say(`{"id":"1","type":"complete"}`)

		board := fmt.Sprintf("subscription { dashboardChanged(campaignId: %q) { at dashboard { region { name } total { found underOversight } } } }", e.Campaign.PublicID())
		c.subscribe("2", board)
		holds(t, c.hear("next", "2"), `"found":1`, `"underOversight":1`)
		e.Reported()
		holds(t, c.hear("next", "2"), `"found":2`, `"underOversight":1`)
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
		l := newLive(e, transport.LiveLimits{InitWithin: time.Second, MessageBytes: 2000})
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
		l := newLive(e, transport.LiveLimits{})
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
