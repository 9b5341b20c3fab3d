package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
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
		h, void := e.Rectified(2), e.Reported()
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
		noDifference(t, e)

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
		noDifference(t, e)
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
		taken, gone, first, second := foundBy(t, e, r), foundBy(t, e, r), foundBy(t, e, r), foundBy(t, e, r)
		e.Reported() // of no report
		drafted(t, e, "inspector1", taken)
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
		refused(t, err, fault.BadUserInput, "input.reportId")

		// The same id with the same content is the same notice, with other content none.
		if same := testkit.Must(e.App.DraftNotice(e.As("inspector1"), in))(t); same.ID != n.ID || same.Version != n.Version {
			t.Errorf("a repeat gives %+v", same)
		}
		in.Requirements = "另外"
		_, err = e.App.DraftNotice(e.As("inspector1"), in)
		refused(t, err, fault.IdempotencyMismatch, "")
		if list := testkit.Must(e.App.NoticesOfReports(e.As("inspector1"), ids(r.ID)))(t); len(list) != 1 || list[0].ID != n.ID {
			t.Errorf("the report has %v", list)
		}
	})
}

// TestDraftIsSecret: the school does not see a draft on any way; the team, the
// section and the bureau's leaders do.
func TestDraftIsSecret(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h, other := e.Reported(), e.Reported()
		draft := drafted(t, e, "inspector1", h)
		dropped := drafted(t, e, "inspector1", other)
		testkit.Must(e.App.DropNotice(e.As("inspector1"), app.DropNoticeInput{NoticeCommand: onNotice(dropped)}))(t)
		look := func(n *ent.Notice, want map[string]bool) {
			for account, sees := range want {
				ctx := e.As(account)
				byID(t, account, sees, map[string]func() error{
					"notice": func() error { _, err := e.App.Notice(ctx, n.PublicID()); return err },
				})
				counts(t, account, sees, map[string]func() (int, error){
					"noticesById": func() (int, error) { return length(e.App.NoticesByID(ctx, ids(n.ID))) },
					"items":       func() (int, error) { return length(e.App.ItemsOfNotices(ctx, ids(n.ID))) },
					"events":      func() (int, error) { return length(e.App.EventsOfNotices(ctx, ids(n.ID))) },
					"notices": func() (int, error) {
						return rows(e.App.Notices(ctx, app.PageArgs{First: new(50)}, &app.NoticeFilter{Status: []rule.NoticeStatus{n.Status}}))
					},
				})
			}
		}
		bureau := map[string]bool{
			"section": true, "leader1": true, "inspector1": true, "officer1": false, "principal1": false, "grid1": false,
			"officer2": false, "viewer1": false, "admin": false,
		}
		look(draft, bureau)
		look(noticeNow(t, e, dropped), bureau)
		if m := testkit.Must(e.App.NoticesOfHazards(e.As("officer1"), ids(h.ID)))(t); len(m) != 0 {
			t.Errorf("the hazard's draft is seen: %v", m)
		}
		n := testkit.Must(issue(e, "inspector1", draft))(t)
		bureau["officer1"], bureau["principal1"], bureau["grid1"] = true, true, true
		look(n, bureau)
		if m := testkit.Must(e.App.NoticesOfHazards(e.As("officer1"), ids(h.ID)))(t); len(m[h.ID]) != 1 {
			t.Errorf("the hazard's notice is not seen: %v", m)
		}
		for _, account := range []string{"officer1", "principal1"} { // what they see they may not change
			_, err := e.App.ReviseNotice(e.As(account), app.ReviseNoticeInput{NoticeCommand: onNotice(n), Requirements: new("x")})
			refused(t, err, fault.Forbidden, "")
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
		testkit.Must(e.App.DropNotice(e.As("section"), app.DropNoticeInput{NoticeCommand: onNotice(first)}))(t)
		_, err = issue(e, "section", first)
		refused(t, err, fault.InvalidTransition, "")

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
		refused(t, err, fault.Conflict, "")
		in.ExpectedVersion, in.CommandID = &revised.Version, id.New(id.Command)
		testkit.Must(e.App.ReviseNotice(e.As("section"), in))(t)
		items := testkit.Must(e.App.ItemsOfNotices(e.As("section"), ids(n.ID)))(t)
		if len(items) != 2 || items[0].HazardID != b.ID || items[0].Basis != "消防法第二十八条" || items[0].Requirement != "立即清理" || items[1].Problem != "另述" {
			t.Errorf("it names %+v", items)
		}
		testkit.Must(issue(e, "section", n))(t)
		_, err = e.App.ReviseNotice(e.As("section"), app.ReviseNoticeInput{NoticeCommand: onNotice(n), Requirements: new("x")})
		refused(t, err, fault.InvalidTransition, "")
	})
}

