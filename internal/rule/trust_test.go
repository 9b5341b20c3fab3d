package rule_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
)

var (
	taken  = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	campus = geo.Point{Latitude: 36.7, Longitude: 114.2}
	away   = geo.Point{Latitude: 36.8, Longitude: 114.2} // 11 km to the north
)

func after(d time.Duration) *time.Time {
	t := taken.Add(d)
	return &t
}

// TestTrust says what each fact does to a file that is otherwise unremarkable.
func TestTrust(t *testing.T) {
	offset := func(d time.Duration) *time.Duration { return &d }
	visit := func(from, until time.Duration) []rule.TrustUse {
		return []rule.TrustUse{{Stage: rule.Site, VisitFrom: taken.Add(from), VisitUntil: taken.Add(until)}}
	}
	hazard := func(stage rule.EvidenceStage, found time.Duration) []rule.TrustUse {
		return []rule.TrustUse{{Stage: stage, FoundAt: taken.Add(found)}}
	}
	match := func(k rule.MatchKind, distance int, used, before bool) []rule.TrustMatch {
		return []rule.TrustMatch{{Kind: k, Distance: distance, Used: used, BeforeOfSame: before}}
	}
	for name, c := range map[string]struct {
		change  func(*rule.TrustFacts)
		grade   rule.TrustGrade
		reason  rule.TrustReasonCode // that must be among the reasons
		measure int
	}{
		"nothing is known":             {func(*rule.TrustFacts) {}, rule.MediumTrust, rule.ReasonNoMetadata, 0},
		"from a gallery":               {func(*rule.TrustFacts) {}, rule.MediumTrust, rule.ReasonGallery, 0},
		"by the camera":                {func(f *rule.TrustFacts) { f.Source = rule.FromCamera }, rule.MediumTrust, rule.ReasonCamera, 0},
		"by the camera, on the ground": {func(f *rule.TrustFacts) { f.Source, f.DeviceAt = rule.FromCamera, &campus }, rule.HighTrust, rule.ReasonInsideBoundary, 0},
		"the file is elsewhere":        {func(f *rule.TrustFacts) { f.Source, f.DeviceAt, f.FileAt = rule.FromCamera, &campus, &away }, rule.LowTrust, rule.ReasonOutsideBoundary, 11119},
		"the device is elsewhere":      {func(f *rule.TrustFacts) { f.DeviceAt = &away }, rule.LowTrust, rule.ReasonOutsideBoundary, 11119},
		"a school without position":    {func(f *rule.TrustFacts) { f.School, f.DeviceAt = nil, &away }, rule.MediumTrust, rule.ReasonGallery, 0},
		"the times agree":              {func(f *rule.TrustFacts) { f.TakenAt, f.CapturedAt = &taken, after(9*time.Minute) }, rule.MediumTrust, rule.ReasonTimeAgrees, 9},
		"the times differ":             {func(f *rule.TrustFacts) { f.TakenAt, f.CapturedAt = &taken, after(-11*time.Minute) }, rule.LowTrust, rule.ReasonTimeDiffers, 11},
		"a clock within tolerance":     {func(f *rule.TrustFacts) { f.ClockOffset = offset(-10 * time.Minute) }, rule.MediumTrust, rule.ReasonGallery, 0},
		"a clock two years off":        {func(f *rule.TrustFacts) { f.ClockOffset = offset(2 * 365 * 24 * time.Hour) }, rule.LowTrust, rule.ReasonClockOff, 2 * 365 * 24 * 60},
		"during the visit":             {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, visit(-time.Hour, time.Hour) }, rule.MediumTrust, rule.ReasonInsideVisit, 0},
		"a little before the visit":    {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, visit(30*time.Minute, time.Hour) }, rule.MediumTrust, rule.ReasonInsideVisit, 0},
		"before the visit":             {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, visit(31*time.Minute, time.Hour) }, rule.LowTrust, rule.ReasonOutsideVisit, 31},
		"after the visit":              {func(f *rule.TrustFacts) { f.CapturedAt, f.Uses = &taken, visit(-2*time.Hour, -time.Hour) }, rule.LowTrust, rule.ReasonOutsideVisit, 60},
		"a visit that goes on": {func(f *rule.TrustFacts) {
			f.TakenAt, f.Uses = &taken, []rule.TrustUse{{VisitFrom: taken.Add(-48 * time.Hour)}}
		}, rule.MediumTrust, rule.ReasonInsideVisit, 0},
		"a corrected clock": {func(f *rule.TrustFacts) {
			f.Source, f.TakenAt, f.ClockOffset, f.Uses = rule.FromCamera, &taken, offset(9*time.Minute), visit(35*time.Minute, time.Hour)
		}, rule.HighTrust, rule.ReasonInsideVisit, 0},
		"after, older than the hazard":    {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, hazard(rule.After, time.Hour) }, rule.LowTrust, rule.ReasonOlder, 60},
		"after, younger than the hazard":  {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, hazard(rule.After, -time.Hour) }, rule.MediumTrust, rule.ReasonGallery, 0},
		"before, a few hours older":       {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, hazard(rule.Before, 23*time.Hour) }, rule.MediumTrust, rule.ReasonGallery, 0},
		"before, days older":              {func(f *rule.TrustFacts) { f.TakenAt, f.Uses = &taken, hazard(rule.Before, 25*time.Hour) }, rule.LowTrust, rule.ReasonOlder, 1500},
		"the same file, never used":       {func(f *rule.TrustFacts) { f.Matches = match(rule.SameFile, 0, false, false) }, rule.MediumTrust, rule.ReasonGallery, 0},
		"the same file":                   {func(f *rule.TrustFacts) { f.Matches = match(rule.SameFile, 0, true, false) }, rule.LowTrust, rule.ReasonSameFile, 0},
		"the same picture":                {func(f *rule.TrustFacts) { f.Matches = match(rule.SamePicture, 12, true, false) }, rule.LowTrust, rule.ReasonSamePicture, 12},
		"a similar picture":               {func(f *rule.TrustFacts) { f.Matches = match(rule.SimilarPicture, 55, true, false) }, rule.LowTrust, rule.ReasonSimilarPicture, 55},
		"after like before of one hazard": {func(f *rule.TrustFacts) { f.Matches = match(rule.SamePicture, 4, true, true) }, rule.LowTrust, rule.ReasonAfterLikeBefore, 4},
	} {
		t.Run(name, func(t *testing.T) {
			f := rule.TrustFacts{Source: rule.FromGallery, School: &campus, BoundaryMeters: 300}
			c.change(&f)
			grade, reasons := rule.Trust(f)
			if grade != c.grade {
				t.Errorf("grade %s, want %s; reasons %+v", grade, c.grade, reasons)
			}
			i := slices.IndexFunc(reasons, func(r rule.TrustReason) bool { return r.Code == c.reason })
			if i < 0 || reasons[i].Measure != c.measure {
				t.Errorf("reasons %+v lack %s of %d", reasons, c.reason, c.measure)
			}
		})
	}
}

