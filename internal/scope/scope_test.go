package scope_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/ent/grid"
	"github.com/cleargrid/cleargrid/ent/hazard"
	"github.com/cleargrid/cleargrid/ent/migrate"
	"github.com/cleargrid/cleargrid/ent/region"
	"github.com/cleargrid/cleargrid/ent/school"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/scope"
	"github.com/cleargrid/cleargrid/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// classes sorts every kind of row by what decides who sees it.
var classes = map[string]string{
	ent.TypeSchool: "structure", ent.TypeGrid: "structure", ent.TypeGridAssignment: "structure",

	ent.TypeInspectionReport: "casework", ent.TypeFinding: "casework", ent.TypeHazard: "casework", ent.TypeHazardEvent: "casework",
	ent.TypeOversightOrder: "casework", ent.TypeRectificationPlan: "casework", ent.TypeExtension: "casework", ent.TypeRecheck: "casework",
	ent.TypeEvidence: "casework", ent.TypeEvidenceUse: "casework", ent.TypeEvidenceEvent: "casework", ent.TypeEvidenceMatch: "casework",
	ent.TypePictureBand: "nobody", ent.TypeSearchGram: "nobody", ent.TypeChangeHead: "nobody",
	ent.TypeChangedRow: "casework", // those of a hazard, see world.changes

	ent.TypeSchoolFigure: "figures", ent.TypeDeadlineFigure: "figures", ent.TypeBreakdownFigure: "figures", ent.TypeDayFigure: "figures",
	ent.TypeClosingFigure: "figures", ent.TypeHazardState: "figures", ent.TypeCoverageCell: "figures", ent.TypeGridFigure: "figures", ent.TypeBackfill: "nobody",

	ent.TypeRiskPoint: "structure", ent.TypeRiskAssessment: "structure", ent.TypeRiskControl: "structure",
	ent.TypeSelfInspectionSubmission: "casework", ent.TypeReminder: "casework", ent.TypeDiscrepancy: "casework",
	ent.TypeNotice: "casework", ent.TypeNoticeItem: "casework", ent.TypeNoticeEvent: "casework", ent.TypeNoticeCounter: "nobody",
	ent.TypeAccountabilityCase: "cases", ent.TypePlannedVisit: "visits", ent.TypeVisitPlan: "teams", ent.TypeSamplingExemption: "townships",
	ent.TypeLeadingGroup: "groups", ent.TypeLeadingGroupMember: "groups",

	ent.TypeRegion: "regions", ent.TypeCampaign: "campaigns", ent.TypePhase: "campaigns",
	ent.TypeInspectionTeam: "teams", ent.TypeTeamMember: "teams", ent.TypeTeamArea: "teams",
	ent.TypeUser: "users", ent.TypeMembership: "memberships",
	ent.TypeSession: "own", ent.TypeCommandReceipt: "own", ent.TypeSignInThrottle: "nobody",
	ent.TypeChecklist: "all", ent.TypeChecklistItem: "all", ent.TypeCodedValue: "all",
	ent.TypeHoliday: "all", ent.TypeGradingRuleSet: "all", ent.TypeGradingRule: "all",
}

// sight is a person, the grants, and the labels of the rows in sight by class;
// written down from the handbook (domain: roles), not from the rules.
type sight struct {
	name   string
	user   string
	grants func(*world) []authz.Grant
	rows   map[string]string
}

func one(role authz.Role, place string) func(*world) []authz.Grant {
	return func(w *world) []authz.Grant { return []authz.Grant{w.grant(role, place)} }
}

const (
	staffA     = "officerA leaderA gridA "
	regional   = "section1 inspector1 leader1 admin1 viewer1 city1 " // at the county of school A or above
	staffOfK1  = staffA + "officerA2 officerB "
	below      = "township1 township2 "
	membersK1  = staffOfK1 + "section1 inspector1 leader1 admin1 viewer1 " + below
	upFromT1   = "P Y K1 T1"
	regionsK1  = "P Y K1 T1 T2"
	campaignK1 = "P K1 T2"
)

