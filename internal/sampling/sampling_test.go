package sampling

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const worlds = 3000

func eachWorld(t *testing.T, check func(t *testing.T, in Input)) {
	t.Helper()
	for i := range uint64(worlds) {
		in := world(rand.New(rand.NewPCG(i, 5)))
		if check(t, in); t.Failed() {
			t.Fatalf("world %d: %+v", i, in)
		}
	}
}

func planned(t *testing.T, in Input) Proposal {
	t.Helper()
	p, err := Plan(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanIsTheBestThereIs(t *testing.T) {
	eachWorld(t, func(t *testing.T, in Input) { checkOptimum(t, in, planned(t, in)) })
}

// checkOptimum compares a plan with the best of all sets of schools.
func checkOptimum(t *testing.T, in Input, p Proposal) {
	t.Helper()
	in = in.ordered()
	in.Rule = in.Rule.withDefaults()
	ref := planner{in: in, staff: newStaff(in), unvisited: unvisitedSince(in.On, in.Rule.UnvisitedDays)}
	dropped := map[string]DropCause{}
	for _, f := range p.Dropped {
		dropped[f.School] = f.Cause
	}
	for i, township := range in.Townships {
		var fixed, open []School
		var again, got []string
		for _, s := range township.Schools {
			at := slices.IndexFunc(in.Appointments, func(a Appointment) bool { return a.School == s.ID })
			goes := !s.Barred && slices.ContainsFunc(in.Teams, func(team Team) bool { return independent(in, team, s.ID) >= in.Rule.Inspectors })
			switch {
			case at >= 0 && dropped[s.ID] == "":
				fixed = append(fixed, s)
			case !goes:
			case at >= 0:
				fixed, again = append(fixed, s), append(again, s.ID)
			default:
				open = append(open, s)
			}
		}
		want := append(again, bestSample(in.Rule, fixed, ref.ranked(open))...)
		for _, v := range p.Visits {
			if v.Township == township.ID {
				got = append(got, v.School)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: visits %v, the best are %v", township.ID, got, want)
		}
		filled, exempt, missing := 0, 0, 0
		for _, s := range p.Townships[i].Slots {
			if s.School != "" {
				filled++
			}
		}
		for _, e := range p.Townships[i].Exemptions {
			exempt += e.Count
		}
		for _, l := range p.Townships[i].Gaps {
			if l.Kind != "" {
				missing += l.Count
			}
		}
		slots := in.Rule.slots()
		possible := mostFilled(in.Rule, slots, township.Schools)
		if reachable := mostFilled(in.Rule, slots, append(slices.Clone(fixed), open...)); filled != reachable {
			t.Errorf("%s: %d slots filled, %d can be", township.ID, filled, reachable)
		}
		if exempt != len(slots)-possible || missing != possible-filled {
			t.Errorf("%s: %d exempt and %d missing of %d slots, %d possible, %d filled", township.ID, exempt, missing, len(slots), possible, filled)
		}
	}
}

// independent counts the members of a team who may go to a school.
func independent(in Input, team Team, school string) int {
	n := 0
	for _, m := range team.Members {
		if !slices.ContainsFunc(in.Memberships, func(x Membership) bool {
			return x.Person == m && x.School == school && (x.Until == "" || x.Until >= RecusedSince(in.On, in.Rule.RecusalMonths))
		}) {
			n++
		}
	}
	return n
}

func TestNobodyIsSentToAnOwnSchool(t *testing.T) {
	eachWorld(t, func(t *testing.T, in Input) {
		p := planned(t, in)
		for _, v := range p.Visits {
			team := in.Teams[slices.IndexFunc(in.Teams, func(x Team) bool { return x.ID == v.Team })]
			free := independent(in, team, v.School)
			if free < max(1, in.Rule.Inspectors) || free != len(team.Members)-len(v.Recused) {
				t.Errorf("%s to %s: %d of %d members are independent, %v must stay away", v.Team, v.School, free, len(team.Members), v.Recused)
			}
			own := slices.ContainsFunc(in.Teams, func(x Team) bool {
				return (slices.Contains(x.Schools, v.School) || slices.Contains(x.Townships, v.Township)) && x.ID == v.Team
			})
			noted := slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Code == TeamSwapped || r.Code == TeamLent })
			if !own && !noted {
				t.Errorf("%s goes to %s outside of its area without a word: %v", v.Team, v.School, v.Reasons)
			}
		}
	})
}

// TestLoadsCannotBeFairer tries every way to give the visits to the teams that
// may take them.
func TestLoadsCannotBeFairer(t *testing.T) {
	eachWorld(t, func(t *testing.T, in Input) {
		p := planned(t, in)
		if len(p.Visits) == 0 || len(p.Visits) > 7 {
			return
		}
		in = in.ordered()
		in.Rule = in.Rule.withDefaults()
		ref := planner{in: in, staff: newStaff(in)}
		ref.keep()
		squares := func(load []int) int {
			n := 0
			for _, l := range load {
				n += l * l
			}
			return n
		}
		best := -1
		var try func(i int)
		try = func(i int) {
			if i == len(p.Visits) {
				if n := squares(ref.load); best < 0 || n < best {
					best = n
				}
				return
			}
			c, _ := ref.staff.candidates(p.Visits[i].Township, p.Visits[i].School)
			for _, team := range c {
				ref.load[team]++
				try(i + 1)
				ref.load[team]--
			}
		}
		try(0)
		var got []int
		for _, n := range p.Loads {
			got = append(got, n)
		}
		if squares(got) != best {
			t.Errorf("loads %v, squares %d; %d is possible", p.Loads, squares(got), best)
		}
	})
}

func TestOrderDoesNotMatterAndTheDrawRepeats(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	eachWorld(t, func(t *testing.T, in Input) {
		p := planned(t, in)
		other := shuffled(r, in)
		if !reflect.DeepEqual(p, planned(t, other)) {
			t.Error("another order gives another plan")
		}
		if !reflect.DeepEqual(p, planned(t, in)) {
			t.Error("the same input gives another plan")
		}
		if in.Digest() != other.Digest() {
			t.Error("another order gives another digest")
		}
		other.Seed += "!"
		if in.Digest() == other.Digest() {
			t.Error("another seed gives the same digest")
		}
	})
}

// TestAPlanCarriedOutNeedsNoMore plans again with every visit of the plan
// appointed: nothing may be added, nothing fall out.
func TestAPlanCarriedOutNeedsNoMore(t *testing.T) {
	eachWorld(t, func(t *testing.T, in Input) {
		p := planned(t, in)
		next := in
		next.Appointments = appointed(in, p)
		next.Seed = "another seed"
		again := planned(t, next)
		if len(again.Visits) > 0 || len(again.Dropped) > 0 {
			t.Errorf("added %v, dropped %v", again.Visits, again.Dropped)
		}
		if !reflect.DeepEqual(p.Loads, again.Loads) {
			t.Errorf("loads %v became %v", p.Loads, again.Loads)
		}
		for i, s := range again.Townships {
			if !reflect.DeepEqual(s, p.Townships[i]) {
				t.Errorf("standing %+v became %+v", p.Townships[i], s)
			}
		}
	})
}

func appointed(in Input, p Proposal) []Appointment {
	out := slices.DeleteFunc(slices.Clone(in.Appointments), func(a Appointment) bool {
		return slices.ContainsFunc(p.Dropped, func(f Dropped) bool { return f.School == a.School })
	})
	for _, v := range p.Visits {
		out = append(out, Appointment{School: v.School, Team: v.Team})
	}
	return out
}

// TestOneVisitFallsOut closes one planned school: the others stay, at most one
// more school comes in its place than is needed to fill what it filled.
func TestOneVisitFallsOut(t *testing.T) {
	eachWorld(t, func(t *testing.T, in Input) {
		p := planned(t, in)
		if len(p.Visits) == 0 {
			return
		}
		gone := p.Visits[len(p.Visits)/2].School
		next := in
		next.Appointments = appointed(in, p)
		next.Townships = slices.Clone(in.Townships)
		for i := range next.Townships {
			next.Townships[i].Schools = slices.DeleteFunc(slices.Clone(next.Townships[i].Schools), func(s School) bool { return s.ID == gone })
		}
		again := planned(t, next)
		if len(again.Dropped) != 1 || again.Dropped[0].School != gone || again.Dropped[0].Cause != SchoolGone {
			t.Errorf("dropped: %v, want %s", again.Dropped, gone)
		}
		for _, v := range again.Visits {
			if !slices.ContainsFunc(p.Visits, func(x Visit) bool { return x.School == gone && x.Township == v.Township }) {
				t.Errorf("%s in %s is new, though nothing fell out there", v.School, v.Township)
			}
		}
		checkOptimum(t, next, again)
	})
}

// TestPartFillsNoOtherSlot holds up a step of Prove: a slot that all schools of a
// township leave empty is left empty by any part of them.
func TestPartFillsNoOtherSlot(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	eachWorld(t, func(t *testing.T, in Input) {
		for _, township := range in.Townships {
			there := sorted(township.Schools, func(s School) string { return s.ID })
			part := slices.DeleteFunc(slices.Clone(there), func(School) bool { return r.IntN(2) == 0 })
			slots := in.Rule.slots()
			all, some := in.Rule.fill(slots, there), in.Rule.fill(slots, part)
			for i := range slots {
				if some[i] >= 0 && all[i] < 0 {
					t.Errorf("slot %d %s is filled by a part only", i, slots[i])
				}
			}
		}
	})
}

func TestProofCountsTheMostSlots(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	eachWorld(t, func(t *testing.T, in Input) {
		for _, township := range in.Townships {
			var visited []string
			var were []School
			for _, s := range township.Schools {
				if r.IntN(2) == 0 {
					visited, were = append(visited, s.ID, s.ID), append(were, s) // a second visit counts nothing
				}
			}
			visited = append(visited, "school-elsewhere")
			proof := Prove(in.Rule, township, visited, nil)
			filled := 0
			used := map[string]bool{}
			for _, slot := range proof.Slots {
				if slot.School == "" {
					continue
				}
				filled++
				at := slices.IndexFunc(were, func(s School) bool { return s.ID == slot.School })
				if at < 0 || !were[at].Is(slot.Kind) || used[slot.School] && !in.Rule.AllowOverlap {
					t.Errorf("slot %+v is filled wrongly: %+v", slot, proof.Slots)
				}
				used[slot.School] = true
			}
			if want := mostFilled(in.Rule, in.Rule.slots(), were); filled != want {
				t.Errorf("%d slots filled, %d can be", filled, want)
			}
			if proof.Visited != len(were) || proof.Required != min(in.Rule.Schools, len(township.Schools)) {
				t.Errorf("visited %d of %d, want %d of %d", proof.Visited, proof.Required, len(were), in.Rule.Schools)
			}
		}
	})
}

// school makes a school from a word: m, p and v stand for its kinds.
func school(id, kinds string) School {
	return School{
		ID: id, Middle: strings.Contains(kinds, "m"), Primary: strings.Contains(kinds, "p"), Private: strings.Contains(kinds, "v"),
		LastVisitedOn: "2021-04-01",
	}
}

func TestProve(t *testing.T) {
	one := []School{school("a", "m"), school("b", "p"), school("c", "pv"), school("d", "p")}
	for name, c := range map[string]struct {
		rule      Rule
		schools   []School
		visited   []string
		confirmed []Kind
		want      string
		meets     bool
	}{
		"all three":              {byDefault, one, []string{"a", "b", "c"}, nil, "need 3 got 3 MIDDLE=a PRIMARY=b PRIVATE=c", true},
		"the private is primary": {byDefault, one, []string{"a", "c", "d"}, nil, "need 3 got 3 MIDDLE=a PRIMARY=d PRIVATE=c", true},
		"private is missing":     {byDefault, one, []string{"a", "b", "d"}, nil, "need 3 got 3 MIDDLE=a PRIMARY=b PRIVATE= missing PRIVATE 1", false},
		"one visit":              {byDefault, one, []string{"c"}, nil, "need 3 got 1 MIDDLE= PRIMARY=c PRIVATE= missing MIDDLE 1 missing PRIVATE 1 missing  2", false},
		"no private school": {byDefault, []School{school("a", "m"), school("b", "p"), school("d", "p")}, []string{"a", "b", "d"}, nil,
			"need 3 got 3 MIDDLE=a PRIMARY=b PRIVATE= exempt PRIVATE 1 NO_SUCH_SCHOOL", false},
		"and that is confirmed": {byDefault, []School{school("a", "m"), school("b", "p"), school("d", "p")}, []string{"a", "b", "d"}, []Kind{Private},
			"need 3 got 3 MIDDLE=a PRIMARY=b PRIVATE= exempt PRIVATE 1 NO_SUCH_SCHOOL confirmed", true},
		"a confirmation of what is there helps nothing": {byDefault, one, []string{"a", "b"}, []Kind{Private},
			"need 3 got 2 MIDDLE=a PRIMARY=b PRIVATE= missing PRIVATE 1 missing  1", false},
		"one school for two": {byDefault, []School{school("a", "m"), school("b", "pv")}, []string{"a", "b"}, nil,
			"need 2 got 2 MIDDLE=a PRIMARY=b PRIVATE= exempt PRIVATE 1 NO_DISTINCT_SCHOOL b", false},
		"overlap": {Rule{Schools: 3, Middle: 1, Primary: 1, Private: 1, AllowOverlap: true}, []School{school("a", "m"), school("b", "pv")},
			[]string{"a", "b"}, nil, "need 2 got 2 MIDDLE=a PRIMARY=b PRIVATE=b", true},
		"no schools": {byDefault, nil, nil, []Kind{Middle, Primary, Private},
			"need 0 got 0 MIDDLE= PRIMARY= PRIVATE= exempt MIDDLE 1 NO_SUCH_SCHOOL confirmed exempt PRIMARY 1 NO_SUCH_SCHOOL confirmed exempt PRIVATE 1 NO_SUCH_SCHOOL confirmed", true},
		"two private, one there, it must be primary too": {Rule{Schools: 2, Primary: 1, Private: 2}, []School{school("b", "pv")}, []string{"b"}, nil,
			"need 1 got 1 PRIMARY=b PRIVATE= PRIVATE= exempt PRIVATE 1 NO_SUCH_SCHOOL b exempt PRIVATE 1 NO_DISTINCT_SCHOOL b", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := Prove(c.rule, Township{"t", c.schools}, c.visited, c.confirmed)
			if got := told(s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if s.Meets() != c.meets {
				t.Errorf("meets %v, want %v", s.Meets(), c.meets)
			}
		})
	}
}

// told writes a standing in one line.
func told(s Standing) string {
	var b strings.Builder
	b.WriteString("need " + number(s.Required) + " got " + number(s.Visited))
	for _, x := range s.Slots {
		b.WriteString(" " + string(x.Kind) + "=" + x.School)
	}
	for _, e := range s.Exemptions {
		b.WriteString(" exempt " + string(e.Kind) + " " + number(e.Count) + " " + string(e.Why))
		for _, id := range e.Schools {
			b.WriteString(" " + id)
		}
		if e.Confirmed {
			b.WriteString(" confirmed")
		}
	}
	for _, l := range s.Gaps {
		b.WriteString(" missing " + string(l.Kind) + " " + number(l.Count))
	}
	return b.String()
}

func number(n int) string { return string(rune('0' + n)) }

// county is two teams with a township each.
func county(a, b []School) Input {
	return Input{
		Rule: byDefault, Seed: "2021-04-20", On: "2021-04-20",
		Townships: []Township{{"A", a}, {"B", b}},
		Teams: []Team{
			{ID: "one", Members: []string{"li", "wang"}, Townships: []string{"A"}},
			{ID: "two", Members: []string{"zhao"}, Townships: []string{"B"}},
		},
	}
}

// reasonsOf are the codes of a planned school.
func reasonsOf(p Proposal, school string) []Code {
	var out []Code
	for _, v := range p.Visits {
		if v.School == school {
			for _, r := range v.Reasons {
				out = append(out, r.Code)
			}
		}
	}
	return out
}

func TestReasons(t *testing.T) {
	worst, unseen, doubted := school("worst", "p"), school("unseen", "p"), school("doubted", "p")
	worst.MajorHazards, unseen.LastVisitedOn, doubted.Flags = 2, "", 1
	in := county([]School{school("middle", "m"), school("private", "v"), doubted, unseen, worst, school("plain", "p")}, nil)
	in.Rule.Schools = 5
	p := planned(t, in)
	for school, want := range map[string][]Code{
		"middle":  {FillsMiddle, NoOtherChoice},
		"private": {FillsPrivate, NoOtherChoice},
		"worst":   {FillsTotal, OpenMajorHazards},
		"unseen":  {FillsTotal, LongUnvisited},
		"doubted": {FillsPrimary, Flagged},
		"plain":   nil,
	} {
		got := reasonsOf(p, school)
		if slices.Contains(want, FillsPrimary) || slices.Contains(want, FillsTotal) { // any of the three may stand for it
			got = slices.Replace(got, 0, 1, want[0])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", school, got, want)
		}
	}
}

func TestTheLowestTicketIsDrawn(t *testing.T) {
	var schools []School
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		schools = append(schools, school(id, "p"))
	}
	in := county(schools, nil)
	in.Rule = Rule{Schools: 2}
	p := planned(t, in)
	slices.SortFunc(schools, func(a, b School) int { return strings.Compare(Ticket(in.Seed, a.ID), Ticket(in.Seed, b.ID)) })
	for i, v := range p.Visits {
		if want := schools[i].ID; v.School != want || v.Ticket != Ticket(in.Seed, want) ||
			!slices.Contains(v.Reasons, Reason{Drawn, v.Ticket}) {
			t.Errorf("visit %d is %+v, want %s drawn", i, v, want)
		}
	}
	in.Seed = "2021-04-21 again"
	if slices.EqualFunc(p.Visits, planned(t, in).Visits, func(a, b Visit) bool { return a.School == b.School }) {
		t.Error("another seed draws the same schools; choose another seed for this test if this is chance")
	}
}

