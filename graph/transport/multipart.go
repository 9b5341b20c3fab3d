package transport

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// form is the transport of an operation with one file. Of the GraphQL multipart
// request specification it takes what a small photo needs: the parts
// "operations", "map" and the file, in this order, one file for one variable.
// The file is never gathered: the resolver reads it while it arrives.
type form struct{ *Server }

// Supports implements graphql.Transport.
func (form) Supports(r *http.Request) bool {
	_, ok := boundary(r.Header)
	return ok && r.Method == http.MethodPost
}

// boundary is what parts a form, which may be missing; false when the body is
// no form at all.
func boundary(h http.Header) (string, bool) {
	types := h.Values("Content-Type")
	if len(types) != 1 {
		return "", false
	}
	media, params, err := mime.ParseMediaType(types[0])
	return params["boundary"], err == nil && media == "multipart/form-data"
}

const (
	// maxBoundary is the longest boundary, in bytes (RFC 2046).
	maxBoundary = 70
	// framing has room for the boundaries and headers of a form, in bytes.
	framing = 64 << 10
	// answerWithin is how long the answer to an upload may take to leave.
	answerWithin = time.Minute
)

var (
	errAnonymous = fault.New(fault.Unauthenticated, "session.none", fault.T("请先登录。", "Sign in first."))
	errFormType  = fault.New(fault.BadUserInput, "http.media_type",
		fault.T("multipart/form-data 请求须未压缩，并带有效的 boundary。", "Send multipart/form-data uncompressed, with a valid boundary."))
	errForm = fault.New(fault.BadUserInput, "form.unreadable",
		fault.T("表单不完整或格式有误。", "The form is incomplete or malformed."))
	errFileSize = fault.New(fault.PayloadTooLarge, "http.too_large",
		fault.T("文件过大，不能随此请求发送；请登记后按上传凭证发送。", "The file is too large for this request. Announce it and send it by its ticket."))
	errFileOver = fault.New(fault.BadUserInput, "form.over",
		fault.T("请求已处理完毕，文件不可再读。", "The request is over; its file can't be read any more."))

	errMap   = fault.Bad("map", "one_file", fault.T("map 须恰好将一个文件对应到一个变量。", "The map gives exactly one file to one variable."))
	errPlace = fault.Bad("map", "not_null", fault.T("map 的路径须指向 variables 下已有的 null。", "The path of the map leads to a null that is there under variables."))
	errLast  = fault.Bad("file", "not_last", fault.T("文件之后不能再有内容。", "Nothing may follow the file."))

	textOrder = fault.T("表单须依次为 operations、map 和文件。", "A form holds operations, map and the file, in this order.")
)

// Do implements graphql.Transport.
func (f form) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if status, err := f.admit(r); err != nil {
		w.Header().Set("Connection", "close") // not a byte of the body is read
		f.refuse(w, r, status, err)
		return
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(graphql.Now().Add(f.limits.FileDeadline)) // where the writer can't, the listener's limits hold
	_ = c.SetWriteDeadline(graphql.Now().Add(f.limits.FileDeadline + answerWithin))

	in := f.incoming(r)
	params, err := in.open()
	if err != nil {
		f.refuse(w, r, in.end(w, answer{}), err)
		return
	}
	f.perform(w, r, exec, params, in)
}

// admit decides by the head of a request alone whether its body is read. A form
// is what any foreign page may send, so a header must show that it is none.
func (f form) admit(r *http.Request) (status int, err error) {
	b, _ := boundary(r.Header)
	_, acceptable := negotiate(r)
	encoding := r.Header.Get("Content-Encoding")
	switch {
	case f.options.ViewerID(r.Context()) == "":
		return http.StatusUnauthorized, errAnonymous
	case !preflighted(r.Header):
		return http.StatusForbidden, errPreflight
	case !acceptable:
		return http.StatusNotAcceptable, errNotAcceptable
	case b == "", len(b) > maxBoundary, encoding != "" && !strings.EqualFold(encoding, "identity"):
		return http.StatusUnsupportedMediaType, errFormType
	case r.ContentLength > f.limits.BodyBytes+framing+f.limits.FileBytes:
		return http.StatusRequestEntityTooLarge, errFileSize
	}
	return 0, nil
}

func (f form) incoming(r *http.Request) *incoming {
	b, _ := boundary(r.Header)
	in := &incoming{body: bounded{from: r.Body, left: f.limits.BodyBytes + framing, err: errTooLarge}, fileBytes: f.limits.FileBytes}
	in.parts = multipart.NewReader(&in.body, b)
	return in
}

// file is the value of the file's variable. It is no pointer, behind which the
// validation of variables would look.
type file struct{ io.Reader }

