package app_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/discrepancy"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// cases are all cases of a kind, the oldest first. Each is checked to be what it
// was frozen as.
func cases(t *testing.T, e *testkit.Env, kind rule.CaseKind) []*ent.AccountabilityCase {
	t.Helper()
	rows := testkit.Must(e.Store.Ent.AccountabilityCase.Query().Where(accountabilitycase.KindEQ(kind)).
		Order(accountabilitycase.ByRaisedAt(), accountabilitycase.ByID()).All(e.System()))(t)
	for _, c := range rows {
		var facts struct {
			Kind    rule.CaseKind
			Reasons []rule.CaseReason
			Facts   map[string]any
		}
		if err := json.Unmarshal([]byte(c.Facts), &facts); err != nil || facts.Kind != kind || len(facts.Reasons) == 0 || len(facts.Facts) == 0 {
			t.Errorf("%s: facts %s (%v)", kind, c.Facts, err)
		}
		if rule.HashOfFacts(c.Facts) != c.FactsHash {
			t.Errorf("%s: the hash is not that of the facts", kind)
		}
		if c.Status != rule.CaseOpen && len(c.Steps) == 0 {
			t.Errorf("%s: nobody has decided it, but it is %s", kind, c.Status)
		}
	}
	return rows
}

// number checks how many cases of a kind there are.
func number(t *testing.T, e *testkit.Env, kind rule.CaseKind, want int, label string) []*ent.AccountabilityCase {
	t.Helper()
	rows := cases(t, e, kind)
	if len(rows) != want {
		for _, c := range rows {
			t.Log(c.Subject, c.Facts)
		}
		t.Fatalf("%s: %d cases %s, want %d", label, len(rows), kind, want)
	}
	return rows
}

func against(t *testing.T, e *testkit.Env, c *ent.AccountabilityCase, account string) {
	t.Helper()
	switch {
	case account == "" && c.PersonID != nil:
		t.Errorf("%s is held against a person", c.Kind)
	case account != "" && (c.PersonID == nil || *c.PersonID != e.User(account).ID):
		t.Errorf("%s is not held against %s", c.Kind, account)
	}
}

func TestLateReports(t *testing.T) {
	const day = 24 * time.Hour
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		report := func(ago time.Duration, queued *time.Duration) app.ReportHazardInput {
			in := e.HazardInput()
			in.DiscoveredAt = e.Clock.Now().Add(-ago)
			if queued != nil {
				in.QueuedAt = new(in.DiscoveredAt.Add(*queued))
			}
			testkit.Must(e.App.ReportHazard(e.As("grid1"), in))(t)
			return in
		}
		report(day, nil)
		report(9*day, new(day))
		report(9*day, new(time.Minute))
		number(t, e, rule.CaseLateReport, 0, "in time, or offline")

		late := report(day+time.Second, nil)
		c := number(t, e, rule.CaseLateReport, 1, "a second late")[0]
		against(t, e, c, "grid1")
		if c.HazardID == nil || *c.HazardID != late.ID.UUID || c.SchoolID != e.School.ID || c.Subject != late.ID.String() {
			t.Errorf("the case is about %s", c.Subject)
		}
		testkit.Must(e.App.ReportHazard(e.As("grid1"), late))(t) // the same command again
		number(t, e, rule.CaseLateReport, 1, "repeated")

		offline := report(3*day, new(2*day))
		c = number(t, e, rule.CaseLateReport, 2, "sent late, then offline")[1]
		if !strings.Contains(c.Facts, `"queuedAt":"`+offline.QueuedAt.Format(time.RFC3339)) || !strings.Contains(c.Facts, `"measure":1440`) {
			t.Errorf("facts %s", c.Facts)
		}
		report(3*day, new(-day)) // queued before it was discovered
		number(t, e, rule.CaseLateReport, 3, "with a queue time that can't be")
		in := e.HazardInput()
		in.QueuedAt = new(e.Clock.Now().Add(time.Hour))
		_, err := e.App.ReportHazard(e.As("grid1"), in)
		testkit.Refused(t, err, fault.BadUserInput, "input.queuedAt")
	})
}

// oneFinding is the result for the n-th item of the checklist.
func oneFinding(e *testkit.Env, n int, grid *id.ID, result rule.FindingResult) app.FindingInput {
	return app.FindingInput{ID: id.New(id.Finding), ItemID: e.Items()[n].PublicID(), GridID: grid, Result: result, Note: new("现场查看"), EvidenceIDs: []id.ID{testkit.Promise()}}
}

