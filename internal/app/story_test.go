package app_test

import (
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
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

func TestMain(m *testing.M) { testkit.Main(m) }

// story is the main job as one tale: what everybody does, and the figures that
// the bureau reads after every step.
type story struct {
	*testkit.Env
	t    *testing.T
	want figures.Figures // of the county and of the school's township, without SchoolsDue
	// files are what the phones still hold, by the evidence's id.
	files map[id.ID]testkit.File
}

// figures asks the dashboard and compares: county and township agree, and the
// sibling township stays untouched.
func (s *story) figures(after string) {
	s.t.Helper()
	d, err := s.App.Dashboard(s.As("section"), figures.DashboardInput{CampaignID: s.Campaign.PublicID()})
	if err != nil {
		s.t.Fatal(err)
	}
	s.same(after+": county", d.Total, s.want, testkit.CountySize)
	seen := 0
	for _, child := range d.Children {
		schools := s.schoolsIn(child.Region)
		switch child.Region.ID {
		case s.School.RegionID:
			seen++
			s.same(after+": own township", child.Figures, s.want, schools)
		case s.Other.RegionID:
			seen++
			s.same(after+": sibling township", child.Figures, figures.Figures{}, schools)
		}
	}
	if seen != 2 {
		s.t.Errorf("%s: the dashboard lacks a township", after)
	}
}

func (s *story) same(where string, got, want figures.Figures, schools int) {
	s.t.Helper()
	want.SchoolsDue = schools
	if !got.SameCounts(want) {
		s.t.Errorf("after %s:\n got %+v\nwant %+v", where, got, want)
	}
	rate := got.ClearRate()
	if found := want.Found - want.Voided; (rate != nil) != (found > 0) || rate != nil && *rate != float64(want.Closed)/float64(found) {
		s.t.Errorf("after %s: clear rate %v of %d found", where, rate, found)
	}
}

func (s *story) schoolsIn(r *ent.Region) int {
	rows, err := s.App.Schools(s.As("section"), command.PageArgs{First: new(200)}, &places.SchoolFilter{RegionID: new(r.PublicID())}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(rows.Rows)
}

// announce notes a file; its bytes stay on the phone.
func (s *story) announce(account string, f testkit.File) id.ID {
	s.t.Helper()
	u, err := s.Announce(s.As(account), f)
	if err != nil {
		s.t.Fatal(err)
	}
	s.files[u.Evidence.PublicID()] = f
	return u.Evidence.PublicID()
}

// arrive sends announced files; it asks for new upload tickets, as a phone does
// after a while.
func (s *story) arrive(account string, files ...id.ID) {
	s.t.Helper()
	for _, f := range files {
		u, err := s.App.EvidenceUpload(s.As(account), f)
		if err != nil {
			s.t.Fatal(err)
		}
		s.Arrive(s.As(account), u, s.files[f].Bytes)
	}
	s.Work()
}

// hazard checks the answer of a command on a hazard.
func (s *story) hazard(h *ent.Hazard, err error) *ent.Hazard {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	return h
}

func TestMainJob(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		s := &story{Env: e, t: t, files: map[id.ID]testkit.File{}}
		s.figures("nothing")
		report, photos, finding := s.inspect()
		hazard := s.hazardOf(report, finding)
		s.submit(report, photos)
		hazard = s.underOversight(hazard)
		hazard = s.rectifiedTwice(hazard)
		s.closed(hazard)
		s.checkHistory(hazard)
		s.checkStores()
	})
}

