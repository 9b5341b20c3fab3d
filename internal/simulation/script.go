package simulation

import (
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// script decides what happens in the month, and what must be found of it.
func (m *month) script() {
	m.since(m.on(0, 0, 0), "total.schoolsDue", len(m.schools))
	m.supervision()
	for i, s := range m.schools {
		m.group(i, s)
		m.selfInspection(i, s)
		for n, story := range m.storiesOf(i) {
			story(m, s, 1+(i+n*3)%8)
		}
	}
}

// story is the life of one hazard that begins on a day.
type story func(m *month, s *ent.School, day int)

// stories are told in turn, so that a small county has each at least once.
var stories = []story{atOnce, underOversight, overdue, ignored, voided, unsent, late, underOversight, graver, rejected, reused, offline}

func (m *month) storiesOf(school int) []story {
	out := []story{stories[school%len(stories)]}
	for range m.draw.IntN(3) {
		out = append(out, stories[m.draw.IntN(len(stories))])
	}
	return out
}

// What becomes of the self-inspection of every sixth school.
const (
	claimsOnly = 4
	forgets    = 5
)

// claims reports whether a school hands in a self-inspection, in which everything
// is compliant.
func (m *month) claims(s *ent.School) bool {
	return slices.IndexFunc(m.schools, func(x *ent.School) bool { return x.ID == s.ID })%6 != forgets
}

// group: most schools form their leading group on the first day.
func (m *month) group(i int, s *ent.School) {
	if i%5 == 0 {
		m.since(m.on(0, 0, 0), "plan.schoolGroupsMissing", 1)
		return
	}
	leader, school := m.who(s, authz.SchoolLeader), s.PublicID()
	m.will(m.on(0, 9, i%60), "leading group", func() error {
		_, err := m.App.FormLeadingGroup(m.as(leader), places.FormLeadingGroupInput{
			ID: id.New(id.LeadingGroup), CampaignID: m.campaign.PublicID(), SchoolID: &school, HeadID: id.Of(id.User, leader),
			MemberIDs: []id.ID{id.Of(id.User, m.who(s, authz.SchoolSafetyOfficer))}, FormedOn: m.day(0),
		})
		return err
	})
}

// selfInspection: most schools inspect and prove it, some claim it without
// proof, and some forget it.
func (m *month) selfInspection(i int, s *ent.School) {
	officer := m.who(s, authz.SchoolSafetyOfficer)
	proven := true
	switch i % 6 {
	case claimsOnly:
		proven = false
		m.plant("cases "+string(rule.CaseNotCarriedOut), 1)
	case forgets:
		m.plant("cases "+string(rule.CaseNotCarriedOut), 1)
		return
	}
	at := m.on(2+i%9, 8, i%60)
	m.since(at, "total.schoolsSelfClaimed", 1)
	m.since(at, "coverage.cellsClaimed", m.wholeSchool())
	if proven {
		m.since(at, "total.schoolsSelfProven", 1)
		m.since(at, "coverage.cellsProven", m.wholeSchool())
	}
	m.will(at, "self-inspection", func() error {
		ctx := m.as(officer)
		r, err := m.App.StartInspection(ctx, app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: m.campaign.PublicID(), SchoolID: s.PublicID(), Kind: rule.SelfInspection,
		})
		if err != nil {
			return err
		}
		photo := promise()
		if proven {
			if photo, err = m.send(ctx, s, rule.Photo, rule.Site, m.photo()); err != nil {
				return err
			}
		}
		return m.handIn(officer, r, photo, nil)
	})
}

// wholeSchool counts the items that are inspected once for a school: demo schools
// are divided into grids, and these reports say nothing about any of them.
func (m *month) wholeSchool() int {
	n := 0
	for _, i := range m.items {
		if len(i.GridKinds) == 0 {
			n++
		}
	}
	return n
}

// handIn records every item as compliant but those whose numbers are named with
// the finding's id, and submits.
func (m *month) handIn(inspector uuid.UUID, r *ent.InspectionReport, photo id.ID, bad map[int]id.ID, site ...id.ID) error {
	in := app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}
	for _, item := range m.items {
		f := app.FindingInput{ID: id.New(id.Finding), ItemID: item.PublicID(), Result: rule.Compliant, EvidenceIDs: []id.ID{photo}}
		if found, is := bad[item.Number]; is {
			f.ID, f.Result = found, rule.NonCompliant
		}
		in.Findings = append(in.Findings, f)
	}
	if _, err := m.App.RecordFindings(m.as(inspector), in); err != nil {
		return err
	}
	_, err := m.App.SubmitInspectionReport(m.as(inspector), app.SubmitInspectionReportInput{
		CommandID: id.New(id.Command), ReportID: r.PublicID(), EvidenceIDs: site,
	})
	return err
}

// life is a hazard on its way, known by its id.
type life struct {
	m        *month
	s        *ent.School
	id       id.ID
	officer  uuid.UUID
	leader   uuid.UUID
	category string
}

func (m *month) newHazard(s *ent.School) *life {
	m.plant("total.found", 1)
	return &life{
		m: m, s: s, id: id.New(id.Hazard), officer: m.who(s, authz.SchoolSafetyOfficer), leader: m.who(s, authz.SchoolLeader),
		category: []string{"FIRE", "FOOD", "BUILDING", "FACILITIES"}[m.draw.IntN(4)],
	}
}

func (h *life) command(files ...id.ID) app.HazardCommand {
	return app.HazardCommand{CommandID: id.New(id.Command), HazardID: h.id, EvidenceIDs: files}
}

// with sends a photo as a person and does something with it.
func (h *life) with(who uuid.UUID, stage rule.EvidenceStage, content []byte, do func(photo id.ID) error) error {
	photo, err := h.m.send(h.m.as(who), h.s, rule.Photo, stage, content)
	if err != nil {
		return err
	}
	return do(photo)
}
