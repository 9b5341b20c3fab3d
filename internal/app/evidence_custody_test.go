package app_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

type blobUpload = blob.Upload

func keep(file id.ID, note string) evidence.EvidenceCommandInput {
	return evidence.EvidenceCommandInput{CommandID: id.New(id.Command), EvidenceID: file, Note: note}
}

// doneWith lists what was done with a file, the first thing first.
func doneWith(t *testing.T, e *testkit.Env, of id.ID) []rule.EvidenceEventKind {
	t.Helper()
	page := testkit.Must(e.App.EvidenceEvents(e.As("section"), of, command.PageArgs{Last: new(100)}))(t)
	var out []rule.EvidenceEventKind
	for _, x := range slices.Backward(page.Rows) {
		out = append(out, x.Kind)
	}
	return out
}

// TestSealed: a verified file is sealed in the store until its retention ends.
func TestSealed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		row := testkit.FileOf(t, e, e.Upload("officer1", e.PhotoFile(rule.Site, 2)))
		until := row.VerifiedAt.AddDate(3, 0, 0)
		if row.RetainUntil == nil || !row.RetainUntil.Equal(until) || row.SealedAt == nil {
			t.Fatalf("kept until %v, sealed at %v; want until %s", row.RetainUntil, row.SealedAt, until)
		}
		if s := testkit.Must(e.Blob.Sealed(t.Context(), row.ObjectKey))(t); s.Until.Before(until.Truncate(time.Second)) || s.Hold {
			t.Errorf("the store says %+v", s)
		}
		if err := e.Blob.Remove(t.Context(), row.ObjectKey); err == nil || !objectThere(t, e, row) {
			t.Errorf("the store removed a sealed object: %v", err)
		}
	})
}

// TestHold: the section holds and releases, and the store follows.
func TestHold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		photo := e.Upload("officer1", e.PhotoFile(rule.Site, 2))
		held := func() bool {
			e.Work()
			row := testkit.FileOf(t, e, photo)
			s := testkit.Must(e.Blob.Sealed(t.Context(), row.ObjectKey))(t)
			if s.Hold != row.Held {
				t.Errorf("held %v, in the store %v", row.Held, s.Hold)
			}
			return row.Held
		}
		for account, kind := range map[string]fault.Kind{"officer1": fault.Forbidden, "officer2": fault.NotFound, "inspector1": fault.Forbidden} {
			_, err := e.App.HoldEvidence(e.As(account), keep(photo, "案件"))
			testkit.Refused(t, err, kind, "")
		}
		testkit.Must(e.App.HoldEvidence(e.As("section"), keep(photo, "案件")))(t)
		if !held() {
			t.Error("not held")
		}
		testkit.Must(e.App.ReleaseEvidence(e.As("section"), keep(photo, "结案")))(t)
		if held() {
			t.Error("still held")
		}
		if got := doneWith(t, e, photo); !slices.Equal(got, []rule.EvidenceEventKind{rule.EvidenceHeld, rule.EvidenceReleased}) {
			t.Errorf("history %v", got)
		}
	})
}

// TestDestruction: impossible before the retention ends and under legal hold;
// then two people, and the record stays.
func TestDestruction(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		photo := e.Upload("officer1", e.PhotoFile(rule.Site, 2))
		unsealed(t, e, photo) // the store goes by its own clock, which a test can't move
		section, second := e.As("section"), e.As("leader1")
		request := func() error {
			_, err := e.App.RequestEvidenceDestruction(section, keep(photo, "保管期满"))
			return err
		}
		testkit.Refused(t, request(), fault.InvalidTransition, "")
		_, err := e.App.ApproveEvidenceDestruction(second, keep(photo, "同意"))
		testkit.Refused(t, err, fault.InvalidTransition, "")

		e.Clock.Advance(3*366*24*time.Hour + time.Hour)
		section, second = e.As("section"), e.As("leader1")
		testkit.Must(e.App.HoldEvidence(section, keep(photo, "案件")))(t)
		testkit.Refused(t, request(), fault.InvalidTransition, "")
		testkit.Must(e.App.ReleaseEvidence(section, keep(photo, "结案")))(t)

		if err := request(); err != nil {
			t.Fatal(err)
		}
		awaiting(t, e, photo, map[string]bool{"section": true, "leader1": true, "officer1": true, "officer2": false, "viewer1": false})
		_, err = e.App.ApproveEvidenceDestruction(section, keep(photo, "同意"))
		testkit.Refused(t, err, fault.Forbidden, "") // who asked does not agree
		testkit.Must(e.App.WithdrawEvidenceDestruction(section, keep(photo, "暂缓")))(t)
		awaiting(t, e, photo, map[string]bool{"section": false, "leader1": false})
		_, err = e.App.ApproveEvidenceDestruction(second, keep(photo, "同意"))
		testkit.Refused(t, err, fault.InvalidTransition, "")
		if err := request(); err != nil {
			t.Fatal(err)
		}
		testkit.Must(e.App.ApproveEvidenceDestruction(second, keep(photo, "同意")))(t)
		awaiting(t, e, photo, map[string]bool{"section": false, "leader1": false})
		e.Work()
		checkDestroyed(t, e, photo)
	})
}

