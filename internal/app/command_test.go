package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazardevent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/supervision"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// repeatable is one command with content of its own choice: say goes into a text
// of the input, so another word is another content under the same id.
type repeatable struct {
	name, account, other string // other also may do it
	run                  func(ctx context.Context, say string) error
}

// repeatables are all commands, each ready to be done once.
func repeatables(t *testing.T, e *testkit.Env) []repeatable {
	t.Helper()
	var out []repeatable
	add := func(name, account, other string, run func(context.Context, string) error) {
		out = append(out, repeatable{name, account, other, run})
	}

	// What creates a record.
	add("reportHazard", "officer1", "principal1", with(e.HazardInput(), func(in *app.ReportHazardInput, say string) { in.Description = say }, e.App.ReportHazard))
	start := app.StartInspectionInput{ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.SelfInspection}
	add("startInspection", "officer1", "principal1", with(start, func(in *app.StartInspectionInput, say string) {
		if say != "first" {
			in.GridID = new(e.Grid.PublicID())
		}
	}, e.App.StartInspection))
	photo := e.PhotoFile(rule.Site, 2)
	photo.ID = testkit.Promise()
	add("announceEvidence", "officer1", "principal1", with(testkit.Announcement(e.School, photo), func(in *evidence.AnnounceEvidenceInput, say string) { in.FileName = say }, e.App.AnnounceEvidence))

	// What happens in a report.
	r := startInspection(t, e, "officer1", e.School)
	record, _ := findings(e, r)
	add("recordFindings", "officer1", "principal1", with(record, func(in *app.RecordFindingsInput, say string) { in.Findings[0].Note = &say }, e.App.RecordFindings))
	full := startInspection(t, e, "officer1", e.School)
	in, _ := findings(e, full)
	testkit.Must(e.App.RecordFindings(e.As("officer1"), in))(t)
	submit := app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: full.PublicID()}
	add("submitInspectionReport", "officer1", "principal1", with(submit, func(in *app.SubmitInspectionReportInput, say string) {
		if say != "first" {
			in.EvidenceIDs = []id.ID{testkit.Promise()}
		}
	}, e.App.SubmitInspectionReport))

	// What is decided about people, and where a school is.
	boundary := places.ChangeSchoolBoundaryInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), BoundaryMeters: new(200)}
	add("changeSchoolBoundary", "section", "admin", with(boundary, func(in *places.ChangeSchoolBoundaryInput, say string) {
		if say != "first" {
			in.BoundaryMeters = new(250)
		}
	}, e.App.ChangeSchoolBoundary))
	c := lateCase(t, e, "grid1")
	add("appealCase", "grid1", "principal1", with(app.AppealCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID()},
		func(in *app.AppealCaseInput, say string) { in.Statement = say }, e.App.AppealCase))
	add("decideCase", "section", "leader1", with(app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Confirm: true},
		func(in *app.DecideCaseInput, say string) { in.Reason = say }, e.App.DecideCase))
	add("moveSchool", "section", "admin", with(places.MoveSchoolInput{CommandID: id.New(id.Command), SchoolID: emptySchool(t, e).PublicID(), RegionID: id.Of(id.Region, e.School.RegionID)},
		func(in *places.MoveSchoolInput, say string) {
			if say != "first" {
				in.RegionID = id.Of(id.Region, e.Other.RegionID)
			}
		}, e.App.MoveSchool))
	add("closeSchool", "section", "admin", with(places.CloseSchoolInput{CommandID: id.New(id.Command), SchoolID: emptySchool(t, e).PublicID()},
		func(in *places.CloseSchoolInput, say string) {
			if say != "first" {
				in.MergedIntoID = new(e.Other.PublicID())
			}
		}, e.App.CloseSchool))
	return slices.Concat(out, hazardRepeatables(e), teamRepeatables(t, e), placeRepeatables(t, e), noticeRepeatables(t, e), fileRepeatables(t, e))
}

