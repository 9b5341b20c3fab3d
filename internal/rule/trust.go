package rule

import (
	"slices"
	"time"

	"github.com/cleargrid/cleargrid/internal/geo"
)

// Rendition is a form of a file that the server made of it.
type Rendition struct {
	Name      RenditionName `json:"name"`
	MediaType string        `json:"mediaType"`
	Width     int           `json:"width"`
	Height    int           `json:"height"`
	Size      int64         `json:"size"` // bytes
}

// TrustGrade says how far what is known of a file supports it. It never blocks
// anything and accuses nobody: LOW only means that a person should look.
type TrustGrade string

// The grades of trust.
const (
	HighTrust   TrustGrade = "HIGH"   // at least two things support it and nothing speaks against it
	MediumTrust TrustGrade = "MEDIUM" // nothing speaks against it
	LowTrust    TrustGrade = "LOW"    // something speaks against it
)

// Values implements ent's enum interface.
func (TrustGrade) Values() []string {
	return values([]TrustGrade{HighTrust, MediumTrust, LowTrust})
}

// ReviewStatus is where the section's review of a flagged file stands.
type ReviewStatus string

// The statuses of a review.
const (
	ReviewNone    ReviewStatus = "NONE"    // nothing to look at
	ReviewOpen    ReviewStatus = "OPEN"    // waits for a person
	ReviewCleared ReviewStatus = "CLEARED" // a person found it in order
	ReviewUpheld  ReviewStatus = "UPHELD"  // a person shares the doubt
)

// Values implements ent's enum interface.
func (ReviewStatus) Values() []string {
	return values([]ReviewStatus{ReviewNone, ReviewOpen, ReviewCleared, ReviewUpheld})
}

// MatchKind is how much two files have in common.
type MatchKind string

// The kinds of matches, by their fingerprints' distance in bits of 256: pictures
// of different things never came below 106 in 496 pairs.
const (
	SameFile       MatchKind = "SAME_FILE"       // the same bytes
	SamePicture    MatchKind = "SAME_PICTURE"    // at most 31: saved again, scaled, or with other metadata
	SimilarPicture MatchKind = "SIMILAR_PICTURE" // at most 70: a person must look
)

// Values implements ent's enum interface.
func (MatchKind) Values() []string {
	return values([]MatchKind{SameFile, SamePicture, SimilarPicture})
}

// MatchOf classifies two pictures by the distance of their fingerprints; false
// when they are different pictures.
func MatchOf(distance int) (MatchKind, bool) {
	switch {
	case distance <= 31:
		return SamePicture, true
	case distance <= 70:
		return SimilarPicture, true
	default:
		return "", false
	}
}

// TrustReasonCode names one thing that supports a file or speaks against it.
type TrustReasonCode string

// The reasons. What only explains (a gallery, missing metadata) weighs nothing:
// phones and messengers strip metadata, and missing EXIF alone is no accusation.
const (
	ReasonCamera          TrustReasonCode = "TAKEN_BY_CAMERA"
	ReasonGallery         TrustReasonCode = "CHOSEN_FROM_GALLERY"
	ReasonNoMetadata      TrustReasonCode = "NO_METADATA"
	ReasonTimeAgrees      TrustReasonCode = "TIME_AGREES"
	ReasonTimeDiffers     TrustReasonCode = "TIME_DIFFERS"
	ReasonClockOff        TrustReasonCode = "DEVICE_CLOCK_OFF"
	ReasonInsideBoundary  TrustReasonCode = "INSIDE_BOUNDARY"
	ReasonOutsideBoundary TrustReasonCode = "OUTSIDE_BOUNDARY"
	ReasonInsideVisit     TrustReasonCode = "DURING_VISIT"
	ReasonOutsideVisit    TrustReasonCode = "OUTSIDE_VISIT"
	ReasonOlder           TrustReasonCode = "OLDER_THAN_HAZARD"
	ReasonSameFile        TrustReasonCode = "SAME_FILE_BEFORE"
	ReasonSamePicture     TrustReasonCode = "SAME_PICTURE_BEFORE"
	ReasonSimilarPicture  TrustReasonCode = "SIMILAR_PICTURE_BEFORE"
	ReasonAfterLikeBefore TrustReasonCode = "AFTER_LIKE_BEFORE"
)

