package app

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/backfill"
	"github.com/cleargrid/cleargrid/ent/evidenceuse"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/hazardevent"
	"github.com/cleargrid/cleargrid/ent/inspectionreport"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/evidence"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rollup"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/store"
)

// What earlier versions did not write down follows from what they did: events,
// reports, findings, files. It is derived from these once after a migration, and
// whenever the figures are to be repaired.

// figuresBackfill is the work and its version: a version that derives more counts
// up, and every database is done again.
const figuresBackfill = "figures/1"

// Backfill derives the states of hazards, the instants of proof and every figure,
// unless that was done already. It goes school by school, one transaction each,
// and goes on where it was stopped. It may run beside a server, and two at once do
// no harm.
func Backfill(ctx context.Context, s *store.Store, now clock.Clock, log zerolog.Logger) error {
	return backfiller{store: s, clock: now, log: log}.run(authz.AsSystem(ctx))
}

// Backfilled reports whether Backfill has come to its end.
func Backfilled(ctx context.Context, s *store.Store) (bool, error) {
	done, err := s.Ent.Backfill.Query().Where(backfill.Name(figuresBackfill), backfill.FinishedAtNotNil()).Exist(authz.AsSystem(ctx))
	return done, store.Fault(err)
}

// RebuildFigures derives all figures again, also those that were done already.
func (a *App) RebuildFigures(ctx context.Context) error {
	ctx = authz.AsSystem(ctx)
	err := a.store.Ent.Backfill.Update().Where(backfill.Name(figuresBackfill)).SetDoneUntil(uuid.Nil).ClearFinishedAt().Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	return Backfill(ctx, a.store, a.clock, a.log)
}

type backfiller struct {
	store *store.Store
	clock clock.Clock
	log   zerolog.Logger
}

func (b backfiller) run(ctx context.Context) error {
	row, err := b.begin(ctx)
	if err != nil || row.FinishedAt != nil {
		return err
	}
	for more := true; more; {
		if row, more, err = b.next(ctx, row); err != nil {
			return err
		}
	}
	b.log.Info().Str("work", row.Name).Msg("what earlier versions did not keep is derived")
	return store.Fault(b.store.Ent.Backfill.UpdateOneID(row.ID).SetFinishedAt(b.clock.Now()).Exec(ctx))
}

// next does the next school, in one transaction with the word that it is done.
func (b backfiller) next(ctx context.Context, row *ent.Backfill) (*ent.Backfill, bool, error) {
	s, err := b.store.Ent.School.Query().Where(school.IDGT(row.DoneUntil)).Order(school.ByID()).First(ctx)
	if ent.IsNotFound(err) {
		return row, false, nil
	}
	if err != nil {
		return row, false, store.Fault(err)
	}
	err = b.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		if err := b.rebuild(ctx, tx, s.ID); err != nil {
			return err
		}
		return tx.Backfill.UpdateOneID(row.ID).SetDoneUntil(s.ID).Exec(ctx)
	})
	if err != nil {
		return row, false, err
	}
	row.DoneUntil = s.ID
	return row, true, nil
}

