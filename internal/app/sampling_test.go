package app_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/sampling"
	"github.com/cleargrid/cleargrid/internal/supervision"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

const seed = "2026-03-10 双色球 07 12 18"

func proposing(e *testkit.Env) supervision.ProposeVisitsInput {
	return supervision.ProposeVisitsInput{ID: id.New(id.VisitPlan), CampaignID: e.Campaign.PublicID(), Seed: seed}
}

func propose(t *testing.T, e *testkit.Env) *ent.VisitPlan {
	t.Helper()
	return testkit.Must(e.App.ProposeVisits(e.As("section"), proposing(e)))(t)
}

func confirm(t *testing.T, e *testkit.Env, p *ent.VisitPlan) *ent.VisitPlan {
	t.Helper()
	return testkit.Must(e.App.ConfirmVisits(e.As("leader1"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: p.PublicID()}))(t)
}

func replan(e *testkit.Env, p *ent.VisitPlan) (*ent.VisitPlan, error) {
	return e.App.ReplanVisits(e.As("section"), supervision.ReplanVisitsInput{ID: id.New(id.VisitPlan), PlanID: p.PublicID()})
}

// visitsOf are the visits of a plan by school.
func visitsOf(t *testing.T, e *testkit.Env, p *ent.VisitPlan) map[uuid.UUID]*ent.PlannedVisit {
	t.Helper()
	out := map[uuid.UUID]*ent.PlannedVisit{}
	for _, v := range testkit.Must(e.Store.Ent.PlannedVisit.Query().Where(plannedvisit.PlanID(p.ID)).All(e.System()))(t) {
		out[v.SchoolID] = v
	}
	return out
}

// standing are the schools whose visit stands in the campaign, each once.
func standing(t *testing.T, e *testkit.Env) map[uuid.UUID]*ent.PlannedVisit {
	t.Helper()
	out := map[uuid.UUID]*ent.PlannedVisit{}
	for _, v := range testkit.Must(e.Store.Ent.PlannedVisit.Query().Where(plannedvisit.StatusNEQ(rule.VisitFallenOut)).All(e.System()))(t) {
		if out[v.SchoolID] != nil {
			t.Errorf("the school %s has two visits that stand", v.SchoolID)
		}
		out[v.SchoolID] = v
	}
	return out
}

// prove writes the row of a proven supervision report, as the pipeline does when
// all evidence is verified.
func prove(t *testing.T, e *testkit.Env, team *uuid.UUID, schools ...uuid.UUID) []*ent.InspectionReport {
	t.Helper()
	var out []*ent.InspectionReport
	for _, s := range schools {
		out = append(out, testkit.Must(e.Store.Ent.InspectionReport.Create().SetCampaignID(e.Campaign.ID).SetSchoolID(s).SetNillableTeamID(team).
			SetInspectorID(e.User("inspector1").ID).SetKind(rule.Supervision).SetStatus(rule.Submitted).SetStartedAt(e.Clock.Now()).
			SetSubmittedAt(e.Clock.Now()).SetProvenAt(e.Clock.Now()).Save(e.System()))(t))
	}
	return out
}

// meets holds schools against the rule, township by township.
func meets(t *testing.T, e *testkit.Env, visited map[uuid.UUID]*ent.PlannedVisit) {
	t.Helper()
	for _, town := range townships(t, e) {
		in := sampling.Township{ID: town.Name}
		var were []string
		for _, s := range testkit.Must(e.Store.Ent.School.Query().Where(school.RegionID(town.ID), school.ClosedAtIsNil()).All(e.System()))(t) {
			in.Schools = append(in.Schools, sampling.School{
				ID: s.ID.String(), Middle: slices.Contains(s.Stages, rule.Middle), Primary: slices.Contains(s.Stages, rule.Primary), Private: s.Ownership == rule.Private,
			})
			if visited[s.ID] != nil {
				were = append(were, s.ID.String())
			}
		}
		if got := sampling.Prove(e.Campaign.Policy.WithDefaults().Sampling.Draw(), in, were, nil); len(got.Gaps) > 0 {
			t.Errorf("%s lacks %+v with %d of %d schools", town.Name, got.Gaps, len(were), len(in.Schools))
		}
	}
}

