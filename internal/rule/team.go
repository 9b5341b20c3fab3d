package rule

import (
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/sampling"
)

// Draw is the rule as the planner takes it.
func (r SamplingRule) Draw() sampling.Rule {
	return sampling.Rule{
		Schools: r.SchoolsPerTownship, Middle: r.Middle, Primary: r.Primary, Private: r.Private, AllowOverlap: r.AllowOverlap,
		RecusalMonths: r.RecusalMonths, Inspectors: r.InspectorsPerVisit,
	}
}

// RecusedSince is the day such that whoever belonged to a school on it or later
// is not independent of it on the given day (domain: recusalMonths). The planner
// and every check of a step count by it alike.
func RecusedSince(on clock.Date, r SamplingRule) clock.Date {
	return clock.Date(sampling.RecusedSince(string(on), r.RecusalMonths))
}
