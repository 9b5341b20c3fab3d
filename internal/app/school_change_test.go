package app_test

import (
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func foundIn(t *testing.T, e *testkit.Env, region id.ID) int {
	t.Helper()
	return testkit.Must(e.App.Dashboard(e.As("section"), figures.DashboardInput{CampaignID: e.Campaign.PublicID(), RegionID: &region}))(t).Total.Found
}

// TestSchoolMoves: in the midst of a month a school goes to another township with
// its hazards, its figures and its people.
func TestSchoolMoves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		from, to := id.Of(id.Region, e.School.RegionID), id.Of(id.Region, e.Other.RegionID)
		in := places.MoveSchoolInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), RegionID: to}
		for account, kind := range map[string]fault.Kind{"officer1": fault.Forbidden, "officer2": fault.NotFound, "leader1": fault.Forbidden} {
			_, err := e.App.MoveSchool(e.As(account), in)
			testkit.Refused(t, err, kind, "")
		}
		for region, reason := range map[id.ID]string{from: "same", id.Of(id.Region, e.Campaign.RegionID): "no_township"} {
			_, err := e.App.MoveSchool(e.As("section"), places.MoveSchoolInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), RegionID: region})
			if !fault.Is(err, fault.BadUserInput) || !strings.Contains(err.Error(), reason) {
				t.Errorf("moved to %s: %v", region, err)
			}
		}
		for range 2 { // a repeat changes nothing
			testkit.Must(e.App.MoveSchool(e.As("section"), in))(t)
		}
		if a, b := foundIn(t, e, from), foundIn(t, e, to); a != 0 || b != 1 {
			t.Errorf("found %d in the old township, %d in the new one", a, b)
		}
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(h)))(t)
		if lines := testkit.Must(rollup.Compare(e.System(), e.Store.Ent))(t); len(lines) > 0 {
			t.Error(lines)
		}
	})
}

// TestSchoolCloses: not while something is open; then nothing new begins there
// and it is no longer due, but what was recorded stays.
func TestSchoolCloses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		other := e.Other.PublicID()
		closing := func(into *id.ID) (*ent.School, error) {
			return e.App.CloseSchool(e.As("section"), places.CloseSchoolInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), MergedIntoID: into})
		}
		_, err := closing(&other)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		own := e.School.PublicID()
		_, err = closing(&own)
		testkit.Refused(t, err, fault.BadUserInput, "input.mergedIntoId")
		testkit.Must(e.App.VoidHazard(e.As("section"), app.VoidHazardInput{HazardCommand: testkit.Command(h), Reason: "非隐患"}))(t)
		s := testkit.Must(closing(&other))(t)
		if s.ClosedAt == nil || s.MergedIntoID == nil || *s.MergedIntoID != e.Other.ID {
			t.Errorf("closed at %v, merged into %v", s.ClosedAt, s.MergedIntoID)
		}
		_, err = closing(nil)
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.ReportHazard(e.As("officer1"), e.HazardInput())
		testkit.Refused(t, err, fault.InvalidTransition, "")
		_, err = e.App.StartInspection(e.As("officer1"), app.StartInspectionInput{
			ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: e.School.PublicID(), Kind: rule.SelfInspection,
		})
		testkit.Refused(t, err, fault.InvalidTransition, "")
		d := testkit.Must(e.App.Dashboard(e.As("section"), figures.DashboardInput{CampaignID: e.Campaign.PublicID()}))(t)
		if d.Total.SchoolsDue != testkit.CountySize-1 || d.Total.Found != 1 || d.Total.Voided != 1 {
			t.Errorf("due %d, found %d, voided %d", d.Total.SchoolsDue, d.Total.Found, d.Total.Voided)
		}
	})
}

// emptySchool is one without a hazard that no test speaks of.
func emptySchool(t *testing.T, e *testkit.Env) *ent.School {
	t.Helper()
	s := testkit.Must(e.Store.Ent.School.Query().Where(school.IDNotIn(e.School.ID, e.Other.ID)).Order(ent.Desc(school.FieldCode)).First(e.System()))(t)
	return s
}
