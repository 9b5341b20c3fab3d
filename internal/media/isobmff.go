package media

import "slices"

// box is one box of an ISO base media file (ISO/IEC 14496-12) or QuickTime
// atom: its content lies from body to end.
type box struct {
	kind      string
	body, end int64
}

// box reads the header of the box at pos. A box of length 0 stretches to
// limit. fits is false when the box claims more than limit allows.
func (s *source) box(pos, limit int64) (b box, fits bool, err error) {
	h, err := s.from(pos, 8)
	if err != nil {
		return box{}, false, err
	}
	length, header := int64(be.Uint32(h)), int64(8)
	b = box{kind: string(h[4:8]), body: pos + header, end: limit}
	switch length {
	case 0:
		return b, true, nil
	case 1:
		if limit-pos < 16 {
			return b, false, nil
		}
		if h, err = s.from(pos, 16); err != nil {
			return box{}, false, err
		}
		length, header = signed(be.Uint64(h[8:])), 16
	}
	if length < header || length > limit-pos {
		return b, false, nil
	}
	b.body, b.end = pos+header, pos+length
	return b, true, nil
}

// Kinds of boxes at the top of a file. A cut file ends inside one of them;
// other bytes there are a trailer.
var topBoxes = []string{"ftyp", "moov", "mdat", "moof", "mfra", "meta", "free", "skip", "wide", "uuid", "udta", "sidx", "styp", "pnot"}

// Old QuickTime files begin without a type, with media data or one of these.
var untypedBoxes = []string{"moov", "wide", "free", "skip", "pnot"}

func looksLikeISO(head []byte, size int64) bool {
	if len(head) < 12 {
		return false
	}
	kind, length := string(head[4:8]), int64(be.Uint32(head))
	if kind == "ftyp" || kind == "mdat" {
		return true
	}
	// "The free lunch" is text, so a box named by a word has to fit.
	return slices.Contains(untypedBoxes, kind) && length <= size
}

// Brands of still pictures, of picture sequences, and of raw photos.
var (
	heicBrands     = []string{"heic", "heix", "heim", "heis"}
	neutralBrands  = []string{"mif1", "miaf", "mif2"}
	sequenceBrands = []string{"hevc", "hevx", "hevm", "hevs", "avis", "msf1"}
	rawBrands      = []string{"crx ", "cr3 "}
)

// isoWalk follows the boxes at the top of an ISO file.
type isoWalk struct {
	s         *source
	boxes     int
	mediaType string
	limit     int64 // pixels
	still     bool
	movie     *movie
	picture   *picture
	data      bool // mdat seen
	fragments bool // moof seen
}

func inspectISO(s *source) (Facts, int64, error) {
	w := &isoWalk{s: s, mediaType: "video/quicktime", limit: MaxPixels}
	end, err := w.top()
	if err != nil {
		return Facts{}, 0, err
	}
	if w.still {
		facts, err := w.picture.facts(w)
		return facts, end, err
	}
	facts, err := w.movie.facts(w)
	return facts, end, err
}

// top walks the boxes of the file up to its end or to a trailer.
func (w *isoWalk) top() (end int64, err error) {
	pos := int64(0)
	for w.s.size-pos >= 8 {
		b, fits, err := w.s.box(pos, w.s.size)
		if err != nil {
			return 0, err
		}
		if !slices.Contains(topBoxes, b.kind) && (!fits || !printable(b.kind)) {
			break
		}
		if !fits {
			return 0, refuse(ReasonTruncated, "iso: box %q at %d overruns the file", b.kind, pos)
		}
		if err := w.visit(b, pos == 0); err != nil {
			return 0, err
		}
		pos = b.end
	}
	return pos, nil
}

