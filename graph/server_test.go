package graph

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/fault"
)

//go:embed testdata/edge.graphqls
var edgeSDL string

var edge = gqlparser.MustLoadSchema(&ast.Source{Name: "edge.graphqls", Input: edgeSDL})

// edgeSchema executes the test schema as gqlgen's generated code would: the
// same contexts, paths and error calls, by interpretation.
type edgeSchema struct {
	schema    *ast.Schema
	resolvers map[string]func(ctx context.Context, args map[string]any) (any, error)
}

func (e *edgeSchema) Schema() *ast.Schema { return e.schema }

func (e *edgeSchema) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (e *edgeSchema) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	root := e.schema.Query
	if oc.Operation.Operation == ast.Mutation {
		root = e.schema.Mutation
	}
	return func(ctx context.Context) *graphql.Response {
		var b bytes.Buffer
		e.object(ctx, root, oc.Operation.SelectionSet, nil).MarshalGQL(&b)
		return &graphql.Response{Data: b.Bytes()}
	}
}

func (e *edgeSchema) object(ctx context.Context, def *ast.Definition, set ast.SelectionSet, self map[string]any) graphql.Marshaler {
	fields := graphql.CollectFields(graphql.GetOperationContext(ctx), set, append([]string{def.Name}, def.Interfaces...))
	out := graphql.NewFieldSet(fields)
	missing := false
	for i, f := range fields {
		out.Values[i] = e.field(ctx, def, f, self)
		missing = missing || f.Definition.Type.NonNull && out.Values[i] == graphql.Null
	}
	out.Dispatch(ctx)
	if missing {
		return graphql.Null
	}
	return out
}

func (e *edgeSchema) field(ctx context.Context, def *ast.Definition, f graphql.CollectedField, self map[string]any) graphql.Marshaler {
	oc := graphql.GetOperationContext(ctx)
	typ := f.Definition.Type
	return graphql.ResolveField(ctx, oc, f,
		func(ctx context.Context, f graphql.CollectedField) (*graphql.FieldContext, error) {
			return e.fieldContext(ctx, def, f)
		},
		func(ctx context.Context) (any, error) {
			if f.Name == "__typename" {
				return def.Name, nil
			}
			if r := e.resolvers[def.Name+"."+f.Name]; r != nil {
				return r(ctx, graphql.GetFieldContext(ctx).Args)
			}
			return self[f.Name], nil
		},
		nil,
		func(ctx context.Context, set ast.SelectionSet, v any) graphql.Marshaler {
			return e.marshal(ctx, typ, set, v)
		},
		true, typ.NonNull)
}

// fieldContext follows the template of generated code, its recover included.
func (e *edgeSchema) fieldContext(ctx context.Context, def *ast.Definition, f graphql.CollectedField) (fc *graphql.FieldContext, err error) {
	oc := graphql.GetOperationContext(ctx)
	fc = &graphql.FieldContext{Object: def.Name, Field: f, IsResolver: true, Args: map[string]any{}}
	defer func() {
		if r := recover(); r != nil {
			err = oc.Recover(ctx, r)
			oc.Error(ctx, err)
		}
	}()
	ctx = graphql.WithFieldContext(ctx, fc)
	raw := f.ArgumentMap(oc.Variables)
	for _, a := range f.Definition.Arguments {
		fc.Args[a.Name], err = graphql.ProcessArgField(ctx, raw, a.Name, func(ctx context.Context, v any) (any, error) {
			return e.unmarshal(ctx, a.Type, v)
		})
		if err != nil {
			oc.Error(ctx, err)
			return fc, err
		}
	}
	return fc, nil
}

