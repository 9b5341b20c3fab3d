package rule_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// Two people and a few files, told apart by their last digit.
var (
	officer = uuid.MustParse("00000000-0000-0000-0000-0000000000a1")
	checker = uuid.MustParse("00000000-0000-0000-0000-0000000000a2")
)

func number(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-0000-0000-%012d", n))
}

// photo is a verified photo that the officer took; its bytes are told by hash.
func photo(n int, stage rule.EvidenceStage, hash string) rule.EvidenceRef {
	return rule.EvidenceRef{ID: number(n), Known: true, Kind: rule.Photo, Stage: stage, Status: rule.Verified, SHA256: hash, Uploader: officer}
}

func video(n int, stage rule.EvidenceStage, hash string) rule.EvidenceRef {
	p := photo(n, stage, hash)
	p.Kind = rule.Video
	return p
}

func with(p rule.EvidenceRef, status rule.EvidenceStatus) rule.EvidenceRef {
	p.Status = status
	return p
}

func by(p rule.EvidenceRef, who uuid.UUID) rule.EvidenceRef {
	p.Uploader = who
	return p
}

// promised is a file that the server has not heard of yet.
func promised(n int) rule.EvidenceRef { return rule.EvidenceRef{ID: number(n)} }

func evidenceRefs(p ...rule.EvidenceRef) []rule.EvidenceRef { return p }

// need is a policy with one step and its requirements.
func need(step rule.EvidenceStep, rs ...rule.Requirement) rule.Policy {
	return rule.Policy{Evidence: map[rule.EvidenceStep][]rule.Requirement{step: rs}}
}

