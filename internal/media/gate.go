// Package media decides what a file is from its bytes alone.
//
// Inspect is the gate before any decoder: it names the real type, reads the
// size of the picture, and refuses what is cut short, disguised, or built to
// exhaust the program that opens it. It never sees a file name or a declared type.
//
// The gate decodes no pixels: its memory is one window of 66 KB, and its work
// grows with the size of the file only, whatever the file claims about itself.
// An Engine then decodes what the gate has accepted, in a process of its own, and
// makes renditions, metadata and fingerprint.
//
// It never changes a byte of the file, and knows neither the database nor the
// object store: files in, facts out. The use case that verifies received
// evidence calls both.
package media

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// Limits of the gate. They stand above everything that phones and cameras make
// and below what a decoder can be made to choke on.
const (
	// MaxPixels bounds a picture: width times height.
	MaxPixels = 100_000_000
	// MaxHEICPixels is lower, because decoding HEIC costs many times more.
	MaxHEICPixels = 50_000_000

	maxScans       = 100       // scans of a JPEG; each one makes a decoder visit every pixel again
	maxSegments    = 2_000     // marker segments of a JPEG
	maxChunk       = 256 << 10 // bytes of a PNG chunk that is not picture data
	maxSideChunks  = 1_000     // chunks of a PNG or WebP that are not picture data
	maxMovieHeader = 64 << 20  // bytes of a video's moov box
	maxStillHeader = 16 << 20  // bytes of a HEIC or AVIF meta box
	maxBoxes       = 100_000   // boxes of an ISO file, all levels together
	maxDepth       = 8         // levels of nested boxes
	maxItems       = 65_536    // located parts of a HEIC or AVIF
)

// Facts is what the bytes of an accepted file say about it.
type Facts struct {
	// MediaType is one of image/jpeg, image/png, image/webp, image/heic,
	// image/avif, video/mp4, video/quicktime and application/pdf.
	MediaType string
	Kind      rule.EvidenceKind
	// Width and Height are in pixels as stored, before any rotation that the
	// metadata asks for. They are zero for a document.
	Width, Height int
	// Duration is the length of a video, and zero where the file does not
	// state it (as in recordings written in fragments).
	Duration time.Duration
	// Codec is h264 or hevc for a video.
	Codec string
	// Recorded is what the recorder wrote into a video. A photo's is read by an
	// Engine.
	Recorded Metadata
}

// format walks one kind of file. It answers the facts and the position where
// the file's own structure ends; what follows is a trailer.
type format func(*source) (facts Facts, end int64, err error)

// Inspect reads a file of the given size and decides whether it is intact
// media of a type that evidence may have.
//
// A *Refusal is the verdict on the file and will be the same next time. Any
// other error is a failure to read r (also when r ends before size) and says
// nothing about the file: try again.
func Inspect(r io.ReaderAt, size int64) (Facts, error) {
	if size < 0 {
		return Facts{}, fmt.Errorf("media: negative size %d", size)
	}
	if size == 0 {
		return Facts{}, refuse(ReasonEmpty, "no bytes")
	}
	s := newSource(r, size)

	head, err := s.from(0, 1)
	if err != nil {
		return Facts{}, err
	}
	walk, err := recognise(head, size)
	if err != nil {
		return Facts{}, err
	}

	facts, end, err := walk(s)
	if err != nil {
		return Facts{}, err
	}
	if err := refusePolyglot(s, end); err != nil {
		return Facts{}, err
	}
	return facts, nil
}

// recognise picks the walk by the first bytes, or says what the file is
// instead of media.
func recognise(head []byte, size int64) (format, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return inspectJPEG, nil
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return inspectPNG, nil
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return inspectWebP, nil
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return inspectPDF, nil
	case looksLikeISO(head, size):
		return inspectISO, nil
	default:
		return nil, rejectForeign(head)
	}
}

// checkPixels refuses a picture without area, or with more pixels than limit.
func checkPixels(name string, width, height int64, limit int64) error {
	if width <= 0 || height <= 0 {
		return refuse(ReasonCorrupt, "%s: %d × %d pixels", name, width, height)
	}
	if width > limit || height > limit || width*height > limit {
		return refuse(ReasonTooManyPixels, "%s: %d × %d pixels", name, width, height)
	}
	return nil
}
