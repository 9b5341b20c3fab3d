package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// ChildCommand is the hidden subcommand that the binary, and every test binary
// that makes an Engine, must dispatch to RunChild.
const ChildCommand = "media-worker"

// limits bound what one file may cost. A decoder that is at work can't be stopped
// from within, so it runs in a process of its own, which can.
type limits struct {
	within time.Duration
	// memory is in bytes that can be written. The address space would be no
	// measure: a Go program sets gigabytes of it aside before it does anything.
	memory uint64
}

var (
	ofPicture  = limits{within: 30 * time.Second, memory: 2 << 30}
	ofHEIC     = limits{within: time.Minute, memory: 3 << 30}
	ofPlayable = limits{within: 10 * time.Minute, memory: 3 << 30}
)

const (
	workers = 2
	// MaxPlayable is the longest video of which a playable rendition is made.
	MaxPlayable = 15 * time.Minute
)

// Metadata is what a camera wrote into a file.
type Metadata struct {
	// TakenAt is zero when the file does not say. Without HasOffset it is a wall
	// time, written as if it were UTC.
	TakenAt   time.Time
	HasOffset bool
	// Position is nil when the file names none, or none on the globe.
	Position    *geo.Point
	Make, Model string // printable, at most 100 characters
	// Orientation is EXIF's, 1 to 8.
	Orientation int
}

// Rendition is what was made of a file to be looked at: a JPEG, upright, or an
// MP4. Nothing of the file's metadata is in it.
type Rendition struct {
	Name          rule.RenditionName // any but rule.Original
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
	ffmpeg  string // its path; empty where there is none
	places  chan struct{}
	playing chan struct{} // playable renditions take minutes and have a place of their own
	picture limits
}

// NewEngine makes an engine. ffmpeg is the path of that program; empty is what the
// PATH has, "none" is to do without. Nothing that decides whether a file is accepted
// depends on it.
func NewEngine(ffmpeg string) *Engine {
	switch ffmpeg {
	case "":
		ffmpeg, _ = exec.LookPath("ffmpeg") // none is fine
	case "none":
		ffmpeg = ""
	}
	return &Engine{ffmpeg: ffmpeg, places: make(chan struct{}, workers), playing: make(chan struct{}, 1), picture: ofPicture}
}

// Describe says which types are decoded, by what, and what becomes of the others.
func (e *Engine) Describe() []string {
	lines := []string{
		"JPEG, PNG, WebP and HEIC are decoded on board: thumbnail, preview, placeholder, fingerprint, metadata",
		"PDF is checked by its structure",
	}
	if e.ffmpeg == "" {
		return append(lines, "AVIF, MP4 and MOV are checked by their structure and have no renditions: ffmpeg is not on the PATH")
	}
	version, err := exec.Command(e.ffmpeg, "-version").Output() //nolint:gosec,noctx // found on the PATH; answers at once
	line, _, _ := strings.Cut(string(version), " Copyright")
	if err != nil {
		line = err.Error()
	}
	return append(lines, "AVIF, and the poster and playable rendition of MP4 and MOV, are made by "+line)
}

// decodes reports whether files of a type are decoded here.
func (e *Engine) decodes(mediaType string) bool {
	switch mediaType {
	case "image/jpeg", "image/png", "image/webp", "image/heic":
		return true
	case "image/avif", "video/mp4", "video/quicktime":
		return e.ffmpeg != ""
	}
	return false
}

// request and answer pass between an engine and its worker as JSON.
type request struct {
	Path, Folder string
	Facts        Facts
	FFmpeg       string
	Memory       uint64
	Playable     bool // make the playable rendition, and nothing else
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
// again. What is not decoded has only the metadata that Inspect found.
func (e *Engine) Process(ctx context.Context, path string, facts Facts, folder string) (Product, error) {
	if !e.decodes(facts.MediaType) {
		return Product{Metadata: facts.Recorded}, nil
	}
	l := e.picture
	if facts.MediaType == "image/heic" {
		l = ofHEIC
	}
	p, err := e.run(ctx, e.places, l, request{Path: path, Folder: folder, Facts: facts, FFmpeg: e.ffmpeg})
	if facts.Kind == rule.Video {
		if _, ok := errors.AsType[*Refusal](err); ok { // a file is judged alike with and without ffmpeg
			return Product{Metadata: facts.Recorded}, nil
		}
		p.Metadata = facts.Recorded
	}
	return p, err
}

// Plays reports whether a playable rendition can be made of a file.
func (e *Engine) Plays(facts Facts) bool {
	return e.ffmpeg != "" && facts.Kind == rule.Video && facts.Duration <= MaxPlayable
}

// Playable makes what every phone and browser plays of a video: MP4 with H.264 of
// at most 1280 pixels and AAC. It takes about as long as the video. Errors are
// those of Process.
func (e *Engine) Playable(ctx context.Context, path string, facts Facts, folder string) (Rendition, error) {
	p, err := e.run(ctx, e.playing, ofPlayable, request{Path: path, Folder: folder, Facts: facts, FFmpeg: e.ffmpeg, Playable: true})
	if err != nil || len(p.Renditions) == 0 {
		return Rendition{}, err
	}
	return p.Renditions[0], nil
}

// run waits for a place and runs one worker.
func (e *Engine) run(ctx context.Context, places chan struct{}, l limits, r request) (Product, error) {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
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
