package program

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

	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// VerifiedWithin is how long the server may take to look at a file, on a busy
// machine and with a restart in between.
const VerifiedWithin = 60 * time.Second

// Media are the files that the people of a test have in their phones.
type Media struct {
	// Photos are real ones, each another.
	Photos [][]byte
	// Film is a short video, LargeFilm one over the size that is sent in one
	// request: three parts.
	Film, LargeFilm []byte

	photosTaken int
}

// NewMedia makes them before a test begins, because it may have to be skipped.
func NewMedia(t *testing.T) *Media {
	t.Helper()
	m := &Media{Film: testkit.Video(t, 1), LargeFilm: testkit.LargeVideo(t, 18<<20)}
	for i := range 24 {
		m.Photos = append(m.Photos, testkit.Photo(t, i))
	}
	return m
}

// File is a piece of evidence on somebody's phone.
type File struct {
	ID, Kind, MediaType, Stage string
	Bytes                      []byte
}

// Person is somebody with an account.
type Person struct{ password, Token, UserID string }

// Cast is everybody and everything that a test speaks of, by the names that the
// test gives them.
type Cast struct {
	*Server
	*Media
	// Me is the account that acts.
	Me     string
	People map[string]*Person
	IDs    map[string]string
	Files  map[string]*File
	// Items are the checklist's items by number, from 0.
	Items []string
	// Last is the last command that succeeded, to be repeated.
	Last struct {
		Query     string
		Variables Variables
		Data      json.RawMessage
	}
}

// NewCast begins with an installation and the files of its people.
func NewCast(s *Server, m *Media) *Cast {
	return &Cast{Server: s, Media: m, People: map[string]*Person{}, IDs: map[string]string{}, Files: map[string]*File{}}
}

// passwords reads the accounts that the first start wrote, which nobody else
// may read.
func (c *Cast) passwords() error {
	path := filepath.Join(c.Data, "first-run.json")
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
		c.People[a.Account] = &Person{password: a.Password}
	}
	return nil
}

// Token is a person's, who is signed in when first asked for.
func (c *Cast) Token(account string) (string, error) {
	if len(c.People) == 0 {
		if err := c.passwords(); err != nil {
			return "", err
		}
	}
	p := c.People[account]
	if p == nil {
		return "", fmt.Errorf("no account %q", account)
	}
	if p.Token != "" {
		return p.Token, nil
	}
	r, err := c.Ask("", `mutation($input: SignInInput!) { signIn(input: $input) { accessToken viewer { user { id } } } }`,
		Variables{"input": Variables{"account": account, "password": p.password}})
	if err != nil {
		return "", err
	}
	var out struct {
		SignIn struct {
			AccessToken string
			Viewer      struct{ User struct{ ID string } }
		}
	}
	if err := r.Into(&out); err != nil {
		return "", fmt.Errorf("sign in as %s: %w", account, err)
	}
	p.Token, p.UserID = out.SignIn.AccessToken, out.SignIn.Viewer.User.ID
	return p.Token, nil
}

// As says who acts from here on, and signs that person in the first time.
func (c *Cast) As(account string) error {
	c.Me = account
	_, err := c.Token(account)
	return err
}

// Try is one operation of the account that acts.
func (c *Cast) Try(query string, v Variables) (Reply, error) {
	token, err := c.Token(c.Me)
	if err != nil {
		return Reply{}, err
	}
	return c.Ask(token, query, v)
}

// Do is one operation that must succeed.
func (c *Cast) Do(query string, v Variables, to any) error {
	r, err := c.Try(query, v)
	if err != nil {
		return err
	}
	if err := r.Into(to); err != nil {
		return err
	}
	if strings.HasPrefix(query, "mutation") {
		c.Last.Query, c.Last.Variables, c.Last.Data = query, v, r.Data
	}
	return nil
}

// LookAround finds out what a grid member's phone must know: the grid and
// school of its account, the campaign and its items.
func (c *Cast) LookAround() error {
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
	if err := c.Do(`{ viewer { grids { id school { id } } } campaigns { id checklist { items { id } } } }`, nil, &out); err != nil {
		return err
	}
	if len(out.Viewer.Grids) == 0 || len(out.Campaigns) != 1 {
		return fmt.Errorf("%s has %d grids and sees %d campaigns", c.Me, len(out.Viewer.Grids), len(out.Campaigns))
	}
	c.IDs["grid"], c.IDs["school"], c.IDs["campaign"] = out.Viewer.Grids[0].ID, out.Viewer.Grids[0].School.ID, out.Campaigns[0].ID
	for _, i := range out.Campaigns[0].Checklist.Items {
		c.Items = append(c.Items, i.ID)
	}
	return nil
}

// Named gives the id of a name and makes one when it is new.
func (c *Cast) Named(name string, noun id.Noun) string {
	if c.IDs[name] == "" {
		c.IDs[name] = id.New(noun).String()
	}
	return c.IDs[name]
}

// Known gives the id of a name that must have one.
func (c *Cast) Known(name string) (string, error) {
	if c.IDs[name] == "" {
		return "", fmt.Errorf("nothing is called %q", name)
	}
	return c.IDs[name], nil
}

// NewCommand is the id of a new command.
func NewCommand() string { return id.New(id.Command).String() }

