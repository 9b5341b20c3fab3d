package program

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// Clients brings the clients that others made, from npm, to a folder, and gives the
// folder: what package-lock.json names is beside the scripts that use it.
func Clients(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Missing(t, tool)
		}
	}
	folder, err := filepath.Abs(filepath.Join("..", "program", "clients"))
	Need(t, err)
	Need(t, alone(filepath.Join(Root, "bin", "clients"), func() error { return install(folder) }))
	return folder
}

func install(folder string) error {
	lock, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return err
	}
	mark := filepath.Join(folder, "node_modules", ".installed")
	if done, err := os.ReadFile(mark); err == nil && bytes.Equal(done, lock) {
		return nil
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return os.WriteFile(mark, lock, 0o600)
}
