package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// What needs a running store is in blobtest. Here is what a store can't be made
// to say, and what must not ask one.

func TestMain(m *testing.M) {
	minio.DefaultRetryUnit = time.Millisecond // nobody waits for retries here
	os.Exit(m.Run())
}

func storeAt(t *testing.T, endpoint, public string, transport http.RoundTripper) *Store {
	t.Helper()
	s, err := Open(Config{
		Endpoint: endpoint, PublicEndpoint: public, Bucket: "evidence", AccessKey: "access", SecretKey: "secret", Transport: transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// noNetwork fails the test when a request is sent.
type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s %s was sent", r.Method, r.URL)
	return nil, errors.New("no network")
}

func TestOpenRefusesBadConfig(t *testing.T) {
	good := Config{Endpoint: "https://s3.example.com", Bucket: "evidence", AccessKey: "a", SecretKey: "s"}
	if _, err := Open(good); err != nil {
		t.Fatalf("the control: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no bucket":      func(c *Config) { c.Bucket = "" },
		"no access key":  func(c *Config) { c.AccessKey = "" },
		"no secret key":  func(c *Config) { c.SecretKey = "" },
		"no endpoint":    func(c *Config) { c.Endpoint = "" },
		"no scheme":      func(c *Config) { c.Endpoint = "s3.example.com" },
		"other scheme":   func(c *Config) { c.Endpoint = "ftp://s3.example.com" },
		"a path":         func(c *Config) { c.Endpoint = "https://example.com/s3" },
		"a user":         func(c *Config) { c.Endpoint = "https://me@s3.example.com" },
		"a query":        func(c *Config) { c.Endpoint = "https://s3.example.com?x=1" },
		"a bad public":   func(c *Config) { c.PublicEndpoint = "phones.example.com" },
		"a public path":  func(c *Config) { c.PublicEndpoint = "https://example.com/s3" },
		"a bad host":     func(c *Config) { c.Endpoint = "https://_._" },
		"no host at all": func(c *Config) { c.Endpoint = "https://" },
	} {
		cfg := good
		change(&cfg)
		if _, err := Open(cfg); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// The host in a signed request is the public endpoint, else the caller's origin,
// else the store's own; and signing asks nobody.
func TestSignedHost(t *testing.T) {
	for _, c := range []struct{ public, origin, want string }{
		{"", "", "http://store.internal:9000"},
		{"", "http://192.168.1.5:8080", "http://192.168.1.5:8080"},
		{"", "http://[fd00::5]:8080", "http://[fd00::5]:8080"},
		{"", "https://safe.example.com", "https://safe.example.com"},
		{"", "https://safe.example.com/", "https://safe.example.com"},
		{"https://files.example.com", "http://192.168.1.5:8080", "https://files.example.com"},
		{"https://files.example.com", "", "https://files.example.com"},
	} {
		s := storeAt(t, "http://store.internal:9000", c.public, noNetwork{t})
		put, err := s.PresignPut(t.Context(), c.origin, "a/b.jpg", Content{Type: "image/jpeg", Size: 3}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		part, err := s.PresignPart(t.Context(), c.origin, "a/b.jpg", "id", 7, 5, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		get, err := s.PresignGet(t.Context(), c.origin, "a/b.jpg", time.Hour, GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, signed := range []string{put.URL, part.URL, get} {
			if !strings.HasPrefix(signed, c.want+"/evidence/a/b.jpg?") {
				t.Errorf("public %q, origin %q: %s", c.public, c.origin, signed)
			}
		}
	}
	s := storeAt(t, "http://store.internal:9000", "", noNetwork{t})
	for _, origin := range []string{"192.168.1.5", "javascript:x", "http://", "http://host/path", "http://h\x00st"} {
		if _, err := s.PresignGet(t.Context(), origin, "a", time.Hour, GetOptions{}); err == nil {
			t.Errorf("origin %q was taken", origin)
		}
	}
	// Anybody can make origins; they don't pile up.
	for i := range 10 * maxPublic {
		if _, err := s.PresignGet(t.Context(), fmt.Sprintf("http://10.0.%d.%d", i/256, i%256), "a", time.Hour, GetOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.public) > maxPublic {
		t.Errorf("%d clients are kept", len(s.public))
	}
}

func TestSignedPutCoversEveryHeader(t *testing.T) {
	s := storeAt(t, "http://store.internal:9000", "", noNetwork{t})
	r, err := s.PresignPut(t.Context(), "", "a", Content{Type: "video/mp4", Size: 12345, SHA256: [32]byte{1}}, 90*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	signed := strings.Split(u.Query().Get("X-Amz-SignedHeaders"), ";")
	for name := range r.Headers {
		if !slices.Contains(signed, strings.ToLower(name)) {
			t.Errorf("%s is not signed", name)
		}
	}
	if len(signed) != len(r.Headers)+1 { // and the host
		t.Errorf("signed %q, to be sent %v", signed, r.Headers)
	}
	if r.Headers["Content-Length"] != "12345" || r.Headers["Content-Type"] != "video/mp4" || r.Headers["If-None-Match"] != "*" ||
		r.Headers["X-Amz-Checksum-Sha256"] != "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" {
		t.Errorf("headers %v", r.Headers)
	}
	from, err := time.Parse("20060102T150405Z", u.Query().Get("X-Amz-Date"))
	if err != nil || !r.ExpiresAt.Equal(from.Add(90*time.Second)) || r.ExpiresAt.Location() != time.UTC {
		t.Errorf("signed at %s for 90 s, expires at %s (%v)", from, r.ExpiresAt, err)
	}
	for _, lifetime := range []time.Duration{0, -time.Second, time.Millisecond, 8 * 24 * time.Hour} {
		if _, err := s.PresignPut(t.Context(), "", "a", Content{}, lifetime); err == nil {
			t.Errorf("lifetime %s was taken", lifetime)
		}
	}
	if _, err := s.PresignPut(t.Context(), "", "a", Content{Size: -1}, time.Hour); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("a negative size: %v", err)
	}
}

// saying is a store that gives one answer to everything.
func saying(t *testing.T, status int, code string) *Store {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>said so</Message></Error>", code)
	}))
	t.Cleanup(server.Close)
	return storeAt(t, server.URL, "", nil)
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   fault.Kind
	}{
		{404, "NoSuchKey", fault.NotFound},
		{404, "NoSuchUpload", fault.NotFound},
		{404, "NoSuchVersion", fault.NotFound},
		{404, "NoSuchBucket", fault.Unavailable}, // a wrong setting, and no reason to think the object gone
		{412, "PreconditionFailed", fault.Conflict},
		{409, "ConditionalRequestConflict", fault.Conflict},
		{400, "InvalidPart", fault.Conflict},
		{400, "EntityTooSmall", fault.Conflict},
		{403, "AccessDenied", fault.Internal},
		{403, "SignatureDoesNotMatch", fault.Internal},
		{400, "BadDigest", fault.Internal},
		{501, "NotImplemented", fault.Internal},
		{418, "Teapot", fault.Internal},
		{507, "InsufficientStorage", fault.Unavailable}, // the disk is full: versitygw
		{403, "QuotaExceeded", fault.Unavailable},       // versitygw, Ceph
	} {
		t.Run(c.code, func(t *testing.T) {
			s := saying(t, c.status, c.code)
			_, err := s.Parts(t.Context(), "a", "id")
			if !fault.Is(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if !strings.Contains(err.Error(), "said so") {
				t.Errorf("the store's own words are lost: %v", err)
			}
			if text := fault.Of(err).Text; text.ZH == "" || strings.Contains(text.EN+text.ZH, "said so") {
				t.Errorf("text for people: %+v", text)
			}
		})
	}
	for _, status := range []int{500, 502, 503, 504, 429} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := saying(t, status, "SlowDown")
			for _, err := range []error{second(s.Stat(t.Context(), "a")), s.Check(t.Context())} {
				if !fault.Is(err, fault.Unavailable) {
					t.Errorf("got %v, want UNAVAILABLE", err)
				}
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := saying(t, 500, "InternalError")
		for _, err := range []error{second(s.Stat(ctx, "a")), s.List(ctx, "", func(Object) error { return nil })} {
			if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want UNAVAILABLE by cancellation", err)
			}
		}
	})
}

func second(_ any, err error) error { return err }

// A store without versioning, object lock or the questions about them is fine.
func TestPrepareWithoutAbilities(t *testing.T) {
	var made []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock := r.Header.Get("X-Amz-Bucket-Object-Lock-Enabled")
		switch {
		case r.Method == http.MethodHead && len(made) < 2:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodPut && r.URL.RawQuery == "":
			made = append(made, lock)
			if lock != "" {
				w.WriteHeader(http.StatusNotImplemented)
			}
		case r.URL.RawQuery != "":
			w.WriteHeader(http.StatusNotImplemented)
			fmt.Fprint(w, "<Error><Code>NotImplemented</Code></Error>")
		}
	}))
	defer server.Close()
	s := storeAt(t, server.URL, "", nil)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(made, []string{"true", ""}) {
		t.Errorf("buckets were asked for with object lock %q", made)
	}
	if able, err := s.Abilities(t.Context()); err != nil || able != (Abilities{}) {
		t.Errorf("abilities %+v, %v", able, err)
	}
	if err := s.Prepare(t.Context()); err != nil || len(made) != 2 {
		t.Errorf("a second Prepare: %v, %d buckets", err, len(made))
	}
}

// Long lists come in pages; every page is read.
func TestPages(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		w.Header().Set("Content-Type", "application/xml")
		switch {
		case q.Has("uploadId") && q.Get("part-number-marker") == "0":
			fmt.Fprint(w, `<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker><Part><PartNumber>1</PartNumber><Size>5</Size><ETag>"x"</ETag></Part><Part><PartNumber>2</PartNumber><Size>6</Size><ETag>"y"</ETag></Part></ListPartsResult>`)
		case q.Has("uploadId") && q.Get("part-number-marker") == "2":
			fmt.Fprint(w, `<ListPartsResult><Part><PartNumber>9</PartNumber><Size>7</Size><ETag>"z"</ETag></Part></ListPartsResult>`)
		case q.Has("uploads") && q.Get("key-marker") == "":
			fmt.Fprint(w, `<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker><Upload><Key>a</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>`)
		case q.Has("uploads") && q.Get("key-marker") == "a" && q.Get("upload-id-marker") == "1":
			fmt.Fprint(w, `<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>2</UploadId></Upload><Upload><Key>b</Key><UploadId>3</UploadId></Upload></ListMultipartUploadsResult>`)
		default:
			t.Errorf("asked for %s", r.URL)
		}
	}))
	defer server.Close()
	s := storeAt(t, server.URL, "", nil)
	parts, err := s.Parts(t.Context(), "a", "id")
	if want := []Part{{1, 5, "x"}, {2, 6, "y"}, {9, 7, "z"}}; err != nil || !slices.Equal(parts, want) {
		t.Errorf("parts %v, %v", parts, err)
	}
	var ids []string
	err = s.Uploads(t.Context(), "", func(u Upload) error { ids = append(ids, u.Key+u.ID); return nil })
	if err != nil || !slices.Equal(ids, []string{"a1", "a2", "b3"}) {
		t.Errorf("uploads %q, %v", ids, err)
	}
}