var sights = []sight{
	{"safety officer", "officerA", one(authz.SchoolSafetyOfficer, "A"), map[string]string{
		"cases": "A", "structure": "A", "casework": "A", "figures": "A", "regions": upFromT1, "campaigns": "P K1",
		"users": staffA + regional + "township1", "memberships": staffA, "own": "officerA",
	}},
	{"head of a school", "leaderA", one(authz.SchoolLeader, "A"), map[string]string{
		"cases": "A", "structure": "A", "casework": "A", "figures": "A", "regions": upFromT1, "campaigns": "P K1",
		"users": staffA + regional + "township1", "memberships": staffA,
	}},
	{"grid member", "gridA", one(authz.GridMember, "A"), map[string]string{
		"structure": "A", "casework": "A", "figures": "A", "regions": upFromT1, "campaigns": "P K1",
		"users": staffA + regional + "township1", "memberships": "gridA",
	}},
	{"team with a township", "inspector1", one(authz.Inspector, "T1"), map[string]string{
		"structure": "A A2", "casework": "A A2", "figures": "A A2", "regions": upFromT1, "campaigns": "P K1", "teams": "K1",
		"users": staffA + "officerA2 township1 " + regional, "memberships": "inspector1",
	}},
	{"team with one school", "inspector1", one(authz.Inspector, "A"), map[string]string{
		"structure": "A", "casework": "A", "figures": "A", "regions": upFromT1, "campaigns": "P K1", "teams": "K1",
		"users": staffA + "township1 " + regional, "memberships": "inspector1",
	}},
	{"safety section", "section1", one(authz.SafetySection, "K1"), map[string]string{
		"cases": "A A2 B", "structure": "A A2 B", "casework": "A A2 B", "figures": "A A2 B", "regions": regionsK1, "campaigns": campaignK1, "teams": "K1",
		"users": staffOfK1 + regional + below, "memberships": membersK1, "own": "section1",
	}},
	{"bureau leader", "leader1", one(authz.BureauLeader, "K1"), map[string]string{
		"cases": "A A2 B", "structure": "A A2 B", "casework": "A A2 B", "figures": "A A2 B", "regions": regionsK1, "campaigns": campaignK1, "teams": "K1",
		"users": staffOfK1 + regional + below, "memberships": "leader1",
	}},
	{"administrator", "admin1", one(authz.PlatformAdmin, "K1"), map[string]string{
		"structure": "A A2 B", "figures": "A A2 B", "regions": regionsK1, "campaigns": campaignK1,
		"users": staffOfK1 + regional + below, "memberships": membersK1,
	}},
	{"viewer of figures", "viewer1", one(authz.StatisticsViewer, "K1"), map[string]string{
		"figures": "A A2 B", "regions": regionsK1, "campaigns": campaignK1, "users": "viewer1", "memberships": "viewer1",
	}},
	{"section of the county with the longer code", "section2", one(authz.SafetySection, "K2"), map[string]string{
		"cases": "C", "structure": "C", "casework": "C", "figures": "C", "regions": "P Y K2 T3", "campaigns": "P K2", "teams": "K2",
		"users": "officerC section2 city1", "memberships": "officerC section2",
	}},
	{"section of the city", "city1", one(authz.SafetySection, "Y"), map[string]string{
		"cases": "A A2 B C", "structure": "A A2 B C", "casework": "A A2 B C", "figures": "A A2 B C", "regions": "P Y K1 K2 T1 T2 T3", "campaigns": "P K1 K2 T2",
		"teams": "K1 K2", "users": staffOfK1 + regional + below + "officerC section2", "memberships": membersK1 + "city1 officerC section2",
	}},
	{"holder of two posts", "officerB", func(w *world) []authz.Grant {
		return []authz.Grant{w.grant(authz.SchoolSafetyOfficer, "B"), w.grant(authz.StatisticsViewer, "K2"), w.grant(authz.GridMember, "A2")}
	}, map[string]string{
		"cases": "B", "structure": "A2 B", "casework": "A2 B", "figures": "A2 B C", "regions": "P Y K1 K2 T1 T2 T3", "campaigns": "P K1 T2 K2",
		"users": "officerB officerA2 township1 township2 " + regional, "memberships": "officerB",
	}},
	{"user without a post", "outsider", func(*world) []authz.Grant { return nil }, map[string]string{"users": "outsider"}},
	{"posts without a place", "officerC", func(w *world) []authz.Grant {
		var out []authz.Grant
		for _, r := range authz.Roles() {
			g := authz.Grant{Role: r}
			if r.OfSchool() {
				g.RegionPath = w.regions["K1"].Path
			}
			out = append(out, g)
		}
		return out
	}, map[string]string{"cases": "C", "users": "officerC", "memberships": "officerC"}},
}