// Weight is what a reason does to the grade.
type Weight string

// The weights of reasons.
const (
	Supports  Weight = "SUPPORTS"
	Neutral   Weight = "NEUTRAL"
	Questions Weight = "QUESTIONS"
)

// reasonWeights is the whole table of reasons.
var reasonWeights = map[TrustReasonCode]Weight{
	ReasonCamera: Supports, ReasonTimeAgrees: Supports, ReasonInsideBoundary: Supports, ReasonInsideVisit: Supports,
	ReasonGallery: Neutral, ReasonNoMetadata: Neutral,
	ReasonTimeDiffers: Questions, ReasonClockOff: Questions, ReasonOutsideBoundary: Questions, ReasonOutsideVisit: Questions, ReasonOlder: Questions,
	ReasonSameFile: Questions, ReasonSamePicture: Questions, ReasonSimilarPicture: Questions, ReasonAfterLikeBefore: Questions,
}

// TrustReason is one reason with its measure: minutes for times, metres for
// places, bits for pictures; 0 where there is nothing to measure.
type TrustReason struct {
	Code    TrustReasonCode `json:"code"`
	Weight  Weight          `json:"weight"`
	Measure int             `json:"measure,omitempty"`
}

// TrustFacts is what is known of a verified file.
type TrustFacts struct {
	Source EvidenceSource
	// ClockOffset is the server's clock minus the device's, when it was announced.
	ClockOffset *time.Duration
	// CapturedAt is what the device said, TakenAt what the file says; both by the
	// device's clock, nil for unknown.
	CapturedAt, TakenAt *time.Time
	// DeviceAt is where the device said it was, FileAt what the file says.
	DeviceAt, FileAt *geo.Point
	School           *geo.Point
	BoundaryMeters   int
	// Boundary is the outline of the school; none: the circle of
	// BoundaryMeters around School.
	Boundary geo.Ring
	Uses     []TrustUse
	Matches  []TrustMatch
}

// TrustUse is one step that names the file.
type TrustUse struct {
	Stage EvidenceStage
	// VisitFrom and VisitUntil are when the inspection began and was handed in;
	// a zero end is one that goes on.
	VisitFrom, VisitUntil time.Time
	// FoundAt is when the hazard was discovered; zero for no hazard.
	FoundAt time.Time
}

// TrustMatch is an earlier file that shows the same.
type TrustMatch struct {
	Kind     MatchKind
	Distance int
	// Used reports whether a step names the earlier file, or whether it belongs to
	// another school. A photo that was only sent twice is no matter.
	Used bool
	// BeforeOfSame reports whether this is the after picture, and the earlier file
	// the before picture, of one hazard.
	BeforeOfSame bool
}

// What is tolerated before something speaks against a file.
const (
	clockTolerance = 10 * time.Minute // device's clock against the server's, network included
	timeTolerance  = 10 * time.Minute // the file's time against what the device said
	visitTolerance = 30 * time.Minute // around a visit
	foundTolerance = 24 * time.Hour   // a before picture may be taken a day before the report's date of discovery
)

// Trust grades a file and says why, in a fixed order.
func Trust(f TrustFacts) (TrustGrade, []TrustReason) {
	var t trust
	t.source(f)
	t.clocks(f)
	t.place(f)
	t.times(f)
	t.matches(f)
	supports := 0
	for _, r := range t.reasons {
		switch r.Weight {
		case Questions:
			return LowTrust, t.reasons
		case Supports:
			supports++
		case Neutral:
		}
	}
	if supports >= 2 {
		return HighTrust, t.reasons
	}
	return MediumTrust, t.reasons
}

// trust collects reasons, each once.
type trust struct{ reasons []TrustReason }

func (t *trust) add(code TrustReasonCode, measure int) {
	for i, r := range t.reasons {
		if r.Code == code {
			t.reasons[i].Measure = max(r.Measure, measure)
			return
		}
	}
	t.reasons = append(t.reasons, TrustReason{Code: code, Weight: reasonWeights[code], Measure: measure})
}

