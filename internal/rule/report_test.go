package rule_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// The checklist of these tests has three items; finding n is about item n.
var items = []uuid.UUID{number(101), number(102), number(103)}

func found(n int, result rule.FindingResult, p ...rule.EvidenceRef) rule.FindingFacts {
	return rule.FindingFacts{ID: number(200 + n), ItemID: items[n-1], Result: result, EvidenceRefs: p}
}

// gaps writes what is missing as short texts: an item nobody looked at, a finding or the
// visit without evidence, a visit without a check-in.
func gaps(missing []rule.ReportGap) []string {
	var out []string
	for _, l := range missing {
		switch {
		case l.CheckIn:
			out = append(out, "check-in")
		case l.Gap == nil:
			out = append(out, "item "+l.ItemID.String()[34:])
		case l.FindingID != uuid.Nil:
			out = append(out, fmt.Sprintf("finding %s %d %s", l.FindingID.String()[34:], l.Gap.Count, l.Gap.Kind))
		default:
			out = append(out, fmt.Sprintf("visit %d %s %s", l.Gap.Count, l.Gap.Kind, l.Gap.Stage))
		}
	}
	return out
}

func TestReportGaps(t *testing.T) {
	ok := photo(1, rule.During, "a")
	all := []rule.FindingFacts{found(1, rule.Compliant, ok), found(2, rule.NonCompliant, photo(2, rule.Before, "b")), found(3, rule.NotApplicable)}
	site := evidenceRefs(photo(3, rule.Site, "c"), video(4, rule.Site, "d"))
	cases := []struct {
		name   string
		report rule.ReportFacts
		want   []string
	}{
		{"nothing done", rule.ReportFacts{Kind: rule.SelfInspection}, []string{"item 01", "item 02", "item 03"}},
		{"all done", rule.ReportFacts{Kind: rule.SelfInspection, Findings: all}, nil},
		{"one item left out", rule.ReportFacts{Kind: rule.SelfInspection, Findings: all[:2]}, []string{"item 03"}},
		{
			"one item left out, another without proof",
			rule.ReportFacts{Kind: rule.SelfInspection, Findings: []rule.FindingFacts{found(1, rule.Compliant), all[2]}},
			[]string{"item 02", "finding 01 1 PHOTO"},
		},
		{
			"proof on its way", rule.ReportFacts{Kind: rule.SelfInspection, Findings: []rule.FindingFacts{
				found(1, rule.Compliant, with(ok, rule.Received)), found(2, rule.NonCompliant, promised(9)), all[2],
			}}, []string{"finding 01 1 PHOTO", "finding 02 1 PHOTO"},
		},
		{
			"an item in two grids, one unproven",
			rule.ReportFacts{Kind: rule.SelfInspection, Findings: append(slices.Clone(all), rule.FindingFacts{ID: number(209), ItemID: items[0], Result: rule.Compliant})},
			[]string{"finding 09 1 PHOTO"},
		},
		{
			"not applicable needs no proof", rule.ReportFacts{Kind: rule.SelfInspection, Findings: []rule.FindingFacts{
				found(1, rule.NotApplicable), found(2, rule.NotApplicable), found(3, rule.NotApplicable, with(ok, rule.EvidenceRejected)),
			}}, nil,
		},
		{
			"a self-inspection needs no visit", rule.ReportFacts{Kind: rule.SelfInspection, Findings: all, InsideBoundary: false}, nil,
		},
		{"a visit", rule.ReportFacts{Kind: rule.Supervision, Findings: all, Site: site, InsideBoundary: true}, nil},
		{"a visit from elsewhere", rule.ReportFacts{Kind: rule.Supervision, Findings: all, Site: site}, []string{"check-in"}},
		{
			"a visit without video", rule.ReportFacts{Kind: rule.Supervision, Findings: all, Site: site[:1], InsideBoundary: true},
			[]string{"visit 1 VIDEO SITE"},
		},
		{
			"a visit shown by pictures of another stage",
			rule.ReportFacts{Kind: rule.Supervision, Findings: all, Site: evidenceRefs(photo(3, rule.Before, "c"), video(4, rule.Before, "d")), InsideBoundary: true},
			[]string{"visit 1 PHOTO SITE", "visit 1 VIDEO SITE"},
		},
		{
			"a visit with nothing", rule.ReportFacts{Kind: rule.Supervision},
			[]string{"item 01", "item 02", "item 03", "check-in", "visit 1 PHOTO SITE", "visit 1 VIDEO SITE"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.report.Items, c.report.Inspector = items, officer
			if got := gaps(rule.ReportGaps(rule.DefaultPolicy(), c.report)); !slices.Equal(got, c.want) {
				t.Errorf("gaps are %q, want %q", got, c.want)
			}
		})
	}
}

