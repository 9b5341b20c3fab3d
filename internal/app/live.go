package app

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/changedrow"
	"github.com/cleargrid/cleargrid/ent/changehead"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
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

	feed    *feed
	changed chan struct{}
	mu      sync.Mutex
	hazards map[uuid.UUID]bool
	boards  []watchedBoard
}

// watchedBoard is a region whose figures somebody follows.
type watchedBoard struct {
	path   string
	viewer authz.Viewer
}

// feed looks for changes while anybody follows something.
type feed struct {
	app     *App
	mu      sync.Mutex
	watches map[*Watch]bool
	stop    context.CancelFunc
}

// Watch begins to follow nothing yet; the reads of FollowHazard and FollowDashboard
// in a context that came from WithWatch add to it. Close it.
func (a *App) Watch(ctx context.Context) (*Watch, error) {
	changed := make(chan struct{}, 1)
	w := &Watch{Changed: changed, changed: changed, feed: &a.feed}
	return w, a.feed.add(ctx, w)
}

// Close ends a watch; the last one ends the looking.
func (w *Watch) Close() {
	f := w.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watches, w)
	if len(f.watches) == 0 && f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

type watchKey struct{}

// WithWatch gives a context whose follow-reads add to a watch. What an earlier read
// added is forgotten: each read follows what the viewer may see then.
func WithWatch(ctx context.Context, w *Watch) context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hazards, w.boards = map[uuid.UUID]bool{}, nil
	return context.WithValue(ctx, watchKey{}, w)
}

func watching(ctx context.Context, add func(*Watch)) {
	if w, ok := ctx.Value(watchKey{}).(*Watch); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		add(w)
	}
}

// FollowHazard reads a hazard in sight and follows it.
func (a *App) FollowHazard(ctx context.Context, i id.ID) (*ent.Hazard, error) {
	if _, err := signedIn(ctx); err != nil {
		return nil, err
	}
	var bad fault.Input
	command.RequiredID(&bad, "id", i, id.Hazard)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	watching(ctx, func(w *Watch) { w.hazards[i.UUID] = true }) // before it is read: no change falls between
	return a.Hazard(ctx, i)
}

// DashboardChange says that the figures of a board may have changed.
type DashboardChange struct {
	At time.Time
	// Input asks for the figures.
	Input DashboardInput
}

// FollowDashboard finds a board in sight and follows the schools in it that the
// viewer sees: a change elsewhere is not told, not even that there was one.
func (a *App) FollowDashboard(ctx context.Context, in DashboardInput) (*DashboardChange, error) {
	v, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	sc, err := a.scope(ctx, in)
	if err != nil {
		return nil, err
	}
	watching(ctx, func(w *Watch) { w.boards = append(w.boards, watchedBoard{sc.Region.Path, v}) })
	return &DashboardChange{At: sc.At, Input: in}, nil
}

func (f *feed) add(ctx context.Context, w *Watch) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop == nil {
		head, err := f.app.head(ctx)
		if err != nil {
			return err
		}
		var running context.Context
		running, f.stop = context.WithCancel(authz.AsSystem(context.WithoutCancel(ctx)))
		f.watches = map[*Watch]bool{}
		go f.look(running, head)
	}
	f.watches[w] = true
	return nil
}

// head is the sequence of the newest change.
func (a *App) head(ctx context.Context) (int64, error) {
	ctx = authz.AsSystem(ctx)
	if _, err := a.advance(ctx, advancesPerRead); err != nil {
		return 0, err
	}
	heads, err := a.store.Ent.ChangeHead.Query().Where(changehead.Name(headName)).All(ctx)
	if err != nil || len(heads) == 0 {
		return 0, store.Fault(err)
	}
	return heads[0].Sequence, nil
}

// look tells the watches what has changed, until the last one is closed. A database
// that does not answer is asked again: nothing is lost meanwhile.
func (f *feed) look(ctx context.Context, from int64) {
	every := time.NewTicker(f.app.feedEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		to, err := f.tell(ctx, from)
		if err != nil {
			if ctx.Err() == nil {
				f.app.log.Warn().Err(err).Msg("changes can't be followed at the moment")
			}
			continue
		}
		from = to
	}
}

func (f *feed) tell(ctx context.Context, from int64) (int64, error) {
	to, err := f.app.head(ctx)
	if err != nil || to == from {
		return from, err
	}
	rows, err := f.app.store.Ent.ChangedRow.Query().Where(changedrow.SequenceGT(from), changedrow.SequenceLTE(to)).
		Order(changedrow.BySequence()).Limit(rowsAtALook).All(ctx)
	if err != nil {
		return from, err
	}
	n := news{all: len(rows) == rowsAtALook, hazards: map[uuid.UUID]bool{}}
	if !n.all {
		if err := f.app.digest(ctx, rows, &n); err != nil {
			return from, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watches {
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

func (a *App) digest(ctx context.Context, rows []*ent.ChangedRow, n *news) error {
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
		uses, err := a.store.Ent.EvidenceUse.Query().Where(evidenceuse.EvidenceIDIn(files...), evidenceuse.HazardIDNotNil()).All(ctx)
		if err != nil {
			return err
		}
		for _, u := range uses {
			n.hazards[*u.HazardID] = true
		}
	}
	where, err := a.store.Ent.School.Query().Where(school.IDIn(schools...)).All(ctx)
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
	for _, b := range w.boards {
		for _, s := range n.schools {
			if strings.HasPrefix(s.path, b.path) && b.mayKnow(s) {
				return true
			}
		}
	}
	return false
}

func (b watchedBoard) mayKnow(s changedSchool) bool {
	for _, g := range b.viewer.Grants {
		if g.Covers(s.id, s.path) && (!s.bureau || g.Role.OfBureau()) {
			return true
		}
	}
	return false
}
