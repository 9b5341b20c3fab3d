package testkit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Proven makes a VERIFIED file of an account by its row alone, for tests that need
// evidence and are not about files: nothing is sent, read back or decoded, and the
// store has no object. Upload is for tests that look at those. Kind and stage must be
// given; without bytes the file has a digest that no other file has.
//
// What a use case attaches afterwards counts as proof at once. Reports and hazards that
// named the file before are not proven again, as the verification of a file would do.
func (e *Env) Proven(account string, f File) id.ID {
	e.T.Helper()
	s := cmp.Or(f.School, e.School)
	if f.ID.IsZero() {
		f.ID = id.New(id.Evidence)
	}
	sum := sha256.Sum256(f.Bytes)
	if len(f.Bytes) == 0 {
		sum = sha256.Sum256(f.ID.UUID[:])
	}
	digest := hex.EncodeToString(sum[:])
	mediaType := cmp.Or(f.Type, rule.MediaTypes(f.Kind)[0])
	now := e.Clock.Now()
	need(e.T, e.Store.Ent.Evidence.Create().SetID(f.ID.UUID).SetSchoolID(s.ID).SetUploaderID(e.User(account).ID).SetKind(f.Kind).SetStage(f.Stage).
		SetSource(rule.FromCamera).SetFileName(cmp.Or(f.Name, "proven")).SetMediaType(mediaType).SetFoundMediaType(mediaType).
		SetSize(max(1, int64(len(f.Bytes)))).SetSha256(digest).SetObjectKey("originals/"+digest[:2]+"/"+digest+"."+f.ID.UUID.String()).
		SetStatus(rule.Verified).SetAnnouncedAt(now).SetUploadActiveAt(now).SetReceivedAt(now).SetVerifiedAt(now).SetCreatedAt(now).
		SetRetainUntil(now.AddDate(e.Campaign.Policy.WithDefaults().RetentionYears, 0, 0)).SetWidth(640).SetHeight(480).Exec(e.System()))
	return f.ID
}
