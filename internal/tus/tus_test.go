package tus_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
	"github.com/cleargrid/cleargrid/internal/tus"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// client speaks to a handler as an account.
type client struct {
	t       *testing.T
	url     string
	account string
}

// account is the header by which the tests say who they are; the product reads a
// token (authn).
const account = "Test-Account"

func serve(t *testing.T, e *testkit.Env, o tus.Options) client {
	t.Helper()
	o.Log = zerolog.Nop()
	h, err := tus.Handler(e.App, o)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.Header.Get(account); name != "" {
			r = r.WithContext(authz.NewContext(r.Context(), authz.FromContext(e.As(name))))
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return client{t: t, url: s.URL, account: "officer1"}
}

type headers map[string]string

// do sends a request with the headers that every tus request has.
func (c client) do(method, path string, h headers, body io.Reader) *http.Response {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	all := headers{"Tus-Resumable": "1.0.0", account: c.account}
	if method == http.MethodPatch {
		all["Content-Type"] = "application/offset+octet-stream"
	}
	maps.Copy(all, h)
	for k, v := range all {
		if v != "" {
			r.Header.Set(k, v)
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(bytes.NewReader(text))
	return answer
}

func text(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

func (c client) want(r *http.Response, status int) *http.Response {
	c.t.Helper()
	if r.StatusCode != status {
		c.t.Fatalf("%s %s: %s %q, want %d", r.Request.Method, r.Request.URL.Path, r.Status, text(r), status)
	}
	if v := r.Header.Get("Tus-Resumable"); v != "1.0.0" {
		c.t.Errorf("Tus-Resumable %q", v)
	}
	return r
}

func metadata(i id.ID) string {
	return "filename dmlkZW8ubXA0,evidence " + base64.StdEncoding.EncodeToString([]byte(i.String()))
}

// create makes the upload of an announced file.
func (c client) create(i id.ID, size int) string {
	c.t.Helper()
	r := c.want(c.do(http.MethodPost, tus.Path, headers{"Upload-Length": strconv.Itoa(size), "Upload-Metadata": metadata(i)}, nil), http.StatusCreated)
	if l := r.Header.Get("Location"); l != tus.Path+i.String() {
		c.t.Fatalf("Location %q", l)
	}
	return r.Header.Get("Location")
}

func at(offset int) headers { return headers{"Upload-Offset": strconv.Itoa(offset)} }

func with(h headers, name, value string) headers {
	h = maps.Clone(h)
	h[name] = value
	return h
}

func (c client) offset(path string) int {
	c.t.Helper()
	n, err := strconv.Atoi(c.want(c.do(http.MethodHead, path, nil, nil), http.StatusOK).Header.Get("Upload-Offset"))
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// video is an announced file in parts; a real one, so that it is verified.
func video(t *testing.T, e *testkit.Env) testkit.File {
	t.Helper()
	f := e.VideoFile(rule.Site, 1)
	f.ID, f.Bytes = id.New(id.Evidence), testkit.LargeVideo(t, 11<<20)
	testkit.Must(e.Announce(e.As("officer1"), f))(t)
	return f
}

func verified(t *testing.T, e *testkit.Env, i id.ID) {
	t.Helper()
	e.Work()
	if row := testkit.Must(e.App.Evidence(e.System(), i))(t); row.Status != rule.Verified {
		t.Errorf("%s %q", row.Status, row.Rejection)
	}
}

func TestWholeUpload(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c, f := serve(t, e, tus.Options{}), video(t, e)
		path := c.create(f.ID, len(f.Bytes))
		if c.create(f.ID, len(f.Bytes)) != path || c.offset(path) != 0 {
			t.Error("a repeated POST makes another upload")
		}
		r := c.want(c.do(http.MethodPatch, path, at(0), bytes.NewReader(f.Bytes[:6<<20])), http.StatusNoContent)
		if r.Header.Get("Upload-Offset") != strconv.Itoa(6<<20) {
			t.Errorf("Upload-Offset %q", r.Header.Get("Upload-Offset"))
		}
		expires, err := http.ParseTime(r.Header.Get("Upload-Expires"))
		if err != nil || !expires.Equal(e.Clock.Now().Add(rule.UploadLifetime).Truncate(time.Second)) {
			t.Errorf("Upload-Expires %s, %v", expires, err)
		}
		if c.create(f.ID, len(f.Bytes)) != path || c.offset(path) != 6<<20 {
			t.Error("a POST in the midst changes the upload")
		}
		c.want(c.do(http.MethodPatch, path, at(0), bytes.NewReader(f.Bytes)), http.StatusConflict)
		c.want(c.do(http.MethodPatch, path, at(6<<20), io.MultiReader(bytes.NewReader(f.Bytes[6<<20:]))), http.StatusNoContent) // without a length
		verified(t, e, f.ID)
		if c.offset(path) != len(f.Bytes) {
			t.Error("a finished upload does not stand at its end")
		}
		c.want(c.do(http.MethodPatch, path, at(len(f.Bytes)), nil), http.StatusNoContent)
		c.want(c.do(http.MethodDelete, path, nil, nil), http.StatusForbidden)
	})
}

// TestRefusals: what must not get through, and leaves nothing.
func TestRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c, f := serve(t, e, tus.Options{}), video(t, e)
		size := strconv.Itoa(len(f.Bytes))
		path := c.create(f.ID, len(f.Bytes))
		good := headers{"Upload-Length": size, "Upload-Metadata": metadata(f.ID)}
		hazard := id.Of(id.Hazard, f.ID.UUID)
		before := e.Rows()
		for name, x := range map[string]struct {
			method, path string
			h            headers
			status       int
			says         string
		}{
			"nobody creates":           {"POST", tus.Path, with(good, account, ""), 401, "session.none"},
			"nobody asks":              {"HEAD", path, headers{account: ""}, 401, ""},
			"nobody sends":             {"PATCH", path, with(at(0), account, ""), 401, "session.none"},
			"nobody ends":              {"DELETE", path, headers{account: ""}, 401, "session.none"},
			"another creates":          {"POST", tus.Path, with(good, account, "officer2"), 404, "not_found"},
			"a colleague creates":      {"POST", tus.Path, with(good, account, "principal1"), 404, "not_found"},
			"another asks":             {"HEAD", path, headers{account: "officer2"}, 404, ""},
			"another sends":            {"PATCH", path, with(at(0), account, "principal1"), 404, "not_found"},
			"another ends":             {"DELETE", path, headers{account: "admin"}, 404, "not_found"},
			"another method":           {"POST", path, headers{"X-HTTP-Method-Override": "DELETE"}, 405, ""},
			"another method at root":   {"POST", tus.Path, headers{"X-HTTP-Method-Override": "PATCH"}, 400, "Upload-Metadata"},
			"download":                 {"GET", path, nil, 405, ""},
			"list":                     {"GET", tus.Path, nil, 405, ""},
			"parts of other uploads":   {"POST", tus.Path, with(good, "Upload-Concat", "final;"+path), 400, "Upload-Concat"},
			"unknown length":           {"POST", tus.Path, headers{"Upload-Defer-Length": "1", "Upload-Metadata": metadata(f.ID)}, 400, "Upload-Defer-Length"},
			"other length":             {"POST", tus.Path, with(good, "Upload-Length", "7"), 400, "Upload-Length"},
			"length twice over":        {"POST", tus.Path, with(good, "Upload-Length", size+"0"), 400, "Upload-Length"},
			"no length":                {"POST", tus.Path, with(good, "Upload-Length", ""), 400, "Upload-Length"},
			"no file named":            {"POST", tus.Path, with(good, "Upload-Metadata", "filename eA=="), 400, "Upload-Metadata"},
			"a hazard named":           {"POST", tus.Path, with(good, "Upload-Metadata", metadata(hazard)), 400, "Upload-Metadata"},
			"rubbish named":            {"POST", tus.Path, with(good, "Upload-Metadata", "evidence !!!"), 400, "Upload-Metadata"},
			"unknown file named":       {"POST", tus.Path, with(good, "Upload-Metadata", metadata(id.New(id.Evidence))), 404, "not_found"},
			"bytes while creating":     {"POST", tus.Path, with(good, "Content-Type", "application/offset+octet-stream"), 400, "PATCH"},
			"other version":            {"PATCH", path, with(at(0), "Tus-Resumable", "0.2.2"), 412, ""},
			"other type":               {"PATCH", path, with(at(0), "Content-Type", "video/mp4"), 400, ""},
			"no offset":                {"PATCH", path, nil, 400, ""},
			"negative offset":          {"PATCH", path, at(-1), 400, ""},
			"beyond":                   {"PATCH", path, at(1), 409, ""},
			"a path":                   {"HEAD", tus.Path + "..%2f..%2fetc%2fpasswd", nil, 404, ""},
			"a NUL":                    {"HEAD", tus.Path + f.ID.String() + "%00", nil, 404, ""},
			"a longer path":            {"PATCH", path + "/more", at(0), 404, ""},
			"a long id":                {"HEAD", tus.Path + strings.Repeat("a", 5000), nil, 404, ""},
			"another noun":             {"HEAD", tus.Path + hazard.String(), nil, 404, ""},
			"unknown id":               {"HEAD", tus.Path + id.New(id.Evidence).String(), nil, 404, ""},
			"unknown checksum":         {"PATCH", path, with(at(0), "Upload-Checksum", "md5 1B2M2Y8AsgTpgAmY7PhCfg=="), 400, "Upload-Checksum"},
			"malformed checksum":       {"PATCH", path, with(at(0), "Upload-Checksum", "sha256 !"), 400, "Upload-Checksum"},
			"checksum of other length": {"PATCH", path, with(at(0), "Upload-Checksum", "sha1 AAAA"), 400, "Upload-Checksum"},
		} {
			t.Run(name, func(t *testing.T) {
				c := client{t: t, url: c.url, account: c.account}
				if h, ok := x.h[account]; ok {
					c.account = h
				}
				var body io.Reader
				if x.method == http.MethodPatch {
					body = strings.NewReader("bytes")
				}
				r := c.want(c.do(x.method, x.path, x.h, body), x.status)
				if said := text(r); !strings.Contains(said, x.says) || strings.Contains(said, "/internal/") {
					t.Errorf("says %q, want %q in it", said, x.says)
				}
			})
		}
		if after := e.Rows(); !maps.Equal(before, after) {
			t.Error("a refused request changed rows")
		}
		if c.offset(path) != 0 {
			t.Error("a refused request left bytes")
		}
		r := c.want(c.do(http.MethodPost, tus.Path, with(good, "Upload-Length", "7"), nil), 400)
		if said := text(r); !strings.Contains(said, "differs from") {
			t.Errorf("in English: %q", said)
		}
		r = c.want(c.do(http.MethodPost, tus.Path, headers{"Upload-Length": "7", "Upload-Metadata": metadata(f.ID), "Accept-Language": "zh-CN"}, nil), 400)
		if said := text(r); !strings.Contains(said, "不符") {
			t.Errorf("in Chinese: %q", said)
		}
	})
}

