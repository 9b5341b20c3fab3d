package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river/rivertype"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// open opens a queue beside the Env's own, which never runs by itself.
func open(t *testing.T, e *testkit.Env, handle func(*job.Queue)) *job.Queue {
	t.Helper()
	q := job.New(e.Store, zerolog.Nop())
	handle(q)
	if err := q.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	return q
}

func start(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// stop returns when what has run is noted.
func stop(t *testing.T, q *job.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func enqueue(ctx context.Context, e *testkit.Env, q *job.Queue, all ...job.Args) error {
	return e.Store.InTx(authz.AsSystem(ctx), func(ctx context.Context, tx *ent.Tx) error {
		for _, args := range all {
			if err := q.Enqueue(ctx, tx, args); err != nil {
				return err
			}
		}
		return nil
	})
}

func verify() job.EvidenceVerify { return job.EvidenceVerify{EvidenceID: uuid.New()} }

// received waits for as many values.
func received[T any](t *testing.T, from <-chan T, n int) (all []T) {
	t.Helper()
	late := time.After(time.Minute)
	for range n {
		select {
		case x := <-from:
			all = append(all, x)
		case <-late:
			t.Fatalf("received %d of %d", len(all), n)
		}
	}
	return all
}

// TestServer: River runs what was committed and what that enqueues, as the system,
// and once; what was rolled back never runs.
func TestServer(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		done := make(chan uuid.UUID, 100)
		q := open(t, e, func(q *job.Queue) {
			job.Handle(q, time.Minute, func(ctx context.Context, j job.EvidenceVerify) error {
				if !authz.FromContext(ctx).System {
					t.Error("a job does not run as the system")
				}
				return enqueue(ctx, e, q, job.EvidenceAssess(j))
			})
			job.Handle(q, time.Minute, func(_ context.Context, j job.EvidenceAssess) error {
				done <- j.EvidenceID
				return nil
			})
		})
		start(t, q)
		undone := errors.New("undone")
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			return errors.Join(q.Enqueue(ctx, tx, job.EvidenceAssess{EvidenceID: uuid.New()}), undone)
		})
		if err == nil {
			t.Fatal("the transaction was to fail")
		}
		var want []string
		for range 20 {
			j := verify()
			want = append(want, j.EvidenceID.String())
			if err := enqueue(t.Context(), e, q, j); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, i := range received(t, done, 20) {
			got = append(got, i.String())
		}
		stop(t, q)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || len(done) > 0 {
			t.Errorf("jobs for %q have run, want %q", got, want)
		}
		for _, row := range rows(t, q) {
			if row.State != rivertype.JobStateCompleted || row.FinalizedAt == nil || row.Attempt != 1 {
				t.Errorf("%s: %s at attempt %d, finalized at %v", row.Kind, row.State, row.Attempt, row.FinalizedAt)
			}
		}
	})
}

func rows(t *testing.T, q *job.Queue) []*rivertype.JobRow {
	t.Helper()
	return testkit.Must(q.Rows(t.Context()))(t)
}

// TestServerRetries: a job that failed runs again, and its timeout ends it.
func TestServerRetries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		attempts := make(chan error, 10)
		q := open(t, e, func(q *job.Queue) {
			var n atomic.Int64
			job.Handle(q, 20*time.Millisecond, func(ctx context.Context, _ job.EvidenceVerify) error {
				if n.Add(1) > 1 {
					attempts <- nil
					return nil
				}
				<-ctx.Done()
				attempts <- ctx.Err()
				return ctx.Err()
			})
		})
		start(t, q)
		if err := enqueue(t.Context(), e, q, verify()); err != nil {
			t.Fatal(err)
		}
		if errs := received(t, attempts, 2); !errors.Is(errs[0], context.DeadlineExceeded) || errs[1] != nil {
			t.Errorf("the attempts ended with %v", errs)
		}
		stop(t, q)
		row := rows(t, q)[0]
		if row.State != rivertype.JobStateCompleted || row.Attempt != 2 || len(row.Errors) != 1 {
			t.Errorf("%s after %d attempts with %+v", row.State, row.Attempt, row.Errors)
		}
	})
}

