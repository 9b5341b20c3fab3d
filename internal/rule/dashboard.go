package rule

import (
	"maps"
	"slices"
)

// Percentile is the smallest value that at least percent of the counted ones do
// not exceed (nearest rank); nil when nothing is counted. Counts are by value.
func Percentile(counts map[int]int, percent int) *int {
	total := 0
	for _, n := range counts {
		total += max(0, n)
	}
	if total == 0 {
		return nil
	}
	rank := (total*percent + 99) / 100
	for _, value := range slices.Sorted(maps.Keys(counts)) {
		if rank -= max(0, counts[value]); rank <= 0 {
			return &value
		}
	}
	return nil // percent above 100: there is no such value
}
