package app_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// draftInput is a notice to the Env's school that names hazards, due in ten days.
func draftInput(e *testkit.Env, hazards ...*ent.Hazard) app.DraftNoticeInput {
	in := app.DraftNoticeInput{
		ID: id.New(id.Notice), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(),
		DeadlineOn: e.Today().AddDays(10), Requirements: "限期整改，举一反三",
	}
	for _, h := range hazards {
		in.Items = append(in.Items, app.NoticeItemInput{HazardID: h.PublicID()})
	}
	return in
}

func drafted(t *testing.T, e *testkit.Env, account string, hazards ...*ent.Hazard) *ent.Notice {
	t.Helper()
	return testkit.Must(e.App.DraftNotice(e.As(account), draftInput(e, hazards...)))(t)
}

func onNotice(n *ent.Notice) app.NoticeCommand {
	return app.NoticeCommand{CommandID: id.New(id.Command), NoticeID: n.PublicID()}
}

func issue(e *testkit.Env, account string, n *ent.Notice) (*ent.Notice, error) {
	return e.App.IssueNotice(e.As(account), app.IssueNoticeInput{NoticeCommand: onNotice(n)})
}

func issued(t *testing.T, e *testkit.Env, account string, hazards ...*ent.Hazard) *ent.Notice {
	t.Helper()
	return testkit.Must(issue(e, account, drafted(t, e, account, hazards...)))(t)
}

func acknowledged(t *testing.T, e *testkit.Env, n *ent.Notice) *ent.Notice {
	t.Helper()
	return testkit.Must(e.App.AcknowledgeNotice(e.As("principal1"), app.AcknowledgeNoticeInput{
		NoticeCommand: onNotice(n), Opinion: "无异议", EvidenceIDs: []id.ID{testkit.Promise()},
	}))(t)
}

func replied(t *testing.T, e *testkit.Env, n *ent.Notice) *ent.Notice {
	t.Helper()
	return testkit.Must(e.App.ReplyToNotice(e.As("officer1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(n), Reply: "已全部整改"}))(t)
}

func teamOne(t *testing.T, e *testkit.Env) *ent.InspectionTeam {
	t.Helper()
	return testkit.Must(e.Store.Ent.InspectionTeam.Query().Where(inspectionteam.Number(1)).Only(e.System()))(t)
}

func noticeNow(t *testing.T, e *testkit.Env, n *ent.Notice) *ent.Notice {
	t.Helper()
	return testkit.Must(e.Store.Ent.Notice.Get(e.System(), n.ID))(t)
}

func kindsOf(t *testing.T, e *testkit.Env, n *ent.Notice) string {
	t.Helper()
	var out []string
	for i, x := range testkit.Must(e.App.EventsOfNotices(e.System(), ids(n.ID)))(t) {
		if x.Sequence != i+1 {
			t.Errorf("event %d has the sequence %d", i+1, x.Sequence)
		}
		out = append(out, string(x.Kind))
	}
	return strings.Join(out, " ")
}

// TestNoticeFromDraftToClosed is the whole life of a notice: the school closes
// its hazards, and the last recheck closes the notice.
func TestNoticeFromDraftToClosed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h, void := e.Rectified(), e.Reported()
		n := drafted(t, e, "inspector1", h, void)
		if n.Status != rule.NoticeDraft || n.TeamID == nil || *n.TeamID != teamOne(t, e).ID || n.NumberText != "" || n.IssuerID != e.Campaign.RegionID {
			t.Fatalf("the draft is %+v", n)
		}
		items := testkit.Must(e.App.ItemsOfNotices(e.As("inspector1"), ids(n.ID)))(t)
		if len(items) != 2 || items[0].Problem != h.Description || items[0].Place == "" || !items[0].InForce {
			t.Errorf("the draft names %+v", items)
		}
		n = testkit.Must(issue(e, "inspector1", n))(t)
		year := 2026
		if n.Status != rule.NoticeIssued || n.NumberText != rule.NoticeNumber(e.Campaign.Policy.NoticePrefix, year, 1) || n.IssuedAt == nil {
			t.Fatalf("it was issued as %+v", n)
		}
		if n.SnapshotHash != rule.HashNotice(n.Snapshot) || len(n.VerifyCode) != 26 {
			t.Errorf("hash %s, code %s", n.SnapshotHash, n.VerifyCode)
		}
		for _, part := range []string{n.NumberText, e.School.Name, h.PublicID().String(), h.Description, n.Requirements, string(n.DeadlineOn), teamOne(t, e).Name} {
			if !strings.Contains(n.Snapshot, part) {
				t.Errorf("the snapshot lacks %q: %s", part, n.Snapshot)
			}
		}
		if now := testkit.Must(e.App.Hazard(e.As("section"), h.PublicID()))(t); now.NoticeDeadlineOn == nil || *now.NoticeDeadlineOn != n.DeadlineOn || now.Version != h.Version+1 {
			t.Errorf("the hazard is bound to %v", now.NoticeDeadlineOn)
		}

		n = acknowledged(t, e, n)
		if n.Status != rule.NoticeAcknowledged || n.Opinion != "无异议" || n.AcknowledgedByID == nil {
			t.Errorf("it was acknowledged as %+v", n)
		}
		n = replied(t, e, n)
		if n.Status != rule.NoticeReplied {
			t.Fatalf("after the reply it is %s", n.Status)
		}
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(void), Reason: "重复"}))(t)
		if now := noticeNow(t, e, n); now.Status != rule.NoticeReplied {
			t.Errorf("with one hazard open it is %s", now.Status)
		}
		photo := e.Upload("inspector1", e.PhotoFile(rule.Site, 40))
		testkit.Must(e.App.AcceptRectification(e.As("inspector1"), testkit.AcceptInput(h, photo)))(t)
		now := noticeNow(t, e, n)
		if now.Status != rule.NoticeClosed || now.ClosedAt == nil || now.ClosedByID == nil || *now.ClosedByID != e.User("inspector1").ID {
			t.Errorf("at the end it is %+v", now)
		}
		if now.Snapshot != n.Snapshot || now.SnapshotHash != n.SnapshotHash {
			t.Error("the snapshot has changed")
		}
		if got := kindsOf(t, e, n); got != "DRAFTED ISSUED ACKNOWLEDGED REPLIED CLOSED" {
			t.Errorf("its history is %s", got)
		}
		testkit.NoDifference(t, e)

		// A hazard that is opened again is free of a notice that is done.
		reopened := testkit.Must(e.App.ReopenHazard(e.As("section"), app.ReopenHazardInput{
			HazardCommand: testkit.Command(h, testkit.Promise()), Reason: "复发", NewDeadlineOn: n.DeadlineOn.AddDays(20),
		}))(t)
		if reopened.NoticeDeadlineOn != nil {
			t.Errorf("it is still bound to %s", *reopened.NoticeDeadlineOn)
		}
		in := draftInput(e, reopened)
		in.DeadlineOn = n.DeadlineOn.AddDays(30)
		testkit.Must(e.App.DraftNotice(e.As("inspector1"), in))(t)
	})
}