func (e *edgeSchema) unmarshal(ctx context.Context, typ *ast.Type, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	if typ.Elem != nil {
		items, ok := v.([]any)
		if !ok {
			items = []any{v}
		}
		out := make([]any, len(items))
		for i, item := range items {
			var err error
			if out[i], err = e.unmarshal(graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i)), typ.Elem, item); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if def := e.schema.Types[typ.Name()]; def.Kind == ast.InputObject {
		out := map[string]any{}
		for _, f := range def.Fields {
			in, ok := v.(map[string]any)[f.Name]
			if !ok {
				continue
			}
			var err error
			if out[f.Name], err = e.unmarshal(graphql.WithPathContext(ctx, graphql.NewPathWithField(f.Name)), f.Type, in); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	out, err := unmarshalLeaf(typ.Name(), v)
	return out, graphql.ErrorOnPath(ctx, err)
}

func unmarshalLeaf(name string, v any) (any, error) {
	switch name {
	case "DateTime":
		return model.UnmarshalDateTime(v)
	case "Int64":
		return model.UnmarshalInt64(v)
	case "Sha256":
		return model.UnmarshalSha256(v)
	case "Upload":
		return model.UnmarshalUpload(v)
	case "Int":
		return graphql.UnmarshalInt32(v)
	case "Float":
		return graphql.UnmarshalFloat(v)
	case "Grade":
		if v == "MAJOR" {
			return nil, errors.New("MAJOR is not a valid Grade today")
		}
	}
	return graphql.UnmarshalString(v)
}

func (e *edgeSchema) marshal(ctx context.Context, typ *ast.Type, set ast.SelectionSet, v any) graphql.Marshaler {
	if typ.Elem != nil {
		var array graphql.Array
		for i, item := range v.([]any) {
			ctx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i, Result: item})
			array = append(array, e.marshal(ctx, typ.Elem, set, item))
		}
		return array
	}
	def := e.schema.Types[typ.Name()]
	if self, ok := v.(map[string]any); ok {
		if name, ok := self["__typename"].(string); ok {
			def = e.schema.Types[name]
		}
		return e.object(ctx, def, set, self)
	}
	if t, ok := v.(time.Time); ok {
		return model.MarshalDateTime(t)
	}
	if text, ok := v.(string); ok {
		return graphql.MarshalString(text)
	}
	return graphql.MarshalAny(v)
}

// hazardRows are n nodes of a connection.
func hazardRows(n int) map[string]any {
	edges := make([]any, n)
	for i := range n {
		edges[i] = map[string]any{"cursor": fmt.Sprint(i), "node": map[string]any{"id": fmt.Sprintf("hazard_%d", i), "photos": []any{"a"}, "plans": []any{}}}
	}
	return map[string]any{"edges": edges, "pageInfo": map[string]any{"hasNextPage": false}}
}

var errStale = fault.New(fault.Conflict, "hazard.stale", fault.T("记录已被他人修改。", "Somebody changed the record.")).
	With("version", 7).With("code", "FORGED")

// edgeResolvers fail on demand in every way that a resolver can.
func edgeResolvers() map[string]func(context.Context, map[string]any) (any, error) {
	return map[string]func(context.Context, map[string]any) (any, error){
		"Query.hello": func(_ context.Context, args map[string]any) (any, error) {
			if args["name"] != nil {
				return "hello " + args["name"].(string), nil
			}
			return "hello", nil
		},
		"Query.at":      func(_ context.Context, args map[string]any) (any, error) { return args["instant"], nil },
		"Query.number":  func(_ context.Context, args map[string]any) (any, error) { return args["value"], nil },
		"Query.hazards": func(context.Context, map[string]any) (any, error) { return hazardRows(2), nil },
		"Query.schools": func(context.Context, map[string]any) (any, error) {
			return map[string]any{"nodes": []any{}}, nil
		},
		"Query.__schema": func(ctx context.Context, _ map[string]any) (any, error) {
			if graphql.GetOperationContext(ctx).DisableIntrospection {
				return nil, errors.New("introspection disabled")
			}
			return map[string]any{"queryType": map[string]any{"name": "Query"}, "types": []any{}}, nil
		},
		"Query.failEach": func(context.Context, map[string]any) (any, error) {
			return slices.Repeat([]any{map[string]any{}}, 100), nil
		},
		"Plan.text": func(context.Context, map[string]any) (any, error) {
			return nil, errors.New("dial tcp 10.1.2.3:5432: refused")
		},
		"Mutation.report": func(_ context.Context, args map[string]any) (any, error) {
			return args["input"].(map[string]any)["id"], nil
		},
		"Query.fail": func(ctx context.Context, args map[string]any) (any, error) {
			switch how := args["how"].(string); how {
			case "fault":
				return nil, fmt.Errorf("listing: %w", errStale)
			case "input":
				var in fault.Input
				in.Add("input.deadlineOn", "in_past", fault.T("期限已过。", "The deadline is in the past."))
				in.Add("input.measures", "required", fault.T("缺少防护措施。", "Protective measures are missing."))
				return nil, in.Err()
			case "panic":
				panic("index out of range in SELECT secret FROM hazard")
			case "deadline":
				<-ctx.Done()
				return nil, ctx.Err()
			case "driver":
				<-ctx.Done()
				return nil, errors.New("pq: canceling statement due to user request")
			case "unmarshalable":
				return nil, errStale.With("bad", func() {})
			default:
				return nil, errors.New(`pq: column "secret_column" does not exist`)
			}
		},
	}
}

// harness is a server over the test schema, with its log.
type harness struct {
	t   *testing.T
	h   http.Handler
	log *bytes.Buffer
}

func newHarness(t *testing.T, o Options) *harness {
	t.Helper()
	return newHarnessOf(t, &edgeSchema{schema: edge, resolvers: edgeResolvers()}, o)
}

