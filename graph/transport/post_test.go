package transport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

func TestStrictBody(t *testing.T) {
	deep := func(n int) string {
		return `{"query":"{hello}","variables":{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}`
	}
	tests := map[string]struct{ body, reason string }{
		"empty":                  {``, "request.not_json"},
		"not JSON":               {`SECRET`, "request.not_json"},
		"cut off":                {`{"query":"{hello}"`, "request.not_json"},
		"text":                   {`"{hello}"`, "request.not_json"},
		"null":                   {`null`, "request.not_json"},
		"batch":                  {`[{"query":"{hello}"}]`, "request.batch"},
		"empty batch":            {`[]`, "request.batch"},
		"second object":          {`{"query":"{hello}"}{"query":"{hello}"}`, "request.not_json"},
		"trailing SECRET":        {`{"query":"{hello}"} SECRET`, "request.not_json"},
		"trailing bracket":       {`{"query":"{hello}"}]`, "request.not_json"},
		"trailing comma":         {`{"query":"{hello}",}`, "request.not_json"},
		"comma in a list":        {`{"query":"{hello}","variables":{"a":[1,]}}`, "request.not_json"},
		"wrong end":              {`{"query":"{hello}","variables":{"a":[1}}`, "request.not_json"},
		"number with zero":       {`{"query":"{hello}","variables":{"a":01}}`, "request.not_json"},
		"byte order mark":        {"\ufeff" + `{"query":"{hello}"}`, "request.not_json"},
		"not UTF-8":              {"{\"query\":\"{hello}\",\"variables\":{\"a\":\"\xff\"}}", "request.not_json"},
		"query twice":            {`{"query":"{SECRET}","query":"{hello}"}`, "request.duplicate_key"},
		"query twice, escaped":   {`{"query":"{SECRET}","qu\u0065ry":"{hello}"}`, "request.duplicate_key"},
		"variable twice":         {`{"query":"{hello}","variables":{"a":{"b":1,"b":2}}}`, "request.duplicate_key"},
		"other case":             {`{"Query":"{hello}"}`, "request.unknown_key"},
		"unknown key":            {`{"query":"{hello}","SECRET":1}`, "request.unknown_key"},
		"no query":               {`{}`, "input.required"},
		"null query":             {`{"query":null}`, "input.type"},
		"empty query":            {`{"query":""}`, "input.required"},
		"only a hash":            {`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"SECRET"}}}`, "input.required"},
		"query of other type":    {`{"query":["SECRET"]}`, "input.type"},
		"name of other type":     {`{"query":"{hello}","operationName":1}`, "input.type"},
		"variables as text":      {`{"query":"{hello}","variables":"SECRET"}`, "input.type"},
		"variables as list":      {`{"query":"{hello}","variables":[]}`, "input.type"},
		"extensions as number":   {`{"query":"{hello}","extensions":0}`, "input.type"},
		"nested 63 levels":       {deep(63), "request.too_nested"},
		"nested 100,000 levels":  {deep(100_000), "request.too_nested"},
		"open brackets, no end":  {strings.Repeat("[", 200_000), "request.too_nested"},
		"open objects, no end":   {strings.Repeat(`{"a":`, 40_000), "request.too_nested"},
		"lone closing delimiter": {`}`, "request.not_json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, graph.Options{})
			r := h.Post(tt.body)
			if e := h.Refused(r, fault.BadUserInput); e.Extension.Reason != tt.reason || r.Status != http.StatusBadRequest {
				t.Errorf("%d %s, want 400 %s", r.Status, e.Extension.Reason, tt.reason)
			}
			if strings.Contains(r.Raw, "SECRET") || strings.Contains(h.Log.String(), "SECRET") {
				t.Errorf("the body is echoed: %s %s", r.Raw, h.Log)
			}
		})
	}
}

func TestLenientWhereTheSpecificationIs(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	for _, body := range []string{
		` {"query" : "{hello}"} ` + "\n",
		`{"query":"{hello}","operationName":null,"variables":null,"extensions":null}`,
		`{"query":"query A {hello}","operationName":"A","variables":{},"extensions":{"x":[{"y":1}]}}`,
		`{"query":"{hello}","operationName":""}`,
	} {
		if r := h.Post(body); r.Status != http.StatusOK || len(r.Errs) > 0 {
			t.Errorf("%s refused: %s", body, r.Raw)
		}
	}
}

