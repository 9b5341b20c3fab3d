package authz_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

var update = flag.Bool("update", false, "write testdata/table.golden anew")

const golden = "testdata/table.golden"

// TestTable shows every change of who may do what in the review of a file.
func TestTable(t *testing.T) {
	got := authz.Describe()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the table has changed. If that is meant, run this test with -update. It is now:\n%s", got)
	}
}

// Two schools of one township, and one of another county whose code begins like
// that of the first.
var (
	county    = rule.RegionPath("130000x130400x", "130481")
	township  = rule.RegionPath(county, "130481100")
	elsewhere = rule.RegionPath("130000x130400x", "1304819")

	schoolA = uuid.MustParse("00000000-0000-0000-0000-00000000000a")
	schoolB = uuid.MustParse("00000000-0000-0000-0000-00000000000b")
)

func holds(grants ...authz.Grant) authz.Viewer {
	return authz.Viewer{UserID: uuid.MustParse("00000000-0000-0000-0000-000000000001"), Grants: grants}
}

func ofSchool(r authz.Role, school uuid.UUID) authz.Viewer {
	return holds(authz.Grant{Role: r, SchoolID: school, RegionPath: township})
}

func ofRegion(r authz.Role, path string) authz.Viewer {
	return holds(authz.Grant{Role: r, RegionPath: path})
}

// actors are the people of school A and of its county, each under a letter.
func actors() map[rune]authz.Viewer {
	return map[rune]authz.Viewer{
		'g': ofSchool(authz.GridMember, schoolA),
		'o': ofSchool(authz.SchoolSafetyOfficer, schoolA),
		'l': ofSchool(authz.SchoolLeader, schoolA),
		'i': ofRegion(authz.Inspector, township),
		'j': holds(authz.Grant{Role: authz.Inspector, SchoolID: schoolA, RegionPath: township}), // of a team that has this school alone
		's': ofRegion(authz.SafetySection, county),
		'b': ofRegion(authz.BureauLeader, county),
		'a': ofRegion(authz.PlatformAdmin, county),
		'v': ofRegion(authz.StatisticsViewer, county),
	}
}

const everybody = "goljisbav"

// best are the facts under which an actor of school A may do most: all that is
// asked for is true, and nothing that forbids.
func best(who rune) authz.Facts {
	return authz.Facts{
		SchoolID: schoolA, RegionPath: township, OwnGrid: true, Responsible: true, Owner: true, Contact: true, OfSchool: strings.ContainsRune("gol", who),
	}
}

