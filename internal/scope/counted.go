package scope

import (
	"strings"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/authz"
	handbook "github.com/cleargrid/cleargrid/internal/rule"
)

// SeesDiscrepancies reports whether a viewer sees the discrepancies of all schools of
// a region whose figures he or she may read: a figure of a part would mislead.
func SeesDiscrepancies(v authz.Viewer, regionPath string) bool {
	return seesWhole(v, casework, regionPath)
}

// SeesCases is SeesDiscrepancies for accountability cases.
func SeesCases(v authz.Viewer, regionPath string) bool { return seesWhole(v, answers, regionPath) }

func seesWhole(v authz.Viewer, opens func(authz.Role) bool, regionPath string) bool {
	if v.System {
		return true
	}
	some := false
	for _, g := range v.Grants {
		if !placed(g) || !handbook.RegionsRelated(g.RegionPath, regionPath) {
			continue
		}
		some = true
		if !opened(v, opens, g, max(g.RegionPath, regionPath)) { // the longer one lies in the other
			return false
		}
	}
	return some
}

// opened reports whether some grant opens all that another lets its owner count
// below a path.
func opened(v authz.Viewer, opens func(authz.Role) bool, counted authz.Grant, path string) bool {
	for _, g := range v.Grants {
		switch {
		case !placed(g), !opens(g.Role):
		case g.SchoolID != uuid.Nil:
			if g.SchoolID == counted.SchoolID {
				return true
			}
		case strings.HasPrefix(path, g.RegionPath):
			return true
		}
	}
	return false
}
