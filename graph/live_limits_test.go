package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestStreamsAreCounted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, transport.LiveLimits{PerViewer: 5, PerAddress: 4, Subscriptions: 2})
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
		l := newLive(e, transport.LiveLimits{PerViewer: 1})
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

// TestSlowReadersAreDropped: a client that does not read costs no memory for long.
func TestSlowReadersAreDropped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		l := newLive(e, transport.LiveLimits{WriteWithin: 200 * time.Millisecond, PerViewer: 1})
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