// handbook says who may do what in school A when the facts are at their best, by
// what it is about: a GENERAL hazard or a report of the school's own, a MAJOR one
// of the school's own, and a GENERAL one of a supervision. Written down from the
// handbook (domain: roles; who, in a hazard's life), not from the code's table.
const handbook = `
action                    own     major   supervision
signIn                    *       *       *
refreshSession            *       *       *
signOut                   *       *       *
submitBatch               *       *       *
createGrids               ol      ol      ol
closeGrid                 ol      ol      ol
assignGrid                ol      ol      ol
endGridAssignment         ol      ol      ol
submitSelfInspection      ol      ol      ol
recordRiskPoint           ol      ol      ol
assessRiskPoint           ol      ol      ol
changeRiskControls        ol      ol      ol
closeRiskPoint            ol      ol      ol
formLeadingGroup          ol      ol      ol
dissolveLeadingGroup      ol      ol      ol
startInspection           gol     gol     ij
recordFindings            golij   golij   golij
submitInspectionReport    golij   golij   golij
reportHazard              gol     gol     ij
gradeHazard               olijs   olijs   olijs
addHazardSigns            olijs   olijs   olijs
decideDowngrade           olijs   olijs   olijs
placeUnderOversight       ols     s       ols
escalateOversight         s       s       s
submitRectificationPlan   ol      ol      ol
approveRectificationPlan  ijs     ijs     ijs
returnRectificationPlan   ijs     ijs     ijs
requestExtension          ol      ol      ol
decideExtension           s       s       s
markRectified             gol     gol     gol
acceptRectification       golijs  ijs     ijs
rejectRectification       golijs  ijs     ijs
requestVoid               ol      ol      ol
voidHazard                s       s       s
reopenHazard              ijs     ijs     ijs
draftNotice               ijs     ijs     ijs
reviseNotice              ijs     ijs     ijs
discardNotice             ijs     ijs     ijs
issueNotice               ijs     ijs     ijs
supersedeNotice           ijs     ijs     ijs
acknowledgeNotice         l       l       l
refuseNotice              ijs     ijs     ijs
replyToNotice             ol      ol      ol
handInNotices             ijb     ijb     ijb
announceEvidence          golijs  golijs  golijs
completeEvidence          golijs  golijs  golijs
openOriginal              *       *       *
uploadEvidence            golijs  golijs  golijs
supplementEvidence        golijs  golijs  gijs
reviewEvidence            s       s       s
holdEvidence              s       s       s
releaseEvidence           s       s       s
requestEvidenceDestruction  s     s       s
withdrawEvidenceDestruction s     s       s
approveEvidenceDestruction  sb    sb      sb
formTeam                  s       s       s
changeTeamMembers         s       s       s
changeTeamAreas           s       s       s
proposeVisits             s       s       s
replanVisits              s       s       s
confirmVisits             sb      sb      sb
cancelVisit               sb      sb      sb
confirmExemption          sb      sb      sb
viewSampling              sb      sb      sb
viewSamplingFigures       sbav    sbav    sbav
moveSchool                sa      sa      sa
closeSchool               sa      sa      sa
changeSchoolBoundary      sa      sa      sa
decideCase                sb      sb      sb
appealCase                l       l       l
viewDashboard             *       *       *
`

// line is one action of the handbook: the letters of those who may.
type line struct{ own, major, supervision string }

func lines(t testing.TB) map[authz.Action]line {
	t.Helper()
	out := map[authz.Action]line{}
	for _, text := range strings.Split(strings.TrimSpace(handbook), "\n")[1:] {
		f := strings.Fields(strings.ReplaceAll(text, "*", everybody))
		out[authz.Action(f[0])] = line{own: f[1], major: f[2], supervision: f[3]}
	}
	return out
}

func TestWhoMayDoWhat(t *testing.T) {
	book := lines(t)
	if len(book) != len(authz.Actions()) {
		t.Errorf("the handbook has %d actions, the table %d", len(book), len(authz.Actions()))
	}
	for _, action := range authz.Actions() {
		l, known := book[action]
		if !known {
			t.Errorf("the handbook does not know %s", action)
			continue
		}
		for who, viewer := range actors() {
			for about, c := range map[string]struct {
				may    string
				change func(*authz.Facts)
			}{
				"own":         {l.own, func(*authz.Facts) {}},
				"major":       {l.major, func(f *authz.Facts) { f.Major = true }},
				"supervision": {l.supervision, func(f *authz.Facts) { f.Supervision = true }},
			} {
				facts := best(who)
				c.change(&facts)
				err := authz.Can(viewer, action, facts)
				if want := strings.ContainsRune(c.may, who); (err == nil) != want {
					t.Errorf("%s, %s, by %c: %v, the handbook says %v", action, about, who, err, want)
				}
			}
		}
	}
}

// ungated are the actions that ask for no role.
func ungated(a authz.Action) bool {
	return slices.Contains([]authz.Action{authz.SignIn, authz.RefreshSession, authz.SignOut, authz.SubmitBatch, authz.OpenOriginal, authz.ViewDashboard}, a)
}

func TestNobody(t *testing.T) {
	for _, action := range append(authz.Actions(), "launchRocket") {
		err := authz.Can(authz.Viewer{}, action, best('o'))
		if public := action == authz.SignIn || action == authz.RefreshSession; public != (err == nil) {
			t.Errorf("%s by nobody: %v", action, err)
		}
		if err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s by nobody is %s, want UNAUTHENTICATED", action, fault.Of(err).Kind)
		}
	}
}

