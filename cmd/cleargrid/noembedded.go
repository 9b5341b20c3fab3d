//go:build noembeddedstore

package main

import (
	"context"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/config"
)

// hasEmbedded reports whether the embedded object store is in this build.
const hasEmbedded = false

func runObjectStore([]string) (bool, error) { return false, nil }

// openEmbedded fails: there is nothing to start.
func (*parts) openEmbedded(context.Context, bool) (blob.Config, error) {
	return blob.Config{}, errNoEmbedded
}

// attachEmbedded fails: a server with an embedded store is another build.
func attachEmbedded(context.Context, config.Config) (blob.Config, error) {
	return blob.Config{}, errNoEmbedded
}
