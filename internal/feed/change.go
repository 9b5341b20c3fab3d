// Package feed says what has changed since a cursor, and tells those who follow a hazard
// or a dashboard at once.
//
// It decides the order of changes and who may know of them. It reads no rows of the
// field itself: each noun has a reader that package app registers.
package feed

import (
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/changedrow"
	"github.com/cleargrid/cleargrid/ent/changehead"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/store"
)

// Changes are a page of what changed for a viewer.
type Changes struct {
	Rows   []*Change
	Cursor string
	// More says that others follow at once.
	More bool
	// Resync says that the viewer's scope is no longer that of the cursor given.
	Resync bool
}

// Change is a record that changed.
type Change struct {
	Cursor string
	ID     id.ID
	// Record is nil for one that no longer exists.
	Record Record
}

const (
	headName     = "changes"
	notesAtATime = 500
	// advancesPerRead bounds what one reader does for all: what is left shows as
	// changes that follow.
	advancesPerRead = 4
	// advanceEvery keeps short what the first reader after a quiet time has to do.
	advanceEvery   = time.Minute
	advancesPerJob = 2000
)

// Changes lists what changed for the viewer since a cursor, each record once, as
// it is now; everything in sight without one. A cursor of somebody else, and one
// that was not given here, is BAD_USER_INPUT. See decision 0017 for why nothing is
// left out.
func (fd *Feed) Changes(ctx context.Context, since *string, first int) (*Changes, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	if first < 1 || first > command.MaxPage {
		return nil, fault.Bad("first", "page_size", fault.Tf("每页 1 至 %d 条。", "A page has 1 to %d rows.", command.MaxPage))
	}
	waiting, err := fd.advance(ctx, advancesPerRead)
	if err != nil {
		return nil, err
	}
	key, err := fd.cursorKey(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := fd.scopeOf(ctx, v)
	if err != nil {
		return nil, err
	}
	from := cursorPlace{User: v.UserID, Scope: scope}
	out := &Changes{}
	if since != nil {
		var then cursorPlace
		if !key.open(*since, &then) || then.User != v.UserID {
			return nil, fault.Bad("since", "cursor", fault.T("游标无效。", "The cursor is not one of yours."))
		}
		if out.Resync = then.Scope != scope; !out.Resync {
			from = then
		}
	}
	if err := fd.changesFrom(ctx, out, from, first, key); err != nil {
		return nil, err
	}
	out.More = out.More || waiting
	return out, nil
}

// changesFrom fills a page from a place on.
func (fd *Feed) changesFrom(ctx context.Context, out *Changes, from cursorPlace, first int, key sealer) error {
	rows, err := fd.store.Ent.ChangedRow.Query().Where(changedrow.SequenceGT(from.Sequence)).Order(changedrow.BySequence()).Limit(first + 1).All(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if out.More = len(rows) > first; out.More {
		rows = rows[:first]
	}
	records, err := fd.recordsOf(ctx, rows)
	if err != nil {
		return err
	}
	at := from
	for _, r := range rows {
		at.Sequence = r.Sequence
		c := &Change{Cursor: key.seal(at), ID: id.Of(id.NounOf(r.Noun), r.RowID)}
		record, seen := records[c.ID]
		switch {
		case seen:
			c.Record = record
		case !r.Deleted: // not in sight after all, as a draft is to the school
			continue
		}
		out.Rows = append(out.Rows, c)
	}
	out.Cursor = key.seal(at)
	return nil
}

// recordsOf reads the rows in sight, those of one noun in one statement.
func (fd *Feed) recordsOf(ctx context.Context, rows []*ent.ChangedRow) (map[id.ID]Record, error) {
	by := map[id.Noun][]uuid.UUID{}
	for _, r := range rows {
		by[id.NounOf(r.Noun)] = append(by[id.NounOf(r.Noun)], r.RowID)
	}
	out := map[id.ID]Record{}
	for noun, ids := range by {
		read := fd.readers[noun]
		if read == nil {
			continue
		}
		records, err := read(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			out[r.PublicID()] = r
		}
	}
	return out, nil
}

// advance gives sequence numbers to the changes that have been committed, in at most
// `steps` transactions, and reports whether further changes wait. Each transaction
// locks the row of the head, so that a reader who sees a sequence number also sees
// every smaller one.
func (fd *Feed) advance(ctx context.Context, steps int) (waiting bool, err error) {
	ctx = authz.AsSystem(ctx)
	for range steps {
		waiting, err := fd.store.HasNotes(ctx)
		if err != nil || !waiting {
			return false, err
		}
		if err := fd.store.InTx(ctx, fd.advanceOnce); err != nil {
			return false, err
		}
	}
	return fd.store.HasNotes(ctx)
}

func (fd *Feed) advanceOnce(ctx context.Context, tx *ent.Tx) error {
	head, err := fd.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	notes, err := fd.store.TakeNotes(ctx, tx, notesAtATime)
	if err != nil || len(notes) == 0 {
		return err
	}
	var rows []*ent.ChangedRowCreate
	for _, n := range newest(notes) {
		head.Sequence++
		rows = append(rows, tx.ChangedRow.Create().SetNoun(n.Noun).SetRowID(n.Row).SetNillableSchoolID(n.School).SetDeleted(n.Deleted).
			SetSequence(head.Sequence).SetCreatedAt(fd.clock.Now()))
	}
	err = tx.ChangedRow.CreateBulk(rows...).OnConflictColumns(changedrow.FieldNoun, changedrow.FieldRowID).
		Update(func(u *ent.ChangedRowUpsert) { u.UpdateSequence().UpdateSchoolID().UpdateDeleted() }).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.ChangeHead.Update().Where(changehead.ID(head.ID)).SetSequence(head.Sequence).Exec(ctx)
}

// newest keeps the last note of each row, in their order.
func newest(notes []store.Note) []store.Note {
	type row struct {
		noun string
		id   uuid.UUID
	}
	seen := map[row]bool{}
	var out []store.Note
	for _, n := range slices.Backward(notes) {
		if r := (row{n.Noun, n.Row}); !seen[r] {
			seen[r] = true
			out = append(out, n)
		}
	}
	slices.Reverse(out)
	return out
}

// lockHead gives the head's row, which nobody else has until the transaction ends.
func (fd *Feed) lockHead(ctx context.Context, tx *ent.Tx) (*ent.ChangeHead, error) {
	head, err := tx.ChangeHead.Query().Where(changehead.Name(headName), store.Locking(ctx, store.ChangeHead)).Only(ctx)
	if !ent.IsNotFound(err) {
		return head, err
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return tx.ChangeHead.Create().SetName(headName).SetSecret(secret).SetCreatedAt(fd.clock.Now()).Save(ctx)
}

// cursorPlace is what a cursor holds: whose it is, for which scope, and up to where.
type cursorPlace struct {
	User     uuid.UUID `json:"u"`
	Scope    string    `json:"s"`
	Sequence int64     `json:"n"`
}

// scopeOf names what a viewer sees: the grants, and which schools lie where.
func (fd *Feed) scopeOf(ctx context.Context, v authz.Viewer) (string, error) {
	moved, err := fd.store.Ent.ChangedRow.Query().Where(changedrow.Noun(store.NotedMove)).
		Order(ent.Desc(changedrow.FieldSequence)).Limit(1).All(authz.AsSystem(ctx))
	if err != nil {
		return "", store.Fault(err)
	}
	var last int64
	for _, m := range moved {
		last = m.Sequence
	}
	grants := slices.Clone(v.Grants)
	slices.SortFunc(grants, func(x, y authz.Grant) int {
		return cmp.Or(cmp.Compare(x.Role, y.Role), cmp.Compare(x.RegionPath, y.RegionPath), cmp.Compare(x.SchoolID.String(), y.SchoolID.String()))
	})
	h := sha256.New()
	_, _ = fmt.Fprintln(h, last) // a hash takes everything
	for _, g := range slices.Compact(grants) {
		_, _ = fmt.Fprintf(h, "%s %q %s\n", g.Role, g.RegionPath, g.SchoolID)
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// sealer makes cursors that can be neither read nor made by anybody else.
type sealer struct{ aead cipher.AEAD }

func (fd *Feed) cursorKey(ctx context.Context) (sealer, error) {
	ctx = authz.AsSystem(ctx)
	head, err := fd.store.Ent.ChangeHead.Query().Where(changehead.Name(headName)).Only(ctx)
	if ent.IsNotFound(err) {
		err = fd.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
			head, err = fd.lockHead(ctx, tx)
			return err
		})
	}
	if err != nil {
		return sealer{}, store.Fault(err)
	}
	block, err := aes.NewCipher(head.Secret)
	if err != nil {
		return sealer{}, fault.Of(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return sealer{}, fault.Of(err)
	}
	return sealer{aead}, nil
}

func (s sealer) seal(p cursorPlace) string {
	b, _ := json.Marshal(p) // texts and a number: cannot fail
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, b, nil))
}

func (s sealer) open(text string, p *cursorPlace) bool {
	if len(text) > 1024 {
		return false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	b, err := s.aead.Open(nil, nil, sealed, nil)
	return err == nil && json.Unmarshal(b, p) == nil
}
