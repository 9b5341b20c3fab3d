package places

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// ChangeSchoolBoundaryInput says where a school is. What is nil stays; an empty
// Boundary takes the drawn one away.
type ChangeSchoolBoundaryInput struct {
	CommandID      id.ID
	SchoolID       id.ID
	Position       *geo.Point
	BoundaryMeters *int
	Boundary       []geo.Point
}

func (in ChangeSchoolBoundaryInput) check() *fault.Input {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	if in.Position == nil && in.BoundaryMeters == nil && in.Boundary == nil {
		bad.Add("input.boundary", "missing", fault.T("请给出位置、半径或边界。", "Give a position, a radius or a boundary."))
	}
	rule.CheckBoundary(&bad, "input", in.Position, in.BoundaryMeters, in.outline())
	return &bad
}

// outline is the boundary without the repeated first corner that other formats
// close it with.
func (in ChangeSchoolBoundaryInput) outline() geo.Ring {
	n := len(in.Boundary)
	if n > geo.MinCorners && in.Boundary[0] == in.Boundary[n-1] {
		return in.Boundary[:n-1]
	}
	return in.Boundary
}

// ChangeSchoolBoundary sets a school's boundary: the section or an
// administrator. Visits that were handed in are judged again in the same
// transaction: whether one is proven follows from the boundary as it is known now.
func (pl *Places) ChangeSchoolBoundary(ctx context.Context, in ChangeSchoolBoundaryInput) (*ent.School, error) {
	return command.Run(ctx, pl.commands, command.Spec[*ent.School, *ent.School]{
		Action: authz.ChangeSchoolBoundary, Key: in.CommandID, Subject: in.SchoolID, Input: in, Invalid: in.check(),
		Load: func(ctx context.Context, tx *command.Tx) (*ent.School, error) {
			return lockedSchool(ctx, tx, in.SchoolID)
		},
		May:    schoolFactsAlone,
		Decide: command.Nothing[*ent.School],
		Write: func(ctx context.Context, tx *command.Tx, s *ent.School) error {
			u := tx.School.Update().Where(school.ID(s.ID)).SetNillableBoundaryMeters(in.BoundaryMeters)
			if in.Position != nil {
				u.SetLatitude(in.Position.Latitude).SetLongitude(in.Position.Longitude)
			}
			switch outline := in.outline(); {
			case in.Boundary == nil:
			case len(outline) == 0:
				u.ClearBoundary()
			default:
				u.SetBoundary(outline)
			}
			if err := u.Exec(ctx); err != nil {
				return err
			}
			return pl.observer.BoundaryChanged(authz.AsSystem(ctx), tx.Tx, s) // an administrator sees no reports
		},
		Answer: func(ctx context.Context) (*ent.School, error) { return pl.School(ctx, in.SchoolID) },
	})
}
