// Package sampling decides which schools the supervision teams visit, and tells
// afterwards whether a township's visits meet the rule (plan: 每个乡镇至少要督查3所
// 学校，其中要包括一所中学，一所小学、一所民办学校).
//
// The answer depends on the facts and on a published seed alone: not on the order
// in which the facts come, not on a clock, not on a library's random numbers.
// Anybody who has both can repeat it. It never decides who may confirm a plan (authz)
// and knows no database; app gathers the facts and keeps what comes out.
//
// Three things are decided exactly, not by rule of thumb:
//
//   - which kinds can be stood for by different schools: a maximum bipartite
//     matching (a system of distinct representatives);
//   - which schools: the sets that fill as many slots as can be filled are the
//     bases of a transversal matroid, in which taking the preferred school
//     whenever it helps gives the best set there is;
//   - which team, where several may go: an optimal semi-matching, which no
//     exchange can make fairer.
package sampling

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Kind is what a school stands for in a township's sample.
type Kind string

// The kinds, in the order in which slots are filled when not all can be.
const (
	Middle  Kind = "MIDDLE"  // 中学
	Primary Kind = "PRIMARY" // 小学
	Private Kind = "PRIVATE" // 民办
)

// Kinds lists the kinds in their order.
func Kinds() []Kind { return []Kind{Middle, Primary, Private} }

// Rule is what every township's visits must satisfy. It is data of a campaign.
type Rule struct {
	// Schools is how many different schools of a township are visited at least.
	Schools int `json:"schools"`
	// Middle, Primary and Private are how many of them stand for each kind.
	Middle  int `json:"middle"`
	Primary int `json:"primary"`
	Private int `json:"private"`
	// AllowOverlap lets one school stand for several kinds at once.
	AllowOverlap bool `json:"allowOverlap"`
	// RecusalMonths is how long a person who left a school may not inspect it.
	RecusalMonths int `json:"recusalMonths"`
	// Inspectors is how many members of a team must be free to go; 0 means 1.
	Inspectors int `json:"inspectors"`
	// UnvisitedDays is after how many days without a visit a school counts as long
	// unvisited; 0 means 365. A school that was never visited always does.
	UnvisitedDays int `json:"unvisitedDays"`
}

func (r Rule) count(k Kind) int {
	switch k {
	case Middle:
		return r.Middle
	case Primary:
		return r.Primary
	default:
		return r.Private
	}
}

// slots lists what must be stood for, in the order of Kinds.
func (r Rule) slots() []Kind {
	var out []Kind
	for _, k := range Kinds() {
		for range r.count(k) {
			out = append(out, k)
		}
	}
	return out
}

func (r Rule) withDefaults() Rule {
	r.Inspectors = max(r.Inspectors, 1)
	if r.UnvisitedDays <= 0 {
		r.UnvisitedDays = 365
	}
	return r
}

// School is a school that is open. IDs are in the public form; the draw reads
// them as they stand.
type School struct {
	ID      string `json:"id"`
	Middle  bool   `json:"middle"`
	Primary bool   `json:"primary"`
	Private bool   `json:"private"`
	// MajorHazards is how many major hazards are open there.
	MajorHazards int `json:"majorHazards"`
	// Flags is how many doubts about its records wait for an answer.
	Flags int `json:"flags"`
	// LastVisitedOn is the day (2006-01-02) of its latest proven visit; empty: never.
	LastVisitedOn string `json:"lastVisitedOn"`
	// Barred says that a person took the school off the plan: it is not chosen.
	Barred bool `json:"barred"`
}

// Is reports whether the school can stand for a kind.
func (s School) Is(k Kind) bool {
	switch k {
	case Middle:
		return s.Middle
	case Primary:
		return s.Primary
	default:
		return s.Private
	}
}

// Township is a township with its open schools.
type Township struct {
	ID      string   `json:"id"`
	Schools []School `json:"schools"`
}

// Team is a supervision team and what it was given to supervise (分包单位). A
// school of its own goes before the township that the school lies in.
type Team struct {
	ID        string   `json:"id"`
	Members   []string `json:"members"`
	Townships []string `json:"townships"`
	Schools   []string `json:"schools"`
	// Load is how many visits the team has outside of the townships at hand.
	Load int `json:"load"`
}

