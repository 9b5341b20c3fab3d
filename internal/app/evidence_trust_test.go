package app_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func reasons(row *ent.Evidence) []rule.TrustReasonCode {
	var out []rule.TrustReasonCode
	for _, r := range row.TrustReasons {
		out = append(out, r.Code)
	}
	return out
}

// doubts checks which matches speak against a file. The photos come from real
// cameras elsewhere, so their times and places may raise doubts of their own.
func doubts(t *testing.T, row *ent.Evidence, want ...rule.TrustReasonCode) {
	t.Helper()
	matched := []rule.TrustReasonCode{rule.ReasonSameFile, rule.ReasonSamePicture, rule.ReasonSimilarPicture, rule.ReasonAfterLikeBefore}
	got := slices.DeleteFunc(reasons(row), func(c rule.TrustReasonCode) bool { return !slices.Contains(matched, c) })
	if !slices.Equal(got, want) {
		t.Errorf("doubts %v, want %v (all reasons: %v)", got, want, reasons(row))
	}
	if row.Trust == nil || len(want) > 0 && (*row.Trust != rule.LowTrust || row.Review != rule.ReviewOpen) {
		t.Errorf("trust %v, review %s with doubts %v", row.Trust, row.Review, want)
	}
}

// The same picture, sent twice under two names with other bytes, is recognised in
// the county as soon as the first was used; both people see what they may.
func TestReusedPicture(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		first := e.Upload("officer1", e.PhotoFile(rule.Before, 3))
		again := e.PhotoFile(rule.After, 3+8) // the same picture with other bytes
		second := e.Upload("officer1", again)
		stranger := e.PhotoFile(rule.After, 3+16)
		stranger.School = e.Other
		third := e.Upload("officer2", stranger)

		doubts(t, testkit.FileOf(t, e, first))
		doubts(t, testkit.FileOf(t, e, second)) // nobody has used the first yet
		doubts(t, testkit.FileOf(t, e, third), rule.ReasonSamePicture)

		// Used for one hazard: after like before.
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), e.HazardInput(first)))(t)
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), listWith(e, h, second)))(t)
		e.Work()
		doubts(t, testkit.FileOf(t, e, second), rule.ReasonSamePicture, rule.ReasonAfterLikeBefore)

		seen := func(account string, of id.ID) int {
			rows := testkit.Must(e.App.EvidenceMatches(e.As(account), ids(of.UUID)))(t)
			return len(rows)
		}
		if n := seen("section", third); n != 2 {
			t.Errorf("the section sees %d matches of the third file, want 2", n)
		}
		if n := seen("officer1", third); n != 0 {
			t.Errorf("officer1 sees %d matches of another school's file", n)
		}
		page := testkit.Must(e.App.EvidenceReviews(e.As("section"), command.PageArgs{First: new(10)}, nil))(t)
		for _, want := range []id.ID{second, third} {
			if !slices.ContainsFunc(page.Rows, func(x *ent.Evidence) bool { return x.ID == want.UUID }) {
				t.Errorf("%s does not wait for the section", want)
			}
		}
		page = testkit.Must(e.App.EvidenceReviews(e.As("officer2"), command.PageArgs{First: new(10)}, nil))(t)
		if len(page.Rows) != 1 || page.Rows[0].ID != third.UUID {
			t.Errorf("officer2 sees %d files in the queue, want the own one", len(page.Rows))
		}
	})
}

func listWith(e *testkit.Env, h *ent.Hazard, evidence id.ID) app.PlaceUnderOversightInput {
	in := e.OversightInput(h)
	in.EvidenceIDs = []id.ID{evidence}
	return in
}

// The same bytes again, from another phone of another school.
func TestReusedFile(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		f := e.PhotoFile(rule.Site, 4)
		e.Upload("officer1", f)
		f.School = e.Other
		copied := e.Upload("officer2", f)
		row := testkit.FileOf(t, e, copied)
		doubts(t, row, rule.ReasonSameFile)
		matches := testkit.Must(e.App.EvidenceMatches(e.As("section"), ids(row.ID)))(t)
		if len(matches) != 1 || matches[0].Kind != rule.SameFile || matches[0].Distance != 0 {
			t.Errorf("matches %+v", matches)
		}
	})
}

