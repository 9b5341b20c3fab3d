package transport_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
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
		{"accepts the newer type and answers with it", "application/graphql-response+json", ok, 200, "application/graphql-response+json", true},
		{"accepts the newer type with a charset", "application/graphql-response+json" + utf8, ok, 200, "application/graphql-response+json", true},
		{"accepts application/json and answers with it", "application/json", ok, 200, "application/json", true},
		{"takes */* for application/json", anything, ok, 200, "application/json", true},
		{"takes application/* for application/json", "application/*", ok, 200, "application/json", true},
		{"takes a missing accept for application/json", "", ok, 200, "application/json", true},
		{"prefers by weight", "application/json;q=0.5, " + "application/graphql-response+json", ok, 200, "application/graphql-response+json", true},
		{"prefers by weight, the other way", "application/json, " + "application/graphql-response+json" + ";q=0.9", ok, 200, "application/json", true},
		{"prefers the first of equals", "application/graphql-response+json" + ", " + "application/json", ok, 200, "application/graphql-response+json", true},
		{"prefers a named type to the range after it", "application/graphql-response+json" + ", */*", ok, 200, "application/graphql-response+json", true},
		{"heeds a weight of zero", "application/json;q=0, */*;q=0.1", ok, 200, "application/graphql-response+json", true},
		{"skips what it can't read", "application/json;q=NaN, ;;, " + "application/graphql-response+json", ok, 200, "application/graphql-response+json", true},
		{"refuses types that it does not have", "text/html, image/*", ok, 406, "application/json", false},
		{"refuses an event stream", "text/event-stream", ok, 406, "application/json", false},
		{"refuses weights of zero", "application/json;q=0", ok, 406, "application/json", false},
	}
	for _, accept := range []string{"application/json", "application/graphql-response+json"} {
		// A well-formed request that fails: 200 for the older type, 400 for the newer.
		failed := map[string]int{"application/json": 200, "application/graphql-response+json": 400}[accept]
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
			h := graphtest.New(t, graph.Options{})
			r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(it.body))
			r.Header.Set("Content-Type", "application/json"+utf8)
			if it.accept != "" {
				r.Header.Set("Accept", it.accept)
			}
			got := h.Do(r)
			if got.Status != it.status {
				t.Errorf("status %d, want %d: %s", got.Status, it.status, got.Raw)
			}
			if media := got.Header.Get("Content-Type"); media != it.media+utf8 {
				t.Errorf("media type %s, want %s", media, it.media)
			}
			if _, data := got.Body["data"]; data != it.data {
				t.Errorf("data %v, want %v: %s", data, it.data, got.Raw)
			}
			if _, errs := got.Body["errors"]; !errs && !it.data {
				t.Errorf("neither data nor errors: %s", got.Raw)
			}
		})
	}

	t.Run("GET", func(t *testing.T) {
		h := graphtest.New(t, graph.Options{})
		for _, accept := range []string{"application/json", "application/graphql-response+json"} {
			header := []string{"Accept", accept, "Graphql-Require-Preflight", "1"}
			r := get(h, url.Values{"query": {`query Q($n: Int) { number(value: $n) }`}, "variables": {`{"n":5}`}}.Encode(), header...)
			if r.Status != http.StatusOK || r.Header.Get("Content-Type") != accept+utf8 || !strings.Contains(r.Raw, `"number":5`) {
				t.Errorf("%s: %d %s", accept, r.Status, r.Raw)
			}
			if r := get(h, "query=mutation{__typename}", header...); r.Status != http.StatusMethodNotAllowed {
				t.Errorf("%s: mutation: %d", accept, r.Status)
			}
			want := map[string]int{"application/json": 200, "application/graphql-response+json": 400}[accept]
			if r := get(h, "query={nothing}", header...); r.Status != want {
				t.Errorf("%s: validation: %d, want %d", accept, r.Status, want)
			}
		}
	})
}
