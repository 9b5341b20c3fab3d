package app

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

// AssessRiskPointInput grades a risk point anew.
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
		must(bad, index(path, i)+".id", c.ID, id.RiskControl)
		text(bad, index(path, i)+".text", c.Text)
		if seen[c.ID.UUID] {
			bad.Add(index(path, i)+".id", "repeated", fault.T("同一标识重复。", "The same id is there twice."))
		}
		seen[c.ID.UUID] = true
	}
}

// RecordRiskPoint records what may go wrong in a grid (风险点, 双控机制). The
// school's safety officer and leader may.
func (a *App) RecordRiskPoint(ctx context.Context, in RecordRiskPointInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.RiskPoint)
	must(&bad, "input.gridId", in.GridID, id.Grid)
	may(&bad, "input.responsibleId", in.ResponsibleID, id.User)
	short(&bad, "input.name", in.Name, maxGridName)
	mayText(&bad, "input.consequence", in.Consequence)
	text(&bad, "input.reason", in.Reason)
	checkControls(&bad, "input.controls", in.Controls)
	if len(in.Controls) == 0 {
		bad.Add("input.controls", "missing", fault.T("至少要有一项管控措施。", "A risk needs at least one control."))
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.RecordRiskPoint, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		g, err := a.lockedGrid(ctx, tx, v, authz.RecordRiskPoint, "input.gridId", in.GridID.UUID)
		if err != nil {
			return err
		}
		if err := a.personOf(ctx, tx, "input.responsibleId", in.ResponsibleID, g.SchoolID); err != nil {
			return err
		}
		p, err := tx.RiskPoint.Create().SetID(in.ID.UUID).SetCreatedAt(a.clock.Now()).SetSchoolID(g.SchoolID).SetGridID(g.ID).
			SetNillableResponsibleID(uuidOf(in.ResponsibleID)).SetRecordedByID(v.UserID).SetName(in.Name).SetConsequence(deref(in.Consequence)).
			SetLevel(in.Level).SetAssessedOn(a.today()).Save(ctx)
		if err != nil {
			return err
		}
		if err := a.assessed(ctx, tx, v, p, in.Level, in.Reason); err != nil {
			return err
		}
		return a.addControls(ctx, tx, p, 0, in.Controls)
	})
	if err != nil {
		return nil, err
	}
	return a.RiskPoint(ctx, in.ID)
}

// personOf checks that somebody who is to answer for something belongs to a
// school today.
func (a *App) personOf(ctx context.Context, tx *ent.Tx, path string, user *id.ID, schoolID uuid.UUID) error {
	if user == nil {
		return nil
	}
	today := a.today()
	ok, err := tx.Membership.Query().Where(membership.UserID(user.UUID), membership.SchoolID(schoolID), membership.ValidFromLTE(today),
		membership.Or(membership.ValidUntilIsNil(), membership.ValidUntilGTE(today))).Exist(authz.AsSystem(ctx))
	if err == nil && !ok {
		return missingAt(path, id.User)
	}
	return err
}

func (a *App) assessed(ctx context.Context, tx *ent.Tx, v authz.Viewer, p *ent.RiskPoint, level rule.RiskLevel, reason string) error {
	return tx.RiskAssessment.Create().SetCreatedAt(a.clock.Now()).SetSchoolID(p.SchoolID).SetRiskPointID(p.ID).SetAssessorID(v.UserID).
		SetLevel(level).SetReason(reason).SetAssessedAt(a.clock.Now()).Exec(ctx)
}

// addControls puts controls behind those that there are.
func (a *App) addControls(ctx context.Context, tx *ent.Tx, p *ent.RiskPoint, first int, all []RiskControlInput) error {
	rows := make([]*ent.RiskControlCreate, len(all))
	for i, c := range all {
		rows[i] = tx.RiskControl.Create().SetID(c.ID.UUID).SetCreatedAt(a.clock.Now()).SetSchoolID(p.SchoolID).SetRiskPointID(p.ID).
			SetKind(c.Kind).SetText(c.Text).SetPosition(first + i)
	}
	return tx.RiskControl.CreateBulk(rows...).Exec(ctx)
}