func schoolsOf(visits map[uuid.UUID]*ent.PlannedVisit) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(visits), func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
}

func TestProposeAndConfirmVisits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		first := propose(t, e)
		drawn := visitsOf(t, e, first)
		if first.Status != rule.VisitPlanProposed || first.Seed != seed || len(drawn) == 0 || len(drawn) >= testkit.CountySize {
			t.Fatalf("%+v with %d visits", first, len(drawn))
		}
		meets(t, e, drawn)
		for _, v := range drawn {
			if v.Ticket != sampling.Ticket(seed, id.Of(id.School, v.SchoolID).String()) || v.Status != rule.VisitProposed {
				t.Errorf("visit %+v", v)
			}
			for _, r := range supervision.ReasonsOf(v) {
				if !slices.Contains(sampling.Codes(), r.Code) || r.Code == sampling.Drawn && r.Detail != v.Ticket {
					t.Errorf("reason %+v of %v", r, v.Reasons)
				}
			}
			if fills := v.Slot != nil; fills != (v.Reasons[0] == "FILLS_"+slotName(v)) {
				t.Errorf("slot %v, reasons %v", v.Slot, v.Reasons)
			}
		}

		// The same seed and the same facts: the same plan, and it replaces the first.
		second := propose(t, e)
		again := visitsOf(t, e, second)
		if second.FactsDigest != first.FactsDigest || !slices.Equal(schoolsOf(drawn), schoolsOf(again)) {
			t.Error("the same seed and facts gave another plan")
		}
		for s, v := range again {
			if o := drawn[s]; o == nil || o.TeamID != v.TeamID || o.Ticket != v.Ticket || !slices.Equal(o.Reasons, v.Reasons) {
				t.Errorf("visit %+v was %+v", v, o)
			}
		}
		first = testkit.Must(e.App.VisitPlan(e.As("section"), first.PublicID()))(t)
		if first.Status != rule.VisitPlanSuperseded || len(standing(t, e)) != len(again) {
			t.Errorf("the first plan is %s, %d visits stand", first.Status, len(standing(t, e)))
		}
		for _, v := range visitsOf(t, e, first) {
			if cause, words := rule.CauseOf(v.FallenOutReason); v.Status != rule.VisitFallenOut || cause != rule.FellSuperseded || words != "" || v.FallenOutAt == nil {
				t.Errorf("a visit of the first plan: %+v", v)
			}
		}
		_, err := e.App.ConfirmVisits(e.As("section"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: first.PublicID()})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = replan(e, first)
		testkit.Refused(t, err, fault.InvalidTransition, "")

		_, err = e.App.ConfirmVisits(e.As("section"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: second.PublicID(), ExpectedVersion: new(7)})
		testkit.Refused(t, err, fault.Conflict, "")
		second = confirm(t, e, second)
		if second.Status != rule.VisitPlanConfirmed || *second.ConfirmedByID != e.User("leader1").ID || second.ConfirmedAt == nil {
			t.Errorf("confirmed: %+v", second)
		}
		_, err = e.App.ConfirmVisits(e.As("section"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: second.PublicID()})
		testkit.Refused(t, err, fault.InvalidTransition, "")

		// What is confirmed stays whatever is drawn next, and needs nothing more.
		in := proposing(e)
		in.Seed = "another"
		third := testkit.Must(e.App.ProposeVisits(e.As("section"), in))(t)
		if n := len(visitsOf(t, e, third)); n != 0 || !slices.Equal(schoolsOf(standing(t, e)), schoolsOf(again)) {
			t.Errorf("%d more visits are proposed", n)
		}
		_, err = replan(e, second)
		testkit.Refused(t, err, fault.InvalidTransition, "")
	})
}

