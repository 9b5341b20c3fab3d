package rule

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// UploadLifetime is how long the received part of a file is kept when no more of it
// arrives: a phone that was offline for a weekend can resume the upload.
const UploadLifetime = 7 * 24 * time.Hour

// UploadExpires is when an upload ends that was worked on last at activeAt.
func UploadExpires(activeAt time.Time) time.Time { return activeAt.Add(UploadLifetime) }

// EvidenceRef is what the policy needs to know of one file that a step names. A file
// that is not Known has not been announced yet: a phone may send the command
// before the file's record.
type EvidenceRef struct {
	ID       uuid.UUID
	Known    bool
	Kind     EvidenceKind
	Stage    EvidenceStage
	Status   EvidenceStatus
	SHA256   string
	Uploader uuid.UUID
}

// Gap is one requirement of the policy that is not met by verified files.
type Gap struct {
	Step  EvidenceStep
	Kind  EvidenceKind
	Stage EvidenceStage // empty: any
	Count int           // how many verified files are missing
	// Waiting are named files that are on their way, Rejected those whose bytes
	// were rejected.
	Waiting  []uuid.UUID
	Rejected []uuid.UUID
}

// StepFacts is one step that was taken, with the files that it named.
type StepFacts struct {
	Step         EvidenceStep
	Actor        uuid.UUID
	EvidenceRefs []EvidenceRef
	// Earlier are all other files of the same hazard, for requirements that ask
	// for a different picture.
	Earlier []EvidenceRef
}

// Named decides whether a step names enough files of the right kind. Files on
// their way count, rejected ones do not; a file not announced yet may still turn
// out to be anything, but only one thing. The refusal is EVIDENCE_MISSING with
// the missing requirement in its details.
func Named(p Policy, s StepFacts) error {
	promised := map[uuid.UUID]bool{}
	for _, x := range s.EvidenceRefs {
		if !x.Known {
			promised[x.ID] = true
		}
	}
	promises := len(promised)
	for _, need := range p.Evidence[s.Step] {
		missing := need.Count - count(need, s, func(x EvidenceRef) bool { return x.Known && x.Status != EvidenceRejected })
		if missing <= promises {
			promises -= max(missing, 0)
			continue
		}
		return fault.New(fault.EvidenceMissing, "evidence.not_named", fault.Tf(
			"该步骤须提供 %d 个 %s（%s）佐证材料，且不得与整改前照片相同。", "This step needs %d %s (stage %s) as evidence, not the same file as an earlier stage.",
			need.Count, need.Kind, stageName(need.Stage))).
			With("step", string(s.Step)).With("kind", string(need.Kind)).With("stage", string(need.Stage)).With("missing", missing-promises)
	}
	return nil
}

// Gaps lists the evidence that is missing for a step to be proven: only VERIFIED
// files count (plan:
// 凡是未能提供工作档案和印证材料的，视为未开展工作).
func Gaps(p Policy, s StepFacts) []Gap {
	var out []Gap
	for _, need := range p.Evidence[s.Step] {
		n := count(need, s, func(x EvidenceRef) bool { return x.Known && x.Status == Verified })
		if n >= need.Count {
			continue
		}
		l := Gap{Step: s.Step, Kind: need.Kind, Stage: need.Stage, Count: need.Count - n}
		for _, x := range s.EvidenceRefs {
			switch {
			case !x.Known || matches(need, x) && (x.Status == Announced || x.Status == Received):
				l.Waiting = append(l.Waiting, x.ID)
			case matches(need, x) && x.Status == EvidenceRejected:
				l.Rejected = append(l.Rejected, x.ID)
			}
		}
		out = append(out, l)
	}
	return out
}

// count counts different known files: one file named twice, and two files with
// the same bytes, are one.
func count(need Requirement, s StepFacts, counts func(EvidenceRef) bool) int {
	seen := map[string]bool{}
	for _, x := range s.EvidenceRefs {
		if counts(x) && matches(need, x) && (!need.ByActor || x.Uploader == s.Actor) && !repeats(need, x, s) {
			seen[x.SHA256] = true
		}
	}
	return len(seen)
}

func matches(need Requirement, x EvidenceRef) bool {
	return x.Kind == need.Kind && (need.Stage == "" || x.Stage == need.Stage)
}