// teamRepeatables are the commands on teams and their visits.
func teamRepeatables(t *testing.T, e *testkit.Env) []repeatable {
	t.Helper()
	var out []repeatable
	add := func(name, account, other string, run func(context.Context, string) error) {
		out = append(out, repeatable{name, account, other, run})
	}
	people := hire(t, e, "new1", "new2")
	form := supervision.FormTeamInput{ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), MemberIDs: people[:1]}
	add("formTeam", "section", "section", with(form, func(in *supervision.FormTeamInput, say string) { in.Name = say }, e.App.FormTeam))
	form.ID, form.Name, form.MemberIDs = id.New(id.Team), "二组", people[1:]
	team := testkit.Must(e.App.FormTeam(e.As("section"), form))(t)
	add("changeTeamMembers", "section", "section", with(supervision.ChangeTeamMembersInput{CommandID: id.New(id.Command), TeamID: team.PublicID(), MemberIDs: people[1:]},
		func(in *supervision.ChangeTeamMembersInput, say string) {
			if say != "first" {
				in.MemberIDs = people[:1]
			}
		}, e.App.ChangeTeamMembers))
	add("changeTeamAreas", "section", "section", with(supervision.ChangeTeamAreasInput{CommandID: id.New(id.Command), TeamID: team.PublicID()},
		func(in *supervision.ChangeTeamAreasInput, say string) {
			if say != "first" {
				in.Areas = []supervision.TeamAreaInput{atSchool(e.School)}
			}
		}, e.App.ChangeTeamAreas))

	plan := propose(t, e)
	visits := visitsOf(t, e, plan)
	add("confirmVisits", "section", "leader1", with(supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: plan.PublicID()},
		func(in *supervision.ConfirmVisitsInput, say string) {
			if say != "first" {
				in.ExpectedVersion = new(1)
			}
		}, e.App.ConfirmVisits))
	add("cancelVisit", "section", "leader1", with(supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: replaceable(t, e, visits).PublicID()},
		func(in *supervision.CancelVisitInput, say string) { in.Reason = say }, e.App.CancelVisit))
	add("replanVisits", "section", "section", with(supervision.ReplanVisitsInput{ID: id.New(id.VisitPlan), PlanID: plan.PublicID()},
		func(in *supervision.ReplanVisitsInput, say string) {
			if say != "first" {
				in.PlanID = id.New(id.VisitPlan)
			}
		}, e.App.ReplanVisits))
	add("proposeVisits", "section", "section", with(proposing(e), func(in *supervision.ProposeVisitsInput, say string) { in.Seed = say }, e.App.ProposeVisits))
	missing := slices.IndexFunc(proofsOf(t, e), func(p *figures.TownshipProof) bool { return len(p.Exemptions) > 0 })
	incomplete := proofsOf(t, e)[missing]
	add("confirmExemption", "section", "leader1", with(supervision.ConfirmExemptionInput{
		ID: id.New(id.SamplingExemption), CampaignID: e.Campaign.PublicID(), RegionID: incomplete.Region.PublicID(), Slot: incomplete.Exemptions[0].Slot,
	}, func(in *supervision.ConfirmExemptionInput, say string) { in.Reason = say }, e.App.ConfirmExemption))
	return out
}

