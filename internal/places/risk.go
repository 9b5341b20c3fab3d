package places

import (
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/riskassessment"
	"github.com/cleargrid/cleargrid/ent/riskcontrol"
	"github.com/cleargrid/cleargrid/ent/riskpoint"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// RecordRiskPointInput is a new risk point of a grid with its first grading and
// the controls that keep it in check.
type RecordRiskPointInput struct {
	ID            id.ID
	GridID        id.ID
	Name          string
	Consequence   *string
	Level         rule.RiskLevel
	Reason        string
	ResponsibleID *id.ID
	Controls      []RiskControlInput
}

// RiskControlInput is one new control.
type RiskControlInput struct {
	ID   id.ID
	Kind rule.ControlKind
	Text string
}

// RiskCommand is what every command on an existing risk point carries.
type RiskCommand struct {
	CommandID       id.ID
	RiskPointID     id.ID
	ExpectedVersion *int
}

// AssessRiskPointInput grades a risk point again.
type AssessRiskPointInput struct {
	RiskCommand
	Level  rule.RiskLevel
	Reason string
}

// ChangeRiskControlsInput adds and ends controls and may name another responsible
// person.
type ChangeRiskControlsInput struct {
	RiskCommand
	Add           []RiskControlInput
	EndIDs        []id.ID
	ResponsibleID *id.ID
}

// CloseRiskPointInput takes a risk point off the list.
type CloseRiskPointInput struct {
	RiskCommand
	Reason string
}

const maxControls = 50 // of one command

func checkControls(bad *fault.Input, path string, all []RiskControlInput) {
	if len(all) > maxControls {
		bad.Add(path, "too_many", fault.Tf("一次最多 %d 项措施。", "At most %d controls at once.", maxControls))
	}
	seen := map[uuid.UUID]bool{}
	for i, c := range all {
		command.RequiredID(bad, command.Index(path, i)+".id", c.ID, id.RiskControl)
		command.RequiredText(bad, command.Index(path, i)+".text", c.Text)
		if seen[c.ID.UUID] {
			bad.Add(command.Index(path, i)+".id", "repeated", fault.T("同一标识重复。", "The same id is there twice."))
		}
		seen[c.ID.UUID] = true
	}
}

// RecordRiskPoint records what may go wrong in a grid (风险点, 双控机制). The
// school's safety officer and leader may.
func (pl *Places) RecordRiskPoint(ctx context.Context, in RecordRiskPointInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.RiskPoint)
	command.RequiredID(&bad, "input.gridId", in.GridID, id.Grid)
	command.OptionalID(&bad, "input.responsibleId", in.ResponsibleID, id.User)
	command.ShortText(&bad, "input.name", in.Name, maxGridName)
	command.OptionalText(&bad, "input.consequence", in.Consequence)
	command.RequiredText(&bad, "input.reason", in.Reason)
	checkControls(&bad, "input.controls", in.Controls)
	if len(in.Controls) == 0 {
		bad.Add("input.controls", "missing", fault.T("至少要有一项管控措施。", "A risk needs at least one control."))
	}
	return command.Run(ctx, pl.commands, command.Spec[*ent.Grid, *ent.RiskPoint]{
		Action: authz.RecordRiskPoint, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.Grid, error) {
			return loadGrid(ctx, tx, "input.gridId", in.GridID.UUID)
		},
		May: gridFacts,
		Decide: func(ctx context.Context, tx *command.Tx, g *ent.Grid) error {
			if err := checkGridOpen(g); err != nil {
				return err
			}
			return pl.personOf(ctx, tx.Tx, "input.responsibleId", in.ResponsibleID, g.SchoolID)
		},
		Write: func(ctx context.Context, tx *command.Tx, g *ent.Grid) error {
			p, err := tx.RiskPoint.Create().SetID(in.ID.UUID).SetCreatedAt(tx.Now).SetSchoolID(g.SchoolID).SetGridID(g.ID).
				SetNillableResponsibleID(id.UUIDOf(in.ResponsibleID)).SetRecordedByID(tx.Viewer.UserID).SetName(in.Name).SetConsequence(command.TextOf(in.Consequence)).
				SetLevel(in.Level).SetAssessedOn(command.Today(pl.clock.Now())).Save(ctx)
			if err != nil {
				return err
			}
			if err := assessed(tx, p, in.Level, in.Reason).Exec(ctx); err != nil {
				return err
			}
			return addControls(tx, p, 0, in.Controls).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*ent.RiskPoint, error) { return pl.RiskPoint(ctx, in.ID) },
	})
}

