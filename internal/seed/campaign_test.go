package seed_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
	"github.com/cleargrid/cleargrid/internal/seed"
)

const shipped = "data/campaign-2021-safety-month.yaml"

// The fifteen headings of the plan, word for word.
var planItems = []string{
	"落实国家、省、市、县安全工作有关文件情况。",
	"落实“党政同责、一岗双责、齐抓共管、失职追责”和“安全工作岗位职责”情况。",
	"开展安全隐患网格化管理，健全隐患排查治理机制，消除安全隐患情况。",
	"开展防溺水专题宣传教育活动情况。",
	"安全防范建设三年达标行动开展情况。",
	"落实“双控”机制建设，开展“双控”机制建设回头看情况。",
	"开展安全生产专项整治三年行动情况。",
	"安全教育课“五落实”情况，防食物中毒、防火、防交通事故、防校园暴力和欺凌、防自然灾害、防用电事故、防踩踏、防性侵等安全宣传教育情况。开展安全演练情况。",
	"宿舍安全管理情况，宿舍安排和设施设备是否符合标准，宿舍管理员配备和24小时在岗情况，宿舍值班、巡查、点名查铺落实情况。",
	"水、电、暖、气设施设备、锅炉及电梯等特种设备、有限空间的安全管理情况，易燃易爆及危险化学品安全管理情况。",
	"消防设施、灭火器材、消防安全标识，校园疏散通道、安全出口是否符合要求。",
	"学校日常安全管理、门卫管理、校园网络、集体活动管理情况。是否采取措施有效防止校园拥挤踩踏事故，维持好高峰时段学生上下楼秩序。",
	"学校周边环境治理情况，是否联合有关部门，开展学校周边治安、食品、文化、交通环境等综合治理。",
	"安全工作档案资料管理情况。",
	"其它学校安全工作情况。",
}

