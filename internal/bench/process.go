package bench

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// process is what a process and its children use: of a server, the embedded
// object store with it.
type process struct {
	cpu    float64 // seconds, ended children included
	memory int64   // bytes in use
}

// ticks are the units of /proc in a second, on every Linux that Go runs on.
const ticks = 100

// processOf reads /proc; where there is none, and of process 0, nothing is known.
func processOf(pid int) process {
	var sum process
	if pid == 0 {
		return sum
	}
	paths, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is a good one
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		sum.add(text, pid)
	}
	return sum
}

// add counts a line of /proc/*/stat (proc(5)) when it is of the process or of a child.
func (p *process) add(stat []byte, pid int) {
	number, rest, _ := bytes.Cut(stat, []byte(" "))
	fields := bytes.Fields(rest[bytes.LastIndexByte(rest, ')')+1:]) // the name may hold anything
	if len(fields) < 22 {
		return
	}
	field := func(n int) int64 { // as proc(5) counts them
		v, _ := strconv.ParseInt(string(fields[n-3]), 10, 64)
		return v
	}
	if string(number) != strconv.Itoa(pid) && field(4) != int64(pid) {
		return
	}
	p.cpu += float64(field(14)+field(15)+field(16)+field(17)) / ticks
	p.memory += field(24) * int64(os.Getpagesize())
}

// peakOf watches a process until it is asked for the most memory it used, in bytes.
func peakOf(ctx context.Context, pid int) func() int64 {
	ctx, stop := context.WithCancel(ctx)
	found := make(chan int64)
	go func() {
		var most int64
		for {
			most = max(most, processOf(pid).memory)
			if pause(ctx, 50*time.Millisecond) != nil {
				found <- most
				return
			}
		}
	}()
	return func() int64 {
		stop()
		return <-found
	}
}
