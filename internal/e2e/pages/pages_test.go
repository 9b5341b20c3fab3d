package pages

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// folder is the project of the pages, built by `make web`, with its browser tests.
const folder = program.Root + "/internal/web"

// TestPages runs the browser's tests of the pages against the real program, but for
// those that take long.
func TestPages(t *testing.T) {
	t.Parallel()
	playwright(t, "--grep-invert", "@long")
}

// playwright runs tests of the pages on a county whose month has been played, and
// those of the capture page on one whose month is on and which has as many schools
// as a county has.
func playwright(t *testing.T, which ...string) {
	browser := testkit.Chromium(t)
	if _, err := os.Stat(filepath.Join(folder, "dist", "index.html")); err != nil {
		testkit.Missing(t, "the pages (make web)")
	}
	played, _ := program.Played(t)
	over, on := program.Settled(t, played, "--production"), program.New(t, "", "--production")
	if out, code, err := on.Run("seed", "--seed", "7"); err != nil || code != 0 {
		t.Fatalf("seed: exit code %d, error %v:\n%s", code, err, out)
	}
	program.Need(t, over.Start())
	program.Need(t, on.Start())

	suite := exec.CommandContext(t.Context(), "npm", append([]string{"test", "--silent", "--"}, which...)...)
	suite.Dir = folder
	suite.Env = append(os.Environ(), testkit.ChromiumEnv+"="+browser, "CLEARGRID_BINARY="+program.Path(), "CLEARGRID_COUNTY="+program.County(t),
		"CLEARGRID_URL="+over.URL, "CLEARGRID_ACCOUNTS="+filepath.Join(over.Data, "first-run.json"),
		"CLEARGRID_CAPTURE_URL="+on.URL, "CLEARGRID_CAPTURE_ACCOUNTS="+filepath.Join(on.Data, "first-run.json"))
	if out, err := suite.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
}
