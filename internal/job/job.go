// Package job queues background work in the tables of River, on either database, and
// runs it: with River in a server (Start), or in order when told to (Work).
//
// It decides how work is queued, retried and run; it never decides what the work
// does: app hands in the handlers. A job is enqueued in the transaction of the
// rows that it is about, so that both exist or neither. Every handler must be
// idempotent: a job may run more than once.
package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/store"
)

// EvidenceVerify re-reads a received file: size, SHA-256 and real type.
type EvidenceVerify struct {
	EvidenceID uuid.UUID `json:"evidenceId"`
}

// Kind implements river.JobArgs.
func (EvidenceVerify) Kind() string { return "evidence.verify" }

// EvidenceAssess grades how far a verified file can be trusted.
type EvidenceAssess struct {
	EvidenceID uuid.UUID `json:"evidenceId"`
}

// Kind implements river.JobArgs.
func (EvidenceAssess) Kind() string { return "evidence.assess" }

// EvidenceSeal makes the object store keep a verified file as its row says.
type EvidenceSeal struct {
	EvidenceID uuid.UUID `json:"evidenceId"`
}

// Kind implements river.JobArgs.
func (EvidenceSeal) Kind() string { return "evidence.seal" }

// EvidenceRender makes the playable rendition of a verified video.
type EvidenceRender struct {
	EvidenceID uuid.UUID `json:"evidenceId"`
}

// Kind implements river.JobArgs.
func (EvidenceRender) Kind() string { return "evidence.render" }

// EvidenceDestroy removes the bytes of a file whose destruction two people have
// agreed on.
type EvidenceDestroy struct {
	EvidenceID uuid.UUID `json:"evidenceId"`
}

// Kind implements river.JobArgs.
func (EvidenceDestroy) Kind() string { return "evidence.destroy" }

// EvidenceSweep ends abandoned uploads and completes forgotten ones; it runs by
// the clock.
type EvidenceSweep struct{}

// Kind implements river.JobArgs.
func (EvidenceSweep) Kind() string { return "evidence.sweep" }

// CaseRaise raises the accountability cases that time alone brings about; it runs
// by the clock.
type CaseRaise struct{}

// Kind implements river.JobArgs.
func (CaseRaise) Kind() string { return "case.raise" }

// ReminderTick reminds people of the clocks of hazards; it runs by the clock.
type ReminderTick struct{}

// Kind implements river.JobArgs.
func (ReminderTick) Kind() string { return "reminder.tick" }

// ChangesAdvance orders changes that no client has asked for; it runs by
// the clock.
type ChangesAdvance struct{}

// Kind implements river.JobArgs.
func (ChangesAdvance) Kind() string { return "changes.advance" }

// SearchIndex makes rows findable that were written before there was a search; it
// runs at the start.
type SearchIndex struct{}

// Kind implements river.JobArgs.
func (SearchIndex) Kind() string { return "search.index" }

// Args is what a job carries; its Kind is `noun.verb`.
type Args = river.JobArgs

// Queue enqueues and runs jobs.
type Queue struct {
	store    *store.Store
	log      zerolog.Logger
	workers  *river.Workers
	handlers map[string]func(context.Context, *rivertype.JobRow) error // by kind, for Work
	client   *river.Client[*sql.Tx]
	regular  []*river.PeriodicJob
	done     func()
}

// pollEvery is how often a server looks for new jobs. PostgreSQL notifies it as well.
const pollEvery = 200 * time.Millisecond

// New makes a queue on a store. Register the handlers, then Open.
func New(s *store.Store, log zerolog.Logger) *Queue {
	return &Queue{store: s, log: log, workers: river.NewWorkers(), handlers: map[string]func(context.Context, *rivertype.JobRow) error{}}
}

// Handle registers what runs for one kind of job. An error is retried with
// back-off; the handler runs as the system.
func Handle[T Args](q *Queue, timeout time.Duration, f func(context.Context, T) error) {
	w := &worker[T]{queue: q, run: f, timeout: timeout}
	river.AddWorker(q.workers, w)
	var zero T
	q.handlers[zero.Kind()] = w.workRow
}

// Every queues a job again and again, on one of all the workers, the first time
// when they start. Register it before Open.
func (q *Queue) Every(interval time.Duration, args Args) {
	once := func() (river.JobArgs, *river.InsertOpts) {
		return args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: interval}}
	}
	q.regular = append(q.regular, river.NewPeriodicJob(river.PeriodicInterval(interval), once, &river.PeriodicJobOpts{RunOnStart: true}))
}

type worker[T Args] struct {
	river.WorkerDefaults[T]
	queue   *Queue
	run     func(context.Context, T) error
	timeout time.Duration
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	err := w.run(authz.AsSystem(ctx), j.Args)
	if err != nil {
		w.queue.log.Warn().Str("job", j.Kind).Int64("id", j.ID).Int("attempt", j.Attempt).Err(err).Msg("job failed and will be retried")
	}
	return err
}

// workRow is Work for a row whose arguments are not decoded yet, within the timeout.
func (w *worker[T]) workRow(ctx context.Context, row *rivertype.JobRow) error {
	j := &river.Job[T]{JobRow: row}
	if err := json.Unmarshal(row.EncodedArgs, &j.Args); err != nil {
		return fmt.Errorf("arguments: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	return w.Work(ctx, j)
}

// Open prepares the queue for enqueueing. The database must be migrated.
func (q *Queue) Open(ctx context.Context) error {
	driver, done, err := q.store.QueueDriver(ctx)
	if err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	q.done = done
	client, err := river.NewClient(driver, &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		Workers:           q.workers,
		PeriodicJobs:      q.regular,
		FetchPollInterval: pollEvery,
		Logger:            slog.New(zerolog.NewSlogHandler(q.log.Level(zerolog.WarnLevel))),
	})
	if err != nil {
		return fmt.Errorf("job queue: %w", err)
	}
	q.client = client
	return nil
}

// Start runs jobs on River until Stop: several at a time, retried with back-off, and
// periodic ones when their time has come. Work is for callers that run them themselves.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.client.Start(ctx); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	return nil
}

// Stop waits for running jobs, at most until ctx ends, and closes the queue. It also
// closes one that was never started.
func (q *Queue) Stop(ctx context.Context) error {
	err := q.client.Stop(ctx)
	q.done()
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("stop jobs: %w", err)
	}
	return nil
}

// Enqueue adds a job in the transaction: it exists when the transaction
// commits.
func (q *Queue) Enqueue(ctx context.Context, tx *ent.Tx, args Args) error {
	return q.EnqueueAt(ctx, tx, args, time.Time{})
}

// EnqueueAt adds a job that waits until an instant; the zero time is now.
func (q *Queue) EnqueueAt(ctx context.Context, tx *ent.Tx, args Args, at time.Time) error {
	_, err := q.client.InsertTx(ctx, tx.SQL(), args, &river.InsertOpts{ScheduledAt: at})
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}
