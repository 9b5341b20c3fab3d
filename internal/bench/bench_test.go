package bench

import (
	"errors"
	"os"
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	for _, test := range []struct{ names, want []string }{
		{[]string{"upload"}, Known},
		{[]string{"upload.tus", "upload.graphql"}, []string{"upload.tus", "upload.graphql"}},
		{[]string{"uploads"}, nil},
		{[]string{"upload.tus", ""}, nil},
	} {
		got, err := choose(test.names)
		if !slices.Equal(got, test.want) || (err == nil) != (test.want != nil) {
			t.Errorf("%q: %q, %v", test.names, got, err)
		}
	}
}

// TestSummary: the median of each size, added up, beside the reference at the
// same sizes only.
func TestSummary(t *testing.T) {
	const mib = 1 << 20
	ref := []sample{{mib, 1, 0}, {mib, 2, 0}, {mib, 9, 0}, {8 * mib, 4, 0}, {8 * mib, 4, 0}, {8 * mib, 5, 0}}
	own := []sample{{mib, 4, 1}, {mib, 3, 2}, {mib, 5, 3}}
	got := summary(workload{name: "upload.graphql", target: 0.5}, own, ref, nil)
	want := Line{
		Workload: "upload.graphql", Bytes: mib, Seconds: 4, BytesPerSecond: mib / 4, CPUSecondsPerGiB: 2 * 1024,
		Reference: reference, Ratio: 0.5, Target: 0.5,
	}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	got = summary(workload{name: "x"}, append(own, sample{8 * mib, 2, 0}, sample{8 * mib, 4, 0}), ref, nil)
	if got.Bytes != 9*mib || got.Seconds != 7 || got.Ratio != 6.0/7 {
		t.Errorf("two sizes: %+v", got)
	}
	if got = summary(workload{name: reference}, ref, ref, nil); got.Ratio != 0 || got.Reference != "" || got.Seconds != 6 {
		t.Errorf("the reference itself: %+v", got)
	}
	if got = summary(workload{name: "x"}, nil, ref, errors.New("refused")); got != (Line{Workload: "x", Error: "refused"}) {
		t.Errorf("not measured: %+v", got)
	}
}

func TestProcess(t *testing.T) {
	line := func(pid, name, parent string) []byte {
		return []byte(pid + " (" + name + ") S " + parent + " 1 1 0 -1 0 0 0 0 0 100 50 200 50 20 0 9 0 77 123456 3 0")
	}
	var p process
	for _, text := range [][]byte{line("7", "a) S 1 (", "1"), line("8", "child", "7"), line("77", "other", "1"), line("9", "grandchild", "8"), []byte("7 (cut) S")} {
		p.add(text, 7)
	}
	if want := (process{cpu: 8, memory: 6 * int64(os.Getpagesize())}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	if p := processOf(0); p != (process{}) {
		t.Errorf("of no process: %+v", p)
	}
}