// TestEvidencePolicy asks both questions of the same facts: are enough files
// named to take the step, and how many verified ones are missing to prove it.
func TestEvidencePolicy(t *testing.T) {
	two := need(rule.StepOversight, rule.Requirement{Kind: rule.Photo, Count: 2})
	d := rule.DefaultPolicy()
	cases := []struct {
		name         string
		policy       rule.Policy
		step         rule.EvidenceStep
		actor        uuid.UUID
		evidenceRefs []rule.EvidenceRef
		earlier      []rule.EvidenceRef
		named        bool
		missing      []int // by requirement that is not met
	}{
		// A step without requirements.
		{"nothing asked, nothing given", d, rule.StepSupplement, officer, nil, nil, true, nil},
		{"nothing asked, something given", d, rule.StepSupplement, officer, evidenceRefs(photo(1, rule.During, "a")), nil, true, nil},

		// Kind and stage.
		{"nothing given", d, rule.StepReport, officer, nil, nil, false, []int{1}},
		{"the right photo", d, rule.StepReport, officer, evidenceRefs(photo(1, rule.Before, "a")), nil, true, nil},
		{"another stage", d, rule.StepReport, officer, evidenceRefs(photo(1, rule.After, "a")), nil, false, []int{1}},
		{"another kind", d, rule.StepReport, officer, evidenceRefs(video(1, rule.Before, "a")), nil, false, []int{1}},
		{"any stage will do", d, rule.StepOversight, officer, evidenceRefs(photo(1, rule.Archive, "a")), nil, true, nil},
		{"any stage, another kind", d, rule.StepOversight, officer, evidenceRefs(video(1, rule.During, "a")), nil, false, []int{1}},
		{"supervision: photo without video", d, rule.StepSupervisionHazard, officer, evidenceRefs(photo(1, rule.Before, "a")), nil, false, []int{1}},
		{
			"supervision: photo and video", d, rule.StepSupervisionHazard, officer,
			evidenceRefs(photo(1, rule.Before, "a"), video(2, rule.Before, "b")), nil, true, nil,
		},
		{"supervision: one promise for photo and video", d, rule.StepSupervisionHazard, officer, evidenceRefs(promised(1)), nil, false, []int{1, 1}},
		{"supervision: two promises", d, rule.StepSupervisionHazard, officer, evidenceRefs(promised(1), promised(2)), nil, true, []int{1, 1}},
		{"supervision: a photo and a promise", d, rule.StepSupervisionHazard, officer, evidenceRefs(photo(1, rule.Before, "a"), promised(2)), nil, true, []int{1}},
		{"supervision: a video and a promise", d, rule.StepSupervisionHazard, officer, evidenceRefs(video(1, rule.Before, "a"), promised(2)), nil, true, []int{1}},
		{"supervision: nothing", d, rule.StepSupervisionHazard, officer, nil, nil, false, []int{1, 1}},
		{"site: of another stage", d, rule.StepSupervisionReport, officer, evidenceRefs(photo(1, rule.Before, "a"), video(2, rule.Site, "b")), nil, false, []int{1}},

		// Count.
		{"one of two", two, rule.StepOversight, officer, evidenceRefs(photo(1, "", "a")), nil, false, []int{1}},
		{"two of two", two, rule.StepOversight, officer, evidenceRefs(photo(1, "", "a"), photo(2, "", "b")), nil, true, nil},
		{"three of two", two, rule.StepOversight, officer, evidenceRefs(photo(1, "", "a"), photo(2, "", "b"), photo(3, "", "c")), nil, true, nil},
		{"the same bytes twice", two, rule.StepOversight, officer, evidenceRefs(photo(1, "", "a"), photo(2, "", "a")), nil, false, []int{1}},
		{"one file named twice", two, rule.StepOversight, officer, evidenceRefs(photo(1, "", "a"), photo(1, "", "a")), nil, false, []int{1}},
		{"one promise named twice", two, rule.StepOversight, officer, evidenceRefs(promised(1), promised(1)), nil, false, []int{2}},

		// How far a file is: on its way is enough to take the step, not to prove it.
		{"announced", d, rule.StepReport, officer, evidenceRefs(with(photo(1, rule.Before, "a"), rule.Announced)), nil, true, []int{1}},
		{"received", d, rule.StepReport, officer, evidenceRefs(with(photo(1, rule.Before, "a"), rule.Received)), nil, true, []int{1}},
		{"refused", d, rule.StepReport, officer, evidenceRefs(with(photo(1, rule.Before, "a"), rule.EvidenceRejected)), nil, false, []int{1}},
		{"promised", d, rule.StepReport, officer, evidenceRefs(promised(1)), nil, true, []int{1}},
		{"refused, and another verified", d, rule.StepReport, officer, evidenceRefs(with(photo(1, rule.Before, "a"), rule.EvidenceRejected), photo(2, rule.Before, "b")), nil, true, nil},
		{"two promises", two, rule.StepOversight, officer, evidenceRefs(promised(1), promised(2)), nil, true, []int{2}},
		{"a promise and a photo", two, rule.StepOversight, officer, evidenceRefs(promised(1), photo(2, "", "a")), nil, true, []int{1}},

		// Another picture than before.
		{"after, nothing before", d, rule.StepRectify, officer, evidenceRefs(photo(1, rule.After, "a")), nil, true, nil},
		{"after, other bytes", d, rule.StepRectify, officer, evidenceRefs(photo(1, rule.After, "a")), evidenceRefs(photo(2, rule.Before, "b")), true, nil},
		{"after, the bytes of before", d, rule.StepRectify, officer, evidenceRefs(photo(1, rule.After, "a")), evidenceRefs(photo(2, rule.Before, "a")), false, []int{1}},
		{
			"after, the bytes of a refused before", d, rule.StepRectify, officer,
			evidenceRefs(photo(1, rule.After, "a")), evidenceRefs(with(photo(2, rule.Before, "a"), rule.EvidenceRejected)), false, []int{1},
		},
		{"after, the bytes of another stage", d, rule.StepRectify, officer, evidenceRefs(photo(1, rule.After, "a")), evidenceRefs(photo(2, rule.During, "a")), true, nil},
		{
			"after, the bytes of a before named beside it", d, rule.StepRectify, officer,
			evidenceRefs(photo(1, rule.After, "a"), photo(2, rule.Before, "a")), nil, false, []int{1},
		},
		{
			"after: one repeated, one new", d, rule.StepRectify, officer,
			evidenceRefs(photo(1, rule.After, "a"), photo(3, rule.After, "c")), evidenceRefs(photo(2, rule.Before, "a")), true, nil,
		},
		{"after: a promise may turn out new", d, rule.StepRectify, officer, evidenceRefs(promised(1)), evidenceRefs(photo(2, rule.Before, "a")), true, []int{1}},
		{
			"any stage but not the before photo itself", need(rule.StepReopen, rule.Requirement{Kind: rule.Photo, Count: 1, DifferentFrom: rule.Before}),
			rule.StepReopen, officer, evidenceRefs(photo(1, rule.Before, "a")), evidenceRefs(photo(1, rule.Before, "a")), false, []int{1},
		},

		// By the one who acts.
		{"recheck: the checker's own", d, rule.StepRecheck, checker, evidenceRefs(by(photo(1, rule.After, "a"), checker)), nil, true, nil},
		{"recheck: another's", d, rule.StepRecheck, checker, evidenceRefs(photo(1, rule.After, "a")), nil, false, []int{1}},
		{"recheck: a promise may be the checker's", d, rule.StepRecheck, checker, evidenceRefs(promised(1)), nil, true, []int{1}},

		// Signature.
		{"a signature", d, rule.StepAcknowledgement, officer, evidenceRefs(photo(1, rule.Signature, "a")), nil, true, nil},
		{"no signature", d, rule.StepAcknowledgement, officer, evidenceRefs(photo(1, rule.Site, "a")), nil, false, []int{1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := rule.StepFacts{Step: c.step, Actor: c.actor, EvidenceRefs: c.evidenceRefs, Earlier: c.earlier}

			err := rule.Named(c.policy, s)
			if (err == nil) != c.named {
				t.Errorf("named: %v, want accepted %v", err, c.named)
			}
			if err != nil {
				checkRefusal(t, fault.Of(err), c.step)
			}

			var missing []int
			for _, l := range rule.Gaps(c.policy, s) {
				missing = append(missing, l.Count)
				if l.Step != c.step {
					t.Errorf("the gap is of step %s", l.Step)
				}
			}
			if !slices.Equal(missing, c.missing) {
				t.Errorf("missing: %v, want %v", missing, c.missing)
			}
		})
	}
}

