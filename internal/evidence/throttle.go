package evidence

import (
	"context"
	"io"
	"sync"
	"time"
)

// Reading files back for their verification takes as much of the machine as it can
// get. While somebody sends a file, who waits for the answer, each verification
// reads no more than yieldEvery bytes in yieldFor, that is 40 MiB a second.
const (
	yieldEvery = 1 << 20
	yieldFor   = 25 * time.Millisecond
)

// traffic knows whether somebody is sending a file.
type traffic struct {
	mu      sync.Mutex
	senders int
	none    chan struct{} // closed when the last one is done
}

// Receiving notes that somebody sends a file, until done: verification gives way
// meanwhile. The use cases that receive files do so themselves; the way past them,
// to the embedded object store, must call it.
func (fs *Files) Receiving() (done func()) { return fs.traffic.enter() }

func (t *traffic) enter() (leave func()) {
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

// giveWay waits until nobody sends, but not longer than most.
func (t *traffic) giveWay(ctx context.Context, most time.Duration) {
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

// yielding reads a file as traffic allows.
type yielding struct {
	ctx     context.Context
	traffic *traffic
	from    io.Reader
	left    int // bytes until it gives way
}

// Read implements io.Reader.
func (y *yielding) Read(p []byte) (int, error) {
	if y.left <= 0 {
		y.traffic.giveWay(y.ctx, yieldFor)
		y.left = yieldEvery
	}
	n, err := y.from.Read(p)
	y.left -= n
	return n, err
}
