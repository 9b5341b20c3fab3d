package media

import (
	"io"
	"time"
)

// WithLimits lets a test wait less long, and need less memory, than a server
// would before it gives a file up.
func (e *Engine) WithLimits(within time.Duration, memory uint64) *Engine {
	e.photo = limits{within: within, memory: memory}
	return e
}

// ReadMovie reads the metadata of a video.
func ReadMovie(r io.ReaderAt, size int64) (Metadata, error) {
	m, _, err := readMovie(r, size)
	return m, err
}

// ReadMetadata is what a worker reads before it decodes.
var ReadMetadata = readMetadata

// WithoutFFmpeg is an engine as on a machine where ffmpeg is not installed.
func WithoutFFmpeg() *Engine {
	e := NewEngine()
	e.ffmpeg = ""
	return e
}
