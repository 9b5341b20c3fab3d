package api

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// bucketFolder is where the embedded store keeps objects by their keys.
func bucketFolder(s *program.Server) string {
	return filepath.Join(s.Data, "objects", "objects", "evidence")
}

// objectsOf lists the stored files whose name holds a file's own id: keys end
// with it.
func objectsOf(s *program.Server, f *program.File) []string {
	_, uuid, _ := strings.Cut(f.ID, "_")
	var found []string
	_ = filepath.WalkDir(bucketFolder(s), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), uuid) {
			found = append(found, path)
		}
		return nil // a folder that goes away meanwhile holds nothing
	})
	return found
}

// stored reports whether the embedded store has an object of a file.
func stored(s *program.Server, f *program.File) bool { return len(objectsOf(s, f)) > 0 }

// TestVerifyNamesWhatDiffers breaks the agreement of rows and objects behind
// the server's back: verify must find it, name it and exit with 1.
func TestVerifyNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	c := newCast(program.Running(t), program.NewMedia(t))
	prepare(t, c)
	program.Need(t, c.Stop())
	agrees := func(want string, args ...string) {
		t.Helper()
		out, code, err := c.Run(append([]string{"verify"}, args...)...)
		program.Need(t, err)
		if want == "" && (code != 0 || !strings.Contains(out, "everything agrees")) {
			t.Errorf("verify %q: exit code %d:\n%s", args, code, out)
		}
		if want != "" && (code != 1 || !strings.Contains(out, want) || strings.Contains(out, "agrees")) {
			t.Errorf("verify %q: exit code %d, want 1 and the words %q:\n%s", args, code, want, out)
		}
	}
	agrees("", "--rehash")

	f := c.Files["before1"]
	paths := objectsOf(c.Server, f)
	if len(paths) != 1 {
		t.Fatalf("the photo is stored in %q", paths)
	}
	path := paths[0]

	t.Run("changed object", func(t *testing.T) {
		changed := append([]byte{}, f.Bytes...)
		changed[len(changed)-10] ^= 1
		program.Need(t, os.WriteFile(path, changed, 0o600))
		agrees("", "--evidence") // sizes agree
		agrees(f.ID+": verified, but its object has another SHA-256", "--evidence", "--rehash")
		program.Need(t, os.WriteFile(path, f.Bytes, 0o600))
		agrees("", "--rehash")
	})
	t.Run("stray object", func(t *testing.T) {
		stray := filepath.Join(filepath.Dir(path), filepath.Base(filepath.Dir(path))+strings.Repeat("0", 62)+".01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001")
		program.Need(t, os.WriteFile(stray, []byte("nobody's"), 0o600))
		agrees("object originals/" + filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(stray) + ": no row")
		program.Need(t, os.Remove(stray))
		agrees("")
	})
	t.Run("missing object", func(t *testing.T) {
		program.Need(t, os.Remove(path))
		agrees(f.ID + ": VERIFIED, but its object is missing")
	})
}