// TestServerRunsByTheClock: what runs every so often runs at the start, once for all
// servers.
func TestServerRunsByTheClock(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ran := make(chan struct{}, 10)
		last := make(chan struct{}, 10)
		register := func(q *job.Queue) {
			job.Handle(q, time.Minute, func(context.Context, job.ReminderTick) error { ran <- struct{}{}; return nil })
			job.Handle(q, time.Minute, func(context.Context, job.EvidenceSweep) error { last <- struct{}{}; return nil })
			q.Every(24*time.Hour, job.ReminderTick{})
		}
		one, two := open(t, e, register), open(t, e, register)
		start(t, one)
		start(t, two)
		received(t, ran, 1)
		if err := enqueue(t.Context(), e, two, job.EvidenceSweep{}); err != nil {
			t.Fatal(err)
		}
		received(t, last, 1)
		stop(t, one)
		stop(t, two)
		if n := len(rows(t, one)); n != 2 || len(ran) > 0 {
			t.Errorf("%d jobs, the periodic one has run %d times more", n, len(ran))
		}
	})
}

// TestWork: jobs run in order, one after the other, and those that they enqueue behind
// them; what is scheduled for later stays so, and nothing runs by itself.
func TestWork(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		var ran []string
		q := open(t, e, func(q *job.Queue) {
			job.Handle(q, time.Minute, func(ctx context.Context, j job.EvidenceVerify) error {
				if _, within := ctx.Deadline(); !within || !authz.FromContext(ctx).System {
					t.Error("a job runs without a timeout, or not as the system")
				}
				ran = append(ran, "verify "+j.EvidenceID.String())
				return enqueue(ctx, e, q, job.EvidenceAssess(j))
			})
			job.Handle(q, time.Minute, func(_ context.Context, j job.EvidenceAssess) error {
				ran = append(ran, "assess "+j.EvidenceID.String())
				return nil
			})
			q.Every(time.Hour, job.ReminderTick{}) // has no handler: it must never be enqueued
		})
		var want []string
		for range 5 {
			j := verify()
			want = append(want, "verify "+j.EvidenceID.String())
			if err := enqueue(t.Context(), e, q, j); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range want[:5] {
			want = append(want, strings.Replace(w, "verify", "assess", 1))
		}
		err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error {
			return q.EnqueueAt(ctx, tx, verify(), time.Now().Add(time.Hour))
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := q.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(ran, want) {
			t.Errorf("ran %q, want %q", ran, want)
		}
		states := map[rivertype.JobState]int{}
		for _, row := range rows(t, q) {
			states[row.State]++
		}
		if states[rivertype.JobStateCompleted] != 10 || states[rivertype.JobStateScheduled] != 1 || len(states) != 2 {
			t.Errorf("jobs by state: %v", states)
		}
	})
}

// TestWorkRetries: the error of a job comes back, the other jobs run all the same,
// and the next call tries it again until it has had all its attempts.
func TestWorkRetries(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		broken := errors.New("the disk is full")
		fails, others := true, 0
		q := open(t, e, func(q *job.Queue) {
			job.Handle(q, time.Minute, func(context.Context, job.EvidenceVerify) error {
				if fails {
					return broken
				}
				return nil
			})
			job.Handle(q, time.Minute, func(context.Context, job.EvidenceAssess) error { others++; return nil })
		})
		if err := enqueue(t.Context(), e, q, verify(), job.EvidenceAssess{}); err != nil {
			t.Fatal(err)
		}
		if err := enqueue(t.Context(), e, e.Queue, job.EvidenceSeal{}); err != nil { // this queue does not know it
			t.Fatal(err)
		}
		if err := q.Work(t.Context()); !errors.Is(err, broken) || !strings.Contains(err.Error(), "evidence.seal") || others != 1 {
			t.Errorf("%v, %d other jobs have run", err, others)
		}
		row := rows(t, q)[0]
		if row.State != rivertype.JobStateRetryable || row.Attempt != 1 || len(row.Errors) != 1 || row.Errors[0].Error != broken.Error() {
			t.Errorf("%s after %d attempts with %+v", row.State, row.Attempt, row.Errors)
		}
		for range row.MaxAttempts - 2 {
			if err := q.Work(t.Context()); !errors.Is(err, broken) {
				t.Fatal(err)
			}
		}
		fails = false
		if err := enqueue(t.Context(), e, q, verify()); err != nil {
			t.Fatal(err)
		}
		_ = q.Work(t.Context()) // EvidenceSeal has no handler and fails for the last time
		_ = q.Work(t.Context())
		for i, want := range []struct {
			state    rivertype.JobState
			attempts int
		}{{rivertype.JobStateCompleted, row.MaxAttempts}, {rivertype.JobStateCompleted, 1}, {rivertype.JobStateDiscarded, row.MaxAttempts}, {rivertype.JobStateCompleted, 1}} {
			if got := rows(t, q)[i]; got.State != want.state || got.Attempt != want.attempts {
				t.Errorf("job %d: %s after %d attempts, want %+v", i, got.State, got.Attempt, want)
			}
		}
	})
}