// inspected is a report that was handed in; a supervision checks in on the ground.
func inspected(t *testing.T, e *testkit.Env, account string, kind rule.ReportKind, results ...app.FindingInput) *ent.InspectionReport {
	t.Helper()
	r := recorded(t, e, account, kind, results...)
	return submitReport(t, e, account, r)
}

func recorded(t *testing.T, e *testkit.Env, account string, kind rule.ReportKind, results ...app.FindingInput) *ent.InspectionReport {
	t.Helper()
	in := app.StartInspectionInput{ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: kind}
	if kind == rule.Supervision {
		in.CheckIn = &geo.Point{Latitude: *e.School.Latitude, Longitude: *e.School.Longitude}
	}
	testkit.Must(e.App.StartInspection(e.As(account), in))(t)
	return testkit.Must(e.App.RecordFindings(e.As(account), app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: in.ID, Findings: results}))(t)
}

func submitReport(t *testing.T, e *testkit.Env, account string, r *ent.InspectionReport) *ent.InspectionReport {
	t.Helper()
	out := testkit.Must(e.App.SubmitInspectionReport(e.As(account), app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}))(t)
	e.Clock.Advance(time.Minute)
	return out
}

// found is a hazard of a finding of the team.
func hazardFrom(t *testing.T, e *testkit.Env, f app.FindingInput, grade rule.HazardGrade) *ent.Hazard {
	t.Helper()
	in := e.HazardInput(testkit.Promise(), testkit.Promise())
	in.FindingID, in.Grade = &f.ID, &grade
	photo := testkit.Must(e.Announce(e.As("inspector1"), e.PhotoFile(rule.Before, 2)))(t).Evidence.PublicID()
	film := testkit.Must(e.Announce(e.As("inspector1"), e.VideoFile(rule.Before, 1)))(t).Evidence.PublicID()
	in.EvidenceIDs = []id.ID{photo, film}
	return testkit.Must(e.App.ReportHazard(e.As("inspector1"), in))(t)
}

func TestDiscrepancies(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		grid := e.Grid.PublicID()
		own := inspected(t, e, "officer1", rule.SelfInspection,
			oneFinding(e, 0, nil, rule.Compliant), oneFinding(e, 1, &grid, rule.Compliant), oneFinding(e, 2, nil, rule.NonCompliant),
			oneFinding(e, 3, nil, rule.Compliant), oneFinding(e, 4, nil, rule.Compliant))
		whole, inGrid, known := oneFinding(e, 0, nil, rule.NonCompliant), oneFinding(e, 1, &grid, rule.NonCompliant), oneFinding(e, 2, nil, rule.NonCompliant)
		before, later := oneFinding(e, 3, nil, rule.NonCompliant), oneFinding(e, 4, nil, rule.NonCompliant)
		visit := recorded(t, e, "inspector1", rule.Supervision, whole, inGrid, known, before, later, oneFinding(e, 5, nil, rule.NonCompliant))
		e.Clock.Advance(time.Minute)
		inspected(t, e, "principal1", rule.SelfInspection, oneFinding(e, 5, nil, rule.Compliant)) // after the team had come

		first := hazardFrom(t, e, before, rule.Major)
		number(t, e, rule.CaseMissed, 0, "before the report is handed in")
		submitReport(t, e, "inspector1", visit)
		rows := testkit.Must(e.Store.Ent.Discrepancy.Query().Order(discrepancy.ByID()).All(e.System()))(t)
		if len(rows) != 4 {
			t.Fatalf("%d discrepancies, want 4", len(rows))
		}
		if slices.ContainsFunc(rows, func(d *ent.Discrepancy) bool { return d.FoundID == known.ID.UUID }) {
			t.Error("what the school had found itself is a discrepancy")
		}
		c := number(t, e, rule.CaseMissed, 1, "handed in with a MAJOR hazard")[0]
		against(t, e, c, "officer1")
		if *c.HazardID != first.ID || *c.ReportID != visit.ID || c.DiscrepancyID == nil {
			t.Errorf("the case is about %v %v %v", c.HazardID, c.ReportID, c.DiscrepancyID)
		}
		if !strings.Contains(c.Facts, own.PublicID().String()) || !strings.Contains(c.Facts, `"note":"现场查看"`) {
			t.Errorf("facts %s", c.Facts)
		}

		hazardFrom(t, e, whole, rule.Major)
		number(t, e, rule.CaseMissed, 2, "a MAJOR hazard reported afterwards")
		general := hazardFrom(t, e, inGrid, rule.General)
		number(t, e, rule.CaseMissed, 2, "a GENERAL hazard")
		testkit.Must(e.App.GradeHazard(e.As("section"), app.GradeHazardInput{HazardCommand: testkit.Command(general), Grade: rule.Major}))(t)
		number(t, e, rule.CaseMissed, 3, "graded MAJOR later")
		hazardFrom(t, e, whole, rule.Major)
		number(t, e, rule.CaseMissed, 3, "a second hazard of one finding")

		// What was frozen stays, whatever becomes of the rows.
		texts := func() (out []string) {
			for _, d := range testkit.Must(e.Store.Ent.Discrepancy.Query().Order(discrepancy.ByID()).All(e.System()))(t) {
				out = append(out, d.Facts)
			}
			return out
		}
		frozen := texts()
		if err := e.Store.Ent.Finding.Update().Where(finding.ReportID(own.ID)).SetNote("changed").SetResult(rule.NonCompliant).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(frozen, texts()) || cases(t, e, rule.CaseMissed)[0].Facts != c.Facts {
			t.Error("the facts have changed")
		}
		links := testkit.Must(e.App.DiscrepanciesOfReports(e.As("officer1"), ids(visit.ID, own.ID)))(t)
		if len(links[visit.ID]) != 4 || len(links[own.ID]) != 0 {
			t.Errorf("links of reports: %d, %d", len(links[visit.ID]), len(links[own.ID]))
		}
		both := testkit.Must(e.App.DiscrepanciesOfFindings(e.As("officer1"), ids(whole.ID.UUID, rows[0].ClaimedID)))(t)
		if len(both[whole.ID.UUID]) != 1 || len(both[rows[0].ClaimedID]) != 1 {
			t.Errorf("links of findings: %v", both)
		}
		page := testkit.Must(e.App.Discrepancies(e.As("section"), command.PageArgs{First: new(3)}, &app.DiscrepancyFilter{Major: new(true), RegionID: new(id.Of(id.Region, e.School.RegionID)), SchoolID: new(e.School.PublicID()), CampaignID: new(e.Campaign.PublicID())}))(t)
		if len(page.Rows) != 3 || page.HasNext {
			t.Errorf("%d MAJOR discrepancies", len(page.Rows))
		}
	})
}

