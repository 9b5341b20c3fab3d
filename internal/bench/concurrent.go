package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cleargrid/cleargrid/internal/clock"
)

const (
	concurrent = "upload.concurrent"
	// A slow client sends tricklePiece bytes, then waits.
	tricklePiece = 32 << 10
	trickleEvery = 100 * time.Millisecond
)

// concurrent sends many files by tus at once, slowly, spread over the accounts,
// and says how much the server grew meanwhile. A client that is refused for now, because
// too many uploads are open, tries again.
func (o Options) concurrent(ctx context.Context) Line {
	l := Line{Workload: concurrent, Uploads: o.Uploads, Bytes: int64(o.Uploads) * o.Trickle}
	var clients []*client
	var err error
	for _, a := range o.Accounts {
		var c *client
		if c, err = signIn(ctx, o.URL, a); err != nil {
			l.Error = err.Error()
			return l
		}
		clients = append(clients, c)
	}
	f := file{kind: "PHOTO", mediaType: "image/jpeg", size: o.Trickle}.filled()
	var refused atomic.Int64
	failures := make(chan error, o.Uploads)
	before, from := processOf(o.Process).memory, clock.System{}.Now()
	peak := peakOf(ctx, o.Process)
	var sending sync.WaitGroup
	for i := range o.Uploads {
		sending.Go(func() {
			if err := clients[i%len(clients)].trickle(ctx, f, &refused); err != nil {
				failures <- err
			}
		})
	}
	sending.Wait()
	l.Seconds = clock.System{}.Now().Sub(from).Seconds()
	l.BytesPerSecond, l.Refused = float64(l.Bytes)/l.Seconds, refused.Load()
	if most := peak(); most > 0 {
		l.GrowthMiB = float64(most-before) / (1 << 20)
	}
	if len(failures) > 0 {
		l.Error = (<-failures).Error()
	}
	return l
}

// trickle sends a file under an id of its own.
func (c *client) trickle(ctx context.Context, f file, refused *atomic.Int64) error {
	f.id = newID()
	to, err := c.tusCreate(ctx, f)
	if err != nil {
		return err
	}
	for {
		err := c.tusPatch(ctx, to, f.size, &slow{ctx: ctx, from: bytes.NewReader(f.content)})
		var s status
		if !errors.As(err, &s) || s != http.StatusTooManyRequests && s != http.StatusServiceUnavailable {
			return err
		}
		refused.Add(1)
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// slow gives a piece at a time.
type slow struct {
	ctx  context.Context
	from io.Reader
}

func (s *slow) Read(p []byte) (int, error) {
	if err := pause(s.ctx, trickleEvery); err != nil {
		return 0, err
	}
	return s.from.Read(p[:min(len(p), tricklePiece)])
}
