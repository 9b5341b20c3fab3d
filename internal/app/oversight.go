package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/listing"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// RaiseListingInput puts a listed hazard under the eyes of a higher authority.
type RaiseListingInput struct {
	HazardCommand
	Level          rule.ListingLevel
	Reason         string
	DocumentNumber *string
	SupervisorID   *id.ID
}

// RaiseListing closes the hazard's listing and opens another at a higher level
// with the same measures (提级挂牌). The section may; INVALID_TRANSITION when the
// hazard is not listed.
func (a *App) RaiseListing(ctx context.Context, in RaiseListingInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.OptionalText(bad, "input.documentNumber", in.DocumentNumber)
	command.OptionalID(bad, "input.supervisorId", in.SupervisorID, id.User)
	return a.onHazard(ctx, authz.RaiseListing, rule.EventListingRaised, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := c.supervisor(in.SupervisorID); err != nil {
			return err
		}
		present, err := c.tx.Listing.Query().Where(listing.HazardID(c.hazard.ID), listing.DelistedAtIsNil()).Only(c.ctx)
		if err != nil {
			return err
		}
		if err := rule.CheckRaise(present.Level, in.Level); err != nil {
			return err
		}
		supervisor := present.SupervisorID
		if in.SupervisorID != nil {
			supervisor = &in.SupervisorID.UUID
		}
		c.payload["from"], c.payload["level"], c.payload["reason"] = string(present.Level), string(in.Level), in.Reason
		c.payload["documentNumber"] = command.TextOf(in.DocumentNumber)
		c.write(present.Update().SetDelistedAt(c.now))
		c.openListing(in.Level, command.TextOf(in.DocumentNumber), present.Measures, supervisor)
		return nil
	})
}

// ListingFilter narrows the register of listings; every field given must hold.
type ListingFilter struct {
	RegionID *id.ID
	SchoolID *id.ID
	Level    *rule.ListingLevel
	Open     *bool
}

// Listings is the register of the listings in sight (挂牌督办台账), the newest first.
func (a *App) Listings(ctx context.Context, p command.PageArgs, f *ListingFilter) (command.Page[*ent.Listing], error) {
	pq, err := command.NewPageQuery(p, command.Order{Field: "LISTED_AT", Column: listing.FieldListedAt, IsTime: true, Desc: true})
	if err != nil {
		return command.Page[*ent.Listing]{}, err
	}
	q := a.store.Ent.Listing.Query()
	if f != nil {
		if err := a.filterListings(ctx, q, f); err != nil {
			return command.Page[*ent.Listing]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Listing]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(l *ent.Listing) (string, uuid.UUID) { return command.TimeKey(l.ListedAt), l.ID }), nil
}

func (a *App) filterListings(ctx context.Context, q *ent.ListingQuery, f *ListingFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	if err := bad.Err(); err != nil {
		return err
	}
	if f.SchoolID != nil {
		q.Where(listing.SchoolID(f.SchoolID.UUID))
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(figures.SchoolsBelow(path))
	}
	if f.Level != nil {
		q.Where(listing.LevelEQ(*f.Level))
	}
	if f.Open != nil && *f.Open {
		q.Where(listing.DelistedAtIsNil())
	}
	if f.Open != nil && !*f.Open {
		q.Where(listing.DelistedAtNotNil())
	}
	return nil
}

// NeedsListing reports whether a hazard is neither rectified at once nor listed
// though the time for that is over.
func (a *App) NeedsListing(h *ent.Hazard) bool {
	return rule.NeedsListing(h.Status, h.Listed, h.ListBy, a.clock.Now())
}