// inspect is the grid member's round: all 15 items, every fifth not in order,
// each with a photo that is still on the phone.
func (s *story) inspect() (report *ent.InspectionReport, photos []id.ID, nonCompliant id.ID) {
	ctx := s.As("grid1")
	report, err := s.App.StartInspection(ctx, app.StartInspectionInput{
		ID: id.New(id.Report), CampaignID: s.Campaign.PublicID(), SchoolID: s.School.PublicID(), Kind: rule.SelfInspection,
		GridID: new(s.Grid.PublicID()),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.figures("the start of an inspection")
	in := app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: report.PublicID()}
	for i, item := range s.Items() {
		f := app.FindingInput{ID: id.New(id.Finding), ItemID: item.PublicID(), Result: rule.Compliant}
		if i%5 == 4 {
			f.Result, nonCompliant = rule.NonCompliant, f.ID
		}
		photo := s.announce("grid1", s.PhotoFile(rule.Site, 100+i))
		f.EvidenceIDs = []id.ID{photo}
		photos = append(photos, photo)
		in.Findings = append(in.Findings, f)
	}
	if len(in.Findings) != 15 {
		s.t.Fatalf("the checklist has %d items, want the plan's 15", len(in.Findings))
	}
	if report, err = s.App.RecordFindings(ctx, in); err != nil {
		s.t.Fatal(err)
	}
	s.figures("the findings")
	return report, photos, nonCompliant
}

// found: the grid member reports what is wrong, with a photo and a video.
func (s *story) hazardOf(report *ent.InspectionReport, finding id.ID) *ent.Hazard {
	before := s.announce("grid1", s.PhotoFile(rule.Before, 120))
	video := s.announce("grid1", s.VideoFile(rule.Before, 1))
	in := s.HazardInput(before, video)
	in.ReportID, in.FindingID = new(report.PublicID()), &finding
	h := s.hazard(s.App.ReportHazard(s.As("grid1"), in))
	if h.Status != rule.Reported || h.Proven || h.Source != rule.FoundBySchool {
		s.t.Errorf("reported: %s, proven %v, source %s", h.Status, h.Proven, h.Source)
	}
	s.want.Found, s.want.Open = 1, 1
	s.figures("the report of a hazard")
	s.arrive("grid1", before, video)
	if h = testkit.Must(s.App.Hazard(s.As("grid1"), h.PublicID()))(s.t); !h.Proven {
		s.t.Error("with its photo verified the hazard is not proven")
	}
	s.figures("the arrival of photo and video")
	return h
}

// submit: claimed at once, proven with the last of the photos.
func (s *story) submit(report *ent.InspectionReport, photos []id.ID) {
	ctx := s.As("grid1")
	_, err := s.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: report.PublicID()})
	if err != nil {
		s.t.Fatal(err)
	}
	s.want.SchoolsSelfClaimed = 1
	s.figures("the submission of the report")
	s.missing(report, 15)
	s.arrive("grid1", photos[1:]...)
	s.figures("the arrival of all photos but one")
	s.missing(report, 1)
	s.arrive("grid1", photos[0])
	s.want.SchoolsSelfProven = 1
	s.figures("the arrival of the last photo")
	s.missing(report, 0)
}

func (s *story) missing(report *ent.InspectionReport, want int) {
	s.t.Helper()
	missing := testkit.Must(s.App.GapsOfReports(s.As("grid1"), ids(report.ID)))(s.t)
	if n := len(missing[report.ID]); n != want {
		s.t.Errorf("the report misses %d, want %d", n, want)
	}
	for _, l := range missing[report.ID] {
		if l.Gap == nil || len(l.Gap.Waiting) != 1 {
			s.t.Errorf("the lack does not name the file that is on its way: %+v", l)
		}
	}
}

// under oversight: the school grades it MAJOR, the section places it under oversight and approves the plan.
func (s *story) underOversight(h *ent.Hazard) *ent.Hazard {
	h = s.hazard(s.App.GradeHazard(s.As("officer1"), app.GradeHazardInput{HazardCommand: testkit.Command(h), Grade: rule.Major}))
	s.want.MajorOpen = 1
	s.figures("the grading")

	fence := s.Upload("section", s.PhotoFile(rule.During, 130))
	in := s.OversightInput(h)
	in.EvidenceIDs = []id.ID{fence}
	h = s.hazard(s.App.PlaceUnderOversight(s.As("section"), in))
	if h.Status != rule.Rectifying || !h.UnderOversight || *app.DeadlineOf(h) != in.DeadlineOn {
		s.t.Errorf("under oversight: %s, %v until %v", h.Status, h.UnderOversight, app.DeadlineOf(h))
	}
	s.want.UnderOversight = 1
	s.figures("the oversight order")

	h = s.hazard(s.App.SubmitRectificationPlan(s.As("officer1"), s.PlanInput(h)))
	s.figures("the plan")
	h = s.hazard(s.App.ApproveRectificationPlan(s.As("section"), app.DecidePlanInput{HazardCommand: testkit.Command(h)}))
	s.figures("the plan's approval")
	return h
}