// personOf checks that somebody who is to answer for something belongs to a
// school today.
func (pl *Places) personOf(ctx context.Context, tx *ent.Tx, path string, user *id.ID, schoolID uuid.UUID) error {
	if user == nil {
		return nil
	}
	today := command.Today(pl.clock.Now())
	ok, err := tx.Membership.Query().Where(membership.UserID(user.UUID), membership.SchoolID(schoolID), membership.ValidFromLTE(today),
		membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(today))).Exist(authz.AsSystem(ctx))
	if err == nil && !ok {
		return command.MissingAt(path, id.User)
	}
	return err
}

// assessed is the grading of a risk point in its history.
func assessed(tx *command.Tx, p *ent.RiskPoint, level rule.RiskLevel, reason string) *ent.RiskAssessmentCreate {
	return tx.RiskAssessment.Create().SetCreatedAt(tx.Now).SetSchoolID(p.SchoolID).SetRiskPointID(p.ID).SetAssessorID(tx.Viewer.UserID).
		SetLevel(level).SetReason(reason).SetAssessedAt(tx.Now)
}

// addControls puts controls behind those that there are.
func addControls(tx *command.Tx, p *ent.RiskPoint, first int, all []RiskControlInput) *ent.RiskControlCreateBulk {
	rows := make([]*ent.RiskControlCreate, len(all))
	for i, c := range all {
		rows[i] = tx.RiskControl.Create().SetID(c.ID.UUID).SetCreatedAt(tx.Now).SetSchoolID(p.SchoolID).SetRiskPointID(p.ID).
			SetKind(c.Kind).SetText(c.Text).SetPosition(first + i)
	}
	return tx.RiskControl.CreateBulk(rows...)
}

// riskChange is one command at work on one risk point.
type riskChange struct {
	ctx    context.Context // of the step that decides
	tx     *command.Tx
	point  *ent.RiskPoint // as loaded under its lock
	school *ent.School
	update *ent.RiskPointUpdate
	writes []command.Row
}

// onRiskPoint runs a command on a risk point that is on the list. decide is what is
// special to the command: it fills update and names the rows beside it.
func (pl *Places) onRiskPoint(ctx context.Context, action authz.Action, cmd RiskCommand, in any, bad *fault.Input, decide func(c *riskChange) error) (*ent.RiskPoint, error) {
	command.RequiredID(bad, "input.commandId", cmd.CommandID, id.Command)
	command.RequiredID(bad, "input.riskPointId", cmd.RiskPointID, id.RiskPoint)
	return command.Run(ctx, pl.commands, command.Spec[*riskChange, *ent.RiskPoint]{
		Action: action, Key: cmd.CommandID, Subject: cmd.RiskPointID, Input: in, Invalid: bad,
		Load: func(ctx context.Context, tx *command.Tx) (*riskChange, error) {
			key := cmd.RiskPointID.UUID
			p, err := tx.RiskPoint.Query().Where(riskpoint.ID(key), store.Locking(ctx, store.RiskPoints, key)).Only(ctx)
			if _, err := command.NotFoundAs(p, err, id.RiskPoint); err != nil {
				return nil, command.AtField("input.riskPointId", id.RiskPoint, err)
			}
			u := tx.RiskPoint.Update().Where(riskpoint.ID(p.ID), riskpoint.Version(p.Version)).AddVersion(1)
			c := &riskChange{ctx: ctx, tx: tx, point: p, update: u}
			c.school, err = tx.School.Get(ctx, p.SchoolID)
			return c, err
		},
		May: func(_ context.Context, _ *command.Tx, c *riskChange) (authz.Facts, error) {
			return command.SchoolAlone(c.school), nil
		},
		Version: func(c *riskChange) (*int, int) { return cmd.ExpectedVersion, c.point.Version },
		Decide: func(_ context.Context, _ *command.Tx, c *riskChange) error {
			if c.point.ClosedAt != nil {
				return fault.New(fault.InvalidTransition, "risk.closed", fault.T("该风险点已销号。", "The risk point is closed."))
			}
			return decide(c)
		},
		Write: func(ctx context.Context, _ *command.Tx, c *riskChange) error {
			n, err := c.update.Save(ctx)
			if err == nil && n == 0 {
				return command.Conflict(c.point.Version + 1)
			}
			for _, w := range c.writes {
				if err == nil {
					err = w.Exec(ctx)
				}
			}
			return err
		},
		Answer: func(ctx context.Context) (*ent.RiskPoint, error) { return pl.RiskPoint(ctx, cmd.RiskPointID) },
	})
}

