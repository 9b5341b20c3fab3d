package simulation

import (
	"errors"
	"fmt"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// report has the safety officer report the hazard at ten on a day.
func (h *life) report(day int, found time.Duration) { h.reportQueued(day, found, nil) }

// reportQueued is report by a phone that was offline since somebody pressed send.
func (h *life) reportQueued(day int, found time.Duration, queued *time.Duration) {
	h.m.will(h.m.on(day, 10, 0), "report", func() error {
		return h.with(h.officer, rule.Before, h.m.photo(), func(photo id.ID) error {
			in := app.ReportHazardInput{
				ID: h.id, CampaignID: h.m.campaign.PublicID(), SchoolID: h.s.PublicID(), Place: new("一号楼"), Category: h.category,
				Description: "示范隐患", DiscoveredAt: h.m.Clock.Now().Add(-found), EvidenceIDs: []id.ID{photo},
			}
			if queued != nil {
				in.QueuedAt = new(h.m.Clock.Now().Add(-*queued))
			}
			_, err := h.m.App.ReportHazard(h.m.as(h.officer), in)
			return err
		})
	})
}

// rectify has the responsible person say that it is done.
func (h *life) rectify(at time.Time, after func() (id.ID, error)) {
	h.m.will(at, "rectify", func() error {
		photo, err := after()
		if err != nil {
			return err
		}
		_, err = h.m.App.MarkRectified(h.m.as(h.officer), app.MarkRectifiedInput{HazardCommand: h.command(photo), MeasuresTaken: "已整改"})
		return err
	})
}

// after is a new photo of what was rectified.
func (h *life) after() (id.ID, error) {
	return h.m.send(h.m.as(h.officer), h.s, rule.Photo, rule.After, h.m.photo())
}

// accept has the head of the school recheck, on the next morning.
func (h *life) accept(day int) {
	h.m.will(h.m.on(day, 9, 30), "accept", func() error {
		return h.with(h.leader, rule.Site, h.m.photo(), func(photo id.ID) error {
			_, err := h.m.App.AcceptRectification(h.m.as(h.leader), app.AcceptRectificationInput{
				HazardCommand: h.command(photo), RecheckID: id.New(id.Recheck),
			})
			return err
		})
	})
	h.m.plant("total.closed", 1)
	h.m.plant("total.closedProven", 1)
}

// list puts it under supervision in the afternoon of a day.
func (h *life) list(day, deadline int, bySection bool) {
	by := h.officer
	if bySection {
		by = h.m.bureau["section"]
	}
	h.m.will(h.m.on(day, 15, 0), "list", func() error {
		return h.with(h.officer, rule.During, h.m.photo(), func(photo id.ID) error {
			_, err := h.m.App.PlaceUnderOversight(h.m.as(by), app.PlaceUnderOversightInput{
				HazardCommand: h.command(photo), ProtectiveMeasures: "围挡并设专人看护", DeadlineOn: h.m.day(deadline), ResponsibleID: id.Of(id.User, h.officer),
			})
			return err
		})
	})
}

// plan is submitted on one day and approved by the section on the next.
func (h *life) plan(day, completeBy int) {
	h.m.will(h.m.on(day, 11, 0), "plan", func() error {
		_, err := h.m.App.SubmitRectificationPlan(h.m.as(h.officer), app.SubmitRectificationPlanInput{
			HazardCommand: h.command(), PlanID: id.New(id.RectificationPlan), ResponsibleID: id.Of(id.User, h.officer), Measures: "更换并加固",
			FundsFen: 50_000, CompleteBy: h.m.day(completeBy), ContingencyPlan: "停用并疏散",
		})
		return err
	})
	h.m.will(h.m.on(day+1, 11, 0), "approve", func() error {
		_, err := h.m.App.ApproveRectificationPlan(h.m.as(h.m.bureau["section"]), app.DecidePlanInput{HazardCommand: h.command()})
		return err
	})
}

// stays notes a hazard that is open at the end.
func (h *life) stays(also ...string) {
	h.m.plant("total.open", 1)
	for _, name := range also {
		h.m.plant(name, 1)
	}
}

func atOnce(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.rectify(m.on(day, 12, 0), h.after)
	h.accept(day + 1)
}

// late is reported long after its discovery.
func late(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, 60*time.Hour)
	h.rectify(m.on(day, 12, 0), h.after)
	h.accept(day + 1)
	m.plant("cases "+string(rule.CaseLateReport), 1)
}