// placeRepeatables are the commands on grids, risks and leading groups.
func placeRepeatables(t *testing.T, e *testkit.Env) []repeatable {
	t.Helper()
	var out []repeatable
	add := func(name string, run func(context.Context, string) error) {
		out = append(out, repeatable{name, "officer1", "principal1", run})
	}
	grids := places.CreateGridsInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), Grids: []places.NewGridInput{{ID: id.New(id.Grid), Code: "80", Kind: "OTHER"}}}
	add("createGrids", func(ctx context.Context, say string) error {
		in := grids
		in.Grids = []places.NewGridInput{grids.Grids[0]}
		in.Grids[0].Name = say
		_, err := e.App.CreateGrids(ctx, in)
		return err
	})
	g := newGrid(t, e, "81", "OTHER", nil)
	assigned := testkit.Must(e.App.AssignGrid(e.As("officer1"), assigning(e, g, "grid1", rule.GridMember, e.Today())))(t)
	add("assignGrid", with(assigning(e, g, "officer1", rule.GridLeader, e.Today()), func(in *places.AssignGridInput, say string) {
		if say != "first" {
			in.ValidUntil = new(in.ValidFrom)
		}
	}, e.App.AssignGrid))
	add("endGridAssignment", with(places.EndGridAssignmentInput{CommandID: id.New(id.Command), AssignmentID: assigned.PublicID(), LastDay: e.Today()},
		func(in *places.EndGridAssignmentInput, say string) { in.Reason = say }, e.App.EndGridAssignment))
	add("closeGrid", with(places.CloseGridInput{CommandID: id.New(id.Command), GridID: newGrid(t, e, "82", "OTHER", nil).PublicID()},
		func(in *places.CloseGridInput, say string) { in.Reason = say }, e.App.CloseGrid))
	add("submitSelfInspection", with(app.SubmitSelfInspectionInput{ID: id.New(id.Submission), SchoolID: e.School.PublicID(), CampaignID: e.Campaign.PublicID()},
		func(in *app.SubmitSelfInspectionInput, say string) { in.Note = &say }, e.App.SubmitSelfInspection))
	add("recordRiskPoint", with(riskInput(e), func(in *places.RecordRiskPointInput, say string) { in.Reason = say }, e.App.RecordRiskPoint))
	p := testkit.Must(e.App.RecordRiskPoint(e.As("officer1"), riskInput(e)))(t)
	cmd := func() places.RiskCommand {
		return places.RiskCommand{CommandID: id.New(id.Command), RiskPointID: p.PublicID()}
	}
	add("assessRiskPoint", with(places.AssessRiskPointInput{RiskCommand: cmd(), Level: rule.RiskRed}, func(in *places.AssessRiskPointInput, say string) { in.Reason = say }, e.App.AssessRiskPoint))
	control := places.RiskControlInput{ID: id.New(id.RiskControl), Kind: rule.ControlTraining}
	add("changeRiskControls", with(places.ChangeRiskControlsInput{RiskCommand: cmd()}, func(in *places.ChangeRiskControlsInput, say string) {
		control.Text = say
		in.Add = []places.RiskControlInput{control}
	}, e.App.ChangeRiskControls))
	add("closeRiskPoint", with(places.CloseRiskPointInput{RiskCommand: cmd()}, func(in *places.CloseRiskPointInput, say string) { in.Reason = say }, e.App.CloseRiskPoint))
	g1 := testkit.Must(e.App.FormLeadingGroup(e.As("section"), groupInput(e, nil, "leader1")))(t)
	out = append(out, repeatable{"dissolveLeadingGroup", "section", "section", with(
		places.DissolveLeadingGroupInput{CommandID: id.New(id.Command), LeadingGroupID: g1.PublicID()},
		func(in *places.DissolveLeadingGroupInput, say string) { in.Reason = say }, e.App.DissolveLeadingGroup)})
	add("formLeadingGroup", with(groupInput(e, e.School, "principal1"), func(in *places.FormLeadingGroupInput, say string) { in.DocumentNumber = &say }, e.App.FormLeadingGroup))
	return out
}

// noticeRepeatables are the commands on notices.
func noticeRepeatables(t *testing.T, e *testkit.Env) []repeatable {
	t.Helper()
	var out []repeatable
	add := func(name, account, other string, run func(context.Context, string) error) {
		out = append(out, repeatable{name, account, other, run})
	}
	draft := func() app.NoticeCommand { return onNotice(drafted(t, e, "inspector1", e.Reported())) }
	running := func() *ent.Notice { return issued(t, e, "inspector1", e.Reported()) }
	add("draftNotice", "inspector1", "section", with(draftInput(e, e.Reported()), func(in *app.DraftNoticeInput, say string) { in.Requirements = say }, e.App.DraftNotice))
	add("reviseNotice", "inspector1", "section", with(app.ReviseNoticeInput{NoticeCommand: draft()},
		func(in *app.ReviseNoticeInput, say string) { in.Requirements = &say }, e.App.ReviseNotice))
	add("discardNotice", "inspector1", "section", with(app.DiscardNoticeInput{NoticeCommand: draft()}, func(in *app.DiscardNoticeInput, say string) {
		if say != "first" {
			in.ExpectedVersion = new(99)
		}
	}, e.App.DiscardNotice))
	add("issueNotice", "inspector1", "section", with(app.IssueNoticeInput{NoticeCommand: draft()}, func(in *app.IssueNoticeInput, say string) {
		if say != "first" {
			in.ExpectedVersion = new(99)
		}
	}, e.App.IssueNotice))
	add("supersedeNotice", "inspector1", "section", with(app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: running().PublicID()},
		func(in *app.SupersedeNoticeInput, say string) { in.Requirements = &say }, e.App.SupersedeNotice))
	add("acknowledgeNotice", "principal1", "principal1", with(
		app.AcknowledgeNoticeInput{NoticeCommand: onNotice(running()), EvidenceIDs: []id.ID{testkit.Promise()}},
		func(in *app.AcknowledgeNoticeInput, say string) { in.Opinion = say }, e.App.AcknowledgeNotice))
	add("refuseNotice", "inspector1", "section", with(app.RefuseNoticeInput{NoticeCommand: onNotice(running()), Witness: "门卫"},
		func(in *app.RefuseNoticeInput, say string) { in.Reason = say }, e.App.RefuseNotice))
	add("replyToNotice", "officer1", "principal1", with(app.ReplyToNoticeInput{NoticeCommand: onNotice(acknowledged(t, e, running()))},
		func(in *app.ReplyToNoticeInput, say string) { in.Reply = say }, e.App.ReplyToNotice))
	first, second := running().PublicID(), running().PublicID()
	add("handInNotices", "inspector1", "leader1", with(app.HandInNoticesInput{CommandID: id.New(id.Command), TeamID: teamOne(t, e).PublicID()},
		func(in *app.HandInNoticesInput, say string) {
			in.NoticeIDs = map[bool][]id.ID{true: {first}, false: {second}}[say == "first"]
		}, e.App.HandInNotices))
	return out
}

