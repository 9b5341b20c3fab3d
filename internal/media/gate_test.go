package media_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func inspect(b []byte) (media.Facts, error) {
	return media.Inspect(bytes.NewReader(b), int64(len(b)))
}

// reason is the reason of a refusal, "" for an accepted file, and the error's
// text where it is no refusal or one that tells people nothing.
func reason(err error) string {
	var refusal *media.Refusal
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refusal) && refusal.Text.ZH != "" && refusal.Text.EN != "" &&
		slices.Contains(media.Reasons(), refusal.Reason):
		return refusal.Reason
	default:
		return "error: " + err.Error()
	}
}

func picture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(testkit.PhotoFolder(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// film makes one second of 128 × 96 pixels with ffmpeg.
func film(t testing.TB, extension string, args ...string) []byte {
	t.Helper()
	source := []string{"-f", "lavfi", "-i", "testsrc2=duration=1:size=128x96:rate=10"}
	return testkit.Film(t, extension, append(source, args...)...)
}

func mp4(t testing.TB) []byte {
	return film(t, "mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
}

func mov(t testing.TB) []byte {
	return film(t, "mov", "-c:v", "libx264", "-pix_fmt", "yuv420p")
}

func fragmented(t testing.TB) []byte {
	return film(t, "mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "3", "-movflags", "frag_keyframe+empty_moov")
}

const document = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n45\n%%EOF\n"

func TestRealPicturesAreAccepted(t *testing.T) {
	for name, want := range map[string]media.Facts{
		"hugo-issue-12669.jpg":                        {MediaType: "image/jpeg", Width: 4032, Height: 2268}, // with a phone maker's trailer
		"metadata-extractor/nikonMakernoteType2b.jpg": {MediaType: "image/jpeg", Width: 2048, Height: 1536}, // with a second JPEG behind
		"mushroom.jpg":                                {MediaType: "image/jpeg", Width: 400, Height: 533},   // progressive
		"bep/sunrise.png":                             {MediaType: "image/png", Width: 1024, Height: 640},
		"bep/sunrise.webp":                            {MediaType: "image/webp", Width: 1024, Height: 640},
		"bep/sunrise_lossy.webp":                      {MediaType: "image/webp", Width: 1024, Height: 640},
		"bep/sunrise_lossless.webp":                   {MediaType: "image/webp", Width: 1024, Height: 640},
		"bep/sunrise.avif":                            {MediaType: "image/avif", Width: 1024, Height: 640},
		"iphone.heic":                                 {MediaType: "image/heic", Width: 5712, Height: 4284},
		"sony.heif":                                   {MediaType: "image/heic", Width: 6192, Height: 4128},
	} {
		want.Kind = rule.Photo
		if got, err := inspect(picture(t, name)); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
}

// Whatever a decoder of the standard library reads to its end must pass, and
// what it does not read must not.
func TestGateAgreesWithTheDecoders(t *testing.T) {
	root, checked := testkit.PhotoFolder(t), 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var decoded error
		switch strings.ToLower(filepath.Ext(path)) {
		case ".jpg":
			_, decoded = jpeg.Decode(bytes.NewReader(b))
		case ".png":
			_, decoded = png.Decode(bytes.NewReader(b))
		default:
			return nil
		}
		checked++
		if _, err := inspect(b); (err == nil) != (decoded == nil) {
			t.Errorf("%s: gate %v, decoder %v", entry.Name(), err, decoded)
		}
		return nil
	})
	if err != nil || checked < 50 {
		t.Errorf("%d files checked, %v", checked, err)
	}
}

func TestRealVideosAreAccepted(t *testing.T) {
	for _, test := range []struct {
		name     string
		file     []byte
		typ      string
		duration time.Duration
	}{
		{"mp4", mp4(t), "video/mp4", time.Second},
		{"mov", mov(t), "video/quicktime", time.Second},
		{"fragmented mp4", fragmented(t), "video/mp4", 0},
		{"mp4 with a maker's trailer", append(mp4(t), "\x00\x00\x02\x0b\x00\x00\x00\x00SEFHk\x00\x00\x00SEFT"...), "video/mp4", time.Second},
		{"old mov without a type", withoutType(mov(t)), "video/quicktime", time.Second},
	} {
		want := media.Facts{MediaType: test.typ, Kind: rule.Video, Width: 128, Height: 96, Duration: test.duration, Codec: "h264"}
		got, err := inspect(test.file)
		if test.duration == 0 {
			got.Duration = 0 // where fragments say it, it may be there
		}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", test.name, got, err, want)
		}
	}
}

// withoutType removes the type box, and puts a free one of the same size in
// its place, because tables count from the beginning of the file.
func withoutType(b []byte) []byte {
	b = slices.Clone(b)
	copy(b[4:], "wide")
	return b
}

func TestDocumentIsAccepted(t *testing.T) {
	want := media.Facts{MediaType: "application/pdf", Kind: rule.Document}
	if got, err := inspect([]byte(document)); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

// A transfer that broke off anywhere must not pass.
func TestCutFilesAreRefused(t *testing.T) {
	for name, file := range map[string][]byte{
		"jpeg":       testkit.Photo(t, 0),
		"jpeg, many": picture(t, "mushroom.jpg"),
		"png":        picture(t, "bep/sunrise.png"),
		"webp":       picture(t, "bep/sunrise_lossy.webp"),
		"avif":       picture(t, "bep/sunrise.avif"),
		"heic":       picture(t, "iphone.heic"),
		"mp4":        mp4(t),
		"mov":        mov(t),
		"pdf":        []byte(strings.TrimRight(document, "\n")),
	} {
		for part := range 64 {
			cut := len(file) * (part + 1) / 65
			if _, err := inspect(file[:cut]); err == nil {
				t.Errorf("%s: the first %d of %d bytes are accepted", name, cut, len(file))
			}
		}
		if _, err := inspect(file[:len(file)-1]); reason(err) != media.ReasonTruncated {
			t.Errorf("%s without its last byte: %v", name, err)
		}
	}
}

func TestStrangersAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"nothing":                {"", media.ReasonEmpty},
		"text called .jpg":       {"这不是照片 this is not a photo\n", media.ReasonNotMedia},
		"text with a box's name": {"The free lunch is over, and nothing else is left to say.", media.ReasonNotMedia},
		"text beginning with BM": {"BMW parked in front of the gate", media.ReasonNotMedia},
		"two bytes of a jpeg":    {"\xff\xd8", media.ReasonNotMedia},
		"svg":                    {`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, media.ReasonSVG},
		"html":                   {"\ufeff \n<!DOCTYPE html><title>x</title>", media.ReasonHTML},
		"html without a type":    {"<div><script>alert(1)</script></div>", media.ReasonHTML},
		"zip":                    {"PK\x03\x04\x14\x00", media.ReasonArchive},
		"word 97":                {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", media.ReasonArchive},
		"hls playlist":           {"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", media.ReasonPlaylist},
		"ffmpeg's playlist":      {"ffconcat version 1.0\nfile /etc/passwd\n", media.ReasonPlaylist},
		"dash playlist":          {`<?xml version="1.0"?><MPD type="static"/>`, media.ReasonPlaylist},
		"gif":                    {"GIF89a\x01\x00\x01\x00\x00\x00\x00;", media.ReasonUnsupported},
		"bmp":                    {"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00", media.ReasonUnsupported},
		"pdf without a version":  {"%PDF-xyz", media.ReasonCorrupt},
	} {
		if _, err := inspect([]byte(test.file)); reason(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestOtherMediaAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"webm":          {film(t, "webm", "-c:v", "libvpx"), media.ReasonUnsupported},
		"avi":           {film(t, "avi", "-c:v", "mpeg4"), media.ReasonUnsupported},
		"animated png":  {film(t, "png", "-f", "apng"), media.ReasonAnimated},
		"animated webp": {film(t, "webp", "-c:v", "libwebp_anim"), media.ReasonAnimated},
		"sound only": {testkit.Film(t, "mp4", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac"),
			media.ReasonNoVideo},
		"mpeg-4 part 2": {film(t, "mp4", "-c:v", "mpeg4"), media.ReasonUnsupported},
		"motion jpeg":   {film(t, "mov", "-c:v", "mjpeg"), media.ReasonUnsupported},
		"raw photo":     {picture(t, "sample.nef"), media.ReasonUnsupported},
		"still bundle":  {picture(t, "multi-xmp.heic"), media.ReasonCorrupt},
	} {
		if _, err := inspect(test.file); reason(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
