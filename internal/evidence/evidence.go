package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// AnnounceEvidenceInput is what a phone knows of a file before it sends it.
type AnnounceEvidenceInput struct {
	ID         id.ID
	SchoolID   id.ID
	Kind       rule.EvidenceKind
	Stage      rule.EvidenceStage
	Source     rule.EvidenceSource
	FileName   string
	MediaType  string
	Size       int64
	Sha256     string
	CapturedAt *time.Time
	Position   *geo.Point
	// DeviceTime is the device's clock when it sent this, to learn how far that
	// clock is off. It is no part of the command: a repeat says another time.
	DeviceTime *time.Time `json:"-"`
}

// CompleteEvidenceInput says that a file's bytes have been sent.
type CompleteEvidenceInput struct{ ID id.ID }

// Ticket is what a client must send to the object store: one request, or one
// for each part that the store does not have yet.
type Ticket struct {
	Single   *blob.Request
	PartSize int64
	Parts    []PartTicket
}

// PartTicket is the request for one part; parts count from 1.
type PartTicket struct {
	Number  int
	Size    int64
	Request blob.Request
}

// Upload is how far a file is, as the object store has it.
type Upload struct {
	Evidence *ent.Evidence
	Ticket   *Ticket // nil when the store has the file; complete it
	Received []int   // numbers of the parts that the store has
}

// originals is the folder of the sealed files, renditions that of what the
// server made of them: content-addressed, of fixed depth.
const (
	originals  = "originals/"
	renditions = "renditions/"
)

const (
	ticketLifetime = time.Hour
	urlLifetime    = 15 * time.Minute
)

type originKey struct{}

// WithOrigin notes the base URL under which the client reaches the server, so
// that presigned URLs lead to the same place.
func WithOrigin(ctx context.Context, origin string) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

func origin(ctx context.Context) string {
	o, _ := ctx.Value(originKey{}).(string)
	return o
}

// AnnounceEvidence records a file that is about to be sent and gives the ticket
// for it. The school's casework roles may; the answer to a repeat carries a
// fresh ticket. UNAVAILABLE when the object store can't be asked: the record is
// kept, repeat to get the ticket.
func (fs *Files) AnnounceEvidence(ctx context.Context, in AnnounceEvidenceInput) (*Upload, error) {
	defer fs.Receiving()()
	if err := fs.announce(ctx, authz.AnnounceEvidence, in); err != nil {
		return nil, err
	}
	return fs.EvidenceUpload(ctx, in.ID)
}

// announce makes the record. The action is what the viewer must be allowed to do;
// the receipt is the same for every way of sending, so that one is begun and
// another takes over. For that reason its content is the value of the input and not
// the text that one of the ways sent.
func (fs *Files) announce(ctx context.Context, action authz.Action, in AnnounceEvidenceInput) error {
	bad := in.check()
	if err := bad.Err(); err != nil { // before the store is asked
		return err
	}
	parts := fs.inParts(ctx, in.Size)
	_, err := command.Run(command.WithSent(ctx, nil), fs.commands, command.Spec[*ent.School, struct{}]{
		Action: action, ReceiptOf: authz.AnnounceEvidence, Key: in.ID, Subject: in.ID, Input: in, Invalid: bad,
		Load: func(ctx context.Context, tx *command.Tx) (*ent.School, error) {
			s, err := tx.School.Get(ctx, in.SchoolID.UUID)
			_, err = command.NotFoundAs(s, err, id.School)
			return s, command.AtField("input.schoolId", id.School, err)
		},
		May: func(_ context.Context, _ *command.Tx, s *ent.School) (authz.Facts, error) {
			return command.SchoolAlone(s), nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, s *ent.School) error {
			policy, err := command.PolicyAt(ctx, tx.Client(), s.RegionPath)
			if err != nil {
				return err
			}
			if limit := policy.MaxBytes[in.Kind]; in.Size > limit {
				return fault.Bad("input.size", "too_large", fault.Tf("文件过大，上限为 %d 字节。", "The file is too large; the limit is %d bytes.", limit))
			}
			return nil
		},
		Write: func(ctx context.Context, tx *command.Tx, _ *ent.School) error {
			return fs.createEvidence(ctx, tx.Tx, tx.Viewer, in, parts)
		},
		Answer: func(context.Context) (struct{}, error) { return struct{}{}, nil },
	})
	return err
}