// Membership says that a person belongs to a school, or did until a day. One
// that begins later counts too: a person who is to work there is not independent.
type Membership struct {
	Person string `json:"person"`
	School string `json:"school"`
	Until  string `json:"until"` // 2006-01-02, the last day; empty: still
}

// Appointment is a visit that stands already: planned, confirmed or done.
type Appointment struct {
	School string `json:"school"`
	Team   string `json:"team"`
	Done   bool   `json:"done"` // it was carried out and can't be dropped any more
}

// Input is everything that a plan depends on.
type Input struct {
	Rule Rule   `json:"rule"`
	Seed string `json:"seed"`
	// On is the day of the plan, 2006-01-02.
	On           string        `json:"on"`
	Townships    []Township    `json:"townships"`
	Teams        []Team        `json:"teams"`
	Memberships  []Membership  `json:"memberships"`
	Appointments []Appointment `json:"appointments"`
}

// MaxSeed is the longest seed, in bytes.
const MaxSeed = 200

// ErrSeed is returned for a seed that nobody could type after reading it.
var ErrSeed = errors.New("a seed is 1 to 200 bytes of UTF-8 without control characters or blanks at its ends")

// What a rule may ask for at most: more is a slip of the pen.
const (
	maxSchools = 50
	maxOfKind  = 10
)

// Check refuses numbers that no rule can mean.
func (r Rule) Check() error {
	if r.Schools < 0 || r.Schools > maxSchools {
		return fmt.Errorf("a rule asks for 0 to %d schools", maxSchools)
	}
	for _, n := range []int{r.Middle, r.Primary, r.Private, r.Inspectors} {
		if n < 0 || n > maxOfKind {
			return fmt.Errorf("a rule asks for 0 to %d schools of a kind and inspectors of a visit", maxOfKind)
		}
	}
	if r.RecusalMonths < 0 || r.RecusalMonths > 1200 {
		return errors.New("recusal is 0 to 1200 months")
	}
	return nil
}

// check refuses facts that contradict themselves.
func (in Input) check() error {
	if err := in.Rule.Check(); err != nil {
		return err
	}
	if err := CheckSeed(in.Seed); err != nil {
		return err
	}
	if _, err := parseDay(in.On); err != nil {
		return err
	}
	seen := map[string]bool{}
	once := func(id string) error {
		if id == "" || seen[id] {
			return fmt.Errorf("the id %q is empty or there twice", id)
		}
		seen[id] = true
		return nil
	}
	for _, t := range in.Townships {
		if err := once(t.ID); err != nil {
			return err
		}
		for _, s := range t.Schools {
			if err := once(s.ID); err != nil {
				return err
			}
		}
	}
	for _, t := range in.Teams {
		if err := once(t.ID); err != nil {
			return err
		}
	}
	visited := map[string]bool{}
	for _, a := range in.Appointments {
		if visited[a.School] {
			return fmt.Errorf("the school %q has two appointments", a.School)
		}
		visited[a.School] = true
	}
	return nil
}

// ordered is the input in one fixed order, its lists copied.
func (in Input) ordered() Input {
	in.Townships = sorted(in.Townships, func(t Township) string { return t.ID })
	for i := range in.Townships {
		in.Townships[i].Schools = sorted(in.Townships[i].Schools, func(s School) string { return s.ID })
	}
	itself := func(s string) string { return s }
	in.Teams = sorted(in.Teams, func(t Team) string { return t.ID })
	for i := range in.Teams {
		t := &in.Teams[i]
		t.Members = slices.Compact(sorted(t.Members, itself))
		t.Townships = slices.Compact(sorted(t.Townships, itself))
		t.Schools = slices.Compact(sorted(t.Schools, itself))
	}
	in.Memberships = sorted(in.Memberships, func(m Membership) string { return m.Person + "\n" + m.School + "\n" + m.Until })
	in.Appointments = sorted(in.Appointments, func(a Appointment) string { return a.School })
	return in
}

func sorted[T any](rows []T, key func(T) string) []T {
	return slices.SortedFunc(slices.Values(rows), func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// Digest is the SHA-256 of the facts in hexadecimal digits, whatever order they
// came in: two plans with the same digest had the same facts and the same seed.
func (in Input) Digest() string {
	b, _ := json.Marshal(in.ordered()) // texts, numbers and lists of them: cannot fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
