package figures_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/supervision"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// TestEveryFigure plays a random month and asks every registered figure: its sum now
// is its sum at that instant, the length of its list, and what is rebuilt from the
// rows; asked later as of an instant, it says what it said when that was now.
func TestEveryFigure(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		m := &month{t: t, Env: e, draw: rand.New(rand.NewPCG(1, 11))}
		m.play(56)
		m.remember()
		m.complete()
		t.Logf("%d figures × %d instants, %d of these with their lists; rebuilt at %d", len(figures.All()), len(m.noted), m.underOversight, m.rebuilt)
	})
}

// noted is what the figures said when an instant was now.
type noted struct {
	at     time.Time
	values map[string]figures.Value
}

// month plays.
type month struct {
	*testkit.Env
	t                       *testing.T
	draw                    *rand.Rand
	noted                   []noted
	underOversight, rebuilt int

	hazards []*ent.Hazard
	photos  []id.ID // promised with findings
	notices []*ent.Notice
	grids   []*ent.Grid
	plan    *ent.VisitPlan
	group   *ent.LeadingGroup
	variant int
}

func (m *month) scope(asOf *time.Time, of *ent.Region) figures.Scope {
	return figures.Scope{AsOf: figures.At(m.Clock.Now(), asOf), Campaign: m.Campaign, Region: of}
}

func (m *month) county() *ent.Region {
	m.t.Helper()
	return testkit.Must(m.Store.Ent.Region.Get(m.System(), m.Campaign.RegionID))(m.t)
}

func (m *month) township() *ent.Region {
	m.t.Helper()
	all := testkit.Must(m.Store.Ent.Region.Query().Where(region.LevelEQ(rule.Township)).Order(region.ByPath()).All(m.System()))(m.t)
	return all[m.draw.IntN(len(all))]
}

func (m *month) reader() figures.Reader { return figures.Reader{Ent: m.Store.Ent} }

// play lets one thing after another happen, at random instants.
func (m *month) play(steps int) {
	acts := []func() error{
		m.report, m.listNew, m.report, m.report, m.onAHazard, m.onAHazard, m.onAHazard, m.onAHazard, m.onAHazard, m.onAHazard, m.rectify,
		m.inspect, m.inspect, m.arrive, m.selfInspected, m.visited, m.visited, m.refuseNew, m.acknowledgeNew, m.newNotice, m.handInAll, m.onANotice, m.onANotice, m.onANotice, m.onANotice,
		m.accuse, m.decide, m.disagree, m.planVisits, m.confirmPlan, m.visitTownships, m.planVisits, m.exempt, m.exempt, m.lead, m.divide, m.nothingLeft, m.closeSchool, m.mergeSchool, m.moveSchool, m.endMembership,
	}
	kinds := []fault.Kind{fault.InvalidTransition, fault.Conflict, fault.Forbidden, fault.NotFound, fault.EvidenceMissing, fault.BadUserInput}
	for i := range steps {
		m.Clock.Advance(time.Minute + time.Duration(m.draw.Int64N(int64(14*time.Hour))))
		m.Work()
		if err := m.App.RunClocks(m.System()); err != nil { // what time alone brings about has happened
			m.t.Fatal(err)
		}
		m.Work()
		m.noted = append(m.noted, noted{m.Clock.Now(), testkit.Must(m.reader().Values(m.As("section"), m.scope(nil, m.county())))(m.t)})
		if i%14 == 13 {
			m.check(m.county())
			m.check(m.township())
		}
		m.Clock.Advance(time.Millisecond + time.Duration(m.draw.Int64N(int64(time.Minute))))
		act := acts[m.draw.IntN(len(acts))]
		if i < len(acts) {
			act = acts[i] // each at least once
		}
		err := act()
		if err != nil && !slices.ContainsFunc(kinds, func(k fault.Kind) bool { return fault.Is(err, k) }) {
			m.t.Fatal(err)
		}
	}
}

