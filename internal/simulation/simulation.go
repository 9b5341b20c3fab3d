// Package simulation plays a whole hazard month for a demo county, through the
// use cases alone, from a fixed random seed.
//
// It decides what people do on which day: grid members who forget, late
// reporters, reused photos, visits off the ground, two people who decide at once.
// What it plants it writes down, and at the end it compares that truth with every
// figure and every case of the product. It never writes a row by itself. The
// command `seed --simulate` and the acceptance test call it.
package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/app"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
)

// County is what a month is played on: the use cases on a demo county that was
// made just now, and the clock that all of them go by.
type County struct {
	App *app.App
	// Ent reads the county's people and places.
	Ent   *ent.Client
	Clock *clock.Fake
	// Work runs the background jobs that wait (job.Queue.Work).
	Work func(context.Context) error
	Log  zerolog.Logger
}

// Options say how the month goes.
type Options struct {
	// Seed decides everything that is drawn: equal seeds play equal months.
	Seed uint64
}

// Line is one figure or one kind of case: what was planted and what was found.
type Line struct {
	Name           string
	Planted, Found int
}

// Report is the outcome of a month.
type Report struct {
	// Lines are sorted by name.
	Lines []Line
	// Events is the number of things that people did.
	Events int
}

// Differences are the lines whose sides are not equal.
func (r *Report) Differences() []Line {
	return slices.DeleteFunc(slices.Clone(r.Lines), func(l Line) bool { return l.Planted == l.Found })
}

// Run plays the month and compares. An error means that somebody could not do
// what the plan allows, or that the county is not a fresh demo county.
func Run(ctx context.Context, c County, o Options) (*Report, error) {
	m := &month{
		County: c, ctx: ctx, sys: authz.AsSystem(ctx), planted: map[string]int{}, people: map[uuid.UUID][]person{},
		visited: map[string]time.Time{}, noticed: map[uuid.UUID]time.Time{},
		draw: rand.New(rand.NewPCG(o.Seed, 20)), //nolint:gosec // a month must repeat itself
	}
	if err := m.look(); err != nil {
		return nil, err
	}
	m.script()
	if err := m.play(); err != nil {
		return nil, err
	}
	return m.report()
}

// month is one play.
type month struct {
	County
	ctx, sys context.Context
	draw     *rand.Rand
	pictures uint64
	first    []byte // the month's first photo

	campaign *ent.Campaign
	zone     *time.Location
	schools  []*ent.School
	people   map[uuid.UUID][]person // by school
	bureau   map[string]uuid.UUID   // by account
	items    []*ent.ChecklistItem

	acts    []act
	events  int
	planted map[string]int
	dated   []dated
	// visited is when each township had its last visit, and noticed when each team
	// had its first notice.
	visited map[string]time.Time
	noticed map[uuid.UUID]time.Time
}

// dated is something that was planted for an instant and those after it.
type dated struct {
	at   time.Time
	name string
	n    int
}

// act is one thing that somebody does at an instant.
type act struct {
	at   time.Time
	name string
	do   func() error
}

// person is a person of a school.
type person struct {
	id   uuid.UUID
	role authz.Role
}

// look reads who is there.
func (m *month) look() error {
	var err error
	if m.campaign, err = m.Ent.Campaign.Query().Only(m.sys); err != nil {
		return fmt.Errorf("simulation: the campaign of the demo county: %w", err)
	}
	m.zone = m.campaign.Policy.WithDefaults().Zone()
	if used, err := m.Ent.Hazard.Query().Exist(m.sys); err != nil || used {
		return errors.Join(err, errors.New("simulation: this county has hazards already"))
	}
	if m.schools, err = m.Ent.School.Query().WithRegion().Order(ent.Asc("code")).All(m.sys); err != nil {
		return fmt.Errorf("simulation: schools: %w", err)
	}
	if m.items, err = m.Ent.ChecklistItem.Query().Order(ent.Asc("number")).All(m.sys); err != nil {
		return fmt.Errorf("simulation: the checklist: %w", err)
	}
	m.items = slices.DeleteFunc(m.items, func(i *ent.ChecklistItem) bool { return i.ChecklistID != m.campaign.ChecklistID })
	memberships, err := m.Ent.Membership.Query().WithUser().Order(ent.Asc("id")).All(m.sys)
	if err != nil {
		return fmt.Errorf("simulation: people: %w", err)
	}
	m.bureau = map[string]uuid.UUID{}
	for _, x := range memberships {
		if x.SchoolID == nil {
			m.bureau[x.Edges.User.Account] = x.UserID
			continue
		}
		m.people[*x.SchoolID] = append(m.people[*x.SchoolID], person{x.UserID, x.Role})
	}
	return nil
}

// who is the first person of a school with a role.
func (m *month) who(s *ent.School, r authz.Role) uuid.UUID {
	for _, p := range m.people[s.ID] {
		if p.role == r {
			return p.id
		}
	}
	return uuid.Nil
}

