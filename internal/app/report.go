package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/finding"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/teammember"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
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

const maxNote = 4000

// StartInspection opens a report: SELF_INSPECTION by a grid member of the grid,
// the safety officer or the school's leader; SUPERVISION by a team member who
// does not belong to the school. Refused outside the campaign's days.
func (a *App) StartInspection(ctx context.Context, in StartInspectionInput) (*ent.InspectionReport, error) {
	var bad fault.Input
	must(&bad, "input.id", in.ID, id.Report)
	must(&bad, "input.campaignId", in.CampaignID, id.Campaign)
	must(&bad, "input.schoolId", in.SchoolID, id.School)
	may(&bad, "input.gridId", in.GridID, id.Grid)
	if in.CheckIn != nil && !in.CheckIn.Valid() {
		bad.Add("input.checkIn", "form", fault.T("坐标无效。", "This is no position on the globe."))
	}
	if in.Kind == rule.Supervision && in.CheckIn == nil {
		bad.Add("input.checkIn", "missing", fault.T("督查须现场签到。", "A supervision visit starts with a check-in on site."))
	}
	a.notInFuture(&bad, "input.startedAt", in.StartedAt)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	err := a.command(ctx, authz.StartInspection, in.ID, in.ID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		return a.startInspection(ctx, tx, v, in)
	})
	if err != nil {
		return nil, err
	}
	return a.Report(ctx, in.ID)
}

func (a *App) startInspection(ctx context.Context, tx *ent.Tx, v authz.Viewer, in StartInspectionInput) error {
	s, c, err := a.schoolInCampaign(ctx, tx, in.SchoolID, in.CampaignID)
	if err != nil {
		return err
	}
	if err := a.gridOfSchool(ctx, tx, "input.gridId", in.GridID, s.ID); err != nil {
		return err
	}
	facts, err := a.schoolFacts(ctx, tx, v, s, uuidOf(in.GridID), policyOf(c))
	if err != nil {
		return err
	}
	if in.GridID == nil && in.Kind == rule.SelfInspection {
		if facts.OwnGrid, err = a.answersForAny(ctx, tx, v.UserID, s.ID); err != nil {
			return err
		}
	}
	facts.Supervision = in.Kind == rule.Supervision
	if err := authz.Can(v, authz.StartInspection, facts); err != nil {
		return a.attempted(err, authz.StartInspection, c, v.UserID, facts, in.ID)
	}
	if err := rule.CheckRunning(c.StartsOn, c.EndsOn, policyOf(c).Today(a.clock.Now())); err != nil {
		return err
	}
	started := a.clock.Now()
	if in.StartedAt != nil {
		started = clock.Truncate(*in.StartedAt)
	}
	create := tx.InspectionReport.Create().SetID(in.ID.UUID).SetCampaignID(c.ID).SetSchoolID(s.ID).SetNillableGridID(uuidOf(in.GridID)).
		SetKind(in.Kind).SetInspectorID(v.UserID).SetStartedAt(started).SetCreatedAt(a.clock.Now())
	if in.CheckIn != nil {
		create.SetCheckInLatitude(in.CheckIn.Latitude).SetCheckInLongitude(in.CheckIn.Longitude).SetCheckedInAt(a.clock.Now())
	}
	if in.Kind == rule.Supervision {
		team, err := tx.TeamMember.Query().Where(teammember.UserID(v.UserID), teammember.LeftOnIsNil(), teammember.HasTeamWith(inspectionteam.CampaignID(c.ID))).First(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return err
		}
		if team != nil {
			create.SetTeamID(team.TeamID)
		}
	}
	return create.Exec(ctx)
}

// notInFuture refuses an instant later than the server's clock allows for: two
// minutes for phones whose clock is a little ahead.
func (a *App) notInFuture(bad *fault.Input, path string, t *time.Time) {
	if t != nil && t.After(a.clock.Now().Add(2*time.Minute)) {
		bad.Add(path, "in_future", fault.T("时间不能晚于现在。", "This time lies in the future."))
	}
}

