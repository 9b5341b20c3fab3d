package rule

import (
	"slices"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
)

// HazardFacts is what the life cycle needs to know of a hazard.
type HazardFacts struct {
	Status           HazardStatus // empty before it is reported
	Grade            HazardGrade
	UnderOversight   bool       // an OversightOrder is open
	DeadlineOn       clock.Date // empty while none is set
	Plan             PlanStatus // of the newest plan; empty without one
	ExtensionPending bool
	DowngradePending bool
}

// HazardStep is one row of the state table (domain: a hazard's life).
type HazardStep struct {
	Event HazardEventKind
	From  []HazardStatus // the empty status stands for "not yet reported"
	To    HazardStatus   // empty: the status stays
	Who   string         // for the documentation; authz decides
	Needs string         // for the documentation
	// allow refuses what the status alone would permit; nil allows.
	allow func(HazardFacts, clock.Date) *fault.Error
}

var open = []HazardStatus{Reported, Rectifying, Rectified}

// OpenHazardStatuses are those of hazards that still need work.
func OpenHazardStatuses() []HazardStatus { return slices.Clone(open) }

// hazardSteps is the state table. Nothing else decides about a status.
var hazardSteps = []HazardStep{
	{
		Event: EventReported, From: []HazardStatus{""}, To: Reported,
		Who:   "grid member, school staff, inspector",
		Needs: "description, category, grid or place, discovery time, evidence HAZARD_REPORT",
	},
	{Event: EventGraded, From: open, Who: "school safety officer, inspector, section", Needs: "MAJOR by hand or by rule"},
	{Event: EventSignsAdded, From: open, Who: "school safety officer, inspector, section", Needs: "a sign that was not known; MAJOR when a rule hits because of it"},
	{
		Event: EventDowngradeRequested, From: open, Who: "school safety officer, inspector, section", Needs: "a reason; only MAJOR hazards",
		allow: func(f HazardFacts, _ clock.Date) *fault.Error {
			if f.Grade != Major || f.DowngradePending {
				return refuse("hazard.no_downgrade", "只有尚未申请降级的重大隐患才能申请降级。", "Only a major hazard without a pending request can be downgraded.")
			}
			return nil
		},
	},
	{
		Event: EventDowngradeDecided, From: open, Who: "a second person of the same roles", Needs: "a pending request by another person",
		allow: func(f HazardFacts, _ clock.Date) *fault.Error {
			if !f.DowngradePending {
				return refuse("hazard.no_downgrade_pending", "没有待决定的降级申请。", "No downgrade request is waiting for a decision.")
			}
			return nil
		},
	},
	{
		Event: EventRectifiedAtOnce, From: []HazardStatus{Reported}, To: Rectified,
		Who: "responsible person", Needs: "measures taken, evidence RECTIFY; only GENERAL hazards",
		allow: func(f HazardFacts, _ clock.Date) *fault.Error {
			if f.Grade == Major {
				return refuse("hazard.major_not_at_once", "重大隐患不能立即整改销号，请先挂牌督办。", "A major hazard cannot be rectified at once. List it first.")
			}
			return nil
		},
	},
	{
		Event: EventPlacedUnderOversight, From: []HazardStatus{Reported}, To: Rectifying,
		Who: "school safety officer; section for MAJOR", Needs: "protective measures, responsible person, deadline, evidence OVERSIGHT; opens an OversightOrder",
	},
	{
		Event: EventOversightEscalated, From: []HazardStatus{Rectifying, Rectified},
		Who: "section", Needs: "a reason, a higher level; ends the OversightOrder and opens another",
		allow: func(f HazardFacts, _ clock.Date) *fault.Error {
			if !f.UnderOversight {
				return refuse("hazard.not_under_oversight", "该隐患未挂牌督办。", "The hazard is not under oversight.")
			}
			return nil
		},
	},
	{Event: EventPlanSubmitted, From: []HazardStatus{Rectifying}, Who: "school", Needs: "all five elements; a new version each time"},
	{Event: EventPlanApproved, From: []HazardStatus{Rectifying}, Who: "section or team", Needs: "a submitted plan", allow: planWaiting},
	{Event: EventPlanReturned, From: []HazardStatus{Rectifying}, Who: "section or team", Needs: "a submitted plan, a reason", allow: planWaiting},
	{
		Event: EventExtensionRequested, From: []HazardStatus{Rectifying}, Who: "school", Needs: "before the deadline; a reason, a later date",
		allow: func(f HazardFacts, today clock.Date) *fault.Error {
			switch {
			case f.ExtensionPending:
				return refuse("hazard.extension_pending", "已有待决定的延期申请。", "An extension is already waiting for a decision.")
			case f.DeadlineOn == "" || today > f.DeadlineOn:
				return refuse("hazard.deadline_passed", "期限已过，不能再申请延期。", "The deadline has passed; an extension must be requested before it.")
			}
			return nil
		},
	},
	{
		Event: EventExtensionDecided, From: []HazardStatus{Rectifying}, Who: "section, not the person who asked", Needs: "a pending extension",
		allow: func(f HazardFacts, _ clock.Date) *fault.Error {
			if !f.ExtensionPending {
				return refuse("hazard.no_extension_pending", "没有待决定的延期申请。", "No extension is waiting for a decision.")
			}
			return nil
		},
	},
	{
		Event: EventRectified, From: []HazardStatus{Rectifying}, To: Rectified,
		Who: "responsible person", Needs: "what was done, funds spent, evidence RECTIFY; a MAJOR hazard or one under oversight needs an approved plan",
		allow: func(f HazardFacts, _ clock.Date) *fault.Error {
			if (f.UnderOversight || f.Grade == Major) && f.Plan != PlanApproved {
				return refuse("hazard.plan_not_approved", "挂牌督办的隐患和重大隐患须先有经批准的整改方案。", "A major hazard, or one under oversight, needs an approved rectification plan first.")
			}
			return nil
		},
	},
	{
		Event: EventAccepted, From: []HazardStatus{Rectified}, To: Closed,
		Who:   "independent checker: team member or section for MAJOR and supervision hazards, else another person of the school",
		Needs: "evidence RECTIFY verified, evidence RECHECK; ends the oversight order",
	},
	{Event: EventRejected, From: []HazardStatus{Rectified}, To: Rectifying, Who: "same as acceptance", Needs: "a reason, a new deadline, evidence RECHECK"},
	{Event: EventVoidRequested, From: open, Who: "school", Needs: "a reason"},
	{Event: EventVoided, From: open, To: Voided, Who: "section", Needs: "a reason: duplicate of another hazard, or no hazard; never deleted"},
	{Event: EventReopened, From: []HazardStatus{Closed}, To: Rectifying, Who: "section, team", Needs: "a reason, a new deadline, evidence REOPEN; what was under oversight is placed under oversight again"},
	{Event: EventEvidenceAdded, From: append(slices.Clone(open), Closed), Who: "who reported it, school safety officer, inspector, section", Needs: "evidence for a step already taken"},
}

