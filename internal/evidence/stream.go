package evidence

import (
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // tus clients may check their bytes by it; nothing is proven by it
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

const (
	// partials is the folder of the pieces of parts that are not whole yet:
	// partial/<evidence>/<first byte>-<byte behind the last>.
	partials = "partial/"
	// mergeChunks is from how many pieces on a part's beginning is put together.
	mergeChunks = 16
	// keepWithin is how long storing what has arrived may take when its sender is gone.
	keepWithin = 2 * time.Minute
	// maxChecked is the largest piece that may come with a checksum, in bytes: it
	// waits on disk until it is whole.
	maxChecked = 64 << 20
)

// Stream is an announced file whose bytes pass through the server, in order, for
// clients that reach nothing but its host. It writes the same parts of the same
// multipart upload that a ticket names, so a file begun one way may be finished
// the other. What a piece lacks to a part waits in the store, so nothing that was
// acknowledged is lost with the process, and any process goes on. A Stream is for
// one goroutine.
type Stream struct {
	files *Files
	row   *ent.Evidence
	// whole is how many bytes from the start the store has as parts or as the
	// object itself; pieces follow them without a gap.
	whole  int64
	chunks []chunk
}

// chunk is a stretch of a file that waits in the store: from..to.
type chunk struct {
	key      string
	from, to int64
}

// StreamedEvidence is the file behind a stream. A stream belongs to whoever
// announced the file: NOT_FOUND for everybody else.
func (fs *Files) StreamedEvidence(ctx context.Context, i id.ID) (*ent.Evidence, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	e, err := fs.Evidence(ctx, i)
	if err != nil {
		return nil, err
	}
	if i.Noun != id.Evidence || e.UploaderID != v.UserID {
		return nil, fault.Missing(id.Evidence.First())
	}
	s, err := fs.store.Ent.School.Get(ctx, e.SchoolID)
	if err != nil {
		return nil, store.Fault(err)
	}
	return e, authz.Can(v, authz.CompleteEvidence, authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath, Owner: true})
}

// OpenStream asks the store how far a file is. UNAVAILABLE when it can't be
// asked; otherwise as StreamedEvidence.
func (fs *Files) OpenStream(ctx context.Context, i id.ID) (*Stream, error) {
	e, err := fs.StreamedEvidence(ctx, i)
	if err != nil {
		return nil, err
	}
	s := &Stream{files: fs, row: e}
	if s.Received() {
		return s, nil
	}
	if err := fs.uploadActive(ctx, e); err != nil {
		return nil, err
	}
	if s.whole, err = fs.wholeParts(ctx, e); err != nil || s.whole == e.Size {
		return s, err
	}
	s.chunks, err = s.chain(ctx)
	return s, err
}

// wholeParts is how many bytes from the start the store has in whole parts.
func (fs *Files) wholeParts(ctx context.Context, e *ent.Evidence) (int64, error) {
	if e.PartSize == 0 {
		_, err := fs.blob.Stat(ctx, e.ObjectKey)
		if fault.Is(err, fault.NotFound) {
			return 0, nil
		}
		return e.Size, err
	}
	got, whole, err := fs.storedParts(ctx, e)
	if err != nil || whole {
		return e.Size, err
	}
	n := 1
	for got[n].Size == partSize(e, n) && n <= partCount(e) {
		n++
	}
	return min(e.Size, int64(n-1)*e.PartSize), nil
}

// chain finds the pieces that follow the whole parts without a gap. Two servers
// may have written pieces from the same byte: the longest counts.
func (s *Stream) chain(ctx context.Context) ([]chunk, error) {
	var all, out []chunk
	err := s.files.blob.List(ctx, s.folder(), func(o blob.Object) error {
		var p chunk
		if n, err := fmt.Sscanf(strings.TrimPrefix(o.Key, s.folder()), "%d-%d", &p.from, &p.to); n == 2 && err == nil && p.to-p.from == o.Size {
			p.key = o.Key
			all = append(all, p)
		}
		return nil
	})
	end := s.partEnd()
	for at := s.whole; err == nil; {
		next := chunk{to: at}
		for _, p := range all {
			if p.from == at && p.to > next.to && p.to <= end {
				next = p
			}
		}
		if next.to == at {
			break
		}
		out, at = append(out, next), next.to
	}
	return out, err
}