// TestDiscrepancyRace: a report is handed in while a MAJOR hazard of it is being
// reported: the later of the two transactions raises the case.
func TestDiscrepancyRace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		inspected(t, e, "officer1", rule.SelfInspection, oneFinding(e, 0, nil, rule.Compliant))
		f := oneFinding(e, 0, nil, rule.NonCompliant)
		visit := recorded(t, e, "inspector1", rule.Supervision, f)
		photo := testkit.Must(e.Announce(e.As("inspector1"), e.PhotoFile(rule.Before, 2)))(t).Evidence.PublicID()
		film := testkit.Must(e.Announce(e.As("inspector1"), e.VideoFile(rule.Before, 1)))(t).Evidence.PublicID()
		in := e.HazardInput(photo, film)
		in.FindingID, in.Grade = &f.ID, new(rule.Major)
		ctx := e.As("inspector1")
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := e.App.ReportHazard(ctx, in); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			_, err := e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: visit.PublicID()})
			if err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		number(t, e, rule.CaseMissed, 1, "side by side")
	})
}

func TestSelfDealing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		today := e.Today()
		if err := e.Store.Ent.Membership.Create().SetUserID(e.User("inspector1").ID).SetRole(authz.SchoolSafetyOfficer).SetSchoolID(e.School.ID).
			SetRegionPath(e.School.RegionPath).SetValidFrom(today.AddDays(-900)).SetValidUntil(today.AddDays(-400)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		h := e.Rectified()
		e.Work()
		start := func(account string, school *ent.School) error {
			_, err := e.App.StartInspection(e.As(account), app.StartInspectionInput{
				ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: school.PublicID(), Kind: rule.Supervision,
				CheckIn: &geo.Point{Latitude: *school.Latitude, Longitude: *school.Longitude},
			})
			return err
		}
		forbiddenAs := func(err error, action authz.Action) {
			t.Helper()
			f := fault.Of(err)
			if f == nil || f.Kind != fault.Forbidden || f.Code != "action.forbidden" || len(f.Detail) != 1 || f.Detail["action"] != string(action) || f.Cause != nil {
				t.Errorf("the answer is %#v", err)
			}
		}
		before := e.Rows()
		forbiddenAs(start("inspector1", e.School), authz.StartInspection)
		c := number(t, e, rule.CaseSelfDealing, 1, "a former member of staff inspects")[0]
		against(t, e, c, "inspector1")
		if c.SchoolID != e.School.ID || !strings.Contains(c.Facts, `"action":"startInspection"`) || !strings.Contains(c.Facts, `"OF_THE_SCHOOL"`) {
			t.Errorf("facts %s", c.Facts)
		}
		forbiddenAs(start("inspector1", e.School), authz.StartInspection)
		_, err := e.App.ReportHazard(e.As("inspector1"), e.HazardInput(testkit.Promise(), testkit.Promise()))
		forbiddenAs(err, authz.ReportHazard)
		_, err = e.App.AcceptRectification(e.As("inspector1"), testkit.AcceptInput(h, testkit.Promise()))
		forbiddenAs(err, authz.AcceptRectification)
		number(t, e, rule.CaseSelfDealing, 1, "again on the same day")
		for table, digest := range e.Rows() {
			if before[table] != digest && table != accountabilitycase.Table {
				t.Errorf("rows of %s have changed", table)
			}
		}

		forbiddenAs(start("officer1", e.School), authz.StartInspection)
		against(t, e, number(t, e, rule.CaseSelfDealing, 2, "the school in the team's stead")[1], "officer1")
		_, err = e.App.RejectRectification(e.As("officer1"), e.RejectInput(h, testkit.Promise())) // officer1 rectified it
		forbiddenAs(err, authz.RejectRectification)
		number(t, e, rule.CaseSelfDealing, 2, "the same person on the same day")
		e.Clock.Advance(24 * time.Hour)
		_, err = e.App.RejectRectification(e.As("officer1"), e.RejectInput(h, testkit.Promise()))
		forbiddenAs(err, authz.RejectRectification)
		rows := number(t, e, rule.CaseSelfDealing, 3, "on the next day")
		if c := rows[2]; *c.HazardID != h.ID || !strings.Contains(c.Facts, `"RECTIFIED_IT"`) {
			t.Errorf("facts %s", c.Facts)
		}

		// Refusals that are nothing of the kind.
		out := e.HazardInput()
		out.GridID, out.Place = nil, new("操场")
		_, err = e.App.ReportHazard(e.As("grid1"), out)
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(e.Major()))
		testkit.Refused(t, err, fault.Forbidden, "")
		testkit.Refused(t, start("section", e.School), fault.Forbidden, "")
		testkit.Refused(t, start("officer2", e.School), fault.NotFound, "")
		if err := start("inspector1", e.Other); err != nil {
			t.Errorf("another school: %v", err)
		}
		number(t, e, rule.CaseSelfDealing, 3, "other refusals")
	})
}

