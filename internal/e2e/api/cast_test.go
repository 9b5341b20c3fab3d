package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// verifiedWithin is how long the server may take to look at a file, on a busy
// machine and with a restart in between.
const verifiedWithin = 60 * time.Second

// media are the files that the people of a test have in their phones.
type media struct {
	photos      [][]byte
	film        []byte
	largeFilm   []byte // over the size that is sent in one request: three parts
	photosTaken int
}

// newMedia makes them before a test begins, because it may have to be skipped.
func newMedia(t *testing.T) *media {
	t.Helper()
	m := &media{film: testkit.Video(t, 1), largeFilm: testkit.LargeVideo(t, 18<<20)}
	for i := range 24 {
		m.photos = append(m.photos, testkit.Photo(t, i))
	}
	return m
}

// file is a piece of evidence on somebody's phone.
type file struct {
	id, kind, mediaType, stage string
	bytes                      []byte
}

// person is somebody with an account.
type person struct{ password, token, userID string }

// cast is everybody and everything that a test speaks of, by the names that the
// test gives them.
type cast struct {
	*server
	*media
	me     string // the account that acts
	people map[string]*person
	ids    map[string]string
	files  map[string]*file
	items  []string // checklist items by number, from 0
	last   struct { // the last command, to be repeated
		query string
		v     variables
		data  json.RawMessage
	}
	refusal replyError  // the last one that was expected
	answer  any         // to the last question of a script
	schema  *ast.Schema // read when first needed
}

func newCast(s *server, m *media) *cast {
	return &cast{server: s, media: m, people: map[string]*person{}, ids: map[string]string{}, files: map[string]*file{}}
}

