package testkit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/cleargrid/cleargrid/internal/media"
)

// decoder is the media engine with a memory: a file with the same bytes is decoded
// once in a process, whichever test and database it is for, and what was made of it
// is given again. Each answer is first the engine's; errors that say nothing about the
// file are not remembered.
type decoder struct {
	*media.Engine
}

// decodings are what was decoded, by the SHA-256 of the file and what was asked.
var decodings struct {
	sync.Mutex
	by map[string]*decoding
}

// decoding is what the engine made of one file.
type decoding struct {
	sync.Mutex
	done    bool
	product media.Product
	refusal error
	files   [][]byte // of the renditions, in their order
}

// Process implements app.Decoder.
func (d decoder) Process(ctx context.Context, path string, facts media.Facts, folder string) (media.Product, error) {
	return d.remember(path, folder, "process "+facts.MediaType, func() (media.Product, error) {
		return d.Engine.Process(ctx, path, facts, folder)
	})
}

// Playable implements app.Decoder.
func (d decoder) Playable(ctx context.Context, path string, facts media.Facts, folder string) (media.Rendition, error) {
	p, err := d.remember(path, folder, "playable "+facts.MediaType, func() (media.Product, error) {
		r, err := d.Engine.Playable(ctx, path, facts, folder)
		return media.Product{Renditions: []media.Rendition{r}}, err
	})
	if err != nil {
		return media.Rendition{}, err
	}
	return p.Renditions[0], nil
}

// remember asks the engine, or gives what it made of the same bytes before.
func (d decoder) remember(path, folder, question string, ask func() (media.Product, error)) (media.Product, error) {
	sum, err := sumOf(path)
	if err != nil {
		return media.Product{}, err
	}
	known := decodingOf(fmt.Sprintf("%x %s", sum, question))
	known.Lock() // a second request for the same file waits for the first
	defer known.Unlock()
	if known.done {
		return known.give(folder)
	}
	p, err := ask()
	if refusal, ok := errors.AsType[*media.Refusal](err); ok {
		known.refusal, known.done = refusal, true
	}
	if err != nil {
		return p, err
	}
	for _, r := range p.Renditions {
		b, err := os.ReadFile(r.Path)
		if err != nil {
			return p, err
		}
		known.files = append(known.files, b)
	}
	known.product, known.done = p, true
	return p, nil
}

func decodingOf(key string) *decoding {
	decodings.Lock()
	defer decodings.Unlock()
	if decodings.by == nil {
		decodings.by = map[string]*decoding{}
	}
	if decodings.by[key] == nil {
		decodings.by[key] = &decoding{}
	}
	return decodings.by[key]
}

// give writes the renditions into another folder.
func (k *decoding) give(folder string) (media.Product, error) {
	if k.refusal != nil {
		return media.Product{}, k.refusal
	}
	p := k.product
	p.Renditions = make([]media.Rendition, len(k.files))
	for i, b := range k.files {
		r := k.product.Renditions[i]
		r.Path = filepath.Join(folder, filepath.Base(r.Path))
		if err := os.WriteFile(r.Path, b, 0o600); err != nil {
			return media.Product{}, err
		}
		p.Renditions[i] = r
	}
	return p, nil
}

func sumOf(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	copy(sum[:], h.Sum(nil))
	return sum, nil
}