// check compares the four ways to each figure of now.
func (m *month) check(of *ent.Region) {
	m.t.Helper()
	now := m.Clock.Now()
	m.Clock.Advance(time.Millisecond) // so that the instant lies in the past
	present, earlier := m.scope(nil, of), m.scope(&now, of)
	if present.Past || !earlier.Past {
		m.t.Fatal("now is not past, or then is not")
	}
	section, rd := m.As("section"), m.reader().Remembering()
	for _, f := range figures.All() {
		sum := testkit.Must(f.Sum(section, rd, present))(m.t)
		for name, v := range map[string]figures.Value{
			"then":        testkit.Must(f.Sum(section, rd, earlier))(m.t),
			"list now":    testkit.Must(f.Rows(section, rd, present))(m.t),
			"list then":   testkit.Must(f.Rows(section, rd, earlier))(m.t),
			"the rebuilt": testkit.Must(f.Rebuilt(m.System(), rd, present))(m.t),
		} {
			if !v.Equal(sum) {
				m.t.Errorf("%s of %s at %s: now %s, %s %s", f.Name, of.Name, now, sum, name, v)
			}
		}
	}
	m.rebuilt++
}

// remember asks for every instant that was noted.
func (m *month) remember() {
	m.Clock.Advance(time.Hour)
	section := m.As("section")
	for i, n := range m.noted {
		printed := n.at.Truncate(time.Millisecond) // what the API prints, and is sent back
		sc := m.scope(&printed, m.county())
		values := testkit.Must(m.reader().Values(section, sc))(m.t)
		for _, f := range figures.All() {
			if !values[f.Name].Equal(n.values[f.Name]) {
				m.t.Errorf("%s as of %s is %s, was %s", f.Name, n.at, values[f.Name], n.values[f.Name])
			}
			if i%11 == 0 {
				if rows := testkit.Must(f.Rows(section, m.reader(), sc))(m.t); !rows.Equal(values[f.Name]) {
					m.t.Errorf("%s as of %s is %s, its list has %s", f.Name, n.at, values[f.Name], rows)
				}
			}
		}
		if i%11 == 0 {
			m.underOversight++
		}
	}
	m.curve()
}

// curve compares each day's figures with those of the day's last instant.
func (m *month) curve() {
	m.t.Helper()
	first := rule.DefaultPolicy().Today(m.noted[0].at)
	last := m.noted[len(m.noted)/2].at
	d := testkit.Must(m.App.Dashboard(m.As("section"), figures.DashboardInput{CampaignID: m.Campaign.PublicID(), AsOf: &last}))(m.t)
	days := testkit.Must(m.App.Days(m.As("section"), d, &first, new(m.Today())))(m.t)
	if want := rule.DefaultPolicy().Today(last); len(days) == 0 || days[len(days)-1].Day != want {
		m.t.Fatalf("%d days, the last is not %s", len(days), want)
	}
	for i, day := range days {
		at := day.Day.End(rule.DefaultPolicy().Zone()).Add(-time.Millisecond)
		if i == len(days)-1 {
			at = last
		}
		v := testkit.Must(m.reader().Values(m.As("section"), m.scope(&at, m.county())))(m.t)
		got := []int{day.Found, day.Voided, day.Closed, day.Open, day.UnderOversight, day.ClosedProven, day.MajorOpen}
		for j, name := range []string{"found", "voided", "closed", "open", "underOversight", "closedProven", "majorOpen"} {
			if got[j] != v["total."+name].N {
				m.t.Errorf("%s on %s: %d on the curve, %s at its end", name, day.Day, got[j], v["total."+name])
			}
		}
	}
}

// complete: a figure that was never more than 0 was not tested.
func (m *month) complete() {
	m.t.Helper()
	for _, f := range figures.All() {
		if !slices.ContainsFunc(m.noted, func(n noted) bool { return n.values[f.Name].N > 0 }) {
			m.t.Errorf("%s was 0 at every instant", f.Name)
		}
	}
}

func (m *month) report() error {
	grade := rule.General
	if m.draw.IntN(3) == 0 {
		grade = rule.Major
	}
	return m.reportGraded(grade)
}

func (m *month) reportGraded(grade rule.HazardGrade) error {
	in := m.HazardInput()
	in.DiscoveredAt, in.Grade = m.Clock.Now(), &grade
	in.Category = []string{"FIRE", "FOOD"}[m.draw.IntN(2)]
	h, err := m.App.ReportHazard(m.As("officer1"), in)
	if err == nil {
		m.hazards = append(m.hazards, h)
	}
	return err
}

