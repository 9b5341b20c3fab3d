package geo_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/geo"
)

// yard is a ring around a place in steps of 0.001 degrees (about 100 m).
func yard(latitude, longitude float64, steps ...[2]float64) geo.Ring {
	var out geo.Ring
	for _, s := range steps {
		east := math.Remainder(longitude+s[0]/1000, 360)
		out = append(out, geo.Point{Latitude: latitude + s[1]/1000, Longitude: east})
	}
	return out
}

func at(latitude, longitude, east, north float64) geo.Point {
	return yard(latitude, longitude, [2]float64{east, north})[0]
}

var (
	square = [][2]float64{{0, 0}, {4, 0}, {4, 4}, {0, 4}}
	corner = [][2]float64{{0, 0}, {4, 0}, {4, 4}, {2, 4}, {2, 2}, {0, 2}} // an L
)

// places are where grounds may lie, the awkward ones among them.
var places = map[string][2]float64{
	"a county": {36.7, 114.2}, "south and west": {-33.4, -70.6}, "the 180th meridian": {-16.8, 179.999}, "the equator": {-0.002, 10},
	"the prime meridian": {51.5, -0.002}, "far north": {78.2, 15.6},
}

func TestContains(t *testing.T) {
	cases := []struct {
		name        string
		ring        [][2]float64
		east, north float64
		want        bool
	}{
		{"the middle", square, 2, 2, true},
		{"a corner", square, 0, 0, true},
		{"the last corner", square, 0, 4, true},
		{"the middle of a side", square, 4, 2, true},
		{"a third of the last side", square, 0, 4.0 / 3, true},
		{"just inside", square, 0.01, 2, true},
		{"just outside", square, -0.01, 2, false},
		{"beside a side, on its line", square, 6, 0, false},
		{"level with a corner, to the west", square, -1, 4, false},
		{"far away", square, 400, 2, false},
		{"the arm of an L", corner, 1, 1, true},
		{"the other arm", corner, 3, 3, true},
		{"the notch", corner, 1, 3, false},
		{"the inner corner", corner, 2, 2, true},
		{"an inner side", corner, 1, 2, true},
		{"two corners are no ground", square[:2], 2, 0, false},
		{"no corners", nil, 0, 0, false},
	}
	for place, p := range places {
		for _, c := range cases {
			ring := yard(p[0], p[1], c.ring...)
			for range ring { // from every corner, both ways round
				ring = append(ring[1:], ring[0])
				back := slices.Clone(ring)
				slices.Reverse(back)
				for _, r := range []geo.Ring{ring, back} {
					if got := r.Contains(at(p[0], p[1], c.east, c.north)); got != c.want {
						t.Errorf("%s, %s: %t", place, c.name, got)
					}
				}
			}
		}
	}
	if yard(36, 114, square...).Contains(geo.Point{Latitude: math.NaN(), Longitude: 114}) {
		t.Error("nowhere lies inside")
	}
}