func (w *world) as(s sight) context.Context {
	return authz.NewContext(w.t.Context(), authz.Viewer{UserID: w.users[s.user].ID, Grants: s.grants(w)})
}

// expected are the labels of a kind's rows in sight.
func (s sight) expected(kind string) []string {
	if classes[kind] == "all" {
		return []string{"all"}
	}
	var out []string
	regions := labels(s.rows["regions"])
	switch classes[kind] {
	case "visits": // the casework of those who see teams: a school is not told beforehand
		if s.rows["teams"] != "" {
			out = labels(s.rows["casework"])
		}
	case "townships":
		out = slices.DeleteFunc(regions, func(r string) bool { return !strings.HasPrefix(r, "T") })
	case "groups": // those of the schools in sight and the bureau's above them
		if out = labels(s.rows["structure"]); len(out) > 0 && slices.Contains(regions, "K1") {
			out = append(out, "K1")
		}
	default:
		out = labels(s.rows[classes[kind]])
	}
	slices.Sort(out)
	return out
}

// named turns rows into labels; rows of the demo county beside the world are
// named "?", except where everybody sees them.
func (w *world) named(kind string, ids []uuid.UUID) []string {
	out := []string{}
	for _, id := range ids {
		label := "?"
		for l, x := range w.rows[kind] {
			if x == id {
				label = l
			}
		}
		if label != "?" || classes[kind] != "all" {
			out = append(out, label)
		}
	}
	slices.Sort(out)
	return out
}

// TestWorldIsWhole makes sure that the walks below leave nothing out.
func TestWorldIsWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		all := kinds(w.client)
		if len(all) != len(migrate.Tables) || len(classes) != len(all) {
			t.Fatalf("%d kinds and %d classes for %d tables", len(all), len(classes), len(migrate.Tables))
		}
		for _, k := range all {
			if classes[k.name] == "" || len(w.rows[k.name]) == 0 {
				t.Errorf("%s has no class or no row", k.name)
			}
			// What carries a school's id is filtered by it, but for the two that say who
			// belongs where.
			ofSchool := k.hasField("SchoolID") && k.name != ent.TypeMembership && k.name != ent.TypeTeamArea
			if ofSchool && !slices.Contains([]string{"structure", "casework", "figures", "cases", "visits", "groups"}, classes[k.name]) {
				t.Errorf("%s belongs to a school, but is filtered as %s", k.name, classes[k.name])
			}
			if ofSchool && classes[k.name] != "groups" && len(w.rows[k.name]) != len(w.schools) {
				t.Errorf("%s has rows in %d of %d schools", k.name, len(w.rows[k.name]), len(w.schools))
			}
			system, err := k.ids(authz.AsSystem(t.Context()), nil)
			if err != nil || len(system) < len(w.rows[k.name]) {
				t.Errorf("the system sees %d rows of %s: %v", len(system), k.name, err)
			}
		}
	})
}

// TestNobodySeesOrDoesAnything: a context without a viewer is refused for every
// kind, whatever it is about to do.
func TestNobodySeesOrDoesAnything(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		for name, ctx := range map[string]context.Context{
			"no viewer":      t.Context(),
			"an empty one":   authz.NewContext(t.Context(), authz.Viewer{}),
			"grants, no one": authz.NewContext(t.Context(), authz.Viewer{Grants: []authz.Grant{{Role: authz.SafetySection, RegionPath: "130000x"}}}),
		} {
			for _, k := range kinds(e.Store.Ent) {
				_, ids := k.ids(ctx, nil)
				_, count := k.count(ctx)
				_, exist := k.exist(ctx)
				_, update := k.update(ctx, nil, moment)
				_, remove := k.delete(ctx, nil)
				for action, err := range map[string]error{
					"read": ids, "count": count, "exist": exist, "get": k.get(ctx, uuid.New()), "update": update, "delete": remove,
					"update one": k.updateOne(ctx, uuid.New(), moment), "delete one": k.deleteOne(ctx, uuid.New()), "create": k.create(ctx),
				} {
					if !fault.Is(err, fault.Unauthenticated) {
						t.Errorf("%s: %s %s: %v", name, action, k.name, err)
					}
				}
			}
		}
	})
}

