// Package embedded is the object store that comes with the program: versitygw's
// POSIX backend, run as a child process of the same binary and reached on the
// server's own port.
//
// It decides how that child is started, supervised, kept alone in its folder and
// made durable, and which requests of clients may reach it. It never decides
// what is stored or who may have a signed request, and it knows no database.
// cmd/cleargrid starts it when no other store is configured, gives its Config to
// package blob and mounts its Handler.
//
// The child is a process of its own because the backend changes the working
// directory of its process. Its standard input is a pipe from the parent: the
// end of the pipe is the end of the child, however the parent ended.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
)

const (
	// region is signed into every request; any constant would do.
	region = blob.DefaultRegion
	// endpoint is a name for the child that no resolver ever sees: the
	// transport dials the socket.
	endpoint = "http://object-store.internal"

	// startWithin is how long a child may take until it answers. It covers the
	// wait for an orphan to let go of the folder.
	startWithin = 30 * time.Second
	// endWithin is how long a child may take to end before it is killed.
	endWithin = 5 * time.Second
	// The pause before a dead child is started again doubles between these.
	firstPause, longestPause = 100 * time.Millisecond, 5 * time.Second
	// steadyAfter is how long a child must have lived for its end to count as
	// the first one again.
	steadyAfter = time.Minute
)

// Options say where the store lives.
type Options struct {
	// Dir is the store's own folder; it is created with mode 0700. It must be on
	// a local file system.
	Dir    string
	Bucket string
	// Executable is the program that dispatches ChildCommand to RunChild; empty
	// is the running one.
	Executable string
	Log        zerolog.Logger

	// ready receives the process id of every child that answers.
	ready func(pid int)
}

// Server is a running store.
type Server struct {
	opts      Options
	folder    folder
	secrets   credentials
	socket    string
	transport *http.Transport
	release   []func() // undoes Start, in reverse order

	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
}

// Start starts the store and keeps it running until Close. It returns when the
// store answers. It fails when another process uses the folder.
func Start(ctx context.Context, opts Options) (*Server, error) {
	s := &Server{opts: opts, stop: make(chan struct{}), stopped: make(chan struct{})}
	first, err := s.start(ctx)
	if err != nil {
		s.undo()
		return nil, fmt.Errorf("embedded object store: %w", err)
	}
	go s.supervise(first) //nolint:gosec // it lives until Close, longer than the start's context
	return s, nil
}

func (s *Server) start(ctx context.Context) (*child, error) {
	if s.opts.Bucket == "" {
		return nil, errors.New("no bucket")
	}
	if s.opts.Executable == "" {
		own, err := os.Executable()
		if err != nil {
			return nil, err
		}
		s.opts.Executable = own
	}

	// The folder belongs to one server at a time. The lock goes with the
	// process, so a killed server does not leave it behind.
	var err error
	if s.folder, err = openFolder(s.opts.Dir); err != nil {
		return nil, err
	}
	unlock, err := lock(ctx, s.folder.serverLock(), 0)
	if err != nil {
		return nil, fmt.Errorf("another server uses the folder %s: %w", s.folder.path, err)
	}
	s.release = append(s.release, unlock)
	if s.secrets, err = s.folder.credentials(); err != nil {
		return nil, err
	}

	socket, remove, err := s.folder.socket()
	if err != nil {
		return nil, err
	}
	s.socket = socket
	s.transport = dial(socket)
	s.release = append(s.release, remove, s.transport.CloseIdleConnections)
	if err := s.folder.remember(socketFile, socket); err != nil {
		return nil, err
	}
	return s.launch(ctx)
}

// socketFile tells other processes of the same machine where the store listens.
const socketFile = "socket.json"

// Attach gives a way to the store that another process of the same user has
// started on the folder, for tools that run beside the server. It fails when
// nothing answers there.
func Attach(ctx context.Context, opts Options) (blob.Config, error) {
	s := &Server{opts: opts}
	var err error
	if s.folder, err = openFolder(opts.Dir); err != nil {
		return blob.Config{}, fmt.Errorf("embedded object store: %w", err)
	}
	if err = s.folder.remembered(socketFile, &s.socket); err != nil {
		return blob.Config{}, fmt.Errorf("embedded object store: %w", err)
	}
	if s.secrets, err = s.folder.credentials(); err != nil {
		return blob.Config{}, fmt.Errorf("embedded object store: %w", err)
	}
	s.transport = dial(s.socket)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+healthPath, nil)
	if err != nil {
		return blob.Config{}, fmt.Errorf("embedded object store: %w", err)
	}
	answer, err := s.transport.RoundTrip(request)
	if err != nil {
		return blob.Config{}, fmt.Errorf("embedded object store: %w", err)
	}
	answer.Body.Close()
	return s.Config(), nil
}

