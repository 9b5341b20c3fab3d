package rule

import "strings"

// RegionPath is the place of a region in the tree as one text: the codes from
// the root down, each with an "x" behind, for example "130000x130400x130481x".
// Digits and one letter only, because a region's subtree is read as a range of
// texts and every collation of every database sorts those alike.
func RegionPath(parentPath, code string) string { return parentPath + code + "x" }

// RegionPathEnd is the first text behind a region's subtree: the subtree is
// path <= p AND p < RegionPathEnd(path).
func RegionPathEnd(path string) string { return path + "z" }

// RegionAncestors lists a path and all paths above it, from the root down.
func RegionAncestors(path string) []string {
	var out []string
	for i := range len(path) {
		if path[i] == 'x' {
			out = append(out, path[:i+1])
		}
	}
	return out
}

// RegionsRelated reports whether one of two regions lies in the other.
func RegionsRelated(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }
