package blob

import (
	"context"
	"io"
	"sync"

	"github.com/minio/minio-go/v7"
)

// window is how many bytes one small ReadAt fetches at once: the parsers of
// media files read headers in steps of a few bytes.
const window = 256 << 10

// Reader reads one object as it was when it was opened: when the object is
// replaced meanwhile, reading fails with CONFLICT instead of mixing the two.
// It holds at most one window in memory. Read is for one goroutine; ReadAt may
// be called by several at once.
type Reader struct {
	store  *Store
	ctx    context.Context // of Open: the io interfaces take none
	object Object

	stream io.ReadCloser // sequential reading, opened by the first Read
	done   int64         // bytes given by Read

	mu   sync.Mutex
	held []byte // the last window
	from int64  // where it begins
}

// Open opens an object for reading: NOT_FOUND when it is absent, UNAVAILABLE
// (retryable) when the store can't be reached. The Reader works until ctx ends
// and must be closed.
func (s *Store) Open(ctx context.Context, key string) (*Reader, error) {
	object, err := s.Stat(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Reader{store: s, ctx: ctx, object: object}, nil
}

// Object is what was opened.
func (r *Reader) Object() Object { return r.object }

// Read implements io.Reader: one streaming request for the whole object.
func (r *Reader) Read(p []byte) (int, error) {
	if r.done >= r.object.Size {
		return 0, io.EOF
	}
	if r.stream == nil {
		stream, err := r.get(0, r.object.Size)
		if err != nil {
			return 0, err
		}
		r.stream = stream
	}
	n, err := r.stream.Read(p)
	r.done += int64(n)
	switch {
	case err == io.EOF && r.done < r.object.Size:
		return n, errUnavailable.Because(io.ErrUnexpectedEOF)
	case err != nil && err != io.EOF:
		return n, failure(err)
	}
	return n, err
}

// ReadAt implements io.ReaderAt: a request per window for short reads, and one
// per call for long ones.
func (r *Reader) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, errSize
	}
	if offset >= r.object.Size {
		return 0, io.EOF
	}
	short := p[:min(int64(len(p)), r.object.Size-offset)]
	var err error
	if len(short) >= window {
		err = r.fetch(short, offset)
	} else {
		err = r.fromWindow(short, offset)
	}
	if err != nil {
		return 0, err
	}
	if len(short) < len(p) {
		return len(short), io.EOF
	}
	return len(short), nil
}

// fromWindow serves a short read from the window held, moving it when needed.
func (r *Reader) fromWindow(p []byte, offset int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if offset < r.from || offset+int64(len(p)) > r.from+int64(len(r.held)) {
		held := make([]byte, min(window, r.object.Size-offset))
		if err := r.fetch(held, offset); err != nil {
			return err
		}
		r.held, r.from = held, offset
	}
	copy(p, r.held[offset-r.from:])
	return nil
}

// fetch fills p from the object.
func (r *Reader) fetch(p []byte, offset int64) error {
	if len(p) == 0 {
		return nil
	}
	body, err := r.get(offset, int64(len(p)))
	if err != nil {
		return err
	}
	defer body.Close()
	if _, err := io.ReadFull(body, p); err != nil {
		return failure(err)
	}
	return nil
}

// get asks for length bytes of exactly the object that was opened.
func (r *Reader) get(offset, length int64) (io.ReadCloser, error) {
	var opts minio.GetObjectOptions
	if err := opts.SetRange(offset, offset+length-1); err != nil {
		return nil, failure(err)
	}
	if r.object.ETag != "" {
		if err := opts.SetMatchETag(r.object.ETag); err != nil {
			return nil, failure(err)
		}
	}
	body, _, _, err := r.store.core.GetObject(r.ctx, r.store.cfg.Bucket, r.object.Key, opts)
	if err != nil {
		return nil, failure(err)
	}
	return body, nil
}

// Close ends the stream; reading at an offset needs no end.
func (r *Reader) Close() error {
	if r.stream == nil {
		return nil
	}
	return failure(r.stream.Close())
}
