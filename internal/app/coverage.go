package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/gridassignment"
	"github.com/cleargrid/cleargrid/ent/phase"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/selfinspectionsubmission"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// CoverageCell is one checklist item in one grid of a school, or for the whole
// school.
type CoverageCell struct {
	SchoolID        uuid.UUID
	Cell            rule.Cell
	State           rule.CoverageState
	Claimed, Proven bool
}

// Coverage is how much of what it owes a school has inspected itself (全覆盖排查):
// every cell that is due, by item and grid.
type Coverage struct {
	SchoolID, CampaignID uuid.UUID
	Due, Claimed, Proven int
	// A grid counts when each of its cells does, as in CoverageFigures.
	GridsDue, GridsClaimed, GridsProven int
	// EndsOn is the last day of self-inspection; Ended says that it has passed.
	EndsOn clock.Date
	Ended  bool
	Cells  []*CoverageCell
	// Submission is the school's word that it is done; nil while it has not said so.
	Submission    *ent.SelfInspectionSubmission
	SubmittedLate bool
}

// PublicID is the school's: a coverage has no id of its own.
func (c *Coverage) PublicID() id.ID { return id.Of(id.School, c.SchoolID) }

// Gaps are the cells that are not proven.
func (c *Coverage) Gaps() []*CoverageCell {
	out := []*CoverageCell{}
	for _, x := range c.Cells {
		if !x.Proven {
			out = append(out, x)
		}
	}
	return out
}

// SubmitSelfInspectionInput is a school's word that its self-inspection is done.
type SubmitSelfInspectionInput struct {
	ID         id.ID
	SchoolID   id.ID
	CampaignID id.ID
	Note       *string
}

// Coverage is the coverage of one school in sight: seven statements. asOf makes it
// that of an instant, as known now; nil is now.
func (a *App) Coverage(ctx context.Context, schoolID, campaignID id.ID, asOf *time.Time) (*Coverage, error) {
	var bad fault.Input
	command.RequiredID(&bad, "schoolId", schoolID, id.School)
	command.RequiredID(&bad, "campaignId", campaignID, id.Campaign)
	command.NotInFuture(&bad, "asOf", asOf, a.clock.Now())
	if err := bad.Err(); err != nil {
		return nil, err
	}
	all, err := a.CoverageOfSchools(ctx, campaignID, []uuid.UUID{schoolID.UUID}, asOf)
	if err != nil {
		return nil, err
	}
	if all[schoolID.UUID] == nil {
		return nil, command.MissingAt("schoolId", id.School)
	}
	return all[schoolID.UUID], nil
}

// CoverageOfSchools is the coverage of each of these schools that is in sight and
// takes part in the campaign: seven statements for any number of schools.
func (a *App) CoverageOfSchools(ctx context.Context, campaignID id.ID, schools []uuid.UUID, asOf *time.Time) (map[uuid.UUID]*Coverage, error) {
	c, err := a.Campaign(ctx, campaignID)
	if err != nil {
		return nil, command.AtField("campaignId", id.Campaign, err)
	}
	return a.coverage(ctx, a.store.Ent, c, schools, figures.At(a.clock.Now(), asOf))
}

