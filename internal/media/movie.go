package media

import (
	"time"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// movie is what the moov box of a video says.
type movie struct {
	*isoWalk
	duration      time.Duration
	width, height int64 // of the largest picture track
	video         bool  // a picture track is there
	codec         string
	samples       int64 // of all picture tracks
	track         track
	metadata      movieMetadata
}

// movieMetadata is what the recorder wrote beside the pictures.
type movieMetadata struct {
	recorded Metadata
	keys     []string // of QuickTime's list, in their order
}

// track is the one that the walk is in.
type track struct {
	handler                   string
	width, height             int64 // as shown
	storedWidth, storedHeight int64
	samples                   int64
	entry                     string // kind of the first sample description
}

// videoCodecs names the codings that evidence may have, by their sample entries:
// H.264 (ISO/IEC 14496-15), HEVC, and Dolby Vision on top of HEVC.
var videoCodecs = map[string]string{"avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "dvh1": "hevc", "dvhe": "hevc"}

// facts judges the movie as a whole, when the file has been walked.
func (m *movie) facts(w *isoWalk) (Facts, error) {
	switch {
	case m == nil:
		return Facts{}, refuse(ReasonTruncated, "iso: no moov")
	case !m.video:
		return Facts{}, refuse(ReasonNoVideo, "iso: no picture track")
	case !w.data:
		return Facts{}, refuse(ReasonTruncated, "iso: no media data")
	case m.samples == 0 && !w.fragments:
		return Facts{}, refuse(ReasonNoVideo, "iso: picture track without pictures")
	}
	if err := checkPixels("iso", m.width, m.height, w.limit); err != nil {
		return Facts{}, err
	}
	if videoCodecs[m.codec] == "" {
		return Facts{}, refuse(ReasonUnsupported, "iso: video coded as %q", m.codec)
	}
	return Facts{
		MediaType: w.mediaType, Kind: rule.Video,
		Width: int(m.width), Height: int(m.height), Duration: m.duration,
		Codec: videoCodecs[m.codec], Recorded: m.metadata.recorded,
	}, nil
}

func (m *movie) walk(parent string, pos, end int64, depth int) error {
	return m.children(pos, end, depth, func(b box) error {
		switch b.kind {
		case "trak":
			m.track = track{}
			if err := m.walk(b.kind, b.body, b.end, depth+1); err != nil {
				return err
			}
			m.finishTrack()
			return nil
		case "mdia", "minf", "stbl", "dinf":
			return m.walk(b.kind, b.body, b.end, depth+1)
		case "mvhd":
			return m.header(b)
		case "tkhd":
			return m.trackHeader(b)
		case "hdlr":
			if parent == "mdia" { // QuickTime has a second one, of the data
				return m.handler(b)
			}
			return nil
		case "dref":
			return m.references(b)
		case "stsd":
			return m.sampleDescription(b)
		case "stsz", "stz2", "stco", "co64", "stts", "ctts", "stsc", "stss":
			return m.table(b)
		case "udta":
			return m.optional(m.userData(b, depth+1))
		case "meta":
			return m.optional(m.keyedMetadata(b, depth+1))
		default:
			return nil
		}
	})
}

func (m *movie) finishTrack() {
	t := m.track
	if t.handler != "vide" {
		return
	}
	if t.width == 0 || t.height == 0 { // the header may leave them out
		t.width, t.height = t.storedWidth, t.storedHeight
	}
	m.video = true
	m.samples += t.samples
	if t.width*t.height > m.width*m.height {
		m.width, m.height, m.codec = t.width, t.height, t.entry
	}
}

// header reads the length of the movie.
func (m *movie) header(b box) error {
	c, err := m.content(b, 20)
	if err != nil {
		return err
	}
	scale, ticks := uint64(be.Uint32(c[12:])), uint64(be.Uint32(c[16:]))
	unknown := ticks == 1<<32-1
	created := uint64(be.Uint32(c[4:]))
	if c[0] == 1 {
		if c, err = m.content(b, 32); err != nil {
			return err
		}
		created, scale, ticks = be.Uint64(c[4:]), uint64(be.Uint32(c[20:])), be.Uint64(c[24:])
		unknown = ticks == 1<<64-1
	}

	// Seconds since 1904, in UTC: ISO/IEC 14496-12, section 8.2.2.
	if t := time.Unix(signed(created)-since1904, 0).UTC(); created < 1<<33 && sane(t) && m.metadata.recorded.TakenAt.IsZero() {
		m.metadata.recorded.TakenAt, m.metadata.recorded.HasOffset = t, true
	}

	// No recording lasts ten days: such a value is a fault of the writer.
	if scale == 0 || unknown || ticks/scale > 10*24*3600 {
		return nil
	}
	m.duration = time.Duration(signed(ticks/scale))*time.Second + time.Duration(signed(ticks%scale*1e9/scale))
	return nil
}

// trackHeader reads the size that the track is shown at, in 16.16 fixed point.
func (m *movie) trackHeader(b box) error {
	c, err := m.content(b, 84)
	if err != nil {
		return err
	}
	at := 76
	if c[0] == 1 {
		if at = 88; int64(at+8) > b.end-b.body {
			return refuse(ReasonCorrupt, "iso: tkhd of %d bytes", b.end-b.body)
		}
		if c, err = m.content(b, at+8); err != nil {
			return err
		}
	}
	m.track.width, m.track.height = int64(be.Uint32(c[at:])>>16), int64(be.Uint32(c[at+4:])>>16)
	return nil
}

func (m *movie) handler(b box) error {
	c, err := m.content(b, 12)
	if err != nil {
		return err
	}
	m.track.handler = string(c[8:12])
	return nil
}

// sampleDescription reads the stored size from the first visual entry.
func (m *movie) sampleDescription(b box) error {
	c, err := m.content(b, 16)
	if err != nil {
		return err
	}
	if be.Uint32(c[4:]) == 0 {
		return refuse(ReasonCorrupt, "iso: no sample description at %d", b.body)
	}
	if b.end-b.body < 44 {
		return nil // not a visual one
	}
	if c, err = m.content(b, 44); err != nil {
		return err
	}
	m.track.entry = string(c[12:16])
	m.track.storedWidth, m.track.storedHeight = int64(be.Uint16(c[40:])), int64(be.Uint16(c[42:]))
	return nil
}

// references refuses a track whose data lies elsewhere: a player would open
// another file or address.
func (m *movie) references(b box) error {
	if _, err := m.content(b, 8); err != nil {
		return err
	}
	return m.children(b.body+8, b.end, 1, func(entry box) error {
		c, err := m.content(entry, 4)
		if err != nil {
			return err
		}
		if c[3]&1 == 0 {
			return refuse(ReasonExternalReference, "iso: data reference at %d", entry.body)
		}
		return nil
	})
}

// table checks that a sample table holds the entries it claims, and that its
// chunks lie inside the file: decoders allocate by the claim.
func (m *movie) table(b box) error {
	entry := int64(4)
	switch b.kind {
	case "stsz", "stz2":
		return m.sampleSizes(b)
	case "co64", "stts", "ctts":
		entry = 8
	case "stsc":
		entry = 12
	}
	c, err := m.content(b, 8)
	if err != nil {
		return err
	}
	count := int64(be.Uint32(c[4:]))
	if count*entry > b.end-b.body-8 {
		return refuse(ReasonCorrupt, "iso: %s claims %d entries at %d", b.kind, count, b.body)
	}
	if b.kind == "stco" || b.kind == "co64" {
		return m.chunkOffsets(b.body+8, count, int(entry))
	}
	return nil
}

func (m *movie) sampleSizes(b box) error {
	c, err := m.content(b, 12)
	if err != nil {
		return err
	}
	same, count := int64(be.Uint32(c[4:])), int64(be.Uint32(c[8:]))
	var fits bool
	switch {
	case b.kind == "stz2": // the low byte is the bits of an entry
		fits = (count*(same&0xff)+7)/8 <= b.end-b.body-12
	case same != 0: // no table: every sample has the same size
		fits = count <= m.s.size/same
	default:
		fits = count*4 <= b.end-b.body-12
	}
	if !fits {
		return refuse(ReasonCorrupt, "iso: %s claims %d samples at %d", b.kind, count, b.body)
	}
	m.track.samples += count
	return nil
}

func (m *movie) chunkOffsets(pos, count int64, entry int) error {
	for range count {
		c, err := m.s.from(pos, entry)
		if err != nil {
			return err
		}
		offset := int64(be.Uint32(c))
		if entry == 8 {
			offset = signed(be.Uint64(c))
		}
		if offset >= m.s.size {
			return refuse(ReasonTruncated, "iso: media data at %d of %d", offset, m.s.size)
		}
		pos += int64(entry)
	}
	return nil
}
