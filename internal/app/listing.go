package app

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardstate"
	"github.com/cleargrid/cleargrid/ent/listing"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
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
		c.payload["documentNumber"] = deref(in.DocumentNumber)
		c.write(present.Update().SetDelistedAt(c.now))
		c.openListing(in.Level, deref(in.DocumentNumber), present.Measures, supervisor)
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
func (a *App) Listings(ctx context.Context, p PageArgs, f *ListingFilter) (Page[*ent.Listing], error) {
	pq, err := newPageQuery(p, order{field: "LISTED_AT", column: listing.FieldListedAt, isTime: true, desc: true})
	if err != nil {
		return Page[*ent.Listing]{}, err
	}
	q := a.store.Ent.Listing.Query()
	if f != nil {
		if err := a.filterListings(ctx, q, f); err != nil {
			return Page[*ent.Listing]{}, err
		}
	}
	q.Modify(pq.apply)
	rows, err := q.All(ctx)
	if err != nil {
		return Page[*ent.Listing]{}, store.Fault(err)
	}
	return cut(pq, rows, func(l *ent.Listing) (string, uuid.UUID) { return timeKey(l.ListedAt), l.ID }), nil
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
		path, err := a.regionPath(ctx, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(schoolsBelow(path))
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

// schoolsBelow is true for rows whose school lies in a region or below it.
func schoolsBelow(path string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		schools := sql.Dialect(s.Dialect()).Select(school.FieldID).From(sql.Table(school.Table))
		inSubtree(schools, school.FieldRegionPath, path)
		s.Where(sql.In(s.C(hazard.FieldSchoolID), schools)) // every table has that name for it
	}
}

// inTheGap is true for hazards that should have been listed by an instant
// (rule.NeedsListing); column names those of their state then.
func inTheGap(s *sql.Selector, column func(string) string, at time.Time) *sql.Predicate {
	listBy := s.C(hazard.FieldListBy)
	return sql.And(sql.EQ(column(hazard.FieldStatus), rule.Reported), sql.EQ(column(hazard.FieldListed), false),
		sql.NotNull(listBy), sql.LTE(listBy, at))
}

// NeedsListing reports whether a hazard is neither rectified at once nor listed
// though the time for that is over.
func (a *App) NeedsListing(h *ent.Hazard) bool {
	return rule.NeedsListing(h.Status, h.Listed, h.ListBy, a.clock.Now())
}

// needsListing counts the hazards of a campaign in the gap, by the path of the
// township: one statement, of the schools that the viewer may count.
func (a *App) needsListing(ctx context.Context, b board) (map[string]int, error) {
	var rows []struct {
		RegionPath string `json:"region_path"`
		Count      int    `json:"count"`
	}
	viewer := authz.FromContext(ctx)
	err := a.store.Ent.Hazard.Query().Where(hazard.CampaignID(b.campaign.ID)).Modify(func(s *sql.Selector) {
		schools := inSight(s, viewer, b.region.Path)
		s.Join(schools).On(s.C(hazard.FieldSchoolID), schools.C(school.FieldID))
		column := s.C
		if b.past {
			column = b.joinStates(s)
		}
		s.Where(inTheGap(s, column, b.at))
		s.Select(schools.C(school.FieldRegionPath), sql.As(sql.Count("*"), "count")).GroupBy(schools.C(school.FieldRegionPath))
	}).Scan(authz.AsSystem(ctx), &rows)
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.RegionPath] = r.Count
	}
	return out, store.Fault(err)
}

// joinStates joins hazards to their states at an instant and names the columns of
// these.
func (w when) joinStates(s *sql.Selector) func(string) string {
	t := sql.Table(hazardstate.Table)
	s.Join(t).On(s.C(hazard.FieldID), t.C(hazardstate.FieldHazardID))
	s.Where(sql.And(sql.LTE(t.C(hazardstate.FieldValidFrom), w.at), sql.GT(t.C(hazardstate.FieldValidUntil), w.at)))
	return t.C
}