func TestRingFault(t *testing.T) {
	many := make([][2]float64, geo.MaxCorners+1)
	for i := range many {
		angle := 2 * math.Pi * float64(i) / float64(len(many))
		many[i] = [2]float64{20 * math.Cos(angle), 20 * math.Sin(angle)}
	}
	cases := map[string]struct {
		ring [][2]float64
		want geo.RingFault
		at   int
	}{
		"a square":                     {square, geo.RingSound, -1},
		"an L":                         {corner, geo.RingSound, -1},
		"a triangle":                   {square[:3], geo.RingSound, -1},
		"a corner on a straight side":  {[][2]float64{{0, 0}, {2, 0}, {4, 0}, {4, 4}}, geo.RingSound, -1},
		"200 corners":                  {many[:geo.MaxCorners], geo.RingSound, -1},
		"201 corners":                  {many, geo.RingCorners, -1},
		"two corners":                  {square[:2], geo.RingCorners, -1},
		"no corner":                    {nil, geo.RingCorners, -1},
		"a bow tie":                    {[][2]float64{{0, 0}, {4, 4}, {4, 0}, {0, 4}}, geo.RingCrossing, 2},
		"a corner twice":               {[][2]float64{{0, 0}, {4, 0}, {4, 4}, {0, 0}, {0, 4}}, geo.RingRepeated, 3},
		"closed as other formats are":  {[][2]float64{{0, 0}, {4, 0}, {4, 4}, {0, 0}}, geo.RingRepeated, 3},
		"a line":                       {[][2]float64{{0, 0}, {1, 1}, {2, 2}}, geo.RingCrossing, 2},
		"a spike":                      {[][2]float64{{0, 0}, {4, 0}, {4, 4}, {4, 1}, {0, 4}}, geo.RingCrossing, 2},
		"a corner that touches a side": {[][2]float64{{0, 0}, {4, 0}, {4, 4}, {2, 0}, {0, 4}}, geo.RingCrossing, 2},
	}
	for place, p := range places {
		for name, c := range cases {
			if got, where := yard(p[0], p[1], c.ring...).Fault(); got != c.want || c.want != geo.RingSound && where != c.at {
				t.Errorf("%s, %s: %q at %d, want %q at %d", place, name, got, where, c.want, c.at)
			}
		}
	}
	off := yard(36, 114, square...)
	off[2].Latitude = 91
	if got, where := off.Fault(); got != geo.RingNowhere || where != 2 {
		t.Errorf("off the globe: %q at %d", got, where)
	}
}

// TestContainsStar compares the answer with what is known by construction: a ring
// around a centre, with a corner in every direction, holds what is nearer to the
// centre than the sides, and nothing beyond its farthest corner.
func TestContainsStar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 40).Draw(t, "corners")
		nearest, farthest := math.Inf(1), 0.0
		steps := make([][2]float64, n)
		for i := range steps {
			radius := rapid.Float64Range(1, 8).Draw(t, "radius")
			nearest, farthest = min(nearest, radius), max(farthest, radius)
			angle := 2 * math.Pi * float64(i) / float64(n)
			steps[i] = [2]float64{radius * math.Cos(angle), radius * math.Sin(angle)}
		}
		ring := yard(0.5, 20, steps...) // near the equator a degree is the same both ways
		if fault, corner := ring.Fault(); fault != geo.RingSound {
			t.Fatalf("%s at %d", fault, corner)
		}
		angle := rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle")
		towards := func(radius float64) geo.Point {
			return at(0.5, 20, radius*math.Cos(angle), radius*math.Sin(angle))
		}
		if !ring.Contains(towards(nearest * math.Cos(math.Pi/float64(n)) * 0.99)) {
			t.Error("a point nearer than every side is outside")
		}
		if ring.Contains(towards(farthest * 1.01)) {
			t.Error("a point beyond every corner is inside")
		}
		i := rapid.IntRange(0, n-1).Draw(t, "corner")
		if !ring.Contains(ring[i]) {
			t.Error("a corner is outside")
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		a, b := ring[i], ring[(i+1)%n]
		if !ring.Contains(geo.Point{Latitude: a.Latitude + share*(b.Latitude-a.Latitude), Longitude: a.Longitude + share*(b.Longitude-a.Longitude)}) {
			t.Error("a point of a side is outside")
		}
	})
}

func TestRingDistance(t *testing.T) {
	ring := yard(0.001, 20, square...)
	for name, c := range map[string]struct{ east, north, want float64 }{
		"on a side": {2, 0, 0}, "a step away from a side": {2, -1, 111.2}, "from a corner": {7, 8, 5 * 111.2}, "the middle": {2, 2, 2 * 111.2},
	} {
		if got := ring.Distance(at(0.001, 20, c.east, c.north)); math.Abs(got-c.want) > 0.2 {
			t.Errorf("%s: %.2f m, want %.2f", name, got, c.want)
		}
	}
	if d := (geo.Ring{}).Distance(geo.Point{Latitude: 1, Longitude: 1}); !math.IsInf(d, 1) {
		t.Errorf("from nothing: %f", d)
	}
	if e := ring.Extent(); math.Abs(e-math.Sqrt2*4*111.2) > 1 {
		t.Errorf("extent %f m", e)
	}
}
