package sampling

import (
	"cmp"
	"slices"
	"strconv"
)

// Code says why a visit is in a plan.
type Code string

// The codes. A visit fills one slot or, as FillsTotal, makes up the number; with
// overlapping kinds it may fill several.
const (
	FillsMiddle  Code = "FILLS_MIDDLE"
	FillsPrimary Code = "FILLS_PRIMARY"
	FillsPrivate Code = "FILLS_PRIVATE"
	FillsTotal   Code = "FILLS_TOTAL"

	// What a school is preferred for, the strongest first.
	OpenMajorHazards Code = "OPEN_MAJOR_HAZARDS" // detail: how many
	LongUnvisited    Code = "LONG_UNVISITED"     // detail: the last visit's day; empty: never visited
	Flagged          Code = "FLAGGED"            // detail: how many

	// NoOtherChoice: no school that is left out could take its place.
	NoOtherChoice Code = "NO_OTHER_CHOICE"
	// Drawn: one that is left out could have, with equal preference; the ticket
	// decided. Detail: the ticket.
	Drawn Code = "DRAWN"

	// TeamSwapped: too few members of the team whose area it is may inspect the
	// school. Detail: that team.
	TeamSwapped Code = "TEAM_SWAPPED"
	// TeamLent: the school is in no team's area.
	TeamLent Code = "TEAM_LENT"
	// Kept: the school was in the plan already; its team could not stay. Detail:
	// that team.
	Kept Code = "KEPT"
)

// Codes lists every code.
func Codes() []Code {
	return []Code{
		FillsMiddle, FillsPrimary, FillsPrivate, FillsTotal, OpenMajorHazards, LongUnvisited, Flagged, NoOtherChoice, Drawn,
		TeamSwapped, TeamLent, Kept,
	}
}

var fills = map[Kind]Code{Middle: FillsMiddle, Primary: FillsPrimary, Private: FillsPrivate}

// Reason is a code and what it is about.
type Reason struct {
	Code   Code   `json:"code"`
	Detail string `json:"detail,omitempty"`
}

// Visit is a visit that the plan proposes.
type Visit struct {
	Township, School, Team string
	Ticket                 string
	// Recused are the members of the team who must stay away.
	Recused []string
	Reasons []Reason
}

// DropCause says why an appointment can't stand any more.
type DropCause string

// The reasons.
const (
	SchoolGone DropCause = "SCHOOL_GONE" // closed, or in another township
	TeamGone   DropCause = "TEAM_GONE"
	// TeamRecused: too few members of its team may inspect the school.
	TeamRecused DropCause = "TEAM_RECUSED"
)

// Dropped is an appointment that can't stand any more. Where only its team can't
// go, another visit to the same school is proposed if any team can.
type Dropped struct {
	Appointment
	Cause DropCause
}

// Proposal is a plan: what to add to the appointments that stand.
type Proposal struct {
	Visits    []Visit // by township, then by preference
	Dropped   []Dropped
	Townships []Standing // with every visit of the plan carried out
	// Loads is how many visits each team then has.
	Loads map[string]int
}

// Plan proposes visits. Appointments stay as they are unless they can't; nothing
// is added that isn't needed. The error says what is wrong with the input.
func Plan(in Input) (Proposal, error) {
	if err := in.check(); err != nil {
		return Proposal{}, err
	}
	in = in.ordered()
	in.Rule = in.Rule.withDefaults()
	p := planner{in: in, staff: newStaff(in), unvisited: unvisitedSince(in.On, in.Rule.UnvisitedDays)}
	p.keep()
	for _, t := range in.Townships {
		p.township(t)
	}
	p.giveTeams()
	return p.out, nil
}

type planner struct {
	in         Input
	staff      *staff
	unvisited  string
	kept       map[string]bool   // schools whose appointment stands
	unassigned map[string]string // schools whose team can't stay → that team
	load       []int
	out        Proposal
}

// keep sorts the appointments into those that stand and those that are dropped.
func (p *planner) keep() {
	p.kept, p.unassigned = map[string]bool{}, map[string]string{}
	teams := map[string]int{}
	p.load = make([]int, len(p.in.Teams))
	for i, t := range p.in.Teams {
		teams[t.ID] = i
		p.load[i] = t.Load
	}
	open := map[string]bool{}
	for _, t := range p.in.Townships {
		for _, s := range t.Schools {
			open[s.ID] = true
		}
	}
	for _, a := range p.in.Appointments {
		team, known := teams[a.Team]
		switch {
		case !a.Done && !open[a.School]:
			p.out.Dropped = append(p.out.Dropped, Dropped{a, SchoolGone})
			continue
		case !a.Done && !known:
			p.drop(a, TeamGone)
			continue
		case !a.Done && !p.staff.able(team, a.School):
			p.drop(a, TeamRecused)
			continue
		}
		p.kept[a.School] = true
		if known {
			p.load[team]++
		}
	}
}

// drop drops an appointment whose school still needs a visit by another team.
func (p *planner) drop(a Appointment, why DropCause) {
	p.out.Dropped = append(p.out.Dropped, Dropped{a, why})
	p.unassigned[a.School] = a.Team
}

