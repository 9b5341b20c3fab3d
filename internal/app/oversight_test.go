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

func raise(h *ent.Hazard, level rule.ListingLevel) app.RaiseListingInput {
	return app.RaiseListingInput{HazardCommand: testkit.Command(h), Level: level, Reason: "逾期未改", DocumentNumber: new("武教督〔2026〕3号")}
}

func TestRaiseListing(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Listed()
		_, err := e.App.RaiseListing(e.As("officer1"), raise(h, rule.ListedByCounty))
		testkit.Refused(t, err, fault.Forbidden, "")
		_, err = e.App.RaiseListing(e.As("section"), raise(h, rule.ListedBySchool))
		testkit.Refused(t, err, fault.BadUserInput, "input.level")
		_, err = e.App.RaiseListing(e.As("section"), raise(e.Reported(), rule.ListedByCounty))
		testkit.Refused(t, err, fault.InvalidTransition, "")
		none := raise(h, rule.ListedByCounty)
		none.Reason = " "
		_, err = e.App.RaiseListing(e.As("section"), none)
		testkit.Refused(t, err, fault.BadUserInput, "input.reason")
		_, err = e.App.RaiseListing(e.As("officer2"), raise(h, rule.ListedByCounty))
		testkit.Refused(t, err, fault.NotFound, "input.hazardId")

		e.Clock.Advance(time.Minute)
		in := raise(h, rule.ListedByCounty)
		for range 2 { // the second time it is a repeat
			after := testkit.Must(e.App.RaiseListing(e.As("section"), in))(t)
			if after.Status != rule.Rectifying || !after.Listed || after.Version != h.Version+1 {
				t.Fatalf("after it: %v", after)
			}
		}
		rows := testkit.Must(e.App.ListingsOfHazards(e.As("section"), ids(h.ID)))(t)
		if len(rows) != 2 || rows[0].Level != rule.ListedByCounty || rows[0].DelistedAt != nil || rows[0].DocumentNumber != "武教督〔2026〕3号" ||
			rows[0].Measures != rows[1].Measures || rows[1].Level != rule.ListedBySchool || rows[1].DelistedAt == nil {
			t.Errorf("listings %v", rows)
		}
		testkit.NoDifference(t, e)
	})
}

func TestListingRegister(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var all []uuid.UUID
		for i := range 5 {
			h := e.Listed()
			if i == 0 {
				testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "重复"}))(t)
			}
			if i == 1 {
				testkit.Must(e.App.RaiseListing(e.As("section"), raise(h, rule.ListedByCounty)))(t)
			}
		}
		var seen []uuid.UUID
		for p := (command.PageArgs{First: new(2)}); ; {
			page := testkit.Must(e.App.Listings(e.As("section"), p, nil))(t)
			for _, l := range page.Rows {
				seen = append(seen, l.ID)
			}
			if !page.HasNext {
				break
			}
			p.After = &page.Cursors[len(page.Cursors)-1]
		}
		rows := testkit.Must(e.Store.Ent.Listing.Query().Order(ent.Desc("listed_at"), ent.Desc("id")).All(e.System()))(t)
		for _, l := range rows {
			all = append(all, l.ID)
		}
		samePages(t, "the register", seen, all)
		for name, c := range map[string]struct {
			filter app.ListingFilter
			want   int
		}{
			"region":      {app.ListingFilter{RegionID: new(id.Of(id.Region, e.School.RegionID))}, 6},
			"sibling":     {app.ListingFilter{RegionID: new(id.Of(id.Region, e.Other.RegionID))}, 0},
			"school":      {app.ListingFilter{SchoolID: new(e.School.PublicID())}, 6},
			"level":       {app.ListingFilter{Level: new(rule.ListedByCounty)}, 1},
			"open":        {app.ListingFilter{Open: new(true)}, 4},
			"closed":      {app.ListingFilter{Open: new(false)}, 2},
			"two at once": {app.ListingFilter{Open: new(true), Level: new(rule.ListedBySchool)}, 3},
		} {
			page := testkit.Must(e.App.Listings(e.As("section"), command.PageArgs{First: new(50)}, &c.filter))(t)
			if len(page.Rows) != c.want {
				t.Errorf("filter %s: %d rows, want %d", name, len(page.Rows), c.want)
			}
		}
		if page := testkit.Must(e.App.Listings(e.As("officer2"), command.PageArgs{First: new(50)}, nil))(t); len(page.Rows) != 0 {
			t.Error("another school sees the register")
		}
		_, err := e.App.Listings(e.As("section"), command.PageArgs{First: new(50)}, &app.ListingFilter{RegionID: new(e.School.PublicID())})
		testkit.Refused(t, err, fault.BadUserInput, "filter.regionId")
	})
}
