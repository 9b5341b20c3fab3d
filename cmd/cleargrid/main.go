// Command cleargrid is the backend of a campus safety hazard month.
//
// It only reads the configuration, puts the parts together and runs a
// subcommand; every decision is in a package under internal.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/internal/config"
	"github.com/cleargrid/cleargrid/internal/media"
)

type command struct {
	name, about string
	run         func(ctx context.Context, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "run the server", serve},
		{"migrate", "bring the database to this version; --status lists the migrations", migrate},
		{"seed", "load a campaign from a file, or make a demo county", seedData},
		{"verify", "compare figures with rows and rows with stored objects; exit 1 on any difference", verify},
		{"bench", "measure how fast a server takes evidence, beside its object store alone", runBench},
		{"doctor", "say which database, object store and clock are in use, and what they can do", doctor},
		{"version", "print version, commit and what the program was built with", printVersion},
	}
}

// errDifferences ends the program with status 1 and no further message.
var errDifferences = errors.New("differences found")

func main() {
	if len(os.Args) > 1 && os.Args[1] == media.ChildCommand {
		if err := media.RunChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if isStore, err := runObjectStore(os.Args[1:]); isStore {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:])
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errDifferences):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "cleargrid:", err)
		os.Exit(2)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(ctx, args[1:])
			}
		}
	}
	fmt.Fprintln(os.Stderr, "cleargrid COMMAND [flags]; cleargrid COMMAND -h shows the flags.")
	for _, c := range commands() {
		fmt.Fprintf(os.Stderr, "  %-8s %s\n", c.name, c.about)
	}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return nil
	}
	return fmt.Errorf("no command %q", args[0])
}

// settings parses the common settings and a command's own flags.
func settings(name string, args []string, own func(*flag.FlagSet)) (config.Config, error) {
	var c config.Config
	f := flag.NewFlagSet("cleargrid "+name, flag.ContinueOnError)
	c.Flags(f)
	if own != nil {
		own(f)
	}
	if err := config.Parse(f, args, os.Getenv, os.Stderr); err != nil {
		return c, err
	}
	return c, c.Validate()
}

func logger(c config.Config) zerolog.Logger {
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00"
	if c.LogFormat == "json" {
		return zerolog.New(os.Stderr).With().Timestamp().Logger()
	}
	return zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: "15:04:05"}).With().Timestamp().Logger()
}