func slotName(v *ent.PlannedVisit) string {
	if v.Slot == nil {
		return "none"
	}
	return string(*v.Slot)
}

// TestReplanVisits: only what fell out is replaced, whichever way it fell out.
func TestReplanVisits(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for _, confirmed := range []bool{false, true} {
			plan := propose(t, e)
			if confirmed {
				plan = confirm(t, e, plan)
			}
			before := standing(t, e)
			victim := replaceable(t, e, before)

			// A person takes it off; it is not drawn again.
			dropped := testkit.Must(e.App.CancelVisit(e.As("section"), supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: victim.PublicID(), Reason: "疫情封控"}))(t)
			if cause, words := rule.CauseOf(dropped.FallenOutReason); dropped.Status != rule.VisitFallenOut || cause != rule.FellDropped || words != "疫情封控" {
				t.Errorf("dropped: %+v", dropped)
			}
			_, err := e.App.CancelVisit(e.As("section"), supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: victim.PublicID(), Reason: "再次"})
			testkit.Refused(t, err, fault.InvalidTransition, "")
			plan = testkit.Must(replan(e, plan))(t)
			after := standing(t, e)
			if plan.Seed != seed || after[victim.SchoolID] != nil {
				t.Errorf("mended plan %+v, the dropped school stands: %v", plan, after[victim.SchoolID])
			}
			onlyIn(t, before, after, victim)
			meets(t, e, after)

			// A school is closed.
			if confirmed {
				plan = confirm(t, e, plan)
			}
			before = standing(t, e)
			victim = replaceable(t, e, before)
			testkit.Must(e.Store.Ent.School.UpdateOneID(victim.SchoolID).SetClosedAt(e.Clock.Now()).Save(e.System()))(t)
			testkit.Must(replan(e, plan))(t)
			after = standing(t, e)
			onlyIn(t, before, after, victim)
			fell := testkit.Must(e.App.PlannedVisit(e.As("section"), victim.PublicID()))(t)
			if cause, _ := rule.CauseOf(fell.FallenOutReason); cause != rule.FellSchoolGone {
				t.Errorf("confirmed %v: fell out for %q", confirmed, fell.FallenOutReason)
			}
			testkit.Must(e.Store.Ent.School.UpdateOneID(victim.SchoolID).ClearClosedAt().Save(e.System()))(t)
		}
	})
}

// replaceable is a visit in the township with the most schools.
func replaceable(t *testing.T, e *testkit.Env, visits map[uuid.UUID]*ent.PlannedVisit) *ent.PlannedVisit {
	t.Helper()
	towns := map[string]int{}
	for _, s := range testkit.Must(e.Store.Ent.School.Query().All(e.System()))(t) {
		towns[s.RegionPath]++
	}
	var best *ent.PlannedVisit
	for _, s := range schoolsOf(visits) {
		if v := visits[s]; best == nil || towns[v.RegionPath] > towns[best.RegionPath] {
			best = v
		}
	}
	return best
}

// onlyIn checks that nothing but the township of one visit has changed, and that
// whatever is new there replaces it.
func onlyIn(t *testing.T, before, after map[uuid.UUID]*ent.PlannedVisit, gone *ent.PlannedVisit) {
	t.Helper()
	for s, v := range before {
		if s != gone.SchoolID && (after[s] == nil || after[s].TeamID != v.TeamID) {
			t.Errorf("the visit to %s, which stood, is %+v", s, after[s])
		}
	}
	for s, v := range after {
		if before[s] == nil && (v.RegionPath != gone.RegionPath || v.ReplacesID == nil) {
			t.Errorf("the visit to %s is new and replaces %v", s, v.ReplacesID)
		}
	}
}

