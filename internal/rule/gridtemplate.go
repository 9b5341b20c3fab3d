package rule

import (
	"fmt"
	"slices"
)

// SchoolShape is what the template of grids goes by.
type SchoolShape struct {
	Stages   []SchoolStage
	Students int
	Boarding bool
	Canteen  bool
	Bus      bool // has school buses or a place where they stop
}

// GridProposal is one grid that a school of some shape needs. Parent is the
// index of the grid above; -1 at the top.
type GridProposal struct {
	Code, Name, Kind string
	Parent           int
}

// templateLine is one line of the template: which grid, and which schools have
// it.
type templateLine struct {
	kind, name string
	// kindergarten is the name in a kindergarten; empty: the same.
	kindergarten string
	// under is the kind of grid that it hangs under; empty: the whole school.
	under string
	// when says which schools have it; nil is all.
	when func(SchoolShape) bool
	// most is how many grids a school may have before this one; 0 is any number:
	// a small part that a large school leaves to a larger grid.
	most int
}

// gridTemplate is what a school is divided into (plan: 校舍建筑、食品卫生、交通安全、
// 消防安全、设施设备、危险化学品、特种设备、有限空间、校园周边环境等每个环节).
var gridTemplate = []templateLine{
	// Every school.
	{kind: "BUILDING", name: "教学楼", kindergarten: "活动楼"},
	{kind: "BUILDING", name: "第二教学楼", when: func(s SchoolShape) bool { return s.Students > 700 && !s.first(Vocational) }},
	{kind: "LABORATORY", name: "实训车间", when: func(s SchoolShape) bool { return s.first(Vocational) }},
	{kind: "GATE", name: "校门与门卫室"},
	{kind: "PLAYGROUND", name: "操场", kindergarten: "户外活动场地"},
	{kind: "PERIMETER", name: "围墙与校园周边"},

	// What only some have.
	{kind: "CANTEEN", name: "食堂", when: func(s SchoolShape) bool { return s.Canteen }},
	{kind: "DORMITORY", name: "学生宿舍", when: func(s SchoolShape) bool { return s.Boarding }},
	{kind: "BOILER_UTILITIES", name: "锅炉房与配电室", when: func(s SchoolShape) bool { return s.Boarding || s.Students > 300 }},
	{kind: "TRANSPORT", name: "校车停靠点", when: func(s SchoolShape) bool { return s.Bus }},
	{kind: "LABORATORY", name: "实验楼", when: func(s SchoolShape) bool { return s.laboratories() }},
	{kind: "HAZARDOUS_CHEMICALS", name: "危险化学品储存室", under: "LABORATORY", when: func(s SchoolShape) bool { return s.laboratories() }},
	{kind: "SPECIAL_EQUIPMENT", name: "电梯与压力容器", when: func(s SchoolShape) bool { return s.Students > 1500 }},
	{kind: "CONFINED_SPACE", name: "化粪池与地下管井", when: func(s SchoolShape) bool { return s.Canteen && s.Students > 500 }, most: 14},
	{kind: "NETWORK", name: "网络中心机房", when: func(s SchoolShape) bool { return s.Students > 800 }, most: 14},
}

func (s SchoolShape) first(stage SchoolStage) bool { return len(s.Stages) > 0 && s.Stages[0] == stage }

// laboratories reports whether schools of these stages teach in laboratories.
func (s SchoolShape) laboratories() bool {
	return slices.ContainsFunc(s.Stages, func(x SchoolStage) bool { return x == Middle || x == High || x == Vocational })
}

// ProposeGrids divides a school by the template: 5 grids for the smallest, 14 for
// a large high school. The first is the whole school and every other hangs below
// it.
func ProposeGrids(s SchoolShape) []GridProposal {
	out := []GridProposal{{Code: "00", Name: "全校", Kind: "OTHER", Parent: -1}}
	for _, l := range gridTemplate {
		if l.when != nil && !l.when(s) || l.most > 0 && len(out) >= l.most {
			continue
		}
		g := GridProposal{Code: fmt.Sprintf("%02d", len(out)), Name: l.name, Kind: l.kind}
		if s.first(Kindergarten) && l.kindergarten != "" {
			g.Name = l.kindergarten
		}
		if l.under != "" { // the last of its kind
			for i, above := range out {
				if above.Kind == l.under {
					g.Parent = i
				}
			}
		}
		out = append(out, g)
	}
	return out
}

// MostProposedGrids is how many grids the template gives at most.
func MostProposedGrids() int { return 1 + len(gridTemplate) }
