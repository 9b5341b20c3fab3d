package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/oversightorder"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// EscalateOversightInput escalates the oversight of a hazard to a higher authority.
type EscalateOversightInput struct {
	HazardCommand
	Level          rule.OversightLevel
	Reason         string
	DocumentNumber *string
	SupervisorID   *id.ID
}

// EscalateOversight ends the hazard's oversight order and opens another at a higher level
// with the same measures (提级挂牌). The section may; INVALID_TRANSITION when the
// hazard is not under oversight.
func (a *App) EscalateOversight(ctx context.Context, in EscalateOversightInput) (*ent.Hazard, error) {
	bad := in.check(a)
	command.RequiredText(bad, "input.reason", in.Reason)
	command.OptionalText(bad, "input.documentNumber", in.DocumentNumber)
	command.OptionalID(bad, "input.supervisorId", in.SupervisorID, id.User)
	return a.onHazard(ctx, authz.EscalateOversight, rule.EventOversightEscalated, in.HazardCommand, in, bad, func(c *hazardChange) error {
		if err := c.supervisor(in.SupervisorID); err != nil {
			return err
		}
		present, err := c.tx.OversightOrder.Query().Where(oversightorder.HazardID(c.hazard.ID), oversightorder.EndedAtIsNil()).Only(c.ctx)
		if err != nil {
			return err
		}
		if err := rule.CheckEscalation(present.Level, in.Level); err != nil {
			return err
		}
		supervisor := present.SupervisorID
		if in.SupervisorID != nil {
			supervisor = &in.SupervisorID.UUID
		}
		c.payload["from"], c.payload["level"], c.payload["reason"] = string(present.Level), string(in.Level), in.Reason
		c.payload["documentNumber"] = command.TextOf(in.DocumentNumber)
		c.write(present.Update().SetEndedAt(c.now))
		c.openOversightOrder(in.Level, command.TextOf(in.DocumentNumber), present.Measures, supervisor)
		return nil
	})
}

// OversightOrderFilter narrows the register of oversight orders; every field given must hold.
type OversightOrderFilter struct {
	RegionID *id.ID
	SchoolID *id.ID
	Level    *rule.OversightLevel
	Open     *bool
}

// OversightOrders is the register of the oversight orders in sight (挂牌督办台账), the newest first.
func (a *App) OversightOrders(ctx context.Context, p command.PageArgs, f *OversightOrderFilter) (command.Page[*ent.OversightOrder], error) {
	pq, err := command.NewPageQuery(p, command.Order{Field: "PLACED_AT", Column: oversightorder.FieldPlacedAt, IsTime: true, Desc: true})
	if err != nil {
		return command.Page[*ent.OversightOrder]{}, err
	}
	q := a.store.Ent.OversightOrder.Query()
	if f != nil {
		if err := a.filterOversightOrders(ctx, q, f); err != nil {
			return command.Page[*ent.OversightOrder]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.OversightOrder]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(l *ent.OversightOrder) (string, uuid.UUID) { return command.TimeKey(l.PlacedAt), l.ID }), nil
}

func (a *App) filterOversightOrders(ctx context.Context, q *ent.OversightOrderQuery, f *OversightOrderFilter) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.regionId", f.RegionID, id.Region)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	if err := bad.Err(); err != nil {
		return err
	}
	if f.SchoolID != nil {
		q.Where(oversightorder.SchoolID(f.SchoolID.UUID))
	}
	if f.RegionID != nil {
		path, err := command.RegionPath(ctx, a.store.Ent, f.RegionID.UUID)
		if err != nil {
			return command.AtField("filter.regionId", id.Region, err)
		}
		q.Where(figures.SchoolsBelow(path))
	}
	if f.Level != nil {
		q.Where(oversightorder.LevelEQ(*f.Level))
	}
	if f.Open != nil && *f.Open {
		q.Where(oversightorder.EndedAtIsNil())
	}
	if f.Open != nil && !*f.Open {
		q.Where(oversightorder.EndedAtNotNil())
	}
	return nil
}

// NeedsOversight reports whether a hazard is neither rectified at once nor placed under oversight
// though the time for that is over.
func (a *App) NeedsOversight(h *ent.Hazard) bool {
	return rule.NeedsOversight(h.Status, h.UnderOversight, h.OversightDueBy, a.clock.Now())
}
