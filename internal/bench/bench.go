// Package bench measures a running server: how fast it takes evidence, beside how
// fast its object store takes the same bytes without it, in the same run.
//
// Measured is the time from the first request about some files, sent at once, until
// the last byte of the last is acknowledged, as clients on the same machine see it,
// and the processor time of the server with its store meanwhile. Not measured: the client's own work
// before (random bytes and their SHA-256), and the verification after, which is
// waited for between two measurements so that it disturbs none. Figures of different runs
// or machines can't be compared; the ratios inside one run can. The package judges
// nothing: a ratio below its target is for people. `cleargrid bench` calls it.
package bench

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
)

// Account is who uploads.
type Account struct {
	Account  string `json:"account"`
	Password string `json:"password"`
}

// Options say what is measured. Zero values mean the defaults.
type Options struct {
	URL string // of the server
	// Accounts of people who may announce evidence; the first one sends what is
	// measured one by one.
	Accounts []Account
	// Store is the object store that the server uses, and Origin the base URL of
	// signed requests to it, empty for the store's own.
	Store  *blob.Store
	Origin string
	// Process is the server's process, 0 when it is on another machine: then
	// nothing is said of its processor time and memory.
	Process int
	// Workloads are names such as upload.tus, or upload for all.
	Workloads []string
	Rounds    int   // default 3
	Senders   int   // how many files are sent at once; default 4
	Photo     int64 // bytes; default 8 MiB
	Video     int64 // bytes; default 64 MiB
	// Uploads are how many files of Trickle bytes come at once, slowly; defaults
	// 200 and 2 MiB.
	Uploads int
	Trickle int64
	Out     io.Writer // gets a line of JSON for each workload
}

// Line is what is said of one workload.
type Line struct {
	Workload         string  `json:"workload"`
	Bytes            int64   `json:"bytes,omitempty"`
	Seconds          float64 `json:"seconds,omitempty"` // the median round
	BytesPerSecond   float64 `json:"bytesPerSecond,omitempty"`
	CPUSecondsPerGiB float64 `json:"cpuSecondsPerGiB,omitempty"`
	Reference        string  `json:"reference,omitempty"`
	Ratio            float64 `json:"ratio,omitempty"` // of its speed to that of the reference
	Target           float64 `json:"target,omitempty"`
	Uploads          int     `json:"uploads,omitempty"`
	Refused          int64   `json:"refused,omitempty"` // and tried again
	GrowthMiB        float64 `json:"growthMiB,omitempty"`
	Error            string  `json:"error,omitempty"` // why it was not measured to its end
}

// workload is one way of sending a file.
type workload struct {
	name   string
	target float64
	most   int64 // bytes; 0 for any
	send   func(ctx context.Context, f file) error
	// settle ends what the file began, unmeasured.
	settle func(ctx context.Context, f file) error
}

// sample is one file sent.
type sample struct {
	bytes        int64
	seconds, cpu float64
}

const reference = "upload.plainPut"

// Known are the workloads there are.
var Known = []string{reference, "upload.presigned", "upload.tus", "upload.graphql", concurrent}

// Run measures and writes its lines. An error means that nothing was measured.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	chosen, err := choose(o.Workloads)
	if err != nil {
		return err
	}
	c, err := signIn(ctx, o.URL, o.Accounts[0])
	if err != nil {
		return err
	}
	plain := plainPut{o.Store, o.Origin}
	all := []workload{
		{name: reference, send: plain.send, settle: plain.remove},
		{name: "upload.presigned", target: 0.95, send: c.presigned, settle: c.settled},
		{name: "upload.tus", target: 0.7, send: c.tus, settle: c.settled},
		{name: "upload.graphql", most: 10 << 20, send: c.graphql, settle: c.settled},
	}
	all = slices.DeleteFunc(all, func(w workload) bool { return w.name != reference && !slices.Contains(chosen, w.name) })
	samples, failures, err := o.rounds(ctx, all)
	if err != nil {
		return err
	}
	out := json.NewEncoder(o.Out)
	for _, w := range all {
		if err := out.Encode(summary(w, samples[w.name], samples[reference], failures[w.name])); err != nil {
			return err
		}
	}
	if slices.Contains(chosen, concurrent) {
		return out.Encode(o.concurrent(ctx))
	}
	return nil
}