// Each gap points at its own requirement.
func TestReportGapsAreApart(t *testing.T) {
	p := need(rule.StepCompliant, rule.Requirement{Kind: rule.Photo, Count: 2}, rule.Requirement{Kind: rule.Video, Count: 1})
	got := rule.ReportGaps(p, rule.ReportFacts{Kind: rule.SelfInspection, Items: items[:1], Findings: []rule.FindingFacts{found(1, rule.Compliant)}})
	if want := []string{"finding 01 2 PHOTO", "finding 01 1 VIDEO"}; !slices.Equal(gaps(got), want) {
		t.Errorf("gaps are %q, want %q", gaps(got), want)
	}
}

// The inspector is the actor: a policy may ask for the inspector's own pictures.
func TestReportGapsAskForTheInspectorsFiles(t *testing.T) {
	p := need(rule.StepCompliant, rule.Requirement{Kind: rule.Photo, Count: 1, ByActor: true})
	r := rule.ReportFacts{Kind: rule.SelfInspection, Items: items[:1], Findings: []rule.FindingFacts{found(1, rule.Compliant, photo(1, rule.During, "a"))}}
	for inspector, missing := range map[uuid.UUID]int{officer: 0, checker: 1} {
		r.Inspector = inspector
		if got := rule.ReportGaps(p, r); len(got) != missing {
			t.Errorf("%s: %q", inspector, gaps(got))
		}
	}
}

func TestFindingStep(t *testing.T) {
	for result, want := range map[rule.FindingResult]rule.EvidenceStep{
		rule.Compliant: rule.StepCompliant, rule.NonCompliant: rule.StepNonCompliant, rule.NotApplicable: "", "": "", "GREAT": "",
	} {
		if got, asks := rule.FindingStep(result); got != want || asks != (want != "") {
			t.Errorf("%q belongs to %q, asks %v", result, got, asks)
		}
	}
}

// Another finding with its proof never makes a report less proven.
func TestMoreFindingsNeverWidenAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rule.ReportFacts{
			Kind:  rapid.SampledFrom([]rule.ReportKind{rule.SelfInspection, rule.Supervision}).Draw(t, "kind"),
			Items: items, Inspector: officer, InsideBoundary: rapid.Bool().Draw(t, "inside"), Site: drawEvidenceRefs(t, "site"),
		}
		for range rapid.IntRange(0, 5).Draw(t, "findings") {
			f := found(rapid.IntRange(1, 3).Draw(t, "item"), rapid.SampledFrom([]rule.FindingResult{rule.Compliant, rule.NotApplicable}).Draw(t, "result"))
			f.EvidenceRefs = drawEvidenceRefs(t, "pieces")
			r.Findings = append(r.Findings, f)
		}
		before := len(rule.ReportGaps(rule.DefaultPolicy(), r))
		r.Findings = append(r.Findings, found(rapid.IntRange(1, 3).Draw(t, "added"), rule.Compliant, photo(1, rule.During, "e")))
		if after := len(rule.ReportGaps(rule.DefaultPolicy(), r)); after > before {
			t.Errorf("gaps rise from %d to %d", before, after)
		}
	})
}