// Whatever the facts: the grade follows from the weights alone, each reason
// stands once, and a doubt never comes without a reason of that weight.
func TestTrustFollowsFromItsReasons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(-100_000, 100_000)
		instant := func(name string) *time.Time {
			if !rapid.Bool().Draw(t, "has "+name) {
				return nil
			}
			return after(time.Duration(minutes.Draw(t, name)) * time.Minute)
		}
		f := rule.TrustFacts{
			Source:     rapid.SampledFrom([]rule.EvidenceSource{rule.FromCamera, rule.FromGallery, rule.FromFile}).Draw(t, "source"),
			CapturedAt: instant("captured"), TakenAt: instant("taken"), School: &campus, BoundaryMeters: 300,
		}
		for range rapid.IntRange(0, 4).Draw(t, "matches") {
			f.Matches = append(f.Matches, rule.TrustMatch{
				Kind: rapid.SampledFrom([]rule.MatchKind{rule.SameFile, rule.SamePicture, rule.SimilarPicture}).Draw(t, "kind"),
				Used: rapid.Bool().Draw(t, "used"), BeforeOfSame: rapid.Bool().Draw(t, "before"),
			})
		}
		if at := instant("visit"); at != nil {
			f.Uses = append(f.Uses, rule.TrustUse{VisitFrom: *at})
		}
		grade, reasons := rule.Trust(f)
		seen, weights := map[rule.TrustReasonCode]bool{}, map[rule.Weight]int{}
		for _, r := range reasons {
			if seen[r.Code] {
				t.Fatalf("%s stands twice in %+v", r.Code, reasons)
			}
			seen[r.Code] = true
			weights[r.Weight]++
		}
		want := rule.MediumTrust
		switch {
		case weights[rule.Questions] > 0:
			want = rule.LowTrust
		case weights[rule.Supports] >= 2:
			want = rule.HighTrust
		}
		if grade != want {
			t.Fatalf("grade %s with %+v", grade, reasons)
		}
	})
}

