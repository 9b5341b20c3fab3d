package faults

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// tusRequest is a request of tus about a file; an answer is read and closed.
func tusRequest(s *program.Server, method, token, evidence string, offset int, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequest(method, s.URL+"/uploads/"+evidence, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Tus-Resumable", "1.0.0")
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/offset+octet-stream")
		r.Header.Set("Upload-Offset", strconv.Itoa(offset))
	}
	answer, err := program.Requests.Do(r)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer, answer.Body.Close()
}

// TestKilledWhileReceiving kills the server in the midst of a film that passes
// through it: whole parts are kept, nothing is in the way of the rest, and the work
// folder of the dead process is cleared.
func TestKilledWhileReceiving(t *testing.T) {
	t.Parallel()
	m := program.NewMedia(t)
	s := program.Running(t)
	c, film, token := announced(t, s, m)
	const part = 8 << 20
	killed := readerFunc(func([]byte) (int, error) { c.Kill(); return 0, io.ErrUnexpectedEOF })
	if _, err := tusRequest(s, http.MethodPatch, token, film.ID, 0, io.MultiReader(bytes.NewReader(film.Bytes[:2*part+part/2]), killed)); err == nil {
		t.Error("a killed server answers")
	}
	program.Need(t, s.Start())
	answer, err := tusRequest(s, http.MethodHead, token, film.ID, 0, nil)
	program.Need(t, err)
	at, err := strconv.Atoi(answer.Header.Get("Upload-Offset"))
	if err != nil || at%part != 0 || at > 2*part {
		t.Errorf("the upload stands at %q", answer.Header.Get("Upload-Offset"))
	}
	answer, err = tusRequest(s, http.MethodPatch, token, film.ID, at, bytes.NewReader(film.Bytes[at:]))
	program.Need(t, err)
	if answer.StatusCode != http.StatusNoContent {
		t.Errorf("the rest: %s", answer.Status)
	}
	if status, reason, err := c.Verdict(film); err != nil || status != "VERIFIED" {
		t.Errorf("%s %s %v", status, reason, err)
	}
	if left, err := os.ReadDir(filepath.Join(s.Data, "work")); err != nil || len(left) != 1 {
		t.Errorf("%d work folders, %v", len(left), err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestFullDisk gives the object store a disk of 16 MiB: a film that does not fit is
// to be sent later, by every way, while everything else goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	small, err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt").CombinedOutput()
	if err != nil {
		t.Logf("this machine lets nobody mount a small disk: %s", small)
		return
	}
	m := program.NewMedia(t)
	s := program.Settled(t, program.County(t))
	s.Wrap = []string{"unshare", "--user", "--map-root-user", "--mount", "sh", "-c", `mkdir -p "$CLEARGRID_DATA/objects" && mount -t tmpfs -o size=16m tmpfs "$CLEARGRID_DATA/objects" && exec "$@"`, "sh"}
	program.Need(t, s.Start())
	c, film, token := announced(t, s, m)
	u, err := c.Progress(film)
	program.Need(t, err)
	refused := false
	for _, p := range u.Ticket.Parts {
		from := int64(p.Number-1) * u.Ticket.PartSize
		status, text, err := p.Request.Send(film.Bytes[from : from+p.Size])
		program.Need(t, err)
		refused = refused || status/100 == 5 && strings.Contains(text, "<Code>")
	}
	if !refused {
		t.Error("the store took more than it can keep")
	}
	answer, err := tusRequest(s, http.MethodHead, token, film.ID, 0, nil)
	program.Need(t, err)
	at, _ := strconv.Atoi(answer.Header.Get("Upload-Offset"))
	answer, err = tusRequest(s, http.MethodPatch, token, film.ID, at, bytes.NewReader(film.Bytes[at:]))
	program.Need(t, err)
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("tus on a full disk: %s", answer.Status)
	}
	program.Need(t, c.LookAround()) // everything else goes on
}
