package main

import (
	"strings"
	"testing"
)

// line is an event of `go test -json`.
func line(action, test, rest string) string {
	s := `{"Action":"` + action + `","Package":"example.org/x"`
	if test != "" {
		s += `,"Test":"` + test + `"`
	}
	return s + rest + "}\n"
}

func TestSummarize(t *testing.T) {
	said := func(test, text string) string { return line("output", test, `,"Output":"`+text+`\n"`) }
	passed := said("TestGood", "=== RUN   TestGood") + said("TestGood", "all is well") + line("pass", "TestGood", `,"Elapsed":2`)
	for name, c := range map[string]struct {
		events string
		failed bool
		want   string
	}{
		"a package that passes": {passed + said("", "PASS") + line("pass", "", `,"Elapsed":2.5`), false, "ok  \texample.org/x\t2.5s\n"},
		"a test that fails": {
			passed + said("TestBad", "=== RUN   TestBad") + said("TestBad", "    x_test.go:1: wrong") + said("TestBad", "--- FAIL: TestBad") +
				line("fail", "TestBad", `,"Elapsed":1`) + said("", "FAIL") + line("fail", "", `,"Elapsed":3`),
			true, "    x_test.go:1: wrong\n--- FAIL: TestBad\nFAIL\n",
		},
		"a test that ends the program": {
			said("TestBad", "panic: out of time") + said("", "FAIL example.org/x") + line("fail", "", `,"Elapsed":3`), true, "panic: out of time\nFAIL example.org/x\n",
		},
		"a package that is not built": {line("build-output", "", `,"Output":"x.go:1: syntax error\n"`) + line("build-fail", "", ""), true, "x.go:1: syntax error\n"},
		"a line of another program":   {"go: downloading something\n", false, "go: downloading something\n"},
		"a package that takes long": {
			line("pass", "TestEach/SQLite", `,"Elapsed":100`) + line("pass", "TestEach/PostgreSQL", `,"Elapsed":110`) + line("pass", "TestEach", `,"Elapsed":110`) +
				line("pass", "TestB", `,"Elapsed":5`) + line("pass", "TestA", `,"Elapsed":5`) + line("skip", "TestC", `,"Elapsed":0`) + line("pass", "TestD", `,"Elapsed":1`) +
				line("pass", "", `,"Elapsed":181`),
			false, "ok  \texample.org/x\t181.0s\n\nThe slowest tests of example.org/x (181 s):\n" +
				"  110.0 s  TestEach/PostgreSQL\n  100.0 s  TestEach/SQLite\n    5.0 s  TestA\n    5.0 s  TestB\n    1.0 s  TestD\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			failed, err := summarize(strings.NewReader(c.events), &out)
			if err != nil || failed != c.failed || out.String() != c.want {
				t.Errorf("failed %v, %v, printed\n%s", failed, err, out.String())
			}
		})
	}
}
