package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribeBuild(t *testing.T) {
	system := []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "GOARCH", Value: "arm64"}}
	checkout := append([]debug.BuildSetting{
		{Key: "vcs.revision", Value: "04c2229"}, {Key: "vcs.time", Value: "2026-11-29T10:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}, system...)
	for name, c := range map[string]struct {
		release  string
		info     debug.BuildInfo
		embedded bool
		want     string
	}{
		"make build": {"", debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v0.0.0-20261129100000-04c2229+dirty"}, Settings: checkout}, true,
			"cleargrid v0.0.0-20261129100000-04c2229+dirty\ncommit: 04c2229 of 2026-11-29T10:00:00Z, with changes that are not committed\n" +
				"built with: go1.26.8 for linux/arm64\nobject store: embedded, or any S3\n"},
		"go install": {"", debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "v1.2.3"}, Settings: system}, true,
			"cleargrid v1.2.3\ncommit: not recorded\nbuilt with: go1.26.8 for linux/arm64\nobject store: embedded, or any S3\n"},
		"go run": {"", debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}, Settings: system}, true,
			"cleargrid (development build)\ncommit: not recorded\nbuilt with: go1.26.8 for linux/arm64\nobject store: embedded, or any S3\n"},
		"an archive with -X, for S3": {"v1.2.3", debug.BuildInfo{GoVersion: "go1.26.8", Main: debug.Module{Version: "(devel)"}, Settings: system}, false,
			"cleargrid v1.2.3\ncommit: not recorded\nbuilt with: go1.26.8 for linux/arm64\nobject store: S3 only\n"},
	} {
		var out strings.Builder
		if err := describeBuild(&out, c.release, &c.info, c.embedded); err != nil || out.String() != c.want {
			t.Errorf("%s: %v\n%swant:\n%s", name, err, out.String(), c.want)
		}
	}
}
