package graph_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

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
		l := newLive(e, transport.LiveLimits{PerViewer: 2, PingEvery: 5 * time.Millisecond})
		h := e.Reported()
		query := fmt.Sprintf("subscription { hazardChanged(id: %q) { status } }", h.PublicID())
		p := l.events("officer1", query)
		holds(t, p.next(), `{"data":{"hazardChanged":{"status":"REPORTED"}}}`)
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(h)))(t)
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
