package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/galdor/go-thumbhash"
	"github.com/gen2brain/heic"
	"github.com/gen2brain/jpegn"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// The long sides of the renditions in pixels, and their JPEG quality.
const (
	thumbnailSide    = 320
	previewSide      = 1600
	renditionQuality = 82
)

// RunChild is the worker's main: it reads one request, decodes one file and
// writes one answer. It gives itself the limits first. Only an Engine may run it.
func RunChild(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("%s is started by the server only", ChildCommand)
	}
	memory, err := strconv.ParseUint(args[0], 10, 63)
	if err != nil {
		return fmt.Errorf("limit of memory: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: memory, Max: memory}); err != nil {
		return fmt.Errorf("limit of memory: %w", err)
	}
	debug.SetMemoryLimit(int64(memory / 2)) //nolint:gosec // far below the limit
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("%s is started by the server only: %w", ChildCommand, err)
	}
	var a answer
	product, err := process(r)
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		a.Reason, a.Detail = refusal.Reason, refusal.Detail
	} else if err != nil {
		a.Failure = err.Error()
	} else {
		a.Product = &product
	}
	return json.NewEncoder(out).Encode(a)
}

func process(r request) (Product, error) {
	if r.Playable {
		film, err := playable(r)
		return Product{Renditions: []Rendition{film}}, err
	}
	f, err := os.Open(filepath.Clean(r.Path))
	if err != nil {
		return Product{}, err
	}
	defer func() { _ = f.Close() }()
	p := Product{Metadata: readMetadata(f, r.Facts.MediaType)}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Product{}, err
	}
	picture, err := decode(f, r)
	if err != nil || picture == nil {
		return p, err
	}
	preview := upright(scaled(picture, previewSide), p.Metadata.Orientation)
	thumbnail := scaled(preview, thumbnailSide)
	for name, m := range map[string]*image.NRGBA{"THUMBNAIL": thumbnail, "PREVIEW": preview} {
		rendition, err := write(m, name, filepath.Join(r.Folder, strings.ToLower(name)+".jpg"))
		if err != nil {
			return Product{}, err
		}
		p.Renditions = append(p.Renditions, rendition)
	}
	look := fingerprint(thumbnail)
	p.Fingerprint, p.Placeholder = &look, thumbhash.EncodeImage(scaled(thumbnail, 100))
	return p, nil
}

// decode gives a file's picture, at least as large as a preview; nil when ffmpeg
// can't make one of what the gate has accepted.
func decode(f *os.File, r request) (m image.Image, err error) {
	switch r.Facts.MediaType {
	case "image/jpeg":
		m, err = jpegn.Decode(f, &jpegn.Options{ScaleDenom: reduction(r.Facts)})
	case "image/png":
		m, err = png.Decode(f)
	case "image/webp":
		m, err = webp.Decode(f)
	case "image/heic":
		heic.ForceWasmMode = true // the machine's own libheif is never asked
		m, err = heic.Decode(f)
	default:
		return still(r)
	}
	if err != nil {
		return nil, refuse(ReasonCorrupt, "decode: %v", err)
	}
	return m, nil
}

// reduction is by how much a JPEG may be reduced while it is decoded.
func reduction(f Facts) int {
	n := 1
	for n < 8 && max(f.Width, f.Height)/(2*n) >= previewSide {
		n *= 2
	}
	return n
}

// scaled fits a picture into a square, on white where it is transparent. It never
// enlarges.
func scaled(m image.Image, side int) *image.NRGBA {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, out.Bounds(), m, b, draw.Over, nil)
	return out
}

// upright turns a picture as EXIF's orientation asks.
func upright(m *image.NRGBA, orientation int) *image.NRGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	width, height := w, h
	if orientation >= 5 {
		width, height = h, w
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range h {
		for x := range w {
			to := [9]image.Point{
				2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x},
			}[orientation]
			out.SetNRGBA(to.X, to.Y, m.NRGBAAt(x, y))
		}
	}
	return out
}

// write encodes pixels alone, so nothing of the original's metadata is in it.
func write(m image.Image, name, path string) (Rendition, error) {
	f, err := os.Create(filepath.Clean(path))
	if err != nil {
		return Rendition{}, err
	}
	err = jpeg.Encode(f, m, &jpeg.Options{Quality: renditionQuality})
	info, statErr := f.Stat()
	if err := errors.Join(err, statErr, f.Close()); err != nil {
		return Rendition{}, err
	}
	return Rendition{Name: name, Path: path, MediaType: "image/jpeg", Width: m.Bounds().Dx(), Height: m.Bounds().Dy(), Size: info.Size()}, nil
}
