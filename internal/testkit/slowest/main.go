// Command slowest reads the events of `go test -json` and prints what a person wants of
// them: a line for each package, the output of what failed, and at the end the slowest
// tests of each package that took long. It exits with 1 when anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// long is how long a package takes whose slowest tests are printed.
const long = 3 * time.Minute

func main() {
	failed, err := summarize(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if failed || err != nil {
		os.Exit(1)
	}
}

// event is one line of `go test -json` (see go doc test2json).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

// pack is what is known of a package while it runs and afterwards.
type pack struct {
	output  map[string][]string      // by test that has not passed; "" is the package's own
	order   []string                 // the tests in output, in the order in which they began
	elapsed time.Duration            // of the package
	tests   map[string]time.Duration // of tests that have ended
}

// summarize reports whether anything failed. An error says that the events can't be
// read; what was read until then is printed.
func summarize(events io.Reader, to io.Writer) (failed bool, err error) {
	packs := map[string]*pack{}
	lines := bufio.NewReader(events)
	for {
		line, readErr := lines.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) != nil: // not of go test itself
			_, err = to.Write(line)
		default:
			if packs[e.Package] == nil {
				packs[e.Package] = &pack{output: map[string][]string{}, tests: map[string]time.Duration{}}
			}
			failed = packs[e.Package].note(e, to) || failed
		}
		if err != nil {
			return failed, err
		}
		if errors.Is(readErr, io.EOF) {
			break
		}
		if readErr != nil {
			return failed, readErr
		}
	}
	for _, name := range slices.Sorted(maps.Keys(packs)) {
		packs[name].slowest(name, to)
	}
	return failed, nil
}

// note takes one event and reports whether it is a failure.
func (p *pack) note(e event, to io.Writer) (failed bool) {
	switch e.Action {
	case "output":
		if _, known := p.output[e.Test]; !known {
			p.order = append(p.order, e.Test)
		}
		p.output[e.Test] = append(p.output[e.Test], e.Output)
	case "build-output":
		fmt.Fprint(to, e.Output)
	case "build-fail":
		return true
	case "pass", "skip", "fail":
		p.ended(e, to)
		return e.Action == "fail"
	}
	return false
}

func (p *pack) ended(e event, to io.Writer) {
	elapsed := time.Duration(e.Elapsed * float64(time.Second))
	if e.Test != "" {
		p.tests[e.Test] = elapsed
		if e.Action == "fail" {
			p.print(e.Test, to)
		}
		delete(p.output, e.Test)
		return
	}
	p.elapsed = elapsed
	switch e.Action {
	case "fail": // a panic or the end of its time is in the output of the tests that ran
		for _, test := range p.order {
			p.print(test, to)
		}
	case "pass":
		fmt.Fprintf(to, "ok  \t%s\t%.1fs\n", e.Package, e.Elapsed)
	}
	p.output = map[string][]string{}
}

// print prints what a test has said, without what go test says about its progress.
func (p *pack) print(test string, to io.Writer) {
	for _, line := range p.output[test] {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(to, line)
		}
	}
	delete(p.output, test)
}

// slowest prints the slowest tests of a package that took long. A test that has parts
// is left out: the parts have its time.
func (p *pack) slowest(name string, to io.Writer) {
	if p.elapsed < long {
		return
	}
	n := 5
	if strings.Contains(name, "/e2e") {
		n = 6
	}
	whole := map[string]bool{}
	for test := range p.tests {
		for i, c := range test {
			if c == '/' {
				whole[test[:i]] = true
			}
		}
	}
	var tests []string
	for test := range p.tests {
		if !whole[test] {
			tests = append(tests, test)
		}
	}
	slices.SortFunc(tests, func(x, y string) int {
		if d := p.tests[y] - p.tests[x]; d != 0 {
			return int(d)
		}
		return strings.Compare(x, y)
	})
	fmt.Fprintf(to, "\nThe slowest tests of %s (%.0f s):\n", name, p.elapsed.Seconds())
	for _, test := range tests[:min(n, len(tests))] {
		fmt.Fprintf(to, "%7.1f s  %s\n", p.tests[test].Seconds(), test)
	}
}
