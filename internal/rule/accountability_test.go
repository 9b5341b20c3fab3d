package rule_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

var noon = time.Date(2026, 3, 10, 4, 0, 0, 0, time.UTC)

func codes(reasons []rule.CaseReason) []rule.CaseReasonCode {
	var out []rule.CaseReasonCode
	for _, r := range reasons {
		out = append(out, r.Code)
	}
	return out
}

func TestLateReport(t *testing.T) {
	const day = 24 * time.Hour
	cases := []struct {
		name     string
		queued   time.Duration // after the discovery; 0 is unsaid
		received time.Duration
		late     bool
		minutes  int
	}{
		{"at once", 0, time.Minute, false, 0},
		{"exactly 24 hours", 0, day, false, 0},
		{"a microsecond more", 0, day + time.Microsecond, true, 0},
		{"an hour more", 0, day + time.Hour, true, 60},
		{"sent in time, offline for three days", time.Hour, 4 * day, false, 0},
		{"sent after exactly 24 hours, then offline", day, 9 * day, false, 0},
		{"sent late, then offline", day + 2*time.Minute, 9 * day, true, 2},
		{"queued before the discovery: can't be", -time.Hour, 2 * day, true, 24 * 60},
		{"queued after the arrival: can't be", 3 * day, 2 * day, true, 24 * 60},
		{"discovered a little ahead of the server's clock", 0, -time.Minute, false, 0},
	}
	for _, c := range cases {
		f := rule.LateReportFacts{DiscoveredAt: noon, ReceivedAt: noon.Add(c.received), WithinHours: 24}
		if c.queued != 0 {
			f.QueuedAt = new(noon.Add(c.queued))
		}
		got := rule.LateReport(f)
		if (len(got) > 0) != c.late || c.late && got[0].Measure != c.minutes {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestOfflineIsHeldAgainstNobody: whatever the time offline, only the time until
// the person pressed send decides.
func TestOfflineIsHeldAgainstNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		within := rapid.IntRange(1, 72).Draw(t, "within")
		until := time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "until send"))
		offline := time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "offline"))
		queued := noon.Add(until)
		f := rule.LateReportFacts{DiscoveredAt: noon, QueuedAt: &queued, ReceivedAt: queued.Add(offline), WithinHours: within}
		if late := len(rule.LateReport(f)) > 0; late != (until > time.Duration(within)*time.Hour) {
			t.Errorf("late %t after %s, %s offline", late, until, offline)
		}
	})
}

// word is one finding: n tells it from others, grid 0 is the whole school, hours
// is when it was handed in before (−) or after the visit, or when the visit began.
func word(n int, item, grid byte, result rule.FindingResult, hours int) rule.Statement {
	s := rule.Statement{
		FindingID: id.Of(id.Finding, number(n)), ItemID: id.Of(id.ChecklistItem, number(int(item))), Result: result,
		StartedAt: noon.Add(time.Duration(hours) * time.Hour), SubmittedAt: noon.Add(time.Duration(hours) * time.Hour),
	}
	if grid != 0 {
		s.GridID = new(id.Of(id.Grid, number(int(grid))))
	}
	return s
}

