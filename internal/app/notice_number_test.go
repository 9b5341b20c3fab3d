package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestIssueRefused: a draft that no longer fits is refused, names the hazard, and
// takes no number.
func TestIssueRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		later, gone, fine := e.Reported(), e.Reported(), e.Reported()
		tooLate, done, old := drafted(t, e, "section", later), drafted(t, e, "section", gone), drafted(t, e, "section", fine)
		in := e.OversightInput(later)
		in.DeadlineOn = tooLate.DeadlineOn.AddDays(1)
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), in))(t)
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(gone), Reason: "重复"}))(t)
		before := e.Rows()
		for n, h := range map[*ent.Notice]*ent.Hazard{tooLate: later, done: gone} {
			_, err := issue(e, "section", n)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.InvalidTransition || fmt.Sprint(f.Detail["hazardIds"]) != fmt.Sprint([]string{h.PublicID().String()}) {
				t.Errorf("got %v", err)
			}
			testkit.Unchanged(t, e, before)
		}
		e.Clock.Advance(12 * 24 * time.Hour)
		_, err := issue(e, "section", old)
		testkit.Refused(t, err, fault.InvalidTransition, "")
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
			in := e.OversightInput(h)
			in.DeadlineOn = e.Today().AddDays(30)
			testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), in))(t)
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
		in := e.OversightInput(kept)
		in.DeadlineOn = until
		_, err := e.App.PlaceUnderOversight(e.As("officer1"), in)
		testkit.Refused(t, err, fault.BadUserInput, "input.deadlineOn")

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
		if _, err := e.App.PlaceUnderOversight(e.As("officer1"), in); err != nil {
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
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.SupersedeNotice(e.As("section"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: old.PublicID()})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.AcknowledgeNotice(e.As("principal1"), app.AcknowledgeNoticeInput{NoticeCommand: onNotice(old), Opinion: "x", EvidenceIDs: []id.ID{testkit.Promise()}})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		drafted(t, e, "section", left)
	})
}

// TestIssuerOfTheSchool: who belongs to the school writes it no notice.
func TestIssuerOfTheSchool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		e.Appoint("principal1", authz.SafetySection)
		_, err := e.App.DraftNotice(e.As("principal1"), draftInput(e, h))
		testkit.Refused(t, err, fault.Forbidden, "")
	})
}
