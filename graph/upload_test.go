package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

const upload = `mutation($i: AnnounceEvidenceInput!, $f: Upload!) { uploadEvidence(input: $i, file: $f) { evidence { id status } } }`

// photo is a new announcement of a file for the school of officer1.
func photo(e *testkit.Env, f testkit.File) evidence.AnnounceEvidenceInput {
	f.ID = id.New(id.Evidence)
	return testkit.Announcement(e.School, f)
}

func inputOf(in evidence.AnnounceEvidenceInput) map[string]any {
	return map[string]any{
		"id": in.ID.String(), "schoolId": in.SchoolID.String(), "kind": in.Kind, "stage": in.Stage, "source": in.Source,
		"fileName": in.FileName, "mediaType": in.MediaType, "size": in.Size, "sha256": in.Sha256,
	}
}

// uploadForm is the request that sends a file, chunked; more stands behind the file.
func uploadForm(in evidence.AnnounceEvidenceInput, file io.Reader, more ...string) (body io.Reader, contentType string) {
	operations, _ := json.Marshal(map[string]any{"query": upload, "variables": map[string]any{"i": inputOf(in), "f": nil}})
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	_ = w.WriteField("operations", string(operations))
	_ = w.WriteField("map", `{"0":["variables.f"]}`)
	_, _ = w.CreateFormFile("0", in.FileName)
	end := "\r\n--" + w.Boundary() + strings.Join(more, "") + "--\r\n"
	return io.MultiReader(&head, file, strings.NewReader(end)), w.FormDataContentType()
}

// door is the API behind a real listener; the header Account says who asks.
func (a *api) door() *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := evidence.WithOrigin(r.Context(), a.Origin)
		if account := r.Header.Get("Account"); account != "" {
			ctx = authz.NewContext(ctx, authz.FromContext(a.As(account)))
		}
		a.server.ServeHTTP(w, r.WithContext(ctx))
	}))
	a.T.Cleanup(s.Close)
	return s
}

// send sends a form through a door; an error is one of the connection.
func send(ctx context.Context, door *httptest.Server, account string, body io.Reader, contentType string) (answer, int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, door.URL, body)
	if err != nil {
		return answer{}, 0, err
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Graphql-Require-Preflight", "1")
	r.Header.Set("Account", account)
	response, err := door.Client().Do(r)
	if err != nil {
		return answer{}, 0, err
	}
	defer response.Body.Close()
	var out answer
	return out, response.StatusCode, json.NewDecoder(response.Body).Decode(&out)
}

// uploadAs sends a file and gives the status of the answer, and the evidence's.
func (a *api) uploadAs(door *httptest.Server, account string, in evidence.AnnounceEvidenceInput, content []byte) (got answer, status string) {
	a.T.Helper()
	body, contentType := uploadForm(in, bytes.NewReader(content))
	got, _, err := send(a.T.Context(), door, account, body, contentType)
	if err != nil {
		a.T.Fatal(err)
	}
	if len(got.Errors) == 0 {
		status = got.Data["uploadEvidence"].(map[string]any)["evidence"].(map[string]any)["status"].(string)
	}
	return got, status
}

// announcedOnly asserts that a failed upload left the record and nothing else.
func announcedOnly(e *testkit.Env, in evidence.AnnounceEvidenceInput) {
	e.T.Helper()
	row, err := e.Store.Ent.Evidence.Get(e.System(), in.ID.UUID)
	if err != nil {
		e.T.Fatal(err)
	}
	if row.Status != rule.Announced {
		e.T.Errorf("the record is %s", row.Status)
	}
	if _, err := e.Blob.Stat(e.System(), row.ObjectKey); !fault.Is(err, fault.NotFound) {
		e.T.Errorf("the object: %v", err)
	}
}

// TestUploadInOneRequest sends, repeats and mixes with the other way of sending.
func TestUploadInOneRequest(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		door := a.door()
		f := e.PhotoFile(rule.Site, 1)
		in := photo(e, f)
		if got, status := a.uploadAs(door, "officer1", in, f.Bytes); status != "RECEIVED" {
			t.Fatalf("%q: %+v", status, got)
		}
		e.Work()
		if got, status := a.uploadAs(door, "officer1", in, f.Bytes); status != "VERIFIED" {
			t.Errorf("a repeat: %q: %+v", status, got)
		}
		if u, err := e.App.AnnounceEvidence(e.As("officer1"), in); err != nil || u.Ticket != nil {
			t.Errorf("announced again: %+v, %v", u, err)
		}
		other := in
		other.FileName = "other.jpg"
		if got, _ := a.uploadAs(door, "officer1", other, f.Bytes); got.code() != "IDEMPOTENCY_MISMATCH" {
			t.Errorf("the same id for another file: %+v", got)
		}

		ticketed := photo(e, e.PhotoFile(rule.Site, 2))
		u := testkit.Must(e.App.AnnounceEvidence(e.As("officer1"), ticketed))(t)
		e.Send(u, testkit.Photo(t, 2))
		if got, status := a.uploadAs(door, "officer1", ticketed, testkit.Photo(t, 2)); status != "RECEIVED" {
			t.Errorf("begun by ticket: %q: %+v", status, got)
		}
	})
}

