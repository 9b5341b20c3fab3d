package scope

import (
	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent/accountabilitycase"
	"github.com/cleargrid/cleargrid/ent/campaign"
	"github.com/cleargrid/cleargrid/ent/changedrow"
	"github.com/cleargrid/cleargrid/ent/inspectionteam"
	"github.com/cleargrid/cleargrid/ent/leadinggroup"
	"github.com/cleargrid/cleargrid/ent/membership"
	"github.com/cleargrid/cleargrid/ent/notice"
	"github.com/cleargrid/cleargrid/ent/reminder"
	"github.com/cleargrid/cleargrid/ent/samplingexemption"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/ent/visitplan"
	"github.com/cleargrid/cleargrid/internal/authz"
	handbook "github.com/cleargrid/cleargrid/internal/rule"
)

// rule returns the filter for a viewer's rows of one type; nil for all rows.
type rule func(authz.Viewer) func(*sql.Selector)

// rules has one entry for each entity.
var rules = map[string]rule{
	"Region":           byPath("path", everyRole),
	"School":           schoolColumn(school.FieldID, structure),
	"Grid":             schoolColumn("school_id", structure),
	"GridAssignment":   schoolColumn("school_id", structure),
	"User":             users,
	"Membership":       memberships,
	"Session":          own("user_id"),
	"SignInThrottle":   nobody,
	"CommandReceipt":   own("user_id"),
	"Campaign":         byPath(campaign.FieldRegionPath, everyRole),
	"Phase":            through("campaign_id", campaign.Table, byPath(campaign.FieldRegionPath, everyRole)),
	"Checklist":        everybody,
	"ChecklistItem":    everybody,
	"CodedValue":       everybody,
	"InspectionTeam":   byPath(inspectionteam.FieldRegionPath, bureau),
	"TeamMember":       through("team_id", inspectionteam.Table, byPath(inspectionteam.FieldRegionPath, bureau)),
	"TeamArea":         through("team_id", inspectionteam.Table, byPath(inspectionteam.FieldRegionPath, bureau)),
	"InspectionReport": schoolColumn("school_id", casework),
	"Finding":          schoolColumn("school_id", casework),
	"Hazard":           schoolColumn("school_id", casework),

	"HazardEvent":       schoolColumn("school_id", casework),
	"OversightOrder":    schoolColumn("school_id", casework),
	"RectificationPlan": schoolColumn("school_id", casework),
	"Extension":         schoolColumn("school_id", casework),
	"Recheck":           schoolColumn("school_id", casework),
	"Evidence":          schoolColumn("school_id", casework),
	"EvidenceUse":       schoolColumn("school_id", casework),
	"EvidenceEvent":     schoolColumn("school_id", casework),
	"EvidenceMatch":     schoolColumn("school_id", casework),
	"PictureBand":       nobody,
	"SchoolFigure":      schoolColumn("school_id", everyRole),
	"DeadlineFigure":    schoolColumn("school_id", everyRole),
	"BreakdownFigure":   schoolColumn("school_id", everyRole),
	"DayFigure":         schoolColumn("school_id", everyRole),
	"ClosingFigure":     schoolColumn("school_id", everyRole),
	"HazardState":       schoolColumn("school_id", everyRole), // no words of people: figures and the ids behind them
	"CoverageCell":      schoolColumn("school_id", everyRole),
	"GridFigure":        schoolColumn("school_id", everyRole),
	"Backfill":          nobody,

	"Holiday":                  everybody,
	"GradingRuleSet":           everybody,
	"GradingRule":              everybody,
	"RiskPoint":                schoolColumn("school_id", structure),
	"RiskAssessment":           schoolColumn("school_id", structure),
	"RiskControl":              schoolColumn("school_id", structure),
	"VisitPlan":                byPath(visitplan.FieldRegionPath, bureau),
	"PlannedVisit":             schoolColumn("school_id", bureau), // schools are not told beforehand
	"SamplingExemption":        byPath(samplingexemption.FieldRegionPath, everyRole),
	"LeadingGroup":             leadingGroups,
	"LeadingGroupMember":       through("group_id", leadinggroup.Table, leadingGroups),
	"SelfInspectionSubmission": schoolColumn("school_id", casework),
	"Reminder":                 schoolColumn("school_id", casework),
	"Notice":                   notices,
	"NoticeItem":               through("notice_id", notice.Table, notices),
	"NoticeEvent":              through("notice_id", notice.Table, notices),
	"NoticeCounter":            nobody,
	"Discrepancy":              schoolColumn("school_id", casework),
	"AccountabilityCase":       cases,
	"ChangedRow":               changedRows,
	"ChangeHead":               nobody,
	"SearchGram":               nobody, // a search looks here, but answers with rows that have their own rule
}

