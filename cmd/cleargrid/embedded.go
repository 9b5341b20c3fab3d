//go:build !noembeddedstore

package main

import (
	"context"
	"errors"
	"os"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/blob/embedded"
	"github.com/cleargrid/cleargrid/internal/config"
)

// The build tag noembeddedstore leaves the embedded object store out, for
// installations that have an S3 store: see noembedded.go.

// hasEmbedded reports whether the embedded object store is in this build.
const hasEmbedded = true

// runObjectStore is the embedded object store's own process; false when the
// arguments do not ask for it.
func runObjectStore(args []string) (bool, error) {
	if len(args) == 0 || args[0] != embedded.ChildCommand {
		return false, nil
	}
	return true, embedded.RunChild(context.Background(), args[1:], os.Stderr)
}

// openEmbedded starts the embedded object store. A tool that runs beside a server
// takes that server's.
func (p *parts) openEmbedded(ctx context.Context, beside bool) (blob.Config, error) {
	if beside {
		if b, err := attachEmbedded(ctx, p.config); err == nil {
			return b, nil
		}
	}
	s, err := embedded.Start(ctx, embedded.Options{Dir: p.config.ObjectFolder(), Bucket: p.config.S3Bucket, Log: p.log})
	if err != nil {
		return blob.Config{}, errors.Join(err, errors.New("is another cleargrid running on this data folder?"))
	}
	p.objects = s.Handler()
	p.closers = append(p.closers, s.Close)
	return s.Config(), nil
}

// attachEmbedded is the embedded object store that a server of this data folder has
// started; an error when none runs.
func attachEmbedded(ctx context.Context, c config.Config) (blob.Config, error) {
	return embedded.Attach(ctx, embedded.Options{Dir: c.ObjectFolder(), Bucket: c.S3Bucket})
}
