package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/cleargrid/cleargrid/graph"
	"github.com/cleargrid/cleargrid/graph/graphtest"
	"github.com/cleargrid/cleargrid/graph/model"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/fault"
)

const (
	keepIt    = `{"query":"mutation($f: Upload) { keep(file: $f) }","variables":{"f":null}}`
	keepItMap = `{"0":["variables.f"]}`
)

// keeper is a server whose resolvers are a use case with a file: keep stores it,
// but only as a whole, and ignore does not look at it.
type keeper struct {
	*graphtest.Harness
	kept []string
}

func newKeeper(t *testing.T, o graph.Options) *keeper {
	t.Helper()
	k := &keeper{}
	if o.Transport.ViewerID == nil {
		o.Transport.ViewerID = func(context.Context) string { return "user_1" }
	}
	k.Harness = graphtest.NewOf(t, &graphtest.Executable{Resolvers: map[string]func(context.Context, map[string]any) (any, error){
		"Query.hello":     func(context.Context, map[string]any) (any, error) { return "hello", nil },
		"Mutation.ignore": func(context.Context, map[string]any) (any, error) { return "ignored", nil },
		"Mutation.keep": func(_ context.Context, args map[string]any) (any, error) {
			file, ok := args["file"].(model.Upload)
			if in, nested := args["in"].(map[string]any); nested {
				file, ok = in["file"].(model.Upload)
			}
			if !ok {
				return "nothing", nil
			}
			text, err := io.ReadAll(file)
			if err != nil {
				return nil, err
			}
			k.kept = append(k.kept, string(text))
			return fmt.Sprint(len(text)), nil
		},
	}}, o)
	return k
}

// formPart is one part of a form as it stands in the request.
func formPart(disposition, content string) string {
	return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n"
}

func formOf(operations, files string, rest ...string) string {
	return formPart(`name="operations"`, operations) + formPart(`name="map"`, files) + strings.Join(rest, "") + "--b--\r\n"
}

func formFile(content string) string {
	return formPart(`name="0"; filename="photo.jpg"`, content)
}

// formRequest is a request as an honest client sends it.
func formRequest(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	r.Header.Set("Graphql-Require-Preflight", "1")
	return r
}

func TestFormWithAFile(t *testing.T) {
	nested := `{"query":"mutation($i: KeepInput) { keep(in: $i) }","variables":{"i":{"file":null}}}`
	tests := map[string]struct{ body, kept string }{
		"a file":                  {formOf(keepIt, keepItMap, formFile("PHOTO")), "PHOTO"},
		"an empty file":           {formOf(keepIt, keepItMap, formFile("")), ""},
		"a file without a name":   {formOf(keepIt, keepItMap, formPart(`name="0"`, "PHOTO")), "PHOTO"},
		"a file inside an input":  {formOf(nested, `{"0":["variables.i.file"]}`, formFile("PHOTO")), "PHOTO"},
		"a declared encoding":     {formOf(keepIt, keepItMap, "--b\r\nContent-Disposition: form-data; name=0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n"), "=41"},
		"text before and behind":  {"preamble\r\n" + formOf(keepIt, keepItMap, formFile("PHOTO")) + "epilogue", "PHOTO"},
		"no dashes at the end":    {strings.TrimSuffix(formOf(keepIt, keepItMap, formFile("PHOTO")), "--\r\n"), "PHOTO"},
		"what looks like the end": {formOf(keepIt, keepItMap, formFile("a\r\n--bc\r\n--\r\n-b")), "a\r\n--bc\r\n--\r\n-b"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for how, body := range map[string]io.Reader{"at once": strings.NewReader(tt.body), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.body))} {
				k := newKeeper(t, graph.Options{})
				r := k.Do(formRequest(body))
				if r.Status != http.StatusOK || len(r.Errs) > 0 || len(k.kept) != 1 || k.kept[0] != tt.kept {
					t.Errorf("%s: %d %s, kept %q", how, r.Status, r.Raw, k.kept)
				}
			}
		})
	}
}

