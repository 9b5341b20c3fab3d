package api

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

// requests is the client of everything but the browser.
var requests = &http.Client{Timeout: 60 * time.Second}

// reply is an answer of /graphql.
type reply struct {
	Status int             `json:"-"`
	Data   json.RawMessage `json:"data"`
	Errors []replyError    `json:"errors"`
}

type replyError struct {
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

// code is the code of the first error; empty without one.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// Error implements error.
func (e replyError) Error() string {
	return fmt.Sprintf("%s (%s): %s %v", e.Extensions.Code, e.Extensions.Reason, e.Message, e.Extensions.Fields)
}

// err is the first error as an error.
func (r reply) err() error {
	if len(r.Errors) == 0 {
		return nil
	}
	return r.Errors[0]
}

// into reads the data, which must come without an error.
func (r reply) into(to any) error {
	if err := r.err(); err != nil {
		return err
	}
	return json.Unmarshal(r.Data, to)
}

// variables of an operation.
type variables map[string]any

// with is a copy with more or other entries.
func (v variables) with(more variables) variables {
	c := maps.Clone(v)
	maps.Copy(c, more)
	return c
}

// ask sends one operation; an empty token is nobody's.
func (s *server) ask(token, query string, v variables) (reply, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		return reply{}, err
	}
	return s.post(token, "application/json", body)
}

// post sends a body to /graphql.
func (s *server) post(token, mediaType string, body []byte) (reply, error) {
	r, err := http.NewRequest(http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	r.Header.Set("Content-Type", mediaType)
	return graphql(r, token)
}

// graphql sends a request to /graphql and reads the answer.
func graphql(r *http.Request, token string) (reply, error) {
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := requests.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	out := reply{Status: answer.StatusCode}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("/graphql answered %s with something else than JSON: %w", answer.Status, err)
	}
	return out, nil
}

// ticket is a signed request as the API hands it out.
type ticket struct {
	Method  string
	URL     string
	Headers []struct{ Name, Value string }
}

// send sends content as the ticket says and gives the status and the body of
// the object store's answer.
func (t ticket) send(content []byte) (int, string, error) {
	r, err := http.NewRequest(t.Method, t.URL, bytes.NewReader(content))
	if err != nil {
		return 0, "", err
	}
	for _, h := range t.Headers {
		r.Header.Set(h.Name, h.Value)
	}
	answer, err := requests.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	return answer.StatusCode, string(text), err
}

// deliver is send for bytes that must be taken.
func (t ticket) deliver(content []byte) error {
	status, text, err := t.send(content)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("the object store answered %d: %s", status, strings.TrimSpace(text))
	}
	return err
}

// fetch gets a path of the server with nobody's token.
func (s *server) fetch(path string) (*http.Response, string, error) {
	answer, err := requests.Get(s.url + path)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer, string(text), err
}
