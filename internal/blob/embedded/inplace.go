package embedded

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/minio/crc64nvme"
	"github.com/versity/versitygw/s3err"

	"github.com/cleargrid/cleargrid/internal/blob"
)

// The parts of an upload whose part size is known beforehand are written where they
// belong in one file, which in the end gets the object's name as it is: nothing is
// written or put on disk twice. Beside it, each part has the file that the backend
// looks for, with the part's length and attributes and no bytes in it.
//
// Only bytes that no part stands for are ever written there. A part that is sent
// again, or that has another size than the upload's, becomes a file of its own; then
// the object is a copy.
const (
	// wholeFile is that one file, in the upload's folder. It is no number, so no part.
	wholeFile = "whole"
	// partSizeKey is the attribute of the upload's folder that has its part size, and
	// placeKey that of a part which has its bytes in the whole file: where they begin.
	partSizeKey, placeKey = "part-size", "place"
	// etagKey and sumKey are what the backend calls the attributes of a part.
	etagKey, sumKey = "etag", "part-crc64nvme"
	// receiveBuffer is how many bytes of a part are written at once.
	receiveBuffer = 256 << 10
)

// writers knows which parts are being written into whole files. No other process
// writes there.
type writers struct {
	mu      sync.Mutex
	uploads map[string]*writing // by the upload's id
}

type writing struct {
	parts   map[int32]bool
	joining bool // nobody writes any more
}

// enter lets one at a time write a part, and none while the parts are joined.
func (w *writers) enter(uploadID string, part int32) (leave func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.uploads[uploadID]
	if u == nil {
		u = &writing{parts: map[int32]bool{}}
		w.uploads[uploadID] = u
	}
	if u.joining || u.parts[part] {
		return nil, false
	}
	u.parts[part] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(u.parts, part); len(u.parts) == 0 {
			delete(w.uploads, uploadID)
		}
	}, true
}

// join keeps writers out until leave, unless there are some.
func (w *writers) join(uploadID string) (leave func(), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.uploads[uploadID] != nil {
		return func() {}, false
	}
	w.uploads[uploadID] = &writing{joining: true}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.uploads, uploadID)
	}, true
}

// partSizeOf takes the part size out of what a new upload says of itself; 0 when it
// is not said.
func partSizeOf(metadata map[string]string) int64 {
	size, err := strconv.ParseInt(metadata[blob.PartSize], 10, 64)
	delete(metadata, blob.PartSize)
	if err != nil || size < 1 {
		return 0
	}
	return size
}

// place is where a part belongs in the whole file.
type place struct {
	durable
	folder string // of the upload
	number int32
	to     *stretch
	leave  func()
}

// place finds where a part belongs; false when it must be a file of its own.
func (d durable) place(in *s3.UploadPartInput) (place, bool) {
	p := place{durable: d, folder: filepath.Join(d.root, *in.Bucket, uploadPath(*in.Key, *in.UploadId)), number: *in.PartNumber}
	partSize, err := number(p.folder, partSizeKey)
	if err != nil || in.ContentLength == nil || *in.ContentLength < 1 || *in.ContentLength > partSize || checksummed(in) {
		return p, false
	}
	leave, ok := d.writers.enter(*in.UploadId, p.number)
	if !ok {
		return p, false
	}
	whole, err := os.OpenFile(filepath.Join(p.folder, wholeFile), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		leave()
		return p, false
	}
	p.leave = func() {
		_ = whole.Close() // it is on disk, or without meaning
		leave()
	}
	if _, err := os.Lstat(p.file()); !errors.Is(err, fs.ErrNotExist) || !onlyName(whole) {
		p.leave()
		return p, false
	}
	from := int64(p.number-1) * partSize
	p.to = &stretch{file: whole, from: from, at: from, end: from + *in.ContentLength, sum: crc64nvme.New()}
	return p, true
}

// onlyName reports whether the whole file is no object.
func onlyName(whole *os.File) bool {
	info, err := whole.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 1
}

// checksummed reports whether a part comes with a checksum, which the backend checks.
func checksummed(in *s3.UploadPartInput) bool {
	if trailing, ok := in.Body.(interface{ Algorithm() string }); ok && trailing.Algorithm() != "" {
		return true
	}
	for _, sum := range []*string{
		in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256,
		in.ChecksumSHA512, in.ChecksumMD5, in.ChecksumXXHASH64, in.ChecksumXXHASH3, in.ChecksumXXHASH128,
	} {
		if sum != nil {
			return true
		}
	}
	return in.ChecksumAlgorithm != ""
}

// file is the part's own file.
func (p place) file() string { return filepath.Join(p.folder, fmt.Sprint(p.number)) }

// write writes the part's bytes and then its own file. It leaves the place.
func (p place) write(body io.Reader) (*s3.UploadPartOutput, error) {
	defer p.leave()
	err := p.to.fill(body)
	if err == nil {
		err = p.flush(p.to.file)
	}
	sum := base64.StdEncoding.EncodeToString(p.to.sum.Sum(nil))
	etag := fmt.Sprintf("%q", "CRC64NVME-"+sum)
	if err == nil {
		err = p.stand(etag, sum)
	}
	if err != nil {
		p.to.clear()
		return nil, reason(err)
	}
	// From here on the part counts, whether the answer reaches the client or not.
	return &s3.UploadPartOutput{ETag: &etag}, p.one(p.folder)
}

