package app_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/feed"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/places"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// phone is a copy of what its owner may see, kept up to date by changes.
type phone struct {
	cursor  *string
	records map[id.ID]feed.Record
	stale   map[id.ID]bool // not sent again since a resync
	resyncs int
}

// sync reads until there is nothing more.
func (p *phone) sync(ctx context.Context, t *testing.T, e *testkit.Env, first int) {
	t.Helper()
	for {
		c, err := e.App.Changes(ctx, p.cursor, first)
		if err != nil {
			t.Error(err)
			return
		}
		if len(c.Rows) > first {
			t.Errorf("%d rows on a page of %d", len(c.Rows), first)
		}
		if p.records == nil {
			p.records, p.stale = map[id.ID]feed.Record{}, map[id.ID]bool{}
		}
		if c.Resync {
			p.resyncs++
			p.stale = map[id.ID]bool{}
			for key := range p.records {
				p.stale[key] = true
			}
		}
		for _, r := range c.Rows {
			delete(p.stale, r.ID)
			if r.Record == nil {
				delete(p.records, r.ID)
				continue
			}
			p.records[r.ID] = r.Record
		}
		p.cursor = &c.Cursor
		if !c.More {
			break
		}
	}
	for key := range p.stale {
		delete(p.records, key)
	}
	p.stale = map[id.ID]bool{}
}

// inSight is everything that changes tells, read as a list.
func inSight(ctx context.Context, t *testing.T, e *testkit.Env) map[id.ID]feed.Record {
	t.Helper()
	out := map[id.ID]feed.Record{}
	db := e.Store.Ent
	collect(t, out, db.Hazard.Query().All, ctx)
	collect(t, out, db.Evidence.Query().All, ctx)
	collect(t, out, db.InspectionReport.Query().All, ctx)
	collect(t, out, db.Finding.Query().All, ctx)
	collect(t, out, db.Notice.Query().All, ctx)
	collect(t, out, db.Grid.Query().All, ctx)
	collect(t, out, db.School.Query().All, ctx)
	collect(t, out, db.Campaign.Query().All, ctx)
	collect(t, out, db.Checklist.Query().All, ctx)
	return out
}

func collect[R feed.Record](t *testing.T, out map[id.ID]feed.Record, all func(context.Context) ([]R, error), ctx context.Context) { //nolint:revive // reads like the query
	t.Helper()
	for _, r := range testkit.Must(all(ctx))(t) {
		out[r.PublicID()] = r
	}
}

// same compares a phone's copy with what a fresh list gives: the ids, and the
// content of those that carry a state.
func (p *phone) same(ctx context.Context, t *testing.T, e *testkit.Env) {
	t.Helper()
	want := inSight(ctx, t, e)
	for key, r := range want {
		got, ok := p.records[key]
		if !ok {
			t.Errorf("the phone lacks %s", key)
			continue
		}
		switch r := r.(type) {
		case *ent.Hazard:
			if g := got.(*ent.Hazard); g.Version != r.Version || g.Proven != r.Proven || g.Sequence != r.Sequence {
				t.Errorf("%s is version %d on the phone, not %d", key, g.Version, r.Version)
			}
		case *ent.Evidence:
			if g := got.(*ent.Evidence); g.Status != r.Status {
				t.Errorf("%s is %s on the phone, not %s", key, g.Status, r.Status)
			}
		case *ent.InspectionReport:
			if g := got.(*ent.InspectionReport); g.Status != r.Status {
				t.Errorf("%s is %s on the phone, not %s", key, g.Status, r.Status)
			}
		}
	}
	for key := range p.records {
		if want[key] == nil {
			t.Errorf("the phone keeps %s, which is not in sight", key)
		}
	}
}