// passwords reads the accounts that the first start wrote, which nobody else
// may read.
func (c *cast) passwords() error {
	path := filepath.Join(c.data, "first-run.json")
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm() != 0o600 {
		return fmt.Errorf("%s has mode %o, want 600", path, info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var first struct {
		Accounts []struct{ Account, Password string }
	}
	if err := json.Unmarshal(b, &first); err != nil {
		return err
	}
	for _, a := range first.Accounts {
		c.people[a.Account] = &person{password: a.Password}
	}
	return nil
}

// token is a person's, who is signed in when first asked for.
func (c *cast) token(account string) (string, error) {
	if len(c.people) == 0 {
		if err := c.passwords(); err != nil {
			return "", err
		}
	}
	p := c.people[account]
	if p == nil {
		return "", fmt.Errorf("no account %q", account)
	}
	if p.token != "" {
		return p.token, nil
	}
	r, err := c.ask("", `mutation($input: SignInInput!) { signIn(input: $input) { accessToken viewer { user { id } } } }`,
		variables{"input": variables{"account": account, "password": p.password}})
	if err != nil {
		return "", err
	}
	var out struct {
		SignIn struct {
			AccessToken string
			Viewer      struct{ User struct{ ID string } }
		}
	}
	if err := r.into(&out); err != nil {
		return "", fmt.Errorf("sign in as %s: %w", account, err)
	}
	p.token, p.userID = out.SignIn.AccessToken, out.SignIn.Viewer.User.ID
	return p.token, nil
}

// try is one operation of whoever acts.
func (c *cast) try(query string, v variables) (reply, error) {
	token, err := c.token(c.me)
	if err != nil {
		return reply{}, err
	}
	return c.ask(token, query, v)
}

// do is one operation that must succeed.
func (c *cast) do(query string, v variables, to any) error {
	r, err := c.try(query, v)
	if err != nil {
		return err
	}
	if err := r.into(to); err != nil {
		return err
	}
	if strings.HasPrefix(query, "mutation") {
		c.last.query, c.last.v, c.last.data = query, v, r.Data
	}
	return nil
}

// lookAround finds out what a grid member's phone must know: the own grid and
// school, the campaign and its items.
func (c *cast) lookAround() error {
	var out struct {
		Viewer struct {
			Grids []struct {
				ID     string
				School struct{ ID string }
			}
		}
		Campaigns []struct {
			ID        string
			Checklist struct{ Items []struct{ ID string } }
		}
	}
	if err := c.do(`{ viewer { grids { id school { id } } } campaigns { id checklist { items { id } } } }`, nil, &out); err != nil {
		return err
	}
	if len(out.Viewer.Grids) == 0 || len(out.Campaigns) != 1 {
		return fmt.Errorf("%s has %d grids and sees %d campaigns", c.me, len(out.Viewer.Grids), len(out.Campaigns))
	}
	c.ids["grid"], c.ids["school"], c.ids["campaign"] = out.Viewer.Grids[0].ID, out.Viewer.Grids[0].School.ID, out.Campaigns[0].ID
	for _, i := range out.Campaigns[0].Checklist.Items {
		c.items = append(c.items, i.ID)
	}
	return nil
}

// named gives the id of a name and makes one when it is new.
func (c *cast) named(name string, noun id.Noun) string {
	if c.ids[name] == "" {
		c.ids[name] = id.New(noun).String()
	}
	return c.ids[name]
}

// known gives the id of a name that must have one.
func (c *cast) known(name string) (string, error) {
	if c.ids[name] == "" {
		return "", fmt.Errorf("nothing is called %q", name)
	}
	return c.ids[name], nil
}

func newCommand() string { return id.New(id.Command).String() }

// take makes a file on the phone.
func (c *cast) take(name, kind, stage string) (*file, error) {
	f := &file{id: c.named(name, id.Evidence), kind: "VIDEO", mediaType: "video/mp4", stage: stage}
	switch kind {
	case "photo":
		f.kind, f.mediaType, f.bytes = "PHOTO", "image/jpeg", c.photos[c.photosTaken%len(c.photos)]
		c.photosTaken++
	case "film":
		f.bytes = c.film
	case "large-film":
		f.bytes = c.largeFilm
	default:
		return nil, fmt.Errorf("%q is no photo, film or large-film", kind)
	}
	c.files[name] = f
	return f, nil
}

func (f *file) announcement(school string) variables {
	sum := sha256.Sum256(f.bytes)
	return variables{
		"id": f.id, "schoolId": school, "kind": f.kind, "stage": f.stage, "source": "CAMERA", "fileName": f.fileName(),
		"mediaType": f.mediaType, "size": len(f.bytes), "sha256": hex.EncodeToString(sum[:]),
	}
}

func (f *file) fileName() string {
	if f.kind == "PHOTO" {
		return "现场照片.jpg"
	}
	return "现场视频.mp4"
}

// upload is how far a file is and what is left to send.
type upload struct {
	Evidence      struct{ Status string }
	ReceivedParts []int
	Ticket        *struct {
		Request  *ticket
		PartSize int64
		Parts    []struct {
			Number  int
			Size    int64
			Request ticket
		}
	}
}

const uploadFields = `{ evidence { status } receivedParts ticket {
	request { method url headers { name value } } partSize parts { number size request { method url headers { name value } } } } }`

func (c *cast) announce(f *file) (upload, error) {
	var out struct{ AnnounceEvidence struct{ Upload upload } }
	err := c.do(`mutation($input: AnnounceEvidenceInput!) { announceEvidence(input: $input) { upload `+uploadFields+` } }`,
		variables{"input": f.announcement(c.ids["school"])}, &out)
	return out.AnnounceEvidence.Upload, err
}

// progress asks the server how far a file is, as a phone does that has lost its
// ticket.
func (c *cast) progress(f *file) (upload, error) {
	var out struct{ EvidenceUpload upload }
	err := c.do(`query($id: ID!) { evidenceUpload(id: $id) `+uploadFields+` }`, variables{"id": f.id}, &out)
	return out.EvidenceUpload, err
}

// send sends a file in one request.
func (c *cast) send(f *file) error {
	u, err := c.progress(f)
	if err != nil {
		return err
	}
	if u.Ticket == nil || u.Ticket.Request == nil {
		return errors.New("the server gives no ticket for one request")
	}
	return u.Ticket.Request.deliver(f.bytes)
}

// sendPart sends one part of a file.
func (c *cast) sendPart(f *file, number int) error {
	u, err := c.progress(f)
	if err != nil {
		return err
	}
	if u.Ticket == nil {
		return errors.New("the server gives no ticket")
	}
	for _, p := range u.Ticket.Parts {
		if from := int64(p.Number-1) * u.Ticket.PartSize; p.Number == number {
			return p.Request.deliver(f.bytes[from : from+p.Size])
		}
	}
	return fmt.Errorf("the server gives no ticket for part %d", number)
}

const completeEvidence = `mutation($input: CompleteEvidenceInput!) { completeEvidence(input: $input) { evidence { status } } }`

func (c *cast) complete(f *file) error {
	var out struct {
		CompleteEvidence struct{ Evidence struct{ Status string } }
	}
	if err := c.do(completeEvidence, variables{"input": variables{"id": f.id}}, &out); err != nil {
		return err
	}
	if status := out.CompleteEvidence.Evidence.Status; status != "RECEIVED" && status != "VERIFIED" {
		return fmt.Errorf("completed evidence is %s", status)
	}
	return nil
}

// verdict waits until the server has looked at the bytes: VERIFIED, or REJECTED
// with its reason.
func (c *cast) verdict(f *file) (status, reason string, err error) {
	var out struct {
		Evidence struct{ Status, Rejection string }
	}
	err = eventually(verifiedWithin, func() (bool, error) {
		err := c.do(`query($id: ID!) { evidence(id: $id) { status rejection } }`, variables{"id": f.id}, &out)
		return out.Evidence.Status == "VERIFIED" || out.Evidence.Status == "REJECTED", err
	})
	if err != nil {
		return "", "", fmt.Errorf("evidence is %q: %w", out.Evidence.Status, err)
	}
	return out.Evidence.Status, out.Evidence.Rejection, nil
}

// hand is announcing, sending and completing a file in one go.
func (c *cast) hand(name, kind, stage string) error {
	f, err := c.take(name, kind, stage)
	if err != nil {
		return err
	}
	if _, err := c.announce(f); err != nil {
		return err
	}
	if err := c.send(f); err != nil {
		return err
	}
	return c.complete(f)
}

// prove waits until files are VERIFIED.
func (c *cast) prove(names ...string) error {
	for _, name := range names {
		f := c.files[name]
		if f == nil {
			return fmt.Errorf("no file %q", name)
		}
		status, reason, err := c.verdict(f)
		if err == nil && status != "VERIFIED" {
			err = fmt.Errorf("it is %s: %s", status, reason)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
