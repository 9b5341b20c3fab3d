package faults

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/id"
)

// phone loses its network at every step: of each different request the first
// attempt never leaves, the second breaks off in its midst, and the answer to the
// third, which has been done, is lost.
type phone struct {
	*program.Cast
	mu       sync.Mutex
	attempts map[[32]byte]int
	// accepted is how often the object store took a file, by its path.
	accepted map[string]int
}

var errNoNetwork = errors.New("no network")

// RoundTrip implements http.RoundTripper.
func (p *phone) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	// A renewed ticket has another signature; it is the same step.
	step := sha256.Sum256(slices.Concat([]byte(r.Method+r.URL.Path+r.URL.Query().Get("partNumber")), body))
	p.attempts[step]++
	attempt := p.attempts[step]
	p.mu.Unlock()

	r.Body = io.NopCloser(bytes.NewReader(body))
	switch attempt {
	case 1:
		return nil, errNoNetwork
	case 2:
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), brokenReader{}))
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && r.Method == http.MethodPut && answer.StatusCode == http.StatusOK {
		p.mu.Lock()
		p.accepted[r.URL.Path]++
		p.mu.Unlock()
	}
	if attempt == 3 && err == nil {
		_ = answer.Body.Close()
		return nil, errNoNetwork
	}
	return answer, err
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errNoNetwork }

// ask sends an operation again and again until its answer arrives.
func (p *phone) ask(query string, v program.Variables, to any) error {
	token, err := p.Token(p.Me)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		return err
	}
	for range 10 {
		r, err := http.NewRequest(http.MethodPost, p.URL+"/graphql", bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := (&http.Client{Transport: p}).Do(r)
		if err != nil {
			continue
		}
		var out program.Reply
		err = errors.Join(json.NewDecoder(answer.Body).Decode(&out), answer.Body.Close())
		if err != nil {
			return err
		}
		return out.Into(to)
	}
	return fmt.Errorf("no answer to %s", query)
}

// hand announces a file, sends it until the server says that nothing is left to
// send, and completes it.
func (p *phone) hand(f *program.File) error {
	var out struct {
		AnnounceEvidence struct{ Upload program.Upload }
	}
	err := p.ask(`mutation($input: AnnounceEvidenceInput!) { announceEvidence(input: $input) { upload `+program.UploadFields+` } }`,
		program.Variables{"input": f.Announcement(p.IDs["school"])}, &out)
	u := out.AnnounceEvidence.Upload
	for range 10 {
		if err != nil || u.Ticket == nil {
			break
		}
		p.put(u.Ticket.Request, f.Bytes)
		u, err = p.Progress(f)
	}
	if err != nil {
		return err
	}
	var done struct{}
	return p.ask(program.CompleteEvidence, program.Variables{"input": program.Variables{"id": f.ID}}, &done)
}

// put sends a file once; the phone does not look at the answer, it asks.
func (p *phone) put(t *program.Ticket, content []byte) {
	r, err := http.NewRequest(t.Method, t.URL, bytes.NewReader(content))
	if err != nil {
		return
	}
	for _, h := range t.Headers {
		r.Header.Set(h.Name, h.Value)
	}
	if answer, err := (&http.Client{Transport: p}).Do(r); err == nil {
		_ = answer.Body.Close()
	}
}

// TestPhoneWithoutNetwork: a hazard with ten photos, announced before it and
// after it, ends with each file sent once and each command done once.
func TestPhoneWithoutNetwork(t *testing.T) {
	t.Parallel()
	m := program.NewMedia(t)
	s := program.Running(t)
	c := program.NewCast(s, m)
	program.Need(t, c.As("grid1"))
	program.Need(t, c.LookAround())
	for _, hazardFirst := range []bool{true, false} {
		name := fmt.Sprintf("hazard first: %v", hazardFirst)
		t.Run(name, func(t *testing.T) {
			p := &phone{Cast: c, attempts: map[[32]byte]int{}, accepted: map[string]int{}}
			var photos []*program.File
			var ids []string
			for i := range 10 {
				f, err := c.Take(fmt.Sprintf("%s, photo %d", name, i), "photo", "BEFORE")
				program.Need(t, err)
				// The same photo may be evidence twice; here each is one of its own.
				f.Bytes = slices.Concat(f.Bytes, []byte(name))
				photos, ids = append(photos, f), append(ids, f.ID)
			}
			report := func() error {
				var out struct{}
				return p.ask(program.ReportHazard, program.Variables{"input": program.Variables{
					"id": c.Named(name, id.Hazard), "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"], "gridId": c.IDs["grid"],
					"category": "FIRE", "description": "灭火器压力不足", "discoveredAt": time.Now().UTC().Format(time.RFC3339), "evidenceIds": ids,
				}}, &out)
			}
			if hazardFirst {
				program.Need(t, report())
			}
			for _, f := range photos {
				program.Need(t, p.hand(f))
			}
			if !hazardFirst {
				program.Need(t, report())
			}
			for _, f := range photos {
				if status, reason, err := c.Verdict(f); err != nil || status != "VERIFIED" {
					t.Errorf("%s %s %v", status, reason, err)
				}
			}
			if len(p.accepted) != len(photos) {
				t.Errorf("the store accepted %d files, want %d", len(p.accepted), len(photos))
			}
			for path, n := range p.accepted {
				if n != 1 {
					t.Errorf("%s was accepted %d times", path, n)
				}
			}
			reportedOnce(t, c, name, len(photos))
		})
	}
}

// reportedOnce checks what a hazard's history and figures say: it was reported once, with
// its photos, and is proven.
func reportedOnce(t *testing.T, c *program.Cast, name string, photos int) {
	t.Helper()
	var out struct {
		Hazard struct {
			Proven   bool
			Events   []struct{ Kind string }
			Evidence []struct{ Status string }
		}
	}
	program.Need(t, c.Do(`query($id: ID!) { hazard(id: $id) { proven events { kind } evidence { status } } }`, program.Variables{"id": c.IDs[name]}, &out))
	var kinds []string
	for _, e := range out.Hazard.Events {
		kinds = append(kinds, e.Kind)
	}
	if n := strings.Count(strings.Join(kinds, " "), "REPORTED"); n != 1 || !out.Hazard.Proven || len(out.Hazard.Evidence) != photos {
		t.Errorf("history %q, %d photos, proven %v", kinds, len(out.Hazard.Evidence), out.Hazard.Proven)
	}
}