func planWaiting(f HazardFacts, _ clock.Date) *fault.Error {
	if f.Plan != PlanSubmitted {
		return refuse("hazard.no_plan_waiting", "没有待审批的整改方案。", "No rectification plan is waiting for a decision.")
	}
	return nil
}

func refuse(code, zh, en string) *fault.Error {
	return fault.New(fault.InvalidTransition, code, fault.T(zh, en))
}

// HazardSteps gives the state table, for the documentation and for tests.
func HazardSteps() []HazardStep { return slices.Clone(hazardSteps) }

// NextHazardStatus decides whether an event may happen to a hazard on a day
// (in the campaign's zone) and which status follows. A refusal is an
// INVALID_TRANSITION that names the state and the allowed events.
func NextHazardStatus(f HazardFacts, event HazardEventKind, today clock.Date) (HazardStatus, error) {
	to, refusal := next(f, event, today)
	if refusal == nil {
		return to, nil
	}
	return f.Status, refusal.With("state", string(f.Status)).With("event", string(event)).With("allowedEvents", AllowedHazardEvents(f, today))
}

// AllowedHazardEvents lists what may happen to a hazard next, regardless of
// who does it.
func AllowedHazardEvents(f HazardFacts, today clock.Date) []HazardEventKind {
	out := []HazardEventKind{}
	for _, s := range hazardSteps {
		if _, refusal := next(f, s.Event, today); refusal == nil {
			out = append(out, s.Event)
		}
	}
	return out
}

func next(f HazardFacts, event HazardEventKind, today clock.Date) (HazardStatus, *fault.Error) {
	i := slices.IndexFunc(hazardSteps, func(s HazardStep) bool { return s.Event == event })
	if i < 0 || !slices.Contains(hazardSteps[i].From, f.Status) {
		return "", fault.New(fault.InvalidTransition, "hazard.transition",
			fault.Tf("隐患当前状态为 %s，不能执行 %s。", "The hazard is %s; %s is not possible now.", f.Status, event))
	}
	s := hazardSteps[i]
	if s.allow != nil {
		if refusal := s.allow(f, today); refusal != nil {
			return "", refusal
		}
	}
	if s.To == "" {
		return f.Status, nil
	}
	return s.To, nil
}

// HazardStatusAfter is the status that follows an event that has happened.
func HazardStatusAfter(status HazardStatus, event HazardEventKind) HazardStatus {
	for _, s := range hazardSteps {
		if s.Event == event && s.To != "" {
			return s.To
		}
	}
	return status
}

// StepOf says which step of the evidence policy an event is; "" for none.
func StepOf(event HazardEventKind, source HazardSource) EvidenceStep {
	switch event {
	case EventReported:
		if source == FoundBySupervision {
			return StepSupervisionHazard
		}
		return StepReport
	case EventPlacedUnderOversight:
		return StepOversight
	case EventRectified, EventRectifiedAtOnce:
		return StepRectify
	case EventAccepted, EventRejected:
		return StepRecheck
	case EventReopened:
		return StepReopen
	default:
		return ""
	}
}

// Overdue reports whether an open hazard's deadline has passed on a day: a
// deadline lasts to the end of its day.
func Overdue(status HazardStatus, deadline, today clock.Date) bool {
	return status.Open() && deadline != "" && deadline < today
}

// OversightLevelOf decides which authority oversees a hazard. A school orders oversight
// before itself; only the section speaks for the county or asks for more.
func OversightLevelOf(asked *OversightLevel, bySection bool) (OversightLevel, error) {
	switch {
	case asked == nil && bySection:
		return OversightByCounty, nil
	case asked == nil:
		return OversightBySchool, nil
	case *asked != OversightBySchool && !bySection:
		return "", fault.Bad("input.level", "not_yours", fault.T("学校只能进行校级挂牌；更高级别由法规安全科挂牌。", "A school places hazards under oversight at its own level, the section at a higher one."))
	}
	return *asked, nil
}

// CheckEscalation refuses a new level that is not above the present one.
func CheckEscalation(present, raised OversightLevel) error {
	levels := OversightLevel("").Values()
	if slices.Index(levels, string(raised)) <= slices.Index(levels, string(present)) {
		return fault.Bad("input.level", "not_higher", fault.T("新的挂牌级别须高于现级别。", "The new level must be above the present one."))
	}
	return nil
}
