package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// version is the release's number where the build sets it with
// -ldflags "-X main.version=v1.2.3": a build from an unpacked archive has no other.
var version string

// printVersion prints which program this is, for a fault report.
func printVersion(_ context.Context, args []string) error {
	f := flag.NewFlagSet("cleargrid version", flag.ContinueOnError)
	if err := f.Parse(args); err != nil {
		return err
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return describeBuild(os.Stdout, version, info, hasEmbedded)
}

// describeBuild writes one line per fact. The go command records the commit when it
// builds in a checkout, and the module's version under `go install …@v1.2.3`; `go
// run` records neither, and the lines say so.
func describeBuild(w io.Writer, release string, info *debug.BuildInfo, embedded bool) error {
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	if info.Main.Version != "(devel)" {
		release = cmp.Or(release, info.Main.Version)
	}
	commit := cmp.Or(recorded["vcs.revision"], "not recorded")
	if at := recorded["vcs.time"]; at != "" {
		commit += " of " + at
	}
	if recorded["vcs.modified"] == "true" {
		commit += ", with changes that are not committed"
	}
	store := "embedded, or any S3"
	if !embedded {
		store = "S3 only"
	}
	_, err := fmt.Fprintf(w, "cleargrid %s\ncommit: %s\nbuilt with: %s for %s/%s\nobject store: %s\n",
		cmp.Or(release, "(development build)"), commit, cmp.Or(info.GoVersion, "an unknown Go"), recorded["GOOS"], recorded["GOARCH"], store)
	return err
}
