// Package authz decides who may do what.
//
// It holds one table from actions to roles and conditions, and nothing else: no
// I/O, no clock. It never decides which rows exist for somebody (scope) or
// whether a step makes sense (rule). The use cases in app ask it before they
// decide anything else.
package authz

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/fault"
)

// Grant is one role that holds now, in a region subtree or in a school.
type Grant struct {
	Role       Role
	RegionPath string    // of the subtree; for a school's role the path of its township
	SchoolID   uuid.UUID // zero for a region's role
}

// Viewer is who asks. The zero Viewer is nobody.
type Viewer struct {
	UserID    uuid.UUID
	SessionID uuid.UUID
	Name      string
	Grants    []Grant
	// System is the product itself: background jobs, migrations, seeding. It
	// never comes from a request.
	System bool
}

// Anonymous reports whether nobody is signed in.
func (v Viewer) Anonymous() bool { return v.UserID == uuid.Nil && !v.System }

// Has reports whether the viewer holds the role anywhere.
func (v Viewer) Has(r Role) bool {
	return slices.ContainsFunc(v.Grants, func(g Grant) bool { return g.Role == r })
}

// Facts is what a decision may depend on besides the viewer. The zero value lies
// in no grant. Mind the conditions that deny (Rectifier, Requester, OfSchool,
// Major): a fact that was not gathered reads as innocence, so gather all of them.
type Facts struct {
	SchoolID   uuid.UUID // of the row
	RegionPath string    // of the row's school or region

	OwnGrid     bool // the viewer answers for the grid today
	Responsible bool // the viewer is to rectify the hazard
	Rectifier   bool // the viewer rectified the hazard
	Requester   bool // the viewer asked for what is to be decided
	Owner       bool // the viewer made the record or took the step: inspector of a report, uploader of a file
	OfSchool    bool // the viewer belongs or lately belonged to the school
	Major       bool // the hazard is MAJOR
	Contact     bool // the viewer is the contact or the leader of the team
	Held        bool // the viewer is the person that a case is held against
	Supervision bool // the report or the hazard's source is SUPERVISION; of a step: somebody from outside the school took it
}

// condition is a named question about the facts, so that the table reads like
// the handbook and prints to a golden file.
type condition struct {
	name string
	met  func(Facts) bool
}

var (
	ownGrid        = condition{"in one of the person's grids", func(f Facts) bool { return f.OwnGrid }}
	responsible    = condition{"is the responsible person", func(f Facts) bool { return f.Responsible }}
	notRectifier   = condition{"did not rectify it", func(f Facts) bool { return !f.Rectifier }}
	notRequester   = condition{"did not ask for it", func(f Facts) bool { return !f.Requester }}
	owner          = condition{"made the record", func(f Facts) bool { return f.Owner }}
	notOfSchool    = condition{"does not belong to the school", func(f Facts) bool { return !f.OfSchool }}
	contact        = condition{"is the team's contact or leader", func(f Facts) bool { return f.Contact }}
	general        = condition{"hazard is GENERAL", func(f Facts) bool { return !f.Major }}
	bySchool       = condition{"school's own inspection", func(f Facts) bool { return !f.Supervision }}
	bySupervision  = condition{"supervision", func(f Facts) bool { return f.Supervision }}
	held           = condition{"it is held against the viewer", func(f Facts) bool { return f.Held }}
	notHeld        = condition{"it is not held against the viewer", func(f Facts) bool { return !f.Held }}
	ofBureau       = condition{"for the bureau itself", func(f Facts) bool { return f.SchoolID == uuid.Nil }}
	anywhere       = []condition(nil)
	independentOne = []condition{notRectifier, notOfSchool}
)

// anyone stands in a clause that asks for no role: its conditions alone decide.
const anyone Role = ""

// clause lets a role act when every condition is met.
type clause struct {
	role Role
	when []condition
}

// roles gives the same conditions to several roles.
func roles(when []condition, rs ...Role) []clause {
	out := make([]clause, len(rs))
	for i, r := range rs {
		out[i] = clause{r, when}
	}
	return out
}

func when(cs ...condition) []condition { return cs }

// Can decides whether the viewer may act. The refusal is UNAUTHENTICATED for
// nobody and FORBIDDEN for everybody else; an action without a row in the table
// is refused.
func Can(v Viewer, a Action, f Facts) error {
	row, known := table[a]
	switch {
	case known && row.public:
		return nil
	case v.Anonymous():
		return fault.New(fault.Unauthenticated, "session.none", fault.T("请先登录。", "Sign in first."))
	case known && row.signedIn:
		return nil
	case known && slices.ContainsFunc(row.clauses, func(c clause) bool { return c.admits(v, f) }):
		return nil
	}
	return fault.New(fault.Forbidden, "action.forbidden",
		fault.Tf("您没有权限执行该操作（%s）。", "You may not do this (%s).", string(a))).With("action", string(a))
}

func (c clause) admits(v Viewer, f Facts) bool {
	holds := c.role == anyone || slices.ContainsFunc(v.Grants, func(g Grant) bool { return g.Role == c.role && g.Covers(f.SchoolID, f.RegionPath) })
	return holds && !slices.ContainsFunc(c.when, func(q condition) bool { return !q.met(f) })
}

// Covers reports whether the grant holds for a school with the path of its
// township, or for a region (zero school). A school's role without a school, and
// a region's without a path, cover nothing.
func (g Grant) Covers(school uuid.UUID, regionPath string) bool {
	if g.SchoolID != uuid.Nil {
		return g.SchoolID == school
	}
	return g.RegionPath != "" && !g.Role.OfSchool() && strings.HasPrefix(regionPath, g.RegionPath)
}

// Describe prints the table, one line a clause, in the order of Actions.
func Describe() string {
	var b strings.Builder
	for _, a := range Actions() {
		row := table[a]
		switch {
		case row.public:
			b.WriteString(string(a) + ": everybody\n")
		case row.signedIn:
			b.WriteString(string(a) + ": everybody who is signed in\n")
		}
		for _, c := range row.clauses {
			b.WriteString(string(a) + ": " + cmp.Or(string(c.role), "everybody who is signed in"))
			for i, q := range c.when {
				b.WriteString([]string{" if ", " and "}[min(i, 1)] + q.name)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