func (s *Stream) folder() string { return partials + s.row.ID.String() + "/" }

// Size is the file's size in bytes.
func (s *Stream) Size() int64 { return s.row.Size }

// Received reports whether the file is complete and needs nothing any more.
func (s *Stream) Received() bool { return s.row.Status != rule.Announced }

// Offset is how many bytes from the start are kept.
func (s *Stream) Offset() int64 {
	switch {
	case s.Received():
		return s.row.Size
	case len(s.chunks) > 0:
		return s.chunks[len(s.chunks)-1].to
	}
	return s.whole
}

// UploadExpires is until when what was sent of a file is kept if nobody goes on
// with it.
func UploadExpires(e *ent.Evidence) time.Time { return rule.UploadExpires(e.UploadActiveAt) }

// partEnd is where the part ends that the next byte belongs to.
func (s *Stream) partEnd() int64 {
	if s.row.PartSize == 0 {
		return s.row.Size
	}
	return min(s.row.Size, (s.whole/s.row.PartSize+1)*s.row.PartSize)
}

// Append keeps what from gives, at most to the file's end, and says how many
// bytes. What had arrived is kept even when from breaks off or ctx ends. No more
// than a copy's buffer is in memory: a part waits on disk until it is whole, and
// while it is stored the next one is received. UNAVAILABLE when the store or the
// disk takes no more.
func (s *Stream) Append(ctx context.Context, from io.Reader) (int64, error) {
	start := s.Offset()
	if start == s.row.Size {
		return 0, nil
	}
	defer s.files.Receiving()()
	spool, err := s.files.spool()
	if err != nil {
		return 0, err
	}
	defer func() { _ = spool.Close() }()
	if err := s.settle(ctx, spool); err != nil {
		return 0, err
	}
	err = s.receive(ctx, spool, from)
	return s.Offset() - start, err
}

// receive takes part after part until from ends. Two files take turns: one is
// filled while the other is stored.
func (s *Stream) receive(ctx context.Context, spool *os.File, from io.Reader) error {
	other, err := s.files.spool()
	if err != nil {
		return err
	}
	defer func(f *os.File) { _ = f.Close() }(other) // the variable changes
	stored := make(chan error, 1)
	stored <- nil
	at, end := s.Offset(), s.partEnd()
	for {
		n, broken := fill(spool, from, end-at)
		if err := <-stored; err != nil || fault.Is(broken, fault.Unavailable) {
			return cmp.Or(err, broken)
		}
		if at+n < end || end == s.row.Size {
			return cmp.Or(s.keep(ctx, spool, n), broken)
		}
		go func(full *os.File) { stored <- s.keep(ctx, full, n) }(spool)
		spool, other = other, spool
		at, end = end, min(s.row.Size, end+s.row.PartSize)
	}
}

// AppendChecked is Append for bytes that count only if their checksum is sum,
// by an algorithm of Checksums: CHECKSUM_MISMATCH is BAD_USER_INPUT with the
// code "stream.checksum_mismatch", and nothing is kept. PAYLOAD_TOO_LARGE over 64 MiB.
func (s *Stream) AppendChecked(ctx context.Context, from io.Reader, algorithm string, sum []byte) (int64, error) {
	digest := Checksums[algorithm]()
	spool, err := s.files.spool()
	if err != nil {
		return 0, err
	}
	defer func() { _ = spool.Close() }()
	n, err := copied(io.MultiWriter(spool, digest), io.LimitReader(from, maxChecked+1))
	switch {
	case err != nil:
		return 0, err
	case n > maxChecked:
		return 0, fault.New(fault.PayloadTooLarge, "stream.checked_too_large",
			fault.T("带校验和的单次请求不得超过 64 MiB。", "A request with a checksum carries at most 64 MiB."))
	case subtle.ConstantTimeCompare(digest.Sum(nil), sum) != 1:
		return 0, ErrChecksum
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return 0, noRoom(err)
	}
	return s.Append(ctx, spool)
}

