package seed

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// kind is a sort of school as a county has it.
type kind struct {
	stages    []rule.SchoolStage
	ownership rule.Ownership
	head      string // how the leader is called
	students  [2]int // least and most
	boarding  int    // percent that have dormitories
	canteen   int    // percent
	bus       int    // percent
	// name gives the n-th school of the kind in a township, n from 0.
	name func(county string, t *township, n int) string
}

func stages(s ...rule.SchoolStage) []rule.SchoolStage { return s }

// The kinds of schools.
var (
	townPrimary = kind{stages(rule.Primary), rule.Public, "校长", [2]int{900, 2400}, 0, 100, 0,
		func(county string, _ *township, n int) string { return county + ordinal(n, "实验小学", "小学") }}
	centralPrimary = kind{stages(rule.Primary), rule.Public, "校长", [2]int{360, 900}, 40, 100, 0,
		func(_ string, t *township, n int) string { return t.name + ordinal(n, "中心小学", "小学") }}
	villagePrimary = kind{stages(rule.Primary), rule.Public, "校长", [2]int{40, 240}, 0, 40, 15,
		func(_ string, t *township, n int) string { return t.name + t.village(n) + "小学" }}
	middle = kind{stages(rule.Middle), rule.Public, "校长", [2]int{420, 1500}, 80, 100, 0,
		func(county string, t *township, n int) string {
			if t.seat {
				return county + ordinal(n, "第一初级中学", "初级中学")
			}
			return t.name + ordinal(n, "初级中学", "初级中学")
		}}
	nineYear = kind{stages(rule.Primary, rule.Middle), rule.Public, "校长", [2]int{500, 1400}, 70, 100, 20,
		func(_ string, t *township, n int) string {
			return t.name + t.village(len(t.villages)/2+n) + "九年一贯制学校"
		}}
	high = kind{stages(rule.High), rule.Public, "校长", [2]int{1600, 4200}, 100, 100, 0,
		func(county string, _ *township, n int) string { return county + ordinal(n, "第一中学", "中学") }}
	vocational = kind{stages(rule.Vocational), rule.Public, "校长", [2]int{900, 2600}, 100, 100, 0,
		func(county string, _ *township, n int) string {
			return county + ordinal(n, "职业技术教育中心", "职业学校")
		}}
	special = kind{stages(rule.Special), rule.Public, "校长", [2]int{40, 120}, 100, 100, 0,
		func(county string, _ *township, n int) string {
			return county + ordinal(n, "特殊教育学校", "特殊教育学校")
		}}
	privateNineYear = kind{stages(rule.Primary, rule.Middle), rule.Private, "校长", [2]int{500, 1800}, 100, 100, 60,
		func(county string, t *township, n int) string {
			return placeName(county, t) + brand(n, "博雅", "育才", "启航", "弘文", "明德", "致远") + "双语学校"
		}}
	publicKindergarten = kind{stages(rule.Kindergarten), rule.Public, "园长", [2]int{60, 280}, 0, 100, 0,
		func(county string, t *township, n int) string {
			if t.seat {
				return county + ordinal(n, "第一幼儿园", "幼儿园")
			}
			if n == 0 {
				return t.name + "中心幼儿园"
			}
			return t.name + t.village(n) + "幼儿园"
		}}
	privateKindergarten = kind{stages(rule.Kindergarten), rule.Private, "园长", [2]int{45, 260}, 0, 90, 60,
		func(county string, t *township, n int) string {
			return placeName(county, t) + brand(n, "小太阳", "金摇篮", "春苗", "启明星", "七色花", "小天使", "童星", "蓝天", "彩虹", "蓓蕾") + "幼儿园"
		}}
)

