package media

import (
	"cmp"
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
	if m.Orientation < 1 || m.Orientation > 8 {
		m.Orientation = 1
	}
	m.TakenAt, m.HasOffset = takenAt(text("DateTimeOriginal"), cmp.Or(text("OffsetTimeOriginal"), text("OffsetTime")), text("GPSDateStamp")+" "+text("GPSTimeStamp"))
	m.Position = position(exif)
	return m
}

// position reads where the camera was. A damaged file may hold anything, so no
// value is trusted to have its type.
func position(exif map[string]imagemeta.TagInfo) *geo.Point {
	latitude, ok := exif["GPSLatitude"].Value.(float64)
	longitude, also := exif["GPSLongitude"].Value.(float64)
	if exif["GPSLatitudeRef"].Value == "S" {
		latitude = -latitude
	}
	if exif["GPSLongitudeRef"].Value == "W" {
		longitude = -longitude
	}
	if p := (geo.Point{Latitude: latitude, Longitude: longitude}); ok && also && p.Valid() {
		return &p
	}
	return nil
}

// takenAt joins EXIF's wall time with its offset. Where that is missing, the time
// of the satellites gives it, if it differs as time zones do.
func takenAt(at, offset, satellites string) (time.Time, bool) {
	wall, err := time.Parse(exifTime, at)
	if err != nil || !sane(wall) {
		return time.Time{}, false
	}
	if t, err := time.Parse(exifTime+"-07:00", at+offset); err == nil {
		return t.UTC(), true
	}
	universal, err := time.Parse(exifTime, satellites)
	if err != nil {
		return wall, false
	}
	ahead := wall.Sub(universal)
	zone := ahead.Round(15 * time.Minute)
	if zone.Abs() > 14*time.Hour || (ahead-zone).Abs() > time.Minute {
		return wall, false
	}
	return wall.Add(-zone), true
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