// sideBySide runs the job several times at once.
func sideBySide(t *testing.T, e *testkit.Env) {
	t.Helper()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := e.App.RaiseCases(e.System()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOverdueCases(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		underOversight := func(days int) *ent.Hazard {
			in := e.OversightInput(e.Reported())
			in.DeadlineOn = e.Today().AddDays(days)
			return testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), in))(t)
		}
		e.Reported() // no deadline
		late, moved := underOversight(2), underOversight(1)
		inTime := e.Rectified() // in seven days, and done
		if err := e.Store.Ent.Hazard.Update().Where(hazard.ID(inTime.ID)).SetDeadlineOn(e.Today()).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		end := late.DeadlineOn.End(e.Campaign.Policy.WithDefaults().Zone())
		e.Clock.Set(end.Add(-time.Microsecond))
		sideBySide(t, e)
		c := number(t, e, rule.CaseOverdue, 1, "at the end of the deadline's last day")[0]
		if *c.HazardID != moved.ID {
			t.Errorf("the case is about %s", c.Subject)
		}
		e.Clock.Set(end)
		sideBySide(t, e)
		sideBySide(t, e)
		rows := number(t, e, rule.CaseOverdue, 2, "a day later")
		against(t, e, rows[1], "officer1")
		if *rows[1].HazardID != late.ID || !strings.Contains(rows[1].Facts, `"deadlineOn":"`+string(late.DeadlineOn)+`"`) {
			t.Errorf("facts %s", rows[1].Facts)
		}
		// A new deadline may be missed again; a closed hazard is not overdue.
		if err := e.Store.Ent.Hazard.Update().Where(hazard.ID(moved.ID)).SetDeadlineOn(e.Today().AddDays(-1)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(late), Reason: "不是隐患"}))(t)
		e.Clock.Advance(48 * time.Hour)
		sideBySide(t, e)
		number(t, e, rule.CaseOverdue, 3, "with a new deadline")
		if rows[0].Facts != cases(t, e, rule.CaseOverdue)[0].Facts {
			t.Error("the facts have changed")
		}
	})
}

