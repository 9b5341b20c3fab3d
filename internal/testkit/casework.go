package testkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/checklistitem"
	"github.com/cleargrid/cleargrid/ent/migrate"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// EachAlone is Each with an object store of its own, for tests that look at
// everything in it.
func EachAlone(t *testing.T, f func(t *testing.T, e *Env)) {
	t.Helper()
	each(t, f, (*testing.T).Parallel, func(t *testing.T, _ string) *sharedObjects {
		own := &sharedObjects{}
		t.Cleanup(own.close)
		return own
	}, remembering)
}

// Promise is the id of a file that a phone has not announced yet.
func Promise() id.ID { return id.New(id.Evidence) }

// Today is the date in the demo campaign's zone.
func (e *Env) Today() clock.Date { return e.Campaign.Policy.WithDefaults().Today(e.Clock.Now()) }

// Items are the items of the demo campaign's checklist in their order.
func (e *Env) Items() []*ent.ChecklistItem {
	e.T.Helper()
	rows, err := e.Store.Ent.ChecklistItem.Query().Where(checklistitem.ChecklistID(e.Campaign.ChecklistID)).
		Order(checklistitem.ByNumber()).All(e.System())
	need(e.T, err)
	return rows
}

// Appoint gives an account one more role over the whole county, from today on.
func (e *Env) Appoint(account string, role authz.Role) {
	e.T.Helper()
	need(e.T, e.Store.Ent.Membership.Create().SetUserID(e.User(account).ID).SetRole(role).SetRegionID(e.Campaign.RegionID).
		SetRegionPath(e.Campaign.RegionPath).SetValidFrom(e.Today()).Exec(e.System()))
}

// HazardInput is a complete new hazard in the Env's grid; its photo is a promise
// unless evidence is named.
func (e *Env) HazardInput(evidence ...id.ID) app.ReportHazardInput {
	if len(evidence) == 0 {
		evidence = []id.ID{Promise()}
	}
	grid := e.Grid.PublicID()
	return app.ReportHazardInput{
		ID: id.New(id.Hazard), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), GridID: &grid,
		Category: "FIRE", Description: "消防栓无水", DiscoveredAt: e.Clock.Now().Add(-time.Hour), EvidenceIDs: evidence,
	}
}

// Command is the common part of a command on a hazard.
func Command(h *ent.Hazard, evidence ...id.ID) app.HazardCommand {
	return app.HazardCommand{CommandID: id.New(id.Command), HazardID: h.PublicID(), EvidenceIDs: evidence}
}

// OversightInput puts a hazard under oversight until a week from now, with officer1
// responsible.
func (e *Env) OversightInput(h *ent.Hazard) app.PlaceUnderOversightInput {
	return app.PlaceUnderOversightInput{
		HazardCommand: Command(h, Promise()), ProtectiveMeasures: "停用并围挡", DeadlineOn: e.Today().AddDays(7),
		ResponsibleID: e.User("officer1").PublicID(),
	}
}

// PlanInput is a plan with all five elements.
func (e *Env) PlanInput(h *ent.Hazard) app.SubmitRectificationPlanInput {
	return app.SubmitRectificationPlanInput{
		HazardCommand: Command(h), PlanID: id.New(id.RectificationPlan), ResponsibleID: e.User("officer1").PublicID(),
		Measures: "更换阀门", FundsFen: 120_000, CompleteBy: e.Today().AddDays(5), ContingencyPlan: "备用灭火器就位",
	}
}

// RectifyInput says that a hazard is rectified.
func RectifyInput(h *ent.Hazard, after id.ID) app.MarkRectifiedInput {
	return app.MarkRectifiedInput{HazardCommand: Command(h, after), MeasuresTaken: "阀门已更换，水压正常"}
}

// AcceptInput accepts a rectification.
func AcceptInput(h *ent.Hazard, photo id.ID) app.AcceptRectificationInput {
	return app.AcceptRectificationInput{HazardCommand: Command(h, photo), RecheckID: id.New(id.Recheck)}
}

