// Package tus answers /uploads/: resumable uploads by tus 1.0
// (https://tus.io/protocols/resumable-upload) for clients that reach nothing but
// the API's host.
//
// It decides what of the protocol is spoken, who is let in before the protocol
// is, and which status a fault has in it; tusd speaks the protocol itself. An
// upload is an announced file: its resource is /uploads/evidence_…, made by a POST
// that names the file. The package never decides where bytes go or when a file is
// whole (app.Stream). Extensions: creation, expiration, checksum, termination.
package tus

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/exp/slog" //nolint:depguard // what tusd takes

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/graph/transport"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// Path is where the handler is mounted.
const Path = "/uploads/"

const (
	extensions = "creation,expiration,checksum,termination"
	// idleFor is how long a sender may be silent.
	idleFor = time.Minute
	// waitForOther is how long a request waits for another one about the same
	// upload, which is made to end with what it has.
	waitForOther = 10 * time.Second
	retryAfter   = "5" // seconds
	// checksumMismatch is 460 of the checksum extension.
	checksumMismatch = 460
)

// Options are the bounds of a Handler.
type Options struct {
	Log zerolog.Logger
	// PerUser and Overall are how many requests may be sending bytes at once;
	// defaults 8 and 256.
	PerUser, Overall int
}

// Handler makes the handler. It expects the viewer in the request's context.
func Handler(a *app.App, o Options) (http.Handler, error) {
	composer := handler.NewStoreComposer()
	files := files{app: a, log: o.Log}
	composer.UseCore(files)
	composer.UseTerminater(files)
	memorylocker.New().UseIn(composer)
	protocol, err := handler.NewHandler(handler.Config{
		StoreComposer: composer, BasePath: Path, DisableDownload: true, DisableConcatenation: true,
		Cors: &handler.CorsConfig{Disable: true}, NetworkTimeout: idleFor, AcquireLockTimeout: waitForOther,
		Logger: slog.New(silent{}), // requests are logged, with their upload's id, where they end
	})
	if err != nil {
		return nil, fmt.Errorf("tus: %w", err)
	}
	g := &gate{app: a, log: o.Log, next: http.StripPrefix(Path, protocol), senders: newSenders(o.PerUser, o.Overall)}
	return g, nil
}

// gate lets a request through to the protocol once its sender may.
type gate struct {
	app     *app.App
	log     zerolog.Logger
	next    http.Handler
	senders *senders
}

// ServeHTTP closes what tusd leaves open: it knows no owner, lets a header name
// another method, hands out parts of other uploads, reflects any origin, and has
// no checksum.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Tus-Resumable", "1.0.0")
	if r.Method == http.MethodOptions {
		g.next.ServeHTTP(&answer{ResponseWriter: w}, r)
		return
	}
	r.Header.Del("X-HTTP-Method-Override")
	ask := &ask{language: transport.Language(r)}
	e, err := g.admit(r, ask)
	if err == nil && r.Method == http.MethodPatch {
		var leave func()
		if leave, err = g.senders.enter(e.UploaderID); err == nil {
			defer leave()
		}
	}
	if err != nil {
		g.refuse(w, r, ask, err)
		return
	}
	g.next.ServeHTTP(&answer{ResponseWriter: w, expires: evidence.UploadExpires(e)}, r.WithContext(context.WithValue(r.Context(), askKey{}, ask)))
}

// ask is what a request's handling needs to know below the protocol.
type ask struct {
	language  string
	algorithm string // of the checksum; empty without
	sum       []byte
}

type askKey struct{}

func askOf(ctx context.Context) *ask {
	if a, ok := ctx.Value(askKey{}).(*ask); ok {
		return a
	}
	return &ask{language: "en"}
}

// admit checks a request's form, and finds the file of the sender that it is about.
func (g *gate) admit(r *http.Request, ask *ask) (*ent.Evidence, error) {
	name := strings.TrimPrefix(r.URL.Path, Path)
	switch {
	case name == "" && r.Method == http.MethodPost:
		return g.admitPost(r)
	case name == "" || r.Method != http.MethodHead && r.Method != http.MethodPatch && r.Method != http.MethodDelete:
		return nil, errMethod
	}
	if err := ask.checksum(r); err != nil {
		return nil, err
	}
	return g.file(r.Context(), name, fault.Missing("upload"))
}

// admitPost looks at what tusd would take more widely than we do. Bytes come by
// PATCH only: a repeated POST must not append them to what is there.
func (g *gate) admitPost(r *http.Request) (*ent.Evidence, error) {
	for _, h := range []string{"Upload-Concat", "Upload-Defer-Length", "Upload-Checksum"} {
		if r.Header.Get(h) != "" {
			return nil, bad(h, "unsupported")
		}
	}
	if r.Header.Get("Content-Type") == "application/offset+octet-stream" || r.ContentLength > 0 {
		return nil, bad("Content-Type", "bytes_by_patch")
	}
	name, ok := handler.ParseMetadataHeader(r.Header.Get("Upload-Metadata"))["evidence"]
	if !ok {
		return nil, bad("Upload-Metadata", "missing")
	}
	e, err := g.file(r.Context(), name, bad("Upload-Metadata", "form"))
	if err != nil {
		return nil, err
	}
	if r.Header.Get("Upload-Length") != strconv.FormatInt(e.Size, 10) {
		return nil, bad("Upload-Length", "differs")
	}
	return e, nil
}

