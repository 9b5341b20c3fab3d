package embedded

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// child is one run of the store's process, as the parent sees it.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	log    *lineLog
	exited chan struct{}
	err    error // how it ended, after exited
}

// spawn starts a child. Its settings, with the secret in them, go through its
// standard input: command lines and environments can be read by others.
func spawn(executable string, with settings, log *lineLog) (*child, error) {
	cmd := exec.Command(executable, ChildCommand) //nolint:noctx // the child ends with its standard input, not with the start's context
	cmd.Env = environment()
	cmd.Stderr = log
	cmd.WaitDelay = time.Second
	// A group of its own: Ctrl-C in a terminal must reach the child only through
	// the parent, which still needs it for the requests under way.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, stdin: stdin, log: log, exited: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.exited)
	}()
	// A child that can't take them is one that has ended; its end tells why.
	_ = json.NewEncoder(stdin).Encode(with)
	return c, nil
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// end asks the child to end, kills it when it does not, and waits for it.
func (c *child) end() {
	_ = c.stdin.Close()
	select {
	case <-c.exited:
	case <-time.After(endWithin):
		_ = c.cmd.Process.Kill() // it may have ended just now
		<-c.exited
	}
}

// environment is the part of our environment that the child needs; the rest may
// hold passwords.
func environment() []string {
	var env []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "PATH", "HOME", "TMPDIR", "TZ", "LANG", "GODEBUG", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GOTRACEBACK", "GOCOVERDIR":
			env = append(env, e)
		}
	}
	return env
}

// lineLog turns what a child writes into log lines, without the keys of objects,
// and keeps the last line for the message about a child that did not start.
type lineLog struct {
	log    zerolog.Logger
	secret string // what comes before a key

	mu   sync.Mutex
	rest []byte
	kept string
}

// longestLine bounds what is kept of a line without an end.
const longestLine = 4 << 10

// Write implements io.Writer; it never fails.
func (l *lineLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			break
		}
		l.line(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
	}
	if len(l.rest) > longestLine {
		l.line(string(l.rest))
		l.rest = nil
	}
	return len(p), nil
}

func (l *lineLog) line(text string) {
	text = strings.TrimSpace(plain(withoutKeys(text, l.secret)))
	if text == "" {
		return
	}
	l.kept = text
	level := zerolog.WarnLevel
	if strings.HasSuffix(text, "unexpected EOF") {
		level = zerolog.DebugLevel // a client went away in the middle, as phones do
	}
	l.log.WithLevel(level).Str("from", ChildCommand).Msg(text)
}

func (l *lineLog) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// withoutKeys replaces every key that follows "<bucket>/" in a text.
func withoutKeys(text, before string) string {
	var b strings.Builder
	for {
		head, tail, found := strings.Cut(text, before)
		b.WriteString(head)
		if !found {
			return b.String()
		}
		b.WriteString(before + "…")
		end := strings.IndexAny(tail, " \t\"':")
		if end < 0 {
			return b.String()
		}
		text = tail[end:]
	}
}

// plain removes the terminal colours of the store's messages.
func plain(text string) string {
	var b strings.Builder
	for {
		head, tail, found := strings.Cut(text, "\x1b[")
		b.WriteString(head)
		if !found {
			return b.String()
		}
		_, text, _ = strings.Cut(tail, "m")
	}
}
