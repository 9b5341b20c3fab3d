package media_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/draw"

	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// process judges and decodes a file as a server does.
func process(ctx context.Context, t testing.TB, e *media.Engine, file []byte) (media.Product, error) {
	t.Helper()
	facts, err := inspect(file)
	if err != nil {
		return media.Product{}, err
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "original")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return e.Process(ctx, path, facts, folder)
}

func mustProcess(t testing.TB, file []byte) media.Product {
	t.Helper()
	p, err := process(t.Context(), t, media.NewEngine(""), file)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rendition(t testing.TB, p media.Product, name rule.RenditionName) (media.Rendition, []byte) {
	t.Helper()
	i := slices.IndexFunc(p.Renditions, func(r media.Rendition) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no %s among %+v", name, p.Renditions)
	}
	b, err := os.ReadFile(p.Renditions[i].Path)
	if err != nil {
		t.Fatal(err)
	}
	return p.Renditions[i], b
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The values are those that exiftool reads from the same files.
func TestMetadataOfRealPhotos(t *testing.T) {
	for name, want := range map[string]media.Metadata{
		"bep/sunrise.jpg": {
			TakenAt: at(t, "2017-10-27T06:38:52Z"), HasOffset: true, Position: &geo.Point{Latitude: 36.597442, Longitude: -4.50846},
			Make: "RICOH IMAGING COMPANY, LTD.", Model: "PENTAX K-3 II", Orientation: 1,
		},
		"hugo-issue-12669.jpg": { // its position is 0, 0; its offset follows from the satellites' time
			TakenAt: at(t, "2021-01-17T18:34:47Z"), HasOffset: true, Make: "samsung", Model: "SM-G950U", Orientation: 1,
		},
		"goexif/has-lens-info.jpg": {
			TakenAt: at(t, "2014-09-01T15:03:47Z"), Position: &geo.Point{Latitude: 59.332547, Longitude: 18.064942},
			Make: "Apple", Model: "iPhone 4S", Orientation: 6,
		},
		"iphone.heic": {
			TakenAt: at(t, "2026-02-19T22:22:37Z"), HasOffset: true, Position: &geo.Point{Latitude: 37.936333, Longitude: -122.365289},
			Make: "Apple", Model: "iPhone 15 Pro", Orientation: 1,
		},
		"sony.heif": {
			TakenAt: at(t, "2026-02-04T23:13:47Z"), HasOffset: true, Make: "SONY", Model: "ILCE-6700", Orientation: 1,
		},
		"metadata-extractor/noExif.jpg": {Orientation: 1},
	} {
		got, err := metadataOf(picture(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !samePlace(got.Position, want.Position) {
			t.Errorf("%s: at %v, want %v", name, got.Position, want.Position)
		}
		got.Position, want.Position = nil, nil
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func samePlace(a, b *geo.Point) bool {
	if a == nil || b == nil {
		return a == b
	}
	return geo.Distance(*a, *b) < 1
}

func TestRenditionsAreSmallAndSayNothing(t *testing.T) {
	for _, name := range []string{"bep/sunrise.jpg", "bep/sunrise.png", "bep/sunrise.webp", "hugo-issue-12669.jpg", "goexif/has-lens-info.jpg", "iphone.heic"} {
		file := picture(t, name)
		facts, err := inspect(file)
		if err != nil {
			t.Fatal(err)
		}
		p := mustProcess(t, file)
		for form, side := range map[rule.RenditionName]int{rule.Thumbnail: 320, rule.Preview: 1600} {
			r, b := rendition(t, p, form)
			c, err := jpeg.DecodeConfig(bytes.NewReader(b))
			long := min(side, max(facts.Width, facts.Height))
			if err != nil || r.MediaType != "image/jpeg" || r.Size != int64(len(b)) || max(r.Width, r.Height) != long || r.Width != c.Width || r.Height != c.Height {
				t.Errorf("%s, %s: %+v holds %d × %d pixels, %v; long side %d wanted", name, form, r, c.Width, c.Height, err, long)
			}
			for _, secret := range []string{"Exif", "GPS", "adobe", "Apple", "RICOH", "samsung", "Photoshop"} {
				if bytes.Contains(b, []byte(secret)) {
					t.Errorf("%s, %s holds %q", name, form, secret)
				}
			}
			if m, err := metadataOf(b); err != nil || m != (media.Metadata{Orientation: 1}) {
				t.Errorf("%s, %s: %+v, %v", name, form, m, err)
			}
		}
		if len(p.Placeholder) == 0 || len(p.Placeholder) > 30 || p.Fingerprint == nil {
			t.Errorf("%s: placeholder of %d bytes, fingerprint %v", name, len(p.Placeholder), p.Fingerprint)
		}
	}
}

func metadataOf(b []byte) (media.Metadata, error) {
	facts, err := inspect(b)
	return media.ReadMetadata(bytes.NewReader(b), facts.MediaType), err
}

// quarters is a picture of four colours: a b over c d.
func quarters(t testing.TB) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 96, 64))
	for i, c := range palette {
		from := image.Pt(i%2*48, i/2*32)
		draw.Draw(m, image.Rectangle{from, from.Add(image.Pt(48, 32))}, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return encoded(t, m, 95)
}

var palette = []color.Color{color.RGBA{200, 0, 0, 255}, color.RGBA{0, 160, 0, 255}, color.RGBA{0, 0, 200, 255}, color.RGBA{220, 220, 0, 255}}

func encoded(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// turned puts EXIF's orientation into a JPEG that has no metadata.
func turned(file []byte, orientation int) []byte {
	exif := join("Exif\x00\x00MM\x00\x2a", u32(8), u16(1), u16(0x0112), u16(3), u32(1), u16(orientation), u16(0), u32(0))
	return []byte(join("\xff\xd8", segment(0xe1, exif), string(file[2:])))
}

// Turned as EXIF asks, the picture shows these quarters, row by row.
func TestEveryOrientationIsApplied(t *testing.T) {
	for i, want := range []string{"abcd", "badc", "dcba", "cdab", "acbd", "cadb", "dbca", "bdac"} {
		p := mustProcess(t, turned(quarters(t), i+1))
		r, b := rendition(t, p, rule.Preview)
		m, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for q := range 4 {
			got.WriteByte("abcd"[nearest(m.At(r.Width*(1+q%2*2)/4, r.Height*(1+q/2*2)/4))])
		}
		if upright := i < 4; got.String() != want || p.Metadata.Orientation != i+1 || (r.Width > r.Height) != upright {
			t.Errorf("orientation %d: %s in %d × %d, want %s; %+v", i+1, got.String(), r.Width, r.Height, want, p.Metadata)
		}
	}
}

func nearest(c color.Color) int {
	best, least := 0, math.MaxFloat64
	r, g, b, _ := c.RGBA()
	for i, p := range palette {
		pr, pg, pb, _ := p.RGBA()
		if d := math.Hypot(math.Hypot(float64(r)-float64(pr), float64(g)-float64(pg)), float64(b)-float64(pb)); d < least {
			best, least = i, d
		}
	}
	return best
}

// A copy that was made smaller or coarser, or turned by its metadata, is found
// again; another picture is not taken for it.
func TestFingerprintKnowsCopiesFromOthers(t *testing.T) {
	var seen []*media.Fingerprint
	for variant := range 8 {
		file := testkit.Photo(t, variant)
		first := mustProcess(t, file).Fingerprint
		m, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		orientation := mustProcess(t, file).Metadata.Orientation
		half := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx()/2, m.Bounds().Dy()/2))
		draw.BiLinear.Scale(half, half.Bounds(), m, m.Bounds(), draw.Src, nil)
		for name, copied := range map[string][]byte{"the same": file, "coarser": encoded(t, m, 50), "half the size": encoded(t, half, 85)} {
			if name != "the same" {
				copied = turned(copied, orientation)
			}
			again := mustProcess(t, copied).Fingerprint
			pdq, phash := again.Distance(*first), bits.OnesCount64(again.PHash^first.PHash)
			if pdq > 31 || phash > 11 || name == "the same" && *again != *first {
				t.Errorf("variant %d, %s: PDQ differs by %d, pHash by %d", variant, name, pdq, phash)
			}
		}
		for other, f := range seen {
			if d := first.Distance(*f); d < 80 {
				t.Errorf("variants %d and %d differ by %d only", other, variant, d)
			}
		}
		seen = append(seen, first)
	}
}

// progressive is an intact grey JPEG whose first scan is followed by that many
// refinements without a bit of news: each makes a decoder visit every pixel.
func progressive(side, refinements int) []byte {
	blocks := (side + 7) / 8 * ((side + 7) / 8)
	first := join("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x01", zeros(blocks/8+1))
	again := join("\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10", strings.Repeat("\x7f\xff\x00", 2*(blocks/32767+1)))
	return []byte(join("\xff\xd8",
		segment(0xdb, "\x00"+strings.Repeat("\x01", 64)),
		segment(0xc2, join("\x08", u16(side), u16(side), "\x01\x01\x11\x00")),
		segment(0xc4, "\x00\x01"+zeros(15)+"\x00"), // a bit says: no difference
		segment(0xc4, "\x10\x01"+zeros(15)+"\xe0"), // a bit says: a run of blocks follows
		first, strings.Repeat(again, refinements), "\xff\xd9"))
}

func TestHostileFilesDoNoHarmToOthers(t *testing.T) {
	for name, test := range map[string]struct {
		file   []byte
		engine *media.Engine
	}{
		"runs for ever":   {progressive(9900, 90), media.NewEngine("").WithLimits(3*time.Second, 2<<30)},
		"takes all there": {progressive(9900, 0), media.NewEngine("").WithLimits(time.Minute, 100<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			var beside sync.WaitGroup
			beside.Go(func() {
				if _, err := process(t.Context(), t, test.engine, quarters(t)); err != nil {
					t.Errorf("the file beside: %v", err)
				}
			})
			_, err := process(t.Context(), t, test.engine, test.file)
			if reason(err) != media.ReasonTooExpensive {
				t.Errorf("%v", err)
			}
			beside.Wait()
		})
	}
}

// A caller that stops waiting has not judged the file.
func TestStoppingIsNoVerdict(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	soon, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	for _, ctx := range []context.Context{gone, soon} {
		_, err := process(ctx, t, media.NewEngine(""), progressive(9000, 90))
		var refusal *media.Refusal
		if !errors.Is(err, ctx.Err()) || ctx.Err() == nil || errors.As(err, &refusal) {
			t.Errorf("%v after %v", err, ctx.Err())
		}
	}
}

// What the gate can't see, a decoder does.
func TestBrokenPixelsAreRefused(t *testing.T) {
	broken := pngOf(16, 16, pixels) // no compressed data
	if _, err := process(t.Context(), t, media.NewEngine(""), []byte(broken)); reason(err) != media.ReasonCorrupt {
		t.Errorf("%v", err)
	}
}

// A folder that can't be written is no fault of the file.
func TestFullDiskIsNoVerdict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "original")
	if err := os.WriteFile(path, quarters(t), 0o600); err != nil {
		t.Fatal(err)
	}
	facts, err := inspect(quarters(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = media.NewEngine("").Process(t.Context(), path, facts, filepath.Join(t.TempDir(), "missing"))
	var refusal *media.Refusal
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("%v", err)
	}
}

func TestDocumentHasNoPicture(t *testing.T) {
	if p := mustProcess(t, []byte(document)); p.Fingerprint != nil || len(p.Renditions)+len(p.Placeholder) != 0 {
		t.Errorf("%+v", p)
	}
}

// What phones write into videos, as ffmpeg writes it in their place, and as the
// bytes of Apple's and Android's.
func TestMetadataOfVideos(t *testing.T) {
	key := func(name string) string { return join(u32(8+len(name)), "mdta", name) }
	value := func(number int, text string) string {
		return boxOf(u32(number), boxOf("data", u32(1), zeros(4), text))
	}
	written := func(kind, text string) string { return boxOf(kind, u16(len(text)), "\x15\xc7", text) }
	track := trackOf("vide", 64, 48, samples)
	apple := boxOf("meta", boxOf("hdlr", zeros(8), "mdta", zeros(13)),
		boxOf("keys", zeros(4), u32(4), key("com.apple.quicktime.make"), key("com.apple.quicktime.model"),
			key("com.apple.quicktime.location.ISO6709"), key("com.apple.quicktime.creationdate")),
		boxOf("ilst", value(1, "Apple"), value(2, "iPhone 15 Pro"), value(3, "+30.2741+120.1551+012.300/"), value(4, "2026-03-10T09:30:00+0800")))
	here := &geo.Point{Latitude: 30.2741, Longitude: 120.1551}

	for name, test := range map[string]struct {
		file  []byte
		codec string
		want  media.Metadata
	}{
		"Apple": {[]byte(movieOf(track, apple)), "h264", media.Metadata{
			TakenAt: at(t, "2026-03-10T01:30:00Z"), HasOffset: true, Position: here, Make: "Apple", Model: "iPhone 15 Pro",
		}},
		"Android": {[]byte(movieOf(strings.Replace(track, "avc1", "hvc1", 1), boxOf("udta", written("\xa9xyz", "+30.2741+120.1551/")))), "hevc", media.Metadata{
			Position: here,
		}},
		"nowhere":  {[]byte(movieOf(track, boxOf("udta", written("\xa9xyz", "+00.0000+000.0000/")))), "h264", media.Metadata{}},
		"nonsense": {[]byte(movieOf(track, boxOf("udta", "\x00\x00\xff\xff\xa9xyzabc"), boxOf("meta", "\xff"))), "h264", media.Metadata{}},
		"ffmpeg": {film(t, "mov", "-c:v", "libx264", "-pix_fmt", "yuv420p",
			"-metadata", "location=+30.2741+120.1551/", "-metadata", "make=HUAWEI", "-metadata", "model=P60", "-metadata", "creation_time=2026-03-10T01:30:00Z"), "h264",
			media.Metadata{TakenAt: at(t, "2026-03-10T01:30:00Z"), HasOffset: true, Position: here, Make: "HUAWEI", Model: "P60"}},
	} {
		facts, err := inspect(test.file)
		got := facts.Recorded
		if !samePlace(got.Position, test.want.Position) {
			t.Errorf("%s: at %v, want %v", name, got.Position, test.want.Position)
		}
		test.want.Position, got.Position = nil, nil
		if err != nil || got != test.want || facts.Codec != test.codec {
			t.Errorf("%s: %s, %+v, %v, want %+v", name, facts.Codec, got, err, test.want)
		}
	}
}

func TestFilmsAreShownAndMadePlayable(t *testing.T) {
	large := testkit.Film(t, "mov", "-f", "lavfi", "-i", "testsrc2=duration=1:size=1920x1080:rate=10", "-f", "lavfi", "-i", "sine=duration=1",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-c:a", "aac",
		"-metadata", "location=+30.2741+120.1551/", "-metadata", "make=HUAWEI")
	for name, test := range map[string]struct {
		file          []byte
		width, height int
	}{
		"small mp4":      {mp4(t), 128, 96},
		"large mov":      {large, 1280, 720},
		"as phones make": {testkit.Video(t, 0), 640, 360},
	} {
		p := mustProcess(t, test.file)
		still, _ := rendition(t, p, rule.Preview)
		if _, b := rendition(t, p, rule.Thumbnail); still.Width*test.height != still.Height*test.width || reasonOf(b) != "" || p.Fingerprint == nil || len(p.Placeholder) == 0 {
			t.Errorf("%s: %+v", name, p)
		}
		r, b := played(t, test.file)
		facts, err := inspect(b)
		if err != nil || r.MediaType != "video/mp4" || facts.MediaType != r.MediaType || facts.Width != test.width || facts.Height != test.height || r.Width != test.width || r.Size != int64(len(b)) {
			t.Errorf("%s: %+v, %+v, %v", name, r, facts, err)
		}
		if facts.Codec != "h264" || facts.Recorded != (media.Metadata{}) || bytes.Contains(b, []byte("HUAWEI")) || bytes.Contains(b, []byte("x264 - core")) {
			t.Errorf("%s: the playable one says %+v", name, facts)
		}
		if bytes.Index(b, []byte("moov")) > bytes.Index(b, []byte("mdat")) {
			t.Errorf("%s: the playable one must arrive as a whole before it plays", name)
		}
	}
}

// played is the playable rendition of a film.
func played(t *testing.T, file []byte) (media.Rendition, []byte) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "original")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	facts, err := inspect(file)
	e := media.NewEngine("")
	if err != nil || !e.Plays(facts) {
		t.Fatalf("it is not played: %v", err)
	}
	r, err := e.Playable(t.Context(), path, facts, folder)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	return r, b
}

func reasonOf(b []byte) string {
	_, err := inspect(b)
	return reason(err)
}

func TestAVIFIsShown(t *testing.T) {
	mp4(t) // needs ffmpeg
	p := mustProcess(t, picture(t, "bep/sunrise.avif"))
	if p.Metadata.Model != "PENTAX K-3 II" {
		t.Errorf("%+v", p.Metadata)
	}
	if len(p.Renditions) == 0 {
		testkit.Missing(t, "an ffmpeg that decodes AVIF")
	}
	like := mustProcess(t, picture(t, "bep/sunrise.jpg"))
	if d := p.Fingerprint.Distance(*like.Fingerprint); d > 31 {
		t.Errorf("differs by %d from the same as JPEG", d)
	}
}

// A film in which ffmpeg finds no picture is judged as it is without ffmpeg, whose
// age must not decide what is evidence.
func TestFilmWithoutFramesHasNoPicture(t *testing.T) {
	mp4(t) // needs ffmpeg
	if p := mustProcess(t, []byte(movieOf(trackOf("vide", 64, 48, samples)))); len(p.Renditions) != 0 || p.Fingerprint != nil {
		t.Errorf("%+v", p)
	}
}

func TestWithoutFFmpegFilmsAreJudgedByStructure(t *testing.T) {
	e := media.NewEngine("none")
	for _, file := range [][]byte{mp4(t), picture(t, "bep/sunrise.avif")} {
		p, err := process(t.Context(), t, e, file)
		if err != nil || len(p.Renditions) != 0 || p.Fingerprint != nil {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if said := strings.Join(e.Describe(), "\n"); !strings.Contains(said, "ffmpeg is not on the PATH") {
		t.Error(said)
	}
}

// FuzzMetadata: whatever a camera wrote, there is an answer without a panic, and
// what it says can be kept and shown.
func FuzzMetadata(f *testing.F) {
	types := []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/avif", "video/mp4"}
	exif := join("Exif\x00\x00MM\x00\x2a", u32(8), u16(2), u16(0x0112), u16(3), u32(1), u16(6), u16(0), u16(0x8825), u16(4), u32(1), u32(38),
		u32(0), u16(1), u16(2), u16(5), u32(3), u32(56), u32(0), strings.Repeat(u32(1), 6))
	for i, seed := range []string{
		jpegOf(segment(0xe1, exif), frame(16, 16)), pngOf(16, 16, chunk("eXIf", exif[6:]), pixels),
		webpOf(extended(8, 16, 16), lossy(16, 16), riff("EXIF", exif[6:])), stillOf(64, 48, located(0, 8)), stillOf(64, 48),
		movieOf(trackOf("vide", 64, 48, samples), boxOf("udta", boxOf("\xa9xyz", u16(18), u16(0), "+30.2741+120.1551/"))),
		movieOf(trackOf("vide", 64, 48, samples), boxOf("meta", boxOf("hdlr", zeros(12)), boxOf("keys", zeros(4), u32(1), u32(32), "mdtacom.apple.quicktime.make"),
			boxOf("ilst", boxOf(u32(1), boxOf("data", u32(1), u32(0), "Apple"))))),
	} {
		f.Add(byte(min(i, len(types)-1)), []byte(seed))
	}
	f.Add(byte(0), testkit.Photo(f, 6))
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		var m media.Metadata
		if kind := types[int(kind)%len(types)]; kind == "video/mp4" {
			facts, _ := inspect(b)
			m = facts.Recorded
		} else if m = media.ReadMetadata(bytes.NewReader(b), kind); m.Orientation < 1 || m.Orientation > 8 {
			t.Errorf("orientation %d", m.Orientation)
		}
		if m.Position != nil && !m.Position.Valid() || m.HasOffset && m.TakenAt.IsZero() {
			t.Errorf("%+v", m)
		}
		for _, s := range []string{m.Make, m.Model} {
			if utf8.RuneCountInString(s) > 100 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q", s)
			}
		}
		if !m.TakenAt.IsZero() && (m.TakenAt.Year() < 1979 || m.TakenAt.Year() > 2200) {
			t.Errorf("taken at %v", m.TakenAt)
		}
	})
}
