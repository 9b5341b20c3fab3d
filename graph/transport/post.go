package transport

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// post is the transport of queries and mutations: one JSON object per request,
// read strictly and never echoed. It takes every POST, so that a wrong one is
// refused here in the form of a GraphQL error; a transport for another kind of
// body must be added before it.
type post struct{ *Server }

// Supports implements graphql.Transport.
func (post) Supports(r *http.Request) bool { return r.Method == http.MethodPost }

var (
	errNotAcceptable = fault.New(fault.BadUserInput, "http.not_acceptable",
		fault.T("本接口只能返回 application/json 或 application/graphql-response+json。", "The answer is application/json or application/graphql-response+json, and the request takes neither."))
	errMediaType = fault.New(fault.BadUserInput, "http.media_type",
		fault.T("请求须为 UTF-8 编码、未压缩的 application/json。", "Send uncompressed application/json in UTF-8."))
	errBodyRead = fault.New(fault.BadUserInput, "http.body_unreadable",
		fault.T("请求正文不完整。", "The request's body is incomplete."))
	errTooLarge = fault.New(fault.PayloadTooLarge, "http.too_large",
		fault.T("请求过大，请分批发送；文件请走上传通道。", "The request is too large. Send it in parts, and files by the upload."))
)

// Do implements graphql.Transport.
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if _, ok := negotiate(r); !ok {
		p.refuse(w, r, http.StatusNotAcceptable, errNotAcceptable)
		return
	}
	if !isJSON(r.Header) {
		p.refuse(w, r, http.StatusUnsupportedMediaType, errMediaType)
		return
	}

	body, status, err := p.read(w, r)
	if err != nil {
		p.refuse(w, r, status, err)
		return
	}
	params, err := decodeRequest(body)
	if err != nil {
		p.refuse(w, r, http.StatusBadRequest, err)
		return
	}
	p.perform(w, r, exec, params, nil)
}

// isJSON reports whether a request's body is declared as plain JSON in UTF-8.
// Browsers send that to another site only after asking, which is what keeps
// foreign pages out.
func isJSON(h http.Header) bool {
	types := h.Values("Content-Type")
	if len(types) != 1 || h.Get("Content-Encoding") != "" && !strings.EqualFold(h.Get("Content-Encoding"), "identity") {
		return false
	}
	media, params, err := mime.ParseMediaType(types[0])
	charset, named := params["charset"]
	return err == nil && media == mediaJSON && (!named || strings.EqualFold(charset, "utf-8"))
}

// read takes in the body, at most as much as the limit allows, whatever the
// request says about its length.
func (p post) read(w http.ResponseWriter, r *http.Request) (body []byte, status int, err error) {
	if r.ContentLength > p.limits.BodyBytes {
		w.Header().Set("Connection", "close")
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, p.limits.BodyBytes))
	switch _, large := errors.AsType[*http.MaxBytesError](err); {
	case large:
		return nil, http.StatusRequestEntityTooLarge, errTooLarge
	case err != nil:
		return nil, http.StatusBadRequest, errBodyRead.Because(err)
	default:
		return body, 0, nil
	}
}