// TestNoticeBindsDeadlines: no deadline of a hazard on a notice may be later than
// the notice's; only a superseding notice gives more time.
func TestNoticeBindsDeadlines(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		limit := e.Today().AddDays(10)
		reported, listed, waiting, rectified := e.Reported(), e.Listed(), e.Listed(), e.Rectified(2)
		ask := func(h *ent.Hazard, until clock.Date) error {
			_, err := e.App.RequestExtension(e.As("officer1"), app.RequestExtensionInput{
				HazardCommand: testkit.Command(h), ExtensionID: id.New(id.Extension), UntilOn: until, Reason: "等材料",
			})
			return err
		}
		if err := ask(waiting, limit.AddDays(5)); err != nil {
			t.Fatal(err)
		}
		n := issued(t, e, "section", reported, listed, waiting, rectified)
		if n.DeadlineOn != limit {
			t.Fatalf("it is due on %s", n.DeadlineOn)
		}
		list := func(d clock.Date) error {
			in := e.ListInput(reported)
			in.DeadlineOn = d
			_, err := e.App.ListHazard(e.As("officer1"), in)
			return err
		}
		reject := func(d clock.Date) error {
			in := e.RejectInput(rectified, testkit.Promise())
			in.NewDeadlineOn = d
			_, err := e.App.RejectRectification(e.As("section"), in)
			return err
		}
		decide := func(grant bool) error {
			_, err := e.App.DecideExtension(e.As("section"), app.DecideExtensionInput{HazardCommand: testkit.Command(waiting), Grant: grant})
			return err
		}
		refused(t, list(limit.AddDays(1)), fault.BadUserInput, "input.deadlineOn")
		refused(t, ask(listed, limit.AddDays(1)), fault.BadUserInput, "input.untilOn")
		refused(t, decide(true), fault.BadUserInput, "input.grant")
		refused(t, reject(limit.AddDays(1)), fault.BadUserInput, "input.newDeadlineOn")
		for name, err := range map[string]error{
			"list": list(limit), "ask": ask(listed, limit), "refuse the extension": decide(false), "reject": reject(limit),
		} {
			if err != nil {
				t.Errorf("%s until the notice's own day: %v", name, err)
			}
		}
		noDifference(t, e)
	})
}

// TestReopenedUnderARunningNotice stays bound to it.
func TestReopenedUnderARunningNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Rectified(2)
		n := issued(t, e, "section", h, e.Reported())
		testkit.Must(e.App.AcceptRectification(e.As("inspector1"), testkit.AcceptInput(h, e.Upload("inspector1", e.PhotoFile(rule.Site, 40)))))(t)
		reopen := func(d clock.Date) error {
			_, err := e.App.ReopenHazard(e.As("section"), app.ReopenHazardInput{
				HazardCommand: testkit.Command(h, testkit.Promise()), Reason: "复发", NewDeadlineOn: d,
			})
			return err
		}
		refused(t, reopen(n.DeadlineOn.AddDays(1)), fault.BadUserInput, "input.newDeadlineOn")
		if err := reopen(n.DeadlineOn); err != nil {
			t.Error(err)
		}
	})
}

// TestIssueRefused: a draft that no longer fits is refused, names the hazard, and
// takes no number.
func TestIssueRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		later, gone, fine := e.Reported(), e.Reported(), e.Reported()
		tooLate, done, old := drafted(t, e, "section", later), drafted(t, e, "section", gone), drafted(t, e, "section", fine)
		in := e.ListInput(later)
		in.DeadlineOn = tooLate.DeadlineOn.AddDays(1)
		testkit.Must(e.App.ListHazard(e.As("officer1"), in))(t)
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(gone), Reason: "重复"}))(t)
		before := e.Rows()
		for n, h := range map[*ent.Notice]*ent.Hazard{tooLate: later, done: gone} {
			_, err := issue(e, "section", n)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.InvalidTransition || fmt.Sprint(f.Detail["hazardIds"]) != fmt.Sprint([]string{h.PublicID().String()}) {
				t.Errorf("got %v", err)
			}
			unchanged(t, e, before)
		}
		e.Clock.Advance(12 * 24 * time.Hour)
		_, err := issue(e, "section", old)
		refused(t, err, fault.InvalidTransition, "")
		until := e.Today().AddDays(5)
		testkit.Must(e.App.ReviseNotice(e.As("section"), app.ReviseNoticeInput{NoticeCommand: onNotice(old), DeadlineOn: &until}))(t)
		if n := testkit.Must(issue(e, "section", old))(t); *n.Number != 1 {
			t.Errorf("after two refusals the first number is %d", *n.Number)
		}
	})
}

