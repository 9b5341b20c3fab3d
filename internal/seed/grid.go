package seed

import (
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// grid is a drafted grid; the first of a school is the whole school.
type grid struct {
	id         uuid.UUID
	parent     uuid.UUID // zero for the whole school
	code, name string
	kind       string // a code of the set GRID_KIND
	// Who answers for it, and the ids of their assignments.
	leader, member         uuid.UUID
	leadingID, memberingID uuid.UUID
}

// draftGrids divides a school as the template that ships does.
func draftGrids(ids *sequence, s *school) []grid {
	proposals := rule.ProposeGrids(rule.SchoolShape{
		Stages: s.kind.stages, Students: s.students, Boarding: s.boarding, Canteen: s.canteen, Bus: s.bus,
	})
	grids := make([]grid, len(proposals))
	for i, p := range proposals {
		grids[i] = grid{id: ids.next(), code: p.Code, name: p.Name, kind: p.Kind}
		if p.Parent >= 0 {
			grids[i].parent = grids[p.Parent].id
		}
	}
	return grids
}