func TestMissed(t *testing.T) {
	const bad, good, none = rule.NonCompliant, rule.Compliant, rule.NotApplicable
	claims := func(all ...rule.Statement) []rule.Statement { return all }
	cases := []struct {
		name   string
		found  rule.Statement
		claims []rule.Statement
		want   int // number of the claim; 0 for none
	}{
		{"the school said it was in order", word(1, 1, 0, bad, 0), claims(word(2, 1, 0, good, -1)), 2},
		{"nobody said anything", word(1, 1, 0, bad, 0), nil, 0},
		{"the team agrees", word(1, 1, 0, good, 0), claims(word(2, 1, 0, good, -1)), 0},
		{"the team finds it does not apply", word(1, 1, 0, none, 0), claims(word(2, 1, 0, good, -1)), 0},
		{"the school knew", word(1, 1, 0, bad, 0), claims(word(2, 1, 0, bad, -1)), 0},
		{"it did not apply", word(1, 1, 0, bad, 0), claims(word(2, 1, 0, none, -1)), 0},
		{"another item", word(1, 1, 0, bad, 0), claims(word(2, 2, 0, good, -1)), 0},
		{"handed in after the visit", word(1, 1, 0, bad, 0), claims(word(2, 1, 0, good, 1)), 0},
		{"handed in as the visit began", word(1, 1, 0, bad, 0), claims(word(2, 1, 0, good, 0)), 0},
		{"the same grid", word(1, 1, 7, bad, 0), claims(word(2, 1, 7, good, -1)), 2},
		{"another grid", word(1, 1, 7, bad, 0), claims(word(2, 1, 8, good, -1)), 0},
		{"the grid, said of the whole school", word(1, 1, 7, bad, 0), claims(word(2, 1, 0, good, -1)), 2},
		{"the whole school, said of any grid", word(1, 1, 0, bad, 0), claims(word(2, 1, 8, good, -2), word(3, 1, 9, good, -1)), 3},
		{"corrected in time", word(1, 1, 7, bad, 0), claims(word(2, 1, 7, good, -3), word(3, 1, 7, bad, -1)), 0},
		{"corrected for the worse", word(1, 1, 7, bad, 0), claims(word(2, 1, 7, bad, -3), word(3, 1, 7, good, -1)), 3},
		{"corrected after the visit", word(1, 1, 7, bad, 0), claims(word(2, 1, 7, good, -3), word(3, 1, 7, bad, 1)), 2},
		{"not applicable later does not correct", word(1, 1, 7, bad, 0), claims(word(2, 1, 7, good, -3), word(3, 1, 7, none, -1)), 2},
	}
	for _, c := range cases {
		for range 2 { // in either order
			got := rule.Missed([]rule.Statement{c.found}, c.claims)
			switch {
			case c.want == 0 && len(got) > 0, c.want > 0 && len(got) != 1:
				t.Errorf("%s: %d discrepancies", c.name, len(got))
			case c.want > 0 && got[0].Claimed.FindingID != id.Of(id.Finding, number(c.want)):
				t.Errorf("%s: names %s", c.name, got[0].Claimed.FindingID)
			}
			slices.Reverse(c.claims)
		}
	}
}

func TestMissedMajor(t *testing.T) {
	if got := rule.MissedMajor(rule.MissedFacts{Grade: rule.General}); len(got) > 0 {
		t.Errorf("GENERAL: %v", got)
	}
	if got := rule.MissedMajor(rule.MissedFacts{Grade: rule.Major}); len(got) != 2 {
		t.Errorf("MAJOR: %v", got)
	}
}