// as is a context in which somebody acts, with the grants of that instant.
func (m *month) as(user uuid.UUID) context.Context {
	v, err := m.App.ViewerOf(m.ctx, user)
	if err != nil { // nobody: every use case refuses
		return authz.NewContext(m.ctx, authz.Viewer{})
	}
	return authz.NewContext(m.ctx, v)
}

// on is an instant of the n-th day of the campaign, from 0, in its zone.
func (m *month) on(day, hour, minute int) time.Time {
	return m.campaign.StartsOn.AddDays(day).Start(m.zone).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// day is a date of the campaign, from 0.
func (m *month) day(n int) clock.Date { return m.campaign.StartsOn.AddDays(n) }

// will has somebody do something at an instant.
func (m *month) will(at time.Time, name string, do func() error) {
	m.acts = append(m.acts, act{at, name, do})
}

// plant notes what must be found at the end.
func (m *month) plant(name string, n int) { m.planted[name] += n }

// since notes what must be found from an instant on, and at the end.
func (m *month) since(at time.Time, name string, n int) {
	m.plant(name, n)
	m.dated = append(m.dated, dated{at, name, n})
}

// play lets everything happen in its order. Background work is done before the
// next day begins: what somebody waits for is there the next morning.
func (m *month) play() error {
	today := m.campaign.StartsOn
	for len(m.acts) > 0 {
		slices.SortStableFunc(m.acts, func(a, b act) int { return a.at.Compare(b.at) }) // what people do makes others act
		a := m.acts[0]
		m.acts = m.acts[1:]
		for day := clock.DateOf(a.at, m.zone); today < day; today = today.AddDays(1) {
			if err := m.evening(today); err != nil {
				return err
			}
		}
		m.Clock.Set(a.at)
		m.events++
		if err := a.do(); err != nil {
			return fmt.Errorf("%s at %s: %w", a.name, a.at.In(m.zone).Format(time.DateTime), err)
		}
	}
	for ; today <= m.campaign.EndsOn; today = today.AddDays(1) {
		if err := m.evening(today); err != nil {
			return err
		}
	}
	m.Clock.Set(m.on(m.days(), 9, 0)) // the morning after the last day
	return m.rest()
}

// evening ends a day: background work is done, and what time alone brings about
// has happened.
func (m *month) evening(day clock.Date) error {
	m.Clock.Set(day.Start(m.zone).Add(23 * time.Hour))
	m.Log.Debug().Str("day", string(day)).Msg("a day of the month is over")
	return m.rest()
}

func (m *month) rest() error {
	if err := m.Work(m.ctx); err != nil {
		return err
	}
	if err := m.App.RunClocks(m.sys); err != nil {
		return err
	}
	return m.Work(m.ctx)
}

// days is the length of the campaign.
func (m *month) days() int {
	n := 0
	for d := m.campaign.StartsOn; d <= m.campaign.EndsOn; d = d.AddDays(1) {
		n++
	}
	return n
}

// report compares what was planted with what the product says to the section.
func (m *month) report() (*Report, error) {
	found, err := m.found()
	if err != nil {
		return nil, err
	}
	r := &Report{Events: m.events}
	if err := m.everyFigure(r, m.planted, found); err != nil {
		return nil, err
	}
	r.compare("", m.planted, found)
	for _, day := range []int{supervisionFrom - 1, supervisionFrom + 4} { // the end of self-inspection, and amid the supervision
		if err := m.asOf(r, day); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(r.Lines, func(a, b Line) int { return strings.Compare(a.Name, b.Name) })
	return r, nil
}

func (r *Report) compare(when string, planted, found map[string]int) {
	names := map[string]bool{}
	for name := range planted {
		names[name] = true
	}
	for name := range found {
		names[name] = true
	}
	for name := range names {
		r.Lines = append(r.Lines, Line{when + name, planted[name], found[name]})
	}
}

// asOf compares what had been planted by the end of a day with what the product
// says, afterwards, of that instant.
func (m *month) asOf(r *Report, day int) error {
	at := m.on(day, 23, 30)
	found, err := m.figures(&at)
	if err != nil {
		return err
	}
	planted, then := map[string]int{"handIns.teams": 0, "handIns.complete": 0, "supervision.townshipsMeeting": 0}, map[string]int{}
	for _, d := range m.dated {
		planted[d.name] += 0
		if !d.at.After(at) {
			planted[d.name] += d.n
		}
	}
	for _, first := range m.noticed {
		if !first.After(at) {
			planted["handIns.teams"]++
		}
	}
	for _, last := range m.visited {
		if !last.After(at) {
			planted["supervision.townshipsMeeting"]++
		}
	}
	for name := range planted {
		then[name] = found[name]
	}
	r.compare(fmt.Sprintf("as of day %d: ", day+1), planted, then)
	return nil
}
