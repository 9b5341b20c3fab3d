package places

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/codedvalue"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
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
func (pl *Places) CreateGrids(ctx context.Context, in CreateGridsInput) ([]*ent.Grid, error) {
	return command.Run(ctx, pl.commands, command.Spec[*newGrids, []*ent.Grid]{
		Action: authz.CreateGrids, Key: in.CommandID, Subject: in.SchoolID, Input: in, Invalid: in.check(),
		Load: func(ctx context.Context, tx *command.Tx) (*newGrids, error) {
			s, err := tx.School.Get(ctx, in.SchoolID.UUID)
			if _, err := command.NotFoundAs(s, err, id.School); err != nil {
				return nil, command.AtField("input.schoolId", id.School, err)
			}
			n := &newGrids{school: s, wanted: in.wanted(s)}
			// The grids above are locked: one that is being closed gets no new part.
			return n, store.Lock(ctx, tx.Tx, store.Grids, n.parents()...)
		},
		May: func(_ context.Context, _ *command.Tx, n *newGrids) (authz.Facts, error) {
			return command.SchoolAlone(n.school), nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, n *newGrids) error { return n.decide(ctx, tx) },
		Write:  func(ctx context.Context, tx *command.Tx, n *newGrids) error { return n.write(ctx, tx) },
		Answer: func(ctx context.Context) ([]*ent.Grid, error) {
			rows, err := pl.GridsByID(ctx, in.made())
			slices.SortFunc(rows, func(x, y *ent.Grid) int { return strings.Compare(x.Code, y.Code) })
			return rows, err
		},
	})
}

// newGrids are grids of a school that are to be made.
type newGrids struct {
	school *ent.School
	wanted []NewGridInput
	order  []int // parents before their parts
}

func (n *newGrids) parents() []uuid.UUID {
	var out []uuid.UUID
	for _, g := range n.wanted {
		if g.ParentID != nil {
			out = append(out, g.ParentID.UUID)
		}
	}
	return out
}