// TestReview: a doubt opens a review, a decided one stays decided until there is
// a new doubt, and what needs no look leaves the queue by itself.
func TestReview(t *testing.T) {
	old := []rule.TrustReason{{Code: rule.ReasonOutsideBoundary, Weight: rule.Questions}}
	fresh := append(slices.Clone(old), rule.TrustReason{Code: rule.ReasonSameFile, Weight: rule.Questions})
	fine := []rule.TrustReason{{Code: rule.ReasonCamera, Weight: rule.Supports}}
	for _, c := range []struct {
		now           rule.ReviewStatus
		before, after []rule.TrustReason
		want          rule.ReviewStatus
	}{
		{rule.ReviewNone, nil, fine, rule.ReviewNone},
		{rule.ReviewNone, nil, old, rule.ReviewOpen},
		{rule.ReviewOpen, old, old, rule.ReviewOpen},
		{rule.ReviewOpen, old, fine, rule.ReviewNone},
		{rule.ReviewCleared, old, old, rule.ReviewCleared},
		{rule.ReviewCleared, old, fresh, rule.ReviewOpen},
		{rule.ReviewCleared, old, fine, rule.ReviewCleared},
		{rule.ReviewUpheld, old, old, rule.ReviewUpheld},
		{rule.ReviewUpheld, old, fresh, rule.ReviewOpen},
	} {
		if got := rule.Review(c.now, c.before, c.after); got != c.want {
			t.Errorf("Review(%s, %v → %v) = %s, want %s", c.now, c.before, c.after, got, c.want)
		}
	}
}

func TestMatchOf(t *testing.T) {
	for distance, want := range map[int]rule.MatchKind{0: rule.SamePicture, 31: rule.SamePicture, 32: rule.SimilarPicture, 70: rule.SimilarPicture, 71: "", 256: ""} {
		if kind, ok := rule.MatchOf(distance); kind != want || ok != (want != "") {
			t.Errorf("MatchOf(%d) = %q, %v", distance, kind, ok)
		}
	}
}

// TestDestruction goes through every state that a file can be kept in.
func TestDestruction(t *testing.T) {
	ended, lasts := taken.Add(-time.Second), taken.Add(time.Second)
	for _, status := range []rule.EvidenceStatus{rule.Announced, rule.Received, rule.Verified, rule.EvidenceRejected} {
		for _, until := range []*time.Time{nil, &ended, &taken, &lasts} {
			for bits := range 8 {
				k := rule.Keeping{Status: status, RetainUntil: until, Held: bits&1 > 0, Asked: bits&2 > 0, Approved: bits&4 > 0}
				over := until != nil && !taken.Before(*until)
				if may := status == rule.Verified && over && !k.Held && !k.Approved; (rule.CheckDestruction(k, taken) == nil) != may {
					t.Errorf("%+v: may be destroyed: %v", k, !may)
				}
				if may := k.Asked && !k.Approved; (rule.CheckDestructionAsked(k) == nil) != may {
					t.Errorf("%+v: may be decided: %v", k, !may)
				}
				if may := status == rule.Verified && !k.Approved; (rule.CheckHold(k) == nil) != may {
					t.Errorf("%+v: may be held: %v", k, !may)
				}
			}
		}
	}
}

func TestQueuedFor(t *testing.T) {
	if d := rule.QueuedFor(nil, taken, nil); d != nil {
		t.Errorf("nobody can tell, but it is %s", d)
	}
	off := 2 * time.Hour // the device is two hours behind
	for _, c := range []struct {
		captured time.Duration
		offset   *time.Duration
		want     time.Duration
	}{{-3 * time.Hour, nil, 3 * time.Hour}, {-3 * time.Hour, &off, time.Hour}, {time.Minute, nil, 0}} {
		if d := rule.QueuedFor(after(c.captured), taken, c.offset); d == nil || *d != c.want {
			t.Errorf("captured %s: %v, want %s", c.captured, d, c.want)
		}
	}
}