// fileRepeatables are the section's decisions about files.
func fileRepeatables(t *testing.T, e *testkit.Env) []repeatable {
	t.Helper()
	var out []repeatable
	add := func(name, account string, of id.ID, run func(context.Context, evidence.EvidenceCommandInput) (*ent.Evidence, error)) {
		out = append(out, repeatable{name, account, account, with(keep(of, ""), func(in *evidence.EvidenceCommandInput, say string) { in.Note = say }, run)})
	}
	f := e.PhotoFile(rule.Site, 4)
	kept := e.Upload("officer1", f)
	f.School = e.Other
	copied := e.Upload("officer2", f)
	out = append(out, repeatable{"reviewEvidence", "section", "section", with(evidence.ReviewEvidenceInput{CommandID: id.New(id.Command), EvidenceID: copied},
		func(in *evidence.ReviewEvidenceInput, say string) { in.Note = say }, e.App.ReviewEvidence)})
	gone := e.Upload("officer1", e.PhotoFile(rule.Site, 5))
	unsealed(t, e, gone)
	for _, x := range []id.ID{kept, gone} { // as if the years had passed
		if err := e.Store.Ent.Evidence.UpdateOneID(x.UUID).SetRetainUntil(e.Clock.Now().Add(-time.Hour)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Must(e.App.RequestEvidenceDestruction(e.As("section"), keep(gone, "保管期满")))(t)
	add("holdEvidence", "section", kept, e.App.HoldEvidence) // each makes ready for the next
	add("releaseEvidence", "section", kept, e.App.ReleaseEvidence)
	add("requestEvidenceDestruction", "section", kept, e.App.RequestEvidenceDestruction)
	add("withdrawEvidenceDestruction", "section", kept, e.App.WithdrawEvidenceDestruction)
	add("approveEvidenceDestruction", "leader1", gone, e.App.ApproveEvidenceDestruction)
	return out
}

// hazardRepeatables are the commands on a hazard.
func hazardRepeatables(e *testkit.Env) []repeatable {
	var out []repeatable
	add := func(name, account, other string, run func(context.Context, string) error) {
		out = append(out, repeatable{name, account, other, run})
	}
	add("gradeHazard", "officer1", "section", with(app.GradeHazardInput{HazardCommand: testkit.Command(e.Reported()), Grade: rule.Major},
		func(in *app.GradeHazardInput, say string) { in.Reason = &say }, e.App.GradeHazard))
	add("addHazardSigns", "officer1", "section", with(app.AddHazardSignsInput{HazardCommand: testkit.Command(e.Reported())}, func(in *app.AddHazardSignsInput, say string) {
		in.Signs = map[bool][]string{true: {"HYDRANT_WITHOUT_WATER"}, false: {"EXIT_BLOCKED"}}[say == "first"]
	}, e.App.AddHazardSigns))
	add("escalateOversight", "section", "section", with(app.EscalateOversightInput{HazardCommand: testkit.Command(e.UnderOversight()), Level: rule.OversightByCity},
		func(in *app.EscalateOversightInput, say string) { in.Reason = say }, e.App.EscalateOversight))
	add("placeUnderOversight", "officer1", "section", with(e.OversightInput(e.Reported()), func(in *app.PlaceUnderOversightInput, say string) { in.ProtectiveMeasures = say }, e.App.PlaceUnderOversight))
	add("submitRectificationPlan", "officer1", "principal1", with(e.PlanInput(e.UnderOversight()), func(in *app.SubmitRectificationPlanInput, say string) { in.Measures = say }, e.App.SubmitRectificationPlan))
	note := func(in *app.DecidePlanInput, say string) { in.Note = &say }
	add("approveRectificationPlan", "section", "inspector1", with(app.DecidePlanInput{HazardCommand: testkit.Command(e.Planned())}, note, e.App.ApproveRectificationPlan))
	add("returnRectificationPlan", "section", "inspector1", with(app.DecidePlanInput{HazardCommand: testkit.Command(e.Planned())}, note, e.App.ReturnRectificationPlan))

	longer := func() app.RequestExtensionInput {
		return app.RequestExtensionInput{HazardCommand: testkit.Command(e.UnderOversight()), ExtensionID: id.New(id.Extension), UntilOn: e.Today().AddDays(20), Reason: "等待配件"}
	}
	add("requestExtension", "officer1", "principal1", with(longer(), func(in *app.RequestExtensionInput, say string) { in.Reason = say }, e.App.RequestExtension))
	asked := testkit.Must(e.App.RequestExtension(e.As("officer1"), longer()))(e.T)
	add("decideExtension", "section", "section", with(app.DecideExtensionInput{HazardCommand: testkit.Command(asked), Grant: true},
		func(in *app.DecideExtensionInput, say string) { in.Note = &say }, e.App.DecideExtension))
	lower := app.GradeHazardInput{HazardCommand: testkit.Command(e.Major()), Grade: rule.General, Reason: new("危害较小")}
	pending := testkit.Must(e.App.GradeHazard(e.As("officer1"), lower))(e.T)
	add("decideDowngrade", "section", "principal1", with(app.DecideDowngradeInput{HazardCommand: testkit.Command(pending), Approve: true},
		func(in *app.DecideDowngradeInput, say string) { in.Note = &say }, e.App.DecideDowngrade))

	add("markRectified", "officer1", "principal1", with(testkit.RectifyInput(e.Approved(), testkit.Promise()), func(in *app.MarkRectifiedInput, say string) { in.MeasuresTaken = say }, e.App.MarkRectified))
	add("acceptRectification", "inspector1", "section", with(testkit.AcceptInput(e.Rectified(), testkit.Promise()), func(in *app.AcceptRectificationInput, say string) { in.Note = &say }, e.App.AcceptRectification))
	add("rejectRectification", "inspector1", "section", with(e.RejectInput(e.Rectified(), testkit.Promise()), func(in *app.RejectRectificationInput, say string) { in.Reason = say }, e.App.RejectRectification))
	add("requestVoid", "officer1", "principal1", with(app.RequestVoidInput{HazardCommand: testkit.Command(e.Reported())}, func(in *app.RequestVoidInput, say string) { in.Reason = say }, e.App.RequestVoid))
	add("voidHazard", "section", "section", with(app.VoidHazardInput{HazardCommand: testkit.Command(e.Reported())}, func(in *app.VoidHazardInput, say string) { in.Reason = say }, e.App.VoidHazard))
	closed := testkit.Must(e.App.AcceptRectification(e.As("section"), testkit.AcceptInput(e.Rectified(), testkit.Promise())))(e.T)
	reopen := app.ReopenHazardInput{HazardCommand: testkit.Command(closed, testkit.Promise()), NewDeadlineOn: e.Today().AddDays(3)}
	add("reopenHazard", "section", "inspector1", with(reopen, func(in *app.ReopenHazardInput, say string) { in.Reason = say }, e.App.ReopenHazard))
	supplement := app.SupplementEvidenceInput{CommandID: id.New(id.Command), SubjectID: e.Reported().PublicID(), Step: new(rule.StepReport)}
	second, third := testkit.Promise(), testkit.Promise()
	add("supplementEvidence", "officer1", "principal1", with(supplement, func(in *app.SupplementEvidenceInput, say string) {
		in.EvidenceIDs = map[bool][]id.ID{true: {second}, false: {third}}[say == "first"]
	}, func(ctx context.Context, in app.SupplementEvidenceInput) (any, error) {
		return nil, e.App.SupplementEvidence(ctx, in)
	}))
	return out
}

// with makes a command that says something in its input.
func with[I, O any](in I, say func(*I, string), run func(context.Context, I) (O, error)) func(context.Context, string) error {
	return func(ctx context.Context, word string) error {
		mine := in
		say(&mine, word)
		_, err := run(ctx, mine)
		return err
	}
}

// notRepeated are the mutations that carry no id of a command, and why.
var notRepeated = map[authz.Action]string{
	authz.SignIn:           "a new session each time",
	authz.RefreshSession:   "uses its token up",
	authz.SignOut:          "ends the session that it came with",
	authz.CompleteEvidence: "says again what is true",
	authz.OpenOriginal:     "each opening is logged",
	authz.UploadEvidence:   "a stream: its announcement is the command",
	authz.SubmitBatch:      "its commands carry their own",
}

// TestRepeats: the same command again changes nothing, other content under its id
// is refused. Every mutation is in it: each has an action of its name.
func TestRepeats(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		all := repeatables(t, e)
		for _, action := range authz.Actions() {
			in := slices.ContainsFunc(all, func(r repeatable) bool { return r.name == string(action) })
			if _, not := notRepeated[action]; !in && !not && !strings.HasPrefix(string(action), "view") || in && not {
				t.Errorf("%s: in the table %v, among those without a command %v", action, in, not)
			}
		}
		for _, r := range all {
			t.Run(r.name, func(t *testing.T) {
				ctx := e.As(r.account)
				if err := r.run(ctx, "first"); err != nil {
					t.Fatal(err)
				}
				e.Clock.Advance(time.Minute)
				e.Work() // what the command set going
				before := e.Rows()
				if err := r.run(ctx, "first"); err != nil {
					t.Errorf("the same again: %v", err)
				}
				testkit.Refused(t, r.run(ctx, "second"), fault.IdempotencyMismatch, "")
				if r.other != r.account {
					testkit.Refused(t, r.run(e.As(r.other), "first"), fault.IdempotencyMismatch, "")
				}
				testkit.Unchanged(t, e, before)
			})
		}
		testkit.NoDifference(t, e)
	})
}

func TestSameCommandAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, in := e.As("officer1"), e.HazardInput()
		for _, err := range testkit.AtOnce(8, func(int) error { _, err := e.App.ReportHazard(ctx, in); return err }) {
			if err != nil {
				t.Errorf("report: %v", err)
			}
		}
		h := testkit.Must(e.App.Hazard(ctx, in.ID))(t)
		list := e.OversightInput(h)
		for _, err := range testkit.AtOnce(8, func(int) error { _, err := e.App.PlaceUnderOversight(ctx, list); return err }) {
			if err != nil {
				t.Errorf("list: %v", err)
			}
		}
		history(t, e, h, rule.EventReported, rule.EventPlacedUnderOversight)
		if d := testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t); d.Total.Found != 1 || d.Total.UnderOversight != 1 {
			t.Errorf("figures: %+v", d.Total)
		}
		testkit.NoDifference(t, e)
	})
}

// history checks the kinds of a hazard's events.
func history(t *testing.T, e *testkit.Env, h *ent.Hazard, want ...rule.HazardEventKind) {
	t.Helper()
	rows := testkit.Must(e.Store.Ent.HazardEvent.Query().Where(hazardevent.HazardID(h.ID)).Order(hazardevent.BySequence()).All(e.System()))(t)
	var got []rule.HazardEventKind
	for i, r := range rows {
		got = append(got, r.Kind)
		if r.Sequence != i+1 {
			t.Errorf("event %d has the sequence %d", i+1, r.Sequence)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

// TestTwoRechecksAtOnce: of two people who decide at the same time one wins.
func TestTwoRechecksAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		inspector, section := e.As("inspector1"), e.As("section")
		for range 4 {
			h := e.Rectified()
			accept, reject := testkit.AcceptInput(h, testkit.Promise()), e.RejectInput(h, testkit.Promise())
			errs := testkit.AtOnce(2, func(i int) (err error) {
				if i == 0 {
					_, err = e.App.AcceptRectification(inspector, accept)
				} else {
					_, err = e.App.RejectRectification(section, reject)
				}
				return err
			})
			lost := errs[0]
			kinds := []rule.HazardEventKind{rule.EventReported, rule.EventPlacedUnderOversight, rule.EventPlanSubmitted, rule.EventPlanApproved, rule.EventRectified}
			if errs[0] == nil {
				lost, kinds = errs[1], append(kinds, rule.EventAccepted)
			} else {
				kinds = append(kinds, rule.EventRejected)
			}
			if (errs[0] == nil) == (errs[1] == nil) || !fault.Is(lost, fault.Conflict) && !fault.Is(lost, fault.InvalidTransition) {
				t.Errorf("accepted: %v, rejected: %v", errs[0], errs[1])
			}
			history(t, e, h, kinds...)
			if rechecks := testkit.Must(e.App.RechecksOfHazards(section, ids(h.ID)))(t); len(rechecks) != 1 {
				t.Errorf("%d rechecks are kept", len(rechecks))
			}
		}
		testkit.NoDifference(t, e)
	})
}

