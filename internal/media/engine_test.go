package media_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// product is what an engine makes of a file that the gate has accepted.
func product(t testing.TB, e *media.Engine, file []byte) (media.Product, error) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "original")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	facts, err := inspect(file)
	if err != nil {
		t.Fatal(err)
	}
	return e.Process(t.Context(), path, facts, folder)
}

func made(t testing.TB, file []byte) media.Product {
	t.Helper()
	p, err := product(t, media.NewEngine(), file)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rendition(t testing.TB, p media.Product, name string) (media.Rendition, image.Image) {
	t.Helper()
	i := slices.IndexFunc(p.Renditions, func(r media.Rendition) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	r := p.Renditions[i]
	b, err := os.ReadFile(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil || m.Bounds().Dx() != r.Width || m.Bounds().Dy() != r.Height || int64(len(b)) != r.Size || r.MediaType != "image/jpeg" {
		t.Fatalf("%+v is a picture of %v, %v", r, m.Bounds(), err)
	}
	return r, m
}

// TestFactsOfRealPhotos: what exiftool says of the same files.
func TestFactsOfRealPhotos(t *testing.T) {
	local := func(s string) time.Time {
		at, err := time.Parse("2006-01-02 15:04:05 -0700", s)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	for name, want := range map[string]struct {
		make, model string
		taken       time.Time
		offset      bool
		latitude    float64
	}{
		"iphone.heic":          {"Apple", "iPhone 15 Pro", local("2026-02-19 14:22:37 -0800"), true, 37.936333},
		"sony.heif":            {"SONY", "ILCE-6700", local("2026-02-04 15:13:47 -0800"), true, 0},
		"hugo-issue-12669.jpg": {"samsung", "SM-G950U", local("2021-01-17 11:34:47 +0000"), false, 0}, // 0, 0 is no position
		"bep/sunrise.png":      {"RICOH IMAGING COMPANY, LTD.", "PENTAX K-3 II", local("2017-10-27 08:38:52 +0000"), false, 36.597441},
	} {
		p := made(t, picture(t, name))
		m := p.Metadata
		latitude := 0.0
		if m.Position != nil {
			latitude = m.Position.Latitude
		}
		if m.Make != want.make || m.Model != want.model || !m.TakenAt.Equal(want.taken) || m.HasOffset != want.offset || latitude-want.latitude > 1e-5 || want.latitude-latitude > 1e-5 {
			t.Errorf("%s: %+v at %v, want %+v", name, m, latitude, want)
		}
		_, preview := rendition(t, p, "PREVIEW")
		_, thumbnail := rendition(t, p, "THUMBNAIL")
		if longest(thumbnail) != 320 || longest(preview) > 1600 || p.Fingerprint == nil || len(p.Placeholder) == 0 {
			t.Errorf("%s: %v and %v", name, thumbnail.Bounds(), preview.Bounds())
		}
	}
}

func longest(m image.Image) int { return max(m.Bounds().Dx(), m.Bounds().Dy()) }

// TestRenditionsCarryNothing: neither where nor when nor with what.
func TestRenditionsCarryNothing(t *testing.T) {
	exiftool, err := exec.LookPath("exiftool")
	if err != nil {
		testkit.Missing(t, "exiftool")
	}
	for _, r := range made(t, testkit.Photo(t, 0)).Renditions {
		out, err := exec.Command(exiftool, "-s", "-G", r.Path).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			group, _, _ := strings.Cut(strings.TrimPrefix(line, "["), "]")
			if !slices.Contains([]string{"ExifTool", "File", "Composite", "JFIF"}, group) {
				t.Errorf("%s carries %s", r.Name, line)
			}
		}
	}
}

// TestUpright: the same scene in each of EXIF's eight orientations comes out alike.
func TestUpright(t *testing.T) {
	scene := image.NewNRGBA(image.Rect(0, 0, 60, 40)) // red above left, blue below right, else grey
	for y := range 40 {
		for x := range 60 {
			c := color.NRGBA{128, 128, 128, 255}
			if x < 20 && y < 15 {
				c = color.NRGBA{255, 0, 0, 255}
			} else if x >= 40 && y >= 25 {
				c = color.NRGBA{0, 0, 255, 255}
			}
			scene.SetNRGBA(x, y, c)
		}
	}
	for orientation := 1; orientation <= 8; orientation++ {
		stored := image.NewNRGBA(image.Rect(0, 0, 60, 40))
		if orientation >= 5 {
			stored = image.NewNRGBA(image.Rect(0, 0, 40, 60))
		}
		for y := range stored.Rect.Dy() {
			for x := range stored.Rect.Dx() {
				sx, sy := shown(orientation, x, y) // where in the scene this stored pixel is shown
				stored.SetNRGBA(x, y, scene.NRGBAAt(sx, sy))
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, stored, &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		exif := join("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01", u16(orientation), "\x00\x00\x00\x00\x00\x00")
		p := made(t, []byte(join("\xff\xd8", segment(0xe1, exif), b.String()[2:])))
		_, m := rendition(t, p, "PREVIEW")
		red, _, _, _ := m.At(8, 6).RGBA()
		_, _, blue, _ := m.At(52, 34).RGBA()
		if p.Metadata.Orientation != orientation || m.Bounds().Dx() != 60 || red < 0xc000 || blue < 0xc000 {
			t.Errorf("orientation %d (read %d): %v, red %x, blue %x", orientation, p.Metadata.Orientation, m.Bounds(), red, blue)
		}
	}
}

// shown maps a stored pixel to where EXIF (2.32, 4.6.4 A) says it is seen in a scene
// of 60 × 40.
func shown(orientation, x, y int) (int, int) {
	switch orientation {
	case 2:
		return 59 - x, y
	case 3:
		return 59 - x, 39 - y
	case 4:
		return x, 39 - y
	case 5:
		return y, x
	case 6:
		return 59 - y, x
	case 7:
		return 59 - y, 39 - x
	case 8:
		return y, 39 - x
	default:
		return x, y
	}
}

// TestFingerprints: the same picture is known again after what messengers do to
// it, and different ones are told apart.
func TestFingerprints(t *testing.T) {
	var all []media.Fingerprint
	for i := range 6 {
		photo := testkit.Photo(t, i)
		if i > 0 && bytes.Equal(photo, testkit.Photo(t, 0)) {
			continue
		}
		m, err := jpeg.Decode(bytes.NewReader(photo))
		if err != nil {
			t.Fatal(err)
		}
		original := *made(t, photo).Fingerprint
		var again bytes.Buffer
		if err := jpeg.Encode(&again, half(m), &jpeg.Options{Quality: 50}); err != nil {
			t.Fatal(err)
		}
		copied := *made(t, again.Bytes()).Fingerprint
		if d := original.Distance(copied); d > 31 {
			t.Errorf("photo %d, halved: %d of 256 bits differ", i, d)
		}
		if repeated := *made(t, photo).Fingerprint; repeated != original {
			t.Errorf("photo %d has two fingerprints", i)
		}
		all = append(all, original)
	}
	for i, a := range all {
		for _, b := range all[:i] {
			if d := a.Distance(b); d < 32 && d > 0 {
				t.Errorf("different photos differ in %d of 256 bits only", d)
			}
		}
	}
}

// half has every other pixel.
func half(m image.Image) image.Image {
	b := m.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx()/2, b.Dy()/2))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Set(x, y, m.At(b.Min.X+2*x, b.Min.Y+2*y))
		}
	}
	return out
}

// TestVideoRenditions: a poster and what every phone plays, where ffmpeg is.
func TestVideoRenditions(t *testing.T) {
	film := testkit.Film(t, "mov", "-f", "lavfi", "-i", "testsrc2=duration=1:size=1920x1080:rate=50", "-f", "lavfi", "-i", "sine=duration=1",
		"-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1", "-c:a", "pcm_s16le",
		"-metadata", "location=+35.1234+113.9876/", "-metadata", "creation_time=2026-03-10T01:59:30Z")
	p := made(t, film)
	if p.Metadata.Position == nil || p.Metadata.TakenAt.IsZero() || p.Fingerprint == nil {
		t.Errorf("%+v", p)
	}
	if r, _ := rendition(t, p, "PREVIEW"); r.Width != 1600 || r.Height != 900 {
		t.Errorf("the poster has %d × %d", r.Width, r.Height)
	}
	e, folder := media.NewEngine(), t.TempDir()
	path := filepath.Join(folder, "original")
	if err := os.WriteFile(path, film, 0o600); err != nil {
		t.Fatal(err)
	}
	facts, err := inspect(film)
	if err != nil || !e.Plays(facts) {
		t.Fatal("no playable rendition: ", err)
	}
	r, err := e.Playable(t.Context(), path, facts, folder)
	if err != nil {
		t.Fatal(err)
	}
	played, err := os.ReadFile(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := inspect(played)
	if err != nil || got.Codec != "h264" || got.Width != 1280 || r.Width != 1280 || r.Height != 720 || got.Recorded.Position != nil || !got.Recorded.TakenAt.IsZero() {
		t.Errorf("%+v, %v, %+v", r, err, got)
	}
	if moov, mdat := bytes.Index(played, []byte("moov")), bytes.Index(played, []byte("mdat")); moov > mdat {
		t.Error("it plays only when it has been loaded to its end")
	}
	if avif := made(t, picture(t, "bep/sunrise.avif")); len(avif.Renditions) != 2 {
		t.Errorf("an AVIF has %d renditions", len(avif.Renditions))
	}
}

// TestWithoutFFmpeg: what the gate accepts is accepted, with what was recorded.
func TestWithoutFFmpeg(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	film := film(t, "mov", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-metadata", "creation_time=2026-03-10T01:59:30Z")
	e := media.NewEngine()
	p, err := product(t, e, film)
	if err != nil || len(p.Renditions) != 0 || p.Metadata.TakenAt.IsZero() || e.Plays(media.Facts{Kind: media.Video}) {
		t.Errorf("%+v, %v", p, err)
	}
	if said := strings.Join(e.Describe(), "\n"); !strings.Contains(said, "not on the PATH") {
		t.Errorf("says %q", said)
	}
}

// TestCostlyFile: a file that would take more memory or time than it may is
// refused, and one beside it is not harmed.
func TestCostlyFile(t *testing.T) {
	costly := deepPNG(t, 6000) // 288 MB of pixels
	var refusal *media.Refusal
	for name, e := range map[string]*media.Engine{
		"memory": media.Limited(time.Minute, 1<<28),
		"time":   media.Limited(time.Millisecond, 2<<30),
	} {
		var beside sync.WaitGroup
		beside.Go(func() {
			if _, err := product(t, media.NewEngine(), testkit.Photo(t, 1)); err != nil {
				t.Errorf("a good photo beside it: %v", err)
			}
		})
		if _, err := product(t, e, costly); reason(err) != media.ReasonTooExpensive {
			t.Errorf("%s: %v", name, err)
		}
		beside.Wait()
	}

	e := media.NewEngine()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	facts, err := inspect(testkit.Photo(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Process(gone, "nowhere", facts, t.TempDir()); err == nil || errors.As(err, &refusal) {
		t.Errorf("a cancelled wait is a verdict: %v", err)
	}
	if _, err := e.Process(t.Context(), filepath.Join(t.TempDir(), "nowhere"), facts, t.TempDir()); err == nil || errors.As(err, &refusal) {
		t.Errorf("a file that is not there is a verdict: %v", err)
	}
}

// deepPNG is a white square with 8 bytes a pixel, in a file a thousand times smaller.
func deepPNG(t *testing.T, side int) []byte {
	t.Helper()
	var data bytes.Buffer
	w := zlib.NewWriter(&data)
	line := bytes.Repeat([]byte{0xff}, 1+8*side)
	line[0] = 0
	for range side {
		if _, err := w.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(join("\x89PNG\r\n\x1a\n", chunk("IHDR", join(u32(side), u32(side), "\x10\x06\x00\x00\x00")), chunk("IDAT", data.String()), chunk("IEND", "")))
}