func (a *App) coverage(ctx context.Context, client *ent.Client, c *ent.Campaign, ids []uuid.UUID, w figures.AsOf) (map[uuid.UUID]*Coverage, error) {
	rows, err := client.School.Query().Where(school.IDIn(ids...), school.RegionPathGTE(c.RegionPath), school.RegionPathLT(rule.RegionPathEnd(c.RegionPath))).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	endsOn, err := selfInspectionEnd(ctx, client, c)
	if err != nil {
		return nil, err
	}
	items, err := figures.CoverageItems(ctx, client, c)
	if err != nil {
		return nil, err
	}
	grids, err := figures.Reader{Ent: client}.GridsInUse(ctx, ids, w)
	if err != nil {
		return nil, err
	}
	states, err := figures.Reader{Ent: client}.CellStates(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	submissions, err := client.SelfInspectionSubmission.Query().Where(selfinspectionsubmission.CampaignID(c.ID), selfinspectionsubmission.SchoolIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	p := command.PolicyOf(c)
	ended := p.Today(w.At) > endsOn
	out := make(map[uuid.UUID]*Coverage, len(rows))
	for _, s := range rows {
		v := &Coverage{SchoolID: s.ID, CampaignID: c.ID, EndsOn: endsOn, Ended: ended, Cells: []*CoverageCell{}}
		for _, cell := range rule.CellsDue(grids[s.ID], items) {
			v.add(cell, w.Holds(states[s.ID][cell].ClaimedAt), w.Holds(states[s.ID][cell].ProvenAt))
		}
		v.countGrids()
		out[s.ID] = v
	}
	for _, x := range submissions {
		if v := out[x.SchoolID]; v != nil && w.Holds(x.SubmittedAt) {
			v.Submission, v.SubmittedLate = x, p.Today(x.SubmittedAt) > endsOn
		}
	}
	return out, nil
}

func (c *Coverage) add(cell rule.Cell, claimed, proven bool) {
	x := &CoverageCell{SchoolID: c.SchoolID, Cell: cell, Claimed: claimed, Proven: proven, State: rule.StateOfCell(claimed, proven, c.Ended)}
	c.Cells = append(c.Cells, x)
	c.Due++
	if x.Claimed {
		c.Claimed++
	}
	if x.Proven {
		c.Proven++
	}
}

func (c *Coverage) countGrids() {
	byGrid := map[uuid.UUID][]*CoverageCell{}
	for _, x := range c.Cells {
		if x.Cell.Grid != rule.WholeSchool {
			byGrid[x.Cell.Grid] = append(byGrid[x.Cell.Grid], x)
		}
	}
	c.GridsDue = len(byGrid)
	for _, cells := range byGrid {
		if !slices.ContainsFunc(cells, func(x *CoverageCell) bool { return !x.Claimed }) {
			c.GridsClaimed++
		}
		if !slices.ContainsFunc(cells, func(x *CoverageCell) bool { return !x.Proven }) {
			c.GridsProven++
		}
	}
}

func selfInspectionEnd(ctx context.Context, client *ent.Client, c *ent.Campaign) (clock.Date, error) {
	p, err := client.Phase.Query().Where(phase.CampaignID(c.ID), phase.KindEQ(rule.SelfInspection)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return rule.SelfInspectionEnd(nil, c.EndsOn), nil
	case err != nil:
		return "", store.Fault(err)
	}
	return rule.SelfInspectionEnd(&p.EndsOn, c.EndsOn), nil
}

// RemainingCell is one thing that a person still has to inspect or to prove.
type RemainingCell struct {
	CoverageCell
	DueOn   clock.Date
	Overdue bool
}

// RemainingForMe lists what is left for the viewer in a campaign: the cells of
// the grids that he or she answers for today, and for a school's leader and
// safety officer those of the whole school, that are not proven. All are due on
// one day, so the order is: cells that are claimed and need only their proof, then
// cells that nobody has looked at; each by item and grid. At most 200.
func (a *App) RemainingForMe(ctx context.Context, campaignID id.ID) ([]*RemainingCell, error) {
	v, err := command.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	mine, err := a.store.Ent.GridAssignment.Query().Where(command.AssignedOn(command.Today(a.clock.Now())), gridassignment.UserID(v.UserID)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	grids, whole, schools := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, []uuid.UUID{}
	for _, x := range mine {
		grids[x.GridID] = true
		schools = append(schools, x.SchoolID)
	}
	for _, g := range v.Grants {
		if g.Role == authz.SchoolSafetyOfficer || g.Role == authz.SchoolLeader {
			whole[g.SchoolID] = true
			schools = append(schools, g.SchoolID)
		}
	}
	all, err := a.CoverageOfSchools(ctx, campaignID, schools, nil)
	if err != nil {
		return nil, err
	}
	out := []*RemainingCell{}
	for _, claimed := range []bool{true, false} {
		for _, s := range slices.SortedFunc(maps.Values(all), func(x, y *Coverage) int { return slices.Compare(x.SchoolID[:], y.SchoolID[:]) }) {
			for _, x := range s.Gaps() {
				if x.Claimed == claimed && (grids[x.Cell.Grid] || x.Cell.Grid == rule.WholeSchool && whole[s.SchoolID]) {
					out = append(out, &RemainingCell{CoverageCell: *x, DueOn: s.EndsOn, Overdue: s.Ended})
				}
			}
		}
	}
	return out[:min(len(out), command.MaxPage)], nil
}

// SubmitSelfInspection is a school's word that its self-inspection is done, with
// the coverage as it is now: claimed, and with gaps not proven. The school's
// safety officer and leader may, until the campaign ends; after the phase it is
// late. CONFLICT when the school has said so already.
func (a *App) SubmitSelfInspection(ctx context.Context, in SubmitSelfInspectionInput) (*Coverage, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Submission)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.OptionalText(&bad, "input.note", in.Note)
	return command.Run(ctx, a.commands, command.Spec[*selfInspection, *Coverage]{
		Action: authz.SubmitSelfInspection, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*selfInspection, error) {
			s, c, err := command.SchoolInCampaign(ctx, tx, in.SchoolID, in.CampaignID)
			return &selfInspection{school: s, campaign: c}, err
		},
		May: func(_ context.Context, _ *command.Tx, x *selfInspection) (authz.Facts, error) {
			return command.SchoolAlone(x.school), nil
		},
		Decide: func(ctx context.Context, tx *command.Tx, x *selfInspection) error { return x.decide(ctx, a, tx) },
		Write: func(ctx context.Context, tx *command.Tx, x *selfInspection) error {
			return tx.SelfInspectionSubmission.Create().SetID(in.ID.UUID).SetCreatedAt(tx.Now).SetSchoolID(x.school.ID).SetCampaignID(x.campaign.ID).
				SetSubmittedByID(tx.Viewer.UserID).SetCellsDue(x.now.Due).SetCellsClaimed(x.now.Claimed).SetCellsProven(x.now.Proven).
				SetNote(command.TextOf(in.Note)).SetSubmittedAt(tx.Now).Exec(ctx)
		},
		Answer: func(ctx context.Context) (*Coverage, error) { return a.Coverage(ctx, in.SchoolID, in.CampaignID, nil) },
	})
}

// selfInspection is a school's word about a campaign, with the coverage as it is now.
type selfInspection struct {
	school   *ent.School
	campaign *ent.Campaign
	now      *Coverage
}

func (x *selfInspection) decide(ctx context.Context, a *App, tx *command.Tx) error {
	if err := rule.CheckSchoolOpen(x.school.ClosedAt != nil); err != nil {
		return err
	}
	c := x.campaign
	if err := rule.CheckRunning(c.StartsOn, c.EndsOn, command.PolicyOf(c).Today(tx.Now)); err != nil {
		return err
	}
	all, err := a.coverage(ctx, tx.Client(), c, []uuid.UUID{x.school.ID}, figures.At(a.clock.Now(), nil))
	if err != nil {
		return err
	}
	if x.now = all[x.school.ID]; x.now.Submission != nil {
		return fault.New(fault.Conflict, "selfInspection.submitted", fault.T("该校已提交自查完成情况。", "The school has submitted its self-inspection already.")).
			With("submissionId", x.now.Submission.PublicID().String())
	}
	return nil
}

// claimCells notes that the cells of a self-inspection that has just been
// submitted have a finding.
func (a *App) claimCells(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport, at time.Time) error {
	rows, err := tx.Finding.Query().Where(finding.ReportID(r.ID)).All(ctx)
	if err != nil {
		return err
	}
	of, cells, err := cellsOf(ctx, tx, r, rows)
	if err != nil {
		return err
	}
	return rollup.CoverageClaimed(ctx, tx, ownerOf(r), of, cells, at)
}

func ownerOf(r *ent.InspectionReport) rollup.Owner {
	return rollup.Owner{CampaignID: r.CampaignID, SchoolID: r.SchoolID}
}

// cellsOf gives the cells that findings of a report count for; only
// self-inspections cover.
func cellsOf(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport, rows []*ent.Finding) (rollup.Cells, []rule.Cell, error) {
	if r.Kind != rule.SelfInspection || len(rows) == 0 {
		return rollup.Cells{}, nil, nil
	}
	of, err := rollup.CellsOfSchool(ctx, tx.Client(), r.SchoolID)
	if err != nil {
		return of, nil, err
	}
	var cells []rule.Cell
	for _, f := range rows {
		if cell, due := of.Of(f, r); due {
			cells = append(cells, cell)
		}
	}
	return of, cells, nil
}

// proveFindings keeps since when the findings of a submitted report are proven,
// and what that means for the coverage.
func (a *App) proveFindings(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport, facts rule.ReportFacts) error {
	proven := map[uuid.UUID]bool{}
	for _, f := range facts.Findings {
		proven[f.ID] = len(rule.FindingGaps(command.PolicyOf(r.Edges.Campaign), facts, f)) == 0
	}
	rows, err := tx.Finding.Query().Where(finding.ReportID(r.ID)).All(ctx)
	if err != nil {
		return err
	}
	var proved, doubted []*ent.Finding
	for _, f := range rows {
		switch {
		case proven[f.ID] && f.ProvenAt == nil:
			proved = append(proved, f)
		case !proven[f.ID] && f.ProvenAt != nil:
			doubted = append(doubted, f)
		default: // as it was
		}
	}
	if err := a.believe(ctx, tx, r, proved); err != nil {
		return err
	}
	return a.doubt(ctx, tx, r, doubted)
}

// believe notes that findings are proven from now on.
func (a *App) believe(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport, rows []*ent.Finding) error {
	if len(rows) == 0 {
		return nil
	}
	now := a.clock.Now()
	if err := tx.Finding.Update().Where(finding.IDIn(idsOf(rows)...)).SetProvenAt(now).Exec(ctx); err != nil {
		return err
	}
	of, cells, err := cellsOf(ctx, tx, r, rows)
	if err != nil {
		return err
	}
	return rollup.CoverageProven(ctx, tx, ownerOf(r), of, cells, now)
}

// doubt notes that findings are not proven any more.
func (a *App) doubt(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport, rows []*ent.Finding) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.Finding.Update().Where(finding.IDIn(idsOf(rows)...)).ClearProvenAt().Exec(ctx); err != nil {
		return err
	}
	of, cells, err := cellsOf(ctx, tx, r, rows)
	if err != nil {
		return err
	}
	return rollup.CoverageDoubted(ctx, tx, ownerOf(r), of, cells)
}

func idsOf(rows []*ent.Finding) []uuid.UUID {
	out := make([]uuid.UUID, len(rows))
	for i, f := range rows {
		out[i] = f.ID
	}
	return out
}
