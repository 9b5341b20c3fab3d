package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// draft drafts a notice about a new hazard, as somebody.
func (a *api) draft(account string) id.ID {
	a.T.Helper()
	key := id.New(id.Notice)
	a.must(account, `mutation($i: DraftNoticeInput!) { draftNotice(input: $i) { notice { id status number } } }`, map[string]any{"i": map[string]any{
		"id": key.String(), "campaignId": a.Campaign.PublicID().String(), "schoolId": a.School.PublicID().String(), "deadlineOn": "2026-03-25",
		"requirements": "限期整改", "items": []any{map[string]any{"hazardId": a.report().String(), "basis": "消防法"}},
	}})
	return key
}

func (a *api) issue(account string, notice id.ID) {
	a.T.Helper()
	a.must(account, `mutation($i: IssueNoticeInput!) { issueNotice(input: $i) { notice { id } } }`, map[string]any{"i": map[string]any{
		"commandId": id.New(id.Command).String(), "noticeId": notice.String(),
	}})
}

// TestNoticeActors runs every command on a notice as everybody. The notice is
// dropped, or superseded for the school's own steps, so an account that is allowed gets
// INVALID_TRANSITION and nothing ever changes.
func TestNoticeActors(t *testing.T) {
	const (
		team    = "leader1 inspector1 inspector2"
		outside = "officer2 admin viewer1"
		school  = "officer1 principal1 grid1"
	)
	commands := []struct{ name, more, allowed string }{
		{"reviseNotice", `requirements: "x"`, "section " + team},
		{"dropNotice", ``, "section " + team},
		{"issueNotice", ``, "section " + team},
		{"refuseNotice", `reason: "x", witness: "y"`, "section " + team},
		{"acknowledgeNotice", `opinion: "x"`, "principal1"},
		{"replyToNotice", `reply: "x"`, "officer1 principal1"},
	}
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		dropped, superseded := a.draft("section"), a.draft("section")
		a.must("section", fmt.Sprintf(`mutation { dropNotice(input: {commandId: %s, noticeId: %s}) { notice { status } } }`, quoted(id.New(id.Command)), quoted(dropped)), nil)
		a.issue("section", superseded)
		next := id.New(id.Notice)
		a.must("inspector1", fmt.Sprintf(`mutation { supersedeNotice(input: {id: %s, noticeId: %s}) { notice { status } } }`, quoted(next), quoted(superseded)), nil)
		a.issue("inspector1", next)
		before := e.Rows()
		run := func(name, more string, notice id.ID, who, want string) {
			t.Helper()
			query := fmt.Sprintf(`mutation { %s(input: {commandId: %s, noticeId: %s, %s}) { notice { id } } }`, name, quoted(id.New(id.Command)), quoted(notice), more)
			if got := a.ask(who, query, nil); got.code() != want {
				t.Errorf("%s as %q: %s, want %s: %+v", name, who, got.code(), want, got.Errors)
			}
		}
		for _, c := range commands {
			for _, who := range everybody {
				want := "FORBIDDEN"
				switch {
				case who == "":
					want = "UNAUTHENTICATED"
				case slices.Contains(strings.Fields(outside), who):
					want = "NOT_FOUND"
				case slices.Contains(strings.Fields(c.allowed), who):
					want = "INVALID_TRANSITION"
				}
				run(c.name, c.more, superseded, who, want)
				if slices.Contains(strings.Fields(school), who) {
					want = "NOT_FOUND" // a draft, even one that was given up, is the bureau's own
				}
				run(c.name, c.more, dropped, who, want)
			}
		}
		for _, who := range everybody {
			want := map[string]string{"": "UNAUTHENTICATED", "officer2": "NOT_FOUND", "admin": "NOT_FOUND", "viewer1": "NOT_FOUND"}[who]
			if slices.Contains(strings.Fields("section "+team), who) {
				want = "INVALID_TRANSITION"
			} else if want == "" {
				want = "FORBIDDEN"
			}
			query := fmt.Sprintf(`mutation { supersedeNotice(input: {id: %s, noticeId: %s}) { notice { id } } }`, quoted(id.New(id.Notice)), quoted(superseded))
			if got := a.ask(who, query, nil); got.code() != want {
				t.Errorf("supersedeNotice as %q: %s, want %s", who, got.code(), want)
			}
			draft := fmt.Sprintf(`mutation { draftNotice(input: {id: %s, campaignId: %s, schoolId: %s, deadlineOn: "2026-03-25", requirements: "x", items: [{hazardId: %s}]}) { notice { id } } }`,
				quoted(id.New(id.Notice)), quoted(e.Campaign.PublicID()), quoted(e.School.PublicID()), quoted(id.New(id.Hazard)))
			switch want = map[string]string{"": "UNAUTHENTICATED", "officer2": "NOT_FOUND", "viewer1": "NOT_FOUND"}[who]; {
			case want != "":
			case slices.Contains(strings.Fields("section "+team), who):
				want = "NOT_FOUND" // the hazard
			default:
				want = "FORBIDDEN"
			}
			if got := a.ask(who, draft, nil); got.code() != want {
				t.Errorf("draftNotice as %q: %s, want %s", who, got.code(), want)
			}
		}
		var team1 string
		for _, h := range a.must("section", fmt.Sprintf(`{ handIns(campaignId: %s) { team { id number } } }`, quoted(e.Campaign.PublicID())), nil)["handIns"].([]any) {
			team1 = h.(map[string]any)["team"].(map[string]any)["id"].(string)
		}
		for _, who := range everybody {
			want := map[string]string{"": "UNAUTHENTICATED", "section": "FORBIDDEN", "inspector2": "FORBIDDEN", "leader1": "BAD_USER_INPUT", "inspector1": "BAD_USER_INPUT"}[who]
			if want == "" {
				want = "NOT_FOUND"
			}
			query := fmt.Sprintf(`mutation { handInNotices(input: {commandId: %s, teamId: %q, noticeIds: [%s]}) { notices { id } } }`, quoted(id.New(id.Command)), team1, quoted(superseded))
			if got := a.ask(who, query, nil); got.code() != want { // it is the section's own notice, not the team's
				t.Errorf("handInNotices as %q: %s, want %s", who, got.code(), want)
			}
		}
		for table, digest := range e.Rows() {
			if before[table] != digest {
				t.Errorf("rows of %s have changed", table)
			}
		}
	})
}

