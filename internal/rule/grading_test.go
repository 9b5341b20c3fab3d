package rule_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// barred is a hazard of which much is known.
var barred = rule.GradingFacts{
	Signs: []string{"WINDOWS_BARRED", "EXIT_BLOCKED"}, Category: "FIRE", GridKind: "DORMITORY", Item: 11, Boarding: true,
	Stages: []rule.SchoolStage{rule.Primary, rule.Middle},
}

func TestEveryGivenPartOfAConditionMustHold(t *testing.T) {
	bare := rule.GradingFacts{Category: "FIRE"}
	cases := []struct {
		name      string
		condition rule.GradingCondition
		facts     rule.GradingFacts
		hits      bool
	}{
		{"nothing is asked for", rule.GradingCondition{}, barred, false},
		{"one of the signs", rule.GradingCondition{Signs: []string{"OTHER", "EXIT_BLOCKED"}}, barred, true},
		{"another sign", rule.GradingCondition{Signs: []string{"OTHER"}}, barred, false},
		{"no signs there", rule.GradingCondition{Signs: []string{"EXIT_BLOCKED"}}, bare, false},
		{"category", rule.GradingCondition{Categories: []string{"FOOD", "FIRE"}}, barred, true},
		{"another category", rule.GradingCondition{Categories: []string{"FOOD"}}, barred, false},
		{"kind of grid", rule.GradingCondition{GridKinds: []string{"DORMITORY"}}, barred, true},
		{"no grid named", rule.GradingCondition{GridKinds: []string{"DORMITORY"}}, bare, false},
		{"checklist item", rule.GradingCondition{Items: []int{9, 11}}, barred, true},
		{"no finding", rule.GradingCondition{Items: []int{9, 11}}, bare, false},
		{"boarding school", rule.GradingCondition{Boarding: true}, barred, true},
		{"day school", rule.GradingCondition{Boarding: true}, bare, false},
		{"one of the stages", rule.GradingCondition{Stages: []rule.SchoolStage{rule.Middle}}, barred, true},
		{"another stage", rule.GradingCondition{Stages: []rule.SchoolStage{rule.Kindergarten}}, barred, false},
		{"all parts", rule.GradingCondition{Signs: []string{"EXIT_BLOCKED"}, Categories: []string{"FIRE"}, GridKinds: []string{"DORMITORY"},
			Items: []int{11}, Boarding: true, Stages: []rule.SchoolStage{rule.Primary}}, barred, true},
		{"all parts but one", rule.GradingCondition{Signs: []string{"EXIT_BLOCKED"}, Categories: []string{"FIRE"}, GridKinds: []string{"GATE"}}, barred, false},
	}
	for _, c := range cases {
		if got := c.condition.Hits(c.facts); got != c.hits {
			t.Errorf("%s: hits %t", c.name, got)
		}
		if empty := c.name == "nothing is asked for"; (len(c.condition.Validate()) > 0) != empty {
			t.Errorf("%s: %v", c.name, c.condition.Validate())
		}
	}
	for _, wrong := range []rule.GradingCondition{{Items: []int{0}}, {Stages: []rule.SchoolStage{"NURSERY"}}} {
		if len(wrong.Validate()) != 1 {
			t.Errorf("%+v passes", wrong)
		}
	}
}

// rules draws grading rules out of few words, so that many hit.
func gradingRules() *rapid.Generator[[]rule.GradingRule] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rule.GradingRule {
		return rule.GradingRule{
			ID:    uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			Layer: rapid.SampledFrom(rule.GradingLayers()).Draw(t, "layer"), SetCode: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "set"),
			Number: rapid.IntRange(1, 4).Draw(t, "number"),
			Condition: rule.GradingCondition{
				Signs:    rapid.SliceOfN(rapid.SampledFrom([]string{"X", "Y", "Z"}), 0, 2).Draw(t, "signs"),
				Items:    rapid.SliceOfN(rapid.IntRange(1, 3), 0, 2).Draw(t, "items"),
				Boarding: rapid.Bool().Draw(t, "boarding"),
			},
		}
	}), 0, 12)
}

