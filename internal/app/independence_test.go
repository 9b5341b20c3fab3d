package app_test

import (
	"testing"

	"github.com/cleargrid/cleargrid/ent/extension"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/people"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

// TestNobodyProvesAnothersRecheck: the school may not hand in the photo that the
// checker owes, and the checker may.
func TestNobodyProvesAnothersRecheck(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Rectified()
		testkit.Must(e.App.RejectRectification(e.As("inspector1"), e.RejectInput(h, testkit.Promise())))(t)
		supplement := func(account string) error {
			return e.App.SupplementEvidence(e.As(account), app.SupplementEvidenceInput{
				CommandID: id.New(id.Command), SubjectID: h.PublicID(), Step: new(rule.StepRecheck), EvidenceIDs: []id.ID{testkit.Promise()},
			})
		}
		for _, account := range []string{"officer1", "principal1", "grid1", "inspector2", "section"} {
			if err := supplement(account); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v, want FORBIDDEN", account, err)
			}
		}
		if err := supplement("inspector1"); err != nil {
			t.Errorf("who rechecked: %v", err)
		}
	})
}

// TestReopenedNeedsAPlan: what was approved before the hazard was closed does not
// count after it is opened again.
func TestReopenedNeedsAPlan(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Rectified()
		check := e.Upload("inspector1", e.PhotoFile(rule.After, 3))
		h = testkit.Must(e.App.AcceptRectification(e.As("inspector1"), testkit.AcceptInput(h, check)))(t)
		h = testkit.Must(e.App.ReopenHazard(e.As("section"), app.ReopenHazardInput{
			HazardCommand: testkit.Command(h, testkit.Promise()), Reason: "复发", NewDeadlineOn: e.Today().AddDays(5),
		}))(t)
		if !h.UnderOversight || h.Status != rule.Rectifying {
			t.Fatalf("reopened: %s, under oversight %t", h.Status, h.UnderOversight)
		}
		_, err := e.App.MarkRectified(e.As("officer1"), testkit.RectifyInput(h, testkit.Promise()))
		if !fault.Is(err, fault.InvalidTransition) {
			t.Errorf("rectified without a new plan: %v", err)
		}
	})
}

// TestRectifiedOvertakesExtension: an extension nobody decided ends with the
// rectification and can't move a later deadline.
func TestRectifiedOvertakesExtension(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Approved()
		h = testkit.Must(e.App.RequestExtension(e.As("officer1"), app.RequestExtensionInput{
			HazardCommand: testkit.Command(h), ExtensionID: id.New(id.Extension), UntilOn: h.DeadlineOn.AddDays(3), Reason: "等材料",
		}))(t)
		h = testkit.Must(e.App.MarkRectified(e.As("officer1"), testkit.RectifyInput(h, testkit.Promise())))(t)
		if h.ExtensionPending {
			t.Error("the extension still waits")
		}
		x, err := e.Store.Ent.Extension.Query().Where(extension.HazardID(h.ID)).Only(e.System())
		if err != nil || x.Status != rule.ExtensionRefused {
			t.Errorf("extension: %+v, %v", x, err)
		}
		_, err = e.App.DecideExtension(e.As("section"), app.DecideExtensionInput{HazardCommand: testkit.Command(h), Grant: true})
		if !fault.Is(err, fault.InvalidTransition) {
			t.Errorf("decided afterwards: %v", err)
		}
	})
}

// TestOversightLevel: a school orders it at its own level, the section at that of the county.
func TestOversightLevel(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		h := e.Reported()
		in := e.OversightInput(h)
		in.Level = new(rule.OversightByCity)
		_, err := e.App.PlaceUnderOversight(e.As("officer1"), in)
		if f := fault.Of(err); f == nil || f.Kind != fault.BadUserInput || f.Fields[0].Path != "input.level" {
			t.Errorf("a school at the city's level: %v", err)
		}
		in = e.OversightInput(h)
		in.Level = nil
		testkit.Must(e.App.PlaceUnderOversight(e.As("section"), in))(t)
		rows := testkit.Must(e.App.OversightOrdersOfHazards(e.As("section"), ids(h.ID)))(t)
		if len(rows) != 1 || rows[0].Level != rule.OversightByCounty {
			t.Errorf("oversight orders of the section: %+v", rows)
		}
	})
}

// TestParallelGuesses: guesses sent side by side are all counted.
func TestParallelGuesses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		const guesses = 24
		kinds := make(chan fault.Kind, guesses)
		for range guesses {
			go func() {
				_, err := e.App.SignIn(e.Nobody(), people.SignInInput{Account: "nobody-of-this-name", Password: "wrong"}, "192.0.2.1")
				kinds <- fault.Of(err).Kind
			}()
		}
		looked := 0
		for range guesses {
			if <-kinds == fault.Unauthenticated {
				looked++
			}
		}
		if looked > 8 {
			t.Errorf("%d passwords were looked at, want at most 8", looked)
		}
	})
}
