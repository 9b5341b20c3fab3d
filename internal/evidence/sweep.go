package evidence

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

const (
	// sweepEvery is how often abandoned and forgotten uploads are looked for.
	sweepEvery = time.Hour
	// forgottenAfter is how long a file whose bytes may all be there waits for its
	// phone to say so.
	forgottenAfter = time.Hour
	// strayAfter is how old an upload in the store must be before it can be one
	// that no row knows: a row learns of its upload a moment after it began.
	strayAfter = 24 * time.Hour
	// sweepAtOnce is how many rows are read at a time.
	sweepAtOnce = 200
)

// Sweep is the background job that keeps storage from growing by what
// never became evidence, on any S3: it completes uploads whose bytes have all
// arrived but whose phone never said so, and aborts those that nobody went on
// with for rule.UploadLifetime, and those that no row knows. It never removes an
// object of a file that is whole; the record stays, and the phone may begin again.
func (fs *Files) Sweep(ctx context.Context) error {
	if err := fs.completeForgotten(ctx); err != nil {
		return err
	}
	if err := fs.abortAbandoned(ctx); err != nil {
		return err
	}
	if err := fs.abortStray(ctx); err != nil {
		return err
	}
	return fs.removeStalePieces(ctx)
}

// completeForgotten takes the files that nobody has asked about for a while and
// whose bytes are all there.
func (fs *Files) completeForgotten(ctx context.Context) error {
	now := fs.clock.Now()
	lately := []predicate.Evidence{evidence.UploadActiveAtGTE(now.Add(-rule.UploadLifetime)), evidence.UploadActiveAtLT(now.Add(-forgottenAfter))}
	return fs.eachWaiting(ctx, lately, func(e *ent.Evidence) error {
		err := fs.receive(ctx, e)
		if fault.Is(err, fault.EvidenceMissing) || fault.Is(err, fault.RetryLater) {
			return nil
		}
		return err
	})
}

// abortAbandoned ends the multipart uploads that nobody went on with. One whose
// bytes are all there is completed even now. A row whose upload was dropped is not
// visited again.
func (fs *Files) abortAbandoned(ctx context.Context) error {
	left := []predicate.Evidence{evidence.UploadIDNEQ(""), evidence.UploadActiveAtLT(fs.clock.Now().Add(-rule.UploadLifetime))}
	return fs.eachWaiting(ctx, left, func(e *ent.Evidence) error {
		switch err := fs.receive(ctx, e); {
		case err == nil, fault.Is(err, fault.RetryLater):
			return nil
		case !fault.Is(err, fault.EvidenceMissing):
			return err
		}
		return fs.dropUpload(ctx, e)
	})
}

// eachWaiting visits the announced files of a kind in the order of their ids.
func (fs *Files) eachWaiting(ctx context.Context, which []predicate.Evidence, visit func(*ent.Evidence) error) error {
	after := uuid.Nil
	for {
		rows, err := fs.store.Ent.Evidence.Query().
			Where(evidence.StatusEQ(rule.Announced), evidence.IDGT(after)).Where(which...).
			Order(evidence.ByID()).Limit(sweepAtOnce).All(ctx)
		if err != nil {
			return store.Fault(err)
		}
		for _, e := range rows {
			if err := visit(e); err != nil {
				return err
			}
			after = e.ID
		}
		if len(rows) < sweepAtOnce {
			return nil
		}
	}
}

// dropUpload aborts what the store has of a file that is not whole, and lets the
// phone begin again.
func (fs *Files) dropUpload(ctx context.Context, e *ent.Evidence) error {
	if e.UploadID == "" {
		return nil
	}
	// The row forgets the upload first: nobody is sent to one that is gone.
	n, err := fs.forgetUpload(ctx, e)
	if err != nil || n == 0 { // n == 0: completed, or begun anew, meanwhile
		return err
	}
	return fs.blob.AbortMultipart(ctx, e.ObjectKey, e.UploadID)
}

// forgetUpload makes a row that still has this multipart upload have none.
func (fs *Files) forgetUpload(ctx context.Context, e *ent.Evidence) (int, error) {
	n, err := fs.store.Ent.Evidence.Update().
		Where(evidence.ID(e.ID), evidence.StatusEQ(rule.Announced), evidence.UploadID(e.UploadID)).SetUploadID("").Save(ctx)
	return n, store.Fault(err)
}

// abortStray ends the uploads in the store that belong to no row: of a process
// that died between making one and noting it, or of a row that has its bytes.
func (fs *Files) abortStray(ctx context.Context) error {
	old := fs.clock.Now().Add(-strayAfter)
	return fs.blob.Uploads(ctx, originals, func(u blob.Upload) error {
		if u.StartedAt.After(old) {
			return nil
		}
		known, err := fs.store.Ent.Evidence.Query().Where(evidence.ObjectKey(u.Key), evidence.UploadID(u.ID), evidence.StatusEQ(rule.Announced)).Exist(ctx)
		if err != nil || known {
			return store.Fault(err)
		}
		return fs.blob.AbortMultipart(ctx, u.Key, u.ID)
	})
}

// resumable are the jobs that a killed process may have left behind as if they
// still ran, by the state of the rows that wait for them.
func resumable(ctx context.Context, tx *ent.Tx) ([]job.Args, error) {
	var out []job.Args
	add := func(q *ent.EvidenceQuery, of func(uuid.UUID) job.Args) error {
		ids, err := q.IDs(ctx)
		for _, i := range ids {
			out = append(out, of(i))
		}
		return err
	}
	if err := add(tx.Evidence.Query().Where(evidence.StatusEQ(rule.Received)), func(i uuid.UUID) job.Args { return job.EvidenceVerify{EvidenceID: i} }); err != nil {
		return nil, err
	}
	if err := add(tx.Evidence.Query().Where(evidence.StatusEQ(rule.Verified), evidence.TrustIsNil(), evidence.DestructionApprovedAtIsNil()),
		func(i uuid.UUID) job.Args { return job.EvidenceAssess{EvidenceID: i} }); err != nil {
		return nil, err
	}
	if err := add(tx.Evidence.Query().Where(evidence.DestructionApprovedAtNotNil(), evidence.DestroyedAtIsNil()),
		func(i uuid.UUID) job.Args { return job.EvidenceDestroy{EvidenceID: i} }); err != nil {
		return nil, err
	}
	return out, nil
}
