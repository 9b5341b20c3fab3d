package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Requests is the client of everything but the browser.
var Requests = &http.Client{Timeout: 60 * time.Second}

// Reply is an answer of /graphql.
type Reply struct {
	Status int             `json:"-"`
	Data   json.RawMessage `json:"data"`
	Errors []ReplyError    `json:"errors"`
}

// ReplyError is one error of an answer.
type ReplyError struct {
	Message    string `json:"message"`
	Extensions struct {
		Code      string `json:"code"`
		Reason    string `json:"reason"`
		Retryable bool   `json:"retryable"`
		Fields    []struct {
			Path   string `json:"path"`
			Reason string `json:"reason"`
		} `json:"fields"`
	} `json:"extensions"`
}

// Code is the code of the first error; empty without one.
func (r Reply) Code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// Error implements error.
func (e ReplyError) Error() string {
	return fmt.Sprintf("%s (%s): %s %v", e.Extensions.Code, e.Extensions.Reason, e.Message, e.Extensions.Fields)
}

// Err is the first error as an error.
func (r Reply) Err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return r.Errors[0]
}

// Into reads the data, which must come without an error.
func (r Reply) Into(to any) error {
	if err := r.Err(); err != nil {
		return err
	}
	return json.Unmarshal(r.Data, to)
}

// Variables of an operation.
type Variables map[string]any

// With is a copy with more or other entries.
func (v Variables) With(more Variables) Variables {
	c := maps.Clone(v)
	maps.Copy(c, more)
	return c
}

// Ask sends one operation; an empty token is nobody's.
func (s *Server) Ask(token, query string, v Variables) (Reply, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		return Reply{}, err
	}
	return s.Post(token, "application/json", body)
}

// Post sends a body to /graphql.
func (s *Server) Post(token, mediaType string, body []byte) (Reply, error) {
	r, err := http.NewRequest(http.MethodPost, s.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	r.Header.Set("Content-Type", mediaType)
	return GraphQL(r, token)
}

// GraphQL sends a request to /graphql and reads the answer.
func GraphQL(r *http.Request, token string) (Reply, error) {
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := Requests.Do(r)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	out := Reply{Status: answer.StatusCode}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("/graphql answered %s with something else than JSON: %w", answer.Status, err)
	}
	return out, nil
}

// Ticket is a signed request as the API hands it out.
type Ticket struct {
	Method  string
	URL     string
	Headers []struct{ Name, Value string }
}

// Send sends content as the ticket says and gives the status and the body of
// the object store's answer.
func (t Ticket) Send(content []byte) (int, string, error) {
	r, err := http.NewRequest(t.Method, t.URL, bytes.NewReader(content))
	if err != nil {
		return 0, "", err
	}
	for _, h := range t.Headers {
		r.Header.Set(h.Name, h.Value)
	}
	answer, err := Requests.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	return answer.StatusCode, string(text), err
}

// Deliver is Send for bytes that the store must accept.
func (t Ticket) Deliver(content []byte) error {
	status, text, err := t.Send(content)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the object store answered %d: %s", status, strings.TrimSpace(text))
	}
	return err
}

// Fetch gets a path of the server with nobody's token.
func (s *Server) Fetch(path string) (*http.Response, string, error) {
	answer, err := Requests.Get(s.URL + path)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer, string(text), err
}
