package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/e2e/program"
	"github.com/cleargrid/cleargrid/internal/id"
)

// TestBadInput shows how the running server answers what is wrong: with a code,
// the field's name, and nothing changed.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c := newCast(program.Running(t), program.NewMedia(t))
	prepare(t, c)
	t.Run("health", func(t *testing.T) { testHealth(t, c) })
	t.Run("request", func(t *testing.T) { testRequests(t, c) })
	t.Run("token", func(t *testing.T) { testTokens(t, c) })
	t.Run("field", func(t *testing.T) { testFields(t, c) })
	t.Run("sight", func(t *testing.T) { testSight(t, c) })
	t.Run("repeat", func(t *testing.T) { testOtherContent(t, c) })
	t.Run("object store", func(t *testing.T) { testObjectStore(t, c) })
	t.Run("bytes", func(t *testing.T) { testBytes(t, c) })
	t.Run("recheck", func(t *testing.T) { testRechecks(t, c) })

	if out, code, err := c.Run("verify", "--rehash"); err != nil || code != 0 {
		t.Errorf("after all refusals: exit code %d, error %v:\n%s", code, err, out)
	}
}

// prepare has grid1 report a hazard with a verified photo.
func prepare(t *testing.T, c *cast) {
	t.Helper()
	program.Need(t, c.As("grid1"))
	program.Need(t, c.LookAround())
	program.Need(t, c.startInspection([]string{"report1"}))
	program.Need(t, c.Hand("before1", "photo", "BEFORE"))
	program.Need(t, c.Prove("before1"))
	program.Need(t, c.reportHazard([]string{"hazard1", "report1", "FIRE", "疏散通道堆放杂物", "before1"}))
}

// refusedAs runs an operation of an account and checks its refusal.
func refusedAs(t *testing.T, c *cast, account, query string, v program.Variables, code string, fields ...string) {
	t.Helper()
	program.Need(t, c.As(account))
	r, err := c.Try(query, v)
	program.Need(t, err)
	checkRefusal(t, r, code, fields...)
}

func checkRefusal(t *testing.T, r program.Reply, code string, fields ...string) {
	t.Helper()
	if r.Code() != code {
		t.Fatalf("code is %q, want %s: %v", r.Code(), code, r.Err())
	}
	var named []string
	for _, f := range r.Errors[0].Extensions.Fields {
		named = append(named, f.Path)
	}
	for _, f := range fields {
		if !slices.Contains(named, f) {
			t.Errorf("the refusal names the fields %q, want %q", named, f)
		}
	}
}

func testHealth(t *testing.T, c *cast) {
	for _, path := range []string{"/healthz", "/readyz"} {
		answer, text, err := c.Fetch(path)
		program.Need(t, err)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s: %s", path, answer.Status, text)
		}
	}
	answer, text, err := c.Fetch("/playground")
	program.Need(t, err)
	policy := answer.Header.Get("Content-Security-Policy")
	if answer.StatusCode != http.StatusOK || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("/playground answers %s with the policy %q", answer.Status, policy)
	}
	if strings.Contains(text, "://") {
		t.Errorf("/playground names another site:\n%s", text)
	}
}

