package scope_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// world is a province beside the demo county, with a row of every kind that
// belongs to a person or a place:
//
//	P ─ Y ─┬─ K1 ─┬─ T1 ─┬─ school A
//	       │      │      └─ school A2
//	       │      └─ T2 ─── school B
//	       └─ K2 ─── T3 ─── school C       K2's code begins with that of K1
//
// Rows are known by a label: a school's rows by the school, others by the region
// or the user that they belong to.
type world struct {
	t       *testing.T
	store   *store.Store
	client  *ent.Client
	rows    map[string]map[string]uuid.UUID // kind → label → row
	regions map[string]*ent.Region
	schools map[string]*ent.School
	users   map[string]*ent.User
	months  map[string]*ent.Campaign
	item    uuid.UUID
}

var moment = time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, e *testkit.Env) *world {
	w := &world{
		t: t, store: e.Store, client: e.Store.Ent, rows: map[string]map[string]uuid.UUID{}, regions: map[string]*ent.Region{},
		schools: map[string]*ent.School{}, users: map[string]*ent.User{}, months: map[string]*ent.Campaign{},
	}
	w.places()
	w.people()
	w.campaigns()
	for _, s := range []string{"A", "A2", "B", "C"} {
		w.casework(s)
	}
	w.secrets()
	w.changes()
	return w
}

// ok notes a new row under its label, or ends the test.
func ok[T any](w *world, kind, label string, id func(T) uuid.UUID) func(T, error) T {
	return func(row T, err error) T {
		w.t.Helper()
		if err != nil {
			w.t.Fatalf("%s of %s: %v", kind, label, err)
		}
		if w.rows[kind] == nil {
			w.rows[kind] = map[string]uuid.UUID{}
		}
		w.rows[kind][label] = id(row)
		return row
	}
}

func (w *world) places() {
	ctx := authz.AsSystem(w.t.Context())
	for _, r := range []struct {
		label, code, parent string
		level               rule.RegionLevel
	}{
		{"P", "880000", "", rule.Province},
		{"Y", "880100", "P", rule.City},
		{"K1", "880101", "Y", rule.County},
		{"K2", "8801010", "Y", rule.County},
		{"T1", "880101001", "K1", rule.Township},
		{"T2", "880101002", "K1", rule.Township},
		{"T3", "880101000", "K2", rule.Township},
	} {
		create := w.client.Region.Create().SetCode(r.code).SetName(r.label).SetLevel(r.level)
		path := ""
		if up := w.regions[r.parent]; up != nil {
			path = up.Path
			create.SetParentID(up.ID)
		}
		w.regions[r.label] = ok(w, ent.TypeRegion, r.label, func(x *ent.Region) uuid.UUID { return x.ID })(
			create.SetPath(rule.RegionPath(path, r.code)).Save(ctx))
	}
	for school, township := range map[string]string{"A": "T1", "A2": "T1", "B": "T2", "C": "T3"} {
		r := w.regions[township]
		w.schools[school] = ok(w, ent.TypeSchool, school, func(x *ent.School) uuid.UUID { return x.ID })(
			w.client.School.Create().SetCode("scope-" + school).SetName(school).SetRegionID(r.ID).SetRegionPath(r.Path).
				SetStages([]rule.SchoolStage{rule.Primary}).SetOwnership(rule.Public).SetBoarding(false).SetStudentCount(1).Save(ctx))
	}
}

// staff are the people of the world: a school or a region, and the role there.
var staff = map[string]struct {
	place string
	role  authz.Role
}{
	"officerA": {"A", authz.SchoolSafetyOfficer}, "leaderA": {"A", authz.SchoolLeader}, "gridA": {"A", authz.GridMember},
	"officerA2": {"A2", authz.SchoolSafetyOfficer}, "officerB": {"B", authz.SchoolSafetyOfficer}, "officerC": {"C", authz.SchoolSafetyOfficer},
	"section1": {"K1", authz.SafetySection}, "inspector1": {"K1", authz.Inspector}, "leader1": {"K1", authz.BureauLeader},
	"admin1": {"K1", authz.PlatformAdmin}, "viewer1": {"K1", authz.StatisticsViewer}, "section2": {"K2", authz.SafetySection},
	"city1": {"Y", authz.SafetySection}, "township1": {"T1", authz.StatisticsViewer}, "township2": {"T2", authz.StatisticsViewer},
	"outsider": {},
}

