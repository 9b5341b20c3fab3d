package scope

import (
	"slices"
	"testing"

	"github.com/cleargrid/cleargrid/ent/migrate"
	"github.com/cleargrid/cleargrid/internal/authz"
)

// An entity that nobody thought about is refused to everybody, the product
// itself included: the fault shows at once, not when a school sees another's row.
func TestEntityWithoutARuleIsRefused(t *testing.T) {
	for name, v := range map[string]authz.Viewer{
		"the system": authz.FromContext(authz.AsSystem(t.Context())),
		"nobody":     {},
	} {
		if p, err := predicate(authz.NewContext(t.Context(), v), "Dragon"); err == nil || p != nil {
			t.Errorf("%s may look for dragons", name)
		}
	}
}

func TestEveryTableHasARule(t *testing.T) {
	if len(rules) != len(migrate.Tables) {
		t.Errorf("there are %d rules for %d tables", len(rules), len(migrate.Tables))
	}
}

// A role opens at most what the class of rows says (domain: roles).
func TestWhichRolesOpenWhat(t *testing.T) {
	all := authz.Roles()
	school := []authz.Role{authz.SchoolLeader, authz.SchoolSafetyOfficer, authz.GridMember}
	bureauRoles := []authz.Role{authz.BureauLeader, authz.SafetySection, authz.Inspector}
	for name, c := range map[string]struct {
		opens func(authz.Role) bool
		want  []authz.Role
	}{
		"figures and regions": {everyRole, all},
		"structure":           {structure, slices.Concat(school, bureauRoles, []authz.Role{authz.PlatformAdmin})},
		"casework":            {casework, slices.Concat(school, bureauRoles)},
		"teams":               {bureau, bureauRoles},
	} {
		for _, r := range all {
			if got, want := c.opens(r), slices.Contains(c.want, r); got != want {
				t.Errorf("%s open to %s: %v", name, r, got)
			}
		}
	}
}
