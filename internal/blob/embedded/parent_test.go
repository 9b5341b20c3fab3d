package embedded

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/rs/zerolog"
)

// parentCommand makes the test binary a server that only runs its store, to be
// killed.
const parentCommand = "test-parent"

// runParent prints the child's process id when the store answers, and stays
// until it is killed or the test, which holds its standard input, has gone.
func runParent(dir string) {
	_, err := Start(context.Background(), Options{
		Dir: dir, Bucket: bucket, Log: zerolog.Nop(),
		ready: func(pid int) { fmt.Println(pid) },
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