func testRequests(t *testing.T, c *cast) {
	token, err := c.Token("grid1")
	program.Need(t, err)
	large, err := json.Marshal(map[string]string{"query": "{ viewer { roles } } #" + strings.Repeat("x", 10<<20)})
	program.Need(t, err)
	deep := "{ campaigns { " + strings.Repeat("region { parent { ", 8) + "id" + strings.Repeat(" } }", 8) + " } }"
	deepBody, err := json.Marshal(map[string]string{"query": deep})
	program.Need(t, err)
	query := []byte(`{"query": "{ viewer { roles } }"}`)

	for _, x := range []struct {
		name, mediaType string
		body            []byte
		status          int
		code            string
	}{
		{"query of 10 MB", "application/json", large, http.StatusRequestEntityTooLarge, "PAYLOAD_TOO_LARGE"},
		{"deep query", "application/json", deepBody, http.StatusOK, "QUERY_TOO_COMPLEX"},
		{"plain text, which a foreign page can send", "text/plain", query, http.StatusUnsupportedMediaType, "BAD_USER_INPUT"},
		{"form, which a foreign page can send", "application/x-www-form-urlencoded", query, http.StatusUnsupportedMediaType, "BAD_USER_INPUT"},
		{"batch", "application/json", append(append([]byte{'['}, query...), ']'), http.StatusBadRequest, "BAD_USER_INPUT"},
		{"half a request", "application/json", query[:10], http.StatusBadRequest, "BAD_USER_INPUT"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, err := c.Post(token, x.mediaType, x.body)
			program.Need(t, err)
			checkRefusal(t, r, x.code)
			if r.Status != x.status {
				t.Errorf("status is %d, want %d", r.Status, x.status)
			}
		})
	}
	t.Run("mutation by GET", func(t *testing.T) {
		r, err := http.NewRequest(http.MethodGet, c.URL+"/graphql?query="+url.QueryEscape("mutation { signOut { signedOut } }"), nil)
		program.Need(t, err)
		r.Header.Set("Graphql-Require-Preflight", "1")
		out, err := program.GraphQL(r, token)
		program.Need(t, err)
		checkRefusal(t, out, "BAD_USER_INPUT")
		if out.Status != http.StatusMethodNotAllowed {
			t.Errorf("status is %d", out.Status)
		}
		again, err := c.Ask(token, "{ viewer { roles } }", nil)
		program.Need(t, err)
		if again.Err() != nil {
			t.Errorf("the session ended after all: %v", again.Err())
		}
	})
	t.Run("query by GET from a foreign page", func(t *testing.T) {
		r, err := http.NewRequest(http.MethodGet, c.URL+"/graphql?query="+url.QueryEscape("{ viewer { roles } }"), nil)
		program.Need(t, err)
		out, err := program.GraphQL(r, token)
		program.Need(t, err)
		checkRefusal(t, out, "FORBIDDEN")
	})
}

func testTokens(t *testing.T, c *cast) {
	r, err := c.Ask("", "{ viewer { roles } }", nil)
	program.Need(t, err)
	checkRefusal(t, r, "UNAUTHENTICATED")
	r, err = c.Ask("", program.ReportHazard, program.Variables{"input": c.Last.Variables["input"]})
	program.Need(t, err)
	checkRefusal(t, r, "UNAUTHENTICATED")

	stale, err := c.Token("viewer1")
	program.Need(t, err)
	r, err = c.Ask(stale, "mutation { signOut { signedOut } }", nil)
	program.Need(t, err)
	program.Need(t, r.Err())
	for name, token := range map[string]string{"signed out": stale, "garbage": "garbage", "too long": strings.Repeat("x", 5000)} {
		r, err := c.Ask(token, "{ __typename }", nil)
		program.Need(t, err)
		checkRefusal(t, r, "UNAUTHENTICATED")
		if r.Status != http.StatusUnauthorized {
			t.Errorf("%s: status is %d, want 401", name, r.Status)
		}
	}

	r, err = c.Ask("", `mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }`,
		program.Variables{"input": program.Variables{"account": "grid1", "password": "wrong"}})
	program.Need(t, err)
	checkRefusal(t, r, "UNAUTHENTICATED")
}

func testFields(t *testing.T, c *cast) {
	const list = `query($first: Int) { hazards(first: $first) { edges { node { id } } } }`
	refusedAs(t, c, "grid1", list, program.Variables{"first": 100_000}, "BAD_USER_INPUT", "hazards.first")
	refusedAs(t, c, "grid1", list, program.Variables{"first": 0}, "BAD_USER_INPUT", "hazards.first")
	refusedAs(t, c, "grid1", list, nil, "BAD_USER_INPUT")
	refusedAs(t, c, "grid1", `{ hazard(id: "hazard_1") { id } }`, nil, "BAD_USER_INPUT", "id")

	good := program.Variables{
		"id": id.New(id.Hazard).String(), "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"], "gridId": c.IDs["grid"],
		"category": "FIRE", "description": "灭火器过期", "discoveredAt": "2021-04-06T08:00:00+08:00", "evidenceIds": []string{c.IDs["before1"]},
	}
	for _, x := range []struct {
		name string
		more program.Variables
		code string
		path string
	}{
		{"discovered in the future", program.Variables{"discoveredAt": "2999-01-01T00:00:00Z"}, "BAD_USER_INPUT", "input.discoveredAt"},
		{"time without a zone", program.Variables{"discoveredAt": "2021-04-06T08:00:00"}, "BAD_USER_INPUT", "input.discoveredAt"},
		{"no description", program.Variables{"description": " "}, "BAD_USER_INPUT", "input.description"},
		{"unknown category", program.Variables{"category": "METEORITE"}, "BAD_USER_INPUT", "input.category"},
		{"unknown school", program.Variables{"schoolId": id.New(id.School).String()}, "NOT_FOUND", ""},
		{"unknown grid", program.Variables{"gridId": id.New(id.Grid).String()}, "NOT_FOUND", ""},
		{"a school's id for a grid", program.Variables{"gridId": c.IDs["school"]}, "BAD_USER_INPUT", "input.gridId"},
		{"no photo", program.Variables{"evidenceIds": []string{}}, "EVIDENCE_MISSING", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			var paths []string
			if x.path != "" {
				paths = []string{x.path}
			}
			refusedAs(t, c, "grid1", program.ReportHazard, program.Variables{"input": good.With(x.more)}, x.code, paths...)
		})
	}
	total, _, err := c.figures("section")
	program.Need(t, err)
	if total["found"] != 1.0 {
		t.Errorf("after all refusals %v hazards are found, want 1", total["found"])
	}
}