// AssessRiskPoint grades a risk point by colour again, with a reason; the history of
// gradings stays. The school's safety officer and leader may.
func (pl *Places) AssessRiskPoint(ctx context.Context, in AssessRiskPointInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	command.RequiredText(&bad, "input.reason", in.Reason)
	return pl.onRiskPoint(ctx, authz.AssessRiskPoint, in.RiskCommand, in, &bad, func(c *riskChange) error {
		c.update.SetLevel(in.Level).SetAssessedOn(command.Today(pl.clock.Now()))
		c.writes = append(c.writes, assessed(c.tx, c.point, in.Level, in.Reason))
		return nil
	})
}

// ChangeRiskControls adds controls and ends others; one at least stays. Ended
// controls are kept: a hazard may name one that failed. The school's safety
// officer and leader may.
func (pl *Places) ChangeRiskControls(ctx context.Context, in ChangeRiskControlsInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	checkControls(&bad, "input.add", in.Add)
	for i, x := range in.EndIDs {
		command.RequiredID(&bad, command.Index("input.endIds", i), x, id.RiskControl)
	}
	command.OptionalID(&bad, "input.responsibleId", in.ResponsibleID, id.User)
	if len(in.Add)+len(in.EndIDs) == 0 && in.ResponsibleID == nil {
		bad.Add("input.add", "missing", fault.T("没有要更改的内容。", "There is nothing to change."))
	}
	return pl.onRiskPoint(ctx, authz.ChangeRiskControls, in.RiskCommand, in, &bad, func(c *riskChange) error {
		if err := pl.personOf(c.ctx, c.tx.Tx, "input.responsibleId", in.ResponsibleID, c.point.SchoolID); err != nil {
			return err
		}
		if in.ResponsibleID != nil {
			c.update.SetResponsibleID(in.ResponsibleID.UUID)
		}
		return c.changeControls(in)
	})
}

func (c *riskChange) changeControls(in ChangeRiskControlsInput) error {
	all, err := c.tx.RiskControl.Query().Where(riskcontrol.RiskPointID(c.point.ID)).All(c.ctx)
	if err != nil {
		return err
	}
	left := map[uuid.UUID]bool{}
	for _, x := range all {
		if x.EndedAt == nil {
			left[x.ID] = true
		}
	}
	for i, x := range in.EndIDs {
		if !left[x.UUID] {
			return command.MissingAt(command.Index("input.endIds", i), id.RiskControl)
		}
		delete(left, x.UUID)
	}
	if len(left)+len(in.Add) == 0 {
		return fault.Bad("input.endIds", "none_left", fault.T("至少要保留一项管控措施。", "One control at least must stay."))
	}
	if len(in.EndIDs) > 0 {
		c.writes = append(c.writes, c.tx.RiskControl.Update().Where(riskcontrol.IDIn(id.UUIDs(in.EndIDs)...)).SetEndedAt(c.tx.Now))
	}
	if len(in.Add) > 0 {
		c.writes = append(c.writes, addControls(c.tx, c.point, len(all), in.Add))
	}
	return nil
}

// CloseRiskPoint takes a risk point off the list, with a reason. The school's
// safety officer and leader may.
func (pl *Places) CloseRiskPoint(ctx context.Context, in CloseRiskPointInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	command.RequiredText(&bad, "input.reason", in.Reason)
	return pl.onRiskPoint(ctx, authz.CloseRiskPoint, in.RiskCommand, in, &bad, func(c *riskChange) error {
		c.update.SetClosedAt(c.tx.Now).SetClosedReason(in.Reason)
		return nil
	})
}

// RiskPoint is one risk point in sight.
func (pl *Places) RiskPoint(ctx context.Context, i id.ID) (*ent.RiskPoint, error) {
	p, err := pl.store.Ent.RiskPoint.Get(ctx, i.UUID)
	return command.NotFoundAs(p, err, id.RiskPoint)
}

