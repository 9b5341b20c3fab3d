package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/blob"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/store"
)

// migrate applies what is missing and derives what earlier versions did not write
// down, or lists what there is.
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
		if err := app.Backfill(ctx, s, clock.System{}, logger(c)); err != nil {
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
	fmt.Printf("object store: %s, bucket %s\n", kind, c.S3Bucket)
	describeAbilities(abilities)
	for _, line := range p.media.Describe() {
		fmt.Println("media:", line)
	}
	fmt.Println("clock:", clock.System{}.Now().Format(time.RFC3339))
	return nil
}

// describeAbilities says what the object store can do, and what is lost where it
// can't.
func describeAbilities(able blob.Abilities) {
	for _, a := range []struct {
		name  string
		has   bool
		loses string
	}{
		{"object lock", able.ObjectLock, "evidence can be deleted by whoever holds the store's keys"},
		{"versioning", able.Versioning, "what is overwritten is gone"},
		{"checksum", able.Checksum, "wrong bytes are found out by the server, after they were sent"},
		{"store once", able.Once, "a signed upload can be sent again until it expires"},
	} {
		if a.has {
			fmt.Printf("object store: %s: yes\n", a.name)
			continue
		}
		fmt.Printf("object store: %s: no, so %s\n", a.name, a.loses)
	}
	if !able.Checksum && !able.Once {
		fmt.Println("object store: every file is sent in parts, because the signature of a single upload would not protect it once it is verified")
	}
}
