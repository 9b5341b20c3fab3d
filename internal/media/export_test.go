package media

import "time"

// Limited is an Engine whose workers may cost less than usual.
func Limited(within time.Duration, memory uint64) *Engine {
	e := NewEngine()
	e.picture = limits{within: within, memory: memory}
	return e
}

// ReadMetadata is what a worker reads of a photo.
var ReadMetadata = readMetadata
