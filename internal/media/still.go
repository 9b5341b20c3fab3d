package media

import "github.com/cleargrid/cleargrid/internal/rule"

// picture is what the meta box of a HEIC or AVIF says (ISO/IEC 23008-12).
type picture struct {
	*isoWalk
	handler       string
	primary       bool // the main item is named
	coding        map[string]bool
	width, height int64 // of the largest item: parts and previews are smaller
}

// facts judges the picture as a whole, when the file has been walked.
func (p *picture) facts(w *isoWalk) (Facts, error) {
	if p == nil {
		return Facts{}, refuse(ReasonTruncated, "iso: no meta")
	}
	coding := map[string]string{"image/heic": "hvcC", "image/avif": "av1C"}[w.mediaType]
	switch {
	case p.handler != "pict" || !p.primary:
		return Facts{}, refuse(ReasonCorrupt, "iso: no main picture")
	case p.width == 0:
		return Facts{}, refuse(ReasonCorrupt, "iso: no picture size")
	case !p.coding[coding]:
		return Facts{}, refuse(ReasonUnsupported, "iso: %s without %s", w.mediaType, coding)
	}
	return Facts{MediaType: w.mediaType, Kind: rule.Photo, Width: int(p.width), Height: int(p.height)}, nil
}

func (p *picture) walk(pos, end int64, depth int) error {
	return p.children(pos, end, depth, func(b box) error {
		switch b.kind {
		case "hdlr":
			c, err := p.content(b, 12)
			if err != nil {
				return err
			}
			p.handler = string(c[8:12])
		case "pitm":
			p.primary = true
		case "iprp", "ipco":
			return p.walk(b.body, b.end, depth+1)
		case "hvcC", "av1C":
			if p.coding == nil {
				p.coding = map[string]bool{}
			}
			p.coding[b.kind] = true
		case "ispe":
			return p.extent(b)
		case "iloc":
			return p.locations(b)
		}
		return nil
	})
}

// extent reads the size of one item.
func (p *picture) extent(b box) error {
	c, err := p.content(b, 12)
	if err != nil {
		return err
	}
	width, height := int64(be.Uint32(c[4:])), int64(be.Uint32(c[8:]))
	if err := checkPixels("iso", width, height, p.limit); err != nil {
		return err
	}
	if width*height > p.width*p.height {
		p.width, p.height = width, height
	}
	return nil
}

// locations checks that every part of the picture lies inside the file.
func (p *picture) locations(b box) error {
	c := fields{s: p.s, pos: b.body, end: b.end}
	version := c.uint(1)
	c.uint(3)
	sizes := c.uint(2)
	offsetSize, lengthSize, baseSize, indexSize := sizes>>12, sizes>>8&15, sizes>>4&15, sizes&15
	idSize := uint64(2)
	if version == 2 {
		idSize = 4
	}
	if version == 0 {
		indexSize = 0
	}

	items, extents := c.uint(idSize), 0
	for range items {
		c.uint(idSize)
		method := uint64(0)
		if version > 0 {
			method = c.uint(2) & 15
		}
		c.uint(2) // which file: 0 is this one
		base := signed(c.uint(baseSize))
		for range c.uint(2) {
			if extents++; extents > maxItems {
				return refuse(ReasonTooComplex, "iso: more than %d located parts", maxItems)
			}
			c.uint(indexSize)
			offset, length := signed(c.uint(offsetSize)), signed(c.uint(lengthSize))
			if c.err != nil {
				return c.err
			}
			if method == 0 && beyond(base, offset, length, p.s.size) {
				return refuse(ReasonTruncated, "iso: part of %d bytes at %d+%d of %d", length, base, offset, p.s.size)
			}
		}
		if c.err != nil {
			return c.err
		}
	}
	return c.err
}

// beyond reports whether base+offset+length exceeds size, without overflow.
func beyond(base, offset, length, size int64) bool {
	return base > size || offset > size-base || length > size-base-offset
}

// fields reads numbers one after the other; the first error stays.
type fields struct {
	s        *source
	pos, end int64
	err      error
}

// uint reads a number of up to eight bytes; none is zero.
func (f *fields) uint(bytes uint64) uint64 {
	if f.err != nil || bytes == 0 {
		return 0
	}
	width := signed(bytes)
	if width > 8 || width > f.end-f.pos {
		f.err = refuse(ReasonCorrupt, "iso: item table ends at %d", f.pos)
		return 0
	}
	b, err := f.s.from(f.pos, int(width))
	if err != nil {
		f.err = err
		return 0
	}
	n := uint64(0)
	for _, c := range b[:width] {
		n = n<<8 | uint64(c)
	}
	f.pos += width
	return n
}