func testSight(t *testing.T, c *cast) {
	const read = `query($id: ID!) { hazard(id: $id) { id description } }`
	program.Need(t, c.As("officer2"))
	var out struct{ Hazard, Evidence *struct{ ID string } }
	program.Need(t, c.Do(read, program.Variables{"id": c.IDs["hazard1"]}, &out))
	program.Need(t, c.Do(`query($id: ID!) { evidence(id: $id) { id url(rendition: PREVIEW) } }`, program.Variables{"id": c.IDs["before1"]}, &out))
	if out.Hazard != nil || out.Evidence != nil {
		t.Errorf("another school's officer sees %+v", out)
	}
	for word, s := range steps {
		input := program.Variables{"commandId": program.NewCommand(), "hazardId": c.IDs["hazard1"]}
		if s.makes != "" {
			input[s.makes] = id.New(s.noun).String()
		}
		for _, field := range s.words {
			switch {
			case field == "note":
			case strings.HasSuffix(field, "On"), field == "completeBy":
				input[field] = day(3)
			case strings.HasSuffix(field, "Fen"):
				input[field] = 1
			case field == "responsibleId":
				input[field] = c.People["officer2"].UserID
			default:
				input[field] = "不在本校"
			}
		}
		r, err := c.Try(s.query(), program.Variables{"input": input})
		program.Need(t, err)
		if r.Code() != "NOT_FOUND" {
			t.Errorf("%s by another school's officer: code is %q, want NOT_FOUND: %v", word, r.Code(), r.Err())
		}
	}
	r, err := c.Try(`{ hazards(first: 10) { edges { node { id } } } }`, nil)
	program.Need(t, err)
	program.Need(t, r.Err())
	if strings.Contains(string(r.Data), "hazard_") {
		t.Errorf("another school's officer lists %s", r.Data)
	}
	total, _, err := c.figures("officer2")
	program.Need(t, err)
	if total["found"] != 0.0 {
		t.Errorf("another school's officer counts %v hazards", total["found"])
	}
}

func testOtherContent(t *testing.T, c *cast) {
	program.Need(t, c.As("grid1"))
	input := program.Variables{
		"id": c.IDs["hazard1"], "campaignId": c.IDs["campaign"], "schoolId": c.IDs["school"], "gridId": c.IDs["grid"],
		"category": "FOOD", "description": "另一处隐患", "discoveredAt": "2021-04-06T08:00:00Z", "evidenceIds": []string{c.IDs["before1"]},
	}
	refusedAs(t, c, "grid1", program.ReportHazard, program.Variables{"input": input}, "IDEMPOTENCY_MISMATCH")

	f := *c.Files["before1"]
	f.Bytes = c.Photos[7]
	_, err := c.Announce(&f)
	if r, ok := err.(program.ReplyError); !ok || r.Extensions.Code != "IDEMPOTENCY_MISMATCH" { //nolint:errorlint // announce returns it bare
		t.Errorf("another photo under the same id: %v", err)
	}
}