func TestDiscovery(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c := serve(t, e, tus.Options{})
		for _, who := range []string{"", "officer1"} {
			r := c.want(c.do(http.MethodOptions, tus.Path, headers{account: who, "Origin": "https://elsewhere.example", "Tus-Resumable": ""}, nil), http.StatusOK)
			for name, want := range (headers{
				"Tus-Version": "1.0.0", "Tus-Extension": "creation,expiration,checksum,termination", "Tus-Checksum-Algorithm": "sha1,sha256",
				"Access-Control-Allow-Origin": "",
			}) {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		}
	})
}

func TestChecksum(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c, f := serve(t, e, tus.Options{}), video(t, e)
		path := c.create(f.ID, len(f.Bytes))
		one, two := sha1.Sum(f.Bytes[:6<<20]), sha256.Sum256(f.Bytes[6<<20:])
		sum := func(name string, sum []byte) string { return name + " " + base64.StdEncoding.EncodeToString(sum) }
		first := with(at(0), "Upload-Checksum", sum("sha1", one[:]))
		c.want(c.do(http.MethodPatch, path, first, bytes.NewReader(f.Bytes[:6<<20-1])), 460)
		if c.offset(path) != 0 {
			t.Error("bytes with a wrong checksum were kept")
		}
		c.want(c.do(http.MethodPatch, path, first, bytes.NewReader(f.Bytes[:6<<20])), http.StatusNoContent)
		second := with(at(6<<20), "Upload-Checksum", sum("sha256", two[:]))
		c.want(c.do(http.MethodPatch, path, second, bytes.NewReader(f.Bytes[6<<20:])), http.StatusNoContent)
		verified(t, e, f.ID)
	})
}

