package app_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// scene is a school with hazards at every stage, for commands that are refused.
type scene struct {
	*testkit.Env
	reported, major, underOversight, planned, approved, rectified *ent.Hazard
	foreign                                                       *ent.Hazard // of the other school
	foreignGrid                                                   id.ID
	report                                                        *ent.InspectionReport
	finding                                                       app.FindingInput
	before                                                        testkit.File
	beforeID, foreignPhoto                                        id.ID
}

func newScene(t *testing.T, e *testkit.Env) *scene {
	t.Helper()
	s := &scene{
		Env: e, reported: e.Reported(), major: e.Major(), underOversight: e.UnderOversight(), planned: e.Planned(), approved: e.Approved(), rectified: e.Rectified(),
	}
	s.before = e.PhotoFile(rule.Before, 10)
	s.beforeID = e.Upload("officer1", s.before)
	in := e.HazardInput()
	in.SchoolID, in.GridID, in.Place = e.Other.PublicID(), nil, new("校门口")
	s.foreign = testkit.Must(e.App.ReportHazard(e.As("officer2"), in))(t)
	grids := testkit.Must(e.App.GridsOfSchools(e.As("officer2"), ids(e.Other.ID)))(t)
	s.foreignGrid = grids[0].PublicID()
	f := e.PhotoFile(rule.Before, 18)
	f.School = e.Other
	s.foreignPhoto = testkit.Must(e.Announce(e.As("officer2"), f))(t).Evidence.PublicID()
	s.report = startInspection(t, e, "officer1", e.School)
	all, _ := findings(e, s.report)
	s.finding, all.Findings = all.Findings[0], all.Findings[:1]
	testkit.Must(e.App.RecordFindings(e.As("officer1"), all))(t)
	return s
}

// refusal is one bad command and what its answer must be.
type refusal struct {
	name  string
	kind  fault.Kind
	field string
	do    func(s *scene) error
}

func TestRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		s := newScene(t, e)
		e.Work() // files are graded
		_, err := e.App.AcceptRectification(e.As("officer1"), testkit.AcceptInput(s.rectified, testkit.Promise()))
		testkit.Refused(t, err, fault.Forbidden, "") // logged as a case once a day, so not again below
		before := e.Rows()
		for _, r := range slices.Concat(badReports, badInspections, badCommands, badPlans, badEvidence, forbidden, badPages) {
			t.Run(r.name, func(t *testing.T) {
				testkit.Refused(t, r.do(s), r.kind, r.field)
				testkit.Unchanged(t, e, before)
			})
		}
	})
}

// reporting changes one thing of a good report of a hazard by officer1.
func reporting(change func(s *scene, in *app.ReportHazardInput)) func(*scene) error {
	return func(s *scene) error {
		in := s.HazardInput()
		change(s, &in)
		_, err := s.App.ReportHazard(s.As("officer1"), in)
		return err
	}
}