func TestStaleVersion(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		seen := e.Reported()
		ctx := e.As("officer1")
		now := testkit.Must(e.App.GradeHazard(ctx, app.GradeHazardInput{HazardCommand: testkit.Command(seen), Grade: rule.Major}))(t)
		in := e.OversightInput(seen)
		in.ExpectedVersion = &seen.Version
		_, err := e.App.PlaceUnderOversight(e.As("section"), in)
		testkit.Refused(t, err, fault.Conflict, "")
		if v := fault.Of(err).Detail["currentVersion"]; v != now.Version || now.Version == seen.Version {
			t.Errorf("told the version %v, it is %d", v, now.Version)
		}
		in.ExpectedVersion = &now.Version
		testkit.Must(e.App.PlaceUnderOversight(e.As("section"), in))(t)
	})
}

// TestManyReportsAtOnce: the figures add up when a whole school reports at once.
func TestManyReportsAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		major := rule.Major
		people := []context.Context{e.As("officer1"), e.As("principal1"), e.As("grid1")}
		for i, err := range testkit.AtOnce(20, func(i int) error {
			in := e.HazardInput()
			if i%4 == 0 {
				in.Grade = &major
			}
			_, err := e.App.ReportHazard(people[i%3], in)
			return err
		}) {
			if err != nil {
				t.Errorf("report %d: %v", i, err)
			}
		}
		f := testkit.Must(e.App.Dashboard(e.As("section"), figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t).Total
		if f.Found != 20 || f.Open != 20 || f.MajorOpen != 5 {
			t.Errorf("figures: %+v", f)
		}
		testkit.NoDifference(t, e)
	})
}

