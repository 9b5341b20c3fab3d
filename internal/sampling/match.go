package sampling

// pairing is a bipartite matching that grows by augmenting paths. What was
// paired once stays paired, perhaps with another partner.
type pairing struct {
	fits func(left, right int) bool
	left []int // partner of each right, or −1
}

func newPairing(rights int, fits func(left, right int) bool) *pairing {
	p := &pairing{fits: fits, left: make([]int, rights)}
	for i := range p.left {
		p.left[i] = -1
	}
	return p
}

// add pairs one more of the left side, if there is any way to.
func (p *pairing) add(left int) bool { return p.augment(left, make([]bool, len(p.left))) }

func (p *pairing) augment(left int, seen []bool) bool {
	for right := range p.left {
		if seen[right] || !p.fits(left, right) {
			continue
		}
		seen[right] = true
		if p.left[right] < 0 || p.augment(p.left[right], seen) {
			p.left[right] = left
			return true
		}
	}
	return false
}

// fill gives for each slot the school that stands for it, or −1: as many slots
// as can be filled, and of those that compete the earlier one.
func (r Rule) fill(slots []Kind, schools []School) []int {
	out := make([]int, len(slots))
	for i := range out {
		out[i] = -1
	}
	if r.AllowOverlap {
		next := map[Kind]int{}
		for i, k := range slots {
			for next[k] < len(schools) && !schools[next[k]].Is(k) {
				next[k]++
			}
			if next[k] < len(schools) {
				out[i] = next[k]
				next[k]++
			}
		}
		return out
	}
	p := newPairing(len(schools), func(slot, school int) bool { return schools[school].Is(slots[slot]) })
	for i := range slots {
		p.add(i)
	}
	for school, slot := range p.left {
		if slot >= 0 {
			out[slot] = school
		}
	}
	return out
}

// filled counts the slots that a set of schools fills.
func (r Rule) filled(slots []Kind, schools []School) int {
	n := 0
	for _, s := range r.fill(slots, schools) {
		if s >= 0 {
			n++
		}
	}
	return n
}

// choose adds to the schools that are fixed, from others in the order of
// preference: as few as fill every slot that can be filled and make up the total,
// and of all such sets the one that comes first in that order. It gives the
// indexes into ranked, in order.
func (r Rule) choose(fixed, ranked []School) []int {
	if r.AllowOverlap {
		return r.chooseOverlapping(fixed, ranked)
	}
	slots := r.slots()
	all := append(fixed[:len(fixed):len(fixed)], ranked...)
	p := newPairing(len(slots), func(school, slot int) bool { return all[school].Is(slots[slot]) })
	for i := range fixed {
		p.add(i)
	}
	chosen := make([]bool, len(ranked))
	total := len(fixed)
	for i := range ranked {
		if p.add(len(fixed) + i) {
			chosen[i] = true
			total++
		}
	}
	return topUp(chosen, r.Schools-total)
}

// topUp chooses more of the others, the preferred first, and gives all that are
// chosen then.
func topUp(chosen []bool, more int) []int {
	var out []int
	for i := range chosen {
		if !chosen[i] && more > 0 {
			chosen[i] = true
			more--
		}
		if chosen[i] {
			out = append(out, i)
		}
	}
	return out
}

// chooseOverlapping is choose where one school may stand for several kinds. The
// sets that fill everything are no matroid then: each school down the order is
// taken if what is left can still be filled with the places that are left.
func (r Rule) chooseOverlapping(fixed, ranked []School) []int {
	var c cover
	for _, k := range Kinds() {
		c.need[index(k)] = r.count(k)
	}
	for _, s := range fixed {
		c = c.with(typeOf(s))
	}
	for _, s := range ranked {
		c.there[typeOf(s)]++
	}
	for i := range c.need { // what isn't there can't be asked for
		have := 0
		for t, n := range c.there {
			if t&(1<<i) != 0 {
				have += n
			}
		}
		c.need[i] = min(c.need[i], have)
	}
	places := max(c.smallest(), min(r.Schools-len(fixed), len(ranked)))
	var out []int
	for i, s := range ranked {
		t := typeOf(s)
		c.there[t]--
		if next := c.with(t); places > 0 && next.smallest() < places {
			c = next
			places--
			out = append(out, i)
		}
	}
	return out
}

// cover is what is still asked for and the schools there are, by type: the set
// of kinds that a school can stand for, as bits.
type cover struct {
	need  [3]int
	there [8]int
}

func index(k Kind) int {
	switch k {
	case Middle:
		return 0
	case Primary:
		return 1
	default:
		return 2
	}
}

func typeOf(s School) int {
	t := 0
	for _, k := range Kinds() {
		if s.Is(k) {
			t |= 1 << index(k)
		}
	}
	return t
}

// with is what is still asked for once a school of a type is chosen.
func (c cover) with(t int) cover {
	for i := range c.need {
		if t&(1<<i) != 0 && c.need[i] > 0 {
			c.need[i]--
		}
	}
	return c
}

const impossible = 1 << 20

// smallest is the least number of schools that fill every need, impossible or
// more when none do. It tries each number of schools of the four types that stand
// for more than one kind; the rest is a matter of counting.
func (c cover) smallest() int {
	best := impossible
	most := max(c.need[0], c.need[1], c.need[2])
	upTo := func(t int) int { return min(c.there[t], most) }
	for all := 0; all <= upTo(7); all++ {
		for mp := 0; mp <= upTo(3); mp++ {
			for mv := 0; mv <= upTo(5); mv++ {
				for pv := 0; pv <= upTo(6); pv++ {
					best = min(best, c.total(all, mp, mv, pv))
				}
			}
		}
	}
	return best
}

// total is the number of schools, given those of the four types that stand for
// more than one kind; impossible where the other schools are too few.
func (c cover) total(all, mp, mv, pv int) int {
	n := all + mp + mv + pv
	for i, have := range [3]int{all + mp + mv, all + mp + pv, all + mv + pv} {
		single := max(0, c.need[i]-have)
		if single > c.there[1<<i] {
			return impossible
		}
		n += single
	}
	return n
}