var badReports = []refusal{
	{"a school nobody knows", fault.NotFound, "input.schoolId", reporting(func(_ *scene, in *app.ReportHazardInput) { in.SchoolID = id.New(id.School) })},
	{"another school", fault.NotFound, "input.schoolId", reporting(func(s *scene, in *app.ReportHazardInput) { in.SchoolID = s.Other.PublicID() })},
	{"a campaign nobody knows", fault.NotFound, "input.campaignId", reporting(func(_ *scene, in *app.ReportHazardInput) { in.CampaignID = id.New(id.Campaign) })},
	{"a grid nobody knows", fault.NotFound, "input.gridId", reporting(func(_ *scene, in *app.ReportHazardInput) { in.GridID = new(id.New(id.Grid)) })},
	{"a grid out of sight", fault.NotFound, "input.gridId", reporting(func(s *scene, in *app.ReportHazardInput) { in.GridID = &s.foreignGrid })},
	{"another school's grid in sight", fault.BadUserInput, "input.gridId", func(s *scene) error {
		in := s.HazardInput()
		in.GridID = &s.foreignGrid
		_, err := s.App.ReportHazard(s.As("inspector1"), in)
		return err
	}},
	{"a report nobody knows", fault.NotFound, "input.reportId", reporting(func(_ *scene, in *app.ReportHazardInput) { in.ReportID = new(id.New(id.Report)) })},
	{"a finding nobody knows", fault.NotFound, "input.findingId", reporting(func(_ *scene, in *app.ReportHazardInput) { in.FindingID = new(id.New(id.Finding)) })},
	{"wrong noun of the hazard", fault.BadUserInput, "input.id", reporting(func(_ *scene, in *app.ReportHazardInput) { in.ID = id.New(id.Report) })},
	{"wrong noun of the campaign", fault.BadUserInput, "input.campaignId", reporting(func(s *scene, in *app.ReportHazardInput) { in.CampaignID = s.School.PublicID() })},
	{"wrong noun of the school", fault.BadUserInput, "input.schoolId", reporting(func(s *scene, in *app.ReportHazardInput) { in.SchoolID = s.Grid.PublicID() })},
	{"wrong noun of the grid", fault.BadUserInput, "input.gridId", reporting(func(s *scene, in *app.ReportHazardInput) { in.GridID = new(s.School.PublicID()) })},
	{"wrong noun of evidence", fault.BadUserInput, "input.evidenceIds[1]", reporting(func(_ *scene, in *app.ReportHazardInput) {
		in.EvidenceIDs = []id.ID{testkit.Promise(), id.New(id.Hazard)}
	})},
	{"no id", fault.BadUserInput, "input.id", reporting(func(_ *scene, in *app.ReportHazardInput) { in.ID = id.ID{} })},
	{"discovered tomorrow", fault.BadUserInput, "input.discoveredAt", reporting(func(s *scene, in *app.ReportHazardInput) { in.DiscoveredAt = s.Clock.Now().AddDate(0, 0, 1) })},
	{"unknown category", fault.BadUserInput, "input.category", reporting(func(_ *scene, in *app.ReportHazardInput) { in.Category = "WEATHER" })},
	{"no description", fault.BadUserInput, "input.description", reporting(func(_ *scene, in *app.ReportHazardInput) { in.Description = " \n" })},
	{"long description", fault.BadUserInput, "input.description", reporting(func(_ *scene, in *app.ReportHazardInput) { in.Description = strings.Repeat("火", 4001) })},
	{"NUL in the description", fault.BadUserInput, "input.description", reporting(func(_ *scene, in *app.ReportHazardInput) { in.Description = "a\x00b" })},
	{"NUL in the category", fault.BadUserInput, "input.category", reporting(func(_ *scene, in *app.ReportHazardInput) { in.Category = "FIRE\x00" })},
	{"broken UTF-8 in the place", fault.BadUserInput, "input.place", reporting(func(_ *scene, in *app.ReportHazardInput) { in.Place = new("a\xff") })},
	{"neither grid nor place", fault.BadUserInput, "input.place", reporting(func(_ *scene, in *app.ReportHazardInput) { in.GridID = nil })},
	{"no photo", fault.EvidenceMissing, "", reporting(func(_ *scene, in *app.ReportHazardInput) { in.EvidenceIDs = nil })},
	{"the same photo twice", fault.BadUserInput, "input.evidenceIds[1]", reporting(func(s *scene, in *app.ReportHazardInput) {
		in.EvidenceIDs = []id.ID{s.beforeID, s.beforeID}
	})},
	{"another school's photo out of sight", fault.NotFound, "input.evidenceIds[0]", reporting(func(s *scene, in *app.ReportHazardInput) {
		in.EvidenceIDs = []id.ID{s.foreignPhoto}
	})},
	{"another school's photo in sight", fault.BadUserInput, "input.evidenceIds[0]", func(s *scene) error {
		in := s.OversightInput(s.major)
		in.EvidenceIDs = []id.ID{s.foreignPhoto}
		_, err := s.App.PlaceUnderOversight(s.As("section"), in)
		return err
	}},
}

// recording changes one thing of a good record of a finding by officer1.
func recording(change func(s *scene, in *app.RecordFindingsInput)) func(*scene) error {
	return func(s *scene) error {
		in := app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: s.report.PublicID(), Findings: []app.FindingInput{s.finding}}
		change(s, &in)
		_, err := s.App.RecordFindings(s.As("officer1"), in)
		return err
	}
}

// starting changes one thing of a good start of an inspection by officer1.
func starting(change func(s *scene, in *app.StartInspectionInput)) func(*scene) error {
	return func(s *scene) error {
		in := app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: s.Campaign.PublicID(), SchoolID: s.School.PublicID(), Kind: rule.SelfInspection,
		}
		change(s, &in)
		_, err := s.App.StartInspection(s.As("officer1"), in)
		return err
	}
}

