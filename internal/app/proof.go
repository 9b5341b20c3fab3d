package app

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/checklistitem"
	entevidence "github.com/cleargrid/cleargrid/ent/evidence"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardevent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/job"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// use says for what a command names its files.
type use struct {
	step     rule.EvidenceStep
	round    int // sequence of the hazard event
	schoolID uuid.UUID
	hazard   *uuid.UUID
	report   *uuid.UUID
	finding  *uuid.UUID
	notice   *uuid.UUID
}

// namedFiles are the files that a command names for a step: locked and read when
// the command is loaded, checked when it is decided, linked when it is written.
type namedFiles struct {
	path  string // of the list in the input
	ids   []id.ID
	known map[uuid.UUID]*ent.Evidence
}

// lockFiles locks files and reads them, in one statement, so that a verification
// that commits at the same time either is seen or sees the link. They are read
// also where the viewer can't see them: one of another school must not pass for one that is not
// announced yet.
func lockFiles(ctx context.Context, tx *ent.Tx, ids []uuid.UUID) (map[uuid.UUID]*ent.Evidence, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := tx.Evidence.Query().Where(entevidence.IDIn(ids...), store.Locking(ctx, store.Files, ids...)).All(authz.AsSystem(ctx))
	return evidence.ByID(rows), err
}