// formRefusals is everything that is wrong with a form once its body is read.
func formRefusals() map[string]struct{ body, reason, path string } {
	photo := formFile("PHOTO")
	files := func(text string) string { return formOf(keepIt, text, photo) }
	many := `{"0":["variables.f"` + strings.Repeat(`,"variables.f"`, 4_999) + `]}`
	return map[string]struct{ body, reason, path string }{
		"empty":                       {"", "input.required", "operations"},
		"no part":                     {"--b--\r\n", "input.required", "operations"},
		"no form":                     {"SECRET", "input.required", "operations"},
		"map first":                   {formPart(`name="map"`, keepItMap) + formPart(`name="operations"`, keepIt) + photo + "--b--", "input.order", "operations"},
		"file first":                  {photo + formOf(keepIt, keepItMap), "input.order", "operations"},
		"file before the map":         {formPart(`name="operations"`, keepIt) + photo + formPart(`name="map"`, keepItMap) + "--b--", "input.order", "map"},
		"unknown field":               {formPart(`name="operations"`, keepIt) + formPart(`name="SECRET"`, "1") + "--b--", "input.order", "map"},
		"operations twice":            {formPart(`name="operations"`, keepIt) + formOf(keepIt, keepItMap, photo), "input.order", "map"},
		"no map":                      {formPart(`name="operations"`, keepIt) + "--b--", "input.required", "map"},
		"no file":                     {formOf(keepIt, keepItMap), "input.required", "file"},
		"another file than mapped":    {formOf(keepIt, keepItMap, formPart(`name="1"; filename="SECRET"`, "x")), "input.order", "file"},
		"a field before the file":     {formOf(keepIt, keepItMap, formPart(`name="SECRET"`, "x"), photo), "input.order", "file"},
		"a part without a name":       {formOf(keepIt, keepItMap, formPart(`filename="x"`, "x")), "input.order", "file"},
		"no form-data":                {"--b\r\nContent-Disposition: attachment; name=operations\r\n\r\n" + keepIt + "\r\n--b--", "input.order", "operations"},
		"header that can't be read":   {"--b\r\nSECRET\r\n\r\nx\r\n--b--", "form.unreadable", ""},
		"two files":                   {formOf(keepIt, keepItMap, photo, formPart(`name="1"; filename="x"`, "x")), "input.not_last", "file"},
		"the file twice":              {formOf(keepIt, keepItMap, photo, photo), "input.not_last", "file"},
		"a field behind the file":     {formOf(keepIt, keepItMap, photo, formPart(`name="SECRET"`, "x")), "input.not_last", "file"},
		"cut in the operations":       {formOf(keepIt, keepItMap, photo)[:70], "form.unreadable", ""},
		"cut in the file":             {strings.TrimSuffix(formOf(keepIt, keepItMap, photo), "\r\n--b--\r\n"), "form.unreadable", ""},
		"operations that are no JSON": {formOf("SECRET", keepItMap, photo), "request.not_json", "operations"},
		"a batch":                     {formOf("["+keepIt+"]", `{"0":["0.variables.f"]}`, photo), "request.batch", "operations"},
		"unknown key":                 {formOf(`{"SECRET":1}`, keepItMap, photo), "request.unknown_key", "operations"},
		"no query":                    {formOf(`{"variables":{"f":null}}`, keepItMap, photo), "input.required", "query"},
		"map that is no JSON":         {files("SECRET"), "request.not_json", "map"},
		"map that is no object":       {files(`["variables.f"]`), "input.one_file", "map"},
		"map of nothing":              {files(`{}`), "input.one_file", "map"},
		"map of null":                 {files(`null`), "input.one_file", "map"},
		"map of two files":            {files(`{"0":["variables.f"],"1":["variables.g"]}`), "input.one_file", "map"},
		"map with a key twice":        {files(`{"0":["variables.f"],"0":["variables.f"]}`), "request.duplicate_key", "map"},
		"one file, no path":           {files(`{"0":[]}`), "input.one_file", "map"},
		"one file, two paths":         {files(`{"0":["variables.f","variables.g"]}`), "input.one_file", "map"},
		"one file, 5,000 paths":       {files(many), "input.one_file", "map"},
		"a path that is no list":      {files(`{"0":"variables.f"}`), "input.one_file", "map"},
		"a path that is no text":      {files(`{"0":[["variables.f"]]}`), "input.one_file", "map"},
		"an empty path":               {files(`{"0":[""]}`), "input.not_null", "map"},
		"a path to all variables":     {files(`{"0":["variables"]}`), "input.not_null", "map"},
		"a path to the query":         {files(`{"0":["query"]}`), "input.not_null", "map"},
		"a path to nothing":           {files(`{"0":["variables.g"]}`), "input.not_null", "map"},
		"a path through null":         {files(`{"0":["variables.f.x"]}`), "input.not_null", "map"},
		"a path with an empty step":   {files(`{"0":["variables.f."]}`), "input.not_null", "map"},
		"a path with 100,000 steps":   {files(`{"0":["variables` + strings.Repeat(".f", 100_000) + `"]}`), "input.not_null", "map"},
		"a path to a value":           {formOf(strings.Replace(keepIt, `"f":null`, `"f":"SECRET"`, 1), keepItMap, photo), "input.not_null", "map"},
		"a path without variables":    {formOf(`{"query":"{hello}"}`, keepItMap, photo), "input.not_null", "map"},
		"a path in null variables":    {formOf(`{"query":"{hello}","variables":null}`, keepItMap, photo), "input.not_null", "map"},
	}
}

