package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/plannedvisit"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/supervision"
)

const (
	supervisionFrom = 14 // the first day of the supervision, as in the plan
	badItem         = 11 // what teams find: extinguishers and ways out
)

// byTownship are the schools of each township, and the townships in their order.
func (m *month) byTownship() (map[string][]*ent.School, []string) {
	schools, order := map[string][]*ent.School{}, []string{}
	for _, s := range m.schools {
		if len(schools[s.RegionPath]) == 0 {
			order = append(order, s.RegionPath)
		}
		schools[s.RegionPath] = append(schools[s.RegionPath], s)
	}
	slices.Sort(order)
	return schools, order
}

// missing is how many of the three kinds of schools a township can't show by
// three different schools: tried out, not matched, so that it proves the planner.
func missing(schools []*ent.School) int {
	stands := []func(*ent.School) bool{
		func(s *ent.School) bool { return slices.Contains(s.Stages, rule.Middle) },
		func(s *ent.School) bool { return slices.Contains(s.Stages, rule.Primary) },
		func(s *ent.School) bool { return s.Ownership == rule.Private },
	}
	used := map[uuid.UUID]bool{}
	var best func(kind int) int
	best = func(kind int) int {
		if kind == len(stands) {
			return 0
		}
		most := best(kind + 1)
		for _, s := range schools {
			if !used[s.ID] && stands[kind](s) {
				used[s.ID] = true
				most = max(most, 1+best(kind+1))
				used[s.ID] = false
			}
		}
		return most
	}
	return len(stands) - best(0)
}

// supervision: the section draws and confirms the visits, and the teams go. The
// visits of the last township are made from somewhere else.
func (m *month) supervision() {
	schools, townships := m.byTownship()
	begin, confirmed := m.on(0, 0, 0), m.on(supervisionFrom, 10, 0)
	m.since(begin, "supervision.townships", len(townships))
	m.plant("supervision.townshipsMeeting", len(townships)-1)
	for i, t := range townships {
		m.since(begin, "supervision.exemptionsUnconfirmed", missing(schools[t]))
		m.since(confirmed, "supervision.exemptionsUnconfirmed", -missing(schools[t]))
		m.since(confirmed, "supervision.exemptionsConfirmed", missing(schools[t]))
		visits := min(3, len(schools[t]))
		m.since(m.on(supervisionFrom, 9, 0), "visits planned", visits)
		m.plant("total.schoolsVisitedClaimed", visits)
		if i < len(townships)-1 {
			m.plant("total.schoolsVisitedProven", visits)
			m.plant("supervision.visitsDone", visits)
		}
	}
	section := m.bureau["section"]
	plan := id.New(id.VisitPlan)
	m.will(m.on(supervisionFrom, 9, 0), "propose visits", func() error {
		_, err := m.App.ProposeVisits(m.as(section), supervision.ProposeVisitsInput{ID: plan, CampaignID: m.campaign.PublicID(), Seed: "公开抽签"})
		return err
	})
	m.will(m.on(supervisionFrom, 10, 0), "confirm visits", func() error {
		if _, err := m.App.ConfirmVisits(m.as(section), supervision.ConfirmVisitsInput{CommandID: id.New(id.Command), PlanID: plan}); err != nil {
			return err
		}
		if err := m.confirmExemptions(section); err != nil {
			return err
		}
		return m.sendTeams(plan, townships[len(townships)-1])
	})
}