// TestChangesLeaveNothingOut: a phone that reads while others write ends with
// exactly what a fresh list gives, whatever the order in which they commit.
func TestChangesLeaveNothingOut(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		owner := e.As("officer1")
		reader, other, county := &phone{}, &phone{}, &phone{}
		reader.sync(owner, t, e, 50)
		reader.same(owner, t, e)

		var writers, readers sync.WaitGroup
		written := make(chan struct{})
		for w := range 4 {
			writers.Go(func() {
				for i := range 6 {
					h, err := e.App.ReportHazard(owner, e.HazardInput())
					if err != nil {
						t.Error(err)
						return
					}
					if (w+i)%2 == 0 {
						_, err = e.App.PlaceUnderOversight(owner, e.OversightInput(h))
					} else {
						_, err = e.Announce(owner, e.PhotoFile(rule.Before, 2))
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		for _, r := range []struct {
			*phone
			as    context.Context
			first int
		}{{reader, owner, 3}, {other, e.As("officer2"), 7}, {county, e.As("section"), 11}} {
			readers.Go(func() {
				for {
					r.sync(r.as, t, e, r.first)
					select {
					case <-written:
						return
					default:
					}
				}
			})
		}
		writers.Wait()
		close(written)
		readers.Wait()
		e.Work()
		for account, p := range map[string]*phone{"officer1": reader, "officer2": other, "section": county} {
			p.sync(e.As(account), t, e, 4)
			p.same(e.As(account), t, e)
			if p.resyncs > 0 {
				t.Errorf("%s had to begin anew %d times", account, p.resyncs)
			}
		}
		if hazards := count[*ent.Hazard](reader); hazards != 24 {
			t.Errorf("%d hazards on the phone, not 24", hazards)
		}
		if leaked := count[*ent.Hazard](other); leaked > 0 {
			t.Errorf("%d hazards of another school", leaked)
		}
	})
}

func count[R feed.Record](p *phone) int {
	n := 0
	for _, r := range p.records {
		if _, ok := r.(R); ok {
			n++
		}
	}
	return n
}

// TestChangesTellEachRecordOnce: however often it changed, and not again when it
// did not.
func TestChangesTellEachRecordOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		p := &phone{}
		p.sync(ctx, t, e, 200)
		h := e.Planned()
		c := testkit.Must(e.App.Changes(ctx, p.cursor, 200))(t)
		if len(c.Rows) != 1 || c.Rows[0].ID != h.PublicID() || c.More || c.Resync {
			t.Errorf("a hazard that was reported, placed under oversight and planned: %+v", c)
		}
		again := testkit.Must(e.App.Changes(ctx, &c.Cursor, 200))(t)
		if len(again.Rows) != 0 || again.More {
			t.Errorf("told again: %+v", again.Rows)
		}
		if back := testkit.Must(e.App.Changes(ctx, p.cursor, 200))(t); len(back.Rows) != 1 {
			t.Errorf("an answer that got lost can't be had again: %+v", back)
		}
	})
}

// TestChangesFollowTheScope: what a change of roles or of a school's place takes out
// of sight is gone from the phone, and what it brings into sight arrives.
func TestChangesFollowTheScope(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		e.Rectified()
		p, viewer := &phone{}, &phone{}
		p.sync(e.As("officer2"), t, e, 30)
		if count[*ent.Hazard](p) != 0 {
			t.Fatal("a hazard of another school")
		}
		e.Appoint("officer2", authz.SafetySection)
		p.sync(e.As("officer2"), t, e, 30)
		p.same(e.As("officer2"), t, e)
		if p.resyncs != 1 || count[*ent.Hazard](p) == 0 {
			t.Errorf("a new role brought %d hazards in %d resyncs", count[*ent.Hazard](p), p.resyncs)
		}

		// The role ends.
		if _, err := e.Store.Ent.Membership.Delete().Where(membership.UserID(e.User("officer2").ID), membership.RoleEQ(authz.SafetySection)).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		p.sync(e.As("officer2"), t, e, 30)
		p.same(e.As("officer2"), t, e)
		if p.resyncs != 2 || count[*ent.Hazard](p) != 0 {
			t.Errorf("after the role %d hazards are left, in %d resyncs", count[*ent.Hazard](p), p.resyncs)
		}

		// A school moves: what lies in a township is another thing for everybody.
		viewer.sync(e.As("section"), t, e, 30)
		to := testkit.Must(e.App.RegionsByID(e.As("section"), ids(e.Other.RegionID)))(t)[0]
		_, err := e.App.MoveSchool(e.As("section"), places.MoveSchoolInput{CommandID: id.New(id.Command), SchoolID: e.School.PublicID(), RegionID: to.PublicID()})
		if err != nil {
			t.Fatal(err)
		}
		viewer.sync(e.As("section"), t, e, 30)
		viewer.same(e.As("section"), t, e)
		if viewer.resyncs != 1 {
			t.Errorf("a school moved, and %d resyncs", viewer.resyncs)
		}
		viewer.sync(e.As("section"), t, e, 30)
		if viewer.resyncs != 1 {
			t.Error("one move asks for a resync again and again")
		}
	})
}

// TestChangesTellWhatIsGone: a deleted row is reported as deleted to those who could
// see it, and to nobody else.
func TestChangesTellWhatIsGone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		made := testkit.Must(e.Store.Ent.Grid.Create().SetSchoolID(e.School.ID).SetCode("99").SetName("临时").SetKind("OTHER").Save(e.System()))(t)
		owner, other := &phone{}, &phone{}
		owner.sync(e.As("officer1"), t, e, 200)
		other.sync(e.As("officer2"), t, e, 200)
		if owner.records[made.PublicID()] == nil {
			t.Fatal("the grid is not on the phone")
		}
		if err := e.Store.Ent.Grid.DeleteOneID(made.ID).Exec(e.System()); err != nil {
			t.Fatal(err)
		}
		c := testkit.Must(e.App.Changes(e.As("officer1"), owner.cursor, 10))(t)
		if len(c.Rows) != 1 || c.Rows[0].ID != made.PublicID() || c.Rows[0].Record != nil {
			t.Errorf("told %+v", c.Rows)
		}
		if c := testkit.Must(e.App.Changes(e.As("officer2"), other.cursor, 10))(t); len(c.Rows) != 0 {
			t.Errorf("another school hears of it: %+v", c.Rows)
		}
	})
}