// Checksums are the algorithms of AppendChecked, by their names in tus.
var Checksums = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New}

// ErrChecksum says that bytes differ from their checksum.
var ErrChecksum = fault.New(fault.BadUserInput, "stream.checksum_mismatch",
	fault.T("内容与校验和不符，请重新发送。", "The bytes differ from their checksum. Send them again."))

// spool makes a file that goes away with its last handle.
func (fs *Files) spool() (*os.File, error) {
	f, err := os.CreateTemp(fs.folder, "stream-*")
	if err != nil {
		return nil, noRoom(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, noRoom(err)
	}
	return f, nil
}

func noRoom(err error) error {
	return fault.New(fault.Unavailable, "stream.no_room",
		fault.T("服务器暂时没有空间接收文件，请稍后重试。", "The server has no room for the file at the moment. Try again later.")).Because(err)
}

// fill writes at most n bytes that from still gives over the spool's beginning. What
// it held behind them is never read.
func fill(spool *os.File, from io.Reader, n int64) (int64, error) {
	if err := seek(spool); err != nil {
		return 0, noRoom(err)
	}
	return copied(spool, io.LimitReader(from, n))
}

func seek(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return err
}

// copied tells a sender that broke off, whose bytes up to there count, from a
// disk that takes no more: the latter is UNAVAILABLE.
func copied(to io.Writer, from io.Reader) (int64, error) {
	source := &noting{from: from}
	buffer := make([]byte, 64<<10)
	// Only Write is shown: a file's ReadFrom would take a small buffer of its own.
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, source, buffer)
	if err != nil && source.err == nil {
		return 0, noRoom(err)
	}
	return n, err
}

// noting remembers that it was the source that failed.
type noting struct {
	from io.Reader
	err  error
}

func (r *noting) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// settle makes a part of pieces that are all of one, as a process leaves them that
// died before it stored the part.
func (s *Stream) settle(ctx context.Context, spool *os.File) error {
	if len(s.chunks) == 0 || s.Offset() < s.partEnd() {
		return nil
	}
	return s.keep(ctx, spool, 0)
}

// keep stores the n bytes of the spool: as the end of a part, or as a piece that
// waits for the rest. It goes on for a while when the sender is gone.
func (s *Stream) keep(ctx context.Context, spool *os.File, n int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	to := s.Offset() + n
	whole := to == s.partEnd()
	if n == 0 && !whole {
		return nil
	}
	if err := seek(spool); err != nil {
		return noRoom(err)
	}
	merge := !whole && len(s.chunks) >= mergeChunks
	next := chunk{from: s.Offset(), to: to}
	body := io.LimitReader(spool, n)
	if whole || merge {
		next.from = s.whole
		waiting, closeAll, err := s.open(ctx)
		if err != nil {
			return err
		}
		defer closeAll()
		body = io.MultiReader(waiting, body)
	}
	if whole {
		if err := s.storePart(ctx, body, next); err != nil {
			return err
		}
		s.forget(ctx)
		s.whole = to
		return nil
	}
	next.key = s.folder() + fmt.Sprintf("%d-%d", next.from, next.to)
	if err := s.files.blob.Put(ctx, next.key, body, next.to-next.from, "application/octet-stream"); err != nil {
		return err
	}
	if merge {
		s.forget(ctx)
	}
	s.chunks = append(s.chunks, next)
	return nil
}