// evidenceRefs checks the files and gives what is known of them. A file of another school
// is refused, out of sight as not found; one not announced yet is a promise, and
// counts once it is kept.
func (f namedFiles) evidenceRefs(ctx context.Context, tx *ent.Tx, schoolID uuid.UUID) ([]rule.EvidenceRef, error) {
	var bad fault.Input
	ids := id.UUIDs(f.ids)
	for i, e := range f.ids {
		command.RequiredID(&bad, command.Index(f.path, i), e, id.Evidence)
		if slices.Contains(ids[:i], e.UUID) {
			bad.Add(command.Index(f.path, i), "repeated", fault.T("同一佐证材料重复。", "The same file is named twice."))
		}
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	for i, u := range ids {
		e := f.known[u]
		if e == nil || e.SchoolID == schoolID {
			continue
		}
		switch seen, err := tx.Evidence.Query().Where(entevidence.ID(u)).Exist(ctx); {
		case err != nil:
			return nil, err
		case !seen:
			return nil, command.MissingAt(command.Index(f.path, i), id.Evidence)
		}
		bad.Add(command.Index(f.path, i), "other_school", fault.T("该佐证材料属于另一所学校。", "This file belongs to another school."))
	}
	return evidenceRefsOf(ids, schoolID, f.known), bad.Err()
}

// link writes for which step the files stand. What a file is used for says more
// about it, so one that is verified is graded again; the others are graded once
// they are verified.
func (a *App) link(ctx context.Context, tx *ent.Tx, f namedFiles, u use) error {
	if len(f.ids) == 0 {
		return nil
	}
	rows := make([]*ent.EvidenceUseCreate, len(f.ids))
	for i, x := range f.ids {
		rows[i] = tx.EvidenceUse.Create().SetEvidenceID(x.UUID).SetSchoolID(u.schoolID).SetStep(u.step).SetRound(u.round).
			SetNillableHazardID(u.hazard).SetNillableReportID(u.report).SetNillableFindingID(u.finding).
			SetNillableNoticeID(u.notice).SetCreatedAt(a.clock.Now())
	}
	if err := tx.EvidenceUse.CreateBulk(rows...).Exec(ctx); err != nil {
		return err
	}
	for _, x := range f.ids {
		if e := f.known[x.UUID]; e != nil && e.Status == rule.Verified {
			if err := a.queue.Enqueue(ctx, tx, job.EvidenceAssess{EvidenceID: e.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// evidenceRefsOf gives the facts that the policy wants of files. A file that is not
// known, or that was announced for another school, is only a promise.
func evidenceRefsOf(ids []uuid.UUID, schoolID uuid.UUID, known map[uuid.UUID]*ent.Evidence) []rule.EvidenceRef {
	out := make([]rule.EvidenceRef, len(ids))
	for i, x := range ids {
		out[i] = rule.EvidenceRef{ID: x}
		if e := known[x]; e != nil && e.SchoolID == schoolID {
			out[i] = rule.EvidenceRef{ID: x, Known: true, Kind: e.Kind, Stage: e.Stage, Status: e.Status, SHA256: e.Sha256, Uploader: e.UploaderID}
		}
	}
	return out
}

// hazardProof is what decides whether hazards are proven.
type hazardProof struct {
	events []*ent.HazardEvent // in their sequence
	uses   []*ent.EvidenceUse
	files  map[uuid.UUID]*ent.Evidence
}

// proofOfHazards reads it: three statements for any number of hazards.
func proofOfHazards(ctx context.Context, client *ent.Client, hazards ...uuid.UUID) (hazardProof, error) {
	events, err := client.HazardEvent.Query().Where(hazardevent.HazardIDIn(hazards...)).Order(hazardevent.BySequence()).All(ctx)
	if err != nil {
		return hazardProof{}, store.Fault(err)
	}
	uses, files, err := evidence.UsesWith(ctx, client, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.HazardIDIn(hazards...)) })
	return hazardProof{events, uses, files}, err
}

// steps gives the newest round of every step that a hazard has taken, with its
// files.
func (p hazardProof) steps(h *ent.Hazard) []rule.StepFacts {
	return stepsOf(h, p.events, p.uses, p.files)
}

// hazardSteps gathers the steps of hazards: three statements for any number.
func hazardSteps(ctx context.Context, client *ent.Client, hazards []*ent.Hazard) (map[uuid.UUID][]rule.StepFacts, error) {
	ids := make([]uuid.UUID, len(hazards))
	for i, h := range hazards {
		ids[i] = h.ID
	}
	p, err := proofOfHazards(ctx, client, ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]rule.StepFacts, len(hazards))
	for _, h := range hazards {
		out[h.ID] = p.steps(h)
	}
	return out, nil
}

func stepsOf(h *ent.Hazard, events []*ent.HazardEvent, uses []*ent.EvidenceUse, files map[uuid.UUID]*ent.Evidence) []rule.StepFacts {
	newest := map[rule.EvidenceStep]*ent.HazardEvent{}
	var order []rule.EvidenceStep
	for _, e := range events {
		step := rule.StepOf(e.Kind, h.Source)
		if e.HazardID != h.ID || step == "" {
			continue
		}
		if newest[step] == nil {
			order = append(order, step)
		}
		newest[step] = e
	}
	named := func(keep func(*ent.EvidenceUse) bool) []rule.EvidenceRef {
		var ids []uuid.UUID
		for _, u := range uses {
			if u.HazardID != nil && *u.HazardID == h.ID && keep(u) {
				ids = append(ids, u.EvidenceID)
			}
		}
		return evidenceRefsOf(ids, h.SchoolID, files)
	}
	out := make([]rule.StepFacts, 0, len(order))
	for _, step := range order {
		e := newest[step]
		mine := func(u *ent.EvidenceUse) bool { return u.Step == step && u.Round == e.Sequence }
		out = append(out, rule.StepFacts{
			Step: step, Actor: e.ActorID, EvidenceRefs: named(mine),
			Earlier: named(func(u *ent.EvidenceUse) bool { return !mine(u) }),
		})
	}
	return out
}

// hazardGaps lists what is missing for the steps of a hazard to be proven.
func hazardGaps(p rule.Policy, steps []rule.StepFacts) []rule.Gap {
	var out []rule.Gap
	for _, s := range steps {
		out = append(out, rule.Gaps(p, s)...)
	}
	return out
}

// reportFacts gathers what decides whether each report is proven: seven
// statements for any number of reports of one checklist.
func reportFacts(ctx context.Context, client *ent.Client, reports []*ent.InspectionReport) (map[uuid.UUID]rule.ReportFacts, error) {
	var ids, schools []uuid.UUID
	for _, r := range reports {
		ids, schools = append(ids, r.ID), append(schools, r.SchoolID)
	}
	findings, err := client.Finding.Query().Where(finding.ReportIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	uses, files, err := evidence.UsesWith(ctx, client, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.ReportIDIn(ids...)) })
	if err != nil {
		return nil, err
	}
	items, err := checklistItems(ctx, client, reports)
	if err != nil {
		return nil, err
	}
	rows, err := client.School.Query().Where(school.IDIn(schools...)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	boundaries := make(map[uuid.UUID]*ent.School, len(rows))
	for _, s := range rows {
		boundaries[s.ID] = s
	}
	kinds, err := gridKindsOf(ctx, client, reports)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]rule.ReportFacts, len(reports))
	for _, r := range reports {
		f := rule.ReportFacts{
			Kind: r.Kind, Inspector: r.InspectorID, Items: rule.ItemsAsked(r.Kind, kinds[r.ID], items[r.CampaignID]),
			InsideBoundary: insideBoundary(r, boundaries[r.SchoolID]),
		}
		named := func(of *uuid.UUID) []rule.EvidenceRef {
			var evidenceRefs []uuid.UUID
			for _, u := range uses {
				if *u.ReportID == r.ID && (of == nil) == (u.FindingID == nil) && (of == nil || *u.FindingID == *of) {
					evidenceRefs = append(evidenceRefs, u.EvidenceID)
				}
			}
			return evidenceRefsOf(evidenceRefs, r.SchoolID, files)
		}
		f.Site = named(nil)
		for _, x := range findings {
			if x.ReportID == r.ID {
				f.Findings = append(f.Findings, rule.FindingFacts{ID: x.ID, ItemID: x.ItemID, Result: x.Result, EvidenceRefs: named(&x.ID)})
			}
		}
		out[r.ID] = f
	}
	return out, nil
}

// gridKindsOf gives the kind of the grid of each report of one grid.
func gridKindsOf(ctx context.Context, client *ent.Client, reports []*ent.InspectionReport) (map[uuid.UUID]string, error) {
	of := map[uuid.UUID][]uuid.UUID{} // grid → reports
	for _, r := range reports {
		if r.GridID != nil {
			of[*r.GridID] = append(of[*r.GridID], r.ID)
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	rows, err := client.Grid.Query().Where(grid.IDIn(slices.Collect(maps.Keys(of))...)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := map[uuid.UUID]string{}
	for _, g := range rows {
		for _, r := range of[g.ID] {
			out[r] = g.Kind
		}
	}
	return out, nil
}

func checklistItems(ctx context.Context, client *ent.Client, reports []*ent.InspectionReport) (map[uuid.UUID][]rule.CoverageItem, error) {
	lists := map[uuid.UUID]uuid.UUID{} // campaign → checklist
	var campaigns []uuid.UUID
	for _, r := range reports {
		if !slices.Contains(campaigns, r.CampaignID) {
			campaigns = append(campaigns, r.CampaignID)
		}
	}
	rows, err := client.Campaign.Query().Where(campaign.IDIn(campaigns...)).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var checklists []uuid.UUID
	for _, c := range rows {
		lists[c.ID] = c.ChecklistID
		checklists = append(checklists, c.ChecklistID)
	}
	items, err := client.ChecklistItem.Query().Where(checklistitem.ChecklistIDIn(checklists...)).Order(checklistitem.ByNumber()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := map[uuid.UUID][]rule.CoverageItem{}
	for c, list := range lists {
		for _, x := range items {
			if x.ChecklistID == list {
				out[c] = append(out[c], figures.CoverageItem(x))
			}
		}
	}
	return out, nil
}

func insideBoundary(r *ent.InspectionReport, s *ent.School) bool {
	if s == nil {
		return false
	}
	return boundaryOf(s).Contains(geo.PointOf(r.CheckInLatitude, r.CheckInLongitude))
}

// boundaryOf is where a school is.
func boundaryOf(s *ent.School) rule.Boundary {
	return rule.Boundary{Position: geo.PointOf(s.Latitude, s.Longitude), Meters: s.BoundaryMeters, Outline: s.Boundary}
}

// ProofChanged re-computes what a file's verdict means for the reports
// and hazards that use it. Each row is locked before its facts are read, so the
// last of several verdicts sees all the others.
func (a *App) ProofChanged(ctx context.Context, tx *ent.Tx, evidenceID uuid.UUID) error {
	uses, err := tx.EvidenceUse.Query().Where(evidenceuse.EvidenceID(evidenceID)).All(ctx)
	if err != nil {
		return err
	}
	hazards, reports := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for _, u := range uses {
		switch {
		case u.HazardID != nil:
			hazards[*u.HazardID] = true
		case u.ReportID != nil:
			reports[*u.ReportID] = true
		}
	}
	// Every subject before any figure: figures are the last lock of all.
	if err := store.Lock(ctx, tx, store.Reports, sorted(reports)...); err != nil {
		return err
	}
	if err := store.Lock(ctx, tx, store.Hazards, sorted(hazards)...); err != nil {
		return err
	}
	for _, i := range sorted(reports) {
		if err := a.proveReport(ctx, tx, i); err != nil {
			return err
		}
	}
	for _, i := range sorted(hazards) {
		if err := a.proveHazard(ctx, tx, i); err != nil {
			return err
		}
	}
	return nil
}

// sorted lists ids in one order everywhere, so that two transactions never wait
// for each other in a circle.
func sorted(set map[uuid.UUID]bool) []uuid.UUID {
	out := make([]uuid.UUID, 0, len(set))
	for i := range set {
		out = append(out, i)
	}
	slices.SortFunc(out, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	return out
}

// proveReport decides whether a report is proven, and keeps it. The report is
// locked before its facts are read.
func (a *App) proveReport(ctx context.Context, tx *ent.Tx, i uuid.UUID) error {
	r, err := tx.InspectionReport.Query().Where(inspectionreport.ID(i), store.Locking(ctx, store.Reports, i)).WithCampaign().Only(ctx)
	if err != nil || r.Status != rule.Submitted {
		return err
	}
	facts, err := reportFacts(ctx, tx.Client(), []*ent.InspectionReport{r})
	if err != nil {
		return err
	}
	if err := a.proveFindings(ctx, tx, r, facts[r.ID]); err != nil {
		return err
	}
	proven := len(rule.ReportGaps(command.PolicyOf(r.Edges.Campaign), facts[r.ID])) == 0
	if proven == (r.ProvenAt != nil) {
		return nil
	}
	u := r.Update()
	if proven {
		u.SetProvenAt(a.clock.Now())
	} else {
		u.ClearProvenAt()
	}
	after, err := u.Save(ctx)
	if err != nil {
		return err
	}
	return rollup.ReportChanged(ctx, tx, rollup.Owner{CampaignID: r.CampaignID, SchoolID: r.SchoolID}, rollup.OfReport(r), rollup.OfReport(after))
}

// proveHazard decides whether a hazard is proven, and keeps it. The hazard is
// locked before its facts are read.
func (a *App) proveHazard(ctx context.Context, tx *ent.Tx, i uuid.UUID) error {
	h, err := tx.Hazard.Query().Where(hazard.ID(i), store.Locking(ctx, store.Hazards, i)).WithCampaign().Only(ctx)
	if err != nil {
		return err
	}
	steps, err := hazardSteps(ctx, tx.Client(), []*ent.Hazard{h})
	if err != nil {
		return err
	}
	proven := len(hazardGaps(command.PolicyOf(h.Edges.Campaign), steps[h.ID])) == 0
	if proven == h.Proven {
		return nil
	}
	after, err := h.Update().SetProven(proven).Save(ctx)
	if err != nil {
		return err
	}
	at := changeOf(h, a.clock.Now(), command.PolicyOf(h.Edges.Campaign))
	return rollup.HazardChanged(ctx, tx, at, rollup.OfHazard(h), rollup.OfHazard(after))
}

// BoundaryChanged decides again about the visits of a school that were handed in. All of
// them are locked before the first moves a figure.
func (a *App) BoundaryChanged(ctx context.Context, tx *ent.Tx, s *ent.School) error {
	visits, err := tx.InspectionReport.Query().
		Where(inspectionreport.SchoolID(s.ID), inspectionreport.KindEQ(rule.Supervision), inspectionreport.StatusEQ(rule.Submitted)).
		Order(inspectionreport.ByID()).IDs(ctx)
	if err != nil || len(visits) == 0 {
		return err
	}
	if err := store.Lock(ctx, tx, store.Reports, visits...); err != nil {
		return err
	}
	for _, i := range visits {
		if err := a.proveReport(ctx, tx, i); err != nil {
			return err
		}
	}
	return nil
}