// TestNoticeReaders asks for one notice on every path as everybody, while it is a
// draft and once it is issued.
func TestNoticeReaders(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		n := a.draft("inspector1")
		look := func(unseen ...string) {
			t.Helper()
			for _, who := range everybody {
				byID := a.ask(who, `query($n: ID!) { notice(id: $n) { id } }`, map[string]any{"n": n.String()})
				if who == "" {
					if byID.code() != "UNAUTHENTICATED" {
						t.Errorf("nobody: %+v", byID)
					}
					continue
				}
				sees := !slices.Contains(unseen, who)
				if byID.code() != "" || sees != (byID.Data["notice"] != nil) {
					t.Errorf("notice as %s: %+v", who, byID)
				}
				for name, got := range map[string]any{
					"notices": a.must(who, `{ notices(first: 5) { edges { node { id } } } }`, nil),
					"node":    a.must(who, `query($n: ID!) { node(id: $n) { id } }`, map[string]any{"n": n.String()}),
					"hazards": a.must(who, `{ hazards(first: 5) { edges { node { notice { id } } } } }`, nil),
				} {
					if strings.Contains(fmt.Sprint(got), n.String()) != sees {
						t.Errorf("%s as %s: %v", name, who, got)
					}
				}
			}
		}
		look("officer1", "principal1", "grid1", "officer2", "admin", "viewer1")
		a.issue("inspector1", n)
		look("officer2", "admin", "viewer1")
	})
}

