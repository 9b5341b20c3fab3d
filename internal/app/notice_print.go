package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// printLinkLifetime is how long a link to a printed notice opens: long enough to
// follow it, too short to be passed around.
const printLinkLifetime = 10 * time.Minute

// PrintedNotice is what is printed of a notice: what it said when it was issued,
// and how to see that the paper is genuine.
type PrintedNotice struct {
	rule.NoticeSnapshot
	Hash string // SHA-256 of the snapshot, hex
	// Code is what leads to the public check, at /verify/<code>.
	Code       string
	Superseded bool
}

// PrintLink is the path of a notice's printed form, with a signature that opens it
// for ten minutes without a session: a browser sends no token with a link. Only
// who sees the notice is given one. Empty for a draft.
func (a *App) PrintLink(n *ent.Notice) string {
	if n.Number == nil {
		return ""
	}
	until := a.clock.Now().Add(printLinkLifetime).Unix()
	return fmt.Sprintf("/notices/%s/print?until=%d&signature=%s", n.PublicID(), until, a.printSignature(n.ID, until))
}

// printSignature says that a notice may be printed until an instant, in seconds
// since 1970. No other notice and no other instant has the same.
func (a *App) printSignature(key uuid.UUID, until int64) string {
	h := hmac.New(sha256.New, a.blob.DeriveKey("notice.print"))
	_, _ = fmt.Fprintf(h, "%s until %d", key, until)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// PrintNotice gives an issued notice to anybody with a link that PrintLink made
// less than ten minutes ago, signed in or not. NOT_FOUND for every other link.
func (a *App) PrintNotice(ctx context.Context, noticeID, until, signature string) (*PrintedNotice, error) {
	missing := fault.Missing(id.Notice.First())
	i, err := id.Parse(noticeID)
	if err != nil || i.Noun != id.Notice {
		return nil, missing
	}
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || !hmac.Equal([]byte(signature), []byte(a.printSignature(i.UUID, end))) || a.clock.Now().Unix() >= end {
		return nil, missing
	}
	sys := authz.AsSystem(ctx) // the signature says that somebody sees it who gave the link away
	n, err := a.store.Ent.Notice.Query().Where(notice.ID(i.UUID), notice.NumberNotNil()).Only(sys)
	if ent.IsNotFound(err) {
		return nil, missing
	}
	if err != nil {
		return nil, store.Fault(err)
	}
	p := &PrintedNotice{Hash: n.SnapshotHash, Code: n.VerifyCode, Superseded: n.Status == rule.NoticeSuperseded}
	if err := json.Unmarshal([]byte(n.Snapshot), &p.NoticeSnapshot); err != nil {
		return nil, fault.Of(fmt.Errorf("snapshot of notice %s: %w", i, err))
	}
	return p, nil
}
