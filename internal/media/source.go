package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// windowSize is the only memory that a walk needs, and the unit in which it
// reads: large enough to make a request to an object store worth its while,
// and for the closing record of a ZIP with the longest comment (65,557 bytes).
const windowSize = 66 << 10

var be, le = binary.BigEndian, binary.LittleEndian

// signed turns a number from a file into one to compute positions with. What
// is too large for that is larger than any file, and stays so.
func signed(n uint64) int64 {
	if n > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}

// source reads a file through one window that moves forward. Going beyond the
// end of the file is the file's fault (a Refusal); a failing read is not.
type source struct {
	r      io.ReaderAt
	size   int64
	window []byte // what is loaded, at most windowSize
	start  int64  // position of window[0]
}

func newSource(r io.ReaderAt, size int64) *source {
	return &source{r: r, size: size, window: make([]byte, 0, min(windowSize, size))}
}

// from gives the bytes at pos: at least want (at most windowSize), and
// whatever else is loaded. The slice is good until the next call.
func (s *source) from(pos int64, want int) ([]byte, error) {
	if pos < 0 || pos > s.size || int64(want) > s.size-pos {
		return nil, refuse(ReasonTruncated, "%d bytes wanted at %d of %d", want, pos, s.size)
	}
	if at := pos - s.start; at >= 0 && at+int64(want) <= int64(len(s.window)) {
		return s.window[at:], nil
	}
	return s.load(pos)
}

func (s *source) load(pos int64) ([]byte, error) {
	n := min(windowSize, s.size-pos)
	s.window, s.start = s.window[:n], pos
	got, err := s.r.ReadAt(s.window, pos)
	if int64(got) == n {
		return s.window, nil
	}

	// The size was known beforehand, so an early end is a broken read and not
	// a truncated file.
	s.window = s.window[:0]
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("media: read %d bytes at %d: %w", n, pos, err)
}

// stream reads a source from its beginning for the standard library's header
// parsers. It keeps a failed read apart from what the parser makes of it.
type stream struct {
	s      *source
	pos    int64
	failed error
}

// Read implements io.Reader.
func (t *stream) Read(p []byte) (int, error) {
	if t.pos >= t.s.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	b, err := t.s.from(t.pos, 1)
	if err != nil {
		t.failed = err
		return 0, err
	}
	n := copy(p, b)
	t.pos += int64(n)
	return n, nil
}