// rectifiedTwice: too late and not good enough, then again.
func (s *story) rectifiedTwice(h *ent.Hazard) *ent.Hazard {
	after := s.announce("officer1", s.PhotoFile(rule.After, 140))
	h = s.hazard(s.App.MarkRectified(s.As("officer1"), testkit.RectifyInput(h, after)))
	s.figures("the rectification")
	s.arrive("officer1", after)
	s.Clock.Advance(8 * 24 * time.Hour)
	s.want.Overdue = 1
	s.figures("the deadline")

	check := s.Upload("inspector1", s.PhotoFile(rule.Site, 141))
	h = s.hazard(s.App.RejectRectification(s.As("inspector1"), s.RejectInput(h, check)))
	if h.Status != rule.Rectifying || !h.UnderOversight {
		s.t.Errorf("rejected: %s, under oversight %v", h.Status, h.UnderOversight)
	}
	s.want.Overdue = 0 // there is a new deadline
	s.figures("the rejection")

	happened := s.Clock.Now().Add(-30 * time.Minute)
	again := s.announce("officer1", s.PhotoFile(rule.After, 142))
	in := testkit.RectifyInput(h, again)
	in.HappenedAt = &happened
	h = s.hazard(s.App.MarkRectified(s.As("officer1"), in))
	s.figures("the second rectification")
	s.arrive("officer1", again)
	return h
}

// closed: accepted while the checker's own photo is still on the phone, so the
// closure is claimed first and proven later.
func (s *story) closed(h *ent.Hazard) {
	check := s.announce("inspector1", s.PhotoFile(rule.Site, 150))
	h = s.hazard(s.App.AcceptRectification(s.As("inspector1"), testkit.AcceptInput(h, check)))
	if h.Status != rule.Closed || h.UnderOversight || h.ClosedAt == nil {
		s.t.Errorf("accepted: %s, under oversight %v, closed at %v", h.Status, h.UnderOversight, h.ClosedAt)
	}
	s.want.Open, s.want.UnderOversight, s.want.MajorOpen, s.want.Closed = 0, 0, 0, 1
	s.figures("the acceptance")
	s.arrive("inspector1", check)
	s.want.ClosedProven = 1
	s.figures("the arrival of the checker's photo")
}

func (s *story) checkHistory(h *ent.Hazard) {
	events := testkit.Must(s.App.EventsOfHazards(s.As("grid1"), ids(h.ID)))(s.t)
	want := []struct {
		kind  rule.HazardEventKind
		actor string
		queue time.Duration // between what was done and what was heard of it
	}{
		{rule.EventReported, "grid1", time.Hour},
		{rule.EventGraded, "officer1", 0},
		{rule.EventPlacedUnderOversight, "section", 0},
		{rule.EventPlanSubmitted, "officer1", 0},
		{rule.EventPlanApproved, "section", 0},
		{rule.EventRectified, "officer1", 0},
		{rule.EventRejected, "inspector1", 0},
		{rule.EventRectified, "officer1", 30 * time.Minute},
		{rule.EventAccepted, "inspector1", 0},
	}
	if len(events) != len(want) {
		s.t.Fatalf("%d events, want %d", len(events), len(want))
	}
	received := testkit.Start.Add(-time.Second)
	for i, e := range events {
		w := want[i]
		if e.Sequence != i+1 || e.Kind != w.kind || e.ActorID != s.User(w.actor).ID {
			s.t.Errorf("event %d is %d %s by %s, want %s by %s", i+1, e.Sequence, e.Kind, e.ActorID, w.kind, w.actor)
		}
		if !e.ReceivedAt.After(received) || e.ReceivedAt.Sub(e.HappenedAt) != w.queue {
			s.t.Errorf("event %d happened %s, was received %s, after one of %s", i+1, e.HappenedAt, e.ReceivedAt, received)
		}
		received = e.ReceivedAt
	}
}

// checkStores is `cleargrid verify`: figures, rows and objects agree.
func (s *story) checkStores() {
	if v := testkit.Must(s.App.VerifyFigures(s.System()))(s.t); len(v.Differences) > 0 {
		s.t.Errorf("figures: %q", v.Differences)
	}
	v := testkit.Must(s.App.VerifyEvidence(s.System(), evidence.EvidenceCheck{Share: 1}, evidence.Verification{}))(s.t)
	objects := 0
	for _, e := range testkit.Must(s.Store.Ent.Evidence.Query().All(s.System()))(s.t) {
		objects += 1 + len(e.Renditions)
	}
	if len(v.Differences) > 0 || v.Rows != 22 || v.Objects != objects || v.Hashed != v.Rows || objects <= v.Rows {
		s.t.Errorf("evidence: %+v, want 22 rows with %d objects", v, objects)
	}
}

