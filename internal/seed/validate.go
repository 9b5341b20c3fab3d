package seed

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

var (
	nameCode  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	valueCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)
)

// Validate collects every fault of the content in one BAD_USER_INPUT; nil when
// there is none. Paths are those of the file, for example "phases[1].endsOn".
func (c *CampaignFile) Validate() error {
	var in fault.Input
	checkPolicyNumbers(&in, c.Policy)
	c.check(&in)
	return in.Err()
}

func (c *CampaignFile) check(in *fault.Input) {
	checkCode(in, "code", c.Code, nameCode)
	checkText(in, "title", c.Title)
	checkSpan(in, "", c.StartsOn, c.EndsOn)
	c.checkPhases(in)
	c.Checklist.check(in)
	c.checkGridKinds(in)
	checkPolicy(in, c.Policy)
	checkCoded(in, "hazardCategories", c.HazardCategories)
	checkCoded(in, "gridKinds", c.GridKinds)
}

func (c *CampaignFile) checkPhases(in *fault.Input) {
	if len(c.Phases) == 0 {
		in.Add("phases", "required", fault.T("至少要有一个阶段。", "At least one phase is needed."))
	}
	seen := map[rule.ReportKind]bool{}
	for i, p := range c.Phases {
		at := fmt.Sprintf("phases[%d].", i)

		// Kind and title.
		if !slices.Contains(rule.ReportKind("").Values(), string(p.Kind)) {
			in.Add(at+"kind", "unknown", fault.Tf("没有 %q 这种阶段。", "%q is no kind of phase.", p.Kind))
		} else if seen[p.Kind] {
			in.Add(at+"kind", "double", fault.Tf("%s 阶段只能有一个。", "There can be one phase %s only.", p.Kind))
		}
		seen[p.Kind] = true
		checkText(in, at+"title", p.Title)

		// Dates: a span, inside the campaign, after the phase before.
		if !checkSpan(in, at, p.StartsOn, p.EndsOn) {
			continue
		}
		if isDate(c.StartsOn) && p.StartsOn < c.StartsOn {
			in.Add(at+"startsOn", "outside_campaign", fault.T("阶段早于活动开始。", "The phase begins before the campaign."))
		}
		if isDate(c.EndsOn) && p.EndsOn > c.EndsOn {
			in.Add(at+"endsOn", "outside_campaign", fault.T("阶段晚于活动结束。", "The phase ends after the campaign."))
		}
		if i > 0 && isDate(c.Phases[i-1].EndsOn) && p.StartsOn <= c.Phases[i-1].EndsOn {
			in.Add(at+"startsOn", "overlap", fault.T("阶段须在上一阶段结束之后开始。", "The phase must begin after the one before has ended."))
		}
	}
}

func (l ChecklistFile) check(in *fault.Input) {
	checkCode(in, "checklist.code", l.Code, nameCode)
	checkText(in, "checklist.title", l.Title)
	if l.Version < 1 {
		in.Add("checklist.version", "too_small", fault.T("清单版本从 1 起。", "A checklist's version is 1 or more."))
	}
	if len(l.Items) == 0 {
		in.Add("checklist.items", "required", fault.T("清单没有内容。", "The checklist has no items."))
	}
	for i, item := range l.Items {
		at := fmt.Sprintf("checklist.items[%d].", i)
		if item.Number != i+1 {
			in.Add(at+"number", "gap", fault.Tf("编号须从 1 起连续，此处应为 %d。", "Items are numbered from 1 without gaps: this one is %d.", i+1))
		}
		checkText(in, at+"text", item.Text)
	}
}

// checkGridKinds: an item is bound to kinds of the file's own list, each once.
func (c *CampaignFile) checkGridKinds(in *fault.Input) {
	for i, item := range c.Checklist.Items {
		for j, kind := range item.GridKinds {
			at := fmt.Sprintf("checklist.items[%d].gridKinds[%d]", i, j)
			switch {
			case !slices.ContainsFunc(c.GridKinds, func(v CodedFile) bool { return v.Code == kind }):
				in.Add(at, "unknown", fault.Tf("gridKinds 中没有 %q。", "%q is not in gridKinds.", kind))
			case slices.Index(item.GridKinds, kind) < j:
				in.Add(at, "double", fault.Tf("%s 重复。", "%s is there twice.", kind))
			}
		}
	}
}

