package testkit

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// atATime is how many hazards one statement inserts: it has a limit of parameters.
const atATime = 500

// ManyHazards makes hazards of the Env's school as if inspector1 had reported them
// in a supervision, a second after one another: rows and events without the use case,
// which would take minutes, and the figures rebuilt from them. Every fifth is MAJOR, and each has one of
// three categories.
func (e *Env) ManyHazards(report id.ID, n int) {
	e.T.Helper()
	inspector := e.User("inspector1").ID
	for from := 0; from < n; from += atATime {
		need(e.T, e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			return e.hazards(ctx, tx, report, inspector, from, min(n, from+atATime))
		}))
	}
	need(e.T, e.App.RebuildFigures(e.System()))
}

func (e *Env) hazards(ctx context.Context, tx *ent.Tx, report id.ID, reporter uuid.UUID, from, until int) error {
	var create []*ent.HazardCreate
	for i := from; i < until; i++ {
		at, grade := e.Clock.Advance(time.Second), rule.General
		if i%5 == 0 {
			grade = rule.Major
		}
		create = append(create, tx.Hazard.Create().SetCampaignID(e.Campaign.ID).SetSchoolID(e.School.ID).SetGridID(e.Grid.ID).SetReportID(report.UUID).
			SetReporterID(reporter).SetCategory([]string{"FIRE", "FOOD", "TRAFFIC"}[i%3]).SetDescription(fmt.Sprintf("第%d处隐患", i+1)).
			SetSource(rule.FoundBySupervision).SetGrade(grade).SetDiscoveredAt(at).SetReportedAt(at).SetCreatedAt(at).SetSequence(1).
			SetOversightDueBy(at.Add(24*time.Hour)))
	}
	rows, err := tx.Hazard.CreateBulk(create...).Save(ctx)
	if err != nil {
		return err
	}
	events := make([]*ent.HazardEventCreate, len(rows))
	for i, h := range rows {
		events[i] = tx.HazardEvent.Create().SetHazardID(h.ID).SetSchoolID(h.SchoolID).SetActorID(reporter).SetSequence(1).SetKind(rule.EventReported).
			SetHappenedAt(h.ReportedAt).SetReceivedAt(h.ReportedAt).SetCreatedAt(h.ReportedAt).SetPayload(map[string]any{"description": h.Description, "grade": h.Grade})
	}
	return tx.HazardEvent.CreateBulk(events...).Exec(ctx)
}
