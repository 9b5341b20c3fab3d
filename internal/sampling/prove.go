package sampling

import "slices"

// Why says why a slot is not filled.
type Why string

// The reasons.
const (
	// NoSuchSchool: the township has too few schools of the kind. An exemption.
	NoSuchSchool Why = "NO_SUCH_SCHOOL"
	// NoDistinctSchool: there are such schools, but each of them is needed to stand
	// for another slot. An exemption.
	NoDistinctSchool Why = "NO_DISTINCT_SCHOOL"
	// NotVisited: a school could stand for it, and none was visited.
	NotVisited Why = "NOT_VISITED"
	// NoIndependentTeam: no team has enough members who may inspect the schools
	// that could stand for it.
	NoIndependentTeam Why = "NO_INDEPENDENT_TEAM"
	// SchoolBarred: a school could stand for it that a person took off the plan.
	SchoolBarred Why = "SCHOOL_BARRED"
)

// Whys lists every reason.
func Whys() []Why {
	return []Why{NoSuchSchool, NoDistinctSchool, NotVisited, NoIndependentTeam, SchoolBarred}
}

// Slot is one place of a township's sample.
type Slot struct {
	Kind   Kind
	Number int    // from 1, among the slots of its kind
	School string // that stands for it; empty: none
}

// Exemption says that a township can't satisfy part of the rule, by any visits, and
// names the kind that is missing.
type Exemption struct {
	Kind  Kind
	Count int // of slots
	Why   Why
	// Schools are the township's schools of that kind: with NoDistinctSchool those
	// that stand for other slots.
	Schools   []string
	Confirmed bool
}

// Gap is something that is still to be done.
type Gap struct {
	Kind  Kind // empty: of the total
	Count int
	Why   Why
}

// Standing is how far the schools visited in a township satisfy the rule.
type Standing struct {
	Township string
	// Required is how many different schools must be visited: what the rule says,
	// or all there are.
	Required int
	// Visited is how many different schools of the township were.
	Visited    int
	Slots      []Slot
	Exemptions []Exemption
	Gaps       []Gap
}

// Meets reports whether the rule is met: there is no gap, and each exemption
// was confirmed.
func (s Standing) Meets() bool {
	return len(s.Gaps) == 0 && !slices.ContainsFunc(s.Exemptions, func(e Exemption) bool { return !e.Confirmed })
}

// Prove tells how far the verified visits satisfy the rule in a township: a
// maximum matching of the slots with the schools visited. Schools that are not
// the township's, and repeats, don't count. confirmed are the kinds whose
// exemption the section has confirmed; it helps only where the township still
// has no such school.
func Prove(r Rule, t Township, visited []string, confirmed []Kind) Standing {
	return r.stand(t, visited, confirmed, func(Kind) Why { return NotVisited })
}

func (r Rule) stand(t Township, visited []string, confirmed []Kind, why func(Kind) Why) Standing {
	there := sorted(t.Schools, func(s School) string { return s.ID })
	were := map[string]bool{}
	for _, v := range visited {
		were[v] = true
	}
	var sample []School
	for _, s := range there {
		if were[s.ID] {
			sample = append(sample, s)
		}
	}
	slots := r.slots()
	out := Standing{Township: t.ID, Required: min(r.Schools, len(there)), Visited: len(sample)}
	possible, actual := r.fill(slots, there), r.fill(slots, sample)
	number := map[Kind]int{}
	impossible, missing := map[Kind]int{}, map[Kind]int{}
	for i, k := range slots {
		number[k]++
		slot := Slot{Kind: k, Number: number[k]}
		// What a part of the schools fills, all of them fill: see TestPartFillsNoOtherSlot.
		switch {
		case actual[i] >= 0:
			slot.School = sample[actual[i]].ID
		case possible[i] >= 0:
			missing[k]++
		default:
			impossible[k]++
		}
		out.Slots = append(out.Slots, slot)
	}
	for _, k := range Kinds() {
		out.Exemptions = append(out.Exemptions, r.exemptions(k, impossible[k], there, slices.Contains(confirmed, k))...)
		if missing[k] > 0 {
			out.Gaps = append(out.Gaps, Gap{Kind: k, Count: missing[k], Why: why(k)})
		}
	}
	if n := out.Required - out.Visited; n > 0 {
		out.Gaps = append(out.Gaps, Gap{Count: n, Why: why("")})
	}
	return out
}

// exemptions splits the slots of a kind that can't be filled by the reason.
func (r Rule) exemptions(k Kind, count int, there []School, confirmed bool) []Exemption {
	if count == 0 {
		return nil
	}
	var of []string
	for _, s := range there {
		if s.Is(k) {
			of = append(of, s.ID)
		}
	}
	var out []Exemption
	absent := min(count, max(0, r.count(k)-len(of)))
	if absent > 0 {
		out = append(out, Exemption{Kind: k, Count: absent, Why: NoSuchSchool, Schools: of, Confirmed: confirmed})
	}
	if shared := count - absent; shared > 0 {
		out = append(out, Exemption{Kind: k, Count: shared, Why: NoDistinctSchool, Schools: of, Confirmed: confirmed})
	}
	return out
}