func TestFalseReport(t *testing.T) {
	here, there := id.Of(id.School, number(1)), id.Of(id.School, number(2))
	like := func(school id.ID, stage rule.EvidenceStage) []rule.LikePicture {
		return []rule.LikePicture{{SchoolID: school, Stage: stage, Kind: rule.SimilarPicture, Distance: 40}}
	}
	reason := func(code rule.TrustReasonCode) []rule.TrustReason {
		return []rule.TrustReason{{Code: code, Weight: rule.Questions, Measure: 99}}
	}
	cases := []struct {
		name string
		f    rule.FalseReportFacts
		want rule.CaseReasonCode // "" for none
	}{
		{"after like before", rule.FalseReportFacts{Stage: rule.After, Matches: like(here, rule.Before)}, rule.ReasonAfterIsBefore},
		{"before like before", rule.FalseReportFacts{Stage: rule.Before, Matches: like(here, rule.Before)}, ""},
		{"after like after of the same school", rule.FalseReportFacts{Stage: rule.After, Matches: like(here, rule.After)}, ""},
		{"another school's", rule.FalseReportFacts{Stage: rule.After, Matches: like(there, rule.After)}, rule.ReasonOtherSchools},
		{"older than the hazard", rule.FalseReportFacts{Stage: rule.After, Trust: reason(rule.ReasonOlder)}, rule.ReasonOldPicture},
		{"outside the boundary", rule.FalseReportFacts{Stage: rule.Site, Trust: reason(rule.ReasonOutsideBoundary)}, rule.ReasonPictureElsewhere},
		{"a clock that is off", rule.FalseReportFacts{Stage: rule.Site, Trust: reason(rule.ReasonClockOff)}, ""},
		{"times that differ", rule.FalseReportFacts{Stage: rule.Site, Trust: reason(rule.ReasonTimeDiffers)}, ""},
		{"outside the visit", rule.FalseReportFacts{Stage: rule.Site, Trust: reason(rule.ReasonOutsideVisit)}, ""},
		{"no metadata", rule.FalseReportFacts{Stage: rule.Site, Trust: []rule.TrustReason{{Code: rule.ReasonNoMetadata, Weight: rule.Neutral}}}, ""},
		{"nothing", rule.FalseReportFacts{Stage: rule.After}, ""},
	}
	for _, c := range cases {
		for _, step := range rule.EvidenceSteps() {
			for _, cleared := range []bool{false, true} {
				f := c.f
				f.SchoolID, f.Steps, f.Cleared = here, []rule.EvidenceStep{rule.StepReport, step}, cleared
				proves := slices.Contains([]rule.EvidenceStep{rule.StepRectify, rule.StepRecheck, rule.StepSupervisionReport, rule.StepSupervisionHazard}, step)
				var want []rule.CaseReasonCode
				if c.want != "" && proves && !cleared {
					want = append(want, c.want)
				}
				if got := codes(rule.FalseReport(f)); !slices.Equal(got, want) {
					t.Errorf("%s at %s, cleared %t: %v, want %v", c.name, step, cleared, got, want)
				}
			}
		}
	}
	both := rule.FalseReportFacts{SchoolID: here, Stage: rule.After, Steps: []rule.EvidenceStep{rule.StepRectify}, Matches: like(there, rule.Before), Trust: reason(rule.ReasonOlder)}
	if got := codes(rule.FalseReport(both)); len(got) != 3 {
		t.Errorf("three reasons: %v", got)
	}
}

func TestStillOverdue(t *testing.T) {
	const deadline clock.Date = "2026-03-20"
	for _, status := range rule.HazardStatuses() {
		for _, today := range []clock.Date{"2026-03-19", "2026-03-20", "2026-03-21", "2026-04-01"} {
			for _, rectified := range []clock.Date{"", "2026-03-18", "2026-03-20", "2026-03-21"} {
				f := rule.OverdueFacts{Status: status, DeadlineOn: deadline, TodayOn: today}
				if rectified != "" {
					f.RectifiedOn = &rectified
				}
				waits := status == rule.Rectified && rectified != "" && rectified <= deadline
				want := status.Open() && today > deadline && !waits
				got := rule.StillOverdue(f)
				if (len(got) > 0) != want {
					t.Errorf("%s on %s, rectified %q: %v", status, today, rectified, got)
				}
				if want && got[0].Measure != map[clock.Date]int{"2026-03-21": 1, "2026-04-01": 12}[today] {
					t.Errorf("on %s: %d days", today, got[0].Measure)
				}
			}
		}
	}
	if got := rule.StillOverdue(rule.OverdueFacts{Status: rule.Reported, TodayOn: "2026-03-20"}); len(got) > 0 {
		t.Errorf("without a deadline: %v", got)
	}
}

func TestNotCarriedOut(t *testing.T) {
	for _, kind := range []rule.ReportKind{rule.SelfInspection, rule.Supervision} {
		for _, today := range []clock.Date{"2026-03-16", "2026-03-17"} {
			for proven := range 2 {
				for claimed := range 2 {
					f := rule.NotCarriedOutFacts{Kind: kind, EndsOn: "2026-03-16", TodayOn: today, Claimed: claimed, Proven: proven}
					want := kind == rule.SelfInspection && today == "2026-03-17" && proven == 0
					if got := rule.NotCarriedOut(f); (len(got) > 0) != want {
						t.Errorf("%+v: %v", f, got)
					}
				}
			}
		}
	}
}

