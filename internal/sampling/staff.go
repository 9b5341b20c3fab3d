package sampling

import "slices"

// staff knows which team may go where.
type staff struct {
	need       int // members who must be free to go
	teams      []Team
	recused    map[string]map[string]bool // school → person
	bySchool   map[string][]int           // teams with the school as an area of their own
	byTownship map[string][]int
	largest    int // members of the largest team
}

func newStaff(in Input) *staff {
	s := &staff{
		need: in.Rule.Inspectors, teams: in.Teams, recused: map[string]map[string]bool{},
		bySchool: map[string][]int{}, byTownship: map[string][]int{},
	}
	since := RecusedSince(in.On, in.Rule.RecusalMonths)
	for _, m := range in.Memberships {
		if m.Until != "" && m.Until < since {
			continue
		}
		if s.recused[m.School] == nil {
			s.recused[m.School] = map[string]bool{}
		}
		s.recused[m.School][m.Person] = true
	}
	for i, t := range in.Teams {
		s.largest = max(s.largest, len(t.Members))
		for _, id := range t.Schools {
			s.bySchool[id] = append(s.bySchool[id], i)
		}
		for _, id := range t.Townships {
			s.byTownship[id] = append(s.byTownship[id], i)
		}
	}
	return s
}

// away lists the members of a team who may not go to a school.
func (s *staff) away(team int, school string) []string {
	var out []string
	for _, m := range s.teams[team].Members {
		if s.recused[school][m] {
			out = append(out, m)
		}
	}
	return out
}

// able reports whether enough members of a team may go to a school.
func (s *staff) able(team int, school string) bool {
	return len(s.teams[team].Members)-len(s.away(team, school)) >= s.need
}

// anyAble reports whether any team may go to a school.
func (s *staff) anyAble(school string) bool {
	if len(s.recused[school]) == 0 {
		return s.largest >= s.need
	}
	return slices.ContainsFunc(s.every(), func(t int) bool { return s.able(t, school) })
}

func (s *staff) every() []int {
	out := make([]int, len(s.teams))
	for i := range out {
		out[i] = i
	}
	return out
}

// candidates are the teams that may go to a school: those whose area it is, or,
// where none of them can or there is none, any that can; and what is to be said
// about it.
func (s *staff) candidates(township, school string) ([]int, Code) {
	own := s.bySchool[school]
	if len(own) == 0 {
		own = s.byTownship[township]
	}
	able := func(of []int) []int {
		return slices.DeleteFunc(slices.Clone(of), func(t int) bool { return !s.able(t, school) })
	}
	if c := able(own); len(c) > 0 {
		return c, ""
	}
	if len(own) == 0 {
		return able(s.every()), TeamLent
	}
	return able(s.every()), TeamSwapped
}

// share gives each visit one of its candidates so that the loads are as even as
// they can be: an optimal semi-matching (Harvey, Ladner, Lovász, Tamir 2003).
// Each visit goes to the least loaded team that it can reach by handing visits
// on. Of equally loaded teams the first in order is taken.
func share(candidates [][]int, load []int, order []int) []int {
	place := make([]int, len(load)) // of a team in the order
	for i, t := range order {
		place[t] = i
	}
	given := make([]int, len(candidates))
	has := make([][]int, len(load)) // visits of a team that it could hand on
	var fixed, free []int
	for v, c := range candidates {
		given[v] = -1
		switch len(c) {
		case 0:
		case 1:
			fixed = append(fixed, v)
		default:
			free = append(free, v)
		}
	}
	for _, v := range fixed {
		given[v] = candidates[v][0]
		load[given[v]]++
	}
	lighter := func(a, b int) bool { return load[a] < load[b] || load[a] == load[b] && place[a] < place[b] }
	for _, v := range free {
		from := map[int]int{} // team → visit that reaches it
		best, least := -1, slices.Min(load)
		reached := []int{v}
		for len(reached) > 0 {
			u := reached[0]
			reached = reached[1:]
			for _, t := range candidates[u] {
				if _, seen := from[t]; seen {
					continue
				}
				from[t] = u
				if best < 0 || lighter(t, best) {
					best = t
				}
				reached = append(reached, has[t]...)
			}
			if load[best] == least {
				break // no detour leads to a lighter one
			}
		}
		load[best]++
		for t := best; ; {
			u := from[t]
			before := given[u]
			given[u] = t
			has[t] = append(has[t], u)
			if u == v {
				break
			}
			has[before] = slices.DeleteFunc(has[before], func(x int) bool { return x == u })
			t = before
		}
	}
	return given
}
