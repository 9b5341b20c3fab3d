package graph_test

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func asAdmin(context.Context) bool { return true }

func TestAnswersQueryAndMutation(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	tests := map[string]struct{ query, want string }{
		"query":      {`{ hello }`, `{"data":{"hello":"hello"}}`},
		"alias":      {`{ a: hello b: hello(name: "Li") }`, `{"data":{"a":"hello","b":"hello Li"}}`},
		"typename":   {`{ __typename }`, `{"data":{"__typename":"Query"}}`},
		"connection": {`{ hazards(first: 2) { edges { node { id } } } }`, `{"data":{"hazards":{"edges":[{"node":{"id":"hazard_0"}},{"node":{"id":"hazard_1"}}]}}}`},
		"mutation":   {`mutation { report(input: {id: "hazard_1"}) }`, `{"data":{"report":"hazard_1"}}`},
		"time":       {`{ at(instant: "2021-04-06T16:30:00.1239+08:00") }`, `{"data":{"at":"2021-04-06T08:30:00.123Z"}}`},
		"utf-8":      {`{ hello(name: "<隐患>") }`, `{"data":{"hello":"hello <隐患>"}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for range 2 { // parsed, then from the cache
				r := h.Query(tt.query)
				if got := strings.TrimSpace(r.Raw); got != tt.want || r.Status != http.StatusOK {
					t.Errorf("%d %s, want %s", r.Status, got, tt.want)
				}
			}
		})
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	replies := map[string]graphtest.Reply{
		"data":       h.Query(`{ hello }`),
		"validation": h.Query(`{ nothing }`),
		"not JSON":   h.Post(`{`),
		"method":     h.Do(httptest.NewRequest(http.MethodPut, "/graphql", nil)),
		"preflight":  h.Do(httptest.NewRequest(http.MethodGet, "/graphql?query={hello}", nil)),
	}
	for name, r := range replies {
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", name, r.Header)
		}
		if r.Header.Get("Content-Length") != fmt.Sprint(len(r.Raw)) {
			t.Errorf("%s: Content-Length %s of %d bytes", name, r.Header.Get("Content-Length"), len(r.Raw))
		}
	}
}

func TestOperationLine(t *testing.T) {
	type counter struct{}
	options := graph.Options{Transport: transport.Options{
		ViewerID:     func(context.Context) string { return "user_7" },
		WithSQLCount: func(ctx context.Context) context.Context { return context.WithValue(ctx, counter{}, new(atomic.Int64)) },
		SQLCount: func(ctx context.Context) int {
			return int(ctx.Value(counter{}).(*atomic.Int64).Add(3))
		},
	}}
	tests := map[string]struct {
		body              string
		operation, kind   string
		codes             string
		hidden            []string
		requestOutOfShape bool
	}{
		"query":           {body: `{"query":"query Boards { hello }"}`, operation: "Boards", kind: "query", codes: "[]"},
		"anonymous":       {body: `{"query":"mutation { report(input:{id:\"x\"}) }"}`, kind: "mutation", codes: "[]"},
		"variables":       {body: `{"query":"query A($n:String){hello(name:$n)}","variables":{"n":"13800001111"}}`, operation: "A", kind: "query", codes: "[]", hidden: []string{"13800001111", "hello"}},
		"failing":         {body: `{"query":"query B { a: fail(how:\"fault\") b: fail(how:\"sql\") c: fail(how:\"fault\")}"}`, operation: "B", kind: "query", codes: "[CONFLICT INTERNAL]"},
		"not validated":   {body: `{"query":"query C { nothing }","operationName":"C"}`, operation: "C", codes: "[BAD_USER_INPUT]", hidden: []string{"nothing"}},
		"forged line":     {body: `{"query":"{hello}","operationName":"x\n{\"level\":\"error\"}"}`, operation: "x???level???error??", codes: "[BAD_USER_INPUT]"},
		"long name":       {body: `{"query":"{hello}","operationName":"` + strings.Repeat("a", 200) + `"}`, operation: strings.Repeat("a", 64), codes: "[BAD_USER_INPUT]"},
		"text of request": {body: `{"query":"{ secretWord(","operationName":null}`, codes: "[BAD_USER_INPUT]", hidden: []string{"secretWord"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, options)
			h.Post(tt.body)
			lines := h.Lines("graphql")
			if len(lines) != 1 {
				t.Fatalf("%d lines, want 1: %s", len(lines), h.Log)
			}
			l := lines[0]
			if l["operation"] != tt.operation || l["kind"] != tt.kind || l["viewer"] != "user_7" || l["sql"] != 3.0 || fmt.Sprint(l["codes"]) != tt.codes {
				t.Errorf("line %v", l)
			}
			if _, ok := l["took"].(float64); !ok {
				t.Errorf("no duration: %v", l)
			}
			for _, word := range tt.hidden {
				if strings.Contains(h.Log.String(), word) {
					t.Errorf("the log holds %q: %s", word, h.Log)
				}
			}
		})
	}
}

func TestIntrospection(t *testing.T) {
	const query = `{ __schema { queryType { name } } }`
	tests := map[string]struct {
		options graph.Options
		allowed bool
	}{
		"development":      {graph.Options{}, true},
		"production":       {graph.Options{Production: true}, false},
		"production admin": {graph.Options{Production: true, IsAdmin: asAdmin}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, tt.options)
			for _, q := range []string{query, `{ ...S } fragment S on Query { s: __schema { queryType { name } } }`} {
				r := h.Query(q)
				if tt.allowed {
					if len(r.Errs) > 0 || !strings.Contains(r.Raw, `"name":"Query"`) {
						t.Errorf("refused: %s", r.Raw)
					}
					continue
				}
				h.Refused(r, fault.Forbidden)
			}
			if r := h.Query(`{ __typename }`); len(r.Errs) > 0 {
				t.Errorf("__typename refused: %s", r.Raw)
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	for _, how := range []string{"deadline", "driver"} {
		t.Run(how, func(t *testing.T) {
			// By the bubble's clock the deadline passes when the resolver waits, not before.
			synctest.Test(t, func(t *testing.T) {
				h := graphtest.New(t, graph.Options{Transport: transport.Options{Limits: transport.Limits{Deadline: time.Millisecond}}})
				r := h.Query(`query($how: String!) { hello fail(how: $how) }`, map[string]any{"how": how})
				e := h.Failed(r, fault.Unavailable)
				if !e.Extension.Retryable || fmt.Sprint(e.Path) != "[fail]" || r.Body["data"] == nil {
					t.Errorf("answer %s", r.Raw)
				}
				if strings.Contains(r.Raw, "pq:") {
					t.Errorf("driver's text leaves: %s", r.Raw)
				}
			})
		})
	}
	t.Run("before execution", func(t *testing.T) {
		slow := func(ctx context.Context) bool { <-ctx.Done(); return true }
		h := graphtest.New(t, graph.Options{Production: true, IsAdmin: slow, Transport: transport.Options{Limits: transport.Limits{Deadline: time.Millisecond}}})
		r := h.Query(`{ hello }`)
		if e := h.Failed(r, fault.Unavailable); !e.Extension.Retryable {
			t.Errorf("answer %s", r.Raw)
		}
	})
	t.Run("caller gone", func(t *testing.T) {
		h := graphtest.New(t, graph.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(`{"query":"{hello}"}`))
		r.Header.Set("Content-Type", "application/json")
		h.Failed(h.Do(r), fault.Unavailable)
		if lines := h.Lines("graphql failure"); len(lines) > 0 {
			t.Errorf("logged as ours: %v", lines)
		}
	})
}
