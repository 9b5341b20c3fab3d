package id_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/id"
)

const example = "01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001"

func TestParse(t *testing.T) {
	for _, n := range id.Nouns() {
		got, err := id.Parse(string(n) + "_" + example)
		if want := id.Of(n, uuid.MustParse(example)); err != nil || got != want {
			t.Errorf("%s: %v, %v", n, got, err)
		}
	}
	for name, s := range map[string]string{
		"empty":            "",
		"no noun":          example,
		"empty noun":       "_" + example,
		"unknown noun":     "password_" + example,
		"noun in capitals": "Hazard_" + example,
		"noun alone":       "hazard",
		"no uuid":          "hazard_",
		"nil uuid":         "hazard_00000000-0000-0000-0000-000000000000",
		"capitals":         "hazard_" + strings.ToUpper(example),
		"braces":           "hazard_{" + example + "}",
		"urn":              "hazard_urn:uuid:" + example,
		"without dashes":   "hazard_" + strings.ReplaceAll(example, "-", ""),
		"dashes misplaced": "hazard_01939c1e7-a4e-7c7b-b1ba-2f6f4f7c0001",
		"no hex":           "hazard_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c000g",
		"space before":     " hazard_" + example,
		"space behind":     "hazard_" + example + " ",
		"two nouns":        "hazard_hazard_" + example,
		"a dash for the _": "hazard-" + example,
		"half a noun":      "point_" + example,
		"an empty half":    "risk__" + example,
	} {
		if got, err := id.Parse(s); !errors.Is(err, id.ErrForm) || !got.IsZero() {
			t.Errorf("%s: %q is read as %v, %v", name, s, got, err)
		}
	}
}

// TestEarlierNouns: what phones, rows and printed pages keep of earlier releases is
// read for ever, and answered with the present noun. A row is never taken out.
func TestEarlierNouns(t *testing.T) {
	for old, now := range map[string]string{
		"gridassignment": "grid_assignment",
		"listing":        "oversight_order",
		"checklistitem":  "checklist_item",
		"team":           "inspection_team",
		"report":         "inspection_report",
		"hazardevent":    "hazard_event",
		"plan":           "rectification_plan",
		"evidenceevent":  "evidence_event",
		"match":          "evidence_match",
		"riskpoint":      "risk_point",
		"riskassessment": "risk_assessment",
		"riskcontrol":    "risk_control",
		"gradingruleset": "grading_rule_set",
		"gradingrule":    "grading_rule",
		"visitplan":      "visit_plan",
		"visit":          "planned_visit",
		"exemption":      "sampling_exemption",
		"leadinggroup":   "leading_group",
		"submission":     "self_inspection_submission",
		"noticeitem":     "notice_item",
		"noticeevent":    "notice_event",
		"case":           "accountability_case",
	} {
		got, err := id.Parse(old + "_" + example)
		if err != nil || got.String() != now+"_"+example {
			t.Errorf("%s_… is read as %s (%v), not as %s_…", old, got, err, now)
		}
		if first := id.Noun(now).First(); first != old {
			t.Errorf("%s was %s at first, not %s", now, old, first)
		}
		if slices.Contains(id.Nouns(), id.Noun(old)) {
			t.Errorf("%s is a present noun", old)
		}
	}
	if id.Hazard.First() != "hazard" {
		t.Error("a noun that was never another is the first one")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("hazard_" + example)
	f.Add("hazard_")
	f.Add("_" + example)
	f.Add("risk_point_" + example)
	f.Add("riskpoint_" + example)
	f.Add("plan_00000000-0000-0000-0000-000000000000")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := id.Parse(s)
		if err != nil {
			if !errors.Is(err, id.ErrForm) || !i.IsZero() {
				t.Errorf("%q gives %v, %v", s, i, err)
			}
			return
		}
		noun, row := s[:strings.LastIndexByte(s, '_')], s[strings.LastIndexByte(s, '_')+1:]
		if i.UUID.String() != row || i.Noun != id.NounOf(noun) || !slices.Contains(id.Nouns(), i.Noun) || i.UUID == uuid.Nil {
			t.Errorf("%q is read as %+v", s, i)
		}
	})
}

// One text for one thing: what is written reads back as the same in every form.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid")
		u, _ := uuid.FromBytes(b)
		if u == uuid.Nil {
			t.Skip("the nil UUID names nothing")
		}
		i := id.Of(rapid.SampledFrom(id.Nouns()).Draw(t, "noun"), u)

		if got, err := id.Parse(i.String()); err != nil || got != i {
			t.Errorf("text: %v, %v", got, err)
		}
		var fromJSON id.ID
		j, err := json.Marshal(i)
		if err != nil || json.Unmarshal(j, &fromJSON) != nil || fromJSON != i {
			t.Errorf("JSON: %s reads as %v", j, fromJSON)
		}
		var gql bytes.Buffer
		var fromGQL id.ID
		i.MarshalGQL(&gql)
		if gql.String() != string(j) || fromGQL.UnmarshalGQL(i.String()) != nil || fromGQL != i {
			t.Errorf("GraphQL: %s reads as %v", gql.String(), fromGQL)
		}
	})
}

func TestNewIsOrderedAndUnique(t *testing.T) {
	last := ""
	for range 1000 {
		i := id.New(id.Hazard)
		if i.UUID.Version() != 7 || i.Noun != id.Hazard {
			t.Fatalf("%s is of version %d", i, i.UUID.Version())
		}
		if i.String() <= last {
			t.Fatalf("%s follows %s", i, last)
		}
		last = i.String()
	}
}

func TestZeroIsNoID(t *testing.T) {
	var zero id.ID
	if !zero.IsZero() || zero.String() != "" || id.New(id.Hazard).IsZero() {
		t.Error("the zero value must be the only one that names nothing")
	}
	i := id.New(id.Hazard)
	if err := i.UnmarshalText(nil); err != nil || !i.IsZero() {
		t.Errorf("the empty text reads as %v, %v", i, err)
	}
}

func TestRefusedTextLeavesTheID(t *testing.T) {
	kept := id.New(id.Hazard)
	i := kept
	for _, v := range []any{"", "nonsense", 7, nil, []byte("hazard_" + example)} {
		if err := i.UnmarshalGQL(v); !errors.Is(err, id.ErrForm) || i != kept {
			t.Errorf("%v is read as %v, %v", v, i, err)
		}
	}
	if err := i.UnmarshalText([]byte("nonsense")); !errors.Is(err, id.ErrForm) || i != kept {
		t.Errorf("nonsense is read as %v, %v", i, err)
	}
}

func TestNounsAreUniqueAndPlain(t *testing.T) {
	seen := map[id.Noun]bool{}
	for _, n := range id.Nouns() {
		if seen[n] || !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(string(n)) {
			t.Errorf("%q is used twice, or is not words of lower-case letters", n)
		}
		seen[n] = true
	}
	id.Nouns()[0] = "changed"
	if id.Nouns()[0] == "changed" {
		t.Error("a caller can change the list of nouns")
	}
}