// TestNumbersHaveNoGap: twenty people issue at once while others fail in between.
func TestNumbersHaveNoGap(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		const good, bad = 20, 10
		var drafts, spoilt []*ent.Notice
		for range good {
			drafts = append(drafts, drafted(t, e, "section", e.Reported()))
		}
		for range bad {
			h := e.Reported()
			spoilt = append(spoilt, drafted(t, e, "section", h))
			in := e.ListInput(h)
			in.DeadlineOn = e.Today().AddDays(30)
			testkit.Must(e.App.ListHazard(e.As("officer1"), in))(t)
		}
		ctx := e.As("section")
		at := make(chan struct{})
		var all sync.WaitGroup
		try := func(n *ent.Notice, fails bool) {
			in := app.IssueNoticeInput{NoticeCommand: onNotice(n)}
			all.Go(func() {
				<-at
				if _, err := e.App.IssueNotice(ctx, in); (err != nil) != fails {
					t.Errorf("%v", err)
				}
				if !fails { // told twice, done once
					if _, err := e.App.IssueNotice(ctx, in); err != nil {
						t.Errorf("the repeat: %v", err)
					}
				}
			})
		}
		for i := range good {
			try(drafts[i], false)
			if i < bad {
				try(spoilt[i], true)
			}
		}
		close(at)
		all.Wait()
		rows := testkit.Must(e.Store.Ent.Notice.Query().Where(notice.NumberNotNil()).Order(notice.ByNumber()).All(e.System()))(t)
		if len(rows) != good {
			t.Fatalf("%d were issued", len(rows))
		}
		for i, n := range rows {
			if *n.Number != i+1 || *n.Year != 2026 || n.NumberText != rule.NoticeNumber(e.Campaign.Policy.NoticePrefix, 2026, i+1) {
				t.Errorf("notice %d has the number %s", i+1, n.NumberText)
			}
		}
	})
}

// TestNumberOfALostTransaction fails after the number was given, which no command can
// do: the number is given again.
func TestNumberOfALostTransaction(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		lost := errors.New("lost")
		for range 3 {
			err := e.App.LoseNumber(e.System(), e.Campaign.RegionID, 2026, lost)
			if !errors.Is(err, lost) {
				t.Fatal(err)
			}
		}
		for want := 1; want <= 2; want++ {
			if n := issued(t, e, "section", e.Reported()); *n.Number != want {
				t.Errorf("the number is %d, want %d", *n.Number, want)
			}
			if err := e.App.LoseNumber(e.System(), e.Campaign.RegionID, 2026, lost); !errors.Is(err, lost) {
				t.Fatal(err)
			}
		}
	})
}

// TestNumbersStartAnewEachYear, in the campaign's zone.
func TestNumbersStartAnewEachYear(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		issued(t, e, "section", e.Reported())
		e.Clock.Set(time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC))
		if n := issued(t, e, "section", e.Reported()); *n.Number != 1 || *n.Year != 2027 || !strings.Contains(n.NumberText, "〔2027〕第0001号") {
			t.Errorf("it is %s", n.NumberText)
		}
	})
}

// TestSupersede: the new notice takes the old one's place when it is issued, not
// before; its hazards move, the others are free.
func TestSupersede(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		kept, left, gone, added := e.Reported(), e.Reported(), e.Reported(), e.Reported()
		old := issued(t, e, "inspector1", kept, left, gone)
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(gone), Reason: "重复"}))(t)

		// All that is left out is taken over, but for hazards that are done.
		until := old.DeadlineOn.AddDays(20)
		whole := testkit.Must(e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: old.PublicID(), DeadlineOn: &until}))(t)
		if items := testkit.Must(e.App.ItemsOfNotices(e.As("section"), ids(whole.ID)))(t); len(items) != 2 || items[0].InForce || whole.Requirements != old.Requirements || *whole.TeamID != *old.TeamID {
			t.Errorf("it takes over %+v", items)
		}

		next := testkit.Must(e.App.SupersedeNotice(e.As("inspector1"), app.SupersedeNoticeInput{
			ID: id.New(id.Notice), NoticeID: old.PublicID(), DeadlineOn: &until,
			Items: []app.NoticeItemInput{{HazardID: kept.PublicID()}, {HazardID: added.PublicID()}},
		}))(t)
		if now := noticeNow(t, e, old); now.Status != rule.NoticeIssued {
			t.Errorf("before the new one is issued the old one is %s", now.Status)
		}
		in := e.ListInput(kept)
		in.DeadlineOn = until
		_, err := e.App.ListHazard(e.As("officer1"), in)
		refused(t, err, fault.BadUserInput, "input.deadlineOn")

		next = testkit.Must(issue(e, "inspector1", next))(t)
		was := noticeNow(t, e, old)
		if was.Status != rule.NoticeSuperseded || was.SupersededAt == nil || was.Snapshot != old.Snapshot || *next.SupersedesID != old.ID || *next.Number != 2 {
			t.Errorf("the old one is %+v", was)
		}
		if !strings.Contains(next.Snapshot, old.NumberText) {
			t.Error("the new one does not name the old one")
		}
		if m := testkit.Must(e.App.SuccessorsOfNotices(e.As("officer1"), ids(old.ID)))(t); len(m[old.ID]) != 1 || m[old.ID][0].ID != next.ID {
			t.Errorf("the successor is %v", m)
		}
		notices := testkit.Must(e.App.NoticesOfHazards(e.As("officer1"), ids(kept.ID, left.ID, added.ID)))(t)
		if len(notices[left.ID]) != 0 || notices[kept.ID][0].ID != next.ID || notices[added.ID][0].ID != next.ID {
			t.Errorf("the hazards are on %v", notices)
		}
		in.CommandID = id.New(id.Command)
		if _, err := e.App.ListHazard(e.As("officer1"), in); err != nil {
			t.Errorf("with the new deadline: %v", err)
		}
		if h := testkit.Must(e.App.Hazard(e.As("officer1"), left.PublicID()))(t); h.NoticeDeadlineOn != nil {
			t.Errorf("the hazard that was left out is bound until %s", *h.NoticeDeadlineOn)
		}
		if got := kindsOf(t, e, old); got != "DRAFTED ISSUED SUPERSEDED" {
			t.Errorf("its history is %s", got)
		}

		// Nobody supersedes it twice.
		_, err = issue(e, "section", whole)
		refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: old.PublicID()})
		refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.AcknowledgeNotice(e.As("principal1"), app.AcknowledgeNoticeInput{NoticeCommand: onNotice(old), Opinion: "x", EvidenceIDs: []id.ID{testkit.Promise()}})
		refused(t, err, fault.InvalidTransition, "")
		drafted(t, e, "section", left)
	})
}