func (g *gate) file(ctx context.Context, name string, malformed error) (*ent.Evidence, error) {
	i, err := id.Parse(name)
	if err != nil || i.Noun != id.Evidence {
		return nil, malformed
	}
	return g.app.StreamedEvidence(ctx, i)
}

// checksum reads Upload-Checksum: "sha1 BASE64".
func (a *ask) checksum(r *http.Request) error {
	header := r.Header.Get("Upload-Checksum")
	if header == "" || r.Method != http.MethodPatch {
		return nil
	}
	name, encoded, _ := strings.Cut(header, " ")
	algorithm, ok := evidence.Checksums[name]
	if !ok {
		return bad("Upload-Checksum", "unsupported")
	}
	sum, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(sum) != algorithm().Size() {
		return bad("Upload-Checksum", "form")
	}
	a.algorithm, a.sum = name, sum
	return nil
}

var errMethod = errors.New("method")

func bad(header, reason string) error {
	texts := map[string]fault.Text{
		"unsupported":    fault.Tf("不支持 %s 的该取值。", "This server does not take this %s.", header),
		"bytes_by_patch": fault.T("请用 PATCH 发送内容。", "Send the bytes by PATCH."),
		"missing":        fault.T("Upload-Metadata 须含 evidence：已登记文件的标识（Base64）。", "Upload-Metadata must have evidence: the id of the announced file in Base64."),
		"form":           fault.Tf("%s 格式不正确。", "%s is malformed.", header),
		"differs":        fault.T("Upload-Length 与登记的文件大小不符。", "Upload-Length differs from the announced size."),
	}
	return fault.Bad(header, reason, texts[reason])
}

// refuse answers a request that goes no further.
func (g *gate) refuse(w http.ResponseWriter, r *http.Request, ask *ask, err error) {
	if errors.Is(err, errMethod) {
		w.Header().Set("Allow", "OPTIONS, POST, HEAD, PATCH, DELETE")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if fault.Is(err, fault.Internal) {
		g.log.Error().Err(err).Str("path", r.URL.Path).Msg("upload failed")
	}
	refusal := protocolError(err, ask.language).HTTPResponse
	for k, v := range refusal.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(refusal.StatusCode)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(refusal.Body))
	}
}

// protocolError is a fault as tusd answers it: its code and text, one line.
func protocolError(err error, language string) handler.Error {
	f := fault.Of(err)
	text := f.Text
	if len(f.Fields) > 0 {
		text = f.Fields[0].Text
	}
	e := handler.NewError(f.Code, text.In(language), status(f))
	if f.Kind.Retryable() {
		e.HTTPResponse.Header["Retry-After"] = retryAfter
	}
	if f.Kind == fault.Unauthenticated {
		e.HTTPResponse.Header["WWW-Authenticate"] = "Bearer"
	}
	return e
}

func status(f *fault.Error) int {
	switch {
	case errors.Is(f, evidence.ErrChecksum):
		return checksumMismatch
	case f.Code == "stream.received":
		return http.StatusForbidden
	}
	switch f.Kind {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.BadUserInput:
		return http.StatusBadRequest
	case fault.PayloadTooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.RetryLater, fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
		return http.StatusInternalServerError
	default:
		return http.StatusConflict
	}
}

// answer corrects the headers that tusd writes.
type answer struct {
	http.ResponseWriter
	expires time.Time
	written bool
}

// WriteHeader gives the extensions that are spoken, a Location that holds behind
// any proxy, and when the upload ends if nobody resumes it.
func (w *answer) WriteHeader(status int) {
	if !w.written {
		w.written = true
		h := w.Header()
		if h.Get("Tus-Extension") != "" {
			h.Set("Tus-Extension", extensions)
			h.Set("Tus-Checksum-Algorithm", "sha1,sha256")
		}
		if l := h.Get("Location"); l != "" {
			h.Set("Location", l[strings.Index(l, Path):])
		}
		if !w.expires.IsZero() && status/100 == 2 {
			h.Set("Upload-Expires", w.expires.UTC().Format(http.TimeFormat))
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *answer) Write(p []byte) (int, error) {
	if !w.written {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets deadlines reach the connection (http.ResponseController).
func (w *answer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// silent is a log handler that drops everything.
type silent struct{}

// Enabled implements slog.Handler.
func (silent) Enabled(context.Context, slog.Level) bool { return false }

// Handle implements slog.Handler.
func (silent) Handle(context.Context, slog.Record) error { return nil }

// WithAttrs implements slog.Handler.
func (s silent) WithAttrs([]slog.Attr) slog.Handler { return s }

// WithGroup implements slog.Handler.
func (s silent) WithGroup(string) slog.Handler { return s }
