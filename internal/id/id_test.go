package id_test

import (
	"bytes"
	"encoding/json"
	"errors"
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
	} {
		if got, err := id.Parse(s); !errors.Is(err, id.ErrForm) || !got.IsZero() {
			t.Errorf("%s: %q is read as %v, %v", name, s, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("hazard_" + example)
	f.Add("hazard_")
	f.Add("_" + example)
	f.Add("plan_00000000-0000-0000-0000-000000000000")
	f.Fuzz(func(t *testing.T, s string) {
		i, err := id.Parse(s)
		if err != nil {
			if !errors.Is(err, id.ErrForm) || !i.IsZero() {
				t.Errorf("%q gives %v, %v", s, i, err)
			}
			return
		}
		if i.String() != s || !slices.Contains(id.Nouns(), i.Noun) || i.UUID == uuid.Nil {
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
		plain := strings.Trim(string(n), "abcdefghijklmnopqrstuvwxyz") == ""
		if seen[n] || n == "" || !plain {
			t.Errorf("%q is used twice, or is not lower-case letters alone", n)
		}
		seen[n] = true
	}
	id.Nouns()[0] = "changed"
	if id.Nouns()[0] == "changed" {
		t.Error("a caller can change the list of nouns")
	}
}
