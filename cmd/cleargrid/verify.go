package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dustin/go-humanize"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/evidence"
)

// verifyFlags are what `cleargrid verify` may be told.
type verifyFlags struct {
	evidence, figures, repair, rehash bool
	share                             float64
	seed                              uint64
	rate, state                       string
}

func (v *verifyFlags) declare(f *flag.FlagSet) {
	f.BoolVar(&v.evidence, "evidence", false, "rows and stored objects, both ways")
	f.BoolVar(&v.figures, "rollup", false, "kept figures and the rows they count")
	f.BoolVar(&v.repair, "repair", false, "with --rollup: derive every figure anew from the rows, then compare")
	f.BoolVar(&v.rehash, "rehash", false, "read every verified object again and compare its SHA-256; the same as --share 1")
	f.Float64Var(&v.share, "share", 0, "read this share of the verified objects again, from `0 to 1`")
	f.Uint64Var(&v.seed, "seed", 1, "`number` that decides which objects make up the share")
	f.StringVar(&v.rate, "rate", "", "read at most so many `bytes` a second, for example 20MiB; default: as fast as it goes")
	f.StringVar(&v.state, "state", "", "`file` that remembers how far an evidence run is, so that an interrupted one goes on there")
}

func (v *verifyFlags) check() (evidence.EvidenceCheck, error) {
	if v.rehash {
		v.share = 1
	}
	c := evidence.EvidenceCheck{Share: v.share, Seed: v.seed}
	if !(v.share >= 0 && v.share <= 1) {
		return c, fmt.Errorf("--share %g is not from 0 to 1", v.share)
	}
	if v.rate != "" {
		n, err := humanize.ParseBytes(v.rate)
		if err != nil || n < 1<<20 || n > 1<<40 {
			return c, fmt.Errorf("--rate %q is no number of bytes from 1MiB", v.rate)
		}
		c.BytesPerSecond = int(n)
	}
	if v.repair && !v.figures {
		return c, errors.New("--repair goes with --rollup")
	}
	if v.state != "" && v.figures && !v.evidence {
		return c, errors.New("--state goes with --evidence")
	}
	return c, nil
}

// verify compares what is kept twice, and repairs figures when asked to. It may
// run beside a server.
func verify(ctx context.Context, args []string) error {
	var v verifyFlags
	c, err := settings("verify", args, v.declare)
	if err != nil {
		return err
	}
	check, err := v.check()
	if err != nil {
		return err
	}
	p, err := openAll(ctx, c, logger(c), true)
	if err != nil {
		return err
	}
	defer p.close()
	ctx = authz.AsSystem(ctx)
	all := !v.evidence && !v.figures
	differences := 0
	show := func(what string, found evidence.Verification) {
		differences += len(found.Differences)
		for _, line := range found.Differences {
			fmt.Println(what+":", line)
		}
	}
	if v.repair {
		if err := p.app.RebuildFigures(ctx); err != nil {
			return err
		}
	}
	if all || v.figures {
		found, err := p.app.VerifyFigures(ctx)
		show("figures", found)
		if err != nil {
			return err
		}
	}
	if all || v.evidence {
		found, err := p.verifyEvidence(ctx, check, v.state)
		show("evidence", found)
		fmt.Println("evidence:", coverage(found))
		if err != nil {
			return err
		}
	}
	if differences > 0 {
		fmt.Println(differences, "differences")
		return errDifferences
	}
	fmt.Println("everything agrees")
	return nil
}

// coverage says what a run looked at, and what it did not.
func coverage(v evidence.Verification) string {
	percent := 100.0
	if v.Verified > 0 {
		percent = 100 * float64(v.Hashed) / float64(v.Verified)
	}
	return fmt.Sprintf("%d rows, %d objects, %d hashed of %d verified (%.1f %%, %s)",
		v.Rows, v.Objects, v.Hashed, v.Verified, percent, humanize.IBytes(uint64(v.HashedBytes))) //nolint:gosec // a count of bytes
}

// progress is what the state file holds.
type progress struct {
	Share float64               `json:"share"`
	Seed  uint64                `json:"seed"`
	Next  int                   `json:"next"` // the shard to go on with
	Found evidence.Verification `json:"found"`
}

// verifyEvidence runs the comparison, from where an interrupted run has stopped
// when there is a state file, and removes the file at the end.
func (p *parts) verifyEvidence(ctx context.Context, check evidence.EvidenceCheck, state string) (evidence.Verification, error) {
	if state == "" {
		return p.app.VerifyEvidence(ctx, check, evidence.Verification{})
	}
	state = filepath.Clean(state)
	before, err := readProgress(state)
	if err != nil {
		return evidence.Verification{}, err
	}
	if before.Next > 0 {
		if before.Share != check.Share || before.Seed != check.Seed {
			return before.Found, fmt.Errorf("%s is of a run with --share %g --seed %d: give the same, or another file", state, before.Share, before.Seed)
		}
		fmt.Printf("evidence: going on at part %d of %d\n", before.Next+1, evidence.Shards)
	}
	check.From = before.Next
	check.Done = func(shard int, v evidence.Verification) error {
		return writeProgress(state, progress{Share: check.Share, Seed: check.Seed, Next: shard + 1, Found: v})
	}
	found, err := p.app.VerifyEvidence(ctx, check, before.Found)
	if err != nil {
		return found, fmt.Errorf("stopped before the end; the same command goes on from %s: %w", state, err)
	}
	return found, os.Remove(state)
}

func readProgress(file string) (progress, error) {
	var at progress
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return at, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &at)
	}
	if err != nil {
		return at, fmt.Errorf("state file: %w", err)
	}
	return at, nil
}

// writeProgress replaces the file whole, so that a kill leaves the old one.
func writeProgress(file string, at progress) error {
	b, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	if err := os.WriteFile(file+".new", b, 0o600); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	return nil
}
