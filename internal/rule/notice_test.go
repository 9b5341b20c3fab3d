package rule_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// noticeHandbook is the life of a notice as the plan and the domain page have
// it, written down apart from the code: for each status (before it is drafted
// "-") where an event leads, "=" where the status stays, "." where the event is
// refused, "once" where it may happen only once, and "signed" where it may happen
// when the school signed.
const noticeHandbook = `
event           -      DRAFT    ISSUED        ACKNOWLEDGED  REFUSED     REPLIED     CLOSED  SUPERSEDED  DROPPED
DRAFTED         DRAFT  .        .             .             .           .           .       .           .
REVISED         .      =        .             .             .           .           .       .           .
DROPPED         .      DROPPED  .             .             .           .           .       .           .
ISSUED          .      ISSUED   .             .             .           .           .       .           .
ACKNOWLEDGED    .      .        ACKNOWLEDGED  .             .           .           .       .           .
REFUSED         .      .        REFUSED       .             .           .           .       .           .
REPLIED         .      .        .             REPLIED       REPLIED     REPLIED     .       .           .
CLOSED          .      .        .             .             .           CLOSED      .       .           .
SUPERSEDED      .      .        SUPERSEDED    SUPERSEDED    SUPERSEDED  SUPERSEDED  .       .           .
HANDED_IN       .      .        once          once          once        once        once    .           .
EVIDENCE_ADDED  .      .        .             signed        .           signed      signed  signed      .
`

func noticeBook(t testing.TB) map[rule.NoticeEventKind]map[rule.NoticeStatus]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(noticeHandbook), "\n")
	head := strings.Fields(lines[0])
	out := map[rule.NoticeEventKind]map[rule.NoticeStatus]string{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		row := map[rule.NoticeStatus]string{}
		for i, cell := range cells[1:] {
			row[rule.NoticeStatus(strings.Trim(head[i+1], "-"))] = cell
		}
		out[rule.NoticeEventKind(cells[0])] = row
	}
	if len(out) != len(rule.NoticeEventKinds()) || len(head) != len(rule.NoticeStatuses())+2 {
		t.Fatalf("the handbook has %d events and %d statuses", len(out), len(head)-2)
	}
	return out
}

// TestNoticeLife walks every status × every event × handed in or not × signed or
// not.
func TestNoticeLife(t *testing.T) {
	book := noticeBook(t)
	for _, status := range append([]rule.NoticeStatus{""}, rule.NoticeStatuses()...) {
		for i := range 4 {
			handedIn, signed := i&1 != 0, i&2 != 0
			f := rule.NoticeFacts{Status: status, Acknowledged: signed, HandedIn: handedIn}
			allowed := []rule.NoticeEventKind{}
			for _, event := range rule.NoticeEventKinds() {
				want := book[event][status]
				switch want {
				case "once":
					want = map[bool]string{false: "=", true: "."}[handedIn]
				case "signed":
					want = map[bool]string{false: ".", true: "="}[signed]
				}
				got, err := rule.NextNoticeStatus(f, event)
				switch want {
				case ".":
					var refusal *fault.Error
					if !errors.As(err, &refusal) || refusal.Kind != fault.InvalidTransition || got != status {
						t.Errorf("%+v, %s: %s, %v; want a refusal", f, event, got, err)
						continue
					}
					if refusal.Detail["state"] != string(status) || refusal.Detail["event"] != string(event) || refusal.Text.ZH == "" || refusal.Text.EN == "" {
						t.Errorf("%+v, %s: the refusal is %+v", f, event, refusal)
					}
					continue
				case "=":
					want = string(status)
				}
				allowed = append(allowed, event)
				if err != nil || string(got) != want {
					t.Errorf("%+v, %s: %s, %v; want %s", f, event, got, err, want)
				}
			}
			got := rule.AllowedNoticeEvents(f)
			slices.Sort(got)
			slices.Sort(allowed)
			if !slices.Equal(got, allowed) {
				t.Errorf("%+v allows %v, want %v", f, got, allowed)
			}
		}
	}
	if _, err := rule.NextNoticeStatus(rule.NoticeFacts{Status: rule.NoticeDraft}, "BURNT"); !fault.Is(err, fault.InvalidTransition) {
		t.Errorf("an event nobody knows: %v", err)
	}
}

func TestNoticeTableIsWhole(t *testing.T) {
	var drawn []rule.NoticeEventKind
	for _, s := range rule.NoticeSteps() {
		drawn = append(drawn, s.Event)
		if s.Who == "" || s.Needs == "" || len(s.From) == 0 {
			t.Errorf("%s does not say who, from where, or what it needs", s.Event)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(drawn)), slices.Sorted(slices.Values(rule.NoticeEventKinds()))) {
		t.Errorf("the table has %v, the events are %v", drawn, rule.NoticeEventKinds())
	}
}

