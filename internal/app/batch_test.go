package app_test

import (
	"context"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestBatchOfAnOfflineDay: what a phone queued, in order; what fails stops nothing,
// and a repeat answers with the same records.
func TestBatchOfAnOfflineDay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		photo := e.PhotoFile(rule.Before, 2)
		photo.ID = id.New(id.Evidence)
		announce := testkit.Announcement(e.School, photo)
		report := e.HazardInput(photo.ID)
		list := e.OversightInput(&ent.Hazard{ID: report.ID.UUID})
		bad := e.HazardInput()
		bad.Description = " "
		foreign := e.HazardInput()
		foreign.SchoolID = e.Other.PublicID()
		missing := e.OversightInput(&ent.Hazard{ID: bad.ID.UUID})
		grade := app.GradeHazardInput{HazardCommand: testkit.Command(&ent.Hazard{ID: report.ID.UUID}), Grade: rule.Major}
		stale := e.PlanInput(&ent.Hazard{ID: report.ID.UUID})
		stale.ExpectedVersion = new(1)
		batch := []app.BatchCommand{
			{AnnounceEvidence: &announce}, {ReportHazard: &report}, {ReportHazard: &bad}, {PlaceUnderOversight: &missing}, {PlaceUnderOversight: &list},
			{ReportHazard: &foreign}, {SubmitRectificationPlan: &stale}, {GradeHazard: &grade},
		}
		want := []fault.Kind{"", "", fault.BadUserInput, fault.NotFound, "", fault.NotFound, fault.Conflict, ""}

		check := func(results []*app.BatchResult) {
			t.Helper()
			for i, r := range results {
				switch {
				case r.Index != i:
					t.Errorf("answer %d says it is %d", i, r.Index)
				case want[i] == "" && (r.Err != nil || r.Record == nil):
					t.Errorf("command %d: %v", i, r.Err)
				case want[i] != "" && (r.Err == nil || r.Err.Kind != want[i] || r.Record != nil):
					t.Errorf("command %d: %v, want %s", i, r.Err, want[i])
				}
			}
			if results[0].Upload == nil || results[0].Upload.Ticket == nil {
				t.Error("an announced file has no ticket")
			}
			if h := results[7].Record.(*ent.Hazard); h.PublicID() != report.ID || h.Status != rule.Rectifying || h.Grade != rule.Major {
				t.Errorf("the hazard is %s and %s", h.Status, h.Grade)
			}
		}
		check(testkit.Must(e.App.SubmitBatch(ctx, batch))(t))
		before := e.Rows()
		check(testkit.Must(e.App.SubmitBatch(ctx, batch))(t))
		testkit.Unchanged(t, e, before)
	})
}

func TestBatchesThatAreNone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, in, list := e.As("officer1"), e.HazardInput(), e.OversightInput(&ent.Hazard{ID: id.New(id.Hazard).UUID})
		before := e.Rows()
		one := app.BatchCommand{ReportHazard: &in}
		many := make([]app.BatchCommand, app.MaxBatch+1)
		for i := range many {
			many[i] = one
		}
		for field, batch := range map[string][]app.BatchCommand{
			"commands":    {},
			"commands[1]": {one, {}},
			"commands[0]": {{ReportHazard: &in, PlaceUnderOversight: &list}, one},
		} {
			_, err := e.App.SubmitBatch(ctx, batch)
			testkit.Refused(t, err, fault.BadUserInput, field)
		}
		_, err := e.App.SubmitBatch(ctx, many)
		testkit.Refused(t, err, fault.BadUserInput, "commands")
		_, err = e.App.SubmitBatch(e.Nobody(), []app.BatchCommand{one})
		testkit.Refused(t, err, fault.Unauthenticated, "")
		testkit.Unchanged(t, e, before)
	})
}

// TestBatchOutOfTime: what the request had no time for may be tried again.
func TestBatchOutOfTime(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		in := e.HazardInput()
		ctx, cancel := context.WithCancel(e.As("officer1"))
		cancel()
		results := testkit.Must(e.App.SubmitBatch(ctx, []app.BatchCommand{{ReportHazard: &in}, {ReportHazard: &in}}))(t)
		for _, r := range results {
			if r.Err == nil || !r.Err.Kind.Retryable() {
				t.Errorf("command %d: %v", r.Index, r.Err)
			}
		}
	})
}
