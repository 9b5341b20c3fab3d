// Package graph is the GraphQL edge of Cleargrid: it decides how a request
// comes in, how much it may ask for, how an error leaves, and which use case
// answers a field.
//
// It never decides a rule of the domain, holds no SQL and touches no object
// store. httpd mounts it at /graphql, behind authentication.
package graph

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/rs/zerolog"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/pace"
)

// Options are what the edge needs from the rest of the process. Every field
// has a good zero value.
type Options struct {
	// Log gets one line per operation and the causes of internal errors.
	// The zero value logs nowhere.
	Log zerolog.Logger
	// Production keeps introspection and the words of the validator for admins.
	Production bool
	// IsAdmin reports whether the caller administers the platform; nil means
	// nobody does.
	IsAdmin func(context.Context) bool
	// ViewerID names the caller in the log, "" for nobody.
	ViewerID func(context.Context) string
	// Language is the caller's language, "zh" or "en"; nil means that of the
	// request, see Language.
	Language func(context.Context) string
	// WithSQLCount starts to count statements, and SQLCount tells how many
	// there were in a context that came from it.
	WithSQLCount func(context.Context) context.Context
	SQLCount     func(context.Context) int
	// Prepare gives each operation a context of its own: Resolver.WithLoaders.
	Prepare func(context.Context) context.Context
	// Authenticate finds the viewer behind an Authorization header and gives the
	// context in which he or she acts; UNAUTHENTICATED for a stale one. A stream asks
	// again before each event. nil means that there are no streams.
	Authenticate func(ctx context.Context, authorization string) (context.Context, error)
	// Follow begins to follow what the subscriptions of a stream ask for:
	// Resolver.Follow.
	Follow func(context.Context) (Following, error)
	// Address is where a request came from, for the caps of streams.
	Address func(context.Context) string
	// Origins are hosts, beside the request's own, whose pages may open a socket.
	Origins []string
	// Streams are the open ones, to be stopped with the process; nil means those of
	// this server alone.
	Streams *Streams
	// Limits bound a request; zero values mean the defaults.
	Limits Limits
}

// NewServer makes the handler that answers GraphQL over HTTP: queries and
// mutations by POST, with a file if they need one, queries by GET. It expects the
// caller's identity in the request's context, and bounds the body, the shape, the
// cost and the time of every request itself.
func NewServer(schema graphql.ExecutableSchema, o Options) http.Handler {
	s := newServer(o)
	cache := newDocumentCache()

	h := handler.New(schema)
	h.AddTransport(socket{s})
	h.AddTransport(events{s})
	h.AddTransport(form{s})
	h.AddTransport(post{s})
	h.AddTransport(get{s})
	h.AddTransport(unsupported{s})
	h.SetQueryCache(cache)
	h.SetParserTokenLimit(s.limits.Tokens)
	h.SetErrorPresenter(s.present)
	h.SetRecoverFunc(s.recovered)
	h.Use(guard{limits: s.limits, schema: schema.Schema(), cache: cache, introspect: s.introspect})
	h.Use(commands{schema: schema.Schema(), old: oldNames})
	return s.paced(h)
}