var badInspections = []refusal{
	{"start in another school", fault.NotFound, "input.schoolId", starting(func(s *scene, in *app.StartInspectionInput) { in.SchoolID = s.Other.PublicID() })},
	{"start in another school's grid", fault.NotFound, "input.gridId", starting(func(s *scene, in *app.StartInspectionInput) { in.GridID = &s.foreignGrid })},
	{"start tomorrow", fault.BadUserInput, "input.startedAt", starting(func(s *scene, in *app.StartInspectionInput) { in.StartedAt = new(s.Clock.Now().Add(time.Hour)) })},
	{"supervision without check-in", fault.BadUserInput, "input.checkIn", starting(func(_ *scene, in *app.StartInspectionInput) { in.Kind = rule.Supervision })},
	{"findings of a report nobody knows", fault.NotFound, "input.reportId", recording(func(_ *scene, in *app.RecordFindingsInput) { in.ReportID = id.New(id.Report) })},
	{"no findings", fault.BadUserInput, "input.findings", recording(func(_ *scene, in *app.RecordFindingsInput) { in.Findings = nil })},
	{"an item nobody knows", fault.NotFound, "input.findings[0].itemId", recording(func(_ *scene, in *app.RecordFindingsInput) {
		in.Findings[0].ID, in.Findings[0].ItemID = id.New(id.Finding), id.New(id.ChecklistItem)
	})},
	{"wrong noun of an item", fault.BadUserInput, "input.findings[0].itemId", recording(func(_ *scene, in *app.RecordFindingsInput) { in.Findings[0].ItemID = id.New(id.Checklist) })},
	{"a finding moved to another item", fault.BadUserInput, "input.findings[0].itemId", recording(func(s *scene, in *app.RecordFindingsInput) { in.Findings[0].ItemID = s.Items()[4].PublicID() })},
	{"an item under a second id", fault.Conflict, "", recording(func(_ *scene, in *app.RecordFindingsInput) { in.Findings[0].ID = id.New(id.Finding) })},
	{"an item twice in one command", fault.BadUserInput, "input.findings[1]", recording(func(_ *scene, in *app.RecordFindingsInput) { in.Findings = append(in.Findings, in.Findings[0]) })},
	{"long note", fault.BadUserInput, "input.findings[0].note", recording(func(_ *scene, in *app.RecordFindingsInput) { in.Findings[0].Note = new(strings.Repeat("x", 4001)) })},
	{"NUL in a note", fault.BadUserInput, "input.findings[0].note", recording(func(_ *scene, in *app.RecordFindingsInput) { in.Findings[0].Note = new("\x00") })},
	{"another school's grid", fault.NotFound, "input.findings[0].gridId", recording(func(s *scene, in *app.RecordFindingsInput) { in.Findings[0].GridID = &s.foreignGrid })},
	{"another school's photo in a finding", fault.NotFound, "input.findings[0].evidenceIds[0]", recording(func(s *scene, in *app.RecordFindingsInput) {
		in.Findings[0].EvidenceIDs = []id.ID{s.foreignPhoto}
	})},
	{"findings by somebody else", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.RecordFindings(s.As("principal1"), app.RecordFindingsInput{
			CommandID: id.New(id.Command), ReportID: s.report.PublicID(), Findings: []app.FindingInput{s.finding},
		})
		return err
	}},
	{"an old version of the report", fault.Conflict, "", recording(func(_ *scene, in *app.RecordFindingsInput) { in.ExpectedVersion = new(1) })},
	{"submission of a report out of sight", fault.NotFound, "input.reportId", func(s *scene) error {
		_, err := s.App.SubmitInspectionReport(s.As("officer2"), app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: s.report.PublicID()})
		return err
	}},
}

// oversightOrder changes one thing of a good oversight order by officer1.
func oversightOrder(change func(s *scene, in *app.PlaceUnderOversightInput)) func(*scene) error {
	return func(s *scene) error {
		in := s.OversightInput(s.reported)
		change(s, &in)
		_, err := s.App.PlaceUnderOversight(s.As("officer1"), in)
		return err
	}
}

