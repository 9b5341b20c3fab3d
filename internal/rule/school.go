package rule

import (
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// CheckSchoolOpen refuses new work in a school that has closed.
func CheckSchoolOpen(closed bool) error {
	if !closed {
		return nil
	}
	return fault.New(fault.InvalidTransition, "school.closed", fault.T("学校已撤并，不能再登记新的工作。", "The school has closed; no new work can begin there."))
}

// CheckSchoolMove refuses to move a school to anything but another township.
func CheckSchoolMove(level RegionLevel, same bool) error {
	switch {
	case level != Township:
		return fault.Bad("input.regionId", "no_township", fault.T("学校须隶属于乡镇（街道）。", "A school belongs to a township."))
	case same:
		return fault.Bad("input.regionId", "same", fault.T("学校已属于该乡镇。", "The school belongs to this township already."))
	}
	return nil
}

// CheckSchoolClose refuses to close a school while somebody still has to make it
// safe: what is open is closed or voided first.
func CheckSchoolClose(openHazards int) error {
	if openHazards == 0 {
		return nil
	}
	return fault.New(fault.InvalidTransition, "school.open_hazards", fault.Tf("学校尚有 %d 条未销号隐患，须先销号或作废。",
		"The school has %d open hazards. Close or void them first.", openHazards)).With("openHazards", openHazards)
}

// Days is a span of days, both ends included.
type Days struct{ From, Until clock.Date }

// Overlap reports whether two spans share a day.
func (d Days) Overlap(e Days) bool { return d.From <= e.Until && e.From <= d.Until }
