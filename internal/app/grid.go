package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// CreateGridsInput divides a school: by an explicit list, or by the template
// that ships.
type CreateGridsInput struct {
	CommandID id.ID
	SchoolID  id.ID
	Grids     []NewGridInput
	Template  *GridTemplateInput
}

// NewGridInput is one new grid; its parent is a grid of the school or of the same
// list.
type NewGridInput struct {
	ID       id.ID
	Code     string
	Name     string
	Kind     string
	ParentID *id.ID
}

// GridTemplateInput says of a school what its row does not.
type GridTemplateInput struct {
	Canteen   *bool
	SchoolBus *bool
}

// CloseGridInput takes a grid out of use.
type CloseGridInput struct {
	CommandID id.ID
	GridID    id.ID
	Reason    string
}

// AssignGridInput makes somebody answer for a grid.
type AssignGridInput struct {
	ID            id.ID
	GridID        id.ID
	UserID        id.ID
	Role          rule.AssignmentRole
	ValidFrom     clock.Date
	ValidUntil    *clock.Date
	StandsInForID *id.ID
}

// EndGridAssignmentInput ends an assignment and may hand it over.
type EndGridAssignmentInput struct {
	CommandID    id.ID
	AssignmentID id.ID
	LastDay      clock.Date
	Reason       string
	Successor    *GridSuccessorInput
}

// GridSuccessorInput is who follows, from the day after the last.
type GridSuccessorInput struct {
	ID         id.ID
	UserID     id.ID
	ValidUntil *clock.Date
}

const (
	maxGrids    = 200 // of one command
	maxGridCode = 32
	maxGridName = 100
)

// CreateGrids divides a school into grids, many at once: all of them or none.
// The school's safety officer and leader may. CONFLICT when a code is taken.
func (a *App) CreateGrids(ctx context.Context, in CreateGridsInput) ([]*ent.Grid, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.CreateGrids, in.CommandID, in.SchoolID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		s, err := tx.School.Get(ctx, in.SchoolID.UUID)
		if _, err := found(s, err, id.School); err != nil {
			return at("input.schoolId", id.School, err)
		}
		if err := authz.Can(v, authz.CreateGrids, authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath}); err != nil {
			return err
		}
		return a.createGrids(ctx, tx, s, in.wanted(s))
	})
	if err != nil {
		return nil, err
	}
	rows, err := a.GridsByID(ctx, in.made())
	slices.SortFunc(rows, func(x, y *ent.Grid) int { return strings.Compare(x.Code, y.Code) })
	return rows, err
}

func (in CreateGridsInput) check() error {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.schoolId", in.SchoolID, id.School)
	switch {
	case (in.Template == nil) == (len(in.Grids) == 0):
		bad.Add("input.grids", "one_of", fault.T("请给出网格列表或采用模板，二者取一。", "Give either a list of grids or the template."))
	case len(in.Grids) > maxGrids:
		bad.Add("input.grids", "too_many", fault.Tf("一次最多 %d 个网格。", "At most %d grids at once.", maxGrids))
	}
	codes := map[string]bool{}
	for i, g := range in.Grids {
		path := index("input.grids", i)
		must(&bad, path+".id", g.ID, id.Grid)
		may(&bad, path+".parentId", g.ParentID, id.Grid)
		short(&bad, path+".code", g.Code, maxGridCode)
		short(&bad, path+".name", g.Name, maxGridName)
		text(&bad, path+".kind", g.Kind)
		if codes[g.Code] {
			bad.Add(path+".code", "repeated", fault.T("同一编号重复。", "The same code is there twice."))
		}
		codes[g.Code] = true
	}
	return bad.Err()
}

// short checks a required text of so many characters at most.
func short(bad *fault.Input, path, value string, most int) {
	text(bad, path, value)
	if len([]rune(value)) > most {
		bad.Add(path, "too_long", fault.Tf("最多 %d 字。", "At most %d characters.", most))
	}
}

// wanted are the grids to make; those of the template get ids that follow from
// the command, so that a repeat finds them.
func (in CreateGridsInput) wanted(s *ent.School) []NewGridInput {
	if in.Template == nil {
		return in.Grids
	}
	yes := func(b *bool) bool { return b != nil && *b }
	proposals := rule.ProposeGrids(rule.SchoolShape{
		Stages: s.Stages, Students: s.StudentCount, Boarding: s.Boarding,
		Canteen: yes(in.Template.Canteen) || s.Boarding, Bus: yes(in.Template.SchoolBus), // who sleeps there eats there
	})
	out := make([]NewGridInput, len(proposals))
	for i, p := range proposals {
		out[i] = NewGridInput{ID: in.templateID(i), Code: p.Code, Name: p.Name, Kind: p.Kind}
		if p.Parent >= 0 {
			out[i].ParentID = &out[p.Parent].ID
		}
	}
	return out
}

