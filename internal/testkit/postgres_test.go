package testkit_test

import (
	"bufio"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/lib/pq"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// holdEnv makes this test program start a cluster, say where, and wait: the
// part of the process that is killed.
const holdEnv = "CLEARGRID_TESTKIT_HOLD"

func TestMain(m *testing.M) {
	if os.Getenv(holdEnv) != "" {
		hold()
	}
	code := m.Run()
	testkit.StopPostgres()
	os.Exit(code)
}

func hold() {
	server, _, err := testkit.PostgresURL()
	if err != nil {
		server = err.Error()
	}
	_, _ = os.Stdout.WriteString(server + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed, or its parent is
	os.Exit(0)
}

// startPostgres gives the URL of a private cluster, whatever the environment.
func startPostgres(t *testing.T) string {
	t.Helper()
	t.Setenv(testkit.PostgresEnv, "")
	server, ok, err := testkit.PostgresURL()
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		testkit.Missing(t, "PostgreSQL")
	}
	return server
}

func open(t *testing.T, server string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// folderOf is where the cluster behind a URL has its files.
func folderOf(t *testing.T, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil || u.Query().Get("host") == "" {
		t.Fatalf("%q, %v", server, err)
	}
	return u.Query().Get("host")
}

func TestPostgresTakesDatabases(t *testing.T) {
	server := startPostgres(t)
	if again := startPostgres(t); again != server {
		t.Errorf("two clusters in a process: %s, %s", server, again)
	}

	if _, err := open(t, server).ExecContext(t.Context(), `CREATE DATABASE fresh`); err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(server)
	u.Path = "/fresh"
	var sorted, encoding, connections string
	err := open(t, u.String()).QueryRowContext(t.Context(), `
		SELECT (SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'B', 'a', '中']) x),
			current_setting('server_encoding'), current_setting('max_connections')`,
	).Scan(&sorted, &encoding, &connections)
	if err != nil || sorted != "Bab中" || encoding != "UTF8" || connections != "200" {
		t.Errorf("%q, %q, %q, %v", sorted, encoding, connections, err)
	}
}

func TestGivenServerIsTaken(t *testing.T) {
	const given = "postgres://somebody@somewhere/postgres"
	t.Setenv(testkit.PostgresEnv, given)
	if server, ok, err := testkit.PostgresURL(); server != given || !ok || err != nil {
		t.Errorf("%q, %t, %v", server, ok, err)
	}
}

func TestStoppedPostgresLeavesNothing(t *testing.T) {
	server := startPostgres(t)
	db := open(t, server)
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}

	testkit.StopPostgres()
	testkit.StopPostgres() // a second time there is nothing to stop

	if _, err := os.Stat(folderOf(t, server)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("the server still answers")
	}
	if again := startPostgres(t); again == server {
		t.Error("no new cluster after the old one was stopped")
	}
}

// victim is another process that asks for a cluster.
type victim struct {
	*exec.Cmd
	out *bufio.Reader
	// alive is a pipe that everything inherits that the process starts, so its
	// end is the end of the last of them.
	alive *os.File
}

func startVictim(t *testing.T, environ ...string) victim {
	t.Helper()
	alive, inherited, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { alive.Close() })
	defer inherited.Close()

	v := victim{Cmd: exec.Command(os.Args[0]), alive: alive}
	v.Env = append(append(os.Environ(), holdEnv+"=1", testkit.PostgresEnv+"="), environ...)
	v.ExtraFiles = []*os.File{inherited}
	if _, err := v.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := v.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	v.out = bufio.NewReader(out)
	if err := v.Start(); err != nil {
		t.Fatal(err)
	}
	return v
}

// kill kills the process and returns when all that it started has ended.
func (v victim) kill(t *testing.T) {
	t.Helper()
	if err := v.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = v.Wait()
	if _, err := io.Copy(io.Discard, v.alive); err != nil {
		t.Fatal(err)
	}
}

// A process that is killed can clean up nothing, and still nothing may stay.
func TestKilledProcessLeavesNothing(t *testing.T) {
	startPostgres(t) // skips where there is no PostgreSQL

	v := startVictim(t)
	line, _ := v.out.ReadString('\n')
	server := strings.TrimSpace(line)
	if err := open(t, server).PingContext(t.Context()); err != nil {
		t.Fatalf("%s: %v", server, err)
	}
	v.kill(t)

	if _, err := os.Stat(folderOf(t, server)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if err := open(t, server).PingContext(t.Context()); err == nil {
		t.Error("the server still answers")
	}
}

// The same, when it is killed before the server is ready.
func TestProcessKilledWhileStartingLeavesNothing(t *testing.T) {
	startPostgres(t) // skips where there is no PostgreSQL

	// An initdb that says where it works, by the pipe that it inherits.
	folder, err := os.MkdirTemp("/tmp", "cleargrid-initdb-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o755); err != nil { // for the server's account
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"initdb": "#!/bin/sh\necho $2 >&3\nexec PROGRAMS/initdb \"$@\"\n",
		"pg_ctl": "#!/bin/sh\nexec PROGRAMS/pg_ctl \"$@\"\n",
	} {
		script = strings.ReplaceAll(script, "PROGRAMS", testkit.PostgresPrograms())
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}

	v := startVictim(t, "PATH="+folder+":"+os.Getenv("PATH"))
	line, err := bufio.NewReader(v.alive).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	v.kill(t)

	cluster := filepath.Dir(strings.TrimSpace(line))
	if _, err := os.Stat(cluster); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", cluster, err)
	}
}