// TestUploadAsEverybody: who may work on the school's hazards may, and only who
// announced a file may send it.
func TestUploadAsEverybody(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		door := a.door()
		f := e.PhotoFile(rule.Site, 1)
		foreign := photo(e, f)
		testkit.Must(e.App.AnnounceEvidence(e.As("officer1"), foreign))(t)
		for who, want := range map[string]string{
			"section": "", "leader1": "", "inspector1": "", "officer1": "", "principal1": "", "grid1": "",
			"officer2": "NOT_FOUND", "viewer1": "NOT_FOUND", "admin": "FORBIDDEN", "": "UNAUTHENTICATED",
		} {
			if got, _ := a.uploadAs(door, who, photo(e, f), f.Bytes); got.code() != want {
				t.Errorf("as %q: %q, want %q: %+v", who, got.code(), want, got.Errors)
			}
			if who == "officer1" || who == "" {
				continue
			}
			if got, _ := a.uploadAs(door, who, foreign, f.Bytes); got.code() != "IDEMPOTENCY_MISMATCH" {
				t.Errorf("another's file as %q: %+v", who, got)
			}
		}
		announcedOnly(e, foreign)
	})
}

// TestUploadOfOtherBytes: whatever is wrong with the bytes, the record stays
// ANNOUNCED, nothing is stored, and the right bytes are taken afterwards.
func TestUploadOfOtherBytes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		door := a.door()
		f := e.PhotoFile(rule.Site, 1)
		other := bytes.Clone(f.Bytes)
		other[len(other)/2]++
		for name, c := range map[string]struct {
			content []byte
			more    string
			status  int
			path    string
		}{
			"nothing":         {nil, "", http.StatusOK, "input.size"},
			"one byte less":   {f.Bytes[:len(f.Bytes)-1], "", http.StatusOK, "input.size"},
			"one byte more":   {append(bytes.Clone(f.Bytes), 0), "", http.StatusOK, "input.size"},
			"twice":           {append(bytes.Clone(f.Bytes), f.Bytes...), "", http.StatusOK, "input.size"},
			"another byte":    {other, "", http.StatusOK, "input.sha256"},
			"something after": {f.Bytes, "\r\nContent-Disposition: form-data; name=\"1\"\r\n\r\nx\r\n--b", http.StatusBadRequest, ""},
			"no end":          {f.Bytes, "\r\n", http.StatusBadRequest, ""},
		} {
			in := photo(e, f)
			body, contentType := uploadForm(in, bytes.NewReader(c.content), c.more)
			got, status, err := send(t.Context(), door, "officer1", body, contentType)
			if err != nil || status != c.status || got.code() != "BAD_USER_INPUT" {
				t.Fatalf("%s: %d %+v (%v)", name, status, got, err)
			}
			if c.path != "" && (len(got.Errors[0].Extensions.Fields) != 1 || got.Errors[0].Extensions.Fields[0].Path != c.path) {
				t.Errorf("%s: %+v", name, got.Errors)
			}
			announcedOnly(e, in)
			if got, status := a.uploadAs(door, "officer1", in, f.Bytes); status != "RECEIVED" {
				t.Errorf("%s, then the file: %q: %+v", name, status, got)
			}
		}
	})
}

// TestUploadAtOnce: a phone that is not sure sends the same file again while it
// still sends it. Every answer is success or an error that may be tried again.
func TestUploadAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		door := a.door()
		f := e.PhotoFile(rule.Site, 1)
		in := photo(e, f)
		var sending sync.WaitGroup
		for range 6 {
			sending.Go(func() {
				body, contentType := uploadForm(in, bytes.NewReader(f.Bytes))
				got, _, err := send(t.Context(), door, "officer1", body, contentType)
				if code := got.code(); err != nil || code != "" && code != "RETRY_LATER" {
					t.Errorf("%+v (%v)", got, err)
				}
			})
		}
		sending.Wait()
		e.Work()
		if got, status := a.uploadAs(door, "officer1", in, f.Bytes); status != "VERIFIED" {
			t.Errorf("%q: %+v", status, got)
		}
	})
}

// TestUploadOfALargeFile: what is sent in parts is announced, and no more.
func TestUploadOfALargeFile(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		content := make([]byte, 11<<20)
		in := photo(e, testkit.File{Kind: rule.Photo, Stage: rule.Site, Name: "large.jpg", Type: "image/jpeg", Bytes: content})
		if got, _ := a.uploadAs(a.door(), "officer1", in, content); got.code() != "PAYLOAD_TOO_LARGE" {
			t.Errorf("%+v", got)
		}
		announcedOnly(e, in)
	})
}