// visit handles one box at the top.
func (w *isoWalk) visit(b box, first bool) error {
	if err := w.count(); err != nil {
		return err
	}
	switch b.kind {
	case "ftyp":
		if first {
			return w.brands(b)
		}
	case "moov":
		if w.still {
			return nil
		}
		if w.movie != nil {
			return refuse(ReasonCorrupt, "iso: second moov at %d", b.body)
		}
		if b.end-b.body > maxMovieHeader {
			return refuse(ReasonTooComplex, "iso: moov of %d bytes", b.end-b.body)
		}
		w.movie = &movie{isoWalk: w}
		return w.movie.walk("moov", b.body, b.end, 1)
	case "meta":
		if !w.still {
			return nil
		}
		if w.picture != nil {
			return refuse(ReasonCorrupt, "iso: second meta at %d", b.body)
		}
		if b.end-b.body > maxStillHeader {
			return refuse(ReasonTooComplex, "iso: meta of %d bytes", b.end-b.body)
		}
		w.picture = &picture{isoWalk: w}
		return w.picture.walk(b.body+4, b.end, 1)
	case "mdat":
		w.data = true
	case "moof":
		w.fragments = true
	}
	return nil
}

// brands decides by the type box which of the formats the file is.
func (w *isoWalk) brands(b box) error {
	length := int(min(b.end-b.body, 256))
	if length < 4 {
		return refuse(ReasonCorrupt, "iso: ftyp of %d bytes", length)
	}
	content, err := w.s.from(b.body, length)
	if err != nil {
		return err
	}
	major, compatible := string(content[:4]), []string{}
	for i := 8; i+4 <= length; i += 4 {
		compatible = append(compatible, string(content[i:i+4]))
	}
	has := func(brands ...string) bool {
		return slices.ContainsFunc(compatible, func(c string) bool { return slices.Contains(brands, c) })
	}

	neutral := slices.Contains(neutralBrands, major)
	switch {
	case slices.Contains(sequenceBrands, major):
		return refuse(ReasonAnimated, "iso: picture sequence %q", major)
	case slices.Contains(rawBrands, major) || has(rawBrands...):
		return refuse(ReasonUnsupported, "iso: raw photo %q", major)
	case slices.Contains(heicBrands, major) || neutral && has(heicBrands...):
		w.mediaType, w.limit, w.still = "image/heic", MaxHEICPixels, true
	case major == "avif" || neutral && has("avif"):
		w.mediaType, w.still = "image/avif", true
	case neutral:
		return refuse(ReasonUnsupported, "iso: still picture %q of unknown coding", major)
	case major != "qt  ":
		w.mediaType = "video/mp4"
	}
	return nil
}

// count keeps the number of boxes, at all levels together, bounded.
func (w *isoWalk) count() error {
	if w.boxes++; w.boxes > maxBoxes {
		return refuse(ReasonTooComplex, "iso: more than %d boxes", maxBoxes)
	}
	return nil
}

// children calls visit for every box between pos and end, which belong to a
// box at depth.
func (w *isoWalk) children(pos, end int64, depth int, visit func(box) error) error {
	if depth > maxDepth {
		return refuse(ReasonTooComplex, "iso: boxes nested deeper than %d", maxDepth)
	}
	for end-pos >= 8 {
		h, err := w.s.from(pos, 4)
		if err != nil {
			return err
		}
		if be.Uint32(h) == 0 { // QuickTime ends some lists with four zero bytes
			return nil
		}
		b, fits, err := w.s.box(pos, end)
		if err != nil {
			return err
		}
		if !fits {
			return refuse(ReasonCorrupt, "iso: box %q at %d overruns its parent", b.kind, pos)
		}
		if err := w.count(); err != nil {
			return err
		}
		if err := visit(b); err != nil {
			return err
		}
		pos = b.end
	}
	return nil
}

// content gives the first want bytes of b.
func (w *isoWalk) content(b box, want int) ([]byte, error) {
	if b.end-b.body < int64(want) {
		return nil, refuse(ReasonCorrupt, "iso: %q of %d bytes at %d", b.kind, b.end-b.body, b.body)
	}
	return w.s.from(b.body, want)
}

// printable tells a box from garbage: kinds are ASCII, some with a leading ©.
func printable(kind string) bool {
	for i := range len(kind) {
		if (kind[i] < ' ' || kind[i] > '~') && kind[i] != 0xa9 {
			return false
		}
	}
	return true
}