// tie makes people of a team former staff of a school.
func tie(t *testing.T, e *testkit.Env, team, schoolID uuid.UUID) {
	t.Helper()
	s := testkit.Must(e.Store.Ent.School.Get(e.System(), schoolID))(t)
	for _, m := range testkit.Must(e.Store.Ent.TeamMember.Query().Where(teammember.TeamID(team), teammember.LeftOnIsNil()).All(e.System()))(t) {
		err := e.Store.Ent.Membership.Create().SetUserID(m.UserID).SetRole(authz.SchoolLeader).SetSchoolID(s.ID).SetRegionPath(s.RegionPath).
			SetValidFrom("2015-09-01").SetValidUntil(e.Today().AddDays(-400)).Exec(e.System())
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestRecusedTeam: a team of whom everybody once worked at a school is never sent
// there; another goes, and gets in though the school is outside of its areas.
func TestRecusedTeam(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		plan := confirm(t, e, propose(t, e))
		visits := standing(t, e)
		v := visits[schoolsOf(visits)[0]]
		tie(t, e, v.TeamID, v.SchoolID)
		recused := testkit.Must(e.App.RecusedOfVisits(e.As("section"), ids(v.ID)))(t)[v.ID]
		members := testkit.Must(e.App.MembersOfTeams(e.As("section"), ids(v.TeamID)))(t)
		if len(recused) != len(members) {
			t.Errorf("%d of %d must stay away", len(recused), len(members))
		}
		here := testkit.Must(e.Store.Ent.School.Get(e.System(), v.SchoolID))(t)
		_, err := e.App.StartInspection(e.As("inspector1"), app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: here.PublicID(), Kind: rule.Supervision, CheckIn: &geo.Point{Latitude: 36, Longitude: 114},
		})
		testkit.Refused(t, err, fault.Forbidden, "")

		// Everybody is recused: nobody is sent.
		testkit.Must(replan(e, plan))(t)
		if got := standing(t, e)[v.SchoolID]; got != nil {
			t.Errorf("%+v is sent to a school of its own", got)
		}
		fell := testkit.Must(e.App.PlannedVisit(e.As("section"), v.PublicID()))(t)
		if cause, _ := rule.CauseOf(fell.FallenOutReason); cause != rule.FellTeamRecused {
			t.Errorf("fell out for %q", fell.FallenOutReason)
		}

		// A second team without areas is lent.
		people := hire(t, e, "new1")
		second := testkit.Must(e.App.FormTeam(e.As("section"), supervision.FormTeamInput{
			ID: id.New(id.Team), CampaignID: e.Campaign.PublicID(), Name: "二组", MemberIDs: people,
		}))(t)
		if n := testkit.Must(e.Store.Ent.School.Query().Where(school.RegionPath(here.RegionPath)).Count(e.System()))(t); n > 3 {
			// Others of the township stand in for it now: leave nobody else to choose.
			testkit.Must(e.Store.Ent.School.Update().Where(school.RegionPath(here.RegionPath), school.IDNEQ(here.ID)).SetClosedAt(e.Clock.Now()).Save(e.System()))(t)
		}
		in := proposing(e)
		last := testkit.Must(e.App.ProposeVisits(e.As("section"), in))(t)
		got := visitsOf(t, e, last)[v.SchoolID]
		if got == nil || got.TeamID != second.ID || !slices.ContainsFunc(got.Reasons, func(r string) bool { return strings.HasPrefix(r, "TEAM_SWAPPED inspection_team_") }) {
			t.Fatalf("visit %+v, want it swapped to the second team", got)
		}
		sees := func() bool {
			grants := testkit.Must(e.App.ViewerOf(e.System(), people[0].UUID))(t).Grants
			return slices.ContainsFunc(grants, func(g authz.Grant) bool { return g.Role == authz.Inspector && g.SchoolID == here.ID })
		}
		if sees() {
			t.Error("a proposed visit opens the school")
		}
		confirm(t, e, last)
		if !sees() {
			t.Error("a confirmed visit does not open its school to the team")
		}
		testkit.Must(e.App.StartInspection(e.As("new1"), app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: here.PublicID(), Kind: rule.Supervision, CheckIn: &geo.Point{Latitude: 36, Longitude: 114},
		}))(t)
	})
}

