package api

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

const (
	// root is the repository's root, seen from this package.
	root = "../../.."
	// command is the program under test.
	command = "./cmd/cleargrid"
)

// program is the path of the built program; TestMain builds it once.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "cleargrid-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	defer testkit.StopPostgres()
	defer testkit.StopCeph()

	program = filepath.Join(folder, "cleargrid")
	build := exec.Command("go", "build", "-o", program, command)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