// TestAcknowledgement needs a picture of the signature, and counts as proven once
// it is verified.
func TestAcknowledgement(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		n := issued(t, e, "inspector1", e.Reported())
		sign := func(account string, change func(*app.AcknowledgeNoticeInput)) (*ent.Notice, error) {
			in := app.AcknowledgeNoticeInput{NoticeCommand: onNotice(n), Opinion: "无异议", EvidenceIDs: []id.ID{testkit.Promise()}}
			change(&in)
			return e.App.AcknowledgeNotice(e.As(account), in)
		}
		wrong := e.Upload("officer1", e.PhotoFile(rule.Before, 10))
		before := e.Rows()
		for name, c := range map[string]struct {
			account string
			kind    fault.Kind
			field   string
			change  func(*app.AcknowledgeNoticeInput)
		}{
			"no signature":      {"principal1", fault.EvidenceMissing, "", func(in *app.AcknowledgeNoticeInput) { in.EvidenceIDs = nil }},
			"another picture":   {"principal1", fault.EvidenceMissing, "", func(in *app.AcknowledgeNoticeInput) { in.EvidenceIDs = []id.ID{wrong} }},
			"no opinion":        {"principal1", fault.BadUserInput, "input.opinion", func(in *app.AcknowledgeNoticeInput) { in.Opinion = " " }},
			"by the officer":    {"officer1", fault.Forbidden, "", func(*app.AcknowledgeNoticeInput) {}},
			"by the team":       {"inspector1", fault.Forbidden, "", func(*app.AcknowledgeNoticeInput) {}},
			"by another school": {"officer2", fault.NotFound, "input.noticeId", func(*app.AcknowledgeNoticeInput) {}},
			"an old version":    {"principal1", fault.Conflict, "", func(in *app.AcknowledgeNoticeInput) { in.ExpectedVersion = new(1) }},
			"tomorrow":          {"principal1", fault.BadUserInput, "input.happenedAt", func(in *app.AcknowledgeNoticeInput) { in.HappenedAt = new(e.Clock.Now().Add(time.Hour)) }},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := sign(c.account, c.change)
				refused(t, err, c.kind, c.field)
				unchanged(t, e, before)
			})
		}
		f := e.PhotoFile(rule.Signature, 26)
		f.ID = testkit.Promise()
		testkit.Must(sign("principal1", func(in *app.AcknowledgeNoticeInput) { in.EvidenceIDs = []id.ID{f.ID} }))(t)
		if lacks := testkit.Must(e.App.LacksOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID]; len(lacks) != 1 || len(lacks[0].Waiting) != 1 {
			t.Errorf("before the picture arrives it lacks %+v", lacks)
		}
		e.Upload("principal1", f)
		if lacks := testkit.Must(e.App.LacksOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID]; len(lacks) != 0 {
			t.Errorf("it lacks %+v", lacks)
		}
		if files := testkit.Must(e.App.EvidenceOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID]; len(files) != 1 || files[0].Status != rule.Verified {
			t.Errorf("its files are %+v", files)
		}
		_, err := sign("principal1", func(*app.AcknowledgeNoticeInput) {})
		refused(t, err, fault.InvalidTransition, "")
	})
}

