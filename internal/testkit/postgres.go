package testkit

import (
	"bufio"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// PostgresEnv names a database server that is there already. Its user must be
// allowed to create databases.
const PostgresEnv = "CLEARGRID_TEST_POSTGRES"

// postgresScript starts a cluster, keeps it for as long as its standard input
// is open, and removes it.
//
//go:embed postgres.sh
var postgresScript string

// serverConfig trades every promise of durability for speed: the cluster does
// not outlive the tests.
const serverConfig = `
listen_addresses = ''
port = 5432
unix_socket_permissions = 0777
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
`

var (
	postgresLock sync.Mutex
	postgres     *cluster // nil until it is asked for
)

// PostgresFound reports whether PostgresURL has a server or the programs to start
// one.
func PostgresFound() bool { return os.Getenv(PostgresEnv) != "" || postgresPrograms() != "" }

// PostgresURL gives the URL of a database server for tests, as a superuser and
// of a database that no test should write to: create your own.
//
// The server is the one of CLEARGRID_TEST_POSTGRES, which other processes may
// use at the same time (so give databases unique names), or else a private
// cluster that the first call in a process starts from the server programs on
// this machine. It speaks through a Unix socket, sorts by C, holds UTF-8, takes
// 200 connections, and ends with the process, however the process ends.
//
// ok is false where there is no server and no program to start one: see
// Missing. An error says why the programs that are there did not start.
func PostgresURL() (url string, ok bool, err error) {
	if given := os.Getenv(PostgresEnv); given != "" {
		return given, true, nil
	}
	postgresLock.Lock()
	defer postgresLock.Unlock()
	if postgres != nil {
		return postgres.url(), true, nil
	}

	programs := postgresPrograms()
	if programs == "" {
		return "", false, nil
	}
	c, err := startCluster(programs)
	if err != nil {
		return "", false, err
	}
	postgres = c
	return c.url(), true, nil
}

// StopPostgres ends the private cluster, if there is one, and returns when its
// files are gone. A TestMain calls it last, so that nothing outlives the test
// run even for a moment; without it the cluster ends by itself.
func StopPostgres() {
	postgresLock.Lock()
	defer postgresLock.Unlock()
	if postgres != nil {
		postgres.stop()
		postgres = nil
	}
}

// postgresPrograms finds the folder of initdb, pg_ctl and postgres: the one on
// the PATH, and else the newest in the places where packages put them. It is
// "" where there is none.
func postgresPrograms() string {
	if initdb, err := exec.LookPath("initdb"); err == nil && isProgramFolder(filepath.Dir(initdb)) {
		return filepath.Dir(initdb)
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
		"/usr/pgsql-*/bin",          // Red Hat
		"/usr/local/pgsql/bin",      // built from source
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
	} {
		folders, _ := filepath.Glob(pattern) // the only error is a bad pattern
		slices.SortFunc(folders, func(a, b string) int { return cmp.Compare(versionOf(b), versionOf(a)) })
		if i := slices.IndexFunc(folders, isProgramFolder); i >= 0 {
			return folders[i]
		}
	}
	return ""
}

func isProgramFolder(folder string) bool {
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := exec.LookPath(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// versionOf is the number in a folder's name: 15 of /usr/lib/postgresql/15/bin.
func versionOf(folder string) float64 {
	digits := strings.TrimFunc(folder, func(r rune) bool { return r < '0' || r > '9' })
	version, _ := strconv.ParseFloat(digits, 64) // 0 for a folder without a version
	return version
}

// cluster is a running private server.
type cluster struct {
	folder string
	keeper *exec.Cmd // the shell that runs postgresScript
	life   io.Closer // closing it, or dying with it open, ends the cluster
}

func (c *cluster) url() string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres"}
	u.RawQuery = url.Values{"host": {c.folder}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// stop ends the cluster and returns when its files are gone.
func (c *cluster) stop() {
	_ = c.life.Close()
	_ = c.keeper.Wait() // its exit code is that of removing the folder
}

// startCluster makes a folder and has the script start a server in it.
func startCluster(programs string) (*cluster, error) {
	owner, err := serverOwner()
	if err != nil {
		return nil, err
	}
	folder, err := clusterFolder(owner)
	if err != nil {
		return nil, err
	}
	script := filepath.Join(folder, "postgres.sh")
	c := &cluster{folder: folder, keeper: exec.Command("/bin/sh", script, folder, programs)}
	c.keeper.Dir = folder
	c.keeper.Env = append(serverEnviron(), "SERVER_CONFIG="+serverConfig)
	// A session of its own: an interrupt from the keyboard must not end the
	// keeper before it has cleaned up.
	c.keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: owner}

	if err := writeScript(script, postgresScript); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := c.run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return c, nil
}

// writeScript writes the script so that the server's account can read it,
// whatever our own umask.
func writeScript(path, script string) error {
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		return err
	}
	return os.Chmod(path, 0o644)
}

// run starts the keeper and waits until it says that the server is ready.
func (c *cluster) run() error {
	life, err := c.keeper.StdinPipe()
	if err != nil {
		return err
	}
	out, err := c.keeper.StdoutPipe()
	if err != nil {
		return err
	}
	c.life = life
	if err := c.keeper.Start(); err != nil {
		return fmt.Errorf("start the server's keeper: %w", err)
	}

	// The keeper writes one line: ready, or nothing before it gives up.
	word, err := bufio.NewReader(out).ReadString('\n')
	if err == nil && word == "ready\n" {
		return nil
	}
	report, _ := os.ReadFile(filepath.Join(c.folder, "log"))
	c.stop()
	return fmt.Errorf("the server did not start: %q: %s", word, report)
}

// serverOwner is the account to run the server as: none (that is, our own),
// unless we are root, as which the server refuses to run.
func serverOwner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("no account to run the database server as: %w", err)
		}
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// longestFolder leaves room for the name of the socket: a socket's whole path
// may have 103 bytes (macOS) or 107 (Linux).
const longestFolder = 103 - len("/.s.PGSQL.5432")

// clusterFolder makes the folder, which the owner alone may enter.
func clusterFolder(owner *syscall.Credential) (string, error) {
	parent := os.TempDir()
	if owner != nil || len(parent) > longestFolder-len("/cleargrid-pg-0123456789") {
		parent = "/tmp" // root's own folder for temporary files may be closed to others
	}
	folder, err := os.MkdirTemp(parent, "cleargrid-pg-")
	if err != nil || owner == nil {
		return folder, err
	}
	return folder, os.Chown(folder, int(owner.Uid), int(owner.Gid))
}

// serverEnviron is our environment without what would redirect the server's
// programs.
func serverEnviron() []string {
	environ := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "PG") })
	return append(environ, "LC_ALL=C", "TZ=UTC")
}