// township chooses the schools of one township.
func (p *planner) township(t Township) {
	r := p.in.Rule
	var fixed, open []School
	var before int // of fixed: those with an appointment that stands
	for _, s := range t.Schools {
		if p.kept[s.ID] {
			fixed = append(fixed, s)
		}
	}
	before = len(fixed)
	for _, s := range t.Schools {
		switch _, unassigned := p.unassigned[s.ID]; {
		case p.kept[s.ID], s.Barred, !p.staff.anyAble(s.ID):
		case unassigned:
			fixed = append(fixed, s)
		default:
			open = append(open, s)
		}
	}
	open = p.ranked(open)
	chosen := make([]bool, len(open))
	sample := slices.Clone(fixed)
	for _, i := range r.choose(fixed, open) {
		chosen[i] = true
		sample = append(sample, open[i])
	}
	var left []School
	for i, s := range open {
		if !chosen[i] {
			left = append(left, s)
		}
	}
	ids := make([]string, len(sample))
	for i, s := range sample {
		ids[i] = s.ID
	}
	standing := r.stand(t, ids, nil, func(k Kind) Why { return p.why(t, k) })
	p.out.Townships = append(p.out.Townships, standing)
	for i := before; i < len(sample); i++ {
		p.out.Visits = append(p.out.Visits, Visit{
			Township: t.ID, School: sample[i].ID, Ticket: Ticket(p.in.Seed, sample[i].ID),
			Reasons: p.reasons(standing, sample, i, left),
		})
	}
}

// why tells what keeps the schools of a kind from being visited; every school for
// the total.
func (p *planner) why(t Township, k Kind) Why {
	barred := func(s School) bool { return s.Barred && !p.kept[s.ID] && (k == "" || s.Is(k)) && p.staff.anyAble(s.ID) }
	if slices.ContainsFunc(t.Schools, barred) {
		return SchoolBarred
	}
	return NoIndependentTeam
}

// priority is the order in which schools are preferred: the lowest number first.
// Between equal ones the ticket decides. One bit for each reason, the strongest
// reason highest: 0 where it applies.
func (p *planner) priority(s School) int {
	n := 0
	for _, applies := range []bool{s.MajorHazards > 0, s.LastVisitedOn < p.unvisited, s.Flags > 0} {
		n <<= 1
		if !applies {
			n |= 1
		}
	}
	return n
}

func (p *planner) ranked(schools []School) []School {
	return slices.SortedFunc(slices.Values(schools), func(a, b School) int {
		return cmp.Or(cmp.Compare(p.priority(a), p.priority(b)),
			cmp.Compare(Ticket(p.in.Seed, a.ID), Ticket(p.in.Seed, b.ID)), cmp.Compare(a.ID, b.ID))
	})
}

// reasons explains one school of a sample.
func (p *planner) reasons(standing Standing, sample []School, i int, left []School) []Reason {
	s := sample[i]
	var out []Reason
	for _, slot := range standing.Slots {
		if slot.School == s.ID {
			out = append(out, Reason{Code: fills[slot.Kind]})
		}
	}
	if len(out) == 0 {
		out = append(out, Reason{Code: FillsTotal})
	}
	if s.MajorHazards > 0 {
		out = append(out, Reason{OpenMajorHazards, strconv.Itoa(s.MajorHazards)})
	}
	if s.LastVisitedOn < p.unvisited {
		out = append(out, Reason{LongUnvisited, s.LastVisitedOn})
	}
	if s.Flags > 0 {
		out = append(out, Reason{Flagged, strconv.Itoa(s.Flags)})
	}
	if team, unassigned := p.unassigned[s.ID]; unassigned {
		return append(out, Reason{Kept, team})
	}
	return append(out, p.chance(sample, i, left)...)
}

// chance tells whether a school had to be taken, or the draw decided.
func (p *planner) chance(sample []School, i int, left []School) []Reason {
	slots := p.in.Rule.slots()
	best := p.in.Rule.filled(slots, sample)
	other := slices.Clone(sample)
	replaceable := false
	for _, s := range left {
		other[i] = s
		if p.in.Rule.filled(slots, other) < best {
			continue
		}
		replaceable = true
		if p.priority(s) == p.priority(sample[i]) {
			return []Reason{{Drawn, Ticket(p.in.Seed, sample[i].ID)}}
		}
	}
	if !replaceable {
		return []Reason{{Code: NoOtherChoice}}
	}
	return nil
}

// giveTeams shares the proposed visits out.
func (p *planner) giveTeams() {
	order := p.staff.every()
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(Ticket(p.in.Seed, p.in.Teams[a].ID), Ticket(p.in.Seed, p.in.Teams[b].ID))
	})
	candidates := make([][]int, len(p.out.Visits))
	notes := make([]Code, len(p.out.Visits))
	for i, v := range p.out.Visits {
		candidates[i], notes[i] = p.staff.candidates(v.Township, v.School)
	}
	for i, team := range share(candidates, p.load, order) {
		v := &p.out.Visits[i]
		v.Team = p.in.Teams[team].ID // a school that no team can go to was never chosen
		v.Recused = p.staff.away(team, v.School)
		if notes[i] != "" {
			v.Reasons = append(v.Reasons, Reason{Code: notes[i], Detail: p.areaTeam(v.Township, v.School)})
		}
	}
	p.out.Loads = map[string]int{}
	for i, t := range p.in.Teams {
		p.out.Loads[t.ID] = p.load[i]
	}
}

// areaTeam is the first team whose area a school is; empty for none.
func (p *planner) areaTeam(township, school string) string {
	own := p.staff.bySchool[school]
	if len(own) == 0 {
		own = p.staff.byTownship[township]
	}
	if len(own) == 0 {
		return ""
	}
	return p.in.Teams[own[0]].ID
}