// TestNoticeRefusals are the other commands that nobody may give.
func TestNoticeRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		s := newScene(t, e)
		self := startInspection(t, e, "officer1", e.School)
		closed := e.Reported()
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(closed), Reason: "重复"}))(t)
		draft, running := drafted(t, e, "inspector1", s.reported), issued(t, e, "inspector1", s.listed)
		drafting := func(account string, change func(*app.DraftNoticeInput)) func() error {
			return func() error {
				in := draftInput(e, s.major)
				change(&in)
				_, err := e.App.DraftNotice(e.As(account), in)
				return err
			}
		}
		nothing := func(*app.DraftNoticeInput) {}
		items := func(hazards ...id.ID) func(*app.DraftNoticeInput) {
			return func(in *app.DraftNoticeInput) {
				in.Items = nil
				for _, h := range hazards {
					in.Items = append(in.Items, app.NoticeItemInput{HazardID: h})
				}
			}
		}
		many := make([]id.ID, rule.MaxNoticeHazards+1)
		for i := range many {
			many[i] = id.New(id.Hazard)
		}
		before := e.Rows()
		for name, c := range map[string]struct {
			kind  fault.Kind
			field string
			do    func() error
		}{
			"by the school":              {fault.Forbidden, "", drafting("officer1", nothing)},
			"by the principal":           {fault.Forbidden, "", drafting("principal1", nothing)},
			"by a viewer of figures":     {fault.NotFound, "input.schoolId", drafting("viewer1", nothing)},
			"no school":                  {fault.BadUserInput, "input.schoolId", drafting("section", func(in *app.DraftNoticeInput) { in.SchoolID = id.ID{} })},
			"an unknown school":          {fault.NotFound, "input.schoolId", drafting("section", func(in *app.DraftNoticeInput) { in.SchoolID = id.New(id.School) })},
			"an unknown campaign":        {fault.NotFound, "input.campaignId", drafting("section", func(in *app.DraftNoticeInput) { in.CampaignID = id.New(id.Campaign) })},
			"due yesterday":              {fault.BadUserInput, "input.deadlineOn", drafting("section", func(in *app.DraftNoticeInput) { in.DeadlineOn = e.Today().AddDays(-1) })},
			"no deadline":                {fault.BadUserInput, "input.deadlineOn", drafting("section", func(in *app.DraftNoticeInput) { in.DeadlineOn = "" })},
			"no requirements":            {fault.BadUserInput, "input.requirements", drafting("section", func(in *app.DraftNoticeInput) { in.Requirements = "" })},
			"no hazards":                 {fault.BadUserInput, "input.items", drafting("section", items())},
			"too many hazards":           {fault.BadUserInput, "input.items", drafting("section", items(many...))},
			"an unknown hazard":          {fault.NotFound, "input.items[1].hazardId", drafting("section", items(s.major.PublicID(), id.New(id.Hazard)))},
			"another school's hazard":    {fault.BadUserInput, "input.items[0].hazardId", drafting("section", items(s.foreign.PublicID()))},
			"a voided hazard":            {fault.BadUserInput, "input.items[0].hazardId", drafting("section", items(closed.PublicID()))},
			"a hazard twice":             {fault.BadUserInput, "input.items[1].hazardId", drafting("section", items(s.major.PublicID(), s.major.PublicID()))},
			"a hazard that is no hazard": {fault.BadUserInput, "input.items[0].hazardId", drafting("section", items(draft.PublicID()))},
			"a hazard on another notice": {fault.Conflict, "", drafting("section", items(s.listed.PublicID()))},
			"an unknown report":          {fault.NotFound, "input.reportId", drafting("section", func(in *app.DraftNoticeInput) { in.ReportID = new(id.New(id.Report)) })},
			"the school's own report":    {fault.BadUserInput, "input.reportId", drafting("section", func(in *app.DraftNoticeInput) { in.ReportID = new(self.PublicID()) })},
			"NUL in a problem":           {fault.BadUserInput, "input.items[0].problem", drafting("section", func(in *app.DraftNoticeInput) { in.Items[0].Problem = new("\x00") })},
			"an empty problem":           {fault.BadUserInput, "input.items[0].problem", drafting("section", func(in *app.DraftNoticeInput) { in.Items[0].Problem = new("") })},
			"a long basis":               {fault.BadUserInput, "input.items[0].basis", drafting("section", func(in *app.DraftNoticeInput) { in.Items[0].Basis = new(strings.Repeat("法", 4001)) })},
			"an id of another noun":      {fault.BadUserInput, "input.id", drafting("section", func(in *app.DraftNoticeInput) { in.ID = id.New(id.Hazard) })},
			"a draft out of sight":       {fault.NotFound, "input.noticeId", func() error { _, err := issue(e, "officer1", draft); return err }},
			"issued by the school":       {fault.Forbidden, "", func() error { _, err := issue(e, "principal1", running); return err }},
			"issued twice":               {fault.InvalidTransition, "", func() error { _, err := issue(e, "inspector1", running); return err }},
			"dropped once issued": {fault.InvalidTransition, "", func() error {
				_, err := e.App.DropNotice(e.As("inspector1"), app.DropNoticeInput{NoticeCommand: onNotice(running)})
				return err
			}},
			"replied to before it is acknowledged": {fault.InvalidTransition, "", func() error {
				_, err := e.App.ReplyToNotice(e.As("officer1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(running), Reply: "x"})
				return err
			}},
			"a reply by a grid member": {fault.Forbidden, "", func() error {
				_, err := e.App.ReplyToNotice(e.As("grid1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(running), Reply: "x"})
				return err
			}},
			"a reply without a word": {fault.BadUserInput, "input.reply", func() error {
				_, err := e.App.ReplyToNotice(e.As("officer1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(running)})
				return err
			}},
			"a refusal without a witness": {fault.BadUserInput, "input.witness", func() error {
				_, err := e.App.RefuseNotice(e.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(running), Reason: "x"})
				return err
			}},
			"a refusal recorded by the school": {fault.Forbidden, "", func() error {
				_, err := e.App.RefuseNotice(e.As("principal1"), app.RefuseNoticeInput{NoticeCommand: onNotice(running), Reason: "x", Witness: "y"})
				return err
			}},
			"a refusal of a draft": {fault.InvalidTransition, "", func() error {
				_, err := e.App.RefuseNotice(e.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(draft), Reason: "x", Witness: "y"})
				return err
			}},
			"superseding a draft": {fault.InvalidTransition, "", func() error {
				_, err := e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: draft.PublicID()})
				return err
			}},
			"superseded by the school": {fault.Forbidden, "", func() error {
				_, err := e.App.SupersedeNotice(e.As("principal1"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: running.PublicID()})
				return err
			}},
			"nobody": {fault.Unauthenticated, "", func() error {
				_, err := e.App.IssueNotice(e.Nobody(), app.IssueNoticeInput{NoticeCommand: onNotice(draft)})
				return err
			}},
		} {
			t.Run(name, func(t *testing.T) {
				refused(t, c.do(), c.kind, c.field)
				unchanged(t, e, before)
			})
		}
	})
}