func (in CreateGridsInput) templateID(i int) id.ID {
	return id.Of(id.Grid, uuid.NewSHA1(in.CommandID.UUID, fmt.Appendf(nil, "grid %d", i)))
}

// made are the ids of what the command makes, or perhaps makes.
func (in CreateGridsInput) made() []uuid.UUID {
	var out []uuid.UUID
	for _, g := range in.Grids {
		out = append(out, g.ID.UUID)
	}
	if in.Template != nil {
		for i := range rule.MostProposedGrids() {
			out = append(out, in.templateID(i).UUID)
		}
	}
	return out
}

func (a *App) createGrids(ctx context.Context, tx *ent.Tx, s *ent.School, wanted []NewGridInput) error {
	var bad fault.Input
	if err := checkKinds(ctx, tx, &bad, wanted); err != nil {
		return err
	}
	var parents []uuid.UUID
	nodes := make([]rule.GridNode, len(wanted))
	for i, g := range wanted {
		nodes[i].ID = g.ID.UUID
		if g.ParentID != nil {
			nodes[i].Parent = g.ParentID.UUID
			parents = append(parents, g.ParentID.UUID)
		}
	}
	// The grids above are locked: one that is being closed gets no new part.
	if err := lockGrids(ctx, tx, parents...); err != nil {
		return err
	}
	existing, err := tx.Grid.Query().Where(grid.SchoolID(s.ID)).All(ctx)
	if err != nil {
		return err
	}
	inUse, codes := map[uuid.UUID]bool{}, map[string]bool{}
	for _, g := range existing {
		inUse[g.ID], codes[g.Code] = g.ClosedAt == nil, true
	}
	for _, g := range wanted {
		if codes[g.Code] {
			return fault.New(fault.Conflict, "grid.code_taken", fault.Tf("该校已有编号为 %s 的网格。", "The school has a grid with the code %s already.", g.Code)).With("code", g.Code)
		}
	}
	order := rule.OrderGrids(&bad, func(i int) string { return index("input.grids", i) }, nodes, func(i uuid.UUID) bool { return inUse[i] })
	if err := bad.Err(); err != nil {
		return err
	}
	for _, i := range order {
		g := wanted[i]
		err := tx.Grid.Create().SetID(g.ID.UUID).SetCreatedAt(a.clock.Now()).SetSchoolID(s.ID).SetNillableParentID(uuidOf(g.ParentID)).
			SetCode(g.Code).SetName(g.Name).SetKind(g.Kind).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func checkKinds(ctx context.Context, tx *ent.Tx, bad *fault.Input, wanted []NewGridInput) error {
	rows, err := tx.CodedValue.Query().Where(codedvalue.Set(GridKinds)).All(ctx)
	if err != nil {
		return err
	}
	for i, g := range wanted {
		if !slices.ContainsFunc(rows, func(v *ent.CodedValue) bool { return v.Code == g.Kind }) {
			bad.Add(index("input.grids", i)+".kind", "unknown", fault.T("没有这种网格类型。", "There is no such kind of grid."))
		}
	}
	return nil
}

// lockGrids takes the locks of grids by a write that changes nothing: SQLite has
// no SELECT FOR UPDATE and needs none.
func lockGrids(ctx context.Context, tx *ent.Tx, ids ...uuid.UUID) error {
	return tx.Grid.Update().Where(grid.IDIn(ids...)).Modify(func(u *sql.UpdateBuilder) { u.Set(grid.FieldCode, sql.Expr(grid.FieldCode)) }).Exec(ctx)
}

// CloseGrid takes a grid out of use; whoever answers for it ends with today. The
// school's safety officer and leader may. INVALID_TRANSITION when it is closed
// or has parts in use.
func (a *App) CloseGrid(ctx context.Context, in CloseGridInput) (*ent.Grid, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.gridId", in.GridID, id.Grid)
	text(&bad, "input.reason", in.Reason)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.CloseGrid, in.CommandID, in.GridID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		g, err := a.lockedGrid(ctx, tx, v, authz.CloseGrid, "input.gridId", in.GridID.UUID)
		if err != nil {
			return err
		}
		parts, err := tx.Grid.Query().Where(grid.ParentID(g.ID), grid.ClosedAtIsNil()).Exist(ctx)
		if err != nil {
			return err
		}
		if parts {
			return fault.New(fault.InvalidTransition, "grid.has_parts", fault.T("请先停用其下级网格。", "Close the grids below it first."))
		}
		all, err := tx.GridAssignment.Query().Where(gridassignment.GridID(g.ID)).All(ctx)
		if err != nil {
			return err
		}
		for _, x := range all {
			if err := a.endWith(ctx, tx, v, x, a.today(), in.Reason); err != nil {
				return err
			}
		}
		return g.Update().SetClosedAt(a.clock.Now()).SetClosedReason(in.Reason).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return a.Grid(ctx, in.GridID)
}

// lockedGrid locks a grid in use, loads it with its school and asks authz. Every
// change of a grid and its assignments waits here for the one before.
func (a *App) lockedGrid(ctx context.Context, tx *ent.Tx, v authz.Viewer, action authz.Action, path string, i uuid.UUID) (*ent.Grid, error) {
	if err := lockGrids(ctx, tx, i); err != nil {
		return nil, err
	}
	g, err := tx.Grid.Query().Where(grid.ID(i)).WithSchool().Only(ctx)
	if _, err := found(g, err, id.Grid); err != nil {
		return nil, at(path, id.Grid, err)
	}
	if err := authz.Can(v, action, authz.Facts{SchoolID: g.SchoolID, RegionPath: g.Edges.School.RegionPath}); err != nil {
		return nil, err
	}
	if g.ClosedAt != nil {
		return nil, fault.New(fault.InvalidTransition, "grid.closed", fault.T("该网格已停用。", "The grid is closed."))
	}
	return g, nil
}

// endWith ends an assignment that somebody has not ended yet and that lasts
// longer than a day.
func (a *App) endWith(ctx context.Context, tx *ent.Tx, v authz.Viewer, x *ent.GridAssignment, lastDay clock.Date, reason string) error {
	was := assignmentFacts(x)
	is := rule.EndedWith(was.Span, lastDay)
	if was.Ended || is == was.Span {
		return nil
	}
	return tx.GridAssignment.Update().Where(gridassignment.ID(x.ID)).SetValidUntil(is.Until).SetEndReason(reason).SetEndedByID(v.UserID).Exec(ctx)
}

// AssignGrid makes somebody answer for a grid from one day on, perhaps until
// another. The school's safety officer and leader may. CONFLICT with another
// assignment of the same time; see rule.CheckAssignment.
func (a *App) AssignGrid(ctx context.Context, in AssignGridInput) (*ent.GridAssignment, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.GridAssignment)
	must(&bad, "input.gridId", in.GridID, id.Grid)
	must(&bad, "input.userId", in.UserID, id.User)
	may(&bad, "input.standsInForId", in.StandsInForID, id.GridAssignment)
	dayOf(&bad, "input.validFrom", in.ValidFrom)
	if in.ValidUntil != nil {
		dayOf(&bad, "input.validUntil", *in.ValidUntil)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.AssignGrid, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		g, err := a.lockedGrid(ctx, tx, v, authz.AssignGrid, "input.gridId", in.GridID.UUID)
		if err != nil {
			return err
		}
		others, err := tx.GridAssignment.Query().Where(gridassignment.GridID(g.ID)).All(ctx)
		if err != nil {
			return err
		}
		wanted := rule.GridAssignmentFacts{
			ID: in.ID.UUID, UserID: in.UserID.UUID, Role: in.Role, Span: spanOf(in.ValidFrom, in.ValidUntil),
		}
		if in.StandsInForID != nil {
			wanted.StandsInFor = in.StandsInForID.UUID
		}
		return a.assign(ctx, tx, "input", g, wanted, assignmentsFacts(others))
	})
	if err != nil {
		return nil, err
	}
	return a.gridAssignment(ctx, in.ID)
}