// TestEverybodySeesTheirRows walks every person and every kind: reading, counting,
// one row by its id, updating and deleting reach the rows in sight and no other.
func TestEverybodySeesTheirRows(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		for i, s := range sights {
			t.Run(s.name, func(t *testing.T) {
				tx, err := w.client.Tx(authz.AsSystem(t.Context()))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = tx.Rollback() }() // what one person writes, the next does not see
				for _, k := range kinds(tx.Client()) {
					w.checkReads(t, k, s)
					w.checkWrites(t, k, s, moment.Add(time.Duration(i+1)*time.Hour))
				}
			})
		}
	})
}

func (w *world) checkReads(t *testing.T, k kind, s sight) {
	t.Helper()
	ctx, want := w.as(s), s.expected(k.name)
	ids, err := k.ids(ctx, nil)
	if got := w.named(k.name, ids); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: %v in sight, %v; want %v", k.name, got, err, want)
	}
	if n, err := k.count(ctx); err != nil || n != len(ids) {
		t.Errorf("%s: %d counted, %d read: %v", k.name, n, len(ids), err)
	}
	if some, err := k.exist(ctx); err != nil || some != (len(ids) > 0) {
		t.Errorf("%s: exist is %v with %d rows: %v", k.name, some, len(ids), err)
	}
	for label, id := range w.rows[k.name] {
		if err := k.get(ctx, id); (err == nil) != slices.Contains(want, label) || err != nil && !ent.IsNotFound(err) {
			t.Errorf("%s of %s by its id: %v", k.name, label, err)
		}
	}
}

func (w *world) checkWrites(t *testing.T, k kind, s sight, mark time.Time) {
	t.Helper()
	ctx, system, want := w.as(s), authz.AsSystem(t.Context()), s.expected(k.name)
	var all, hidden []uuid.UUID
	for label, id := range w.rows[k.name] {
		all = append(all, id)
		if !slices.Contains(want, label) {
			hidden = append(hidden, id)
		}
	}

	// One row by its id.
	for label, id := range w.rows[k.name] {
		if err := k.updateOne(ctx, id, mark); (err == nil) != slices.Contains(want, label) || err != nil && !ent.IsNotFound(err) {
			t.Errorf("%s of %s updated by its id: %v", k.name, label, err)
		}
	}
	touched, err := k.ids(system, writtenAt(mark))
	if got := w.named(k.name, touched); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: updates by id reached %v, %v; want %v", k.name, got, err, want)
	}

	// All rows at once.
	mark = mark.Add(time.Minute)
	if n, err := k.update(ctx, byID(all...), mark); err != nil || n != len(want) {
		t.Errorf("%s: %d rows updated, %v; want %d", k.name, n, err, len(want))
	}
	touched, err = k.ids(system, writtenAt(mark))
	if got := w.named(k.name, touched); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: an update reached %v, %v; want %v", k.name, got, err, want)
	}

	// Deleting what is out of sight.
	for _, id := range hidden {
		if err := k.deleteOne(ctx, id); !ent.IsNotFound(err) {
			t.Errorf("%s out of sight deleted by its id: %v", k.name, err)
		}
	}
	if len(hidden) > 0 {
		if n, err := k.delete(ctx, byID(hidden...)); err != nil || n != 0 {
			t.Errorf("%s: %d rows out of sight deleted, %v", k.name, n, err)
		}
	}
	if left, err := k.ids(system, byID(all...)); err != nil || len(left) != len(all) {
		t.Errorf("%s: %d of %d rows are left, %v", k.name, len(left), len(all), err)
	}
}

func officerA() sight { return sights[0] }

// TestDeleteInSight: the filter is on the rows, it does not forbid as such.
func TestDeleteInSight(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		n, err := w.client.EvidenceUse.Delete().Exec(w.as(officerA()))
		if err != nil || n != 1 {
			t.Fatalf("%d deleted, %v", n, err)
		}
		left, err := w.client.EvidenceUse.Query().IDs(authz.AsSystem(t.Context()))
		if got := w.named(ent.TypeEvidenceUse, left); err != nil || !slices.Equal(got, []string{"A2", "B", "C"}) {
			t.Errorf("left are %v, %v", got, err)
		}
	})
}

