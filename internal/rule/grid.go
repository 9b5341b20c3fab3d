package rule

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/id"
)

// Span is a time from one day to another, both included; an empty Until never
// ends. A span that ends before it begins holds on no day at all: that is how
// an assignment is called off before it began.
type Span struct{ From, Until clock.Date }

// Holds reports whether a day lies in the span.
func (s Span) Holds(day clock.Date) bool { return s.From <= day && (s.Until == "" || day <= s.Until) }

func (s Span) empty() bool { return s.Until != "" && s.Until < s.From }

// overlaps reports whether some day lies in both spans.
func (s Span) overlaps(o Span) bool {
	return !s.empty() && !o.empty() && (o.Until == "" || s.From <= o.Until) && (s.Until == "" || o.From <= s.Until)
}

// within reports whether every day of the span lies in the other.
func (s Span) within(o Span) bool {
	return o.From <= s.From && (o.Until == "" || s.Until != "" && s.Until <= o.Until)
}

// coveredBy reports whether every day of the span lies in one of the others.
func (s Span) coveredBy(others []Span) bool {
	others = slices.SortedFunc(slices.Values(others), func(a, b Span) int { return strings.Compare(string(a.From), string(b.From)) })
	day := s.From // the first day that is not covered yet
	for _, o := range others {
		switch {
		case o.empty() || o.Until != "" && o.Until < day:
			continue
		case o.From > day:
			return false
		case o.Until == "":
			return true
		}
		day = o.Until.AddDays(1)
		if s.Until != "" && day > s.Until {
			return true
		}
	}
	return false
}

// GridAssignmentFacts is what decides about one assignment of a person to a grid
// (网格责任人).
type GridAssignmentFacts struct {
	ID, UserID  uuid.UUID
	Role        AssignmentRole
	Span        Span
	StandsInFor uuid.UUID // zero for all but a DEPUTY
	Ended       bool      // somebody has ended it
}

// CheckAssignment decides whether somebody may be assigned to a grid: others are
// the grid's assignments, of is when the person belongs to the school. What the
// input itself gets wrong goes into bad, under the path of the input that held
// it; what stands in the way is a CONFLICT that names the other assignment
// (domain: grid responsibility is dated, P3).
func CheckAssignment(bad *fault.Input, path string, a GridAssignmentFacts, others []GridAssignmentFacts, of []Span) error {
	if a.Span.empty() {
		bad.Add(path+".validUntil", "before_start", fault.T("最后一天早于第一天。", "The last day is before the first."))
		return bad.Err()
	}
	if !a.Span.coveredBy(of) {
		bad.Add(path+".userId", "not_of_school", fault.T("此人在这段时间内不是该校人员。", "This person does not belong to the school all that time."))
	}
	checkDeputy(bad, path, a, others)
	if err := bad.Err(); err != nil {
		return err
	}
	for _, o := range others {
		switch {
		case o.ID == a.ID || !a.Span.overlaps(o.Span):
		case o.UserID == a.UserID:
			return taken("assignment.same_person", o, fault.T("此人在这段时间内已是该网格责任人。", "This person answers for the grid in that time already."))
		case a.Role == GridLeader && o.Role == GridLeader:
			return taken("assignment.second_leader", o, fault.T("该网格在这段时间内已有网格长，请先交接。", "The grid has a leader in that time already. Hand over first."))
		}
	}
	return nil
}

func taken(code string, by GridAssignmentFacts, text fault.Text) error {
	return fault.New(fault.Conflict, code, text).With("assignmentId", id.Of(id.GridAssignment, by.ID).String())
}

// checkDeputy: a deputy stands in for one assignment of the same grid, of another
// person, for a limited time inside the time of that one.
func checkDeputy(bad *fault.Input, path string, a GridAssignmentFacts, others []GridAssignmentFacts) {
	if a.Role != GridDeputy {
		if a.StandsInFor != uuid.Nil {
			bad.Add(path+".standsInForId", "not_a_deputy", fault.T("只有代理才代替他人。", "Only a deputy stands in for somebody."))
		}
		return
	}
	if a.Span.Until == "" {
		bad.Add(path+".validUntil", "missing", fault.T("代理须有截止日期。", "A deputy is for a limited time."))
	}
	i := slices.IndexFunc(others, func(o GridAssignmentFacts) bool { return o.ID == a.StandsInFor })
	switch {
	case i < 0:
		bad.Add(path+".standsInForId", "not_found", fault.T("请指明代理本网格的哪位责任人。", "Say which assignment of this grid the deputy stands in for."))
	case others[i].Role == GridDeputy:
		bad.Add(path+".standsInForId", "of_a_deputy", fault.T("代理不能再由他人代理。", "Nobody stands in for a deputy."))
	case others[i].UserID == a.UserID:
		bad.Add(path+".userId", "own_deputy", fault.T("不能代理自己。", "Nobody stands in for himself."))
	case !a.Span.within(others[i].Span):
		bad.Add(path+".validUntil", "outside", fault.T("代理时间超出了被代理人的任期。", "The deputy's time lies outside that of the one stood in for."))
	}
}

