package app_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func raise(h *ent.Hazard, level rule.OversightLevel) app.EscalateOversightInput {
	return app.EscalateOversightInput{HazardCommand: testkit.Command(h), Level: level, Reason: "逾期未改", DocumentNumber: new("武教督〔2026〕3号")}
}

func TestEscalateOversight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.UnderOversight()
		_, err := e.App.EscalateOversight(e.As("officer1"), raise(h, rule.OversightByCounty))
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.EscalateOversight(e.As("section"), raise(h, rule.OversightBySchool))
		testkit.Refused(t, err, fault.BadUserInput, "input.level")
		_, err = e.App.EscalateOversight(e.As("section"), raise(e.Reported(), rule.OversightByCounty))
		testkit.Refused(t, err, fault.InvalidTransition, "")
		none := raise(h, rule.OversightByCounty)
		none.Reason = " "
		_, err = e.App.EscalateOversight(e.As("section"), none)
		testkit.Refused(t, err, fault.BadUserInput, "input.reason")
		_, err = e.App.EscalateOversight(e.As("officer2"), raise(h, rule.OversightByCounty))
		testkit.Refused(t, err, fault.NotFound, "input.hazardId")

		e.Clock.Advance(time.Minute)
		in := raise(h, rule.OversightByCounty)
		for range 2 { // the second time it is a repeat
			after := testkit.Must(e.App.EscalateOversight(e.As("section"), in))(t)
			if after.Status != rule.Rectifying || !after.UnderOversight || after.Version != h.Version+1 {
				t.Fatalf("after it: %v", after)
			}
		}
		rows := testkit.Must(e.App.OversightOrdersOfHazards(e.As("section"), ids(h.ID)))(t)
		if len(rows) != 2 || rows[0].Level != rule.OversightByCounty || rows[0].EndedAt != nil || rows[0].DocumentNumber != "武教督〔2026〕3号" ||
			rows[0].Measures != rows[1].Measures || rows[1].Level != rule.OversightBySchool || rows[1].EndedAt == nil {
			t.Errorf("oversight orders %v", rows)
		}
		testkit.NoDifference(t, e)
	})
}

func TestOversightOrderRegister(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var all []uuid.UUID
		for i := range 5 {
			h := e.UnderOversight()
			if i == 0 {
				testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "重复"}))(t)
			}
			if i == 1 {
				testkit.Must(e.App.EscalateOversight(e.As("section"), raise(h, rule.OversightByCounty)))(t)
			}
		}
		var seen []uuid.UUID
		for p := (command.PageArgs{First: new(2)}); ; {
			page := testkit.Must(e.App.OversightOrders(e.As("section"), p, nil))(t)
			for _, l := range page.Rows {
				seen = append(seen, l.ID)
			}
			if !page.HasNext {
				break
			}
			p.After = &page.Cursors[len(page.Cursors)-1]
		}
		rows := testkit.Must(e.Store.Ent.OversightOrder.Query().Order(ent.Desc("placed_at"), ent.Desc("id")).All(e.System()))(t)
		for _, l := range rows {
			all = append(all, l.ID)
		}
		samePages(t, "the register", seen, all)
		for name, c := range map[string]struct {
			filter app.OversightOrderFilter
			want   int
		}{
			"region":      {app.OversightOrderFilter{RegionID: new(id.Of(id.Region, e.School.RegionID))}, 6},
			"sibling":     {app.OversightOrderFilter{RegionID: new(id.Of(id.Region, e.Other.RegionID))}, 0},
			"school":      {app.OversightOrderFilter{SchoolID: new(e.School.PublicID())}, 6},
			"level":       {app.OversightOrderFilter{Level: new(rule.OversightByCounty)}, 1},
			"open":        {app.OversightOrderFilter{Open: new(true)}, 4},
			"closed":      {app.OversightOrderFilter{Open: new(false)}, 2},
			"two at once": {app.OversightOrderFilter{Open: new(true), Level: new(rule.OversightBySchool)}, 3},
		} {
			page := testkit.Must(e.App.OversightOrders(e.As("section"), command.PageArgs{First: new(50)}, &c.filter))(t)
			if len(page.Rows) != c.want {
				t.Errorf("filter %s: %d rows, want %d", name, len(page.Rows), c.want)
			}
		}
		if page := testkit.Must(e.App.OversightOrders(e.As("officer2"), command.PageArgs{First: new(50)}, nil))(t); len(page.Rows) != 0 {
			t.Error("another school sees the register")
		}
		_, err := e.App.OversightOrders(e.As("section"), command.PageArgs{First: new(50)}, &app.OversightOrderFilter{RegionID: new(e.School.PublicID())})
		testkit.Refused(t, err, fault.BadUserInput, "filter.regionId")
	})
}
