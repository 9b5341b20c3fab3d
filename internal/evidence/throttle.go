package evidence

import (
	"context"
	"io"
	"sync"
	"time"
)

// Reading files back for their verification takes as much of the machine as it can
// get. While somebody sends a file, who waits for the answer, each verification
// reads no more than throttleEvery bytes in throttleFor, that is 40 MiB a second.
const (
	throttleEvery = 1 << 20
	throttleFor   = 25 * time.Millisecond
)

// uploadActivity knows whether somebody is sending a file.
type uploadActivity struct {
	mu      sync.Mutex
	senders int
	none    chan struct{} // closed when the last one is done
}

// Receiving notes that somebody sends a file, until done: verification gives way
// meanwhile. The use cases that receive files do so themselves; the way past them,
// to the embedded object store, must call it.
func (fs *Files) Receiving() (done func()) { return fs.uploadActivity.enter() }

func (t *uploadActivity) enter() (leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.senders == 0 {
		t.none = make(chan struct{})
	}
	t.senders++
	return sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.senders--; t.senders == 0 {
			close(t.none)
		}
	})
}

// throttle waits until nobody sends, but not longer than most.
func (t *uploadActivity) throttle(ctx context.Context, most time.Duration) {
	t.mu.Lock()
	none, senders := t.none, t.senders
	t.mu.Unlock()
	if senders == 0 {
		return
	}
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-none:
	case <-late.C:
	case <-ctx.Done():
	}
}

// throttledReader reads a file as the uploads allow.
type throttledReader struct {
	ctx            context.Context
	uploadActivity *uploadActivity
	from           io.Reader
	left           int // bytes until it waits
}

// Read implements io.Reader.
func (y *throttledReader) Read(p []byte) (int, error) {
	if y.left <= 0 {
		y.uploadActivity.throttle(y.ctx, throttleFor)
		y.left = throttleEvery
	}
	n, err := y.from.Read(p)
	y.left -= n
	return n, err
}
