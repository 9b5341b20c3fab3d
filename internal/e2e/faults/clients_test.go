package faults

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// announced is a film that is to be sent, and the token of its sender.
func announced(t *testing.T, s *program.Server, m *program.Media) (c *program.Cast, film *program.File, token string) {
	t.Helper()
	c = program.NewCast(s, m)
	program.Need(t, c.As("grid1"))
	program.Need(t, c.LookAround())
	film, err := c.Take("film", "large-film", "SITE")
	program.Need(t, err)
	_, err = c.Announce(film)
	program.Need(t, err)
	token, err = c.Token("grid1")
	program.Need(t, err)
	return c, film, token
}

// sentOnce checks that a file was proven, and that of what had arrived before
// each cut nothing but what was under way then came again.
func sentOnce(t *testing.T, c *program.Cast, film *program.File, line *badLine, cuts int) {
	t.Helper()
	if left := line.toCome(); left > 0 {
		t.Errorf("%d of %d cuts did not happen", left, cuts)
	}
	const underWay = 64 << 10
	if sent, most := line.sent.Load(), int64(len(film.Bytes)+cuts*underWay); sent > most {
		t.Errorf("%d bytes were sent for a file of %d", sent, len(film.Bytes))
	}
	if status, reason, err := c.Verdict(film); err != nil || status != "VERIFIED" {
		t.Errorf("%s %s %v", status, reason, err)
	}
}

// TestTusJSClient sends a film by tus-js-client over a line that breaks five times.
func TestTusJSClient(t *testing.T) {
	t.Parallel()
	clients := program.Clients(t)
	m := program.NewMedia(t)
	s := program.Running(t)
	c, film, token := announced(t, s, m)
	cuts := []int64{1, 100_000, 9 << 20, 3_000_000, 1_000_000}
	line := newBadLine(t, s, nil, cuts...)
	path := filepath.Join(t.TempDir(), "film.mp4")
	program.Need(t, os.WriteFile(path, film.Bytes, 0o600))
	out, err := exec.Command("node", filepath.Join(clients, "tus.mjs"), line.url+"/uploads/", token, film.ID, path, "0").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != line.url+"/uploads/"+film.ID {
		t.Errorf("the upload is at %s", got)
	}
	sentOnce(t, c, film, line, len(cuts))
}

// TestUppy sends a film by Uppy, in a browser, over a line that breaks.
func TestUppy(t *testing.T) {
	t.Parallel()
	browser := testkit.Chromium(t)
	clients := program.Clients(t)
	m := program.NewMedia(t)
	s := program.Running(t)
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
	pages.HandleFunc("/test/file", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(film.Bytes) })
	cuts := []int64{1, 3 << 20, 200_000}
	line := newBadLine(t, s, pages, cuts...)

	v := visit(t, browser)
	asked := url.Values{"token": {token}, "evidence": {film.ID}, "chunk": {strconv.Itoa(8 << 20)}}
	v.do(t, chromedp.Navigate(line.url+"/test/page?"+asked.Encode()))
	v.until(t, `document.title !== "sending"`)
	if title := v.title(t); title != "sent" {
		t.Fatalf("Uppy %s: %q", title, v.complaints())
	}
	sentOnce(t, c, film, line, len(cuts))
	v.looks(t, c, film)
}

// looks shows the film's thumbnail and plays it from its midst, as a page does.
func (v *browserVisit) looks(t *testing.T, c *program.Cast, film *program.File) {
	t.Helper()
	var out struct {
		Evidence     struct{ Thumbnail string }
		OpenOriginal struct{ URL string }
	}
	program.Need(t, c.Do(`query($id: ID!) { evidence(id: $id) { thumbnail: url(rendition: THUMBNAIL) } }`, program.Variables{"id": film.ID}, &out))
	program.Need(t, c.Do(`mutation($id: ID!) { openOriginal(input: {evidenceId: $id}) { url } }`, program.Variables{"id": film.ID}, &out))
	v.eval(t, fmt.Sprintf(`
		document.title = "looking";
		const picture = Object.assign(new Image(), {src: %q});
		const player = Object.assign(document.createElement("video"), {src: %q, muted: true});
		player.onloadedmetadata = () => { player.currentTime = player.duration / 2; };
		player.onseeked = async () => { await picture.decode(); document.title = picture.naturalWidth === 320 && player.videoWidth > 0 ? "shown" : "strange"; };
		player.onerror = picture.onerror = () => { document.title = "refused"; };`, out.Evidence.Thumbnail, out.OpenOriginal.URL))
	v.until(t, `document.title !== "looking"`)
	if title := v.title(t); title != "shown" {
		t.Errorf("the film is %s: %q", title, v.complaints())
	}
}

func (v *browserVisit) title(t *testing.T) string {
	t.Helper()
	title, err := chromedp.Run(v.ctx, chromedp.Evaluate[string]("document.title"))
	program.Need(t, err)
	return title
}
