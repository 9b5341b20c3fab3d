package transport

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/cleargrid/cleargrid/internal/fault"
)

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
		a = answer{status: http.StatusInternalServerError, errors: gqlerror.List{ErrorOf(errNoAnswer, "")}}
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
	answer{status: status, errors: gqlerror.List{ErrorOf(fault.Of(err), language)}}.write(w, media)
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	refuse(w, r, status, s.languageOf(r), err)
}

// ErrorOf is the form in which every error leaves.
func ErrorOf(f *fault.Error, language string) *gqlerror.Error {
	ext := make(map[string]any, len(f.Detail)+4)
	maps.Copy(ext, f.Detail)
	ext["code"] = string(f.Kind)
	ext["reason"] = f.Code
	ext["retryable"] = f.Kind.Retryable()
	if len(f.Fields) > 0 {
		fields := make([]answerField, len(f.Fields))
		for i, at := range f.Fields {
			fields[i] = answerField{Path: at.Path, Reason: at.Reason, Message: at.Text.In(language)}
		}
		ext["fields"] = fields
	}
	return &gqlerror.Error{Message: f.Text.In(language), Extensions: ext}
}

// answerField is one entry of extensions.fields.
type answerField struct {
	Path    string `json:"path"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}
