package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

var (
	errInParts = fault.New(fault.PayloadTooLarge, "evidence.in_parts",
		fault.T("文件过大，须分片发送：已登记，请按上传凭证或经 /uploads/ 发送。", "The file is too large for one request. It is announced: send it by its ticket or by /uploads/."))
	errSending = fault.New(fault.RetryLater, "evidence.sending",
		fault.T("另一请求正在发送该文件，请稍后重试。", "Another request is sending this file. Try again in a moment."))
	errSizeDiffers = fault.Bad("input.size", "differs",
		fault.T("文件大小与登记的不一致。", "The file's size is not the announced one."))
	errSha256Differs = fault.Bad("input.sha256", "differs",
		fault.T("文件内容与登记的 SHA-256 不一致。", "The file's SHA-256 is not the announced one."))
)

// UploadEvidence announces a small file, stores its bytes while they are read and
// completes it: AnnounceEvidence, its ticket and CompleteEvidence in one, with
// which it mixes freely and whose errors it has. It may be repeated; a file that
// the server has is not read. BAD_USER_INPUT when the bytes are not the announced
// ones, PAYLOAD_TOO_LARGE when they must be sent in parts, UNAVAILABLE when the
// store can't be reached, RETRY_LATER while another request sends the same file,
// and the errors of the reader as they are: with each the record stays ANNOUNCED
// and nothing is stored.
func (fs *Files) UploadEvidence(ctx context.Context, in AnnounceEvidenceInput, file io.Reader) (*ent.Evidence, error) {
	defer fs.Receiving()()
	if err := fs.announce(ctx, authz.UploadEvidence, in); err != nil {
		return nil, err
	}
	e, err := fs.StreamedEvidence(ctx, in.ID)
	if err != nil || e.Status != rule.Announced {
		return e, err
	}
	if e.Size > fs.singleLimit { // and not by the ticket: in some stores it is in parts for every file
		return nil, errInParts
	}
	if err := fs.uploadActive(ctx, e); err != nil {
		return nil, err
	}
	bytes := &announced{from: file, left: e.Size, sum: sha256.New(), want: e.Sha256}
	err = fs.blob.PutOnce(ctx, e.ObjectKey, bytes, e.Size, e.MediaType)
	before := fault.Is(err, fault.Conflict)
	if err != nil && !before {
		return nil, err
	}
	switch err := fs.receive(ctx, e); {
	case before && fault.Is(err, fault.EvidenceMissing):
		return nil, errSending
	case err != nil:
		return nil, err
	}
	return fs.Evidence(ctx, in.ID)
}

// announced reads a file, and fails at its end unless it is the announced one.
type announced struct {
	from io.Reader
	left int64 // bytes, negative when there are more than announced
	sum  hash.Hash
	want string
}

func (r *announced) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.left -= int64(n)
	r.sum.Write(p[:n])
	switch {
	case r.left < 0, err == io.EOF && r.left > 0:
		return 0, errSizeDiffers
	case err == io.EOF && hex.EncodeToString(r.sum.Sum(nil)) != r.want:
		return 0, errSha256Differs
	}
	return n, err
}
