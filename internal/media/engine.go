package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/cleargrid/cleargrid/internal/geo"
)

// ChildCommand is the hidden subcommand that the binary, and every test binary
// that makes an Engine, must dispatch to RunChild.
const ChildCommand = "media-worker"

// Limits of one file's decoding. A decoder that is at work can't be stopped from
// within, so it runs in a process of its own, which can.
type limits struct {
	within time.Duration
	// memory is in bytes that can be written. The address space would be no
	// measure: a Go program sets gigabytes of it aside before it does anything.
	memory uint64
}

// HEIC costs many times what other photos do.
var (
	photoLimits = limits{30 * time.Second, 2 << 30}
	heicLimits  = limits{60 * time.Second, 3 << 30}
)

// workers is how many files are decoded at once.
const workers = 2

// Metadata is what a camera wrote into a file.
type Metadata struct {
	// TakenAt is zero when the file does not say. Without HasOffset it is a wall
	// time, written as if it were UTC.
	TakenAt   time.Time
	HasOffset bool
	// Position is nil when the file names none, or none on the globe.
	Position    *geo.Point
	Make, Model string // printable, at most 100 characters
	// Orientation is EXIF's, 1 to 8, of a photo.
	Orientation int
	// Codec of a video is h264 or hevc.
	Codec string
}

// Rendition is a picture made of a file, a JPEG, or a video, an MP4: upright, without
// any metadata.
type Rendition struct {
	Name          string // THUMBNAIL, PREVIEW or PLAYABLE
	Path          string
	MediaType     string
	Width, Height int
	Size          int64 // bytes
}

// Product is what was made of a file.
type Product struct {
	Metadata   Metadata
	Renditions []Rendition
	// Placeholder is a thumbhash: some 25 bytes that show a blur of the picture.
	Placeholder []byte
	// Fingerprint is nil for what has no picture.
	Fingerprint *Fingerprint
}

// Engine decodes accepted files, each in a short-lived process of its own, a few
// at a time. It is safe for concurrent use.
type Engine struct {
	places chan struct{}
	photo  limits
	ffmpeg string // empty where it is not installed
}

// NewEngine makes an engine. It uses ffmpeg where that is installed.
func NewEngine() *Engine {
	program, _ := exec.LookPath("ffmpeg")
	return &Engine{places: make(chan struct{}, workers), photo: photoLimits, ffmpeg: program}
}

// Describe says which types are decoded, and what becomes of the others.
func (e *Engine) Describe() []string {
	lines := []string{"JPEG, PNG, WebP and HEIC are decoded: thumbnail, preview, placeholder, fingerprint, metadata"}
	if e.ffmpeg == "" {
		return append(lines, "AVIF, MP4, MOV and PDF are checked by their structure and have no renditions: ffmpeg is not installed")
	}
	return append(lines,
		"AVIF, MP4 and MOV are decoded by "+e.ffmpeg+": the same of their first frame, and a video that every phone plays",
		"PDF is checked by its structure and has no renditions")
}

// request and answer pass between an engine and its worker as JSON.
type request struct {
	Path, Folder, MediaType string
	Width, Height           int
	Memory                  uint64
	FFmpeg                  string
	// Playable asks for the film that every phone plays, and for nothing else.
	Playable bool
	// Plain says that its pictures need no other coding for that.
	Plain bool
}

type answer struct {
	Product *Product
	Reason  string // of a refusal
	Detail  string
	Failure string // of the machine, not of the file
}

// Process decodes an accepted file and writes its renditions into a folder. A
// *Refusal says that the bytes can't be decoded, or only at too high a cost: the
// same file is refused again. Any other error says nothing about the file: try
// again. What is not decoded has an empty Product.
func (e *Engine) Process(ctx context.Context, path string, facts Facts, folder string) (Product, error) {
	r := request{
		Path: path, Folder: folder, MediaType: facts.MediaType, Width: facts.Width, Height: facts.Height, FFmpeg: e.ffmpeg,
	}
	switch {
	case facts.Kind == Document:
		return Product{}, nil
	case facts.Kind == Video:
		return e.film(ctx, r, facts.Duration)
	case facts.MediaType == "image/avif" && e.ffmpeg == "":
		return Product{}, nil
	case facts.MediaType == "image/heic":
		return e.run(ctx, heicLimits, r)
	default:
		return e.run(ctx, e.photo, r)
	}
}

// film reads what a phone wrote into a video, and makes what ffmpeg can. A film
// that every phone plays is worth having, but no condition.
func (e *Engine) film(ctx context.Context, r request, length time.Duration) (Product, error) {
	said, plain, err := metadataOfMovie(r.Path)
	if err != nil || e.ffmpeg == "" {
		return Product{Metadata: said}, err
	}
	p, err := e.run(ctx, e.photo, r)
	if err != nil {
		return Product{}, err
	}
	p.Metadata = said
	if length == 0 || length > playableFilm {
		return p, nil
	}
	r.Playable, r.Plain = true, plain && max(r.Width, r.Height) <= playableSide
	film, err := e.run(ctx, limits{min(10*time.Minute, 30*time.Second+4*length), e.photo.memory}, r)
	if ctx.Err() != nil {
		return Product{}, err
	}
	if err == nil {
		p.Renditions = append(p.Renditions, film.Renditions...)
	}
	return p, nil
}

func metadataOfMovie(path string) (m Metadata, plain bool, err error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return Metadata{}, false, fmt.Errorf("media: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Metadata{}, false, fmt.Errorf("media: %w", err)
	}
	return readMovie(f, info.Size())
}

// run waits for a place and runs one worker in it.
func (e *Engine) run(ctx context.Context, l limits, r request) (Product, error) {
	select {
	case e.places <- struct{}{}:
		defer func() { <-e.places }()
	case <-ctx.Done():
		return Product{}, fmt.Errorf("media: wait for a worker: %w", ctx.Err())
	}
	a, err := work(ctx, l, r)
	switch {
	case err != nil:
		return Product{}, err
	case a.Failure != "":
		return Product{}, errors.New("media: worker: " + a.Failure)
	case a.Reason != "":
		return Product{}, refuse(a.Reason, "%s", a.Detail)
	case a.Product == nil:
		return Product{}, errors.New("media: the worker answered nothing")
	}
	return *a.Product, nil
}

// work runs one worker. A worker that dies of its limits has judged the file.
func work(ctx context.Context, l limits, r request) (answer, error) {
	r.Memory = l.memory
	self, err := os.Executable()
	if err != nil {
		return answer{}, fmt.Errorf("media: own program: %w", err)
	}
	in, err := json.Marshal(r)
	if err != nil {
		return answer{}, fmt.Errorf("media: request: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, l.within)
	defer cancel()
	var out, log bytes.Buffer
	cmd := exec.CommandContext(limited, self, ChildCommand) //nolint:gosec // this very program
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return answer{}, fmt.Errorf("media: %w", ctx.Err())
	case errors.As(err, &exit), limited.Err() != nil:
		line, _, _ := strings.Cut(log.String(), "\n")
		return answer{Reason: ReasonTooExpensive, Detail: fmt.Sprintf("worker ended with %v: %.200s", err, line)}, nil
	case err != nil:
		return answer{}, fmt.Errorf("media: start a worker: %w", err)
	}
	var a answer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return answer{}, fmt.Errorf("media: answer of the worker: %w", err)
	}
	return a, nil
}