// Which roles open which class of rows. Administrators see the structure but no
// casework; a VIEWER sees figures only.
func everyRole(authz.Role) bool { return true }

func structure(r authz.Role) bool { return r != authz.StatisticsViewer }

func casework(r authz.Role) bool { return structure(r) && r != authz.PlatformAdmin }

func bureau(r authz.Role) bool { return r.OfBureau() }

// answers are the roles that decide on cases or answer for the place.
func answers(r authz.Role) bool {
	return r == authz.SafetySection || r == authz.BureauLeader || r == authz.SchoolLeader
}

// placed reports whether a grant says where it holds. A school's role without a
// school, or a region's without a path, would otherwise open a whole township or
// everything.
func placed(g authz.Grant) bool {
	return g.SchoolID != uuid.Nil || g.RegionPath != "" && !g.Role.OfSchool()
}

func everybody(authz.Viewer) func(*sql.Selector) { return nil }

func nobody(authz.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) { s.Where(sql.False()) }
}

func own(column string) rule {
	return func(v authz.Viewer) func(*sql.Selector) {
		return func(s *sql.Selector) { s.Where(sql.EQ(s.C(column), v.UserID)) }
	}
}

// schoolColumn filters by a column that holds the school's id.
func schoolColumn(column string, opens func(authz.Role) bool) rule {
	return func(v authz.Viewer) func(*sql.Selector) {
		return func(s *sql.Selector) { s.Where(inSchools(s, s.C(column), v, opens)) }
	}
}

// inSchools is true for the schools of the viewer's grants.
func inSchools(s *sql.Selector, column string, v authz.Viewer, opens func(authz.Role) bool) *sql.Predicate {
	var allowed []*sql.Predicate
	var ids []any
	var paths []*sql.Predicate
	seen := map[string]bool{}
	for _, g := range v.Grants {
		switch {
		case !opens(g.Role), !placed(g):
		case g.SchoolID != uuid.Nil:
			ids = append(ids, g.SchoolID)
		case !seen[g.RegionPath]:
			seen[g.RegionPath] = true
			paths = append(paths, subtree(school.FieldRegionPath, g.RegionPath))
		}
	}
	if len(ids) > 0 {
		allowed = append(allowed, sql.In(column, ids...))
	}
	if len(paths) > 0 {
		t := sql.Dialect(s.Dialect()).Select(school.FieldID).From(sql.Table(school.Table)).Where(sql.Or(paths...))
		allowed = append(allowed, sql.In(column, t))
	}
	return orNothing(allowed)
}

// subtree is true for a path at or below another: a range, which an index
// serves, and not a LIKE, which none does.
func subtree(column, path string) *sql.Predicate {
	return sql.And(sql.GTE(column, path), sql.LT(column, handbook.RegionPathEnd(path)))
}

func ancestors(path string) []any {
	var out []any
	for _, p := range handbook.RegionAncestors(path) {
		out = append(out, p)
	}
	return out
}

// byPath filters by a column with a region's path: what lies in a granted
// subtree, and what lies above a grant.
func byPath(column string, opens func(authz.Role) bool) rule {
	return func(v authz.Viewer) func(*sql.Selector) {
		return func(s *sql.Selector) { s.Where(inRegions(s.C(column), v, opens)) }
	}
}

func inRegions(column string, v authz.Viewer, opens func(authz.Role) bool) *sql.Predicate {
	var allowed []*sql.Predicate
	for _, g := range v.Grants {
		if !opens(g.Role) || !placed(g) || g.RegionPath == "" {
			continue
		}
		allowed = append(allowed, sql.In(column, ancestors(g.RegionPath)...))
		if g.SchoolID == uuid.Nil {
			allowed = append(allowed, subtree(column, g.RegionPath))
		}
	}
	return orNothing(allowed)
}

// SchoolsCounted is the filter for schools whose figures a viewer may read: those
// of the scope of SchoolFigure. It is wider than the scope of School, because a
// VIEWER reads the figures of schools that are themselves out of sight.
func SchoolsCounted(v authz.Viewer) func(*sql.Selector) {
	if v.System {
		return func(*sql.Selector) {}
	}
	return schoolColumn(school.FieldID, everyRole)(v)
}

// RemindersTo is the filter for reminders that are addressed to a role that the
// viewer holds where the hazard is. It narrows the scope of Reminder, which shows
// all who see the hazard who was reminded of it.
func RemindersTo(v authz.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) {
		var allowed []*sql.Predicate
		for _, g := range v.Grants {
			to := sql.EQ(s.C(reminder.FieldToRole), g.Role)
			switch {
			case !placed(g):
			case g.SchoolID != uuid.Nil:
				allowed = append(allowed, sql.And(to, sql.EQ(s.C(reminder.FieldSchoolID), g.SchoolID)))
			default:
				allowed = append(allowed, sql.And(to, subtree(s.C(reminder.FieldRegionPath), g.RegionPath)))
			}
		}
		s.Where(orNothing(allowed))
	}
}