// TestGroundsGoBeforeTheDraw takes one school after another: each ground goes
// before all weaker ones together, and the draw decides last.
func TestGroundsGoBeforeTheDraw(t *testing.T) {
	var schools []School
	for i, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		s := school(id, "p")
		s.MajorHazards, s.Flags = 3*(i>>2&1), i&1
		if i>>1&1 == 1 {
			s.LastVisitedOn = "2020-04-19"
		}
		schools = append(schools, s)
	}
	in := county(schools, nil)
	for n, want := range []string{"h", "g", "f", "e", "d", "c", "b", "a"} {
		in.Rule = Rule{Schools: n + 1}
		if p := planned(t, in); p.Visits[n].School != want {
			t.Errorf("choice %d is %s, want %s", n, p.Visits[n].School, want)
		}
	}
}

func TestEquallyLoadedTeamsAreDrawn(t *testing.T) {
	in := county([]School{school("a", "p")}, nil)
	in.Rule = Rule{Schools: 1}
	in.Teams[1].Townships = []string{"A"}
	for _, seed := range []string{"1", "2", "3", "4", "5", "6"} {
		in.Seed = seed
		want := "one"
		if Ticket(seed, "two") < Ticket(seed, "one") {
			want = "two"
		}
		if got := planned(t, in).Visits[0].Team; got != want {
			t.Errorf("seed %s: team %s goes, want %s", seed, got, want)
		}
	}
}