// undo gives back what start took.
func (s *Server) undo() {
	for _, release := range slices.Backward(s.release) {
		release()
	}
}

// dial is a transport to the child, whatever host a request names.
func dial(socket string) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			c, err := d.DialContext(ctx, "unix", socket)
			if err != nil {
				return nil, err
			}
			return &patientConn{Conn: c}, nil
		},
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
		ReadBufferSize:      64 << 10,
		WriteBufferSize:     64 << 10,
		// Objects come as they are stored: their hashes are compared.
		DisableCompression: true,
	}
}

// patientConn lets the answer through when the store refuses a long body: it
// answers, reads at most 256 KiB more and closes, which net/http's transport would
// report as a failed write, and a client would take for a reason to try again.
// Bytes that nobody reads any more count as written; the answer, or its absence,
// says the rest.
type patientConn struct{ net.Conn }

// Write implements net.Conn.
func (c *patientConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
		return len(p), nil
	}
	return n, err
}

// Config is how package blob reaches the store. Requests signed without an
// origin name a host that only this process can reach.
func (s *Server) Config() blob.Config {
	return blob.Config{
		Endpoint: endpoint, Bucket: s.opts.Bucket, Region: region,
		AccessKey: s.secrets.AccessKey, SecretKey: s.secrets.SecretKey, Transport: s.transport, Private: true,
	}
}

// Close ends the child and waits for it. Requests after it get 503.
func (s *Server) Close() error {
	s.once.Do(func() {
		close(s.stop)
		<-s.stopped
		s.undo()
	})
	return nil
}

// launch starts a child and waits until it answers.
func (s *Server) launch(ctx context.Context) (*child, error) {
	mode, err := s.folder.metadata()
	if err != nil {
		return nil, err
	}
	c, err := spawn(s.opts.Executable, settings{
		Folder: s.folder.path, Socket: s.socket, Metadata: mode, Credentials: s.secrets,
	}, &lineLog{log: s.opts.Log, secret: s.opts.Bucket + "/"})
	if err != nil {
		return nil, err
	}
	if err := s.answers(ctx, c); err != nil {
		c.end()
		return nil, err
	}
	if s.opts.ready != nil {
		s.opts.ready(c.pid())
	}
	return c, nil
}

// answers waits until the child serves requests.
func (s *Server) answers(ctx context.Context, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+healthPath, nil)
		if err != nil {
			return err
		}
		if answer, err := s.transport.RoundTrip(request); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-again.C:
		case <-c.exited:
			return fmt.Errorf("the child process ended: %w: %s", c.err, c.log.last())
		case <-ctx.Done():
			return fmt.Errorf("the child process does not answer: %w", ctx.Err())
		}
	}
}

// supervise starts a new child whenever the present one ends, until Close.
func (s *Server) supervise(c *child) {
	defer close(s.stopped)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.stop
		cancel()
	}()

	var clk clock.System
	pause, since := firstPause, clk.Now()
	for {
		if c != nil {
			select {
			case <-s.stop:
				s.transport.CloseIdleConnections() // the child waits for open ones
				c.end()
				return
			case <-c.exited:
				s.opts.Log.Warn().AnErr("cause", c.err).Msg("the object store ended and is started again")
			}
		}
		if clk.Now().Sub(since) > steadyAfter {
			pause = firstPause
		}
		select {
		case <-s.stop:
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)

		var err error
		since = clk.Now()
		if c, err = s.launch(ctx); err != nil {
			c = nil
			if ctx.Err() == nil {
				s.opts.Log.Error().Err(err).Msg("the object store does not start")
			}
		}
	}
}

// folder is the store's folder and the names in it.
type folder struct{ path string }

func (f folder) in(name string) string { return filepath.Join(f.path, name) }

// objects holds a folder per bucket, versions the former versions of objects,
// and sidecar their attributes where the file system has none. The last two must
// be outside of the first.
func (f folder) objects() string    { return f.in("objects") }
func (f folder) versions() string   { return f.in("versions") }
func (f folder) sidecar() string    { return f.in("attributes") }
func (f folder) serverLock() string { return f.in("server.lock") }
func (f folder) childLock() string  { return f.in("child.lock") }