// A grant without a person is nobody's.
func TestGrantsWithoutAPerson(t *testing.T) {
	v := actors()['s']
	v.UserID = uuid.Nil
	if err := authz.Can(v, authz.VoidHazard, best('s')); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("it is %v, want UNAUTHENTICATED", err)
	}
}

func TestUnknownActionIsRefused(t *testing.T) {
	for who, viewer := range actors() {
		for _, action := range []authz.Action{"", "launchRocket", "SIGNIN", "placeUnderOversight "} {
			if err := authz.Can(viewer, action, best(who)); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%q by %c: %v", action, who, err)
			}
		}
	}
}

// The product itself sees every row but holds no role: it may do nothing in a
// person's name.
func TestSystemHoldsNoRole(t *testing.T) {
	v := authz.FromContext(authz.AsSystem(t.Context()))
	for _, action := range authz.Actions() {
		if err := authz.Can(v, action, best('s')); (err == nil) != ungated(action) {
			t.Errorf("%s by the system: %v", action, err)
		}
	}
}

func TestRefusalSaysWhichAction(t *testing.T) {
	e := fault.Of(authz.Can(actors()['v'], authz.VoidHazard, best('v')))
	if e.Kind != fault.Forbidden || e.Detail["action"] != "voidHazard" || e.Text.ZH == "" || e.Text.EN == "" {
		t.Errorf("the refusal is %+v", e)
	}
}

// TestElsewhere: the best facts and the right role do not help outside the place
// where the role holds.
func TestElsewhere(t *testing.T) {
	places := map[string]func(authz.Grant) authz.Grant{
		"another school or township": func(g authz.Grant) authz.Grant {
			if g.SchoolID != uuid.Nil {
				g.SchoolID = schoolB
			} else {
				g.RegionPath = rule.RegionPath(county, "130481200")
			}
			return g
		},
		"a county whose code begins alike": func(g authz.Grant) authz.Grant {
			if g.SchoolID != uuid.Nil {
				g.SchoolID = schoolB
			}
			g.RegionPath = elsewhere
			return g
		},
		"no place": func(g authz.Grant) authz.Grant { return authz.Grant{Role: g.Role} },
		"no school, but the township": func(g authz.Grant) authz.Grant {
			if g.SchoolID == uuid.Nil {
				g.RegionPath = ""
			}
			g.SchoolID = uuid.Nil
			if g.Role == authz.Inspector {
				g.RegionPath = "" // a team may have a whole township
			}
			return g
		},
	}
	for name, move := range places {
		for who, viewer := range actors() {
			viewer.Grants = []authz.Grant{move(viewer.Grants[0])}
			for _, action := range authz.Actions() {
				err := authz.Can(viewer, action, best(who))
				if ungated(action) {
					continue
				}
				if !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s: %s by %c: %v", name, action, who, err)
				}
			}
		}
	}
}