func TestNotCarriedOutCases(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		r := startInspection(t, e, "officer1", e.School)
		in, photos := findings(e, r)
		testkit.Must(e.App.RecordFindings(e.As("officer1"), in))(t)
		submitReport(t, e, "officer1", r)
		photos.prove(t, e, "officer1", e.School)
		other := startInspection(t, e, "officer2", e.Other) // claimed, and never proven
		in, _ = findings(e, other)
		testkit.Must(e.App.RecordFindings(e.As("officer2"), in))(t)
		submitReport(t, e, "officer2", other)

		p := testkit.Must(e.Store.Ent.Phase.Query().Where(phase.CampaignID(e.Campaign.ID), phase.KindEQ(rule.SelfInspection)).Only(e.System()))(t)
		end := p.EndsOn.End(e.Campaign.Policy.WithDefaults().Zone())
		e.Clock.Set(end.Add(-time.Microsecond))
		sideBySide(t, e)
		number(t, e, rule.CaseNotCarriedOut, 0, "on the last day of the phase")
		e.Clock.Set(end)
		sideBySide(t, e)
		rows := number(t, e, rule.CaseNotCarriedOut, testkit.CountySize-1, "after it")
		for _, c := range rows {
			against(t, e, c, "")
			if c.SchoolID == e.School.ID {
				t.Error("the school that has proven its work")
			}
			if claimed := strings.Contains(c.Facts, `"claimed":1`); claimed != (c.SchoolID == e.Other.ID) {
				t.Errorf("facts %s", c.Facts)
			}
		}
		sideBySide(t, e)
		number(t, e, rule.CaseNotCarriedOut, testkit.CountySize-1, "again")
	})
}

func TestFalseReports(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		plain := e.PhotoFile(rule.Before, 2) // a small picture without metadata
		beforeID := e.Upload("officer1", plain)
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), e.HazardInput(beforeID)))(t)
		again := e.PhotoFile(rule.After, 2+8) // the same picture with other bytes
		after := e.Upload("officer1", again)
		e.Work()
		number(t, e, rule.CaseFalseReport, 0, "used by nothing")
		h = testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), listWith(e, h, after)))(t)
		e.Work()
		number(t, e, rule.CaseFalseReport, 0, "it proves no work yet")
		planned := func(h *ent.Hazard) *ent.Hazard {
			h = testkit.Must(e.App.SubmitRectificationPlan(e.As("officer1"), e.PlanInput(h)))(t)
			return testkit.Must(e.App.ApproveRectificationPlan(e.As("section"), app.DecidePlanInput{HazardCommand: testkit.Command(h)}))(t)
		}
		h = planned(h)
		h = testkit.Must(e.App.MarkRectified(e.As("officer1"), testkit.RectifyInput(h, after)))(t)
		e.Work()
		c := number(t, e, rule.CaseFalseReport, 1, "after like before")[0]
		against(t, e, c, "officer1")
		if *c.HazardID != h.ID || c.Subject != after.String() || !strings.Contains(c.Facts, `"AFTER_LIKE_BEFORE"`) || !strings.Contains(c.Facts, beforeID.String()) {
			t.Errorf("facts %s", c.Facts)
		}
		if row := testkit.FileOf(t, e, after); row.Status != rule.Verified {
			t.Error("a doubt has changed the file")
		}

		// What the section has cleared raises nothing, as long as no new doubt arises.
		third := e.Upload("officer1", e.PhotoFile(rule.After, 2+16))
		second := testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), listWith(e, e.Reported(), third)))(t)
		e.Work()
		testkit.Must(e.App.ReviewEvidence(e.As("section"), evidence.ReviewEvidenceInput{CommandID: id.New(id.Command), EvidenceID: third, Note: "补拍"}))(t)
		testkit.Must(e.App.MarkRectified(e.As("officer1"), testkit.RectifyInput(planned(second), third)))(t)
		e.Work()
		number(t, e, rule.CaseFalseReport, 1, "cleared")
	})
}

// lateCase is a case LATE_REPORT against the owner of an account of the school.
func lateCase(t *testing.T, e *testkit.Env, account string) *ent.AccountabilityCase {
	t.Helper()
	in := e.HazardInput()
	in.DiscoveredAt = e.Clock.Now().Add(-30 * time.Hour)
	testkit.Must(e.App.ReportHazard(e.As(account), in))(t)
	rows := cases(t, e, rule.CaseLateReport)
	i := slices.IndexFunc(rows, func(c *ent.AccountabilityCase) bool { return *c.HazardID == in.ID.UUID })
	return rows[i]
}