func TestShippedFileIsThePlan(t *testing.T) {
	c := seed.PlanCampaign()

	if c.Title != "全县教育系统安全隐患排查整治活动月" || c.StartsOn != "2021-04-06" || c.EndsOn != "2021-04-30" {
		t.Errorf("campaign %q from %s to %s", c.Title, c.StartsOn, c.EndsOn)
	}
	var phases []string
	for _, p := range c.Phases {
		phases = append(phases, string(p.Kind)+" "+p.Title+" "+string(p.StartsOn)+" "+string(p.EndsOn))
	}
	if want := []string{
		"SELF_INSPECTION 学校自查自改阶段 2021-04-06 2021-04-19", "SUPERVISION 县教体局督查阶段 2021-04-20 2021-04-30",
	}; !slices.Equal(phases, want) {
		t.Errorf("phases %q, want %q", phases, want)
	}

	var texts []string
	for i, item := range c.Checklist.Items {
		texts = append(texts, item.Text)
		if item.Number != i+1 || item.TextEn == "" {
			t.Errorf("item %d has number %d and gloss %q", i+1, item.Number, item.TextEn)
		}
	}
	if !slices.Equal(texts, planItems) {
		t.Errorf("items are\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(planItems, "\n"))
	}
}

func TestShippedPolicyIsTheDefault(t *testing.T) {
	got := seed.PlanCampaign().Policy
	want := rule.DefaultPolicy()
	want.NoticePrefix = "武教安改"
	if g, w := asJSON(t, got), asJSON(t, want); g != w {
		t.Errorf("policy is\n%s\nwant\n%s", g, w)
	}
}

func TestShippedCodesAreThoseOfTheDomain(t *testing.T) {
	c := seed.PlanCampaign()
	codes := func(values []seed.CodedFile) string {
		var out []string
		for _, v := range values {
			out = append(out, v.Code)
		}
		return strings.Join(out, " ")
	}
	if got, want := codes(c.HazardCategories), "BUILDING FOOD TRAFFIC FIRE FACILITIES HAZARDOUS_CHEMICALS SPECIAL_EQUIPMENT CONFINED_SPACE "+
		"SURROUNDINGS DORMITORY UTILITIES CROWDING DROWNING SECURITY_GUARD NETWORK MANAGEMENT OTHER"; got != want {
		t.Errorf("hazard categories %s", got)
	}
	if got, want := codes(c.GridKinds), "BUILDING DORMITORY CANTEEN LABORATORY BOILER_UTILITIES SPECIAL_EQUIPMENT CONFINED_SPACE "+
		"HAZARDOUS_CHEMICALS GATE PERIMETER PLAYGROUND TRANSPORT NETWORK OTHER"; got != want {
		t.Errorf("grid kinds %s", got)
	}
}

func TestShiftedKeepsEveryLength(t *testing.T) {
	plan := seed.PlanCampaign()
	for _, start := range []clock.Date{"2021-04-06", "2024-02-27", "1999-12-20"} { // a leap day and a new year inside
		c := plan.Shifted(start)
		if c.StartsOn != start || c.EndsOn != start.AddDays(24) {
			t.Errorf("campaign from %s to %s", c.StartsOn, c.EndsOn)
		}
		self, supervision := c.Phases[0], c.Phases[1]
		if self.StartsOn != start || self.EndsOn != start.AddDays(13) || supervision.StartsOn != start.AddDays(14) || supervision.EndsOn != c.EndsOn {
			t.Errorf("phases %v", c.Phases)
		}
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
	if err := plan.Shifted("soon").Validate(); !fault.Is(err, fault.BadUserInput) {
		t.Errorf("shifted to no date: %v", err)
	}
	if plan.Phases[0].StartsOn != "2021-04-06" {
		t.Error("the original was moved")
	}
}

func TestParseFillsDefaultsOfThePolicy(t *testing.T) {
	c, err := seed.ParseCampaign(strings.NewReader(edited(t, "  immediateWithinHours: 24\n", "", "    RECHECK: # 复查：复查人本人拍摄\n      - { kind: PHOTO, count: 1, byActor: true }", "    RECHECK: []")))
	if err != nil {
		t.Fatal(err)
	}
	if c.Policy.ImmediateWithinHours != 24 {
		t.Errorf("immediateWithinHours is %d", c.Policy.ImmediateWithinHours)
	}
	if needs, there := c.Policy.Evidence[rule.StepRecheck]; !there || len(needs) != 0 {
		t.Errorf("a step that needs nothing needs %v", needs)
	}
}

func TestParseNamesEveryFault(t *testing.T) {
	cases := []struct {
		name string
		edit []string // pairs: what is there, what stands there instead
		want []string // "path reason"
	}{
		{"unknown key", []string{"titleEn: Safety", "titelEn: Safety"}, []string{"line 18 unknown_key"}},
		{"unknown key inside the policy", []string{"  reportWithinHours: 24", "  reportWithinHour: 24"}, []string{"line 108 unknown_key"}},
		{"double key", []string{"\nendsOn: 2021-04-30", "\nstartsOn: 2021-04-30"}, []string{"line 21 unreadable"}},
		{"a word for a number", []string{"version: 2", "version: first"}, []string{"line 44 unreadable"}},
		{"no YAML", []string{"code: 2021-safety-month\n", "code: [\n"}, []string{"line 16 unreadable"}},
		{"a second document", []string{"# 隐患类别", "---\n# 隐患类别"}, []string{"file several_documents"}},
		{"dates turned round", []string{"\nendsOn: 2021-04-30", "\nendsOn: 2021-03-30"}, []string{
			"endsOn before_start", "phases[0].endsOn outside_campaign", "phases[1].endsOn outside_campaign",
		}},
		{"no such day", []string{"startsOn: 2021-04-20", "startsOn: 2021-04-31"}, []string{"phases[1].startsOn not_a_date"}},
		{"phase outside the campaign", []string{"    endsOn: 2021-04-30", "    endsOn: 2021-05-01"}, []string{"phases[1].endsOn outside_campaign"}},
		{"overlapping phases", []string{"startsOn: 2021-04-20", "startsOn: 2021-04-19"}, []string{"phases[1].startsOn overlap"}},
		{"one kind of phase twice", []string{"kind: SUPERVISION", "kind: SELF_INSPECTION"}, []string{"phases[1].kind double"}},
		{"no kind of phase", []string{"kind: SUPERVISION", "kind: HOLIDAY"}, []string{"phases[1].kind unknown"}},
		{"a gap in the items", []string{"- number: 15", "- number: 16"}, []string{"checklist.items[14].number gap"}},
		{"an item without text", []string{"其它学校安全工作情况。", " "}, []string{"checklist.items[14].text required"}},
		{"an item bound to no kind of grid", []string{"gridKinds: [PERIMETER]", "gridKinds: [CASTLE, GATE, GATE]"}, []string{
			"checklist.items[12].gridKinds[0] unknown", "checklist.items[12].gridKinds[2] double",
		}},
		{"a coded value twice", []string{"code: FOOD", "code: FIRE"}, []string{"hazardCategories[3].code double"}},
		{"a code in lower case", []string{"code: GATE", "code: gate"}, []string{"checklist.items[11].gridKinds[0] unknown", "gridKinds[8].code bad_code"}},
		{"a bad campaign code", []string{"code: 2021-safety-month", "code: 2021 Safety"}, []string{"code bad_code"}},
		{"policy", []string{
			"timeZone: Asia/Shanghai", "timeZone: Asia/Nowhere", "reportWithinHours: 24", "reportWithinHours: -1",
			"noticePrefix: 武教安改", "noticePrefix: ''", "stage: AFTER, count: 1", "stage: LATER, count: 0", "OVERSIGHT: #", "LIST: #",
		}, []string{
			"policy.reportWithinHours negative", "policy.noticePrefix required", "policy.evidence.LIST invalid",
			"policy.evidence.RECTIFY[0].count invalid", "policy.evidence.RECTIFY[0].stage invalid", "policy.timeZone invalid",
		}},
		{"faults in several places", []string{"title: 全县", "title: ''\n#", "version: 2", "version: 0", "- number: 2\n", "- number: 3\n"}, []string{
			"title required", "checklist.version too_small", "checklist.items[1].number gap",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := seed.ParseCampaign(strings.NewReader(edited(t, c.edit...)))
			refused(t, err, c.want...)
		})
	}
}

func TestParseRefusesWhatIsNoCampaign(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":    {"", "file empty"},
		"comments": {"# nothing\n", "file empty"},
		"huge":     {strings.Repeat("#", 1<<20+1), "file too_large"},
		"a list":   {"- code: x\n", "line 1 unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seed.ParseCampaign(strings.NewReader(c.text))
			refused(t, err, c.want)
		})
	}
}

// edited is the shipped file with texts replaced, each of which must be there.
func edited(t *testing.T, pairs ...string) string {
	t.Helper()
	b, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	text := string(b)
	for pair := range slices.Chunk(pairs, 2) {
		if strings.Count(text, pair[0]) != 1 {
			t.Fatalf("%q stands %d times in the shipped file", pair[0], strings.Count(text, pair[0]))
		}
		text = strings.Replace(text, pair[0], pair[1], 1)
	}
	return text
}

// refused asserts a BAD_USER_INPUT with exactly these fields, each with a text
// in both languages.
func refused(t *testing.T, err error, want ...string) {
	t.Helper()
	if !fault.Is(err, fault.BadUserInput) {
		t.Fatalf("got %v, want %s", err, fault.BadUserInput)
	}
	var got []string
	for _, f := range fault.Of(err).Fields {
		got = append(got, f.Path+" "+f.Reason)
		if f.Text.ZH == "" || f.Text.EN == "" {
			t.Errorf("%s has no text", f.Path)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