func (in AnnounceEvidenceInput) check() *fault.Input {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Evidence)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	if !fileName(in.FileName) {
		bad.Add("input.fileName", "form", fault.T("文件名须为 1 至 255 个可见字符，不含路径。", "A file name has 1 to 255 visible characters and no path."))
	}
	if types := rule.MediaTypes(in.Kind); !slices.Contains(types, in.MediaType) {
		bad.Add("input.mediaType", "unsupported", fault.Tf("该类佐证材料支持的格式：%s。", "Supported types for this kind: %s.", strings.Join(types, ", ")))
	}
	if b, err := hex.DecodeString(in.Sha256); err != nil || len(b) != sha256.Size || in.Sha256 != strings.ToLower(in.Sha256) {
		bad.Add("input.sha256", "form", fault.T("SHA-256 须为 64 位小写十六进制。", "A SHA-256 is 64 lower-case hexadecimal digits."))
	}
	if in.Size < 1 {
		bad.Add("input.size", "empty", fault.T("文件不能为空。", "The file is empty."))
	}
	if in.Position != nil && !in.Position.Valid() {
		bad.Add("input.position", "form", fault.T("坐标无效。", "This is no position on the globe."))
	}
	return &bad
}

// fileName accepts what is safe to show and to offer for saving.
func fileName(s string) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > 255 || s == "." || s == ".." {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == '/' || r == '\\' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
	})
}

// inParts decides how a file is sent: a large one in parts. So is every one where
// the store would let the signed request of a small one store other bytes after
// verification: parts lead nowhere once the server has put them together. They
// work in every store, and so also while this one can't be asked.
func (fs *Files) inParts(ctx context.Context, size int64) bool {
	if size > fs.singleLimit {
		return true
	}
	able, err := fs.blob.Abilities(ctx)
	return err != nil || (!able.Checksum && !able.Once)
}

func (fs *Files) createEvidence(ctx context.Context, tx *ent.Tx, v authz.Viewer, in AnnounceEvidenceInput, parts bool) error {
	c := tx.Evidence.Create().SetID(in.ID.UUID).SetSchoolID(in.SchoolID.UUID).SetUploaderID(v.UserID).SetKind(in.Kind).SetStage(in.Stage).
		SetSource(in.Source).SetFileName(in.FileName).SetMediaType(in.MediaType).SetSize(in.Size).SetSha256(in.Sha256).
		SetAnnouncedAt(fs.clock.Now()).SetCreatedAt(fs.clock.Now()).SetUploadActiveAt(fs.clock.Now()).
		SetObjectKey(originals + in.Sha256[:2] + "/" + in.Sha256 + "." + in.ID.UUID.String())
	if in.CapturedAt != nil {
		c.SetCapturedAt(clock.Truncate(*in.CapturedAt))
	}
	if in.Position != nil {
		c.SetLatitude(in.Position.Latitude).SetLongitude(in.Position.Longitude)
	}
	if in.DeviceTime != nil {
		c.SetClockOffsetMs(fs.clock.Now().Sub(*in.DeviceTime).Milliseconds())
	}
	if parts {
		c.SetPartSize(fs.partSize)
	}
	return c.Exec(ctx)
}

// activityStep is how finely the row remembers when its upload was worked on.
const activityStep = 10 * time.Minute

// uploadActive notes that somebody goes on with an upload, so that it is not
// taken for abandoned.
func (fs *Files) uploadActive(ctx context.Context, e *ent.Evidence) error {
	now := fs.clock.Now()
	if now.Sub(e.UploadActiveAt) < activityStep {
		return nil
	}
	e.UploadActiveAt = now
	return store.Fault(fs.store.Ent.Evidence.Update().Where(evidence.ID(e.ID)).SetUploadActiveAt(now).Exec(ctx))
}

