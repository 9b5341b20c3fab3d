package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// Root is the repository's root, seen from the packages of the tests.
const Root = "../../.."

// binary is the path of the built program; Main sets it.
var binary string

// Path is the path of the program under test.
func Path() string { return binary }

// Main is the TestMain of these tests: it builds the program, and cleans up behind
// the tests.
func Main(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer testkit.StopPostgres()
	defer testkit.StopCeph()
	defer forgetCounties()
	return m.Run()
}

// build links the program once for all packages that run side by side: the
// first one links it, the others find it up to date.
func build() error {
	folder, err := filepath.Abs(filepath.Join(Root, "bin", "e2e"))
	if err != nil {
		return err
	}
	binary = filepath.Join(folder, "cleargrid")
	return alone(folder, func() error {
		// Without debug information, which takes half the time of linking.
		cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", binary, "./cmd/cleargrid")
		cmd.Dir = Root
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build the program: %w\n%s", err, out)
		}
		return nil
	})
}

// alone does something in a folder while no other process does.
func alone(folder string, do func() error) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return do()
}

// Need ends a test that can't go on after an error.
func Need(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
