package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"strings"
)

const upload = `mutation($i: AnnounceEvidenceInput!, $f: Upload!) { uploadEvidence(input: $i, file: $f) { evidence { id } } }`

// graphql sends a file in one multipart request.
func (c *client) graphql(ctx context.Context, f file) error {
	operations, err := json.Marshal(map[string]any{"query": upload, "variables": map[string]any{"i": c.announcement(f), "f": nil}})
	if err != nil {
		return err
	}
	var head bytes.Buffer // writing to it never fails
	w := multipart.NewWriter(&head)
	_ = w.WriteField("operations", string(operations))
	_ = w.WriteField("map", `{"0":["variables.f"]}`)
	_, _ = w.CreateFormFile("0", "bench")
	end := strings.NewReader("\r\n--" + w.Boundary() + "--\r\n")
	return c.graphqlRequest(ctx, io.MultiReader(&head, bytes.NewReader(f.content), end), w.FormDataContentType(), &struct{}{})
}
