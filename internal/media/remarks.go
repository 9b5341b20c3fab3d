package media

import (
	"cmp"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cleargrid/cleargrid/internal/geo"
)

// quickTimeEpoch is from when videos count seconds.
var quickTimeEpoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)

// Limits of what is read of a video's remarks.
const (
	maxRemarks = 200 // entries
	maxRemark  = 200 // bytes of one
)

// recorded is what a phone wrote into a video about its making.
type recorded struct {
	created time.Time // of the header, in UTC; zero when unknown
	// remarks by the names that both makers of phones use, as written.
	remarks map[string]string
}

// Names of remarks that count: those of QuickTime's user data, and of Apple's
// list of keys.
var remarkNames = map[string]string{
	"\xa9xyz": "position", "com.apple.quicktime.location.ISO6709": "position",
	"\xa9mak": "make", "com.apple.quicktime.make": "make",
	"\xa9mod": "model", "com.apple.quicktime.model": "model",
	"\xa9day": "created", "com.apple.quicktime.creationdate": "created",
}

// remarks reads what the makers of phones write beside the tracks. What is odd
// there is passed over: it is never a reason to refuse a video.
func (m *movie) remarks(b box) error {
	var err error
	if b.kind == "udta" {
		err = m.children(b.body, b.end, 2, m.userData)
	} else {
		err = m.keyed(b)
	}
	if _, odd := errors.AsType[*Refusal](err); odd {
		return nil
	}
	return err
}

// userData reads one entry: its length, its language and its text.
func (m *movie) userData(b box) error {
	if remarkNames[b.kind] == "" {
		return nil
	}
	c, err := m.content(b, 4)
	if err != nil {
		return err
	}
	if c, err = m.content(b, 4+min(maxRemark, int(be.Uint16(c)))); err != nil {
		return err
	}
	m.remark(b.kind, c[4:4+min(maxRemark, int(be.Uint16(c)))])
	return nil
}

// keyed reads Apple's list: a box of names, and one of values by the number of
// their name.
func (m *movie) keyed(b box) error {
	c, err := m.content(b, 8)
	if err != nil {
		return err
	}
	start := b.body
	if string(c[4:8]) != "hdlr" { // MP4 begins the box with a version, QuickTime doesn't
		start += 4
	}
	var names []string
	return m.children(start, b.end, 2, func(b box) error {
		switch b.kind {
		case "keys":
			names, err = m.keyNames(b)
			return err
		case "ilst":
			return m.children(b.body, b.end, 3, func(entry box) error {
				number := be.Uint32([]byte(entry.kind))
				if number < 1 || int64(number) > int64(len(names)) || remarkNames[names[number-1]] == "" {
					return nil
				}
				return m.children(entry.body, entry.end, 4, func(data box) error { return m.keyValue(names[number-1], data) })
			})
		}
		return nil
	})
}

func (m *movie) keyNames(b box) (names []string, err error) {
	if _, err := m.content(b, 8); err != nil {
		return nil, err
	}
	for pos := b.body + 8; b.end-pos >= 8 && len(names) < maxRemarks; {
		key, fits, err := m.s.box(pos, b.end)
		if err != nil || !fits {
			return names, err
		}
		c, err := m.s.from(key.body, int(min(key.end-key.body, maxRemark)))
		if err != nil {
			return nil, err
		}
		names = append(names, string(c[:min(key.end-key.body, maxRemark)]))
		pos = key.end
	}
	return names, nil
}

// keyValue reads a value, if it is text: its type, its language and itself.
func (m *movie) keyValue(name string, b box) error {
	const text = 1
	size := int(min(b.end-b.body, 8+maxRemark))
	c, err := m.content(b, max(8, size))
	if err != nil || b.kind != "data" || be.Uint32(c) != text {
		return err
	}
	m.remark(name, c[8:size])
	return nil
}

// remark keeps a remark. The list of keys is the richer one, so it wins.
func (m *movie) remark(name string, value []byte) {
	if m.recorded.remarks == nil {
		m.recorded.remarks = map[string]string{}
	}
	as := remarkNames[name]
	if m.recorded.remarks[as] == "" || strings.HasPrefix(name, "com.") {
		m.recorded.remarks[as] = string(value)
	}
}

// readMovie reads the metadata of a video that the gate has accepted, and whether
// its pictures are coded so plainly that every phone plays them.
func readMovie(r io.ReaderAt, size int64) (m Metadata, plain bool, err error) {
	w := &isoWalk{s: newSource(r, size), limit: MaxPixels}
	if _, err := w.top(); err != nil {
		return Metadata{}, false, err
	}
	if w.movie == nil {
		return Metadata{}, false, nil
	}
	said := w.movie.recorded.remarks
	m = Metadata{
		Make: printableText(said["make"]), Model: printableText(said["model"]), Codec: codecs[w.movie.codec],
		Position: isoPosition(said["position"]), Orientation: 1,
		TakenAt: w.movie.recorded.created, HasOffset: !w.movie.recorded.created.IsZero(),
	}
	for _, form := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if t, err := time.Parse(form, strings.TrimSpace(said["created"])); err == nil && sane(t) {
			m.TakenAt, m.HasOffset = t.UTC(), true
		}
	}
	return m, w.movie.plain, nil
}

// degrees is a position as ISO 6709 writes it, in whole and decimal degrees.
var degrees = regexp.MustCompile(`^([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)(?:[+-/]|$)`)

func isoPosition(s string) *geo.Point {
	found := degrees.FindStringSubmatch(strings.TrimSpace(s))
	if found == nil {
		return nil
	}
	latitude, err := strconv.ParseFloat(found[1], 64)
	longitude, also := strconv.ParseFloat(found[2], 64)
	if p := (geo.Point{Latitude: latitude, Longitude: longitude}); cmp.Or(err, also) == nil && p.Valid() {
		return &p
	}
	return nil
}