// EvidenceUpload says how far a file is, asked of the object store, with a fresh
// ticket for what is missing. Only for whoever announced it; for everybody else
// in scope the ticket is nil.
func (fs *Files) EvidenceUpload(ctx context.Context, i id.ID) (*Upload, error) {
	e, err := fs.Evidence(ctx, i)
	if err != nil {
		return nil, err
	}
	u := &Upload{Evidence: e}
	if e.Status != rule.Announced || e.UploaderID != authz.FromContext(ctx).UserID {
		return u, nil
	}
	if err := fs.uploadActive(ctx, e); err != nil {
		return nil, err
	}
	if e.PartSize == 0 {
		there, err := fs.wholeParts(ctx, e)
		if err != nil || there == e.Size {
			return u, err
		}
		req, err := fs.blob.PresignPut(ctx, origin(ctx), e.ObjectKey, content(e), ticketLifetime)
		if err != nil {
			return nil, err
		}
		u.Ticket = &Ticket{Single: &req}
		return u, nil
	}
	return u, fs.partTickets(ctx, u)
}

func content(e *ent.Evidence) blob.Content {
	return blob.Content{Type: e.MediaType, Size: e.Size, SHA256: digest(e.Sha256)}
}

// partTickets fills in the parts that the store lacks.
func (fs *Files) partTickets(ctx context.Context, u *Upload) error {
	e := u.Evidence
	got, whole, err := fs.storedParts(ctx, e)
	if err != nil {
		return err
	}
	if !whole {
		u.Ticket = &Ticket{PartSize: e.PartSize}
	}
	for n := 1; n <= partCount(e); n++ {
		if whole || got[n].Size == partSize(e, n) {
			u.Received = append(u.Received, n)
			continue
		}
		req, err := fs.blob.PresignPart(ctx, origin(ctx), e.ObjectKey, e.UploadID, n, partSize(e, n), ticketLifetime)
		if err != nil {
			return err
		}
		u.Ticket.Parts = append(u.Ticket.Parts, PartTicket{Number: n, Size: partSize(e, n), Request: req})
	}
	return nil
}

// storedParts asks the store which parts it has, starting the multipart upload
// when there is none; whole when they have been put together already. An upload
// that the store has dropped is forgotten and begun anew.
func (fs *Files) storedParts(ctx context.Context, e *ent.Evidence) (got map[int]blob.Part, whole bool, err error) {
	if begun, err := fs.startMultipart(ctx, e); err != nil || begun {
		return nil, false, err
	}
	have, err := fs.blob.Parts(ctx, e.ObjectKey, e.UploadID)
	if fault.Is(err, fault.NotFound) {
		if _, err = fs.blob.Stat(ctx, e.ObjectKey); !fault.Is(err, fault.NotFound) {
			return nil, err == nil, err
		}
		// It is not aborted: another device may be completing it at this moment.
		if _, err = fs.forgetUpload(ctx, e); err == nil {
			e.UploadID, have = "", nil
			_, err = fs.startMultipart(ctx, e)
		}
	}
	if err != nil {
		return nil, false, err
	}
	got = map[int]blob.Part{}
	for _, p := range have {
		got[p.Number] = p
	}
	return got, false, nil
}

func partCount(e *ent.Evidence) int { return int((e.Size + e.PartSize - 1) / e.PartSize) }

func partSize(e *ent.Evidence, n int) int64 {
	return min(e.PartSize, e.Size-int64(n-1)*e.PartSize)
}

// startMultipart makes the store's multipart upload after the row exists, unless
// there is one, and reports whether it did: then the store has no parts. Of two
// devices that do it at once one wins; the other's upload is aborted.
func (fs *Files) startMultipart(ctx context.Context, e *ent.Evidence) (begun bool, err error) {
	if e.UploadID != "" {
		return false, nil
	}
	upload, err := fs.blob.CreateMultipart(ctx, e.ObjectKey, e.MediaType, e.PartSize)
	if err != nil {
		return false, err
	}
	n, err := fs.store.Ent.Evidence.Update().Where(evidence.ID(e.ID), evidence.UploadID("")).SetUploadID(upload).Save(ctx)
	if err != nil {
		return false, store.Fault(err)
	}
	if n == 0 {
		if err := fs.blob.AbortMultipart(ctx, e.ObjectKey, upload); err != nil {
			return false, err
		}
		again, err := fs.store.Ent.Evidence.Get(ctx, e.ID)
		if err != nil {
			return false, store.Fault(err)
		}
		upload = again.UploadID
	}
	e.UploadID = upload
	return n > 0, nil
}