// TestReplyClosesNotice: the hazards may be closed before the school replies, and
// a refused notice is replied to as well.
func TestReplyClosesNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		n := issued(t, e, "section", h)
		if n.TeamID != nil {
			t.Errorf("the section's notice is of the team %s", n.TeamID)
		}
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "不是隐患"}))(t)
		n = testkit.Must(e.App.RefuseNotice(e.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(n), Reason: "校长外出", Witness: "门卫"}))(t)
		if n.Status != rule.NoticeRefused || n.RefusalReason != "校长外出" || n.Witness != "门卫" {
			t.Errorf("it was refused as %+v", n)
		}
		if n = replied(t, e, n); n.Status != rule.NoticeClosed {
			t.Errorf("after the reply it is %s", n.Status)
		}
		if got := kindsOf(t, e, n); got != "DRAFTED ISSUED REFUSED REPLIED CLOSED" {
			t.Errorf("its history is %s", got)
		}
	})
}

// TestLastRecheckClosesNotice: two rechecks at once, each the last but one.
func TestLastRecheckClosesNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var hazards []*ent.Hazard
		for range 6 {
			hazards = append(hazards, e.Reported())
		}
		n := replied(t, e, acknowledged(t, e, issued(t, e, "section", hazards...)))
		at := make(chan struct{})
		var all sync.WaitGroup
		ctx := e.As("section")
		for _, h := range hazards {
			all.Go(func() {
				<-at
				if _, err := e.App.VoidHazard(ctx, app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "重复"}); err != nil {
					t.Error(err)
				}
			})
		}
		close(at)
		all.Wait()
		if now := noticeNow(t, e, n); now.Status != rule.NoticeClosed {
			t.Errorf("it is %s", now.Status)
		}
		if got := kindsOf(t, e, n); strings.Count(got, "CLOSED") != 1 {
			t.Errorf("its history is %s", got)
		}
		testkit.NoDifference(t, e)
	})
}

// supervised is a supervision report of the Env's school by inspector1.
func supervised(t *testing.T, e *testkit.Env) *ent.InspectionReport {
	t.Helper()
	return testkit.Must(e.App.StartInspection(e.As("inspector1"), app.StartInspectionInput{
		ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.Supervision,
		CheckIn: &geo.Point{Latitude: *e.School.Latitude, Longitude: *e.School.Longitude},
	}))(t)
}

// foundBy is a hazard that a supervision found.
func foundBy(t *testing.T, e *testkit.Env, r *ent.InspectionReport) *ent.Hazard {
	t.Helper()
	in := e.HazardInput(testkit.Promise(), testkit.Promise())
	in.ReportID = new(r.PublicID())
	return testkit.Must(e.App.ReportHazard(e.As("inspector1"), in))(t)
}

