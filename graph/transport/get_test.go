package transport_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func get(h *graphtest.Harness, query string, header ...string) graphtest.Reply {
	r := httptest.NewRequest(http.MethodGet, "/graphql?"+query, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return h.Do(r)
}

func TestGet(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := get(h, url.Values{
		"query":         {`query A($n: String) { hello(name: $n) }`},
		"operationName": {"A"},
		"variables":     {`{"n":"Li"}`},
		"extensions":    {""},
	}.Encode(), "Graphql-Require-Preflight", "1")
	if r.Status != http.StatusOK || strings.TrimSpace(r.Raw) != `{"data":{"hello":"hello Li"}}` {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
}

func TestGetNeedsAPreflight(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	query := "query=" + url.QueryEscape("{hello}")
	for name, header := range map[string][]string{
		"none":            nil,
		"empty":           {"X-Requested-With", ""},
		"simple type":     {"Content-Type", "text/plain"},
		"only an accept":  {"Accept", "application/graphql-response+json"},
		"form type":       {"Content-Type", "application/x-www-form-urlencoded"},
		"not quite JSON":  {"Content-Type", "text/plain; application/json"},
		"websocket":       {"Upgrade", "websocket", "Connection", "Upgrade"},
		"cookie and host": {"Cookie", "session=x"},
	} {
		r := get(h, query, header...)
		if h.Refused(r, fault.Forbidden); r.Status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, r.Status)
		}
	}
	for _, header := range [][]string{
		{"Graphql-Require-Preflight", "1"}, {"Apollo-Require-Preflight", "true"}, {"X-Requested-With", "XMLHttpRequest"}, {"Content-Type", "application/json"},
	} {
		if r := get(h, query, header...); r.Status != http.StatusOK {
			t.Errorf("%v: status %d", header, r.Status)
		}
	}
}

func TestGetRunsQueriesOnly(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	for query, operation := range map[string]string{
		`mutation { report(input: {id: "x"}) }`:                     "",
		`query A { hello } mutation B { report(input: {id: "x"}) }`: "B",
		`mutation { __typename }`:                                   "",
		`subscription B { ticks }`:                                  "B",
	} {
		r := get(h, url.Values{"query": {query}, "operationName": {operation}}.Encode(), "X-Requested-With", "x")
		h.Refused(r, fault.BadUserInput)
		if r.Status != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", query, r.Status, r.Header.Get("Allow"))
		}
	}
}

func TestStrictURL(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	for name, tt := range map[string]struct{ query, reason string }{
		"nothing":             {"", "input.required"},
		"empty query":         {"query=", "input.required"},
		"query twice":         {"query={hello}&query={hello}", "request.duplicate_key"},
		"unknown parameter":   {"query={hello}&access_token=SECRET", "request.unknown_key"},
		"other case":          {"Query={hello}", "request.unknown_key"},
		"semicolons":          {"query={hello};x=1", "http.url"},
		"bad escape":          {"query=%zz", "http.url"},
		"variables, no JSON":  {"query={hello}&variables=SECRET", "request.not_json"},
		"variables as list":   {"query={hello}&variables=[]", "input.type"},
		"variables, two":      {`query={hello}&variables={}{}`, "request.not_json"},
		"variable twice":      {`query={hello}&variables={"a":1,"a":2}`, "request.duplicate_key"},
		"extensions as text":  {`query={hello}&extensions="a"`, "input.type"},
		"variables, no UTF-8": {"query={hello}&variables=%ff", "request.not_json"},
	} {
		r := get(h, tt.query, "X-Requested-With", "x")
		if e := h.Refused(r, fault.BadUserInput); e.Extension.Reason != tt.reason || r.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want 400 %s", name, r.Status, e.Extension.Reason, tt.reason)
		}
		if strings.Contains(r.Raw, "SECRET") {
			t.Errorf("%s: the URL is echoed: %s", name, r.Raw)
		}
	}
	if r := get(h, "query={hello}&variables=null&extensions={}", "X-Requested-With", "x"); r.Status != http.StatusOK {
		t.Errorf("null variables: %s", r.Raw)
	}

	if r := get(h, "query={hello}", "X-Requested-With", "x", "Accept", "text/html"); r.Status != http.StatusNotAcceptable {
		t.Errorf("unacceptable: status %d", r.Status)
	}
	r := get(h, "query={hello}%23"+strings.Repeat("x", 256<<10), "X-Requested-With", "x")
	if h.Refused(r, fault.PayloadTooLarge); r.Status != http.StatusRequestURITooLong {
		t.Errorf("long URL: status %d", r.Status)
	}
}

func TestOtherMethods(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD", "QUERY", "post"} {
		r := httptest.NewRequest(method, "/graphql", strings.NewReader(`{"query":"{hello}"}`))
		r.Header.Set("Content-Type", "application/json")
		got := h.Do(r)
		h.Refused(got, fault.BadUserInput)
		if got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d, Allow %q", method, got.Status, got.Header.Get("Allow"))
		}
	}
}