func (w *world) people() {
	ctx := authz.AsSystem(w.t.Context())
	for name, s := range staff {
		u := ok(w, ent.TypeUser, name, func(x *ent.User) uuid.UUID { return x.ID })(
			w.client.User.Create().SetAccount("scope-" + strings.ToLower(name)).SetName(name).Save(ctx))
		w.users[name] = u
		if s.place == "" {
			continue
		}
		g := w.grant(s.role, s.place)
		m := w.client.Membership.Create().SetUserID(u.ID).SetRole(s.role).SetRegionPath(g.RegionPath).SetValidFrom("2020-01-01")
		if g.SchoolID != uuid.Nil {
			m.SetSchoolID(g.SchoolID)
		} else {
			m.SetRegionID(w.regions[s.place].ID)
		}
		ok(w, ent.TypeMembership, name, func(x *ent.Membership) uuid.UUID { return x.ID })(m.Save(ctx))
	}
}

// grant is a role in a school or a region.
func (w *world) grant(r authz.Role, place string) authz.Grant {
	if s := w.schools[place]; s != nil {
		return authz.Grant{Role: r, SchoolID: s.ID, RegionPath: s.RegionPath}
	}
	return authz.Grant{Role: r, RegionPath: w.regions[place].Path}
}

func (w *world) campaigns() {
	ctx := authz.AsSystem(w.t.Context())
	list := ok(w, ent.TypeChecklist, "all", func(x *ent.Checklist) uuid.UUID { return x.ID })(
		w.client.Checklist.Create().SetCode("scope").SetVersion(1).SetTitle("scope").Save(ctx))
	item := ok(w, ent.TypeChecklistItem, "all", func(x *ent.ChecklistItem) uuid.UUID { return x.ID })(
		w.client.ChecklistItem.Create().SetChecklistID(list.ID).SetNumber(1).SetText("scope").Save(ctx))
	w.item = item.ID
	ok(w, ent.TypeCodedValue, "all", func(x *ent.CodedValue) uuid.UUID { return x.ID })(
		w.client.CodedValue.Create().SetSet("SCOPE").SetCode("X").SetLabel("X").SetLabelEn("X").SetPosition(1).Save(ctx))

	for _, place := range []string{"P", "K1", "K2", "T2"} {
		r := w.regions[place]
		c := ok(w, ent.TypeCampaign, place, func(x *ent.Campaign) uuid.UUID { return x.ID })(
			w.client.Campaign.Create().SetCode("scope-" + place).SetTitle(place).SetRegionID(r.ID).SetRegionPath(r.Path).SetChecklistID(list.ID).
				SetStartsOn("2026-03-01").SetEndsOn("2026-03-31").SetPolicy(rule.DefaultPolicy()).Save(ctx))
		w.months[place] = c
		ok(w, ent.TypePhase, place, func(x *ent.Phase) uuid.UUID { return x.ID })(
			w.client.Phase.Create().SetCampaignID(c.ID).SetKind(rule.Supervision).SetTitle(place).SetStartsOn("2026-03-01").SetEndsOn("2026-03-31").Save(ctx))
	}
	w.rulesAndDays()
	for _, township := range []string{"T1", "T2", "T3"} {
		r := w.regions[township]
		ok(w, ent.TypeSamplingExemption, township, func(x *ent.SamplingExemption) uuid.UUID { return x.ID })(
			w.client.SamplingExemption.Create().SetCampaignID(w.months["P"].ID).SetRegionID(r.ID).SetRegionPath(r.Path).SetConfirmedByID(w.users["section1"].ID).
				SetSlot(rule.SlotPrivate).SetReason("x").SetConfirmedAt(moment).Save(ctx))
	}
	k1 := w.regions["K1"]
	group := ok(w, ent.TypeLeadingGroup, "K1", func(x *ent.LeadingGroup) uuid.UUID { return x.ID })(
		w.client.LeadingGroup.Create().SetCampaignID(w.months["P"].ID).SetRegionID(k1.ID).SetRegionPath(k1.Path).SetFormedByID(w.users["section1"].ID).
			SetFormedOn("2026-03-01").Save(ctx))
	ok(w, ent.TypeLeadingGroupMember, "K1", func(x *ent.LeadingGroupMember) uuid.UUID { return x.ID })(
		w.client.LeadingGroupMember.Create().SetGroupID(group.ID).SetUserID(w.users["leader1"].ID).SetPosition(0).Save(ctx))
	for place, area := range map[string]string{"K1": "T1", "K2": "T3"} {
		ok(w, ent.TypeVisitPlan, place, func(x *ent.VisitPlan) uuid.UUID { return x.ID })(
			w.client.VisitPlan.Create().SetCampaignID(w.months[place].ID).SetRegionPath(w.regions[place].Path).SetProposedByID(w.users["section1"].ID).
				SetSeed("x").SetFactsDigest("x").SetProposedAt(moment).Save(ctx))
		team := ok(w, ent.TypeInspectionTeam, place, func(x *ent.InspectionTeam) uuid.UUID { return x.ID })(
			w.client.InspectionTeam.Create().SetCampaignID(w.months[place].ID).SetNumber(1).SetName(place).SetRegionPath(w.regions[place].Path).Save(ctx))
		ok(w, ent.TypeTeamMember, place, func(x *ent.TeamMember) uuid.UUID { return x.ID })(
			w.client.TeamMember.Create().SetTeamID(team.ID).SetUserID(w.users["inspector1"].ID).SetPosition(0).Save(ctx))
		ok(w, ent.TypeTeamArea, place, func(x *ent.TeamArea) uuid.UUID { return x.ID })(
			w.client.TeamArea.Create().SetTeamID(team.ID).SetRegionID(w.regions[area].ID).Save(ctx))
	}
}

