package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/cleargrid/cleargrid/internal/testkit"
)

// browseWithin is how long one visit may take on a busy machine.
const browseWithin = 60 * time.Second

// TestPlayground opens the playground in a real browser, on a server in
// production, where only administrators may read the schema.
func TestPlayground(t *testing.T) {
	browser := chromium(t)
	s := newServer(t, "", "--production")
	if out, code, err := s.run("seed", "--schools", "24", "--townships", "4"); err != nil || code != 0 {
		t.Fatalf("seed: exit code %d, error %v:\n%s", code, err, out)
	}
	need(t, s.start())
	c := newCast(s, nil)
	need(t, c.passwords())

	t.Run("an administrator runs a query", func(t *testing.T) {
		v := visit(t, browser)
		var answer, types, described, message string
		v.do(t,
			c.enter("admin"),
			chromedp.WaitVisible("#workbench"),
			chromedp.WaitReady(`#types option[value="Hazard"]`, chromedp.ByQuery),
			chromedp.Click("#run"),
			waitText("#answer", `"campaigns"`),
			chromedp.Text("#answer", &answer),
			chromedp.Evaluate(`const s = document.getElementById("types"); s.value = "Hazard"; s.dispatchEvent(new Event("change")); s.value`, &types),
			waitText("#answer", "allowedEvents"),
			chromedp.Text("#answer", &described),
			chromedp.Text("#message", &message),
		)
		for _, want := range []string{`"PLATFORM_ADMIN"`, "user_", "campaign_", "安全隐患"} {
			if !strings.Contains(answer, want) {
				t.Errorf("the answer lacks %s:\n%s", want, answer)
			}
		}
		if strings.Contains(answer, `"errors"`) {
			t.Errorf("the default query is refused:\n%s", answer)
		}
		if !strings.Contains(described, "status: HazardStatus!") {
			t.Errorf("the schema of Hazard reads:\n%s", described)
		}
		v.do(t, chromedp.Click("#sign-out"), chromedp.WaitVisible("#sign-in"), chromedp.WaitNotVisible("#workbench"))
		v.clean(t, s.url)
	})

	t.Run("a grid member is sent away", func(t *testing.T) {
		v := visit(t, browser)
		var message string
		var hidden bool
		v.do(t,
			c.enter("grid1"),
			waitText("#message", "administrators"),
			chromedp.Text("#message", &message),
			chromedp.Evaluate(`document.getElementById("workbench").hidden && token === null`, &hidden),
		)
		if !hidden {
			t.Errorf("the page says %q, and keeps the workbench or the token", message)
		}
		v.clean(t, s.url)
	})
}

// enter opens the playground and signs in.
func (c *cast) enter(account string) chromedp.Action {
	return chromedp.Tasks{
		chromedp.Navigate(c.url + "/playground"),
		chromedp.WaitVisible("#account"),
		chromedp.SendKeys("#account", account),
		chromedp.SendKeys("#password", c.people[account].password),
		chromedp.Click("#sign-in button"),
	}
}

// waitText waits until an element shows a text.
func waitText(selector, text string) chromedp.Action {
	return chromedp.Poll(fmt.Sprintf("document.querySelector(%q).textContent.includes(%q)", selector, text), nil,
		chromedp.WithPollingInterval(again), chromedp.WithPollingTimeout(browseWithin))
}

// chromium finds the browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testkit.Missing(t, "chromium")
	return ""
}

// browserVisit is a browser of its own with what its console and its network
// saw.
type browserVisit struct {
	ctx context.Context

	mu       sync.Mutex
	problems []string
	asked    []string
}

// visit starts a fresh browser that ends with the test.
func visit(t *testing.T, browser string) *browserVisit {
	t.Helper()
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.ExecPath(browser), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(allocator)
	ctx, late := context.WithTimeout(ctx, browseWithin)
	t.Cleanup(func() { late(); leave(); end() })

	v := &browserVisit{ctx: ctx}
	chromedp.ListenTarget(ctx, v.note)
	return v
}

// note keeps what went wrong, and where the page turned to.
func (v *browserVisit) note(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			v.problems = append(v.problems, fmt.Sprintf("console: %s %v", e.Type, e.Args))
		}
	case *runtime.EventExceptionThrown:
		v.problems = append(v.problems, "exception: "+e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			v.problems = append(v.problems, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		v.asked = append(v.asked, e.Request.URL)
	}
}

func (v *browserVisit) do(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(v.ctx, actions...); err != nil {
		v.mu.Lock()
		defer v.mu.Unlock()
		t.Fatalf("in the browser: %v; problems %q, requests %q", err, v.problems, v.asked)
	}
}

// clean fails the test when the console showed an error or the page asked
// another site.
func (v *browserVisit) clean(t *testing.T, site string) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.problems) > 0 {
		t.Errorf("the browser reports %q", v.problems)
	}
	if len(v.asked) == 0 {
		t.Error("no request was seen")
	}
	for _, url := range v.asked {
		if !strings.HasPrefix(url, site+"/") {
			t.Errorf("the page asked %s", url)
		}
	}
}
