package media

import "github.com/cleargrid/cleargrid/internal/rule"

// webpWalk follows the RIFF chunks of a WebP.
type webpWalk struct {
	s                         *source
	pos, end                  int64
	chunks                    int
	canvasWidth, canvasHeight int64 // of the extended header, if there is one
	width, height             int64 // of the picture itself
}

func inspectWebP(s *source) (Facts, int64, error) {
	b, err := s.from(0, 12)
	if err != nil {
		return Facts{}, 0, err
	}
	w := webpWalk{s: s, pos: 12, end: int64(le.Uint32(b[4:])) + 8}
	if w.end > s.size {
		return Facts{}, 0, refuse(ReasonTruncated, "webp: %d of %d bytes", s.size, w.end)
	}
	for w.end-w.pos >= 8 {
		if err := w.chunk(); err != nil {
			return Facts{}, 0, err
		}
	}

	if w.width == 0 {
		return Facts{}, 0, refuse(ReasonCorrupt, "webp: no picture")
	}
	if w.canvasWidth != 0 && (w.canvasWidth != w.width || w.canvasHeight != w.height) {
		return Facts{}, 0, refuse(ReasonCorrupt, "webp: picture %d × %d on canvas %d × %d",
			w.width, w.height, w.canvasWidth, w.canvasHeight)
	}
	return Facts{MediaType: "image/webp", Kind: rule.Photo, Width: int(w.width), Height: int(w.height)}, w.end, nil
}

// chunk checks the chunk at pos and moves behind it and its padding.
func (w *webpWalk) chunk() error {
	if w.chunks++; w.chunks > maxSideChunks {
		return refuse(ReasonTooComplex, "webp: more than %d chunks", maxSideChunks)
	}
	b, err := w.s.from(w.pos, 8)
	if err != nil {
		return err
	}
	kind, length := string(b[:4]), int64(le.Uint32(b[4:]))
	if length > w.end-w.pos-8 {
		return refuse(ReasonTruncated, "webp: chunk at %d overruns the file", w.pos)
	}

	switch kind {
	case "VP8X":
		err = w.extended(length)
	case "VP8 ":
		err = w.lossy(length)
	case "VP8L":
		err = w.lossless(length)
	case "ANIM", "ANMF":
		err = refuse(ReasonAnimated, "webp: %s at %d", kind, w.pos)
	}
	w.pos += 8 + length + length&1
	return err
}

// extended reads the header that announces metadata, alpha and animation.
func (w *webpWalk) extended(length int64) error {
	b, err := w.data(length, 10)
	if err != nil {
		return err
	}
	if b[0]&0x02 != 0 {
		return refuse(ReasonAnimated, "webp: animation flag")
	}
	w.canvasWidth, w.canvasHeight = 1+uint24(b[4:]), 1+uint24(b[7:])
	return checkPixels("webp", w.canvasWidth, w.canvasHeight, MaxPixels)
}

// lossy reads a VP8 key frame's header (RFC 6386, section 9.1).
func (w *webpWalk) lossy(length int64) error {
	b, err := w.data(length, 10)
	if err != nil {
		return err
	}
	tag := uint24(b)
	if tag&1 != 0 || string(b[3:6]) != "\x9d\x01\x2a" {
		return refuse(ReasonCorrupt, "webp: no key frame at %d", w.pos)
	}
	if partition := tag >> 5; partition > length-10 {
		return refuse(ReasonTruncated, "webp: first partition of %d bytes in a chunk of %d", partition, length)
	}
	return w.picture(int64(le.Uint16(b[6:])&0x3fff), int64(le.Uint16(b[8:])&0x3fff))
}

// lossless reads a VP8L header: a signature and two sizes of 14 bits.
func (w *webpWalk) lossless(length int64) error {
	b, err := w.data(length, 5)
	if err != nil {
		return err
	}
	if b[0] != 0x2f {
		return refuse(ReasonCorrupt, "webp: lossless signature at %d", w.pos)
	}
	size := int64(le.Uint32(b[1:]))
	return w.picture(size&0x3fff+1, size>>14&0x3fff+1)
}

func (w *webpWalk) picture(width, height int64) error {
	if w.width != 0 {
		return refuse(ReasonCorrupt, "webp: second picture at %d", w.pos)
	}
	w.width, w.height = width, height
	return checkPixels("webp", width, height, MaxPixels)
}

// data gives the first want bytes of the chunk at pos.
func (w *webpWalk) data(length int64, want int) ([]byte, error) {
	if length < int64(want) {
		return nil, refuse(ReasonCorrupt, "webp: chunk of %d bytes at %d", length, w.pos)
	}
	return w.s.from(w.pos+8, want)
}

func uint24(b []byte) int64 { return int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 }
