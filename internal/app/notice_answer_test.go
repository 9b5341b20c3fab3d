package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

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
				testkit.Refused(t, err, c.kind, c.field)
				testkit.Unchanged(t, e, before)
			})
		}
		f := e.PhotoFile(rule.Signature, 26)
		f.ID = testkit.Promise()
		testkit.Must(sign("principal1", func(in *app.AcknowledgeNoticeInput) { in.EvidenceIDs = []id.ID{f.ID} }))(t)
		if missing := testkit.Must(e.App.GapsOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID]; len(missing) != 1 || len(missing[0].Waiting) != 1 {
			t.Errorf("before the picture arrives it misses %+v", missing)
		}
		e.Upload("principal1", f)
		if missing := testkit.Must(e.App.GapsOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID]; len(missing) != 0 {
			t.Errorf("it misses %+v", missing)
		}
		if files := testkit.Must(e.App.EvidenceOfNotices(e.As("section"), ids(n.ID)))(t)[n.ID]; len(files) != 1 || files[0].Status != rule.Verified {
			t.Errorf("its files are %+v", files)
		}
		_, err := sign("principal1", func(*app.AcknowledgeNoticeInput) {})
		testkit.Refused(t, err, fault.InvalidTransition, "")
	})
}

// TestNoticeRefusals are the other commands that nobody may give.
func TestNoticeRefusals(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		s := newScene(t, e)
		self := startInspection(t, e, "officer1", e.School)
		closed := e.Reported()
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(closed), Reason: "重复"}))(t)
		draft, running := drafted(t, e, "inspector1", s.reported), issued(t, e, "inspector1", s.underOversight)
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
			"a hazard on another notice": {fault.Conflict, "", drafting("section", items(s.underOversight.PublicID()))},
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
				_, err := e.App.DiscardNotice(e.As("inspector1"), app.DiscardNoticeInput{NoticeCommand: onNotice(running)})
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
				testkit.Refused(t, c.do(), c.kind, c.field)
				testkit.Unchanged(t, e, before)
			})
		}
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
				testkit.Refused(t, x.do(), x.kind, x.field)
				testkit.Unchanged(t, e, before)
			})
		}
		got := testkit.Must(handIn(e, "inspector1", team, b, a))(t)
		if len(got) != 2 || got[0].ID != b.ID || got[0].HandedInAt == nil || got[0].Status != rule.NoticeIssued || app.HandedInLate(got[0], e.Campaign) {
			t.Errorf("handed in is %+v", got)
		}
		_, err := handIn(e, "inspector1", team, a)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		figures := func(want string) {
			t.Helper()
			var got []string
			for _, h := range testkit.Must(e.App.HandIns(e.As("section"), e.Campaign.PublicID(), nil))(t) {
				got = append(got, fmt.Sprintf("%d: %d issued, %d handed in, %d missing, %d late %v", h.Team.Number, h.Issued, h.HandedIn, h.Missing(), h.LateCount, h.Late))
			}
			if text := strings.Join(got, "; "); text != want {
				t.Errorf("hand-ins: %s, want %s", text, want)
			}
		}
		figures("1: 3 issued, 2 handed in, 1 missing, 0 late false")
		if own := testkit.Must(e.App.HandIns(e.As("inspector1"), e.Campaign.PublicID(), nil))(t); len(own) != 1 || own[0].Issued != 3 {
			t.Errorf("the team sees %+v", own)
		}
		for _, account := range []string{"officer1", "principal1", "viewer1"} {
			if none := testkit.Must(e.App.HandIns(e.As(account), e.Campaign.PublicID(), nil))(t); len(none) != 0 {
				t.Errorf("%s sees %+v", account, none)
			}
		}

		e.Clock.Set(e.Campaign.EndsOn.End(e.Campaign.Policy.Zone()).Add(time.Second)) // the second day's first second is late
		figures("1: 3 issued, 2 handed in, 1 missing, 0 late true")
		late := testkit.Must(handIn(e, "inspector1", team, c))(t) // the contact, though the campaign is over
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