func checkRefusal(t *testing.T, e *fault.Error, step rule.EvidenceStep) {
	t.Helper()
	if e.Kind != fault.EvidenceMissing || e.Detail["step"] != string(step) || e.Detail["kind"] == "" {
		t.Errorf("the refusal is %s with %v", e.Kind, e.Detail)
	}
	if n, ok := e.Detail["missing"].(int); !ok || n < 1 {
		t.Errorf("the refusal says that %v files are missing", e.Detail["missing"])
	}
}

// A person must see which of the named files the step waits for.
func TestGapsNameTheFiles(t *testing.T) {
	got := rule.Gaps(need(rule.StepReport, rule.Requirement{Kind: rule.Photo, Stage: rule.Before, Count: 5}), rule.StepFacts{
		Step: rule.StepReport, Actor: officer, EvidenceRefs: evidenceRefs(
			photo(1, rule.Before, "a"),
			with(photo(2, rule.Before, "b"), rule.Announced),
			with(photo(3, rule.Before, "c"), rule.Received),
			with(photo(4, rule.Before, "d"), rule.EvidenceRejected),
			promised(5),
			with(photo(6, rule.After, "e"), rule.Announced),
			with(video(7, rule.Before, "f"), rule.EvidenceRejected),
		),
	})
	if len(got) != 1 || got[0].Count != 4 || got[0].Kind != rule.Photo || got[0].Stage != rule.Before {
		t.Fatalf("gaps are %+v", got)
	}
	if want := []uuid.UUID{number(2), number(3), number(5)}; !slices.Equal(got[0].Waiting, want) {
		t.Errorf("waiting for %v, want %v", got[0].Waiting, want)
	}
	if want := []uuid.UUID{number(4)}; !slices.Equal(got[0].Rejected, want) {
		t.Errorf("refused are %v, want %v", got[0].Rejected, want)
	}
}

// The properties that the rest of the product leans on.

func drawPiece(t *rapid.T, label string) rule.EvidenceRef {
	n := rapid.IntRange(1, 12).Draw(t, label)
	if rapid.IntRange(0, 4).Draw(t, "unknown") == 0 {
		return promised(n)
	}
	return rule.EvidenceRef{
		ID: number(n), Known: true,
		Kind:     rapid.SampledFrom([]rule.EvidenceKind{rule.Photo, rule.Photo, rule.Video, rule.Document}).Draw(t, "kind"),
		Stage:    rapid.SampledFrom([]rule.EvidenceStage{rule.Before, rule.After, rule.Site, rule.Signature}).Draw(t, "stage"),
		Status:   rapid.SampledFrom([]rule.EvidenceStatus{rule.Verified, rule.Verified, rule.Announced, rule.Received, rule.EvidenceRejected}).Draw(t, "status"),
		SHA256:   rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "hash"),
		Uploader: rapid.SampledFrom([]uuid.UUID{officer, checker}).Draw(t, "uploader"),
	}
}