func TestSelfDealing(t *testing.T) {
	for n := range 16 {
		f := rule.AttemptFacts{Inspects: n&1 > 0, Rechecks: n&2 > 0, OfSchool: n&4 > 0, Rectifier: n&8 > 0}
		var want []rule.CaseReasonCode
		if f.OfSchool && (f.Inspects || f.Rechecks) {
			want = append(want, rule.ReasonOfSchool)
		}
		if f.Rectifier && f.Rechecks {
			want = append(want, rule.ReasonRectifiedIt)
		}
		if got := codes(rule.SelfDealing(f)); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", f, got, want)
		}
	}
}

// TestNextCaseStatus is the whole table: statuses × histories × events.
func TestNextCaseStatus(t *testing.T) {
	const c, d, a = rule.CaseEventConfirmed, rule.CaseEventDismissed, rule.CaseEventAppealed
	table := []struct {
		history []rule.CaseEvent // the status follows from the last decision
		allowed []rule.CaseEvent
	}{
		{nil, []rule.CaseEvent{c, d, a}},
		{[]rule.CaseEvent{a}, []rule.CaseEvent{c, d}},
		{[]rule.CaseEvent{c}, []rule.CaseEvent{a}},
		{[]rule.CaseEvent{a, c}, []rule.CaseEvent{a}},
		{[]rule.CaseEvent{c, a}, []rule.CaseEvent{c, d}},
		{[]rule.CaseEvent{a, c, a}, []rule.CaseEvent{c, d}},
		{[]rule.CaseEvent{c, a, c}, nil},
		{[]rule.CaseEvent{c, a, d}, nil},
		{[]rule.CaseEvent{d}, nil},
		{[]rule.CaseEvent{a, d}, nil},
	}
	for _, row := range table {
		status, history := rule.CaseOpen, []rule.CaseStep{}
		for _, e := range row.history {
			next, err := rule.NextCaseStatus(status, history, e)
			if err != nil {
				t.Fatalf("%v can't happen: %v", row.history, err)
			}
			status, history = next, append(history, rule.CaseStep{Event: e})
		}
		for _, e := range rule.CaseEvents() {
			next, err := rule.NextCaseStatus(status, history, e)
			if !slices.Contains(row.allowed, e) {
				if !fault.Is(err, fault.InvalidTransition) || fault.Of(err).Detail["state"] != string(status) {
					t.Errorf("%s after %v: %v", e, row.history, err)
				}
				continue
			}
			want := map[rule.CaseEvent]rule.CaseStatus{c: rule.CaseConfirmed, d: rule.CaseDismissed, a: status}[e]
			if err != nil || next != want {
				t.Errorf("%s after %v: %s, %v; want %s", e, row.history, next, err, want)
			}
		}
	}
}

// TestCasesEnd: no row of events goes on for ever.
func TestCasesEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		status, history := rule.CaseOpen, []rule.CaseStep{}
		for _, e := range rapid.SliceOfN(rapid.SampledFrom(rule.CaseEvents()), 0, 30).Draw(t, "events") {
			next, err := rule.NextCaseStatus(status, history, e)
			if err == nil {
				status, history = next, append(history, rule.CaseStep{Event: e})
			}
		}
		if len(history) > 4 {
			t.Errorf("%v", history)
		}
	})
}

func TestFrozen(t *testing.T) {
	text, sha, err := rule.Frozen(map[string]any{
		"b": 1, "a": struct {
			Z string  `json:"z"`
			Y *string `json:"y"`
		}{Z: "<消防栓 & 门>"}, "big": int64(9007199254740993), "none": []string{},
	})
	const want = `{"a":{"y":null,"z":"<消防栓 & 门>"},"b":1,"big":9007199254740993,"none":[]}`
	if err != nil || text != want {
		t.Errorf("%s, %v", text, err)
	}
	if sha != rule.HashOfFacts(want) || len(sha) != 64 {
		t.Errorf("hash %s", sha)
	}
	if _, _, err := rule.Frozen(func() {}); err == nil {
		t.Error("a function was frozen")
	}
}

