package media

import (
	"bytes"
	"errors"
	"image/jpeg"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// Markers of a JPEG (ITU-T T.81, table B.1) that steer the walk.
const (
	markTEM  = 0x01
	markSOF0 = 0xc0 // baseline
	markSOF2 = 0xc2 // progressive
	markDHT  = 0xc4
	markSOFF = 0xcf
	markRST0 = 0xd0
	markRST7 = 0xd7
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markDQT  = 0xdb
)

// jpegWalk follows the markers of a JPEG from the first to the end of image.
type jpegWalk struct {
	s             *source
	pos           int64
	segments      int
	scans         int
	coded         int64 // bytes of entropy-coded data
	width, height int64
}

func inspectJPEG(s *source) (Facts, int64, error) {
	w := jpegWalk{s: s, pos: 2}
	for {
		ended, err := w.step()
		if err != nil {
			return Facts{}, 0, err
		}
		if ended {
			break
		}
	}

	if w.width == 0 || w.scans == 0 {
		return Facts{}, 0, refuse(ReasonCorrupt, "jpeg: no frame or no scan")
	}
	// A block of 64 pixels costs at least one bit, and the luma plane of odd
	// files is a quarter of the frame: less than one byte for 2,048 pixels is
	// no picture but a claim.
	if w.coded < w.width*w.height/2048 {
		return Facts{}, 0, refuse(ReasonTooLittleData, "jpeg: %d bytes for %d × %d pixels", w.coded, w.width, w.height)
	}
	if err := parseJPEGHeader(s); err != nil {
		return Facts{}, 0, err
	}
	return Facts{MediaType: "image/jpeg", Kind: rule.Photo, Width: int(w.width), Height: int(w.height)}, w.pos, nil
}

// step handles the marker at pos and moves behind it and its data.
func (w *jpegWalk) step() (ended bool, err error) {
	b, err := w.s.from(w.pos, 2)
	if err != nil {
		return false, err
	}
	if b[0] != 0xff {
		return false, refuse(ReasonCorrupt, "jpeg: no marker at %d", w.pos)
	}
	switch m := b[1]; {
	case m == 0xff: // fill bytes: the last one begins the marker
		w.pos += int64(fillBytes(b)) - 1
		return false, nil
	case m == markEOI:
		w.pos += 2
		return true, nil
	case m == markTEM || m >= markRST0 && m <= markRST7:
		w.pos += 2
		return false, nil
	case m == 0 || m == markSOI:
		return false, refuse(ReasonCorrupt, "jpeg: marker %#x at %d", m, w.pos)
	default:
		return false, w.segment(m)
	}
}

// fillBytes counts the 0xff at the beginning of b.
func fillBytes(b []byte) int {
	n := 0
	for n < len(b) && b[n] == 0xff {
		n++
	}
	return n
}

// segment handles a marker that carries a length.
func (w *jpegWalk) segment(marker byte) error {
	if w.segments++; w.segments > maxSegments {
		return refuse(ReasonTooComplex, "jpeg: more than %d segments", maxSegments)
	}
	b, err := w.s.from(w.pos, 4)
	if err != nil {
		return err
	}
	length := int64(be.Uint16(b[2:]))
	if length < 2 {
		return refuse(ReasonCorrupt, "jpeg: segment of %d bytes at %d", length, w.pos)
	}
	if length > w.s.size-w.pos-2 {
		return refuse(ReasonTruncated, "jpeg: segment at %d overruns the file", w.pos)
	}

	switch {
	case marker >= markSOF0 && marker <= markSOF2:
		err = w.frame(length)
	case marker == markDQT || marker == markDHT:
		err = w.tables(marker, length)
	case marker > markSOF2 && marker <= markSOFF:
		// Lossless, hierarchical and arithmetic coding: no phone writes it and
		// no browser shows it.
		return refuse(ReasonUnsupported, "jpeg: coding process %#x", marker)
	}
	if err != nil {
		return err
	}

	w.pos += 2 + length
	if marker == markSOS {
		return w.scan()
	}
	return nil
}

// frame reads the frame header at pos.
func (w *jpegWalk) frame(length int64) error {
	if w.width != 0 {
		return refuse(ReasonCorrupt, "jpeg: second frame header at %d", w.pos)
	}
	if length < 8 {
		return refuse(ReasonCorrupt, "jpeg: frame header of %d bytes", length)
	}
	b, err := w.s.from(w.pos, 10)
	if err != nil {
		return err
	}
	if b[4] != 8 {
		return refuse(ReasonUnsupported, "jpeg: %d bits per sample", b[4])
	}
	w.height, w.width = int64(be.Uint16(b[5:])), int64(be.Uint16(b[7:]))
	return checkPixels("jpeg", w.width, w.height, MaxPixels)
}

// tables checks that a segment of quantization or Huffman tables is filled by
// whole tables with numbers in range; the standard library's header parser
// skips them.
func (w *jpegWalk) tables(marker byte, length int64) error {
	b, err := w.s.from(w.pos+4, int(length-2))
	if err != nil {
		return err
	}
	for b = b[:length-2]; len(b) > 0; {
		class, slot, size := b[0]>>4, b[0]&15, 17
		if marker == markDQT {
			size = 1 + 64*(1+int(class))
		} else {
			for _, codes := range b[1:min(17, len(b))] {
				size += int(codes)
			}
		}
		if class > 1 || slot > 3 || size > len(b) || marker == markDHT && size > 17+256 {
			return refuse(ReasonCorrupt, "jpeg: table %#x in segment at %d", b[0], w.pos)
		}
		b = b[size:]
	}
	return nil
}

// scan moves over entropy-coded data to the next real marker.
func (w *jpegWalk) scan() error {
	if w.scans++; w.scans > maxScans {
		return refuse(ReasonScanBomb, "jpeg: more than %d scans", maxScans)
	}
	begin := w.pos
	for {
		b, err := w.s.from(w.pos, 1)
		if err != nil {
			return err
		}
		i := bytes.IndexByte(b, 0xff)
		if i < 0 {
			w.pos += int64(len(b))
			continue
		}
		w.pos += int64(i)
		if b, err = w.s.from(w.pos, 2); err != nil {
			return err
		}
		switch m := b[1]; {
		case m == 0 || m >= markRST0 && m <= markRST7: // a stuffed 0xff, or a restart
			w.pos += 2
		case m == 0xff:
			w.pos += int64(fillBytes(b)) - 1
		default:
			w.coded += w.pos - begin
			return nil
		}
	}
}

// parseJPEGHeader has the standard library read the file up to its frame, so
// that what passes here is a header that a decoder agrees with.
func parseJPEGHeader(s *source) error {
	in := &stream{s: s}
	_, err := jpeg.DecodeConfig(in)
	var unsupported jpeg.UnsupportedError
	switch {
	case err == nil:
		return nil
	case in.failed != nil:
		return in.failed
	case errors.As(err, &unsupported):
		return refuse(ReasonUnsupported, "jpeg: %v", err)
	default:
		return refuse(ReasonCorrupt, "jpeg: %v", err)
	}
}
