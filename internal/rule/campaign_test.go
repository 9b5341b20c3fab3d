package rule_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// TestDefaultPolicy compares the defaults with the evidence table and the numbers
// of the handbook, written down here a second time.
func TestDefaultPolicy(t *testing.T) {
	p := rule.DefaultPolicy()
	want := map[rule.EvidenceStep]string{
		"FINDING_COMPLIANT":         "1 PHOTO any",
		"FINDING_NON_COMPLIANT":     "1 PHOTO any",
		"HAZARD_REPORT":             "1 PHOTO BEFORE",
		"HAZARD_REPORT_SUPERVISION": "1 PHOTO BEFORE, 1 VIDEO any",
		"OVERSIGHT":                 "1 PHOTO any",
		"RECTIFY":                   "1 PHOTO AFTER not BEFORE",
		"RECHECK":                   "1 PHOTO any own",
		"REOPEN":                    "1 PHOTO any",
		"SUPERVISION_REPORT":        "1 PHOTO SITE, 1 VIDEO SITE",
		"NOTICE_ACKNOWLEDGEMENT":    "1 PHOTO SIGNATURE",
	}
	got := map[rule.EvidenceStep]string{}
	for step, needs := range p.Evidence {
		got[step] = inWords(needs)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("evidence is\n%v, want\n%v", got, want)
	}
	if p.TimeZone != "Asia/Shanghai" || p.ImmediateWithinHours != 24 || p.ReportWithinHours != 24 {
		t.Errorf("clocks are %s, %d h, %d h", p.TimeZone, p.ImmediateWithinHours, p.ReportWithinHours)
	}
	if want := (rule.SamplingRule{SchoolsPerTownship: 3, Middle: 1, Primary: 1, Private: 1, RecusalMonths: 36, InspectorsPerVisit: 1}); p.Sampling != want {
		t.Errorf("sampling is %+v, want %+v", p.Sampling, want)
	}
	if wrong := p.Validate(); len(wrong) > 0 {
		t.Errorf("the defaults are refused: %v", wrong)
	}
}

func inWords(needs []rule.Requirement) string {
	var out []string
	for _, n := range needs {
		words := []string{string('0' + rune(n.Count)), string(n.Kind), "any"}
		if n.Stage != "" {
			words[2] = string(n.Stage)
		}
		if n.DifferentFrom != "" {
			words = append(words, "not", string(n.DifferentFrom))
		}
		if n.ByActor {
			words = append(words, "own")
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, ", ")
}

func TestDefaultPolicyIsFresh(t *testing.T) {
	p := rule.DefaultPolicy()
	p.Evidence[rule.StepRectify] = nil
	p.MaxBytes[rule.Photo] = 1
	if d := rule.DefaultPolicy(); len(d.Evidence[rule.StepRectify]) != 1 || d.MaxBytes[rule.Photo] == 1 {
		t.Error("a caller can change the defaults of everybody")
	}
}

func TestWithDefaults(t *testing.T) {
	d := rule.DefaultPolicy()
	own := []rule.Requirement{{Kind: rule.Video, Stage: rule.After, Count: 2}}
	sampling := rule.SamplingRule{SchoolsPerTownship: 5, RecusalMonths: 12, InspectorsPerVisit: 2}
	cases := []struct {
		name   string
		given  rule.Policy
		change func(*rule.Policy) // of the defaults
	}{
		{"nothing given", rule.Policy{}, func(*rule.Policy) {}},
		{"zone", rule.Policy{TimeZone: "Asia/Urumqi"}, func(p *rule.Policy) { p.TimeZone = "Asia/Urumqi" }},
		{"hours", rule.Policy{ImmediateWithinHours: 48, ReportWithinHours: 12}, func(p *rule.Policy) { p.ImmediateWithinHours, p.ReportWithinHours = 48, 12 }},
		{
			"one step, the others stay", rule.Policy{Evidence: map[rule.EvidenceStep][]rule.Requirement{rule.StepRectify: own}},
			func(p *rule.Policy) { p.Evidence[rule.StepRectify] = own },
		},
		{
			"a step that asks for nothing", rule.Policy{Evidence: map[rule.EvidenceStep][]rule.Requirement{rule.StepOversight: {}}},
			func(p *rule.Policy) { p.Evidence[rule.StepOversight] = []rule.Requirement{} },
		},
		{"one size", rule.Policy{MaxBytes: map[rule.EvidenceKind]int64{rule.Photo: 7}}, func(p *rule.Policy) { p.MaxBytes[rule.Photo] = 7 }},
		{"sampling as a whole", rule.Policy{Sampling: sampling}, func(p *rule.Policy) { p.Sampling = sampling }},
		{
			"sampling that says nothing of recusal and inspectors", rule.Policy{Sampling: rule.SamplingRule{SchoolsPerTownship: 5}},
			func(p *rule.Policy) {
				p.Sampling = rule.SamplingRule{SchoolsPerTownship: 5, RecusalMonths: 36, InspectorsPerVisit: 1}
			},
		},
		{"prefix", rule.Policy{NoticePrefix: "武教安改"}, func(p *rule.Policy) { p.NoticePrefix = "武教安改" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want := rule.DefaultPolicy()
			c.change(&want)
			got := c.given.WithDefaults()
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			if again := got.WithDefaults(); !reflect.DeepEqual(again, got) {
				t.Errorf("filling twice changes it: %+v", again)
			}
		})
	}
	if !reflect.DeepEqual(rule.DefaultPolicy(), d) {
		t.Error("filling changed the defaults")
	}
}

// A policy is kept as JSON in the campaign's row.
func TestPolicyKeepsItsMeaningAsJSON(t *testing.T) {
	p := rule.DefaultPolicy()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back rule.Policy
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("%s\nreads as %+v, %v", b, back, err)
	}
}