// TestIssuerOfTheSchool: who belongs to the school writes it no notice.
func TestIssuerOfTheSchool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		e.Appoint("principal1", authz.SafetySection)
		_, err := e.App.DraftNotice(e.As("principal1"), draftInput(e, h))
		refused(t, err, fault.Forbidden, "")
	})
}

func handIn(e *testkit.Env, account string, team *ent.InspectionTeam, notices ...*ent.Notice) ([]*ent.Notice, error) {
	in := app.HandInNoticesInput{CommandID: id.New(id.Command), TeamID: team.PublicID()}
	for _, n := range notices {
		in.NoticeIDs = append(in.NoticeIDs, n.PublicID())
	}
	return e.App.HandInNotices(e.As(account), in)
}

// TestHandIn: the team's contact hands in, each notice once; what comes after the
// campaign's last day is taken and marked.
func TestHandIn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		team := teamOne(t, e)
		a, b, c := issued(t, e, "inspector1", e.Reported()), issued(t, e, "inspector2", e.Reported()), issued(t, e, "inspector1", e.Reported())
		draft, other := drafted(t, e, "inspector1", e.Reported()), issued(t, e, "section", e.Reported())
		before := e.Rows()
		for name, x := range map[string]struct {
			kind  fault.Kind
			field string
			do    func() error
		}{
			"by a plain member": {fault.Forbidden, "", func() error { _, err := handIn(e, "inspector2", team, b); return err }},
			"by the section":    {fault.Forbidden, "", func() error { _, err := handIn(e, "section", team, a); return err }},
			"by the school":     {fault.NotFound, "input.teamId", func() error { _, err := handIn(e, "officer1", team, a); return err }},
			"a draft":           {fault.InvalidTransition, "", func() error { _, err := handIn(e, "inspector1", team, a, draft); return err }},
			"the section's own": {fault.BadUserInput, "input.noticeIds[1]", func() error { _, err := handIn(e, "inspector1", team, a, other); return err }},
			"twice":             {fault.BadUserInput, "input.noticeIds[1]", func() error { _, err := handIn(e, "inspector1", team, a, a); return err }},
			"none":              {fault.BadUserInput, "input.noticeIds", func() error { _, err := handIn(e, "inspector1", team); return err }},
		} {
			t.Run(name, func(t *testing.T) {
				refused(t, x.do(), x.kind, x.field)
				unchanged(t, e, before)
			})
		}
		got := testkit.Must(handIn(e, "inspector1", team, b, a))(t)
		if len(got) != 2 || got[0].ID != b.ID || got[0].HandedInAt == nil || got[0].Status != rule.NoticeIssued || app.HandedInLate(got[0], e.Campaign) {
			t.Errorf("handed in is %+v", got)
		}
		_, err := handIn(e, "inspector1", team, a)
		refused(t, err, fault.InvalidTransition, "")
		figures := func(want string) {
			t.Helper()
			var got []string
			for _, h := range testkit.Must(e.App.HandIns(e.As("section"), e.Campaign.PublicID()))(t) {
				got = append(got, fmt.Sprintf("%d: %d issued, %d handed in, %d missing, %d late %v", h.Team.Number, h.Issued, h.HandedIn, h.Missing(), h.LateCount, h.Late))
			}
			if text := strings.Join(got, "; "); text != want {
				t.Errorf("hand-ins: %s, want %s", text, want)
			}
		}
		figures("1: 3 issued, 2 handed in, 1 missing, 0 late false")
		if own := testkit.Must(e.App.HandIns(e.As("inspector1"), e.Campaign.PublicID()))(t); len(own) != 1 || own[0].Issued != 3 {
			t.Errorf("the team sees %+v", own)
		}
		for _, account := range []string{"officer1", "principal1", "viewer1"} {
			if none := testkit.Must(e.App.HandIns(e.As(account), e.Campaign.PublicID()))(t); len(none) != 0 {
				t.Errorf("%s sees %+v", account, none)
			}
		}

		e.Clock.Set(e.Campaign.EndsOn.End(e.Campaign.Policy.Zone()).Add(time.Second)) // the second day's first second is late
		figures("1: 3 issued, 2 handed in, 1 missing, 0 late true")
		late := testkit.Must(handIn(e, "leader1", team, c))(t)
		if len(late) != 1 || !app.HandedInLate(late[0], e.Campaign) {
			t.Errorf("handed in is %+v", late)
		}
		figures("1: 3 issued, 3 handed in, 0 missing, 1 late true")
		events := testkit.Must(e.App.EventsOfNotices(e.As("section"), ids(c.ID)))(t)
		if last := events[len(events)-1]; last.Kind != rule.NoticeEventHandedIn || last.Payload["late"] != true {
			t.Errorf("the last event is %+v", last)
		}
	})
}

