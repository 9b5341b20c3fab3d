package rule

import (
	"errors"
	"fmt"
	"maps"
	"time"
	_ "time/tzdata" // a county's server may have no zone files

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// Policy is what differs from county to county: data of a campaign, never code.
// The zero value of a field means the default that DefaultPolicy gives.
type Policy struct {
	// TimeZone is the IANA zone in which deadlines end.
	TimeZone string `json:"timeZone" yaml:"timeZone"`
	// ImmediateWithinHours is how long a hazard may stay neither rectified at
	// once nor placed under oversight (plan: 能立即整改的要立即整改).
	ImmediateWithinHours int `json:"immediateWithinHours" yaml:"immediateWithinHours"`
	// ReportWithinHours is how long after its discovery a hazard may be reported
	// without being late.
	ReportWithinHours int `json:"reportWithinHours" yaml:"reportWithinHours"`
	// Evidence is what each step needs.
	Evidence map[EvidenceStep][]Requirement `json:"evidence" yaml:"evidence"`
	// MaxBytes is the largest file by kind of evidence.
	MaxBytes map[EvidenceKind]int64 `json:"maxBytes" yaml:"maxBytes"`
	// RetentionYears is how long a verified file is kept at least, bit-exact.
	RetentionYears int `json:"retentionYears" yaml:"retentionYears"`
	// Sampling is the rule for supervision visits (plan: 每个乡镇至少要督查3所学校).
	Sampling SamplingRule `json:"sampling" yaml:"sampling"`
	// NoticePrefix stands before a notice's year and number.
	NoticePrefix string `json:"noticePrefix" yaml:"noticePrefix"`
	// WindUpDays is for how many days after the campaign's last one its teams keep
	// their role in their areas (收尾期): to hand in late, which is marked as late, and
	// to recheck what their notices demand. Nothing new begins in them.
	WindUpDays int `json:"windUpDays,omitzero" yaml:"windUpDays"`
	// Deadlines says who is reminded before and after a deadline, and how days are
	// counted.
	Deadlines DeadlinePolicy `json:"deadlines,omitzero" yaml:"deadlines"`
	// ReceiptDays is for how many days a command that is sent again is recognised as
	// the same. Later its id is taken all the same, and answers IDEMPOTENCY_MISMATCH.
	ReceiptDays int `json:"receiptDays,omitzero" yaml:"receiptDays"`
}

// Requirement is one line of the evidence policy: Count files of a kind and a
// stage.
type Requirement struct {
	Kind  EvidenceKind  `json:"kind" yaml:"kind"`
	Stage EvidenceStage `json:"stage,omitempty" yaml:"stage,omitempty"` // empty: any stage
	Count int           `json:"count" yaml:"count"`
	// DifferentFrom asks that the bytes differ from those of every file of this
	// stage that belongs to the same hazard.
	DifferentFrom EvidenceStage `json:"differentFrom,omitempty" yaml:"differentFrom,omitempty"`
	// ByActor asks that the person who takes the step also uploaded the file.
	ByActor bool `json:"byActor,omitempty" yaml:"byActor,omitempty"`
}

// SamplingRule says which schools of a township the teams must visit.
type SamplingRule struct {
	SchoolsPerTownship int  `json:"schoolsPerTownship" yaml:"schoolsPerTownship"`
	Middle             int  `json:"middle" yaml:"middle"`
	Primary            int  `json:"primary" yaml:"primary"`
	Private            int  `json:"private" yaml:"private"`
	AllowOverlap       bool `json:"allowOverlap" yaml:"allowOverlap"`
	RecusalMonths      int  `json:"recusalMonths" yaml:"recusalMonths"`
	// InspectorsPerVisit is how many members of a team must be independent of a
	// school for the team to be sent there.
	InspectorsPerVisit int `json:"inspectorsPerVisit" yaml:"inspectorsPerVisit"`
}

// DefaultPolicy is the policy of domain.md sections 3 to 5.
func DefaultPolicy() Policy {
	photo := func(s EvidenceStage) Requirement { return Requirement{Kind: Photo, Stage: s, Count: 1} }
	video := func(s EvidenceStage) Requirement { return Requirement{Kind: Video, Stage: s, Count: 1} }
	after := photo(After)
	after.DifferentFrom = Before
	recheck := photo("")
	recheck.ByActor = true
	return Policy{
		TimeZone: "Asia/Shanghai", ImmediateWithinHours: 24, ReportWithinHours: 24,
		Evidence: map[EvidenceStep][]Requirement{
			StepCompliant:         {photo("")},
			StepNonCompliant:      {photo("")},
			StepReport:            {photo(Before)},
			StepSupervisionHazard: {photo(Before), video("")},
			StepOversight:         {photo("")},
			StepRectify:           {after},
			StepRecheck:           {recheck},
			StepReopen:            {photo("")},
			StepSupervisionReport: {photo(Site), video(Site)},
			StepAcknowledgement:   {{Kind: Photo, Stage: Signature, Count: 1}},
		},
		MaxBytes:       map[EvidenceKind]int64{Photo: 50 << 20, Video: 2 << 30, Document: 50 << 20},
		RetentionYears: 3,
		WindUpDays:     30,
		Sampling:       SamplingRule{SchoolsPerTownship: 3, Middle: 1, Primary: 1, Private: 1, RecusalMonths: 36, InspectorsPerVisit: 1},
		Deadlines:      defaultDeadlines(),
		ReceiptDays:    400,
	}
}

// WithDefaults fills what p leaves open from DefaultPolicy.
func (p Policy) WithDefaults() Policy {
	d := DefaultPolicy()
	if p.TimeZone != "" {
		d.TimeZone = p.TimeZone
	}
	if p.ImmediateWithinHours > 0 {
		d.ImmediateWithinHours = p.ImmediateWithinHours
	}
	if p.ReportWithinHours > 0 {
		d.ReportWithinHours = p.ReportWithinHours
	}
	maps.Copy(d.Evidence, p.Evidence)
	maps.Copy(d.MaxBytes, p.MaxBytes)
	if p.RetentionYears > 0 {
		d.RetentionYears = p.RetentionYears
	}
	if p.WindUpDays > 0 {
		d.WindUpDays = p.WindUpDays
	}
	if p.ReceiptDays > 0 {
		d.ReceiptDays = p.ReceiptDays
	}
	if p.Sampling != (SamplingRule{}) {
		months, inspectors := d.Sampling.RecusalMonths, d.Sampling.InspectorsPerVisit
		d.Sampling = p.Sampling
		if d.Sampling.RecusalMonths == 0 {
			d.Sampling.RecusalMonths = months // nobody is ever independent of a school just because a file says nothing
		}
		if d.Sampling.InspectorsPerVisit == 0 {
			d.Sampling.InspectorsPerVisit = inspectors
		}
	}
	if p.NoticePrefix != "" {
		d.NoticePrefix = p.NoticePrefix
	}
	d.Deadlines = p.Deadlines.withDefaults()
	return d
}

// Validate collects what is wrong with a policy that a bureau wrote.
func (p Policy) Validate() []error {
	var out []error
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "" || p.TimeZone == "Local" {
		out = append(out, fmt.Errorf("policy.timeZone %q is not an IANA time zone", p.TimeZone))
	}
	known := map[EvidenceStep]bool{}
	for _, s := range EvidenceSteps() {
		known[s] = true
	}
	for step, needs := range p.Evidence {
		if !known[step] {
			out = append(out, fmt.Errorf("policy.evidence.%s is no step", step))
		}
		for i, n := range needs {
			if n.Count < 1 || n.Count > 20 {
				out = append(out, fmt.Errorf("policy.evidence.%s[%d].count must be 1 to 20", step, i))
			}
			if n.Kind != Photo && n.Kind != Video && n.Kind != Document {
				out = append(out, fmt.Errorf("policy.evidence.%s[%d].kind %q is no kind of evidence", step, i, n.Kind))
			}
		}
	}
	out = append(out, p.Deadlines.validate()...)
	if p.RetentionYears < 0 || p.RetentionYears > 100 {
		out = append(out, errors.New("policy.retentionYears must be 1 to 100"))
	}
	if p.WindUpDays < 0 || p.WindUpDays > 366 {
		out = append(out, errors.New("policy.windUpDays must be 1 to 366"))
	}
	if p.ReceiptDays != 0 && (p.ReceiptDays < 30 || p.ReceiptDays > 3650) {
		out = append(out, errors.New("policy.receiptDays must be 30 to 3650"))
	}
	if err := p.Sampling.Draw().Check(); err != nil {
		out = append(out, fmt.Errorf("policy.sampling: %w", err))
	}
	for kind, n := range p.MaxBytes {
		if n < 1 || n > 5<<30 {
			out = append(out, fmt.Errorf("policy.maxBytes.%s must be 1 byte to 5 GiB", kind))
		}
	}
	return out
}

// Zone is the policy's time zone; Validate has made sure that it exists, and a
// policy without one counts in Asia/Shanghai.
func (p Policy) Zone() *time.Location {
	name := p.TimeZone
	if name == "" {
		name = "Asia/Shanghai"
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.FixedZone("UTC+8", 8*3600)
	}
	return z
}

// Today is the date in the policy's zone.
func (p Policy) Today(now time.Time) clock.Date { return clock.DateOf(now, p.Zone()) }

// CheckRunning refuses to start an inspection outside a campaign's days, the last
// one included.
func CheckRunning(startsOn, endsOn, today clock.Date) error {
	if startsOn <= today && today <= endsOn {
		return nil
	}
	return fault.New(fault.InvalidTransition, "campaign.not_running", fault.Tf("活动时间为 %s 至 %s，现在不能开始检查。",
		"The campaign runs from %s to %s; no inspection can start now.", string(startsOn), string(endsOn)))
}

// Supervising reports whether the teams of a campaign hold their role on a day:
// from its first day to the end of its wind-up.
func (p Policy) Supervising(startsOn, endsOn, today clock.Date) bool {
	return startsOn <= today && today <= endsOn.AddDays(p.WindUpDays)
}

// CheckNotOver refuses to arrange the supervision of a campaign that is over.
func CheckNotOver(endsOn, today clock.Date) error {
	if today <= endsOn {
		return nil
	}
	return fault.New(fault.InvalidTransition, "campaign.over",
		fault.Tf("活动已于 %s 结束。", "The campaign ended on %s.", string(endsOn)))
}