func TestBodySize(t *testing.T) {
	const limit = 256 << 10
	body := func(n int) string {
		const start, end = `{"query":"{hello}","extensions":{"a":"`, `"}}`
		return start + strings.Repeat("x", n-len(start)-len(end)) + end
	}
	tests := map[string]struct {
		size    int
		chunked bool
		status  int
	}{
		"at the limit":           {limit, false, http.StatusOK},
		"at the limit, chunked":  {limit, true, http.StatusOK},
		"one over":               {limit + 1, false, http.StatusRequestEntityTooLarge},
		"one over, chunked":      {limit + 1, true, http.StatusRequestEntityTooLarge},
		"ten megabytes":          {10 << 20, false, http.StatusRequestEntityTooLarge},
		"ten megabytes, chunked": {10 << 20, true, http.StatusRequestEntityTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, graph.Options{})
			var text io.Reader = strings.NewReader(body(tt.size))
			count := &countingReader{r: text}
			r := httptest.NewRequest(http.MethodPost, "/graphql", count)
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength = int64(tt.size)
			if tt.chunked {
				r.ContentLength = -1
			}
			got := h.Do(r)
			if got.Status != tt.status {
				t.Errorf("status %d, want %d", got.Status, tt.status)
			}
			if tt.status != http.StatusOK {
				h.Refused(got, fault.PayloadTooLarge)
			}
			most := limit + 4096
			if tt.size > limit && !tt.chunked {
				most = 0 // the announced length is reason enough
			}
			if count.n > most {
				t.Errorf("%d bytes were read", count.n)
			}
		})
	}
}

// countingReader counts what the server took in.
type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestBrokenBody(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := httptest.NewRequest(http.MethodPost, "/graphql", iotest.ErrReader(errors.New("SECRET")))
	r.Header.Set("Content-Type", "application/json")
	got := h.Do(r)
	h.Refused(got, fault.BadUserInput)
	if got.Status != http.StatusBadRequest || strings.Contains(got.Raw, "SECRET") {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
}

func TestContentTypes(t *testing.T) {
	tests := map[string]struct {
		header http.Header
		status int
	}{
		"plain":              {http.Header{"Content-Type": {"application/json"}}, 200},
		"charset":            {http.Header{"Content-Type": {"Application/JSON; charset=UTF-8"}}, 200},
		"identity":           {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"identity"}}, 200},
		"other charset":      {http.Header{"Content-Type": {"application/json; charset=utf-16"}}, 415},
		"compressed":         {http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, 415},
		"none":               {http.Header{}, 415},
		"twice":              {http.Header{"Content-Type": {"application/json", "text/plain"}}, 415},
		"malformed":          {http.Header{"Content-Type": {"application/json; ="}}, 415},
		"text":               {http.Header{"Content-Type": {"text/plain"}}, 415},
		"text, with a name":  {http.Header{"Content-Type": {"text/plain; application/json"}}, 415},
		"form":               {http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, 415},
		"graphql":            {http.Header{"Content-Type": {"application/graphql"}}, 415},
		"the answer's type":  {http.Header{"Content-Type": {"application/graphql-response+json"}}, 415},
		"csrf header, text":  {http.Header{"Content-Type": {"text/plain"}, "X-Requested-With": {"x"}}, 415},
		"method by a header": {http.Header{"Content-Type": {"text/plain"}, "X-Http-Method-Override": {"GET"}}, 415},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := graphtest.New(t, graph.Options{})
			r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{hello}"}`))
			r.Header = tt.header
			got := h.Do(r)
			if got.Status != tt.status {
				t.Errorf("status %d, want %d", got.Status, tt.status)
			}
			if tt.status == http.StatusUnsupportedMediaType {
				h.Refused(got, fault.BadUserInput)
			}
		})
	}
}

func TestSubscriptionsAreRefused(t *testing.T) {
	h := graphtest.New(t, graph.Options{})
	r := h.Query(`subscription { ticks }`)
	if e := h.Refused(r, fault.BadUserInput); r.Status != http.StatusBadRequest || e.Extension.Reason != "query.subscription" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
}

// A text that a phone has cut in the middle of a character is read all the same, and
// a number stays as written.
func TestDecodedVariables(t *testing.T) {
	params, err := transport.DecodeRequest([]byte(`{"query":"a","variables":{"text":"x\ud83d","number":1.50,"none":[]}}`))
	want := map[string]any{"text": "x\ufffd", "number": json.Number("1.50"), "none": []any{}}
	if err != nil || !reflect.DeepEqual(params.Variables, want) {
		t.Errorf("%#v, %v; want %#v", params, err, want)
	}
}

// FuzzDecodeRequest holds the strict decoder against encoding/json: what it
// accepts is valid JSON that means the same, and it never panics or quotes.
func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{hello}"}`,
		`{"query":"{hello}","operationName":"A","variables":{"a":[1,2.5e3,{"b":null}],"c":"\u0041"},"extensions":{}}`,
		`{"query":"a","query":"b"}`, `{"Query":"a"}`, `[{"query":"a"}]`, `{"query":"a"}{}`, "\xff", `{"query":"\ud800"}`, `{"query":"a","variables":{"a":[[[[1]]]]}}`, `{`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		params, err := transport.DecodeRequest(body)
		if err != nil {
			if !fault.Is(err, fault.BadUserInput) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("accepted what is not JSON: %q", body)
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		dec.DisallowUnknownFields()
		var want graphql.RawParams
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if params.Query == "" || !reflect.DeepEqual(*params, want) {
			t.Fatalf("read %+v, want %+v", *params, want)
		}
	})
}
