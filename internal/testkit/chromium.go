package testkit

import (
	_ "embed"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// chromiumNames are the browsers that the tests can drive, the best first: the
// headless shell is half the work of the whole browser, and the same engine.
// .ci/run reads the same file.
//
//go:embed chromium.txt
var chromiumNames string

// ChromiumEnv names the variable that leads to a browser in another place.
const ChromiumEnv = "CHROMIUM"

// ChromiumFound gives the path of a browser, empty without one.
func ChromiumFound() string {
	for _, name := range append([]string{os.Getenv(ChromiumEnv)}, strings.Fields(chromiumNames)...) {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Chromium gives the path of a browser that the tests can drive.
func Chromium(t testing.TB) string {
	t.Helper()
	path := ChromiumFound()
	if path == "" {
		Missing(t, "Chromium")
	}
	return path
}