// TestMemberLeaves: whose inspecting role has ended does not count for the team.
func TestMemberLeaves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		plan := confirm(t, e, propose(t, e))
		for _, account := range []string{"leader1", "inspector1", "inspector2"} {
			retire(t, e, account)
		}
		testkit.Must(replan(e, plan))(t)
		team := testkit.Must(e.Store.Ent.TeamMember.Query().Where(teammember.UserID(e.User("inspector1").ID)).Only(e.System()))(t).TeamID
		for _, v := range standing(t, e) {
			if v.TeamID == team {
				t.Errorf("%+v stands with a team of nobody", v)
			}
		}
	})
}

func TestSamplingProof(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		propose(t, e)
		plan := confirm(t, e, propose(t, e))
		visits := visitsOf(t, e, plan)
		section := e.As("section")
		sums := func() *figures.SamplingFigures {
			return testkit.Must(e.App.SamplingFigures(section, e.Campaign, e.Campaign.RegionPath))(t)
		}
		f := sums()
		due := f.ExemptionsUnconfirmed
		if f.Townships != len(townships(t, e)) || f.TownshipsMeeting != 0 || f.ExemptionsConfirmed != 0 || due == 0 || len(f.Teams) == 0 {
			t.Fatalf("at first: %+v (the demo county lacks some kinds)", f)
		}
		planned := 0
		for _, team := range f.Teams {
			planned += team.Planned()
			if team.Done != 0 || team.Proposed != 0 {
				t.Errorf("load %+v", team)
			}
		}
		if planned != len(visits) {
			t.Errorf("%d visits planned, want %d", planned, len(visits))
		}

		// A claimed visit proves nothing; each is proven twice, which counts once.
		one := visits[schoolsOf(visits)[0]]
		if err := e.Store.Ent.InspectionReport.Create().SetCampaignID(e.Campaign.ID).SetSchoolID(one.SchoolID).SetInspectorID(e.User("inspector1").ID).
			SetKind(rule.Supervision).SetStatus(rule.Submitted).SetStartedAt(e.Clock.Now()).SetSubmittedAt(e.Clock.Now()).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		if proofs := proofOf(t, e, one.RegionPath); proofs.Visited != 0 {
			t.Errorf("a claimed visit counts: %+v", proofs)
		}
		reports := prove(t, e, &one.TeamID, schoolsOf(visits)...)
		prove(t, e, nil, schoolsOf(visits)...)
		if got := testkit.Must(e.App.ReportsOfVisits(section, ids(one.ID)))(t)[one.ID]; len(got) != 1 || got[0].SchoolID != one.SchoolID || got[0].ProvenAt == nil {
			t.Errorf("the visit is done by %v, want one of %d", got, len(reports))
		}
		_, err := e.App.CancelVisit(section, supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: one.PublicID(), Reason: "x"})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		done := 0
		for _, team := range sums().Teams {
			done += team.Done
		}
		if done != len(visits) {
			t.Errorf("%d visits done, want %d", done, len(visits))
		}

		// What nobody can visit is exempted and waits for the section's word.
		for _, p := range proofsOf(t, e) {
			if len(p.Gaps) > 0 || p.MeetsRule != (len(p.Exemptions) == 0) {
				t.Errorf("%s: %+v", p.Region.Name, p)
			}
			for _, s := range p.Slots {
				exempt := slices.ContainsFunc(p.Exemptions, func(x *figures.ExemptionProof) bool { return x.Slot == s.Slot })
				if (s.School == nil) != exempt || s.School != nil && (s.Report == nil || s.Report.SchoolID != s.School.ID) {
					t.Errorf("%s: slot %+v", p.Region.Name, s)
				}
			}
			for _, x := range p.Exemptions {
				in := supervision.ConfirmExemptionInput{ID: id.New(id.SamplingExemption), CampaignID: e.Campaign.PublicID(), RegionID: p.Region.PublicID(), Slot: x.Slot, Reason: "本乡镇无此类学校"}
				got := testkit.Must(e.App.ConfirmExemption(e.As("leader1"), in))(t)
				if got.Slot != x.Slot || got.ConfirmedByID != e.User("leader1").ID || got.RegionPath != p.Region.Path {
					t.Errorf("confirmed %+v", got)
				}
				in.ID = id.New(id.SamplingExemption)
				_, err := e.App.ConfirmExemption(section, in)
				testkit.Refused(t, err, fault.Conflict, "")
			}
		}
		if f := sums(); f.TownshipsMeeting != f.Townships || f.ExemptionsUnconfirmed != 0 || f.ExemptionsConfirmed != due {
			t.Errorf("at the end: %+v, want %d exemptions", f, due)
		}

		// The pages hold each township once.
		var names []string
		page := command.PageArgs{First: new(2)}
		for {
			p := testkit.Must(e.App.SamplingProof(section, e.Campaign.PublicID(), nil, nil, page))(t)
			for _, x := range p.Rows {
				names = append(names, x.Region.Path)
			}
			if !p.HasNext {
				break
			}
			page.After = &p.Cursors[len(p.Cursors)-1]
		}
		if len(names) != f.Townships || !slices.IsSorted(names) {
			t.Errorf("pages: %v", names)
		}

		// Who may not see the whole region sees no figures.
		for account, sees := range map[string]bool{"leader1": true, "viewer1": true, "inspector1": false, "officer1": false} {
			got := testkit.Must(e.App.SamplingFigures(e.As(account), e.Campaign, e.Campaign.RegionPath))(t)
			if (got != nil) != sees && account != "inspector1" {
				t.Errorf("%s sees %+v", account, got)
			}
		}
	})
}