// open reads the waiting pieces one after the other.
func (s *Stream) open(ctx context.Context) (io.Reader, func(), error) {
	var readers []io.Reader
	var opened []*blob.Reader
	closeAll := func() {
		for _, o := range opened {
			_ = o.Close()
		}
	}
	for _, p := range s.chunks {
		o, err := s.files.blob.Open(ctx, p.key)
		if err != nil {
			closeAll()
			return nil, nil, moved(err)
		}
		readers, opened = append(readers, o), append(opened, o)
	}
	return io.MultiReader(readers...), closeAll, nil
}

// storePart stores a whole part, or the whole of a small file. That the store has
// the file already is fine: it has been sent another way.
func (s *Stream) storePart(ctx context.Context, body io.Reader, p chunk) error {
	e := s.row
	if e.PartSize == 0 {
		err := s.files.blob.PutOnce(ctx, e.ObjectKey, body, e.Size, e.MediaType)
		if fault.Is(err, fault.Conflict) {
			return nil
		}
		return err
	}
	return moved(s.files.blob.PutPart(ctx, e.ObjectKey, e.UploadID, int(p.from/e.PartSize)+1, body, p.to-p.from))
}

// moved is RETRY_LATER for what was found a moment ago and is gone: another
// device has gone on with the file, or ended it.
func moved(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.RetryLater, "stream.moved",
			fault.T("该文件正由另一设备上传，请查询进度后继续。", "Another device is sending this file. Ask how far it is and go on from there.")).Because(err)
	}
	return err
}

// forget removes the pieces that are in the store another way now. One that
// can't be removed is never read again, and the sweep finds it.
func (s *Stream) forget(ctx context.Context) {
	for _, p := range s.chunks {
		if err := s.files.blob.Remove(ctx, p.key); err != nil {
			s.files.log.Warn().Err(err).Str("key", p.key).Msg("a piece was not removed")
		}
	}
	s.chunks = nil
}

// Finish makes the file RECEIVED and queues its verification, once Offset has
// come to Size. It may be repeated. Errors as for CompleteEvidence.
func (s *Stream) Finish(ctx context.Context) error {
	if s.Received() {
		return nil
	}
	defer s.files.Receiving()()
	if len(s.chunks) > 0 {
		spool, err := s.files.spool()
		if err != nil {
			return err
		}
		defer func() { _ = spool.Close() }()
		if err := s.settle(ctx, spool); err != nil {
			return err
		}
	}
	return s.files.receive(ctx, s.row)
}

// Drop gives up what was sent of a file that is not complete; it may be sent anew
// from its start. CONFLICT for a complete one: evidence stays.
func (s *Stream) Drop(ctx context.Context) error {
	if s.Received() {
		return fault.New(fault.Conflict, "stream.received", fault.T("文件已上传完成，不能撤销。", "The file has arrived; its upload can't be taken back."))
	}
	if err := s.files.dropUpload(ctx, s.row); err != nil {
		return err
	}
	return s.files.blob.List(ctx, s.folder(), func(o blob.Object) error { return s.files.blob.Remove(ctx, o.Key) })
}

// removeStalePieces removes the pieces of files that are complete, unknown, or
// that nobody went on with.
func (fs *Files) removeStalePieces(ctx context.Context) error {
	now := fs.clock.Now()
	known := map[string]bool{} // whether a file is still being sent
	return fs.blob.List(ctx, partials, func(o blob.Object) error {
		name, _, _ := strings.Cut(strings.TrimPrefix(o.Key, partials), "/")
		alive, asked := known[name]
		if !asked {
			i, _ := uuid.Parse(name) // what is no id is nobody's
			e, err := fs.store.Ent.Evidence.Get(ctx, i)
			if err != nil && !ent.IsNotFound(err) {
				return store.Fault(err)
			}
			alive = err == nil && e.Status == rule.Announced && now.Before(UploadExpires(e))
			known = map[string]bool{name: alive} // keys come in order
		}
		if alive {
			return nil
		}
		return fs.blob.Remove(ctx, o.Key)
	})
}
