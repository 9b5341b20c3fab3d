package evidence_test

import (
	"bytes"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	entevidence "github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestStoreDown: without its object store the server answers every step that needs
// the store with UNAVAILABLE, which can be tried again, keeps what it has, does
// everything else, and finishes when the store is back.
func TestStoreDown(t *testing.T) {
	testkit.EachAlone(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		later := func(step string, err error) {
			t.Helper()
			if f := fault.Of(err); err == nil || f.Kind != fault.Unavailable || !f.Kind.Retryable() {
				t.Errorf("%s: %v, want UNAVAILABLE", step, err)
			}
		}
		small, large := e.PhotoFile(rule.Before, 4), noise(e, 11*mib)
		small.ID = id.New(id.Evidence)

		e.CutStore(true)
		_, err := e.Announce(ctx, small)
		later("announce", err)
		_, err = e.App.UploadEvidence(ctx, testkit.Announcement(e.School, small), bytes.NewReader(small.Bytes))
		later("upload by one request", err)
		_, err = e.Announce(ctx, large)
		later("announce a large one", err)
		for _, f := range []testkit.File{small, large} {
			if row := testkit.FileOf(t, e, f.ID); row.Status != rule.Announced {
				t.Errorf("the record is %s", row.Status)
			}
		}
		h := testkit.Must(e.App.ReportHazard(ctx, e.HazardInput(small.ID)))(t)
		if h.Proven {
			t.Error("a hazard is proven by a file that nobody has")
		}
		_, err = e.App.EvidenceUpload(ctx, large.ID)
		later("ask how far it is", err)
		_, err = e.App.CompleteEvidence(ctx, evidence.CompleteEvidenceInput{ID: small.ID})
		later("complete", err)
		_, err = e.App.OpenStream(ctx, large.ID)
		later("open a stream", err)
		later("sweep", e.App.Sweep(e.System()))

		e.CutStore(false)
		u := testkit.Must(e.App.EvidenceUpload(ctx, small.ID))(t)
		e.Send(u, small.Bytes)
		testkit.Must(e.App.CompleteEvidence(ctx, evidence.CompleteEvidenceInput{ID: small.ID}))(t)
		s := stream(t, e, large.ID, 0)
		send(t, ctx, s, large.Bytes[:7*mib])
		s = stream(t, e, large.ID, 7*mib)
		e.CutStore(true)
		later("run the verification", e.Queue.Work(e.System()))
		if row := testkit.FileOf(t, e, small.ID); row.Status != rule.Received {
			t.Errorf("without a store a received file is %s", row.Status)
		}
		_, err = s.Append(ctx, bytes.NewReader(large.Bytes[7*mib:]))
		later("send by stream", err)
		later("finish a stream", s.Finish(ctx))
		e.CutStore(false)
		s = testkit.Must(e.App.OpenStream(ctx, large.ID))(t)
		if s.Offset() < 7*mib {
			t.Errorf("what was acknowledged is lost: the stream stands at %d", s.Offset())
		}
		send(t, ctx, s, large.Bytes[s.Offset():])
		if err := s.Finish(ctx); err != nil {
			t.Fatal(err)
		}
		if row := judged(t, e, large.ID); row.Rejection != "not_media" {
			t.Errorf("%s %q: the bytes are not those that were sent", row.Status, row.Rejection)
		}

		row := judged(t, e, small.ID)
		e.CutStore(true) // reading signs, and asks nobody
		if url, err := e.App.EvidenceURL(ctx, row, rule.Thumbnail); err != nil || url == nil {
			t.Errorf("a thumbnail's URL: %v", err)
		}
		e.CutStore(false)
		verifiedWhenBack(t, e)
	})
}

// verifiedWhenBack gives a file its verdict while the store is down: it stays
// RECEIVED until the store is back.
func verifiedWhenBack(t *testing.T, e *testkit.Env) {
	t.Helper()
	f := e.PhotoFile(rule.Site, 5)
	u := testkit.Must(e.Announce(e.As("officer1"), f))(t)
	e.Send(u, f.Bytes)
	i := u.Evidence.PublicID()
	e.CutStore(true)
	if err := e.Store.Ent.Evidence.Update().Where(entevidence.ID(i.UUID)).SetStatus(rule.Received).Exec(e.System()); err != nil {
		t.Fatal(err)
	}
	if err := e.App.VerifyNow(e.System(), i.UUID); !fault.Is(err, fault.Unavailable) {
		t.Errorf("verified without a store: %v", err)
	}
	if row := testkit.FileOf(t, e, i); row.Status != rule.Received {
		t.Errorf("without a store a file is %s", row.Status)
	}
	e.CutStore(false)
	if err := e.App.VerifyNow(e.System(), i.UUID); err != nil {
		t.Error(err)
	}
	if row := testkit.FileOf(t, e, i); row.Status != rule.Verified {
		t.Errorf("%s %q", row.Status, row.Rejection)
	}
}

// judged runs the jobs and gives the file, which has its verdict.
func judged(t *testing.T, e *testkit.Env, i id.ID) *ent.Evidence {
	t.Helper()
	e.Work()
	row := testkit.FileOf(t, e, i)
	if row.Status != rule.Verified && row.Status != rule.EvidenceRejected {
		t.Fatalf("%s: no verdict", row.Status)
	}
	return row
}