// dayOf checks that a required text is a date.
func dayOf(bad *fault.Input, path string, d clock.Date) {
	if !isDate(d) {
		bad.Add(path, "form", fault.T("日期须为 2006-01-02 的形式。", "A date has the form 2006-01-02."))
	}
}

// assign asks the rule and writes one assignment of a locked grid.
func (a *App) assign(ctx context.Context, tx *ent.Tx, path string, g *ent.Grid, wanted rule.GridAssignmentFacts, others []rule.GridAssignmentFacts) error {
	of, err := a.belongsFrom(ctx, tx, wanted.UserID, g.SchoolID)
	if err != nil {
		return err
	}
	if len(of) == 0 {
		return missingAt(path+".userId", id.User)
	}
	var bad fault.Input
	if err := rule.CheckAssignment(&bad, path, wanted, others, of); err != nil {
		return err
	}
	create := tx.GridAssignment.Create().SetID(wanted.ID).SetCreatedAt(a.clock.Now()).SetSchoolID(g.SchoolID).SetGridID(g.ID).
		SetUserID(wanted.UserID).SetRole(wanted.Role).SetValidFrom(wanted.Span.From)
	if wanted.Span.Until != "" {
		create.SetValidUntil(wanted.Span.Until)
	}
	if wanted.StandsInFor != uuid.Nil {
		create.SetStandsInForID(wanted.StandsInFor)
	}
	return create.Exec(ctx)
}