// newHarnessOf is a server over any schema.
func newHarnessOf(t *testing.T, schema graphql.ExecutableSchema, o Options) *harness {
	t.Helper()
	var log bytes.Buffer
	o.Log = zerolog.New(&log)
	return &harness{t: t, log: &log, h: NewServer(schema, o)}
}

// reply is an answer, read back.
type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
	errs   []replyError
}

type replyError struct {
	Message   string
	Path      []any
	Locations []any
	Extension struct {
		Code, Reason string
		Retryable    bool
		Fields       []struct{ Path, Reason, Message string }
		Version      int
		Limit        string
	} `json:"extensions"`
}

func (h *harness) do(r *http.Request) reply {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	out := reply{status: w.Code, header: w.Header(), raw: w.Body.String()}
	var errs struct{ Errors []replyError }
	for _, into := range []any{&out.body, &errs} {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			h.t.Fatalf("the answer is not JSON: %v\n%.300s", err, out.raw)
		}
	}
	out.errs = errs.Errors
	return out
}

func (h *harness) post(body string) reply {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return h.do(r)
}

func (h *harness) query(query string, variables ...map[string]any) reply {
	h.t.Helper()
	request := map[string]any{"query": query}
	if len(variables) > 0 {
		request["variables"] = variables[0]
	}
	body, err := json.Marshal(request)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.post(string(body))
}

// refused asserts one error of a kind, and no data.
func (h *harness) refused(r reply, kind fault.Kind) replyError {
	h.t.Helper()
	if _, data := r.body["data"]; data {
		h.t.Errorf("a request error has data: %.300s", r.raw)
	}
	return h.failed(r, kind)
}

// failed asserts that the first error is of a kind.
func (h *harness) failed(r reply, kind fault.Kind) replyError {
	h.t.Helper()
	if len(r.errs) == 0 {
		h.t.Fatalf("no error, want %s: %.300s", kind, r.raw)
	}
	if got := r.errs[0].Extension.Code; got != string(kind) {
		h.t.Errorf("code %s, want %s: %.300s", got, kind, r.raw)
	}
	return r.errs[0]
}

// lines are the log's entries with this message.
func (h *harness) lines(message string) []map[string]any {
	h.t.Helper()
	var out []map[string]any
	for line := range strings.Lines(h.log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			h.t.Fatal(err)
		}
		if entry["message"] == message {
			out = append(out, entry)
		}
	}
	return out
}

func asAdmin(context.Context) bool { return true }

func TestAnswersQueryAndMutation(t *testing.T) {
	h := newHarness(t, Options{})
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
				r := h.query(tt.query)
				if got := strings.TrimSpace(r.raw); got != tt.want || r.status != http.StatusOK {
					t.Errorf("%d %s, want %s", r.status, got, tt.want)
				}
			}
		})
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	h := newHarness(t, Options{})
	replies := map[string]reply{
		"data":       h.query(`{ hello }`),
		"validation": h.query(`{ nothing }`),
		"not JSON":   h.post(`{`),
		"method":     h.do(httptest.NewRequest(http.MethodPut, "/graphql", nil)),
		"preflight":  h.do(httptest.NewRequest(http.MethodGet, "/graphql?query={hello}", nil)),
	}
	for name, r := range replies {
		if r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", name, r.header)
		}
		if r.header.Get("Content-Length") != fmt.Sprint(len(r.raw)) {
			t.Errorf("%s: Content-Length %s of %d bytes", name, r.header.Get("Content-Length"), len(r.raw))
		}
	}
}

func TestOperationLine(t *testing.T) {
	type counter struct{}
	options := Options{
		ViewerID:     func(context.Context) string { return "user_7" },
		WithSQLCount: func(ctx context.Context) context.Context { return context.WithValue(ctx, counter{}, new(atomic.Int64)) },
		SQLCount: func(ctx context.Context) int {
			return int(ctx.Value(counter{}).(*atomic.Int64).Add(3))
		},
	}
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
			h := newHarness(t, options)
			h.post(tt.body)
			lines := h.lines("graphql")
			if len(lines) != 1 {
				t.Fatalf("%d lines, want 1: %s", len(lines), h.log)
			}
			l := lines[0]
			if l["operation"] != tt.operation || l["kind"] != tt.kind || l["viewer"] != "user_7" || l["sql"] != 3.0 || fmt.Sprint(l["codes"]) != tt.codes {
				t.Errorf("line %v", l)
			}
			if _, ok := l["took"].(float64); !ok {
				t.Errorf("no duration: %v", l)
			}
			for _, word := range tt.hidden {
				if strings.Contains(h.log.String(), word) {
					t.Errorf("the log holds %q: %s", word, h.log)
				}
			}
		})
	}
}