func proofsOf(t *testing.T, e *testkit.Env) []*figures.TownshipProof {
	t.Helper()
	return testkit.Must(e.App.SamplingProof(e.As("section"), e.Campaign.PublicID(), nil, nil, command.PageArgs{First: new(200)}))(t).Rows
}

func proofOf(t *testing.T, e *testkit.Env, path string) *figures.TownshipProof {
	t.Helper()
	for _, p := range proofsOf(t, e) {
		if p.Region.Path == path {
			return p
		}
	}
	t.Fatalf("no proof of %s", path)
	return nil
}

func TestSamplingRefused(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		plan := propose(t, e)
		visits := visitsOf(t, e, plan)
		visit := visits[schoolsOf(visits)[0]]
		var incomplete, complete *figures.TownshipProof
		for _, p := range proofsOf(t, e) {
			if len(p.Exemptions) > 0 {
				incomplete = p
			} else {
				complete = p
			}
		}
		before := e.Rows()
		draw := func(account string, change func(*supervision.ProposeVisitsInput)) error {
			in := proposing(e)
			change(&in)
			_, err := e.App.ProposeVisits(e.As(account), in)
			return err
		}
		exempt := func(account string, change func(*supervision.ConfirmExemptionInput)) error {
			in := supervision.ConfirmExemptionInput{
				ID: id.New(id.SamplingExemption), CampaignID: e.Campaign.PublicID(), RegionID: incomplete.Region.PublicID(), Slot: incomplete.Exemptions[0].Slot, Reason: "无",
			}
			change(&in)
			_, err := e.App.ConfirmExemption(e.As(account), in)
			return err
		}
		drop := func(account string, visit id.ID, reason string) error {
			_, err := e.App.CancelVisit(e.As(account), supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: visit, Reason: reason})
			return err
		}
		confirming := func(account string, plan id.ID) error {
			_, err := e.App.ConfirmVisits(e.As(account), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: plan})
			return err
		}
		mending := func(account string, plan id.ID) error {
			_, err := e.App.ReplanVisits(e.As(account), supervision.ReplanVisitsInput{ID: id.New(id.VisitPlan), PlanID: plan})
			return err
		}
		same := func(*supervision.ProposeVisitsInput) {}
		for name, c := range map[string]struct {
			kind  fault.Kind
			field string
			err   func() error
		}{
			"no seed": {fault.BadUserInput, "input.seed", func() error { return draw("section", func(in *supervision.ProposeVisitsInput) { in.Seed = "" }) }},
			"a long seed": {fault.BadUserInput, "input.seed", func() error {
				return draw("section", func(in *supervision.ProposeVisitsInput) { in.Seed = strings.Repeat("7", 201) })
			}},
			"a seed of two lines": {fault.BadUserInput, "input.seed", func() error { return draw("section", func(in *supervision.ProposeVisitsInput) { in.Seed = "a\nb" }) }},
			"NUL in a seed":       {fault.BadUserInput, "input.seed", func() error { return draw("section", func(in *supervision.ProposeVisitsInput) { in.Seed = "a\x00" }) }},
			"wrong noun of the plan": {fault.BadUserInput, "input.id", func() error {
				return draw("section", func(in *supervision.ProposeVisitsInput) { in.ID = id.New(id.Team) })
			}},
			"no campaign": {fault.NotFound, "input.campaignId", func() error {
				return draw("section", func(in *supervision.ProposeVisitsInput) { in.CampaignID = id.New(id.Campaign) })
			}},
			"no region": {fault.NotFound, "input.regionId", func() error {
				return draw("section", func(in *supervision.ProposeVisitsInput) { in.RegionID = new(id.New(id.Region)) })
			}},
			"drawn by a leader":       {fault.Forbidden, "", func() error { return draw("leader1", same) }},
			"drawn by an inspector":   {fault.Forbidden, "", func() error { return draw("inspector1", same) }},
			"drawn by a school":       {fault.Forbidden, "", func() error { return draw("officer1", same) }},
			"drawn by a viewer":       {fault.Forbidden, "", func() error { return draw("viewer1", same) }},
			"a plan nobody knows":     {fault.NotFound, "input.planId", func() error { return confirming("section", id.New(id.VisitPlan)) }},
			"confirmed by inspector":  {fault.Forbidden, "", func() error { return confirming("inspector1", plan.PublicID()) }},
			"confirmed by a school":   {fault.NotFound, "input.planId", func() error { return confirming("officer1", plan.PublicID()) }},
			"confirmed by an admin":   {fault.NotFound, "input.planId", func() error { return confirming("admin", plan.PublicID()) }},
			"nothing to mend":         {fault.InvalidTransition, "", func() error { return mending("section", plan.PublicID()) }},
			"mended by a leader":      {fault.Forbidden, "", func() error { return mending("leader1", plan.PublicID()) }},
			"mended in the dark":      {fault.NotFound, "input.planId", func() error { return mending("grid1", plan.PublicID()) }},
			"a visit nobody knows":    {fault.NotFound, "input.visitId", func() error { return drop("section", id.New(id.PlannedVisit), "x") }},
			"dropped for nothing":     {fault.BadUserInput, "input.reason", func() error { return drop("section", visit.PublicID(), " ") }},
			"dropped by an inspector": {fault.Forbidden, "", func() error { return drop("inspector1", visit.PublicID(), "x") }},
			"dropped by the school":   {fault.NotFound, "input.visitId", func() error { return drop("officer1", visit.PublicID(), "x") }},
			"exempted for nothing":    {fault.BadUserInput, "input.reason", func() error { return exempt("section", func(in *supervision.ConfirmExemptionInput) { in.Reason = "" }) }},
			"a county exempted": {fault.BadUserInput, "input.regionId", func() error {
				return exempt("section", func(in *supervision.ConfirmExemptionInput) { in.RegionID = id.Of(id.Region, e.Campaign.RegionID) })
			}},
			"exempted though complete": {fault.InvalidTransition, "", func() error {
				return exempt("section", func(in *supervision.ConfirmExemptionInput) { in.RegionID = complete.Region.PublicID() })
			}},
			"exempted by an inspector": {fault.Forbidden, "", func() error { return exempt("inspector1", func(*supervision.ConfirmExemptionInput) {}) }},
			"exempted by a school":     {fault.NotFound, "input.regionId", func() error { return exempt("officer1", func(*supervision.ConfirmExemptionInput) {}) }},
			"proof for an inspector": {fault.Forbidden, "", func() error {
				_, err := e.App.SamplingProof(e.As("inspector1"), e.Campaign.PublicID(), nil, nil, command.PageArgs{First: new(1)})
				return err
			}},
			"proof without a size": {fault.BadUserInput, "first", func() error {
				_, err := e.App.SamplingProof(e.As("section"), e.Campaign.PublicID(), nil, nil, command.PageArgs{})
				return err
			}},
		} {
			t.Run(name, func(t *testing.T) {
				testkit.Refused(t, c.err(), c.kind, c.field)
				testkit.Unchanged(t, e, before)
			})
		}
		t.Run("without a team", func(t *testing.T) {
			for _, table := range []func() error{
				func() error { _, err := e.Store.Ent.PlannedVisit.Delete().Exec(e.System()); return err },
				func() error { _, err := e.Store.Ent.TeamMember.Delete().Exec(e.System()); return err },
				func() error { _, err := e.Store.Ent.TeamArea.Delete().Exec(e.System()); return err },
				func() error { _, err := e.Store.Ent.InspectionTeam.Delete().Exec(e.System()); return err },
			} {
				if err := table(); err != nil {
					t.Fatal(err)
				}
			}
			testkit.Refused(t, draw("section", same), fault.InvalidTransition, "")
		})
		t.Run("after the campaign", func(t *testing.T) {
			e.Clock.Set(e.Campaign.EndsOn.End(e.Campaign.Policy.WithDefaults().Zone()))
			testkit.Refused(t, draw("section", same), fault.InvalidTransition, "")
			testkit.Refused(t, confirming("section", plan.PublicID()), fault.InvalidTransition, "")
		})
	})
}