// TestConditions spoils one fact of somebody who might otherwise act.
func TestConditions(t *testing.T) {
	cases := []struct {
		name   string
		who    string
		action authz.Action
		spoil  func(*authz.Facts)
	}{
		{"a grid member in another grid", "g", authz.ReportHazard, func(f *authz.Facts) { f.OwnGrid = false }},
		{"a grid member in another grid", "g", authz.StartInspection, func(f *authz.Facts) { f.OwnGrid = false }},
		{"findings in another's report", "goli", authz.RecordFindings, func(f *authz.Facts) { f.Owner = false }},
		{"another's report", "goli", authz.SubmitInspectionReport, func(f *authz.Facts) { f.Owner = false }},
		{"another's file", "golis", authz.CompleteEvidence, func(f *authz.Facts) { f.Owner = false }},
		{"a step that another took", "gis", authz.SupplementEvidence, func(f *authz.Facts) { f.Owner = false }},
		{"not the responsible person", "gol", authz.MarkRectified, func(f *authz.Facts) { f.Responsible = false }},
		{"who rectified it", "golis", authz.AcceptRectification, func(f *authz.Facts) { f.Rectifier = true }},
		{"who rectified it", "golis", authz.RejectRectification, func(f *authz.Facts) { f.Rectifier = true }},
		{"who asked for it", "olis", authz.DecideDowngrade, func(f *authz.Facts) { f.Requester = true }},
		{"who asked for it", "s", authz.DecideExtension, func(f *authz.Facts) { f.Requester = true }},
		{"the section of the same school", "s", authz.DecideExtension, func(f *authz.Facts) { f.OfSchool = true }},
		{"who wrote the plan", "is", authz.ApproveRectification, func(f *authz.Facts) { f.Requester = true }},
		{"who wrote the plan", "is", authz.ReturnRectification, func(f *authz.Facts) { f.Requester = true }},
		{"a major hazard", "ol", authz.PlaceUnderOversight, func(f *authz.Facts) { f.Major = true }},
		{"a major hazard", "gol", authz.AcceptRectification, func(f *authz.Facts) { f.Major = true }},
		{"a supervision's hazard", "gol", authz.AcceptRectification, func(f *authz.Facts) { f.Supervision = true }},
		{"a supervision by the school itself", "gol", authz.StartInspection, func(f *authz.Facts) { f.Supervision = true }},
		{"a self-inspection by the team", "ij", authz.StartInspection, func(f *authz.Facts) { f.Supervision = false }},
		{"an inspector of the same school", "ij", authz.GradeHazard, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.DecideDowngrade, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.ApproveRectification, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.ReturnRectification, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.AcceptRectification, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.RejectRectification, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.DraftNotice, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.IssueNotice, func(f *authz.Facts) { f.OfSchool = true }},
		{"the team or section of the same school", "ijs", authz.RefuseNotice, func(f *authz.Facts) { f.OfSchool = true }},
		{"a plain member of the team", "ijb", authz.HandInNotices, func(f *authz.Facts) { f.Contact = false }},
		{"an inspector of the same school", "ij", authz.ReopenHazard, func(f *authz.Facts) { f.OfSchool = true }},
		{"an inspector of the same school", "ij", authz.StartInspection, func(f *authz.Facts) { f.Supervision, f.OfSchool = true, true }},
		{"an inspector of the same school", "ij", authz.ReportHazard, func(f *authz.Facts) { f.Supervision, f.OfSchool = true, true }},
	}
	for _, c := range cases {
		for _, who := range c.who {
			facts := best(who)
			c.spoil(&facts)
			if err := authz.Can(actors()[who], c.action, facts); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s, %s, %c: %v, want FORBIDDEN", c.action, c.name, who, err)
			}
		}
	}
}

// An inspector who also belongs to the inspected school may do there what a
// person of the school may, and nothing of the team's.
func TestInspectorAtHome(t *testing.T) {
	v := holds(authz.Grant{Role: authz.Inspector, RegionPath: county}, authz.Grant{Role: authz.SchoolSafetyOfficer, SchoolID: schoolA, RegionPath: township})
	home := best('o')
	away := authz.Facts{SchoolID: schoolB, RegionPath: township}
	for action, want := range map[authz.Action]struct{ home, away bool }{
		authz.ApproveRectification:    {false, true},
		authz.ReopenHazard:            {false, true},
		authz.SubmitRectificationPlan: {true, false},
		authz.PlaceUnderOversight:     {true, false},
	} {
		if got := authz.Can(v, action, home) == nil; got != want.home {
			t.Errorf("%s at home: %v", action, got)
		}
		if got := authz.Can(v, action, away) == nil; got != want.away {
			t.Errorf("%s elsewhere: %v", action, got)
		}
	}
	home.Major = true
	if err := authz.Can(v, authz.AcceptRectification, home); err == nil {
		t.Error("an inspector accepts a major hazard of the own school")
	}
}