func (m *month) confirmExemptions(section uuid.UUID) error {
	proofs, err := m.App.SamplingProof(m.as(section), m.campaign.PublicID(), nil, nil, command.PageArgs{First: new(200)})
	if err != nil {
		return err
	}
	for _, p := range proofs.Rows {
		for _, e := range p.Exemptions {
			_, err := m.App.ConfirmExemption(m.as(section), supervision.ConfirmExemptionInput{
				ID: id.New(id.SamplingExemption), CampaignID: m.campaign.PublicID(), RegionID: p.Region.PublicID(), Slot: e.Slot, Reason: "该乡镇无此类学校",
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sendTeams plans what happens on each visit.
func (m *month) sendTeams(plan id.ID, far string) error {
	visits, err := m.Ent.PlannedVisit.Query().Where(plannedvisit.PlanID(plan.UUID)).WithSchool().Order(ent.Asc(plannedvisit.FieldSchoolID)).All(m.sys)
	if err != nil {
		return fmt.Errorf("simulation: the visits: %w", err)
	}
	slices.SortFunc(visits, func(a, b *ent.PlannedVisit) int { // ids of schools are drawn, their codes are not
		return compareSchools(a.Edges.School, b.Edges.School)
	})
	for n, v := range visits {
		contact, err := m.contact(v.TeamID)
		if err != nil {
			return err
		}
		m.visit(n, v, contact, v.RegionPath == far)
	}
	return m.handInAll()
}

func compareSchools(a, b *ent.School) int { return slices.Compare([]byte(a.Code), []byte(b.Code)) }

// contact is who inspects for a team: its second member.
func (m *month) contact(team uuid.UUID) (uuid.UUID, error) {
	member, err := m.Ent.TeamMember.Query().Where(teammember.TeamID(team), teammember.Position(1), teammember.LeftOnIsNil()).Only(m.sys)
	if err != nil {
		return uuid.Nil, fmt.Errorf("simulation: the contact of a team: %w", err)
	}
	return member.UserID, nil
}

// visit is one visit: every second one finds a problem, every fourth a major one,
// and hands over a notice.
func (m *month) visit(n int, v *ent.PlannedVisit, inspector uuid.UUID, far bool) {
	s, day := v.Edges.School, supervisionFrom+1+n%7
	problem, major := n%2 == 0, n%4 == 0
	report, finding, hazard := id.New(id.Report), id.New(id.Finding), id.New(id.Hazard)
	m.will(m.on(day, 10, n%60), "visit", func() error {
		ctx := m.as(inspector)
		at := geo.Point{Latitude: *s.Latitude, Longitude: *s.Longitude}
		if far {
			at.Latitude += 0.2 // some 22 km off
		}
		r, err := m.App.StartInspection(ctx, app.StartInspectionInput{
			ID: report, CampaignID: m.campaign.PublicID(), SchoolID: s.PublicID(), Kind: rule.Supervision, CheckIn: &at,
		})
		if err != nil {
			return err
		}
		photo, err := m.send(ctx, s, rule.Photo, rule.Site, m.photo())
		if err != nil {
			return err
		}
		film, err := m.send(ctx, s, rule.Video, rule.Site, m.film())
		if err != nil {
			return err
		}
		bad := map[int]id.ID{}
		if problem {
			bad[badItem] = finding
		}
		return m.handIn(inspector, r, photo, bad, photo, film)
	})
	m.visitDated(v, m.on(day, 10, n%60), far)
	if !problem {
		return
	}
	m.plant("total.found", 1)
	m.plant("total.open", 1)
	m.plant("plan.needsOversight", 1)
	if m.claims(s) {
		m.since(m.on(day, 10, n%60), "accountability.discrepancies", 1)
	}
	grade := rule.General
	if major {
		grade = rule.Major
		m.plant("total.majorOpen", 1)
		if m.claims(s) {
			m.plant("cases "+string(rule.CaseMissed), 1)
		}
	}
	m.will(m.on(day, 11, n%60), "hazard on a visit", func() error {
		ctx := m.as(inspector)
		photo, err := m.send(ctx, s, rule.Photo, rule.Before, m.photo())
		if err != nil {
			return err
		}
		film, err := m.send(ctx, s, rule.Video, rule.Before, m.film())
		if err != nil {
			return err
		}
		_, err = m.App.ReportHazard(ctx, app.ReportHazardInput{
			ID: hazard, CampaignID: m.campaign.PublicID(), SchoolID: s.PublicID(), Place: new("二号楼"), ReportID: &report, FindingID: &finding,
			Category: "FIRE", Description: "疏散通道堵塞", Grade: &grade, DiscoveredAt: m.Clock.Now(), EvidenceIDs: []id.ID{photo, film},
		})
		return err
	})
	if at := m.on(day, 15, n%60); m.noticed[v.TeamID].IsZero() || at.Before(m.noticed[v.TeamID]) {
		m.noticed[v.TeamID] = at
	}
	m.notice(n, s, day, inspector, report)
}

// visitDated notes when a visit counts. The total is known without the plan.
func (m *month) visitDated(v *ent.PlannedVisit, at time.Time, far bool) {
	m.dated = append(m.dated, dated{at, "total.schoolsVisitedClaimed", 1})
	if far {
		return
	}
	m.dated = append(m.dated, dated{at, "total.schoolsVisitedProven", 1}, dated{at, "supervision.visitsDone", 1})
	if at.After(m.visited[v.RegionPath]) {
		m.visited[v.RegionPath] = at
	}
}

// notice is handed over on the day of the visit; most heads of school sign it on
// the next, every third refuses.
func (m *month) notice(n int, s *ent.School, day int, inspector uuid.UUID, report id.ID) {
	notice := id.New(id.Notice)
	step := func() app.NoticeCommand { return app.NoticeCommand{CommandID: id.New(id.Command), NoticeID: notice} }
	leader := m.who(s, "SCHOOL_LEADER")
	m.since(m.on(day, 15, n%60), "notices.issued", 1)
	m.will(m.on(day, 15, n%60), "notice", func() error {
		_, err := m.App.DraftNotice(m.as(inspector), app.DraftNoticeInput{
			ID: notice, CampaignID: m.campaign.PublicID(), SchoolID: s.PublicID(), ReportID: &report, DeadlineOn: m.day(m.days() + 5), Requirements: "限期整改并回复",
		})
		if err != nil {
			return err
		}
		_, err = m.App.IssueNotice(m.as(inspector), app.IssueNoticeInput{NoticeCommand: step()})
		return err
	})
	if n%6 == 4 {
		m.since(m.on(day+1, 10, n%60), "notices.refused", 1)
		m.will(m.on(day+1, 10, n%60), "refuse", func() error {
			_, err := m.App.RefuseNotice(m.as(inspector), app.RefuseNoticeInput{NoticeCommand: step(), Reason: "校长不在校", Witness: "学校值班人员"})
			return err
		})
		return
	}
	m.since(m.on(day+1, 10, n%60), "notices.acknowledged", 1)
	m.since(m.on(day+2, 10, n%60), "notices.replied", 1)
	m.will(m.on(day+1, 10, n%60), "acknowledge", func() error {
		signature, err := m.send(m.as(leader), s, rule.Photo, rule.Signature, m.photo())
		if err != nil {
			return err
		}
		_, err = m.App.AcknowledgeNotice(m.as(leader), app.AcknowledgeNoticeInput{NoticeCommand: step(), Opinion: "无异议", EvidenceIDs: []id.ID{signature}})
		return err
	})
	m.will(m.on(day+2, 10, n%60), "reply", func() error {
		_, err := m.App.ReplyToNotice(m.as(leader), app.ReplyToNoticeInput{NoticeCommand: step(), Reply: "正在整改"})
		return err
	})
}

// handInAll: on the last day each contact hands the team's notices in, but the
// last team forgets.
func (m *month) handInAll() error {
	teams, err := m.Ent.InspectionTeam.Query().Where(inspectionteam.CampaignID(m.campaign.ID)).Order(ent.Asc(inspectionteam.FieldNumber)).All(m.sys)
	if err != nil {
		return fmt.Errorf("simulation: teams: %w", err)
	}
	m.will(m.on(m.days()-1, 16, 0), "hand in", func() error {
		var with [][]*ent.Notice
		for _, t := range teams {
			notices, err := m.Ent.Notice.Query().Where(notice.TeamID(t.ID)).All(m.sys)
			if err != nil {
				return err
			}
			if len(notices) > 0 {
				with = append(with, notices)
			}
		}
		m.plant("handIns.teams", len(with))
		m.plant("handIns.complete", len(with)-1)
		for _, notices := range with[:len(with)-1] {
			contact, err := m.contact(*notices[0].TeamID)
			if err != nil {
				return err
			}
			in := app.HandInNoticesInput{CommandID: id.New(id.Command), TeamID: id.Of(id.Team, *notices[0].TeamID)}
			for _, n := range notices {
				in.NoticeIDs = append(in.NoticeIDs, n.PublicID())
			}
			if _, err := m.App.HandInNotices(m.as(contact), in); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}