const richNotices = `query($n: Int!) { notices(first: $n) { edges { cursor node { id status number overdue handedInLate allowedEvents
  campaign { title } school { name region { name } } team { name } report { id } issuer { name } draftedBy { name } issuedBy { name }
  items { position problem place basis requirement hazard { id status notice { id } } }
  evidence { id } missingEvidence { step } events { kind actor { name } details { name value } } supersedes { id } supersededBy { id } } }
  pageInfo { hasNextPage endCursor } } }`

// TestStatementsOfNotices: the number of SQL statements does not depend on the
// number of rows.
func TestStatementsOfNotices(t *testing.T) {
	const budget = 30
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		for range 12 {
			a.issue("inspector1", a.draft("inspector1"))
		}
		counts := map[int]int{}
		for _, n := range []int{1, 5, 12} {
			got := a.must("section", richNotices, map[string]any{"n": n})
			if rows := len(got["notices"].(map[string]any)["edges"].([]any)); rows != n {
				t.Fatalf("%d rows, want %d", rows, n)
			}
			counts[n] = a.statements
		}
		if counts[1] != counts[5] || counts[5] != counts[12] || counts[12] > budget || counts[12] == 0 {
			t.Errorf("statements by page size %v, budget %d", counts, budget)
		}
		a.must("section", `{ hazards(first: 12) { edges { node { notice { number items { problem } } } } } }`, nil)
		if a.statements > 4 {
			t.Errorf("hazards with their notices take %d statements", a.statements)
		}
		a.must("section", fmt.Sprintf(`{ handIns(campaignId: %s) { team { name campaign { title } } issuedCount handedInCount missingCount lateCount late } }`, quoted(e.Campaign.PublicID())), nil)
		if a.statements > 4 {
			t.Errorf("hand-ins take %d statements", a.statements)
		}
	})
}

// TestNoticeOverTheAPI is the life of a notice as clients see it; the hash can be
// computed again from what they see.
func TestNoticeOverTheAPI(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		n := a.draft("inspector1")
		a.issue("inspector1", n)
		command := func(account, name, more string) map[string]any {
			t.Helper()
			got := a.must(account, fmt.Sprintf(`mutation { %s(input: {commandId: %s, noticeId: %s, %s}) { notice { status } } }`,
				name, quoted(id.New(id.Command)), quoted(n), more), nil)
			return got[name].(map[string]any)["notice"].(map[string]any)
		}
		if got := command("principal1", "acknowledgeNotice", `opinion: "无异议", evidenceIds: [`+quoted(testkit.Promise())+`]`); got["status"] != "ACKNOWLEDGED" {
			t.Errorf("signed: %v", got)
		}
		if got := command("officer1", "replyToNotice", `reply: "已清理"`); got["status"] != "REPLIED" {
			t.Errorf("replied: %v", got)
		}
		file := testkit.Promise()
		a.must("officer1", `mutation($i: SupplementEvidenceInput!) { supplementEvidence(input: $i) { subject { id } } }`, map[string]any{"i": map[string]any{
			"commandId": id.New(id.Command).String(), "subjectId": n.String(), "evidenceIds": []string{file.String()},
		}})
		got := a.must("officer1", `query($n: ID!) { notice(id: $n) { number snapshot snapshotHash verifyCode opinion reply missingEvidence { step count waitingIds }
			items { hazard { id notice { id } } basis place } events { kind details { name value } } handedInAt closedAt supersedes { id } } }`, map[string]any{"n": n.String()})["notice"].(map[string]any)
		sum := sha256.Sum256([]byte(got["snapshot"].(string)))
		if got["snapshotHash"] != hex.EncodeToString(sum[:]) || !strings.HasSuffix(got["number"].(string), "〔2026〕第0001号") {
			t.Errorf("it is %v", got)
		}
		if got["opinion"] != "无异议" || got["reply"] != "已清理" || got["closedAt"] != nil || len(got["missingEvidence"].([]any)) != 1 || len(got["events"].([]any)) != 5 {
			t.Errorf("it is %v", got)
		}
		last := got["events"].([]any)[4].(map[string]any)
		if last["kind"] != "EVIDENCE_ADDED" || !strings.Contains(fmt.Sprint(last["details"]), file.String()) {
			t.Errorf("its last event is %v", last)
		}
		item := got["items"].([]any)[0].(map[string]any)
		if item["basis"] != "消防法" || item["hazard"].(map[string]any)["notice"].(map[string]any)["id"] != n.String() {
			t.Errorf("its item is %v", item)
		}
		proof, err := e.App.VerifyNotice(e.Nobody(), got["verifyCode"].(string))
		if err != nil || proof.Hash != got["snapshotHash"] {
			t.Errorf("its proof is %+v, %v", proof, err)
		}
	})
}

