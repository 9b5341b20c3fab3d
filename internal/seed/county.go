package seed

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cleargrid/cleargrid/ent"
	"github.com/cleargrid/cleargrid/internal/authz"
	"github.com/cleargrid/cleargrid/internal/clock"
	"github.com/cleargrid/cleargrid/internal/fault"
	"github.com/cleargrid/cleargrid/internal/rule"
)

// CountyOptions say what the demo county is like. The zero value is a county of
// 300 schools, today.
type CountyOptions struct {
	// Schools is 2 to 9,999; 0 means 300.
	Schools int
	// Townships is 2 to 300 and at most Schools; 0 means one per 17 schools.
	Townships int
	// Seed decides every drawn number and every id: equal options give equal rows.
	Seed uint64
	// CountyCode is the six-digit division code, by default one of a province
	// that does not exist; province and city follow from it.
	CountyCode string
	CountyName string
	// Today is the day around which dates lie; empty means the day of Now in the
	// campaign's zone.
	Today clock.Date
	// Now is written as the instant of creation; zero means the machine's time.
	Now time.Time
}

// Account is a demo account. The generator sets no passwords: the caller does.
type Account struct {
	Name    string // "清河镇中心小学 网格员01"
	Account string // "grid1", what is typed to sign in
	Role    string // an authz.Role
	Place   string // the region's or the school's name
	UserID  uuid.UUID
}

// CountyResult is what County made.
type CountyResult struct {
	County   *ent.Region
	Campaign *ent.Campaign
	// Accounts are, in this order: section, leader1, inspector1, inspector2,
	// officer1, principal1, grid1 (one school of a township of team 1), officer2
	// (a school of another township), admin, viewer1.
	Accounts []Account
	// Schools, Grids and Users are the numbers of rows made.
	Schools, Grids, Users int
}

// DaysSinceStart is how many days before its today the demo campaign began, and
// CampaignDays how long it lasts: as long as the plan's month.
const (
	DaysSinceStart = 7
	CampaignDays   = 25
)

const (
	defaultSchools    = 300
	maxSchools        = 9_999 // a school's code ends in four digits
	schoolsATownship  = 17
	townshipsATeam    = 4
	daysOfMembership  = 400 // memberships began this number of days before today
	daysOfAssignments = 200
)

var divisionCode = regexp.MustCompile(`^[0-9]{4}(0[1-9]|[1-9][0-9])$`)

// County writes a believable county into an empty database: province, city,
// county and townships, schools of every kind with grids and people, the bureau
// with its supervision teams, the plan's campaign, and the grading rules and
// holidays that ship.
//
// The campaign starts seven days before today: today is the eighth of the
// fourteen days of self-inspection, supervision follows and lasts eleven days.
// Its code is the plan's with the county's code behind, so that the plan's own
// campaign can be loaded beside it. One township has no private school and, with
// four or more townships, one has no middle school.
//
// All names are invented and people are called by their posts. County refuses
// options out of range (BAD_USER_INPUT) and a database that already holds the
// county's regions or any account (CONFLICT). The caller owns the transaction.
func County(ctx context.Context, tx *ent.Tx, o CountyOptions) (*CountyResult, error) {
	file := PlanCampaign()
	o = o.withDefaults(file.Policy)
	if err := o.validate(); err != nil {
		return nil, err
	}
	if err := refuseSecond(ctx, tx); err != nil {
		return nil, err
	}

	d := draftCounty(o)
	w := writer{tx: tx, now: clock.Truncate(o.Now), today: o.Today}
	county, err := w.writeRegions(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := w.writePeople(ctx, d.staff); err != nil {
		return nil, err
	}
	if err := w.writeSchools(ctx, d.schools); err != nil {
		return nil, err
	}

	file = file.Shifted(o.Today.AddDays(-DaysSinceStart))
	file.Code += "-" + o.CountyCode
	campaign, err := loader{tx: tx, newID: d.ids.next, now: w.now}.load(ctx, file, county)
	if err != nil {
		return nil, err
	}
	if err := w.writeTeams(ctx, d, campaign); err != nil {
		return nil, err
	}
	if err := (loader{tx: tx, newID: d.ids.next, now: w.now}).loadShipped(ctx); err != nil {
		return nil, err
	}

	out := &CountyResult{County: county, Campaign: campaign, Schools: len(d.schools), Users: len(d.staff)}
	for _, s := range d.schools {
		out.Grids += len(s.grids)
		out.Users += len(s.people())
	}
	for _, p := range d.demo {
		out.Accounts = append(out.Accounts, Account{Name: p.name, Account: p.account, Role: string(p.role), Place: p.place, UserID: p.id})
	}
	return out, nil
}

func (o CountyOptions) withDefaults(p rule.Policy) CountyOptions {
	o.Schools = cmp.Or(o.Schools, defaultSchools)
	o.Townships = cmp.Or(o.Townships, min(maxTownships, max(2, o.Schools/schoolsATownship)))
	o.CountyCode = cmp.Or(o.CountyCode, "990121")
	o.CountyName = cmp.Or(o.CountyName, "清格县")
	if o.Now.IsZero() {
		o.Now = clock.System{}.Now()
	}
	o.Today = cmp.Or(o.Today, p.Today(o.Now))
	return o
}

func (o CountyOptions) validate() error {
	var in fault.Input
	if o.Schools < 2 || o.Schools > maxSchools {
		in.Add("schools", "out_of_range", fault.Tf("学校数须为 2 至 %d。", "The number of schools is 2 to %d.", maxSchools))
	}
	if o.Townships < 2 || o.Townships > min(maxTownships, max(2, o.Schools)) {
		in.Add("townships", "out_of_range", fault.Tf("乡镇数须为 2 至 %d，且不多于学校数。", "The number of townships is 2 to %d and not above that of schools.", maxTownships))
	}
	if !divisionCode.MatchString(o.CountyCode) {
		in.Add("countyCode", "bad_code", fault.T("县级行政区划代码须为六位数字，末两位不为 00。", "A county's division code has six digits and does not end in 00."))
	}
	if strings.TrimSpace(o.CountyName) == "" {
		in.Add("countyName", "required", fault.T("不能为空。", "Must not be empty."))
	}
	if !isDate(o.Today) {
		in.Add("today", "not_a_date", fault.Tf("%q 不是 2006-01-02 形式的日期。", "%q is not a date of the form 2006-01-02.", string(o.Today)))
	}
	return in.Err()
}

// refuseSecond keeps the demo out of a database that somebody works with:
// regions or users there mean real data or an earlier demo.
func refuseSecond(ctx context.Context, tx *ent.Tx) error {
	regions, err := tx.Region.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("seed: look for regions: %w", err)
	}
	users, err := tx.User.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("seed: look for users: %w", err)
	}
	if regions || users {
		return fault.New(fault.Conflict, "seed.not_empty", fault.T(
			"数据库中已有行政区划或用户，示范县只能写入空数据库。", "The database already has regions or users. The demo county goes into an empty database only."))
	}
	return nil
}

