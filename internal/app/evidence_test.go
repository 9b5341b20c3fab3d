package app_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// objectThere asks the object store itself.
func objectThere(t *testing.T, e *testkit.Env, row *ent.Evidence) bool {
	t.Helper()
	_, err := e.Blob.Stat(t.Context(), row.ObjectKey)
	if err != nil && !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestVerdicts(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		photo, video := testkit.Photo(t, 2), testkit.Video(t, 1)
		for name, c := range map[string]struct {
			file   testkit.File
			reason string // empty: verified
		}{
			"a photo":         {testkit.File{Kind: rule.Photo, Name: "1.jpg", Type: "image/jpeg", Bytes: photo}, ""},
			"a video":         {testkit.File{Kind: rule.Video, Name: "1.mp4", Type: "video/mp4", Bytes: video}, ""},
			"a text as photo": {testkit.File{Kind: rule.Photo, Name: "1.jpg", Type: "image/jpeg", Bytes: []byte("消防设施完好")}, "not_media"},
			"a photo as film": {testkit.File{Kind: rule.Video, Name: "1.mp4", Type: "video/mp4", Bytes: photo}, "kind_mismatch"},
			"a film as photo": {testkit.File{Kind: rule.Photo, Name: "1.jpg", Type: "image/jpeg", Bytes: video}, "kind_mismatch"},
			"a cut-off photo": {testkit.File{Kind: rule.Photo, Name: "1.jpg", Type: "image/jpeg", Bytes: photo[:len(photo)/2]}, "truncated"},
		} {
			c.file.Stage = rule.Site
			row := testkit.FileOf(t, e, e.Upload("officer1", c.file))
			if c.reason == "" {
				if row.Status != rule.Verified || row.Width == 0 || row.FoundMediaType != c.file.Type || !objectThere(t, e, row) {
					t.Errorf("%s: %s %q %dx%d %s", name, row.Status, row.Rejection, row.Width, row.Height, row.FoundMediaType)
				}
				continue
			}
			if row.Status != rule.EvidenceRejected || row.Rejection != c.reason || row.RejectedAt == nil {
				t.Errorf("%s: %s %q, want REJECTED %q", name, row.Status, row.Rejection, c.reason)
			}
			if objectThere(t, e, row) {
				t.Errorf("%s: the rejected bytes are still there", name)
			}
			_, err := e.App.OpenOriginal(e.As("officer1"), evidence.OpenOriginalInput{EvidenceID: row.PublicID()})
			testkit.Refused(t, err, fault.InvalidTransition, "")
		}
	})
}

func TestOnlyTheAnnouncedBytes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, f := e.As("officer1"), e.PhotoFile(rule.Site, 2)
		u := testkit.Must(e.Announce(ctx, f))(t)
		complete := evidence.CompleteEvidenceInput{ID: u.Evidence.PublicID()}

		other := bytes.Clone(f.Bytes)
		other[len(other)/2]++
		if e.Put(*u.Ticket.Single, other) == nil || e.Put(*u.Ticket.Single, other[1:]) == nil {
			t.Error("the object store took other bytes")
		}
		_, err := e.App.CompleteEvidence(ctx, complete)
		testkit.Refused(t, err, fault.EvidenceMissing, "")

		e.Send(u, f.Bytes)
		if e.Put(*u.Ticket.Single, f.Bytes) == nil {
			t.Error("the object store took the bytes twice")
		}
		for range 2 {
			row := testkit.Must(e.App.CompleteEvidence(ctx, complete))(t)
			if row.Status == rule.Announced {
				t.Error("completed, but still ANNOUNCED")
			}
		}
		for account, kind := range map[string]fault.Kind{"principal1": fault.Forbidden, "inspector1": fault.Forbidden, "officer2": fault.NotFound} {
			_, err := e.App.CompleteEvidence(e.As(account), complete)
			testkit.Refused(t, err, kind, "")
		}
		e.Work()
		verified := testkit.FileOf(t, e, complete.ID)
		if verified.Status != rule.Verified {
			t.Fatalf("%s %q", verified.Status, verified.Rejection)
		}
		verifyAgain(t, e, verified)
	})
}

