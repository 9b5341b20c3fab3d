package api

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bucketFolder is where the embedded store keeps objects by their keys.
func (s *server) bucketFolder() string {
	return filepath.Join(s.data, "objects", "objects", "evidence")
}

// objectsOf lists the stored files whose name holds a file's own id: keys end
// with it.
func (s *server) objectsOf(f *file) []string {
	_, uuid, _ := strings.Cut(f.id, "_")
	var found []string
	_ = filepath.WalkDir(s.bucketFolder(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(d.Name(), uuid) {
			found = append(found, path)
		}
		return nil // a folder that goes away meanwhile holds nothing
	})
	return found
}

// stored reports whether the embedded store has an object of a file.
func (s *server) stored(f *file) bool { return len(s.objectsOf(f)) > 0 }

// TestVerifyNamesWhatDiffers breaks the agreement of rows and objects behind
// the server's back: verify must find it, name it and exit with 1.
func TestVerifyNamesWhatDiffers(t *testing.T) {
	c := newCast(running(t), newMedia(t))
	prepare(t, c)
	need(t, c.stop())
	agrees := func(want string, args ...string) {
		t.Helper()
		out, code, err := c.run(append([]string{"verify"}, args...)...)
		need(t, err)
		if want == "" && (code != 0 || !strings.Contains(out, "everything agrees")) {
			t.Errorf("verify %q: exit code %d:\n%s", args, code, out)
		}
		if want != "" && (code != 1 || !strings.Contains(out, want) || strings.Contains(out, "agrees")) {
			t.Errorf("verify %q: exit code %d, want 1 and the words %q:\n%s", args, code, want, out)
		}
	}
	agrees("", "--rehash")

	f := c.files["before1"]
	paths := c.objectsOf(f)
	if len(paths) != 1 {
		t.Fatalf("the photo is stored in %q", paths)
	}
	path := paths[0]

	t.Run("changed object", func(t *testing.T) {
		changed := append([]byte{}, f.bytes...)
		changed[len(changed)-10] ^= 1
		need(t, os.WriteFile(path, changed, 0o600))
		agrees("", "--evidence") // sizes agree
		agrees(f.id+": verified, but its object has another SHA-256", "--evidence", "--rehash")
		need(t, os.WriteFile(path, f.bytes, 0o600))
		agrees("", "--rehash")
	})
	t.Run("stray object", func(t *testing.T) {
		stray := filepath.Join(filepath.Dir(path), filepath.Base(filepath.Dir(path))+strings.Repeat("0", 62)+".01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001")
		need(t, os.WriteFile(stray, []byte("nobody's"), 0o600))
		agrees("object originals/" + filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(stray) + ": no row")
		need(t, os.Remove(stray))
		agrees("")
	})
	t.Run("missing object", func(t *testing.T) {
		need(t, os.Remove(path))
		agrees(f.id + ": VERIFIED, but its object is missing")
	})
}