func TestFormRefusals(t *testing.T) {
	for name, tt := range formRefusals() {
		t.Run(name, func(t *testing.T) {
			k := newKeeper(t, graph.Options{})
			r := k.Do(formRequest(strings.NewReader(tt.body)))
			e := k.Failed(r, fault.BadUserInput)
			path := ""
			if len(e.Extension.Fields) > 0 {
				path = e.Extension.Fields[0].Path
			}
			if r.Status != http.StatusBadRequest || e.Extension.Reason != tt.reason || path != tt.path {
				t.Errorf("%d %s %q, want 400 %s %q", r.Status, e.Extension.Reason, path, tt.reason, tt.path)
			}
			if len(k.kept) > 0 || r.Body["data"] != nil {
				t.Errorf("something stands: %q, %s", k.kept, r.Raw)
			}
			if strings.Contains(r.Raw, "SECRET") || strings.Contains(k.Log.String(), "SECRET") {
				t.Errorf("the form is echoed: %s %s", r.Raw, k.Log)
			}
		})
	}
}

// untouched fails the test when a body is read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, io.EOF
}

func TestFormIsRefusedByItsHead(t *testing.T) {
	nobody := func(context.Context) string { return "" }
	without := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	with := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	tests := map[string]struct {
		viewer func(context.Context) string
		change func(*http.Request)
		status int
		code   fault.Kind
	}{
		"nobody":               {nobody, func(*http.Request) {}, http.StatusUnauthorized, fault.Unauthenticated},
		"nobody, foreign page": {nobody, without("Graphql-Require-Preflight"), http.StatusUnauthorized, fault.Unauthenticated},
		"foreign page":         {nil, without("Graphql-Require-Preflight"), http.StatusForbidden, fault.Forbidden},
		"foreign page, origin": {nil, func(r *http.Request) {
			without("Graphql-Require-Preflight")(r)
			r.Header.Set("Origin", "https://evil.example")
		}, http.StatusForbidden, fault.Forbidden},
		"empty header":          {nil, with("Graphql-Require-Preflight", ""), http.StatusForbidden, fault.Forbidden},
		"not acceptable":        {nil, with("Accept", "text/html"), http.StatusNotAcceptable, fault.BadUserInput},
		"no boundary":           {nil, with("Content-Type", "multipart/form-data"), http.StatusUnsupportedMediaType, fault.BadUserInput},
		"long boundary":         {nil, with("Content-Type", "multipart/form-data; boundary="+strings.Repeat("b", 71)), http.StatusUnsupportedMediaType, fault.BadUserInput},
		"malformed type":        {nil, with("Content-Type", "multipart/form-data; boundary=b; boundary=c"), http.StatusUnsupportedMediaType, fault.BadUserInput},
		"another kind of parts": {nil, with("Content-Type", "multipart/mixed; boundary=b"), http.StatusUnsupportedMediaType, fault.BadUserInput},
		"two types":             {nil, func(r *http.Request) { r.Header.Add("Content-Type", "application/json") }, http.StatusUnsupportedMediaType, fault.BadUserInput},
		"compressed":            {nil, with("Content-Encoding", "gzip"), http.StatusUnsupportedMediaType, fault.BadUserInput},
		"declared too long":     {nil, func(r *http.Request) { r.ContentLength = 17 << 20 }, http.StatusRequestEntityTooLarge, fault.PayloadTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKeeper(t, graph.Options{Transport: transport.Options{ViewerID: tt.viewer}})
			r := formRequest(untouched{t})
			r.ContentLength = 1000
			tt.change(r)
			got := k.Do(r)
			if k.Refused(got, tt.code); got.Status != tt.status {
				t.Errorf("status %d, want %d: %s", got.Status, tt.status, got.Raw)
			}
		})
	}
}