// TestPrintLink: a viewer who sees a notice is given a link to its printed form, and the
// link opens this notice alone, for ten minutes, without a session.
func TestPrintLink(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		a := newAPI(e, false)
		n, other := a.draft("inspector1"), a.draft("inspector1")
		link := func(who string, of id.ID) (string, string) {
			got := a.ask(who, fmt.Sprintf(`{ notice(id: %s) { printUrl } }`, quoted(of)), nil)
			if x, ok := got.Data["notice"].(map[string]any); ok {
				text, _ := x["printUrl"].(string)
				return text, got.code()
			}
			return "", got.code()
		}
		if text, code := link("inspector1", n); text != "" || code != "" {
			t.Errorf("a draft is printed at %q, %s", text, code)
		}
		a.issue("inspector1", n)
		a.issue("inspector1", other)
		for _, who := range everybody {
			text, code := link(who, n)
			sees := !slices.Contains([]string{"", "officer2", "admin", "viewer1"}, who)
			if sees != (text != "") || (who == "") != (code == "UNAUTHENTICATED") { // out of sight is null, without an error
				t.Errorf("%q is given %q, %s", who, text, code)
			}
		}

		text, _ := link("principal1", n)
		parts, err := url.Parse(text)
		if err != nil || parts.Path != "/notices/"+n.String()+"/print" {
			t.Fatalf("the link is %q (%v)", text, err)
		}
		until, signature := parts.Query().Get("until"), parts.Query().Get("signature")
		open := func(notice, until, signature string) bool {
			p, err := e.App.PrintNotice(e.Nobody(), notice, until, signature)
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("it is refused with %v", err)
			}
			return err == nil && p.School.Name == e.School.Name && len(p.Problems) == 1 && p.Number != "" && len(p.Hash) == 64 && p.Code != ""
		}
		if !open(n.String(), until, signature) {
			t.Error("the link does not open the notice")
		}
		later := until[:len(until)-1] + string('0'+(until[len(until)-1]-'0'+1)%10)
		otherFirst := map[bool]string{true: "B", false: "A"}[signature[0] == 'A']
		for name, x := range map[string][3]string{
			"another notice":    {other.String(), until, signature},
			"another instant":   {n.String(), later, signature},
			"no signature":      {n.String(), until, ""},
			"no instant":        {n.String(), "", signature},
			"another noun":      {id.Of(id.Hazard, n.UUID).String(), until, signature},
			"no id":             {"x", until, signature},
			"one character off": {n.String(), until, otherFirst + signature[1:]},
		} {
			if open(x[0], x[1], x[2]) {
				t.Errorf("%s opens it", name)
			}
		}
		e.Clock.Advance(10*time.Minute - time.Second)
		if !open(n.String(), until, signature) {
			t.Error("it does not last ten minutes")
		}
		e.Clock.Advance(time.Second)
		if open(n.String(), until, signature) {
			t.Error("it opens after ten minutes")
		}
	})
}
