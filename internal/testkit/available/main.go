// Command available says, before the tests run, what this machine lacks for all
// of them: `go test` itself does not show why a test was skipped. It decides
// nothing; with CI=true the tests fail for what is missing.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

func main() {
	if !testkit.PostgresFound() {
		say("PostgreSQL", "the tests run on SQLite only; install its server programs or set "+testkit.PostgresEnv)
	}
	if !testkit.CephFound() {
		say("Ceph", "make test-long tests no store but the embedded one; install ceph-mon, ceph-osd and radosgw")
	}
	if testkit.ChromiumFound() == "" {
		say("Chromium", "the pages are not tested in a browser; any will do, "+testkit.ChromiumEnv+" names one outside of the PATH")
	}
	for tool, loses := range map[string]string{
		"ffmpeg":  "tests with a real video are skipped",
		"curl":    "the README's tour is not tested",
		"jq":      "the README's tour is not tested",
		"uuidgen": "the README's tour is not tested",
		"npm":     "the pages are neither built nor tested, nor are tus-js-client and Uppy",
	} {
		if _, err := exec.LookPath(tool); err != nil {
			say(tool, loses)
		}
	}
}

func say(missing, loses string) {
	_, _ = fmt.Fprintf(os.Stdout, "without %s: %s\n", missing, loses)
}
