// Package migrations holds the versioned SQL of both databases, embedded. The
// files are made by `make migration name=…` from the difference between
// ent/schema and the files already here; they are only ever added to.
package migrations

import "embed"

// Files has two folders, postgres and sqlite.
//
//go:embed postgres sqlite
var Files embed.FS
