// Package blob is the object store: the only place that speaks S3, and the only
// importer of minio-go.
//
// It decides how objects are named, sealed against other bytes by signed
// headers, read in bounded memory, and how every failure of a store becomes a
// fault. It never decides which object exists for which record, it keeps no
// list of its own, and it knows no database. The use cases and jobs call it;
// clients reach the same store through the requests it signs.
package blob

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// DefaultRegion is used when Config.Region is empty: without a region signing
// would have to ask the network.
const DefaultRegion = "us-east-1"

// attempts is how often one request is tried in all. With the library's
// back-off of at most 0.2, 0.4 and 0.8 seconds this bridges the restart of the
// embedded store, and still answers a person in time.
const attempts = 4

// maxPublic bounds how many signing clients are kept, one per base URL. The
// base URL may come from a request's Host header, so anybody can make new ones.
const maxPublic = 64

// Config says where the store is and who we are to it.
type Config struct {
	// Endpoint is the base URL that the server itself uses, "http://host:port"
	// or "https://host", without a path.
	Endpoint string
	// PublicEndpoint is the base URL in signed requests. When it is empty the
	// origin given per call is used, and Endpoint when that is empty too.
	PublicEndpoint string
	Bucket         string
	AccessKey      string
	SecretKey      string
	// Region is signed into every request; empty is DefaultRegion.
	Region string
	// Transport carries the server's own requests; nil is minio-go's default.
	// The embedded store gives one that dials its unix socket.
	Transport http.RoundTripper
	// Private says that nobody can change on their way what Transport carries, so
	// that the bytes of objects need no signature.
	Private bool
}

// Store is one bucket. It is safe for concurrent use.
type Store struct {
	cfg  Config
	core *minio.Core

	mu     sync.Mutex
	public map[string]*minio.Client

	asking sync.Mutex // held while the store is asked for its abilities
	able   *Abilities // nil until it has answered
}

// Open makes a Store from its configuration. It does not use the network; an
// error says what is wrong with the configuration.
func Open(cfg Config) (*Store, error) {
	if cfg.Bucket == "" || cfg.AccessKey == "" || cfg.SecretKey == "" {
		return nil, fmt.Errorf("blob: bucket, access key and secret key are required")
	}
	if cfg.Region == "" {
		cfg.Region = DefaultRegion
	}
	s := &Store{cfg: cfg, public: map[string]*minio.Client{}}
	client, err := s.client(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	if cfg.PublicEndpoint != "" {
		if _, err := s.client(cfg.PublicEndpoint); err != nil {
			return nil, err
		}
	}
	s.core = &minio.Core{Client: client}
	return s, nil
}

// Bucket is the bucket's name.
func (s *Store) Bucket() string { return s.cfg.Bucket }

// client makes a minio-go client for a base URL.
func (s *Store) client(base string) (*minio.Client, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("blob: %q is not a base URL of the form http://host:port", base)
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(s.cfg.AccessKey, s.cfg.SecretKey, ""),
		Secure:     u.Scheme == "https",
		Transport:  s.cfg.Transport,
		Region:     s.cfg.Region,
		MaxRetries: attempts,
	})
	if err != nil {
		return nil, fmt.Errorf("blob: base URL %q: %w", base, err)
	}
	return client, nil
}

// Prepare creates the bucket if it is missing, with object lock (and therefore
// versioning) where the store has it: neither can be relied on later. It finds
// out the Abilities. It may run any number of times.
func (s *Store) Prepare(ctx context.Context) error {
	found, err := s.core.BucketExists(ctx, s.cfg.Bucket)
	if err != nil {
		return failure(err)
	}
	if !found {
		if err := s.create(ctx); err != nil {
			return err
		}
	}
	_, err = s.Abilities(ctx)
	return err
}

// create makes the bucket, without object lock when the store refuses it with.
func (s *Store) create(ctx context.Context) error {
	var err error
	for _, lock := range []bool{true, false} {
		err = s.core.MakeBucket(ctx, s.cfg.Bucket, minio.MakeBucketOptions{Region: s.cfg.Region, ObjectLocking: lock})
		switch {
		case err == nil, code(err) == "BucketAlreadyOwnedByYou":
			return nil
		case unreachable(err):
			return failure(err)
		}
	}
	return failure(err)
}

// Check asks whether the bucket can be reached: UNAVAILABLE when it can't, or
// when it does not exist.
func (s *Store) Check(ctx context.Context) error {
	found, err := s.core.BucketExists(ctx, s.cfg.Bucket)
	if err != nil {
		return failure(err)
	}
	if !found {
		return errBucketMissing
	}
	return nil
}

// DeriveKey makes a secret for one purpose out of the store's own, so that every
// process of an installation has the same one and none has to be kept. It tells
// nothing about the store's.
func (s *Store) DeriveKey(purpose string) []byte {
	h := hmac.New(sha256.New, []byte(s.cfg.SecretKey))
	_, _ = h.Write([]byte("cleargrid key for " + purpose))
	return h.Sum(nil)
}
