package app

import (
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
)

// ChangeSchoolGroundInput says where a school is. What is nil stays; an empty
// Boundary takes the drawn one away.
type ChangeSchoolGroundInput struct {
	CommandID      id.ID
	SchoolID       id.ID
	Position       *geo.Point
	BoundaryMeters *int
	Boundary       []geo.Point
}