func (in CreateGridsInput) check() *fault.Input {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	switch {
	case (in.Template == nil) == (len(in.Grids) == 0):
		bad.Add("input.grids", "one_of", fault.T("请给出网格列表或采用模板，二者取一。", "Give either a list of grids or the template."))
	case len(in.Grids) > maxGrids:
		bad.Add("input.grids", "too_many", fault.Tf("一次最多 %d 个网格。", "At most %d grids at once.", maxGrids))
	}
	codes := map[string]bool{}
	for i, g := range in.Grids {
		path := command.Index("input.grids", i)
		command.RequiredID(&bad, path+".id", g.ID, id.Grid)
		command.OptionalID(&bad, path+".parentId", g.ParentID, id.Grid)
		command.ShortText(&bad, path+".code", g.Code, maxGridCode)
		command.ShortText(&bad, path+".name", g.Name, maxGridName)
		command.RequiredText(&bad, path+".kind", g.Kind)
		if codes[g.Code] {
			bad.Add(path+".code", "repeated", fault.T("同一编号重复。", "The same code is there twice."))
		}
		codes[g.Code] = true
	}
	return &bad
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

func (n *newGrids) decide(ctx context.Context, tx *command.Tx) error {
	var bad fault.Input
	if err := checkKinds(ctx, tx.Tx, &bad, n.wanted); err != nil {
		return err
	}
	nodes := make([]rule.GridNode, len(n.wanted))
	for i, g := range n.wanted {
		nodes[i].ID = g.ID.UUID
		if g.ParentID != nil {
			nodes[i].Parent = g.ParentID.UUID
		}
	}
	existing, err := tx.Grid.Query().Where(grid.SchoolID(n.school.ID)).All(ctx)
	if err != nil {
		return err
	}
	inUse, codes := map[uuid.UUID]bool{}, map[string]bool{}
	for _, g := range existing {
		inUse[g.ID], codes[g.Code] = g.ClosedAt == nil, true
	}
	for _, g := range n.wanted {
		if codes[g.Code] {
			return fault.New(fault.Conflict, "grid.code_taken", fault.Tf("该校已有编号为 %s 的网格。", "The school has a grid with the code %s already.", g.Code)).With("code", g.Code)
		}
	}
	n.order = rule.OrderGrids(&bad, func(i int) string { return command.Index("input.grids", i) }, nodes, func(i uuid.UUID) bool { return inUse[i] })
	return bad.Err()
}

// write makes all grids in one statement.
func (n *newGrids) write(ctx context.Context, tx *command.Tx) error {
	rows := make([]*ent.GridCreate, len(n.order))
	for at, i := range n.order {
		g := n.wanted[i]
		rows[at] = tx.Grid.Create().SetID(g.ID.UUID).SetCreatedAt(tx.Now).SetSchoolID(n.school.ID).SetNillableParentID(id.UUIDOf(g.ParentID)).
			SetCode(g.Code).SetName(g.Name).SetKind(g.Kind)
	}
	return tx.Grid.CreateBulk(rows...).Exec(ctx)
}

func checkKinds(ctx context.Context, tx *ent.Tx, bad *fault.Input, wanted []NewGridInput) error {
	rows, err := tx.CodedValue.Query().Where(codedvalue.Set(rule.GridKindSet)).All(ctx)
	if err != nil {
		return err
	}
	for i, g := range wanted {
		if !slices.ContainsFunc(rows, func(v *ent.CodedValue) bool { return v.Code == g.Kind }) {
			bad.Add(command.Index("input.grids", i)+".kind", "unknown", fault.T("没有这种网格类型。", "There is no such kind of grid."))
		}
	}
	return nil
}

// CloseGrid takes a grid out of use; its assignments end with today. The school's
// safety officer and leader may. INVALID_TRANSITION when it is closed or has parts
// in use.
func (pl *Places) CloseGrid(ctx context.Context, in CloseGridInput) (*ent.Grid, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.gridId", in.GridID, id.Grid)
	command.RequiredText(&bad, "input.reason", in.Reason)
	return command.Run(ctx, pl.commands, command.Spec[*ent.Grid, *ent.Grid]{
		Action: authz.CloseGrid, Key: in.CommandID, Subject: in.GridID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.Grid, error) {
			return loadGrid(ctx, tx, "input.gridId", in.GridID.UUID)
		},
		May: gridFacts,
		Decide: func(ctx context.Context, tx *command.Tx, g *ent.Grid) error {
			if err := checkGridOpen(g); err != nil {
				return err
			}
			parts, err := tx.Grid.Query().Where(grid.ParentID(g.ID), grid.ClosedAtIsNil()).Exist(ctx)
			if err == nil && parts {
				return fault.New(fault.InvalidTransition, "grid.has_parts", fault.T("请先停用其下级网格。", "Close the grids below it first."))
			}
			return err
		},
		Write: func(ctx context.Context, tx *command.Tx, g *ent.Grid) error {
			all, err := tx.GridAssignment.Query().Where(gridassignment.GridID(g.ID)).All(ctx)
			if err != nil {
				return err
			}
			for _, x := range all {
				if err := endWith(ctx, tx, x, command.Today(pl.clock.Now()), in.Reason); err != nil {
					return err
				}
			}
			return g.Update().SetClosedAt(tx.Now).SetClosedReason(in.Reason).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.Grid, error) { return pl.Grid(ctx, in.GridID) },
	})
}

// loadGrid locks a grid and reads it with its school. Every change of a grid and its
// assignments waits here for the one before.
func loadGrid(ctx context.Context, tx *command.Tx, path string, i uuid.UUID) (*ent.Grid, error) {
	g, err := tx.Grid.Query().Where(grid.ID(i), store.Locking(ctx, store.Grids, i)).WithSchool().Only(ctx)
	_, err = command.NotFoundAs(g, err, id.Grid)
	return g, command.AtField(path, id.Grid, err)
}

func gridFacts(_ context.Context, _ *command.Tx, g *ent.Grid) (authz.Facts, error) {
	return command.SchoolAlone(g.Edges.School), nil
}

func checkGridOpen(g *ent.Grid) error {
	if g.ClosedAt != nil {
		return fault.New(fault.InvalidTransition, "grid.closed", fault.T("该网格已停用。", "The grid is closed."))
	}
	return nil
}

// endWith ends an assignment that somebody has not ended yet and that lasts
// longer than a day.
func endWith(ctx context.Context, tx *command.Tx, x *ent.GridAssignment, lastDay clock.Date, reason string) error {
	was := assignmentFacts(x)
	is := rule.EndedWith(was.Span, lastDay)
	if was.Ended || is == was.Span {
		return nil
	}
	return tx.GridAssignment.Update().Where(gridassignment.ID(x.ID)).SetValidUntil(is.Until).SetEndReason(reason).SetEndedByID(tx.Viewer.UserID).Exec(ctx)
}

