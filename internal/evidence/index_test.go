package evidence_test

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestNearPictures compares the index with a plain scan: of random hashes, with
// some planted at every distance, it finds each one within eleven bits.
func TestNearPictures(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		random := rand.New(rand.NewPCG(1, 2))
		ctx, county, other := e.System(), uuid.New(), uuid.New()
		hash := random.Uint64()
		hashes := map[uuid.UUID]uint64{}
		for n := range 300 {
			h := random.Uint64()
			if n < 200 { // planted: up to 19 bits away
				h = hash
				for _, bit := range random.Perm(64)[:n%20] {
					h ^= 1 << bit
				}
			}
			i := uuid.New()
			hashes[i] = h
			if err := e.App.AddBands(ctx, county, i, h); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.App.AddBands(ctx, other, uuid.New(), hash); err != nil {
			t.Fatal(err)
		}
		found := testkit.Must(e.App.Near(ctx, county, uuid.New(), hash))(t)
		for i, h := range hashes {
			want := bits.OnesCount64(h^hash) <= 11
			if got := slices.Contains(found, i); got != want {
				t.Errorf("%d bits away: found %v", bits.OnesCount64(h^hash), got)
			}
			hashes[i] = h
		}
		for _, i := range found {
			if _, known := hashes[i]; !known {
				t.Error("a picture of another county was found")
			}
		}
	})
}
