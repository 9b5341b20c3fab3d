package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cleargrid/cleargrid/internal/id"
)

// client is one signed-in person at one school.
type client struct{ url, token, school string }

func newID() string { return id.New(id.Evidence).String() }

func signIn(ctx context.Context, url string, a Account) (*client, error) {
	c := &client{url: url}
	var in struct{ SignIn struct{ AccessToken string } }
	err := c.ask(ctx, `mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }`, map[string]any{"i": a}, &in)
	if err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", a.Account, err)
	}
	c.token = in.SignIn.AccessToken
	var at struct {
		Schools struct {
			Edges []struct{ Node struct{ ID string } }
		}
	}
	if err := c.ask(ctx, `{ schools(first: 1) { edges { node { id } } } }`, nil, &at); err != nil {
		return nil, err
	}
	if len(at.Schools.Edges) == 0 {
		return nil, fmt.Errorf("%s has no school in sight", a.Account)
	}
	c.school = at.Schools.Edges[0].Node.ID
	return c, nil
}

// ask sends one operation as JSON and reads its data.
func (c *client) ask(ctx context.Context, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	return c.graphqlRequest(ctx, bytes.NewReader(body), "application/json", into)
}

func (c *client) graphqlRequest(ctx context.Context, body io.Reader, contentType string, into any) error {
	header := http.Header{"Content-Type": {contentType}, "Graphql-Require-Preflight": {"1"}}
	_, answer, err := c.send(ctx, http.MethodPost, c.url+"/graphql", header, body)
	if err != nil {
		return err
	}
	var out struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return err
	}
	if len(out.Errors) > 0 {
		return fmt.Errorf("/graphql: %s", out.Errors[0].Message)
	}
	return json.Unmarshal(out.Data, into)
}

// status is an answer that is none of success.
type status int

// Error implements error.
func (s status) Error() string { return fmt.Sprintf("status %d", int(s)) }

// send sends a request to the server as the client's person.
func (c *client) send(ctx context.Context, method, url string, header http.Header, body io.Reader) (http.Header, []byte, error) {
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	return send(ctx, method, url, header, body)
}

// send sends a request and reads its answer, which must be one of success.
func send(ctx context.Context, method, url string, header http.Header, body io.Reader) (http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, nil, err
	}
	r.Header = header
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %w: %.200s", method, r.URL.Path, status(answer.StatusCode), text)
	}
	return answer.Header, text, err
}

// announcement is what is said of a file before it is sent.
func (c *client) announcement(f file) map[string]any {
	return map[string]any{
		"id": f.id, "schoolId": c.school, "kind": f.kind, "stage": "SITE", "source": "FILE", "fileName": "bench",
		"mediaType": f.mediaType, "size": f.size, "sha256": hex.EncodeToString(f.sum[:]),
	}
}

// settled waits until the server is done with a file.
func (c *client) settled(ctx context.Context, f file) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		var out struct{ Evidence struct{ Status string } }
		err := c.ask(ctx, `query($i: ID!) { evidence(id: $i) { status } }`, map[string]any{"i": f.id}, &out)
		switch {
		case err != nil:
			return err
		case out.Evidence.Status == "ANNOUNCED":
			return fmt.Errorf("the server did not take the file: it is still %s", out.Evidence.Status)
		case out.Evidence.Status != "RECEIVED":
			return nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
