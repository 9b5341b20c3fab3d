package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/store"
)

// migrate applies what is missing, or lists what there is.
func migrate(ctx context.Context, args []string) error {
	var status bool
	c, err := settings("migrate", args, func(f *flag.FlagSet) {
		f.BoolVar(&status, "status", false, "list the migrations, change nothing")
	})
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{URL: c.Database, File: c.SQLiteFile()})
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() { _ = s.Close() }()
	if !status {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
	}
	all, err := s.MigrationStatus(ctx)
	for _, m := range all {
		state := "pending"
		if m.Applied {
			state = "applied"
		}
		fmt.Println(state, m.Name)
	}
	return err
}

// verify compares what is kept twice. It may run beside a server.
func verify(ctx context.Context, args []string) error {
	var evidence, figures, rehash bool
	c, err := settings("verify", args, func(f *flag.FlagSet) {
		f.BoolVar(&evidence, "evidence", false, "rows and stored objects")
		f.BoolVar(&figures, "rollup", false, "kept figures and the rows they count")
		f.BoolVar(&rehash, "rehash", false, "with --evidence: read every verified object and compare its SHA-256")
	})
	if err != nil {
		return err
	}
	p, err := openAll(ctx, c, logger(c), true)
	if err != nil {
		return err
	}
	defer p.close()
	ctx = authz.AsSystem(ctx)
	all := !evidence && !figures
	differences := 0
	show := func(what string, v app.Verification, err error) error {
		differences += len(v.Differences)
		for _, line := range v.Differences {
			fmt.Println(what+":", line)
		}
		return err
	}
	if all || figures {
		v, err := p.app.VerifyFigures(ctx)
		if err := show("figures", v, err); err != nil {
			return err
		}
	}
	if all || evidence {
		v, err := p.app.VerifyEvidence(ctx, rehash)
		if err := show("evidence", v, err); err != nil {
			return err
		}
		fmt.Printf("evidence: %d rows, %d objects, %d hashed\n", v.Rows, v.Objects, v.Hashed)
	}
	if differences > 0 {
		fmt.Println(differences, "differences")
		return errDifferences
	}
	fmt.Println("everything agrees")
	return nil
}

// doctor says what is in use and whether it answers.
func doctor(ctx context.Context, args []string) error {
	c, err := settings("doctor", args, nil)
	if err != nil {
		return err
	}
	p, err := openAll(ctx, c, logger(c), true)
	if err != nil {
		return err
	}
	defer p.close()
	fmt.Println("database:", p.store.Name())
	kind := "embedded"
	if !c.Embedded() {
		kind = c.S3Endpoint
	}
	abilities, err := p.blob.Abilities(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("object store: %s, bucket %s, versioning %t, object lock %t\n", kind, c.S3Bucket, abilities.Versioning, abilities.ObjectLock)
	fmt.Println("clock:", clock.System{}.Now().Format(time.RFC3339))
	return nil
}