func TestGrade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := gradingRules().Draw(t, "rules")
		f := rule.GradingFacts{
			Signs: rapid.SliceOfN(rapid.SampledFrom([]string{"X", "Y", "Z"}), 0, 3).Draw(t, "seen"),
			Item:  rapid.IntRange(0, 3).Draw(t, "item"), Boarding: rapid.Bool().Draw(t, "boards"),
		}
		hits := rule.Grade(rules, f)

		// What hits is there, and nothing else; layers add up.
		n := 0
		for _, r := range rules {
			if r.Condition.Hits(f) {
				n++
			}
		}
		if n != len(hits) {
			t.Fatalf("%d of %d hits are given", len(hits), n)
		}

		// The order is that of the handbook and does not depend on the database's.
		layer := map[rule.GradingLayer]int{rule.GradingNational: 0, rule.GradingProvince: 1, rule.GradingCounty: 2}
		for i := 1; i < len(hits); i++ {
			a, b := hits[i-1], hits[i]
			switch {
			case layer[a.Layer] < layer[b.Layer]:
			case layer[a.Layer] > layer[b.Layer] || a.SetCode > b.SetCode || a.SetCode == b.SetCode && a.Number > b.Number:
				t.Fatalf("%+v stands before %+v", a, b)
			}
		}
		slices.Reverse(rules)
		for i, h := range rule.Grade(rules, f) {
			if h.ID != hits[i].ID {
				t.Fatal("the order depends on the order of the rules")
			}
		}

		// More signs never take a hit away.
		f.Signs = []string{"X", "Y", "Z"}
		if len(rule.Grade(rules, f)) < len(hits) {
			t.Fatal("a further sign made a hazard less grave")
		}
	})
}

func TestGradeOf(t *testing.T) {
	hit := []rule.GradingRule{{}}
	general, major := rule.General, rule.Major
	for _, c := range []struct {
		asked *rule.HazardGrade
		hits  []rule.GradingRule
		want  rule.HazardGrade
	}{
		{nil, nil, rule.General}, {&general, nil, rule.General}, {&major, nil, rule.Major},
		{nil, hit, rule.Major}, {&general, hit, rule.Major}, {&major, hit, rule.Major},
	} {
		if got := rule.GradeOf(c.asked, c.hits); got != c.want {
			t.Errorf("asked %v with %d hits: %s", c.asked, len(c.hits), got)
		}
	}
}

func TestGradingSetHolds(t *testing.T) {
	province := rule.RegionPath("", "990000")
	county := rule.RegionPath(province, "990121")
	township := rule.RegionPath(county, "990121100")
	sibling := rule.RegionPath(province, "9901219") // its code begins like the county's
	retired := today
	for _, c := range []struct {
		name      string
		effective clock.Date
		retired   *clock.Date
		set, path string
		day       clock.Date
		holds     bool
	}{
		{"the nation's", yesterday, nil, "", township, today, true},
		{"from its first day", today, nil, "", township, today, true},
		{"not before", tomorrow, nil, "", township, today, false},
		{"to its last day", yesterday, &retired, "", township, today, true},
		{"not after", yesterday, &retired, "", township, tomorrow, false},
		{"the province's", yesterday, nil, province, township, today, true},
		{"the county's", yesterday, nil, county, township, today, true},
		{"the place's own", yesterday, nil, county, county, today, true},
		{"another county's", yesterday, nil, sibling, township, today, false},
		{"a township's, for its county", yesterday, nil, township, county, today, false},
	} {
		if got := rule.GradingSetHolds(c.effective, c.retired, c.set, c.path, c.day); got != c.holds {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestOnlyAHigherLevelEscalatesOversight(t *testing.T) {
	levels := []rule.OversightLevel{rule.OversightBySchool, rule.OversightByCounty, rule.OversightByCity, rule.OversightByProvince}
	for i, from := range levels {
		for j, to := range append(levels, "MOON") {
			if err := rule.CheckEscalation(from, to); (err == nil) != (j > i && j < len(levels)) {
				t.Errorf("from %s to %s: %v", from, to, err)
			}
		}
	}
}
