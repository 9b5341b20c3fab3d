package program

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// startWithin covers a first start on a busy machine: migrations and a
	// county of 300 schools.
	startWithin = 90 * time.Second
	stopWithin  = 40 * time.Second
	// again is the pause between two looks at something that is to happen.
	again = 25 * time.Millisecond
	// tail is how much of the log a failed test shows.
	tail = 6000
)

// Server is one installation of the product: its data folder, its database and,
// while it runs, its process. It keeps its port when it is started again.
type Server struct {
	// Data is its data folder, Database its database's URL; empty: the embedded one.
	Data, Database string
	// URL is where it listens, known after the first start.
	URL string
	// Wrap is what the program is started by, if not by itself.
	Wrap []string

	flags []string

	process  *exec.Cmd
	watchdog *watchdog
	exited   chan struct{}
}

// New makes an installation that is not yet started. It is killed when
// the test ends, and its log is shown when the test failed.
func New(t *testing.T, database string, flags ...string) *Server {
	t.Helper()
	s := &Server{Data: t.TempDir(), Database: database, flags: flags}
	t.Cleanup(func() {
		s.Kill()
		if err := s.storeGone(); err != nil {
			t.Errorf("the object store outlives its server: %v", err)
		}
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", s.logTail())
		}
	})
	return s
}

// environment is that of every run of the program: ours without settings of the
// program, and the installation's place.
func (s *Server) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "CLEARGRID_") })
	return append(env, s.Settings()...)
}

// Settings are the variables that lead a command to this installation.
func (s *Server) Settings() []string {
	return []string{"CLEARGRID_DATA=" + s.Data, "CLEARGRID_DATABASE=" + s.Database, "CLEARGRID_LOG_FORMAT=json"}
}

// Run runs another command of the program on the installation, and gives its
// standard output and its exit code.
func (s *Server) Run(args ...string) (string, int, error) {
	var out, problems bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.environment(), &out, &problems
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return out.String() + problems.String(), exit.ExitCode(), nil
	}
	return out.String(), 0, err
}

// Start starts the server and waits until it takes requests.
func (s *Server) Start() error {
	listen := "127.0.0.1:0"
	if s.URL != "" {
		listen = strings.TrimPrefix(s.URL, "http://")
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}

	command := slices.Concat(s.Wrap, []string{binary, "serve", "--listen", listen}, s.flags)
	s.process = exec.Command(command[0], command[1:]...)
	s.process.Env, s.process.Stderr = s.environment(), log
	s.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.process.Start(); err != nil {
		return err
	}
	s.exited = make(chan struct{})
	go func(p *exec.Cmd, exited chan struct{}) {
		_ = p.Wait() // how it ended is in its log
		close(exited)
	}(s.process, s.exited)
	if s.watchdog, err = watch(s.process.Process.Pid); err != nil {
		return err
	}
	return s.ready(from)
}

// ready waits for the line of the log that says where the server listens, and
// for /readyz.
func (s *Server) ready(from int64) error {
	err := Eventually(startWithin, func() (bool, error) {
		select {
		case <-s.exited:
			return false, fmt.Errorf("the server ended:\n%s", s.logTail())
		default:
		}
		url, err := s.announced(from)
		if url != "" {
			s.URL = url
		}
		return url != "", err
	})
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	return Eventually(startWithin, func() (bool, error) {
		answer, err := http.Get(s.URL + "/readyz")
		if err != nil {
			return false, nil //nolint:nilerr // not yet
		}
		return answer.StatusCode == http.StatusOK, answer.Body.Close()
	})
}

// announced is the URL that the log names from an offset on; empty when it does
// not yet.
func (s *Server) announced(from int64) (string, error) {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(b[from:]) {
		var entry struct{ Message, URL string }
		if json.Unmarshal(line, &entry) == nil && entry.Message == "Cleargrid serves" {
			return entry.URL, nil
		}
	}
	return "", nil
}

// Kill ends the server as a power cut would, and returns when it is gone.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL) // it may have ended already
	<-s.exited
	s.watchdog.dismiss()
	s.process = nil
}

// storeGone waits until the embedded store's process, which ends by itself after
// its parent, has let go of its folder.
func (s *Server) storeGone() error {
	lock, err := os.Open(filepath.Join(s.Data, "objects", "child.lock"))
	if errors.Is(err, os.ErrNotExist) {
		return nil // it was never started
	}
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	return Eventually(stopWithin, func() (bool, error) {
		return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil, nil
	})
}

// Stop asks the server to end and waits for it.
func (s *Server) Stop() error {
	if s.process == nil {
		return errors.New("the server does not run")
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.exited:
	case <-time.After(stopWithin):
		return fmt.Errorf("the server did not stop within %s", stopWithin)
	}
	code := s.process.ProcessState.ExitCode()
	s.watchdog.dismiss()
	s.process = nil
	if code != 0 {
		return fmt.Errorf("the server stopped with exit code %d:\n%s", code, s.logTail())
	}
	return nil
}

func (s *Server) logFile() string { return filepath.Join(s.Data, "server.log") }

func (s *Server) logTail() string {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-tail):])
}

// Eventually asks until something holds, fails, or takes too long.
func Eventually(within time.Duration, holds func() (bool, error)) error {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		select {
		case <-deadline.C:
			return fmt.Errorf("it did not happen within %s", within)
		case <-time.After(again):
		}
	}
}

// watchdog kills a process group should the test process die before it: its
// standard input is a pipe from us, which ends when we do, however we end.
type watchdog struct {
	cmd  *exec.Cmd
	life io.WriteCloser
}

func watch(pid int) (*watchdog, error) {
	w := &watchdog{cmd: exec.Command("/bin/sh", "-c", `read -r _ || kill -9 -"$1"`, "watchdog", fmt.Sprint(pid))}
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if w.life, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return w, w.cmd.Start()
}

// dismiss ends the watchdog when the process is gone.
func (w *watchdog) dismiss() {
	_, _ = io.WriteString(w.life, "gone\n")
	_ = w.life.Close()
	_ = w.cmd.Wait()
}