// through filters a child row by its parent's rule.
func through(column, table string, parent rule) rule {
	return func(v authz.Viewer) func(*sql.Selector) {
		return func(s *sql.Selector) {
			s.Where(exists(s, table, func(t *sql.Selector) {
				t.Where(sql.ColumnsEQ(t.C("id"), s.C(column)))
				parent(v)(t)
			}))
		}
	}
}

// exists is true for a row that has one in another table. It is asked of each row:
// a list of all such rows (IN) would be made for each read of a single one.
func exists(s *sql.Selector, table string, filter func(*sql.Selector)) *sql.Predicate {
	t := sql.Dialect(s.Dialect()).Select("id").From(sql.Table(table))
	filter(t)
	return sql.Exists(t)
}

// users are the viewer and all with a role in a school or region that the viewer
// sees, or above it: the names under reports, plans and rechecks.
func users(v authz.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) {
		s.Where(sql.Or(sql.EQ(s.C("id"), v.UserID), exists(s, membership.Table, func(t *sql.Selector) {
			t.Where(sql.ColumnsEQ(t.C(membership.FieldUserID), s.C("id")))
			t.Where(sql.Or(
				inSchools(s, t.C(membership.FieldSchoolID), v, structure),
				sql.And(sql.IsNull(t.C(membership.FieldSchoolID)), inRegions(t.C(membership.FieldRegionPath), v, structure)),
			))
		})))
	}
}

// memberships are one's own and, for those who manage people, the ones in sight.
func memberships(v authz.Viewer) func(*sql.Selector) {
	manages := func(r authz.Role) bool {
		return r == authz.PlatformAdmin || r == authz.SafetySection || r == authz.SchoolLeader || r == authz.SchoolSafetyOfficer
	}
	return func(s *sql.Selector) {
		var allowed []*sql.Predicate
		for _, g := range v.Grants {
			switch {
			case !manages(g.Role), !placed(g):
			case g.SchoolID != uuid.Nil:
				allowed = append(allowed, sql.EQ(s.C(membership.FieldSchoolID), g.SchoolID))
			default:
				allowed = append(allowed, subtree(s.C(membership.FieldRegionPath), g.RegionPath))
			}
		}
		s.Where(sql.Or(sql.EQ(s.C(membership.FieldUserID), v.UserID), orNothing(allowed)))
	}
}

func orNothing(allowed []*sql.Predicate) *sql.Predicate {
	if len(allowed) == 0 {
		return sql.False()
	}
	return sql.Or(allowed...)
}

// leadingGroups are those of the schools in sight and those of a bureau that one
// belongs to or lies under.
func leadingGroups(v authz.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) {
		s.Where(sql.Or(
			inSchools(s, s.C(leadinggroup.FieldSchoolID), v, structure),
			sql.And(sql.IsNull(s.C(leadinggroup.FieldSchoolID)), inRegions(s.C(leadinggroup.FieldRegionPath), v, structure)),
		))
	}
}

// cases are one's own and, for those who decide or answer for the place, the
// ones of its schools: a colleague does not read what is held against another.
func cases(v authz.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) {
		s.Where(sql.Or(sql.EQ(s.C(accountabilitycase.FieldPersonID), v.UserID), inSchools(s, s.C(accountabilitycase.FieldSchoolID), v, answers)))
	}
}

// notices are casework, but a draft is the bureau's own: the school sees a notice
// from the moment it is issued.
func notices(v authz.Viewer) func(*sql.Selector) {
	ofSchool := func(r authz.Role) bool { return casework(r) && !bureau(r) }
	var secret []any
	for _, s := range handbook.NoticeStatuses() {
		if s.Secret() {
			secret = append(secret, string(s))
		}
	}
	return func(s *sql.Selector) {
		s.Where(sql.Or(
			inSchools(s, s.C(notice.FieldSchoolID), v, bureau),
			sql.And(sql.NotIn(s.C(notice.FieldStatus), secret...), inSchools(s, s.C(notice.FieldSchoolID), v, ofSchool)),
		))
	}
}

// changedRows are those of rows of the same class in sight. A notice's may be in
// sight while it is a draft of the bureau: who reads the notice itself finds none.
func changedRows(v authz.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) {
		noun, of := s.C(changedrow.FieldNoun), s.C(changedrow.FieldSchoolID)
		s.Where(sql.Or(
			sql.And(inSchools(s, of, v, structure), sql.In(noun, "school", "grid")),
			sql.And(inSchools(s, of, v, casework), sql.In(noun, "hazard", "evidence", "report", "finding", "notice")),
			sql.And(sql.IsNull(of), sql.In(noun, "campaign", "checklist")),
		))
	}
}
