package rule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
)

// GradingLayer is whose grading rules they are. Layers add up: none takes back what another says.
type GradingLayer string

// The values of GradingLayer.
const (
	GradingNational GradingLayer = "NATIONAL" // 国家
	GradingProvince GradingLayer = "PROVINCE" // 省
	GradingCounty   GradingLayer = "COUNTY"   // 县
)

// GradingLayers lists the layers, the widest first.
func GradingLayers() []GradingLayer {
	return []GradingLayer{GradingNational, GradingProvince, GradingCounty}
}

// Values implements ent's enum interface.
func (GradingLayer) Values() []string { return values(GradingLayers()) }

// GradingCondition says when a grading rule hits: everything that is given must
// hold of the hazard. An empty condition never hits.
type GradingCondition struct {
	// Signs are what was seen, by their codes of the set HAZARD_SIGN: one suffices.
	Signs []string `json:"signs,omitempty" yaml:"signs"`
	// Categories are hazard categories: one suffices.
	Categories []string `json:"categories,omitempty" yaml:"categories"`
	// GridKinds are kinds of grids: one suffices.
	GridKinds []string `json:"gridKinds,omitempty" yaml:"gridKinds"`
	// Items are numbers of checklist items whose finding the hazard came from.
	Items []int `json:"items,omitempty" yaml:"items"`
	// Boarding asks for a boarding school.
	Boarding bool `json:"boarding,omitempty" yaml:"boarding"`
	// Stages are stages that the school teaches: one suffices.
	Stages []SchoolStage `json:"stages,omitempty" yaml:"stages"`
}

// Empty reports whether a condition asks for nothing.
func (c GradingCondition) Empty() bool {
	return len(c.Signs)+len(c.Categories)+len(c.GridKinds)+len(c.Items)+len(c.Stages) == 0 && !c.Boarding
}

// Validate collects what is wrong with a condition that a bureau wrote, apart
// from codes that only a database knows.
func (c GradingCondition) Validate() []error {
	var out []error
	if c.Empty() {
		out = append(out, errors.New("condition is empty and would never hit"))
	}
	for i, n := range c.Items {
		if n < 1 {
			out = append(out, fmt.Errorf("condition.items[%d] must be 1 or more", i))
		}
	}
	for i, s := range c.Stages {
		if !slices.Contains(SchoolStages(), s) {
			out = append(out, fmt.Errorf("condition.stages[%d] %q is no stage of education", i, s))
		}
	}
	return out
}

// SchoolStages lists the stages of education.
func SchoolStages() []SchoolStage {
	return []SchoolStage{Kindergarten, Primary, Middle, High, Vocational, Special}
}

// GradingFacts is what the grading rules may look at: the hazard, where it is and
// whose it is.
type GradingFacts struct {
	Signs    []string
	Category string
	GridKind string // empty when no grid is named
	Item     int    // number of the finding's checklist item; 0 without a finding
	Boarding bool
	Stages   []SchoolStage
}

// Hits reports whether every given part of the condition holds.
func (c GradingCondition) Hits(f GradingFacts) bool {
	return !c.Empty() &&
		anyOf(c.Signs, f.Signs...) && anyOf(c.Categories, f.Category) && anyOf(c.GridKinds, f.GridKind) &&
		anyOf(c.Items, f.Item) && anyOf(c.Stages, f.Stages...) && (!c.Boarding || f.Boarding)
}

// anyOf is true when nothing is asked for, or one of the things there is.
func anyOf[T comparable](asked []T, there ...T) bool {
	return len(asked) == 0 || slices.ContainsFunc(there, func(x T) bool { return slices.Contains(asked, x) })
}

// GradingRule is one condition of a set of rules, as Grade needs it.
type GradingRule struct {
	ID        uuid.UUID
	Layer     GradingLayer
	SetCode   string
	Number    int
	Condition GradingCondition
}

// Grade applies the grading rules (判定标准) and gives those that hit, ordered by
// layer, code of the set and number. One hit makes a hazard MAJOR; layers add up.
func Grade(rules []GradingRule, f GradingFacts) []GradingRule {
	var hits []GradingRule
	for _, r := range rules {
		if r.Condition.Hits(f) {
			hits = append(hits, r)
		}
	}
	slices.SortStableFunc(hits, func(a, b GradingRule) int {
		layers := GradingLayers()
		return cmp.Or(
			cmp.Compare(slices.Index(layers, a.Layer), slices.Index(layers, b.Layer)),
			cmp.Compare(a.SetCode, b.SetCode), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return hits
}

// GradeOf is a hazard's grade: MAJOR when a rule hits, whatever the reporter
// thinks; else what the reporter says.
func GradeOf(asked *HazardGrade, hits []GradingRule) HazardGrade {
	switch {
	case len(hits) > 0:
		return Major
	case asked != nil:
		return *asked
	}
	return General
}

// GradingSetHolds reports whether a set of rules is in force on a day for what
// lies at a region's path: it is effective, not retired, and of that region or one
// above. A set without a region is the nation's.
func GradingSetHolds(effectiveOn clock.Date, retiredOn *clock.Date, setPath, path string, day clock.Date) bool {
	above := setPath == "" || slices.Contains(RegionAncestors(path), setPath)
	return above && effectiveOn <= day && (retiredOn == nil || day <= *retiredOn)
}