// TestFormIsBounded sends without a length, or with a false one.
func TestFormIsBounded(t *testing.T) {
	most := transport.Limits{BodyBytes: 1 << 10, FileBytes: 4 << 20}
	file := func(n int) string { return formOf(keepIt, keepItMap, formFile(strings.Repeat("x", n))) }
	head := func(n int) string { return formOf(strings.Repeat(" ", n)+keepIt, keepItMap, formFile("PHOTO")) }
	tests := map[string]struct {
		body   string
		status int
	}{
		"a file at the limit":      {file(4 << 20), http.StatusOK},
		"a file over the limit":    {file(4<<20 + 128<<10), http.StatusRequestEntityTooLarge},
		"a file far over it":       {file(20 << 20), http.StatusRequestEntityTooLarge},
		"operations at the limit":  {head(1 << 10), http.StatusOK},
		"operations over it":       {head(128 << 10), http.StatusRequestEntityTooLarge},
		"a preamble":               {strings.Repeat("x\r\n", 1<<20) + file(1), http.StatusRequestEntityTooLarge},
		"a header over the limit":  {formOf(keepIt, keepItMap, formPart(`name="0"; x="`+strings.Repeat("x", 1<<20)+`"`, "PHOTO")), http.StatusRequestEntityTooLarge},
		"an epilogue is not read":  {file(1) + strings.Repeat("x", 20<<20), http.StatusOK},
		"200 unwanted parts":       {formOf(keepIt, keepItMap, formFile("PHOTO"), strings.Repeat(formFile("x"), 200)), http.StatusBadRequest},
		"operations without a end": {formPart(`name="operations"`, strings.Repeat(" ", 20<<20)), http.StatusRequestEntityTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := newKeeper(t, graph.Options{Transport: transport.Options{Limits: most}})
			count := &countingReader{r: strings.NewReader(tt.body)}
			r := formRequest(count)
			r.ContentLength = -1
			got := k.Do(r)
			if got.Status != tt.status {
				t.Errorf("status %d, want %d: %s", got.Status, tt.status, got.Raw)
			}
			if n := most.BodyBytes + transport.Framing + most.FileBytes; int64(count.n) > n {
				t.Errorf("%d bytes are read, at most %d may be", count.n, n)
			}
			if tt.status == http.StatusRequestEntityTooLarge {
				k.Failed(got, fault.PayloadTooLarge)
			}
			if (len(k.kept) > 0) != (tt.status == http.StatusOK) {
				t.Errorf("kept %d files", len(k.kept))
			}
		})
	}
}

// TestFileComesFromAFormOnly writes something else in its place.
func TestFileComesFromAFormOnly(t *testing.T) {
	k := newKeeper(t, graph.Options{})
	for _, value := range []string{`"SECRET"`, `1`, `true`, `{"Reader":"x"}`, `["x"]`} {
		r := k.Post(`{"query":"mutation($f: Upload) { keep(file: $f) }","variables":{"f":` + value + `}}`)
		if e := k.Failed(r, fault.BadUserInput); len(e.Extension.Fields) != 1 || e.Extension.Fields[0].Path != "file" {
			t.Errorf("%s: %s", value, r.Raw)
		}
	}
	for _, literal := range []string{`"x"`, `1`, `{Reader: "x"}`} {
		k.Failed(k.Query(`mutation { keep(file: `+literal+`) }`), fault.BadUserInput)
	}
	if len(k.kept) > 0 {
		t.Errorf("kept %q", k.kept)
	}
}

func TestFileIsReadOnce(t *testing.T) {
	k := newKeeper(t, graph.Options{})
	twice := `{"query":"mutation($f: Upload) { a: keep(file: $f) b: keep(file: $f) }","variables":{"f":null}}`
	r := k.Do(formRequest(strings.NewReader(formOf(twice, keepItMap, formFile("PHOTO")))))
	if len(k.kept) != 2 || k.kept[0] != "PHOTO" || k.kept[1] != "" {
		t.Errorf("kept %q: %s", k.kept, r.Raw)
	}
}