// TestTicketIsWhatTheShellSays holds the draw to the command of decision 0013:
//
//	printf '%s/%s' "2021-04-20 双色球 07 12 18" school_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001 | sha256sum
func TestTicketIsWhatTheShellSays(t *testing.T) {
	got := Ticket("2021-04-20 双色球 07 12 18", "school_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001")
	if want := "a93f36f8d35b0d00f4ae40c09181f09cc17a1e96f75f14ec070d5b2d3b37be4d"; got != want {
		t.Errorf("ticket %s, want %s", got, want)
	}
}

func TestTeams(t *testing.T) {
	schools := func() []School { return []School{school("a", "m"), school("b", "p"), school("c", "v")} }
	teamOf := func(p Proposal, school string) string {
		for _, v := range p.Visits {
			if v.School == school {
				return v.Team
			}
		}
		return ""
	}
	t.Run("one member is recused", func(t *testing.T) {
		in := county(schools(), nil)
		in.Memberships = []Membership{{"li", "a", "2018-04-20"}}
		p := planned(t, in)
		if teamOf(p, "a") != "one" || !slices.Equal(p.Visits[slices.IndexFunc(p.Visits, func(v Visit) bool { return v.School == "a" })].Recused, []string{"li"}) {
			t.Errorf("%+v: want team one without li", p.Visits)
		}
	})
	t.Run("two must be free", func(t *testing.T) {
		in := county(schools(), nil)
		in.Memberships = []Membership{{"li", "a", ""}}
		in.Rule.Inspectors = 2
		p := planned(t, in)
		if teamOf(p, "a") != "" || teamOf(p, "b") != "one" || told(p.Townships[0]) != "need 3 got 2 MIDDLE= PRIMARY=b PRIVATE=c missing MIDDLE 1 missing  1" {
			t.Errorf("%+v %s", p.Visits, told(p.Townships[0]))
		}
		if why := p.Townships[0].Gaps[0].Why; why != NoIndependentTeam {
			t.Errorf("missing for %s", why)
		}
	})
	t.Run("all of the team are recused", func(t *testing.T) {
		in := county(schools(), nil)
		in.Memberships = []Membership{{"li", "a", ""}, {"wang", "a", "2019-01-01"}}
		p := planned(t, in)
		if teamOf(p, "a") != "two" || teamOf(p, "b") != "one" || !slices.Contains(reasonsOf(p, "a"), TeamSwapped) {
			t.Errorf("%+v: want team two at a", p.Visits)
		}
	})
	t.Run("everybody is recused", func(t *testing.T) {
		in := county(schools(), nil)
		in.Memberships = []Membership{{"li", "a", ""}, {"wang", "a", ""}, {"zhao", "a", ""}}
		if p := planned(t, in); len(p.Visits) != 2 || len(p.Townships[0].Gaps) != 2 {
			t.Errorf("%+v, missing %+v", p.Visits, p.Townships[0].Gaps)
		}
	})
	t.Run("somebody took the school off the plan", func(t *testing.T) {
		in := county(append(schools(), school("d", "p")), nil)
		in.Townships[0].Schools[0].Barred, in.Townships[0].Schools[1].Barred = true, true
		p := planned(t, in)
		if len(p.Visits) != 2 || teamOf(p, "d") != "one" || told(p.Townships[0]) != "need 3 got 2 MIDDLE= PRIMARY=d PRIVATE=c missing MIDDLE 1 missing  1" {
			t.Errorf("%+v %s", p.Visits, told(p.Townships[0]))
		}
		for _, l := range p.Townships[0].Gaps {
			if l.Why != SchoolBarred {
				t.Errorf("%+v, want for the barred schools", l)
			}
		}
	})
	t.Run("they left long ago", func(t *testing.T) {
		in := county(schools(), nil)
		in.Memberships = []Membership{{"li", "a", "2018-04-19"}, {"wang", "a", "2018-04-19"}}
		if p := planned(t, in); teamOf(p, "a") != "one" {
			t.Errorf("%+v: want team one at a", p.Visits)
		}
	})
	t.Run("no team", func(t *testing.T) {
		in := county(schools(), nil)
		in.Teams = nil
		if p := planned(t, in); len(p.Visits) != 0 || len(p.Townships[0].Gaps) != 4 {
			t.Errorf("%+v, missing %+v", p.Visits, p.Townships[0].Gaps)
		}
	})
	t.Run("nobody's area goes to whoever has least to do", func(t *testing.T) {
		in := county(schools(), nil)
		in.Teams[0].Townships, in.Teams[1].Load = nil, 2
		p := planned(t, in)
		if p.Loads["one"] != 3 || p.Loads["two"] != 2 || !slices.Contains(reasonsOf(p, "a"), TeamLent) {
			t.Errorf("loads %v, reasons %v", p.Loads, reasonsOf(p, "a"))
		}
	})
	t.Run("a school of its own goes before the township", func(t *testing.T) {
		in := county(schools(), nil)
		in.Teams[1].Schools = []string{"b"}
		if p := planned(t, in); teamOf(p, "b") != "two" || teamOf(p, "a") != "one" {
			t.Errorf("%+v: want b with team two", p.Visits)
		}
	})
	t.Run("the team of an appointment is recused later", func(t *testing.T) {
		in := county(append(schools(), school("d", "p")), nil)
		in.Appointments = []Appointment{{"b", "one", false}, {"c", "one", false}}
		in.Memberships = []Membership{{"li", "b", ""}, {"wang", "b", ""}, {"li", "c", ""}, {"wang", "c", ""}}
		in.Appointments[1].Done = true
		p := planned(t, in)
		if len(p.Dropped) != 1 || p.Dropped[0].School != "b" || p.Dropped[0].Cause != TeamRecused || teamOf(p, "b") != "two" ||
			teamOf(p, "d") != "" || !slices.Contains(reasonsOf(p, "b"), Kept) {
			t.Errorf("dropped %+v, visits %+v", p.Dropped, p.Visits)
		}
	})
	t.Run("its team is no more", func(t *testing.T) {
		in := county(schools(), nil)
		in.Appointments = []Appointment{{"b", "three", false}}
		p := planned(t, in)
		if len(p.Dropped) != 1 || p.Dropped[0].Cause != TeamGone || teamOf(p, "b") != "one" {
			t.Errorf("dropped %+v, visits %+v", p.Dropped, p.Visits)
		}
	})
}