// onRiskPoint runs a command on a risk point that is on the list: may the viewer,
// is it still what the viewer saw; then the writes, in one conditional update.
func (a *App) onRiskPoint(ctx context.Context, action authz.Action, cmd RiskCommand, in any, bad *fault.Input,
	do func(ctx context.Context, tx *ent.Tx, v authz.Viewer, p *ent.RiskPoint, u *ent.RiskPointUpdate) error,
) (*ent.RiskPoint, error) {
	must(bad, "input.commandId", cmd.CommandID, id.Command)
	must(bad, "input.riskPointId", cmd.RiskPointID, id.RiskPoint)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, action, cmd.CommandID, cmd.RiskPointID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		p, err := tx.RiskPoint.Query().Where(riskpoint.ID(cmd.RiskPointID.UUID)).Only(ctx)
		if _, err := found(p, err, id.RiskPoint); err != nil {
			return at("input.riskPointId", id.RiskPoint, err)
		}
		s, err := tx.School.Get(ctx, p.SchoolID)
		if err != nil {
			return err
		}
		if err := authz.Can(v, action, authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath}); err != nil {
			return err
		}
		if err := expect(cmd.ExpectedVersion, p.Version); err != nil {
			return err
		}
		if p.ClosedAt != nil {
			return fault.New(fault.InvalidTransition, "risk.closed", fault.T("该风险点已销号。", "The risk point is closed."))
		}
		u := tx.RiskPoint.Update().Where(riskpoint.ID(p.ID), riskpoint.Version(p.Version)).AddVersion(1)
		if err := do(ctx, tx, v, p, u); err != nil {
			return err
		}
		n, err := u.Save(ctx)
		if err == nil && n == 0 {
			return conflict(p.Version + 1)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.RiskPoint(ctx, cmd.RiskPointID)
}

// AssessRiskPoint gives a risk point a colour anew, with a reason; the history of
// gradings stays. The school's safety officer and leader may.
func (a *App) AssessRiskPoint(ctx context.Context, in AssessRiskPointInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	text(&bad, "input.reason", in.Reason)
	return a.onRiskPoint(ctx, authz.AssessRiskPoint, in.RiskCommand, in, &bad,
		func(ctx context.Context, tx *ent.Tx, v authz.Viewer, p *ent.RiskPoint, u *ent.RiskPointUpdate) error {
			u.SetLevel(in.Level).SetAssessedOn(a.today())
			return a.assessed(ctx, tx, v, p, in.Level, in.Reason)
		})
}

// ChangeRiskControls adds controls and ends others; one at least stays. Ended
// controls are kept: a hazard may name one that failed. The school's safety
// officer and leader may.
func (a *App) ChangeRiskControls(ctx context.Context, in ChangeRiskControlsInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	checkControls(&bad, "input.add", in.Add)
	for i, x := range in.EndIDs {
		must(&bad, index("input.endIds", i), x, id.RiskControl)
	}
	may(&bad, "input.responsibleId", in.ResponsibleID, id.User)
	if len(in.Add)+len(in.EndIDs) == 0 && in.ResponsibleID == nil {
		bad.Add("input.add", "missing", fault.T("没有要更改的内容。", "There is nothing to change."))
	}
	return a.onRiskPoint(ctx, authz.ChangeRiskControls, in.RiskCommand, in, &bad,
		func(ctx context.Context, tx *ent.Tx, _ authz.Viewer, p *ent.RiskPoint, u *ent.RiskPointUpdate) error {
			if err := a.personOf(ctx, tx, "input.responsibleId", in.ResponsibleID, p.SchoolID); err != nil {
				return err
			}
			if in.ResponsibleID != nil {
				u.SetResponsibleID(in.ResponsibleID.UUID)
			}
			return a.changeControls(ctx, tx, p, in)
		})
}

func (a *App) changeControls(ctx context.Context, tx *ent.Tx, p *ent.RiskPoint, in ChangeRiskControlsInput) error {
	all, err := tx.RiskControl.Query().Where(riskcontrol.RiskPointID(p.ID)).All(ctx)
	if err != nil {
		return err
	}
	left := map[uuid.UUID]bool{}
	for _, c := range all {
		if c.EndedAt == nil {
			left[c.ID] = true
		}
	}
	for i, x := range in.EndIDs {
		if !left[x.UUID] {
			return missingAt(index("input.endIds", i), id.RiskControl)
		}
		delete(left, x.UUID)
	}
	if len(left)+len(in.Add) == 0 {
		return fault.Bad("input.endIds", "none_left", fault.T("至少要保留一项管控措施。", "One control at least must stay."))
	}
	if len(in.EndIDs) > 0 {
		if err := tx.RiskControl.Update().Where(riskcontrol.IDIn(uuidsOf(in.EndIDs)...)).SetEndedAt(a.clock.Now()).Exec(ctx); err != nil {
			return err
		}
	}
	if len(in.Add) == 0 {
		return nil
	}
	return a.addControls(ctx, tx, p, len(all), in.Add)
}