// begin reads how far the work is. Who begins at the same time finds the row.
func (b backfiller) begin(ctx context.Context) (*ent.Backfill, error) {
	err := b.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		_, err := tx.Backfill.Query().Where(backfill.Name(figuresBackfill)).Only(ctx)
		if ent.IsNotFound(err) {
			err = tx.Backfill.Create().SetName(figuresBackfill).SetCreatedAt(b.clock.Now()).Exec(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	row, err := b.store.Ent.Backfill.Query().Where(backfill.Name(figuresBackfill)).Only(ctx)
	return row, store.Fault(err)
}

// rebuild derives everything about one school. Locks are taken in the order of
// every command: reports, hazards, figures.
func (b backfiller) rebuild(ctx context.Context, tx *ent.Tx, schoolID uuid.UUID) error {
	reports, hazards, err := lockSubjects(ctx, tx, schoolID)
	if err != nil {
		return err
	}
	var campaigns []uuid.UUID
	for _, r := range reports {
		campaigns = append(campaigns, r.CampaignID)
	}
	for _, h := range hazards {
		campaigns = append(campaigns, h.CampaignID)
	}
	slices.SortFunc(campaigns, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	if err := rollup.Lock(ctx, tx, schoolID, slices.Compact(campaigns)); err != nil {
		return err
	}
	n, err := tx.Hazard.Query().Where(hazard.SchoolID(schoolID)).Count(ctx)
	if err != nil {
		return err
	}
	if n != len(hazards) { // one was reported just now: it would be lost
		return fault.New(fault.RetryLater, "backfill.busy", fault.T("该校刚有新的隐患上报，请重试。", "A hazard was reported just now. Try again."))
	}
	if err := datesOfFindings(ctx, tx, reports); err != nil {
		return err
	}
	if err := datesOfCases(ctx, tx, schoolID); err != nil {
		return err
	}
	histories, err := historiesOf(ctx, tx.Client(), hazards)
	if err != nil {
		return err
	}
	return rollup.Rebuild(ctx, tx, schoolID, histories)
}

// lockSubjects locks a school's reports and hazards and reads them.
func lockSubjects(ctx context.Context, tx *ent.Tx, schoolID uuid.UUID) ([]*ent.InspectionReport, []*ent.Hazard, error) {
	ids, err := tx.InspectionReport.Query().Where(inspectionreport.SchoolID(schoolID)).Order(inspectionreport.ByID()).IDs(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := store.Lock(ctx, tx, store.Reports, ids...); err != nil {
		return nil, nil, err
	}
	if ids, err = tx.Hazard.Query().Where(hazard.SchoolID(schoolID)).Order(hazard.ByID()).IDs(ctx); err != nil {
		return nil, nil, err
	}
	if err := store.Lock(ctx, tx, store.Hazards, ids...); err != nil {
		return nil, nil, err
	}
	reports, err := tx.InspectionReport.Query().Where(inspectionreport.SchoolID(schoolID), inspectionreport.StatusEQ(rule.Submitted)).WithCampaign().All(ctx)
	if err != nil {
		return nil, nil, err
	}
	hazards, err := tx.Hazard.Query().Where(hazard.SchoolID(schoolID)).WithCampaign().Order(hazard.ByID()).All(ctx)
	return reports, hazards, err
}

// datesOfFindings writes since when findings are proven, where that is missing.
func datesOfFindings(ctx context.Context, tx *ent.Tx, reports []*ent.InspectionReport) error {
	facts, err := reportFacts(ctx, tx.Client(), reports)
	if err != nil {
		return err
	}
	var ids []uuid.UUID
	for _, r := range reports {
		ids = append(ids, r.ID)
	}
	_, files, err := evidence.UsesWith(ctx, tx.Client(), func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.ReportIDIn(ids...)) })
	if err != nil {
		return err
	}
	for _, r := range reports {
		for _, f := range facts[r.ID].Findings {
			at := provenSince(command.PolicyOf(r.Edges.Campaign), r, facts[r.ID], f, files)
			row, err := tx.Finding.Get(ctx, f.ID)
			if err != nil {
				return err
			}
			switch {
			case at == nil && row.ProvenAt != nil:
				err = row.Update().ClearProvenAt().Exec(ctx)
			case at != nil && row.ProvenAt == nil:
				err = row.Update().SetProvenAt(*at).Exec(ctx)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// provenSince is the first instant at which a finding had all evidence that it needs
// to be proven; nil when some of it is missing now.
func provenSince(p rule.Policy, r *ent.InspectionReport, facts rule.ReportFacts, f rule.FindingFacts, files map[uuid.UUID]*ent.Evidence) *time.Time {
	if len(rule.FindingGaps(p, facts, f)) > 0 {
		return nil
	}
	instants := []time.Time{*r.SubmittedAt}
	for _, x := range f.EvidenceRefs {
		if e := files[x.ID]; e != nil && e.VerifiedAt != nil && e.VerifiedAt.After(*r.SubmittedAt) {
			instants = append(instants, *e.VerifiedAt)
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	for _, t := range instants {
		earlier := f
		earlier.EvidenceRefs = slices.Clone(f.EvidenceRefs)
		for i, x := range earlier.EvidenceRefs {
			if e := files[x.ID]; e != nil && e.VerifiedAt != nil && e.VerifiedAt.After(t) {
				earlier.EvidenceRefs[i].Status = rule.Received
			}
		}
		if len(rule.FindingGaps(p, facts, earlier)) == 0 {
			return &t
		}
	}
	return r.ProvenAt
}

// datesOfCases writes until when cases were open, where that is missing.
func datesOfCases(ctx context.Context, tx *ent.Tx, schoolID uuid.UUID) error {
	rows, err := tx.AccountabilityCase.Query().Where(accountabilitycase.SchoolID(schoolID), accountabilitycase.DecidedAtNotNil(),
		accountabilitycase.FirstDecidedAtIsNil()).All(ctx)
	if err != nil {
		return err
	}
	for _, c := range rows {
		at := *c.DecidedAt
		if i := slices.IndexFunc(c.Steps, func(s rule.CaseStep) bool { return s.Event != rule.CaseEventAppealed }); i >= 0 {
			at = c.Steps[i].At
		}
		if err := c.Update().SetFirstDecidedAt(at).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// historiesOf plays the events of hazards, and the verdicts on their files, once more.
func historiesOf(ctx context.Context, client *ent.Client, hazards []*ent.Hazard) ([]rollup.History, error) {
	ids := make([]uuid.UUID, len(hazards))
	for i, h := range hazards {
		ids[i] = h.ID
	}
	rows, err := client.HazardEvent.Query().Where(hazardevent.HazardIDIn(ids...)).Order(hazardevent.BySequence()).All(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	uses, files, err := evidence.UsesWith(ctx, client, func(q *ent.EvidenceUseQuery) { q.Where(evidenceuse.HazardIDIn(ids...)) })
	if err != nil {
		return nil, err
	}
	events, named := map[uuid.UUID][]*ent.HazardEvent{}, map[uuid.UUID][]*ent.EvidenceUse{}
	for _, e := range rows {
		events[e.HazardID] = append(events[e.HazardID], e)
	}
	for _, u := range uses {
		named[*u.HazardID] = append(named[*u.HazardID], u)
	}
	out := make([]rollup.History, len(hazards))
	for i, h := range hazards {
		policy := command.PolicyOf(h.Edges.Campaign)
		out[i] = rollup.History{Owner: rollup.Owner{CampaignID: h.CampaignID, SchoolID: h.SchoolID}, HazardID: h.ID, Zone: policy.Zone()}
		p := replay{hazard: h, policy: policy, events: events[h.ID], uses: named[h.ID], files: files}
		out[i].Steps = p.steps()
	}
	return out, nil
}

// replay is a hazard's life played once more.
type replay struct {
	hazard *ent.Hazard
	policy rule.Policy
	events []*ent.HazardEvent
	uses   []*ent.EvidenceUse
	files  map[uuid.UUID]*ent.Evidence

	now rollup.Hazard
	// asked is the deadline of the extension that was asked for last; everUnderOversight
	// says that a reopened hazard is placed under oversight again.
	asked              clock.Date
	everUnderOversight bool
}

// steps are what the hazard became, in the order in which the server learnt it: at
// each event, and at each verdict on a file. It ends as the row is, whatever an
// earlier version has left out.
func (p *replay) steps() []rollup.Step {
	var out []rollup.Step
	last := p.hazard.ReportedAt
	played := 0
	for _, t := range p.instants() {
		for ; played < len(p.events) && !p.events[played].ReceivedAt.After(t); played++ {
			p.play(p.events[played])
			out = append(out, rollup.Step{At: p.events[played].HappenedAt, After: p.now})
		}
		p.now.Proven = len(hazardGaps(p.policy, p.stepsAt(t, p.events[:played]))) == 0
		out = append(out, rollup.Step{At: t, After: p.now})
		last = t
	}
	return append(out, rollup.Step{At: last, After: rollup.OfHazard(p.hazard)})
}

func (p *replay) instants() []time.Time {
	var out []time.Time
	for _, e := range p.events {
		out = append(out, e.ReceivedAt)
	}
	for _, u := range p.uses {
		e := p.files[u.EvidenceID]
		if e != nil && e.VerifiedAt != nil && len(p.events) > 0 && e.VerifiedAt.After(p.events[0].ReceivedAt) {
			out = append(out, *e.VerifiedAt)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// stepsAt are the steps taken by an instant, with the files as they were then.
func (p *replay) stepsAt(t time.Time, events []*ent.HazardEvent) []rule.StepFacts {
	var uses []*ent.EvidenceUse
	files := map[uuid.UUID]*ent.Evidence{}
	for _, u := range p.uses {
		if p.namedAt(u).After(t) {
			continue
		}
		uses = append(uses, u)
		e := p.files[u.EvidenceID]
		switch {
		case e == nil || e.AnnouncedAt.After(t):
		case e.VerifiedAt != nil && e.VerifiedAt.After(t):
			earlier := *e
			earlier.Status = rule.Received
			files[e.ID] = &earlier
		default:
			files[e.ID] = e
		}
	}
	return stepsOf(p.hazard, events, uses, files)
}

// namedAt is when a file was named: with the last event that the server had
// received by then, for both are written by one command.
func (p *replay) namedAt(u *ent.EvidenceUse) time.Time {
	at := u.CreatedAt
	for _, e := range p.events {
		if !e.ReceivedAt.After(u.CreatedAt) {
			at = e.ReceivedAt
		}
	}
	return at
}

// play is what an event makes of a hazard (app: the commands on hazards).
func (p *replay) play(e *ent.HazardEvent) {
	text := func(key string) string { s, _ := e.Payload[key].(string); return s }
	yes := func(key string) bool { b, _ := e.Payload[key].(bool); return b }
	h := &p.now
	h.Status = rule.HazardStatusAfter(h.Status, e.Kind)
	switch e.Kind {
	case rule.EventReported:
		row := rollup.OfHazard(p.hazard)
		*h = rollup.Hazard{
			Status: h.Status, Grade: rule.HazardGrade(text("grade")), DeadlineOn: rule.NoDeadline, Category: row.Category, Source: row.Source, ReportedAt: row.ReportedAt,
		}
	case rule.EventGraded:
		h.Grade = rule.HazardGrade(text("grade"))
	case rule.EventDowngradeDecided:
		if yes("approve") {
			h.Grade = rule.General
		}
	case rule.EventPlacedUnderOversight:
		h.UnderOversight, p.everUnderOversight, h.DeadlineOn = true, true, clock.Date(text("deadlineOn"))
	case rule.EventExtensionRequested:
		p.asked = clock.Date(text("untilOn"))
	case rule.EventExtensionDecided:
		if yes("grant") {
			h.DeadlineOn = p.asked
		}
	case rule.EventRejected:
		h.DeadlineOn = clock.Date(text("newDeadlineOn"))
	case rule.EventReopened:
		h.DeadlineOn, h.UnderOversight = clock.Date(text("newDeadlineOn")), p.everUnderOversight
	case rule.EventAccepted, rule.EventVoided:
		h.UnderOversight = false
	default: // changes nothing that figures count
	}
}