// TestNoticeStatusWords: what a school must not see, what still runs, and what
// can be late.
func TestNoticeStatusWords(t *testing.T) {
	for _, s := range rule.NoticeStatuses() {
		secret := s == "DRAFT" || s == "DROPPED"
		running := slices.Contains(strings.Fields("ISSUED ACKNOWLEDGED REFUSED REPLIED"), string(s))
		if s.Secret() != secret || s.Running() != running {
			t.Errorf("%s: secret %v, running %v", s, s.Secret(), s.Running())
		}
		for deadline, passed := range map[clock.Date]bool{yesterday: true, today: false, tomorrow: false} {
			if got := rule.NoticeOverdue(s, deadline, today); got != (running && passed) {
				t.Errorf("%s until %s is overdue on %s: %v", s, deadline, today, got)
			}
		}
	}
}

func TestHandedInLate(t *testing.T) {
	for day, want := range map[clock.Date]bool{"2021-04-29": false, "2021-04-30": false, "2021-05-01": true} {
		if got := rule.HandedInLate(day, "2021-04-30"); got != want {
			t.Errorf("on %s: %v", day, got)
		}
	}
}

func TestNoticeNumber(t *testing.T) {
	for n, want := range map[int]string{1: "武教安改〔2021〕第0001号", 999: "武教安改〔2021〕第0999号", 12345: "武教安改〔2021〕第12345号"} {
		if got := rule.NoticeNumber("武教安改", 2021, n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
	for _, text := range []string{"", "武教安改", "武教安改〔2021〕第1号", "武教安改〔21〕第0001号", "武教安改[2021]第0001号", "武教安改〔2021〕第0001号 ", "武教安改〔2021〕第99999999999999999999号"} {
		if _, _, ok := rule.ReadNoticeNumber(text); ok {
			t.Errorf("%q is read as a number", text)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.String().Draw(t, "prefix")
		year, number := rapid.IntRange(1000, 9999).Draw(t, "year"), rapid.IntRange(1, 999_999_999).Draw(t, "number")
		y, n, ok := rule.ReadNoticeNumber(rule.NoticeNumber(prefix, year, number))
		if !ok || y != year || n != number {
			t.Fatalf("%d/%d is read as %d/%d, %v", year, number, y, n, ok)
		}
	})
}

// TestNoticeYear: on New Year's Eve in London it is the next year in Shanghai.
func TestNoticeYear(t *testing.T) {
	at := time.Date(2021, 12, 31, 17, 0, 0, 0, time.UTC)
	if y := rule.NoticeYear(rule.Policy{TimeZone: "Asia/Shanghai"}, at); y != 2022 {
		t.Errorf("Shanghai: %d", y)
	}
	if y := rule.NoticeYear(rule.Policy{TimeZone: "Europe/London"}, at); y != 2021 {
		t.Errorf("London: %d", y)
	}
}

func TestNoticeDeadline(t *testing.T) {
	until := today
	for _, c := range []struct {
		deadline clock.Date
		notice   *clock.Date
		bad      bool
	}{
		{yesterday, &until, false}, {today, &until, false}, {tomorrow, &until, true}, {"9999-12-30", nil, false},
	} {
		err := rule.CheckNoticeDeadline("input.deadlineOn", c.deadline, c.notice)
		if (err != nil) != c.bad || c.bad && !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%s: %v", c.deadline, err)
		}
	}
}

func TestCheckIssue(t *testing.T) {
	open := rule.NoticedHazard{ID: "hazard_open", Status: rule.Reported}
	with := func(change func(*rule.NoticedHazard)) []rule.NoticedHazard {
		h := open
		h.ID = "hazard_odd"
		change(&h)
		return []rule.NoticedHazard{open, h}
	}
	for name, c := range map[string]struct {
		deadline clock.Date
		hazards  []rule.NoticedHazard
		want     string
	}{
		"until today":               {today, []rule.NoticedHazard{open}, ""},
		"a hazard due the same day": {tomorrow, with(func(h *rule.NoticedHazard) { h.DeadlineOn = tomorrow }), ""},
		"a hazard due earlier":      {tomorrow, with(func(h *rule.NoticedHazard) { h.DeadlineOn = yesterday }), ""},
		"a hazard due later":        {today, with(func(h *rule.NoticedHazard) { h.DeadlineOn = tomorrow }), "notice.hazard_deadline"},
		"a closed hazard":           {today, with(func(h *rule.NoticedHazard) { h.Status = rule.Closed }), "notice.hazard_done"},
		"a voided hazard":           {today, with(func(h *rule.NoticedHazard) { h.Status = rule.Voided }), "notice.hazard_done"},
		"a rectified hazard":        {today, with(func(h *rule.NoticedHazard) { h.Status = rule.Rectified }), ""},
		"until yesterday":           {yesterday, []rule.NoticedHazard{open}, "notice.deadline_passed"},
		"nothing on it":             {today, nil, "notice.empty"},
	} {
		err := rule.CheckIssue(c.deadline, today, c.hazards)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != c.want || f.Kind != fault.InvalidTransition {
			t.Errorf("%s: %v, want %s", name, err, c.want)
			continue
		}
		if named := strings.HasPrefix(c.want, "notice.hazard"); named && (!reflect.DeepEqual(f.Detail["hazardIds"], []string{"hazard_odd"}) || !strings.Contains(f.Text.EN, "hazard_odd")) {
			t.Errorf("%s: %+v does not name the hazard", name, f)
		}
	}
}

var exampleSnapshot = rule.NoticeSnapshot{
	Form: rule.NoticeForm, Number: "武教安改〔2021〕第0001号", IssuedOn: "2021-04-21", IssuedAt: "2021-04-21T02:00:00Z",
	Issuer: rule.NoticeSnapshotPlace{ID: "region_1", Code: "130481", Name: "武安市"}, School: rule.NoticeSnapshotPlace{ID: "school_1", Name: "<一>&中学"},
	Requirements: "限期整改", DeadlineOn: "2021-05-10",
	Problems: []rule.NoticeSnapshotIssue{{Position: 1, Hazard: "hazard_1", Category: "FIRE", Grade: rule.General, Problem: "灭火器\n过期", Place: "教学楼", Basis: "第11项"}},
}

// TestSnapshotIsCanonical holds the form byte by byte: a printed hash must be
// computed again in ten years.
func TestSnapshotIsCanonical(t *testing.T) {
	const want = `{"form":"cleargrid.notice.v1","number":"武教安改〔2021〕第0001号","issuedOn":"2021-04-21","issuedAt":"2021-04-21T02:00:00Z",` +
		`"issuer":{"id":"region_1","code":"130481","name":"武安市"},"campaign":{"id":"","code":"","name":""},"school":{"id":"school_1","code":"","name":"<一>&中学"},` +
		`"team":{"id":"","code":"","name":""},"report":"","supersedes":"","requirements":"限期整改","deadlineOn":"2021-05-10",` +
		`"problems":[{"position":1,"hazard":"hazard_1","category":"FIRE","grade":"GENERAL","problem":"灭火器\n过期","place":"教学楼","basis":"第11项","requirement":"","deadlineOn":""}]}`
	text, hash, err := exampleSnapshot.Freeze()
	if err != nil || text != want {
		t.Errorf("the snapshot is\n%s\nwant\n%s (%v)", text, want, err)
	}
	sum := sha256.Sum256([]byte(want))
	if hash != hex.EncodeToString(sum[:]) || hash != rule.HashNotice(text) {
		t.Errorf("the hash is %s", hash)
	}
}

// TestSnapshotHoldsEverything changes one thing after the other: each gives
// another hash, and reading the text back gives the same snapshot.
func TestSnapshotHoldsEverything(t *testing.T) {
	_, before, _ := exampleSnapshot.Freeze()
	seen := map[string]string{before: "the example"}
	copyOf := func() rule.NoticeSnapshot {
		s := exampleSnapshot
		s.Problems = slices.Clone(s.Problems)
		return s
	}
	var walk func(path string, get func(*rule.NoticeSnapshot) reflect.Value)
	walk = func(path string, get func(*rule.NoticeSnapshot) reflect.Value) {
		s := copyOf()
		v := get(&s)
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(s *rule.NoticeSnapshot) reflect.Value { return get(s).Field(i) })
			}
			return
		case reflect.Slice:
			walk(path+"[0]", func(s *rule.NoticeSnapshot) reflect.Value { return get(s).Index(0) })
			return
		case reflect.Int:
			v.SetInt(v.Int() + 1)
		default:
			v.SetString(v.String() + "x")
		}
		text, hash, err := s.Freeze()
		if err != nil || seen[hash] != "" {
			t.Errorf("another %s has the hash of %s (%v)", path, seen[hash], err)
		}
		seen[hash] = path
		var back rule.NoticeSnapshot
		if err := json.Unmarshal([]byte(text), &back); err != nil || !reflect.DeepEqual(back, s) {
			t.Errorf("%s: read back it is %+v, %v", path, back, err)
		}
	}
	walk("snapshot", func(s *rule.NoticeSnapshot) reflect.Value { return reflect.ValueOf(s).Elem() })
	if len(seen) < 30 {
		t.Errorf("only %d things were changed", len(seen))
	}
}