// TestNoticeLists filters the list, and pages through it both ways.
func TestNoticeLists(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a, b, c := issued(t, e, "inspector1", e.Reported()), issued(t, e, "section", e.Reported()), drafted(t, e, "inspector1", e.Reported())
		testkit.Must(handIn(e, "inspector1", teamOne(t, e), a))(t)
		list := func(account string, f *app.NoticeFilter) []string {
			var out []string
			for _, n := range testkit.Must(e.App.Notices(e.As(account), app.PageArgs{First: new(50)}, f))(t).Rows {
				out = append(out, n.ID.String())
			}
			return out
		}
		all := []string{c.ID.String(), b.ID.String(), a.ID.String()}
		slices.SortFunc(all, func(x, y string) int { return strings.Compare(y, x) })
		check := func(name string, got []string, want ...*ent.Notice) {
			t.Helper()
			if len(got) != len(want) {
				t.Errorf("%s: %v, want %d", name, got, len(want))
				return
			}
			for _, n := range want {
				if !slices.Contains(got, n.ID.String()) {
					t.Errorf("%s: %v lacks %s", name, got, n.ID)
				}
			}
		}
		if got := list("section", nil); !slices.Equal(got, all) {
			t.Errorf("all are %v, want %v", got, all)
		}
		check("campaign", list("section", &app.NoticeFilter{CampaignID: new(e.Campaign.PublicID())}), a, b, c)
		check("school", list("officer1", &app.NoticeFilter{SchoolID: new(e.School.PublicID())}), a, b)
		check("another school", list("section", &app.NoticeFilter{SchoolID: new(e.Other.PublicID())}))
		check("team", list("section", &app.NoticeFilter{TeamID: new(teamOne(t, e).PublicID())}), a, c)
		check("drafts", list("section", &app.NoticeFilter{Status: []rule.NoticeStatus{rule.NoticeDraft}}), c)
		check("region", list("section", &app.NoticeFilter{RegionID: new(id.Of(id.Region, e.School.RegionID))}), a, b, c)
		check("not signed", list("section", &app.NoticeFilter{Acknowledged: new(false), Refused: new(false), Replied: new(false)}), a, b, c)
		check("replied", list("section", &app.NoticeFilter{Replied: new(true)}))
		testkit.Must(e.App.RefuseNotice(e.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(a), Reason: "不签", Witness: "见证人"}))(t)
		check("refused", list("section", &app.NoticeFilter{Refused: new(true)}), a)
		check("not refused", list("section", &app.NoticeFilter{Refused: new(false)}), b, c)
		check("acknowledged", list("section", &app.NoticeFilter{Acknowledged: new(true)}))
		check("handed in", list("section", &app.NoticeFilter{HandedIn: new(true)}), a)
		check("not handed in", list("section", &app.NoticeFilter{HandedIn: new(false)}), b, c)
		check("overdue today", list("section", &app.NoticeFilter{Overdue: new(true)}))
		e.Clock.Advance(11 * 24 * time.Hour)
		check("overdue", list("section", &app.NoticeFilter{Overdue: new(true)}), a, b)
		check("not overdue", list("section", &app.NoticeFilter{Overdue: new(false)}), c)

		var paged []string
		args := app.PageArgs{First: new(1)}
		for {
			p := testkit.Must(e.App.Notices(e.As("section"), args, nil))(t)
			paged = append(paged, p.Rows[0].ID.String())
			if !p.HasNext {
				break
			}
			args.After = &p.Cursors[0]
		}
		if !slices.Equal(paged, all) {
			t.Errorf("page by page: %v", paged)
		}
		back := testkit.Must(e.App.Notices(e.As("section"), app.PageArgs{Last: new(2)}, nil))(t)
		if len(back.Rows) != 2 || back.Rows[1].ID.String() != all[2] || !back.HasPrevious {
			t.Errorf("backwards: %+v", back)
		}
		_, err := e.App.Notices(e.As("section"), app.PageArgs{}, nil)
		refused(t, err, fault.BadUserInput, "first")
		_, err = e.App.Notices(e.As("section"), app.PageArgs{First: new(1)}, &app.NoticeFilter{TeamID: new(e.School.PublicID())})
		refused(t, err, fault.BadUserInput, "filter.teamId")
		forged := "bm9uc2Vuc2U"
		_, err = e.App.Notices(e.As("section"), app.PageArgs{First: new(1), After: &forged}, nil)
		refused(t, err, fault.BadUserInput, "after")
	})
}