// belongsFrom lists when somebody belongs to a school. It asks as the system: a
// person's membership is a fact whoever looks.
func (a *App) belongsFrom(ctx context.Context, tx *ent.Tx, userID, schoolID uuid.UUID) ([]rule.Span, error) {
	rows, err := tx.Membership.Query().Where(membership.UserID(userID), membership.SchoolID(schoolID)).All(authz.AsSystem(ctx))
	out := make([]rule.Span, len(rows))
	for i, m := range rows {
		out[i] = spanOf(m.ValidFrom, m.ValidUntil)
	}
	return out, err
}

func spanOf(from clock.Date, until *clock.Date) rule.Span {
	s := rule.Span{From: from}
	if until != nil {
		s.Until = *until
	}
	return s
}

func assignmentFacts(x *ent.GridAssignment) rule.GridAssignmentFacts {
	f := rule.GridAssignmentFacts{ID: x.ID, UserID: x.UserID, Role: x.Role, Span: spanOf(x.ValidFrom, x.ValidUntil), Ended: x.EndedByID != nil}
	if x.StandsInForID != nil {
		f.StandsInFor = *x.StandsInForID
	}
	return f
}

func assignmentsFacts(rows []*ent.GridAssignment) []rule.GridAssignmentFacts {
	out := make([]rule.GridAssignmentFacts, len(rows))
	for i, x := range rows {
		out[i] = assignmentFacts(x)
	}
	return out
}

// EndGridAssignment ends an assignment with a last day and a reason; deputies end
// with it. A successor begins the day after in the same role, so that no day is
// without and none has two. The school's safety officer and leader may.
func (a *App) EndGridAssignment(ctx context.Context, in EndGridAssignmentInput) (*ent.GridAssignment, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.assignmentId", in.AssignmentID, id.GridAssignment)
	dayOf(&bad, "input.lastDay", in.LastDay)
	text(&bad, "input.reason", in.Reason)
	if s := in.Successor; s != nil {
		must(&bad, "input.successor.id", s.ID, id.GridAssignment)
		must(&bad, "input.successor.userId", s.UserID, id.User)
		if s.ValidUntil != nil {
			dayOf(&bad, "input.successor.validUntil", *s.ValidUntil)
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.EndGridAssignment, in.CommandID, in.AssignmentID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		x, err := tx.GridAssignment.Get(ctx, in.AssignmentID.UUID)
		if _, err := found(x, err, id.GridAssignment); err != nil {
			return at("input.assignmentId", id.GridAssignment, err)
		}
		g, err := a.lockedGrid(ctx, tx, v, authz.EndGridAssignment, "input.assignmentId", x.GridID)
		if err != nil {
			return err
		}
		return a.endAssignment(ctx, tx, v, g, in)
	})
	if err != nil {
		return nil, err
	}
	return a.gridAssignment(ctx, in.AssignmentID)
}

func (a *App) endAssignment(ctx context.Context, tx *ent.Tx, v authz.Viewer, g *ent.Grid, in EndGridAssignmentInput) error {
	all, err := tx.GridAssignment.Query().Where(gridassignment.GridID(g.ID)).All(ctx) // read again, under the lock
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(x *ent.GridAssignment) bool { return x.ID == in.AssignmentID.UUID })
	facts := assignmentsFacts(all)
	var bad fault.Input
	if err := rule.CheckEnd(&bad, "input", facts[i], in.LastDay); err != nil {
		return err
	}
	end := tx.GridAssignment.Update().Where(gridassignment.ID(all[i].ID)).SetValidUntil(in.LastDay).SetEndReason(in.Reason).SetEndedByID(v.UserID)
	if s := in.Successor; s != nil {
		next := facts[i]
		next.ID, next.UserID, next.Ended = s.ID.UUID, s.UserID.UUID, false
		next.Span = spanOf(in.LastDay.AddDays(1), s.ValidUntil)
		if s.ValidUntil == nil && next.Role == rule.GridDeputy { // as long as the one before would have
			next.Span.Until = facts[i].Span.Until
		}
		facts[i].Span.Until = in.LastDay
		if err := a.assign(ctx, tx, "input.successor", g, next, facts); err != nil {
			return err
		}
		end.SetSuccessorID(next.ID)
	}
	if err := end.Exec(ctx); err != nil {
		return err
	}
	for _, x := range all {
		if x.StandsInForID != nil && *x.StandsInForID == all[i].ID {
			if err := a.endWith(ctx, tx, v, x, in.LastDay, in.Reason); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) gridAssignment(ctx context.Context, i id.ID) (*ent.GridAssignment, error) {
	x, err := a.store.Ent.GridAssignment.Get(ctx, i.UUID)
	return found(x, err, id.GridAssignment)
}
