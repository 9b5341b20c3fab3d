package rule_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// The values of the enums are in databases and in phones: none may be changed or
// dropped, new ones come behind.
func TestEnumValues(t *testing.T) {
	for name, c := range map[string]struct {
		got  []string
		want string
	}{
		"status":          {rule.HazardStatus("").Values(), "REPORTED RECTIFYING RECTIFIED CLOSED VOIDED"},
		"grade":           {rule.HazardGrade("").Values(), "GENERAL MAJOR"},
		"source":          {rule.HazardSource("").Values(), "SELF_INSPECTION SUPERVISION"},
		"kind":            {rule.ReportKind("").Values(), "SELF_INSPECTION SUPERVISION"},
		"report":          {rule.ReportStatus("").Values(), "IN_PROGRESS SUBMITTED"},
		"result":          {rule.FindingResult("").Values(), "COMPLIANT NON_COMPLIANT NOT_APPLICABLE"},
		"file":            {rule.EvidenceKind("").Values(), "PHOTO VIDEO DOCUMENT"},
		"stage":           {rule.EvidenceStage("").Values(), "BEFORE DURING AFTER SITE SIGNATURE ARCHIVE"},
		"evidence":        {rule.EvidenceStatus("").Values(), "ANNOUNCED RECEIVED VERIFIED REJECTED"},
		"origin":          {rule.EvidenceSource("").Values(), "CAMERA GALLERY FILE"},
		"region":          {rule.RegionLevel("").Values(), "PROVINCE CITY COUNTY TOWNSHIP"},
		"ownership":       {rule.Ownership("").Values(), "PUBLIC PRIVATE"},
		"assignment":      {rule.AssignmentRole("").Values(), "LEADER MEMBER DEPUTY"},
		"plan":            {rule.PlanStatus("").Values(), "SUBMITTED APPROVED RETURNED"},
		"extension":       {rule.ExtensionStatus("").Values(), "PENDING GRANTED REFUSED"},
		"oversight order": {rule.OversightLevel("").Values(), "SCHOOL COUNTY CITY PROVINCE"},
		"recheck":         {rule.RecheckResult("").Values(), "ACCEPTED REJECTED"},
	} {
		if want := strings.Fields(c.want); !slices.Equal(c.got, want) {
			t.Errorf("%s is %v, want %v", name, c.got, want)
		}
	}
}

func TestEventsAndStepsAreListedOnce(t *testing.T) {
	for name, all := range map[string][]string{
		"events": rule.HazardEventKind("").Values(), "steps": rule.EvidenceStep("").Values(),
	} {
		seen := slices.Compact(slices.Sorted(slices.Values(all)))
		if len(seen) != len(all) || slices.Contains(all, "") {
			t.Errorf("%s has doubles or blanks: %v", name, all)
		}
	}
	if got := len(rule.HazardEventKinds()); got != 20 {
		t.Errorf("there are %d events, want 20", got)
	}
	if got := len(rule.EvidenceSteps()); got != 11 {
		t.Errorf("there are %d steps, want 11", got)
	}
}

// The source of a hazard is the kind of the report that it came from: the use
// cases convert one into the other.
func TestSourceIsTheKindOfReport(t *testing.T) {
	if !slices.Equal(rule.HazardSource("").Values(), rule.ReportKind("").Values()) {
		t.Error("a kind of report is no source of a hazard")
	}
}