// paced refuses, before it reads it, a request of somebody who asks too often. Who
// is known is counted for oneself: an office behind one address has many.
func (s *server) paced(next http.Handler) http.Handler {
	p := pace.New(s.limits.PerSecond, s.limits.Reserve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if !p.Allows(cmp.Or(s.options.ViewerID(ctx), s.options.Address(ctx))) {
			w.Header().Set("Retry-After", "1")
			s.refuse(w, r, http.StatusTooManyRequests, errPace)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// server is what the transports and the presenter share.
type server struct {
	log     zerolog.Logger
	options Options
	limits  Limits
}

func newServer(o Options) *server {
	if o.IsAdmin == nil {
		o.IsAdmin = func(context.Context) bool { return false }
	}
	if o.ViewerID == nil {
		o.ViewerID = func(context.Context) string { return "" }
	}
	if o.WithSQLCount == nil {
		o.WithSQLCount = func(ctx context.Context) context.Context { return ctx }
	}
	if o.SQLCount == nil {
		o.SQLCount = func(context.Context) int { return 0 }
	}
	if o.Prepare == nil {
		o.Prepare = func(ctx context.Context) context.Context { return ctx }
	}
	if o.Address == nil {
		o.Address = func(context.Context) string { return "" }
	}
	if o.Streams == nil {
		o.Streams = &Streams{}
	}
	return &server{log: o.Log, options: o, limits: o.Limits.withDefaults()}
}

// introspect reports whether the caller may read the schema.
func (s *server) introspect(ctx context.Context) bool {
	return !s.options.Production || s.options.IsAdmin(ctx)
}

// languageOf is the language to answer a request in.
func (s *server) languageOf(r *http.Request) string {
	if s.options.Language != nil {
		return s.options.Language(r.Context())
	}
	return Language(r)
}

// perform runs one decoded request, answers it and writes its line of the log.
// file is what is still to come of the request, nil for nothing.
func (s *server) perform(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, params *graphql.RawParams, file *incoming) {
	rec := &record{
		started:   graphql.Now(),
		language:  s.languageOf(r),
		variables: params.Variables,
		name:      params.OperationName,
		server:    s,
	}
	deadline := s.limits.Deadline
	if file != nil {
		deadline += s.limits.FileDeadline
	}
	ctx, cancel := context.WithTimeout(s.options.WithSQLCount(r.Context()), deadline)
	defer cancel()
	ctx = s.options.Prepare(withRecord(ctx, rec))

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
	errPace = fault.New(fault.RateLimited, "http.pace",
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
func (s *server) run(ctx context.Context, exec graphql.GraphExecutor, params *graphql.RawParams, req requestOf) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a = s.requestError(ctx, http.StatusInternalServerError, s.recovered(ctx, v))
		}
	}()

	oc, errs := exec.CreateOperationContext(ctx, params)
	if oc.Operation != nil {
		rec := recordOf(ctx)
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

func (s *server) requestError(ctx context.Context, status int, errs ...error) answer {
	return answer{status: status, errors: s.presentAll(ctx, errs...)}
}

func (s *server) presentAll(ctx context.Context, errs ...error) gqlerror.List {
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
func (s *server) logOperation(ctx context.Context, rec *record, status int) {
	s.log.Info().
		Str("operation", rec.operation()).
		Str("kind", rec.kind).
		Str("viewer", s.options.ViewerID(ctx)).
		Dur("took", graphql.Now().Sub(rec.started)).
		Int("sql", s.options.SQLCount(ctx)).
		Int("status", status).
		Strs("codes", rec.codes).
		Msg("graphql")
}

// record follows one operation from its request to its line in the log.
type record struct {
	started    time.Time
	language   string
	name, kind string
	variables  map[string]any // as sent; to cut paths of errors, never logged
	server     *server

	mu       sync.Mutex // fields fail at the same time
	codes    []string
	admitted int
	omitted  int
}

type recordKey struct{}

func withRecord(ctx context.Context, rec *record) context.Context {
	return context.WithValue(ctx, recordKey{}, rec)
}

// recordOf gives the record of a request, or an empty one outside of any.
func recordOf(ctx context.Context) *record {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		return rec
	}
	return &record{}
}

// admit notes an error's code and reports whether the answer has room for it.
func (r *record) admit(kind fault.Kind, most int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.codes, string(kind)) {
		r.codes = append(r.codes, string(kind))
	}
	if r.admitted >= most {
		r.omitted++
		return false
	}
	r.admitted++
	return true
}

const maxLoggedName = 64

// operation is the operation's name, fit for a log: a client may put any text
// into operationName.
func (r *record) operation() string {
	name := r.name[:min(len(r.name), maxLoggedName)]
	return strings.Map(func(c rune) rune {
		if c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return c
		}
		return '?'
	}, name)
}

// answer is a response before it is written.
type answer struct {
	status int
	// executed tells a response, which has an entry "data" even when that is
	// null, from a request error, which must have none.
	executed   bool
	data       json.RawMessage
	errors     gqlerror.List
	extensions map[string]any
	omitted    int // errors that found no room
}

func (a answer) write(w http.ResponseWriter, media string) {
	if a.omitted > 0 {
		ext := map[string]any{"omittedErrors": a.omitted}
		maps.Copy(ext, a.extensions)
		a.extensions = ext
	}
	body, err := a.body()
	if err != nil { // a detail that JSON can't hold
		a = answer{status: http.StatusInternalServerError, errors: gqlerror.List{answerError(errNoAnswer, "")}}
		body, _ = a.body()
	}

	h := w.Header()
	secure(h)
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(body) //nolint:gosec // JSON with nosniff: no browser takes it for a page
}

// body is put together by hand: encoding/json would read the data again.
func (a answer) body() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(a.data) + 256)
	b.WriteByte('{')
	if len(a.errors) > 0 {
		list, err := json.Marshal(a.errors)
		if err != nil {
			return nil, err
		}
		b.WriteString(`"errors":`)
		b.Write(list)
	}
	if a.executed {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"data":`)
		if len(a.data) == 0 {
			a.data = json.RawMessage("null")
		}
		b.Write(a.data)
	}
	if len(a.extensions) > 0 {
		ext, err := json.Marshal(a.extensions)
		if err != nil {
			return nil, err
		}
		b.WriteString(`,"extensions":`)
		b.Write(ext)
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}

// secure sets the headers that every answer carries: it is data of one caller,
// and JSON only.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

// Refuse answers a request that never reaches GraphQL, such as one with a stale
// token (401), in the form of a GraphQL request error and in the language of
// the request. What is not a *fault.Error is answered as INTERNAL; the caller
// logs its cause.
func Refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	refuse(w, r, status, Language(r), err)
}

func refuse(w http.ResponseWriter, r *http.Request, status int, language string, err error) {
	media, ok := negotiate(r)
	if !ok {
		media = mediaJSON
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	answer{status: status, errors: gqlerror.List{answerError(fault.Of(err), language)}}.write(w, media)
}

func (s *server) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	refuse(w, r, status, s.languageOf(r), err)
}

const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// negotiate chooses the media type of the answer by the Accept header; false
// when the client takes neither. Without the header, and for "*/*", it is the
// older application/json, as the specification asks.
func negotiate(r *http.Request) (string, bool) {
	header := r.Header.Values("Accept")
	if strings.TrimSpace(strings.Join(header, "")) == "" {
		return mediaJSON, true
	}
	accept := weighted(header)
	best, bestAt := "", preference{}
	for _, offer := range []string{mediaJSON, mediaGraphQL} {
		var at preference
		found := 0 // how exactly the range names the offer
		for i, a := range accept {
			exact := map[string]int{offer: 3, "application/*": 2, "*/*": 1}[a.value]
			if exact > found {
				found, at = exact, preference{value: offer, q: a.q, at: i}
			}
		}
		if found > 0 && at.q > 0 && (best == "" || at.better(bestAt)) {
			best, bestAt = offer, at
		}
	}
	return best, best != ""
}

// Language is the language to answer a request in, by its Accept-Language
// header: "zh" or "en", English when it names neither.
func Language(r *http.Request) string {
	best := preference{value: "en"}
	for _, p := range weighted(r.Header.Values("Accept-Language")) {
		tag, _, _ := strings.Cut(p.value, "-")
		if (tag == "zh" || tag == "en") && p.q > best.q {
			best = preference{value: tag, q: p.q}
		}
	}
	return best.value
}

// preference is one entry of an Accept header.
type preference struct {
	value string // in lower case, without parameters
	q     float64
	at    int // place in the header
}

// better prefers the greater weight, then the earlier place.
func (p preference) better(o preference) bool { return p.q > o.q || p.q == o.q && p.at < o.at }

// weighted reads the entries of an Accept header with their weights, leaving
// out what it can't read.
func weighted(headers []string) []preference {
	var list []preference
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		value, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil || !(q >= 0 && q <= 1) {
				continue
			}
		}
		list = append(list, preference{value: value, q: q, at: len(list)})
	}
	return list
}