// onAHazard does something with a hazard, whatever its state allows.
func (m *month) onAHazard() error {
	if len(m.hazards) == 0 {
		return m.report()
	}
	h, c := m.hazards[m.draw.IntN(len(m.hazards))], testkit.Command
	officer, section := m.As("officer1"), m.As("section")
	var err error
	switch m.draw.IntN(9) {
	case 0, 1:
		in := m.OversightInput(h)
		in.DeadlineOn = m.Today().AddDays(m.draw.IntN(3))
		_, err = m.App.PlaceUnderOversight(section, in)
	case 2:
		_, err = m.App.GradeHazard(section, app.GradeHazardInput{HazardCommand: c(h), Grade: rule.Major})
	case 3: // asked by one, decided by another
		if _, err = m.App.GradeHazard(officer, app.GradeHazardInput{HazardCommand: c(h), Grade: rule.General, Reason: new("风险已降低")}); err == nil {
			_, err = m.App.DecideDowngrade(section, app.DecideDowngradeInput{HazardCommand: c(h), Approve: m.draw.IntN(3) > 0})
		}
	case 4:
		_, err = m.App.VoidHazard(section, app.VoidHazardInput{HazardCommand: c(h), Reason: "非隐患"})
	case 5:
		_, err = m.App.ReopenHazard(section, app.ReopenHazardInput{HazardCommand: c(h, testkit.Promise()), Reason: "复发", NewDeadlineOn: m.Today().AddDays(3)})
	case 6:
		in := app.RequestExtensionInput{HazardCommand: c(h), ExtensionID: id.New(id.Extension), UntilOn: m.Today().AddDays(6), Reason: "配件未到"}
		if _, err = m.App.RequestExtension(officer, in); err == nil {
			_, err = m.App.DecideExtension(section, app.DecideExtensionInput{HazardCommand: c(h), Grant: m.draw.IntN(3) > 0})
		}
	case 7:
		_, err = m.App.AcceptRectification(section, testkit.AcceptInput(h, testkit.Promise()))
	default:
		_, err = m.App.RejectRectification(section, m.RejectInput(h, testkit.Promise()))
	}
	return err
}

// rectify closes a hazard with every step proven.
func (m *month) rectify() error {
	m.variant++
	if m.variant > 2 { // real files take their time
		return nil
	}
	before := m.Upload("officer1", m.PhotoFile(rule.Before, 10+m.variant))
	after := m.Upload("officer1", m.PhotoFile(rule.After, 20+m.variant))
	in := m.HazardInput(before)
	in.DiscoveredAt = m.Clock.Now()
	h, err := m.App.ReportHazard(m.As("officer1"), in)
	if err != nil {
		return err
	}
	m.hazards = append(m.hazards, h)
	if _, err := m.App.MarkRectified(m.As("officer1"), testkit.RectifyInput(h, after)); err != nil {
		return err
	}
	m.Clock.Advance(26 * time.Hour)
	_, err = m.App.AcceptRectification(m.As("section"), testkit.AcceptInput(h, m.Upload("section", m.PhotoFile(rule.After, 30+m.variant))))
	return err
}

// inspect hands in findings for some of the cells that the school owes.
func (m *month) inspect() error {
	owes := testkit.Must(m.App.Coverage(m.As("officer1"), m.School.PublicID(), m.Campaign.PublicID(), nil))(m.t)
	var results []app.FindingInput
	for _, x := range owes.Cells {
		if m.draw.IntN(3) == 0 {
			continue
		}
		f := app.FindingInput{ID: id.New(id.Finding), ItemID: id.Of(id.ChecklistItem, x.Cell.Item), Result: rule.NotApplicable}
		if len(m.photos) < 2 && m.draw.IntN(4) == 0 {
			m.photos = append(m.photos, testkit.Promise())
			f.Result, f.EvidenceIDs = rule.Compliant, m.photos[len(m.photos)-1:]
		}
		if x.Cell.Grid != rule.WholeSchool {
			f.GridID = new(id.Of(id.Grid, x.Cell.Grid))
		}
		results = append(results, f)
	}
	return m.handInReport("officer1", rule.SelfInspection, results)
}

