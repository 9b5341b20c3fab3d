package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/meta"
)

// longestSocket is the longest path of a unix socket we use, in bytes: systems
// allow 104 to 108 with the final NUL.
const longestSocket = 100

// Where the backend keeps the attributes of objects. A folder keeps the choice
// of its first start: the other one would find objects without attributes.
const (
	metadataXattr   = "xattr"
	metadataSidecar = "sidecar"
)

// openFolder makes the store's folder with its parts and gives its absolute path.
func openFolder(dir string) (folder, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return folder{}, err
	}
	f := folder{path: path}
	for _, d := range []string{f.path, f.objects(), f.versions(), f.sidecar()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return folder{}, err
		}
	}
	return f, nil
}

// credentials are the store's only account.
type credentials struct {
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
}

// credentials reads the account's file, and makes it at the first start: random,
// readable by the owner only.
func (f folder) credentials() (credentials, error) {
	var c credentials
	err := f.remembered("credentials.json", &c)
	if errors.Is(err, fs.ErrNotExist) {
		c = credentials{AccessKey: rand.Text(), SecretKey: rand.Text() + rand.Text()}
		err = f.remember("credentials.json", c)
	}
	if err == nil && (c.AccessKey == "" || c.SecretKey == "") {
		err = fmt.Errorf("%s has no key", f.in("credentials.json"))
	}
	return c, err
}

// metadata is where attributes are kept: decided at the first start by a test of
// the file system, and remembered.
func (f folder) metadata() (string, error) {
	var choice struct {
		Metadata string `json:"metadata"`
	}
	err := f.remembered("layout.json", &choice)
	if errors.Is(err, fs.ErrNotExist) {
		choice.Metadata = metadataSidecar
		if f.hasXattr() {
			choice.Metadata = metadataXattr
		}
		err = f.remember("layout.json", choice)
	}
	if err == nil && choice.Metadata != metadataXattr && choice.Metadata != metadataSidecar {
		err = fmt.Errorf("%s names an unknown place for attributes: %q", f.in("layout.json"), choice.Metadata)
	}
	return choice.Metadata, err
}

// hasXattr tries what the backend does: an attribute of a kilobyte on a file and
// on a folder. Some file systems know attributes and have no room for them.
func (f folder) hasXattr() bool {
	file, err := os.CreateTemp(f.objects(), ".xattr-")
	if err != nil {
		return false
	}
	defer func() { _ = os.Remove(file.Name()) }()
	defer func() { _ = file.Close() }()
	value := make([]byte, 1<<10)
	var attributes meta.XattrMeta
	if attributes.StoreAttribute(file, "", "", "cleargrid-test", value) != nil {
		return false
	}
	got, err := attributes.RetrieveAttribute(file, "", "", "cleargrid-test")
	if err != nil || len(got) != len(value) {
		return false
	}
	if attributes.StoreAttribute(nil, f.path, "objects", "cleargrid-test", value) != nil {
		return false
	}
	return attributes.DeleteAttribute(f.path, "objects", "cleargrid-test") == nil
}

func (f folder) remembered(name string, into any) error {
	b, err := os.ReadFile(f.in(name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", f.in(name), err)
	}
	return nil
}

// remember writes a file whole or not at all, and on disk before it returns.
func (f folder) remember(name string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(f.path, "."+name+"-") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	_, err = file.Write(append(b, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), f.in(name))
	}
	if err == nil {
		err = syncPath(f.path)
	}
	return err
}

// socket is the path that the child listens on, and the way to get rid of it: in
// the folder where the path is short enough, else in a private temporary one.
func (f folder) socket() (path string, remove func(), err error) {
	path = f.in("s3.sock")
	if len(path) <= longestSocket {
		return path, func() { _ = os.Remove(path) }, nil
	}
	dir, err := os.MkdirTemp("", "cleargrid-")
	if err != nil {
		return "", nil, err
	}
	path, remove = filepath.Join(dir, "s3.sock"), func() { _ = os.RemoveAll(dir) }
	if len(path) > longestSocket {
		remove()
		return "", nil, fmt.Errorf("the path %s is too long for a unix socket; set TMPDIR to a shorter one", path)
	}
	return path, remove, nil
}

// lock takes an advisory lock on a file, which ends with the process at the
// latest. It waits for at most the time given, and not at all for zero.
func lock(ctx context.Context, path string, patience time.Duration) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		select {
		case <-again.C:
			continue
		case <-ctx.Done():
		}
		break
	}
	_ = file.Close()
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