// CompleteEvidence notes that the bytes have arrived and queues their
// verification. It may be repeated. EVIDENCE_MISSING when the store lacks bytes,
// with the numbers of the parts; RETRY_LATER while another device completes it.
func (fs *Files) CompleteEvidence(ctx context.Context, in CompleteEvidenceInput) (*ent.Evidence, error) {
	defer fs.Receiving()()
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Evidence)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	e, err := fs.Evidence(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	s, err := fs.store.Ent.School.Get(ctx, e.SchoolID)
	if err != nil {
		return nil, store.Fault(err)
	}
	facts := authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath, Owner: e.UploaderID == v.UserID}
	if err := authz.Can(v, authz.CompleteEvidence, facts); err != nil {
		return nil, err
	}
	if e.Status != rule.Announced {
		return e, nil
	}
	if err := fs.receive(ctx, e); err != nil {
		return nil, err
	}
	return fs.Evidence(ctx, in.ID)
}

// receive is the one way from ANNOUNCED to RECEIVED, however the bytes came. It
// may be repeated, and done by several at once. EVIDENCE_MISSING and RETRY_LATER
// as for CompleteEvidence.
func (fs *Files) receive(ctx context.Context, e *ent.Evidence) error {
	if err := fs.bytesThere(ctx, e); err != nil {
		return err
	}
	return fs.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		n, err := tx.Evidence.Update().Where(evidence.ID(e.ID), evidence.StatusEQ(rule.Announced)).
			SetStatus(rule.Received).SetReceivedAt(fs.clock.Now()).Save(ctx)
		if err != nil || n == 0 {
			return err // n == 0: another device was faster
		}
		return fs.queue.Enqueue(ctx, tx, job.EvidenceVerify{EvidenceID: e.ID})
	})
}

// bytesThere makes the store put the parts together, when there are parts, and
// checks that an object is there. RETRY_LATER while the store is at it for
// another device: it may call that done before the object is there.
func (fs *Files) bytesThere(ctx context.Context, e *ent.Evidence) error {
	parts := e.PartSize > 0 && e.UploadID != ""
	if parts {
		err := fs.joinParts(ctx, e)
		if fault.Is(err, fault.EvidenceMissing) || fault.Is(err, fault.Conflict) { // another device may have completed since the list was read, or while
			err = fs.joinParts(ctx, e)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			if _, whole := fs.blob.Stat(ctx, e.ObjectKey); whole == nil && fault.Is(err, fault.EvidenceMissing) {
				return nil // UploadEvidence has stored it whole
			}
			return err
		}
	}
	_, err := fs.blob.Stat(ctx, e.ObjectKey)
	switch {
	case fault.Is(err, fault.NotFound) && parts:
		return fault.New(fault.RetryLater, "evidence.assembling", fault.T("文件正在合并，请稍后重试。", "The file is being put together. Try again in a moment."))
	case fault.Is(err, fault.NotFound):
		return bytesMissing(nil)
	}
	return err
}

// joinParts completes the upload; NOT_FOUND when another device has done it or is
// at it.
func (fs *Files) joinParts(ctx context.Context, e *ent.Evidence) error {
	have, err := fs.blob.Parts(ctx, e.ObjectKey, e.UploadID)
	if err != nil {
		return err
	}
	got := map[int]blob.Part{}
	for _, p := range have {
		got[p.Number] = p
	}
	var missing []int
	var parts []blob.Part
	for n := 1; n <= partCount(e); n++ {
		if got[n].Size != partSize(e, n) {
			missing = append(missing, n)
			continue
		}
		parts = append(parts, got[n])
	}
	if len(missing) > 0 {
		return bytesMissing(missing)
	}
	return fs.blob.CompleteMultipart(ctx, e.ObjectKey, e.UploadID, parts)
}

func bytesMissing(parts []int) error {
	return fault.New(fault.EvidenceMissing, "evidence.bytes_missing",
		fault.T("文件尚未完整上传。", "The file's bytes have not all arrived.")).With("missingParts", parts)
}

