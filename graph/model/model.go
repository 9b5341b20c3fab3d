// Package model holds the shapes of the public API that no other package has:
// its scalars, and the payloads, connections and small records that gqlgen makes
// of the schema (models_gen.go).
//
// It decides how a value is written and read, and nothing else. Only package
// graph and the code generated for it use it.
package model

import "github.com/cleargrid/cleargrid/internal/id"

// Node is anything with an id of its own that node(id:) finds again. The rows of
// ent are nodes by their PublicID.
type Node interface {
	// PublicID is the id that every client sees: `<noun>_<uuid>`.
	PublicID() id.ID
}