func TestCovers(t *testing.T) {
	region := func(path string) authz.Grant { return authz.Grant{Role: authz.SafetySection, RegionPath: path} }
	school := authz.Grant{Role: authz.SchoolLeader, SchoolID: schoolA, RegionPath: township}
	cases := []struct {
		name   string
		grant  authz.Grant
		school uuid.UUID
		path   string
		want   bool
	}{
		{"a school in the county", region(county), schoolA, township, true},
		{"the county itself", region(county), uuid.Nil, county, true},
		{"a township of the county", region(county), uuid.Nil, township, true},
		{"the city above", region(county), uuid.Nil, "130000x130400x", false},
		{"a county with a longer code", region(county), schoolB, elsewhere + "1304819100x", false},
		{"a county with a shorter code", region(elsewhere), schoolA, township, false},
		{"the same code under another city", region(county), schoolA, "130000x130500x130481x", false},
		{"a row without a place", region(county), schoolA, "", false},
		{"no path", region(""), schoolA, township, false},
		{"no path, a row without a place", region(""), uuid.Nil, "", false},
		{"the own school", school, schoolA, township, true},
		{"the own school, whatever its path", school, schoolA, "", true},
		{"another school of the township", school, schoolB, township, false},
		{"the township of the school", school, uuid.Nil, township, false},
		{"a school's role without a school", authz.Grant{Role: authz.SchoolLeader, RegionPath: township}, schoolA, township, false},
		{"a campaign's region", authz.Grant{RegionPath: county}, schoolA, township, true},
	}
	for _, c := range cases {
		if got := c.grant.Covers(c.school, c.path); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Viewers and facts for the properties: a few places, so that grants often hold.

func drawViewer(t *rapid.T) authz.Viewer {
	v := holds()
	for range rapid.IntRange(0, 4).Draw(t, "grants") {
		v.Grants = append(v.Grants, authz.Grant{
			Role:       rapid.SampledFrom(authz.Roles()).Draw(t, "role"),
			RegionPath: rapid.SampledFrom([]string{"", county, township, elsewhere}).Draw(t, "path"),
			SchoolID:   rapid.SampledFrom([]uuid.UUID{uuid.Nil, schoolA, schoolB}).Draw(t, "school"),
		})
	}
	return v
}

func drawFacts(t *rapid.T) authz.Facts {
	b := func(name string) bool { return rapid.Bool().Draw(t, name) }
	return authz.Facts{
		SchoolID:   rapid.SampledFrom([]uuid.UUID{schoolA, schoolB}).Draw(t, "of school"),
		RegionPath: rapid.SampledFrom([]string{township, elsewhere}).Draw(t, "of path"),
		OwnGrid:    b("own grid"), Responsible: b("responsible"), Rectifier: b("rectifier"), Requester: b("requester"), Owner: b("owner"), Contact: b("contact"),
		OfSchool: b("belongs"), Major: b("major"), Supervision: b("supervision"),
	}
}

// TestFewerFactsNeverAdmitMore: what somebody may not do, nobody may in the same
// place with less right to it.
func TestFewerFactsNeverAdmitMore(t *testing.T) {
	worse := map[string]func(*authz.Facts){
		"not in the own grid":     func(f *authz.Facts) { f.OwnGrid = false },
		"not responsible":         func(f *authz.Facts) { f.Responsible = false },
		"not the contact":         func(f *authz.Facts) { f.Contact = false },
		"not the maker":           func(f *authz.Facts) { f.Owner = false },
		"rectified it":            func(f *authz.Facts) { f.Rectifier = true },
		"asked for it":            func(f *authz.Facts) { f.Requester = true },
		"belongs to the school":   func(f *authz.Facts) { f.OfSchool = true },
		"a major hazard":          func(f *authz.Facts) { f.Major = true },
		"in no school and region": func(f *authz.Facts) { f.SchoolID, f.RegionPath = uuid.Nil, "" },
	}
	rapid.Check(t, func(t *rapid.T) {
		v, f := drawViewer(t), drawFacts(t)
		for name, spoil := range worse {
			g := f
			spoil(&g)
			for _, action := range authz.Actions() {
				if authz.Can(v, action, f) != nil && authz.Can(v, action, g) == nil {
					t.Errorf("%s is refused on %+v, but not when %s", action, f, name)
				}
			}
		}
	})
}

func TestFewerGrantsNeverAdmitMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, f := drawViewer(t), drawFacts(t)
		for i := range v.Grants {
			fewer := v
			fewer.Grants = slices.Delete(slices.Clone(v.Grants), i, i+1)
			for _, action := range authz.Actions() {
				if authz.Can(v, action, f) != nil && authz.Can(fewer, action, f) == nil {
					t.Errorf("%s is refused with %+v, but not without grant %d", action, v.Grants, i)
				}
			}
		}
	})
}