// stand makes the part's own file. It gets its name when all of it is on disk.
func (p place) stand(etag, sum string) error {
	name := p.file() + ".new"
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = f.Truncate(p.to.end - p.to.from)
	for key, value := range map[string]string{etagKey: etag, sumKey: sum, placeKey: strconv.FormatInt(p.to.from, 10)} {
		err = errors.Join(err, leanXattr{}.StoreAttribute(f, "", "", key, []byte(value)))
	}
	if err == nil {
		err = p.flush(f)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(name, p.file())
	}
	if err != nil {
		_ = os.Remove(name) // or the next attempt writes over it
	}
	return err
}

// stretch writes from..end of a file, and sums up what it writes.
type stretch struct {
	file          *os.File
	from, at, end int64
	sum           hash.Hash
}

// fill writes all of it, neither less nor more.
func (s *stretch) fill(body io.Reader) error {
	_, err := io.CopyBuffer(s, body, make([]byte, receiveBuffer))
	switch {
	case errors.Is(err, syscall.ENOSPC):
		_, _ = io.Copy(io.Discard, body) // else the answer with the reason does not reach the client
		return err
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case s.at < s.end:
		return s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	return nil
}

// clear gives back the room of what no part stands for; it may stay, too.
func (s *stretch) clear() {
	const punchHole = 0x1 | 0x2 // FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE
	if s.at > s.from {
		_ = syscall.Fallocate(int(s.file.Fd()), punchHole, s.from, s.at-s.from)
	}
}

// Write implements io.Writer.
func (s *stretch) Write(p []byte) (int, error) {
	if s.at+int64(len(p)) > s.end {
		return 0, s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	n, err := s.file.WriteAt(p, s.at)
	s.at += int64(n)
	_, _ = s.sum.Write(p[:n]) // never fails
	return n, err
}

// number reads an attribute of a file or folder that is a number.
func number(path, key string) (int64, error) {
	text, err := leanXattr{}.RetrieveAttribute(nil, "", path, key)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// assembly puts the parts of one upload together.
type assembly struct {
	durable
	left    int      // parts that are still to come
	whole   *os.File // nil when there is none
	mayTake bool     // nobody else has to do with the whole file
	end     int64    // up to where it is the object, while nothing is copied
	copied  bool
	// stop keeps the backend from naming the object: it goes on after an error of a
	// copy, and looks at its context before it gives the name.
	stop context.CancelFunc
	err  error
}

// assemble begins to put an upload's parts together. The caller calls done.
func (d durable) assemble(in *s3.CompleteMultipartUploadInput, stop context.CancelFunc) (a *assembly, done func()) {
	a = &assembly{durable: d, stop: stop}
	if in.MultipartUpload != nil {
		a.left = len(in.MultipartUpload.Parts)
	}
	leave, alone := d.writers.join(*in.UploadId)
	a.mayTake = alone
	whole, err := os.Open(filepath.Join(d.root, *in.Bucket, uploadPath(*in.Key, *in.UploadId), wholeFile))
	if err == nil {
		a.whole = whole
	}
	return a, func() {
		leave()
		if a.whole != nil {
			_ = a.whole.Close()
		}
	}
}

// add adds the next part to the object; with the last one the object is on disk.
// It reports no error to the backend, which would copy the part's file by itself:
// that may have no bytes.
func (a *assembly) add(from, to *os.File) (bool, error) {
	a.left--
	if a.err == nil {
		a.err = a.append(from, to)
	}
	if a.err != nil {
		a.stop()
	}
	return true, nil
}

func (a *assembly) append(from, to *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	var bytes io.Reader = from
	if at, placed := placeOf(from); placed {
		if a.whole == nil {
			return fmt.Errorf("part %s has no bytes", info.Name())
		}
		if at == a.end && !a.copied {
			a.end += info.Size()
			if a.left > 0 {
				return nil
			}
			return a.finish(to)
		}
		bytes = io.NewSectionReader(a.whole, at, info.Size())
	}
	if err := a.copyWhole(to); err != nil {
		return err
	}
	if err := copyExactly(to, bytes, info.Size()); err != nil {
		return err
	}
	if a.left > 0 {
		return nil
	}
	return a.flush(to)
}

func copyExactly(to io.Writer, from io.Reader, size int64) error {
	n, err := io.Copy(to, from)
	if err == nil && n != size {
		return io.ErrUnexpectedEOF
	}
	return err
}

// placeOf is where a part's bytes begin in the whole file; false when they are in
// its own.
func placeOf(part *os.File) (int64, bool) {
	text, err := leanXattr{}.RetrieveAttribute(part, "", "", placeKey)
	at, malformed := strconv.ParseInt(string(text), 10, 64)
	return at, err == nil && malformed == nil
}

// copyWhole copies what was taken for the object's beginning until now.
func (a *assembly) copyWhole(to *os.File) error {
	if a.copied {
		return nil
	}
	a.copied = true
	return copyExactly(to, io.NewSectionReader(a.whole, 0, a.end), a.end)
}

// finish makes the whole file the object, or copies it when that can't be.
func (a *assembly) finish(to *os.File) error {
	info, err := a.whole.Stat()
	if err != nil {
		return err
	}
	unnamed := strings.HasPrefix(to.Name(), "/proc/self/fd/")
	if a.mayTake && unnamed && onlyName(a.whole) && info.Size() == a.end {
		// The backend names what its descriptor stands for.
		return syscall.Dup3(int(a.whole.Fd()), int(to.Fd()), syscall.O_CLOEXEC)
	}
	if err := a.copyWhole(to); err != nil {
		return err
	}
	return a.flush(to)
}

// reason is an error as the client receives it: a full disk, an upload that has ended
// meanwhile, or the error itself.
func reason(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	case errors.Is(err, fs.ErrNotExist):
		return s3err.GetAPIError(s3err.ErrNoSuchUpload)
	}
	return err
}