// awaiting checks to whom a file is listed as one whose destruction waits for
// approval, whatever its review.
func awaiting(t *testing.T, e *testkit.Env, photo id.ID, lists map[string]bool) {
	t.Helper()
	for account, want := range lists {
		ask := func(f evidence.EvidenceReviewFilter) []*ent.Evidence {
			return testkit.Must(e.App.EvidenceReviews(e.As(account), command.PageArgs{First: new(10)}, &f))(t).Rows
		}
		rows := ask(evidence.EvidenceReviewFilter{DestructionRequested: new(true)})
		if got := len(rows) == 1 && rows[0].PublicID() == photo && evidence.DestructionRequested(rows[0]); got != want {
			t.Errorf("%s finds %d files whose destruction waits; want this one: %v", account, len(rows), want)
		}
		if n := len(ask(evidence.EvidenceReviewFilter{DestructionRequested: new(true), Status: new(rule.ReviewUpheld)})); n != 0 {
			t.Errorf("%s finds %d whose doubts were upheld", account, n)
		}
		if n := len(ask(evidence.EvidenceReviewFilter{DestructionRequested: new(false)})); n != 0 {
			t.Errorf("%s finds %d to review", account, n)
		}
	}
}

// unsealed stands for the years that pass in the store, too.
func unsealed(t *testing.T, e *testkit.Env, i id.ID) {
	t.Helper()
	row := testkit.FileOf(t, e, i)
	again := "originals/00/unsealed." + i.UUID.String()
	if err := e.Store.Ent.Evidence.UpdateOneID(row.ID).ClearSealedAt().Exec(e.System()); err != nil {
		t.Fatal(err)
	}
	r := testkit.Must(e.Blob.Open(t.Context(), row.ObjectKey))(t)
	defer r.Close()
	if err := e.Blob.Put(t.Context(), again, r, row.Size, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	testkit.MoveObject(t, e, row.ID, again)
}

func checkDestroyed(t *testing.T, e *testkit.Env, photo id.ID) {
	t.Helper()
	row := testkit.FileOf(t, e, photo)
	if row.DestroyedAt == nil || row.Status != rule.Verified || row.PictureHash != nil || len(row.Renditions) > 0 || objectThere(t, e, row) {
		t.Errorf("destroyed at %v, %s, %d renditions, object there: %v", row.DestroyedAt, row.Status, len(row.Renditions), objectThere(t, e, row))
	}
	for _, form := range rule.RenditionNames() {
		if u, err := e.App.EvidenceURL(e.As("section"), row, form); u != nil || err != nil {
			t.Errorf("a URL of the destroyed %s: %v", form, err)
		}
	}
	_, err := e.App.OpenOriginal(e.As("section"), evidence.OpenOriginalInput{EvidenceID: photo})
	testkit.Refused(t, err, fault.InvalidTransition, "")
	if n := testkit.Must(e.Store.Ent.PictureBand.Query().Count(e.System()))(t); n != 0 {
		t.Errorf("%d entries in the index of pictures", n)
	}
	want := []rule.EvidenceEventKind{
		rule.EvidenceHeld, rule.EvidenceReleased, rule.EvidenceDestructionAsked, rule.EvidenceDestructionWithdrawn,
		rule.EvidenceDestructionAsked, rule.EvidenceDestructionApproved, rule.EvidenceDestroyed,
	}
	if got := doneWith(t, e, photo); !slices.Equal(got, want) {
		t.Errorf("history %v, want %v", got, want)
	}
}

// TestOpenings: each URL of an original is in the file's history with who got it;
// thumbnails are not.
func TestOpenings(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		photo := e.Upload("officer1", e.PhotoFile(rule.Site, 2))
		row := testkit.FileOf(t, e, photo)
		open := func(account string, form rule.RenditionName) {
			t.Helper()
			if u := testkit.Must(e.App.EvidenceURL(e.As(account), row, form))(t); u == nil {
				t.Errorf("no URL of the %s for %s", form, account)
			}
		}
		for _, form := range []rule.RenditionName{rule.Thumbnail, rule.Preview} {
			open("officer1", form)
		}
		if u, err := e.App.EvidenceURL(e.As("section"), row, rule.Original); u != nil || err != nil {
			t.Errorf("a query gives the original: %v", err)
		}
		for _, account := range []string{"officer1", "section"} {
			link := testkit.Must(e.App.OpenOriginal(e.As(account), evidence.OpenOriginalInput{EvidenceID: photo}))(t)
			if link.URL == "" || !link.ExpiresAt.After(e.Clock.Now()) {
				t.Errorf("%s gets %+v", account, link)
			}
		}
		_, err := e.App.OpenOriginal(e.As("officer2"), evidence.OpenOriginalInput{EvidenceID: photo})
		testkit.Refused(t, err, fault.NotFound, "")
		page := testkit.Must(e.App.EvidenceEvents(e.As("section"), photo, command.PageArgs{First: new(10)}))(t)
		var who []string
		for _, x := range page.Rows {
			if x.Kind == rule.EvidenceOpened {
				who = append(who, testkit.Must(e.Store.Ent.User.Get(e.System(), *x.ActorID))(t).Account)
			}
		}
		slices.Sort(who)
		if !slices.Equal(who, []string{"officer1", "section"}) {
			t.Errorf("opened by %v", who)
		}
		_, err = e.App.EvidenceEvents(e.As("officer2"), photo, command.PageArgs{First: new(10)})
		testkit.Refused(t, err, fault.NotFound, "")
	})
}