// TestTownshipWithoutSchools: a township with no school of any kind needs no visit.
func TestTownshipWithoutSchools(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		empty := townships(t, e)[2]
		testkit.Must(e.Store.Ent.School.Update().Where(school.RegionID(empty.ID)).SetClosedAt(e.Clock.Now()).Save(e.System()))(t)
		plan := testkit.Must(e.App.ProposeVisits(e.As("section"), supervision.ProposeVisitsInput{
			ID: id.New(id.VisitPlan), CampaignID: e.Campaign.PublicID(), RegionID: new(empty.PublicID()), Seed: seed,
		}))(t)
		if n := len(visitsOf(t, e, plan)); n != 0 {
			t.Errorf("%d visits to closed schools", n)
		}
		p := proofOf(t, e, empty.Path)
		if p.Required != 0 || len(p.Exemptions) != 3 || len(p.Gaps) != 0 || p.MeetsRule {
			t.Errorf("%+v", p)
		}
	})
}

// TestProposedAtOnce: two of the section draw at once; one plan stands afterwards.
func TestProposedAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var wait sync.WaitGroup
		ctx := e.As("section")
		errs := make([]error, 4)
		for i := range errs {
			wait.Go(func() { _, errs[i] = e.App.ProposeVisits(ctx, proposing(e)) })
		}
		wait.Wait()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		statuses := map[rule.VisitPlanStatus]int{}
		for _, p := range testkit.Must(e.Store.Ent.VisitPlan.Query().All(e.System()))(t) {
			statuses[p.Status]++
		}
		if statuses[rule.VisitPlanProposed] != 1 || statuses[rule.VisitPlanSuperseded] != len(errs)-1 {
			t.Errorf("plans: %v", statuses)
		}
		meets(t, e, standing(t, e))
	})
}
