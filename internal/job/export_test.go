package job

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Rows are the rows of the queue in the order in which they were enqueued.
func (q *Queue) Rows(ctx context.Context) ([]*rivertype.JobRow, error) {
	all, err := q.client.JobList(ctx, river.NewJobListParams().States(rivertype.JobStates()...).OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(1000))
	if err != nil {
		return nil, err
	}
	return all.Jobs, nil
}
