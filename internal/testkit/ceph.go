package testkit

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/blob"
)

// cephScript starts an object store, keeps it for as long as its standard input
// is open, and removes it.
//
//go:embed ceph.sh
var cephScript string

// cephPrograms are what the script runs.
var cephPrograms = []string{"monmaptool", "ceph-mon", "ceph-osd", "ceph", "radosgw-admin", "radosgw"}

// cephWithin is how long the gateway may take to answer: it makes its pools
// first.
const cephWithin = time.Minute

const cephAccess, cephSecret = "cleargrid-test-access", "cleargrid-test-secret"

var ceph struct {
	once     sync.Once
	keeper   *cluster
	endpoint string
	err      error
}

// CephFound reports whether this machine has the programs for Ceph.
func CephFound() bool {
	for _, name := range cephPrograms {
		if _, err := exec.LookPath(name); err != nil {
			return false
		}
	}
	return true
}

// Ceph gives a second S3 server, one that is nothing like the embedded store:
// Ceph's gateway, started by the first call in a process, on the loopback
// interface and in memory. It ends with the process, however the process ends. The
// bucket is not there yet; one per test keeps tests apart.
func Ceph(t testing.TB, bucket string) blob.Config {
	t.Helper()
	if !CephFound() {
		Missing(t, "Ceph (ceph-mon, ceph-osd, radosgw)")
	}
	ceph.once.Do(func() { ceph.keeper, ceph.endpoint, ceph.err = startCeph() })
	need(t, ceph.err)
	return blob.Config{Endpoint: ceph.endpoint, Bucket: bucket, AccessKey: cephAccess, SecretKey: cephSecret}
}

// Kept counts the objects of a store below a prefix, and those that the store
// itself keeps from being removed.
func Kept(t testing.TB, config blob.Config, prefix string) (kept, all int) {
	t.Helper()
	store, err := blob.Open(config)
	need(t, err)
	need(t, store.List(t.Context(), prefix, func(o blob.Object) error {
		all++
		seal, err := store.Sealed(t.Context(), o.Key)
		if !seal.Until.IsZero() {
			kept++
		}
		return err
	}))
	return kept, all
}

// StopCeph ends the object store, if there is one, and returns when its files are
// gone. A TestMain calls it last.
func StopCeph() {
	if ceph.keeper != nil {
		ceph.keeper.stop()
	}
}

func startCeph() (*cluster, string, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, "", err
	}
	folder, err := os.MkdirTemp("/tmp", "cleargrid-ceph-") // short: it holds sockets
	if err != nil {
		return nil, "", err
	}
	script := filepath.Join(folder, "ceph.sh")
	c := &cluster{folder: folder, keeper: exec.Command("/bin/sh", script, folder, ports[0], ports[1], cephAccess, cephSecret)}
	c.keeper.Dir = folder
	c.keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := writeScript(script, cephScript); err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(folder))
	}
	if err := c.run(); err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(folder))
	}
	endpoint := "http://127.0.0.1:" + ports[1]
	if err := answering(endpoint, cephWithin); err != nil {
		report, _ := os.ReadFile(filepath.Join(folder, "log"))
		c.stop()
		return nil, "", fmt.Errorf("the object store does not answer: %w: %s", err, report[max(0, len(report)-4000):])
	}
	return c, endpoint, nil
}

// freePorts finds unused ports of the loopback interface.
func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // after all are found: each is another one
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}

// answering asks until the server answers.
func answering(url string, within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			answer.Body.Close()
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}