// schoolInCampaign loads a school and a campaign that covers it.
func (a *App) schoolInCampaign(ctx context.Context, tx *ent.Tx, schoolID, campaignID id.ID) (*ent.School, *ent.Campaign, error) {
	s, err := tx.School.Get(ctx, schoolID.UUID)
	if _, err := found(s, err, id.School); err != nil {
		return nil, nil, at("input.schoolId", id.School, err)
	}
	c, err := tx.Campaign.Get(ctx, campaignID.UUID)
	if _, err := found(c, err, id.Campaign); err != nil {
		return nil, nil, at("input.campaignId", id.Campaign, err)
	}
	if !(authz.Grant{RegionPath: c.RegionPath}).Covers(s.ID, s.RegionPath) {
		return nil, nil, fault.Bad("input.campaignId", "other_region", fault.T("该活动不包含这所学校。", "The campaign does not cover this school."))
	}
	return s, c, rule.CheckSchoolOpen(s.ClosedAt != nil)
}

// gridOfSchool checks that a grid is in sight and part of the school.
func (a *App) gridOfSchool(ctx context.Context, tx *ent.Tx, path string, gridID *id.ID, schoolID uuid.UUID) error {
	if gridID == nil {
		return nil
	}
	g, err := tx.Grid.Query().Where(grid.ID(gridID.UUID)).Only(ctx)
	if _, err := found(g, err, id.Grid); err != nil {
		return at(path, id.Grid, err)
	}
	if g.SchoolID != schoolID {
		return fault.Bad(path, "other_school", fault.T("该网格属于另一所学校。", "This grid belongs to another school."))
	}
	return nil
}

// schoolFacts gathers what authz asks about a viewer and a school.
func (a *App) schoolFacts(ctx context.Context, tx *ent.Tx, v authz.Viewer, s *ent.School, gridID *uuid.UUID, p rule.Policy) (authz.Facts, error) {
	f := authz.Facts{SchoolID: s.ID, RegionPath: s.RegionPath}
	var err error
	if f.OwnGrid, err = a.answersFor(ctx, tx, v.UserID, gridID); err != nil {
		return f, err
	}
	f.OfSchool, err = a.ofSchool(ctx, tx, v.UserID, s.ID, p)
	return f, err
}

// RecordFindings writes results; only the report's inspector may, while it is in
// progress.
func (a *App) RecordFindings(ctx context.Context, in RecordFindingsInput) (*ent.InspectionReport, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	var files []id.ID
	for _, f := range in.Findings {
		files = append(files, f.EvidenceIDs...)
	}
	return a.onReport(ctx, authz.RecordFindings, in.CommandID, in.ReportID, in.ExpectedVersion, files, in,
		func(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport) error {
			if len(in.Findings) == 0 {
				return fault.Bad("input.findings", "missing", fault.T("请至少记录一项检查结果。", "Record at least one finding."))
			}
			for i, f := range in.Findings {
				if err := a.putFinding(ctx, tx, r, index("input.findings", i), f); err != nil {
					return err
				}
			}
			return tx.InspectionReport.Update().Where(inspectionreport.ID(r.ID)).AddVersion(1).Exec(ctx)
		})
}