func TestValidate(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*rule.Policy)
		want  []string // beginnings of the errors
	}{
		{"no zone", func(p *rule.Policy) { p.TimeZone = "" }, []string{"policy.timeZone"}},
		{"an unknown zone", func(p *rule.Policy) { p.TimeZone = "Asia/Nowhere" }, []string{"policy.timeZone"}},
		{"the machine's zone", func(p *rule.Policy) { p.TimeZone = "Local" }, []string{"policy.timeZone"}},
		{"a path as a zone", func(p *rule.Policy) { p.TimeZone = "../../etc/passwd" }, []string{"policy.timeZone"}},
		{"UTC is one", func(p *rule.Policy) { p.TimeZone = "UTC" }, nil},
		{"an unknown step", func(p *rule.Policy) { p.Evidence["LIST"] = nil }, []string{"policy.evidence.LIST "}},
		{"a step that asks for nothing", func(p *rule.Policy) { p.Evidence[rule.StepOversight] = nil }, nil},
		{"a count of none", func(p *rule.Policy) { p.Evidence[rule.StepOversight][0].Count = 0 }, []string{"policy.evidence.OVERSIGHT[0].count"}},
		{"a count below zero", func(p *rule.Policy) { p.Evidence[rule.StepOversight][0].Count = -1 }, []string{"policy.evidence.OVERSIGHT[0].count"}},
		{"a count of 20", func(p *rule.Policy) { p.Evidence[rule.StepOversight][0].Count = 20 }, nil},
		{"a count of 21", func(p *rule.Policy) { p.Evidence[rule.StepOversight][0].Count = 21 }, []string{"policy.evidence.OVERSIGHT[0].count"}},
		{"an unknown kind", func(p *rule.Policy) { p.Evidence[rule.StepOversight][0].Kind = "SOUND" }, []string{"policy.evidence.OVERSIGHT[0].kind"}},
		{
			"the second of two", func(p *rule.Policy) { p.Evidence[rule.StepSupervisionReport][1].Kind = "" },
			[]string{"policy.evidence.SUPERVISION_REPORT[1].kind"},
		},
		{"files of no bytes", func(p *rule.Policy) { p.MaxBytes[rule.Video] = 0 }, []string{"policy.maxBytes.VIDEO"}},
		{"files of 5 GiB", func(p *rule.Policy) { p.MaxBytes[rule.Video] = 5 << 30 }, nil},
		{"files of more", func(p *rule.Policy) { p.MaxBytes[rule.Video] = 5<<30 + 1 }, []string{"policy.maxBytes.VIDEO"}},
		{"a sample of 51 schools", func(p *rule.Policy) { p.Sampling.SchoolsPerTownship = 51 }, []string{"policy.sampling: "}},
		{"eleven middle schools", func(p *rule.Policy) { p.Sampling.Middle = 11 }, []string{"policy.sampling: "}},
		{
			"everything at once", func(p *rule.Policy) {
				p.TimeZone, p.Evidence["LIST"], p.MaxBytes[rule.Photo] = "", nil, -1
				p.Evidence[rule.StepOversight][0] = rule.Requirement{}
			},
			[]string{"policy.evidence.LIST ", "policy.evidence.OVERSIGHT[0].count", "policy.evidence.OVERSIGHT[0].kind", "policy.maxBytes.PHOTO", "policy.timeZone"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := rule.DefaultPolicy()
			c.spoil(&p)
			var got []string
			for _, err := range p.Validate() {
				got = append(got, err.Error())
			}
			slices.Sort(got)
			if len(got) != len(c.want) {
				t.Fatalf("faults are %q, want %q", got, c.want)
			}
			for i, w := range c.want {
				if !strings.HasPrefix(got[i], w) {
					t.Errorf("fault %d is %q, want %q…", i, got[i], w)
				}
			}
		})
	}
}