// rulesAndDays are what everybody reads.
func (w *world) rulesAndDays() {
	ctx, c := authz.AsSystem(w.t.Context()), w.client
	ok(w, ent.TypeHoliday, "all", func(x *ent.Holiday) uuid.UUID { return x.ID })(
		c.Holiday.Create().SetDay("1999-01-01").SetKind(rule.DayOff).SetName("x").Save(ctx))
	set := ok(w, ent.TypeGradingRuleSet, "all", func(x *ent.GradingRuleSet) uuid.UUID { return x.ID })(
		c.GradingRuleSet.Create().SetCode("scope").SetVersion(1).SetLayer(rule.GradingNational).SetTitle("x").SetSource("x").SetEffectiveOn("2026-01-01").Save(ctx))
	ok(w, ent.TypeGradingRule, "all", func(x *ent.GradingRule) uuid.UUID { return x.ID })(
		c.GradingRule.Create().SetRuleSetID(set.ID).SetNumber(1).SetText("x").SetCondition(rule.GradingCondition{}).Save(ctx))
}

// casework gives a school one row of everything that belongs to a school.
func (w *world) casework(school string) {
	ctx, c, s := authz.AsSystem(w.t.Context()), w.client, w.schools[school]
	who, campaign := w.users["officer"+school].ID, w.months["P"].ID

	grid := ok(w, ent.TypeGrid, school, func(x *ent.Grid) uuid.UUID { return x.ID })(
		c.Grid.Create().SetSchoolID(s.ID).SetCode("G").SetName(school).SetKind("GATE").Save(ctx))
	ok(w, ent.TypeGridAssignment, school, func(x *ent.GridAssignment) uuid.UUID { return x.ID })(
		c.GridAssignment.Create().SetSchoolID(s.ID).SetGridID(grid.ID).SetUserID(who).SetRole(rule.GridLeader).SetValidFrom("2020-01-01").Save(ctx))
	report := ok(w, ent.TypeInspectionReport, school, func(x *ent.InspectionReport) uuid.UUID { return x.ID })(
		c.InspectionReport.Create().SetCampaignID(campaign).SetSchoolID(s.ID).SetInspectorID(who).SetKind(rule.SelfInspection).SetStartedAt(moment).Save(ctx))
	finding := ok(w, ent.TypeFinding, school, func(x *ent.Finding) uuid.UUID { return x.ID })(
		c.Finding.Create().SetSchoolID(s.ID).SetReportID(report.ID).SetItemID(w.item).SetResult(rule.Compliant).SetRecordedAt(moment).Save(ctx))
	hazard := ok(w, ent.TypeHazard, school, func(x *ent.Hazard) uuid.UUID { return x.ID })(
		c.Hazard.Create().SetCampaignID(campaign).SetSchoolID(s.ID).SetGridID(grid.ID).SetReporterID(who).SetCategory("FIRE").SetDescription(school).
			SetSource(rule.FoundBySchool).SetGrade(rule.General).SetDiscoveredAt(moment).SetReportedAt(moment).Save(ctx))
	ok(w, ent.TypeHazardEvent, school, func(x *ent.HazardEvent) uuid.UUID { return x.ID })(
		c.HazardEvent.Create().SetHazardID(hazard.ID).SetSchoolID(s.ID).SetActorID(who).SetSequence(1).SetKind(rule.EventReported).
			SetHappenedAt(moment).SetReceivedAt(moment).SetPayload(map[string]any{}).Save(ctx))
	ok(w, ent.TypeOversightOrder, school, func(x *ent.OversightOrder) uuid.UUID { return x.ID })(
		c.OversightOrder.Create().SetHazardID(hazard.ID).SetSchoolID(s.ID).SetPlacedByID(who).SetLevel(rule.OversightBySchool).SetMeasures("x").SetPlacedAt(moment).Save(ctx))
	ok(w, ent.TypeRectificationPlan, school, func(x *ent.RectificationPlan) uuid.UUID { return x.ID })(
		c.RectificationPlan.Create().SetHazardID(hazard.ID).SetSchoolID(s.ID).SetResponsibleID(who).SetSubmittedByID(who).SetNumber(1).
			SetMeasures("x").SetFundsFen(1).SetCompleteBy("2026-03-20").SetContingency("x").SetSubmittedAt(moment).Save(ctx))
	ok(w, ent.TypeExtension, school, func(x *ent.Extension) uuid.UUID { return x.ID })(
		c.Extension.Create().SetHazardID(hazard.ID).SetSchoolID(s.ID).SetRequestedByID(who).SetFromOn("2026-03-20").SetUntilOn("2026-03-25").
			SetReason("x").SetRequestedAt(moment).Save(ctx))
	ok(w, ent.TypeRecheck, school, func(x *ent.Recheck) uuid.UUID { return x.ID })(
		c.Recheck.Create().SetHazardID(hazard.ID).SetSchoolID(s.ID).SetCheckerID(who).SetResult(rule.Accepted).SetCheckedAt(moment).Save(ctx))
	evidence := ok(w, ent.TypeEvidence, school, func(x *ent.Evidence) uuid.UUID { return x.ID })(
		c.Evidence.Create().SetSchoolID(s.ID).SetUploaderID(who).SetKind(rule.Photo).SetStage(rule.Before).SetSource(rule.FromCamera).SetFileName("x.jpg").
			SetMediaType("image/jpeg").SetSize(1).SetSha256(strings.Repeat("0", 64)).SetObjectKey("scope/" + school).SetAnnouncedAt(moment).Save(ctx))
	ok(w, ent.TypeEvidenceUse, school, func(x *ent.EvidenceUse) uuid.UUID { return x.ID })(
		c.EvidenceUse.Create().SetSchoolID(s.ID).SetEvidenceID(evidence.ID).SetStep(rule.StepReport).SetFindingID(finding.ID).Save(ctx))
	ok(w, ent.TypeEvidenceEvent, school, func(x *ent.EvidenceEvent) uuid.UUID { return x.ID })(
		c.EvidenceEvent.Create().SetSchoolID(s.ID).SetEvidenceID(evidence.ID).SetActorID(who).SetKind(rule.EvidenceOpened).SetHappenedAt(moment).Save(ctx))
	ok(w, ent.TypeEvidenceMatch, school, func(x *ent.EvidenceMatch) uuid.UUID { return x.ID })(
		c.EvidenceMatch.Create().SetSchoolID(s.ID).SetEvidenceID(evidence.ID).SetEarlierID(evidence.ID).SetKind(rule.SameFile).SetDistance(0).Save(ctx))
	ok(w, ent.TypeSchoolFigure, school, func(x *ent.SchoolFigure) uuid.UUID { return x.ID })(
		c.SchoolFigure.Create().SetSchoolID(s.ID).SetCampaignID(campaign).Save(ctx))
	ok(w, ent.TypeDeadlineFigure, school, func(x *ent.DeadlineFigure) uuid.UUID { return x.ID })(
		c.DeadlineFigure.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetDeadlineOn("2026-03-20").Save(ctx))
	w.wholePlan(school, who, campaign, grid, finding, hazard)
}

