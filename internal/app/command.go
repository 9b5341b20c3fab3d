package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// command runs a client's command in one transaction and at most once. The key
// is the id that the client made: of the new record, or of the command. A repeat
// with the same content does nothing and reports done before; with other content
// it is IDEMPOTENCY_MISMATCH. Two at once: the receipt's key lets one through,
// the other waits and then finds the receipt. A refused attempt at the own school
// or the own work is logged as a case.
func (a *App) command(ctx context.Context, action authz.Action, key id.ID, result uuid.UUID, input any,
	do func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error,
) error {
	v, err := signedIn(ctx)
	if err != nil {
		return err
	}
	content, err := fingerprint(input)
	if err != nil {
		return err
	}
	err = a.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		prior, err := tx.CommandReceipt.Get(authz.AsSystem(ctx), key.UUID)
		switch {
		case ent.IsNotFound(err):
		case err != nil:
			return err
		case prior.UserID == v.UserID && prior.Action == string(action) && prior.Fingerprint == content:
			return nil
		default:
			return fault.New(fault.IdempotencyMismatch, "command.other_content",
				fault.Tf("标识 %s 已用于另一项内容，请使用新的标识。", "The id %s was used for something else. Use a new one.", key))
		}
		err = tx.CommandReceipt.Create().SetID(key.UUID).SetUserID(v.UserID).SetAction(string(action)).SetFingerprint(content).
			SetResultID(result).SetCreatedAt(a.clock.Now()).Exec(ctx)
		if err != nil {
			return err
		}
		return do(ctx, tx, v)
	})
	return a.logAttempt(ctx, err)
}

func fingerprint(input any) (string, error) {
	b, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("fingerprint of a command: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// conflict is what the slower of two people hears.
func conflict(current int) error {
	return fault.New(fault.Conflict, "record.changed",
		fault.T("该记录已被他人更改，请刷新后重试。", "Somebody else changed this meanwhile. Look again, then decide.")).With("currentVersion", current)
}

// expect compares the version that a client saw with the present one.
func expect(expected *int, current int) error {
	if expected != nil && *expected != current {
		return conflict(current)
	}
	return nil
}