// TestWorkersShare: several workers at once run each job once, and several jobs at
// the same time.
func TestWorkersShare(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		const workers = 4
		var all sync.WaitGroup
		all.Add(workers)
		ran := make(chan uuid.UUID, 100)
		var met atomic.Int64
		q := open(t, e, func(q *job.Queue) {
			job.Handle(q, time.Minute, func(_ context.Context, j job.EvidenceVerify) error {
				if met.Add(1) <= workers { // the first jobs wait for one another
					all.Done()
					all.Wait()
				}
				ran <- j.EvidenceID
				return nil
			})
		})
		for range 20 {
			if err := enqueue(t.Context(), e, q, verify()); err != nil {
				t.Fatal(err)
			}
		}
		failures := make(chan error, workers)
		for range workers {
			go func() { failures <- q.Work(t.Context()) }()
		}
		if err := errors.Join(received(t, failures, workers)...); err != nil {
			t.Fatal(err)
		}
		once := map[uuid.UUID]bool{}
		for _, i := range received(t, ran, 20) {
			once[i] = true
		}
		if len(once) != 20 || len(ran) > 0 {
			t.Errorf("%d different jobs have run, and %d more", len(once), len(ran))
		}
	})
}

// TestRowsAreRivers: rows end alike, whether River or Work has run the job.
func TestRowsAreRivers(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ends := func(run func(*job.Queue, <-chan struct{})) (out []string) {
			ran := make(chan struct{}, 10)
			q := open(t, e, func(q *job.Queue) {
				job.Handle(q, time.Minute, func(context.Context, job.EvidenceVerify) error { ran <- struct{}{}; return nil })
				job.Handle(q, time.Minute, func(context.Context, job.EvidenceRender) error {
					ran <- struct{}{}
					return errors.New("no room")
				})
			})
			from := len(rows(t, q))
			if err := enqueue(t.Context(), e, q, verify(), job.EvidenceRender{}); err != nil {
				t.Fatal(err)
			}
			run(q, ran)
			for _, row := range rows(t, q)[from:] {
				var errs strings.Builder
				for _, x := range row.Errors {
					fmt.Fprintf(&errs, " %d %q %q", x.Attempt, x.Error, x.Trace)
				}
				out = append(out, fmt.Sprintf("%s attempt %d by %d, attempted %v, finalized %v, errors%s", row.Kind, row.Attempt, len(row.AttemptedBy), row.AttemptedAt != nil, row.FinalizedAt != nil, errs.String()))
			}
			return out
		}
		byWork := ends(func(q *job.Queue, _ <-chan struct{}) {
			if q.Work(t.Context()) == nil {
				t.Error("a job was to fail")
			}
		})
		for _, row := range testkit.Must(e.Queue.Rows(t.Context()))(t) { // River would retry it at its time
			if row.State == rivertype.JobStateRetryable {
				if _, err := e.Store.DB.ExecContext(t.Context(), fmt.Sprintf("DELETE FROM river_job WHERE id = %d", row.ID)); err != nil {
					t.Fatal(err)
				}
			}
		}
		byRiver := ends(func(q *job.Queue, ran <-chan struct{}) {
			start(t, q)
			received(t, ran, 2)
			stop(t, q)
		})
		if !slices.Equal(byWork, byRiver) {
			t.Errorf("by Work:\n%s\nby River:\n%s", strings.Join(byWork, "\n"), strings.Join(byRiver, "\n"))
		}
	})
}
