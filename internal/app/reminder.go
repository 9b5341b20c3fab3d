package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/holiday"
	"github.com/cleargrid/cleargrid/ent/predicate"
	"github.com/cleargrid/cleargrid/ent/reminder"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/command"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/figures"
	"github.com/cleargrid/cleargrid/internal/id"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/store"
)

const (
	// tickEvery is how often clocks are looked at.
	tickEvery = time.Hour
	// tickAtOnce is how many reminders are written at a time.
	tickAtOnce = 200
)

// tickReminders is the background job that reminds people of the clocks of open
// hazards: of oversight orders that are due, of deadlines that are near or have passed,
// and of those that passed days ago. A reminder that was sent is not sent again,
// however many workers run and however often. After a time without runs only the
// reminders of the present state are sent (rule.TickWindows).
func (a *App) tickReminders(ctx context.Context) error {
	campaigns, err := a.store.Ent.Campaign.Query().All(ctx)
	if err != nil {
		return store.Fault(err)
	}
	now := a.clock.Now()
	for _, c := range campaigns {
		t := tick{app: a, campaign: c, policy: command.PolicyOf(c), now: now}
		if err := t.run(ctx); err != nil {
			return fmt.Errorf("reminders of %s: %w", c.PublicID(), err)
		}
	}
	return nil
}

// tick is one look at the clocks of one campaign.
type tick struct {
	app      *App
	campaign *ent.Campaign
	policy   rule.Policy
	now      time.Time
}

