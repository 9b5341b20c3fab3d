package media

import "time"

// WithLimits lets a test wait less long, and need less memory, than a server
// would before it gives a file up.
func (e *Engine) WithLimits(within time.Duration, memory uint64) *Engine {
	e.picture = limits{within: within, memory: memory}
	return e
}

// ReadMetadata is what a worker reads before it decodes.
var ReadMetadata = readMetadata
