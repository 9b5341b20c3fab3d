//go:build long

package pages

import "testing"

// TestTakesLongPages runs the browser's tests that take long: the largest files.
func TestTakesLongPages(t *testing.T) { playwright(t, "--grep", "@long") }