func drawEvidenceRefs(t *rapid.T, label string) []rule.EvidenceRef {
	out := make([]rule.EvidenceRef, rapid.IntRange(0, 6).Draw(t, label))
	for i := range out {
		out[i] = drawPiece(t, label)
	}
	return out
}

func drawStep(t *rapid.T) (rule.Policy, rule.StepFacts) {
	step := rapid.SampledFrom(rule.EvidenceSteps()).Draw(t, "step")
	p := rule.DefaultPolicy()
	if rapid.Bool().Draw(t, "own policy") {
		p.Evidence[step] = nil
		for range rapid.IntRange(0, 3).Draw(t, "requirements") {
			p.Evidence[step] = append(p.Evidence[step], rule.Requirement{
				Kind:          rapid.SampledFrom([]rule.EvidenceKind{rule.Photo, rule.Video, rule.Document}).Draw(t, "needed kind"),
				Stage:         rapid.SampledFrom([]rule.EvidenceStage{"", rule.Before, rule.After, rule.Site}).Draw(t, "needed stage"),
				Count:         rapid.IntRange(1, 3).Draw(t, "count"),
				DifferentFrom: rapid.SampledFrom([]rule.EvidenceStage{"", rule.Before}).Draw(t, "different from"),
				ByActor:       rapid.Bool().Draw(t, "by actor"),
			})
		}
	}
	return p, rule.StepFacts{Step: step, Actor: checker, EvidenceRefs: drawEvidenceRefs(t, "pieces"), Earlier: drawEvidenceRefs(t, "earlier")}
}

func TestProvenImpliesNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawStep(t)
		if err := rule.Named(p, s); len(rule.Gaps(p, s)) == 0 && err != nil {
			t.Errorf("a proven step is refused: %v", err)
		}
	})
}

// shortage is how many files are missing for each requirement, by its place in the
// policy.
func shortage(p rule.Policy, s rule.StepFacts) []int {
	var out []int
	for _, r := range p.Evidence[s.Step] {
		n := 0
		for _, l := range rule.Gaps(need(s.Step, r), s) {
			n += l.Count
		}
		out = append(out, n)
	}
	return out
}

func TestMoreEvidenceNeverWidensAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawStep(t)
		more := s
		added := drawPiece(t, "added")
		added.ID, added.Known, added.Status = number(99), true, rule.Verified
		if added.Kind == "" {
			added.Kind, added.Stage, added.SHA256, added.Uploader = rule.Photo, rule.After, "e", checker
		}
		for _, r := range p.Evidence[s.Step] {
			if r.DifferentFrom != "" && added.Stage == r.DifferentFrom {
				t.Skip("a picture that others must differ from is no pure gain")
			}
		}
		more.EvidenceRefs = append(slices.Clone(s.EvidenceRefs), added)
		before, after := shortage(p, s), shortage(p, more)
		for i := range before {
			if after[i] > before[i] || after[i] < before[i]-1 {
				t.Errorf("requirement %d lacked %d, and with one more file %d", i, before[i], after[i])
			}
		}
	})
}

// A file that becomes VERIFIED never takes anything away, and one that is refused
// never adds.
func TestVerdictsOnlyMoveOneWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawStep(t)
		if len(s.EvidenceRefs) == 0 {
			t.Skip("no file")
		}
		i := rapid.IntRange(0, len(s.EvidenceRefs)-1).Draw(t, "which")
		verified, refused := s, s
		verified.EvidenceRefs, refused.EvidenceRefs = slices.Clone(s.EvidenceRefs), slices.Clone(s.EvidenceRefs)
		verified.EvidenceRefs[i].Status, refused.EvidenceRefs[i].Status = rule.Verified, rule.EvidenceRejected
		now, better, worse := shortage(p, s), shortage(p, verified), shortage(p, refused)
		for i := range now {
			if better[i] > now[i] || worse[i] < now[i] {
				t.Errorf("requirement %d lacks %d, %d when verified, %d when refused", i, now[i], better[i], worse[i])
			}
		}
	})
}

func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawStep(t)
		turned := s
		turned.EvidenceRefs = slices.Clone(s.EvidenceRefs)
		slices.Reverse(turned.EvidenceRefs)
		if got, want := shortage(p, turned), shortage(p, s); !slices.Equal(got, want) {
			t.Errorf("turned round it misses %v, else %v", got, want)
		}
		if (rule.Named(p, turned) == nil) != (rule.Named(p, s) == nil) {
			t.Error("the order decides whether enough is named")
		}
	})
}
