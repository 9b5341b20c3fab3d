package media

import (
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/bep/imagemeta"

	"github.com/cleargrid/cleargrid/internal/geo"
)

// exifTime is how EXIF writes an instant.
const exifTime = "2006:01:02 15:04:05"

// readMetadata reads what a camera wrote. Whatever can't be read is left out:
// metadata is never a reason to refuse a file.
func readMetadata(r io.ReadSeeker, mediaType string) Metadata {
	format := map[string]imagemeta.ImageFormat{
		"image/jpeg": imagemeta.JPEG, "image/png": imagemeta.PNG, "image/webp": imagemeta.WebP,
		"image/heic": imagemeta.HEIF, "image/avif": imagemeta.AVIF,
	}[mediaType]
	if format == 0 {
		return Metadata{Orientation: 1}
	}
	var tags imagemeta.Tags
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: format, Sources: imagemeta.EXIF, Timeout: 5 * time.Second, LimitNumTags: 2000, LimitTagSize: 10_000,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return !strings.HasPrefix(t.Namespace, "IFD1") }, // of the embedded thumbnail
		HandleTag:       func(t imagemeta.TagInfo) error { tags.Add(t); return nil },
		Warnf:           func(string, ...any) {},
	})
	exif := tags.EXIF()
	text := func(name string) string { s, _ := exif[name].Value.(string); return printableText(s) }
	m := Metadata{Make: text("Make"), Model: text("Model"), Orientation: 1}
	switch o := exif["Orientation"].Value.(type) {
	case uint16:
		m.Orientation = int(o)
	case int:
		m.Orientation = o
	}
	// HEIC and AVIF say by a property of their own how they are turned, and decoders obey.
	if m.Orientation < 1 || m.Orientation > 8 || mediaType == "image/heic" || mediaType == "image/avif" {
		m.Orientation = 1
	}
	m.TakenAt, m.HasOffset = taken(text("DateTimeOriginal"), text("OffsetTimeOriginal"))
	if latitude, longitude, err := tags.GetLatLong(); err == nil {
		if p := (geo.Point{Latitude: latitude, Longitude: longitude}); p.Valid() {
			m.Position = &p
		}
	}
	return m
}

// taken joins EXIF's wall time with its offset, if there is one.
func taken(at, offset string) (time.Time, bool) {
	if t, err := time.Parse(exifTime+"-07:00", at+offset); err == nil && offset != "" {
		return t.UTC(), sane(t)
	}
	t, err := time.Parse(exifTime, at)
	if err != nil || !sane(t) {
		return time.Time{}, false
	}
	return t, false
}

// sane keeps out the years that cameras without a clock write.
func sane(t time.Time) bool { return t.Year() >= 1980 && t.Year() < 2200 }

// printableText keeps what can be shown, at most 100 characters.
func printableText(s string) string {
	kept := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)))
	return strings.TrimSpace(string(kept[:min(len(kept), 100)]))
}