// TestClockAndPlace: what the phone said, and how long the file waited.
func TestClockAndPlace(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, f := e.As("officer1"), e.PhotoFile(rule.Site, 5)
		f.ID = id.New(id.Evidence)
		in := testkit.Announcement(e.School, f)
		now := e.Clock.Now()
		captured, device := now.Add(-2*time.Hour), now.Add(-30*time.Minute) // the phone is half an hour slow
		in.CapturedAt, in.DeviceTime = &captured, &device
		testkit.Must(e.App.AnnounceEvidence(ctx, in))(t)
		later := device.Add(time.Minute)
		in.DeviceTime = &later // a repeat says another time, and is the same command
		u := testkit.Must(e.App.AnnounceEvidence(ctx, in))(t)
		if ms := u.Evidence.ClockOffsetMs; ms == nil || *ms != (30*time.Minute).Milliseconds() {
			t.Errorf("clock offset %v ms, want half an hour", ms)
		}
		if d := evidence.QueuedFor(u.Evidence); d == nil || *d != 90*time.Minute {
			t.Errorf("queued for %v, want 90 minutes", d)
		}
		e.Arrive(ctx, u, f.Bytes)
		e.Work()
		row := testkit.FileOf(t, e, f.ID)
		if !slices.Contains(reasons(row), rule.ReasonClockOff) {
			t.Errorf("reasons %v", reasons(row))
		}
	})
}

// TestReviewEvidence: the section decides, once there is something to decide.
func TestReviewEvidence(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		f := e.PhotoFile(rule.Site, 6)
		original := e.Upload("officer1", f)
		f.School = e.Other
		copied := e.Upload("officer2", f)
		in := evidence.ReviewEvidenceInput{CommandID: id.New(id.Command), EvidenceID: copied, Note: "同一现场由两校共用"}
		for account, kind := range map[string]fault.Kind{"officer2": fault.Forbidden, "officer1": fault.NotFound, "inspector1": fault.Forbidden} {
			_, err := e.App.ReviewEvidence(e.As(account), in)
			testkit.Refused(t, err, kind, "")
		}
		_, err := e.App.ReviewEvidence(e.Nobody(), in)
		testkit.Refused(t, err, fault.Unauthenticated, "")
		bad := in
		bad.Note = " "
		_, err = e.App.ReviewEvidence(e.As("section"), bad)
		testkit.Refused(t, err, fault.BadUserInput, "input.note")

		for range 2 { // a repeat changes nothing
			row := testkit.Must(e.App.ReviewEvidence(e.As("section"), in))(t)
			if row.Review != rule.ReviewCleared || row.ReviewNote != in.Note {
				t.Errorf("review %s %q", row.Review, row.ReviewNote)
			}
		}
		page := testkit.Must(e.App.EvidenceEvents(e.As("section"), copied, command.PageArgs{First: new(10)}))(t)
		if len(page.Rows) != 1 || page.Rows[0].Kind != rule.EvidenceCleared || page.Rows[0].Note != in.Note {
			t.Errorf("history %+v", page.Rows)
		}
		_, err = e.App.ReviewEvidence(e.As("section"), evidence.ReviewEvidenceInput{CommandID: id.New(id.Command), EvidenceID: original, Note: "无"})
		testkit.Refused(t, err, fault.InvalidTransition, "")

		// Who looked before the decision hears of it, and may decide otherwise after it.
		other := evidence.ReviewEvidenceInput{CommandID: id.New(id.Command), EvidenceID: copied, Uphold: true, Note: "不是同一现场", ExpectedReview: new(rule.ReviewOpen)}
		_, err = e.App.ReviewEvidence(e.As("section"), other)
		testkit.Refused(t, err, fault.Conflict, "")
		if row := testkit.FileOf(t, e, copied); row.Review != rule.ReviewCleared || row.ReviewNote != in.Note {
			t.Errorf("after the conflict %s %q", row.Review, row.ReviewNote)
		}
		other.CommandID, other.ExpectedReview = id.New(id.Command), new(rule.ReviewCleared)
		for range 2 { // a repeat is no conflict with itself
			if row := testkit.Must(e.App.ReviewEvidence(e.As("section"), other))(t); row.Review != rule.ReviewUpheld {
				t.Errorf("decided again: %s", row.Review)
			}
		}
	})
}

// TestUsesOfEvidence: a file stands for the steps of its own school that name it.
func TestUsesOfEvidence(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		photo := e.Upload("officer1", e.PhotoFile(rule.Before, 8))
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), e.HazardInput(photo)))(t)
		foreign := e.Store.Ent.EvidenceUse.Create().SetEvidenceID(photo.UUID).SetSchoolID(e.Other.ID).SetStep(rule.StepSupplement).SetCreatedAt(e.Clock.Now())
		if err := foreign.Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		for account, want := range map[string]int{"section": 1, "leader1": 1, "officer1": 1, "officer2": 0, "viewer1": 0} {
			uses := testkit.Must(e.App.UsesOfEvidence(e.As(account), ids(photo.UUID)))(t)[photo.UUID]
			if len(uses) != want {
				t.Fatalf("%s sees %d uses, want %d", account, len(uses), want)
			}
			if want == 1 && (uses[0].Step != rule.StepReport || uses[0].HazardID == nil || *uses[0].HazardID != h.ID) {
				t.Errorf("%s sees %+v", account, uses[0])
			}
		}
	})
}