// AssignGrid makes somebody answer for a grid from one day on, perhaps until
// another. The school's safety officer and leader may. CONFLICT with another
// assignment of the same time; see rule.CheckAssignment.
func (pl *Places) AssignGrid(ctx context.Context, in AssignGridInput) (*ent.GridAssignment, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.GridAssignment)
	command.RequiredID(&bad, "input.gridId", in.GridID, id.Grid)
	command.RequiredID(&bad, "input.userId", in.UserID, id.User)
	command.OptionalID(&bad, "input.standsInForId", in.StandsInForID, id.GridAssignment)
	command.Day(&bad, "input.validFrom", in.ValidFrom)
	if in.ValidUntil != nil {
		command.Day(&bad, "input.validUntil", *in.ValidUntil)
	}
	return command.Run(ctx, pl.commands, command.Spec[*assignment, *ent.GridAssignment]{
		Action: authz.AssignGrid, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*assignment, error) {
			g, err := loadGrid(ctx, tx, "input.gridId", in.GridID.UUID)
			return &assignment{grid: g}, err
		},
		May: func(ctx context.Context, tx *command.Tx, x *assignment) (authz.Facts, error) {
			return gridFacts(ctx, tx, x.grid)
		},
		Decide: func(ctx context.Context, tx *command.Tx, x *assignment) error {
			if err := checkGridOpen(x.grid); err != nil {
				return err
			}
			others, err := tx.GridAssignment.Query().Where(gridassignment.GridID(x.grid.ID)).All(ctx)
			if err != nil {
				return err
			}
			x.wanted = rule.GridAssignmentFacts{ID: in.ID.UUID, UserID: in.UserID.UUID, Role: in.Role, Span: spanOf(in.ValidFrom, in.ValidUntil)}
			if in.StandsInForID != nil {
				x.wanted.StandsInFor = in.StandsInForID.UUID
			}
			return pl.checkAssignment(ctx, tx, "input", x.grid, x.wanted, assignmentsFacts(others))
		},
		Write: func(ctx context.Context, tx *command.Tx, x *assignment) error {
			return assign(tx, x.grid, x.wanted).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.GridAssignment, error) { return pl.gridAssignment(ctx, in.ID) },
	})
}

// assignment is somebody who is to answer for a grid.
type assignment struct {
	grid   *ent.Grid // locked
	wanted rule.GridAssignmentFacts
}

// checkAssignment asks the rule about one assignment of a locked grid.
func (pl *Places) checkAssignment(ctx context.Context, tx *command.Tx, path string, g *ent.Grid, wanted rule.GridAssignmentFacts, others []rule.GridAssignmentFacts) error {
	of, err := pl.belongsFrom(ctx, tx.Tx, wanted.UserID, g.SchoolID)
	if err != nil {
		return err
	}
	if len(of) == 0 {
		return command.MissingAt(path+".userId", id.User)
	}
	var bad fault.Input
	return rule.CheckAssignment(&bad, path, wanted, others, of)
}

// assign is the row of one assignment.
func assign(tx *command.Tx, g *ent.Grid, wanted rule.GridAssignmentFacts) *ent.GridAssignmentCreate {
	create := tx.GridAssignment.Create().SetID(wanted.ID).SetCreatedAt(tx.Now).SetSchoolID(g.SchoolID).SetGridID(g.ID).
		SetUserID(wanted.UserID).SetRole(wanted.Role).SetValidFrom(wanted.Span.From)
	if wanted.Span.Until != "" {
		create.SetValidUntil(wanted.Span.Until)
	}
	if wanted.StandsInFor != uuid.Nil {
		create.SetStandsInForID(wanted.StandsInFor)
	}
	return create
}

