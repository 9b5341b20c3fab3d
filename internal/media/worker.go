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

	"github.com/cleargrid/cleargrid/internal/rule"
)

// The long sides of the renditions in pixels, and their JPEG quality.
const (
	thumbnailSide    = 320
	previewSide      = 1600
	renditionQuality = 82
)

// RunChild is the worker's main: it reads one request, decodes one file and
// writes one answer. It gives itself the limit of memory first. Only an Engine may run it.
func RunChild(in io.Reader, out io.Writer) error {
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("%s is started by the server only: %w", ChildCommand, err)
	}
	most := inUse() + r.Memory
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return fmt.Errorf("limit of memory: %w", err)
	}
	debug.SetMemoryLimit(signed(r.Memory / 2))
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

// inUse is the memory that the program has taken before any file: with the race
// detector it is enormous.
func inUse() uint64 {
	b, _ := os.ReadFile("/proc/self/statm")
	sizes := strings.Fields(string(b))
	if len(sizes) < 6 {
		return 0
	}
	pages, _ := strconv.ParseUint(sizes[5], 10, 48)
	return pages * uint64(os.Getpagesize()) //nolint:gosec // a page has a positive size
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
	p := Product{Metadata: Metadata{Orientation: 1}}
	if r.Facts.Kind == rule.Photo {
		p.Metadata = readMetadata(f, r.Facts.MediaType)
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return Product{}, err
		}
	}
	picture, err := decode(f, r)
	if err != nil || picture == nil {
		return p, err
	}
	err = p.show(picture, r)
	return p, err
}

// show makes of a picture all that can be made of it.
func (p *Product) show(picture image.Image, r request) error {
	turn := p.Metadata.Orientation
	if r.Facts.MediaType == "image/heic" || r.Facts.MediaType == "image/avif" {
		turn = 1 // those are turned by what decodes them
	}
	preview := upright(scaled(picture, previewSide), turn)
	thumbnail := scaled(preview, thumbnailSide)
	for name, m := range map[rule.RenditionName]*image.RGBA{rule.Thumbnail: thumbnail, rule.Preview: preview} {
		rendition, err := write(m, name, filepath.Join(r.Folder, strings.ToLower(string(name))+".jpg"))
		if err != nil {
			return err
		}
		p.Renditions = append(p.Renditions, rendition)
	}
	look := fingerprint(thumbnail)
	p.Fingerprint, p.Placeholder = &look, thumbhash.EncodeImage(scaled(thumbnail, 100))
	return nil
}

// decode gives a file's picture, of a JPEG no more of it than the preview needs;
// nil when ffmpeg can't make one of what the gate has accepted.
func decode(f io.ReadSeeker, r request) (m image.Image, err error) {
	switch r.Facts.MediaType {
	case "image/jpeg":
		m, err = jpegn.Decode(f, &jpegn.Options{ScaleDenom: reduction(r.Facts)})
		if err != nil { // of rare kinds the standard library knows more, as of printers' colours
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
			m, err = jpeg.Decode(f)
		}
	case "image/png":
		m, err = png.Decode(f)
	case "image/webp":
		m, err = webp.Decode(f)
	case "image/heic":
		heic.ForceWasmMode = true // a library of the machine may be of any age
		m, err = heic.Decode(f)
	default:
		return firstFrame(r)
	}
	if err != nil {
		return nil, refuse(ReasonCorrupt, "decode: %v", err)
	}
	return m, nil
}

// reduction is by how much a JPEG may be reduced while it is decoded.
func reduction(f Facts) int {
	n := 8
	for n > 1 && max(f.Width, f.Height)/n < previewSide {
		n /= 2
	}
	return n
}

// scaled fits a picture into a square, on white where it is transparent. It never
// enlarges.
func scaled(m image.Image, side int) *image.RGBA {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	over := draw.Src
	if o, ok := m.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		over = draw.Over
		draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	}
	if out.Rect.Size() == b.Size() {
		draw.Draw(out, out.Bounds(), m, b.Min, over)
	} else {
		draw.CatmullRom.Scale(out, out.Bounds(), m, b, over, nil)
	}
	return out
}

// upright turns a picture as EXIF's orientation asks.
func upright(m *image.RGBA, orientation int) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	// Where the first pixel goes, and how far from it its neighbours to the right
	// and below go.
	line := out.Rect.Dx()
	var first, right, below int
	switch orientation {
	case 2:
		first, right, below = w-1, -1, line
	case 3:
		first, right, below = w*h-1, -1, -line
	case 4:
		first, right, below = (h-1)*line, 1, -line
	case 5:
		first, right, below = 0, line, 1
	case 6:
		first, right, below = h-1, line, -1
	case 7:
		first, right, below = w*h-1, -line, -1
	case 8:
		first, right, below = (w-1)*line, -line, 1
	default:
		return m
	}
	for y := range h {
		for x := range w {
			to := 4 * (first + x*right + y*below)
			copy(out.Pix[to:to+4], m.Pix[y*m.Stride+4*x:])
		}
	}
	return out
}

// write encodes pixels alone, so nothing of the original's metadata is in it.
func write(m image.Image, name rule.RenditionName, path string) (Rendition, error) {
	f, err := os.Create(filepath.Clean(path))
	if err != nil {
		return Rendition{}, err
	}
	err = jpegn.Encode(f, m, &jpegn.EncodeOptions{Quality: renditionQuality})
	info, statErr := f.Stat()
	if err := errors.Join(err, statErr, f.Close()); err != nil {
		return Rendition{}, err
	}
	return Rendition{Name: name, Path: path, MediaType: "image/jpeg", Width: m.Bounds().Dx(), Height: m.Bounds().Dy(), Size: info.Size()}, nil
}
