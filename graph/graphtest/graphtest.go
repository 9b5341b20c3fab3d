// Package graphtest is a GraphQL server over a small schema of its own, for the
// tests of the edge that need no use case: package graph, its transports and its
// limits. Nothing else imports it.
package graphtest

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
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/internal/fault"
)

//go:embed edge.graphqls
var sdl string

// Schema is the schema of edge.graphqls.
var Schema = gqlparser.MustLoadSchema(&ast.Source{Name: "edge.graphqls", Input: sdl})

// Executable executes the test schema as gqlgen's generated code would: the
// same contexts, paths and error calls, by interpretation.
type Executable struct {
	// Resolvers answer fields by "Type.field"; the others are read from their object.
	Resolvers map[string]func(ctx context.Context, args map[string]any) (any, error)
}

// Schema implements graphql.ExecutableSchema.
func (e *Executable) Schema() *ast.Schema { return Schema }

// Complexity implements graphql.ExecutableSchema.
func (e *Executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec implements graphql.ExecutableSchema.
func (e *Executable) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	root := Schema.Query
	if oc.Operation.Operation == ast.Mutation {
		root = Schema.Mutation
	}
	return func(ctx context.Context) *graphql.Response {
		var b bytes.Buffer
		e.object(ctx, root, oc.Operation.SelectionSet, nil).MarshalGQL(&b)
		return &graphql.Response{Data: b.Bytes()}
	}
}

func (e *Executable) object(ctx context.Context, def *ast.Definition, set ast.SelectionSet, self map[string]any) graphql.Marshaler {
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

func (e *Executable) field(ctx context.Context, def *ast.Definition, f graphql.CollectedField, self map[string]any) graphql.Marshaler {
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
			if r := e.Resolvers[def.Name+"."+f.Name]; r != nil {
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
func (e *Executable) fieldContext(ctx context.Context, def *ast.Definition, f graphql.CollectedField) (fc *graphql.FieldContext, err error) {
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

func (e *Executable) unmarshal(ctx context.Context, typ *ast.Type, v any) (any, error) {
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
	if def := Schema.Types[typ.Name()]; def.Kind == ast.InputObject {
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

func (e *Executable) marshal(ctx context.Context, typ *ast.Type, set ast.SelectionSet, v any) graphql.Marshaler {
	if typ.Elem != nil {
		var array graphql.Array
		for i, item := range v.([]any) {
			ctx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i, Result: item})
			array = append(array, e.marshal(ctx, typ.Elem, set, item))
		}
		return array
	}
	def := Schema.Types[typ.Name()]
	if self, ok := v.(map[string]any); ok {
		if name, ok := self["__typename"].(string); ok {
			def = Schema.Types[name]
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

// resolvers fail on demand in every way that a resolver can.
func resolvers() map[string]func(context.Context, map[string]any) (any, error) {
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
				return nil, fmt.Errorf("oversight order: %w", errStale)
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

// Harness is a server over the test schema, with its log.
type Harness struct {
	http.Handler
	// Log holds the lines of the log.
	Log *bytes.Buffer
	t   *testing.T
}

// New is a server over the test schema, with resolvers for all that it has.
func New(t *testing.T, o graph.Options) *Harness {
	t.Helper()
	return NewOf(t, &Executable{Resolvers: resolvers()}, o)
}

// NewOf is a server over any schema.
func NewOf(t *testing.T, schema graphql.ExecutableSchema, o graph.Options) *Harness {
	t.Helper()
	var log bytes.Buffer
	o.Transport.Log = zerolog.New(&log)
	return &Harness{t: t, Log: &log, Handler: graph.NewServer(schema, o)}
}

// Over sends requests to any handler that answers as GraphQL does. It has no log.
func Over(t *testing.T, h http.Handler) *Harness { return &Harness{t: t, Handler: h} }

// Reply is an answer, read back.
type Reply struct {
	Status int
	Header http.Header
	Raw    string
	Body   map[string]any
	Errs   []ReplyError
}

// ReplyError is one of its errors.
type ReplyError struct {
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

// Do sends a request.
func (h *Harness) Do(r *http.Request) Reply {
	h.t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	out := Reply{Status: w.Code, Header: w.Header(), Raw: w.Body.String()}
	var errs struct{ Errors []ReplyError }
	for _, into := range []any{&out.Body, &errs} {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			h.t.Fatalf("the answer is not JSON: %v\n%.300s", err, out.Raw)
		}
	}
	out.Errs = errs.Errors
	return out
}

// Post sends a body of JSON.
func (h *Harness) Post(body string) Reply {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return h.Do(r)
}

// Query sends a document with its variables.
func (h *Harness) Query(query string, variables ...map[string]any) Reply {
	h.t.Helper()
	request := map[string]any{"query": query}
	if len(variables) > 0 {
		request["variables"] = variables[0]
	}
	body, err := json.Marshal(request)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.Post(string(body))
}

// Refused asserts one error of a kind, and no data.
func (h *Harness) Refused(r Reply, kind fault.Kind) ReplyError {
	h.t.Helper()
	if _, data := r.Body["data"]; data {
		h.t.Errorf("a request error has data: %.300s", r.Raw)
	}
	return h.Failed(r, kind)
}

// Failed asserts that the first error is of a kind.
func (h *Harness) Failed(r Reply, kind fault.Kind) ReplyError {
	h.t.Helper()
	if len(r.Errs) == 0 {
		h.t.Fatalf("no error, want %s: %.300s", kind, r.Raw)
	}
	if got := r.Errs[0].Extension.Code; got != string(kind) {
		h.t.Errorf("code %s, want %s: %.300s", got, kind, r.Raw)
	}
	return r.Errs[0]
}

// Lines are the log's entries with this message.
func (h *Harness) Lines(message string) []map[string]any {
	h.t.Helper()
	var out []map[string]any
	for line := range strings.Lines(h.Log.String()) {
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
