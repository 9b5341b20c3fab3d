package places

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// SchoolFilter narrows a list of schools; every field given must hold.
type SchoolFilter struct {
	// Search is words that all must be found, see searchWords.
	Search    *string
	RegionID  *id.ID
	Ownership *rule.Ownership
	// SelfInspection is about the campaign; it needs CampaignID.
	CampaignID     *id.ID
	SelfInspection *figures.SelfInspectionFilter
	// WithoutLeadingGroup is a campaign for which the school has no leading group.
	WithoutLeadingGroup *id.ID
	// Visited is about the campaign; it needs CampaignID.
	Visited *figures.VisitedFilter
	// AsOf makes what is asked of a campaign that of an instant, as known now.
	AsOf *time.Time
}

// SchoolOrder is the order of a list of schools.
type SchoolOrder struct {
	Field     string
	Direction command.Direction
}

// Schools lists the schools in sight.
func (pl *Places) Schools(ctx context.Context, p command.PageArgs, f *SchoolFilter, o *SchoolOrder) (command.Page[*ent.School], error) {
	ord := command.Order{Field: "NAME", Column: school.FieldName, Desc: o != nil && o.Direction == command.Descending}
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.School]{}, err
	}
	q := pl.store.Ent.School.Query()
	if f != nil {
		var in fault.Input
		command.OptionalID(&in, "filter.regionId", f.RegionID, id.Region)
		if err := in.Err(); err != nil {
			return command.Page[*ent.School]{}, err
		}
		if f.RegionID != nil {
			path, err := command.RegionPath(ctx, pl.store.Ent, f.RegionID.UUID)
			if err != nil {
				return command.Page[*ent.School]{}, command.AtField("filter.regionId", id.Region, err)
			}
			q.Where(school.RegionPathGTE(path), school.RegionPathLT(rule.RegionPathEnd(path)))
		}
		words, err := command.SearchWords("filter.search", f.Search)
		if err != nil {
			return command.Page[*ent.School]{}, err
		}
		q.Where(command.Search(id.School, words))
		if f.Ownership != nil {
			q.Where(school.OwnershipEQ(*f.Ownership))
		}
		if err := pl.filterDuties(ctx, q, f); err != nil {
			return command.Page[*ent.School]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.School]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(s *ent.School) (string, uuid.UUID) { return s.Name, s.ID }), nil
}

// School is one school in sight.
func (pl *Places) School(ctx context.Context, i id.ID) (*ent.School, error) {
	s, err := pl.store.Ent.School.Get(ctx, i.UUID)
	return command.NotFoundAs(s, err, id.School)
}

// SchoolsByID reads the schools in sight among these.
func (pl *Places) SchoolsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.School, error) {
	rows, err := pl.store.Ent.School.Query().Where(school.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// RegionsByID reads the regions in sight among these.
func (pl *Places) RegionsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Region, error) {
	rows, err := pl.store.Ent.Region.Query().Where(region.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// RegionChildren lists the regions in sight directly below these.
func (pl *Places) RegionChildren(ctx context.Context, parents []uuid.UUID) ([]*ent.Region, error) {
	rows, err := pl.store.Ent.Region.Query().Where(region.ParentIDIn(parents...)).Order(region.ByPath()).All(ctx)
	return rows, store.Fault(err)
}

// Regions lists the topmost regions in sight.
func (pl *Places) Regions(ctx context.Context) ([]*ent.Region, error) {
	rows, err := pl.store.Ent.Region.Query().Where(region.ParentIDIsNil()).Order(region.ByPath()).Limit(command.MaxPage).All(ctx)
	return rows, store.Fault(err)
}

// GridsByID reads the grids in sight among these.
func (pl *Places) GridsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Grid, error) {
	rows, err := pl.store.Ent.Grid.Query().Where(grid.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// GridsOfSchools lists the grids of these schools, by code.
func (pl *Places) GridsOfSchools(ctx context.Context, schools []uuid.UUID) ([]*ent.Grid, error) {
	rows, err := pl.store.Ent.Grid.Query().Where(grid.SchoolIDIn(schools...), grid.ClosedAtIsNil()).Order(grid.ByCode()).All(ctx)
	return rows, store.Fault(err)
}

// maxPeople is how many people of each school or region are read at most.
const maxPeople = 1000

// MembersOfSchools lists who belongs to these schools today, by role, as far as
// the viewer manages their people.
func (pl *Places) MembersOfSchools(ctx context.Context, schools []uuid.UUID) ([]*ent.Membership, error) {
	return pl.members(ctx, len(schools), membership.SchoolIDIn(schools...))
}

// MembersOfRegions lists who has a role in these regions themselves today, by
// role, as far as the viewer manages their people: those of a bureau.
func (pl *Places) MembersOfRegions(ctx context.Context, regions []uuid.UUID) ([]*ent.Membership, error) {
	return pl.members(ctx, len(regions), membership.RegionIDIn(regions...), membership.SchoolIDIsNil())
}

func (pl *Places) members(ctx context.Context, places int, of ...predicate.Membership) ([]*ent.Membership, error) {
	today := command.Today(pl.clock.Now())
	rows, err := pl.store.Ent.Membership.Query().Where(append(of, membership.ValidFromLTE(today),
		membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(today)))...).
		Order(membership.ByRole(), membership.ByUserID()).Limit(maxPeople * places).All(ctx)
	return rows, store.Fault(err)
}

// AssignmentsOfGrids lists who answers for these grids today.
func (pl *Places) AssignmentsOfGrids(ctx context.Context, grids []uuid.UUID) ([]*ent.GridAssignment, error) {
	rows, err := pl.store.Ent.GridAssignment.Query().Where(command.AssignedOn(command.Today(pl.clock.Now())), gridassignment.GridIDIn(grids...)).
		Order(gridassignment.ByRole(), gridassignment.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// ViewerGrids lists the grids that the viewer answers for today.
func (pl *Places) ViewerGrids(ctx context.Context) ([]*ent.Grid, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := pl.store.Ent.GridAssignment.Query().Where(command.AssignedOn(command.Today(pl.clock.Now())), gridassignment.UserID(v.UserID)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.GridID
	}
	grids, err := pl.store.Ent.Grid.Query().Where(grid.IDIn(ids...)).Order(grid.ByCode(), grid.ByID()).Limit(command.MaxPage).All(ctx)
	return grids, store.Fault(err)
}