// TestSumsAreScoped: what is never read as a row is filtered too.
func TestSumsAreScoped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		ctx := w.as(officerA())
		if n, err := w.client.Hazard.Query().Aggregate(ent.Count()).Int(ctx); err != nil || n != 1 {
			t.Errorf("aggregate: %d, %v", n, err)
		}
		var groups []struct {
			SchoolID uuid.UUID `json:"school_id"`
			Count    int       `json:"count"`
		}
		if err := w.client.Hazard.Query().GroupBy(hazard.FieldSchoolID).Aggregate(ent.Count()).Scan(ctx, &groups); err != nil {
			t.Fatal(err)
		}
		if len(groups) != 1 || groups[0].SchoolID != w.schools["A"].ID || groups[0].Count != 1 {
			t.Errorf("groups are %+v", groups)
		}
		names, err := w.client.School.Query().Select(school.FieldName).Strings(ctx)
		if err != nil || !slices.Equal(names, []string{"A"}) {
			t.Errorf("selected names are %v, %v", names, err)
		}
		if _, err := w.client.Hazard.Query().Where(hazard.Description("B")).First(ctx); !ent.IsNotFound(err) {
			t.Errorf("the first of another school: %v", err)
		}
	})
}

// TestEdgesAreScoped: rows of other schools do not come in through a relation,
// not even through one that should never have been made.
func TestEdgesAreScoped(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		system, ctx := authz.AsSystem(t.Context()), w.as(officerA())
		gridA, hazardA := w.rows[ent.TypeGrid]["A"], w.rows[ent.TypeHazard]["A"]
		if err := w.client.Grid.UpdateOneID(w.rows[ent.TypeGrid]["B"]).SetParentID(gridA).Exec(system); err != nil {
			t.Fatal(err)
		}
		if err := w.client.Hazard.UpdateOneID(hazardA).SetReportID(w.rows[ent.TypeInspectionReport]["B"]).
			SetDuplicateOfID(w.rows[ent.TypeHazard]["B"]).SetResponsibleID(w.users["officerB"].ID).Exec(system); err != nil {
			t.Fatal(err)
		}

		// Loaded beside the row.
		g, err := w.client.Grid.Query().Where(grid.ID(gridA)).WithChildren().WithSchool(func(q *ent.SchoolQuery) { q.WithRegion() }).Only(ctx)
		if err != nil || len(g.Edges.Children) != 0 || g.Edges.School == nil || g.Edges.School.Edges.Region == nil {
			t.Fatalf("the grid comes with %+v, %v", g.Edges, err)
		}
		h, err := w.client.Hazard.Query().Where(hazard.ID(hazardA)).WithReport().WithDuplicateOf().WithResponsible().WithReporter().WithGrid().Only(ctx)
		if err != nil || h.Edges.Report != nil || h.Edges.DuplicateOf != nil || h.Edges.Responsible != nil {
			t.Fatalf("the hazard comes with %+v, %v", h.Edges, err)
		}
		if h.Edges.Reporter == nil || h.Edges.Grid == nil {
			t.Errorf("the hazard comes without its own reporter and grid: %+v", h.Edges)
		}
		counties, err := w.client.Region.Query().Where(region.LevelEQ(rule.County)).WithChildren().All(ctx)
		if err != nil || len(counties) != 1 || len(counties[0].Edges.Children) != 1 || counties[0].Edges.Children[0].Name != "T1" {
			t.Errorf("the county comes with %+v, %v", counties, err)
		}

		// Walked to from the row.
		if n, err := g.QueryChildren().Count(ctx); err != nil || n != 0 {
			t.Errorf("%d children counted, %v", n, err)
		}
		if _, err := h.QueryResponsible().Only(ctx); !ent.IsNotFound(err) {
			t.Errorf("the person of another school: %v", err)
		}
		if names, err := w.client.School.Query().QueryRegion().QueryParent().QueryChildren().Select(region.FieldName).Strings(ctx); err != nil ||
			!slices.Equal(names, []string{"T1"}) {
			t.Errorf("up and down again leads to %v, %v", names, err)
		}

		// In a transaction.
		tx, err := w.client.Tx(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if g, err := tx.Grid.Query().Where(grid.ID(gridA)).WithChildren().Only(ctx); err != nil || len(g.Edges.Children) != 0 {
			t.Errorf("in a transaction the grid comes with %+v, %v", g, err)
		}
	})
}