// TestZeroFactsAdmitNobody: a use case that forgets to say what a decision is
// about is refused.
func TestZeroFactsAdmitNobody(t *testing.T) {
	for who, viewer := range actors() {
		for _, action := range authz.Actions() {
			if err := authz.Can(viewer, action, authz.Facts{}); (err == nil) != ungated(action) {
				t.Errorf("%s by %c: %v", action, who, err)
			}
		}
	}
}

func TestRoles(t *testing.T) {
	want := strings.Fields("PLATFORM_ADMIN BUREAU_LEADER SAFETY_SECTION INSPECTOR SCHOOL_LEADER SCHOOL_SAFETY_OFFICER GRID_MEMBER VIEWER")
	if got := authz.Role("").Values(); !slices.Equal(got, want) {
		t.Errorf("roles are %v, want %v", got, want)
	}
	for _, r := range authz.Roles() {
		ofSchool := strings.HasPrefix(string(r), "SCHOOL_") || r == authz.GridMember
		if r.OfSchool() != ofSchool {
			t.Errorf("%s is held in a school: %v", r, r.OfSchool())
		}
	}
}

func TestContext(t *testing.T) {
	ctx := t.Context()
	if v := authz.FromContext(ctx); !v.Anonymous() || v.System || v.Admin() {
		t.Errorf("nobody is %+v", v)
	}
	officer := actors()['o']
	as := authz.NewContext(ctx, officer)
	if v := authz.FromContext(as); v.UserID != officer.UserID || v.Anonymous() || !v.Has(authz.SchoolSafetyOfficer) || v.Has(authz.SchoolLeader) {
		t.Errorf("the officer is %+v", v)
	}
	if v := authz.FromContext(authz.AsSystem(as)); !v.System || v.Anonymous() || v.UserID != uuid.Nil || len(v.Grants) != 0 {
		t.Errorf("the system is %+v", v)
	}
	if authz.FromContext(as).System {
		t.Error("the system's context has leaked into the caller's")
	}
	for who, viewer := range actors() {
		if viewer.Admin() != (who == 'a') {
			t.Errorf("%c is an administrator: %v", who, viewer.Admin())
		}
	}
}

// TestHeldAgainst: a person whom a case is held against may make a statement and
// never decide, with any role or none, and in every school.
func TestHeldAgainst(t *testing.T) {
	viewers := actors()
	viewers['-'] = authz.Viewer{UserID: uuid.MustParse("00000000-0000-0000-0000-000000000001")} // without a post by now
	for who, viewer := range viewers {
		facts := best(who)
		facts.Held = true
		for _, place := range []uuid.UUID{schoolA, schoolB} {
			facts.SchoolID = place
			if err := authz.Can(viewer, authz.AppealCase, facts); err != nil {
				t.Errorf("a statement by %c: %v", who, err)
			}
			if err := authz.Can(viewer, authz.DecideCase, facts); !fault.Is(err, fault.Forbidden) {
				t.Errorf("a decision by %c: %v", who, err)
			}
		}
	}
	facts := best('s')
	facts.OfSchool = true
	for _, who := range "sb" {
		if err := authz.Can(actors()[who], authz.DecideCase, facts); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a decision about the own school by %c: %v", who, err)
		}
	}
}
