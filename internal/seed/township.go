package seed

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/internal/geo"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// maxTownships is the room of GB/T 10114: 100–199 for towns (镇), 200–399 for
// townships (乡).
const maxTownships = 300

// The centre of the demo county lies in an empty stretch of desert, so that no
// invented school falls on a real one.
var countyCentre = geo.Point{Latitude: 39.2, Longitude: 83.1}

const (
	townshipSpacing = 11_000 // metres between the centres of neighbours
	townshipJitter  = 1_500  // metres
	metersPerDegree = 111_195
)

// township is a drafted township; the first one is the county seat.
type township struct {
	id               uuid.UUID
	code, name, path string
	centre           geo.Point
	seat             bool
	// withoutPrivate and withoutMiddle make the sampling rule's exemptions happen.
	withoutPrivate, withoutMiddle bool
	villages                      []string
	schools                       []*school
}

func draftTownships(draw *rand.Rand, ids *sequence, countyCode, countyPath string, count int) []*township {
	names, cells := townshipNames(draw, count), cellsByDistance(count)
	towns := min(100, max(2, count*3/5)) // three of five are 镇

	out := make([]*township, count)
	for i := range out {
		code, kind := 100+i, "镇"
		if i >= towns {
			code, kind = 200+i-towns, "乡"
		}
		t := &township{id: ids.next(), code: fmt.Sprintf("%s%03d", countyCode, code), name: names[i] + kind, seat: i == 0}
		t.path = rule.RegionPath(countyPath, t.code)
		t.centre = offset(countyCentre,
			float64(cells[i].north*townshipSpacing)+jitter(draw), float64(cells[i].east*townshipSpacing)+jitter(draw))
		t.withoutPrivate = i == count-1
		t.withoutMiddle = count >= 4 && i == count-2
		t.villages = villageNames(draw)
		out[i] = t
	}
	return out
}

func jitter(draw *rand.Rand) float64 { return (draw.Float64()*2 - 1) * townshipJitter }

// townshipNames begins with the county seat and the demo school's town.
func townshipNames(draw *rand.Rand, count int) []string {
	first := []string{"城关", "清河"}
	stems := joined([]rune("清石柳白青龙金南北东西长红黄大新安永和云"), []string{
		"河", "桥", "沟", "泉", "岭", "庄", "店", "坪", "寨", "湾", "塘", "坡", "山", "岗", "湖", "口", "营", "铺", "墩", "洼",
	})
	stems = slices.DeleteFunc(stems, func(s string) bool { return slices.Contains(first, s) })
	shuffle(draw, stems)
	return append(first, stems...)[:count]
}

func villageNames(draw *rand.Rand) []string {
	names := joined([]rune("王李张刘陈杨赵周吴徐孙马朱胡郭何高林罗郑"), []string{"庄", "家沟", "家营", "家坪", "家店", "家寨", "家岭", "家湾"})
	shuffle(draw, names)
	return names
}

func joined(heads []rune, tails []string) []string {
	var out []string
	for _, h := range heads {
		for _, t := range tails {
			out = append(out, string(h)+t)
		}
	}
	return out
}

func shuffle(draw *rand.Rand, names []string) {
	draw.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
}

// cell is a place in the square of townships, counted from its middle.
type cell struct{ north, east int }

// cellsByDistance gives count cells around the middle, nearest first.
func cellsByDistance(count int) []cell {
	half := int(math.Ceil(math.Sqrt(float64(count)))) / 2
	var cells []cell
	for north := -half; north <= half; north++ {
		for east := -half; east <= half; east++ {
			cells = append(cells, cell{north, east})
		}
	}
	slices.SortStableFunc(cells, func(a, b cell) int {
		return cmp.Compare(a.north*a.north+a.east*a.east, b.north*b.north+b.east*b.east)
	})
	return cells[:count]
}

// offset moves a point by metres on the ground. Six decimals (0.1 m) are kept,
// so that the last bit of a machine's cosine does not show.
func offset(p geo.Point, north, east float64) geo.Point {
	lat := p.Latitude + north/metersPerDegree
	lon := p.Longitude + east/(metersPerDegree*math.Cos(p.Latitude*math.Pi/180))
	return geo.Point{Latitude: math.Round(lat*1e6) / 1e6, Longitude: math.Round(lon*1e6) / 1e6}
}

// scatter is a point at most reach metres away, evenly over the area.
func scatter(draw *rand.Rand, p geo.Point, reach float64) geo.Point {
	far, angle := reach*math.Sqrt(draw.Float64()), 2*math.Pi*draw.Float64()
	return offset(p, far*math.Sin(angle), far*math.Cos(angle))
}

// shareSchools says how many schools each township has: three to begin with (the
// least that the sampling rule can ask for), the rest by weight, the county seat
// two and a half times a common township.
func shareSchools(draw *rand.Rand, schools, townships int) []int {
	weights, sum := make([]int, townships), 0
	for i := range weights {
		weights[i] = 7 + draw.IntN(7)
		if i == 0 {
			weights[i] = 25
		}
		sum += weights[i]
	}
	base := min(3, schools/townships)
	rest := schools - base*townships
	out, given := make([]int, townships), 0
	for i := range out {
		out[i] = base + rest*weights[i]/sum
		given += out[i]
	}
	for i := range schools - given { // fewer than there are townships
		out[i]++
	}
	return out
}
