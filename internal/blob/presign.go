package blob

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// Request is what a client must send, exactly: method, URL and headers. Anybody
// who holds it can send it until it expires, so it is a secret.
type Request struct {
	Method string
	URL    string
	// Headers are signed: another value, or a missing one, is refused by the
	// store. Browsers send Content-Length by themselves and ignore it here.
	Headers   map[string]string
	ExpiresAt time.Time
}

// Content says which bytes a signed request may store, and nothing else.
type Content struct {
	Type   string
	Size   int64 // bytes
	SHA256 [32]byte
}

// PresignPut signs the upload of one object in one request. The store itself
// refuses another size or type (403) and, by its Abilities, other bytes (400) and
// an object that exists already (412, or 409 while another upload of it ends): a
// client that gets 412 for its own repeated request may take the first one as done.
//
// origin is the base URL under which the client reached us, such as
// "http://192.168.1.5:8080"; it is used when no public endpoint is configured.
// lifetime is between a second and seven days. No network is used.
func (s *Store) PresignPut(ctx context.Context, origin, key string, content Content, lifetime time.Duration) (Request, error) {
	if content.Size < 0 {
		return Request{}, errSize
	}
	return s.presign(ctx, origin, http.MethodPut, key, lifetime, nil, content.headers())
}

// headers are what a signed upload of the content fixes.
func (c Content) headers() map[string]string {
	return map[string]string{
		"Content-Type":          c.Type,
		"Content-Length":        strconv.FormatInt(c.Size, 10),
		"X-Amz-Checksum-Sha256": base64.StdEncoding.EncodeToString(c.SHA256[:]),
		"If-None-Match":         "*",
	}
}

// GetOptions change how the store answers a signed download.
type GetOptions struct {
	ContentType string // empty: as stored
	// Disposition is the whole Content-Disposition, for example
	// `attachment; filename="a.jpg"`; empty: none.
	Disposition string
}

// PresignGet signs the download of one object; ranges are allowed. See
// PresignPut about origin and lifetime. It does not look whether the object
// exists.
func (s *Store) PresignGet(ctx context.Context, origin, key string, lifetime time.Duration, opts GetOptions) (string, error) {
	query := url.Values{}
	if opts.ContentType != "" {
		query.Set("response-content-type", opts.ContentType)
	}
	if opts.Disposition != "" {
		query.Set("response-content-disposition", opts.Disposition)
	}
	r, err := s.presign(ctx, origin, http.MethodGet, key, lifetime, query, nil)
	return r.URL, err
}

// PresignPart signs the upload of one part of a multipart upload, number 1 to
// 10,000, of exactly size bytes. Parts may be sent in any order and again; the
// last one sent counts. See PresignPut about origin and lifetime. The content is
// not signed: look at Parts before completing, and at the whole afterwards.
func (s *Store) PresignPart(ctx context.Context, origin, key, uploadID string, number int, size int64, lifetime time.Duration) (Request, error) {
	if uploadID == "" || number < 1 || number > 10000 {
		return Request{}, errParts
	}
	if size < 1 {
		return Request{}, errSize
	}
	query := url.Values{"partNumber": {strconv.Itoa(number)}, "uploadId": {uploadID}}
	return s.presign(ctx, origin, http.MethodPut, key, lifetime, query, map[string]string{"Content-Length": strconv.FormatInt(size, 10)})
}

// presign signs a request with the given query and headers.
func (s *Store) presign(ctx context.Context, origin, method, key string, lifetime time.Duration, query url.Values, headers map[string]string) (Request, error) {
	if err := checkKey(key); err != nil {
		return Request{}, err
	}
	client, err := s.signer(origin)
	if err != nil {
		return Request{}, errRefused.Because(err)
	}
	signed := http.Header{}
	for name, value := range headers {
		signed.Set(name, value)
	}
	u, err := client.PresignHeader(ctx, method, s.cfg.Bucket, key, lifetime, query, signed)
	if err != nil {
		return Request{}, failure(err)
	}
	expiresAt, err := expiry(u.Query())
	if err != nil {
		return Request{}, errRefused.Because(err)
	}
	return Request{Method: method, URL: u.String(), Headers: headers, ExpiresAt: expiresAt}, nil
}

// signer is the client whose requests carry the host that clients reach.
func (s *Store) signer(origin string) (*minio.Client, error) {
	base := s.cfg.PublicEndpoint
	if base == "" {
		base = origin
	}
	if base == "" {
		base = s.cfg.Endpoint
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if client := s.public[base]; client != nil {
		return client, nil
	}
	client, err := s.client(base)
	if err != nil {
		return nil, err
	}
	if len(s.public) >= maxPublic {
		clear(s.public)
	}
	s.public[base] = client
	return client, nil
}

// expiry reads the end of a signed URL's life from the URL itself, which is what
// the store will go by.
func expiry(query url.Values) (time.Time, error) {
	from, err := time.Parse("20060102T150405Z", query.Get("X-Amz-Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("blob: date of a signed URL: %w", err)
	}
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	if err != nil {
		return time.Time{}, fmt.Errorf("blob: lifetime of a signed URL: %w", err)
	}
	return clock.Truncate(from.Add(time.Duration(seconds) * time.Second)), nil
}
