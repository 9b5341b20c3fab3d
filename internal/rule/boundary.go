package rule

import (
	"strconv"

	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
)

// Boundary is where a school is: the outline when somebody has drawn one, or else
// the circle around its position with a radius of Meters.
type Boundary struct {
	Position *geo.Point
	Meters   int
	Outline  geo.Ring
}

// Limits of a boundary: a circle or outline of any size would let a check-in from
// the bureau's office count as a visit.
const (
	MinGroundMeters = 10
	MaxGroundMeters = 5_000
)

// Known reports whether anybody can tell where the boundary is.
func (g Boundary) Known() bool { return len(g.Outline) > 0 || g.Position != nil }

// Contains reports whether a position lies inside the boundary, the edge included (plan:
// 禁止只听汇报不到现场). Without a position or a boundary nobody can tell, and it
// does not count.
func (g Boundary) Contains(p *geo.Point) bool {
	if len(g.Outline) > 0 {
		return p != nil && g.Outline.Contains(*p)
	}
	return InsideBoundary(p, g.Position, g.Meters)
}

// Away is how many metres a position outside lies from the outline, or from the
// school's position where there is no outline.
func (g Boundary) Away(p geo.Point) int {
	if len(g.Outline) > 0 {
		return int(g.Outline.Distance(p))
	}
	return int(geo.Distance(p, *g.Position))
}

// CheckBoundary notes under a path what is wrong with the boundary that somebody has
// entered for a school.
func CheckBoundary(bad *fault.Input, path string, position *geo.Point, meters *int, boundary geo.Ring) {
	if position != nil && !position.Valid() {
		bad.Add(path+".position", "form", fault.T("坐标无效。", "This is no position on the globe."))
	}
	if meters != nil && (*meters < MinGroundMeters || *meters > MaxGroundMeters) {
		bad.Add(path+".boundaryMeters", "range",
			fault.Tf("半径须为 %d 至 %d 米。", "The radius is %d to %d metres.", MinGroundMeters, MaxGroundMeters))
	}
	if len(boundary) == 0 {
		return
	}
	path += ".boundary"
	what, corner := boundary.Fault()
	if corner >= 0 {
		path += "[" + strconv.Itoa(corner) + "]"
	}
	switch what {
	case geo.RingCorners:
		bad.Add(path, string(what), fault.Tf("边界须有 %d 至 %d 个顶点。", "A boundary has %d to %d corners.", geo.MinCorners, geo.MaxCorners))
	case geo.RingNowhere:
		bad.Add(path, "form", fault.T("坐标无效。", "This is no position on the globe."))
	case geo.RingRepeated:
		bad.Add(path, string(what), fault.T("顶点重复。", "This corner is there twice."))
	case geo.RingCrossing:
		bad.Add(path, string(what), fault.T("边界自相交。", "The boundary crosses itself here."))
	case geo.RingSound:
		if boundary.Extent() > 2*MaxGroundMeters {
			bad.Add(path, "range", fault.Tf("边界跨度不得超过 %d 米。", "A boundary is at most %d metres across.", 2*MaxGroundMeters))
		}
	}
}