func TestRecusedSince(t *testing.T) {
	for _, c := range []struct {
		on     string
		months int
		want   string
	}{
		{"2021-04-20", 36, "2018-04-20"}, {"2024-02-29", 36, "2021-02-28"}, {"2021-03-31", 1, "2021-02-28"},
		{"2021-03-31", 0, "2021-03-31"}, {"2021-01-15", 1, "2020-12-15"}, {"2021-01-31", 14, "2019-11-30"}, {"soon", 3, "soon"},
	} {
		if got := RecusedSince(c.on, c.months); got != c.want {
			t.Errorf("%d months before %s is %s, want %s", c.months, c.on, got, c.want)
		}
	}
}

func TestBadInput(t *testing.T) {
	good := func() Input { return county([]School{school("a", "m")}, []School{school("b", "p")}) }
	if _, err := Plan(good()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Input){
		"no seed":             func(in *Input) { in.Seed = "" },
		"seed too long":       func(in *Input) { in.Seed = strings.Repeat("7", MaxSeed+1) },
		"seed of two lines":   func(in *Input) { in.Seed = "a\nb" },
		"seed with a blank":   func(in *Input) { in.Seed = " a" },
		"seed not in UTF-8":   func(in *Input) { in.Seed = "a\xff" },
		"no day":              func(in *Input) { in.On = "" },
		"a school twice":      func(in *Input) { in.Townships[1].Schools[0].ID = "a" },
		"a township twice":    func(in *Input) { in.Townships[1].ID = "A" },
		"a team twice":        func(in *Input) { in.Teams[1].ID = "one" },
		"a team without id":   func(in *Input) { in.Teams[1].ID = "" },
		"two appointments":    func(in *Input) { in.Appointments = []Appointment{{"a", "one", true}, {"a", "two", true}} },
		"a negative count":    func(in *Input) { in.Rule.Middle = -1 },
		"too many of a kind":  func(in *Input) { in.Rule.Private = 11 },
		"too many schools":    func(in *Input) { in.Rule.Schools = 51 },
		"a negative recusal":  func(in *Input) { in.Rule.RecusalMonths = -1 },
		"a crowd at a school": func(in *Input) { in.Rule.Inspectors = 11 },
	} {
		t.Run(name, func(t *testing.T) {
			in := good()
			spoil(&in)
			_, err := Plan(in)
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(name, "seed") != errors.Is(err, ErrSeed) {
				t.Errorf("%v", err)
			}
		})
	}
}

