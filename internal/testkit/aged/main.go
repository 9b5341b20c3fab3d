// Command aged ends the retention of every file of a data folder, as if the years
// had passed: the browser's tests of destruction start from it, for a server goes
// by the clock of its machine. The server may be running.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"
)

func main() {
	if err := age(context.Background(), os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func age(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: aged FOLDER, with the data of a server on SQLite")
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(args[0], "cleargrid.db")+"?_pragma=busy_timeout(10000)&mode=rw")
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "UPDATE evidences SET retain_until = verified_at WHERE verified_at IS NOT NULL")
	return err
}