// TestTermination: the sender takes an unfinished file back, and may send it again.
func TestTermination(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c, f := serve(t, e, tus.Options{}), video(t, e)
		path := c.create(f.ID, len(f.Bytes))
		c.want(c.do(http.MethodPatch, path, at(0), bytes.NewReader(f.Bytes[:7<<20])), http.StatusNoContent)
		c.want(c.do(http.MethodDelete, path, nil, nil), http.StatusNoContent)
		if c.offset(path) != 0 {
			t.Error("the bytes are still there")
		}
		c.want(c.do(http.MethodPatch, c.create(f.ID, len(f.Bytes)), at(0), bytes.NewReader(f.Bytes)), http.StatusNoContent)
		verified(t, e, f.ID)
	})
}

// TestCutConnections: the line breaks in the midst of a request, again and again;
// what had arrived is not sent again.
func TestCutConnections(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		c, f := serve(t, e, tus.Options{}), video(t, e)
		path := c.create(f.ID, len(f.Bytes))
		chance := rand.New(rand.NewPCG(7, 7))
		for from := 0; from < len(f.Bytes); from = c.offset(path) {
			to := min(len(f.Bytes), from+1+chance.IntN(4<<20))
			c.cut(path, from, to, f.Bytes)
			if from == c.offset(path) {
				t.Fatalf("nothing of %d bytes was kept", to-from)
			}
		}
		verified(t, e, f.ID)
	})
}

