// Package seed fills an empty database with what a county starts from: the
// plan's campaign, read from a file that a bureau can edit, and a demo county.
//
// It decides what a campaign file must look like, how loading it again changes
// what is stored, and what the demo county consists of. It never opens a
// database, never sets a password and never touches hazards, reports or
// evidence. The seed command, the first start of the embedded default and tests
// call it, each inside a transaction of its own.
package seed

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// CampaignFile is a campaign (活动) as a bureau writes it: one YAML document.
// The comments of the shipped file say what each key means.
type CampaignFile struct {
	// Code names the campaign for good: a file with the same code is an update.
	Code    string `yaml:"code"`
	Title   string `yaml:"title"`
	TitleEn string `yaml:"titleEn"`
	// StartsOn and EndsOn are the first and the last day.
	StartsOn         clock.Date    `yaml:"startsOn"`
	EndsOn           clock.Date    `yaml:"endsOn"`
	Phases           []PhaseFile   `yaml:"phases"`
	Checklist        ChecklistFile `yaml:"checklist"`
	Policy           rule.Policy   `yaml:"policy"`
	HazardCategories []CodedFile   `yaml:"hazardCategories"`
	GridKinds        []CodedFile   `yaml:"gridKinds"`
}

// PhaseFile is a dated part of the campaign (阶段), last day included.
type PhaseFile struct {
	Kind     rule.ReportKind `yaml:"kind"`
	Title    string          `yaml:"title"`
	TitleEn  string          `yaml:"titleEn"`
	StartsOn clock.Date      `yaml:"startsOn"`
	EndsOn   clock.Date      `yaml:"endsOn"`
}

// ChecklistFile is the list of what is inspected (清单). Code and version name
// it for good: other items need another version.
type ChecklistFile struct {
	Code    string     `yaml:"code"`
	Version int        `yaml:"version"`
	Title   string     `yaml:"title"`
	TitleEn string     `yaml:"titleEn"`
	Items   []ItemFile `yaml:"items"`
}

// ItemFile is one heading of the checklist (排查内容).
type ItemFile struct {
	Number int    `yaml:"number"` // from 1, without gaps
	Text   string `yaml:"text"`
	TextEn string `yaml:"textEn"`
	// GridKinds are the kinds of grids that it is inspected in, each; none: once
	// for the whole school.
	GridKinds []string `yaml:"gridKinds"`
}

// CodedFile is one value of an open list that a bureau may extend.
type CodedFile struct {
	Code    string `yaml:"code"`
	Label   string `yaml:"label"`
	LabelEn string `yaml:"labelEn"`
}

//go:embed data/campaign-2021-safety-month.yaml
var planCampaign []byte

// PlanCampaign is the campaign that ships with the product: the hazard month of
// April 2021 with its 15 headings, its two phases and the default policy. Each
// call gives a copy of its own.
func PlanCampaign() *CampaignFile {
	c, err := ParseCampaign(bytes.NewReader(planCampaign))
	if err != nil {
		panic(fmt.Sprintf("seed: the shipped campaign file is broken: %v", err)) // a test parses it
	}
	return c
}

// Shifted is a copy of the campaign that starts on another day. Its phases move
// by the same number of days, so every length stays. From or to something that
// is no date nothing else moves, and Validate refuses the copy.
func (c *CampaignFile) Shifted(start clock.Date) *CampaignFile {
	out := *c
	if !isDate(c.StartsOn) || !isDate(start) {
		out.StartsOn = start
		return &out
	}
	days := daysBetween(c.StartsOn, start)
	out.StartsOn, out.EndsOn = c.StartsOn.AddDays(days), c.EndsOn.AddDays(days)
	out.Phases = slices.Clone(c.Phases)
	for i := range out.Phases {
		p := &out.Phases[i]
		p.StartsOn, p.EndsOn = p.StartsOn.AddDays(days), p.EndsOn.AddDays(days)
	}
	return &out
}

// daysBetween counts in UTC, where every day has 24 hours.
func daysBetween(a, b clock.Date) int {
	return int(b.Start(time.UTC).Sub(a.Start(time.UTC)) / (24 * time.Hour))
}
