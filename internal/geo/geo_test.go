package geo_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/geo"
)

func TestValid(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		p    geo.Point
		want bool
	}{
		{geo.Point{Latitude: 36.7, Longitude: 114.2}, true},
		{geo.Point{Latitude: 90, Longitude: 180}, true},
		{geo.Point{Latitude: -90, Longitude: -180}, true},
		{geo.Point{Latitude: 0, Longitude: 6.5}, true},
		{geo.Point{Latitude: 6.5, Longitude: 0}, true},
		{geo.Point{}, false}, // what a camera writes when it knows nothing
		{geo.Point{Latitude: math.Copysign(0, -1)}, false},
		{geo.Point{Latitude: 90.0001, Longitude: 1}, false},
		{geo.Point{Latitude: -90.0001, Longitude: 1}, false},
		{geo.Point{Latitude: 1, Longitude: 180.0001}, false},
		{geo.Point{Latitude: 1, Longitude: -180.0001}, false},
		{geo.Point{Latitude: nan, Longitude: 1}, false},
		{geo.Point{Latitude: 1, Longitude: nan}, false},
		{geo.Point{Latitude: inf, Longitude: 1}, false},
		{geo.Point{Latitude: 1, Longitude: -inf}, false},
	}
	for _, c := range cases {
		if got := c.p.Valid(); got != c.want {
			t.Errorf("%+v valid: %v", c.p, got)
		}
	}
}

func TestDistance(t *testing.T) {
	const degree = 111_195 // metres on a sphere of the mean radius
	cases := []struct {
		name       string
		a, b       geo.Point
		want, give float64
	}{
		{"a point to itself", geo.Point{Latitude: 36.7, Longitude: 114.2}, geo.Point{Latitude: 36.7, Longitude: 114.2}, 0, 0},
		{"a degree of latitude", geo.Point{Latitude: 36, Longitude: 114}, geo.Point{Latitude: 37, Longitude: 114}, degree, 1},
		{"a degree of longitude on the equator", geo.Point{Longitude: 114}, geo.Point{Longitude: 115}, degree, 1},
		{"a degree of longitude at 60°", geo.Point{Latitude: 60, Longitude: 114}, geo.Point{Latitude: 60, Longitude: 115}, degree / 2, 10},
		{"over the date line", geo.Point{Longitude: 179.5}, geo.Point{Longitude: -179.5}, degree, 1},
		{"pole to pole", geo.Point{Latitude: 90}, geo.Point{Latitude: -90}, 180 * degree, 100},
		{"antipodes", geo.Point{Latitude: 30, Longitude: 100}, geo.Point{Latitude: -30, Longitude: -80}, 180 * degree, 100},
		{"Beijing to Shanghai", geo.Point{Latitude: 39.9042, Longitude: 116.4074}, geo.Point{Latitude: 31.2304, Longitude: 121.4737}, 1_067_000, 3000},
	}
	for _, c := range cases {
		if got := geo.Distance(c.a, c.b); math.Abs(got-c.want) > c.give {
			t.Errorf("%s: %.0f m, want %.0f ± %.0f", c.name, got, c.want, c.give)
		}
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	point := rapid.Custom(func(t *rapid.T) geo.Point {
		return geo.Point{Latitude: rapid.Float64Range(-90, 90).Draw(t, "latitude"), Longitude: rapid.Float64Range(-180, 180).Draw(t, "longitude")}
	})
	const grain = 1e-3 // metres; haversine loses digits near the antipodes
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := point.Draw(t, "a"), point.Draw(t, "b"), point.Draw(t, "c")
		ab, bc, ac := geo.Distance(a, b), geo.Distance(b, c), geo.Distance(a, c)
		if ab != geo.Distance(b, a) {
			t.Errorf("there %v, back %v", ab, geo.Distance(b, a))
		}
		if math.IsNaN(ab) || ab < 0 || ab > math.Pi*6_371_009 {
			t.Errorf("%v and %v are %v apart", a, b, ab)
		}
		if ac > ab+bc+1000*grain {
			t.Errorf("the detour over %v is shorter: %v > %v + %v", b, ac, ab, bc)
		}
		if geo.Distance(a, a) != 0 {
			t.Errorf("%v is %v from itself", a, geo.Distance(a, a))
		}
	})
}

// A position without a number must never count as inside a boundary.
func TestDistanceOfNowhere(t *testing.T) {
	d := geo.Distance(geo.Point{Latitude: math.NaN(), Longitude: 1}, geo.Point{Latitude: 1, Longitude: 1})
	if d <= 300 {
		t.Errorf("nowhere is %v m away", d)
	}
}
