package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// workClient is the client that Work names in the rows of the jobs that it runs.
const workClient = "work"

// Work runs the jobs that wait, one after the other in River's order (priority, time,
// id), and those that they enqueue, until none waits. It is for callers that need to
// know when background work is over, tests and the simulation: it starts no River
// client, so nothing polls and no periodic job runs. Several calls at the same time
// share the jobs.
//
// Rows end as River leaves them: completed, or waiting for a retry with the error.
// What waits for a retry is retried by the next call, however long it should wait.
// The error joins the errors of all jobs that failed.
func (q *Queue) Work(ctx context.Context) error {
	if err := q.retryNow(ctx); err != nil {
		return fmt.Errorf("jobs that wait for a retry: %w", err)
	}
	var failures []error
	for {
		fetched, err := q.client.Driver().GetExecutor().JobGetAvailable(ctx, &riverdriver.JobGetAvailableParams{
			ClientID: workClient, MaxAttemptedBy: 1, MaxToLock: 1, Queue: river.QueueDefault,
		})
		if err != nil {
			return errors.Join(append(failures, fmt.Errorf("fetch a job: %w", err))...)
		}
		if len(fetched.Jobs) == 0 {
			return errors.Join(failures...)
		}
		row := fetched.Jobs[0]
		failure := fetched.DecodeErrors[row.ID]
		if failure == nil {
			failure = q.handle(ctx, row)
		}
		if failure != nil {
			failures = append(failures, fmt.Errorf("job %d %s: %w", row.ID, row.Kind, failure))
		}
		if err := q.finish(ctx, row, failure); err != nil {
			return errors.Join(append(failures, fmt.Errorf("note the end of job %d: %w", row.ID, err))...)
		}
	}
}

// retryNow makes every job that waits for a retry available.
func (q *Queue) retryNow(ctx context.Context) error {
	waiting, err := q.client.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateRetryable).First(1000))
	if err != nil {
		return err
	}
	for _, j := range waiting.Jobs {
		if _, err := q.client.JobRetry(ctx, j.ID); err != nil {
			return err
		}
	}
	return nil
}

// handle runs the handler of a job.
func (q *Queue) handle(ctx context.Context, row *rivertype.JobRow) error {
	handler, ok := q.handlers[row.Kind]
	if !ok {
		return &river.UnknownJobKindError{Kind: row.Kind}
	}
	return handler(ctx, row)
}

// finish writes how a job ended.
func (q *Queue) finish(ctx context.Context, row *rivertype.JobRow, failure error) error {
	now := clock.System{}.Now() // River writes its rows by the machine's clock too
	end := riverdriver.JobSetStateCompleted(row.ID, now, nil)
	if failure != nil {
		report, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: row.Attempt, Error: failure.Error()})
		if err != nil {
			return err
		}
		end = riverdriver.JobSetStateErrorRetryable(row.ID, (&river.DefaultClientRetryPolicy{}).NextRetry(row), report, nil)
		if row.Attempt >= row.MaxAttempts {
			end = riverdriver.JobSetStateDiscarded(row.ID, now, report, nil)
		}
	}
	_, err := q.client.Driver().GetExecutor().JobSetStateIfRunningMany(ctx, &riverdriver.JobSetStateIfRunningManyParams{
		ID: []int64{end.ID}, Attempt: []*int{end.Attempt}, ErrData: [][]byte{end.ErrData}, FinalizedAt: []*time.Time{end.FinalizedAt},
		MetadataDoMerge: []bool{end.MetadataDoMerge}, MetadataUpdates: [][]byte{end.MetadataUpdates}, ScheduledAt: []*time.Time{end.ScheduledAt},
		State: []rivertype.JobState{end.State},
	})
	return err
}
