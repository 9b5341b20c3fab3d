// Package testkit gives tests what is hard to have: a database server, real
// photos and videos, and whatever else a test would otherwise fake.
//
// It decides how a test gets real things on any machine, and when a test may
// be skipped for want of them. It never asserts anything about the product,
// and only tests import it.
package testkit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// photoModule holds photos taken by real cameras as the test data of a module
// that the module file requires, so that no photo is committed here.
const photoModule = "github.com/bep/imagemeta"

// photos are whole pictures with their EXIF block, made by different cameras
// at different places. The first has a GPS position.
var photos = []string{
	"bep/sunrise.jpg",
	"mushroom.jpg",
	"hugo-issue-8996.jpg",
	"metadata_demo_exif_only.jpg",
	"metadata-extractor/nikonMakernoteType1.jpg",
	"metadata-extractor/withExifAndIptc.jpg",
	"metadata-extractor/simple.jpg",
	"goexif/has-lens-info.jpg",
}

// Missing is called when the machine does not have what a test needs. It skips the
// test and says what is missing; with CI=true it fails, because there nothing
// may be left out. No other place of the test suite skips.
func Missing(tb testing.TB, what string) {
	tb.Helper()
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
		tb.Fatalf("missing on this machine: %s", what)
	}
	tb.Skipf("missing on this machine: %s", what)
}

// Photo gives a photo from a real camera, as a phone would send it: an intact
// JPEG with EXIF. Each variant has bytes of its own; variants next to each
// other show different things, and variants eight apart the same picture.
func Photo(tb testing.TB, variant int) []byte {
	tb.Helper()
	n := len(photos)
	original, err := os.ReadFile(filepath.Join(PhotoFolder(tb), filepath.FromSlash(photos[(variant%n+n)%n])))
	if err != nil {
		tb.Fatal(err)
	}
	return withComment(original, fmt.Sprintf("variant %d", variant))
}

// Drawing gives a JPEG of some kilobytes that looks like the drawing of no other
// number, for tests that send many files and compare none.
func Drawing(tb testing.TB, number int) []byte {
	tb.Helper()
	shades := rand.New(rand.NewPCG(uint64(number), 0))
	const size, block = 256, 32
	m := image.NewGray(image.Rect(0, 0, size, size))
	for y := 0; y < size; y += block {
		for x := 0; x < size; x += block {
			shade := image.NewUniform(color.Gray{Y: uint8(shades.UintN(256))})
			draw.Draw(m, image.Rect(x, y, x+block, y+block), shade, image.Point{}, draw.Src)
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// withComment puts a comment segment behind the metadata segments (APPn) at
// the beginning of a JPEG, where every reader skips it.
func withComment(photo []byte, text string) []byte {
	at := 2
	for photo[at] == 0xff && photo[at+1]&0xf0 == 0xe0 {
		at += 2 + int(photo[at+2])<<8 + int(photo[at+3])
	}
	length := len(text) + 2
	comment := append([]byte{0xff, 0xfe, byte(length >> 8), byte(length)}, text...)
	return bytes.Join([][]byte{photo[:at], comment, photo[at:]}, nil)
}

var photoFolder = sync.OnceValues(func() (string, error) {
	// Listing answers at once where the module is in the cache, and with an
	// empty folder where only its go.mod is.
	out, err := run(time.Minute, "go", "list", "-m", "-f", "{{.Dir}}", photoModule)
	if folder := string(bytes.TrimSpace(out)); err == nil && folder != "" {
		return filepath.Join(folder, "testdata", "images"), nil
	}
	if out, err = run(5*time.Minute, "go", "mod", "download", "-json", photoModule); err != nil {
		return "", err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", err
	}
	return filepath.Join(module.Dir, "testdata", "images"), nil
})

// PhotoFolder is the folder with the module's test pictures: intact, odd and
// corrupt ones, from many cameras. It is read only.
func PhotoFolder(tb testing.TB) string {
	tb.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		Missing(tb, "the go command, to find the test photos")
	}
	folder, err := photoFolder()
	if err != nil {
		tb.Fatal(err)
	}
	return folder
}

// Video gives a real video of two seconds with sound: H.264 in MP4, 640 × 360.
// Each variant has bytes and colours of its own.
func Video(tb testing.TB, variant int) []byte {
	tb.Helper()
	return Film(tb, "mp4",
		"-f", "lavfi", "-i", "testsrc2=duration=2:size=640x360:rate=25",
		"-f", "lavfi", "-i", "sine=frequency=440:duration=2",
		"-vf", "hue=h="+strconv.Itoa(variant*47),
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
		"-movflags", "+faststart", "-metadata", "comment=variant "+strconv.Itoa(variant))
}

// LargeVideo gives a real H.264 video of at least that many bytes, for uploads
// in parts. It is noise, so it compresses no further.
func LargeVideo(tb testing.TB, atLeast int64) []byte {
	tb.Helper()
	clip := filmPath(tb, "mp4",
		"-f", "lavfi", "-i", "color=gray:duration=1:size=640x360:rate=25",
		"-vf", "noise=alls=100:allf=t+u",
		"-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-pix_fmt", "yuv420p")
	info, err := os.Stat(clip)
	if err != nil {
		tb.Fatal(err)
	}
	// Joining copies of one clip costs a file copy and no encoding.
	again := atLeast / info.Size()
	film := Film(tb, "mp4", "-stream_loop", strconv.FormatInt(again, 10), "-i", clip, "-c", "copy")
	if int64(len(film)) < atLeast {
		tb.Fatalf("made a video of %d bytes, want at least %d", len(film), atLeast)
	}
	return film
}

// Film runs ffmpeg with these arguments and gives the file it writes, in the
// format named by the extension. Equal arguments give the file made before.
func Film(tb testing.TB, extension string, args ...string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filmPath(tb, extension, args...))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// making lets each process make one film at a time; processes that make the
// same film at once do no harm, because each renames a finished file.
var making sync.Mutex

func filmPath(tb testing.TB, extension string, args ...string) string {
	tb.Helper()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		Missing(tb, "ffmpeg")
	}
	folder, err := ownFolder("cleargrid-media")
	if err != nil {
		tb.Fatal(err)
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s %q", ffmpeg, args))
	path := filepath.Join(folder, hex.EncodeToString(key[:12])+"."+extension)

	making.Lock()
	defer making.Unlock()
	if _, err := os.Stat(path); err == nil {
		return path
	}
	draft, err := os.CreateTemp(folder, "draft-*."+extension)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = os.Remove(draft.Name()) }() // it is renamed when all went well
	if err := draft.Close(); err != nil {
		tb.Fatal(err)
	}
	all := append([]string{"-nostdin", "-v", "error", "-y"}, args...)
	if _, err := run(2*time.Minute, ffmpeg, append(all, draft.Name())...); err != nil {
		if strings.Contains(err.Error(), "Unknown encoder") {
			Missing(tb, "an encoder of ffmpeg: "+err.Error())
		}
		tb.Fatal(err)
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		tb.Fatal(err)
	}
	return path
}

// ownFolder makes or finds a folder for temporary files that belongs to this
// user alone: the parent is open to all users, so a folder of another one is an error.
func ownFolder(name string) (string, error) {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("%s-%d", name, os.Getuid()))
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return "", err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(stat.Uid) != os.Getuid() {
		return "", fmt.Errorf("%s belongs to another user", folder)
	}
	return folder, nil
}

// run runs a program to its end and gives what it printed.
func run(limit time.Duration, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w: %s", name, err, cmp.Or(stderr.String(), string(out)))
	}
	return out, nil
}
