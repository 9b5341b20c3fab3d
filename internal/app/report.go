package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/checklistitem"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// StartInspectionInput opens an inspection of a school.
type StartInspectionInput struct {
	ID         id.ID
	CampaignID id.ID
	SchoolID   id.ID
	Kind       rule.ReportKind
	GridID     *id.ID
	CheckIn    *geo.Point
	StartedAt  *time.Time
}

// RecordFindingsInput writes results into an inspection that is in progress.
type RecordFindingsInput struct {
	CommandID       id.ID
	ReportID        id.ID
	ExpectedVersion *int
	Findings        []FindingInput
}

// FindingInput is the result for one checklist item. Its id is the client's; a
// finding sent again under its id replaces the former content.
type FindingInput struct {
	ID     id.ID
	ItemID id.ID
	GridID *id.ID
	Result rule.FindingResult
	Note   *string
	// Signs are codes of the set HAZARD_SIGN that were seen.
	Signs       []string
	EvidenceIDs []id.ID
}

// SubmitInspectionReportInput hands in an inspection. EvidenceIDs are the files
// of the visit as a whole.
type SubmitInspectionReportInput struct {
	CommandID       id.ID
	ReportID        id.ID
	ExpectedVersion *int
	EvidenceIDs     []id.ID
}

// StartInspection opens a report: SELF_INSPECTION by a grid member of the grid,
// the safety officer or the school's leader; SUPERVISION by a team member who
// does not belong to the school. Refused outside the campaign's days.
func (a *App) StartInspection(ctx context.Context, in StartInspectionInput) (*ent.InspectionReport, error) {
	var bad fault.Input
	command.RequiredID(&bad, "input.id", in.ID, id.Report)
	command.RequiredID(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	command.RequiredID(&bad, "input.schoolId", in.SchoolID, id.School)
	command.OptionalID(&bad, "input.gridId", in.GridID, id.Grid)
	if in.CheckIn != nil && !in.CheckIn.Valid() {
		bad.Add("input.checkIn", "form", fault.T("坐标无效。", "This is no position on the globe."))
	}
	if in.Kind == rule.Supervision && in.CheckIn == nil {
		bad.Add("input.checkIn", "missing", fault.T("督查须现场签到。", "A supervision visit starts with a check-in on site."))
	}
	command.NotInFuture(&bad, "input.startedAt", in.StartedAt, a.clock.Now())
	return command.Run(ctx, a.commands, command.Spec[*inspectionStart, *ent.InspectionReport]{
		Action: authz.StartInspection, Key: in.ID, Subject: in.ID, Input: in, Invalid: &bad,
		Load: func(ctx context.Context, tx *command.Tx) (*inspectionStart, error) {
			s, c, err := command.SchoolInCampaign(ctx, tx, in.SchoolID, in.CampaignID)
			if err != nil {
				return nil, err
			}
			_, err = command.GridOfSchool(ctx, tx, "input.gridId", in.GridID, s.ID)
			return &inspectionStart{in, s, c}, err
		},
		May: func(ctx context.Context, tx *command.Tx, n *inspectionStart) (authz.Facts, error) {
			return n.facts(ctx, tx)
		},
		Denied: func(ctx context.Context, n *inspectionStart, f authz.Facts) {
			a.logAttempt(ctx, authz.StartInspection, n.campaign, f, in.ID)
		},
		Decide: func(_ context.Context, tx *command.Tx, n *inspectionStart) error {
			if err := rule.CheckSchoolOpen(n.school.ClosedAt != nil); err != nil {
				return err
			}
			return rule.CheckRunning(n.campaign.StartsOn, n.campaign.EndsOn, command.PolicyOf(n.campaign).Today(tx.Now))
		},
		Write:  func(ctx context.Context, tx *command.Tx, n *inspectionStart) error { return n.write(ctx, tx) },
		Answer: func(ctx context.Context) (*ent.InspectionReport, error) { return a.Report(ctx, in.ID) },
	})
}

// inspectionStart is an inspection about to begin.
type inspectionStart struct {
	in       StartInspectionInput
	school   *ent.School
	campaign *ent.Campaign
}

func (n *inspectionStart) facts(ctx context.Context, tx *command.Tx) (authz.Facts, error) {
	f, err := tx.SchoolFacts(ctx, n.school, id.UUIDOf(n.in.GridID), command.PolicyOf(n.campaign))
	f.Supervision = n.in.Kind == rule.Supervision
	if err == nil && n.in.GridID == nil && n.in.Kind == rule.SelfInspection {
		f.OwnGrid, err = tx.AnswersForAny(ctx, n.school.ID)
	}
	return f, err
}

func (n *inspectionStart) write(ctx context.Context, tx *command.Tx) error {
	in, started := n.in, tx.Now
	if in.StartedAt != nil {
		started = clock.Truncate(*in.StartedAt)
	}
	create := tx.InspectionReport.Create().SetID(in.ID.UUID).SetCampaignID(n.campaign.ID).SetSchoolID(n.school.ID).SetNillableGridID(id.UUIDOf(in.GridID)).
		SetKind(in.Kind).SetInspectorID(tx.Viewer.UserID).SetStartedAt(started).SetCreatedAt(tx.Now)
	if in.CheckIn != nil {
		create.SetCheckInLatitude(in.CheckIn.Latitude).SetCheckInLongitude(in.CheckIn.Longitude).SetCheckedInAt(tx.Now)
	}
	if in.Kind == rule.Supervision {
		team, err := tx.TeamMember.Query().Where(teammember.UserID(tx.Viewer.UserID), teammember.LeftOnIsNil(),
			teammember.HasTeamWith(inspectionteam.CampaignID(n.campaign.ID))).First(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return err
		}
		if team != nil {
			create.SetTeamID(team.TeamID)
		}
	}
	return create.Exec(ctx)
}

// RecordFindings writes results; only the report's inspector may, while it is in
// progress.
func (a *App) RecordFindings(ctx context.Context, in RecordFindingsInput) (*ent.InspectionReport, error) {
	var files []id.ID
	for _, f := range in.Findings {
		files = append(files, f.EvidenceIDs...)
	}
	s := a.reportSpec(authz.RecordFindings, in.CommandID, in.ReportID, in.ExpectedVersion, files)
	s.Input, s.Invalid = in, in.check()
	s.Decide = func(ctx context.Context, tx *command.Tx, c *reportChange) error {
		if err := rule.CheckInProgress(c.report.Status); err != nil {
			return err
		}
		return c.decideFindings(ctx, tx, in.Findings)
	}
	s.Write = func(ctx context.Context, tx *command.Tx, c *reportChange) error {
		for i := range c.findings {
			if err := c.writeFinding(ctx, tx, &c.findings[i]); err != nil {
				return err
			}
		}
		return tx.InspectionReport.Update().Where(inspectionreport.ID(c.report.ID)).AddVersion(1).Exec(ctx)
	}
	return command.Run(ctx, a.commands, s)
}

func (in RecordFindingsInput) check() *fault.Input {
	var bad fault.Input
	command.RequiredID(&bad, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(&bad, "input.reportId", in.ReportID, id.Report)
	type place struct{ item, grid uuid.UUID }
	seen, ids := map[place]bool{}, map[uuid.UUID]bool{}
	for i, f := range in.Findings {
		path := command.Index("input.findings", i)
		command.RequiredID(&bad, path+".id", f.ID, id.Finding)
		command.RequiredID(&bad, path+".itemId", f.ItemID, id.ChecklistItem)
		command.OptionalID(&bad, path+".gridId", f.GridID, id.Grid)
		command.OptionalText(&bad, path+".note", f.Note)
		if len(f.Signs) > 0 && f.Result != rule.NonCompliant {
			bad.Add(path+".signs", "not_asked", fault.T("只有不符合的检查项才有隐患表征。", "Only what is NON_COMPLIANT shows signs of a hazard."))
		}
		p := place{item: f.ItemID.UUID}
		if f.GridID != nil {
			p.grid = f.GridID.UUID
		}
		if seen[p] || ids[f.ID.UUID] {
			bad.Add(path, "repeated", fault.T("同一检查项重复。", "The same item is recorded twice."))
		}
		seen[p], ids[f.ID.UUID] = true, true
	}
	return &bad
}

// newFinding is one finding as it is to be written.
type newFinding struct {
	in    FindingInput
	signs []string
	old   *ent.Finding // the one that it replaces; nil for a new one
	files namedFiles
}

// decideFindings checks what the findings refer to.
func (c *reportChange) decideFindings(ctx context.Context, tx *command.Tx, all []FindingInput) error {
	if len(all) == 0 {
		return fault.Bad("input.findings", "missing", fault.T("请至少记录一项检查结果。", "Record at least one finding."))
	}
	known, err := c.loadFindings(ctx, tx, all)
	if err != nil {
		return err
	}
	for i, f := range all {
		n, err := c.decideFinding(ctx, tx, command.Index("input.findings", i), f, known)
		if err != nil {
			return err
		}
		c.findings = append(c.findings, n)
	}
	return nil
}

// findingRows are the rows that new findings refer to.
type findingRows struct {
	grids map[uuid.UUID]*ent.Grid
	items map[uuid.UUID]*ent.ChecklistItem
	old   []*ent.Finding // of the report, and those under the ids of new ones
}

func (c *reportChange) loadFindings(ctx context.Context, tx *command.Tx, all []FindingInput) (findingRows, error) {
	out := findingRows{grids: map[uuid.UUID]*ent.Grid{}, items: map[uuid.UUID]*ent.ChecklistItem{}}
	var ids, items, grids []uuid.UUID
	for _, f := range all {
		ids, items = append(ids, f.ID.UUID), append(items, f.ItemID.UUID)
		if f.GridID != nil {
			grids = append(grids, f.GridID.UUID)
		}
	}
	if len(grids) > 0 {
		rows, err := tx.Grid.Query().Where(grid.IDIn(grids...)).All(ctx)
		if err != nil {
			return out, err
		}
		for _, g := range rows {
			out.grids[g.ID] = g
		}
	}
	rows, err := tx.ChecklistItem.Query().Where(checklistitem.IDIn(items...)).All(ctx)
	if err != nil {
		return out, err
	}
	for _, x := range rows {
		out.items[x.ID] = x
	}
	out.old, err = tx.Finding.Query().Where(finding.Or(finding.IDIn(ids...), finding.ReportID(c.report.ID))).All(ctx)
	return out, err
}

// decideFinding checks one finding. What is there under another id for the same
// item and grid, or under this id in another report, is refused.
func (c *reportChange) decideFinding(ctx context.Context, tx *command.Tx, path string, f FindingInput, known findingRows) (newFinding, error) {
	r, out := c.report, newFinding{in: f, files: namedFiles{path + ".evidenceIds", f.EvidenceIDs, c.files}}
	if f.GridID != nil {
		g := known.grids[f.GridID.UUID]
		if g == nil {
			return out, command.MissingAt(path+".gridId", id.Grid)
		}
		if g.SchoolID != r.SchoolID {
			return out, fault.Bad(path+".gridId", "other_school", fault.T("该网格属于另一所学校。", "This grid belongs to another school."))
		}
	}
	item := known.items[f.ItemID.UUID]
	if item == nil {
		return out, command.MissingAt(path+".itemId", id.ChecklistItem)
	}
	if item.ChecklistID != r.Edges.Campaign.ChecklistID {
		return out, fault.Bad(path+".itemId", "other_checklist", fault.T("该检查项不属于本活动的清单。", "This item is not on the campaign's checklist."))
	}
	for _, o := range known.old {
		samePlace := (o.GridID == nil) == (f.GridID == nil) && (o.GridID == nil || *o.GridID == f.GridID.UUID)
		if o.ID != f.ID.UUID && !(o.ItemID == f.ItemID.UUID && samePlace) {
			continue
		}
		if o.ID != f.ID.UUID || o.ReportID != r.ID {
			return out, fault.New(fault.Conflict, "finding.exists", fault.T("该检查项已用另一标识记录。", "This item is recorded already under another id.")).
				With("findingId", o.PublicID().String())
		}
		if o.ItemID != f.ItemID.UUID {
			return out, fault.Bad(path+".itemId", "other_item", fault.T("该检查结果已用于另一检查项。", "This finding is of another item; its item can't change."))
		}
		out.old = o
	}
	var err error
	if out.signs, err = knownCodes(ctx, tx.Tx, nil, path+".signs", f.Signs); err != nil {
		return out, err
	}
	if _, asks := rule.FindingStep(f.Result); !asks {
		out.files.ids = nil
		return out, nil
	}
	_, err = out.files.evidenceRefs(ctx, tx.Tx, r.SchoolID)
	return out, err
}

// writeFinding creates or replaces one finding, and the links of its files.
func (c *reportChange) writeFinding(ctx context.Context, tx *command.Tx, n *newFinding) error {
	r, f, note := c.report, n.in, command.TextOf(n.in.Note)
	var err error
	if n.old != nil {
		u := n.old.Update().SetResult(f.Result).SetSigns(n.signs).SetNote(note).SetNillableGridID(id.UUIDOf(f.GridID)).SetRecordedAt(tx.Now)
		if f.GridID == nil {
			u.ClearGridID()
		}
		if err = u.Exec(ctx); err == nil {
			_, err = tx.EvidenceUse.Delete().Where(evidenceuse.FindingID(f.ID.UUID)).Exec(ctx)
		}
	} else {
		err = tx.Finding.Create().SetID(f.ID.UUID).SetSchoolID(r.SchoolID).SetReportID(r.ID).SetItemID(f.ItemID.UUID).
			SetNillableGridID(id.UUIDOf(f.GridID)).SetResult(f.Result).SetSigns(n.signs).SetNote(note).SetRecordedAt(tx.Now).SetCreatedAt(tx.Now).Exec(ctx)
	}
	if err != nil {
		return err
	}
	step, _ := rule.FindingStep(f.Result)
	return c.app.link(ctx, tx.Tx, n.files, use{step: step, schoolID: r.SchoolID, report: &r.ID, finding: &f.ID.UUID})
}

// SubmitInspectionReport hands the report in. It counts as claimed at once and
// as proven when every item has a finding and every finding its verified
// evidence; what is missing is a list on the report.
func (a *App) SubmitInspectionReport(ctx context.Context, in SubmitInspectionReportInput) (*ent.InspectionReport, error) {
	s := a.reportSpec(authz.SubmitInspectionReport, in.CommandID, in.ReportID, in.ExpectedVersion, in.EvidenceIDs)
	s.Input, s.Invalid = in, &fault.Input{}
	command.RequiredID(s.Invalid, "input.commandId", in.CommandID, id.Command)
	command.RequiredID(s.Invalid, "input.reportId", in.ReportID, id.Report)
	var files namedFiles
	s.Decide = func(ctx context.Context, tx *command.Tx, c *reportChange) error {
		if err := rule.CheckInProgress(c.report.Status); err != nil {
			return err
		}
		recorded, err := tx.Finding.Query().Where(finding.ReportID(c.report.ID)).Exist(ctx)
		if err != nil {
			return err
		}
		if err := rule.CheckSubmission(recorded); err != nil {
			return err
		}
		files = namedFiles{"input.evidenceIds", in.EvidenceIDs, c.files}
		_, err = files.evidenceRefs(ctx, tx.Tx, c.report.SchoolID)
		return err
	}
	s.Write = func(ctx context.Context, tx *command.Tx, c *reportChange) error { return c.submit(ctx, tx, files) }
	return command.Run(ctx, a.commands, s)
}

// submit writes the report, then what it means for figures, coverage and proof. The
// findings that a discrepancy may come of are locked before any figure: a hazard
// that becomes MAJOR just now waits for them, see majorFound.
func (c *reportChange) submit(ctx context.Context, tx *command.Tx, files namedFiles) error {
	a, r := c.app, c.report
	if err := a.link(ctx, tx.Tx, files, use{step: rule.StepSupervisionReport, schoolID: r.SchoolID, report: &r.ID}); err != nil {
		return err
	}
	after, err := r.Update().SetStatus(rule.Submitted).SetSubmittedAt(tx.Now).AddVersion(1).Save(ctx)
	if err != nil {
		return err
	}
	problems, err := lockProblems(ctx, tx.Tx, r)
	if err != nil {
		return err
	}
	if err := rollup.ReportChanged(ctx, tx.Tx, ownerOf(r), rollup.OfReport(r), rollup.OfReport(after)); err != nil {
		return err
	}
	if err := a.claimCells(ctx, tx.Tx, r, *after.SubmittedAt); err != nil {
		return err
	}
	if err := a.proveReport(ctx, tx.Tx, r.ID); err != nil {
		return err
	}
	return a.raiseDiscrepancies(ctx, tx.Tx, after, problems)
}

// reportChange is one command at work on a report in progress.
type reportChange struct {
	app      *App
	report   *ent.InspectionReport // as loaded under its lock, with campaign and school
	files    map[uuid.UUID]*ent.Evidence
	findings []newFinding
}

// reportSpec is what the commands on a report in progress share: the locks of the
// files that they name and then of the report, who may, and the version.
func (a *App) reportSpec(action authz.Action, key, reportID id.ID, expected *int, files []id.ID) command.Spec[*reportChange, *ent.InspectionReport] {
	return command.Spec[*reportChange, *ent.InspectionReport]{
		Action: action, Key: key, Subject: reportID,
		Load: func(ctx context.Context, tx *command.Tx) (*reportChange, error) {
			known, err := lockFiles(ctx, tx.Tx, id.UUIDs(files))
			if err != nil {
				return nil, err
			}
			r, err := tx.InspectionReport.Query().Where(inspectionreport.ID(reportID.UUID), store.Locking(ctx, store.Reports, reportID.UUID)).
				WithCampaign().WithSchool().Only(ctx)
			if _, err := command.NotFoundAs(r, err, id.Report); err != nil {
				return nil, command.AtField("input.reportId", id.Report, err)
			}
			return &reportChange{app: a, report: r, files: known}, nil
		},
		May: func(_ context.Context, tx *command.Tx, c *reportChange) (authz.Facts, error) {
			r := c.report
			return authz.Facts{SchoolID: r.SchoolID, RegionPath: r.Edges.School.RegionPath, Owner: r.InspectorID == tx.Viewer.UserID}, nil
		},
		Version: func(c *reportChange) (*int, int) { return expected, c.report.Version },
		Answer:  func(ctx context.Context) (*ent.InspectionReport, error) { return a.Report(ctx, reportID) },
	}
}

// Report is one report in sight.
func (a *App) Report(ctx context.Context, i id.ID) (*ent.InspectionReport, error) {
	r, err := a.store.Ent.InspectionReport.Get(ctx, i.UUID)
	return command.NotFoundAs(r, err, id.Report)
}

// ReportsByID reads the reports in sight among these.
func (a *App) ReportsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.InspectionReport, error) {
	rows, err := a.store.Ent.InspectionReport.Query().Where(inspectionreport.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// ReportFilter narrows a list of reports; every field given must hold.
type ReportFilter struct {
	CampaignID *id.ID
	SchoolID   *id.ID
	// InspectorID is the person who began it.
	InspectorID *id.ID
	Kind        *rule.ReportKind
	Status      *rule.ReportStatus
	Proven      *bool
}

// ReportOrder is the order of a list of reports.
type ReportOrder struct {
	Field     string
	Direction command.Direction
}

// Reports lists the reports in sight, the newest first unless told otherwise.
func (a *App) Reports(ctx context.Context, p command.PageArgs, f *ReportFilter, o *ReportOrder) (command.Page[*ent.InspectionReport], error) {
	ord := command.Order{Field: "STARTED_AT", Column: inspectionreport.FieldStartedAt, IsTime: true, Desc: o == nil || o.Direction == command.Descending}
	pq, err := command.NewPageQuery(p, ord)
	if err != nil {
		return command.Page[*ent.InspectionReport]{}, err
	}
	q := a.store.Ent.InspectionReport.Query()
	if f != nil {
		if err := f.apply(q); err != nil {
			return command.Page[*ent.InspectionReport]{}, err
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.InspectionReport]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(r *ent.InspectionReport) (string, uuid.UUID) { return command.TimeKey(r.StartedAt), r.ID }), nil
}

func (f *ReportFilter) apply(q *ent.InspectionReportQuery) error {
	var bad fault.Input
	command.OptionalID(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
	command.OptionalID(&bad, "filter.inspectorId", f.InspectorID, id.User)
	if f.CampaignID != nil {
		q.Where(inspectionreport.CampaignID(f.CampaignID.UUID))
	}
	if f.SchoolID != nil {
		q.Where(inspectionreport.SchoolID(f.SchoolID.UUID))
	}
	if f.InspectorID != nil {
		q.Where(inspectionreport.InspectorID(f.InspectorID.UUID))
	}
	if f.Kind != nil {
		q.Where(inspectionreport.KindEQ(*f.Kind))
	}
	if f.Status != nil {
		q.Where(inspectionreport.StatusEQ(*f.Status))
	}
	if f.Proven != nil && *f.Proven {
		q.Where(inspectionreport.ProvenAtNotNil())
	}
	if f.Proven != nil && !*f.Proven {
		q.Where(inspectionreport.ProvenAtIsNil())
	}
	return bad.Err()
}

// FindingsOfReports lists the findings of these reports in the order they were
// recorded.
func (a *App) FindingsOfReports(ctx context.Context, reports []uuid.UUID) ([]*ent.Finding, error) {
	rows, err := a.store.Ent.Finding.Query().Where(finding.ReportIDIn(reports...)).Order(finding.ByCreatedAt(), finding.ByID()).All(ctx)
	return rows, store.Fault(err)
}

// FindingsByID reads the findings in sight among these.
func (a *App) FindingsByID(ctx context.Context, ids []uuid.UUID) ([]*ent.Finding, error) {
	rows, err := a.store.Ent.Finding.Query().Where(finding.IDIn(ids...)).All(ctx)
	return rows, store.Fault(err)
}

// GapsOfReports lists, for each report, what is missing for it to be proven.
func (a *App) GapsOfReports(ctx context.Context, reports []uuid.UUID) (map[uuid.UUID][]rule.ReportGap, error) {
	rows, err := a.store.Ent.InspectionReport.Query().Where(inspectionreport.IDIn(reports...)).WithCampaign().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	facts, err := reportFacts(ctx, a.store.Ent, rows)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]rule.ReportGap, len(rows))
	for _, r := range rows {
		out[r.ID] = rule.ReportGaps(command.PolicyOf(r.Edges.Campaign), facts[r.ID])
	}
	return out, nil
}
