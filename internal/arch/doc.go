// Package arch checks the structure of the product: its tests read the source and
// fail when a law of docs/architecture.md is broken.
//
// It decides which package may import which, what generated code looks like,
// how long a resolver may be, that every mutation has its use case and its
// action, which words comments and names do without, and that no list is ordered
// by a column that may be empty. It never runs the product and nothing imports it.
package arch