// wholePlan is casework, continued: risks, notices, cases and figures.
func (w *world) wholePlan(school string, who, campaign uuid.UUID, grid *ent.Grid, finding *ent.Finding, hazard *ent.Hazard) {
	ctx, c, s := authz.AsSystem(w.t.Context()), w.client, w.schools[school]
	risk := ok(w, ent.TypeRiskPoint, school, func(x *ent.RiskPoint) uuid.UUID { return x.ID })(
		c.RiskPoint.Create().SetSchoolID(s.ID).SetGridID(grid.ID).SetRecordedByID(who).SetName("x").SetLevel(rule.RiskRed).SetAssessedOn("2026-03-01").Save(ctx))
	ok(w, ent.TypeRiskAssessment, school, func(x *ent.RiskAssessment) uuid.UUID { return x.ID })(
		c.RiskAssessment.Create().SetSchoolID(s.ID).SetRiskPointID(risk.ID).SetAssessorID(who).SetLevel(rule.RiskRed).SetAssessedAt(moment).Save(ctx))
	ok(w, ent.TypeRiskControl, school, func(x *ent.RiskControl) uuid.UUID { return x.ID })(
		c.RiskControl.Create().SetSchoolID(s.ID).SetRiskPointID(risk.ID).SetKind(rule.ControlTraining).SetText("x").SetPosition(0).Save(ctx))
	ok(w, ent.TypeSelfInspectionSubmission, school, func(x *ent.SelfInspectionSubmission) uuid.UUID { return x.ID })(
		c.SelfInspectionSubmission.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetSubmittedByID(who).SetCellsDue(1).SetCellsClaimed(1).SetCellsProven(0).SetSubmittedAt(moment).Save(ctx))
	ok(w, ent.TypeReminder, school, func(x *ent.Reminder) uuid.UUID { return x.ID })(
		c.Reminder.Create().SetSchoolID(s.ID).SetHazardID(hazard.ID).SetKind(rule.ReminderNear).SetToRole(authz.SchoolSafetyOfficer).SetDays(-1).SetDueOn("2026-03-20").SetRegionPath(s.RegionPath).SetRaisedAt(moment).Save(ctx))
	notice := ok(w, ent.TypeNotice, school, func(x *ent.Notice) uuid.UUID { return x.ID })(
		c.Notice.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetIssuerID(w.regions["K1"].ID).SetDraftedByID(who).SetStatus(rule.NoticeIssued).SetDeadlineOn("2026-03-20").SetRequirements("x").Save(ctx))
	ok(w, ent.TypeNoticeItem, school, func(x *ent.NoticeItem) uuid.UUID { return x.ID })(
		c.NoticeItem.Create().SetSchoolID(s.ID).SetNoticeID(notice.ID).SetHazardID(hazard.ID).SetPosition(1).SetProblem("x").Save(ctx))
	ok(w, ent.TypeNoticeEvent, school, func(x *ent.NoticeEvent) uuid.UUID { return x.ID })(
		c.NoticeEvent.Create().SetSchoolID(s.ID).SetNoticeID(notice.ID).SetActorID(who).SetSequence(1).SetKind(rule.NoticeEventIssued).SetHappenedAt(moment).SetReceivedAt(moment).SetPayload(map[string]any{}).Save(ctx))
	ok(w, ent.TypeDiscrepancy, school, func(x *ent.Discrepancy) uuid.UUID { return x.ID })(
		c.Discrepancy.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetItemID(w.item).SetFoundID(finding.ID).SetClaimedID(finding.ID).SetFacts("{}").SetRaisedAt(moment).Save(ctx))
	ok(w, ent.TypeAccountabilityCase, school, func(x *ent.AccountabilityCase) uuid.UUID { return x.ID })(
		c.AccountabilityCase.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetPersonID(who).SetKind(rule.CaseOverdue).SetSubject("scope-" + school).SetFacts("{}").SetFactsHash("x").SetRaisedAt(moment).Save(ctx))
	group := ok(w, ent.TypeLeadingGroup, school, func(x *ent.LeadingGroup) uuid.UUID { return x.ID })(
		c.LeadingGroup.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetRegionID(s.RegionID).SetRegionPath(s.RegionPath).SetFormedByID(who).SetFormedOn("2026-03-01").Save(ctx))
	ok(w, ent.TypeLeadingGroupMember, school, func(x *ent.LeadingGroupMember) uuid.UUID { return x.ID })(
		c.LeadingGroupMember.Create().SetGroupID(group.ID).SetUserID(who).SetPosition(0).Save(ctx))
	team := "K1"
	if school == "C" {
		team = "K2"
	}
	ok(w, ent.TypePlannedVisit, school, func(x *ent.PlannedVisit) uuid.UUID { return x.ID })(
		c.PlannedVisit.Create().SetPlanID(w.rows[ent.TypeVisitPlan][team]).SetCampaignID(campaign).SetTeamID(w.rows[ent.TypeInspectionTeam][team]).SetSchoolID(s.ID).SetRegionPath(s.RegionPath).SetReasons([]string{"DRAWN"}).Save(ctx))
	ok(w, ent.TypeHazardState, school, func(x *ent.HazardState) uuid.UUID { return x.ID })(
		c.HazardState.Create().SetSchoolID(s.ID).SetHazardID(hazard.ID).SetCampaignID(campaign).SetCategory("FIRE").SetSource(rule.FoundBySchool).SetStatus(rule.Reported).SetGrade(rule.General).SetUnderOversight(false).SetProven(false).SetDeadlineOn("9999-12-31").SetValidFrom(moment).SetValidUntil(moment).Save(ctx))
	ok(w, ent.TypeCoverageCell, school, func(x *ent.CoverageCell) uuid.UUID { return x.ID })(
		c.CoverageCell.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetGridID(grid.ID).SetItemID(w.item).SetClaimedAt(time.Now()).Save(ctx))
	ok(w, ent.TypeGridFigure, school, func(x *ent.GridFigure) uuid.UUID { return x.ID })(
		c.GridFigure.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetGridID(grid.ID).SetBound(true).Save(ctx))
	ok(w, ent.TypeBreakdownFigure, school, func(x *ent.BreakdownFigure) uuid.UUID { return x.ID })(
		c.BreakdownFigure.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetCategory("FIRE").SetGrade(rule.General).SetSource(rule.FoundBySchool).SetStatus(rule.Reported).Save(ctx))
	ok(w, ent.TypeDayFigure, school, func(x *ent.DayFigure) uuid.UUID { return x.ID })(
		c.DayFigure.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetDay("2026-03-10").Save(ctx))
	ok(w, ent.TypeClosingFigure, school, func(x *ent.ClosingFigure) uuid.UUID { return x.ID })(
		c.ClosingFigure.Create().SetSchoolID(s.ID).SetCampaignID(campaign).SetHours(1).Save(ctx))
}