func (t *trust) source(f TrustFacts) {
	if f.Source == FromCamera {
		t.add(ReasonCamera, 0)
	} else {
		t.add(ReasonGallery, 0)
	}
	if f.TakenAt == nil && f.FileAt == nil {
		t.add(ReasonNoMetadata, 0)
	}
}

func (t *trust) clocks(f TrustFacts) {
	if f.ClockOffset != nil && f.ClockOffset.Abs() > clockTolerance {
		t.add(ReasonClockOff, int(f.ClockOffset.Abs().Minutes()))
	}
	if f.TakenAt == nil || f.CapturedAt == nil {
		return
	}
	if apart := f.TakenAt.Sub(*f.CapturedAt).Abs(); apart > timeTolerance {
		t.add(ReasonTimeDiffers, int(apart.Minutes()))
	} else {
		t.add(ReasonTimeAgrees, int(apart.Minutes()))
	}
}

func (t *trust) place(f TrustFacts) {
	boundary := Boundary{Position: f.School, Meters: f.BoundaryMeters, Outline: f.Boundary}
	if !boundary.Known() {
		return
	}
	for _, p := range []*geo.Point{f.DeviceAt, f.FileAt} {
		if p == nil {
			continue
		}
		if boundary.Contains(p) {
			t.add(ReasonInsideBoundary, 0)
		} else {
			t.add(ReasonOutsideBoundary, boundary.Away(*p))
		}
	}
}

// times compares the moment of taking with what the file is used for. The
// device's clock is corrected by what the server knows of it.
func (t *trust) times(f TrustFacts) {
	at := f.TakenAt
	if at == nil {
		at = f.CapturedAt
	}
	if at == nil {
		return
	}
	taken := *at
	if f.ClockOffset != nil && f.Source == FromCamera {
		taken = taken.Add(*f.ClockOffset)
	}
	for _, u := range f.Uses {
		if !u.VisitFrom.IsZero() {
			early, late := u.VisitFrom.Sub(taken), time.Duration(0)
			if !u.VisitUntil.IsZero() {
				late = taken.Sub(u.VisitUntil)
			}
			if outside := max(early, late); outside > visitTolerance {
				t.add(ReasonOutsideVisit, int(outside.Minutes()))
			} else {
				t.add(ReasonInsideVisit, 0)
			}
		}
		if !u.FoundAt.IsZero() {
			tolerated := time.Duration(0)
			if u.Stage == Before {
				tolerated = foundTolerance
			}
			if older := u.FoundAt.Sub(taken); older > tolerated && older > timeTolerance {
				t.add(ReasonOlder, int(older.Minutes()))
			}
		}
	}
}

func (t *trust) matches(f TrustFacts) {
	codes := map[MatchKind]TrustReasonCode{SameFile: ReasonSameFile, SamePicture: ReasonSamePicture, SimilarPicture: ReasonSimilarPicture}
	for _, kind := range []MatchKind{SameFile, SamePicture, SimilarPicture} {
		i := slices.IndexFunc(f.Matches, func(m TrustMatch) bool { return m.Kind == kind && m.Used })
		if i >= 0 {
			t.add(codes[kind], f.Matches[i].Distance)
		}
	}
	if i := slices.IndexFunc(f.Matches, func(m TrustMatch) bool { return m.BeforeOfSame }); i >= 0 {
		t.add(ReasonAfterLikeBefore, f.Matches[i].Distance)
	}
}

// Review says what becomes of a file's review when it is graded: doubts open it;
// one that a person has decided stays decided unless there are new doubts.
func Review(now ReviewStatus, before, after []TrustReason) ReviewStatus {
	fresh := slices.ContainsFunc(after, func(r TrustReason) bool {
		return r.Weight == Questions && !slices.ContainsFunc(before, func(b TrustReason) bool { return b.Code == r.Code })
	})
	doubts := slices.ContainsFunc(after, func(r TrustReason) bool { return r.Weight == Questions })
	switch {
	case fresh, doubts && now == ReviewNone:
		return ReviewOpen
	case !doubts && now == ReviewOpen:
		return ReviewNone
	default:
		return now
	}
}
