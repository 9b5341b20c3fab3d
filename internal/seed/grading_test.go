package seed_test

import (
	"os"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/gradingruleset"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/seed"
)

func loadGrading(t *testing.T, client *ent.Client, f *seed.GradingFile, r *ent.Region) error {
	t.Helper()
	return inTx(t, client, func(tx *ent.Tx) error {
		_, err := seed.LoadGrading(t.Context(), tx, f, r)
		return err
	})
}

func TestGradingRulesAreVersioned(t *testing.T) {
	client := database(t)
	county := region(t, client, "990121")
	if err := loadGrading(t, client, seed.FireSafety(), nil); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("kinds of grids that nobody coded: %v", err)
	}
	if _, err := load(t, client, seed.PlanCampaign(), county); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := loadGrading(t, client, seed.FireSafety(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := client.GradingRule.Query().CountX(t.Context()); n != len(seed.FireSafety().Rules) {
		t.Errorf("%d rules", n)
	}
	other := seed.FireSafety()
	other.Rules[0].Text += "！"
	if err := loadGrading(t, client, other, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("other content under the same version: %v", err)
	}
	if err := loadGrading(t, client, seed.FireSafety(), county); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("national rules of a county: %v", err)
	}

	// A new version ends the one before.
	other.Version, other.EffectiveOn = 2, "2027-01-01"
	if err := loadGrading(t, client, other, nil); err != nil {
		t.Fatal(err)
	}
	first := client.GradingRuleSet.Query().Where(gradingruleset.Version(1)).OnlyX(t.Context())
	if first.RetiredOn == nil || *first.RetiredOn != "2026-12-31" {
		t.Errorf("version 1 ends %v", first.RetiredOn)
	}

	// What would never hit is refused.
	for _, bad := range []rule.GradingCondition{{}, {Signs: []string{"GHOST"}}, {Categories: []string{"GHOST"}}, {GridKinds: []string{"GHOST"}}} {
		f := seed.FireSafety()
		f.Version, f.Rules[3].Condition = 3, bad
		if err := loadGrading(t, client, f, nil); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("condition %+v: %v", bad, err)
		}
	}
}

func TestHolidaysOfAYearAreReplaced(t *testing.T) {
	client := database(t)
	put := func(f *seed.HolidayFile) {
		t.Helper()
		if err := inTx(t, client, func(tx *ent.Tx) error { return seed.LoadHolidays(t.Context(), tx, f) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range append(seed.ShippedHolidays(), seed.ShippedHolidays()...) {
		put(f)
	}
	before := client.Holiday.Query().CountX(t.Context())
	f := seed.ShippedHolidays()[0]
	f.Days = f.Days[1:] // without the three days of New Year
	put(f)
	if after := client.Holiday.Query().CountX(t.Context()); after != before-3 {
		t.Errorf("%d days, then %d", before, after)
	}
	for name, bad := range map[string]seed.HolidaySpanFile{
		"another year": {Name: "x", Kind: rule.DayOff, From: "2022-01-01"}, "no date": {Name: "x", Kind: rule.DayOff, From: "soon"},
		"backwards": {Name: "x", Kind: rule.DayOff, From: "2021-03-02", Until: "2021-03-01"}, "no kind": {Name: "x", From: "2021-03-02"},
		"twice": {Name: "x", Kind: rule.DayWorked, From: clock.Date("2021-04-03")},
	} {
		f := seed.ShippedHolidays()[0]
		f.Days = append(f.Days, bad)
		if err := f.Validate(); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzParseGrading: whatever a bureau writes is taken or refused with a place.
func FuzzParseGrading(f *testing.F) {
	text, err := os.ReadFile("data/grading-fire-safety.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("code: a\nrules:\n  - condition: {}\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := seed.ParseGrading(strings.NewReader(text))
		switch {
		case err != nil:
			if e := fault.Of(err); e.Kind != fault.BadUserInput || len(e.Fields) == 0 {
				t.Errorf("%v has no place", err)
			}
		default:
			for _, r := range file.Rules {
				if r.Condition.Empty() {
					t.Error("an empty condition is taken")
				}
			}
		}
	})
}