// TestUpdatesThatEscapeTheFilter are refused: ent writes an edge that lies in
// other rows, and reads back an unchanged row, without asking the filter.
func TestUpdatesThatEscapeTheFilter(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		ctx, system, c := w.as(officerA()), authz.AsSystem(t.Context()), w.client
		gridA, gridB, hazardA, hazardB := w.rows[ent.TypeGrid]["A"], w.rows[ent.TypeGrid]["B"], w.rows[ent.TypeHazard]["A"], w.rows[ent.TypeHazard]["B"]
		if err := c.Grid.UpdateOneID(gridB).SetParentID(w.rows[ent.TypeGrid]["C"]).Exec(system); err != nil {
			t.Fatal(err)
		}
		seen, err := c.Hazard.UpdateOneID(hazardB).Save(ctx)
		if err == nil {
			t.Errorf("an update without a change shows %q", seen.Description)
		}
		for name, err := range map[string]error{
			"adopt a child":     c.Grid.UpdateOneID(gridA).SetName("A").AddChildIDs(gridB).Exec(ctx),
			"adopt many":        c.Grid.Update().AddChildIDs(gridB).Exec(ctx),
			"send one away":     c.Grid.UpdateOneID(gridA).SetName("A").RemoveChildIDs(gridB).Exec(ctx),
			"send all away":     c.Grid.UpdateOneID(gridA).SetName("A").ClearChildren().Exec(ctx),
			"claim duplicates":  c.Hazard.UpdateOneID(hazardA).SetDescription("A").AddDuplicateIDs(hazardB).Exec(ctx),
			"born with a child": c.Grid.Create().SetSchoolID(w.schools["A"].ID).SetCode("N").SetName("N").SetKind("GATE").AddChildIDs(gridB).Exec(ctx),
		} {
			if err == nil || !strings.Contains(err.Error(), "scope:") {
				t.Errorf("%s: %v", name, err)
			}
		}
		b, err := c.Grid.Get(system, gridB)
		if err != nil || b.ParentID == nil || *b.ParentID != w.rows[ent.TypeGrid]["C"] {
			t.Errorf("the grid of another school now has the parent %v, %v", b.ParentID, err)
		}

		// The ordinary ways still go, for the row's own edges and for the product.
		if err := c.Grid.Create().SetSchoolID(w.schools["A"].ID).SetCode("N").SetName("N").SetKind("GATE").SetParentID(gridA).Exec(ctx); err != nil {
			t.Errorf("a grid below the viewer's: %v", err)
		}
		if err := c.Grid.UpdateOneID(gridA).ClearParent().SetName("A").Exec(ctx); err != nil {
			t.Errorf("its own parent cleared: %v", err)
		}
		if err := c.Grid.UpdateOneID(gridA).SetName("A").AddChildIDs(gridA).Exec(system); err != nil {
			t.Errorf("by the system: %v", err)
		}
	})
}

// TestSchoolsCounted: the schools that a dashboard counts are those whose figures
// are in sight, also for a viewer who may not see the schools themselves.
func TestSchoolsCounted(t *testing.T) {
	testkit.Each(t, func(t *testing.T, e *testkit.Env) {
		w := newWorld(t, e)
		system := authz.AsSystem(t.Context())
		for _, s := range sights {
			ids, err := w.client.School.Query().Where(scope.SchoolsCounted(authz.FromContext(w.as(s)))).IDs(system)
			want := labels(s.rows["figures"])
			slices.Sort(want)
			if got := w.named(ent.TypeSchool, ids); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s counts %v, %v; want %v", s.name, got, err, want)
			}
		}
		all, err := w.client.School.Query().Where(scope.SchoolsCounted(authz.FromContext(system))).Count(system)
		if every, _ := w.client.School.Query().Count(system); err != nil || all != every {
			t.Errorf("the system counts %d of %d schools, %v", all, every, err)
		}
		none, err := w.client.School.Query().Where(scope.SchoolsCounted(authz.Viewer{})).Count(system)
		if err != nil || none != 0 {
			t.Errorf("nobody counts %d schools, %v", none, err)
		}
	})
}
