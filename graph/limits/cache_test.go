package limits

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

func TestCacheTakesNoLargeDocuments(t *testing.T) {
	c := newDocumentCache()
	small, large := strings.Repeat("a", maxCachedBytes), strings.Repeat("a", maxCachedBytes+1)
	c.Add(t.Context(), small, &ast.QueryDocument{})
	c.Add(t.Context(), large, &ast.QueryDocument{})
	if _, ok := c.Get(t.Context(), small); !ok {
		t.Error("the small document is not kept")
	}
	if _, ok := c.Get(t.Context(), large); ok {
		t.Error("the large document is kept")
	}
}