// verifyAgain runs the job for a file that has its verdict: nothing changes.
func verifyAgain(t *testing.T, e *testkit.Env, row *ent.Evidence) {
	t.Helper()
	before := e.Rows()
	e.Clock.Advance(1)
	err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
		for range 3 {
			if err := e.Queue.Enqueue(ctx, tx, job.EvidenceVerify{EvidenceID: row.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e.Work()
	testkit.Unchanged(t, e, before)
	if !objectThere(t, e, row) {
		t.Error("the object of a verified file is gone")
	}
}

func TestPartsInAnyOrder(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		f := e.VideoFile(rule.Before, 1)
		f.Bytes = testkit.LargeVideo(t, 11<<20)
		u := testkit.Must(e.Announce(ctx, f))(t)
		file := u.Evidence.PublicID()
		n := len(u.Ticket.Parts)
		if u.Ticket.Single != nil || u.Ticket.PartSize != 5<<20 || n != (len(f.Bytes)+5<<20-1)/(5<<20) {
			t.Fatalf("a ticket of %d parts of %d for %d bytes", n, u.Ticket.PartSize, len(f.Bytes))
		}
		part := func(u *evidence.Upload, n int) {
			i := slices.IndexFunc(u.Ticket.Parts, func(p evidence.PartTicket) bool { return p.Number == n })
			p := u.Ticket.Parts[i]
			from := int64(n-1) * u.Ticket.PartSize
			if err := e.Put(p.Request, f.Bytes[from:from+p.Size]); err != nil {
				t.Fatal(err)
			}
		}
		for i := n; i > 2; i-- {
			part(u, i)
		}
		_, err := e.App.CompleteEvidence(ctx, evidence.CompleteEvidenceInput{ID: file})
		testkit.Refused(t, err, fault.EvidenceMissing, "")
		if missing, _ := fault.Of(err).Detail["missingParts"].([]int); !slices.Equal(missing, []int{1, 2}) {
			t.Errorf("missing parts: %v, want 1 and 2", missing)
		}

		// Another device goes on with what is missing.
		u = testkit.Must(e.App.EvidenceUpload(ctx, file))(t)
		if len(u.Received) != n-2 || u.Received[0] != 3 || len(u.Ticket.Parts) != 2 {
			t.Fatalf("received %v, %d parts to send", u.Received, len(u.Ticket.Parts))
		}
		part(u, 2)
		part(u, 1)
		u = testkit.Must(e.App.EvidenceUpload(ctx, file))(t)
		if len(u.Received) != n || len(u.Ticket.Parts) != 0 {
			t.Errorf("received %v, %d parts to send", u.Received, len(u.Ticket.Parts))
		}
		complete := func(int) error {
			_, err := e.App.CompleteEvidence(ctx, evidence.CompleteEvidenceInput{ID: file})
			return err
		}
		errs := testkit.AtOnce(2, complete)
		for _, err := range errs { // the slower one may meet the store at work
			if err != nil && !fault.Is(err, fault.RetryLater) {
				t.Errorf("of two completions at once: %v, missing parts %v", err, fault.Of(err).Detail["missingParts"])
			}
		}
		if errs[0] != nil && errs[1] != nil || complete(0) != nil {
			t.Errorf("of two completions at once: %v, %v", errs[0], errs[1])
		}
		e.Work()
		if row := testkit.FileOf(t, e, file); row.Status != rule.Verified || row.DurationMs == 0 {
			t.Errorf("%s %q, %d ms", row.Status, row.Rejection, row.DurationMs)
		}
	})
}

func TestWrongBytesInAPart(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		f := e.VideoFile(rule.Before, 1)
		f.Bytes = testkit.LargeVideo(t, 11<<20)
		u := testkit.Must(e.Announce(ctx, f))(t)
		other := bytes.Clone(f.Bytes)
		other[7<<20]++
		e.Arrive(ctx, u, other)
		e.Work()
		row := testkit.FileOf(t, e, u.Evidence.PublicID())
		if row.Status != rule.EvidenceRejected || row.Rejection != "sha256_mismatch" || objectThere(t, e, row) {
			t.Errorf("%s %q, object there: %v", row.Status, row.Rejection, objectThere(t, e, row))
		}
	})
}

