package transport

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// get is the transport of queries in a URL. It changes nothing, and answers
// only requests that a foreign page can't send without asking first.
type get struct{ *Server }

// Supports implements graphql.Transport.
func (get) Supports(r *http.Request) bool { return r.Method == http.MethodGet }

// preflightHeaders are the headers of which one must be there: a browser sends
// them to another site only after a preflight, which this server does not
// grant. The names are those that Apollo's and other clients send.
var preflightHeaders = []string{"Graphql-Require-Preflight", "Apollo-Require-Preflight", "X-Requested-With"}

var (
	errPreflight = fault.New(fault.Forbidden, "http.preflight_header",
		fault.T("GET 请求和文件上传须带 Graphql-Require-Preflight 请求头（任意非空值）。", "A GET request, and one with a file, needs the header Graphql-Require-Preflight, with any value."))
	errURL = fault.New(fault.BadUserInput, "http.url",
		fault.T("网址参数无法解析。", "The parameters of the URL can't be read."))
)

// Do implements graphql.Transport.
func (g get) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	_, acceptable := negotiate(r)
	switch {
	case !preflighted(r.Header):
		g.refuse(w, r, http.StatusForbidden, errPreflight)
		return
	case !acceptable:
		g.refuse(w, r, http.StatusNotAcceptable, errNotAcceptable)
		return
	case int64(len(r.URL.RawQuery)) > g.limits.BodyBytes:
		g.refuse(w, r, http.StatusRequestURITooLong, errTooLarge)
		return
	}

	params, err := decodeURL(r.URL.RawQuery)
	if err != nil {
		g.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	g.perform(w, r, exec, params, nil)
}

// preflighted reports whether a browser would have asked before sending this.
func preflighted(h http.Header) bool {
	return isJSON(h) || slices.ContainsFunc(preflightHeaders, func(name string) bool { return h.Get(name) != "" })
}

// decodeURL reads a request from a query string, as strictly as decodeRequest
// reads a body.
func decodeURL(query string) (*graphql.RawParams, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, errURL
	}
	params := &graphql.RawParams{}
	for key, list := range values {
		if len(list) > 1 {
			return nil, errTwice
		}
		text := list[0]
		switch key {
		case "query":
			params.Query = text
		case "operationName":
			params.OperationName = text
		case "variables":
			params.Variables, err = decodeParameter(key, text)
		case "extensions":
			params.Extensions, err = decodeParameter(key, text)
		default:
			return nil, errUnknownKey
		}
		if err != nil {
			return nil, err
		}
	}
	if params.Query == "" {
		return nil, errQueryMissing
	}
	return params, nil
}

// decodeParameter reads a JSON object out of a parameter that may be empty.
func decodeParameter(key, text string) (map[string]any, error) {
	if text == "" {
		return nil, nil
	}
	v, err := decodeStrict([]byte(text))
	if err != nil || v == nil {
		return nil, err
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, wrongType(key)
	}
	return object, nil
}

// unsupported refuses every other method.
type unsupported struct{ *Server }

// Supports implements graphql.Transport.
func (unsupported) Supports(*http.Request) bool { return true }

var errMethod = fault.New(fault.BadUserInput, "http.method",
	fault.T("请使用 POST，或以 GET 执行查询。", "Use POST, or GET for a query."))

// Do implements graphql.Transport.
func (u unsupported) Do(w http.ResponseWriter, r *http.Request, _ graphql.GraphExecutor) {
	w.Header().Set("Allow", "GET, POST")
	u.refuse(w, r, http.StatusMethodNotAllowed, errMethod)
}