func (in RecordFindingsInput) check() error {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.reportId", in.ReportID, id.Report)
	type place struct{ item, grid uuid.UUID }
	seen, ids := map[place]bool{}, map[uuid.UUID]bool{}
	for i, f := range in.Findings {
		path := index("input.findings", i)
		must(&bad, path+".id", f.ID, id.Finding)
		must(&bad, path+".itemId", f.ItemID, id.ChecklistItem)
		may(&bad, path+".gridId", f.GridID, id.Grid)
		mayText(&bad, path+".note", f.Note)
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
	return bad.Err()
}

// putFinding creates or replaces one finding. What is there under another id for
// the same item and grid, or under this id in another report, is refused.
func (a *App) putFinding(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport, path string, f FindingInput) error {
	if err := a.gridOfSchool(ctx, tx, path+".gridId", f.GridID, r.SchoolID); err != nil {
		return err
	}
	item, err := tx.ChecklistItem.Get(ctx, f.ItemID.UUID)
	if _, err := found(item, err, id.ChecklistItem); err != nil {
		return at(path+".itemId", id.ChecklistItem, err)
	}
	if item.ChecklistID != r.Edges.Campaign.ChecklistID {
		return fault.Bad(path+".itemId", "other_checklist", fault.T("该检查项不属于本活动的清单。", "This item is not on the campaign's checklist."))
	}
	sameItem := finding.And(finding.ReportID(r.ID), finding.ItemID(f.ItemID.UUID), finding.GridIDIsNil())
	if f.GridID != nil {
		sameItem = finding.And(finding.ReportID(r.ID), finding.ItemID(f.ItemID.UUID), finding.GridID(f.GridID.UUID))
	}
	old, err := tx.Finding.Query().Where(finding.Or(finding.ID(f.ID.UUID), sameItem)).All(ctx)
	if err != nil {
		return err
	}
	for _, o := range old {
		if o.ID != f.ID.UUID || o.ReportID != r.ID {
			return fault.New(fault.Conflict, "finding.exists", fault.T("该检查项已用另一标识记录。", "This item is recorded already under another id.")).
				With("findingId", o.PublicID().String())
		}
		if o.ItemID != f.ItemID.UUID {
			return fault.Bad(path+".itemId", "other_item", fault.T("该检查结果已用于另一检查项。", "This finding is of another item; its item can't change."))
		}
	}
	signs, err := knownSigns(ctx, tx, path+".signs", f.Signs)
	if err != nil {
		return err
	}
	note := deref(f.Note)
	if len(old) > 0 {
		u := old[0].Update().SetResult(f.Result).SetSigns(signs).SetNote(note).SetNillableGridID(uuidOf(f.GridID)).SetRecordedAt(a.clock.Now())
		if f.GridID == nil {
			u.ClearGridID()
		}
		err = u.Exec(ctx)
	} else {
		err = tx.Finding.Create().SetID(f.ID.UUID).SetSchoolID(r.SchoolID).SetReportID(r.ID).SetItemID(f.ItemID.UUID).
			SetNillableGridID(uuidOf(f.GridID)).SetResult(f.Result).SetSigns(signs).SetNote(note).SetRecordedAt(a.clock.Now()).SetCreatedAt(a.clock.Now()).Exec(ctx)
	}
	if err != nil {
		return err
	}
	if _, err := tx.EvidenceUse.Delete().Where(evidenceuse.FindingID(f.ID.UUID)).Exec(ctx); err != nil {
		return err
	}
	step, asks := rule.FindingStep(f.Result)
	if !asks {
		return nil
	}
	_, err = a.attach(ctx, tx, path+".evidenceIds", f.EvidenceIDs, use{step: step, schoolID: r.SchoolID, report: &r.ID, finding: &f.ID.UUID})
	return err
}

// SubmitInspectionReport hands the report in. It counts as claimed at once and
// as proven when every item has a finding and every finding its verified
// evidence; what is lacking is a list on the report.
func (a *App) SubmitInspectionReport(ctx context.Context, in SubmitInspectionReportInput) (*ent.InspectionReport, error) {
	var bad fault.Input
	must(&bad, "input.commandId", in.CommandID, id.Command)
	must(&bad, "input.reportId", in.ReportID, id.Report)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return a.onReport(ctx, authz.SubmitInspectionReport, in.CommandID, in.ReportID, in.ExpectedVersion, in.EvidenceIDs, in,
		func(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport) error {
			recorded, err := tx.Finding.Query().Where(finding.ReportID(r.ID)).Exist(ctx)
			if err != nil {
				return err
			}
			if err := rule.CheckSubmission(recorded); err != nil {
				return err
			}
			if _, err := a.attach(ctx, tx, "input.evidenceIds", in.EvidenceIDs,
				use{step: rule.StepSupervisionReport, schoolID: r.SchoolID, report: &r.ID}); err != nil {
				return err
			}
			after, err := r.Update().SetStatus(rule.Submitted).SetSubmittedAt(a.clock.Now()).AddVersion(1).Save(ctx)
			if err != nil {
				return err
			}
			owner := rollup.Owner{CampaignID: r.CampaignID, SchoolID: r.SchoolID}
			if err := rollup.ReportChanged(ctx, tx, owner, rollup.OfReport(r), rollup.OfReport(after)); err != nil {
				return err
			}
			if err := a.claimCells(ctx, tx, r, *after.SubmittedAt); err != nil {
				return err
			}
			if err := a.proveReport(ctx, tx, r.ID); err != nil {
				return err
			}
			return a.raiseDiscrepancies(ctx, tx, r.ID)
		})
}

// onReport runs a command on a report in progress: takes the locks of the files
// it names and then of the report, asks authz, checks state and version, then does
// the work.
func (a *App) onReport(ctx context.Context, action authz.Action, command, reportID id.ID, expected *int, files []id.ID, in any,
	do func(ctx context.Context, tx *ent.Tx, r *ent.InspectionReport) error,
) (*ent.InspectionReport, error) {
	err := a.command(ctx, action, command, reportID.UUID, in, func(ctx context.Context, tx *ent.Tx, v authz.Viewer) error {
		if _, err := lockEvidence(ctx, tx, uuidsOf(files)); err != nil {
			return err
		}
		n, err := tx.InspectionReport.Update().Where(inspectionreport.ID(reportID.UUID)).AddVersion(0).Save(ctx) // takes the lock
		if err != nil {
			return err
		}
		if n == 0 {
			return missingAt("input.reportId", id.Report)
		}
		r, err := tx.InspectionReport.Query().Where(inspectionreport.ID(reportID.UUID)).WithCampaign().WithSchool().Only(ctx)
		if err != nil {
			return err
		}
		facts := authz.Facts{SchoolID: r.SchoolID, RegionPath: r.Edges.School.RegionPath, Owner: r.InspectorID == v.UserID}
		if err := authz.Can(v, action, facts); err != nil {
			return err
		}
		if err := rule.CheckInProgress(r.Status); err != nil {
			return err
		}
		if err := expect(expected, r.Version); err != nil {
			return err
		}
		return do(ctx, tx, r)
	})
	if err != nil {
		return nil, err
	}
	return a.Report(ctx, reportID)
}

// Report is one report in sight.
func (a *App) Report(ctx context.Context, i id.ID) (*ent.InspectionReport, error) {
	r, err := a.store.Ent.InspectionReport.Get(ctx, i.UUID)
	return found(r, err, id.Report)
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
	Direction Direction
}

// Reports lists the reports in sight, the newest first unless told otherwise.
func (a *App) Reports(ctx context.Context, p PageArgs, f *ReportFilter, o *ReportOrder) (Page[*ent.InspectionReport], error) {
	ord := order{field: "STARTED_AT", column: inspectionreport.FieldStartedAt, isTime: true, desc: o == nil || o.Direction == Descending}
	pq, err := newPageQuery(p, ord)
	if err != nil {
		return Page[*ent.InspectionReport]{}, err
	}
	q := a.store.Ent.InspectionReport.Query()
	if f != nil {
		if err := f.apply(q); err != nil {
			return Page[*ent.InspectionReport]{}, err
		}
	}
	q.Modify(pq.apply)
	rows, err := q.All(ctx)
	if err != nil {
		return Page[*ent.InspectionReport]{}, store.Fault(err)
	}
	return cut(pq, rows, func(r *ent.InspectionReport) (string, uuid.UUID) { return timeKey(r.StartedAt), r.ID }), nil
}

func (f *ReportFilter) apply(q *ent.InspectionReportQuery) error {
	var bad fault.Input
	may(&bad, "filter.campaignId", f.CampaignID, id.Campaign)
	may(&bad, "filter.schoolId", f.SchoolID, id.School)
	may(&bad, "filter.inspectorId", f.InspectorID, id.User)
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

// LacksOfReports lists, for each report, what it lacks to be proven.
func (a *App) LacksOfReports(ctx context.Context, reports []uuid.UUID) (map[uuid.UUID][]rule.ReportLack, error) {
	rows, err := a.store.Ent.InspectionReport.Query().Where(inspectionreport.IDIn(reports...)).WithCampaign().All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	facts, err := reportFacts(ctx, a.store.Ent, rows)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]rule.ReportLack, len(rows))
	for _, r := range rows {
		out[r.ID] = rule.ReportLacks(policyOf(r.Edges.Campaign), facts[r.ID])
	}
	return out, nil
}
