package faults

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
)

// browseWithin is how long one visit may take on a busy machine.
const browseWithin = 60 * time.Second

// browserVisit is a browser of its own, and what its console complained of.
type browserVisit struct {
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// visit starts a fresh browser that ends with the test.
func visit(t *testing.T, browser string) *browserVisit {
	t.Helper()
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	v := &browserVisit{}
	allocator, end := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, leave := chromedp.NewContext(allocator, chromedp.WithListener(v.note))
	ctx, late := context.WithTimeout(ctx, browseWithin)
	t.Cleanup(func() { late(); leave(); end() })
	v.ctx = ctx
	return v
}

// note keeps what went wrong; a breach of the Content-Security-Policy is among it.
func (v *browserVisit) note(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			v.problems = append(v.problems, fmt.Sprintf("console: %s %v", e.Type, e.Args))
		}
	case *runtime.EventExceptionThrown:
		v.problems = append(v.problems, fmt.Sprintf("exception: %s", e.ExceptionDetails.Text))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			v.problems = append(v.problems, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	}
}

// complaints is what went wrong so far.
func (v *browserVisit) complaints() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.problems)
}

func (v *browserVisit) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(v.ctx, steps...); err != nil {
		t.Fatalf("in the browser: %v; it reports %q", err, v.complaints())
	}
}

// eval runs a statement in the page.
func (v *browserVisit) eval(t *testing.T, statement string) {
	t.Helper()
	if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[bool]("{ "+statement+" } true")); err != nil {
		t.Fatalf("in the browser: %v", err)
	}
}

// until waits until an expression holds. It asks from outside, because the
// page's policy forbids scripts that are made from text.
func (v *browserVisit) until(t *testing.T, expression string) {
	t.Helper()
	err := program.Eventually(browseWithin, func() (bool, error) { return chromedp.Run(v.ctx, chromedp.Evaluate[bool](expression)) })
	if err != nil {
		t.Fatalf("%s: %v; the browser reports %q", expression, err, v.complaints())
	}
}