func testObjectStore(t *testing.T, c *cast) {
	program.Need(t, c.As("grid1"))
	f, err := c.Take("signed1", "photo", "BEFORE")
	program.Need(t, err)
	u, err := c.Announce(f)
	program.Need(t, err)
	good := *u.Ticket.Request
	address, err := url.Parse(good.URL)
	program.Need(t, err)

	changed := func(name, value string) string {
		q := address.Query()
		q.Set(name, value)
		return c.URL + address.EscapedPath() + "?" + q.Encode()
	}
	for _, x := range []struct {
		name, method, url string
		content           []byte
	}{
		{"unsigned GET", http.MethodGet, c.URL + address.Path, nil},
		{"unsigned PUT", http.MethodPut, c.URL + address.Path, f.Bytes},
		{"unsigned list", http.MethodGet, c.URL + "/evidence/", nil},
		{"unsigned list of buckets' neighbours", http.MethodGet, c.URL + "/evidence/?versions", nil},
		{"signed PUT used to read", http.MethodGet, good.URL, nil},
		{"another signature", http.MethodPut, changed("X-Amz-Signature", strings.Repeat("0", 64)), f.Bytes},
		{"a longer life", http.MethodPut, changed("X-Amz-Expires", "604800"), f.Bytes},
		{"another object", http.MethodPut, strings.Replace(good.URL, address.Path, address.Path+"x", 1), f.Bytes},
		{"one more parameter", http.MethodPut, changed("tagging", ""), f.Bytes},
	} {
		t.Run(x.name, func(t *testing.T) {
			request := good
			request.Method, request.URL = x.method, x.url
			if x.method == http.MethodGet {
				request.Headers = nil
			}
			status, text, err := request.Send(x.content)
			program.Need(t, err)
			if status != http.StatusForbidden {
				t.Errorf("status is %d, want 403: %s", status, text)
			}
			if bytes.Contains([]byte(text), f.Bytes[:64]) {
				t.Error("the answer holds the file")
			}
		})
	}

	t.Run("other bytes with their own hash", func(t *testing.T) {
		request := good
		request.Headers = slices.Clone(good.Headers)
		sum := sha256.Sum256(c.Photos[5])
		for i, h := range request.Headers {
			if strings.EqualFold(h.Name, "x-amz-checksum-sha256") {
				request.Headers[i].Value = base64.StdEncoding.EncodeToString(sum[:])
			}
		}
		status, text, err := request.Send(c.Photos[5])
		program.Need(t, err)
		if status != http.StatusForbidden {
			t.Errorf("status is %d, want 403: %s", status, text)
		}
	})
	t.Run("other bytes with the right ticket", func(t *testing.T) {
		status, text, err := good.Send(c.Photos[5])
		program.Need(t, err)
		if status < 400 || status > 499 {
			t.Errorf("status is %d: %s", status, text)
		}
		if err := c.Complete(f); err == nil {
			t.Error("the file is complete with another's bytes")
		}
		program.Need(t, good.Deliver(f.Bytes))
		program.Need(t, c.Complete(f))
		program.Need(t, c.Prove("signed1"))
	})
	t.Run("changed link to an original", func(t *testing.T) {
		var out struct{ OpenOriginal struct{ URL string } }
		program.Need(t, c.Do(`mutation($id: ID!) { openOriginal(input: {evidenceId: $id}) { url } }`, program.Variables{"id": f.ID}, &out))
		link := program.Ticket{Method: http.MethodGet, URL: out.OpenOriginal.URL}
		status, text, err := link.Send(nil)
		program.Need(t, err)
		if status != http.StatusOK || text != string(f.Bytes[:min(len(f.Bytes), len(text))]) {
			t.Errorf("the link gives %d and %d bytes", status, len(text))
		}
		link.URL = strings.Replace(link.URL, "inline", "attachment", 1)
		status, _, err = link.Send(nil)
		program.Need(t, err)
		if status != http.StatusForbidden {
			t.Errorf("a changed link gives %d, want 403", status)
		}
	})
}

// testBytes sends files that are not what they are called.
func testBytes(t *testing.T, c *cast) {
	program.Need(t, c.As("grid1"))
	for name, x := range map[string]struct {
		content []byte
		reason  string
	}{
		"text called a photo":    {[]byte(strings.Repeat("这不是照片。\n", 200)), "not_media"},
		"half a photo":           {c.Photos[2][:len(c.Photos[2])/2], "truncated"},
		"film called a photo":    {c.Film, "kind_mismatch"},
		"page called a photo":    {[]byte("<!doctype html><script>alert(1)</script>"), "html"},
		"photo after other data": {append([]byte("GIF89a"), c.Photos[3]...), "unsupported"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &program.File{ID: c.Named(name, id.Evidence), Kind: "PHOTO", MediaType: "image/jpeg", Stage: "SITE", Bytes: x.content}
			u, err := c.Announce(f)
			program.Need(t, err)
			program.Need(t, u.Ticket.Request.Deliver(f.Bytes))
			program.Need(t, c.Complete(f))
			status, reason, err := c.Verdict(f)
			program.Need(t, err)
			if status != "REJECTED" || reason != x.reason {
				t.Errorf("it is %s with the reason %q, want REJECTED with %q", status, reason, x.reason)
			}
			refusedAs(t, c, "grid1", `mutation($id: ID!) { openOriginal(input: {evidenceId: $id}) { url } }`, program.Variables{"id": f.ID}, "INVALID_TRANSITION")
			program.Need(t, program.Eventually(program.VerifiedWithin, func() (bool, error) { return !stored(c.Server, f), nil }))
		})
	}
}