// Evidence is one piece of evidence in sight.
func (fs *Files) Evidence(ctx context.Context, i id.ID) (*ent.Evidence, error) {
	e, err := fs.store.Ent.Evidence.Get(ctx, i.UUID)
	return command.NotFoundAs(e, err, id.Evidence)
}

// EvidenceByID reads the pieces in sight among these.
func (fs *Files) EvidenceByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Evidence, error) {
	rows, err := fs.store.Ent.Evidence.Query().Where(evidence.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// EvidenceURL is a short-lived URL of a form of a verified file, good for an
// <img> or a <video>; nil while there is none, and for the original, which
// OpenOriginal opens. Signing asks nobody, so a list of fifty thumbnails costs no
// round trip.
func (fs *Files) EvidenceURL(ctx context.Context, e *ent.Evidence, form rule.RenditionName) (*string, error) {
	key, mediaType, ok := renditionOf(e, form)
	if !ok || form == rule.Original {
		return nil, nil //nolint:nilnil // no URL yet is an answer
	}
	u, err := fs.blob.PresignGet(ctx, origin(ctx), key, urlLifetime, blob.GetOptions{ContentType: mediaType, Disposition: "inline"})
	if err != nil {
		return nil, err
	}
	return &u, nil
}

// OpenOriginalInput names the file whose original is opened.
type OpenOriginalInput struct {
	EvidenceID id.ID
}

// OriginalLink is a URL of an original, and when it ends.
type OriginalLink struct {
	URL       string
	ExpiresAt time.Time
}

// OpenOriginal gives a short-lived URL of a verified file's original, as it was sent.
// Everybody who sees the file may; the original carries where and when it was taken,
// so each opening is noted in the file's history with who opened it, before there is
// a URL. It has no command id: to open it again is another opening. NOT_FOUND out of
// sight, INVALID_TRANSITION while the file is not verified and after its destruction.
func (fs *Files) OpenOriginal(ctx context.Context, in OpenOriginalInput) (*OriginalLink, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var bad fault.Input
	command.RequiredID(&bad, "input.evidenceId", in.EvidenceID, id.Evidence)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	e, err := fs.Evidence(ctx, in.EvidenceID)
	if err != nil {
		return nil, command.AtField("input.evidenceId", id.Evidence, err)
	}
	if err := authz.Can(v, authz.OpenOriginal, authz.Facts{}); err != nil {
		return nil, err
	}
	key, mediaType, ok := renditionOf(e, rule.Original)
	if !ok {
		return nil, fault.New(fault.InvalidTransition, "evidence.no_original", fault.T("没有可查看的原件。", "There is no original to open."))
	}
	if err := fs.noteOpening(ctx, v, e); err != nil {
		return nil, err
	}
	u, err := fs.blob.PresignGet(ctx, origin(ctx), key, urlLifetime, blob.GetOptions{ContentType: mediaType, Disposition: "inline"})
	if err != nil {
		return nil, err
	}
	return &OriginalLink{URL: u, ExpiresAt: fs.clock.Now().Add(urlLifetime)}, nil
}

// renditionOf gives where a form of a file is kept; false when there is none.
func renditionOf(e *ent.Evidence, form rule.RenditionName) (key, mediaType string, ok bool) {
	if e.Status != rule.Verified || e.DestructionApprovedAt != nil {
		return "", "", false
	}
	if form == rule.Original {
		return e.ObjectKey, e.FoundMediaType, true
	}
	for _, r := range e.Renditions {
		if r.Name == form {
			return renditionKey(e, form), r.MediaType, true
		}
	}
	return "", "", false
}

// renditionKey is where a rendition is kept: beside the originals, under their
// names, so that both are found and compared shard by shard.
func renditionKey(e *ent.Evidence, form rule.RenditionName) string {
	return renditions + strings.TrimPrefix(e.ObjectKey, originals) + "/" + strings.ToLower(string(form))
}

func (fs *Files) noteOpening(ctx context.Context, v authz.Viewer, e *ent.Evidence) error {
	return store.Fault(fs.store.Ent.EvidenceEvent.Create().SetEvidenceID(e.ID).SetSchoolID(e.SchoolID).SetActorID(v.UserID).
		SetKind(rule.EvidenceOpened).SetHappenedAt(fs.clock.Now()).SetCreatedAt(fs.clock.Now()).Exec(ctx))
}
