package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/supervision"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestPlanAsOf plays notices, cases, groups, grids, inspections and visits, and
// notes what the plan's and the supervision's figures say. Asked later as of each
// instant, they say the same; and each number is the length of its list.
func TestPlanAsOf(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		p := &planPlayer{player: player{t: t, Env: e, draw: rand.New(rand.NewPCG(3, 4))}}
		type noted struct {
			at        time.Time
			statement string
		}
		var seen []noted
		for range 90 {
			e.Clock.Advance(time.Hour + time.Duration(p.draw.IntN(6))*time.Hour)
			if err := e.App.RaiseCases(e.System()); err != nil { // those of a phase that has ended
				t.Fatal(err)
			}
			seen = append(seen, noted{e.Clock.Now(), p.says(nil)})
			e.Clock.Advance(time.Hour)
			p.act()
		}
		p.lists(nil)
		if last := p.says(nil); strings.Count(last, ":0") > 6 {
			t.Errorf("little has happened: %s", last)
		}
		e.Clock.Advance(time.Hour)
		for i, earlier := range seen {
			if got := p.says(&earlier.at); got != earlier.statement {
				t.Errorf("as of %s: %s, was %s", earlier.at, got, earlier.statement)
			}
			if i%4 == 0 {
				p.lists(&earlier.at)
			}
		}
	})
}

// planPlayer lets things happen beside the life of hazards.
type planPlayer struct {
	player
	notices []*ent.Notice
	photos  promises
	grids   []*ent.Grid
	plan    *ent.VisitPlan
	group   *ent.LeadingGroup
}

func (p *planPlayer) figures(at *time.Time) (*figures.Dashboard, *figures.PlanFigures, *figures.SamplingFigures) {
	p.t.Helper()
	d, ctx := p.dashboard(at), p.As("section")
	return d, testkit.Must(p.App.PlanFigures(ctx, d))(p.t), testkit.Must(p.App.SupervisionFigures(ctx, d))(p.t)
}

func (p *planPlayer) says(at *time.Time) string {
	p.t.Helper()
	_, plan, sampling := p.figures(at)
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "%+v townships:%d meeting:%d exempt:%d waiting:%d", *plan, sampling.Townships, sampling.TownshipsMeeting,
		sampling.ExemptionsConfirmed, sampling.ExemptionsUnconfirmed)
	for _, f := range sampling.Teams {
		_, _ = fmt.Fprintf(&out, " team %d: %+v", f.Team.Number, f.TeamLoad)
	}
	return out.String()
}

func (p *planPlayer) act() {
	p.t.Helper()
	acts := []func() error{
		p.newNotice, p.newNotice, p.onANotice, p.onANotice, p.onANotice, p.onANotice, p.onANotice, p.onANotice, p.onANotice, p.onANotice, p.inspect, p.inspect, p.arrive, p.divide, p.accuse, p.decide, p.decide,
		p.disagree, p.visits, p.visits, p.visit, p.exempt, p.lead, p.void,
	}
	err := acts[p.draw.IntN(len(acts))]()
	refusals := []fault.Kind{fault.InvalidTransition, fault.Conflict, fault.Forbidden, fault.NotFound}
	nothingLeft := err != nil && fault.Of(err).Code == "input.nothing_left" // of a notice whose hazards are closed by now
	if err != nil && !nothingLeft && !slices.ContainsFunc(refusals, func(k fault.Kind) bool { return fault.Is(err, k) }) {
		p.t.Fatal(err)
	}
}

func (p *planPlayer) newNotice() error {
	n, err := p.App.DraftNotice(p.As("inspector1"), draftInput(p.Env, p.Reported()))
	if err != nil {
		return err
	}
	p.notices = append(p.notices, n)
	if p.draw.IntN(4) == 0 {
		return nil
	}
	_, err = issue(p.Env, "inspector1", n)
	return err
}

