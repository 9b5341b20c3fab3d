package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/bench"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/config"
)

// runBench measures the server at --url, whose data folder or object store the
// other settings name, or one of its own with a demo county. It ends with status
// 0 when it has measured, whatever the figures.
func runBench(ctx context.Context, args []string) error {
	var o bench.Options
	var workloads string
	c, err := settings("bench", args, func(f *flag.FlagSet) {
		f.StringVar(&workloads, "workload", "upload", "`names`, separated by commas: upload for all of "+strings.Join(bench.Known, ", "))
		f.StringVar(&o.URL, "url", "", "`URL` of a server of this machine, started on the same --data; default: start one in a temporary folder")
		f.IntVar(&o.Process, "process", 0, "`number` of the process of the server at --url, for its processor time and memory")
		f.IntVar(&o.Rounds, "rounds", 0, "how often each file is sent; default 3")
		f.IntVar(&o.Senders, "senders", 0, "how many files are sent at once; default 4")
		f.Int64Var(&o.Photo, "photo", 0, "`bytes` of a photo; default 8 MiB")
		f.Int64Var(&o.Video, "video", 0, "`bytes` of a video; default 64 MiB")
		f.IntVar(&o.Uploads, "uploads", 0, "how many files come at once in upload.concurrent; default 200")
		f.Int64Var(&o.Trickle, "trickle", 0, "`bytes` of each of them; default 2 MiB")
	})
	if err != nil {
		return err
	}
	o.Workloads, o.Out = strings.Split(workloads, ","), os.Stdout
	if o.URL == "" {
		end, err := startOwn(ctx, &c, &o)
		if err != nil {
			return err
		}
		defer end()
	}
	if o.Accounts, err = benchAccounts(c); err != nil {
		return err
	}
	if o.Store, err = storeBeside(ctx, c); err != nil {
		return err
	}
	if c.Embedded() {
		o.Origin = o.URL
	}
	return bench.Run(ctx, o)
}

// startOwn starts a server as a process of its own, so that its figures are not
// mixed with ours. The function that it gives ends the server and removes its folder.
func startOwn(ctx context.Context, c *config.Config, o *bench.Options) (func(), error) {
	if err := objectStoreNamed(config.Config{}); err != nil { // it stores on board, whatever the settings name
		return nil, err
	}
	folder, err := os.MkdirTemp("", "cleargrid-bench-")
	if err != nil {
		return nil, fmt.Errorf("folder of the server: %w", err)
	}
	*c = config.Config{Data: folder, S3Bucket: c.S3Bucket, S3Region: c.S3Region, LogFormat: c.LogFormat}
	own, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("this program: %w", err)
	}
	//nolint:gosec // our own program
	server := exec.CommandContext(ctx, own, "serve", "--listen", "127.0.0.1:0", "--data", folder, "--s3-bucket", c.S3Bucket, "--log-format", "json")
	server.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "CLEARGRID_") })
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	end := func() {
		_ = server.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = server.Wait()
		_ = os.RemoveAll(folder)
	}
	log, err := server.StderrPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, fmt.Errorf("start a server: %w", err)
	}
	o.Process = server.Process.Pid
	if o.URL, err = announcedURL(log); err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// announcedURL reads a server's log up to the line that says where it serves; the
// rest is thrown away.
func announcedURL(log io.Reader) (string, error) {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var entry struct{ Message, URL, Error string }
		if json.Unmarshal(lines.Bytes(), &entry) == nil && entry.Message == "Cleargrid serves" {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return entry.URL, nil
		}
	}
	return "", errors.Join(errors.New("the server ended before it served"), lines.Err())
}

// benchAccounts are the demo accounts that may announce evidence.
func benchAccounts(c config.Config) ([]bench.Account, error) {
	text, err := os.ReadFile(c.FirstRunFile())
	if err != nil {
		return nil, fmt.Errorf("demo accounts, which --data should have: %w", err)
	}
	var file struct{ Accounts []account }
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", c.FirstRunFile(), err)
	}
	announcers := []authz.Role{authz.GridMember, authz.SchoolSafetyOfficer, authz.SchoolLeader, authz.SafetySection}
	var out []bench.Account
	for _, a := range file.Accounts {
		if slices.Contains(announcers, authz.Role(a.Role)) {
			out = append(out, bench.Account{Account: a.Account, Password: a.Password})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s names nobody who may announce evidence", c.FirstRunFile())
	}
	return out, nil
}

// storeBeside is the object store of a server that runs.
func storeBeside(ctx context.Context, c config.Config) (*blob.Store, error) {
	if !c.Embedded() {
		p := &parts{config: c}
		err := p.openObjects(ctx, true)
		return p.blob, err
	}
	b, err := attachEmbedded(ctx, c)
	if err != nil {
		return nil, err
	}
	return blob.Open(b)
}