func (m *month) handInReport(account string, kind rule.ReportKind, results []app.FindingInput) error {
	in := app.StartInspectionInput{ID: id.New(id.Report), CampaignID: m.Campaign.PublicID(), SchoolID: m.School.PublicID(), Kind: kind}
	if kind == rule.Supervision {
		in.CheckIn = &geo.Point{Latitude: *m.School.Latitude, Longitude: *m.School.Longitude}
	}
	r, err := m.App.StartInspection(m.As(account), in)
	if err != nil {
		return err
	}
	have := map[id.ID]bool{}
	for _, f := range results {
		have[f.ItemID] = true
	}
	for _, item := range m.Items() {
		if !have[item.PublicID()] {
			results = append(results, app.FindingInput{ID: id.New(id.Finding), ItemID: item.PublicID(), Result: rule.NotApplicable})
		}
	}
	if _, err := m.App.RecordFindings(m.As(account), app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: r.PublicID(), Findings: results}); err != nil {
		return err
	}
	_, err = m.App.SubmitInspectionReport(m.As(account), app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()})
	return err
}

func (m *month) arrive() error {
	for i, p := range m.photos {
		f := m.PhotoFile(rule.Site, 40+i)
		f.ID = p
		m.Upload("officer1", f)
	}
	m.photos = nil
	return nil
}

// anywhere is a school in use that is not the Env's.
func (m *month) anywhere() *ent.School {
	m.t.Helper()
	all := testkit.Must(m.Store.Ent.School.Query().Where(school.ClosedAtIsNil(), school.IDNotIn(m.School.ID, m.Other.ID)).Order(school.ByID()).All(m.System()))(m.t)
	return all[m.draw.IntN(len(all))]
}

// inspected makes a report of a school as its use case would: row and figures.
func (m *month) inspected(s *ent.School, kind rule.ReportKind, proven bool) error {
	return m.Store.InTx(m.System(), func(ctx context.Context, tx *ent.Tx) error {
		r := tx.InspectionReport.Create().SetCampaignID(m.Campaign.ID).SetSchoolID(s.ID).SetInspectorID(m.User("inspector1").ID).SetKind(kind).
			SetStatus(rule.Submitted).SetStartedAt(m.Clock.Now()).SetSubmittedAt(m.Clock.Now()).SetCreatedAt(m.Clock.Now())
		if proven {
			r.SetProvenAt(m.Clock.Now())
		}
		row, err := r.Save(ctx)
		if err != nil {
			return err
		}
		return rollup.ReportChanged(ctx, tx, rollup.Owner{CampaignID: m.Campaign.ID, SchoolID: s.ID}, rollup.Report{}, rollup.OfReport(row))
	})
}

func (m *month) selfInspected() error {
	return m.inspected(m.anywhere(), rule.SelfInspection, m.draw.IntN(2) == 0)
}

// visited visits a planned school if there is one: then a visit is done.
func (m *month) visited() error {
	s := m.anywhere()
	if m.plan != nil {
		visits := testkit.Must(m.Store.Ent.PlannedVisit.Query().Where(plannedvisit.PlanID(m.plan.ID), plannedvisit.StatusNEQ(rule.VisitFallenOut)).WithSchool().
			Order(plannedvisit.ByID()).All(m.System()))(m.t)
		if len(visits) > 0 {
			s = visits[m.draw.IntN(len(visits))].Edges.School
		}
	}
	return m.inspected(s, rule.Supervision, m.plan != nil || m.draw.IntN(2) == 0)
}

func (m *month) newNotice() error {
	in := app.DraftNoticeInput{
		ID: id.New(id.Notice), CampaignID: m.Campaign.PublicID(), SchoolID: m.School.PublicID(), DeadlineOn: m.Today().AddDays(m.draw.IntN(3)), Requirements: "限期整改",
	}
	h := m.HazardInput()
	h.DiscoveredAt = m.Clock.Now()
	reported, err := m.App.ReportHazard(m.As("officer1"), h)
	if err != nil {
		return err
	}
	in.Items = []app.NoticeItemInput{{HazardID: reported.PublicID()}}
	n, err := m.App.DraftNotice(m.As("inspector1"), in)
	if err != nil {
		return err
	}
	m.notices = append(m.notices, n)
	_, err = m.App.IssueNotice(m.As("inspector1"), app.IssueNoticeInput{NoticeCommand: onNotice(n)})
	return err
}