func TestDecideAndAppeal(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		decide := func(account string, c *ent.AccountabilityCase, confirm bool) (*ent.AccountabilityCase, error) {
			return e.App.DecideCase(e.As(account), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Confirm: confirm, Reason: "情况属实"})
		}
		appeal := func(account string, c *ent.AccountabilityCase) (*ent.AccountabilityCase, error) {
			return e.App.AppealCase(e.As(account), app.AppealCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Statement: "当时网络中断"})
		}
		c := lateCase(t, e, "grid1")
		before := e.Rows()
		for account, kind := range map[string]fault.Kind{
			"grid1": fault.Forbidden, "principal1": fault.Forbidden, // in sight, and not theirs to decide
			"officer1": fault.NotFound, "officer2": fault.NotFound, "inspector1": fault.NotFound, "viewer1": fault.NotFound, "admin": fault.NotFound,
		} {
			_, err := decide(account, c, true)
			testkit.Refused(t, err, kind, "")
		}
		for account, kind := range map[string]fault.Kind{
			"section": fault.Forbidden, "leader1": fault.Forbidden,
			"officer1": fault.NotFound, "officer2": fault.NotFound, "inspector1": fault.NotFound, "viewer1": fault.NotFound, "admin": fault.NotFound,
		} {
			_, err := appeal(account, c)
			testkit.Refused(t, err, kind, "")
		}
		_, err := e.App.DecideCase(e.Nobody(), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Reason: "x"})
		testkit.Refused(t, err, fault.Unauthenticated, "")
		_, err = e.App.DecideCase(e.As("section"), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Reason: " "})
		testkit.Refused(t, err, fault.BadUserInput, "input.reason")
		_, err = e.App.DecideCase(e.As("section"), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: id.New(id.Hazard), Reason: "x"})
		testkit.Refused(t, err, fault.BadUserInput, "input.caseId")
		_, err = e.App.DecideCase(e.As("section"), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), ExpectedVersion: new(7), Reason: "x"})
		testkit.Refused(t, err, fault.Conflict, "")
		_, err = e.App.AppealCase(e.As("grid1"), app.AppealCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Statement: ""})
		testkit.Refused(t, err, fault.BadUserInput, "input.statement")
		testkit.Unchanged(t, e, before)

		c = testkit.Must(appeal("principal1", c))(t)
		_, err = appeal("grid1", c)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		in := app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), ExpectedVersion: new(2), Confirm: true, Reason: "情况属实"}
		testkit.Must(e.App.DecideCase(e.As("section"), in))(t)
		c = testkit.Must(e.App.DecideCase(e.As("section"), in))(t) // the same command again
		if c.Status != rule.CaseConfirmed || c.Version != 3 || *c.DecidedByID != e.User("section").ID || c.DecisionReason != "情况属实" {
			t.Errorf("decided: %+v", c)
		}
		in.Reason = "别的理由"
		_, err = e.App.DecideCase(e.As("section"), in)
		testkit.Refused(t, err, fault.IdempotencyMismatch, "")
		_, err = decide("leader1", c, false)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		c = testkit.Must(appeal("grid1", c))(t)
		c = testkit.Must(decide("leader1", c, false))(t)
		if c.Status != rule.CaseDismissed || len(c.Steps) != 4 || c.Steps[1].Text != "情况属实" || c.Facts == "" {
			t.Errorf("after the appeal: %+v", c)
		}
		_, err = appeal("grid1", c)
		testkit.Refused(t, err, fault.InvalidTransition, "")

		// Nobody decides what is held against himself, whatever else he is.
		e.Appoint("grid1", authz.SafetySection)
		own := lateCase(t, e, "grid1")
		_, err = decide("grid1", own, false)
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = decide("grid1", lateCase(t, e, "officer1"), false) // a case of grid1's own school
		testkit.Refused(t, err, fault.Forbidden, "")

		// Two at once: one decision.
		var wg sync.WaitGroup
		errs := make(chan error, 2)
		for _, ctx := range []context.Context{e.As("section"), e.As("leader1")} {
			wg.Go(func() {
				_, err := e.App.DecideCase(ctx, app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: own.PublicID(), ExpectedVersion: new(1), Reason: "无责"})
				errs <- err
			})
		}
		wg.Wait()
		one, two := <-errs, <-errs
		if (one == nil) == (two == nil) {
			t.Errorf("two at once: %v, %v", one, two)
		}
	})
}

