// Package geo holds positions and distances on the ground (WGS 84).
//
// It decides what a valid position is and how far two are apart. It never
// decides whether a distance is acceptable: that is a rule.
package geo

import "math"

// Point is a position in degrees.
type Point struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// Valid reports whether p lies on the globe. A NaN is not valid, and neither is
// exactly 0,0, which cameras write when they know nothing.
func (p Point) Valid() bool {
	return p.Latitude >= -90 && p.Latitude <= 90 && p.Longitude >= -180 && p.Longitude <= 180 && p != (Point{})
}

// earthRadius is the mean radius in metres (IUGG).
const earthRadius = 6_371_008.8

// Distance is the great-circle distance in metres (haversine).
func Distance(a, b Point) float64 {
	rad := func(d float64) float64 { return d * math.Pi / 180 }
	dLat, dLon := rad(b.Latitude-a.Latitude), rad(b.Longitude-a.Longitude)
	s := math.Sin(dLat / 2)
	t := math.Sin(dLon / 2)
	h := s*s + math.Cos(rad(a.Latitude))*math.Cos(rad(b.Latitude))*t*t
	return 2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// PointOf is a position whose coordinates are optional; nil unless both are there.
func PointOf(latitude, longitude *float64) *Point {
	if latitude == nil || longitude == nil {
		return nil
	}
	return &Point{Latitude: *latitude, Longitude: *longitude}
}