func TestIntrospection(t *testing.T) {
	const query = `{ __schema { queryType { name } } }`
	tests := map[string]struct {
		options Options
		allowed bool
	}{
		"development":      {Options{}, true},
		"production":       {Options{Production: true}, false},
		"production admin": {Options{Production: true, IsAdmin: asAdmin}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, tt.options)
			for _, q := range []string{query, `{ ...S } fragment S on Query { s: __schema { queryType { name } } }`} {
				r := h.query(q)
				if tt.allowed {
					if len(r.errs) > 0 || !strings.Contains(r.raw, `"name":"Query"`) {
						t.Errorf("refused: %s", r.raw)
					}
					continue
				}
				h.refused(r, fault.Forbidden)
			}
			if r := h.query(`{ __typename }`); len(r.errs) > 0 {
				t.Errorf("__typename refused: %s", r.raw)
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	for _, how := range []string{"deadline", "driver"} {
		t.Run(how, func(t *testing.T) {
			h := newHarness(t, Options{Traffic: Traffic{Deadline: time.Millisecond}})
			r := h.query(`query($how: String!) { hello fail(how: $how) }`, map[string]any{"how": how})
			e := h.failed(r, fault.Unavailable)
			if !e.Extension.Retryable || fmt.Sprint(e.Path) != "[fail]" || r.body["data"] == nil {
				t.Errorf("answer %s", r.raw)
			}
			if strings.Contains(r.raw, "pq:") {
				t.Errorf("driver's text leaves: %s", r.raw)
			}
		})
	}
	t.Run("before execution", func(t *testing.T) {
		slow := func(ctx context.Context) bool { <-ctx.Done(); return true }
		h := newHarness(t, Options{Production: true, IsAdmin: slow, Traffic: Traffic{Deadline: time.Millisecond}})
		r := h.query(`{ hello }`)
		if e := h.failed(r, fault.Unavailable); !e.Extension.Retryable {
			t.Errorf("answer %s", r.raw)
		}
	})
	t.Run("caller gone", func(t *testing.T) {
		h := newHarness(t, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(`{"query":"{hello}"}`))
		r.Header.Set("Content-Type", "application/json")
		h.failed(h.do(r), fault.Unavailable)
		if lines := h.lines("graphql failure"); len(lines) > 0 {
			t.Errorf("logged as ours: %v", lines)
		}
	})
}

func TestRefuse(t *testing.T) {
	stale := fault.New(fault.Unauthenticated, "session.stale", fault.T("登录已过期。", "Your session has ended."))
	tests := map[string]struct {
		accept, language string
		err              error
		message          string
		kind             fault.Kind
		media            string
	}{
		"english":      {"", "", stale, "Your session has ended.", fault.Unauthenticated, mediaJSON},
		"chinese":      {"", "zh-CN,zh;q=0.9,en;q=0.8", stale, "登录已过期。", fault.Unauthenticated, mediaJSON},
		"newer type":   {mediaGraphQL, "", stale, "Your session has ended.", fault.Unauthenticated, mediaGraphQL},
		"unacceptable": {"text/html", "", stale, "Your session has ended.", fault.Unauthenticated, mediaJSON},
		"other error":  {"", "", errors.New("sql: secret"), "Something went wrong on the server. It has been logged.", fault.Internal, mediaJSON},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			r.Header.Set("Accept", tt.accept)
			r.Header.Set("Accept-Language", tt.language)
			h := &harness{t: t, h: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				Refuse(w, r, http.StatusUnauthorized, tt.err)
			})}
			got := h.do(r)
			if e := h.refused(got, tt.kind); e.Message != tt.message {
				t.Errorf("message %q, want %q", e.Message, tt.message)
			}
			if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%d %v", got.status, got.header)
			}
			if media := got.header.Get("Content-Type"); media != tt.media+"; charset=utf-8" {
				t.Errorf("media type %s", media)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	tests := map[string]string{
		"":                        "en",
		"zh":                      "zh",
		"zh-CN":                   "zh",
		"zh-Hans-CN, en;q=0.5":    "zh",
		"en, zh":                  "en",
		"en;q=0.5, zh;q=0.8":      "zh",
		"fr, zh;q=0.3":            "zh",
		"fr":                      "en",
		"zh;q=0":                  "en",
		"zh;q=NaN":                "en",
		"zh;q=7, en;q=0.1":        "en",
		"\x00;;;q=,zh;q=0.2,*":    "zh",
		"ZH-tw;q=0.9,en-GB;q=0.8": "zh",
	}
	for header, want := range tests {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", header)
		if got := Language(r); got != want {
			t.Errorf("Language(%q) = %s, want %s", header, got, want)
		}
	}
}