// RejectInput rejects a rectification and gives a week more.
func (e *Env) RejectInput(h *ent.Hazard, photo id.ID) app.RejectRectificationInput {
	return app.RejectRectificationInput{
		HazardCommand: Command(h, photo), RecheckID: id.New(id.Recheck), Reason: "水压不足", NewDeadlineOn: e.Today().AddDays(7),
	}
}

// Reported is a hazard that officer1 has just reported.
func (e *Env) Reported() *ent.Hazard {
	e.T.Helper()
	return Must(e.App.ReportHazard(e.As("officer1"), e.HazardInput()))(e.T)
}

// Major is a reported hazard that has been graded MAJOR.
func (e *Env) Major() *ent.Hazard {
	e.T.Helper()
	major := rule.Major
	in := e.HazardInput()
	in.Grade = &major
	return Must(e.App.ReportHazard(e.As("officer1"), in))(e.T)
}

// UnderOversight is a hazard under oversight; officer1 is responsible for it.
func (e *Env) UnderOversight() *ent.Hazard {
	e.T.Helper()
	return Must(e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(e.Reported())))(e.T)
}

// Planned is a hazard under oversight with a plan that waits for its approval.
func (e *Env) Planned() *ent.Hazard {
	e.T.Helper()
	return Must(e.App.SubmitRectificationPlan(e.As("officer1"), e.PlanInput(e.UnderOversight())))(e.T)
}

// Approved is a hazard under oversight with an approved plan.
func (e *Env) Approved() *ent.Hazard {
	e.T.Helper()
	return Must(e.App.ApproveRectificationPlan(e.As("section"), app.DecidePlanInput{HazardCommand: Command(e.Planned())}))(e.T)
}

// Rectified is a hazard under oversight that officer1 has rectified, with a verified photo.
func (e *Env) Rectified() *ent.Hazard {
	e.T.Helper()
	after := e.Proven("officer1", File{Kind: rule.Photo, Stage: rule.After})
	return Must(e.App.MarkRectified(e.As("officer1"), RectifyInput(e.Approved(), after)))(e.T)
}

// Must gives a value whose error ends the test.
func Must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		need(t, err)
		return value
	}
}

// Arrive sends the bytes of an announced file and completes it. Work gives it its
// verdict.
func (e *Env) Arrive(ctx context.Context, u *evidence.Upload, content []byte) {
	e.T.Helper()
	e.Send(u, content)
	_, err := e.App.CompleteEvidence(ctx, evidence.CompleteEvidenceInput{ID: u.Evidence.PublicID()})
	need(e.T, err)
}

// MoveObject makes a file's row name another object, which no command can do.
func MoveObject(t testing.TB, e *Env, evidenceID uuid.UUID, key string) {
	t.Helper()
	_, err := e.Store.DB.ExecContext(e.T.Context(), fmt.Sprintf("UPDATE evidences SET object_key = '%s' WHERE id = '%s'", key, evidenceID))
	need(t, err)
}

// Rows is a digest of each table's rows, for tests that nothing has changed. It
// leaves out the tables of the job queue, and those that reads write as well.
func (e *Env) Rows() map[string]string {
	e.T.Helper()
	out := map[string]string{}
	for _, t := range migrate.Tables {
		if t == migrate.ChangedRowsTable || t == migrate.ChangeHeadsTable {
			continue
		}
		sum := sha256.New()
		need(e.T, e.printRows(t.Name, sum))
		out[t.Name] = hex.EncodeToString(sum.Sum(nil))
	}
	return out
}

func (e *Env) printRows(table string, to io.Writer) (err error) {
	rows, err := e.Store.DB.QueryContext(e.T.Context(), "SELECT * FROM "+table+" ORDER BY id")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return err
		}
		for _, v := range values {
			_, _ = fmt.Fprintf(to, "%v|", *v.(*any))
		}
		_, _ = fmt.Fprintln(to)
	}
	return rows.Err()
}