var badCommands = []refusal{
	{"a hazard nobody knows", fault.NotFound, "input.hazardId", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.HazardID = id.New(id.Hazard) })},
	{"another school's hazard", fault.NotFound, "input.hazardId", oversightOrder(func(s *scene, in *app.PlaceUnderOversightInput) { in.HazardID = s.foreign.PublicID() })},
	{"wrong noun of the hazard in a command", fault.BadUserInput, "input.hazardId", oversightOrder(func(s *scene, in *app.PlaceUnderOversightInput) { in.HazardID = s.report.PublicID() })},
	{"wrong noun of the command", fault.BadUserInput, "input.commandId", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.CommandID = id.New(id.Hazard) })},
	{"happened tomorrow", fault.BadUserInput, "input.happenedAt", oversightOrder(func(s *scene, in *app.PlaceUnderOversightInput) { in.HappenedAt = new(s.Clock.Now().AddDate(0, 0, 1)) })},
	{"oversight order without measures", fault.BadUserInput, "input.protectiveMeasures", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.ProtectiveMeasures = "" })},
	{"oversight order without deadline", fault.BadUserInput, "input.deadlineOn", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.DeadlineOn = "" })},
	{"oversight order until yesterday", fault.BadUserInput, "input.deadlineOn", oversightOrder(func(s *scene, in *app.PlaceUnderOversightInput) { in.DeadlineOn = s.Today().AddDays(-1) })},
	{"oversight order until no date", fault.BadUserInput, "input.deadlineOn", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.DeadlineOn = "2026-02-30" })},
	{"oversight order until the year 9999", fault.BadUserInput, "input.deadlineOn", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.DeadlineOn = "9999-12-31" })},
	{"responsible: nobody known", fault.NotFound, "input.responsibleId", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.ResponsibleID = id.New(id.User) })},
	{"responsible: of another school", fault.NotFound, "input.responsibleId", oversightOrder(func(s *scene, in *app.PlaceUnderOversightInput) { in.ResponsibleID = s.User("officer2").PublicID() })},
	{"supervisor: nobody known", fault.NotFound, "input.supervisorId", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.SupervisorID = new(id.New(id.User)) })},
	{"oversight order without photo", fault.EvidenceMissing, "", oversightOrder(func(_ *scene, in *app.PlaceUnderOversightInput) { in.EvidenceIDs = nil })},
	{"an old version of the hazard", fault.Conflict, "", oversightOrder(func(s *scene, in *app.PlaceUnderOversightInput) { in.ExpectedVersion = new(s.reported.Version - 1) })},
	{"a second oversight order", fault.InvalidTransition, "", func(s *scene) error {
		_, err := s.App.PlaceUnderOversight(s.As("officer1"), s.OversightInput(s.underOversight))
		return stateNamed(err, rule.Rectifying, rule.EventPlanSubmitted)
	}},
	{"acceptance of what is not rectified", fault.InvalidTransition, "", func(s *scene) error {
		_, err := s.App.AcceptRectification(s.As("inspector1"), testkit.AcceptInput(s.reported, testkit.Promise()))
		return stateNamed(err, rule.Reported, rule.EventPlacedUnderOversight)
	}},
	{"rectified without an approved plan", fault.InvalidTransition, "", func(s *scene) error {
		_, err := s.App.MarkRectified(s.As("officer1"), testkit.RectifyInput(s.planned, testkit.Promise()))
		return stateNamed(err, rule.Rectifying, rule.EventPlanApproved)
	}},
	{"a major hazard rectified at once", fault.InvalidTransition, "", func(s *scene) error {
		_, err := s.App.MarkRectified(s.As("officer1"), testkit.RectifyInput(s.major, testkit.Promise()))
		return stateNamed(err, rule.Reported, rule.EventPlacedUnderOversight)
	}},
	{"rectified without saying how", fault.BadUserInput, "input.measuresTaken", func(s *scene) error {
		_, err := s.App.MarkRectified(s.As("officer1"), app.MarkRectifiedInput{HazardCommand: testkit.Command(s.approved, testkit.Promise())})
		return err
	}},
	{"rejection without a reason", fault.BadUserInput, "input.reason", func(s *scene) error {
		in := s.RejectInput(s.rectified, testkit.Promise())
		in.Reason = ""
		_, err := s.App.RejectRectification(s.As("inspector1"), in)
		return err
	}},
	{"rejection without a new deadline", fault.BadUserInput, "input.newDeadlineOn", func(s *scene) error {
		in := s.RejectInput(s.rectified, testkit.Promise())
		in.NewDeadlineOn = ""
		_, err := s.App.RejectRectification(s.As("inspector1"), in)
		return err
	}},
	{"acceptance without a photo", fault.EvidenceMissing, "", func(s *scene) error {
		in := testkit.AcceptInput(s.rectified, testkit.Promise())
		in.EvidenceIDs = nil
		_, err := s.App.AcceptRectification(s.As("inspector1"), in)
		return err
	}},
	{"duplicate of itself", fault.BadUserInput, "input.duplicateOfId", func(s *scene) error {
		_, err := s.App.VoidHazard(s.As("section"), app.VoidHazardInput{
			HazardCommand: testkit.Command(s.reported), Reason: "重复", DuplicateOfID: new(s.reported.PublicID()),
		})
		return err
	}},
	{"duplicate of another school's hazard", fault.BadUserInput, "input.duplicateOfId", func(s *scene) error {
		_, err := s.App.VoidHazard(s.As("section"), app.VoidHazardInput{
			HazardCommand: testkit.Command(s.reported), Reason: "重复", DuplicateOfID: new(s.foreign.PublicID()),
		})
		return err
	}},
	{"evidence where none is asked", fault.BadUserInput, "input.evidenceIds", func(s *scene) error {
		_, err := s.App.RequestVoid(s.As("officer1"), app.RequestVoidInput{HazardCommand: testkit.Command(s.reported, testkit.Promise()), Reason: "不是隐患"})
		return err
	}},
	{"supplement of a step not taken", fault.BadUserInput, "input.step", func(s *scene) error {
		return s.App.SupplementEvidence(s.As("officer1"), app.SupplementEvidenceInput{
			CommandID: id.New(id.Command), SubjectID: s.reported.PublicID(), Step: new(rule.StepRectify), EvidenceIDs: []id.ID{testkit.Promise()},
		})
	}},
	{"supplement of no step", fault.BadUserInput, "input.step", func(s *scene) error {
		return s.App.SupplementEvidence(s.As("officer1"), app.SupplementEvidenceInput{
			CommandID: id.New(id.Command), SubjectID: s.underOversight.PublicID(), Step: new(rule.EvidenceStep("")), EvidenceIDs: []id.ID{testkit.Promise()},
		})
	}},
	{"supplement of a school", fault.BadUserInput, "input.subjectId", func(s *scene) error {
		return s.App.SupplementEvidence(s.As("officer1"), app.SupplementEvidenceInput{
			CommandID: id.New(id.Command), SubjectID: s.School.PublicID(), EvidenceIDs: []id.ID{testkit.Promise()},
		})
	}},
}