// TestCasesInSight: each person sees the cases held against him or her, and those
// that he or she is responsible for; the figures count the same cases.
func TestCasesInSight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		gridCase, officerCase := lateCase(t, e, "grid1"), lateCase(t, e, "officer1")
		testkit.Must(e.App.DecideCase(e.As("section"), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: officerCase.PublicID(), Confirm: true, Reason: "属实"}))(t)
		inspected(t, e, "officer1", rule.SelfInspection, oneFinding(e, 0, nil, rule.Compliant))
		inspected(t, e, "inspector1", rule.Supervision, oneFinding(e, 0, nil, rule.NonCompliant))
		for account, want := range map[string]struct {
			cases, mine, discrepancies int
			confirmed                  int
		}{
			"grid1": {1, 1, 1, 0}, "officer1": {1, 1, 1, 1}, "principal1": {2, 0, 1, 1}, "section": {2, 0, 1, 1}, "leader1": {2, 0, 1, 1},
			"inspector1": {0, 0, 1, 0}, "officer2": {}, "viewer1": {}, "admin": {},
		} {
			ctx := e.As(account)
			list := func(f *app.CaseFilter) int {
				n, err := rows(e.App.Cases(ctx, command.PageArgs{First: new(50)}, f))
				if err != nil {
					t.Error(err)
				}
				return n
			}
			if n, m := list(nil), list(&app.CaseFilter{Mine: new(true)}); n != want.cases || m != want.mine {
				t.Errorf("%s sees %d cases, %d own; want %+v", account, n, m, want)
			}
			if n := list(&app.CaseFilter{Status: new(rule.CaseConfirmed), Kind: new(rule.CaseLateReport), SchoolID: new(e.School.PublicID()), CampaignID: new(e.Campaign.PublicID())}); n != want.confirmed {
				t.Errorf("%s sees %d confirmed", account, n)
			}
			if want.cases > 0 { // a person who sees a case sees its region
				if n := list(&app.CaseFilter{RegionID: new(id.Of(id.Region, e.School.RegionID))}); n != want.cases {
					t.Errorf("%s sees %d cases of the region", account, n)
				}
			}
			n, err := rows(e.App.Discrepancies(ctx, command.PageArgs{Last: new(50)}, nil))
			if err != nil || n != want.discrepancies {
				t.Errorf("%s sees %d discrepancies, %v", account, n, err)
			}
			byID(t, account, account == "grid1" || want.cases == 2, map[string]func() error{
				"case of grid1": func() error { _, err := e.App.Case(ctx, gridCase.PublicID()); return err },
			})
			sums := testkit.Must(e.App.FiguresOfAccountability(ctx, e.Campaign, e.Campaign.RegionPath))(t)
			got := sums[e.School.RegionPath]
			if got != (figures.AccountabilityFigures{Discrepancies: want.discrepancies, CasesOpen: want.cases - want.confirmed, CasesConfirmed: want.confirmed}) {
				t.Errorf("%s counts %+v", account, got)
			}
			if len(sums) > 1 {
				t.Errorf("%s counts %d townships", account, len(sums))
			}
		}
		_, err := e.App.Cases(e.Nobody(), command.PageArgs{First: new(1)}, nil)
		testkit.Refused(t, err, fault.Unauthenticated, "")
		for range 3 {
			e.Clock.Advance(time.Second)
			lateCase(t, e, "grid1")
		}
		var seen []uuid.UUID
		p := command.PageArgs{First: new(2)}
		for {
			page := testkit.Must(e.App.Cases(e.As("section"), p, nil))(t)
			for _, c := range page.Rows {
				seen = append(seen, c.ID)
			}
			if !page.HasNext {
				break
			}
			p.After = &page.Cursors[len(page.Cursors)-1]
		}
		slices.SortFunc(seen, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
		if len(slices.Compact(seen)) != 5 {
			t.Errorf("the pages hold %d cases", len(seen))
		}
	})
}