// TestFrozenKeepsTheContent: the canonical form says the same, and is the same
// whatever the order of the fields was.
func TestFrozenKeepsTheContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "facts")
		text, _, err := rule.Frozen(in)
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatal(err)
		}
		again, _, err := rule.Frozen(back)
		if err != nil || again != text {
			t.Errorf("%q became %q (%v)", text, again, err)
		}
		for k, v := range in {
			if strings.ToValidUTF8(k, "\uFFFD") == k && strings.ToValidUTF8(v, "\uFFFD") == v && back[k] != v {
				t.Errorf("%q: %q became %q", k, v, back[k])
			}
		}
	})
}

func TestGround(t *testing.T) {
	centre := geo.Point{Latitude: 36.7, Longitude: 114.2}
	step := func(east, north float64) *geo.Point {
		return &geo.Point{Latitude: centre.Latitude + north/1000, Longitude: centre.Longitude + east/1000}
	}
	drawn := geo.Ring{*step(2, 2), *step(6, 2), *step(6, 6), *step(2, 6)}
	cases := []struct {
		name     string
		boundary rule.Boundary
		at       *geo.Point
		want     bool
	}{
		{"in the circle", rule.Boundary{Position: &centre, Meters: 300}, step(1, 1), true},
		{"out of the circle", rule.Boundary{Position: &centre, Meters: 300}, step(4, 4), false},
		{"in the outline, out of the circle", rule.Boundary{Position: &centre, Meters: 300, Outline: drawn}, step(4, 4), true},
		{"in the circle, out of the outline", rule.Boundary{Position: &centre, Meters: 300, Outline: drawn}, step(1, 1), false},
		{"on the edge", rule.Boundary{Outline: drawn}, step(2, 3), true},
		{"no check-in", rule.Boundary{Position: &centre, Meters: 300, Outline: drawn}, nil, false},
		{"nobody knows where the school is", rule.Boundary{Meters: 300}, step(0, 0), false},
	}
	for _, c := range cases {
		if got := c.boundary.Contains(c.at); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestCheckGround(t *testing.T) {
	corner := func(latitude, longitude float64) geo.Point {
		return geo.Point{Latitude: latitude, Longitude: longitude}
	}
	cases := []struct {
		name     string
		position *geo.Point
		meters   *int
		boundary geo.Ring
		want     string
	}{
		{"all in order", new(corner(36.7, 114.2)), new(300), geo.Ring{corner(36.7, 114.2), corner(36.7, 114.21), corner(36.71, 114.2)}, ""},
		{"nothing", nil, nil, nil, ""},
		{"off the globe", new(corner(91, 0)), nil, nil, "input.position"},
		{"a radius of 9 m", nil, new(9), nil, "input.boundaryMeters"},
		{"a radius of 10 m", nil, new(10), nil, ""},
		{"a radius of 5,000 m", nil, new(5000), nil, ""},
		{"a radius of 5,001 m", nil, new(5001), nil, "input.boundaryMeters"},
		{"two corners", nil, nil, geo.Ring{corner(1, 1), corner(1, 2)}, "input.boundary"},
		{"a corner off the globe", nil, nil, geo.Ring{corner(1, 1), corner(1, 2), corner(91, 1)}, "input.boundary[2]"},
		{"a corner twice", nil, nil, geo.Ring{corner(1, 1), corner(1, 1), corner(1.01, 1)}, "input.boundary[1]"},
		{"a bow tie", nil, nil, geo.Ring{corner(1, 1), corner(1.01, 1.01), corner(1, 1.01), corner(1.01, 1)}, "input.boundary[2]"},
		{"as large as a county", nil, nil, geo.Ring{corner(36, 114), corner(36, 115), corner(37, 114)}, "input.boundary"},
	}
	for _, c := range cases {
		var bad fault.Input
		rule.CheckBoundary(&bad, "input", c.position, c.meters, c.boundary)
		err := bad.Err()
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Path != c.want || f.Fields[0].Text.ZH == "" {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}
