package transport

import (
	"cmp"
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// perform runs one decoded request, answers it and writes its line of the log.
// file is what is still to come of the request, nil for nothing.
func (s *Server) perform(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams, file *incoming) {
	rec := &Operation{
		started:   graphql.Now(),
		Language:  s.languageOf(r),
		Variables: params.Variables,
		name:      params.OperationName,
	}
	deadline := s.limits.Deadline
	if file != nil {
		deadline += s.limits.FileDeadline
	}
	ctx, cancel := context.WithTimeout(s.options.WithSQLCount(r.Context()), deadline)
	defer cancel()
	ctx = s.options.Prepare(withOperation(ctx, rec))

	media, _ := negotiate(r)
	params.Headers = r.Header
	params.ReadTime = graphql.TraceTiming{Start: graphql.GetStartTime(ctx), End: rec.started}
	a := s.run(ctx, exec, params, requestOf{media: media, safe: r.Method == http.MethodGet})
	if file != nil {
		a.status = file.end(w, a)
	}

	s.logOperation(ctx, rec, a.status)
	a.omitted = rec.omitted
	if a.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	a.write(w, media)
}

// requestOf is what the execution must know of the HTTP request.
type requestOf struct {
	media string // of the answer
	safe  bool   // a GET: may change nothing
	live  bool   // a stream: carries subscriptions and nothing else
}

var (
	errSafeMethod = fault.New(fault.BadUserInput, "http.method",
		fault.T("GET 请求只能执行查询，请改用 POST。", "GET runs queries only. Use POST."))
	errRateLimit = fault.New(fault.RateLimited, "http.pace",
		fault.T("请求过于频繁，请稍后重试。", "Too many requests. Try again later."))
	errSubscription = fault.New(fault.BadUserInput, "query.subscription",
		fault.T("此接口不支持订阅。", "Subscriptions can't be run by this kind of request."))
	errNoSubscription = fault.New(fault.BadUserInput, "query.no_subscription",
		fault.T("此连接只用于订阅，查询和修改请使用 POST。", "This connection carries subscriptions only. Send queries and mutations by POST."))
	errNoAnswer = fault.New(fault.Internal, "no_answer",
		fault.T("服务器内部错误，已记录。", "Something went wrong on the server. It has been logged."))
)

// run takes a request through validation and execution. A failure before the
// execution is a request error: an answer without data.
func (s *Server) run(ctx context.Context, exec graphql.GraphExecutor, params *graphql.RawParams, req requestOf) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a = s.requestError(ctx, http.StatusInternalServerError, s.recover(ctx, v))
		}
	}()

	oc, errs := exec.CreateOperationContext(ctx, params)
	if oc.Operation != nil {
		rec := OperationOf(ctx)
		rec.name, rec.kind = oc.Operation.Name, string(oc.Operation.Operation)
	}
	if len(errs) > 0 {
		// The specification wants 200 here from a server that speaks the
		// older media type, and 400 with the newer one.
		status := http.StatusOK
		if req.media == mediaGraphQL {
			status = http.StatusBadRequest
		}
		return s.requestError(ctx, status, errs.Unwrap()...)
	}

	switch {
	case req.safe && oc.Operation.Operation != ast.Query:
		return s.requestError(ctx, http.StatusMethodNotAllowed, errSafeMethod)
	case oc.Operation.Operation == ast.Subscription && !req.live:
		return s.requestError(ctx, http.StatusBadRequest, errSubscription)
	case oc.Operation.Operation != ast.Subscription && req.live:
		return s.requestError(ctx, http.StatusBadRequest, errNoSubscription)
	}

	next, ctx := exec.DispatchOperation(ctx, oc)
	resp := next(ctx)
	if resp == nil {
		// gqlgen gives nothing once the deadline has passed.
		err := cmp.Or(ctx.Err(), error(errNoAnswer))
		resp = &graphql.Response{Errors: s.presentAll(ctx, err)}
	}
	return answer{status: http.StatusOK, executed: true, data: resp.Data, errors: resp.Errors, extensions: resp.Extensions}
}

func (s *Server) requestError(ctx context.Context, status int, errs ...error) answer {
	return answer{status: status, errors: s.presentAll(ctx, errs...)}
}

func (s *Server) presentAll(ctx context.Context, errs ...error) gqlerror.List {
	var list gqlerror.List
	for _, err := range errs {
		if e := s.present(ctx, err); e != nil {
			list = append(list, e)
		}
	}
	return list
}

// logOperation writes the operation's line. It never holds the text of the
// query, a variable, or anything else that the client chose freely.
func (s *Server) logOperation(ctx context.Context, rec *Operation, status int) {
	s.log.Info().
		Str("operation", rec.Name()).
		Str("kind", rec.kind).
		Str("viewer", s.options.ViewerID(ctx)).
		Dur("took", graphql.Now().Sub(rec.started)).
		Int("sql", s.options.SQLCount(ctx)).
		Int("status", status).
		Strs("codes", rec.codes).
		Msg("graphql")
}
