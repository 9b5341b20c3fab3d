package graph

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestGraphQLOverHTTP follows the MUST and SHOULD items of the specification
// "GraphQL over HTTP" (draft), https://graphql.github.io/graphql-over-http/.
// What the specification leaves open is pinned to what this server chose.
func TestGraphQLOverHTTP(t *testing.T) {
	const ok = `{"query":"{ __typename }"}`
	const anything, utf8 = "*/*", "; charset=utf-8"
	type item struct {
		name, accept, body string
		status             int
		media              string
		data               bool
	}
	items := []item{
		{"accepts the newer type and answers with it", mediaGraphQL, ok, 200, mediaGraphQL, true},
		{"accepts the newer type with a charset", mediaGraphQL + utf8, ok, 200, mediaGraphQL, true},
		{"accepts application/json and answers with it", mediaJSON, ok, 200, mediaJSON, true},
		{"takes */* for application/json", anything, ok, 200, mediaJSON, true},
		{"takes application/* for application/json", "application/*", ok, 200, mediaJSON, true},
		{"takes a missing accept for application/json", "", ok, 200, mediaJSON, true},
		{"prefers by weight", "application/json;q=0.5, " + mediaGraphQL, ok, 200, mediaGraphQL, true},
		{"prefers by weight, the other way", "application/json, " + mediaGraphQL + ";q=0.9", ok, 200, mediaJSON, true},
		{"prefers the first of equals", mediaGraphQL + ", " + mediaJSON, ok, 200, mediaGraphQL, true},
		{"prefers a named type to the range after it", mediaGraphQL + ", */*", ok, 200, mediaGraphQL, true},
		{"heeds a weight of zero", "application/json;q=0, */*;q=0.1", ok, 200, mediaGraphQL, true},
		{"skips what it can't read", "application/json;q=NaN, ;;, " + mediaGraphQL, ok, 200, mediaGraphQL, true},
		{"refuses types that it does not have", "text/html, image/*", ok, 406, mediaJSON, false},
		{"refuses an event stream", "text/event-stream", ok, 406, mediaJSON, false},
		{"refuses weights of zero", "application/json;q=0", ok, 406, mediaJSON, false},
	}
	for _, accept := range []string{mediaJSON, mediaGraphQL} {
		// A well-formed request that fails: 200 for the older type, 400 for the newer.
		failed := map[string]int{mediaJSON: 200, mediaGraphQL: 400}[accept]
		for name, body := range map[string]string{
			"document that does not parse":    `{"query":"{"}`,
			"document that does not validate": `{"query":"{ nothing }"}`,
			"variable that does not fit":      `{"query":"query Q($n: Int) { number(value: $n) }","variables":{"n":{}}}`,
			"variable that is missing":        `{"query":"query Q($n: Int!) { number(value: $n) }"}`,
			"operation that does not exist":   `{"query":"query Q { __typename }","operationName":"X"}`,
			"operation that is not named":     `{"query":"query Q { __typename } query R { __typename }"}`,
			"query that is too complex":       `{"query":"{` + strings.Repeat(" hello", 300) + `}"}`,
		} {
			items = append(items, item{name, accept, body, failed, accept, false})
		}
		// A request that is not well-formed.
		for name, body := range map[string]string{
			"no body":                ``,
			"body that is not JSON":  `{ "not a JSON`,
			"body without a query":   `{"notquery":"{ __typename }"}`,
			"empty object":           `{}`,
			"query: object":          `{"query":{"obj":"x"}}`,
			"query: number":          `{"query":0}`,
			"query: boolean":         `{"query":false}`,
			"query: array":           `{"query":["array"]}`,
			"operationName: object":  `{"query":"{ __typename }","operationName":{"obj":"x"}}`,
			"operationName: number":  `{"query":"{ __typename }","operationName":0}`,
			"operationName: boolean": `{"query":"{ __typename }","operationName":false}`,
			"operationName: array":   `{"query":"{ __typename }","operationName":["array"]}`,
			"variables: string":      `{"query":"{ __typename }","variables":"string"}`,
			"variables: number":      `{"query":"{ __typename }","variables":0}`,
			"variables: boolean":     `{"query":"{ __typename }","variables":false}`,
			"variables: array":       `{"query":"{ __typename }","variables":["array"]}`,
			"extensions: string":     `{"query":"{ __typename }","extensions":"string"}`,
			"extensions: number":     `{"query":"{ __typename }","extensions":0}`,
			"extensions: boolean":    `{"query":"{ __typename }","extensions":false}`,
			"extensions: array":      `{"query":"{ __typename }","extensions":["array"]}`,
		} {
			items = append(items, item{name, accept, body, 400, accept, false})
		}
		for name, body := range map[string]string{
			"query as a string":     ok,
			"operationName":         `{"query":"query Q { __typename }","operationName":"Q"}`,
			"nulls":                 `{"query":"{ __typename }","operationName":null,"variables":null,"extensions":null}`,
			"variables":             `{"query":"query Q($n: Int) { number(value: $n) }","variables":{"n":1}}`,
			"extensions":            `{"query":"{ __typename }","extensions":{"some":"value"}}`,
			"field that fails":      `{"query":"{ fail(how: \"sql\") }"}`,
			"field that is bubbled": `{"query":"{ hazards(first: 1) { edges { node { id school { id } } } } }"}`,
		} {
			items = append(items, item{name, accept, body, 200, accept, true})
		}
	}

	for _, it := range items {
		t.Run(it.name+" "+it.accept, func(t *testing.T) {
			h := newHarness(t, Options{})
			r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(it.body))
			r.Header.Set("Content-Type", "application/json"+utf8)
			if it.accept != "" {
				r.Header.Set("Accept", it.accept)
			}
			got := h.do(r)
			if got.status != it.status {
				t.Errorf("status %d, want %d: %s", got.status, it.status, got.raw)
			}
			if media := got.header.Get("Content-Type"); media != it.media+utf8 {
				t.Errorf("media type %s, want %s", media, it.media)
			}
			if _, data := got.body["data"]; data != it.data {
				t.Errorf("data %v, want %v: %s", data, it.data, got.raw)
			}
			if _, errs := got.body["errors"]; !errs && !it.data {
				t.Errorf("neither data nor errors: %s", got.raw)
			}
		})
	}

	t.Run("GET", func(t *testing.T) {
		h := newHarness(t, Options{})
		for _, accept := range []string{mediaJSON, mediaGraphQL} {
			header := []string{"Accept", accept, "Graphql-Require-Preflight", "1"}
			r := h.get(url.Values{"query": {`query Q($n: Int) { number(value: $n) }`}, "variables": {`{"n":5}`}}.Encode(), header...)
			if r.status != http.StatusOK || r.header.Get("Content-Type") != accept+utf8 || !strings.Contains(r.raw, `"number":5`) {
				t.Errorf("%s: %d %s", accept, r.status, r.raw)
			}
			if r := h.get("query=mutation{__typename}", header...); r.status != http.StatusMethodNotAllowed {
				t.Errorf("%s: mutation: %d", accept, r.status)
			}
			want := map[string]int{mediaJSON: 200, mediaGraphQL: 400}[accept]
			if r := h.get("query={nothing}", header...); r.status != want {
				t.Errorf("%s: validation: %d, want %d", accept, r.status, want)
			}
		}
	})
}