func checkCoded(in *fault.Input, path string, values []CodedFile) {
	if len(values) == 0 {
		in.Add(path, "required", fault.T("编码表不能为空。", "The list must not be empty."))
	}
	seen := map[string]bool{}
	for i, v := range values {
		at := fmt.Sprintf("%s[%d].", path, i)
		checkCode(in, at+"code", v.Code, valueCode)
		if seen[v.Code] {
			in.Add(at+"code", "double", fault.Tf("编码 %s 重复。", "The code %s is there twice.", v.Code))
		}
		seen[v.Code] = true
		checkText(in, at+"label", v.Label)
		checkText(in, at+"labelEn", v.LabelEn)
	}
}

// checkPolicy adds to rule's own verdict what only a file can get wrong: words
// that are no stage or no kind, and a notice prefix, which has no default.
func checkPolicy(in *fault.Input, p rule.Policy) {
	checkText(in, "policy.noticePrefix", p.NoticePrefix)

	var wrong []string
	for _, err := range p.Validate() {
		wrong = append(wrong, err.Error())
	}
	for kind := range p.MaxBytes {
		if !slices.Contains(kind.Values(), string(kind)) {
			wrong = append(wrong, fmt.Sprintf("policy.maxBytes.%s is no kind of evidence", kind))
		}
	}
	for step, needs := range p.Evidence {
		for i, n := range needs {
			at := fmt.Sprintf("policy.evidence.%s[%d].", step, i)
			if !isStage(n.Stage) {
				wrong = append(wrong, fmt.Sprintf("%sstage %q is no stage of evidence", at, n.Stage))
			}
			if !isStage(n.DifferentFrom) {
				wrong = append(wrong, fmt.Sprintf("%sdifferentFrom %q is no stage of evidence", at, n.DifferentFrom))
			}
		}
	}

	slices.Sort(wrong) // maps have no order, a list of faults should
	for _, w := range wrong {
		path, _, _ := strings.Cut(w, " ")
		in.Add(path, "invalid", fault.Tf("政策有误：%s", "The policy is wrong: %s.", w))
	}
}

// checkPolicyNumbers refuses numbers below zero, which the defaults would hide.
func checkPolicyNumbers(in *fault.Input, p rule.Policy) {
	for _, n := range []struct {
		path  string
		value int
	}{
		{"policy.immediateWithinHours", p.ImmediateWithinHours},
		{"policy.reportWithinHours", p.ReportWithinHours},
		{"policy.sampling.schoolsPerTownship", p.Sampling.SchoolsPerTownship},
		{"policy.sampling.middle", p.Sampling.Middle},
		{"policy.sampling.primary", p.Sampling.Primary},
		{"policy.sampling.private", p.Sampling.Private},
		{"policy.sampling.recusalMonths", p.Sampling.RecusalMonths},
		{"policy.sampling.inspectorsPerVisit", p.Sampling.InspectorsPerVisit},
	} {
		if n.value < 0 {
			in.Add(n.path, "negative", fault.T("不能小于零。", "Must not be below zero."))
		}
	}
}

func isStage(s rule.EvidenceStage) bool {
	return s == "" || slices.Contains(s.Values(), string(s))
}

func isDate(d clock.Date) bool {
	_, err := clock.ParseDate(string(d))
	return err == nil
}

// checkSpan reports whether both dates are dates and in order.
func checkSpan(in *fault.Input, at string, from, until clock.Date) bool {
	ok := true
	for _, d := range []struct {
		path string
		date clock.Date
	}{{at + "startsOn", from}, {at + "endsOn", until}} {
		if !isDate(d.date) {
			in.Add(d.path, "not_a_date", fault.Tf("%q 不是 2006-01-02 形式的日期。", "%q is not a date of the form 2006-01-02.", string(d.date)))
			ok = false
		}
	}
	if ok && until < from {
		in.Add(at+"endsOn", "before_start", fault.T("结束日期早于开始日期。", "The last day is before the first."))
		ok = false
	}
	return ok
}

func checkText(in *fault.Input, path, text string) {
	if strings.TrimSpace(text) == "" {
		in.Add(path, "required", fault.T("不能为空。", "Must not be empty."))
	}
}

func checkCode(in *fault.Input, path, code string, form *regexp.Regexp) {
	if !form.MatchString(code) {
		in.Add(path, "bad_code", fault.Tf("编码 %q 不符合格式 %s。", "The code %q does not have the form %s.", code, form))
	}
}