// stateNamed turns an INVALID_TRANSITION that does not name the state and an
// allowed event into another error.
func stateNamed(err error, state rule.HazardStatus, allowed rule.HazardEventKind) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.InvalidTransition {
		return err
	}
	events, _ := f.Detail["allowedEvents"].([]rule.HazardEventKind)
	if f.Detail["state"] != string(state) || !slices.Contains(events, allowed) {
		return errors.New("the refusal does not name the state and the allowed events")
	}
	return err
}

// planning changes one thing of a good plan by officer1.
func planning(change func(s *scene, in *app.SubmitRectificationPlanInput)) func(*scene) error {
	return func(s *scene) error {
		in := s.PlanInput(s.underOversight)
		change(s, &in)
		_, err := s.App.SubmitRectificationPlan(s.As("officer1"), in)
		return err
	}
}

var badPlans = []refusal{
	{"plan without responsible person", fault.BadUserInput, "input.responsibleId", planning(func(_ *scene, in *app.SubmitRectificationPlanInput) { in.ResponsibleID = id.ID{} })},
	{"plan without measures", fault.BadUserInput, "input.measures", planning(func(_ *scene, in *app.SubmitRectificationPlanInput) { in.Measures = "" })},
	{"plan without funds", fault.BadUserInput, "input.fundsFen", planning(func(_ *scene, in *app.SubmitRectificationPlanInput) { in.FundsFen = -1 })},
	{"plan without time limit", fault.BadUserInput, "input.completeBy", planning(func(_ *scene, in *app.SubmitRectificationPlanInput) { in.CompleteBy = "" })},
	{"plan without contingency", fault.BadUserInput, "input.contingencyPlan", planning(func(_ *scene, in *app.SubmitRectificationPlanInput) { in.ContingencyPlan = "" })},
	{"plan until yesterday", fault.BadUserInput, "input.completeBy", planning(func(s *scene, in *app.SubmitRectificationPlanInput) { in.CompleteBy = s.Today().AddDays(-1) })},
	{"plan beyond the deadline", fault.BadUserInput, "input.completeBy", planning(func(s *scene, in *app.SubmitRectificationPlanInput) { in.CompleteBy = s.Today().AddDays(8) })},
	{"plan with a stranger", fault.NotFound, "input.responsibleId", planning(func(s *scene, in *app.SubmitRectificationPlanInput) { in.ResponsibleID = s.User("officer2").PublicID() })},
	{"plan under the wrong noun", fault.BadUserInput, "input.planId", planning(func(_ *scene, in *app.SubmitRectificationPlanInput) { in.PlanID = id.New(id.Command) })},
	{"plan returned without a reason", fault.BadUserInput, "input.note", func(s *scene) error {
		_, err := s.App.ReturnRectificationPlan(s.As("section"), app.DecidePlanInput{HazardCommand: testkit.Command(s.planned)})
		return err
	}},
	{"no plan to approve", fault.InvalidTransition, "", func(s *scene) error {
		_, err := s.App.ApproveRectificationPlan(s.As("section"), app.DecidePlanInput{HazardCommand: testkit.Command(s.underOversight)})
		return err
	}},
	{"no extension to decide", fault.InvalidTransition, "", func(s *scene) error {
		_, err := s.App.DecideExtension(s.As("section"), app.DecideExtensionInput{HazardCommand: testkit.Command(s.underOversight), Grant: true})
		return err
	}},
	{"extension that is none", fault.BadUserInput, "input.untilOn", func(s *scene) error {
		_, err := s.App.RequestExtension(s.As("officer1"), app.RequestExtensionInput{
			HazardCommand: testkit.Command(s.underOversight), ExtensionID: id.New(id.Extension), UntilOn: s.underOversight.DeadlineOn, Reason: "等待配件",
		})
		return err
	}},
}

