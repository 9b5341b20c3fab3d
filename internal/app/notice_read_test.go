package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestDraftIsSecret: the school does not see a draft on any way; the team, the
// section and the bureau's leaders do.
func TestDraftIsSecret(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h, other := e.Reported(), e.Reported()
		draft := drafted(t, e, "inspector1", h)
		dropped := drafted(t, e, "inspector1", other)
		testkit.Must(e.App.DiscardNotice(e.As("inspector1"), app.DiscardNoticeInput{NoticeCommand: onNotice(dropped)}))(t)
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
						return rows(e.App.Notices(ctx, command.PageArgs{First: new(50)}, &app.NoticeFilter{Status: []rule.NoticeStatus{n.Status}}))
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
			testkit.Refused(t, err, fault.Forbidden, "")
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
			for _, n := range testkit.Must(e.App.Notices(e.As(account), command.PageArgs{First: new(50)}, f))(t).Rows {
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
		check("handed in", list("section", &app.NoticeFilter{HandedIn: new(true)}), a)
		check("not handed in", list("section", &app.NoticeFilter{HandedIn: new(false)}), b, c)
		check("overdue today", list("section", &app.NoticeFilter{Overdue: new(true)}))
		e.Clock.Advance(11 * 24 * time.Hour)
		check("overdue", list("section", &app.NoticeFilter{Overdue: new(true)}), a, b)
		check("not overdue", list("section", &app.NoticeFilter{Overdue: new(false)}), c)

		var paged []string
		args := command.PageArgs{First: new(1)}
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
		back := testkit.Must(e.App.Notices(e.As("section"), command.PageArgs{Last: new(2)}, nil))(t)
		if len(back.Rows) != 2 || back.Rows[1].ID.String() != all[2] || !back.HasPrevious {
			t.Errorf("backwards: %+v", back)
		}
		_, err := e.App.Notices(e.As("section"), command.PageArgs{}, nil)
		testkit.Refused(t, err, fault.BadUserInput, "first")
		_, err = e.App.Notices(e.As("section"), command.PageArgs{First: new(1)}, &app.NoticeFilter{TeamID: new(e.School.PublicID())})
		testkit.Refused(t, err, fault.BadUserInput, "filter.teamId")
		forged := "bm9uc2Vuc2U"
		_, err = e.App.Notices(e.As("section"), command.PageArgs{First: new(1), After: &forged}, nil)
		testkit.Refused(t, err, fault.BadUserInput, "after")
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
		check := func(account, path string, today clock.Date, want figures.NoticeFigures) {
			t.Helper()
			got := testkit.Must(e.App.NoticeFiguresOf(e.As(account), e.Campaign, path, today))(t)
			if got[e.School.RegionPath] != want || want == (figures.NoticeFigures{}) && len(got) != 0 {
				t.Errorf("%s: %+v, want %+v", account, got, want)
			}
		}
		want := figures.NoticeFigures{Issued: 4, Acknowledged: 1, Refused: 1, Replied: 1}
		today := e.Today()
		for _, account := range []string{"section", "leader1", "viewer1", "inspector1", "officer1"} {
			check(account, e.Campaign.RegionPath, today, want)
		}
		check("officer2", e.Campaign.RegionPath, today, figures.NoticeFigures{})
		check("section", e.School.RegionPath, today, want)
		check("section", e.Other.RegionPath, today, figures.NoticeFigures{})
		want.Overdue = 4
		check("section", e.Campaign.RegionPath, a.DeadlineOn.AddDays(1), want)
		want.Overdue = 0
		check("section", e.Campaign.RegionPath, a.DeadlineOn, want)

		teams := func(want figures.HandInFigures) {
			t.Helper()
			if got := testkit.Must(e.App.HandInFiguresOf(e.As("viewer1"), e.Campaign, e.Campaign.RegionPath))(t); got != want {
				t.Errorf("teams: %+v, want %+v", got, want)
			}
		}
		teams(figures.HandInFigures{Teams: 1})
		testkit.Must(handIn(e, "inspector1", team, a, b))(t)
		teams(figures.HandInFigures{Teams: 1, Complete: 1})
	})
}

// TestVerifyNotice: anybody who holds the paper may ask; a draft has no answer.
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
			testkit.Refused(t, err, fault.NotFound, "")
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
		testkit.Refused(t, err, fault.BadUserInput, "input.reportId")
		n := issued(t, e, "inspector1", hazards[:rule.MaxNoticeHazards]...)
		if got := strings.Count(n.Snapshot, `"position":`); got != rule.MaxNoticeHazards {
			t.Errorf("the snapshot has %d problems", got)
		}
	})
}