func (p *planPlayer) onANotice() error {
	if len(p.notices) == 0 {
		return nil
	}
	n := p.notices[p.draw.IntN(len(p.notices))]
	var err error
	switch p.draw.IntN(7) {
	case 0, 1:
		_, err = p.App.AcknowledgeNotice(p.As("principal1"), app.AcknowledgeNoticeInput{NoticeCommand: onNotice(n), Opinion: "无异议", EvidenceIDs: []id.ID{testkit.Promise()}})
	case 2:
		_, err = p.App.RefuseNotice(p.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(n), Reason: "不在校", Witness: "值班人员"})
	case 3, 4:
		_, err = p.App.ReplyToNotice(p.As("officer1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(n), Reply: "正在整改"})
	case 5:
		var next *ent.Notice
		if next, err = p.App.SupersedeNotice(p.As("inspector1"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: n.PublicID()}); err == nil {
			p.notices = append(p.notices, next)
			_, err = issue(p.Env, "inspector1", next)
		}
	default:
		_, err = handIn(p.Env, "inspector1", teamOne(p.t, p.Env), n)
	}
	return err
}

// void closes what is on notices: nothing is left to do.
func (p *planPlayer) void() error {
	for _, h := range p.list(&app.HazardFilter{Open: new(true)}) {
		if p.draw.IntN(2) == 0 {
			if _, err := p.App.VoidHazard(p.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "非隐患"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// inspect hands in some of what the school owes.
func (p *planPlayer) inspect() error {
	c := testkit.Must(p.App.Coverage(p.As("officer1"), p.School.PublicID(), p.Campaign.PublicID(), nil))(p.t)
	var results []app.FindingInput
	for _, x := range c.Cells {
		if p.draw.IntN(3) == 0 {
			f := app.FindingInput{ID: id.New(id.Finding), ItemID: id.Of(id.ChecklistItem, x.Cell.Item), Result: rule.NotApplicable}
			if p.draw.IntN(4) == 0 {
				photo := testkit.Promise()
				p.photos = append(p.photos, photo)
				f.Result, f.EvidenceIDs = rule.Compliant, []id.ID{photo}
			}
			if x.Cell.Grid != rule.WholeSchool {
				f.GridID = new(id.Of(id.Grid, x.Cell.Grid))
			}
			results = append(results, f)
		}
	}
	if len(results) > 0 {
		inspected(p.t, p.Env, "officer1", rule.SelfInspection, results...)
	}
	return nil
}

func (p *planPlayer) arrive() error {
	n := min(3, len(p.photos))
	p.photos[:n].prove(p.t, p.Env, "officer1", p.School)
	p.photos = p.photos[n:]
	return nil
}

func (p *planPlayer) divide() error {
	if len(p.grids) > 0 && p.draw.IntN(2) == 0 {
		g := p.grids[p.draw.IntN(len(p.grids))]
		_, err := p.App.CloseGrid(p.As("officer1"), places.CloseGridInput{CommandID: id.New(id.Command), GridID: g.PublicID(), Reason: "停用"})
		return err
	}
	p.grids = append(p.grids, newGrid(p.t, p.Env, fmt.Sprint(80+len(p.grids)), "GATE", nil))
	return nil
}

func (p *planPlayer) accuse() error {
	in := p.HazardInput()
	in.DiscoveredAt = p.Clock.Now().Add(-50 * time.Hour)
	_, err := p.App.ReportHazard(p.As("grid1"), in)
	return err
}

func (p *planPlayer) decide() error {
	all := testkit.Must(p.App.Cases(p.As("section"), command.PageArgs{First: new(200)}, nil))(p.t).Rows
	if len(all) == 0 {
		return nil
	}
	c := all[p.draw.IntN(len(all))]
	if p.draw.IntN(3) == 0 {
		_, err := p.App.AppealCase(p.As("principal1"), app.AppealCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Statement: "不服"})
		return err
	}
	_, err := p.App.DecideCase(p.As("leader1"), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Confirm: p.draw.IntN(3) > 0, Reason: "属实"})
	return err
}

// disagree has a team find what the school had said to be in order.
func (p *planPlayer) disagree() error {
	item := p.draw.IntN(len(p.Items()))
	inspected(p.t, p.Env, "officer1", rule.SelfInspection, oneFinding(p.Env, item, nil, rule.Compliant))
	inspected(p.t, p.Env, "inspector1", rule.Supervision, oneFinding(p.Env, item, nil, rule.NonCompliant))
	return nil
}

func (p *planPlayer) visits() error {
	switch {
	case p.plan == nil || p.draw.IntN(4) == 0:
		plan, err := p.App.ProposeVisits(p.As("section"), proposing(p.Env))
		if err == nil {
			p.plan = plan
		}
		return err
	case p.draw.IntN(2) == 0:
		_, err := p.App.ConfirmVisits(p.As("leader1"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: p.plan.PublicID()})
		return err
	}
	for _, v := range visitsOf(p.t, p.Env, p.plan) {
		if v.Status != rule.VisitFallenOut {
			_, err := p.App.CancelVisit(p.As("section"), supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: v.PublicID(), Reason: "停课"})
			return err
		}
	}
	return nil
}

func (p *planPlayer) visit() error {
	if p.plan == nil {
		return nil
	}
	if all := schoolsOf(visitsOf(p.t, p.Env, p.plan)); len(all) > 0 {
		prove(p.t, p.Env, nil, all[p.draw.IntN(len(all))], all[p.draw.IntN(len(all))])
	}
	return nil
}

func (p *planPlayer) exempt() error {
	for _, town := range proofsOf(p.t, p.Env) {
		for _, e := range town.Exemptions {
			if e.Confirmed == nil {
				_, err := p.App.ConfirmExemption(p.As("section"), supervision.ConfirmExemptionInput{
					ID: id.New(id.SamplingExemption), CampaignID: p.Campaign.PublicID(), RegionID: town.Region.PublicID(), Slot: e.Slot, Reason: "无此类学校",
				})
				return err
			}
		}
	}
	return nil
}

// lead forms or dissolves the school's group; the day of forming counts whole, so
// it is formed as its day begins.
func (p *planPlayer) lead() error {
	if p.group != nil {
		_, err := p.App.DissolveLeadingGroup(p.As("principal1"), places.DissolveLeadingGroupInput{
			CommandID: id.New(id.Command), LeadingGroupID: p.group.PublicID(), Reason: "改组",
		})
		p.group = nil
		return err
	}
	p.Clock.Set(p.Today().AddDays(1).Start(p.Campaign.Policy.WithDefaults().Zone()))
	school := p.School.PublicID()
	g, err := p.App.FormLeadingGroup(p.As("principal1"), places.FormLeadingGroupInput{
		ID: id.New(id.LeadingGroup), CampaignID: p.Campaign.PublicID(), SchoolID: &school, HeadID: p.User("principal1").PublicID(), FormedOn: p.Today(),
	})
	p.group = g
	return err
}

// lists compares each figure with the list that it counts, now or as of an instant.
func (p *planPlayer) lists(at *time.Time) {
	p.t.Helper()
	d, plan, sampling := p.figures(at)
	ctx, campaign, page := p.As("section"), p.Campaign.PublicID(), command.PageArgs{First: new(200)}
	same := func(name string, list, figure int) {
		p.t.Helper()
		if list != figure {
			p.t.Errorf("%s as of %v: %d in the list, %d in the figure", name, at, list, figure)
		}
	}
	for f, want := range map[figures.NoticeFigure]int{
		figures.NoticesIssued: plan.Notices.Issued, figures.NoticesAcknowledged: plan.Notices.Acknowledged, figures.NoticesRefused: plan.Notices.Refused,
		figures.NoticesReplied: plan.Notices.Replied, figures.NoticesClosed: plan.Notices.Closed, figures.NoticesOverdue: plan.Notices.Overdue,
	} {
		rows := testkit.Must(p.App.Notices(ctx, page, &app.NoticeFilter{CampaignID: &campaign, Figure: &f, AsOf: at}))(p.t).Rows
		same("notices "+string(f), len(rows), want)
	}
	running := testkit.Must(p.App.Notices(ctx, page, &app.NoticeFilter{CampaignID: &campaign, Status: append(rule.RunningNotices(), rule.NoticeClosed), AsOf: at}))(p.t).Rows
	same("notices by status", len(running), plan.Notices.Issued)
	var teams, complete int
	for _, h := range testkit.Must(p.App.HandIns(ctx, campaign, at))(p.t) {
		if h.Issued > 0 {
			teams++
		}
		if h.Issued > 0 && h.Missing() == 0 {
			complete++
		}
	}
	same("teams with notices", teams, plan.HandIns.Teams)
	same("teams that handed in", complete, plan.HandIns.Complete)
	found := testkit.Must(p.App.Discrepancies(ctx, page, &app.DiscrepancyFilter{CampaignID: &campaign, AsOf: at}))(p.t).Rows
	same("discrepancies", len(found), plan.Accountability.Discrepancies)
	for status, want := range map[rule.CaseStatus]int{rule.CaseOpen: plan.Accountability.CasesOpen, rule.CaseConfirmed: plan.Accountability.CasesConfirmed} {
		rows := testkit.Must(p.App.Cases(ctx, page, &app.CaseFilter{CampaignID: &campaign, Status: &status, AsOf: at}))(p.t).Rows
		same("cases "+string(status), len(rows), want)
	}
	same("hazards to be placed under oversight", len(p.list(&app.HazardFilter{CampaignID: &campaign, NeedsOversight: new(true), AsOf: at})), plan.NeedsOversight)
	schools := func(name string, f places.SchoolFilter, want int) {
		p.t.Helper()
		f.AsOf = at
		same(name, len(testkit.Must(p.App.Schools(ctx, page, &f, nil))(p.t).Rows), want)
	}
	schools("schools without a leading group", places.SchoolFilter{WithoutLeadingGroup: &campaign}, plan.SchoolGroupsMissing)
	schools("schools self-inspected", places.SchoolFilter{CampaignID: &campaign, SelfInspection: new(figures.SchoolsClaimed)}, d.Total.SchoolsSelfClaimed)
	schools("schools self-inspected, proven", places.SchoolFilter{CampaignID: &campaign, SelfInspection: new(figures.SchoolsProven)}, d.Total.SchoolsSelfProven)
	schools("schools visited", places.SchoolFilter{CampaignID: &campaign, Visited: new(figures.SchoolsVisited)}, d.Total.SchoolsVisitedClaimed)
	schools("schools visited, proven", places.SchoolFilter{CampaignID: &campaign, Visited: new(figures.SchoolsVisitedProven)}, d.Total.SchoolsVisitedProven)
	p.coverage(ctx, at, plan.Coverage)
	p.supervision(ctx, at, sampling)
}

// coverage adds up the matrices of all schools.
func (p *planPlayer) coverage(ctx context.Context, at *time.Time, want figures.CoverageFigures) {
	p.t.Helper()
	var all []uuid.UUID
	for _, s := range testkit.Must(p.App.Schools(ctx, command.PageArgs{First: new(200)}, nil, nil))(p.t).Rows {
		all = append(all, s.ID)
	}
	var got figures.CoverageFigures
	for _, c := range testkit.Must(p.App.CoverageOfSchools(ctx, p.Campaign.PublicID(), all, at))(p.t) {
		got.CellsDue, got.CellsClaimed, got.CellsProven = got.CellsDue+c.Due, got.CellsClaimed+c.Claimed, got.CellsProven+c.Proven
		got.GridsDue, got.GridsClaimed, got.GridsProven = got.GridsDue+c.GridsDue, got.GridsClaimed+c.GridsClaimed, got.GridsProven+c.GridsProven
	}
	if got != want {
		p.t.Errorf("coverage as of %v: the schools have %+v, the figure is %+v", at, got, want)
	}
}

// supervision compares the proof and the visits with their figures.
func (p *planPlayer) supervision(ctx context.Context, at *time.Time, want *figures.SamplingFigures) {
	p.t.Helper()
	var meeting, confirmed, waiting int
	for _, x := range testkit.Must(p.App.SamplingProof(ctx, p.Campaign.PublicID(), nil, at, command.PageArgs{First: new(200)}))(p.t).Rows {
		if x.MeetsRule {
			meeting++
		}
		for _, e := range x.Exemptions {
			if e.Confirmed != nil {
				confirmed++
			} else {
				waiting++
			}
		}
	}
	if meeting != want.TownshipsMeeting || confirmed != want.ExemptionsConfirmed || waiting != want.ExemptionsUnconfirmed {
		p.t.Errorf("sampling as of %v: %d townships meet the rule, %d exemptions confirmed, %d waiting; figures %+v", at, meeting, confirmed, waiting, want)
	}
	for _, f := range want.Teams {
		count := func(v supervision.PlannedVisitFilter) int {
			v.TeamID, v.AsOf = new(f.Team.PublicID()), at
			return len(testkit.Must(p.App.PlannedVisits(ctx, p.Campaign.PublicID(), &v, command.PageArgs{First: new(200)}))(p.t).Rows)
		}
		proposed, confirmed := []rule.VisitStatus{rule.VisitProposed}, []rule.VisitStatus{rule.VisitConfirmed}
		got := figures.TeamLoad{
			Proposed: count(supervision.PlannedVisitFilter{Status: proposed}), Confirmed: count(supervision.PlannedVisitFilter{Status: confirmed}),
			Done: count(supervision.PlannedVisitFilter{Status: append(proposed, confirmed...), Done: new(true)}),
		}
		if got != f.TeamLoad {
			p.t.Errorf("team %d as of %v: visits %+v, figures %+v", f.Team.Number, at, got, f.TeamLoad)
		}
	}
}

// TestPlanFiguresCost: statements do not depend on how much there is, now or then.
func TestPlanFiguresCost(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		p := &planPlayer{player: player{t: t, Env: e, draw: rand.New(rand.NewPCG(5, 6))}}
		cost := func(at *time.Time) int {
			ctx := store.WithCount(e.As("section"))
			d := testkit.Must(e.App.Dashboard(ctx, figures.DashboardInput{CampaignID: e.Campaign.PublicID(), AsOf: at}))(t)
			testkit.Must(e.App.PlanFigures(ctx, d))(t)
			testkit.Must(e.App.SupervisionFigures(ctx, d))(t)
			return store.Count(ctx)
		}
		empty := cost(nil)
		at := e.Clock.Now()
		for range 15 {
			e.Clock.Advance(time.Hour)
			p.act()
		}
		if now, earlier := cost(nil), cost(&at); now != empty || earlier != empty || empty > 25 {
			t.Errorf("the figures cost %d statements at first, %d later, %d as of then", empty, now, earlier)
		}
	})
}