// TestUploadWithACutConnection: a phone loses its network in the middle.
func TestUploadWithACutConnection(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		content := bytes.Repeat([]byte("grid"), 1<<18)
		in := photo(e, testkit.File{Kind: rule.Photo, Stage: rule.Site, Name: "p.jpg", Type: "image/jpeg", Bytes: content})
		ctx, cut := context.WithCancel(t.Context())
		reading := make(chan struct{})
		inner := a.server
		a.server = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = &watched{ReadCloser: r.Body, signal: reading, left: 256 << 10}
			inner.ServeHTTP(w, r)
		})
		door := a.door()
		body, contentType := uploadForm(in, io.MultiReader(bytes.NewReader(content[:len(content)-1]), cutter{reading, cut}))
		if got, _, err := send(ctx, door, "officer1", body, contentType); err == nil {
			t.Fatalf("a cut request was answered: %+v", got)
		}
		door.Close() // waits for the server's side of it
		announcedOnly(e, in)
		a.server = inner
		if got, status := a.uploadAs(a.door(), "officer1", in, content); status != "RECEIVED" {
			t.Errorf("repeated: %q: %+v", status, got)
		}
	})
}

// watched signals when a server has read a number of bytes.
type watched struct {
	io.ReadCloser
	signal chan struct{}
	left   int
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if before := w.left; before > 0 {
		if w.left -= n; w.left <= 0 {
			close(w.signal)
		}
	}
	return n, err
}

// cutter gives no bytes, but cuts its own connection once the server reads.
type cutter struct {
	reading chan struct{}
	cut     func()
}

func (c cutter) Read([]byte) (int, error) {
	<-c.reading
	c.cut()
	return 0, io.ErrUnexpectedEOF
}

// TestUploadWithoutTheObjectStore: the record is kept for the repeat.
func TestUploadWithoutTheObjectStore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		closed := httptest.NewServer(nil)
		closed.Close()
		b := testkit.Must(blob.Open(blob.Config{Endpoint: closed.URL, Bucket: "evidence", AccessKey: "a", SecretKey: "b"}))(t)
		healthy := e.App
		e.App = app.New(app.Config{Store: e.Store, Blob: b, Queue: job.New(e.Store, zerolog.Nop()), Clock: e.Clock, Log: zerolog.Nop()})
		a := newAPI(e, false)
		f := e.PhotoFile(rule.Site, 1)
		in := photo(e, f)
		if got, _ := a.uploadAs(a.door(), "officer1", in, f.Bytes); got.code() != "UNAVAILABLE" {
			t.Errorf("%+v", got)
		}
		announcedOnly(e, in)
		e.App = healthy
		a = newAPI(e, false)
		if got, status := a.uploadAs(a.door(), "officer1", in, f.Bytes); status != "RECEIVED" {
			t.Errorf("repeated: %q: %+v", status, got)
		}
	})
}

// TestUploadsTakeLittleMemory holds 50 uploads of 10 MiB at their last byte and
// looks at the heap: it has no room for the files. The bytes pass no database.
func TestUploadsTakeLittleMemory(t *testing.T) {
	const uploads, size, growth = 50, 10 << 20, 64 << 20
	testkit.OnSQLite(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		door := a.door()
		file := testkit.File{Kind: rule.Photo, Stage: rule.Site, Name: "p.jpg", Type: "image/jpeg", Bytes: bytes.Repeat([]byte("grid"), size/4)}
		inputs := make([]evidence.AnnounceEvidenceInput, uploads)
		for i := range inputs {
			inputs[i] = photo(e, file)
		}
		before := heap()

		arrived, goOn := make(chan struct{}, uploads), make(chan struct{})
		var done sync.WaitGroup
		for _, in := range inputs {
			done.Go(func() {
				gate := gate{arrived: arrived, goOn: goOn}
				body, contentType := uploadForm(in, io.MultiReader(bytes.NewReader(file.Bytes[:size-1]), &gate, bytes.NewReader(file.Bytes[size-1:])))
				if got, status, err := send(t.Context(), door, "officer1", body, contentType); err != nil || status != http.StatusOK || len(got.Errors) > 0 {
					t.Errorf("%d %+v (%v)", status, got, err)
					gate.open()
				}
			})
		}
		for range uploads {
			<-arrived
		}
		if more := heap() - before; more > growth {
			t.Errorf("the heap grew by %d MiB, at most %d may be", more>>20, growth>>20)
		}
		close(goOn)
		done.Wait()
		e.Work()
	})
}

// gate gives no bytes, but waits until it may go on.
type gate struct {
	arrived, goOn chan struct{}
	once          sync.Once
}

func (g *gate) open() { g.once.Do(func() { g.arrived <- struct{}{} }) }

func (g *gate) Read([]byte) (int, error) {
	g.open()
	<-g.goOn
	return 0, io.EOF
}

// heap is what is in use, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
