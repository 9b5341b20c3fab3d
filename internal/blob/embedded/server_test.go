package embedded

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/blob/blobtest"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// prepared is a running store with its bucket.
func prepared(t *testing.T, opts Options) (*Server, blobtest.Fixture) {
	t.Helper()
	s, f := running(t, opts)
	if err := f.Store.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, f
}

func put(t *testing.T, store *blob.Store, key, text string) {
	t.Helper()
	if err := store.Put(t.Context(), key, strings.NewReader(text), int64(len(text)), "text/plain"); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, store *blob.Store, key, text string) {
	t.Helper()
	r, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != text {
		t.Fatalf("read %q, %v; want %q", got, err, text)
	}
}

// signPut signs the upload of a text.
func signPut(t *testing.T, f blobtest.Fixture, key, text string) blob.Request {
	t.Helper()
	r, err := f.Store.PresignPut(t.Context(), f.Origin, key,
		blob.Content{Type: "text/plain", Size: int64(len(text)), SHA256: sha256.Sum256([]byte(text))}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// send sends a request with a body and gives the answer with its body read.
func send(t *testing.T, method, url string, headers map[string]string, body io.Reader) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// A child that is killed is replaced. What was stored is there, requests signed
// before are good, and those in between are answered with 503.
func TestKilledChildIsReplaced(t *testing.T) {
	// The child's program can be taken away, which holds the new start up.
	program := filepath.Join(t.TempDir(), "program")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	ready := make(chan int, 10)
	_, f := prepared(t, Options{Executable: program, ready: func(pid int) { ready <- pid }})
	put(t, f.Store, "before", "kept")
	request := signPut(t, f, "after", "new")
	first := <-ready

	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	// The first request may still meet the dying child.
	answer, text := send(t, request.Method, request.URL, nil, strings.NewReader("new"))
	for answer.StatusCode != http.StatusServiceUnavailable {
		answer, text = send(t, request.Method, request.URL, nil, strings.NewReader("new"))
	}
	if answer.Header.Get("Retry-After") == "" || answer.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(text, "<Code>ServiceUnavailable</Code>") {
		t.Errorf("answer while the store is down: %v %s", answer.Header, text)
	}
	if _, err := f.Store.Stat(t.Context(), "before"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Stat while the store is down: %v", err)
	}

	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	if second := <-ready; second == first {
		t.Fatalf("process %d answers again", second)
	}
	holds(t, f.Store, "before", "kept")
	if answer, text := send(t, request.Method, request.URL, request.Headers, strings.NewReader("new")); answer.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", answer.StatusCode, text)
	}
	holds(t, f.Store, "after", "new")
}

// A server that is killed leaves a child behind, which ends by itself; the next
// server waits for that and finds everything.
func TestKilledServerCanStartAgain(t *testing.T) {
	dir := t.TempDir()
	parent := exec.Command(os.Args[0], parentCommand, dir)
	if _, err := parent.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatalf("the server says %s", line)
	}

	// Two servers never share a folder.
	if _, err := Start(t.Context(), Options{Dir: dir, Bucket: bucket, Log: zerolog.Nop()}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Fatalf("a second server on the same folder: %v", err)
	}

	inside := folder{path: dir}
	secrets, err := inside.credentials()
	if err != nil {
		t.Fatal(err)
	}
	store, err := blob.Open(blob.Config{
		Endpoint: endpoint, Bucket: bucket, AccessKey: secrets.AccessKey, SecretKey: secrets.SecretKey,
		Transport: dial(inside.in("s3.sock")),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, store, "acknowledged", "before the kill")

	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	_, f := running(t, Options{Dir: dir})
	holds(t, f.Store, "acknowledged", "before the kill")
}

func TestCredentials(t *testing.T) {
	dir := t.TempDir()
	pids := make(chan int, 1)
	s, _ := running(t, Options{Dir: dir, ready: func(pid int) { pids <- pid }})
	info, err := os.Stat(filepath.Join(dir, "credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("credentials.json has mode %v", info.Mode())
	}
	cfg := s.Config()
	if len(cfg.AccessKey) < 16 || len(cfg.SecretKey) < 32 {
		t.Errorf("short keys: %d and %d characters", len(cfg.AccessKey), len(cfg.SecretKey))
	}

	// Neither the command line nor the environment shows them.
	pid := strconv.Itoa(<-pids)
	for _, name := range []string{"cmdline", "environ"} {
		shown, err := os.ReadFile(filepath.Join("/proc", pid, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(shown, []byte(cfg.SecretKey)) || bytes.Contains(shown, []byte(cfg.AccessKey)) {
			t.Errorf("%s of the child holds a key", name)
		}
	}

	// They stay, and another folder has others.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, _ := running(t, Options{Dir: dir})
	if again.Config().SecretKey != cfg.SecretKey {
		t.Error("a second start has other keys")
	}
	other, _ := running(t, Options{})
	if other.Config().SecretKey == cfg.SecretKey {
		t.Error("two folders have the same keys")
	}
}

// Where attributes are kept is decided once.
func TestLayoutStays(t *testing.T) {
	f, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, err := f.metadata()
	if err != nil {
		t.Fatal(err)
	}
	other := map[string]string{metadataXattr: metadataSidecar, metadataSidecar: metadataXattr}[first]
	if err := f.remember("layout.json", map[string]string{"metadata": other}); err != nil {
		t.Fatal(err)
	}
	if got, err := f.metadata(); err != nil || got != other {
		t.Errorf("the file says %s, the store takes %s (%v)", other, got, err)
	}
	if err := f.remember("layout.json", map[string]string{"metadata": "elsewhere"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.metadata(); err == nil {
		t.Error("an unknown place was taken")
	}
}

// A folder too deep for a unix socket works with a socket elsewhere, which goes
// with the server.
func TestLongFolder(t *testing.T) {
	deep := filepath.Join(t.TempDir(), strings.Repeat("long-name-", 12), "store")
	s, f := prepared(t, Options{Dir: deep})
	put(t, f.Store, "a", "deep")
	holds(t, f.Store, "a", "deep")
	if strings.HasPrefix(s.socket, deep) || len(s.socket) > longestSocket {
		t.Fatalf("socket %s", s.socket)
	}
	info, err := os.Stat(filepath.Dir(s.socket))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder: %v %v", info, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(s.socket)); !os.IsNotExist(err) {
		t.Errorf("the socket's folder is left: %v", err)
	}
}

func TestClose(t *testing.T) {
	dir := t.TempDir()
	s, f := prepared(t, Options{Dir: dir})
	put(t, f.Store, "a", "kept")
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// The child is gone: its lock is free at once.
	unlock, err := lock(t.Context(), s.folder.childLock(), 0)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	unlock()
	_, f = running(t, Options{Dir: dir})
	holds(t, f.Store, "a", "kept")
}

func TestStartFails(t *testing.T) {
	for name, c := range map[string]struct {
		opts Options
		want string
	}{
		"a program that ends":  {Options{Executable: "/bin/false"}, "ended"},
		"no program":           {Options{Executable: "/does/not/exist"}, "no such file"},
		"a folder in a file":   {Options{Dir: "/dev/null/x"}, "not a directory"},
		"an unreadable secret": {Options{Dir: brokenSecret(t)}, "credentials.json"},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.Bucket, c.opts.Log = bucket, zerolog.Nop()
			if c.opts.Dir == "" {
				c.opts.Dir = t.TempDir()
			}
			s, err := Start(t.Context(), c.opts)
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Start: %v, want %q", err, c.want)
			}
		})
	}
	// Nothing stays locked after a failure.
	dir := t.TempDir()
	if _, err := Start(t.Context(), Options{Dir: dir, Bucket: bucket, Executable: "/bin/false", Log: zerolog.Nop()}); err == nil {
		t.Fatal("started")
	}
	running(t, Options{Dir: dir})
}

func brokenSecret(t *testing.T) string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "credentials.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The child can't be started by hand, and says so.
func TestRunChildAlone(t *testing.T) {
	for name, args := range map[string][]string{"no settings": {ChildCommand}, "arguments": {ChildCommand, "x"}} {
		out, err := exec.Command(os.Args[0], args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), ChildCommand) {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}

// The log has no keys of objects in it and no terminal colours.
func TestChildLog(t *testing.T) {
	var out bytes.Buffer
	l := &lineLog{log: zerolog.New(&out), secret: "evidence/"}
	for _, part := range []string{"\x1b[31m[INTERNAL ERROR]: open evidence/school-7/a.jpg: permis", "sion denied\x1b[0m\n\n", "write object data: unexpected EOF\nrest"} {
		if _, err := l.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	var lines []map[string]string
	for d := json.NewDecoder(&out); ; {
		var line map[string]string
		if err := d.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) != 2 ||
		lines[0]["message"] != "[INTERNAL ERROR]: open evidence/…: permission denied" || lines[0]["level"] != "warn" ||
		lines[1]["message"] != "write object data: unexpected EOF" || lines[1]["level"] != "debug" {
		t.Errorf("logged %v", lines)
	}
	if l.last() != "write object data: unexpected EOF" {
		t.Errorf("last line %q", l.last())
	}
}