// TestUsedBeforeAnnounced: a phone sends the report of a hazard before it has
// announced the photo; a rejected photo is replaced later.
func TestUsedBeforeAnnounced(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx, photo := e.As("officer1"), testkit.Promise()
		h := testkit.Must(e.App.ReportHazard(ctx, e.HazardInput(photo)))(t)
		checkGap(t, e, h, 1, 0)
		text := testkit.File{ID: photo, Kind: rule.Photo, Stage: rule.Before, Name: "1.jpg", Type: "image/jpeg", Bytes: []byte("no photo, variant " + e.Store.Name())}
		e.Upload("officer1", text)
		checkGap(t, e, h, 0, 1)

		healing := testkit.Promise()
		err := e.App.SupplementEvidence(ctx, app.SupplementEvidenceInput{
			CommandID: id.New(id.Command), SubjectID: h.PublicID(), Step: new(rule.StepReport), EvidenceIDs: []id.ID{healing},
		})
		if err != nil {
			t.Fatal(err)
		}
		checkGap(t, e, h, 1, 1)
		f := e.PhotoFile(rule.Before, 2)
		f.ID = healing
		e.Upload("officer1", f)
		if h = testkit.Must(e.App.Hazard(ctx, h.PublicID()))(t); !h.Proven {
			t.Error("with the new photo the hazard is not proven")
		}
		if missing := testkit.Must(e.App.GapsOfHazards(ctx, ids(h.ID)))(t); len(missing[h.ID]) > 0 {
			t.Errorf("lacks %+v", missing)
		}
		testkit.NoDifference(t, e)
	})
}

// TestPromiseForAnotherSchool: an id named here and announced there proves
// nothing here.
func TestPromiseForAnotherSchool(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		photo := testkit.Promise()
		h := testkit.Must(e.App.ReportHazard(e.As("officer1"), e.HazardInput(photo)))(t)
		f := e.PhotoFile(rule.Before, 2)
		f.ID, f.School = photo, e.Other
		e.Upload("officer2", f)
		if h = testkit.Must(e.App.Hazard(e.As("officer1"), h.PublicID()))(t); h.Proven {
			t.Error("proven by another school's photo")
		}
		shown := testkit.Must(e.App.EvidenceOfHazards(e.As("section"), ids(h.ID)))(t)
		if len(shown[h.ID]) > 0 {
			t.Error("another school's photo is shown with the hazard")
		}
	})
}

// checkGap checks what is missing for an unproven hazard: one photo, and how many named
// files are on their way and refused.
func checkGap(t *testing.T, e *testkit.Env, h *ent.Hazard, waiting, rejected int) {
	t.Helper()
	ctx := e.As("officer1")
	h = testkit.Must(e.App.Hazard(ctx, h.PublicID()))(t)
	missing := testkit.Must(e.App.GapsOfHazards(ctx, ids(h.ID)))(t)[h.ID]
	if h.Proven || len(missing) != 1 || missing[0].Count != 1 || len(missing[0].Waiting) != waiting || len(missing[0].Rejected) != rejected {
		t.Errorf("proven %v, missing %+v, want %d waiting and %d refused", h.Proven, missing, waiting, rejected)
	}
}

// TestFindingIsHealed: a report whose photo was rejected is proven once the
// finding has another one.
func TestFindingIsHealed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		r := startInspection(t, e, "officer1", e.School)
		in, photos := findings(e, r)
		testkit.Must(e.App.RecordFindings(ctx, in))(t)
		testkit.Must(e.App.SubmitInspectionReport(ctx, app.SubmitInspectionReportInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}))(t)
		photos[1:].send(ctx, t, e, e.School)
		e.Upload("officer1", testkit.File{ID: photos[0], Kind: rule.Photo, Stage: rule.Site, Name: "1.jpg", Type: "image/jpeg", Bytes: []byte("no photo, finding " + e.Store.Name())})
		if r = testkit.Must(e.App.Report(ctx, r.PublicID()))(t); r.ProvenAt != nil {
			t.Fatal("proven with a rejected photo")
		}
		f := e.PhotoFile(rule.Site, 202)
		f.ID = testkit.Promise()
		err := e.App.SupplementEvidence(ctx, app.SupplementEvidenceInput{
			CommandID: id.New(id.Command), SubjectID: in.Findings[0].ID, EvidenceIDs: []id.ID{f.ID},
		})
		if err != nil {
			t.Fatal(err)
		}
		e.Upload("officer1", f)
		if r = testkit.Must(e.App.Report(ctx, r.PublicID()))(t); r.ProvenAt == nil {
			t.Error("not proven with another photo")
		}
		testkit.NoDifference(t, e)
	})
}
