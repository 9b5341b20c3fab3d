package rule_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

const firstDay clock.Date = "2026-03-01"

// on is the n-th day of these tests; 0 for an end is "never".
func on(n int) clock.Date {
	if n == 0 {
		return ""
	}
	return firstDay.AddDays(n)
}

func answers(key, user int, role rule.AssignmentRole, from, until int) rule.GridAssignmentFacts {
	return rule.GridAssignmentFacts{ID: number(key), UserID: number(500 + user), Role: role, Span: rule.Span{From: on(from), Until: on(until)}}
}

func deputy(key, user, of, from, until int) rule.GridAssignmentFacts {
	a := answers(key, user, rule.GridDeputy, from, until)
	a.StandsInFor = number(of)
	return a
}

func TestCheckAssignment(t *testing.T) {
	always := []rule.Span{{From: on(1)}}
	others := []rule.GridAssignmentFacts{
		answers(1, 1, rule.GridLeader, 10, 20), answers(2, 2, rule.GridMember, 10, 0), deputy(3, 3, 1, 12, 14),
	}
	calledOff := answers(4, 4, rule.GridLeader, 30, 0)
	calledOff.Span = rule.EndedWith(calledOff.Span, on(25))
	others = append(others, calledOff)
	for name, c := range map[string]struct {
		a    rule.GridAssignmentFacts
		of   []rule.Span
		want string // "" may
	}{
		"a leader after the first":           {answers(9, 5, rule.GridLeader, 21, 0), always, ""},
		"a leader before the first":          {answers(9, 5, rule.GridLeader, 1, 9), always, ""},
		"a leader on the first one's last":   {answers(9, 5, rule.GridLeader, 20, 0), always, "CONFLICT assignment.second_leader"},
		"a leader around the first":          {answers(9, 5, rule.GridLeader, 1, 0), always, "CONFLICT assignment.second_leader"},
		"a leader where one was called off":  {answers(9, 5, rule.GridLeader, 25, 40), always, ""},
		"the leader as a member beside":      {answers(9, 1, rule.GridMember, 15, 0), always, "CONFLICT assignment.same_person"},
		"the member again":                   {answers(9, 2, rule.GridMember, 40, 50), always, "CONFLICT assignment.same_person"},
		"the deputy as a member afterwards":  {answers(9, 3, rule.GridMember, 15, 0), always, ""},
		"a second member":                    {answers(9, 5, rule.GridMember, 10, 0), always, ""},
		"an end before the start":            {answers(9, 5, rule.GridMember, 10, 9), always, "input.validUntil before_start"},
		"before the person came":             {answers(9, 5, rule.GridMember, 10, 12), []rule.Span{{From: on(11)}}, "input.userId not_of_school"},
		"after the person leaves":            {answers(9, 5, rule.GridMember, 10, 0), []rule.Span{{From: on(1), Until: on(90)}}, "input.userId not_of_school"},
		"over two posts without a gap":       {answers(9, 5, rule.GridMember, 10, 20), []rule.Span{{From: on(15), Until: on(30)}, {From: on(1), Until: on(14)}}, ""},
		"over two posts with a gap":          {answers(9, 5, rule.GridMember, 10, 20), []rule.Span{{From: on(16), Until: on(30)}, {From: on(1), Until: on(14)}}, "input.userId not_of_school"},
		"a deputy":                           {deputy(9, 5, 1, 15, 20), always, ""},
		"a deputy of a member who stays":     {deputy(9, 5, 2, 15, 200), always, ""},
		"a deputy for ever":                  {deputy(9, 5, 2, 15, 0), always, "input.validUntil missing"},
		"a deputy longer than the one":       {deputy(9, 5, 1, 15, 21), always, "input.validUntil outside"},
		"a deputy before the one":            {deputy(9, 5, 1, 9, 15), always, "input.validUntil outside"},
		"a deputy of a deputy":               {deputy(9, 5, 3, 12, 13), always, "input.standsInForId of_a_deputy"},
		"a deputy of nobody here":            {deputy(9, 5, 77, 12, 13), always, "input.standsInForId not_found"},
		"a deputy of himself":                {deputy(9, 1, 1, 12, 13), always, "input.userId own_deputy"},
		"a member who stands in":             {func() rule.GridAssignmentFacts { a := deputy(9, 5, 1, 12, 13); a.Role = rule.GridMember; return a }(), always, "input.standsInForId not_a_deputy"},
		"the second deputy of one, the same": {deputy(9, 3, 1, 14, 16), always, "CONFLICT assignment.same_person"},
	} {
		var bad fault.Input
		if got := verdict(rule.CheckAssignment(&bad, "input", c.a, others, c.of)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// verdict writes a refusal as its first field, or as kind and code.
func verdict(err error) string {
	if err == nil {
		return ""
	}
	e := fault.Of(err)
	if len(e.Fields) > 0 {
		return e.Fields[0].Path + " " + e.Fields[0].Reason
	}
	return string(e.Kind) + " " + e.Code
}

func TestCheckEnd(t *testing.T) {
	ended := answers(1, 1, rule.GridMember, 10, 20)
	ended.Ended = true
	for name, c := range map[string]struct {
		a    rule.GridAssignmentFacts
		last int
		want string
	}{
		"on the first day":       {answers(1, 1, rule.GridMember, 10, 0), 10, ""},
		"on the planned day":     {answers(1, 1, rule.GridMember, 10, 20), 20, ""},
		"before it began":        {answers(1, 1, rule.GridMember, 10, 0), 9, "input.lastDay before_start"},
		"later than planned":     {answers(1, 1, rule.GridMember, 10, 20), 21, "input.lastDay after_end"},
		"what was ended already": {ended, 15, "INVALID_TRANSITION assignment.ended"},
	} {
		var bad fault.Input
		if got := verdict(rule.CheckEnd(&bad, "input", c.a, on(c.last))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAnswersOn(t *testing.T) {
	all := []rule.GridAssignmentFacts{
		answers(1, 1, rule.GridLeader, 10, 20), answers(2, 2, rule.GridMember, 5, 0), deputy(3, 3, 1, 12, 14), deputy(4, 4, 2, 12, 30),
	}
	gone := map[uuid.UUID]clock.Date{number(502): on(24)} // 2 has left the school
	closed := on(40)
	for day, want := range map[int]string{
		1: "", 7: "2", 10: "1 2", 13: "1 2 3 4", 15: "1 2 4", 22: "2 4", 24: "2 4", 25: "", 41: "",
	} {
		r := rule.AnswersOn(on(day), &closed, all, func(u uuid.UUID) bool { last, left := gone[u]; return !left || on(day) <= last })
		if got := keys(r); got != want {
			t.Errorf("day %d: %q, want %q", day, got, want)
		}
		if r.Nobody() != (want == "") {
			t.Errorf("day %d: nobody is %v", day, r.Nobody())
		}
	}
	if r := rule.AnswersOn(on(39), &closed, all[1:2], func(uuid.UUID) bool { return true }); r.Nobody() {
		t.Error("nobody answers before the grid is closed")
	}
	if r := rule.AnswersOn(on(41), &closed, all[1:2], func(uuid.UUID) bool { return true }); !r.Nobody() {
		t.Error("somebody answers for a closed grid")
	}
}

func keys(r rule.Responsibility) string {
	var out []string
	add := func(a rule.GridAssignmentFacts) { out = append(out, a.ID.String()[35:]) }
	if r.Leader != nil {
		add(*r.Leader)
	}
	for _, a := range slices.Concat(r.Members, r.Deputies) {
		add(a)
	}
	return fmt.Sprint(out)[1 : len(fmt.Sprint(out))-1]
}

// TestHandOverLeavesNoGap draws a life of assignments and endings, taking only
// what the rules allow: there is never more than one leader, nobody is there
// twice, and after a hand-over exactly one leader follows the other.
func TestHandOverLeavesNoGap(t *testing.T) {
	everybody := func(uuid.UUID) bool { return true }
	rapid.Check(t, func(t *rapid.T) {
		var all []rule.GridAssignmentFacts
		next := 1
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			if len(all) > 0 && rapid.Bool().Draw(t, "end") {
				i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				last := on(rapid.IntRange(1, 60).Draw(t, "last"))
				var bad fault.Input
				if rule.CheckEnd(&bad, "input", all[i], last) != nil {
					continue
				}
				was := all[i]
				cut := slices.Clone(all)
				cut[i].Span = rule.EndedWith(cut[i].Span, last)
				follower := was
				follower.ID, follower.UserID = number(next), number(500+rapid.IntRange(1, 4).Draw(t, "user"))
				follower.Span = rule.Span{From: last.AddDays(1), Until: was.Span.Until}
				if was.Role == rule.GridDeputy || rule.CheckAssignment(&bad, "input", follower, cut, []rule.Span{{From: on(1)}}) != nil {
					continue
				}
				next++
				for j := range cut { // deputies end with whom they stand in for
					if cut[j].StandsInFor == was.ID {
						cut[j].Span = rule.EndedWith(cut[j].Span, last)
					}
				}
				cut[i].Ended = true
				all = append(cut, follower)
				if was.Role == rule.GridLeader {
					one, two := rule.AnswersOn(last, nil, all, everybody), rule.AnswersOn(last.AddDays(1), nil, all, everybody)
					if one.Leader == nil || one.Leader.ID != was.ID || two.Leader == nil || two.Leader.ID != follower.ID {
						t.Fatalf("handed over on %s: %v, then %v", last, one.Leader, two.Leader)
					}
				}
				continue
			}
			from := rapid.IntRange(1, 50).Draw(t, "from")
			a := answers(next, rapid.IntRange(1, 4).Draw(t, "user"), rapid.SampledFrom([]rule.AssignmentRole{rule.GridLeader, rule.GridMember, rule.GridDeputy}).Draw(t, "role"), from, 0)
			if rapid.Bool().Draw(t, "limited") {
				a.Span.Until = on(from + rapid.IntRange(0, 20).Draw(t, "length"))
			}
			if a.Role == rule.GridDeputy && len(all) > 0 {
				a.StandsInFor = all[rapid.IntRange(0, len(all)-1).Draw(t, "of")].ID
			}
			var bad fault.Input
			if rule.CheckAssignment(&bad, "input", a, all, []rule.Span{{From: on(1)}}) == nil {
				all, next = append(all, a), next+1
			}
		}
		for day := 1; day <= 75; day++ {
			leaders, people := 0, map[uuid.UUID]bool{}
			for _, a := range all {
				if !a.Span.Holds(on(day)) {
					continue
				}
				if people[a.UserID] {
					t.Fatalf("day %d: %s is there twice", day, a.UserID)
				}
				people[a.UserID] = true
				if a.Role == rule.GridLeader {
					leaders++
				}
			}
			r := rule.AnswersOn(on(day), nil, all, everybody)
			if leaders > 1 || (r.Leader != nil) != (leaders == 1) {
				t.Fatalf("day %d: %d leaders", day, leaders)
			}
			for _, d := range r.Deputies {
				if r.Nobody() {
					t.Fatalf("day %d: %s stands in for nobody", day, d.ID)
				}
			}
		}
	})
}

func TestOrderGrids(t *testing.T) {
	node := func(key, parent int) rule.GridNode {
		n := rule.GridNode{ID: number(key)}
		if parent > 0 {
			n.Parent = number(parent)
		}
		return n
	}
	there := func(i uuid.UUID) bool { return i == number(90) }
	for name, c := range map[string]struct {
		added []rule.GridNode
		order []int
		want  string
	}{
		"one":                  {[]rule.GridNode{node(1, 0)}, []int{0}, ""},
		"children first":       {[]rule.GridNode{node(3, 2), node(2, 1), node(1, 90)}, []int{2, 1, 0}, ""},
		"an unknown parent":    {[]rule.GridNode{node(1, 91)}, nil, "[0].parentId not_found"},
		"below an unknown one": {[]rule.GridNode{node(1, 91), node(2, 1)}, nil, "[0].parentId not_found"},
		"its own parent":       {[]rule.GridNode{node(1, 1)}, nil, "[0].parentId circle"},
		"a circle of three":    {[]rule.GridNode{node(1, 2), node(2, 3), node(3, 1)}, nil, "[0].parentId circle"},
		"the same twice":       {[]rule.GridNode{node(1, 0), node(1, 0)}, nil, "[1].id repeated"},
	} {
		var bad fault.Input
		order := rule.OrderGrids(&bad, func(i int) string { return fmt.Sprintf("[%d]", i) }, c.added, there)
		if got := verdict(bad.Err()); got != c.want || c.want == "" && !slices.Equal(order, c.order) {
			t.Errorf("%s: %q %v, want %q %v", name, got, order, c.want, c.order)
		}
	}
}

// TestProposedGrids: whatever the school, the template gives a tree below the
// whole school, each code once.
func TestProposedGrids(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := func(name string) bool { return rapid.Bool().Draw(t, name) }
		all := []rule.SchoolStage{rule.Kindergarten, rule.Primary, rule.Middle, rule.High, rule.Vocational, rule.Special}
		s := rule.SchoolShape{
			Stages:   rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 2, rapid.ID).Draw(t, "stages"),
			Students: rapid.IntRange(0, 6000).Draw(t, "students"), Boarding: b("boarding"), Canteen: b("canteen"), Bus: b("bus"),
		}
		grids := rule.ProposeGrids(s)
		if len(grids) < 5 || len(grids) > rule.MostProposedGrids() {
			t.Fatalf("%d grids", len(grids))
		}
		for i, g := range grids {
			if g.Code != fmt.Sprintf("%02d", i) || g.Name == "" || (g.Parent < 0) != (i == 0) || g.Parent >= i {
				t.Errorf("grid %d is %+v", i, g)
			}
			if g.Kind == "DORMITORY" && !s.Boarding {
				t.Error("a day school has a dormitory")
			}
		}
	})
}