// TestBackfill plays a month and takes away what earlier versions did not keep. It
// is derived again from what happened: every figure of every instant is what it
// was. What was stopped goes on; what is done is not done twice.
func TestBackfill(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		p := &planPlayer{player: player{t: t, Env: e, draw: rand.New(rand.NewPCG(7, 8))}}
		p.hazards = append(p.hazards, e.Rectified())
		e.Work()
		type noted struct {
			instant
			statement string
		}
		var seen []noted
		for range 30 {
			e.Clock.Advance(time.Hour + time.Duration(p.draw.IntN(20))*time.Hour)
			seen = append(seen, noted{instant: instant{at: e.Clock.Now()}})
			e.Clock.Advance(time.Hour)
			p.step()
			if p.draw.IntN(2) == 0 {
				[]func() error{p.inspect, p.arrive, p.accuse, p.decide, p.divide}[p.draw.IntN(5)]() // what is refused does not happen
			}
		}
		testkit.NoDifference(t, e)
		for i, earlier := range seen { // late reports have told of the past meanwhile
			seen[i].total, seen[i].statement = p.dashboard(&earlier.at).Total, p.says(&earlier.at)
		}
		forget(t, e)
		if v := testkit.Must(e.App.VerifyFigures(e.System()))(t); len(v.Differences) == 0 {
			t.Error("nothing was taken away")
		}
		if err := e.App.BackfillOne(e.System()); err != nil {
			t.Fatal(err)
		}
		if done := testkit.Must(app.Backfilled(e.System(), e.Store))(t); done {
			t.Error("a stopped backfill says that it is done")
		}
		if err := e.App.Backfill(e.System()); err != nil {
			t.Fatal(err)
		}
		if done := testkit.Must(app.Backfilled(e.System(), e.Store))(t); !done {
			t.Error("it does not say that it is done")
		}
		check := func() {
			t.Helper()
			testkit.NoDifference(t, e)
			for _, earlier := range seen {
				p.checkFigures(earlier.instant)
				p.checkLists(earlier.instant)
				if got := p.says(&earlier.at); got != earlier.statement {
					t.Errorf("as of %s: %s, was %s", earlier.at, got, earlier.statement)
				}
			}
		}
		check()
		forget(t, e)
		if err := e.App.Backfill(e.System()); err != nil {
			t.Fatal(err)
		}
		if n := testkit.Must(e.Store.Ent.HazardState.Query().Count(e.System()))(t); n > 0 {
			t.Error("it was done twice")
		}
		if err := e.App.RebuildFigures(authz.AsSystem(t.Context())); err != nil {
			t.Fatal(err)
		}
		check()
	})
}

// forget takes away everything that is derived.
func forget(t *testing.T, e *testkit.Env) {
	t.Helper()
	sys, c := e.System(), e.Store.Ent
	for _, of := range []func() (int, error){
		func() (int, error) { return c.HazardState.Delete().Exec(sys) }, func() (int, error) { return c.SchoolFigure.Delete().Exec(sys) },
		func() (int, error) { return c.DeadlineFigure.Delete().Exec(sys) }, func() (int, error) { return c.BreakdownFigure.Delete().Exec(sys) },
		func() (int, error) { return c.DayFigure.Delete().Exec(sys) }, func() (int, error) { return c.ClosingFigure.Delete().Exec(sys) },
		func() (int, error) { return c.CoverageCell.Delete().Exec(sys) }, func() (int, error) { return c.GridFigure.Delete().Exec(sys) },
		func() (int, error) { return c.Finding.Update().ClearProvenAt().Save(sys) },
		func() (int, error) { return c.AccountabilityCase.Update().ClearFirstDecidedAt().Save(sys) },
	} {
		testkit.Must(of())(t)
	}
}
