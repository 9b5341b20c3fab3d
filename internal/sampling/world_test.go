package sampling

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// byDefault is the plan's rule.
var byDefault = Rule{Schools: 3, Middle: 1, Primary: 1, Private: 1, RecusalMonths: 36}

// numbers are where a made-up world comes from: a generator or a fuzzer's bytes.
type numbers interface{ IntN(n int) int }

// bytesOf reads a fuzzer's input as numbers; zero when it is used up.
type bytesOf struct{ b []byte }

func (f *bytesOf) IntN(n int) int {
	if len(f.b) == 0 || n < 2 {
		return 0
	}
	x := int(f.b[0]) % n
	f.b = f.b[1:]
	return x
}

// world makes a small input in which everything may be missing.
func world(r numbers) Input {
	in := Input{
		Rule: Rule{
			Schools: r.IntN(5), Middle: r.IntN(3), Primary: r.IntN(3), Private: r.IntN(3), AllowOverlap: r.IntN(2) == 1,
			RecusalMonths: 12 * r.IntN(4), Inspectors: r.IntN(3),
		},
		Seed: fmt.Sprintf("seed %d", r.IntN(1000)), On: "2021-04-20",
	}
	var schools, people []string
	for t := range 1 + r.IntN(3) {
		township := Township{ID: fmt.Sprintf("township-%d", t)}
		for range r.IntN(7) {
			s := School{
				ID: fmt.Sprintf("school-%02d", len(schools)), Middle: r.IntN(3) == 0, Primary: r.IntN(2) == 0, Private: r.IntN(3) == 0,
				MajorHazards: r.IntN(3) / 2, Flags: r.IntN(4) / 3,
				LastVisitedOn: []string{"", "2018-01-01", "2021-01-01"}[r.IntN(3)], Barred: r.IntN(9) == 8,
			}
			schools = append(schools, s.ID)
			township.Schools = append(township.Schools, s)
		}
		in.Townships = append(in.Townships, township)
	}
	for t := range r.IntN(4) {
		team := Team{ID: fmt.Sprintf("team-%d", t), Load: r.IntN(3)}
		for range 1 + r.IntN(3) {
			people = append(people, fmt.Sprintf("person-%02d", len(people)))
			team.Members = append(team.Members, people[len(people)-1])
		}
		for _, township := range in.Townships {
			if r.IntN(2) == 0 {
				team.Townships = append(team.Townships, township.ID)
			}
		}
		for _, s := range schools {
			if r.IntN(8) == 0 {
				team.Schools = append(team.Schools, s)
			}
		}
		in.Teams = append(in.Teams, team)
	}
	for _, p := range people {
		for _, s := range schools {
			if r.IntN(5) == 0 {
				in.Memberships = append(in.Memberships, Membership{p, s, []string{"", "2020-12-31", "2018-04-19", "2017-01-01"}[r.IntN(4)]})
			}
		}
	}
	for _, s := range append(slices.Clone(schools), "school-closed") {
		if r.IntN(6) == 0 {
			in.Appointments = append(in.Appointments, Appointment{s, fmt.Sprintf("team-%d", r.IntN(4)), r.IntN(2) == 0})
		}
	}
	return in
}

// shuffled is the same input in another order.
func shuffled(r *rand.Rand, in Input) Input {
	in.Townships = mixed(r, in.Townships)
	for i := range in.Townships {
		in.Townships[i].Schools = mixed(r, in.Townships[i].Schools)
	}
	in.Teams = mixed(r, in.Teams)
	for i := range in.Teams {
		in.Teams[i].Members = mixed(r, in.Teams[i].Members)
		in.Teams[i].Townships = mixed(r, in.Teams[i].Townships)
		in.Teams[i].Schools = mixed(r, in.Teams[i].Schools)
	}
	in.Memberships = mixed(r, in.Memberships)
	in.Appointments = mixed(r, in.Appointments)
	return in
}

func mixed[T any](r *rand.Rand, rows []T) []T {
	out := slices.Clone(rows)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// mostFilled is the number of slots that a set of schools can fill, by trying
// everything: what the matching is measured by.
func mostFilled(r Rule, slots []Kind, schools []School) int {
	if r.AllowOverlap {
		n := 0
		for _, k := range Kinds() {
			of := 0
			for _, s := range schools {
				if s.Is(k) {
					of++
				}
			}
			n += min(of, r.count(k))
		}
		return n
	}
	var try func(i int, used int) int
	try = func(i int, used int) int {
		if i == len(slots) {
			return 0
		}
		best := try(i+1, used)
		for j, s := range schools {
			if s.Is(slots[i]) && used&(1<<j) == 0 {
				best = max(best, 1+try(i+1, used|1<<j))
			}
		}
		return best
	}
	return try(0, 0)
}

// bestSample is the best set of schools by trying every set: it fills the most
// slots, is the smallest that also makes up the total, and comes first in the
// order of preference. ranked is that order; the fixed ones are in it anyhow.
func bestSample(r Rule, fixed, ranked []School) []string {
	slots := r.slots()
	pick := func(set int) []School {
		out := slices.Clone(fixed)
		for i, s := range ranked {
			if set&(1<<i) != 0 {
				out = append(out, s)
			}
		}
		return out
	}
	goal := mostFilled(r, slots, pick(1<<len(ranked)-1))
	total := min(r.Schools, len(fixed)+len(ranked))
	best, size := -1, 0
	first := func(a, b int) bool { // whether a comes before b: the first school in which they differ is a's
		d := a ^ b
		return d != 0 && a&(d&-d) != 0
	}
	for set := range 1 << len(ranked) {
		sample := pick(set)
		if len(sample) < total || mostFilled(r, slots, sample) < goal {
			continue
		}
		if best < 0 || len(sample) < size || len(sample) == size && first(set, best) {
			best, size = set, len(sample)
		}
	}
	var out []string
	for _, s := range pick(best)[len(fixed):] {
		out = append(out, s.ID)
	}
	return out
}
