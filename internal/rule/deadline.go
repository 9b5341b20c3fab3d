package rule

import (
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// longestDeadline is how far ahead a deadline may lie, in days: what is later is
// a slip of the finger.
const longestDeadline = 3660

// CheckDeadline refuses a new deadline before today (in the campaign's zone) or
// more than ten years ahead: BAD_USER_INPUT at the path.
func CheckDeadline(path string, deadline, today clock.Date) error {
	switch {
	case deadline < today:
		return fault.Bad(path, "past", fault.T("期限不能早于今天。", "The deadline lies in the past."))
	case deadline > today.AddDays(longestDeadline):
		return fault.Bad(path, "range", fault.T("期限过远。", "The deadline is too far ahead."))
	}
	return nil
}

// CheckPlanEnd refuses a plan that ends after its hazard's deadline. Past its
// deadline a hazard still needs a plan, and only a later end is left.
func CheckPlanEnd(path string, end, deadline, today clock.Date) error {
	if deadline != "" && deadline >= today && end > deadline {
		return fault.Bad(path, "after_deadline", fault.T("方案时限不能晚于挂牌期限。", "The plan can't end after the hazard's deadline."))
	}
	return nil
}

// CheckExtensionEnd refuses an extension that is none.
func CheckExtensionEnd(path string, until, deadline clock.Date) error {
	if until <= deadline {
		return fault.Bad(path, "not_later", fault.T("新期限须晚于现期限。", "The new deadline must be later than the present one."))
	}
	return nil
}
