package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/cleargrid/cleargrid/graph/limits"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// maxMessage, in bytes, keeps an error that quotes the request short.
const maxMessage = 300

var (
	textSyntax   = fault.T("GraphQL 文档有语法错误。", "The GraphQL document has a syntax error.")
	textMismatch = fault.T("请求与接口定义不符，请对照已发布的接口定义检查。", "The request does not fit the schema. Check it against the published schema.")
	textValue    = fault.T("此项的值无效。", "This value is not valid.")
	textRequired = fault.T("缺少必填项。", "A required value is missing.")
	textUnknown  = fault.T("此项不存在。", "There is no such input.")
)

// presenter decides what a client may read of an error. It is the one place
// where an error becomes part of an answer.
type presenter struct {
	log zerolog.Logger
	// most is how many errors an answer holds.
	most int
	// introspect reports whether the caller may read the schema, and so the
	// library's own messages, which quote it.
	introspect func(context.Context) bool
}

type presenterKey struct{}

// presenterOf gives the presenter of the server that runs the operation, nil
// outside of one.
func presenterOf(ctx context.Context) *presenter {
	p, _ := ctx.Value(presenterKey{}).(*presenter)
	return p
}

// missingIsNull makes NOT_FOUND null where something is asked for by its id: what does
// not exist and what is out of sight are alike, and no error for who looks. Commands
// and subscriptions keep the error.
func missingIsNull(ctx context.Context, next graphql.Resolver) (any, error) {
	answer, err := next(ctx)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return answer, err
	}
	at := graphql.GetFieldContext(ctx)
	byID := slices.ContainsFunc(at.Field.Definition.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.Name() == "ID" })
	if at.Object == "Query" || byID && at.Object != "Mutation" && at.Object != "Subscription" {
		return nil, nil //nolint:nilnil // null is the answer
	}
	return nil, err
}

// present is the error presenter of the server. It answers nil, which drops the
// error, when the answer holds enough of them.
func (p *presenter) present(ctx context.Context, err error) *gqlerror.Error {
	at, _ := errors.AsType[*gqlerror.Error](err)
	f := p.classify(ctx, err, at)

	rec := transport.OperationOf(ctx)
	if !rec.Admit(f.Kind, p.most) {
		return nil
	}
	p.logCause(ctx, f, rec)

	out := transport.ErrorOf(f, rec.Language)
	out.Path = fieldPath(ctx, at)
	if at != nil {
		out.Locations = at.Locations
	}
	return out
}

// classify turns any error into a fault. at is err as gqlgen placed it.
func (p *presenter) classify(ctx context.Context, err error, at *gqlerror.Error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return placed(f, inputPath(ctx, at))
	}
	if at != nil {
		switch at.Extensions["code"] {
		case errcode.ParseFailed:
			return p.syntax(ctx, at)
		case errcode.ValidationFailed:
			return p.validation(ctx, at)
		}
	}
	if path := inputPath(ctx, at); path != "" && ctx.Err() == nil {
		text := textValue
		if !p.masked(ctx) {
			text = quoted(text, cmp.Or(at.Err, error(at)).Error())
		}
		return fault.Bad(path, "invalid", text)
	}

	// A statement that the deadline cut short fails with the driver's error.
	f := fault.Of(err)
	if f.Kind == fault.Internal && ctx.Err() != nil {
		return fault.Of(ctx.Err()).Because(err)
	}
	return f
}

// masked reports whether the caller may not learn the schema from messages.
func (p *presenter) masked(ctx context.Context) bool { return !p.introspect(ctx) }

func (p *presenter) syntax(ctx context.Context, at *gqlerror.Error) *fault.Error {
	text := textSyntax
	if !p.masked(ctx) {
		text = quoted(text, at.Message)
	}
	return fault.Bad("query", "syntax", text)
}

// validation is a refusal of gqlparser: of the document, or of one variable.
func (p *presenter) validation(ctx context.Context, at *gqlerror.Error) *fault.Error {
	if len(at.Path) > 1 && at.Path[0] == ast.PathName("variable") {
		return p.variable(ctx, at)
	}
	text := textMismatch
	if !p.masked(ctx) {
		text = quoted(text, at.Message)
	}
	return fault.New(fault.BadUserInput, "query.invalid", text)
}