func FuzzPlan(f *testing.F) {
	for _, s := range []string{"", "a", "\x03\x01\x01\x01\x00\x03\x00\x07\x00\x06\x00\x01\x00\x01", "\x04\x02\x02\x02\x01\x03\x02\x09\x02\x06"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in := world(&bytesOf{b})
		checkOptimum(t, in, planned(t, in))
	})
}

// BenchmarkProvince plans 2,000 townships with 20,000 schools and 400 teams.
func BenchmarkProvince(b *testing.B) {
	in := province()
	for b.Loop() {
		p, err := Plan(in)
		if err != nil || len(p.Visits) < 5900 {
			b.Fatal(err, len(p.Visits))
		}
	}
}

// BenchmarkProvinceWithoutAreas has every visit open to every team.
func BenchmarkProvinceWithoutAreas(b *testing.B) {
	in := province()
	for i := range in.Teams {
		in.Teams[i].Townships = nil
	}
	for b.Loop() {
		if _, err := Plan(in); err != nil {
			b.Fatal(err)
		}
	}
}

func province() Input {
	r := rand.New(rand.NewPCG(7, 8))
	in := Input{Rule: byDefault, Seed: "province", On: "2021-04-20"}
	for t := range 400 {
		team := Team{ID: "team-" + id(t), Members: []string{"p" + id(3*t), "p" + id(3*t+1), "p" + id(3*t+2)}}
		for i := range 5 {
			township := Township{ID: "township-" + id(5*t+i)}
			team.Townships = append(team.Townships, township.ID)
			for j := range 10 {
				s := School{
					ID: "school-" + id((5*t+i)*10+j), Middle: j%4 == 0, Primary: j%4 != 0, Private: j%5 == 4,
					MajorHazards: r.IntN(20) / 19, Flags: r.IntN(10) / 9,
				}
				in.Memberships = append(in.Memberships, Membership{Person: "p" + id(r.IntN(1200)), School: s.ID})
				township.Schools = append(township.Schools, s)
			}
			in.Townships = append(in.Townships, township)
		}
		in.Teams = append(in.Teams, team)
	}
	return in
}

func id(n int) string {
	return string([]rune{rune('0' + n/10000%10), rune('0' + n/1000%10), rune('0' + n/100%10), rune('0' + n/10%10), rune('0' + n%10)})
}
