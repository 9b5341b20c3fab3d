//go:build generate

// Command entc generates package ent from the schema.
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	err := entc.Generate("./schema", &gen.Config{
		Target:   ".",
		Package:  "github.com/cleargrid/cleargrid/ent",
		Features: []gen.Feature{gen.FeatureIntercept, gen.FeatureUpsert, gen.FeatureModifier, gen.FeatureVersionedMigration},
	}, entc.TemplateDir("./template"))
	if err != nil {
		log.Fatal(err)
	}
}
