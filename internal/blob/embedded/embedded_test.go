package embedded

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/blob/blobtest"
)

// The test binary is the child, and a parent that can be killed, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case ChildCommand:
			if err := RunChild(context.Background(), os.Args[2:], os.Stderr); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		case parentCommand:
			runParent(os.Args[2])
		}
	}
	os.Exit(m.Run())
}

const bucket = "evidence"

// running starts a store and gives what the conformance suite needs.
func running(t *testing.T, opts Options) (*Server, blobtest.Fixture) {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	opts.Bucket = bucket
	opts.Log = zerolog.New(zerolog.NewTestWriter(t))
	s, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	front := httptest.NewServer(s.Handler())
	t.Cleanup(front.Close)
	return s, blobtest.Fixture{Store: opened(t, s), Origin: front.URL, Config: s.Config()}
}

func opened(t *testing.T, s *Server) *blob.Store {
	t.Helper()
	store, err := blob.Open(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestConformance(t *testing.T) {
	for mode, want := range map[string]blob.Abilities{
		metadataXattr:   {Versioning: true, ObjectLock: true, Checksum: true, Once: true},
		metadataSidecar: {ObjectLock: true, Checksum: true, Once: true},
	} {
		t.Run(mode, func(t *testing.T) {
			dir := t.TempDir()
			if err := (folder{path: dir}).remember("layout.json", map[string]string{"metadata": mode}); err != nil {
				t.Fatal(err)
			}
			_, f := running(t, Options{Dir: dir})
			blobtest.Run(t, func(*testing.T) blobtest.Fixture { return f })
			if able, err := f.Store.Abilities(t.Context()); err != nil || able != want {
				t.Errorf("abilities %+v, %v; want %+v", able, err, want)
			}
		})
	}
}
