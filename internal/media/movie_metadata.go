package media

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cleargrid/cleargrid/internal/geo"
)

const (
	// since1904 is the seconds from the epoch of QuickTime to that of Unix.
	since1904 = 2_082_844_800
	// maxMovieKeys and maxMovieText bound what is read of a recorder's notes.
	maxMovieKeys = 1_000
	maxMovieText = 1_024 // bytes
)

// optional keeps malformed notes from refusing a file that plays: only a read
// that failed, and the bounds of the walk, count.
func (m *movie) optional(err error) error {
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Reason != ReasonTooComplex {
		return nil
	}
	return err
}

// userData reads QuickTime's user data, where Android and older recorders write.
func (m *movie) userData(b box, depth int) error {
	return m.children(b.body, b.end, depth, func(b box) error {
		switch b.kind {
		case "meta":
			return m.optional(m.keyedMetadata(b, depth+1))
		case "\xa9xyz", "\xa9mak", "\xa9mod", "\xa9day":
			c, err := m.content(b, 4) // length and language
			if err != nil {
				return err
			}
			length := int64(be.Uint16(c))
			text, err := m.text(box{body: b.body + 4, end: min(b.end, b.body+4+length)})
			if err != nil {
				return err
			}
			m.note(map[string]string{"\xa9xyz": "location.ISO6709", "\xa9mak": "make", "\xa9mod": "model", "\xa9day": "creationdate"}[b.kind], text)
		}
		return nil
	})
}

// keyedMetadata reads the list of keys and values that Apple writes. It is a plain
// atom in QuickTime files and a full box, four bytes later, in MP4.
func (m *movie) keyedMetadata(b box, depth int) error {
	c, err := m.content(b, 8)
	if err != nil {
		return err
	}
	from := b.body
	if string(c[4:8]) != "hdlr" {
		from += 4
	}
	m.metadata.keys = nil
	return m.children(from, b.end, depth, func(b box) error {
		switch b.kind {
		case "keys":
			return m.keys(b)
		case "ilst":
			return m.children(b.body, b.end, depth+1, func(entry box) error {
				n := be.Uint32([]byte(entry.kind))
				if n == 0 || int64(n) > int64(len(m.metadata.keys)) {
					return nil
				}
				return m.children(entry.body, entry.end, depth+2, func(value box) error {
					if value.kind != "data" || value.end-value.body < 8 {
						return nil
					}
					text, err := m.text(box{body: value.body + 8, end: value.end})
					m.note(m.metadata.keys[n-1], text)
					return err
				})
			})
		}
		return nil
	})
}

// keys reads the names, without Apple's prefix.
func (m *movie) keys(b box) error {
	return m.children(b.body+8, b.end, maxDepth, func(key box) error {
		if len(m.metadata.keys) == maxMovieKeys {
			return refuse(ReasonTooComplex, "iso: more than %d keys", maxMovieKeys)
		}
		name, err := m.text(key)
		m.metadata.keys = append(m.metadata.keys, strings.TrimPrefix(name, "com.apple.quicktime."))
		return err
	})
}

func (m *movie) text(b box) (string, error) {
	length := min(b.end-b.body, maxMovieText)
	if length <= 0 {
		return "", nil
	}
	c, err := m.s.from(b.body, int(length))
	if err != nil {
		return "", err
	}
	return string(c[:length]), nil
}

// note keeps what one key says.
func (m *movie) note(key, value string) {
	r := &m.metadata.recorded
	switch key {
	case "make":
		r.Make = printableText(value)
	case "model":
		r.Model = printableText(value)
	case "location.ISO6709":
		if p := iso6709(value); p != nil {
			r.Position = p
		}
	case "creationdate": // says what the movie header leaves open: the offset of the place
		for _, form := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
			if t, err := time.Parse(form, strings.TrimSpace(value)); err == nil && sane(t) {
				r.TakenAt, r.HasOffset = t.UTC(), true
			}
		}
	}
}

// degrees is ISO 6709 as phones write it: decimal degrees, then perhaps a height.
var degrees = regexp.MustCompile(`^([+-]\d{2}(?:\.\d+)?)([+-]\d{3}(?:\.\d+)?)(?:[+-]|/|$)`)

// iso6709 reads a position; nil for none on the globe.
func iso6709(s string) *geo.Point {
	found := degrees.FindStringSubmatch(strings.TrimSpace(s))
	if found == nil {
		return nil
	}
	latitude, errLatitude := strconv.ParseFloat(found[1], 64)
	longitude, errLongitude := strconv.ParseFloat(found[2], 64)
	p := geo.Point{Latitude: latitude, Longitude: longitude}
	if errLatitude != nil || errLongitude != nil || !p.Valid() {
		return nil
	}
	return &p
}