// variable is a value that does not fit the type of its variable. To a caller
// who may not read the schema it names only what the caller wrote, not the
// field that is missing.
func (p *presenter) variable(ctx context.Context, at *gqlerror.Error) *fault.Error {
	path := at.Path[1:]
	if p.masked(ctx) {
		path = written(path, transport.OperationOf(ctx).Variables)
	}
	reason, text := "invalid", textValue
	switch at.Message {
	case "must be defined":
		reason, text = "required", textRequired
	case "cannot be null":
		reason, text = "null", limits.TextNull
	case "unknown field":
		reason, text = "unknown", textUnknown
	}
	return fault.Bad(pathText(path), reason, text)
}

// written is the part of a path that exists in the value a client sent. The
// variable itself always counts: the client's own document declares it.
func written(path ast.Path, variables map[string]any) ast.Path {
	var at any = variables
	for i, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			fields, _ := at.(map[string]any)
			v, ok := fields[string(step)]
			if !ok && i > 0 {
				return path[:i]
			}
			at = v
		case ast.PathIndex:
			items, ok := at.([]any)
			if !ok { // a single value that stands for a list of one
				continue
			}
			if int(step) >= len(items) {
				return path[:i]
			}
			at = items[step]
		}
	}
	return path
}

// quoted adds the library's own words, for those who may read them.
func quoted(t fault.Text, detail string) fault.Text {
	if len(detail) > maxMessage {
		cut := maxMessage
		for !utf8.RuneStart(detail[cut]) {
			cut--
		}
		detail = detail[:cut] + "…"
	}
	return fault.T(t.ZH+" "+detail, t.EN+" "+detail)
}

// inputPath is the place inside a field's arguments that an error is about, ""
// when it is about the field itself. gqlgen appends it to the field's path.
func inputPath(ctx context.Context, at *gqlerror.Error) string {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || at == nil {
		return ""
	}
	return pathText(at.Path[min(len(fc.Path()), len(at.Path)):])
}

// fieldPath is the response path of an error, without the arguments, and nil
// for an error of the request as a whole.
func fieldPath(ctx context.Context, at *gqlerror.Error) ast.Path {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || at == nil {
		return nil
	}
	return at.Path[:min(len(at.Path), len(fc.Path()))]
}

// pathText writes a path as faults do: "input.findings[3].note".
func pathText(path ast.Path) string {
	var b strings.Builder
	for i, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(string(step))
		case ast.PathIndex:
			b.WriteString("[" + strconv.Itoa(int(step)) + "]")
		}
	}
	return b.String()
}

// placed fills the path into a fault that did not know it: a scalar reads its
// value without being told where it stands.
func placed(f *fault.Error, path string) *fault.Error {
	if path == "" || len(f.Fields) != 1 || f.Fields[0].Path != "" {
		return f
	}
	c := *f
	c.Fields = []fault.Field{f.Fields[0]}
	c.Fields[0].Path = path
	return &c
}

// logCause writes what the client does not get to see, for the failures that
// are ours: INTERNAL, and UNAVAILABLE unless the caller went away.
func (p *presenter) logCause(ctx context.Context, f *fault.Error, rec *transport.Operation) {
	if f.Cause == nil || errors.Is(f.Cause, context.Canceled) {
		return
	}
	level := zerolog.ErrorLevel
	switch f.Kind {
	case fault.Internal:
	case fault.Unavailable:
		level = zerolog.WarnLevel
	default:
		return
	}
	e := p.log.WithLevel(level).Err(f.Cause).Str("operation", rec.Name()).Str("code", string(f.Kind)).Str("reason", f.Code)
	if fc := graphql.GetFieldContext(ctx); fc != nil && fc.Field.Field != nil {
		e = e.Str("field", fc.Object+"."+fc.Field.Name)
	}
	e.Msg("graphql failure")
}

var errPanic = fault.New(fault.Internal, "panic",
	fault.T("服务器内部错误，已记录。", "Something went wrong on the server. It has been logged."))

// recovered is the recover function of the server: the stack goes to the log,
// the client gets INTERNAL.
func (p *presenter) recovered(ctx context.Context, v any) error {
	p.log.Error().Str("operation", transport.OperationOf(ctx).Name()).
		Str("panic", fmt.Sprint(v)).Bytes("stack", debug.Stack()).Msg("graphql panic")
	return errPanic
}