// TestChangesKeepADraftSecret: the school does not learn that the bureau drafts a
// notice.
func TestChangesKeepADraftSecret(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h, p := e.Reported(), &phone{}
		p.sync(e.As("principal1"), t, e, 200)
		drafted(t, e, "inspector1", h)
		c := testkit.Must(e.App.Changes(e.As("principal1"), p.cursor, 200))(t)
		for _, r := range c.Rows {
			if r.ID.Noun == id.Notice {
				t.Errorf("the school hears of %s", r.ID)
			}
		}
	})
}

func TestCursorsOfChangesCannotBeMade(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		ctx := e.As("officer1")
		c := testkit.Must(e.App.Changes(ctx, nil, 1))(t)
		_, err := e.App.Changes(e.As("officer2"), &c.Cursor, 1)
		testkit.Refused(t, err, fault.BadUserInput, "since")
		for i := range c.Cursor {
			forged := []byte(c.Cursor)
			forged[i] ^= 1
			if _, err := e.App.Changes(ctx, new(string(forged)), 1); err == nil && i < len(c.Cursor)-1 { // the last character has unused bits
				t.Errorf("a cursor with another character %d passes", i)
			}
		}
		for _, text := range []string{"", "x", "%", c.Cursor + c.Cursor} {
			_, err := e.App.Changes(ctx, &text, 1)
			testkit.Refused(t, err, fault.BadUserInput, "since")
		}
		for _, first := range []int{0, -1, 201} {
			_, err := e.App.Changes(ctx, nil, first)
			testkit.Refused(t, err, fault.BadUserInput, "first")
		}
		_, err = e.App.Changes(e.Nobody(), nil, 1)
		testkit.Refused(t, err, fault.Unauthenticated, "")
		seen := map[string]bool{c.Cursor: true}
		for range 5 { // equal places look different: nobody counts what happens elsewhere
			again := testkit.Must(e.App.Changes(ctx, nil, 1))(t).Cursor
			if seen[again] {
				t.Error("the same cursor twice")
			}
			seen[again] = true
		}
	})
}

// TestFollowingTellsOnlyWhatMayBeKnown: a subscription fires for changes in sight and
// for no others.
func TestFollowingTellsOnlyWhatMayBeKnown(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		follow := func(account string, read func(ctx context.Context) error) <-chan struct{} {
			w := testkit.Must(e.App.Watch(e.As(account)))(t)
			t.Cleanup(w.Close)
			if err := read(feed.WithWatch(e.As(account), w)); err != nil {
				t.Fatal(err)
			}
			return w.Changed
		}
		hazard := func(ctx context.Context) error {
			_, err := e.App.FollowHazard(ctx, h.PublicID())
			return err
		}
		dashboard := func(ctx context.Context) error {
			c := testkit.Must(e.Store.Ent.Campaign.Query().Where(campaign.ID(e.Campaign.ID)).Only(ctx))(t)
			_, err := e.App.FollowDashboard(ctx, figures.DashboardInput{CampaignID: c.PublicID()})
			return err
		}
		w := testkit.Must(e.App.Watch(e.As("officer2")))(t)
		defer w.Close()
		_, err := e.App.FollowHazard(feed.WithWatch(e.As("officer2"), w), h.PublicID())
		testkit.Refused(t, err, fault.NotFound, "")

		followers := map[string]<-chan struct{}{
			"the hazard": follow("officer1", hazard), "own board": follow("officer1", dashboard), "the county": follow("section", dashboard),
			"another school": follow("officer2", dashboard),
		}
		told := func(what string, want ...string) {
			t.Helper()
			for _, name := range slices.Sorted(maps.Keys(followers)) {
				if slices.Contains(want, name) {
					select {
					case <-followers[name]:
					case <-time.After(20 * time.Second):
						t.Errorf("%s: %s is not told", what, name)
					}
				}
			}
			for name, c := range followers {
				select {
				case <-c:
					t.Errorf("%s: %s is told", what, name)
				default:
				}
			}
		}
		testkit.Must(e.App.PlaceUnderOversight(e.As("officer1"), e.OversightInput(h)))(t)
		told("a command on the hazard", "the hazard", "own board", "the county")
		in := e.HazardInput()
		in.SchoolID, in.GridID, in.Place = e.Other.PublicID(), nil, new("校门口")
		testkit.Must(e.App.ReportHazard(e.As("officer2"), in))(t)
		told("a hazard of another school", "another school", "the county")
	})
}