func onNotice(n *ent.Notice) app.NoticeCommand {
	return app.NoticeCommand{CommandID: id.New(id.Command), NoticeID: n.PublicID()}
}

func (m *month) onANotice() error {
	if len(m.notices) == 0 {
		return m.newNotice()
	}
	n := m.notices[m.draw.IntN(len(m.notices))]
	var err error
	switch m.draw.IntN(7) {
	case 0, 1:
		_, err = m.App.AcknowledgeNotice(m.As("principal1"), app.AcknowledgeNoticeInput{NoticeCommand: onNotice(n), Opinion: "无异议", EvidenceIDs: []id.ID{testkit.Promise()}})
	case 2:
		_, err = m.App.RefuseNotice(m.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(n), Reason: "不在校", Witness: "值班人员"})
	case 3:
		_, err = m.App.ReplyToNotice(m.As("officer1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(n), Reply: "正在整改"})
	case 4:
		err = m.nothingLeft()
	case 5:
		var next *ent.Notice
		if next, err = m.App.SupersedeNotice(m.As("inspector1"), app.SupersedeNoticeInput{ID: id.New(id.Notice), NoticeID: n.PublicID()}); err == nil {
			m.notices = append(m.notices, next)
			_, err = m.App.IssueNotice(m.As("inspector1"), app.IssueNoticeInput{NoticeCommand: onNotice(next)})
		}
	default:
		err = m.handInAll()
	}
	return err
}

// handInAll hands in what team one has issued.
func (m *month) handInAll() error {
	team := testkit.Must(m.Store.Ent.InspectionTeam.Query().Where(inspectionteam.Number(1)).Only(m.System()))(m.t)
	in := app.HandInNoticesInput{CommandID: id.New(id.Command), TeamID: team.PublicID()}
	for _, x := range testkit.Must(m.App.Notices(m.As("inspector1"), command.PageArgs{First: new(200)}, &app.NoticeFilter{Figure: new(figures.NoticesIssued)}))(m.t).Rows {
		if x.HandedInAt == nil && x.TeamID != nil && *x.TeamID == team.ID {
			in.NoticeIDs = append(in.NoticeIDs, x.PublicID())
		}
	}
	if len(in.NoticeIDs) == 0 {
		return nil
	}
	_, err := m.App.HandInNotices(m.As("inspector1"), in)
	return err
}

func (m *month) refuseNew() error {
	if err := m.newNotice(); err != nil {
		return err
	}
	_, err := m.App.RefuseNotice(m.As("inspector1"), app.RefuseNoticeInput{NoticeCommand: onNotice(m.notices[len(m.notices)-1]), Reason: "不在校", Witness: "值班人员"})
	return err
}

func (m *month) acknowledgeNew() error {
	if err := m.newNotice(); err != nil {
		return err
	}
	n := m.notices[len(m.notices)-1]
	_, err := m.App.AcknowledgeNotice(m.As("principal1"), app.AcknowledgeNoticeInput{NoticeCommand: onNotice(n), Opinion: "无异议", EvidenceIDs: []id.ID{testkit.Promise()}})
	if err != nil {
		return err
	}
	m.Clock.Advance(time.Minute)
	_, err = m.App.ReplyToNotice(m.As("officer1"), app.ReplyToNoticeInput{NoticeCommand: onNotice(n), Reply: "正在整改"})
	return err
}

// nothingLeft voids what is open: notices close.
func (m *month) nothingLeft() error {
	for _, h := range testkit.Must(m.App.Hazards(m.As("section"), command.PageArgs{First: new(200)}, &app.HazardFilter{Open: new(true)}, nil))(m.t).Rows {
		if _, err := m.App.VoidHazard(m.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "非隐患"}); err != nil {
			return err
		}
	}
	return nil
}

