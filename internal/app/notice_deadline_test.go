package app_test

import (
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestNoticeBindsDeadlines: no deadline of a hazard on a notice may be later than
// the notice's; only a superseding notice gives more time.
func TestNoticeBindsDeadlines(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		limit := e.Today().AddDays(10)
		reported, underOversight, waiting, rectified := e.Reported(), e.UnderOversight(), e.UnderOversight(), e.Rectified()
		ask := func(h *ent.Hazard, until clock.Date) error {
			_, err := e.App.RequestExtension(e.As("officer1"), app.RequestExtensionInput{
				HazardCommand: testkit.Command(h), ExtensionID: id.New(id.Extension), UntilOn: until, Reason: "等材料",
			})
			return err
		}
		if err := ask(waiting, limit.AddDays(5)); err != nil {
			t.Fatal(err)
		}
		n := issued(t, e, "section", reported, underOversight, waiting, rectified)
		if n.DeadlineOn != limit {
			t.Fatalf("it is due on %s", n.DeadlineOn)
		}
		list := func(d clock.Date) error {
			in := e.OversightInput(reported)
			in.DeadlineOn = d
			_, err := e.App.PlaceUnderOversight(e.As("officer1"), in)
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
		testkit.Refused(t, list(limit.AddDays(1)), fault.BadUserInput, "input.deadlineOn")
		testkit.Refused(t, ask(underOversight, limit.AddDays(1)), fault.BadUserInput, "input.untilOn")
		testkit.Refused(t, decide(true), fault.BadUserInput, "input.grant")
		testkit.Refused(t, reject(limit.AddDays(1)), fault.BadUserInput, "input.newDeadlineOn")
		for name, err := range map[string]error{
			"list": list(limit), "ask": ask(underOversight, limit), "refuse the extension": decide(false), "reject": reject(limit),
		} {
			if err != nil {
				t.Errorf("%s until the notice's own day: %v", name, err)
			}
		}
		testkit.NoDifference(t, e)
	})
}

// TestReopenedUnderARunningNotice stays bound to it.
func TestReopenedUnderARunningNotice(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Rectified()
		n := issued(t, e, "section", h, e.Reported())
		testkit.Must(e.App.AcceptRectification(e.As("inspector1"), testkit.AcceptInput(h, e.Upload("inspector1", e.PhotoFile(rule.Site, 40)))))(t)
		reopen := func(d clock.Date) error {
			_, err := e.App.ReopenHazard(e.As("section"), app.ReopenHazardInput{
				HazardCommand: testkit.Command(h, testkit.Promise()), Reason: "复发", NewDeadlineOn: d,
			})
			return err
		}
		testkit.Refused(t, reopen(n.DeadlineOn.AddDays(1)), fault.BadUserInput, "input.newDeadlineOn")
		if err := reopen(n.DeadlineOn); err != nil {
			t.Error(err)
		}
	})
}

// TestWindUp: for thirty days after the campaign the team follows up what it
// began, and begins nothing; then only its leader hands in.
func TestWindUp(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Rectified()
		in := draftInput(e, h)
		in.DeadlineOn = e.Campaign.EndsOn.AddDays(40)
		n := testkit.Must(issue(e, "inspector1", testkit.Must(e.App.DraftNotice(e.As("inspector1"), in))(t)))(t)
		other := issued(t, e, "inspector1", e.Reported())
		replied(t, e, acknowledged(t, e, n))
		over := e.Campaign.EndsOn.End(e.Campaign.Policy.Zone())

		e.Clock.Set(over.Add(time.Hour))
		_, err := e.App.StartInspection(e.As("inspector1"), app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.Supervision,
			CheckIn: &geo.Point{Latitude: *e.School.Latitude, Longitude: *e.School.Longitude},
		})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		photo := e.Upload("inspector1", e.PhotoFile(rule.Site, 40))
		testkit.Must(e.App.AcceptRectification(e.As("inspector1"), testkit.AcceptInput(h, photo)))(t)
		if now := noticeNow(t, e, n); now.Status != rule.NoticeClosed {
			t.Errorf("after the recheck it is %s", now.Status)
		}
		if late := testkit.Must(handIn(e, "inspector1", teamOne(t, e), n))(t); !app.HandedInLate(late[0], e.Campaign) {
			t.Errorf("handed in is %+v", late[0])
		}

		e.Clock.Set(over.AddDate(0, 0, 30).Add(time.Second))
		_, err = handIn(e, "inspector1", teamOne(t, e), other)
		testkit.Refused(t, err, fault.NotFound, "")
		testkit.Must(handIn(e, "leader1", teamOne(t, e), other))(t)
		testkit.NoDifference(t, e)
	})
}
