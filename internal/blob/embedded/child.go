package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// ChildCommand is the hidden subcommand that the binary must dispatch to
// RunChild.
const ChildCommand = "object-store"

const (
	// healthPath answers 200 without a signature. No bucket can have this name.
	healthPath = "/_health"
	// orphanWithin is how long a child waits for an older one, whose parent was
	// killed, to let go of the folder.
	orphanWithin = 15 * time.Second
	// leaveWithin is how long a child may take to end requests under way.
	leaveWithin = 3 * time.Second
)

// settings are what the parent writes to the child's standard input, as one line
// of JSON.
type settings struct {
	Folder      string      `json:"folder"`
	Socket      string      `json:"socket"`
	Metadata    string      `json:"metadata"`
	Credentials credentials `json:"credentials"`
	Volatile    bool        `json:"volatile"` // Options.Volatile
}

// RunChild is the child's main: it serves the store until its standard input or
// ctx ends. It takes no arguments, ignores SIGINT and SIGTERM, which a terminal
// or a service manager sends to every process at once, and changes the working
// directory. Only Start may run it.
func RunChild(ctx context.Context, args []string, log io.Writer) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments", ChildCommand)
	}
	if log == nil {
		log = os.Stderr
	}
	stdlog.SetOutput(log)
	signal.Ignore(os.Interrupt, syscall.SIGTERM)

	stdin := bufio.NewReader(os.Stdin)
	line, err := stdin.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%s is started by the server only: %w", ChildCommand, err)
	}
	var with settings
	if err := json.Unmarshal(line, &with); err != nil {
		return fmt.Errorf("%s is started by the server only: %w", ChildCommand, err)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		cancel()
		time.AfterFunc(leaveWithin, func() { os.Exit(0) })
	}()
	err = serve(ctx, with)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// serve runs the gateway while this process alone holds the folder.
func serve(ctx context.Context, with settings) error {
	f := folder{path: with.Folder}
	unlock, err := lock(ctx, f.childLock(), orphanWithin)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.Remove(with.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}

	store, err := openBackend(f, with.Metadata)
	if err != nil {
		return err
	}
	if with.Volatile {
		store.flush = func(*os.File) error { return nil }
	}
	return embedgw.RunVersityGW(ctx, store, &embedgw.Config{
		RootUserAccess: with.Credentials.AccessKey, RootUserSecret: with.Credentials.SecretKey, Region: region,
		Ports: []string{with.Socket}, SocketPerm: "0600",
		MaxConnections: 1000, MaxRequests: 500, MultipartMaxParts: 10000,
		HealthPath: healthPath, Quiet: true, KeepAlive: true,
	})
}

// openBackend opens the POSIX backend on the folder. With sidecar files there is no
// versioning: the backend leaves a deleted version's attributes behind there,
// and then takes the object for existing.
func openBackend(f folder, metadata string) (durable, error) {
	// ETags come from CRC64: nobody here takes one for an MD5, which would cost more
	// than everything else that is done with a byte.
	opts := posix.PosixOpts{CopyObjectThreshold: 5 << 30, DataIntegrityEtag: true}
	opts.SetNewDirPerm(0o700)
	opts.SetNewFilePerm(0o600)
	d := durable{root: f.objects(), flush: (*os.File).Sync, writers: &writers{uploads: map[string]*writing{}}}

	var attributes meta.MetadataStorer = leanXattr{}
	if metadata == metadataSidecar {
		sidecar, err := meta.NewSideCar(f.sidecar())
		if err != nil {
			return durable{}, err
		}
		attributes, d.sidecar, opts.SideCarDir = sidecar, f.sidecar(), f.sidecar()
	} else {
		d.versions, opts.VersioningDir = f.versions(), f.versions()
	}
	store, err := posix.New(f.objects(), attributes, opts)
	if err != nil {
		return durable{}, err
	}
	d.Posix = store
	return d, nil
}

// partOffsets is the attribute in which the backend keeps where the parts of a
// completed multipart upload begin, for readers that ask for a part by number.
const partOffsets = "mp-metadata"

// leanXattr leaves partOffsets out when it is long. Nobody here asks for parts of
// a finished object, and ext4 has 4 KiB for all attributes of a file: with about
// 700 parts the list would not fit and the upload could never be completed.
type leanXattr struct{ meta.XattrMeta }

// StoreAttribute implements meta.MetadataStorer.
func (x leanXattr) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	if attribute == partOffsets && len(value) > 1<<10 {
		return nil
	}
	return x.XattrMeta.StoreAttribute(f, bucket, object, attribute, value)
}
