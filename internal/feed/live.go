package feed

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/changedrow"
	"github.com/cleargrid/cleargrid/ent/changehead"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/store"
)

// feedEvery is how often a process that somebody follows something on looks for
// changes, and so the shortest time between two events of one subscription.
const feedEvery = time.Second

// rowsAtALook is the most changes that are looked at one by one; when there are
// more, everybody looks again.
const rowsAtALook = 1000

// Watch is one subscription: it fires when what it follows may have changed. Many
// changes between two looks fire it once, so nobody is too slow for it.
type Watch struct {
	// Changed fires once for any number of changes.
	Changed <-chan struct{}

	feed       *Feed
	changed    chan struct{}
	mu         sync.Mutex
	hazards    map[uuid.UUID]bool
	dashboards []watchedDashboard
}

// watchedDashboard is a region whose figures somebody follows.
type watchedDashboard struct {
	path   string
	viewer authz.Viewer
}

// Feed says what has changed, and follows it while anybody asks. It is safe for
// concurrent use.
type Feed struct {
	store   *store.Store
	clock   clock.Clock
	log     zerolog.Logger
	every   time.Duration
	readers Readers

	mu      sync.Mutex
	watches map[*Watch]bool
	stop    context.CancelFunc
}

// Readers read rows in the viewer's sight by their ids, for each noun that the feed
// tells of.
type Readers map[id.Noun]func(ctx context.Context, ids []uuid.UUID) ([]Record, error)

// Record is a row with an id that clients know.
type Record interface {
	// PublicID is its id, the same everywhere.
	PublicID() id.ID
}

// ReaderOf makes a reader of one that knows the type of its rows.
func ReaderOf[R Record](byID func(context.Context, []uuid.UUID) ([]R, error)) func(context.Context, []uuid.UUID) ([]Record, error) {
	return func(ctx context.Context, ids []uuid.UUID) ([]Record, error) {
		rows, err := byID(ctx, ids)
		out := make([]Record, len(rows))
		for i, r := range rows {
			out[i] = r
		}
		return out, err
	}
}

// Config is what a Feed stands on.
type Config struct {
	Store   *store.Store // with the scope installed
	Queue   *job.Queue
	Readers Readers
	Clock   clock.Clock
	Log     zerolog.Logger
	// Every is how often changes are looked for while somebody follows any;
	// default one second.
	Every time.Duration
}

// New makes a Feed and registers its background work on the queue.
func New(c Config) *Feed {
	fd := &Feed{store: c.Store, clock: c.Clock, log: c.Log, readers: c.Readers, every: cmp.Or(c.Every, feedEvery)}
	job.Handle(c.Queue, 10*time.Minute, func(ctx context.Context, _ job.ChangesAdvance) error {
		_, err := fd.advance(ctx, advancesPerJob)
		return err
	})
	c.Queue.Every(advanceEvery, job.ChangesAdvance{})
	return fd
}

// Watch begins to follow nothing yet; the reads of FollowHazard and FollowDashboard
// in a context that came from WithWatch add to it. Close it.
func (fd *Feed) Watch(ctx context.Context) (*Watch, error) {
	changed := make(chan struct{}, 1)
	w := &Watch{Changed: changed, changed: changed, feed: fd}
	return w, fd.add(ctx, w)
}

// Close ends a watch; the last one ends the looking.
func (w *Watch) Close() {
	fd := w.feed
	fd.mu.Lock()
	defer fd.mu.Unlock()
	delete(fd.watches, w)
	if len(fd.watches) == 0 && fd.stop != nil {
		fd.stop()
		fd.stop = nil
	}
}

type watchKey struct{}

// WithWatch gives a context whose follow-reads add to a watch. What an earlier read
// added is forgotten: each read follows what the viewer may see then.
func WithWatch(ctx context.Context, w *Watch) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hazards, w.dashboards = map[uuid.UUID]bool{}, nil
	return context.WithValue(ctx, watchKey{}, w)
}

func watching(ctx context.Context, add func(*Watch)) {
	if w, ok := ctx.Value(watchKey{}).(*Watch); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		add(w)
	}
}

// FollowHazard follows a hazard. It must be called before the hazard is read: then no
// change falls between.
func FollowHazard(ctx context.Context, hazard uuid.UUID) {
	watching(ctx, func(w *Watch) { w.hazards[hazard] = true })
}

// DashboardChange says that the figures of a board may have changed.
type DashboardChange struct {
	At time.Time
	// Input asks for the figures.
	Input figures.DashboardInput
}

// FollowDashboard finds a board in sight and follows the schools in it that the
// viewer sees: a change elsewhere is not told, not even that there was one.
func (fd *Feed) FollowDashboard(ctx context.Context, in figures.DashboardInput) (*DashboardChange, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	sc, err := figures.Reader{Ent: fd.store.Ent}.ScopeOf(ctx, in, fd.clock.Now())
	if err != nil {
		return nil, err
	}
	watching(ctx, func(w *Watch) { w.dashboards = append(w.dashboards, watchedDashboard{sc.Region.Path, v}) })
	return &DashboardChange{At: sc.At, Input: in}, nil
}

