//go:build long

package blobtest_test

import (
	"testing"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/blob/blobtest"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestTakesLongCeph is about a server that shares no code with the embedded store.
func TestTakesLongCeph(t *testing.T) {
	config := testkit.Ceph(t, "evidence")
	store, err := blob.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	blobtest.Run(t, func(*testing.T) blobtest.Fixture { return blobtest.Fixture{Store: store, Config: config} })
	// It knows no checksums yet, and where there are versions each upload is one.
	want := blob.Abilities{Versioning: true, ObjectLock: true}
	if able, err := store.Abilities(t.Context()); err != nil || able != want {
		t.Errorf("abilities %+v, %v; want %+v", able, err, want)
	}
}