// announcing changes one thing of a good announcement by officer1.
func announcing(change func(s *scene, in *evidence.AnnounceEvidenceInput)) func(*scene) error {
	return func(s *scene) error {
		f := s.before
		f.ID = testkit.Promise()
		in := testkit.Announcement(s.School, f)
		change(s, &in)
		_, err := s.App.AnnounceEvidence(s.As("officer1"), in)
		return err
	}
}

func named(name string) func(*scene) error {
	return announcing(func(_ *scene, in *evidence.AnnounceEvidenceInput) { in.FileName = name })
}

var badEvidence = []refusal{
	{"no file name", fault.BadUserInput, "input.fileName", named("")},
	{"a path", fault.BadUserInput, "input.fileName", named("../photo.jpg")},
	{"a path of Windows", fault.BadUserInput, "input.fileName", named(`..\photo.jpg`)},
	{"the folder above", fault.BadUserInput, "input.fileName", named("..")},
	{"NUL in the name", fault.BadUserInput, "input.fileName", named("photo\x00.jpg")},
	{"a right-to-left mark", fault.BadUserInput, "input.fileName", named("photo\u202egpj.exe")},
	{"a name of 5000 characters", fault.BadUserInput, "input.fileName", named(strings.Repeat("x", 5000))},
	{"broken UTF-8", fault.BadUserInput, "input.fileName", named("a\xff.jpg")},
	{"unsupported type", fault.BadUserInput, "input.mediaType", announcing(func(_ *scene, in *evidence.AnnounceEvidenceInput) { in.MediaType = "image/svg+xml" })},
	{"a video's type for a photo", fault.BadUserInput, "input.mediaType", announcing(func(_ *scene, in *evidence.AnnounceEvidenceInput) { in.MediaType = "video/mp4" })},
	{"an empty file", fault.BadUserInput, "input.size", announcing(func(_ *scene, in *evidence.AnnounceEvidenceInput) { in.Size = 0 })},
	{"a file larger than the policy", fault.BadUserInput, "input.size", announcing(func(s *scene, in *evidence.AnnounceEvidenceInput) {
		in.Size = s.Campaign.Policy.WithDefaults().MaxBytes[rule.Photo] + 1
	})},
	{"no hash", fault.BadUserInput, "input.sha256", announcing(func(_ *scene, in *evidence.AnnounceEvidenceInput) { in.Sha256 = "" })},
	{"a hash that leads out", fault.BadUserInput, "input.sha256", announcing(func(_ *scene, in *evidence.AnnounceEvidenceInput) { in.Sha256 = "../" + in.Sha256[3:] })},
	{"evidence for another school", fault.NotFound, "input.schoolId", announcing(func(s *scene, in *evidence.AnnounceEvidenceInput) { in.SchoolID = s.Other.PublicID() })},
	{"an id in use elsewhere", fault.IdempotencyMismatch, "", announcing(func(s *scene, in *evidence.AnnounceEvidenceInput) { in.ID = s.foreignPhoto })},
	{"completing what nobody announced", fault.NotFound, "", func(s *scene) error {
		_, err := s.App.CompleteEvidence(s.As("officer1"), evidence.CompleteEvidenceInput{ID: testkit.Promise()})
		return err
	}},
	{"completing another school's file", fault.NotFound, "", func(s *scene) error {
		_, err := s.App.CompleteEvidence(s.As("officer1"), evidence.CompleteEvidenceInput{ID: s.foreignPhoto})
		return err
	}},
	{"completing somebody else's file", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.CompleteEvidence(s.As("section"), evidence.CompleteEvidenceInput{ID: s.foreignPhoto})
		return err
	}},
	{"completing before the bytes", fault.EvidenceMissing, "", func(s *scene) error {
		_, err := s.App.CompleteEvidence(s.As("officer2"), evidence.CompleteEvidenceInput{ID: s.foreignPhoto})
		return err
	}},
	{"the photo from before as the photo after", fault.EvidenceMissing, "", func(s *scene) error {
		_, err := s.App.MarkRectified(s.As("officer1"), testkit.RectifyInput(s.approved, s.beforeID))
		return err
	}},
}

