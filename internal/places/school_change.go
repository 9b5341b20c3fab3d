package places

import (
	"context"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
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
func (pl *Places) MoveSchool(ctx context.Context, in MoveSchoolInput) (*ent.School, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.RequiredID(&bad, "input.regionId", in.RegionID, id.Region)
	return command.Run(ctx, pl.commands, command.Spec[*schoolMove, *ent.School]{
		Action: authz.MoveSchool, Key: in.CommandID, Subject: in.SchoolID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*schoolMove, error) {
			s, err := lockedSchool(ctx, tx, in.SchoolID)
			return &schoolMove{school: s}, err
		},
		May: func(_ context.Context, _ *command.Tx, m *schoolMove) (authz.Facts, error) {
			return command.SchoolAlone(m.school), nil
		},
		AlsoMay: func(ctx context.Context, tx *command.Tx, m *schoolMove) ([]authz.Facts, error) {
			to, err := tx.Region.Get(ctx, in.RegionID.UUID)
			if _, err := command.NotFoundAs(to, err, id.Region); err != nil {
				return nil, command.AtField("input.regionId", id.Region, err)
			}
			m.to = to
			return []authz.Facts{{RegionPath: to.Path}}, nil
		},
		Decide: func(_ context.Context, _ *command.Tx, m *schoolMove) error {
			if err := rule.CheckSchoolOpen(m.school.ClosedAt != nil); err != nil {
				return err
			}
			return rule.CheckSchoolMove(m.to.Level, m.to.ID == m.school.RegionID)
		},
		Write: func(ctx context.Context, tx *command.Tx, m *schoolMove) error {
			return moveSchool(ctx, tx.Tx, m.school, m.to)
		},
		Answer: func(ctx context.Context) (*ent.School, error) { return pl.School(ctx, in.SchoolID) },
	})
}

// schoolMove is a school on its way to another township.
type schoolMove struct {
	school *ent.School // locked
	to     *ent.Region // read once the viewer may move the school
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
func (pl *Places) CloseSchool(ctx context.Context, in CloseSchoolInput) (*ent.School, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.OptionalID(&bad, "input.mergedIntoId", in.MergedIntoID, id.School)
	if in.MergedIntoID != nil && *in.MergedIntoID == in.SchoolID {
		bad.Add("input.mergedIntoId", "same", fault.T("学校不能并入自身。", "A school can't become part of itself."))
	}
	return command.Run(ctx, pl.commands, command.Spec[*ent.School, *ent.School]{
		Action: authz.CloseSchool, Key: in.CommandID, Subject: in.SchoolID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.School, error) {
			return lockedSchool(ctx, tx, in.SchoolID)
		},
		May: schoolFactsAlone,
		Decide: func(ctx context.Context, tx *command.Tx, s *ent.School) error {
			return checkClose(ctx, tx, s, in.MergedIntoID)
		},
		Write: func(ctx context.Context, tx *command.Tx, s *ent.School) error {
			err := tx.LeadingGroup.Update().Where(leadinggroup.SchoolID(s.ID), leadinggroup.DissolvedAtIsNil()).SetDissolvedAt(tx.Now).Exec(ctx)
			if err != nil {
				return err
			}
			return tx.School.Update().Where(school.ID(s.ID)).SetClosedAt(tx.Now).SetNillableMergedIntoID(id.UUIDOf(in.MergedIntoID)).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.School, error) { return pl.School(ctx, in.SchoolID) },
	})
}

// checkClose asks whether a school can be closed, and merged into another.
func checkClose(ctx context.Context, tx *command.Tx, s *ent.School, mergedIntoID *id.ID) error {
	if err := rule.CheckSchoolOpen(s.ClosedAt != nil); err != nil {
		return err
	}
	if mergedIntoID != nil {
		into, err := tx.School.Get(ctx, mergedIntoID.UUID)
		if _, err := command.NotFoundAs(into, err, id.School); err != nil {
			return command.AtField("input.mergedIntoId", id.School, err)
		}
		if err := rule.CheckSchoolOpen(into.ClosedAt != nil); err != nil {
			return err
		}
	}
	open, err := tx.Hazard.Query().Where(hazard.SchoolID(s.ID), hazard.StatusIn(rule.OpenHazardStatuses()...)).
		Count(authz.AsSystem(ctx)) // an administrator sees no hazards, but must not leave one behind
	if err != nil {
		return err
	}
	return rule.CheckSchoolClose(open)
}

// lockedSchool locks a school and reads it.
func lockedSchool(ctx context.Context, tx *command.Tx, i id.ID) (*ent.School, error) {
	s, err := tx.School.Query().Where(school.ID(i.UUID), store.Locking(ctx, store.Schools, i.UUID)).Only(ctx)
	_, err = command.NotFoundAs(s, err, id.School)
	return s, command.AtField("input.schoolId", id.School, err)
}

func schoolFactsAlone(_ context.Context, _ *command.Tx, s *ent.School) (authz.Facts, error) {
	return command.SchoolAlone(s), nil
}
