package web_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"

	"github.com/cleargrid/cleargrid/graph"
)

// TestExamples holds the playground's examples against the schema.
func TestExamples(t *testing.T) {
	schema := graph.NewExecutableSchema(&graph.Resolver{}).Schema()
	files, err := filepath.Glob("src/playground/examples/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := gqlparser.LoadQueryWithRules(schema, string(text), nil); len(faults) > 0 {
			t.Errorf("%s: %v", file, faults)
		}
	}
}
