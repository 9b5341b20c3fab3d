// Package app holds the use cases: one file per noun, one exported method per
// mutation of the same name, and the reads behind every query.
//
// It decides the order of things: load through the scoped client, ask authz,
// ask rule, write row and event and figures and job in one transaction, re-read
// for the answer. It never decides a rule or a permission itself and knows
// neither HTTP nor GraphQL. Every error that leaves it is a fault.
package app

import (
	"cmp"
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/store"
)

// App runs the use cases. It is safe for concurrent use.
type App struct {
	store    *store.Store
	commands *command.Runner
	blob     *blob.Store
	queue    *job.Queue
	media    Decoder
	// folder is where files are while they are examined.
	folder string
	clock  clock.Clock
	log    zerolog.Logger
	// partSize is the size of a part of a large upload, in bytes.
	partSize int64
	// singleLimit is the largest file sent in one PUT, in bytes.
	singleLimit int64
	traffic     traffic
	feed        feed
	feedEvery   time.Duration
}

// Decoder is what the App asks of a *media.Engine. The test kit remembers its answers.
type Decoder interface {
	// Process decodes an accepted file and writes its renditions into a folder; errors
	// are those of media.Engine.
	Process(ctx context.Context, path string, facts media.Facts, folder string) (media.Product, error)
	// Plays reports whether Playable can make a rendition of a file.
	Plays(facts media.Facts) bool
	// Playable makes the rendition of a video that every phone plays.
	Playable(ctx context.Context, path string, facts media.Facts, folder string) (media.Rendition, error)
}

// Config is what an App stands on.
type Config struct {
	Store *store.Store // with the scope installed
	Blob  *blob.Store
	Queue *job.Queue
	// Media decodes pictures and videos, in processes of their own.
	Media Decoder
	// Folder holds files while they are examined or pass through; empty is the
	// system's folder for temporary files. It must have room for the largest
	// videos.
	Folder string
	Clock  clock.Clock
	Log    zerolog.Logger
	// PartSize is the size of a part of a large upload; default 8 MiB. S3 asks
	// for at least 5 MiB.
	PartSize int64
	// FeedEvery is how often changes are looked for while somebody follows any;
	// default one second.
	FeedEvery time.Duration
}

const defaultPartSize = 8 << 20

// New makes an App and registers its background work on the queue.
func New(c Config) *App {
	a := &App{store: c.Store, commands: command.New(c.Store, c.Clock), blob: c.Blob, queue: c.Queue, media: c.Media, folder: c.Folder, clock: c.Clock, log: c.Log, partSize: c.PartSize}
	if a.partSize == 0 {
		a.partSize = defaultPartSize
	}
	a.singleLimit = 2 * a.partSize
	a.feed.app, a.feedEvery = a, cmp.Or(c.FeedEvery, feedEvery)
	job.Handle(c.Queue, 30*time.Minute, func(ctx context.Context, j job.EvidenceVerify) error {
		return a.verifyEvidence(ctx, j.EvidenceID)
	})
	job.Handle(c.Queue, 5*time.Minute, func(ctx context.Context, j job.EvidenceAssess) error { return a.assessEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 5*time.Minute, func(ctx context.Context, j job.EvidenceSeal) error { return a.sealEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 20*time.Minute, func(ctx context.Context, j job.EvidenceRender) error { return a.renderEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 5*time.Minute, func(ctx context.Context, j job.EvidenceDestroy) error { return a.destroyEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, time.Hour, func(ctx context.Context, _ job.EvidenceSweep) error { return a.sweepEvidence(ctx) })
	c.Queue.Every(sweepEvery, job.EvidenceSweep{})
	job.Handle(c.Queue, 30*time.Minute, func(ctx context.Context, _ job.CaseRaise) error { return a.raiseCases(ctx) })
	c.Queue.Every(casesEvery, job.CaseRaise{})
	job.Handle(c.Queue, 30*time.Minute, func(ctx context.Context, _ job.ReminderTick) error { return a.tickReminders(ctx) })
	c.Queue.Every(tickEvery, job.ReminderTick{})
	job.Handle(c.Queue, 10*time.Minute, func(ctx context.Context, _ job.ChangesAdvance) error {
		_, err := a.advance(ctx, advancesPerJob)
		return err
	})
	c.Queue.Every(advanceEvery, job.ChangesAdvance{})
	job.Handle(c.Queue, time.Hour, func(ctx context.Context, _ job.SearchIndex) error { return a.IndexSearch(ctx) })
	c.Queue.Every(24*time.Hour, job.SearchIndex{})
	return a
}

// RunClocks brings about what time alone does, as of the App's clock: cases and
// reminders. The jobs do it every hour by the machine's clock; a month that is
// played asks for it each evening. Run it as the system.
func (a *App) RunClocks(ctx context.Context) error {
	if err := a.raiseCases(ctx); err != nil {
		return err
	}
	return a.tickReminders(ctx)
}
