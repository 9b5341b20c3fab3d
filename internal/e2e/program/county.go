package program

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// prepared is the data folder of a county, made once in a process by `seed`.
type prepared struct {
	how    []string
	once   sync.Once
	folder string
	report string
	err    error
}

var (
	begun  = prepared{how: []string{"seed", "--schools", "24", "--townships", "4", "--seed", "7"}}
	played = prepared{how: []string{"seed", "--schools", "24", "--townships", "4", "--seed", "7", "--simulate"}}
)

func (p *prepared) make() {
	if p.folder, p.err = os.MkdirTemp("", "cleargrid-e2e-county-"); p.err != nil {
		return
	}
	var code int
	p.report, code, p.err = (&Server{Data: p.folder}).Run(p.how...)
	if p.err == nil && code != 0 {
		p.err = fmt.Errorf("%q: exit code %d:\n%s", p.how, code, p.report)
	}
}

func (p *prepared) get(t *testing.T) *prepared {
	t.Helper()
	p.once.Do(p.make)
	Need(t, p.err)
	return p
}

func forgetCounties() {
	for _, p := range []*prepared{&begun, &played} {
		_ = os.RemoveAll(p.folder)
	}
}

// County is the data folder of a demo county of 24 schools whose campaign is
// running. It is to be copied, not to be served.
func County(t *testing.T) string {
	t.Helper()
	return begun.get(t).folder
}

// Played is the data folder of a demo county of 24 schools whose month has been
// played, and what the simulation reported. It is to be copied, not to be served.
func Played(t *testing.T) (folder, report string) {
	t.Helper()
	p := played.get(t)
	return p.folder, p.report
}

// Settled makes an installation that has a copy of a data folder and is not yet
// started.
func Settled(t *testing.T, data string, flags ...string) *Server {
	t.Helper()
	s := New(t, "", flags...)
	// cp keeps what os.CopyFS does not: who may read a file, and what the object store
	// notes beside one.
	if out, err := exec.Command("cp", "-a", data+"/.", s.Data).CombinedOutput(); err != nil {
		t.Fatalf("copy the county: %v: %s", err, out)
	}
	return s
}

// Running starts an installation with a demo county of 24 schools.
func Running(t *testing.T, flags ...string) *Server {
	t.Helper()
	s := Settled(t, County(t), flags...)
	Need(t, s.Start())
	return s
}