// What a township gets first, and what follows in turn. The heads hold every
// kind that the sampling rule asks for within the first three.
var (
	seatHead = []*kind{&townPrimary, &middle, &privateKindergarten, &high, &vocational, &special, &privateNineYear, &publicKindergarten}
	seatTail = []*kind{&townPrimary, &privateKindergarten, &middle, &publicKindergarten, &privateKindergarten, &townPrimary, &high,
		&privateKindergarten, &publicKindergarten, &townPrimary, &privateNineYear, &privateKindergarten}
	ruralHead = []*kind{&centralPrimary, &middle, &privateKindergarten, &villagePrimary, &publicKindergarten, &villagePrimary, &nineYear}
	ruralTail = []*kind{&villagePrimary, &villagePrimary, &privateKindergarten, &villagePrimary, &publicKindergarten, &villagePrimary}
)

// kindOf is the kind of a township's n-th school.
func (t *township) kindOf(n int) *kind {
	head, tail := ruralHead, ruralTail
	if t.seat {
		head, tail = seatHead, seatTail
	}
	var k *kind
	if n < len(head) {
		k = head[n]
	} else {
		k = tail[(n-len(head))%len(tail)]
	}
	switch {
	case t.withoutMiddle && (k == &middle || k == &nineYear || k == &privateNineYear):
		return &villagePrimary
	case t.withoutPrivate && k.ownership == rule.Private:
		return &publicKindergarten
	default:
		return k
	}
}

// school is a drafted school with all that belongs to it.
type school struct {
	id         uuid.UUID
	code, name string
	kind       *kind
	township   *township
	students   int
	boarding   bool
	canteen    bool
	bus        bool
	at         geo.Point
	boundary   int // metres
	grids      []grid
	leader     person
	officer    person
	members    []person
}

// draftSchools fills a township with schools; first is the number of schools
// drafted before.
func draftSchools(draw *rand.Rand, ids *sequence, county, countyCode string, t *township, count, first int) {
	ofKind := map[*kind]int{}
	for i := range count {
		k := t.kindOf(i)
		s := &school{id: ids.next(), kind: k, township: t, name: k.name(county, t, ofKind[k])}
		ofKind[k]++
		s.code = fmt.Sprintf("%s%04d", countyCode, first+i+1)

		s.students = k.students[0] + draw.IntN(k.students[1]-k.students[0]+1)
		s.boarding, s.canteen, s.bus = chance(draw, k.boarding), chance(draw, k.canteen), chance(draw, k.bus)
		s.canteen = s.canteen || s.boarding // who sleeps there eats there
		s.boundary = min(450, 120+s.students/100*10)
		s.at = scatter(draw, t.centre, s.reach(i))
		s.grids = draftGrids(ids, s)
		t.schools = append(t.schools, s)
	}
}

// reach is how far from the township's centre a school may lie, in metres.
func (s *school) reach(n int) float64 {
	switch {
	case s.township.seat:
		return 3_000
	case n < 3:
		return 1_200 // the central school and its neighbours
	default:
		return 4_900
	}
}

func chance(draw *rand.Rand, percent int) bool { return draw.IntN(100) < percent }

// village is the n-th village; when a township has more schools than names, the
// later ones are numbered.
func (t *township) village(n int) string {
	name := t.villages[n%len(t.villages)]
	if round := n / len(t.villages); round > 0 {
		name += "第" + number(round+1)
	}
	return name
}

// placeName is what stands before the name of a private school.
func placeName(county string, t *township) string {
	if t.seat {
		return county
	}
	return t.name
}

// ordinal is first for n = 0 and "第二…", "第三…" after it.
func ordinal(n int, first, later string) string {
	if n == 0 {
		return first
	}
	return "第" + number(n+1) + later
}

// brand is the n-th of the names, numbered from the second round on.
func brand(n int, names ...string) string {
	name := names[n%len(names)]
	if round := n / len(names); round > 0 {
		name += "第" + number(round+1)
	}
	return name
}

// number writes small numbers as a school's sign does.
func number(n int) string {
	digits := []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"}
	if n < len(digits) {
		return digits[n]
	}
	return strconv.Itoa(n)
}
