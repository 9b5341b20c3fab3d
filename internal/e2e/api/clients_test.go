package api

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// clients is the folder of the upload clients that others made, from npm.
const clients = "clients"

// installed brings the clients of package-lock.json to node_modules, once.
var installed = sync.OnceValue(func() error {
	lock, err := os.ReadFile(filepath.Join(clients, "package-lock.json"))
	if err != nil {
		return err
	}
	mark := filepath.Join(clients, "node_modules", ".installed")
	if done, err := os.ReadFile(mark); err == nil && bytes.Equal(done, lock) {
		return nil
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts")
	cmd.Dir = clients
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return os.WriteFile(mark, lock, 0o600)
})

func needClients(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Missing(t, tool)
		}
	}
	need(t, installed())
}

// announced is a film that is to be sent, and the token of its sender.
func announced(t *testing.T, s *server, m *media) (c *cast, film *file, token string) {
	t.Helper()
	c = newCast(s, m)
	need(t, c.as([]string{"grid1"}))
	need(t, c.lookAround())
	film, err := c.take("film", "large-film", "SITE")
	need(t, err)
	_, err = c.announce(film)
	need(t, err)
	token, err = c.token("grid1")
	need(t, err)
	return c, film, token
}

// sentOnce checks that a file was proven, and that of what had arrived before
// each cut nothing but what was under way then came again.
func sentOnce(t *testing.T, c *cast, film *file, line *badLine, cuts int) {
	t.Helper()
	if left := line.toCome(); left > 0 {
		t.Errorf("%d of %d cuts did not happen", left, cuts)
	}
	const underWay = 64 << 10
	if taken, most := line.taken.Load(), int64(len(film.bytes)+cuts*underWay); taken > most {
		t.Errorf("%d bytes were sent for a file of %d", taken, len(film.bytes))
	}
	if status, reason, err := c.verdict(film); err != nil || status != "VERIFIED" {
		t.Errorf("%s %s %v", status, reason, err)
	}
}

// TestTusJSClient sends a film by tus-js-client over a line that breaks five times.
func TestTusJSClient(t *testing.T) {
	needClients(t)
	m := newMedia(t)
	s := running(t)
	c, film, token := announced(t, s, m)
	cuts := []int64{1, 100_000, 9 << 20, 3_000_000, 1_000_000}
	line := newBadLine(t, s, nil, cuts...)
	path := filepath.Join(t.TempDir(), "film.mp4")
	need(t, os.WriteFile(path, film.bytes, 0o600))
	out, err := exec.Command("node", filepath.Join(clients, "tus.mjs"), line.url+"/uploads/", token, film.id, path, "0").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != line.url+"/uploads/"+film.id {
		t.Errorf("the upload is at %s", got)
	}
	sentOnce(t, c, film, line, len(cuts))
}

// TestUppy sends a film by Uppy, in a browser, over a line that breaks.
func TestUppy(t *testing.T) {
	browser := chromium(t)
	needClients(t)
	m := newMedia(t)
	s := running(t)
	c, film, token := announced(t, s, m)
	bundle := filepath.Join(t.TempDir(), "uppy.js")
	if out, err := exec.Command(filepath.Join(clients, "node_modules", ".bin", "esbuild"), filepath.Join(clients, "uppy.js"),
		"--bundle", "--format=esm", "--outfile="+bundle).CombinedOutput(); err != nil {
		t.Fatalf("bundle: %v\n%s", err, out)
	}
	pages := http.NewServeMux()
	pages.HandleFunc("/test/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><title>sending</title><script type="module" src="/test/uppy.js"></script>`))
	})
	pages.HandleFunc("/test/uppy.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, bundle) })
	pages.HandleFunc("/test/file", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(film.bytes) })
	cuts := []int64{1, 3 << 20, 200_000}
	line := newBadLine(t, s, pages, cuts...)

	v := visit(t, browser)
	asked := url.Values{"token": {token}, "evidence": {film.id}, "chunk": {strconv.Itoa(8 << 20)}}
	v.do(t, chromedp.Navigate(line.url+"/test/page?"+asked.Encode()))
	v.until(t, `document.title !== "sending"`)
	if title := v.title(t); title != "sent" {
		t.Fatalf("Uppy %s: %q", title, v.complaints())
	}
	sentOnce(t, c, film, line, len(cuts))
	v.looks(t, c, film)
}

// looks shows the film's thumbnail and plays it from its midst, as a page does.
func (v *browserVisit) looks(t *testing.T, c *cast, film *file) {
	t.Helper()
	var out struct {
		Evidence struct{ Thumbnail, Original string }
	}
	need(t, c.do(`query($id: ID!) { evidence(id: $id) { thumbnail: url(rendition: THUMBNAIL) original: url } }`, variables{"id": film.id}, &out))
	v.eval(t, fmt.Sprintf(`
		document.title = "looking";
		const picture = Object.assign(new Image(), {src: %q});
		const player = Object.assign(document.createElement("video"), {src: %q, muted: true});
		player.onloadedmetadata = () => { player.currentTime = player.duration / 2; };
		player.onseeked = async () => { await picture.decode(); document.title = picture.naturalWidth === 320 && player.videoWidth > 0 ? "shown" : "strange"; };
		player.onerror = picture.onerror = () => { document.title = "refused"; };`, out.Evidence.Thumbnail, out.Evidence.Original))
	v.until(t, `document.title !== "looking"`)
	if title := v.title(t); title != "shown" {
		t.Errorf("the film is %s: %q", title, v.complaints())
	}
}

func (v *browserVisit) title(t *testing.T) string {
	t.Helper()
	title, err := chromedp.Run(v.ctx, chromedp.Evaluate[string]("document.title"))
	need(t, err)
	return title
}
