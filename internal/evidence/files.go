// Package evidence holds the use cases of files: they are announced, uploaded by ticket
// or streamed, verified, rendered, compared with others, and kept or destroyed.
//
// It decides when a file is whole, what its bytes are, and how it is kept. It never
// decides what a file proves: an Observer is told of verdicts inside their transaction.
// The facade of package app calls it, and the queue.
package evidence

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Files runs the use cases of evidence. It is safe for concurrent use.
type Files struct {
	store    *store.Store
	commands *command.Runner
	blob     *blob.Store
	queue    *job.Queue
	media    Decoder
	observer Observer
	// folder is where files are while they are examined.
	folder string
	clock  clock.Clock
	log    zerolog.Logger
	// partSize is the size of a part of a large upload, in bytes.
	partSize int64
	// singleLimit is the largest file sent in one PUT, in bytes.
	singleLimit int64
	traffic     traffic
}

// Observer is told, inside the transaction, what a file's verdict and its trust
// may change.
type Observer interface {
	// ProofChanged decides again about the reports and hazards that name a file.
	ProofChanged(ctx context.Context, tx *ent.Tx, evidenceID uuid.UUID) error
	// TrustDoubted is called when a file was graded: what a person found of its doubts
	// may be a case of false reporting.
	TrustDoubted(ctx context.Context, tx *ent.Tx, e *ent.Evidence, reasons []rule.TrustReason, review rule.ReviewStatus) error
}

// Decoder is what Files ask of a *media.Engine. The test kit remembers its answers.
type Decoder interface {
	// Process decodes an accepted file and writes its renditions into a folder; errors
	// are those of media.Engine.
	Process(ctx context.Context, path string, facts media.Facts, folder string) (media.Product, error)
	// Plays reports whether Playable can make a rendition of a file.
	Plays(facts media.Facts) bool
	// Playable makes the rendition of a video that every phone plays.
	Playable(ctx context.Context, path string, facts media.Facts, folder string) (media.Rendition, error)
}

// Config is what Files stand on.
type Config struct {
	Store    *store.Store // with the scope installed
	Commands *command.Runner
	Blob     *blob.Store
	Queue    *job.Queue
	// Media decodes pictures and videos, in processes of their own.
	Media    Decoder
	Observer Observer
	// Folder holds files while they are examined or pass through; empty is the
	// system's folder for temporary files. It must have room for the largest
	// videos.
	Folder string
	Clock  clock.Clock
	Log    zerolog.Logger
	// PartSize is the size of a part of a large upload; default 8 MiB. S3 asks
	// for at least 5 MiB.
	PartSize int64
}

const defaultPartSize = 8 << 20

// New makes Files and registers their background work on the queue.
func New(c Config) *Files {
	fs := &Files{
		store: c.Store, commands: c.Commands, blob: c.Blob, queue: c.Queue, media: c.Media, observer: c.Observer,
		folder: c.Folder, clock: c.Clock, log: c.Log, partSize: c.PartSize,
	}
	if fs.partSize == 0 {
		fs.partSize = defaultPartSize
	}
	fs.singleLimit = 2 * fs.partSize
	job.Handle(c.Queue, 30*time.Minute, func(ctx context.Context, j job.EvidenceVerify) error { return fs.VerifyNow(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 5*time.Minute, func(ctx context.Context, j job.EvidenceAssess) error { return fs.assessEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 5*time.Minute, func(ctx context.Context, j job.EvidenceSeal) error { return fs.sealEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 20*time.Minute, func(ctx context.Context, j job.EvidenceRender) error { return fs.renderEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, 5*time.Minute, func(ctx context.Context, j job.EvidenceDestroy) error { return fs.destroyEvidence(ctx, j.EvidenceID) })
	job.Handle(c.Queue, time.Hour, func(ctx context.Context, _ job.EvidenceSweep) error { return fs.Sweep(ctx) })
	c.Queue.Every(sweepEvery, job.EvidenceSweep{})
	return fs
}