func (o Options) withDefaults() Options {
	o.Rounds, o.Senders = cmp.Or(o.Rounds, 3), cmp.Or(o.Senders, 4)
	o.Photo, o.Video = cmp.Or(o.Photo, 8<<20), cmp.Or(o.Video, 64<<20)
	o.Uploads, o.Trickle = cmp.Or(o.Uploads, 200), cmp.Or(o.Trickle, 2<<20)
	if len(o.Workloads) == 0 {
		o.Workloads = []string{"upload"}
	}
	return o
}

// choose gives the workloads that a list of names means.
func choose(names []string) ([]string, error) {
	var out []string
	for _, n := range names {
		before := len(out)
		for _, k := range Known {
			if k == n || strings.HasPrefix(k, n+".") {
				out = append(out, k)
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("no workload %q; there are %s", n, strings.Join(Known, ", "))
		}
	}
	return out, nil
}

// rounds sends a photo and a video each way, round by round, so that what slows
// the machine for a while slows all alike. A way that fails is left.
func (o Options) rounds(ctx context.Context, all []workload) (map[string][]sample, map[string]error, error) {
	samples, failures := map[string][]sample{}, map[string]error{}
	for range o.Rounds {
		for _, kind := range []file{{kind: "PHOTO", mediaType: "image/jpeg", size: o.Photo}, {kind: "VIDEO", mediaType: "video/mp4", size: o.Video}} {
			for _, w := range all {
				if failures[w.name] != nil || w.most > 0 && kind.size > w.most {
					continue
				}
				s, err := o.measure(ctx, w, kind)
				switch {
				case err == nil:
					samples[w.name] = append(samples[w.name], s)
				case w.name == reference, ctx.Err() != nil:
					return nil, nil, fmt.Errorf("%s: %w", w.name, err)
				default:
					failures[w.name] = err
				}
			}
		}
	}
	return samples, failures, nil
}

func (o Options) measure(ctx context.Context, w workload, f file) (sample, error) {
	files := make([]file, o.Senders)
	for i := range files {
		files[i] = f.filled()
	}
	errs := make([]error, o.Senders)
	before := processOf(o.Process)
	from := clock.System{}.Now()
	var sending sync.WaitGroup
	for i, f := range files {
		sending.Go(func() { errs[i] = w.send(ctx, f) })
	}
	sending.Wait()
	seconds := clock.System{}.Now().Sub(from).Seconds()
	cpu := processOf(o.Process).cpu - before.cpu
	for i, f := range files {
		if errs[i] == nil {
			errs[i] = w.settle(ctx, f)
		}
	}
	return sample{f.size * int64(o.Senders), seconds, cpu}, errors.Join(errs...)
}

// summary takes the median of each size and adds the sizes up, and compares with
// the reference at the same sizes.
func summary(w workload, own, ref []sample, failure error) Line {
	l := Line{Workload: w.name, Target: w.target}
	if failure != nil {
		l.Error = failure.Error()
	}
	if len(own) == 0 {
		return l
	}
	sizes, compared := bySize(own), bySize(ref)
	var theirs, cpu float64
	for size, seconds := range sizes {
		l.Bytes += size
		l.Seconds += median(seconds)
		theirs += median(compared[size])
	}
	var total int64
	for _, s := range own {
		total += s.bytes
		cpu += s.cpu
	}
	l.BytesPerSecond = float64(l.Bytes) / l.Seconds
	l.CPUSecondsPerGiB = cpu / float64(total) * (1 << 30)
	if w.name != reference {
		l.Reference, l.Ratio = reference, theirs/l.Seconds
	}
	return l
}

func bySize(samples []sample) map[int64][]float64 {
	m := map[int64][]float64{}
	for _, s := range samples {
		m[s.bytes] = append(m[s.bytes], s.seconds)
	}
	return m
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// file is random bytes that call themselves a photo or a video: the server takes
// them, and refuses them when it verifies them.
type file struct {
	id, kind, mediaType string
	size                int64
	content             []byte
	sum                 [sha256.Size]byte
}

func (f file) filled() file {
	f.id = newID()
	f.content = make([]byte, f.size)
	_, _ = rand.Read(f.content) // never fails
	f.sum = sha256.Sum256(f.content)
	return f
}