// CloseRiskPoint takes a risk point off the list, with a reason. The school's
// safety officer and leader may.
func (a *App) CloseRiskPoint(ctx context.Context, in CloseRiskPointInput) (*ent.RiskPoint, error) {
	var bad fault.Input
	text(&bad, "input.reason", in.Reason)
	return a.onRiskPoint(ctx, authz.CloseRiskPoint, in.RiskCommand, in, &bad,
		func(_ context.Context, _ *ent.Tx, _ authz.Viewer, _ *ent.RiskPoint, u *ent.RiskPointUpdate) error {
			u.SetClosedAt(a.clock.Now()).SetClosedReason(in.Reason)
			return nil
		})
}

// RiskPoint is one risk point in sight.
func (a *App) RiskPoint(ctx context.Context, i id.ID) (*ent.RiskPoint, error) {
	p, err := a.store.Ent.RiskPoint.Get(ctx, i.UUID)
	return found(p, err, id.RiskPoint)
}

// RiskPointsByID reads the risk points in sight among these.
func (a *App) RiskPointsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.RiskPoint, error) {
	rows, err := a.store.Ent.RiskPoint.Query().Where(riskpoint.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// RiskPointsOfGrids lists the open risk points of these grids, the gravest first.
func (a *App) RiskPointsOfGrids(ctx context.Context, grids []uuid.UUID) ([]*ent.RiskPoint, error) {
	rows, err := a.store.Ent.RiskPoint.Query().Where(riskpoint.GridIDIn(grids...), riskpoint.ClosedAtIsNil()).Order(riskpoint.ByID()).All(ctx)
	slices.SortStableFunc(rows, func(x, y *ent.RiskPoint) int {
		return slices.Index(rule.RiskLevels(), x.Level) - slices.Index(rule.RiskLevels(), y.Level)
	})
	return rows, store.Fault(err)
}

// AssessmentsOfRiskPoints lists the gradings of these risk points in time.
func (a *App) AssessmentsOfRiskPoints(ctx context.Context, points []uuid.UUID) ([]*ent.RiskAssessment, error) {
	rows, err := a.store.Ent.RiskAssessment.Query().Where(riskassessment.RiskPointIDIn(points...)).
		Order(riskassessment.ByAssessedAt(), riskassessment.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// ControlsOfRiskPoints lists the controls of these risk points, ended ones too.
func (a *App) ControlsOfRiskPoints(ctx context.Context, points []uuid.UUID) ([]*ent.RiskControl, error) {
	rows, err := a.store.Ent.RiskControl.Query().Where(riskcontrol.RiskPointIDIn(points...)).Order(riskcontrol.ByPosition(), riskcontrol.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// RiskControlsByID reads the controls in sight among these.
func (a *App) RiskControlsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.RiskControl, error) {
	rows, err := a.store.Ent.RiskControl.Query().Where(riskcontrol.IDIn(ids...)).All(ctx)
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
func (a *App) RiskPoints(ctx context.Context, p PageArgs, f *RiskPointFilter) (Page[*ent.RiskPoint], error) {
	pq, err := newPageQuery(p, order{field: "RECORDED", column: riskpoint.FieldID})
	if err != nil {
		return Page[*ent.RiskPoint]{}, err
	}
	q := a.store.Ent.RiskPoint.Query()
	if f != nil {
		if err := a.filterRiskPoints(ctx, q, f); err != nil {
			return Page[*ent.RiskPoint]{}, err
		}
	}
	q.Modify(pq.apply)
	rows, err := q.All(ctx)
	if err != nil {
		return Page[*ent.RiskPoint]{}, store.Fault(err)
	}
	return cut(pq, rows, func(r *ent.RiskPoint) (string, uuid.UUID) { return r.ID.String(), r.ID }), nil
}

func (a *App) filterRiskPoints(ctx context.Context, q *ent.RiskPointQuery, f *RiskPointFilter) error {
	var bad fault.Input
	may(&bad, "filter.schoolId", f.SchoolID, id.School)
	may(&bad, "filter.gridId", f.GridID, id.Grid)
	may(&bad, "filter.regionId", f.RegionID, id.Region)
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
		path, err := a.regionPath(ctx, f.RegionID.UUID)
		if err != nil {
			return at("filter.regionId", id.Region, err)
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

// failedControl checks that the control which a hazard says has failed is one of
// the same school.
func (a *App) failedControl(ctx context.Context, tx *ent.Tx, control *id.ID, schoolID uuid.UUID) error {
	if control == nil {
		return nil
	}
	c, err := tx.RiskControl.Query().Where(riskcontrol.ID(control.UUID)).Only(ctx)
	if _, err := found(c, err, id.RiskControl); err != nil {
		return at("input.failedControlId", id.RiskControl, err)
	}
	if c.SchoolID != schoolID {
		return fault.Bad("input.failedControlId", "other_school", fault.T("该管控措施属于另一所学校。", "This control belongs to another school."))
	}
	return nil
}