// TestNoticeOfReport takes the report's open hazards that are on no notice.
func TestNoticeOfReport(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		r := supervised(t, e)
		existing, gone, first, second := foundBy(t, e, r), foundBy(t, e, r), foundBy(t, e, r), foundBy(t, e, r)
		e.Reported() // of no report
		drafted(t, e, "inspector1", existing)
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(gone), Reason: "重复"}))(t)
		in := draftInput(e)
		in.ReportID = new(r.PublicID())
		n := testkit.Must(e.App.DraftNotice(e.As("inspector1"), in))(t)
		var got []string
		for _, x := range testkit.Must(e.App.ItemsOfNotices(e.As("inspector1"), ids(n.ID)))(t) {
			got = append(got, x.HazardID.String())
		}
		if want := []string{first.ID.String(), second.ID.String()}; !slices.Equal(got, want) || n.ReportID == nil {
			t.Errorf("it names %v, want %v", got, want)
		}
		again := in
		again.ID = id.New(id.Notice)
		_, err := e.App.DraftNotice(e.As("inspector1"), again)
		testkit.Refused(t, err, fault.BadUserInput, "input.reportId")

		// The same id with the same content is the same notice, with other content none.
		if same := testkit.Must(e.App.DraftNotice(e.As("inspector1"), in))(t); same.ID != n.ID || same.Version != n.Version {
			t.Errorf("a repeat gives %+v", same)
		}
		in.Requirements = "另外"
		_, err = e.App.DraftNotice(e.As("inspector1"), in)
		testkit.Refused(t, err, fault.IdempotencyMismatch, "")
		if list := testkit.Must(e.App.NoticesOfReports(e.As("inspector1"), ids(r.ID)))(t); len(list) != 1 || list[0].ID != n.ID {
			t.Errorf("the report has %v", list)
		}
	})
}

// TestHazardOnOneNotice: a hazard is on one notice in force at most, also when
// two people draft at once.
func TestHazardOnOneNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		first := drafted(t, e, "inspector1", h)
		_, err := e.App.DraftNotice(e.As("section"), draftInput(e, h))
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Conflict || f.Detail["noticeId"] != first.PublicID().String() || f.Detail["hazardId"] != h.PublicID().String() {
			t.Errorf("a second notice: %v", err)
		}
		testkit.Must(e.App.DiscardNotice(e.As("section"), app.DiscardNoticeInput{NoticeCommand: onNotice(first)}))(t)
		_, err = issue(e, "section", first)
		testkit.Refused(t, err, fault.InvalidTransition, "")

		ctx := e.As("section")
		results := make([]error, 8)
		var all sync.WaitGroup
		for i := range results {
			in := draftInput(e, h)
			all.Go(func() { _, results[i] = e.App.DraftNotice(ctx, in) })
		}
		all.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if !fault.Is(err, fault.Conflict) {
				t.Errorf("the slower one hears %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d drafts name the hazard", won)
		}
	})
}

// TestReviseNotice replaces what is given and keeps the rest.
func TestReviseNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a, b := e.Reported(), e.Reported()
		n := drafted(t, e, "inspector1", a)
		later := n.DeadlineOn.AddDays(3)
		revised := testkit.Must(e.App.ReviseNotice(e.As("section"), app.ReviseNoticeInput{NoticeCommand: onNotice(n), DeadlineOn: &later}))(t)
		if revised.DeadlineOn != later || revised.Requirements != n.Requirements || revised.Version != n.Version+1 {
			t.Errorf("it is %+v", revised)
		}
		in := app.ReviseNoticeInput{NoticeCommand: onNotice(n), Items: []app.NoticeItemInput{
			{HazardID: b.PublicID(), Basis: new("消防法第二十八条"), Requirement: new("立即清理")}, {HazardID: a.PublicID(), Problem: new("另述")},
		}}
		in.ExpectedVersion = &n.Version
		_, err := e.App.ReviseNotice(e.As("section"), in)
		testkit.Refused(t, err, fault.Conflict, "")
		in.ExpectedVersion, in.CommandID = &revised.Version, id.New(id.Command)
		testkit.Must(e.App.ReviseNotice(e.As("section"), in))(t)
		items := testkit.Must(e.App.ItemsOfNotices(e.As("section"), ids(n.ID)))(t)
		if len(items) != 2 || items[0].HazardID != b.ID || items[0].Basis != "消防法第二十八条" || items[0].Requirement != "立即清理" || items[1].Problem != "另述" {
			t.Errorf("it names %+v", items)
		}
		testkit.Must(issue(e, "section", n))(t)
		_, err = e.App.ReviseNotice(e.As("section"), app.ReviseNoticeInput{NoticeCommand: onNotice(n), Requirements: new("x")})
		testkit.Refused(t, err, fault.InvalidTransition, "")
	})
}