var forbidden = []refusal{
	{"nobody", fault.Unauthenticated, "", func(s *scene) error {
		_, err := s.App.ReportHazard(s.Nobody(), s.HazardInput())
		return err
	}},
	{"a recheck by who rectified", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.AcceptRectification(s.As("officer1"), testkit.AcceptInput(s.rectified, testkit.Promise()))
		return err
	}},
	{"rectified by who is not responsible", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.MarkRectified(s.As("principal1"), testkit.RectifyInput(s.approved, testkit.Promise()))
		return err
	}},
	{"a major hazard placed under oversight by the school", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.PlaceUnderOversight(s.As("officer1"), s.OversightInput(s.major))
		return err
	}},
	{"an oversight order by a grid member", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.PlaceUnderOversight(s.As("grid1"), s.OversightInput(s.reported))
		return err
	}},
	{"a void by the school", fault.Forbidden, "", func(s *scene) error {
		_, err := s.App.VoidHazard(s.As("principal1"), app.VoidHazardInput{HazardCommand: testkit.Command(s.reported), Reason: "不是隐患"})
		return err
	}},
	{"a hazard out of a grid by a grid member", fault.Forbidden, "", func(s *scene) error {
		in := s.HazardInput()
		in.GridID, in.Place = nil, new("操场")
		_, err := s.App.ReportHazard(s.As("grid1"), in)
		return err
	}},
}

// pages are wrong for every list.
func pages(p command.PageArgs) func(*scene) error {
	return func(s *scene) error {
		ctx := s.As("officer1")
		_, hazards := s.App.Hazards(ctx, p, nil, nil)
		_, reports := s.App.Reports(ctx, p, nil, nil)
		_, schools := s.App.Schools(ctx, p, nil, nil)
		for _, err := range []error{hazards, reports, schools} {
			if !fault.Is(err, fault.BadUserInput) {
				return err
			}
		}
		return hazards
	}
}

func forged(json string) command.PageArgs {
	return command.PageArgs{First: new(10), After: new(base64.RawURLEncoding.EncodeToString([]byte(json)))}
}

const someID = "01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001"

var badPages = []refusal{
	{"first 0", fault.BadUserInput, "first", pages(command.PageArgs{First: new(0)})},
	{"first -1", fault.BadUserInput, "first", pages(command.PageArgs{First: new(-1)})},
	{"first 201", fault.BadUserInput, "first", pages(command.PageArgs{First: new(201)})},
	{"last 201", fault.BadUserInput, "last", pages(command.PageArgs{Last: new(201)})},
	{"neither first nor last", fault.BadUserInput, "first", pages(command.PageArgs{})},
	{"first and last", fault.BadUserInput, "first", pages(command.PageArgs{First: new(1), Last: new(1)})},
	{"first with before", fault.BadUserInput, "before", pages(command.PageArgs{First: new(1), Before: new("x")})},
	{"last with after", fault.BadUserInput, "after", pages(command.PageArgs{Last: new(1), After: new("x")})},
	{"a cursor that is none", fault.BadUserInput, "after", pages(command.PageArgs{First: new(1), After: new("DROP TABLE")})},
	{"a cursor of nothing", fault.BadUserInput, "after", pages(forged(`{}`))},
	{"a cursor of an unknown order", fault.BadUserInput, "after", pages(forged(`{"f":"PLACE","v":"a","i":"` + someID + `"}`))},
	{"a cursor with no time", fault.BadUserInput, "after", func(s *scene) error {
		_, err := s.App.Hazards(s.As("officer1"), forged(`{"f":"REPORTED_AT","v":"' OR 1=1","i":"`+someID+`"}`), nil, nil)
		return err
	}},
	{"a cursor with NUL", fault.BadUserInput, "after", func(s *scene) error {
		_, err := s.App.Schools(s.As("officer1"), forged(`{"f":"NAME","v":"\u0000","i":"`+someID+`"}`), nil, nil)
		return err
	}},
	{"a cursor of another order", fault.BadUserInput, "after", func(s *scene) error {
		ctx := s.As("officer1")
		p, err := s.App.Hazards(ctx, command.PageArgs{First: new(1)}, nil, nil)
		if err != nil {
			return err
		}
		_, err = s.App.Hazards(ctx, command.PageArgs{First: new(1), After: &p.Cursors[0]}, nil, &app.HazardOrder{Field: "DEADLINE", Direction: command.Ascending})
		return err
	}},
	{"a cursor of another list", fault.BadUserInput, "after", func(s *scene) error {
		ctx := s.As("officer1")
		p, err := s.App.Hazards(ctx, command.PageArgs{First: new(1)}, nil, nil)
		if err != nil {
			return err
		}
		_, err = s.App.Reports(ctx, command.PageArgs{First: new(1), After: &p.Cursors[0]}, nil, nil)
		return err
	}},
	{"a filter with the wrong noun", fault.BadUserInput, "filter.schoolId", func(s *scene) error {
		_, err := s.App.Hazards(s.As("officer1"), command.PageArgs{First: new(1)}, &app.HazardFilter{SchoolID: new(s.Grid.PublicID())}, nil)
		return err
	}},
	{"a filter with NUL", fault.BadUserInput, "filter.category", func(s *scene) error {
		_, err := s.App.Hazards(s.As("officer1"), command.PageArgs{First: new(1)}, &app.HazardFilter{Category: new("\x00")}, nil)
		return err
	}},
	{"a region out of sight", fault.NotFound, "filter.regionId", func(s *scene) error {
		other := id.Of(id.Region, s.Other.RegionID)
		_, err := s.App.Hazards(s.As("officer1"), command.PageArgs{First: new(1)}, &app.HazardFilter{RegionID: &other}, nil)
		return err
	}},
	{"a dashboard of the wrong noun", fault.BadUserInput, "campaignId", func(s *scene) error {
		_, err := s.App.Dashboard(s.As("officer1"), figures.DashboardInput{CampaignID: id.Of(id.School, s.Campaign.ID)})
		return err
	}},
	{"a dashboard of a region out of sight", fault.NotFound, "regionId", func(s *scene) error {
		other := id.Of(id.Region, s.Other.RegionID)
		_, err := s.App.Dashboard(s.As("officer1"), figures.DashboardInput{CampaignID: s.Campaign.PublicID(), RegionID: &other})
		return err
	}},
}