func (t tick) run(ctx context.Context) error {
	for _, grade := range []rule.HazardGrade{rule.General, rule.Major} {
		for _, to := range rule.OversightAddressees(grade) {
			if err := t.oversightDue(ctx, grade, to); err != nil {
				return err
			}
		}
	}
	today := t.policy.Today(t.now)
	days, err := t.app.holidaysAround(ctx, today)
	if err != nil {
		return err
	}
	for _, w := range rule.TickWindows(t.policy.Deadlines, days, today) {
		if err := t.deadlines(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// oversightDue reminds of hazards in the gap between report and oversight.
func (t tick) oversightDue(ctx context.Context, grade rule.HazardGrade, to rule.Addressee) error {
	gap := []predicate.Hazard{hazard.GradeEQ(grade), func(s *sql.Selector) { s.Where(figures.NeedsOversightAt(s, s.C, t.now)) }}
	told := func(_ *sql.Selector, r *sql.SelectTable) *sql.Predicate {
		return sql.EQ(r.C(reminder.FieldDays), 0)
	}
	return t.tell(ctx, rule.Tick{Kind: rule.ReminderOversight, To: to}, gap, told, func(h *ent.Hazard) clock.Date {
		return clock.DateOf(*h.OversightDueBy, t.policy.Zone())
	})
}

// deadlines reminds of the deadlines for which a tick is the present one.
func (t tick) deadlines(ctx context.Context, w rule.TickWindow) error {
	window := []predicate.Hazard{
		hazard.StatusIn(w.Kind.Statuses()...), hazard.DeadlineOnGTE(w.From), hazard.DeadlineOnLTE(w.Until),
	}
	told := func(h *sql.Selector, r *sql.SelectTable) *sql.Predicate {
		return sql.And(sql.EQ(r.C(reminder.FieldDays), w.Days), sql.ColumnsEQ(r.C(reminder.FieldDueOn), h.C(hazard.FieldDeadlineOn)))
	}
	return t.tell(ctx, w.Tick, window, told, func(h *ent.Hazard) clock.Date { return h.DeadlineOn })
}

// tell writes a reminder for every hazard of a kind that has none yet, some
// hundred at a time. A hazard that another worker has told about meanwhile keeps
// the one it has.
func (t tick) tell(ctx context.Context, what rule.Tick, which []predicate.Hazard,
	told func(*sql.Selector, *sql.SelectTable) *sql.Predicate, dueOn func(*ent.Hazard) clock.Date,
) error {
	untold := func(s *sql.Selector) {
		r := sql.Table(reminder.Table)
		known := sql.Dialect(s.Dialect()).Select(r.C(reminder.FieldID)).From(r).Where(sql.And(
			sql.ColumnsEQ(r.C(reminder.FieldHazardID), s.C(hazard.FieldID)), sql.EQ(r.C(reminder.FieldKind), what.Kind),
			sql.EQ(r.C(reminder.FieldToRole), string(what.To)), told(s, r)))
		s.Where(sql.Not(sql.Exists(known)))
	}
	for {
		rows, err := t.app.store.Ent.Hazard.Query().Where(hazard.CampaignID(t.campaign.ID)).Where(which...).Where(untold).
			WithSchool().Limit(tickAtOnce).All(ctx)
		if err != nil {
			return store.Fault(err)
		}
		if len(rows) > 0 {
			if err := t.write(ctx, what, rows, dueOn); err != nil {
				return err
			}
		}
		if len(rows) < tickAtOnce {
			return nil
		}
	}
}

func (t tick) write(ctx context.Context, what rule.Tick, rows []*ent.Hazard, dueOn func(*ent.Hazard) clock.Date) error {
	return t.app.store.InTx(ctx, func(ctx context.Context, tx *ent.Tx) error {
		all := make([]*ent.ReminderCreate, len(rows))
		for i, h := range rows {
			all[i] = tx.Reminder.Create().SetHazardID(h.ID).SetSchoolID(h.SchoolID).SetKind(what.Kind).SetToRole(authz.Role(what.To)).
				SetDays(what.Days).SetDueOn(dueOn(h)).SetRegionPath(h.Edges.School.RegionPath).SetRaisedAt(t.now).SetCreatedAt(t.now)
		}
		return tx.Reminder.CreateBulk(all...).
			OnConflictColumns(reminder.FieldHazardID, reminder.FieldKind, reminder.FieldToRole, reminder.FieldDays, reminder.FieldDueOn).
			DoNothing().Exec(ctx)
	})
}

// holidaysAround are the days near a day that differ from the calendar, as far as
// any reminder looks.
func (a *App) holidaysAround(ctx context.Context, day clock.Date) (rule.Holidays, error) {
	rows, err := a.store.Ent.Holiday.Query().Where(holiday.DayGTE(day.AddDays(-366)), holiday.DayLTE(day.AddDays(366))).All(ctx)
	out := make(rule.Holidays, len(rows))
	for _, h := range rows {
		out[h.Day] = h.Kind
	}
	return out, store.Fault(err)
}

// Holidays lists the days of a year that differ from the calendar, in time.
func (a *App) Holidays(ctx context.Context, year int) ([]*ent.Holiday, error) {
	if _, err := command.SignedIn(ctx); err != nil {
		return nil, err
	}
	if year < 2000 || year > 2999 {
		return nil, fault.Bad("year", "range", fault.T("年份须为 2000 至 2999。", "A year is 2000 to 2999."))
	}
	from := clock.Date(strconv.Itoa(year) + "-01-01")
	until := clock.Date(strconv.Itoa(year) + "-12-31")
	rows, err := a.store.Ent.Holiday.Query().Where(holiday.DayGTE(from), holiday.DayLTE(until)).Order(holiday.ByDay()).All(ctx)
	return rows, store.Fault(err)
}

// ReminderFilter narrows a list of reminders; every field given must hold.
type ReminderFilter struct {
	SchoolID *id.ID
	Kind     *rule.ReminderKind
}

// Reminders lists the reminders that are addressed to the viewer: to a role that
// he or she holds at the hazard's school or in a region around it. The newest
// come first.
func (a *App) Reminders(ctx context.Context, p command.PageArgs, f *ReminderFilter) (command.Page[*ent.Reminder], error) {
	pq, err := command.NewPageQuery(p, command.Order{Field: "RAISED_AT", Column: reminder.FieldRaisedAt, IsTime: true, Desc: true})
	if err != nil {
		return command.Page[*ent.Reminder]{}, err
	}
	q := a.store.Ent.Reminder.Query().Where(scope.RemindersTo(authz.FromContext(ctx)))
	if f != nil {
		var bad fault.Input
		command.OptionalID(&bad, "filter.schoolId", f.SchoolID, id.School)
		if err := bad.Err(); err != nil {
			return command.Page[*ent.Reminder]{}, err
		}
		if f.SchoolID != nil {
			q.Where(reminder.SchoolID(f.SchoolID.UUID))
		}
		if f.Kind != nil {
			q.Where(reminder.KindEQ(*f.Kind))
		}
	}
	q.Modify(pq.Apply)
	rows, err := q.All(ctx)
	if err != nil {
		return command.Page[*ent.Reminder]{}, store.Fault(err)
	}
	return command.PageOf(pq, rows, func(r *ent.Reminder) (string, uuid.UUID) { return command.TimeKey(r.RaisedAt), r.ID }), nil
}

// RemindersOfHazards lists who was reminded of these hazards, the newest first.
func (a *App) RemindersOfHazards(ctx context.Context, hazards []uuid.UUID) ([]*ent.Reminder, error) {
	rows, err := a.store.Ent.Reminder.Query().Where(reminder.HazardIDIn(hazards...)).
		Order(ent.Desc(reminder.FieldRaisedAt), ent.Desc(reminder.FieldID)).All(ctx)
	return rows, store.Fault(err)
}