// CheckEnd decides whether an assignment may end with a day: it has begun by
// then, was not to end before, and nobody has ended it yet.
func CheckEnd(bad *fault.Input, path string, a GridAssignmentFacts, lastDay clock.Date) error {
	if a.Ended {
		return fault.New(fault.InvalidTransition, "assignment.ended", fault.T("该任职已结束，不能再改。", "This assignment has been ended and can't be changed."))
	}
	switch {
	case lastDay < a.Span.From:
		bad.Add(path+".lastDay", "before_start", fault.T("最后一天早于第一天。", "The last day is before the first."))
	case a.Span.Until != "" && lastDay > a.Span.Until:
		bad.Add(path+".lastDay", "after_end", fault.T("该任职本来就更早结束。", "The assignment ends earlier as it is."))
	}
	return bad.Err()
}

// EndedWith is the span of an assignment after it was ended with a day: one that
// has not begun by then is called off.
func EndedWith(s Span, lastDay clock.Date) Span {
	switch {
	case s.From > lastDay:
		s.Until = s.From.AddDays(-1)
	case s.Until == "" || s.Until > lastDay:
		s.Until = lastDay
	}
	return s
}

// Responsibility says who answers for a grid on a day.
type Responsibility struct {
	Leader   *GridAssignmentFacts
	Members  []GridAssignmentFacts
	Deputies []GridAssignmentFacts // each of somebody above, for whom he or she stands in
}

// Nobody reports whether neither leader nor member answers for the grid.
func (r Responsibility) Nobody() bool { return r.Leader == nil && len(r.Members) == 0 }

// AnswersOn decides who answers for a grid on a day. An assignment counts when
// the day lies in it and the person belongs to the school that day; a deputy only
// while the one he or she stands in for does. A closed grid has nobody from the
// day after it was closed.
func AnswersOn(day clock.Date, closedOn *clock.Date, all []GridAssignmentFacts, belongs func(user uuid.UUID) bool) Responsibility {
	var out Responsibility
	if closedOn != nil && day > *closedOn {
		return out
	}
	counts := map[uuid.UUID]bool{}
	for _, a := range all {
		if !a.Span.Holds(day) || !belongs(a.UserID) {
			continue
		}
		switch a.Role {
		case GridLeader:
			out.Leader = &a
			counts[a.ID] = true
		case GridMember:
			out.Members = append(out.Members, a)
			counts[a.ID] = true
		case GridDeputy: // once it is known for whom
		}
	}
	for _, a := range all {
		if a.Role == GridDeputy && a.Span.Holds(day) && belongs(a.UserID) && counts[a.StandsInFor] {
			out.Deputies = append(out.Deputies, a)
		}
	}
	return out
}

// GridNode is a grid's place in the tree of its school; Parent is zero at the top.
type GridNode struct{ ID, Parent uuid.UUID }

// OrderGrids puts new grids behind their parents, which are new ones or existing
// ones. bad names a parent that is neither and grids that hang in a circle.
func OrderGrids(bad *fault.Input, path func(i int) string, added []GridNode, existing func(uuid.UUID) bool) []int {
	index := map[uuid.UUID]int{}
	for i, g := range added {
		if _, twice := index[g.ID]; twice {
			bad.Add(path(i)+".id", "repeated", fault.T("同一标识重复。", "The same id is there twice."))
		}
		index[g.ID] = i
	}
	order, placed := make([]int, 0, len(added)), make([]bool, len(added))
	for progress := true; progress; {
		progress = false
		for i, g := range added {
			p, isNew := index[g.Parent]
			if placed[i] || isNew && !placed[p] || !isNew && g.Parent != uuid.Nil && !existing(g.Parent) {
				continue
			}
			placed[i], progress, order = true, true, append(order, i)
		}
	}
	for i, g := range added {
		_, isNew := index[g.Parent]
		switch {
		case placed[i]:
		case isNew:
			bad.Add(path(i)+".parentId", "circle", fault.T("网格不能互为上级，也不能挂在无效的网格之下。", "Grids hang in a circle, or below one that is refused."))
		default:
			bad.Add(path(i)+".parentId", "not_found", fault.T("该校没有这个正在使用的上级网格。", "The school has no such grid in use."))
		}
	}
	return order
}

// GridClosedOn is the last day of a closed grid in a zone; nil while it is in use.
func GridClosedOn(closedAt *time.Time, p Policy) *clock.Date {
	if closedAt == nil {
		return nil
	}
	d := p.Today(*closedAt)
	return &d
}