// TestSweep: abandoned parts go, forgotten files are completed, the record stays
// and can be sent again; an object with a row is never removed.
func TestSweep(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		long := e.VideoFile(rule.Before, 1)
		long.Bytes = testkit.LargeVideo(t, 11<<20)
		half := testkit.Must(e.Announce(ctx, long))(t)
		if err := e.Put(half.Ticket.Parts[0].Request, long.Bytes[:half.Ticket.PartSize]); err != nil {
			t.Fatal(err)
		}
		photo := e.PhotoFile(rule.Site, 2)
		forgotten := testkit.Must(e.Announce(ctx, photo))(t)
		e.Send(forgotten, photo.Bytes)
		sweep := func() {
			t.Helper()
			if err := e.App.Sweep(e.System()); err != nil {
				t.Fatal(err)
			}
			e.Work()
		}
		uploads := func() (n int) {
			t.Helper()
			err := e.Blob.Uploads(t.Context(), "", func(blobUpload) error { n++; return nil })
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		sweep()
		if row := testkit.FileOf(t, e, forgotten.Evidence.PublicID()); row.Status != rule.Announced {
			t.Errorf("completed at once: %s", row.Status)
		}
		e.Clock.Advance(2 * time.Hour)
		sweep()
		if row := testkit.FileOf(t, e, forgotten.Evidence.PublicID()); row.Status != rule.Verified {
			t.Errorf("forgotten: %s, want VERIFIED", row.Status)
		}
		if n := uploads(); n != 1 {
			t.Errorf("%d uploads after two hours, want the one under way", n)
		}

		// Whoever asks for a ticket goes on with it.
		e.Clock.Advance(6 * 24 * time.Hour)
		testkit.Must(e.App.EvidenceUpload(e.As("officer1"), half.Evidence.PublicID()))(t)
		e.Clock.Advance(6 * 24 * time.Hour)
		sweep()
		if n := uploads(); n != 1 {
			t.Errorf("%d uploads, though somebody goes on", n)
		}
		e.Clock.Advance(2 * 24 * time.Hour)
		sweep()
		if n := uploads(); n != 0 {
			t.Errorf("%d uploads left behind", n)
		}
		row := testkit.FileOf(t, e, half.Evidence.PublicID())
		if row.Status != rule.Announced || row.UploadID != "" {
			t.Errorf("abandoned: %s with upload %q", row.Status, row.UploadID)
		}
		again := testkit.Must(e.App.EvidenceUpload(e.As("officer1"), row.PublicID()))(t)
		e.Arrive(e.As("officer1"), again, long.Bytes)
		e.Work()
		if row := testkit.FileOf(t, e, row.PublicID()); row.Status != rule.Verified {
			t.Errorf("sent again: %s %q", row.Status, row.Rejection)
		}
	})
}

