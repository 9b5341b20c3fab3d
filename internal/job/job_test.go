package job_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/store"
)

// TestDrainSeesWhatJobsLeave has jobs that queue others as their last step, and
// looks so often that many looks fall between the two.
func TestDrainSeesWhatJobsLeave(t *testing.T) {
	ctx := authz.AsSystem(t.Context())
	s, err := store.Open(ctx, store.Config{File: filepath.Join(t.TempDir(), "cleargrid.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	q := job.New(s, zerolog.Nop(), time.Millisecond)
	queue := func(ctx context.Context, args job.Args) error {
		return s.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error { return q.Enqueue(ctx, tx, args) })
	}
	var second atomic.Int64
	job.Handle(q, time.Minute, func(ctx context.Context, j job.EvidenceVerify) error {
		return queue(ctx, job.EvidenceAssess(j))
	})
	job.Handle(q, time.Minute, func(context.Context, job.EvidenceAssess) error {
		second.Add(1)
		return nil
	})
	if err := q.Open(ctx); err != nil {
		t.Fatal(err)
	}
	if err := q.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Stop(context.WithoutCancel(ctx)) }()
	for n := range int64(200) {
		if err := queue(ctx, job.EvidenceVerify{EvidenceID: uuid.New()}); err != nil {
			t.Fatal(err)
		}
		if err := q.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if done := second.Load(); done != n+1 {
			t.Fatalf("drained after %d jobs, %d of the jobs that they left are done", n+1, done)
		}
	}
}
