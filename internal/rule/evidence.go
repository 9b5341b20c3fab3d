package rule

import (
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// Piece is what the policy needs to know of one file that a step names. A piece
// that is not Known has not been announced yet: a phone may send the command
// before the file's record.
type Piece struct {
	ID       uuid.UUID
	Known    bool
	Kind     EvidenceKind
	Stage    EvidenceStage
	Status   EvidenceStatus
	SHA256   string
	Uploader uuid.UUID
}

// Lack is one requirement of the policy that is not met by verified files.
type Lack struct {
	Step  EvidenceStep
	Kind  EvidenceKind
	Stage EvidenceStage // empty: any
	Count int           // how many verified files are lacking
	// Waiting are named files that are on their way, Refused those whose bytes
	// were rejected.
	Waiting []uuid.UUID
	Refused []uuid.UUID
}

// StepFacts is one step that was taken, with the files that it named.
type StepFacts struct {
	Step   EvidenceStep
	Actor  uuid.UUID
	Pieces []Piece
	// Earlier are all other files of the same hazard, for requirements that ask
	// for a different picture.
	Earlier []Piece
}

// Named decides whether a step names enough files of the right kind. Files on
// their way count, rejected ones do not; a file not announced yet may still turn
// out to be anything, but only one thing. The refusal is EVIDENCE_MISSING with
// the lacking requirement in its details.
func Named(p Policy, s StepFacts) error {
	promised := map[uuid.UUID]bool{}
	for _, x := range s.Pieces {
		if !x.Known {
			promised[x.ID] = true
		}
	}
	promises := len(promised)
	for _, need := range p.Evidence[s.Step] {
		lacking := need.Count - count(need, s, func(x Piece) bool { return x.Known && x.Status != Refused })
		if lacking <= promises {
			promises -= max(lacking, 0)
			continue
		}
		return fault.New(fault.EvidenceMissing, "evidence.not_named", fault.Tf(
			"该步骤须提供 %d 个 %s（%s）佐证材料，且不得与整改前照片相同。", "This step needs %d %s (stage %s) as evidence, not the same file as an earlier stage.",
			need.Count, need.Kind, stageName(need.Stage))).
			With("step", string(s.Step)).With("kind", string(need.Kind)).With("stage", string(need.Stage)).With("lacking", lacking-promises)
	}
	return nil
}

// Lacks lists what a step lacks to be proven: only VERIFIED files count (plan:
// 凡是未能提供工作档案和印证材料的，视为未开展工作).
func Lacks(p Policy, s StepFacts) []Lack {
	var out []Lack
	for _, need := range p.Evidence[s.Step] {
		n := count(need, s, func(x Piece) bool { return x.Known && x.Status == Verified })
		if n >= need.Count {
			continue
		}
		l := Lack{Step: s.Step, Kind: need.Kind, Stage: need.Stage, Count: need.Count - n}
		for _, x := range s.Pieces {
			switch {
			case !x.Known || matches(need, x) && (x.Status == Announced || x.Status == Received):
				l.Waiting = append(l.Waiting, x.ID)
			case matches(need, x) && x.Status == Refused:
				l.Refused = append(l.Refused, x.ID)
			}
		}
		out = append(out, l)
	}
	return out
}

// count counts different known files: one file named twice, and two files with
// the same bytes, are one.
func count(need Requirement, s StepFacts, counts func(Piece) bool) int {
	seen := map[string]bool{}
	for _, x := range s.Pieces {
		if counts(x) && matches(need, x) && (!need.ByActor || x.Uploader == s.Actor) && !repeats(need, x, s) {
			seen[x.SHA256] = true
		}
	}
	return len(seen)
}

func matches(need Requirement, x Piece) bool {
	return x.Kind == need.Kind && (need.Stage == "" || x.Stage == need.Stage)
}

// repeats reports whether a piece has the bytes of one that it must differ from:
// of an earlier step, or named beside it in the same one.
func repeats(need Requirement, x Piece, s StepFacts) bool {
	same := func(e Piece) bool { return e.Known && e.Stage == need.DifferentFrom && e.SHA256 == x.SHA256 }
	beside := func(e Piece) bool { return e.ID != x.ID && same(e) }
	return need.DifferentFrom != "" && (slices.ContainsFunc(s.Earlier, same) || slices.ContainsFunc(s.Pieces, beside))
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