// TestProofAtOnce: the photos of two reports of one school and of a hazard are
// verified by several workers at the same time.
func TestProofAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		var all promises
		var reports []*ent.InspectionReport
		for range 2 {
			r := startInspection(t, e, "officer1", e.School)
			in, photos := findings(e, r)
			testkit.Must(e.App.RecordFindings(ctx, in))(t)
			testkit.Must(e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}))(t)
			all, reports = append(all, photos...), append(reports, r)
		}
		h := testkit.Must(e.App.ReportHazard(ctx, e.HazardInput(all[0], all[7])))(t)
		all.send(ctx, t, e, e.School)
		e.WorkAtOnce(4)
		for _, r := range reports {
			if r = testkit.Must(e.App.Report(ctx, r.PublicID()))(t); r.ProvenAt == nil {
				t.Errorf("not proven; missing %+v", testkit.Must(e.App.GapsOfReports(ctx, ids(r.ID)))(t)[r.ID])
			}
		}
		if h = testkit.Must(e.App.Hazard(ctx, h.PublicID()))(t); h.Proven {
			t.Error("a hazard is proven by photos of another stage")
		}
		if f := testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t).Total; f.SchoolsSelfClaimed != 1 || f.SchoolsSelfProven != 1 {
			t.Errorf("figures: %+v", f)
		}
		testkit.NoDifference(t, e)
	})
}
