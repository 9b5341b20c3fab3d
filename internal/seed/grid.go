package seed

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/rule"
)

// grid is a drafted grid; the first of a school is the whole school.
type grid struct {
	id         uuid.UUID
	parent     uuid.UUID // zero for the whole school
	code, name string
	kind       string // a code of the set GRID_KIND
	// Who answers for it, and the ids of their assignments.
	leader, member         uuid.UUID
	leadingID, memberingID uuid.UUID
}

// draftGrids divides a school: 5 grids for the smallest, 14 for a large high
// school. Every part hangs under the whole school; the chemicals store hangs
// under the laboratories.
func draftGrids(ids *sequence, s *school) []grid {
	grids := []grid{{id: ids.next(), code: "00", name: "全校", kind: "OTHER"}}
	add := func(when bool, kind, name string) {
		if when {
			grids = append(grids, grid{id: ids.next(), parent: grids[0].id, code: fmt.Sprintf("%02d", len(grids)), name: name, kind: kind})
		}
	}
	stage := s.kind.stages[0]
	small, ground := stage == rule.Kindergarten, "操场"
	building := "教学楼"
	if small {
		building, ground = "活动楼", "户外活动场地"
	}

	// Every school.
	add(true, "BUILDING", building)
	add(s.students > 700 && stage != rule.Vocational, "BUILDING", "第二教学楼")
	add(stage == rule.Vocational, "LABORATORY", "实训车间")
	add(true, "GATE", "校门与门卫室")
	add(true, "PLAYGROUND", ground)
	add(true, "PERIMETER", "围墙与校园周边")

	// What only some have.
	add(s.canteen, "CANTEEN", "食堂")
	add(s.boarding, "DORMITORY", "学生宿舍")
	add(s.boarding || s.students > 300, "BOILER_UTILITIES", "锅炉房与配电室")
	add(s.bus, "TRANSPORT", "校车停靠点")
	if s.kind.laboratory {
		add(true, "LABORATORY", "实验楼")
		laboratories := grids[len(grids)-1]
		add(true, "HAZARDOUS_CHEMICALS", "危险化学品储存室")
		grids[len(grids)-1].parent = laboratories.id
	}
	add(s.students > 1500, "SPECIAL_EQUIPMENT", "电梯与压力容器")
	add(s.canteen && s.students > 500 && len(grids) < 14, "CONFINED_SPACE", "化粪池与地下管井")
	add(s.students > 800 && len(grids) < 14, "NETWORK", "网络中心机房")
	return grids
}
