package app

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// MoveSchoolInput says which township a school belongs to from now on.
type MoveSchoolInput struct {
	CommandID id.ID
	SchoolID  id.ID
	RegionID  id.ID
}

// CloseSchoolInput closes a school, perhaps because it becomes part of another.
type CloseSchoolInput struct {
	CommandID    id.ID
	SchoolID     id.ID
	MergedIntoID *id.ID
}

// MoveSchool makes a school part of another township. Everything that belongs to
// the school goes with it: its figures count there at once, those of the past
// too, and the teams of that township supervise it.
func (a *App) MoveSchool(ctx context.Context, in MoveSchoolInput) (*ent.School, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.schoolId", in.SchoolID, id.School)
	must(&bad, "input.regionId", in.RegionID, id.Region)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.MoveSchool, in.CommandID, in.SchoolID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		s, err := a.schoolToChange(ctx, tx, v, authz.MoveSchool, in.SchoolID)
		if err != nil {
			return err
		}
		to, err := tx.Region.Get(ctx, in.RegionID.UUID)
		if _, err := found(to, err, id.Region); err != nil {
			return at("input.regionId", id.Region, err)
		}
		if err := authz.Can(v, authz.MoveSchool, authz.Facts{RegionPath: to.Path}); err != nil {
			return err
		}
		if err := rule.CheckSchoolMove(to.Level, to.ID == s.RegionID); err != nil {
			return err
		}
		return moveSchool(ctx, tx, s, to)
	})
	if err != nil {
		return nil, err
	}
	return a.School(ctx, in.SchoolID)
}

// moveSchool writes the path of the township wherever it stands beside a school.
func moveSchool(ctx context.Context, tx *ent.Tx, s *ent.School, to *ent.Region) error {
	if err := tx.School.Update().Where(school.ID(s.ID)).SetRegionID(to.ID).SetRegionPath(to.Path).Exec(ctx); err != nil {
		return err
	}
	return tx.Membership.Update().Where(membership.SchoolID(s.ID)).SetRegionPath(to.Path).Exec(authz.AsSystem(ctx))
}

// CloseSchool ends a school: it is no longer due, and nothing new begins there.
// What was recorded stays as it is and keeps counting.
func (a *App) CloseSchool(ctx context.Context, in CloseSchoolInput) (*ent.School, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.schoolId", in.SchoolID, id.School)
	may(&bad, "input.mergedIntoId", in.MergedIntoID, id.School)
	if in.MergedIntoID != nil && *in.MergedIntoID == in.SchoolID {
		bad.Add("input.mergedIntoId", "same", fault.T("学校不能并入自身。", "A school can't become part of itself."))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.CloseSchool, in.CommandID, in.SchoolID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.closeSchool(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	return a.School(ctx, in.SchoolID)
}

func (a *App) closeSchool(ctx context.Context, tx *ent.Tx, v authz.Viewer, in CloseSchoolInput) error {
	s, err := a.schoolToChange(ctx, tx, v, authz.CloseSchool, in.SchoolID)
	if err != nil {
		return err
	}
	if in.MergedIntoID != nil {
		into, err := tx.School.Get(ctx, in.MergedIntoID.UUID)
		if _, err := found(into, err, id.School); err != nil {
			return at("input.mergedIntoId", id.School, err)
		}
		if err := rule.CheckSchoolOpen(into.ClosedAt != nil); err != nil {
			return err
		}
	}
	open, err := tx.Hazard.Query().Where(hazard.SchoolID(s.ID), hazard.StatusIn(rule.Reported, rule.Rectifying, rule.Rectified)).
		Count(authz.AsSystem(ctx)) // an administrator sees no hazards, but must not leave one behind
	if err != nil {
		return err
	}
	if err := rule.CheckSchoolClose(open); err != nil {
		return err
	}
	now := a.clock.Now()
	if err := tx.LeadingGroup.Update().Where(leadinggroup.SchoolID(s.ID), leadinggroup.DissolvedAtIsNil()).SetDissolvedAt(now).Exec(ctx); err != nil {
		return err
	}
	return tx.School.Update().Where(school.ID(s.ID)).SetClosedAt(now).SetNillableMergedIntoID(uuidOf(in.MergedIntoID)).Exec(ctx)
}

// schoolToChange loads a school that is in use and asks whether the viewer may
// change it. Its row is locked: nothing new begins there meanwhile.
func (a *App) schoolToChange(ctx context.Context, tx *ent.Tx, v authz.Viewer, action authz.Action, i id.ID) (*ent.School, error) {
	if err := tx.School.Update().Where(school.ID(i.UUID)).AddStudentCount(0).Exec(ctx); err != nil {
		return nil, err
	}
	s, err := tx.School.Get(ctx, i.UUID)
	if _, err := found(s, err, id.School); err != nil {
		return nil, at("input.schoolId", id.School, err)
	}
	if err := authz.Can(v, action, authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath}); err != nil {
		return nil, err
	}
	return s, rule.CheckSchoolOpen(s.ClosedAt != nil)
}