// RiskPointsByID reads the risk points in sight among these.
func (pl *Places) RiskPointsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.RiskPoint, error) {
	rows, err := pl.store.Ent.RiskPoint.Query().Where(riskpoint.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// RiskPointsOfGrids lists the open risk points of these grids, the gravest first.
func (pl *Places) RiskPointsOfGrids(ctx context.Context, grids []uuid.UUID) ([]*ent.RiskPoint, error) {
	rows, err := pl.store.Ent.RiskPoint.Query().Where(riskpoint.GridIDIn(grids...), riskpoint.ClosedAtIsNil()).Order(riskpoint.ByID()).All(ctx)
	slices.SortStableFunc(rows, func(x, y *ent.RiskPoint) int {
		return slices.Index(rule.RiskLevels(), x.Level) - slices.Index(rule.RiskLevels(), y.Level)
	})
	return rows, store.Fault(err)
}

// AssessmentsOfRiskPoints lists the gradings of these risk points in time.
func (pl *Places) AssessmentsOfRiskPoints(ctx context.Context, points []uuid.UUID) ([]*ent.RiskAssessment, error) {
	rows, err := pl.store.Ent.RiskAssessment.Query().Where(riskassessment.RiskPointIDIn(points...)).
		Order(riskassessment.ByAssessedAt(), riskassessment.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// ControlsOfRiskPoints lists the controls of these risk points, ended ones too.
func (pl *Places) ControlsOfRiskPoints(ctx context.Context, points []uuid.UUID) ([]*ent.RiskControl, error) {
	rows, err := pl.store.Ent.RiskControl.Query().Where(riskcontrol.RiskPointIDIn(points...)).Order(riskcontrol.ByPosition(), riskcontrol.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// RiskControlsByID reads the controls in sight among these.
func (pl *Places) RiskControlsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.RiskControl, error) {
	rows, err := pl.store.Ent.RiskControl.Query().Where(riskcontrol.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// RiskPointFilter narrows a list of risk points; every field given must hold.
type RiskPointFilter struct {
	SchoolID *id.ID
	GridID   *id.ID
	RegionID *id.ID
	Level    []rule.RiskLevel
	Closed   *bool
}

// RiskPoints lists the risk points in sight, in the order they were recorded.
func (pl *Places) RiskPoints(ctx context.Context, p command.PageArgs, f *RiskPointFilter) (command.Page[*ent.RiskPoint], error) {
	pq, err := command.NewPageQuery(p, command.Order{Field: "RECORDED", Column: riskpoint.FieldID})
	if err != nil {
		return command.Page[*ent.RiskPoint]{}, err
	}
	q := pl.store.Ent.RiskPoint.Query()
	if f != nil {
		if err := pl.filterRiskPoints(ctx, q, f); err != nil {
			return command.Page[*ent.RiskPoint]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.RiskPoint]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(r *ent.RiskPoint) (string, uuid.UUID) { return r.ID.String(), r.ID }), nil
}

func (pl *Places) filterRiskPoints(ctx context.Context, q *ent.RiskPointQuery, f *RiskPointFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.OptionalID(&bad, "filter.gridId", f.GridID, id.Grid)
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	if err := bad.Err(); err != nil {
		return err
	}
	if f.SchoolID != nil {
		q.Where(riskpoint.SchoolID(f.SchoolID.UUID))
	}
	if f.GridID != nil {
		q.Where(riskpoint.GridID(f.GridID.UUID))
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, pl.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(func(s *sql.Selector) { s.Where(sql.In(s.C(riskpoint.FieldSchoolID), schoolIDsBelow(s, path))) })
	}
	if len(f.Level) > 0 {
		q.Where(riskpoint.LevelIn(f.Level...))
	}
	switch {
	case f.Closed != nil && *f.Closed:
		q.Where(riskpoint.ClosedAtNotNil())
	case f.Closed != nil:
		q.Where(riskpoint.ClosedAtIsNil())
	}
	return nil
}

// FailedControl checks that the control which a hazard says has failed is one of
// the same school.
func FailedControl(ctx context.Context, tx *ent.Tx, control *id.ID, schoolID uuid.UUID) error {
	if control == nil {
		return nil
	}
	c, err := tx.RiskControl.Query().Where(riskcontrol.ID(control.UUID)).Only(ctx)
	if _, err := command.NotFoundAs(c, err, id.RiskControl); err != nil {
		return command.AtField("input.failedControlId", id.RiskControl, err)
	}
	if c.SchoolID != schoolID {
		return fault.Bad("input.failedControlId", "other_school", fault.T("该管控措施属于另一所学校。", "This control belongs to another school."))
	}
	return nil
}