// repeats reports whether a file has the bytes of one that it must differ from:
// of an earlier step, or named beside it in the same one.
func repeats(need Requirement, x EvidenceRef, s StepFacts) bool {
	same := func(e EvidenceRef) bool { return e.Known && e.Stage == need.DifferentFrom && e.SHA256 == x.SHA256 }
	beside := func(e EvidenceRef) bool { return e.ID != x.ID && same(e) }
	return need.DifferentFrom != "" && (slices.ContainsFunc(s.Earlier, same) || slices.ContainsFunc(s.EvidenceRefs, beside))
}

func stageName(s EvidenceStage) string {
	if s == "" {
		return "ANY"
	}
	return string(s)
}

// MediaTypes are the types of file that may be announced as a kind of evidence;
// the server reads the real one from the bytes.
func MediaTypes(k EvidenceKind) []string {
	switch k {
	case Photo:
		return []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif"}
	case Video:
		return []string{"video/mp4", "video/quicktime"}
	case Document:
		return []string{"application/pdf"}
	default:
		return nil
	}
}

// Keeping is what decides whether a file's bytes may be destroyed.
type Keeping struct {
	Status      EvidenceStatus
	RetainUntil *time.Time
	Held        bool
	Asked       bool // somebody asked for its destruction
	Approved    bool // somebody else agreed
}

// CheckDestruction refuses to begin the destruction of a file that must be kept:
// before its retention ends, and while it is held. INVALID_TRANSITION.
func CheckDestruction(k Keeping, now time.Time) error {
	switch {
	case k.Status != Verified || k.RetainUntil == nil:
		return fault.New(fault.InvalidTransition, "evidence.not_verified",
			fault.T("只有已核验的佐证材料才有保管期限。", "Only verified evidence is kept, and destroyed.")).With("state", string(k.Status))
	case k.Approved:
		return fault.New(fault.InvalidTransition, "evidence.destruction_approved",
			fault.T("该佐证材料已批准销毁。", "The destruction of this file has been approved."))
	case k.Held:
		return fault.New(fault.InvalidTransition, "evidence.held",
			fault.T("该佐证材料已被依法保全，不能销毁。", "This file is under legal hold and can't be destroyed."))
	case now.Before(*k.RetainUntil):
		return fault.New(fault.InvalidTransition, "evidence.retained", fault.Tf("该佐证材料须保管至 %s。", "This file must be kept until %s.",
			k.RetainUntil.Format(time.DateOnly))).With("retainUntil", k.RetainUntil.Format(time.RFC3339))
	}
	return nil
}

// CheckDestructionAsked refuses to decide about a destruction that nobody asked
// for.
func CheckDestructionAsked(k Keeping) error {
	if k.Asked && !k.Approved {
		return nil
	}
	return fault.New(fault.InvalidTransition, "evidence.no_request",
		fault.T("没有待批准的销毁申请。", "Nobody has asked to destroy this file, or it was approved already."))
}

// CheckHold refuses to hold what is no verified file, or what is on its way out.
func CheckHold(k Keeping) error {
	if k.Status == Verified && !k.Approved {
		return nil
	}
	return fault.New(fault.InvalidTransition, "evidence.not_held",
		fault.T("只有已核验且未批准销毁的佐证材料可以保全。", "Only verified evidence that is not being destroyed can be held.")).With("state", string(k.Status))
}

// CheckReview refuses to decide about a file that raises no doubt.
func CheckReview(s ReviewStatus) error {
	if s != ReviewNone {
		return nil
	}
	return fault.New(fault.InvalidTransition, "evidence.no_review",
		fault.T("该佐证材料没有需要复核的疑点。", "Nothing about this file waits for a review."))
}

// QueuedFor is how long a file waited on the device before the server heard of
// it, the device's clock corrected; nil when the device did not say when it was
// taken. Time without a network is held against nobody.
func QueuedFor(capturedAt *time.Time, announcedAt time.Time, clockOffset *time.Duration) *time.Duration {
	if capturedAt == nil {
		return nil
	}
	at := *capturedAt
	if clockOffset != nil {
		at = at.Add(*clockOffset)
	}
	d := max(announcedAt.Sub(at), 0)
	return &d
}
