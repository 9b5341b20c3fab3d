// Package id is the form of every identifier that leaves the product:
// `<noun>_<uuid>`, for example `hazard_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001`.
//
// It decides which nouns exist and how an identifier is read and written. The
// databases keep the bare UUID; everything a person or a client sees has the
// noun in front, so that node(id:) knows the type and a mistaken id is refused
// with a clear text.
package id

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// Noun is the kind of thing an ID names.
type Noun string

// The nouns of the public API.
const (
	Region            Noun = "region"
	School            Noun = "school"
	Grid              Noun = "grid"
	GridAssignment    Noun = "gridassignment"
	User              Noun = "user"
	Membership        Noun = "membership"
	Campaign          Noun = "campaign"
	Phase             Noun = "phase"
	Checklist         Noun = "checklist"
	ChecklistItem     Noun = "checklistitem"
	Team              Noun = "team"
	Report            Noun = "report"
	Finding           Noun = "finding"
	Hazard            Noun = "hazard"
	HazardEvent       Noun = "hazardevent"
	Listing           Noun = "listing"
	RectificationPlan Noun = "plan"
	Extension         Noun = "extension"
	Recheck           Noun = "recheck"
	Evidence          Noun = "evidence"
	EvidenceEvent     Noun = "evidenceevent"
	EvidenceMatch     Noun = "match"
	RiskPoint         Noun = "riskpoint"
	RiskAssessment    Noun = "riskassessment"
	RiskControl       Noun = "riskcontrol"
	GradingRuleSet    Noun = "gradingruleset"
	GradingRule       Noun = "gradingrule"
	VisitPlan         Noun = "visitplan"
	PlannedVisit      Noun = "visit"
	SamplingExemption Noun = "exemption"
	LeadingGroup      Noun = "leadinggroup"
	Submission        Noun = "submission"
	Reminder          Noun = "reminder"
	Notice            Noun = "notice"
	NoticeItem        Noun = "noticeitem"
	NoticeEvent       Noun = "noticeevent"
	Discrepancy       Noun = "discrepancy"
	Case              Noun = "case"
	Session           Noun = "session"
	Command           Noun = "command"
)

var nouns = []Noun{
	Region, School, Grid, GridAssignment, User, Membership, Campaign, Phase, Checklist, ChecklistItem, Team, Report,
	Finding, Hazard, HazardEvent, Listing, RectificationPlan, Extension, Recheck, Evidence, EvidenceEvent, EvidenceMatch,
	RiskPoint, RiskAssessment, RiskControl, GradingRuleSet, GradingRule, VisitPlan, PlannedVisit, SamplingExemption, LeadingGroup,
	Submission, Reminder, Notice, NoticeItem, NoticeEvent, Discrepancy, Case, Session, Command,
}

// Nouns lists every noun.
func Nouns() []Noun { return slices.Clone(nouns) }

// ID is an identifier with its noun. It is comparable; the zero value is no id.
type ID struct {
	Noun Noun
	UUID uuid.UUID
}

// ErrForm is returned for a text that is not an identifier of this product.
var ErrForm = errors.New("not an id of the form noun_uuid")

// Of joins a noun and a UUID.
func Of(n Noun, u uuid.UUID) ID { return ID{Noun: n, UUID: u} }

// New makes a fresh, time-ordered identifier (UUID version 7, RFC 9562).
func New(n Noun) ID { return ID{Noun: n, UUID: uuid.Must(uuid.NewV7())} }

// Parse reads `<noun>_<uuid>`: a known noun and the 36-character lower-case form
// of a UUID that is not nil. Everything else is ErrForm.
func Parse(s string) (ID, error) {
	n, u, ok := strings.Cut(s, "_")
	if !ok || len(u) != 36 || !slices.Contains(nouns, Noun(n)) {
		return ID{}, ErrForm
	}
	p, err := uuid.Parse(u)
	if err != nil || p == uuid.Nil || p.String() != u {
		return ID{}, ErrForm
	}
	return ID{Noun: Noun(n), UUID: p}, nil
}

// IsZero reports whether the ID names nothing.
func (i ID) IsZero() bool { return i == ID{} }

// String is the public form; empty for the zero value.
func (i ID) String() string {
	if i.IsZero() {
		return ""
	}
	return string(i.Noun) + "_" + i.UUID.String()
}

// MarshalText implements encoding.TextMarshaler.
func (i ID) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; the empty text is no id.
func (i *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*i = ID{}
		return nil
	}
	p, err := Parse(string(b))
	if err != nil {
		return err
	}
	*i = p
	return nil
}

// MarshalGQL writes the GraphQL scalar ID.
func (i ID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(i.String())) }

// UnmarshalGQL reads the GraphQL scalar ID.
func (i *ID) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("an id is a string: %w", ErrForm)
	}
	p, err := Parse(s)
	if err != nil {
		return err
	}
	*i = p
	return nil
}

// UUIDOf is the UUID of an optional id; nil for none.
func UUIDOf(i *ID) *uuid.UUID {
	if i == nil {
		return nil
	}
	return &i.UUID
}

// UUIDs are the UUIDs of ids, in their order.
func UUIDs(ids []ID) []uuid.UUID {
	out := make([]uuid.UUID, len(ids))
	for i, x := range ids {
		out[i] = x.UUID
	}
	return out
}

// Maybe is an optional UUID as the id of a noun; nil for none.
func Maybe(noun Noun, u *uuid.UUID) *ID {
	if u == nil {
		return nil
	}
	return &ID{Noun: noun, UUID: *u}
}
