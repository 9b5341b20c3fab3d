package bench

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
)

// plainPut is the reference: one signed PUT of the bytes, checked by the store,
// and no record of them anywhere.
type plainPut struct {
	store  *blob.Store
	origin string
}

func (p plainPut) send(ctx context.Context, f file) error {
	r, err := p.store.PresignPut(ctx, p.origin, p.key(f), blob.Content{Type: f.mediaType, Size: f.size, SHA256: f.sum}, time.Hour)
	if err != nil {
		return err
	}
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	_, _, err = send(ctx, r.Method, r.URL, header, bytes.NewReader(f.content))
	return err
}

func (p plainPut) remove(ctx context.Context, f file) error { return p.store.Remove(ctx, p.key(f)) }

func (plainPut) key(f file) string { return "bench/" + f.id }