// offline is sent an hour after its discovery, from a phone that finds a network
// only days later: nobody is late.
func offline(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.reportQueued(day, 60*time.Hour, new(59*time.Hour))
	h.rectify(m.on(day, 12, 0), h.after)
	h.accept(day + 1)
}

// reused shows, as the work of one school, the photo of another.
func reused(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.rectify(m.on(day, 12, 0), func() (id.ID, error) {
		return m.send(m.as(h.officer), s, rule.Photo, rule.After, m.first)
	})
	h.accept(day + 1)
	m.plant("cases "+string(rule.CaseFalseReport), 1)
}

func underOversight(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.list(day, day+8, false)
	h.plan(day+1, day+7)
	h.rectify(m.on(day+4, 16, 0), h.after)
	h.accept(day + 5)
}

// overdue is placed under oversight and planned, and then nobody does anything.
func overdue(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.list(day, day+4, false)
	h.plan(day+1, day+3)
	h.stays("total.underOversight", "total.overdue", "cases "+string(rule.CaseOverdue))
}

// ignored is neither rectified at once nor placed under oversight.
func ignored(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.stays("plan.needsOversight")
}

func voided(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	m.will(m.on(day+1, 14, 0), "void", func() error {
		_, err := m.App.VoidHazard(m.as(m.bureau["section"]), app.VoidHazardInput{HazardCommand: h.command(), Reason: "非隐患"})
		return err
	})
	m.plant("total.voided", 1)
}

// unsent names a photo that never arrives: the work counts as not done.
func unsent(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.rectify(m.on(day, 12, 0), func() (id.ID, error) { return promise(), nil })
	h.stays()
}

// graver is a major hazard: the section places it under oversight, and it takes longer than the
// month.
func graver(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	m.will(m.on(day, 14, 0), "grade", func() error {
		_, err := m.App.GradeHazard(m.as(m.bureau["section"]), app.GradeHazardInput{HazardCommand: h.command(), Grade: rule.Major})
		return err
	})
	h.list(day, m.days()+10, true)
	h.stays("total.underOversight", "total.majorOpen")
}

// rejected is accepted only after a second try.
func rejected(m *month, s *ent.School, day int) {
	h := m.newHazard(s)
	h.report(day, time.Hour)
	h.rectify(m.on(day, 12, 0), h.after)
	m.will(m.on(day+1, 9, 0), "reject", func() error {
		return h.with(h.leader, rule.Site, m.photo(), func(photo id.ID) error {
			_, err := m.App.RejectRectification(m.as(h.leader), app.RejectRectificationInput{
				HazardCommand: h.command(photo), RecheckID: id.New(id.Recheck), Reason: "未彻底", NewDeadlineOn: m.day(day + 6),
			})
			return err
		})
	})
	h.rectify(m.on(day+3, 12, 0), h.after)
	m.will(m.on(day+3, 13, 0), "accept the own work", func() error {
		return h.with(h.officer, rule.Site, m.photo(), func(photo id.ID) error {
			_, err := m.App.AcceptRectification(m.as(h.officer), app.AcceptRectificationInput{HazardCommand: h.command(photo), RecheckID: id.New(id.Recheck)})
			return mustBe(err, fault.Forbidden)
		})
	})
	m.plant("cases "+string(rule.CaseSelfDealing), 1)
	h.accept(day + 4)
	m.will(m.on(day+4, 9, 31), "accept twice", func() error { // two people at once: one wins
		section := m.bureau["section"]
		return h.with(h.officer, rule.Site, m.photo(), func(photo id.ID) error {
			_, err := m.App.AcceptRectification(m.as(section), app.AcceptRectificationInput{HazardCommand: h.command(photo), RecheckID: id.New(id.Recheck)})
			return mustBe(err, fault.InvalidTransition)
		})
	})
}

// mustBe turns the refusal that was planned into no error.
func mustBe(err error, kind fault.Kind) error {
	if fault.Is(err, kind) {
		return nil
	}
	return fmt.Errorf("should have been refused as %v: %w", kind, errors.Join(err, errPlayed))
}

var errPlayed = errors.New("it was not as planned")