// TestSecondPerson: who asks for something never decides it, whatever other
// office he or she holds.
func TestSecondPerson(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		e.Appoint("officer1", authz.SafetySection)
		ctx := e.As("officer1")
		plan := e.Planned()
		extension := app.RequestExtensionInput{ExtensionID: id.New(id.Extension), UntilOn: e.Today().AddDays(20), Reason: "等待配件"}
		extension.HazardCommand = testkit.Command(e.UnderOversight())
		waits := testkit.Must(e.App.RequestExtension(ctx, extension))(t)
		lower := testkit.Must(e.App.GradeHazard(ctx, app.GradeHazardInput{
			HazardCommand: testkit.Command(e.Major()), Grade: rule.General, Reason: new("危害较小"),
		}))(t)
		before := e.Rows()

		_, err := e.App.ApproveRectificationPlan(ctx, app.DecidePlanInput{HazardCommand: testkit.Command(plan)})
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.ReturnRectificationPlan(ctx, app.DecidePlanInput{HazardCommand: testkit.Command(plan), Note: new("不具体")})
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.DecideExtension(ctx, app.DecideExtensionInput{HazardCommand: testkit.Command(waits), Grant: true})
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.DecideDowngrade(ctx, app.DecideDowngradeInput{HazardCommand: testkit.Command(lower), Approve: true})
		testkit.Refused(t, err, fault.Forbidden, "")
		testkit.Unchanged(t, e, before)

		second := e.As("section")
		h := testkit.Must(e.App.DecideExtension(second, app.DecideExtensionInput{HazardCommand: testkit.Command(waits), Grant: true}))(t)
		if h.DeadlineOn != extension.UntilOn || *h.FirstDeadlineOn == extension.UntilOn {
			t.Errorf("granted: until %s, first %s", h.DeadlineOn, *h.FirstDeadlineOn)
		}
		h = testkit.Must(e.App.DecideDowngrade(second, app.DecideDowngradeInput{HazardCommand: testkit.Command(lower), Approve: true}))(t)
		if h.Grade != rule.General || h.DowngradePending {
			t.Errorf("downgraded: %s, pending %v", h.Grade, h.DowngradePending)
		}
		testkit.NoDifference(t, e)
	})
}

// TestPastTheDeadline: no extension any more, but a plan, for a hazard without
// an approved plan could never be rectified.
func TestPastTheDeadline(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.UnderOversight()
		e.Clock.Set(h.DeadlineOn.End(time.FixedZone("UTC+8", 8*3600)).Add(-time.Second))
		if e.App.Overdue(h, e.Campaign) {
			t.Error("overdue on the last second of its day")
		}
		e.Clock.Advance(time.Second)
		if !e.App.Overdue(h, e.Campaign) {
			t.Error("not overdue on the day after its deadline")
		}
		ctx := e.As("officer1")
		before := e.Rows()
		_, err := e.App.RequestExtension(ctx, app.RequestExtensionInput{
			HazardCommand: testkit.Command(h), ExtensionID: id.New(id.Extension), UntilOn: e.Today().AddDays(5), Reason: "等待配件",
		})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		testkit.Unchanged(t, e, before)
		h = testkit.Must(e.App.SubmitRectificationPlan(ctx, e.PlanInput(h)))(t)
		if !e.App.Overdue(h, e.Campaign) || h.DeadlineOn != *h.FirstDeadlineOn {
			t.Error("a late plan moved the deadline")
		}
	})
}