// Take makes a file on the phone.
func (c *Cast) Take(name, kind, stage string) (*File, error) {
	f := &File{ID: c.Named(name, id.Evidence), Kind: "VIDEO", MediaType: "video/mp4", Stage: stage}
	switch kind {
	case "photo":
		f.Kind, f.MediaType, f.Bytes = "PHOTO", "image/jpeg", c.Photos[c.photosTaken%len(c.Photos)]
		c.photosTaken++
	case "film":
		f.Bytes = c.Film
	case "large-film":
		f.Bytes = c.LargeFilm
	default:
		return nil, fmt.Errorf("%q is no photo, film or large-film", kind)
	}
	c.Files[name] = f
	return f, nil
}

// Announcement is the input that announces a file of a school.
func (f *File) Announcement(school string) Variables {
	sum := sha256.Sum256(f.Bytes)
	return Variables{
		"id": f.ID, "schoolId": school, "kind": f.Kind, "stage": f.Stage, "source": "CAMERA", "fileName": f.fileName(),
		"mediaType": f.MediaType, "size": len(f.Bytes), "sha256": hex.EncodeToString(sum[:]),
	}
}

func (f *File) fileName() string {
	if f.Kind == "PHOTO" {
		return "现场照片.jpg"
	}
	return "现场视频.mp4"
}

// Upload is how far a file is and what is left to send.
type Upload struct {
	Evidence      struct{ Status string }
	ReceivedParts []int
	Ticket        *struct {
		Request  *Ticket
		PartSize int64
		Parts    []struct {
			Number  int
			Size    int64
			Request Ticket
		}
	}
}

// UploadFields are what a query asks for to read an Upload.
const UploadFields = `{ evidence { status } receivedParts ticket {
	request { method url headers { name value } } partSize parts { number size request { method url headers { name value } } } } }`

// Announce announces a file.
func (c *Cast) Announce(f *File) (Upload, error) {
	var out struct{ AnnounceEvidence struct{ Upload Upload } }
	err := c.Do(`mutation($input: AnnounceEvidenceInput!) { announceEvidence(input: $input) { upload `+UploadFields+` } }`,
		Variables{"input": f.Announcement(c.IDs["school"])}, &out)
	return out.AnnounceEvidence.Upload, err
}

// Progress asks the server how far a file is, as a phone does that has lost its
// ticket.
func (c *Cast) Progress(f *File) (Upload, error) {
	var out struct{ EvidenceUpload Upload }
	err := c.Do(`query($id: ID!) { evidenceUpload(id: $id) `+UploadFields+` }`, Variables{"id": f.ID}, &out)
	return out.EvidenceUpload, err
}

// Send sends a file in one request.
func (c *Cast) Send(f *File) error {
	u, err := c.Progress(f)
	if err != nil {
		return err
	}
	if u.Ticket == nil || u.Ticket.Request == nil {
		return errors.New("the server gives no ticket for one request")
	}
	return u.Ticket.Request.Deliver(f.Bytes)
}

// SendPart sends one part of a file.
func (c *Cast) SendPart(f *File, number int) error {
	u, err := c.Progress(f)
	if err != nil {
		return err
	}
	if u.Ticket == nil {
		return errors.New("the server gives no ticket")
	}
	for _, p := range u.Ticket.Parts {
		if from := int64(p.Number-1) * u.Ticket.PartSize; p.Number == number {
			return p.Request.Deliver(f.Bytes[from : from+p.Size])
		}
	}
	return fmt.Errorf("the server gives no ticket for part %d", number)
}

// CompleteEvidence is the mutation that says that all bytes were sent.
const CompleteEvidence = `mutation($input: CompleteEvidenceInput!) { completeEvidence(input: $input) { evidence { status } } }`

// Complete says that all bytes of a file were sent.
func (c *Cast) Complete(f *File) error {
	var out struct {
		CompleteEvidence struct{ Evidence struct{ Status string } }
	}
	if err := c.Do(CompleteEvidence, Variables{"input": Variables{"id": f.ID}}, &out); err != nil {
		return err
	}
	if status := out.CompleteEvidence.Evidence.Status; status != "RECEIVED" && status != "VERIFIED" {
		return fmt.Errorf("completed evidence is %s", status)
	}
	return nil
}

// Verdict waits until the server has looked at the bytes: VERIFIED, or REJECTED
// with its reason.
func (c *Cast) Verdict(f *File) (status, reason string, err error) {
	var out struct {
		Evidence struct{ Status, Rejection string }
	}
	err = Eventually(VerifiedWithin, func() (bool, error) {
		err := c.Do(`query($id: ID!) { evidence(id: $id) { status rejection } }`, Variables{"id": f.ID}, &out)
		return out.Evidence.Status == "VERIFIED" || out.Evidence.Status == "REJECTED", err
	})
	if err != nil {
		return "", "", fmt.Errorf("evidence is %q: %w", out.Evidence.Status, err)
	}
	return out.Evidence.Status, out.Evidence.Rejection, nil
}

// Hand is announcing, sending and completing a file in one go.
func (c *Cast) Hand(name, kind, stage string) error {
	f, err := c.Take(name, kind, stage)
	if err != nil {
		return err
	}
	if _, err := c.Announce(f); err != nil {
		return err
	}
	if err := c.Send(f); err != nil {
		return err
	}
	return c.Complete(f)
}

// Prove waits until files are VERIFIED.
func (c *Cast) Prove(names ...string) error {
	for _, name := range names {
		f := c.Files[name]
		if f == nil {
			return fmt.Errorf("no file %q", name)
		}
		status, reason, err := c.Verdict(f)
		if err == nil && status != "VERIFIED" {
			err = fmt.Errorf("it is %s: %s", status, reason)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// ReportHazard is the mutation that reports a hazard.
const ReportHazard = `mutation($input: ReportHazardInput!) { reportHazard(input: $input) { hazard { id status version } } }`
