package testkit_test

import (
	"bytes"
	"crypto/sha256"
	"image/jpeg"
	"testing"
	"time"

	"github.com/bep/imagemeta"

	"github.com/cleargrid/cleargrid/internal/media"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestPhotoIsARealPhoto(t *testing.T) {
	seen := map[[32]byte]int{}
	for variant := range 20 {
		photo := testkit.Photo(t, variant)
		sum := sha256.Sum256(photo)
		if other, ok := seen[sum]; ok {
			t.Fatalf("variants %d and %d are equal", variant, other)
		}
		seen[sum] = variant

		facts, err := media.Inspect(bytes.NewReader(photo), int64(len(photo)))
		if err != nil {
			t.Fatalf("variant %d: %v", variant, err)
		}
		picture, err := jpeg.Decode(bytes.NewReader(photo))
		if err != nil {
			t.Fatalf("variant %d: %v", variant, err)
		}
		if size := picture.Bounds().Size(); facts.MediaType != "image/jpeg" || facts.Width != size.X || facts.Height != size.Y {
			t.Errorf("variant %d: %+v, decoded %v", variant, facts, size)
		}
		if maker := exif(t, photo)["Make"]; maker == nil || maker == "" {
			t.Errorf("variant %d: the EXIF block names no camera", variant)
		}
	}
}

func TestFirstPhotoHasAPosition(t *testing.T) {
	tags := exif(t, testkit.Photo(t, 0))
	for _, name := range []string{"GPSLatitude", "GPSLongitude", "DateTimeOriginal"} {
		if tags[name] == nil {
			t.Errorf("no %s", name)
		}
	}
}

func exif(t *testing.T, photo []byte) map[string]any {
	t.Helper()
	tags := map[string]any{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(photo), ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag:       func(tag imagemeta.TagInfo) error { tags[tag.Tag] = tag.Value; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return tags
}

func TestVideoIsARealVideo(t *testing.T) {
	one, two := testkit.Video(t, 1), testkit.Video(t, 2)
	if bytes.Equal(one, two) {
		t.Error("variants 1 and 2 are equal")
	}
	if !bytes.Equal(one, testkit.Video(t, 1)) {
		t.Error("variant 1 is not the same twice")
	}
	for _, video := range [][]byte{one, two} {
		facts, err := media.Inspect(bytes.NewReader(video), int64(len(video)))
		if err != nil {
			t.Fatal(err)
		}
		if facts.MediaType != "video/mp4" || facts.Width != 640 || facts.Height != 360 {
			t.Errorf("%+v", facts)
		}
		if facts.Duration.Round(time.Second) != 2*time.Second {
			t.Errorf("%v long", facts.Duration)
		}
	}
}

func TestLargeVideoIsLargeAndReal(t *testing.T) {
	const want = 20 << 20
	video := testkit.LargeVideo(t, want)
	if len(video) < want {
		t.Errorf("%d bytes", len(video))
	}
	facts, err := media.Inspect(bytes.NewReader(video), int64(len(video)))
	if err != nil || facts.Kind != rule.Video {
		t.Errorf("%+v, %v", facts, err)
	}
}
