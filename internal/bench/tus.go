package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// tus sends a file by tus 1.0 in one request, as tus-js-client does, for a client
// that reaches only the server.
func (c *client) tus(ctx context.Context, f file) error {
	to, err := c.tusCreate(ctx, f)
	if err != nil {
		return err
	}
	return c.tusPatch(ctx, to, f.size, bytes.NewReader(f.content))
}

// tusCreate announces a file, makes its upload and gives the upload's URL.
func (c *client) tusCreate(ctx context.Context, f file) (string, error) {
	const query = `mutation($i: AnnounceEvidenceInput!) { announceEvidence(input: $i) { upload { receivedParts } } }`
	if err := c.ask(ctx, query, map[string]any{"i": c.announcement(f)}, &struct{}{}); err != nil {
		return "", err
	}
	header := http.Header{
		"Tus-Resumable": {"1.0.0"}, "Upload-Length": {strconv.FormatInt(f.size, 10)},
		"Upload-Metadata": {"evidence " + base64.StdEncoding.EncodeToString([]byte(f.id))},
	}
	made, _, err := c.send(ctx, http.MethodPost, c.url+"/uploads/", header, http.NoBody)
	if err != nil {
		return "", err
	}
	base, err := url.Parse(c.url)
	if err != nil {
		return "", err
	}
	to, err := base.Parse(made.Get("Location"))
	if err != nil {
		return "", err
	}
	return to.String(), nil
}

// tusPatch sends a whole file in one request, and checks that the server has it.
func (c *client) tusPatch(ctx context.Context, to string, size int64, body io.Reader) error {
	header := http.Header{
		"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"0"}, "Content-Type": {"application/offset+octet-stream"},
	}
	answer, _, err := c.send(ctx, http.MethodPatch, to, header, body)
	if err != nil {
		return err
	}
	offset, err := strconv.ParseInt(answer.Get("Upload-Offset"), 10, 64)
	if err != nil || offset != size {
		return fmt.Errorf("the server has %q bytes of %d", answer.Get("Upload-Offset"), size)
	}
	return nil
}
