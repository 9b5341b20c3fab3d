package graph

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/fault"
)

func (h *harness) get(query string, header ...string) reply {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/graphql?"+query, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return h.do(r)
}

func TestGet(t *testing.T) {
	h := newHarness(t, Options{})
	r := h.get(url.Values{
		"query":         {`query A($n: String) { hello(name: $n) }`},
		"operationName": {"A"},
		"variables":     {`{"n":"Li"}`},
		"extensions":    {""},
	}.Encode(), "Graphql-Require-Preflight", "1")
	if r.status != http.StatusOK || strings.TrimSpace(r.raw) != `{"data":{"hello":"hello Li"}}` {
		t.Errorf("%d %s", r.status, r.raw)
	}
}

func TestGetNeedsAPreflight(t *testing.T) {
	h := newHarness(t, Options{})
	query := "query=" + url.QueryEscape("{hello}")
	for name, header := range map[string][]string{
		"none":            nil,
		"empty":           {"X-Requested-With", ""},
		"simple type":     {"Content-Type", "text/plain"},
		"only an accept":  {"Accept", mediaGraphQL},
		"form type":       {"Content-Type", "application/x-www-form-urlencoded"},
		"not quite JSON":  {"Content-Type", "text/plain; application/json"},
		"websocket":       {"Upgrade", "websocket", "Connection", "Upgrade"},
		"cookie and host": {"Cookie", "session=x"},
	} {
		r := h.get(query, header...)
		if h.refused(r, fault.Forbidden); r.status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
	for _, header := range [][]string{
		{"Graphql-Require-Preflight", "1"}, {"Apollo-Require-Preflight", "true"}, {"X-Requested-With", "XMLHttpRequest"}, {"Content-Type", "application/json"},
	} {
		if r := h.get(query, header...); r.status != http.StatusOK {
			t.Errorf("%v: status %d", header, r.status)
		}
	}
}

func TestGetRunsQueriesOnly(t *testing.T) {
	h := newHarness(t, Options{})
	for query, operation := range map[string]string{
		`mutation { report(input: {id: "x"}) }`:                     "",
		`query A { hello } mutation B { report(input: {id: "x"}) }`: "B",
		`mutation { __typename }`:                                   "",
		`subscription B { ticks }`:                                  "B",
	} {
		r := h.get(url.Values{"query": {query}, "operationName": {operation}}.Encode(), "X-Requested-With", "x")
		h.refused(r, fault.BadUserInput)
		if r.status != http.StatusMethodNotAllowed || r.header.Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", query, r.status, r.header.Get("Allow"))
		}
	}
}

func TestStrictURL(t *testing.T) {
	h := newHarness(t, Options{})
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
		r := h.get(tt.query, "X-Requested-With", "x")
		if e := h.refused(r, fault.BadUserInput); e.Extension.Reason != tt.reason || r.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s, want 400 %s", name, r.status, e.Extension.Reason, tt.reason)
		}
		if strings.Contains(r.raw, "SECRET") {
			t.Errorf("%s: the URL is echoed: %s", name, r.raw)
		}
	}
	if r := h.get("query={hello}&variables=null&extensions={}", "X-Requested-With", "x"); r.status != http.StatusOK {
		t.Errorf("null variables: %s", r.raw)
	}

	if r := h.get("query={hello}", "X-Requested-With", "x", "Accept", "text/html"); r.status != http.StatusNotAcceptable {
		t.Errorf("unacceptable: status %d", r.status)
	}
	r := h.get("query={hello}%23"+strings.Repeat("x", 256<<10), "X-Requested-With", "x")
	if h.refused(r, fault.PayloadTooLarge); r.status != http.StatusRequestURITooLong {
		t.Errorf("long URL: status %d", r.status)
	}
}

func TestOtherMethods(t *testing.T) {
	h := newHarness(t, Options{})
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "HEAD", "QUERY", "post"} {
		r := httptest.NewRequest(method, "/graphql", strings.NewReader(`{"query":"{hello}"}`))
		r.Header.Set("Content-Type", "application/json")
		got := h.do(r)
		h.refused(got, fault.BadUserInput)
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
}