// TestNoticeFigures counts by township what the viewer may count.
func TestNoticeFigures(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		team := teamOne(t, e)
		a := issued(t, e, "inspector1", e.Reported())
		b := replied(t, e, acknowledged(t, e, issued(t, e, "inspector1", e.Reported())))
		h := e.Reported()
		c := issued(t, e, "section", h)
		testkit.Must(e.App.RefuseNotice(e.As("section"), app.RefuseNoticeInput{NoticeCommand: onNotice(c), Reason: "拒签", Witness: "某人"}))(t)
		drafted(t, e, "inspector1", e.Reported())
		old := issued(t, e, "section", e.Reported())
		testkit.Must(issue(e, "section", testkit.Must(e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: old.PublicID()}))(t)))(t)
		check := func(account, path string, today clock.Date, want app.NoticeFigures) {
			t.Helper()
			got := testkit.Must(e.App.NoticeFiguresOf(e.As(account), e.Campaign, path, today))(t)
			if got[e.School.RegionPath] != want || want == (app.NoticeFigures{}) && len(got) != 0 {
				t.Errorf("%s: %+v, want %+v", account, got, want)
			}
		}
		want := app.NoticeFigures{Issued: 4, Acknowledged: 1, Refused: 1, Replied: 1}
		today := e.Today()
		for _, account := range []string{"section", "leader1", "viewer1", "inspector1", "officer1"} {
			check(account, e.Campaign.RegionPath, today, want)
		}
		check("officer2", e.Campaign.RegionPath, today, app.NoticeFigures{})
		check("section", e.School.RegionPath, today, want)
		check("section", e.Other.RegionPath, today, app.NoticeFigures{})
		want.Overdue = 4
		check("section", e.Campaign.RegionPath, a.DeadlineOn.AddDays(1), want)
		want.Overdue = 0
		check("section", e.Campaign.RegionPath, a.DeadlineOn, want)

		teams := func(want app.HandInFigures) {
			t.Helper()
			if got := testkit.Must(e.App.HandInFiguresOf(e.As("viewer1"), e.Campaign, e.Campaign.RegionPath))(t); got != want {
				t.Errorf("teams: %+v, want %+v", got, want)
			}
		}
		teams(app.HandInFigures{Teams: 1})
		testkit.Must(handIn(e, "inspector1", team, a, b))(t)
		teams(app.HandInFigures{Teams: 1, Complete: 1})
	})
}

// TestVerifyNotice: whoever holds the paper may ask; a draft has no answer.
func TestVerifyNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		nobody := context.Background()
		drafted(t, e, "section", e.Reported())
		n := issued(t, e, "section", e.Reported())
		for _, code := range []string{n.NumberText, n.VerifyCode} {
			p := testkit.Must(e.App.VerifyNotice(nobody, code))(t)
			if *p != (app.NoticeProof{Number: n.NumberText, IssuedOn: e.Today(), Hash: n.SnapshotHash}) {
				t.Errorf("%s: %+v", code, p)
			}
		}
		for _, code := range []string{"", "x", strings.ToUpper(n.VerifyCode), strings.Repeat("a", 26), n.NumberText + "x", "〔2026〕第0001号", rule.NoticeNumber("武教安改", 2026, 2), n.PublicID().String(), "\x00", strings.Repeat("a", 300), "a\xff"} {
			_, err := e.App.VerifyNotice(nobody, code)
			refused(t, err, fault.NotFound, "")
		}
		testkit.Must(issue(e, "section", testkit.Must(e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: n.PublicID()}))(t)))(t)
		if p := testkit.Must(e.App.VerifyNotice(nobody, n.VerifyCode))(t); !p.Superseded || p.Hash != n.SnapshotHash {
			t.Errorf("superseded it is %+v", p)
		}
	})
}

// TestLongNotice: as many hazards as a notice takes, and not one more.
func TestLongNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		r := supervised(t, e)
		var rows []*ent.HazardCreate
		for i := range rule.MaxNoticeHazards + 1 {
			rows = append(rows, e.Store.Ent.Hazard.Create().SetCampaignID(e.Campaign.ID).SetSchoolID(e.School.ID).SetReportID(r.ID).
				SetReporterID(e.User("inspector1").ID).SetCategory("FIRE").SetDescription(fmt.Sprint("隐患", i)).SetSource(rule.FoundBySupervision).
				SetGrade(rule.General).SetDiscoveredAt(e.Clock.Now()).SetReportedAt(e.Clock.Now()))
		}
		hazards := testkit.Must(e.Store.Ent.Hazard.CreateBulk(rows...).Save(e.System()))(t)
		in := draftInput(e)
		in.ReportID = new(r.PublicID())
		_, err := e.App.DraftNotice(e.As("inspector1"), in)
		refused(t, err, fault.BadUserInput, "input.reportId")
		n := issued(t, e, "inspector1", hazards[:rule.MaxNoticeHazards]...)
		if got := strings.Count(n.Snapshot, `"position":`); got != rule.MaxNoticeHazards {
			t.Errorf("the snapshot has %d problems", got)
		}
	})
}
