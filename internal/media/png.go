package media

import (
	"errors"
	"hash/crc32"
	"image/png"

	"github.com/cleargrid/cleargrid/internal/rule"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngWalk follows the chunks of a PNG.
type pngWalk struct {
	s             *source
	pos           int64
	sideChunks    int
	width, height int64
	bitsPerPixel  int64
	data          int64 // bytes of compressed pixels
}

func inspectPNG(s *source) (Facts, int64, error) {
	w := pngWalk{s: s, pos: int64(len(pngSignature))}
	for first := true; ; first = false {
		kind, err := w.chunk(first)
		if err != nil {
			return Facts{}, 0, err
		}
		if kind == "IEND" {
			break
		}
	}

	// Deflate cannot expand more than 1,032 times: what claims more is a bomb
	// of zero bytes or a stump.
	raw := w.height * (w.width*w.bitsPerPixel/8 + 1)
	if raw/1032 > w.data+64 {
		return Facts{}, 0, refuse(ReasonTooLittleData, "png: %d bytes for %d × %d pixels", w.data, w.width, w.height)
	}
	if err := parsePNGHeader(s); err != nil {
		return Facts{}, 0, err
	}
	return Facts{MediaType: "image/png", Kind: rule.Photo, Width: int(w.width), Height: int(w.height)}, w.pos, nil
}

// chunk checks the chunk at pos and moves behind it.
func (w *pngWalk) chunk(first bool) (kind string, err error) {
	b, err := w.s.from(w.pos, 8)
	if err != nil {
		return "", err
	}
	length, kind := int64(be.Uint32(b)), string(b[4:8])
	if length > w.s.size-w.pos-12 {
		return "", refuse(ReasonTruncated, "png: chunk at %d overruns the file", w.pos)
	}
	if first != (kind == "IHDR") {
		return "", refuse(ReasonCorrupt, "png: chunk %q at %d", kind, w.pos)
	}

	switch kind {
	case "IHDR":
		err = w.header(length)
	case "IDAT":
		w.data += length
	case "acTL":
		err = refuse(ReasonAnimated, "png: animation control at %d", w.pos)
	default:
		if w.sideChunks++; w.sideChunks > maxSideChunks || length > maxChunk {
			err = refuse(ReasonTooComplex, "png: chunk %d, %q of %d bytes", w.sideChunks, kind, length)
		}
	}
	if err != nil {
		return "", err
	}

	// A lower-case first letter marks a chunk that decoders may ignore, and
	// they forgive its checksum.
	if kind[0]&0x20 == 0 {
		if err := w.checksum(kind, length); err != nil {
			return "", err
		}
	}
	w.pos += 12 + length
	return kind, nil
}

// header reads the image header at pos.
func (w *pngWalk) header(length int64) error {
	if length != 13 {
		return refuse(ReasonCorrupt, "png: header of %d bytes", length)
	}
	b, err := w.s.from(w.pos+8, 13)
	if err != nil {
		return err
	}
	w.width, w.height = int64(be.Uint32(b)), int64(be.Uint32(b[4:]))
	channels := map[byte]int64{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[b[9]]
	w.bitsPerPixel = channels * int64(b[8])
	return checkPixels("png", w.width, w.height, MaxPixels)
}

// checksum compares the chunk's CRC, which covers its kind and its data.
func (w *pngWalk) checksum(kind string, length int64) error {
	sum := uint32(0)
	for pos, end := w.pos+4, w.pos+8+length; pos < end; {
		b, err := w.s.from(pos, 1)
		if err != nil {
			return err
		}
		b = b[:min(int64(len(b)), end-pos)]
		sum = crc32.Update(sum, crc32.IEEETable, b)
		pos += int64(len(b))
	}

	b, err := w.s.from(w.pos+8+length, 4)
	if err != nil {
		return err
	}
	if be.Uint32(b) != sum {
		return refuse(ReasonCorrupt, "png: checksum of %q at %d", kind, w.pos)
	}
	return nil
}

// parsePNGHeader has the standard library read header and palette.
func parsePNGHeader(s *source) error {
	in := &stream{s: s}
	_, err := png.DecodeConfig(in)
	var unsupported png.UnsupportedError
	switch {
	case err == nil:
		return nil
	case in.failed != nil:
		return in.failed
	case errors.As(err, &unsupported):
		return refuse(ReasonUnsupported, "png: %v", err)
	default:
		return refuse(ReasonCorrupt, "png: %v", err)
	}
}
