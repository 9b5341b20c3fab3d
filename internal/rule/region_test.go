package rule_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

func TestRegionPath(t *testing.T) {
	province := rule.RegionPath("", "130000")
	city := rule.RegionPath(province, "130400")
	county := rule.RegionPath(city, "130481")
	if county != "130000x130400x130481x" {
		t.Errorf("the path is %q", county)
	}
	if got, want := rule.RegionAncestors(county), []string{province, city, county}; !slices.Equal(got, want) {
		t.Errorf("it lies under %q, want %q", got, want)
	}
	if got := rule.RegionAncestors(""); len(got) != 0 {
		t.Errorf("no path lies under %q", got)
	}
}

func inSubtree(path, root string) bool { return root <= path && path < rule.RegionPathEnd(root) }

func TestRegionSubtree(t *testing.T) {
	county := "130000x130400x130481x"
	for path, want := range map[string]bool{
		county:                         true,
		county + "130481100x":          true,
		county + "130481100x13048112x": true,
		county + "999999999999x":       true,
		"130000x130400x":               false, // its city
		"130000x130400x130480x":        false, // the county before
		"130000x130400x130482x":        false, // the county behind
		"130000x130400x13048x":         false, // a shorter code
		"130000x130400x1304810x":       false, // a longer code
		"130000x130400x1304811x":       false,
		"130000x130500x130481x":        false, // the same code elsewhere
		"130481x":                      false,
		"":                             false,
	} {
		if got := inSubtree(path, county); got != want {
			t.Errorf("%q below %q: %v", path, county, got)
		}
	}
}

// TestSubtreeIsPrefix holds the range, which an index serves, to its meaning: a
// path lies in a subtree when its codes begin with the codes of the root.
func TestSubtreeIsPrefix(t *testing.T) {
	code := rapid.StringMatching(`[0-9]{1,4}`)
	draw := func(t *rapid.T, label string) []string { return rapid.SliceOfN(code, 0, 4).Draw(t, label) }
	join := func(codes []string) string {
		path := ""
		for _, c := range codes {
			path = rule.RegionPath(path, c)
		}
		return path
	}
	rapid.Check(t, func(t *rapid.T) {
		root, other := draw(t, "root"), draw(t, "other")
		if rapid.Bool().Draw(t, "below") {
			other = append(slices.Clone(root), other...)
		}
		if len(root) == 0 {
			t.Skip("no root")
		}
		want := len(other) >= len(root) && slices.Equal(other[:len(root)], root)
		path, top := join(other), join(root)
		if got := inSubtree(path, top); got != want {
			t.Errorf("%q below %q: %v", path, top, got)
		}
		if strings.HasPrefix(path, top) != want {
			t.Errorf("%q begins with %q: %v", path, top, !want)
		}
		if slices.Contains(rule.RegionAncestors(path), top) != want {
			t.Errorf("%q lists %q", path, rule.RegionAncestors(path))
		}
		if got := len(rule.RegionAncestors(path)); got != len(other) {
			t.Errorf("%q lists %d regions, want %d", path, got, len(other))
		}
	})
}