// incoming is a form that is read part by part while it arrives. As a reader it
// is the file.
type incoming struct {
	fileBytes int64

	// A use case may be answered while a goroutine of its client for the object
	// store still reads.
	mu    sync.Mutex
	body  bounded
	parts *multipart.Reader
	file  *multipart.Part
	ended error // what ended the form: io.EOF when it was in order, else a fault
	over  bool
}

// open reads everything before the file's bytes and puts the file into its
// variable. What is wrong with the form is BAD_USER_INPUT, or PAYLOAD_TOO_LARGE.
func (in *incoming) open() (*graphql.RawParams, error) {
	params, err := in.head()
	in.body.left, in.body.err = in.body.left+in.fileBytes, errFileSize
	in.ended = err
	return params, err
}

func (in *incoming) head() (*graphql.RawParams, error) {
	text, err := in.field("operations")
	if err != nil {
		return nil, err
	}
	params, err := decodeRequest(text)
	if err != nil {
		return nil, about("operations", err)
	}
	if text, err = in.field("map"); err != nil {
		return nil, err
	}
	key, path, err := decodeMap(text)
	if err != nil {
		return nil, err
	}
	if err := attach(params.Variables, path, file{in}); err != nil {
		return nil, err
	}
	in.file, err = in.part(key, "file")
	return params, err
}

// part gives the next part of the form, which must have this name. A refusal
// calls it by the other.
func (in *incoming) part(name, called string) (*multipart.Part, error) {
	p, err := in.parts.NextRawPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fault.Bad(called, "required", textOrder)
	case err != nil:
		return nil, formFault(err)
	case p.FormName() != name:
		return nil, fault.Bad(called, "order", textOrder)
	}
	return p, nil
}

func (in *incoming) field(name string) ([]byte, error) {
	p, err := in.part(name, name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(p)
	if err != nil {
		return nil, formFault(err)
	}
	return text, nil
}

// decodeMap reads which part is the file, and where it belongs.
func decodeMap(text []byte) (key, path string, err error) {
	v, err := decodeStrict(text)
	if err != nil {
		return "", "", about("map", err)
	}
	files, _ := v.(map[string]any)
	for key, v := range files {
		paths, _ := v.([]any)
		if len(files) > 1 || len(paths) != 1 {
			break
		}
		if path, ok := paths[0].(string); ok {
			return key, path, nil
		}
	}
	return "", "", errMap
}

// attach puts the file where a path such as "variables.file" leads: to a null.
func attach(variables map[string]any, path string, f file) error {
	steps := strings.Split(path, ".")
	at := map[string]any{"variables": variables}
	for _, step := range steps[:len(steps)-1] {
		at, _ = at[step].(map[string]any)
	}
	last := steps[len(steps)-1]
	if v, there := at[last]; !there || v != nil {
		return errPlace
	}
	at[last] = f
	return nil
}

// Read gives the file. It ends with io.EOF only when the form ends with the
// file: a use case that stores nothing before the end stores nothing of a wrong form.
func (in *incoming) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.over:
		return 0, errFileOver
	case in.ended != nil:
		return 0, in.ended
	}
	n, err := in.file.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		in.ended = in.last()
	case err != nil:
		in.ended = formFault(err)
	}
	return n, in.ended
}

// last is io.EOF when nothing follows the file.
func (in *incoming) last() error {
	_, err := in.parts.NextRawPart()
	switch {
	case err == nil:
		return errLast
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return formFault(err)
}

// end closes the file to its readers, takes in what is left of the request, because
// a client that is cut off while it sends never reads its answer, and gives the
// status: that of the answer, unless the answer tells what is wrong with the form.
func (in *incoming) end(w http.ResponseWriter, a answer) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.over = true
	if _, err := io.Copy(io.Discard, &in.body); err != nil {
		w.Header().Set("Connection", "close")
	}
	switch {
	case a.executed && len(a.errors) == 0:
		return a.status
	case fault.Is(in.ended, fault.PayloadTooLarge):
		return http.StatusRequestEntityTooLarge
	case fault.Is(in.ended, fault.BadUserInput):
		return http.StatusBadRequest
	}
	return a.status
}

// bounded is a reader of at most left bytes, which then fails.
type bounded struct {
	from io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.err
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// formFault is the fault inside an error of the form's reader.
func formFault(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	return errForm.Because(err)
}

// about names the part of the form in a refusal that names no field.
func about(part string, err error) error {
	f := *fault.Of(err)
	if len(f.Fields) == 0 {
		_, reason, _ := strings.Cut(f.Code, ".")
		f.Fields = []fault.Field{{Path: part, Reason: reason, Text: f.Text}}
	}
	return &f
}
