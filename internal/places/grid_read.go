package places

import (
	"context"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Grid is one grid in sight.
func (pl *Places) Grid(ctx context.Context, i id.ID) (*ent.Grid, error) {
	g, err := pl.store.Ent.Grid.Get(ctx, i.UUID)
	return command.NotFoundAs(g, err, id.Grid)
}

// GridFilter narrows a list of grids; every field given must hold.
type GridFilter struct {
	SchoolID   *id.ID
	RegionID   *id.ID
	Unassigned *bool
	Kind       *string
	Closed     *bool
}

// Grids lists the grids in sight, in the order they were made. Unassigned are
// those in use for which nobody answers today, neither leader nor member: who
// does not belong to the school any more does not count.
func (pl *Places) Grids(ctx context.Context, p command.PageArgs, f *GridFilter) (command.Page[*ent.Grid], error) {
	pq, err := command.NewPageQuery(p, command.Order{Field: "MADE", Column: grid.FieldID})
	if err != nil {
		return command.Page[*ent.Grid]{}, err
	}
	q := pl.store.Ent.Grid.Query()
	if f != nil {
		if err := pl.filterGrids(ctx, q, f); err != nil {
			return command.Page[*ent.Grid]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Grid]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(g *ent.Grid) (string, uuid.UUID) { return g.ID.String(), g.ID }), nil
}

func (pl *Places) filterGrids(ctx context.Context, q *ent.GridQuery, f *GridFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalText(&bad, "filter.kind", f.Kind)
	if err := bad.Err(); err != nil {
		return err
	}
	if f.SchoolID != nil {
		q.Where(grid.SchoolID(f.SchoolID.UUID))
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, pl.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(func(s *sql.Selector) { s.Where(sql.In(s.C(grid.FieldSchoolID), schoolIDsBelow(s, path))) })
	}
	if f.Kind != nil {
		q.Where(grid.Kind(*f.Kind))
	}
	switch {
	case f.Unassigned != nil && *f.Unassigned:
		q.Where(grid.ClosedAtIsNil(), func(s *sql.Selector) { s.Where(sql.NotExists(pl.answering(s))) })
	case f.Unassigned != nil:
		q.Where(grid.ClosedAtIsNil(), func(s *sql.Selector) { s.Where(sql.Exists(pl.answering(s))) })
	}
	switch {
	case f.Closed != nil && *f.Closed:
		q.Where(grid.ClosedAtNotNil())
	case f.Closed != nil:
		q.Where(grid.ClosedAtIsNil())
	}
	return nil
}

// schoolIDsBelow selects the ids of the schools of a region's subtree.
func schoolIDsBelow(s *sql.Selector, path string) *sql.Selector {
	t := sql.Dialect(s.Dialect()).Select(school.FieldID).From(sql.Table(school.Table))
	figures.Subtree(t, school.FieldRegionPath, path)
	return t
}

// answering selects the leaders and members who answer today for the grid of the
// query around it: rule.AnswersOn, as a condition of a list.
func (pl *Places) answering(s *sql.Selector) *sql.Selector {
	today := command.Today(pl.clock.Now())
	x, m := sql.Table(gridassignment.Table).As("answering"), sql.Table(membership.Table).As("belonging")
	return sql.Dialect(s.Dialect()).Select(x.C(gridassignment.FieldID)).From(x).
		Join(m).OnP(sql.And(sql.ColumnsEQ(m.C(membership.FieldUserID), x.C(gridassignment.FieldUserID)),
		sql.ColumnsEQ(m.C(membership.FieldSchoolID), x.C(gridassignment.FieldSchoolID)))).
		Where(sql.And(
			sql.ColumnsEQ(x.C(gridassignment.FieldGridID), s.C(grid.FieldID)),
			sql.In(x.C(gridassignment.FieldRole), string(rule.GridLeader), string(rule.GridMember)),
			holdsOn(x.C(gridassignment.FieldValidFrom), x.C(gridassignment.FieldValidUntil), today),
			holdsOn(m.C(membership.FieldValidFrom), m.C(membership.FieldValidUntil), today),
		))
}

func holdsOn(from, until string, day clock.Date) *sql.Predicate {
	return sql.And(sql.LTE(from, day), sql.Or(sql.IsNull(until), sql.GTE(until, day)))
}

// ChildrenOfGrids lists the grids in use directly below these, by code.
func (pl *Places) ChildrenOfGrids(ctx context.Context, parents []uuid.UUID) ([]*ent.Grid, error) {
	rows, err := pl.store.Ent.Grid.Query().Where(grid.ParentIDIn(parents...), grid.ClosedAtIsNil()).Order(grid.ByCode()).All(ctx)
	return rows, store.Fault(err)
}

// AssignmentsOn gives the lister of who is assigned to some grids on a day; nil
// is today.
func (pl *Places) AssignmentsOn(on *clock.Date) func(ctx context.Context, grids []uuid.UUID) ([]*ent.GridAssignment, error) {
	if on == nil {
		return pl.AssignmentsOfGrids
	}
	return func(ctx context.Context, grids []uuid.UUID) ([]*ent.GridAssignment, error) {
		rows, err := pl.store.Ent.GridAssignment.Query().Where(gridassignment.GridIDIn(grids...), gridassignment.ValidFromLTE(*on),
			gridassignment.Or(gridassignment.ValidUntilIsNil(), gridassignment.ValidUntilGTE(*on))).
			Order(gridassignment.ByRole(), gridassignment.ByID()).All(ctx)
		return rows, store.Fault(err)
	}
}

// GridAssignmentsByID reads the assignments in sight among these.
func (pl *Places) GridAssignmentsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.GridAssignment, error) {
	rows, err := pl.store.Ent.GridAssignment.Query().Where(gridassignment.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// GridResponsibility says who answered for a grid on a day.
type GridResponsibility struct {
	Grid     *ent.Grid
	On       clock.Date
	Leader   *ent.GridAssignment
	Members  []*ent.GridAssignment
	Deputies []*ent.GridAssignment
	// NearestAbove is the nearest grid above for which somebody answered, when
	// nobody did for this one; nil when there is none.
	NearestAbove *GridResponsibility
}

// Nobody reports whether neither leader nor member answered for the grid.
func (r *GridResponsibility) Nobody() bool { return r.Leader == nil && len(r.Members) == 0 }

// ResponsibleFor says who answered for a grid on a day, past or to come (plan:
// 网格化管理; domain: P3). When nobody did, it says so and names the nearest grid
// above for which somebody did. Five statements, whatever the school.
func (pl *Places) ResponsibleFor(ctx context.Context, gridID id.ID, on clock.Date) (*GridResponsibility, error) {
	var bad fault.Input
	command.RequiredID(&bad, "gridId", gridID, id.Grid)
	command.Day(&bad, "on", on)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	g, err := pl.store.Ent.Grid.Get(ctx, gridID.UUID)
	if _, err := command.NotFoundAs(g, err, id.Grid); err != nil {
		return nil, command.AtField("gridId", id.Grid, err)
	}
	rows, err := pl.store.Ent.Grid.Query().Where(grid.SchoolID(g.SchoolID)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	grids := map[uuid.UUID]*ent.Grid{}
	for _, x := range rows {
		grids[x.ID] = x
	}
	lineage := lineageOf(g, grids)
	ids := make([]uuid.UUID, len(lineage))
	for i, x := range lineage {
		ids[i] = x.ID
	}
	assigned, err := pl.AssignmentsOn(&on)(ctx, ids)
	if err != nil {
		return nil, err
	}
	belongs, err := pl.belongOn(ctx, g.SchoolID, assigned, on)
	if err != nil {
		return nil, err
	}
	out := answered(g, on, assigned, belongs)
	for _, above := range lineage[1:] {
		if !out.Nobody() || out.NearestAbove != nil {
			break
		}
		if r := answered(above, on, assigned, belongs); !r.Nobody() {
			out.NearestAbove = r
		}
	}
	return out, nil
}

// lineageOf lists a grid and those above it, the nearest first.
func lineageOf(g *ent.Grid, grids map[uuid.UUID]*ent.Grid) []*ent.Grid {
	out := []*ent.Grid{g}
	for len(out) <= len(grids) && g.ParentID != nil && grids[*g.ParentID] != nil {
		g = grids[*g.ParentID]
		out = append(out, g)
	}
	return out
}

// belongOn says which of the assigned people belong to the school on a day. It
// asks as the system: a grid member need not see memberships.
func (pl *Places) belongOn(ctx context.Context, schoolID uuid.UUID, assigned []*ent.GridAssignment, on clock.Date) (func(uuid.UUID) bool, error) {
	users := make([]uuid.UUID, len(assigned))
	for i, x := range assigned {
		users[i] = x.UserID
	}
	rows, err := pl.store.Ent.Membership.Query().Where(membership.SchoolID(schoolID), membership.UserIDIn(users...), membership.ValidFromLTE(on),
		membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(on))).All(authz.AsSystem(ctx))
	if err != nil {
		return nil, store.Fault(err)
	}
	set := map[uuid.UUID]bool{}
	for _, m := range rows {
		set[m.UserID] = true
	}
	return func(u uuid.UUID) bool { return set[u] }, nil
}

func answered(g *ent.Grid, on clock.Date, assigned []*ent.GridAssignment, belongs func(uuid.UUID) bool) *GridResponsibility {
	out := &GridResponsibility{Grid: g, On: on, Members: []*ent.GridAssignment{}, Deputies: []*ent.GridAssignment{}}
	var mine []*ent.GridAssignment
	rows := map[uuid.UUID]*ent.GridAssignment{}
	for _, x := range assigned {
		if x.GridID == g.ID {
			mine, rows[x.ID] = append(mine, x), x
		}
	}
	r := rule.AnswersOn(on, rule.GridClosedOn(g.ClosedAt, rule.DefaultPolicy()), assignmentsFacts(mine), belongs)
	if r.Leader != nil {
		out.Leader = rows[r.Leader.ID]
	}
	for _, m := range r.Members {
		out.Members = append(out.Members, rows[m.ID])
	}
	for _, d := range r.Deputies {
		out.Deputies = append(out.Deputies, rows[d.ID])
	}
	return out
}