// draft is the whole county in memory, before anything is written.
type draft struct {
	ids                                *sequence
	provinceID, cityID, countyID       uuid.UUID
	provinceCode, cityCode             string
	countyCode, countyName             string
	provincePath, cityPath, countyPath string
	townships                          []*township
	schools                            []*school
	teams                              []*team
	staff                              []person // of the bureau
	demo                               []person // whose accounts the demo shows
}

const (
	provinceName = "示范省"
	cityName     = "示范市"
)

// draftCounty draws the county. It depends on nothing but the options.
func draftCounty(o CountyOptions) *draft {
	draw := rand.New(rand.NewPCG(o.Seed, mix(o.Seed))) //nolint:gosec // a demo must repeat itself
	ids := &sequence{seed: o.Seed}

	// Regions.
	d := &draft{
		ids: ids, provinceID: ids.next(), cityID: ids.next(), countyID: ids.next(), countyCode: o.CountyCode, countyName: o.CountyName,
		provinceCode: o.CountyCode[:2] + "0000", cityCode: o.CountyCode[:4] + "00",
	}
	d.provincePath = rule.RegionPath("", d.provinceCode)
	d.cityPath = rule.RegionPath(d.provincePath, d.cityCode)
	d.countyPath = rule.RegionPath(d.cityPath, d.countyCode)
	d.townships = draftTownships(draw, ids, o.CountyCode, d.countyPath, o.Townships)

	// Schools with their grids and people.
	for i, count := range shareSchools(draw, o.Schools, o.Townships) {
		t := d.townships[i]
		draftSchools(draw, ids, o.CountyName, o.CountyCode, t, count, len(d.schools))
		for n, s := range t.schools {
			s.staff(ids, len(d.schools)+n+1)
		}
		d.schools = append(d.schools, t.schools...)
	}

	d.draftBureau()
	return d
}

// draftBureau appoints the bureau's people and its teams, and gives the demo's
// people their short accounts.
func (d *draft) draftBureau() {
	bureau := func(account, title string, role authz.Role) person {
		return person{
			id: d.ids.next(), membershipID: d.ids.next(), account: account, name: d.countyName + "教育体育局 " + title,
			role: role, regionID: d.countyID, path: d.countyPath, place: d.countyName,
		}
	}
	section := bureau("section", "法规安全科", authz.SafetySection)
	viewer := bureau("viewer1", "数据查看员", authz.StatisticsViewer)
	admin := bureau("admin", "平台管理员", authz.PlatformAdmin)
	admin.regionID, admin.path, admin.place = d.provinceID, d.provincePath, provinceName
	d.staff = append(d.staff, section, viewer, admin)

	// One team per four townships; neighbours in the list share a team.
	count := (len(d.townships) + townshipsATeam - 1) / townshipsATeam
	for n := range count {
		t := &team{id: d.ids.next(), number: n + 1}
		t.members = []person{
			bureau(fmt.Sprintf("leader%d", n+1), fmt.Sprintf("局领导%d", n+1), authz.BureauLeader),
			bureau(fmt.Sprintf("inspector%d", 2*n+1), fmt.Sprintf("督查员%d", 2*n+1), authz.Inspector),
			bureau(fmt.Sprintf("inspector%d", 2*n+2), fmt.Sprintf("督查员%d", 2*n+2), authz.Inspector),
		}
		for range t.members {
			t.memberIDs = append(t.memberIDs, d.ids.next())
		}
		d.teams = append(d.teams, t)
		d.staff = append(d.staff, t.members...)
	}
	for i, area := range d.townships {
		t := d.teams[i*count/len(d.townships)]
		t.areas, t.areaIDs = append(t.areas, area), append(t.areaIDs, d.ids.next())
	}

	// The demo school is the central primary of the second township, its foil the
	// first school of the county seat.
	first, second := d.townships[1].schools[0], d.townships[0].schools[0]
	first.leader.account, first.officer.account, first.members[0].account = "principal1", "officer1", "grid1"
	second.officer.account = "officer2"
	one := d.teams[0].members
	d.demo = []person{section, one[0], one[1], one[2], first.officer, first.leader, first.members[0], second.officer, admin, viewer}
}