// secrets are the rows that nobody else may see.
func (w *world) secrets() {
	ctx := authz.AsSystem(w.t.Context())
	for i, name := range []string{"officerA", "section1"} {
		ok(w, ent.TypeSession, name, func(x *ent.Session) uuid.UUID { return x.ID })(
			w.client.Session.Create().SetUserID(w.users[name].ID).SetAccessHash(fmt.Sprint("scope-a", i)).SetRefreshHash(fmt.Sprint("scope-r", i)).
				SetAccessExpiresAt(moment).SetRefreshExpiresAt(moment).Save(ctx))
		ok(w, ent.TypeCommandReceipt, name, func(x *ent.CommandReceipt) uuid.UUID { return x.ID })(
			w.client.CommandReceipt.Create().SetUserID(w.users[name].ID).SetAction("x").SetFingerprint("x").SetResultID(uuid.New()).Save(ctx))
	}
	ok(w, ent.TypePictureBand, "nobody", func(x *ent.PictureBand) uuid.UUID { return x.ID })(
		w.client.PictureBand.Create().SetCountyID(uuid.New()).SetSlot(1).SetHash(1).SetEvidenceID(uuid.New()).Save(ctx))
	ok(w, ent.TypeSignInThrottle, "nobody", func(x *ent.SignInThrottle) uuid.UUID { return x.ID })(
		w.client.SignInThrottle.Create().SetSubject("scope").SetWindowStartedAt(moment).Save(ctx))
	ok(w, ent.TypeBackfill, "nobody", func(x *ent.Backfill) uuid.UUID { return x.ID })(w.client.Backfill.Create().SetName("a").Save(ctx))
	ok(w, ent.TypeNoticeCounter, "nobody", func(x *ent.NoticeCounter) uuid.UUID { return x.ID })(
		w.client.NoticeCounter.Create().SetIssuerID(uuid.New()).SetYear(2026).Save(ctx))
	ok(w, ent.TypeSearchGram, "nobody", func(x *ent.SearchGram) uuid.UUID { return x.ID })(
		w.client.SearchGram.Create().SetNoun("hazard").SetGram("隐患").SetRowID(uuid.New()).Save(ctx))
	ok(w, ent.TypeChangeHead, "nobody", func(x *ent.ChangeHead) uuid.UUID { return x.ID })(
		w.client.ChangeHead.Create().SetName("scope").SetSecret([]byte("x")).Save(ctx))
}

// changes puts one changed hazard of each school in the place of the changes that
// the world's making has left.
func (w *world) changes() {
	ctx := authz.AsSystem(w.t.Context())
	err := w.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		// The row of the head is what the job locks that orders changes.
		if err := tx.ChangeHead.Update().AddSequence(1_000_000).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.SQL().ExecContext(ctx, "DELETE FROM change_notes"); err != nil {
			return err
		}
		_, err := tx.ChangedRow.Delete().Exec(ctx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for i, school := range []string{"A", "A2", "B", "C"} {
		ok(w, ent.TypeChangedRow, school, func(x *ent.ChangedRow) uuid.UUID { return x.ID })(
			w.client.ChangedRow.Create().SetNoun("hazard").SetRowID(uuid.New()).SetSchoolID(w.schools[school].ID).SetSequence(int64(1 + i)).Save(ctx))
	}
}
