package geo

import (
	"math"
	"slices"
)

// Ring is the outline of a ground: its corners in order, either way round. The
// last side leads back to the first corner.
//
// A ground is small, so its sides are straight lines in a plane. The plane is
// laid around the point that is asked about, so that a ground may lie across the
// 180th meridian.
type Ring []Point

// The corners that an outline has.
const (
	MinCorners = 3
	MaxCorners = 200
)

// onSide is how near to a side, in metres, counts as on it: less than any phone
// can tell, more than the rounding of the sums.
const onSide = 0.01

// RingFault is what is wrong with an outline.
type RingFault string

// The faults of outlines; RingSound is none.
const (
	RingSound    RingFault = ""
	RingCorners  RingFault = "corners"   // fewer than 3 or more than 200
	RingNowhere  RingFault = "off_globe" // a corner that is no position
	RingRepeated RingFault = "repeated"  // a corner twice
	RingCrossing RingFault = "crossing"  // two sides cross, touch or lie on each other
)

// Fault says what is wrong with an outline first, and at which corner: its index,
// or that of the side that begins there; -1 for the outline as a whole.
func (r Ring) Fault() (RingFault, int) {
	if len(r) < MinCorners || len(r) > MaxCorners {
		return RingCorners, -1
	}
	for i, p := range r {
		if !p.Valid() {
			return RingNowhere, i
		}
		if slices.Contains(r[:i], p) {
			return RingRepeated, i
		}
	}
	n, corners := len(r), r.around(r[0])
	for i := range n {
		a, b, c := corners[i], corners[(i+1)%n], corners[(i+2)%n]
		if near(c, a, b) || near(a, b, c) { // the next side runs back along this one
			return RingCrossing, (i + 1) % n
		}
		for j := i + 2; j < n; j++ {
			neighbours := i == 0 && j == n-1
			if !neighbours && meet(a, b, corners[j], corners[(j+1)%n]) {
				return RingCrossing, j
			}
		}
	}
	return RingSound, -1
}

// Contains reports whether a point lies in the ground or on its sides. An outline
// of fewer than three corners is no ground and contains nothing.
func (r Ring) Contains(p Point) bool {
	if len(r) < MinCorners || !p.Valid() {
		return false
	}
	if r.Distance(p) <= onSide {
		return true
	}
	inside, corners := false, r.around(p)
	for i, a := range corners {
		b := corners[(i+1)%len(corners)]
		if (a.y > 0) != (b.y > 0) && a.x+(b.x-a.x)*(-a.y)/(b.y-a.y) > 0 { // the side crosses the ray to the east
			inside = !inside
		}
	}
	return inside
}

// Distance is how far a point is from the nearest side, in metres, wherever it
// lies; infinite for no corners.
func (r Ring) Distance(p Point) float64 {
	nearest, corners := math.Inf(1), r.around(p)
	for i, a := range corners {
		nearest = min(nearest, fromSide(a, corners[(i+1)%len(corners)]))
	}
	return nearest
}

// Extent is the largest distance between the first corner and another, in metres.
func (r Ring) Extent() float64 {
	var out float64
	for _, p := range r {
		out = max(out, Distance(r[0], p))
	}
	return out
}

// spot is a point of the plane, in metres east and north of its origin.
type spot struct{ x, y float64 }

// around lays the corners into a plane around an origin.
func (r Ring) around(origin Point) []spot {
	metersPerDegree := earthRadius * math.Pi / 180
	narrow := math.Cos(origin.Latitude * math.Pi / 180)
	out := make([]spot, len(r))
	for i, p := range r {
		east := math.Remainder(p.Longitude-origin.Longitude, 360)
		out[i] = spot{east * narrow * metersPerDegree, (p.Latitude - origin.Latitude) * metersPerDegree}
	}
	return out
}

// fromSide is the distance of the origin from the side between two spots.
func fromSide(a, b spot) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	along := 0.0
	if square := dx*dx + dy*dy; square > 0 {
		along = max(0, min(1, -(a.x*dx+a.y*dy)/square))
	}
	return math.Hypot(a.x+along*dx, a.y+along*dy)
}

// near reports whether a spot lies on the side between two others.
func near(p, a, b spot) bool {
	return fromSide(spot{a.x - p.x, a.y - p.y}, spot{b.x - p.x, b.y - p.y}) <= onSide
}

// left is positive when c lies to the left of the way from a to b.
func left(a, b, c spot) float64 { return (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x) }

// meet reports whether two sides cross or touch.
func meet(a, b, c, d spot) bool {
	if left(a, b, c)*left(a, b, d) < 0 && left(c, d, a)*left(c, d, b) < 0 {
		return true
	}
	return near(c, a, b) || near(d, a, b) || near(a, c, d) || near(b, c, d)
}