// The date changes at midnight of the campaign's zone, not of the server's.
func TestToday(t *testing.T) {
	cases := []struct {
		zone string
		now  time.Time
		want clock.Date
	}{
		{"Asia/Shanghai", time.Date(2021, 4, 20, 15, 59, 59, 999_999_000, time.UTC), "2021-04-20"},
		{"Asia/Shanghai", time.Date(2021, 4, 20, 16, 0, 0, 0, time.UTC), "2021-04-21"},
		{"", time.Date(2021, 4, 20, 16, 0, 0, 0, time.UTC), "2021-04-21"},
		{"Asia/Nowhere", time.Date(2021, 4, 20, 15, 59, 59, 0, time.UTC), "2021-04-20"},
		{"Asia/Nowhere", time.Date(2021, 4, 20, 16, 0, 0, 0, time.UTC), "2021-04-21"},
		{"Asia/Urumqi", time.Date(2021, 4, 20, 17, 59, 59, 0, time.UTC), "2021-04-20"},
		{"UTC", time.Date(2021, 4, 20, 23, 59, 59, 0, time.UTC), "2021-04-20"},
		{"Asia/Shanghai", time.Date(2021, 4, 20, 23, 0, 0, 0, time.FixedZone("", 8*3600)), "2021-04-20"},
	}
	for _, c := range cases {
		if got := (rule.Policy{TimeZone: c.zone}).Today(c.now); got != c.want {
			t.Errorf("%s in %q is %s, want %s", c.now, c.zone, got, c.want)
		}
	}
}

// TestOverdueAtMidnight joins the two: a deadline of the 20th is met at one
// microsecond before midnight in the campaign's zone, and missed at midnight.
func TestOverdueAtMidnight(t *testing.T) {
	p := rule.DefaultPolicy()
	midnight := today.End(p.Zone())
	for _, c := range []struct {
		now  time.Time
		want bool
	}{{midnight.Add(-time.Microsecond), false}, {midnight, true}, {midnight.Add(24 * time.Hour), true}} {
		if got := rule.Overdue(rule.Rectifying, today, p.Today(c.now)); got != c.want {
			t.Errorf("at %s overdue is %v", c.now, got)
		}
	}
}

// TestWindUp: the teams hold their role from the first day to the end of the
// wind-up.
func TestWindUp(t *testing.T) {
	policy := rule.DefaultPolicy()
	if policy.WindUpDays != 30 || (rule.Policy{WindUpDays: 5}).WithDefaults().WindUpDays != 5 || (rule.Policy{}).WithDefaults().WindUpDays != 30 {
		t.Errorf("wind-up of %d days", policy.WindUpDays)
	}
	for today, want := range map[clock.Date]bool{
		"2021-04-05": false, "2021-04-06": true, "2021-04-30": true, "2021-05-01": true, "2021-05-30": true, "2021-05-31": false,
	} {
		if got := policy.Supervising("2021-04-06", "2021-04-30", today); got != want {
			t.Errorf("on %s: %v, want %v", today, got, want)
		}
	}
	for days, ok := range map[int]bool{-1: false, 0: true, 366: true, 367: false} {
		p := rule.DefaultPolicy()
		p.WindUpDays = days
		if faults := p.Validate(); (len(faults) == 0) != ok {
			t.Errorf("%d days: %v", days, faults)
		}
	}
}