func (m *month) listNew() error {
	if err := m.reportGraded(rule.Major); err != nil {
		return err
	}
	_, err := m.App.PlaceUnderOversight(m.As("section"), m.OversightInput(m.hazards[len(m.hazards)-1]))
	return err
}

func (m *month) confirmPlan() error {
	if m.plan == nil {
		return nil
	}
	_, err := m.App.ConfirmVisits(m.As("leader1"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: m.plan.PublicID()})
	return err
}

// visitTownships visits every second school: some townships meet the rule.
func (m *month) visitTownships() error {
	for i, s := range testkit.Must(m.Store.Ent.School.Query().Where(school.ClosedAtIsNil()).Order(school.ByID()).All(m.System()))(m.t) {
		if i%2 == 0 || i > 12 {
			if err := m.inspected(s, rule.Supervision, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// accuse reports late: a case is raised.
func (m *month) accuse() error {
	in := m.HazardInput()
	in.DiscoveredAt = m.Clock.Now().Add(-50 * time.Hour)
	_, err := m.App.ReportHazard(m.As("grid1"), in)
	m.retell(in.DiscoveredAt, "total.found", "total.open") // as known now it was there
	return err
}

func (m *month) decide() error {
	all := testkit.Must(m.App.Cases(m.As("section"), command.PageArgs{First: new(200)}, nil))(m.t).Rows
	if len(all) == 0 {
		return m.accuse()
	}
	c := all[m.draw.IntN(len(all))]
	_, err := m.App.DecideCase(m.As("leader1"), app.DecideCaseInput{CommandID: id.New(id.Command), CaseID: c.PublicID(), Confirm: m.draw.IntN(3) > 0, Reason: "属实"})
	return err
}

// disagree has a team find what the school had said to be in order.
func (m *month) disagree() error {
	item := m.Items()[m.draw.IntN(len(m.Items()))].PublicID()
	for _, by := range []struct {
		account string
		kind    rule.ReportKind
		result  rule.FindingResult
	}{{"officer1", rule.SelfInspection, rule.Compliant}, {"inspector1", rule.Supervision, rule.NonCompliant}} {
		f := app.FindingInput{ID: id.New(id.Finding), ItemID: item, Result: by.result, Note: new("现场查看"), EvidenceIDs: []id.ID{testkit.Promise()}}
		if err := m.handInReport(by.account, by.kind, []app.FindingInput{f}); err != nil {
			return err
		}
		m.Clock.Advance(time.Minute)
	}
	return nil
}

func (m *month) planVisits() error {
	if m.plan == nil || m.draw.IntN(4) == 0 {
		plan, err := m.App.ProposeVisits(m.As("section"), supervision.ProposeVisitsInput{ID: id.New(id.VisitPlan), CampaignID: m.Campaign.PublicID(), Seed: "2026-03-10 双色球 07 12 18"})
		if err == nil {
			m.plan = plan
		}
		return err
	}
	if m.draw.IntN(2) == 0 {
		_, err := m.App.ConfirmVisits(m.As("leader1"), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: m.plan.PublicID()})
		return err
	}
	visits := testkit.Must(m.Store.Ent.PlannedVisit.Query().Where(plannedvisit.PlanID(m.plan.ID), plannedvisit.StatusNEQ(rule.VisitFallenOut)).
		Order(plannedvisit.ByID()).All(m.System()))(m.t)
	if len(visits) == 0 {
		return nil
	}
	_, err := m.App.CancelVisit(m.As("section"), supervision.CancelVisitInput{CommandID: id.New(id.Command), VisitID: visits[0].PublicID(), Reason: "停课"})
	return err
}

func (m *month) exempt() error {
	proofs := testkit.Must(m.App.SamplingProof(m.As("section"), m.Campaign.PublicID(), nil, nil, command.PageArgs{First: new(200)}))(m.t).Rows
	for _, town := range proofs {
		for _, e := range town.Exemptions {
			if e.Confirmed == nil {
				_, err := m.App.ConfirmExemption(m.As("section"), supervision.ConfirmExemptionInput{
					ID: id.New(id.SamplingExemption), CampaignID: m.Campaign.PublicID(), RegionID: town.Region.PublicID(), Slot: e.Slot, Reason: "无此类学校",
				})
				return err
			}
		}
	}
	return nil
}

// lead forms or dissolves the school's group. The day of forming counts whole, so it
// is formed as its day begins.
func (m *month) lead() error {
	if m.group != nil {
		_, err := m.App.DissolveLeadingGroup(m.As("principal1"), places.DissolveLeadingGroupInput{
			CommandID: id.New(id.Command), LeadingGroupID: m.group.PublicID(), Reason: "改组",
		})
		m.group = nil
		return err
	}
	m.Clock.Set(m.Today().AddDays(1).Start(rule.DefaultPolicy().Zone()))
	s := m.School.PublicID()
	g, err := m.App.FormLeadingGroup(m.As("principal1"), places.FormLeadingGroupInput{
		ID: id.New(id.LeadingGroup), CampaignID: m.Campaign.PublicID(), SchoolID: &s, HeadID: m.User("principal1").PublicID(), FormedOn: m.Today(),
	})
	if err == nil {
		m.group = g
	}
	return err
}

func (m *month) divide() error {
	if len(m.grids) > 0 && m.draw.IntN(2) == 0 {
		g := m.grids[m.draw.IntN(len(m.grids))]
		_, err := m.App.CloseGrid(m.As("officer1"), places.CloseGridInput{CommandID: id.New(id.Command), GridID: g.PublicID(), Reason: "停用"})
		return err
	}
	rows, err := m.App.CreateGrids(m.As("officer1"), places.CreateGridsInput{CommandID: id.New(id.Command), SchoolID: m.School.PublicID(), Grids: []places.NewGridInput{
		{ID: id.New(id.Grid), Code: fmt.Sprint(80 + len(m.grids)), Name: "新网格", Kind: "GATE"},
	}})
	m.grids = append(m.grids, rows...)
	return err
}

// closeSchool closes one with reports of both kinds: it leaves numerator and
// denominator alike.
func (m *month) closeSchool() error { return m.close(nil) }

func (m *month) mergeSchool() error { return m.close(new(m.Other.PublicID())) }

func (m *month) close(into *id.ID) error {
	s := m.anywhere()
	for _, kind := range []rule.ReportKind{rule.SelfInspection, rule.Supervision} {
		if err := m.inspected(s, kind, true); err != nil {
			return err
		}
	}
	m.Clock.Advance(time.Second)
	_, err := m.App.CloseSchool(m.As("section"), places.CloseSchoolInput{CommandID: id.New(id.Command), SchoolID: s.PublicID(), MergedIntoID: into})
	return err
}

func (m *month) moveSchool() error {
	s := m.School
	if m.draw.IntN(2) == 0 {
		s = m.anywhere()
	}
	_, err := m.App.MoveSchool(m.As("section"), places.MoveSchoolInput{CommandID: id.New(id.Command), SchoolID: s.PublicID(), RegionID: m.township().PublicID()})
	// A school takes its past along: a township's figures, also those of past instants,
	// count the schools that are in it now.
	m.retell(time.Time{}, "supervision.townshipsMeeting", "supervision.exemptionsConfirmed", "supervision.exemptionsUnconfirmed")
	return err
}

// retell takes what some figures say now of the instants after another: something was
// learnt of the past.
func (m *month) retell(since time.Time, names ...string) {
	m.t.Helper()
	m.Clock.Advance(time.Minute)
	for _, n := range m.noted {
		if n.at.After(since) {
			values := testkit.Must(m.reader().Values(m.As("section"), m.scope(&n.at, m.county())))(m.t)
			for _, name := range names {
				n.values[name] = values[name]
			}
		}
	}
}

// endMembership ends somebody's role in a school: no figure counts people.
func (m *month) endMembership() error {
	rows := testkit.Must(m.Store.Ent.Membership.Query().Where(membership.SchoolID(m.anywhere().ID), membership.ValidUntilIsNil()).Order(membership.ByID()).All(m.System()))(m.t)
	if len(rows) == 0 {
		return nil
	}
	return m.Store.Ent.Membership.UpdateOneID(rows[0].ID).SetValidUntil(m.Today()).Exec(m.System())
}