// cut sends bytes from..to of a request that promised all, then hangs up.
func (c client) cut(path string, from, to int, content []byte) {
	c.t.Helper()
	line, err := (&net.Dialer{}).DialContext(c.t.Context(), "tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = line.Close() }()
	_, err = fmt.Fprintf(line, "PATCH %s HTTP/1.1\r\nHost: test\r\n%s: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n",
		path, account, c.account, from, len(content)-from)
	if err == nil {
		_, err = line.Write(content[from:to])
	}
	if err == nil {
		err = line.(*net.TCPConn).CloseWrite() //nolint:forcetypeassert // it is TCP
	}
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, line) // until the server has noticed
}

// TestManyAtOnce: two hundred uploads pass through one process that would hold
// 400 MiB if it held them, and no user has more than the share.
func TestManyAtOnce(t *testing.T) {
	testkit.EachInTurn(t, func(t *testing.T, e *testkit.Env) {
		const many, size = 200, 2 << 20
		c := serve(t, e, tus.Options{PerUser: many})
		noise := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
		paths := make([]string, many+1)
		for i := range paths {
			f := e.VideoFile(rule.Site, 1)
			f.ID, f.Bytes = id.New(id.Evidence), noise
			testkit.Must(e.Announce(e.As("officer1"), f))(t)
			paths[i] = c.create(f.ID, size)
		}
		runtime.GC()
		var before, during runtime.MemStats
		runtime.ReadMemStats(&before)

		// Each sends all but the last byte and waits until all are under way, which
		// shows in that one more is refused.
		var done sync.WaitGroup
		goOn := make(chan struct{})
		release := sync.OnceFunc(func() { close(goOn) })
		defer release()
		for _, p := range paths[:many] {
			done.Go(func() {
				last := readerFunc(func(b []byte) (int, error) { <-goOn; b[0] = noise[size-1]; return 1, io.EOF })
				for range 100 { // one more may have been there first
					r := c.do(http.MethodPatch, p, at(0), io.MultiReader(bytes.NewReader(noise[:size-1]), last))
					if r.StatusCode == http.StatusNoContent {
						return
					}
					if r.StatusCode != http.StatusTooManyRequests {
						t.Errorf("%s: %s", r.Status, text(r))
					}
				}
			})
		}
		more := paths[many]
		late := time.Now().Add(time.Minute)
		for refused := false; !refused; {
			if time.Now().After(late) {
				t.Fatal("nobody is refused")
			}
			r := c.do(http.MethodPatch, more, at(0), http.NoBody)
			refused = r.StatusCode == http.StatusTooManyRequests
			if refused && r.Header.Get("Retry-After") == "" || !refused && r.StatusCode != http.StatusNoContent {
				t.Fatalf("one more: %s %s", r.Status, text(r))
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&during)
		release()
		done.Wait()
		if grown := int64(during.HeapInuse) - int64(before.HeapInuse); grown > 64<<20 {
			t.Errorf("the process grew by %d MiB", grown>>20)
		}
		for _, p := range paths[:many] {
			if c.offset(p) != size {
				t.Error("an upload is not whole")
			}
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
