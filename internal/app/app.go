// Package app is the facade of all use cases, and holds those that belong together:
// hazards, reports, notices, cases and proof. One file per noun, one exported method per
// mutation of the same name, and the reads behind every query; those of evidence,
// places, people, supervision and the feed are packages of their own, of which an App is
// made.
//
// It decides the order of things: load through the scoped client, ask authz,
// ask rule, write row and event and figures and job in one transaction, re-read
// for the answer. It never decides a rule or a permission itself and knows
// neither HTTP nor GraphQL. Every error that leaves it is a fault.
package app

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/feed"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/people"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/store"
	"github.com/cleargrid/cleargrid/internal/supervision"
)

// App runs the use cases: those of hazards, reports, notices, cases and proof are its
// own, the others those of the rooms that it is made of. It is safe for concurrent use.
type App struct {
	*evidence.Files
	*places.Places
	*people.People
	*supervision.Supervision
	*feed.Feed

	store    *store.Store
	commands *command.Runner
	blob     *blob.Store
	queue    *job.Queue
	clock    clock.Clock
	log      zerolog.Logger
}

// Config is what an App stands on.
type Config struct {
	Store *store.Store // with the scope installed
	Blob  *blob.Store
	Queue *job.Queue
	// Media decodes pictures and videos, in processes of their own.
	Media evidence.Decoder
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

// New makes an App and registers its background work on the queue.
func New(c Config) *App {
	r := command.New(c.Store, c.Clock)
	a := &App{store: c.Store, commands: r, blob: c.Blob, queue: c.Queue, clock: c.Clock, log: c.Log}
	a.Files = evidence.New(evidence.Config{
		Store: c.Store, Commands: r, Blob: c.Blob, Queue: c.Queue, Media: c.Media, Observer: a, Folder: c.Folder, Clock: c.Clock, Log: c.Log, PartSize: c.PartSize,
	})
	a.Places = places.New(c.Store, r, c.Clock, a)
	a.People = people.New(c.Store, c.Clock)
	a.Supervision = supervision.New(c.Store, r, c.Clock)
	a.Feed = feed.New(feed.Config{Store: c.Store, Queue: c.Queue, Clock: c.Clock, Log: c.Log, Every: c.FeedEvery, Readers: feed.Readers{
		id.School: feed.ReaderOf(a.SchoolsByID), id.Grid: feed.ReaderOf(a.GridsByID), id.Campaign: feed.ReaderOf(a.CampaignsByID),
		id.Checklist: feed.ReaderOf(a.ChecklistsByID), id.Hazard: feed.ReaderOf(a.HazardsByID), id.Evidence: feed.ReaderOf(a.EvidenceByID),
		id.Report: feed.ReaderOf(a.ReportsByID), id.Finding: feed.ReaderOf(a.FindingsByID), id.Notice: feed.ReaderOf(a.NoticesByID),
	}})
	job.Handle(c.Queue, 30*time.Minute, func(ctx context.Context, _ job.CaseRaise) error { return a.raiseCases(ctx) })
	c.Queue.Every(casesEvery, job.CaseRaise{})
	job.Handle(c.Queue, 30*time.Minute, func(ctx context.Context, _ job.ReminderTick) error { return a.tickReminders(ctx) })
	c.Queue.Every(tickEvery, job.ReminderTick{})
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
