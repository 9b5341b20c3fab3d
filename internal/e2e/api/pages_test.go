package api

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// pages is the project of the pages, built by `make web`, with its browser tests.
const pages = root + "/internal/web"

// TestPages runs the browser's tests of the pages against the real program, on a
// county whose month has been played, and those of the capture page on one whose
// month is on and which has as many schools as a county has.
func TestPages(t *testing.T) {
	browser := chromium(t)
	if _, err := os.Stat(filepath.Join(pages, "dist", "index.html")); err != nil {
		testkit.Missing(t, "the pages (make web)")
	}
	county := func(how ...string) *server {
		s := newServer(t, "", "--production")
		seed := append([]string{"seed", "--seed", "7"}, how...)
		if out, code, err := s.run(seed...); err != nil || code != 0 {
			t.Fatalf("seed: exit code %d, error %v:\n%s", code, err, out)
		}
		need(t, s.start())
		return s
	}
	s, on := county("--simulate", "--schools", "24", "--townships", "4"), county()
	suite := exec.CommandContext(t.Context(), "npm", "test", "--silent")
	suite.Dir = pages
	suite.Env = append(os.Environ(), "CLEARGRID_URL="+s.url, "CLEARGRID_ACCOUNTS="+filepath.Join(s.data, "first-run.json"), "CHROMIUM="+browser, "CLEARGRID_BINARY="+program,
		"CLEARGRID_CAPTURE_URL="+on.url, "CLEARGRID_CAPTURE_ACCOUNTS="+filepath.Join(on.data, "first-run.json"))
	if out, err := suite.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
}
