package app_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func ids(all ...uuid.UUID) []uuid.UUID { return all }

// startInspection opens a self-inspection of a school.
func startInspection(t *testing.T, e *testkit.Env, account string, school *ent.School) *ent.InspectionReport {
	t.Helper()
	return testkit.Must(e.App.StartInspection(e.As(account), app.StartInspectionInput{
		ID: id.New(id.Report), CampaignID: e.Campaign.PublicID(), SchoolID: school.PublicID(), Kind: rule.SelfInspection,
	}))(t)
}

// promises are photos that findings name and that nobody has announced yet.
type promises []id.ID

// findings is a result for every item of the checklist, each with a promise.
func findings(e *testkit.Env, r *ent.InspectionReport) (app.RecordFindingsInput, promises) {
	in := app.RecordFindingsInput{CommandID: id.New(id.Command), ReportID: r.PublicID()}
	var photos promises
	for _, item := range e.Items() {
		p := testkit.Promise()
		photos = append(photos, p)
		in.Findings = append(in.Findings, app.FindingInput{
			ID: id.New(id.Finding), ItemID: item.PublicID(), Result: rule.Compliant, EvidenceIDs: []id.ID{p},
		})
	}
	return in, photos
}

// arrive announces and sends the photos and waits for the verdicts.
func (p promises) arrive(ctx context.Context, t *testing.T, e *testkit.Env, school *ent.School) {
	t.Helper()
	p.send(ctx, t, e, school)
	e.Work()
}

// send announces and sends the photos, each another drawing.
func (p promises) send(ctx context.Context, t *testing.T, e *testkit.Env, school *ent.School) {
	t.Helper()
	for i, photo := range p {
		f := testkit.File{ID: photo, School: school, Kind: rule.Photo, Stage: rule.Site, Name: "1.jpg", Type: "image/jpeg", Bytes: testkit.Drawing(t, i)}
		e.Arrive(ctx, testkit.Must(e.Announce(ctx, f))(t), f.Bytes)
	}
}

// prove makes verified photos of the promises by their rows (testkit.Env.Proven), and
// has the reports and hazards that name them proven, as the verification of a photo does.
func (p promises) prove(t *testing.T, e *testkit.Env, account string, school *ent.School) {
	t.Helper()
	for _, photo := range p {
		proven(t, e, account, testkit.File{ID: photo, School: school, Kind: rule.Photo, Stage: rule.Site})
	}
}

// proven is the same for one promised file.
func proven(t *testing.T, e *testkit.Env, account string, f testkit.File) {
	t.Helper()
	e.Proven(account, f)
	err := e.Store.InTx(e.System(), func(ctx context.Context, tx *ent.Tx) error { return e.App.ProofChanged(ctx, tx, f.ID.UUID) })
	if err != nil {
		t.Fatal(err)
	}
}