// TestProofInAnyOrder submits a report before and after its photos arrive.
func TestProofInAnyOrder(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for name, first := range map[string]bool{"media first": true, "media late": false} {
			account, school := "officer1", e.School
			if first {
				account, school = "officer2", e.Other
			}
			ctx := e.As(account)
			r := startInspection(t, e, account, school)
			in, photos := findings(e, r)
			if _, err := e.App.RecordFindings(ctx, in); err != nil {
				t.Fatal(err)
			}
			submit := func() {
				s := app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}
				if _, err := e.App.SubmitInspectionReport(ctx, s); err != nil {
					t.Fatal(err)
				}
			}
			if first {
				photos[1:].prove(t, e, account, school)
				photos[:1].arrive(ctx, t, e, school)
			}
			d := testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t)
			if f := d.Total; f.SchoolsSelfClaimed != 0 || f.SchoolsSelfProven != 0 {
				t.Errorf("%s: before the submission: %+v", name, f)
			}
			submit()
			d = testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t)
			if f := d.Total; f.SchoolsSelfClaimed != 1 || (f.SchoolsSelfProven == 1) != first {
				t.Errorf("%s: after the submission: %+v", name, f)
			}
			if !first {
				photos[1:].prove(t, e, account, school)
				photos[:1].arrive(ctx, t, e, school)
			}
			d = testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t)
			if f := d.Total; f.SchoolsSelfClaimed != 1 || f.SchoolsSelfProven != 1 {
				t.Errorf("%s: at the end: %+v", name, f)
			}
		}
		testkit.NoDifference(t, e)
	})
}

// TestSupervision: a visit counts as proven with its evidence and a check-in on
// the school's boundary, and as claimed anywhere else.
func TestSupervision(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("inspector1")
		visit := func(school *ent.School, north float64) {
			r := testkit.Must(e.App.StartInspection(ctx, app.StartInspectionInput{
				ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: school.PublicID(), Kind: rule.Supervision,
				CheckIn: &geo.Point{Latitude: *school.Latitude + north, Longitude: *school.Longitude},
			}))(t)
			in, photos := findings(e, r)
			testkit.Must(e.App.RecordFindings(ctx, in))(t)
			site, film := testkit.Promise(), testkit.File{ID: testkit.Promise(), School: school, Kind: rule.Video, Stage: rule.Site}
			testkit.Must(e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{
				CommandID: id.New(id.Command), ReportID: r.PublicID(), EvidenceIDs: []id.ID{site, film.ID},
			}))(t)
			append(photos, site).prove(t, e, "inspector1", school)
			proven(t, e, "inspector1", film)
		}
		visit(e.School, 0)
		visit(e.Other, 0.5)
		f := testkit.Must(e.App.Dashboard(e.As("section"), figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t).Total
		if f.SchoolsVisitedClaimed != 2 || f.SchoolsVisitedProven != 1 || f.SchoolsSelfClaimed != 0 {
			t.Errorf("figures: %+v", f)
		}
		testkit.NoDifference(t, e)

		// The school cannot inspect itself in the team's stead.
		_, err := e.App.StartInspection(e.As("officer1"), app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.Supervision,
			CheckIn: &geo.Point{Latitude: *e.School.Latitude, Longitude: *e.School.Longitude},
		})
		testkit.Refused(t, err, fault.Forbidden, "")
		// What a team finds wants a video beside the photo.
		photo := testkit.Must(e.Announce(ctx, e.PhotoFile(rule.Before, 2)))(t).Evidence
		in := e.HazardInput(photo.PublicID())
		_, err = e.App.ReportHazard(ctx, in)
		testkit.Refused(t, err, fault.EvidenceMissing, "")
		in.EvidenceIDs = append(in.EvidenceIDs, testkit.Promise())
		if h := testkit.Must(e.App.ReportHazard(ctx, in))(t); h.Source != rule.FoundBySupervision {
			t.Errorf("found by %s", h.Source)
		}
	})
}