// belongsFrom lists when somebody belongs to a school. It reads as the system: the
// answer must not depend on what the viewer may see.
func (pl *Places) belongsFrom(ctx context.Context, tx *ent.Tx, userID, schoolID uuid.UUID) ([]rule.Span, error) {
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
func (pl *Places) EndGridAssignment(ctx context.Context, in EndGridAssignmentInput) (*ent.GridAssignment, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.assignmentId", in.AssignmentID, id.GridAssignment)
	command.Day(&bad, "input.lastDay", in.LastDay)
	command.RequiredText(&bad, "input.reason", in.Reason)
	if s := in.Successor; s != nil {
		command.RequiredID(&bad, "input.successor.id", s.ID, id.GridAssignment)
		command.RequiredID(&bad, "input.successor.userId", s.UserID, id.User)
		if s.ValidUntil != nil {
			command.Day(&bad, "input.successor.validUntil", *s.ValidUntil)
		}
	}
	return command.Run(ctx, pl.commands, command.Spec[*ending, *ent.GridAssignment]{
		Action: authz.EndGridAssignment, Key: in.CommandID, Subject: in.AssignmentID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ending, error) { return loadEnding(ctx, tx, in) },
		May: func(ctx context.Context, tx *command.Tx, e *ending) (authz.Facts, error) {
			return gridFacts(ctx, tx, e.grid)
		},
		Decide: func(ctx context.Context, tx *command.Tx, e *ending) error {
			if err := checkGridOpen(e.grid); err != nil {
				return err
			}
			return e.decide(ctx, pl, tx)
		},
		Write:  func(ctx context.Context, tx *command.Tx, e *ending) error { return e.write(ctx, tx) },
		Answer: func(ctx context.Context) (*ent.GridAssignment, error) { return pl.gridAssignment(ctx, in.AssignmentID) },
	})
}

// ending is an assignment that is to end, and who follows.
type ending struct {
	in   EndGridAssignmentInput
	grid *ent.Grid // locked
	row  *ent.GridAssignment
	all  []*ent.GridAssignment     // of the grid
	next *rule.GridAssignmentFacts // the successor; nil for none
}

// loadEnding locks the grid of an assignment, then reads its assignments.
func loadEnding(ctx context.Context, tx *command.Tx, in EndGridAssignmentInput) (*ending, error) {
	x, err := tx.GridAssignment.Get(ctx, in.AssignmentID.UUID)
	if _, err := command.NotFoundAs(x, err, id.GridAssignment); err != nil {
		return nil, command.AtField("input.assignmentId", id.GridAssignment, err)
	}
	e := &ending{in: in}
	if e.grid, err = loadGrid(ctx, tx, "input.assignmentId", x.GridID); err != nil {
		return nil, err
	}
	if e.all, err = tx.GridAssignment.Query().Where(gridassignment.GridID(e.grid.ID)).All(ctx); err != nil { // under the lock
		return nil, err
	}
	e.row = e.all[slices.IndexFunc(e.all, func(o *ent.GridAssignment) bool { return o.ID == x.ID })]
	return e, nil
}

func (e *ending) decide(ctx context.Context, pl *Places, tx *command.Tx) error {
	facts := assignmentFacts(e.row)
	var bad fault.Input
	if err := rule.CheckEnd(&bad, "input", facts, e.in.LastDay); err != nil {
		return err
	}
	s := e.in.Successor
	if s == nil {
		return nil
	}
	next := facts
	next.ID, next.UserID, next.Ended = s.ID.UUID, s.UserID.UUID, false
	next.Span = spanOf(e.in.LastDay.AddDays(1), s.ValidUntil)
	if s.ValidUntil == nil && next.Role == rule.GridDeputy { // as long as the one before would have
		next.Span.Until = facts.Span.Until
	}
	others := assignmentsFacts(e.all)
	others[slices.IndexFunc(e.all, func(o *ent.GridAssignment) bool { return o.ID == e.row.ID })].Span.Until = e.in.LastDay
	e.next = &next
	return pl.checkAssignment(ctx, tx, "input.successor", e.grid, next, others)
}

func (e *ending) write(ctx context.Context, tx *command.Tx) error {
	end := tx.GridAssignment.Update().Where(gridassignment.ID(e.row.ID)).SetValidUntil(e.in.LastDay).SetEndReason(e.in.Reason).SetEndedByID(tx.Viewer.UserID)
	if e.next != nil {
		if err := assign(tx, e.grid, *e.next).Exec(ctx); err != nil {
			return err
		}
		end.SetSuccessorID(e.next.ID)
	}
	if err := end.Exec(ctx); err != nil {
		return err
	}
	for _, x := range e.all {
		if x.StandsInForID != nil && *x.StandsInForID == e.row.ID {
			if err := endWith(ctx, tx, x, e.in.LastDay, e.in.Reason); err != nil {
				return err
			}
		}
	}
	return nil
}

func (pl *Places) gridAssignment(ctx context.Context, i id.ID) (*ent.GridAssignment, error) {
	x, err := pl.store.Ent.GridAssignment.Get(ctx, i.UUID)
	return command.NotFoundAs(x, err, id.GridAssignment)
}