// TestChangeSchoolBoundary: the outline decides about check-ins, and visits that
// were handed in are judged again.
func TestChangeSchoolBoundary(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, s := e.As("inspector1"), e.School
		r := testkit.Must(e.App.StartInspection(ctx, app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: s.PublicID(), Kind: rule.Supervision,
			CheckIn: &geo.Point{Latitude: *s.Latitude + 0.009, Longitude: *s.Longitude}, // a kilometre away
		}))(t)
		if r.CheckedInAt == nil || !r.CheckedInAt.Equal(e.Clock.Now()) {
			t.Errorf("checked in at %v", r.CheckedInAt)
		}
		in, photos := findings(e, r)
		testkit.Must(e.App.RecordFindings(ctx, in))(t)
		site, film := testkit.Promise(), testkit.File{ID: testkit.Promise(), Kind: rule.Video, Stage: rule.Site}
		testkit.Must(e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{
			CommandID: id.New(id.Command), ReportID: r.PublicID(), EvidenceIDs: []id.ID{site, film.ID},
		}))(t)
		append(photos, site).prove(t, e, "inspector1", s)
		proven(t, e, "inspector1", film)
		isProven := func(want bool, label string) {
			t.Helper()
			if row := testkit.Must(e.App.Report(ctx, r.PublicID()))(t); (row.ProvenAt != nil) != want {
				t.Errorf("%s: proven at %v", label, row.ProvenAt)
			}
			missing := testkit.Must(e.App.GapsOfReports(ctx, ids(r.ID)))(t)[r.ID]
			if (len(missing) == 0) != want {
				t.Errorf("%s: missing %+v", label, missing)
			}
			testkit.NoDifference(t, e)
		}
		isProven(false, "outside the circle")
		corner := func(east, north float64) geo.Point {
			return geo.Point{Latitude: *s.Latitude + north/1000, Longitude: *s.Longitude + east/1000}
		}
		change := func(account string, change func(*places.ChangeSchoolBoundaryInput)) error {
			in := places.ChangeSchoolBoundaryInput{CommandID: id.New(id.Command), SchoolID: s.PublicID()}
			change(&in)
			_, err := e.App.ChangeSchoolBoundary(e.As(account), in)
			return err
		}
		outline := func(in *places.ChangeSchoolBoundaryInput) {
			in.Boundary = []geo.Point{corner(-5, -5), corner(5, -5), corner(5, 10), corner(-5, 10), corner(-5, -5)}
		}
		for account, kind := range map[string]fault.Kind{
			"inspector1": fault.Forbidden, "officer1": fault.Forbidden, "principal1": fault.Forbidden, "grid1": fault.Forbidden, "leader1": fault.Forbidden,
			"officer2": fault.NotFound, "viewer1": fault.NotFound,
		} {
			testkit.Refused(t, change(account, outline), kind, "")
		}
		testkit.Refused(t, change("section", func(*places.ChangeSchoolBoundaryInput) {}), fault.BadUserInput, "input.boundary")
		testkit.Refused(t, change("section", func(in *places.ChangeSchoolBoundaryInput) { in.BoundaryMeters = new(0) }), fault.BadUserInput, "input.boundaryMeters")
		testkit.Refused(t, change("section", func(in *places.ChangeSchoolBoundaryInput) {
			in.Boundary = []geo.Point{corner(0, 0), corner(5, 5), corner(5, 0), corner(0, 5)}
		}), fault.BadUserInput, "input.boundary[2]")

		steps := []struct {
			label   string
			account string
			change  func(*places.ChangeSchoolBoundaryInput)
			proven  bool
		}{
			{"inside the outline", "admin", outline, true},
			{"outside a smaller one", "section", func(in *places.ChangeSchoolBoundaryInput) {
				in.Boundary = []geo.Point{corner(-5, -5), corner(5, -5), corner(5, 5), corner(-5, 5)}
			}, false},
			{"a larger circle does not count beside an outline", "section", func(in *places.ChangeSchoolBoundaryInput) { in.BoundaryMeters = new(2000) }, false},
			{"without the outline the circle does", "admin", func(in *places.ChangeSchoolBoundaryInput) { in.Boundary = []geo.Point{} }, true},
			{"elsewhere", "section", func(in *places.ChangeSchoolBoundaryInput) { in.Position = new(corner(100, 0)) }, false},
		}
		for _, step := range steps {
			if err := change(step.account, step.change); err != nil {
				t.Fatalf("%s: %v", step.label, err)
			}
			isProven(step.proven, step.label)
		}
		row := testkit.Must(e.App.School(e.As("officer1"), s.PublicID()))(t)
		if len(row.Boundary) != 0 || row.BoundaryMeters != 2000 || *row.Longitude != corner(100, 0).Longitude {
			t.Errorf("the school lies at %v %v, %d m, %v", row.Latitude, row.Longitude, row.BoundaryMeters, row.Boundary)
		}
	})
}
