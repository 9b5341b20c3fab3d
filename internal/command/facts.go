package command

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Today is the date in the product's default zone, for what belongs to no campaign.
func Today(now time.Time) clock.Date { return rule.DefaultPolicy().Today(now) }

// RegionPath is the path of a region in sight; NOT_FOUND.
func RegionPath(ctx context.Context, client *ent.Client, i uuid.UUID) (string, error) {
	r, err := client.Region.Get(ctx, i)
	if _, err := NotFoundAs(r, err, id.Region); err != nil {
		return "", err
	}
	return r.Path, nil
}

// Campaign is one campaign in sight; NOT_FOUND.
func Campaign(ctx context.Context, client *ent.Client, i id.ID) (*ent.Campaign, error) {
	c, err := client.Campaign.Get(ctx, i.UUID)
	return NotFoundAs(c, err, id.Campaign)
}

// SchoolInCampaign loads a school and a campaign that covers it; whether the school
// is open is asked once the viewer may (rule.CheckSchoolOpen). NOT_FOUND and
// BAD_USER_INPUT name the field of the input.
func SchoolInCampaign(ctx context.Context, tx *Tx, schoolID, campaignID id.ID) (*ent.School, *ent.Campaign, error) {
	s, err := tx.School.Get(ctx, schoolID.UUID)
	if _, err := NotFoundAs(s, err, id.School); err != nil {
		return nil, nil, AtField("input.schoolId", id.School, err)
	}
	c, err := tx.Campaign.Get(ctx, campaignID.UUID)
	if _, err := NotFoundAs(c, err, id.Campaign); err != nil {
		return nil, nil, AtField("input.campaignId", id.Campaign, err)
	}
	if !(authz.Grant{RegionPath: c.RegionPath}).Covers(s.ID, s.RegionPath) {
		return nil, nil, fault.Bad("input.campaignId", "other_region", fault.T("该活动不包含这所学校。", "The campaign does not cover this school."))
	}
	return s, c, nil
}

// GridOfSchool reads a grid that is in sight and part of the school; nil for none.
// NOT_FOUND and BAD_USER_INPUT name the field at path.
func GridOfSchool(ctx context.Context, tx *Tx, path string, gridID *id.ID, schoolID uuid.UUID) (*ent.Grid, error) {
	if gridID == nil {
		return nil, nil //nolint:nilnil // none is named
	}
	g, err := tx.Grid.Query().Where(grid.ID(gridID.UUID)).Only(ctx)
	if _, err := NotFoundAs(g, err, id.Grid); err != nil {
		return nil, AtField(path, id.Grid, err)
	}
	if g.SchoolID != schoolID {
		return nil, fault.Bad(path, "other_school", fault.T("该网格属于另一所学校。", "This grid belongs to another school."))
	}
	return g, nil
}

// SchoolAlone are the facts of a command to which only its school matters.
func SchoolAlone(s *ent.School) authz.Facts {
	return authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath}
}

// SchoolFacts gathers what authz asks about the viewer and a school, and about a grid
// of it when one is named.
func (tx *Tx) SchoolFacts(ctx context.Context, s *ent.School, gridID *uuid.UUID, p rule.Policy) (authz.Facts, error) {
	f := SchoolAlone(s)
	var err error
	if f.OwnGrid, err = tx.AnswersFor(ctx, gridID); err != nil {
		return f, err
	}
	f.OfSchool, err = tx.OfSchool(ctx, tx.Viewer.UserID, s.ID, p)
	return f, err
}

// AnswersFor reports whether the viewer is assigned to a grid today; not to none.
func (tx *Tx) AnswersFor(ctx context.Context, gridID *uuid.UUID) (bool, error) {
	if gridID == nil {
		return false, nil
	}
	return tx.assigned(ctx, gridassignment.GridID(*gridID))
}

// AnswersForAny reports whether the viewer is assigned to any grid of a school today.
func (tx *Tx) AnswersForAny(ctx context.Context, schoolID uuid.UUID) (bool, error) {
	return tx.assigned(ctx, gridassignment.SchoolID(schoolID))
}

func (tx *Tx) assigned(ctx context.Context, to predicate.GridAssignment) (bool, error) {
	ok, err := tx.GridAssignment.Query().Where(AssignedOn(Today(tx.Now)), to, gridassignment.UserID(tx.Viewer.UserID)).Exist(ctx)
	return ok, store.Fault(err)
}

// AssignedOn is true for assignments that hold on a date.
func AssignedOn(d clock.Date) predicate.GridAssignment {
	return gridassignment.And(gridassignment.ValidFromLTE(d), gridassignment.Or(gridassignment.ValidUntilIsNil(), gridassignment.ValidUntilGTE(d)))
}

// OfSchool reports whether a user belongs to a school, or did within the
// campaign's recusal time: such a person is not independent of it. It reads as the
// system: the answer must not depend on what the viewer may see.
func (tx *Tx) OfSchool(ctx context.Context, userID, schoolID uuid.UUID, p rule.Policy) (bool, error) {
	since := rule.RecusedSince(p.Today(tx.Now), p.Sampling)
	ok, err := tx.Membership.Query().Where(membership.UserID(userID), membership.SchoolID(schoolID),
		membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(since))).Exist(authz.AsSystem(ctx))
	return ok, store.Fault(err)
}