// TestUnreadFileIsTakenIn lets a client that is still sending read its answer:
// that of a command that needs no file any more, and that of a wrong form.
func TestUnreadFileIsTakenIn(t *testing.T) {
	photo := formFile(strings.Repeat("x", 3<<20))
	ignore := `{"query":"mutation($f: Upload) { ignore(file: $f) }","variables":{"f":null}}`
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"ignored":          {formOf(ignore, keepItMap, photo), http.StatusOK},
		"a query":          {formOf(`{"query":"{hello}","variables":{"f":null}}`, keepItMap, photo), http.StatusOK},
		"an unknown field": {formOf(`{"query":"{nothing}","variables":{"f":null}}`, keepItMap, photo), http.StatusOK},
		"a wrong map":      {formOf(ignore, `{}`, photo), http.StatusBadRequest},
		"no such variable": {formOf(ignore, `{"0":["variables.x"]}`, photo), http.StatusBadRequest},
	} {
		k := newKeeper(t, graph.Options{})
		body := strings.NewReader(tt.body)
		if got := k.Do(formRequest(body)); got.Status != tt.status || body.Len() > 0 || got.Header.Get("Connection") != "" {
			t.Errorf("%s: status %d, %d bytes unread, %v", name, got.Status, body.Len(), got.Header)
		}
	}
}

// TestCutForm breaks the connection in the middle of the file.
func TestCutForm(t *testing.T) {
	k := newKeeper(t, graph.Options{})
	whole := formOf(keepIt, keepItMap, formFile(strings.Repeat("x", 100_000)))
	r := k.Do(formRequest(io.MultiReader(strings.NewReader(whole[:50_000]), iotest.ErrReader(errors.New("connection reset by SECRET")))))
	if e := k.Failed(r, fault.BadUserInput); e.Extension.Reason != "form.unreadable" || r.Status != http.StatusBadRequest {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	if r.Header.Get("Connection") != "close" || len(k.kept) > 0 || strings.Contains(r.Raw, "SECRET") {
		t.Errorf("%v, kept %d, %s", r.Header, len(k.kept), r.Raw)
	}
}

// TestFileIsNotReadAfterTheRequest keeps the reader that a use case may have
// given to another goroutine.
func TestFileIsNotReadAfterTheRequest(t *testing.T) {
	var late io.Reader
	h := graphtest.NewOf(t, &graphtest.Executable{Resolvers: map[string]func(context.Context, map[string]any) (any, error){
		"Mutation.keep": func(_ context.Context, args map[string]any) (any, error) {
			late, _ = args["file"].(model.Upload)
			return "kept", nil
		},
	}}, graph.Options{Transport: transport.Options{ViewerID: func(context.Context) string { return "user_1" }}})
	h.Do(formRequest(strings.NewReader(formOf(keepIt, keepItMap, formFile("PHOTO")))))
	if n, err := late.Read(make([]byte, 10)); n > 0 || !fault.Is(err, fault.BadUserInput) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// deadlines is a connection that notes the time limits it is given.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error  { d.read = at; return nil }
func (d *deadlines) SetWriteDeadline(at time.Time) error { d.write = at; return nil }

// TestFileHasTimeToArrive: a photo over a bad network takes longer than a query,
// and who may not send one gets no time.
func TestFileHasTimeToArrive(t *testing.T) {
	const minutes = 7 * time.Minute
	body := formOf(keepIt, keepItMap, formFile("PHOTO"))
	for viewer, longer := range map[string]bool{"user_1": true, "": false} {
		k := newKeeper(t, graph.Options{Transport: transport.Options{ViewerID: func(context.Context) string { return viewer }, Limits: transport.Limits{FileDeadline: minutes}}})
		before := time.Now()
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		k.ServeHTTP(w, formRequest(bytes.NewReader([]byte(body))))
		if longer && (w.read.Before(before.Add(minutes)) || !w.write.After(w.read)) {
			t.Errorf("%q: limits %v %v", viewer, w.read, w.write)
		}
		if !longer && !w.read.IsZero() {
			t.Errorf("nobody gets until %v", w.read)
		}
	}
}