// testRechecks takes the hazard to RECTIFIED and rechecks it wrongly.
func testRechecks(t *testing.T, c *cast) {
	program.Need(t, c.As("officer1"))
	program.Need(t, c.Hand("after1", "photo", "AFTER"))
	program.Need(t, c.Prove("after1"))
	do := func(word string, args ...string) {
		t.Helper()
		program.Need(t, c.step(steps[word], append([]string{"hazard1"}, args...)))
	}
	program.Need(t, c.Hand("shield1", "photo", "DURING"))
	do("place-under-oversight", "responsible=officer1", "deadline=5", "measures=警戒线", "files=shield1")
	do("submit-plan", "responsible=officer1", "measures=清理", "funds=1", "complete=5", "contingency=疏散")
	program.Need(t, c.As("section"))
	do("approve-plan")
	program.Need(t, c.As("officer1"))
	do("mark-rectified", "measures=已清理", "files=after1")

	accept := func(account, photo string) program.Variables {
		program.Need(t, c.As(account))
		program.Need(t, c.Hand(photo, "photo", "AFTER"))
		program.Need(t, c.Prove(photo))
		input, err := c.stepInput(steps["accept-rectification"], "hazard1", []string{"files=" + photo})
		program.Need(t, err)
		h, err := c.hazard("hazard1")
		program.Need(t, err)
		input["expectedVersion"] = h.Version
		return program.Variables{"input": input}
	}
	query := steps["accept-rectification"].query()
	t.Run("by who rectified", func(t *testing.T) {
		refusedAs(t, c, "officer1", query, accept("officer1", "check0"), "FORBIDDEN")
	})
	t.Run("two at once", func(t *testing.T) {
		atOnce(t, c, query, map[string]program.Variables{"inspector1": accept("inspector1", "check1"), "principal1": accept("principal1", "check2")})
	})
	t.Run("after it is closed", func(t *testing.T) {
		late := accept("section", "check3")
		refusedAs(t, c, "section", query, late, "INVALID_TRANSITION")
	})
}

// atOnce lets several people do the same at the same time: one succeeds, the
// others are told of the conflict.
func atOnce(t *testing.T, c *cast, query string, inputs map[string]program.Variables) {
	t.Helper()
	type outcome struct {
		account string
		reply   program.Reply
		err     error
	}
	gate, outcomes := make(chan struct{}), make(chan outcome, len(inputs))
	for account, v := range inputs {
		token, err := c.Token(account)
		program.Need(t, err)
		go func() {
			<-gate
			r, err := c.Ask(token, query, v)
			outcomes <- outcome{account, r, err}
		}()
	}
	close(gate)
	winners := 0
	for range inputs {
		o := <-outcomes
		program.Need(t, o.err)
		switch o.reply.Code() {
		case "":
			winners++
		case "CONFLICT":
		default:
			t.Errorf("%s: %v", o.account, o.reply.Err())
		}
	}
	if winners != 1 {
		t.Errorf("%d of %d succeeded, want 1", winners, len(inputs))
	}
	h, err := c.hazard("hazard1")
	program.Need(t, err)
	accepted := 0
	for _, e := range h.Events {
		if e.Kind == "RECTIFICATION_ACCEPTED" {
			accepted++
		}
	}
	if h.Status != "CLOSED" || accepted != 1 {
		t.Errorf("the hazard is %s after %d acceptances: %s", h.Status, accepted, fmt.Sprint(h.Events))
	}
}

// TestProduction shows what --production keeps for administrators.
func TestProduction(t *testing.T) {
	t.Parallel()
	s := program.Running(t, "--production")
	c := newCast(s, nil)
	const schema = `{ __schema { types { name } } }`
	refusedAs(t, c, "grid1", schema, nil, "FORBIDDEN")
	r, err := c.Ask("", schema, nil)
	program.Need(t, err)
	checkRefusal(t, r, "FORBIDDEN")
	refusedAs(t, c, "grid1", `{ viewr { roles } }`, nil, "BAD_USER_INPUT")
	if r, err := c.Try(`{ viewr { roles } }`, nil); err != nil || strings.Contains(fmt.Sprint(r.Errors), "viewer") {
		t.Errorf("a member learns how the field is called: %v %v", r.Errors, err)
	}

	program.Need(t, c.As("admin"))
	r, err = c.Try(schema, nil)
	program.Need(t, err)
	program.Need(t, r.Err())
	if !strings.Contains(string(r.Data), `"Hazard"`) {
		t.Errorf("an administrator reads %.200s", r.Data)
	}
}