// TestStrayUploads: an upload that no row knows is ended when it is old.
func TestStrayUploads(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		if _, err := e.Blob.CreateMultipart(t.Context(), "originals/aa/nobody", "video/mp4", 0); err != nil {
			t.Fatal(err)
		}
		left := func() (n int) {
			_ = e.Blob.Uploads(t.Context(), "", func(blobUpload) error { n++; return nil })
			return n
		}
		if err := e.App.Sweep(e.System()); err != nil || left() != 1 {
			t.Fatalf("a fresh upload: %v, %d left", err, left())
		}
		e.Clock.Advance(10 * 365 * 24 * time.Hour) // the store goes by its own clock
		if err := e.App.Sweep(e.System()); err != nil || left() != 0 {
			t.Errorf("an old upload: %v, %d left", err, left())
		}
	})
}

// TestVerifyFinds: each way in which rows and objects can differ is found, and
// what was looked at is said.
func TestVerifyFinds(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		var rows []*ent.Evidence
		for n := range 4 {
			rows = append(rows, testkit.FileOf(t, e, e.Upload("officer1", e.PhotoFile(rule.Site, n+1))))
		}
		look := func(c evidence.EvidenceCheck) evidence.Verification {
			t.Helper()
			return testkit.Must(e.App.VerifyEvidence(e.System(), c, evidence.Verification{}))(t)
		}
		if v := look(evidence.EvidenceCheck{Share: 1, BytesPerSecond: 1 << 30}); len(v.Differences) > 0 || v.Verified != 4 || v.Hashed != 4 || v.HashedBytes == 0 {
			t.Errorf("nothing differs, but %+v", v)
		}
		if v := look(evidence.EvidenceCheck{}); v.Hashed != 0 || v.Verified != 4 {
			t.Errorf("nothing was to be hashed: %+v", v)
		}

		testkit.MoveObject(t, e, rows[0].ID, "originals/"+rows[0].Sha256[:2]+"/lost."+rows[0].ID.String())
		if err := e.Blob.Remove(t.Context(), "renditions/"+rows[1].ObjectKey[len("originals/"):]+"/thumbnail"); err != nil {
			t.Fatal(err)
		}
		if err := e.Store.Ent.Evidence.UpdateOneID(rows[2].ID).SetRetainUntil(e.Clock.Now().AddDate(30, 0, 0)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		v := look(evidence.EvidenceCheck{Share: 1})
		// The lost row misses its object and two renditions, which nobody names now.
		if len(v.Differences) != 1+1+2+2+1+1 {
			t.Errorf("%d differences:\n%q", len(v.Differences), v.Differences)
		}
	})
}

// TestVerifyGoesOn: an interrupted run goes on where it was, to the same outcome.
func TestVerifyGoesOn(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		for n := range 5 {
			e.Upload("officer1", e.PhotoFile(rule.Site, n))
		}
		whole := testkit.Must(e.App.VerifyEvidence(e.System(), evidence.EvidenceCheck{Share: 0.5, Seed: 3}, evidence.Verification{}))(t)
		var at evidence.Verification
		next := 0
		stop := fault.New(fault.Unavailable, "test.stop", fault.T("停", "stop"))
		for next < evidence.Shards {
			check := evidence.EvidenceCheck{Share: 0.5, Seed: 3, From: next, Done: func(shard int, v evidence.Verification) error {
				at, next = v, shard+1
				if next%50 == 0 && next < evidence.Shards {
					return stop
				}
				return nil
			}}
			if _, err := e.App.VerifyEvidence(e.System(), check, at); err != nil && !fault.Is(err, fault.Unavailable) {
				t.Fatal(err)
			}
		}
		if at.Rows != whole.Rows || at.Hashed != whole.Hashed || at.Objects != whole.Objects || at.Rows != 5 {
			t.Errorf("in pieces %+v, at once %+v", at, whole)
		}
	})
}