func (fd *Feed) add(ctx context.Context, w *Watch) error {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	if fd.stop == nil {
		head, err := fd.head(ctx)
		if err != nil {
			return err
		}
		var running context.Context
		running, fd.stop = context.WithCancel(authz.AsSystem(context.WithoutCancel(ctx)))
		fd.watches = map[*Watch]bool{}
		go fd.look(running, head)
	}
	fd.watches[w] = true
	return nil
}

// head is the sequence of the newest change.
func (fd *Feed) head(ctx context.Context) (int64, error) {
	ctx = authz.AsSystem(ctx)
	if _, err := fd.advance(ctx, advancesPerRead); err != nil {
		return 0, err
	}
	heads, err := fd.store.Ent.ChangeHead.Query().Where(changehead.Name(headName)).All(ctx)
	if err != nil || len(heads) == 0 {
		return 0, store.Fault(err)
	}
	return heads[0].Sequence, nil
}

// look tells the watches what has changed, until the last one is closed. A database
// that does not answer is asked again: nothing is lost meanwhile.
func (fd *Feed) look(ctx context.Context, from int64) {
	every := time.NewTicker(fd.every)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		to, err := fd.tell(ctx, from)
		if err != nil {
			if ctx.Err() == nil {
				fd.log.Warn().Err(err).Msg("changes can't be followed at the moment")
			}
			continue
		}
		from = to
	}
}

func (fd *Feed) tell(ctx context.Context, from int64) (int64, error) {
	to, err := fd.head(ctx)
	if err != nil || to == from {
		return from, err
	}
	rows, err := fd.store.Ent.ChangedRow.Query().Where(changedrow.SequenceGT(from), changedrow.SequenceLTE(to)).
		Order(changedrow.BySequence()).Limit(rowsAtALook).All(ctx)
	if err != nil {
		return from, err
	}
	n := news{all: len(rows) == rowsAtALook, hazards: map[uuid.UUID]bool{}}
	if !n.all {
		if err := fd.digest(ctx, rows, &n); err != nil {
			return from, err
		}
	}
	fd.mu.Lock()
	defer fd.mu.Unlock()
	for w := range fd.watches {
		if w.concerns(n) {
			select {
			case w.changed <- struct{}{}:
			default: // it has not looked since the last time
			}
		}
	}
	return to, nil
}

// news are changes by what can be followed.
type news struct {
	all     bool // too many to tell
	hazards map[uuid.UUID]bool
	schools []changedSchool
}

// changedSchool is a school with a change that everybody who sees its figures may
// know of, or only the bureau.
type changedSchool struct {
	id     uuid.UUID
	path   string
	bureau bool
}

func (fd *Feed) digest(ctx context.Context, rows []*ent.ChangedRow, n *news) error {
	secret := map[uuid.UUID]bool{} // school → only the bureau may know
	var files, schools []uuid.UUID
	for _, r := range rows {
		switch id.NounOf(r.Noun) {
		case id.Hazard:
			n.hazards[r.RowID] = true
		case id.Evidence:
			files = append(files, r.RowID)
		default: // is followed by its school alone
		}
		if r.SchoolID == nil {
			continue
		}
		bureau := false
		switch id.NounOf(r.Noun) {
		case id.Notice, id.Discrepancy, id.Case:
			bureau = true // a draft, and what is held against somebody
		default: // whoever sees the figures may know
		}
		before, known := secret[*r.SchoolID]
		if !known {
			schools = append(schools, *r.SchoolID)
		}
		secret[*r.SchoolID] = bureau && (before || !known)
	}
	if len(files) > 0 {
		uses, err := fd.store.Ent.EvidenceUse.Query().Where(evidenceuse.EvidenceIDIn(files...), evidenceuse.HazardIDNotNil()).All(ctx)
		if err != nil {
			return err
		}
		for _, u := range uses {
			n.hazards[*u.HazardID] = true
		}
	}
	where, err := fd.store.Ent.School.Query().Where(school.IDIn(schools...)).All(ctx)
	for _, s := range where {
		n.schools = append(n.schools, changedSchool{s.ID, s.RegionPath, secret[s.ID]})
	}
	return err
}

// concerns reports whether a watch follows any of the news, and its viewer may know.
func (w *Watch) concerns(n news) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n.all {
		return true
	}
	for h := range w.hazards {
		if n.hazards[h] {
			return true
		}
	}
	for _, b := range w.dashboards {
		for _, s := range n.schools {
			if strings.HasPrefix(s.path, b.path) && b.mayKnow(s) {
				return true
			}
		}
	}
	return false
}

func (b watchedDashboard) mayKnow(s changedSchool) bool {
	for _, g := range b.viewer.Grants {
		if g.Covers(s.id, s.path) && (!s.bureau || g.Role.OfBureau()) {
			return true
		}
	}
	return false
}
