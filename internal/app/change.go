package app

import "github.com/cleargrid/cleargrid/internal/id"

// Changes are a page of what changed for a viewer.
type Changes struct {
	Rows   []*Change
	Cursor string
	// More says that others follow at once.
	More bool
	// Resync says that the viewer's scope is no longer that of the cursor given.
	Resync bool
}

// Change is a record that changed.
type Change struct {
	Cursor string
	ID     id.ID
	// Record is nil for one that no longer exists.
	Record Record
}
